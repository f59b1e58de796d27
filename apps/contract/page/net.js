// Requests to the server: the model's fingerprint goes along, errors are problem details, and a request that carries an
// Idempotency-Key is sent again with the same key when the network failed.

import { listeners } from './dom.js';
import { readJson, writeJson } from './json.js';

const changed = listeners();
const refused = listeners();
const waits = [300, 1000, 2500];
let online = navigator.onLine;
let model = '';
let person = null;
let probe = null;
let probeWait = 2000;

/** The server could not be reached. */
export class NoNetwork extends Error {}

/** The server refused: problem details (RFC 9457). */
export class Problem extends Error {
  constructor(status, details) {
    super(details.title ?? `HTTP ${status}`);
    this.status = status;
    this.type = details.type ?? 'about:blank';
    this.details = details;
  }

  /** Refused because of the page, and nothing is said about what was asked: it is signed out, or of another person or model. */
  get isOfThePage() {
    return this.status === 401 || this.type === 'another-person' || this.type === 'another-model';
  }
}

export const isOnline = () => online;
/** Calls back with true or false when the server is found or lost. */
export const onNetwork = changed.on;
/** Calls back with a problem that concerns the whole page: 401 (signed out), another person, another model. */
export const onRefused = refused.on;
/** The fingerprint of the model that this page decides with. */
export const useModel = (fingerprint) => (model = fingerprint);
/** In a header, whom this page shows as signed in: all windows of a browser share one session, and it may have become another's. */
export const inHeader = (who) => ({ Person: encodeURIComponent(who) });
/** Who is signed in, as `role/name`; nobody without it. */
export const usePerson = (who) => (person = who);
const known = () => ({ ...(model && { Model: model }), ...(person && inHeader(person)) });

function found(is) {
  if (is) probeWait = 2000;
  if (!is && !probe) {
    probe = setTimeout(() => {
      probe = null;
      probeWait = Math.min(probeWait * 1.6, 20000);
      check();
    }, probeWait);
  }
  if (is !== online) changed.call((online = is));
}

/** Looks whether the server is there. */
export async function check() {
  try {
    await fetch('/api/me', { headers: known(), cache: 'no-store', signal: AbortSignal.timeout(8000) });
    found(true);
  } catch {
    found(false);
  }
  return online;
}
addEventListener('online', check);
addEventListener('offline', () => found(false));

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function sent(method, path, headers, body) {
  try {
    return await fetch(path, {
      method, body, headers: { ...known(), ...headers }, cache: 'no-store', signal: AbortSignal.timeout(20000),
    });
  } catch (error) {
    throw new NoNetwork(error.message);
  }
}

/** `{data, etag}` of an answer. Throws `NoNetwork` or `Problem`. `body` is a value, or text that is JSON already. */
export async function request(method, path, { body, headers = {} } = {}) {
  const text = body === undefined || typeof body === 'string' ? body : writeJson(body);
  const all = text === undefined ? headers : { 'Content-Type': 'application/json', ...headers };
  const again = method === 'GET' ? waits.slice(0, 1) : headers['Idempotency-Key'] ? waits : [];
  let response;
  for (let attempt = 0; ; attempt++) {
    try {
      response = await sent(method, path, all, text);
      // The server is there, and busy.
      if (response.status !== 503 || attempt >= again.length) break;
      await sleep(again[attempt]);
    } catch (error) {
      if (attempt >= again.length || !navigator.onLine) {
        found(false);
        throw error;
      }
      await sleep(again[attempt]);
    }
  }
  found(true);
  const answer = await response.text().catch(() => { throw new NoNetwork(); });
  let data = null;
  try {
    data = answer ? readJson(answer) : null;
  } catch {
    data = { title: answer.slice(0, 300) };
    if (response.ok) throw new Problem(response.status, data);
  }
  if (response.ok) return { data, etag: response.headers.get('ETag') };
  const problem = new Problem(response.status, data ?? {});
  if (problem.isOfThePage && (problem.status !== 401 || path !== '/api/me')) refused.call(problem);
  throw problem;
}

/** What is there. */
export const get = async (path) => (await request('GET', path)).data;
/** Asks for something to be done. */
export const post = async (path, body, headers) => (await request('POST', path, { body, headers })).data;

/** A key that no other command has. */
export const newKey = () => (crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))]
  .map((byte) => byte.toString(16).padStart(2, '0')).join(''));
