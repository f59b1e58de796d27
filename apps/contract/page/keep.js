// What stays in this browser: drafts, customers and contracts that were taken along, branches, and commands without an answer.
// Nothing here is secret: the session is a cookie that no script can read.

import { listeners } from './dom.js';

const KINDS = ['drafts', 'customers', 'contracts', 'branches', 'unanswered', 'self'];
const memory = new Map(KINDS.map((kind) => [kind, new Map()]));
const lost = listeners();
let isLost = false;
let database = null;

/** False where the browser keeps nothing (a private window): then all of it lives until the page is closed. */
export const keeps = () => database !== null;

/** Calls back, once, when the browser no longer keeps what it is given: it is full, or its store is gone. Memory takes its place. */
export const onLost = lost.on;

function lose() {
  if (!isLost) lost.call();
  isLost = true;
}

function leave() {
  database = null;
  lose();
}

/** Opens the store. It never fails: without a store, memory takes its place. */
export function open() {
  return new Promise((resolve) => {
    if (!globalThis.indexedDB) return resolve();
    let asked;
    try {
      asked = indexedDB.open('contract', 1);
    } catch {
      return resolve();
    }
    asked.onupgradeneeded = () => KINDS.forEach((kind) => asked.result.createObjectStore(kind));
    asked.onsuccess = () => {
      database = asked.result;
      // A newer page needs another shape of the store: this one goes on in memory until it is loaded again.
      database.onversionchange = () => {
        asked.result.close();
        leave();
      };
      // Somebody has cleared what this page keeps.
      database.onclose = leave;
      resolve();
    };
    asked.onerror = asked.onblocked = () => resolve();
  });
}

function done(kind, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(kind, mode);
    const asked = work(transaction.objectStore(kind));
    transaction.oncomplete = () => resolve(asked.result);
    // Whatever fails in it ends a transaction so.
    transaction.onabort = () => reject(transaction.error ?? asked.error);
  });
}

/** What is kept under this key, or undefined. */
export const get = async (kind, key) => {
  const memorised = memory.get(kind).get(key);
  return memorised === undefined && database ? done(kind, 'readonly', (store) => store.get(key)) : memorised;
};

/** Everything of a kind. */
export const all = async (kind) => {
  const memorised = memory.get(kind);
  if (!database) return [...memorised.values()];
  let keys;
  const values = await done(kind, 'readonly', (store) => {
    keys = store.getAllKeys();
    return store.getAll();
  });
  return [...values.filter((_, place) => !memorised.has(keys.result[place])), ...memorised.values()];
};

/** Keeps a value until it is dropped. What the browser does not keep stays in memory. */
export const put = async (kind, key, value) => {
  if (database) {
    try {
      await done(kind, 'readwrite', (store) => store.put(value, key));
      memory.get(kind).delete(key);
      return;
    } catch {
      lose();
    }
  }
  memory.get(kind).set(key, value);
};

/** Forgets a value. */
export const drop = async (kind, key) => {
  memory.get(kind).delete(key);
  if (database) await done(kind, 'readwrite', (store) => store.delete(key));
};

/** Gives a value another key. */
export const move = async (kind, from, to) => {
  const value = await get(kind, from);
  if (value === undefined) return;
  await put(kind, to, value);
  await drop(kind, from);
};
