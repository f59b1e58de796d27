// The story in the address of the page, so that a reload, a recompile and a mail keep it.

import { elements } from './json.js';

/** The longest address that browsers keep; a longer story stays in this tab alone. */
const LONGEST = 500_000;
const PLAIN = 2_000;
const KEPT = 'leftfold.story';

async function through(stream, bytes) {
  const written = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(written).arrayBuffer());
}

const toText = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const packed = async (text) => toText(await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(text)));
const unpacked = async (text) => new TextDecoder().decode(await through(new DecompressionStream('deflate-raw'), toBytes(text)));

/** The part of an address after `#` for a story. */
export async function toHash({ model, stream, key, until, base, history, version, last }) {
  const list = `[${history.join(',')}]`;
  const params = new URLSearchParams();
  if (model) params.set('model', model);
  if (stream !== null) params.set('stream', stream);
  if (key !== null) params.set('key', key);
  if (until !== null) params.set('until', until);
  if (version !== null && version !== base + history.length) params.set('at', version);
  if (last) {
    params.set('last', last.at);
    params.set('command', last.command);
  }
  if (history.length > 0) {
    if (list.length < PLAIN) params.set('history', list);
    else params.set('packed', await packed(list));
  }
  const hash = `#${params}`;
  if (hash.length <= LONGEST) return hash;
  try {
    sessionStorage.setItem(KEPT, list);
  } catch {
    // It is kept in this page alone.
  }
  params.delete('packed');
  params.set('kept', 'here');
  return `#${params}`;
}

/** The story in an address; an address that cannot be read is the beginning of a story. */
export async function fromHash(hash) {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  let history = [];
  let problem = null;
  try {
    const list = params.get('history') ?? (params.has('packed') ? await unpacked(params.get('packed')) : null)
      ?? (params.has('kept') ? sessionStorage.getItem(KEPT) : null) ?? '[]';
    history = elements(list);
  } catch {
    problem = 'The address holds no story that can be read, so this one begins at the beginning.';
  }
  const stream = params.get('stream');
  const whole = (name) => (/^\d{1,9}$/.test(params.get(name) ?? '') ? Number(params.get(name)) : null);
  // Only the log knows how long a stream is that is looked at as it is.
  const until = stream === null ? null : whole('until');
  const length = stream !== null && until === null ? null : (until ?? 0) + history.length;
  const number = (name) => (length === null ? whole(name) : Math.min(whole(name) ?? length, length));
  const command = params.get('command');
  const last = command && params.has('last') ? { at: number('last') ?? 0, command } : null;
  return { model: params.get('model'), stream, key: stream === null ? null : params.get('key'), until, base: until ?? 0, history, version: number('at'), last, problem };
}
