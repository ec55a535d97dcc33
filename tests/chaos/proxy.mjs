// A node that misbehaves: stands between the daemon and an honest one, and spoils what a seed tells it
// to spoil. Each kind of fault is counted; `asked` keeps when the daemon asked.
import { Agent, createServer, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { dice } from '../devnet/people.mjs';
import { hex, sleep, viem } from '../devnet/chain.mjs';
import { GARBAGE, answerFaults, callFaults, show } from './faults.mjs';

const HUGE = 200 << 20;
let bomb;

/** What befalls one request; true: it has been answered, or never will be. */
const wireFaults = {
    hang: async () => true,
    cut_before: async ({ response }) => response.destroy(),
    cut_after: async ({ response, forward }) => {
        await forward();
        response.destroy();
    },
    cut_half: async ({ response, forward }) => {
        const text = await forward();
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
        response.write(text.slice(0, text.length >> 1));
        await sleep(20);
        response.destroy();
    },
    truncated: async ({ response, forward, die }) => {
        const text = await forward();
        response.end(text.slice(0, Math.floor(text.length * die())));
    },
    drip: async ({ response, forward, die }) => {
        const text = await forward();
        const pieces = 4 + Math.floor(20 * die());
        const pause = 20 + 250 * die();
        for (let i = 0; i < pieces && !response.destroyed; i++) {
            response.write(text.slice((text.length * i) / pieces, (text.length * (i + 1)) / pieces));
            await sleep(pause);
        }
        response.end();
    },
    slow: async ({ response, forward, die }) => {
        const text = await forward();
        await sleep(100 + 900 * die());
        response.end(text);
    },
    huge: async ({ response }) => {
        const chunk = Buffer.alloc(1 << 20, ' ');
        response.writeHead(200, { 'content-type': 'application/json' });
        for (let sent = 0; sent < HUGE && !response.destroyed; sent += chunk.length)
            if (!response.write(chunk)) await Promise.race([new Promise((go) => response.once('drain', go)), sleep(500)]);
        response.end();
    },
    bomb: async ({ response }) => {
        bomb ??= gzipSync(Buffer.alloc(HUGE, ' '), { level: 1 });
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(bomb);
    },
    garbage: async ({ response, die }) => {
        const kinds = Object.keys(GARBAGE);
        response.end(GARBAGE[kinds[Math.floor(die() * kinds.length)]](die));
    },
    status: async ({ response, die, forward }) => {
        const codes = [500, 502, 503, 504, 403, 413, 404];
        if (die() < 0.5) await forward(); // it worked, and said that it had not
        response.writeHead(codes[Math.floor(die() * codes.length)], { 'content-type': 'text/html' });
        response.end('<html><body>no</body></html>');
    },
    limited: async ({ response, die }) => {
        response.writeHead(429, die() < 0.3 ? { 'retry-after': '1' } : {});
        response.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"rate limit exceeded"}}');
    },
};

// how often each is drawn, against the others; what costs this machine much is rare
const WEIGHTS = {
    hang: 2, cut_before: 6, cut_after: 8, cut_half: 4, truncated: 4, drip: 3, slow: 6, huge: 0.3, bomb: 0.3,
    garbage: 6, status: 6, limited: 4,
};
/** Kinds whose words are false rather than missing. */
export const LIES = Object.keys(answerFaults).filter((kind) => answerFaults[kind].lie);
/** Times in which everything goes one way: what, and for how many milliseconds at least and at most. */
const SPELLS = { outage: [1500, 5000], storm: [1000, 4000], lag: [1500, 5000] };
export const KINDS = [...Object.keys(WEIGHTS), ...Object.keys(answerFaults), ...Object.keys(callFaults), ...Object.keys(SPELLS)];

