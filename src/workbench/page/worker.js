// The worker of a page over a module: it holds the desk in WebAssembly and answers one question after another.

const EXPORTS = ['memory', 'room', 'answer', 'text_at', 'text_bytes'];
const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
let module = null;
let instance = null;

/** The module in a text: with gzip, in base64. */
async function unpacked(text) {
  const packed = atob(text);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
}

/** Takes the module, as a text or compiled, and has an instance of it ready. */
async function begin(given) {
  module = given instanceof WebAssembly.Module ? given : await unpacked(given);
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  const missing = EXPORTS.filter((name) => !exported.includes(name));
  if (missing.length > 0) throw new Error(`its module is no desk, because it does not export \`${missing[0]}\``);
  instance = new WebAssembly.Instance(module);
}

/** What the module says: an answer, or why it broke off. */
function said() {
  const { memory, text_at: at, text_bytes: bytes } = instance.exports;
  const [begin, length] = [at() >>> 0, bytes() >>> 0];
  return decoder.decode(new Uint8Array(memory.buffer, begin, length));
}

/** What the panic said that ended an instance, or what the browser says of its end. */
function lastWords(error) {
  try {
    return said() || error.message;
  } catch {
    return error.message;
  }
}

function answer(question) {
  try {
    instance ??= new WebAssembly.Instance(module);
    const bytes = encoder.encode(question);
    const room = instance.exports.room(bytes.length) >>> 0;
    new Uint8Array(instance.exports.memory.buffer, room, bytes.length).set(bytes);
    instance.exports.answer();
    return said();
  } catch (error) {
    const wrong = `the model broke off: ${lastWords(error)}`;
    // Nobody knows what an instance holds that broke off. The desk keeps nothing, so a new one goes on.
    instance = null;
    return JSON.stringify({ wrong });
  }
}

addEventListener('message', async ({ data }) => {
  if (data.question !== undefined) return postMessage({ answer: answer(data.question) });
  try {
    await begin(data.module);
    postMessage({ module });
  } catch (error) {
    postMessage({ broken: error.message });
  }
});
