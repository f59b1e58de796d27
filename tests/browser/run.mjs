// Calls every promise of the module and says which were kept.
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const { memory, said, said_bytes: bytes, ...rest } = instance.exports;
const promises = Object.entries(rest).filter(([, value]) => typeof value === 'function');
let broken = 0;
for (const [name, promise] of promises) {
    let kept = false, text;
    try {
        kept = promise() === 1;
        text = new TextDecoder().decode(new Uint8Array(memory.buffer, said(), bytes()));
    } catch (trap) {
        text = `it panicked: ${trap.message}`;
    }
    console.log(`${kept ? 'kept  ' : 'BROKEN'}  ${name.replaceAll('_', ' ')}`);
    if (!kept) {
        broken += 1;
        console.log(text);
    }
}
console.log(`${promises.length} promises, ${broken} broken`);
process.exit(broken || promises.length < 10 ? 1 : 0);