export class Proxy {
    /** `log(line)` takes each fault as it happens. */
    constructor({ name, upstream, seed, log = () => {} }) {
        Object.assign(this, { name, log });
        this.upstream = new URL(upstream);
        this.die = dice(seed);
        this.level = 0; // the share of requests that are spoilt
        this.lies = false;
        this.isTold = false; // every request and answer goes to the log
        this.spell = { kind: null, until: 0 };
        this.script = null; // (calls) → kind of fault, or null; takes the place of the dice
        this.counts = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
        this.asked = []; // [milliseconds, calls, their names] of every request that came
        this.sends = []; // every transaction that the daemon gave away
        this.agent = new Agent({ keepAlive: true, maxSockets: 64 });
        this.blocks = new Map(); // number by hash
        this.sockets = new Set();
        this.server = createServer((ask, response) => {
            response.on('error', () => {});
            this.serve(ask, response).catch(() => response.destroy());
        });
        this.server.on('connection', (socket) => {
            if (this.spell.kind === 'outage' && Date.now() < this.spell.until) return socket.destroy();
            this.sockets.add(socket);
            socket.on('close', () => this.sockets.delete(socket));
        });
    }
    listen(port = 0) {
        return new Promise((done) => this.server.listen(port, '127.0.0.1', () => {
            this.port = this.server.address().port;
            this.url = `http://127.0.0.1:${this.port}`;
            done(this);
        }));
    }
    close() {
        this.server.close();
        this.cut();
        this.agent.destroy();
    }
    cut() {
        for (const socket of this.sockets) socket.destroy();
    }
    /** Everything behaves from now on. */
    calm() {
        this.level = 0;
        this.lies = false;
        this.script = null;
        this.isTold = false;
        this.spell = { kind: null, until: 0 };
    }
    begin(kind, ms, lag = 0) {
        this.spell = { kind, until: Date.now() + ms, lag };
        this.note(kind, `${Math.round(ms)} ms${lag ? `, ${lag} blocks` : ''}`);
        if (kind === 'outage') this.cut();
    }
    note(kind, what) {
        this.counts[kind]++;
        this.log(`${this.name} ${kind} ${what}`);
    }
    draw(calls) {
        if (this.script) return this.script(calls);
        if (this.level === 0) return null;
        if (Date.now() >= this.spell.until && this.die() < this.level * 0.03) {
            const kind = Object.keys(SPELLS)[Math.floor(this.die() * 3)];
            const [least, most] = SPELLS[kind];
            this.begin(kind, least + (most - least) * this.die(), kind === 'lag' ? 1 + Math.floor(4 * this.die()) : 0);
        }
        if (this.die() >= this.level) return null;
        const choice = Object.entries(WEIGHTS);
        for (const [kind, fault] of [...Object.entries(answerFaults), ...Object.entries(callFaults)])
            if ((!fault.lie || this.lies) && calls.some((c) => !fault.method || fault.method.test(c.method)))
                choice.push([kind, fault.weight]);
        let left = this.die() * choice.reduce((sum, [, weight]) => sum + weight, 0);
        return choice.find(([, weight]) => (left -= weight) < 0)?.[0] ?? null;
    }
    async serve(ask, response) {
        const chunks = [];
        for await (const chunk of ask) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        const body = JSON.parse(text);
        const calls = Array.isArray(body) ? body : [body];
        this.asked.push([Date.now(), calls.length, show(calls)]);
        const spell = Date.now() < this.spell.until ? this.spell.kind : null;
        for (const call of calls)
            if (call.method === 'eth_sendRawTransaction') this.noteSend(call);
        if (spell === 'outage') return response.destroy();
        if (spell === 'storm') {
            this.counts.limited++;
            return wireFaults.limited({ response, die: this.die });
        }
        const kind = this.draw(calls);
        if (kind) this.note(kind, show(calls));
        const lag = spell === 'lag' ? this.spell.lag : 0;
        const forward = async () => {
            const answer = await (lag ? this.lagging(body, calls, lag) : this.post(text));
            this.noteAnswer(calls, answer);
            if (this.isTold) this.log(`${this.name} ${text.slice(0, 600)} → ${answer.slice(0, 600)}`);
            return answer;
        };
        response.setHeader('content-type', 'application/json');
        if (wireFaults[kind]) return wireFaults[kind]({ response, forward, die: this.die });
        if (callFaults[kind]) return response.end(JSON.stringify(await callFaults[kind].run(body, calls, this)));
        let answer = await forward();
        if (answerFaults[kind]) {
            const answers = JSON.parse(answer);
            const list = Array.isArray(answers) ? answers : [answers];
            const spoilt = answerFaults[kind].run(calls, list, this.die, this);
            answer = JSON.stringify(Array.isArray(answers) ? spoilt : spoilt[0]);
        }
        response.end(answer);
    }
    noteSend(call) {
        const raw = call.params?.[0];
        const { nonce, to, data, maxFeePerGas } = viem.parseTransaction(raw);
        this.sends.push({ at: Date.now(), raw, hash: viem.keccak256(raw), nonce, to, data, maxFeePerGas });
    }
    /** An honest node's refusal frees the nonce; "already known" is none. */
    noteAnswer(calls, answer) {
        if (calls[0]?.method !== 'eth_sendRawTransaction') return;
        const error = JSON.parse(answer).error ?? JSON.parse(answer)[0]?.error;
        if (error && !/already/.test(error.message)) this.sends.findLast((s) => s.raw === calls[0].params[0]).refused = true;
    }
    /** To the honest node; out: its words. */
    post(text) {
        const { hostname, port } = this.upstream;
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
        return new Promise((done, fail) => {
            const ask = request({ hostname, port, method: 'POST', path: '/', headers, agent: this.agent }, (answer) => {
                const chunks = [];
                answer.on('data', (chunk) => chunks.push(chunk));
                answer.on('end', () => done(Buffer.concat(chunks).toString()));
                answer.on('error', fail);
            });
            ask.on('error', fail);
            ask.end(text);
        });
    }
    async call(method, params) {
        return JSON.parse(await this.post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))).result;
    }
    async numberOf(hash) {
        if (!this.blocks.has(hash)) {
            const block = await this.call('eth_getBlockByHash', [hash, false]);
            if (!block) return Infinity;
            this.blocks.set(hash, Number(block.number));
        }
        return this.blocks.get(hash);
    }
    /** What a node would say that stands some blocks back: it knows nothing newer. */
    async lagging(body, calls, lag) {
        const newest = Number(await this.call('eth_blockNumber', []));
        const last = Math.max(0, newest - lag);
        const unknown = { code: -32001, message: 'header not found' };
        const back = (value) => (value === 'latest' || value === 'pending' ? hex(last) : value);
        const refused = new Map();
        const asked = [];
        for (const call of calls) {
            const params = JSON.parse(JSON.stringify(call.params ?? []));
            for (let i = 0; i < params.length; i++) {
                params[i] = back(params[i]);
                const one = params[i];
                if (one && typeof one === 'object') {
                    for (const key of ['fromBlock', 'toBlock']) if (one[key]) one[key] = back(one[key]);
                    if (one.blockHash && (await this.numberOf(one.blockHash)) > last) refused.set(call.id, { error: unknown });
                }
            }
            if (call.method === 'eth_getBlockByHash' && (await this.numberOf(params[0])) > last) refused.set(call.id, { result: null });
            if (call.method === 'eth_getTransactionCount' && Number(params[1]) > last) refused.set(call.id, { error: unknown });
            asked.push({ ...call, params });
        }
        const answers = JSON.parse(await this.post(JSON.stringify(Array.isArray(body) ? asked : asked[0])));
        const list = Array.isArray(answers) ? answers : [answers];
        for (const answer of list) {
            const { method } = calls.find((c) => c.id === answer.id) ?? {};
            if (refused.has(answer.id)) {
                delete answer.result;
                Object.assign(answer, refused.get(answer.id));
            }
            if (!(Number(answer.result?.blockNumber) > last)) continue;
            if (method === 'eth_getTransactionReceipt') answer.result = null;
            if (method === 'eth_getTransactionByHash')
                Object.assign(answer.result, { blockNumber: null, blockHash: null, transactionIndex: null });
        }
        return JSON.stringify(answers);
    }
}
