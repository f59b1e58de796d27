// What somebody does on a page in a file, one story each: no program runs.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';

const command = (page, says) => page.locator('.command').filter({ has: page.getByText(says, { exact: true }) });
const tab = (page, name) => page.getByRole('tab', { name });
const at = (page, version) => page.locator(`html[data-ready="${version}"]`).waitFor();
const address = (file) => pathToFileURL(file).href;

/** The desk of a file, without its page. */
async function deskOf(file) {
    const folder = mkdtempSync(`${tmpdir()}/leftfold-desk-`);
    const modules = new URL('../../src/workbench/page/', import.meta.url).pathname;
    const tables = readFileSync(file, 'utf8').split('id="tables">')[1].split('</script>')[0];
    writeFileSync(`${folder}/package.json`, '{"type": "module"}');
    writeFileSync(`${folder}/dom.js`, `export const byId = () => ({ textContent: ${JSON.stringify(tables)} });\n`);
    for (const name of ['json.js', 'machine-desk.js']) copyFileSync(`${modules}${name}`, `${folder}/${name}`);
    const { ask } = await import(pathToFileURL(`${folder}/machine-desk.js`).href);
    rmSync(folder, { recursive: true });
    return async (question) => JSON.parse(await ask(JSON.stringify(question)));
}

/** The first difference between two answers, or null. */
function difference(one, other, path = '') {
    if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return one === other ? null : `${path}: ${JSON.stringify(one)} and ${JSON.stringify(other)}`;
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
        const found = difference(one[key], other[key], `${path}/${key}`);
        if (found) return found;
    }
    return null;
}

/** Those that look at the clock, or end a program. */
export const alone = ['a_file_is_small_and_there_at_once'];

