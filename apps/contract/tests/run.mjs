// The contract app in a real browser, as the people of the case study use it.
import { mkdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import * as stories from './stories.mjs';
import { Server } from './server.mjs';

const { values: given } = parseArgs({ options: {
    server: { type: 'string' },
    wasm: { type: 'string' },
    // Another folder of the page than the server's own.
    page: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    // Where pictures of the pages are put.
    pictures: { type: 'string' },
    // Only stories whose name holds this.
    only: { type: 'string', default: '' },
} });

if (given.pictures) mkdirSync(given.pictures, { recursive: true });
const axe = readFileSync(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox'] });
const server = await new Server(given.server, ['--wasm', given.wasm, '--signing-delay', '300ms', '--customers', '50000', ...(given.page ? ['--page', given.page] : [])]).start();
let [passed, failed] = [0, 0];
for (const [name, story] of Object.entries(stories)) {
    if (!name.includes(given.only)) continue;
    const began = Date.now();
    const troubles = [];
    try {
        await story({ browser, server, axe, pictures: given.pictures, troubles });
        if (troubles.length > 0) throw new Error(troubles.join('\n'));
        passed += 1;
        console.log(`ok      ${name.replaceAll('_', ' ')} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
        failed += 1;
        console.log(`FAILED  ${name.replaceAll('_', ' ')}\n${error.stack}`);
        for (const context of browser.contexts()) {
            for (const page of context.pages()) {
                const picture = `${given.pictures ?? '.'}/failed-${name}.png`;
                await page.screenshot({ path: picture, fullPage: true }).catch(() => null);
                console.log(`        ${page.url()}, see ${picture}`);
            }
        }
    }
    for (const context of browser.contexts()) await context.close();
}
await browser.close();
await server.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
