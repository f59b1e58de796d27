// What somebody does on a page over a module in WebAssembly, one story each: no program runs, and the model itself is in the file.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const command = (page, says) => page.locator('.command').filter({ has: page.getByText(says, { exact: true }) });
const tab = (page, name) => page.getByRole('tab', { name });
const at = (page, version) => page.locator(`html[data-ready="${version}"]`).waitFor();
const address = (file) => pathToFileURL(file).href;
const model = (name) => `#model=${encodeURIComponent(name)}`;
const FAULTY = model('lamp with faults');
const say = async (page, words) => {
    await page.getByLabel('Say it').fill(words);
    await page.keyboard.press('Enter');
};
const median = (times) => times.toSorted((one, other) => one - other)[times.length >> 1];

/** Everything that a page can do, on the account. */
async function everything(page) {
    await command(page, 'open account, owner "Petra"').click();
    await at(page, 1);
    await command(page, 'deposit 4').click();
    await at(page, 2);
    // Refused, and why.
    await command(page, 'close account').click();
    await page.locator('.why:not([hidden])').getByText('events 1 and 2').waitFor();
    // What the alphabet does not have.
    await say(page, 'deposit 18446744073709551615');
    await at(page, 3);
    assert.match(await page.locator('.tree').textContent(), /18446744073709551615/);
    // Back, what changed a branch, and another way on.
    await page.getByLabel('Version').fill('2');
    await at(page, 2);
    await page.locator('.tree button', { hasText: 'balance' }).click();
    await page.locator('.blame').getByText('deposited 4').waitFor();
    await page.getByLabel('Version').fill('1');
    await at(page, 1);
    await command(page, 'close account').click();
    await page.getByText('1 other story').waitFor();
    assert.equal(await page.locator('#where .chip').first().textContent(), 'Closed');
    // A wrong scenario is judged while it is written.
    await tab(page, 'Write').click();
    await page.getByLabel('Scenarios in words').fill('Feature: account\n  Scenario: nobody has one at first\n    When withdraw 3\n    Then withdrawn 3\n');
    await page.locator('.judged li.fails').getByText('line 4').waitFor();
    await page.getByLabel('Scenarios in words').fill('Feature: account\n  Scenario: nobody has one at first\n    When withdraw 3\n    Then it is refused: not open\n');
    await page.locator('.judged[data-kind=yes]').waitFor();
    await tab(page, 'Check').click();
    await page.getByRole('button', { name: 'Check everything' }).click();
    await page.getByRole('button', { name: 'Check again' }).waitFor();
    // The story is in the address.
    await page.reload();
    await at(page, 2);
    await page.getByText('version 2 of 2', { exact: true }).waitFor();
}

/** Those that look at the clock, or end a program. */
export const alone = ['a_search_that_takes_long_is_stopped_and_holds_nothing_up', 'figures_of_a_page_over_a_module'];