export const stories = {
    async a_file_answers_what_the_program_answers({ program, file }) {
        for (const name of ['account', 'water_jugs']) {
            const [inFile, served] = [await deskOf(file(name)), await program(name)];
            const asked = async (question) => (await fetch(`${served.address}ask`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(question) })).json();
            const [{ models: [model] }, questions] = [await asked({ models: {} }), { count: 0 }];
            const same = async (question, without = []) => {
                const answers = [await inFile({ model, ...question }), await asked({ model, ...question })];
                const [kind] = Object.keys(question);
                for (const answer of answers) for (const field of without) delete (answer[kind]?.by ?? answer[kind])?.[field];
                questions.count += 1;
                assert.equal(difference(...answers), null, JSON.stringify(question));
                return answers[0][kind];
            };
            const { properties } = await same({ about: {} });
            const { states } = await same({ graph: {} });
            await same({ lanes: {} });
            for (const property of properties) await same({ find: { property } });
            for (const label of states) await same({ find: { class: label } }, ['states']);
            // Walks that look at everything on their way.
            let draw = 7;
            const drawn = (list) => list[(draw = (draw * 48271) % 2147483647) % list.length];
            for (let walk = 0; walk < 12; walk++) {
                const history = [];
                for (let step = 0; step < 8; step++) {
                    const { commands, state } = await same({ at: { history } }, ['edge']);
                    // What a whole branch was before is not in the rows.
                    await same({ blame: { history, path: drawn(state.rows).path } }, ['changed']);
                    await same({ timeline: { history, from: 1 } });
                    for (const { command: { json, says } } of commands.slice(0, 12)) {
                        await same({ ask: { history, phrase: says, why: false } });
                        await same({ scenario: { history, command: JSON.parse(json), name: 'as_it was "played"' } });
                    }
                    const accepted = commands.filter(({ outcome }) => outcome.accepted?.events.length > 0);
                    if (accepted.length === 0) break;
                    history.push(...drawn(accepted).outcome.accepted.events.map(({ json }) => JSON.parse(json)));
                }
            }
            console.log(`        ${name}: ${questions.count} questions`);
        }
    },

    async a_file_plays_refuses_scrubs_and_keeps({ show, file }) {
        const page = await show(address(file('account')));
        const requests = [];
        page.on('request', (request) => requests.push(request.url()));
        await command(page, 'open account, owner "Petra"').click();
        await at(page, 1);
        await command(page, 'deposit 4').click();
        await at(page, 2);
        assert.match(await page.locator('.tree').textContent(), /balance4/);
        await command(page, 'close account').click();
        await page.locator('.why:not([hidden])').getByText('an account is closed once it is empty').waitFor();
        await page.getByLabel('Version').fill('1');
        await at(page, 1);
        assert.match(await page.locator('.tree').textContent(), /balance0/);
        await page.locator('.tree button', { hasText: 'owner' }).click();
        await page.locator('.blame').getByText('account opened').waitFor();
        await page.getByRole('button', { name: /^Closed/ }).click();
        await page.getByRole('button', { name: 'Go there from here' }).click();
        await page.locator('#where').getByText('Closed').waitFor();
        await page.getByRole('button', { name: 'Keep what was played' }).click();
        await page.getByRole('dialog').getByLabel('In words').getByText('When close account').waitFor();
        await page.keyboard.press('Escape');
        await page.reload();
        await page.locator('#where').getByText('Closed').waitFor();
        await page.getByText('version 2 of 2', { exact: true }).waitFor();
        assert.deepEqual(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')), [], 'nothing comes from elsewhere');
    },

    async a_file_shows_scenarios_properties_and_the_report({ show, file }) {
        const page = await show(address(file('account')));
        await page.getByRole('button', { name: 'money can be paid in' }).click();
        await at(page, 1);
        await page.keyboard.press('Enter');
        await at(page, 2);
        await tab(page, /Properties/).click();
        await page.getByRole('button', { name: 'nobody takes out more than there is' }).click();
        await page.locator('.found').getByText('it holds in every state that can be reached').waitFor();
        assert.equal(await tab(page, 'Write').count(), 0, 'what cannot be judged is not asked for');
        await tab(page, 'Coverage').click();
        await page.locator('.matrix table').waitFor();
        await tab(page, 'Check').click();
        await page.getByRole('button', { name: 'Check everything' }).click();
        await page.getByRole('button', { name: 'Check again' }).waitFor();
        await page.getByLabel('Say it').fill('deposit 12345');
        await page.getByText('nothing that was tried is said so').waitFor();
    },

    async lanes_of_a_file_play_their_examples({ show, file }) {
        const page = await show(address(file('account')));
        await page.getByRole('button', { name: 'Lanes' }).click();
        await page.getByRole('button', { name: /^close account: command/ }).click();
        await at(page, 3);
        await page.getByLabel('Say it').focus();
        await page.keyboard.press('Enter');
        await page.locator('#where').getByText('Closed').waitFor();
    },

    async a_counterexample_of_a_file_is_played_step_by_step({ show, file }) {
        const page = await show(address(file('water_jugs')));
        await tab(page, /Properties/).click();
        await page.locator('[role=tabpanel]:not([hidden]) button.line').first().click();
        await page.getByRole('button', { name: 'Play it step by step' }).click();
        await page.getByText(/^version 0 of \d+$/).waitFor();
        await page.getByRole('button', { name: 'one event on' }).click();
        await at(page, 1);
    },

    async a_file_says_where_a_story_leads_out_of_it({ show, file }) {
        const events = ['{"AccountOpened":{"owner":"Petra"}}', '{"Deposited":4}', '{"Deposited":18446744073709551615}'];
        const page = await show(address(file('account')));
        await page.goto(`${page.url()}#history=${encodeURIComponent(`[${events}]`)}`);
        await page.getByText('event 3 of the history is none that was explored').waitFor();
        await page.getByRole('button', { name: 'Keep the first 2' }).click();
        await at(page, 2);
    },

    async a_file_needs_the_keyboard_alone({ show, file, findings }) {
        const page = await show(address(file('account')));
        await page.keyboard.press('/');
        await page.keyboard.type('open account, owner "Petra"');
        await page.keyboard.press('Enter');
        await at(page, 1);
        for (let i = 0; i < 80 && !await page.evaluate(() => document.activeElement?.matches('.yes .command')); i++) await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await at(page, 2);
        for (let i = 0; i < 80 && !await page.evaluate(() => document.activeElement?.matches('#slider')); i++) await page.keyboard.press('Tab');
        await page.keyboard.press('Home');
        await at(page, 0);
        for (const name of ['Coverage', 'Check']) {
            await tab(page, name).click();
            assert.deepEqual(await findings(page), []);
        }
    },

    async words_of_a_model_are_never_markup_in_a_file({ show, file, troubles, forgive }) {
        const page = await show(address(file('wild_page')));
        page.on('dialog', () => assert.fail('a dialog'));
        await page.locator('.yes .command').first().click();
        await at(page, 1);
        await page.getByText('The exploration ended here').waitFor();
        await page.locator('.yes .command').last().click();
        await page.getByText('event 2 of the history leads out of this file').waitFor();
        await page.getByRole('button', { name: 'Keep the first 1' }).click();
        await at(page, 1);
        await page.locator('.ask').last().click();
        await tab(page, /Properties/).click();
        await page.locator('[role=tabpanel]:not([hidden]) button.line').first().click();
        await page.locator('.found p').first().waitFor();
        for (const name of ['Coverage', 'Check']) await tab(page, name).click();
        await page.getByRole('button', { name: 'Check everything' }).click();
        await page.locator('.node').first().click();
        await page.getByRole('button', { name: 'Lanes' }).click();
        await page.locator('.slice').first().click();
        await page.getByRole('button', { name: 'Keep what was played' }).click();
        await page.waitForTimeout(800);
        assert.equal(await page.evaluate(() => globalThis.hit), undefined, 'script of the model ran');
        assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('img, b, i, body script:not([type="application/json"])')].map((node) => node.outerHTML)), []);
        // What came into the page some other way would not run either.
        await page.evaluate(() => document.body.append(Object.assign(document.createElement('script'), { textContent: 'globalThis.hit = 9' })));
        assert.equal(await page.evaluate(() => globalThis.hit), undefined);
        assert.ok(troubles().length === 1 && troubles()[0].includes('Content Security Policy'), troubles().join('\n'));
        forgive();
    },

    async a_file_is_small_and_there_at_once({ show, file }) {
        const path = file('account');
        const { size } = statSync(path);
        assert.ok(size <= 300_000, `${size} bytes`);
        // When the page was ready, in milliseconds since it was opened.
        const init = () => new MutationObserver(() => {
            if (document.documentElement?.dataset.ready !== undefined) globalThis.readyAfter ??= performance.now();
        }).observe(document, { attributes: true, subtree: true });
        const took = [];
        for (let turn = 0; turn < 5; turn++) {
            const page = await show(address(path), { init });
            assert.ok(await page.locator('.yes .command').count() > 0);
            took.push(await page.evaluate(() => globalThis.readyAfter));
            await page.context().close();
        }
        took.sort((one, other) => one - other);
        console.log(`        ${size} bytes, ready after ${took[2].toFixed(0)} ms (median of ${took.length})`);
        assert.ok(took[2] < 300, took.join(', '));
    },
};
