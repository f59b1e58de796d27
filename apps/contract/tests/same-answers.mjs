// The desk gives the same answers in WebAssembly as it does natively, and over HTTP.
//
//   node tests/same-answers.mjs FORMS.jsonl CONTRACT.wasm [http://127.0.0.1:PORT]
//
// FORMS.jsonl is what `cargo run -p contract-model --example forms` writes. Prints figures, and ends with 1 if an answer differs or a
// bar is missed.

import { readFileSync, readdirSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const KEYSTROKE_MS = 10;
const FIRST_LOAD_BYTES = 400 * 1024;

const [formsFile, wasmFile, server] = process.argv.slice(2);
if (!formsFile || !wasmFile) {
  console.error("usage: node same-answers.mjs FORMS.jsonl CONTRACT.wasm [http://127.0.0.1:PORT]");
  process.exit(2);
}

let failed = 0;
const fail = (what) => {
  failed += 1;
  if (failed <= 5) console.error(`FAILED: ${what}`);
};

const wasm = readFileSync(wasmFile);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), {});
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function ask(question) {
  const bytes = encoder.encode(question);
  const at = exports.room(bytes.length);
  new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
  const length = exports.answer();
  return decoder.decode(new Uint8Array(exports.memory.buffer, exports.answer_at(), length));
}

const forms = readFileSync(formsFile, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
if (forms.length === 0) fail(`${formsFile} has no form`);

// What a page does on a keystroke: ask, and read the answer. The best of three, as the machine may do something else meanwhile.
const took = [];
for (const { question, answer } of forms) {
  let given;
  const each = [0, 1, 2].map(() => {
    const start = performance.now();
    given = ask(question);
    JSON.parse(given);
    return performance.now() - start;
  });
  took.push(Math.min(...each));
  if (given !== answer) fail(`in WebAssembly: ${question}\n  natively ${answer}\n  here     ${given}`);
}
took.sort((one, other) => one - other);
const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
const ms = (value) => `${value.toFixed(3)} ms`;
console.log(`${forms.length} forms have the same answer in WebAssembly and natively: ${failed === 0 ? "yes" : "no"}`);
console.log(`a keystroke: median ${ms(at(0.5))}, 99 of 100 ${ms(at(0.99))}, slowest ${ms(at(1))} (bar ${KEYSTROKE_MS} ms)`);

const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
const gzip = gzipSync(wasm, { level: 9 }).length;
const brotli = brotliCompressSync(wasm).length;
console.log(`contract.wasm: ${kb(wasm.length)}, ${kb(gzip)} after gzip, ${kb(brotli)} after brotli`);

// All that a page loads the first time, as it is beside this script.
const page = new URL("../page", import.meta.url).pathname;
const files = existsSync(page) ? readdirSync(page, { recursive: true }).map((name) => join(page, name)) : [];
const rest = files.filter((file) => statSync(file).isFile()).reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
console.log(`first load: ${kb(gzip + rest)} after gzip (bar ${kb(FIRST_LOAD_BYTES)})`);
if (gzip + rest > FIRST_LOAD_BYTES) fail(`the first load is ${kb(gzip + rest)}`);

if (server) await overHttp(server);
process.exit(failed === 0 ? 0 : 1);

async function overHttp(server) {
  const origin = new URL(server).origin;
  const headers = { origin, "content-type": "application/json", model: JSON.parse(ask('{"ask":"about"}')).ok.model };
  const signedIn = await fetch(`${origin}/api/sign-in`, {
    method: "POST", headers, body: JSON.stringify({ role: "account-manager", name: "Alex" }),
  });
  if (!signedIn.ok) return fail(`signing in at ${origin}: ${signedIn.status} ${await signedIn.text()}`);
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
  const before = failed;
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    for (let form = forms[next++]; form; form = forms[next++]) {
      const answered = await fetch(`${origin}/api/model`, {
        method: "POST", headers: { ...headers, cookie }, body: form.question,
      });
      const given = await answered.text();
      if (given !== form.answer) fail(`over HTTP (${answered.status}): ${form.question}\n  natively ${form.answer}\n  here     ${given}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  const each = (performance.now() - start) / forms.length;
  console.log(`${forms.length} forms have the same answer over HTTP: ${failed === before ? "yes" : "no"}, ${ms(each)} each`);
}
