// What happens on the server, as it happens.

import { listeners } from './dom.js';
import { check } from './net.js';
import { readJson } from './json.js';

const heard = listeners();
let source = null;

/** Calls back with `{position, part, number, version, type, by}` for each event, and with `{again: true}` where some may have been missed. */
export const onHappened = heard.on;

/** Begins to listen. After a break the browser connects again by itself, and the first `hello` then means: some may have been missed. */
export function listen() {
  if (source || !globalThis.EventSource) return;
  let before = false;
  source = new EventSource('/api/events');
  source.addEventListener('hello', () => {
    if (before) heard.call({ again: true });
    before = true;
  });
  source.addEventListener('again', () => heard.call({ again: true }));
  source.addEventListener('happened', (message) => heard.call(readJson(message.data)));
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
