// What happens on the server, as it happens.

import { listeners } from './dom.js';
import { check } from './net.js';
import { readJson } from './json.js';

const heard = listeners();
/** What happened in the last seconds: a view asks first and listens afterwards, and something may happen in between. */
let recent = [];
const RECENT = 5000;
let source = null;

function call(event) {
  recent = [...recent.filter(({ at }) => at > Date.now() - RECENT), { at: Date.now(), event }];
  heard.call(event);
}

/** Calls back with `{position, part, number, version, type, by}` for each event, also for those of the last seconds, and with `{again: true}` where some may have been missed. */
export function onHappened(listener) {
  const end = heard.on(listener);
  const missed = recent.filter(({ at }) => at > Date.now() - RECENT);
  if (missed.length > 0) setTimeout(() => missed.forEach(({ event }) => listener(event)));
  return end;
}

/** Begins to listen. After a break the browser connects again by itself, and the first `hello` then means: some may have been missed. */
export function listen() {
  if (source || !globalThis.EventSource) return;
  let before = false;
  source = new EventSource('/api/events');
  source.addEventListener('hello', () => {
    if (before) call({ again: true });
    before = true;
  });
  source.addEventListener('again', () => call({ again: true }));
  source.addEventListener('happened', (message) => call(readJson(message.data)));
  source.addEventListener('error', () => {
    // The browser gives up for good when the answer was a refusal.
    if (source?.readyState === EventSource.CLOSED) {
      silence();
      setTimeout(() => check().then((online) => online && listen()), 5000);
    } else check();
  });
}

/** Stops listening. */
export function silence() {
  source?.close();
  source = null;
}
