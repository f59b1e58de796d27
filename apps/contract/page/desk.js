// The desk: the model itself, in this browser. Where it cannot run here, the server's answers for it.

import { readJson, writeJson } from './json.js';
import { language } from './words.js';
import { post } from './net.js';

let module = null;
let desk = null;
let abouts = new Map();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The desk has no answer to this question. */
export class NoAnswer extends Error {}

/** True where the model runs in this browser. */
export const isHere = () => module !== null;

/** Loads the model. Without WebAssembly, or without the file, the server is asked instead. */
export async function load() {
  try {
    const response = await fetch('/contract.wasm');
    if (!response.ok) throw new Error(response.statusText);
    module = await WebAssembly.compile(await response.arrayBuffer());
    desk = (await WebAssembly.instantiate(module, {})).exports;
  } catch {
    module = desk = null;
  }
}

function answered(question) {
  const asked = encoder.encode(question);
  // A call may make the memory grow, and its buffer is then another one: the call first, the buffer after it.
  const room = desk.room(asked.length);
  new Uint8Array(desk.memory.buffer, room, asked.length).set(asked);
  const length = desk.answer();
  const at = desk.answer_at();
  return decoder.decode(new Uint8Array(desk.memory.buffer, at, length));
}

/** Asks the desk. The words of the answer are in the language of the page. Throws `NoAnswer` with a sentence. */
export async function ask(question) {
  const said = { language: language(), ...question };
  let answer;
  if (!module) answer = await post('/api/model', said);
  else {
    try {
      answer = readJson(answered(writeJson(said)));
    } catch (fault) {
      // An instance that failed is not asked twice.
      desk = (await WebAssembly.instantiate(module, {})).exports;
      throw new NoAnswer(fault.message);
    }
  }
  if (answer.error !== undefined) throw new NoAnswer(answer.error);
  return answer.ok;
}

/** What the desk says about the model, in the language of the page: stages, segments, the process, the fingerprint. */
export function about() {
  const of = language();
  if (!abouts.has(of)) abouts.set(of, ask({ ask: 'about' }).catch((error) => { abouts.delete(of); throw error; }));
  return abouts.get(of);
}
