// The page over a desk in a real browser, as a modeller uses it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { alone as servedAlone, stories as served } from './stories.mjs';
import { alone as inFileAlone, stories as inFile } from './file_stories.mjs';
import { stories as inClass } from './class_stories.mjs';
import { alone as inWasmAlone, stories as inWasm } from './wasm_stories.mjs';
import { pictures } from './pictures.mjs';

const { values: given } = parseArgs({ options: {
    // The folder with the programs.
    examples: { type: 'string' },
    // The models of `web/` as a module; without it, no story over a module is tried.
    module: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    // Where pictures of the pages are put.
    pictures: { type: 'string' },
    // Only stories whose name holds this.
    only: { type: 'string', default: '' },
} });

/** A program that serves its page; it can be ended and started again at the same port. */
class Program {
    constructor(name) {
        this.name = name;
    }

    async start() {
        const port = this.port ? ['--port', this.port] : ['--port', '0'];
        // Scenarios in texts are found from the folder of the package.
        const cwd = new URL('../..', import.meta.url).pathname;
        this.process = spawn(`${given.examples}/${this.name}`, ['serve', ...port], { stdio: ['ignore', 'pipe', 'inherit'], cwd });
        this.ended = once(this.process, 'exit');
        for await (const line of createInterface({ input: this.process.stdout })) {
            this.address = /http:\/\/127\.0\.0\.1:\d+\//.exec(line)?.[0];
            if (!this.address) continue;
            this.port = new URL(this.address).port;
            return this;
        }
        throw new Error(`${this.name} ended before it served`);
    }

    async stop() {
        this.process.kill('SIGKILL');
        await this.ended;
    }
}

const browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox'] });
const axe = readFileSync(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const programs = new Map();

/** A program, started when it is first asked for. */
async function program(name) {
    if (!programs.has(name)) programs.set(name, new Program(name).start());
    return programs.get(name);
}

const folder = mkdtempSync(`${tmpdir()}/leftfold-page-`);

/** The page of a program as a file; its path. */
function file(name) {
    const path = `${folder}/${name} #1 %41.html`;
    execFileSync(`${given.examples}/${name}`, ['page', '--out', path], { cwd: new URL('../..', import.meta.url).pathname });
    return path;
}

/** A page over a module as a file; its path. */
function moduleFile(module = given.module) {
    const path = `${folder}/module #1 %41 ${files++}.html`;
    execFileSync(`${given.examples}/account`, ['page', '--out', path, '--wasm', module]);
    return path;
}
let files = 0;
let ourModule;

/** A page over these bytes instead of a module of ours. */
function foreignFile(bytes) {
    writeFileSync(`${folder}/foreign.wasm`, bytes);
    return moduleFile(`${folder}/foreign.wasm`);
}

/** A window on a page, among those of a story. Whatever its console complains about is trouble. */
async function show({ contexts, troubles }, address, { hash = '', width = 1440, height = 900, init = null, isReady = true, ...options } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, permissions: ['clipboard-read', 'clipboard-write'], ...options });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    if (init) await page.addInitScript(init);
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && troubles.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => troubles.push(error.stack));
    await page.goto(`${address}${hash}`);
    if (isReady) await page.locator('html[data-ready]').waitFor();
    return page;
}

/** Serious findings of axe, as sentences. */
async function findings(page) {
    // The page allows no script of others, so axe comes in through the debugger.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
        .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 4).map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
}

/** Runs a story; what went wrong, or nothing. */
async function attempt(name, story) {
    const began = Date.now();
    let wrong = null;
    const [troubles, contexts] = [[], []];
    const windows = (address, options) => show({ contexts, troubles }, address, options);
    const open = async (of, options) => windows((await program(of)).address, options);
    try {
        const overModule = { module: given.module, module_file: () => (ourModule ??= moduleFile()), foreign_file: foreignFile, show_bare: (path) => windows(path, { isReady: false }) };
        await story({ open, show: windows, program, file, findings, ...overModule, troubles: () => troubles, forgive: () => (troubles.length = 0) });
        if (troubles.length > 0) throw new Error(troubles.join('\n'));
        console.log(`ok      ${name.replaceAll('_', ' ')} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
        wrong = `${error.stack}\n${troubles.join('\n')}`;
        const pages = contexts.flatMap((context) => context.pages());
        if (given.pictures) for (const page of pages) await page.screenshot({ path: `${given.pictures}/failed-${failed}.png` }).catch(() => null);
    }
    for (const context of contexts) await context.close();
    return wrong;
}

let [passed, failed] = [0, 0];

async function tell([name, story]) {
    // On a busy machine something may come too late: a story that fails is tried once more, and says so.
    let wrong = await attempt(name, story);
    if (wrong) {
        console.log(`AGAIN   ${name.replaceAll('_', ' ')}\n${wrong}`);
        wrong = await attempt(name, story);
    }
    if (wrong) console.log(`FAILED  ${name.replaceAll('_', ' ')}\n${wrong}`);
    if (wrong) failed += 1;
    else passed += 1;
}

const all = Object.entries({ ...served, ...inFile, ...inClass, ...(given.module && inWasm) }).filter(([name]) => name.includes(given.only));
const alone = new Set([...servedAlone, ...inFileAlone, ...inWasmAlone]);
// Two at a time; then those that look at the clock, or end a program that others use.
const together = all.filter(([name]) => !alone.has(name));
const next = async () => {
    for (let one = together.shift(); one; one = together.shift()) await tell(one);
};
await Promise.all([next(), next()]);
for (const one of all.filter(([name]) => alone.has(name))) await tell(one);
if (given.pictures) {
    mkdirSync(given.pictures, { recursive: true });
    const windows = (address, options) => show({ contexts: [], troubles: [] }, address, options);
    await pictures(async (of, options) => windows((await program(of)).address, options), windows, file, given.pictures);
}
await browser.close();
for (const one of programs.values()) await (await one).stop();
rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
