// The contract app in a real browser, as the people of the case study use it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { scenarios } from './office.mjs';
import { Person } from './people.mjs';
import { Server } from './server.mjs';
import * as negotiating from './stories.mjs';

const { values: given } = parseArgs({ options: {
    server: { type: 'string' },
    wasm: { type: 'string' },
    // Questions with their native answers.
    forms: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    // Where pictures of the pages are put.
    pictures: { type: 'string' },
    // Only stories whose name holds this.
    only: { type: 'string', default: '' },
} });

/** A story of the office: somebody signs in with a role, and their page goes on. */
const ofTheOffice = (scenario) => ({ browser, server, troubles }) => scenario({
    base: server.address,
    person: async (role, name, options) => {
        const person = new Person(browser, server, { name, role, options });
        person.troubles = troubles;
        return (await person.comes()).page;
    },
});
const stories = {
    ...negotiating,
    ...Object.fromEntries(Object.entries(scenarios).map(([name, scenario]) => [name, ofTheOffice(scenario)])),
};

if (given.pictures) mkdirSync(given.pictures, { recursive: true });
const axe = readFileSync(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox'] });
const page = new URL('../page', import.meta.url).pathname;
const server = await new Server(given.server, ['--page', page, '--wasm', given.wasm, '--signing-delay', '300ms']).start();
let [passed, failed] = [0, 0];

/** Whether the story holds. What went wrong is printed, with a picture of each page. */
async function holds(said, story, place) {
    const began = Date.now();
    const troubles = [];
    try {
        await story({ browser, server, axe, pictures: given.pictures, troubles });
        if (troubles.length > 0) throw new Error(troubles.join('\n'));
        console.log(`ok      ${said} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
        return true;
    } catch (error) {
        console.log(`FAILED  ${said}\n${error.stack}`);
        for (const page of browser.contexts().flatMap((context) => context.pages())) {
            const picture = `${given.pictures ?? '/tmp'}/failed-${place}.png`;
            await page.screenshot({ path: picture, fullPage: true }).catch(() => null);
            console.log(`        ${page.url()}, see ${picture}`);
        }
        return false;
    } finally {
        for (const context of browser.contexts()) await context.close();
        await server.isThere();
    }
}

/** On a busy machine something may come too late, once. What is wrong fails twice. */
async function tell(name, story) {
    if (!name.includes(given.only)) return;
    const said = name.replaceAll('_', ' ');
    const held = await holds(said, story, `${failed + 1}-first`) || await holds(`${said}, tried again`, story, `${failed + 1}-again`);
    held ? (passed += 1) : (failed += 1);
}

for (const [name, story] of Object.entries(stories)) await tell(name, story);
await tell('10,000 forms have the same answer natively, in WebAssembly and over HTTP', () => {
    const arguments_ = [new URL('./same-answers.mjs', import.meta.url).pathname, given.forms, given.wasm, server.address];
    const { status } = spawnSync(process.execPath, arguments_, { stdio: 'inherit' });
    if (status !== 0) throw new Error('they differ, or a bar is missed');
});
await browser.close();
await server.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
