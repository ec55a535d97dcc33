// The daemon from outside: its config, its command line, its process.
import { spawn, spawnSync } from 'node:child_process';
import { createCipheriv, pbkdf2Sync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOP, accounts, sleep, viem } from './chain.mjs';

export const BINARY = join(TOP, 'build/plimsoll');
const KEY = viem.keccak256(viem.toHex('plimsoll devnet keeper'));
export const KEEPER = accounts.privateKeyToAccount(KEY).address;

/** YAML for one mode. `limits`, `chain` and `terms` (of the market) replace or add single lines; endpoints: market.urls, else .url. */
export function configText({ market, mode, port, limits = {}, chain = {}, terms = {} }) {
    const limit = {
        fee_per_gas_max: '400 gwei', profit_min: '0 ether', gas_per_day_max: '50 ether',
        loss_per_day_max: '10 ether', in_flight_max: 64, ...limits,
    };
    const yaml = (keys, indent = '  ') => Object.entries(keys).map(([key, value]) => `${indent}${key}: ${value}`).join('\n');
    return `chain:
  id: 31337
  native: "${market.assets.WETH.address}"
  endpoints:
${(market.urls ?? [market.url]).map((url) => `    - url: ${url}`).join('\n')}
${yaml({ poll_ms: 50, ...chain })}
markets:
  - name: devnet
    protocol: aave-v3
    address: "${market.provider}"
${yaml({ from_block: 0, ...terms }, '    ')}
keeper:
  mode: ${mode}
  account: "${KEEPER}"
  funding: inventory
signer:
  keystore: keeper.json
  password_file: keeper.password
limits:
${yaml(limit)}
journal: { path: ${mode}.db }
report: { listen: 127.0.0.1:${port}, log: info }
`;
}

/** A folder with keystore, password and configs; commands run in it. */
export class Keeper {
    constructor({ folder, market, port }) {
        Object.assign(this, { folder, market, port });
        mkdirSync(folder, { recursive: true });
        this.write('keeper.password', 'devnet\n');
        for (const mode of ['live', 'dry-run']) this.config(`${mode}.yaml`, { mode });
    }
    write(name, text) {
        writeFileSync(join(this.folder, name), text, { mode: 0o600 });
    }
    config(name, options) {
        this.write(name, configText({ market: this.market, port: this.port, ...options }));
    }
    /** One place of a config that stands. */
    amend(name, from, to) {
        this.write(name, readFileSync(join(this.folder, name), 'utf8').replace(from, to));
    }
    command(args, { input = '', cwd = this.folder } = {}) {
        const options = { cwd, input, encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 30 };
        const result = spawnSync(BINARY, args, options);
        const said = (result.stderr || '').trim().split('\n').slice(-2).join(' | ');
        return { ...result, why: `exit ${result.status ?? result.signal} ${said}`.slice(0, 400) };
    }
    /** The same, while this process goes on with other things. */
    async run(args) {
        const child = spawn(BINARY, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
        let said = '';
        const out = [];
        child.stdout.on('data', (chunk) => out.push(chunk));
        child.stderr.on('data', (text) => (said += text));
        const status = await new Promise((done) => child.on('close', (code, signal) => done(code ?? signal)));
        const why = `exit ${status} ${said.trim().split('\n').slice(-2).join(' | ')}`.slice(0, 400);
        return { status, why, stdout: Buffer.concat(out).toString() };
    }
    importKey() {
        const args = ['key', 'import', 'keeper.json', '--password-file', 'keeper.password'];
        return this.command(args, { input: KEY + '\n' });
    }
    /** The same key in a keystore whose password costs nothing to try: for stories that start often. */
    writeLightKey() {
        const [salt, iv, id] = [randomBytes(32), randomBytes(16), randomUUID()];
        const derived = pbkdf2Sync('devnet', salt, 1000, 32, 'sha256');
        const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
        const hidden = Buffer.concat([cipher.update(Buffer.from(KEY.slice(2), 'hex')), cipher.final()]);
        const mac = viem.keccak256(Buffer.concat([derived.subarray(16), hidden])).slice(2);
        const crypto = {
            cipher: 'aes-128-ctr', ciphertext: hidden.toString('hex'), cipherparams: { iv: iv.toString('hex') },
            kdf: 'pbkdf2', mac, kdfparams: { c: 1000, dklen: 32, prf: 'hmac-sha256', salt: salt.toString('hex') },
        };
        const address = KEEPER.slice(2).toLowerCase();
        this.write('keeper.json', JSON.stringify({ version: 3, id, address, crypto }));
    }
    /** Objects of a command that prints NDJSON. */
    lines(args, options) {
        const { stdout, status, why } = this.command([...args, '--json'], options);
        if (status !== 0) throw new Error(`plimsoll ${args[0]}: ${why}`);
        return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    }
    journal(config) {
        return this.lines(['journal', '-c', config]);
    }
    async journalMeanwhile(config) {
        const { stdout, status, why } = await this.run(['journal', '-c', config, '--json']);
        if (status !== 0) throw new Error(`plimsoll journal: ${why}`);
        return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    }
    /** The daemon. `more`: arguments; `env`: variables on top of ours. */
    start(config, { more = [], env = {} } = {}) {
        const log = openSync(join(this.folder, `${config}.log`), 'a');
        const args = ['run', '-c', config, ...more];
        const options = { cwd: this.folder, stdio: ['ignore', log, log], env: { ...process.env, ...env } };
        const child = spawn(BINARY, args, options);
        this.child = child;
        child.gone = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
        return child;
    }
    /** A signer of its own, as its unit would start it. Out: how to end it. */
    async startSigner(config, socket) {
        const log = openSync(join(this.folder, `${config}.signer.log`), 'a');
        const child = spawn(BINARY, ['sign', '-c', config], { cwd: this.folder, stdio: ['ignore', log, log] });
        const gone = new Promise((done) => child.on('exit', (code, signal) => done(signal ?? code)));
        for (let i = 0; i < 200 && !existsSync(join(this.folder, socket)); i++) await sleep(30);
        return async () => {
            child.kill('SIGTERM');
            return Promise.race([gone, sleep(5000).then(() => child.kill('SIGKILL'))]);
        };
    }
    async get(path) {
        const answer = await fetch(`http://127.0.0.1:${this.port}${path}`).catch(() => null);
        return answer && { status: answer.status, text: await answer.text() };
    }
    /** Milliseconds until it is synchronised, or -1. */
    async ready() {
        const start = Date.now();
        while (Date.now() - start < 30_000) {
            if ((await this.get('/readyz'))?.status === 200) return Date.now() - start;
            if (this.child.exitCode !== null || this.child.signalCode !== null) return -1;
            await sleep(30);
        }
        return -1;
    }
    /** Ends the process that `start` began; out: how it went. */
    async end(signal = 'SIGTERM') {
        if (!this.child) return { code: 'was not running' };
        const { child } = this;
        this.child = null;
        const start = Date.now();
        child.kill(signal);
        const how = await Promise.race([child.gone, sleep(10_000).then(() => null)]);
        if (!how) child.kill('SIGKILL');
        return { code: 'did not end', ...how, ms: Date.now() - start };
    }
}
