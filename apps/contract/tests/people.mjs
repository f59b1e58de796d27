// What people do with the app, in their words: what they click has a name, what they read is text.

export class Person {
    constructor(browser, server, { name, role, screen = { width: 1280, height: 900 } }) {
        Object.assign(this, { browser, server, name, role, screen });
        this.troubles = [];
    }

    async comes() {
        this.context = await this.browser.newContext({ baseURL: this.server.address, viewport: this.screen, locale: 'en-GB' });
        this.page = await this.context.newPage();
        // What goes wrong in a page is a failure of the run, even where nobody sees it. A request that fails is not: networks do.
        this.page.on('pageerror', (error) => this.troubles.push(`${this.name}: ${error.stack}`));
        this.page.on('console', (message) => {
            if (message.type() === 'error' && !/Failed to load resource|net::ERR|EventSource/.test(message.text())) {
                this.troubles.push(`${this.name}: ${message.text()}`);
            }
        });
        await this.page.goto('/');
        await this.page.getByRole('radio', { name: this.role }).check();
        await this.page.getByLabel('My name').fill(this.name);
        await this.page.getByRole('button', { name: 'Sign in' }).click();
        await this.page.getByRole('navigation', { name: 'Main' }).waitFor();
        return this;
    }

    async goes(to) {
        await this.page.goto(`/#/${to}`);
    }

    sees(text, options = {}) {
        return this.page.getByText(text).first().waitFor({ timeout: 15_000, ...options });
    }

    async presses(name) {
        await this.page.getByRole('button', { name, exact: true }).first().click();
    }

    async fills(label, text) {
        await this.page.getByLabel(label, { exact: true }).fill(text);
    }

    /** The service worker has the page, so that it opens without a network. */
    async isKept() {
        await this.page.evaluate(async () => {
            await navigator.serviceWorker.ready;
            while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20));
        });
    }

    /** A new contract with a customer, up to the appointment: its number. */
    async meets(customer, day) {
        await this.goes(`contract/new?customer=${customer}`);
        await this.fills('Day of the appointment', day);
        await this.presses('Record');
        await this.page.waitForURL(/#\/contract\/\d+$/);
        return Number(this.page.url().match(/\d+$/)[0]);
    }

    /** Asks for special conditions in the form of the contract that is open. */
    async fillsConditions(area, sales) {
        await this.fills('Sales area in square metres', String(area));
        await this.fills('Planned annual sales in euros', String(sales));
    }

    async leaves() {
        await this.context.close();
    }
}
