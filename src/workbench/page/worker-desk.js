// The desk of a page over a module: workers hold it in WebAssembly. Each has one question at a time, so a question that takes long holds no other
// up, and to stop it is to end its worker. The desk keeps nothing between two questions, so a new worker goes on.

import { button, byId, fill, h, say } from './dom.js';
import { fields } from './json.js';

/** What this desk cannot do: nothing. */
export const without = { texts: null, why: null };
/** The module is always here, and stays as it is. */
export const onConnection = () => {};
export const onRebuilt = () => {};
export const watch = () => {};

const MOST_WORKERS = 4;
/** After this many milliseconds a question can be stopped. */
const LONG = 500;
const STOPPED = 'it was stopped before there was an answer';
const WORK = { about: 'reading the model', ask: 'trying a command', check: 'checking everything', find: 'looking for a story', graph: 'visiting every state', read: 'judging what is written' };

const script = URL.createObjectURL(new Blob([byId('worker').textContent], { type: 'text/javascript' }));
/** A text until the first worker has compiled it. */
let module = byId('module').textContent;
let isBroken = false;
/** Questions without a worker, in turn: `{question, resolve}` each. */
const waiting = [];
/** `{thread, job, ready}` each: the browser's worker, the question that it has and since when, and whether it has begun. */
const workers = new Set();

const seconds = h('span', { 'aria-hidden': 'true' });
const work = h('span', { role: 'status' });
const bar = h('div', { class: 'busy', hidden: true }, work, seconds, button('Stop', stop));
byId('away').after(bar);

/** Nothing can be answered: the reason stays on the page. */
function broken(sentence) {
  if (isBroken) return;
  isBroken = true;
  const box = byId('trouble');
  box.hidden = false;
  fill(box, h('p', null, `This page cannot run its model: ${sentence.replace(/\.+$/, '')}.`));
}

function begin() {
  const worker = { thread: new Worker(script), job: null, ready: false };
  workers.add(worker);
  worker.thread.onmessage = ({ data }) => {
    if (data.broken !== undefined) return broken(data.broken);
    if (data.module !== undefined) module = data.module;
    if (data.answer !== undefined) done(worker, data.answer);
    worker.ready = true;
    handOut();
  };
  // A browser that does not hand a compiled module over has each worker compile it.
  worker.thread.onmessageerror = () => {
    worker.ready = true;
    handOut();
  };
  worker.thread.onerror = (event) => {
    event.preventDefault();
    broken(event.message ?? 'the browser runs no worker here');
  };
  worker.thread.postMessage({ module });
}

function done(worker, answer) {
  const { resolve } = worker.job;
  worker.job = null;
  resolve(answer);
}

/** Gives each question that waits to a worker that is free, or begins one for it. */
function handOut() {
  while (waiting.length > 0) {
    const free = [...workers].find(({ job, ready }) => ready && job === null);
    if (!free) {
      const begins = [...workers].some(({ ready }) => !ready);
      if (!begins && workers.size < MOST_WORKERS) begin();
      break;
    }
    free.job = { ...waiting.shift(), since: performance.now() };
    setTimeout(() => bar.hidden && look(), LONG + 10);
    free.thread.postMessage({ question: free.job.question });
  }
}

/** What is asked: `find`, `at`. */
const nameOf = ({ question }) => [...fields(question).keys()].find((key) => key !== 'model');

/** The workers whose question takes long. */
const long = () => [...workers].filter(({ job }) => job !== null && performance.now() - job.since >= LONG);

/** Shows what takes long, and that it can be stopped, as long as there is something. */
function look() {
  const jobs = long().map(({ job }) => job);
  bar.hidden = jobs.length === 0;
  if (jobs.length === 0) return;
  const [oldest] = jobs.sort((one, other) => one.since - other.since);
  const words = `The model is ${WORK[nameOf(oldest)] ?? 'at work'} …`;
  if (work.textContent !== words) work.textContent = words;
  seconds.textContent = `${Math.floor((performance.now() - oldest.since) / 1000)} s`;
  setTimeout(look, 200);
}

/** Ends what takes long, and what is like it or waits for its turn: each such question is answered by a sentence. */
function stop() {
  const names = new Set(long().map(({ job }) => nameOf(job)));
  const stopped = JSON.stringify({ wrong: STOPPED });
  for (const worker of [...workers].filter(({ job }) => job !== null && names.has(nameOf(job)))) {
    worker.thread.terminate();
    workers.delete(worker);
    done(worker, stopped);
  }
  const left = waiting.splice(0).filter((one) => !names.has(nameOf(one)) || one.resolve(stopped));
  waiting.push(...left);
  bar.hidden = true;
  say('It was stopped');
  handOut();
}

/** Answers a question; both are JSON. */
export const ask = (question) => new Promise((resolve) => {
  waiting.push({ question, resolve });
  handOut();
});

try {
  begin();
} catch (error) {
  broken(error.message);
}
