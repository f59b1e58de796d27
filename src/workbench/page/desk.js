// The desk. Everything that the page knows of a model comes through `ask`, a text for a text; another shell (a worker, a machine in a file)
// replaces this module alone (`machine-desk.js` for a page in a file).

import { listeners } from './dom.js';

const changed = listeners();
const rebuilt = listeners();
const SOON = 300;
const LATER = 2000;
let here = true;
let run = null;
let looking = null;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What this desk cannot do, each with a sentence that says so. */
export const without = { texts: null, why: null };
/** Calls back with true or false when the program is found or lost. */
export const onConnection = changed.on;
/** Calls back when the program was started again: it may have been compiled since. */
export const onRebuilt = rebuilt.on;

/** Answers a question; both are JSON. While the program is away it waits, and asks again once it is back. */
export async function ask(question) {
  for (;;) {
    try {
      const response = await fetch('ask', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: question, cache: 'no-store' });
      const answer = await response.text();
      if (response.ok) return answer;
      if (response.status !== 503) return JSON.stringify({ wrong: answer.trim() });
      await sleep(SOON);
    } catch {
      await back();
    }
  }
}

async function alive() {
  try {
    const response = await fetch('alive', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

async function look() {
  const now = await alive();
  if ((now !== null) !== here) changed.call((here = now !== null));
  if (now !== null && now !== run) {
    const again = run !== null;
    run = now;
    if (again) rebuilt.call();
  }
}

/** Resolves once the program is there. */
async function back() {
  looking ??= (async () => {
    do {
      await look();
      if (!here) await sleep(SOON);
    } while (!here);
    looking = null;
  })();
  await looking;
}

/** Looks after the program from now on. */
export async function watch() {
  await look();
  for (;;) {
    await sleep(here ? LATER : SOON);
    if (!document.hidden) await look();
  }
}
