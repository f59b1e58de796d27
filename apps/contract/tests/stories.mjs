// What people promise each other of the app, one story each. A story that fails says where.
import assert from 'node:assert/strict';
import { Person } from './people.mjs';

const someone = (name, role, { deaf = false } = {}) => async ({ browser, server, troubles }) => {
    const person = new Person(browser, server, { name, role, deaf });
    person.troubles = troubles;
    return person.comes();
};
const alex = someone('Alex', 'account-manager');
const kim = someone('Kim', 'account-manager');
const ruth = someone('Ruth', 'supervisor');
const service = someone('Sam', 'customer-service');

/** The first customer that these words find. */
async function customer(person, words) {
    const { customers } = await person.page.evaluate((q) => fetch(`/api/search?limit=1&q=${q}`).then((answer) => answer.json()), words);
    return customers[0].customer;
}

export async function petra_is_found_among_50000_and_her_contract_is_completed_by_two_people(given) {
    const manager = await alex(given);
    const { page } = manager;
    await page.getByRole('searchbox', { name: 'Search customers' }).pressSequentially('petra', { delay: 30 });
    await manager.sees(/^[\d,]+ customers? ·/);
    const took = await page.evaluate(async () => {
        const times = [];
        for (const q of ['p', 'pe', 'petra', 'petra berlin', 'zzz', 'boutique 10']) {
            const began = performance.now();
            await (await fetch(`/api/search?limit=50&q=${encodeURIComponent(q)}`)).json();
            times.push(performance.now() - began);
        }
        return times;
    });
    console.log(`        searches took ${took.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    await page.locator('.results a').first().click();
    await page.getByRole('heading', { level: 1, name: /Petra/ }).waitFor();
    await page.getByRole('link', { name: 'New contract' }).click();

    // Nothing is planned yet: the field says what is missing, while it is typed into.
    await manager.fills('Day of the appointment', '2026-12-14');
    await manager.presses('Record');
    await page.waitForURL(/#\/contract\/\d+$/);
    await manager.arrives();
    const contract = Number(page.url().match(/\d+$/)[0]);
    await manager.fillsConditions(120, 100);
    await manager.sees('The planned annual sales are too low: at least 60000 euros for this sales area');
    await manager.fills('Planned annual sales in euros', '80000');
    await page.getByText('at least 60000 euros').waitFor({ state: 'detached' });
    await manager.presses('Record');
    await manager.sees(/A supervisor decides in this step/);

    const supervisor = await ruth(given);
    await supervisor.goes(`contract/${contract}`);
    await supervisor.page.getByRole('radio', { name: 'Accept' }).check();
    await supervisor.presses('Record');
    // The signing service answers by itself, and the manager's page hears of it by itself.
    await page.locator('.chip[data-stage=completed]').waitFor({ timeout: 30_000 });
    assert.equal(given.server.recorded(`contract-${contract}`, 'ContractCompleted'), 1);

    await service(given).then(async (office) => {
        await office.goes('letters');
        await office.sees(`Contract ${contract} is complete`);
    });
}

export async function without_a_network_commands_are_decided_and_come_back_as_they_may(given) {
    const manager = await alex(given);
    const shop = await customer(manager, 'karl');
    const moved = await manager.meets(shop, '2026-12-01');
    const taken = await manager.meets(shop, '2026-12-02');
    await manager.goes(`customer/${shop}`);
    await manager.presses('Take along');
    await manager.sees(/is taken along, with all contracts/);
    await manager.isKept();

    // The network is cut in the midst of a form.
    await manager.goes(`contract/${taken}`);
    await manager.fills('Sales area in square metres', '10');
    await manager.context.setOffline(true);
    await manager.sees('No network');
    await manager.fills('Planned annual sales in euros', '4000');
    await manager.sees(/at least 5000 euros/);
    await manager.fills('Planned annual sales in euros', '9000');
    await manager.presses('Keep until there is a network');
    await manager.sees('1 command waits in this browser');
    // A second command on the first one: it is given up again.
    await manager.page.getByRole('radio', { name: 'Give the negotiation up' }).check();
    await manager.fills('Reason', 'the shop closes');
    await manager.presses('Keep until there is a network');
    await manager.sees('2 commands wait in this browser');
    await manager.page.reload();
    await manager.sees('2 commands wait in this browser');

    // Another contract, opened without a network.
    await manager.goes(`contract/${moved}`);
    await manager.page.getByRole('radio', { name: 'Move the day' }).check();
    await manager.fills('New day of the appointment', '2026-12-24');
    await manager.presses('Keep until there is a network');
    await manager.sees('1 command waits in this browser');

    // Meanwhile Kim asks for conditions in the same contract.
    const rival = await kim(given);
    await rival.goes(`contract/${taken}`);
    await rival.fillsConditions(20, 50_000);
    await rival.presses('Record');
    await rival.sees(/A supervisor decides in this step/);

    await manager.context.setOffline(false);
    await manager.sees(`Contract ${moved}: what waited is recorded.`, { timeout: 30_000 });
    assert.equal(given.server.recorded(`contract-${moved}`, 'AppointmentMoved'), 1);
    await manager.goes(`contract/${taken}`);
    const settled = manager.page.locator('main');
    await settled.getByText(/^Rejected/i).first().waitFor();
    await settled.getByText(/on other grounds/i).first().waitFor();
    assert.equal(given.server.recorded(`contract-${taken}`, 'NegotiationAbandoned'), 0, 'nothing is recorded before it is settled');
    if (given.pictures) await manager.page.screenshot({ path: `${given.pictures}/settle.png`, fullPage: true });

    // What fell cannot be kept; what is on other grounds is kept because somebody says so.
    await settled.getByRole('radio', { name: 'Keep' }).last().check();
    await manager.presses('Record what I keep');
    await manager.page.locator('.chip[data-stage=abandoned]').first().waitFor();
    assert.equal(given.server.recorded(`contract-${taken}`, 'NegotiationAbandoned'), 1);
    assert.equal(given.server.recorded(`contract-${taken}`, 'SpecialConditionsRequested'), 1, "Kim's alone");
}

export async function a_server_killed_between_append_and_answer_loses_nothing_and_doubles_nothing(given) {
    const manager = await alex(given);
    const { page } = manager;
    const shop = await customer(manager, 'anna');
    for (let time = 0; time < 3; time++) {
        const contract = await manager.meets(shop, '2026-12-01');
        const killed = new Promise((resolve) => {
            page.route('**/commands', async (route) => {
                // The server has appended and answered; the answer is lost, and the server dies without closing anything.
                await route.fetch();
                await given.server.kill();
                await route.abort('connectionreset');
                resolve();
            }, { times: 1 });
        });
        await manager.fillsConditions(10, 9_000);
        await manager.presses('Record');
        await killed;
        await given.server.start();
        // The same command with the same key is sent again: by the request that failed, or later by what waits without an answer.
        await manager.sees(/It was recorded before|the command that had no answer is recorded/, { timeout: 40_000 });
        await manager.sees(/A supervisor decides in this step/);
        assert.equal(given.server.recorded(`contract-${contract}`, 'SpecialConditionsRequested'), 1);
    }
}

export async function who_is_second_sees_what_the_rival_did_and_what_their_command_would_do_now(given) {
    // Kim's page does not hear of what others do.
    const [manager, rival] = [await alex(given), await someone('Kim', 'account-manager', { deaf: true })(given)];
    const shop = await customer(manager, 'couture');
    const contract = await manager.meets(shop, '2026-12-01');
    await rival.goes(`contract/${contract}`);
    await rival.page.getByRole('radio', { name: 'Move the day' }).check();
    await rival.fills('New day of the appointment', '2026-12-05');

    await manager.page.getByRole('radio', { name: 'Move the day' }).check();
    await manager.fills('New day of the appointment', '2026-12-03');
    await manager.presses('Record');
    await manager.sees(/Recorded/);

    await rival.presses('Record');
    await rival.page.getByRole('heading', { name: 'Somebody was quicker' }).waitFor();
    await rival.sees(/2026-12-03/);
    await rival.presses('Do it now');
    await rival.sees(/Recorded/);
    assert.equal(given.server.recorded(`contract-${contract}`, 'AppointmentMoved'), 2);
    // And Alex's page has heard of it.
    await manager.sees(/Kim: appointment moved/i);
}

export async function a_page_with_an_older_model_is_told_and_loses_nothing(given) {
    const manager = await alex(given);
    const shop = await customer(manager, 'damenmoden');
    const contract = await manager.meets(shop, '2026-12-01');
    await manager.fillsConditions(10, 9_000);
    // As a tab does that was opened before the server got its new model.
    await manager.page.route('**/api/**', (route) => route.continue({ headers: { ...route.request().headers(), model: 'older' } }));
    await manager.presses('Record');
    await manager.sees(/The rules on the server are newer/);
    assert.equal(given.server.recorded(`contract-${contract}`, 'SpecialConditionsRequested'), 0);
    await manager.page.unroute('**/api/**');
    await manager.page.reload();
    await manager.page.getByLabel('Planned annual sales in euros').waitFor();
    assert.equal(await manager.page.getByLabel('Planned annual sales in euros').inputValue(), '9000');
}

export async function a_keystroke_is_judged_in_the_browser(given) {
    const manager = await alex(given);
    const contract = await manager.meets(await customer(manager, 'jeans'), '2026-12-01');
    const asked = [];
    manager.page.on('request', (request) => request.url().includes('/api/model') && asked.push(request.url()));
    await manager.goes(`contract/${contract}`);
    const took = await manager.page.evaluate(async () => {
        const { ask } = await import('/desk.js');
        const history = [{ AppointmentMade: { customer: 7, on: '2026-12-01' } }];
        const times = [];
        for (let n = 0; n < 300; n++) {
            const began = performance.now();
            await ask({ ask: 'steps', history, drafts: [{ sales_area: String(n), planned_sales: '1000' }, {}] });
            times.push(performance.now() - began);
        }
        times.sort((one, other) => one - other);
        return { median: times[150], most: times[297] };
    });
    console.log(`        a keystroke: median ${took.median.toFixed(2)} ms, 99 % within ${took.most.toFixed(2)} ms (bar 10 ms)`);
    assert.deepEqual(asked, [], 'the model is asked in the browser');
}

/** The views, at three widths, as a screen reader reads them; dark and in German as well. */
export async function every_view_reads_well(given) {
    const manager = await alex(given);
    const shop = await customer(manager, 'petra');
    const contract = await manager.meets(shop, '2026-12-20');
    const supervisor = await ruth(given);
    const office = await service(given);
    const views = [
        [manager, 'search?q=petra', 'search'], [manager, `customer/${shop}`, 'customer'], [manager, `contract/${contract}`, 'contract'],
        [manager, `story/${contract}`, 'story'], [manager, 'waiting', 'waiting'], [supervisor, 'requests', 'requests'],
        [office, 'letters', 'letters'], [office, 'signing', 'signing'], [office, 'monitor', 'monitor'], [office, 'imports', 'imports'],
    ];
    for (const [person, to, name] of views) {
        const { page } = person;
        for (const width of [360, 800, 1400]) {
            await page.setViewportSize({ width, height: 900 });
            await person.goes(to);
            const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(wider <= 0, `${name} is ${wider} px wider than a screen of ${width} px`);
            if (given.pictures) await page.screenshot({ path: `${given.pictures}/${name}-${width}.png`, fullPage: true });
        }
        await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
        if (given.pictures) await page.screenshot({ path: `${given.pictures}/${name}-dark.png`, fullPage: true });
        for (const scheme of ['dark', 'light']) {
            await page.emulateMedia({ colorScheme: scheme });
            const { violations } = await page.evaluate(`${given.axe}; axe.run({ resultTypes: ['violations'] })`);
            const told = violations.map((one) => `${one.id} (${one.impact}): ${one.help}: ${one.nodes.map((node) => `${node.html} ${node.any[0]?.message ?? ''}`).slice(0, 3).join(' ')}`);
            assert.deepEqual(told, [], `${name}, ${scheme}`);
        }
    }
}

export async function the_first_load_is_small_and_quick(given) {
    const context = await given.browser.newContext({ baseURL: given.server.address });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    const began = Date.now();
    await page.goto('/');
    await page.getByLabel('My name').waitFor();
    const usable = Date.now() - began;
    await page.waitForLoadState('networkidle');
    console.log(`        ${(bytes / 1024).toFixed(0)} KB over the wire, usable after ${usable} ms`);
    assert.ok(bytes <= 400 * 1024, `${bytes} bytes`);
}

/** Another window of the same browser, which the same session opens. */
async function another(person) {
    const page = await person.context.newPage();
    await page.goto('/');
    await page.locator('nav.main').waitFor();
    return Object.assign(Object.create(person), { page });
}

export async function a_window_of_somebody_who_has_signed_out_records_nothing_under_another_name(given) {
    const manager = await alex(given);
    const contract = await manager.meets(await customer(manager, 'karl'), '2026-12-01');
    await manager.fillsConditions(10, 9_000);
    const window = await another(manager);
    await window.page.locator('details.you summary').click();
    await window.presses('Sign out');
    await window.page.locator('#sign-name').fill('Kim');
    await window.page.locator('#sign-name').press('Enter');
    await window.page.locator('nav.main').waitFor();

    await manager.presses('Record');
    await manager.sees(/^Kim has signed in in another window/);
    await manager.page.locator('.you .signature', { hasText: 'Kim' }).waitFor();
    assert.equal(given.server.recorded(`contract-${contract}`, 'SpecialConditionsRequested'), 0);
}

export async function a_command_without_an_answer_outlives_that_its_person_is_signed_out(given) {
    const manager = await alex(given);
    const contract = await manager.meets(await customer(manager, 'karl'), '2026-12-01');
    await manager.fillsConditions(10, 9_000);
    await manager.page.route('**/commands', (route) => route.abort());
    await manager.presses('Record');
    await manager.sees(/^No answer yet: special conditions/);
    // In another window.
    await manager.context.request.post('/api/sign-out');
    await manager.page.unroute('**/commands');
    await manager.page.locator('#sign-name').waitFor({ timeout: 30_000 });
    await manager.page.locator('#sign-name').fill('Alex');
    await manager.page.locator('#sign-name').press('Enter');
    await manager.sees(`Contract ${contract}: the command that had no answer is recorded.`);
    assert.equal(given.server.recorded(`contract-${contract}`, 'SpecialConditionsRequested'), 1);
}

export async function a_browser_that_is_full_or_forgets_records_all_the_same(given) {
    const faults = {
        full: (page) => page.evaluate(() => {
            IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };
        }),
        forgetful: async (page) => {
            const devtools = await page.context().newCDPSession(page);
            await devtools.send('Storage.clearDataForOrigin', { origin: given.server.address, storageTypes: 'indexeddb' });
        },
    };
    for (const fault of Object.values(faults)) {
        const manager = await alex(given);
        const contract = await manager.meets(await customer(manager, 'karl'), '2026-12-01');
        await fault(manager.page);
        await manager.fillsConditions(10, 9_000);
        await manager.presses('Record');
        await manager.sees(/A supervisor decides in this step/);
        assert.equal(given.server.recorded(`contract-${contract}`, 'SpecialConditionsRequested'), 1);
        await manager.sees(/^This browser keeps nothing/);
        await manager.leaves();
    }
}

export async function a_long_reason_of_somebody_covers_nobodys_page(given) {
    const manager = await alex(given);
    await manager.meets(await customer(manager, 'karl'), '2026-12-01');
    await manager.page.getByRole('radio', { name: 'Give the negotiation up' }).check();
    await manager.fills('Reason', 'so it went on '.repeat(400));
    await manager.presses('Record');
    const notice = manager.page.locator('.notice', { hasText: 'so it went on' });
    await notice.waitFor();
    const { height } = await notice.boundingBox();
    assert.ok(height < 250, `the notice is ${height} pixels high`);
}

export async function two_windows_without_a_network_lose_no_command_to_each_other(given) {
    const manager = await alex(given);
    const contract = await manager.meets(await customer(manager, 'karl'), '2026-12-01');
    await manager.isKept();
    await manager.context.setOffline(true);
    await manager.sees('No network');
    await manager.fillsConditions(10, 9_000);
    await manager.presses('Keep until there is a network');
    await manager.sees('1 command waits in this browser');
    const window = await another(manager);
    await window.goes(`contract/${contract}`);
    for (const [who, reason] of [[manager, 'the shop closes'], [window, 'the shop moves']]) {
        await who.page.getByRole('radio', { name: 'Give the negotiation up' }).check();
        await who.fills('Reason', reason);
        await who.presses('Keep until there is a network');
    }
    await window.sees(/^Another window has changed what waits/);
    await manager.context.setOffline(false);
    // Either window may be the one that brings it.
    await Promise.any([manager, window].map((who) => who.sees(`Contract ${contract}: all 2 commands that waited are recorded.`, { timeout: 30_000 })));
    assert.ok(given.server.log().some((line) => line.includes('the shop closes')), 'the command of the first window is recorded');
}
