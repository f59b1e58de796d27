// The lesson of docs/thirty-minutes-in-class.md, as a teacher gives it: the links are those of the chapter, and so is everything that is clicked.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const chapter = readFileSync(new URL('../../docs/thirty-minutes-in-class.md', import.meta.url), 'utf8');
/** Each step of the chapter, by the minutes in its title. */
const steps = new Map(chapter.split(/^## /m).map((text) => [/^[^:\n]*/.exec(text)[0], text]));
const at = (page, version) => page.locator(`html[data-ready="${version}"]`).waitFor();
const command = (page, says) => page.locator('.command').filter({ has: page.getByText(says, { exact: true }) });
const row = (page, name) => page.locator('.tree button', { hasText: name });

/** The page of a step, where its link leads; and what is to be clicked there, by the words of the chapter. */
async function step(minutes, { show, file }) {
    const text = steps.get(minutes);
    const [, name, hash] = /\(pages\/(\w+)\.html(#[^)]*)?\)/.exec(text);
    const page = await show(pathToFileURL(file(name)).href, { hash });
    const named = new Set(text.split('\n').filter((line) => /^(\d\.| +)/.test(line)).join(' ').match(/\*\*[^*]+\*\*/g).map((word) => word.slice(2, -2)));
    return {
        page,
        click(word, target) {
            assert.ok(named.delete(word) || text.includes(`**${word}**`), `the chapter says nothing of ${word}`);
            return target.click();
        },
        done: () => assert.deepEqual([...named], [], 'the chapter names what was not clicked'),
    };
}

export const stories = {
    async in_class_the_slider(tools) {
        const { page, click, done } = await step('0–6', tools);
        await page.getByText('version 0 of 5', { exact: true }).waitFor();
        assert.equal(await page.locator('.cards li').count(), 6, 'five cards after the beginning');
        await click('slider', page.getByLabel('Version'));
        const places = [];
        for (let version = 0; version <= 5; version++) {
            await page.getByLabel('Version').fill(`${version}`);
            await at(page, version);
            places.push(`${await page.locator('.node.here > text').textContent()} ${(await row(page, 'balance').allTextContents()).map((text) => text.match(/\d+/)[0])}`);
        }
        assert.deepEqual(places, ['New ', 'Open 0', 'Open 4', 'Open 3', 'Open 6', 'Open 4']);
        await click('deposit 4', command(page, 'deposit 4'));
        await at(page, 6);
        assert.match(await row(page, 'balance').textContent(), /8$/);
        done();
    },

    async in_class_the_failing_book(tools) {
        const { page, click, done } = await step('6–14', tools);
        await page.getByText('1 scenario fails').waitFor();
        await click('what went wrong', page.getByText('what went wrong'));
        for (const word of ['given', 'when', 'expected', 'actual']) assert.match(await page.locator('#promises pre').first().textContent(), new RegExp(`^${word}`, 'm'));
        await click('Ben gets the book after Ada', page.getByRole('button', { name: 'Ben gets the book after Ada' }));
        await at(page, 1);
        await page.keyboard.press('Enter');
        await page.locator('.heard[data-kind=no]').getByText('lent, to ada').waitFor();
        await click('return', command(page, 'return'));
        await at(page, 2);
        await click('borrow, by ben', command(page, 'borrow, by ben'));
        await at(page, 3);
        await click('Keep what was played', page.getByRole('button', { name: 'Keep what was played' }));
        assert.match(await page.getByRole('dialog').getByLabel('Gherkin').textContent(), /Given borrowed, by ada\n\s+And returned\n\s+When borrow, by ben\n\s+Then borrowed, by ben/);
        done();
    },

    async in_class_the_failing_book_is_mended_where_it_is_written({ open }) {
        const page = await open('book');
        const [, written] = /```gherkin\n(.*?)```/s.exec(chapter);
        await page.getByRole('tab', { name: 'Write' }).click();
        await page.getByLabel('Scenarios in words').fill(written);
        await page.locator('.judged li.fails').waitFor();
        await page.getByLabel('Scenarios in words').fill(written.replace(/(Given .*\n)/, '$1    And returned\n'));
        await page.locator('.judged li.holds').waitFor();
        assert.equal(await page.locator('.judged li.fails').count(), 0);
    },

    async in_class_the_door_that_falls_shut(tools) {
        const { page, click, done } = await step('14–22', tools);
        await page.getByText('2 properties are broken').waitFor();
        await click('open door', command(page, 'open door'));
        await at(page, 1);
        await click('take key', command(page, 'take key'));
        await at(page, 2);
        await click('Properties', page.getByRole('tab', { name: /Properties/ }));
        await click('never stuck', page.getByRole('button', { name: 'never stuck' }));
        await page.locator('.found').getByText('states)').waitFor();
        assert.equal(await page.locator('.story li').count(), 3);
        await click('Play it step by step', page.getByRole('button', { name: 'Play it step by step' }));
        for (let version = 1; version <= 3; version++) {
            await click('one event on', page.getByRole('button', { name: 'one event on' }));
            await at(page, version);
        }
        await page.locator('#where').getByText('locked out').waitFor();
        assert.deepEqual([await page.locator('.yes .command').count(), await page.locator('.no .command').count()], [0, 5]);
        done();
    },

    async in_class_who_did_it(tools) {
        const { page, click, done } = await step('22–26', tools);
        await at(page, 5);
        const blamed = (event) => page.locator('.blame').getByRole('button', { name: `event ${event}`, exact: true }).waitFor();
        await click('balance', row(page, 'balance'));
        await blamed(5);
        await click('owner', row(page, 'owner'));
        await blamed(1);
        await click('deposited 4', page.locator('.cards button', { hasText: 'deposited 4' }));
        await at(page, 2);
        await click('balance', row(page, 'balance'));
        await blamed(2);
        done();
    },

    async in_class_what_if(tools) {
        const { page, click, done } = await step('26–30', tools);
        await at(page, 2);
        assert.equal(await page.locator('.cards .later').count(), 3);
        await click('withdraw 4', command(page, 'withdraw 4'));
        await page.getByText('1 other story').waitFor();
        await click('close account', command(page, 'close account'));
        await page.locator('#where').getByText('the story ends here').waitFor();
        assert.match(await page.locator('.no .command', { hasText: 'deposit 3' }).textContent(), /not open/);
        await click('5 events, the same up to 2', page.getByRole('button', { name: '5 events, the same up to 2' }));
        await at(page, 5);
        done();
    },
};
