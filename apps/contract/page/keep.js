// What stays in this browser: drafts, customers and contracts that were taken along, branches, and commands without an answer.
// Nothing here is secret: the session is a cookie that no script can read.

const KINDS = ['drafts', 'customers', 'contracts', 'branches', 'unanswered', 'self'];
const memory = new Map(KINDS.map((kind) => [kind, new Map()]));
let database = null;

/** False where the browser keeps nothing (a private window): then all of it lives until the page is closed. */
export const keeps = () => database !== null;

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
        database.close();
        database = null;
      };
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
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** What is kept under this key, or undefined. */
export const get = async (kind, key) =>
  database ? done(kind, 'readonly', (store) => store.get(key)) : memory.get(kind).get(key);

/** Everything of a kind. */
export const all = async (kind) =>
  database ? done(kind, 'readonly', (store) => store.getAll()) : [...memory.get(kind).values()];

/** Keeps a value until it is dropped. */
export const put = async (kind, key, value) => {
  if (database) await done(kind, 'readwrite', (store) => store.put(value, key));
  else memory.get(kind).set(key, value);
};

/** Forgets a value. */
export const drop = async (kind, key) => {
  if (database) await done(kind, 'readwrite', (store) => store.delete(key));
  else memory.get(kind).delete(key);
};

/** Gives a value another key. */
export const move = async (kind, from, to) => {
  const value = await get(kind, from);
  if (value === undefined) return;
  await put(kind, to, value);
  await drop(kind, from);
};
