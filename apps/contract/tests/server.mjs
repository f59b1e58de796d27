// A server of the app in a folder of its own, that can be killed and started again at the same address.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A port that nobody listens on now, and that the system gives to no connection while the server is down. */
async function freePort() {
    for (;;) {
        const port = 20_000 + Math.floor(Math.random() * 10_000);
        const server = createServer().listen(port, '127.0.0.1');
        const [free] = await Promise.race([once(server, 'listening').then(() => [true]), once(server, 'error').then(() => [false])]);
        server.close();
        if (free) return port;
    }
}

export class Server {
    constructor(program, options) {
        this.program = program;
        this.options = options;
        this.folder = mkdtempSync(join(tmpdir(), 'contract-app-'));
    }

    async start() {
        this.port ??= await freePort();
        const given = [this.folder, '--address', `127.0.0.1:${this.port}`, ...this.options];
        this.process = spawn(this.program, given, { stdio: ['ignore', 'pipe', 'inherit'] });
        this.ended = once(this.process, 'exit');
        for await (const line of createInterface({ input: this.process.stdout })) {
            if (line.includes('listening on')) return this;
        }
        throw new Error('the server ended before it listened');
    }

    /** Starts it again, if it was killed. */
    async isThere() {
        if (this.process.exitCode !== null || this.process.signalCode !== null) await this.start();
    }

    get address() {
        return `http://127.0.0.1:${this.port}`;
    }

    /** As a power cut would: nothing is finished, nothing is closed. */
    async kill() {
        this.process.kill('SIGKILL');
        await this.ended;
    }

    async stop() {
        this.process.kill('SIGTERM');
        const patience = setTimeout(() => this.process.kill('SIGKILL'), 20_000);
        await this.ended;
        clearTimeout(patience);
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** The lines of the log, as text: it is JSON Lines. */
    log() {
        const folder = join(this.folder, 'log');
        const segments = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile()).sort();
        return segments.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
    }

    /** How many events of this type the stream has. */
    recorded(stream, type) {
        return this.log().filter((line) => line.includes(`"${stream}"`) && line.includes(`"${type}"`)).length;
    }
}
