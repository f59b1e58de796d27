// What people do with the app, in their words: what they click has a name, what they read is text.

/** In the order of the sign-in. */
const ROLES = ['account-manager', 'supervisor', 'customer-service'];

/** Goes to another view of a page that is open. Afterwards it is on its way: the view before it is marked as busy, or gone. */
export const goes = (page, to) => page.evaluate((hash) => new Promise((resolve) => {
    if (location.hash === hash) return resolve();
    addEventListener('hashchange', () => setTimeout(resolve), { once: true });
    location.hash = hash;
}), `#/${to}`);

export class Person {
    constructor(browser, server, { name, role, deaf = false, options = {} }) {
        Object.assign(this, { browser, server, name, role, deaf, options });
        this.troubles = [];
    }

    async comes() {
        this.context = await this.browser.newContext({ baseURL: this.server.address, viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...this.options });
        this.page = await this.context.newPage();
        // What goes wrong in a page is a failure of the run, even where nobody sees it. A request that fails is not: networks do.
        this.page.on('pageerror', (error) => this.troubles.push(`${this.name}: ${error.stack}`));
        this.page.on('console', (message) => {
            if (message.type() === 'error' && !/Failed to load resource|net::ERR|EventSource/.test(message.text())) {
                this.troubles.push(`${this.name}: ${message.text()}`);
            }
        });
        if (this.deaf) await this.page.route('**/api/events', (route) => route.abort());
        await this.page.goto('/');
        await this.page.locator('.sign-in input[type=radio]').nth(ROLES.indexOf(this.role)).check();
        await this.page.locator('#sign-name').fill(this.name);
        await this.page.locator('#sign-name').press('Enter');
        await this.page.locator('nav.main').waitFor();
        return this;
    }

    async goes(to) {
        await goes(this.page, to);
        await this.arrives();
    }

    /** The view is there, and no longer the one before it. */
    async arrives() {
        await this.page.locator('main:not([aria-busy]) h1').waitFor();
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
        await this.arrives();
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