export const stories = {
    async a_module_in_a_file_has_the_whole_desk({ show, module_file: file }) {
        const page = await show(address(file()));
        const requests = [];
        page.on('request', (request) => requests.push(request.url()));
        await everything(page);
        assert.deepEqual(requests.filter((url) => !/^(file|data|blob):/.test(url)), [], 'nothing comes from elsewhere');
    },

    async a_module_over_http_has_the_whole_desk({ show, module_file: file }) {
        const page = readFileSync(file());
        const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html; charset=utf-8').end(page));
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        try {
            await everything(await show(`http://127.0.0.1:${server.address().port}/page.html`));
        } finally {
            server.closeAllConnections();
            server.close();
        }
    },

    async a_counterexample_of_a_module_is_played_step_by_step({ show, module_file: file }) {
        const page = await show(address(file()), { hash: FAULTY });
        await tab(page, /Properties/).click();
        await page.getByRole('button', { name: 'it stays off' }).click();
        await page.locator('.found').getByText('this story breaks it').waitFor();
        await page.getByRole('button', { name: 'Play it step by step' }).click();
        await page.getByText('version 0 of 1', { exact: true }).waitFor();
        await page.getByRole('button', { name: 'one event on' }).click();
        await at(page, 1);
        assert.equal(await page.locator('#where .chip').first().textContent(), 'on');
    },

    async a_search_that_takes_long_is_stopped_and_holds_nothing_up({ show, module_file: file, findings }) {
        const page = await show(address(file()), { hash: FAULTY });
        const stop = page.getByRole('button', { name: 'Stop', exact: true });
        await tab(page, /Properties/).click();
        await page.getByRole('button', { name: 'it does not flicker for ever' }).click();
        await page.getByText('The model is looking for a story …').waitFor();
        // Meanwhile somebody plays on.
        await command(page, 'switch on').click();
        await at(page, 1);
        assert.deepEqual(await findings(page), []);
        await stop.press('Enter');
        await page.locator('.found').getByText('it was stopped before there was an answer').waitFor();
        await stop.waitFor({ state: 'hidden' });
        await command(page, 'flicker').click();
        await at(page, 2);
        // More questions than there are workers, and then a click: it is answered once they are stopped, those that wait as well.
        for (let turn = 0; turn < 6; turn++) await page.getByRole('button', { name: 'it does not flicker for ever' }).click();
        await command(page, 'flicker').click();
        await stop.click();
        await at(page, 3);
        await stop.waitFor({ state: 'hidden' });
    },

    async a_model_that_panics_or_breaks_off_is_a_sentence_and_the_page_goes_on({ show, module_file: file }) {
        const page = await show(address(file()), { hash: FAULTY });
        page.on('dialog', () => assert.fail('a dialog'));
        await command(page, 'switch on').click();
        await at(page, 1);
        // Caught where the standard library catches panics, otherwise the end of an instance.
        await page.getByLabel('Say it').fill('overload');
        await page.locator('.say, .heard').getByText('the <b>fuse</b> is gone').first().waitFor();
        await page.getByLabel('Say it').fill('break off');
        await page.getByText('the model broke off: ').first().waitFor();
        await page.getByLabel('Say it').fill('');
        await command(page, 'flicker').click();
        await at(page, 2);
        await page.getByLabel('Say it').fill('switch on');
        await page.getByText('already on').first().waitFor();
    },

    async a_module_that_is_no_desk_is_a_sentence({ show_bare: show, foreign_file: file }) {
        // The smallest module there is.
        const page = await show(address(file(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))));
        await page.getByText('This page cannot run its model: its module is no desk, because it does not export `memory`.').waitFor();
        const torn = await show(address(file(Buffer.from([0, 0x61, 0x73, 0x6d, 1]))));
        await torn.getByText('This page cannot run its model: WebAssembly.compile()').waitFor();
    },

    async a_page_over_a_module_needs_the_keyboard_alone({ show, module_file: file, findings }) {
        const page = await show(address(file()));
        await page.keyboard.press('/');
        await page.keyboard.type('open account, owner "Petra"');
        await page.keyboard.press('Enter');
        await at(page, 1);
        for (const name of ['Write', 'Properties', 'Check']) {
            await tab(page, name).click();
            assert.deepEqual(await findings(page), []);
        }
    },

    async figures_of_a_page_over_a_module({ show, module_file: file, module }) {
        const bytes = readFileSync(module);
        console.log(`        the module: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} after gzip; the file: ${statSync(file()).size} bytes`);
        const init = () => {
            new MutationObserver(() => {
                if (document.documentElement?.dataset.ready !== undefined) globalThis.readyAfter ??= performance.now();
            }).observe(document, { attributes: true, subtree: true });
            // From a click until the page has its effect, and until that is drawn.
            globalThis.clicks = [];
            addEventListener('click', () => {
                const began = performance.now();
                const seen = new MutationObserver(() => {
                    seen.disconnect();
                    const changed = performance.now() - began;
                    requestAnimationFrame(() => setTimeout(() => globalThis.clicks.push({ changed, drawn: performance.now() - began })));
                });
                seen.observe(document.documentElement, { attributeFilter: ['data-ready'] });
            }, { capture: true });
        };
        for (const name of ['account', 'contract']) {
            const took = [];
            for (let turn = 0; turn < 5; turn++) {
                const page = await show(address(file()), { init, hash: model(name) });
                took.push(await page.evaluate(() => globalThis.readyAfter));
                await page.context().close();
            }
            console.log(`        ${name}: ready after ${median(took).toFixed(0)} ms (median of ${took.length})`);
        }
        const page = await show(address(file()), { init, hash: model('contract') });
        await page.locator('.drawing svg').waitFor({ timeout: 120_000 });
        for (let turn = 0; turn < 30; turn++) {
            const accepted = page.locator('.yes .command');
            if (await accepted.count() > 0) await accepted.nth(turn % await accepted.count()).click();
            else await page.getByRole('button', { name: 'one event back' }).click();
            await page.waitForFunction((clicks) => globalThis.clicks.length > clicks, turn);
        }
        const clicks = await page.evaluate(() => globalThis.clicks);
        for (const [what, words] of [['changed', 'has changed'], ['drawn', 'is drawn']]) {
            const times = clicks.map((click) => click[what]);
            console.log(`        contract: a click until the page ${words}: ${median(times).toFixed(0)} ms (median of ${times.length}), ${Math.max(...times).toFixed(0)} ms at worst`);
        }
    },
};
