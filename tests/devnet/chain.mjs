// One local chain: the node's process, JSON-RPC to it, contracts on it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

export const TOP = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
export const HOME = join(TOP, 'build/devnet');
const require = createRequire(join(HOME, 'from-here.cjs'));
export const viem = require('viem');
export const accounts = require('viem/accounts');

export const MULTICALL3 = '0xcA11bde05977b3631167028862bE2a173976CA11';
export const MAX = (1n << 256n) - 1n;
export const ZERO = '0x0000000000000000000000000000000000000000';
export const hex = (n) => '0x' + BigInt(n).toString(16);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// ---- artifacts: Aave's as npm has them, ours compiled once

const AAVE = join(HOME, 'aave-core-v3-1.19.3/artifacts/contracts');
let paths;
function findArtifacts(folder, found = new Map()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) findArtifacts(path, found);
        else if (entry.name.endsWith('.json')) found.set(entry.name.slice(0, -5), path);
    }
    return found;
}
export function aave(name) {
    paths ??= findArtifacts(AAVE);
    return JSON.parse(readFileSync(paths.get(name), 'utf8'));
}

const compiled = new Map();
/** A contract of ours, of a file in contracts/. */
export function mock(name, file = 'Mocks.sol') {
    if (!compiled.has(file)) compiled.set(file, compile(file));
    return compiled.get(file)[name];
}
function compile(file) {
    const content = readFileSync(join(TOP, 'tests/devnet/contracts', file), 'utf8');
    const kept = join(HOME, file + '.json');
    if (existsSync(kept)) {
        const old = JSON.parse(readFileSync(kept, 'utf8'));
        if (old.content === content) return old.contracts;
    }
    const output = { '*': { '*': ['abi', 'evm.bytecode.object'] } };
    const settings = { optimizer: { enabled: true }, evmVersion: 'paris', outputSelection: output };
    const input = { language: 'Solidity', sources: { [file]: { content } }, settings };
    const result = JSON.parse(require('solc').compile(JSON.stringify(input)));
    const faults = (result.errors ?? []).filter((e) => e.severity === 'error');
    if (faults.length) throw new Error(faults.map((e) => e.formattedMessage).join('\n'));
    const contracts = {};
    for (const [name, c] of Object.entries(result.contracts[file]))
        contracts[name] = { abi: c.abi, bytecode: '0x' + c.evm.bytecode.object };
    writeFileSync(kept, JSON.stringify({ content, contracts }));
    return contracts;
}

// ---- the node

export function freePort() {
    return new Promise((done, fail) => {
        const server = createServer();
        server.on('error', fail);
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => done(port));
        });
    });
}
function anvil() {
    const arch = process.arch === 'x64' ? 'amd64' : process.arch;
    return join(HOME, `node_modules/@foundry-rs/anvil-${process.platform}-${arch}/bin/anvil`);
}
/** A node on a port of ours, in `folder`. `detached`: it outlives us (its pid is in the answer). */
export async function startNode({ folder, port, detached = false, gasLimit = 60000000, timestamp }) {
    mkdirSync(folder, { recursive: true });
    const log = openSync(join(folder, 'node.log'), 'w');
    const args = ['--host', '127.0.0.1', '--port', port, '--chain-id', 31337, '--balance', 1000000];
    args.push('--gas-limit', gasLimit, '--order', 'fees', '--silent', '--no-request-size-limit');
    // the deployed protocol predates the code size limit's enforcement in its test artifacts
    args.push('--disable-code-size-limit', '--cache-path', join(folder, 'anvil-cache'));
    args.push('--timestamp', timestamp ?? Math.floor(Date.now() / 1000) - 3600);
    const child = spawn(anvil(), args.map(String), { detached, stdio: ['ignore', log, log] });
    if (detached) child.unref();
    const chain = new Chain(`http://127.0.0.1:${port}`);
    for (let i = 0; i < 200; i++) {
        if (child.exitCode !== null) break;
        if (await chain.call('eth_chainId').catch(() => null)) {
            await chain.open();
            return { chain, pid: child.pid, stop: () => stopNode(child, folder) };
        }
        await sleep(50);
    }
    child.kill('SIGKILL');
    throw new Error(`the node does not answer; see ${join(folder, 'node.log')}`);
}
async function stopNode(child, folder) {
    const gone = new Promise((done) => child.on('exit', done));
    if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await Promise.race([gone, sleep(5000)]);
        child.kill('SIGKILL');
    }
    rmSync(join(folder, 'anvil-cache'), { recursive: true, force: true });
}

// ---- the chain

export class RpcError extends Error {
    constructor(method, error) {
        super(`${method}: ${error.message}`);
        this.data = error.data;
    }
}
export class Chain {
    constructor(url) {
        this.url = url;
        this.libraries = new Map();
        this.id = 0;
    }
    async open() {
        this.accounts = (await this.call('eth_accounts')).map((a) => viem.getAddress(a));
        this.deployer = this.accounts[0];
        return this;
    }
    async post(body) {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(this.url, { method: 'POST', headers, body: JSON.stringify(body) });
        return answer.json();
    }
    async call(method, params = []) {
        const answer = await this.post({ jsonrpc: '2.0', id: ++this.id, method, params });
        if (answer.error) throw new RpcError(method, answer.error);
        return answer.result;
    }
    /** [[method, params], …] in one go; an error throws. */
    async batch(calls) {
        const body = calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }));
        const results = [];
        for (const answer of body.length ? await this.post(body) : []) {
            if (answer.error) throw new RpcError(body[answer.id].method, answer.error);
            results[answer.id] = answer.result;
        }
        return results;
    }
    async blockNumber() {
        return Number(await this.call('eth_blockNumber'));
    }
    async blockTime() {
        return Number((await this.call('eth_getBlockByNumber', ['latest', false])).timestamp);
    }
    /** The chain began an hour back, since a block a deployment would else run ahead of the wall clock. */
    async meetWallClock() {
        const now = Math.floor(Date.now() / 1000);
        if ((await this.blockTime()) >= now) return;
        await this.call('evm_setNextBlockTimestamp', [now]);
        await this.call('evm_mine');
    }
    async receipt(hash) {
        for (let i = 0; i < 2000; i++) {
            const receipt = await this.call('eth_getTransactionReceipt', [hash]);
            if (receipt) return receipt;
            await sleep(2);
        }
        throw new Error(`no receipt for ${hash}`);
    }
    /** Sends from an account that the node unlocks and waits for success. */
    async transact(tx, what) {
        const filled = { from: this.deployer, gas: hex(16_000_000), ...tx };
        const hash = await this.call('eth_sendTransaction', [filled]);
        const receipt = await this.receipt(hash);
        if (receipt.status === '0x1') return receipt;
        const why = await this.call('eth_call', [filled, 'latest']).catch((e) => e.message);
        throw new Error(`${what} reverted: ${why}`);
    }
    /** Many transactions in few blocks: [{from, to, data}, …]; one that fails throws. */
    async transactMany(txs, what) {
        const senders = [...new Set(txs.map((t) => t.from))];
        const counts = await this.batch(senders.map((a) => ['eth_getTransactionCount', [a, 'latest']]));
        const nonces = new Map(senders.map((a, i) => [a, Number(counts[i])]));
        await this.call('evm_setAutomine', [false]);
        for (let i = 0; i < txs.length; i += 40) {
            const part = txs.slice(i, i + 40).map((tx) => {
                const nonce = nonces.get(tx.from);
                nonces.set(tx.from, nonce + 1);
                return { gas: hex(1_400_000), ...tx, nonce: hex(nonce) };
            });
            const hashes = await this.batch(part.map((tx) => ['eth_sendTransaction', [tx]]));
            await this.call('evm_mine');
            const receipts = await this.batch(hashes.map((h) => ['eth_getTransactionReceipt', [h]]));
            const bad = receipts.findIndex((r) => r?.status !== '0x1');
            if (bad < 0) continue;
            const why = await this.call('eth_call', [part[bad], 'latest']).catch((e) => e.message);
            throw new Error(`${what}: transaction ${i + bad} failed: ${why}`);
        }
        await this.call('evm_setAutomine', [true]);
    }
    async deploy(artifact, args = []) {
        const { abi } = artifact;
        const bytecode = await this.link(artifact);
        const data = viem.encodeDeployData({ abi, bytecode, args });
        const receipt = await this.transact({ data }, `deploying ${artifact.contractName ?? 'a mock'}`);
        return this.at(receipt.contractAddress, abi);
    }
    /** Its libraries are deployed when first asked for. */
    async link(artifact) {
        let code = artifact.bytecode;
        for (const file of Object.values(artifact.linkReferences ?? {}))
            for (const [name, places] of Object.entries(file)) {
                if (!this.libraries.has(name))
                    this.libraries.set(name, (await this.deploy((artifact.of ?? aave)(name))).address);
                const address = this.libraries.get(name).slice(2).toLowerCase();
                for (const { start, length } of places)
                    code = code.slice(0, 2 + 2 * start) + address + code.slice(2 + 2 * (start + length));
            }
        return code;
    }
    at(address, abi) {
        return new Contract(this, viem.getAddress(address), abi);
    }
}
class Contract {
    constructor(chain, address, abi) {
        Object.assign(this, { chain, address, abi });
    }
    data(functionName, args = []) {
        return viem.encodeFunctionData({ abi: this.abi, functionName, args });
    }
    write(name, args = [], tx = {}) {
        return this.chain.transact({ to: this.address, data: this.data(name, args), ...tx }, name);
    }
    async read(functionName, args = [], block = 'latest') {
        const call = { to: this.address, data: this.data(functionName, args) };
        const at = typeof block === 'number' ? hex(block) : block;
        return this.result(functionName, await this.chain.call('eth_call', [call, at]));
    }
    /** The same function with many arguments, at one block. */
    async readMany(functionName, list, block = 'latest') {
        const at = typeof block === 'number' ? hex(block) : block;
        const results = [];
        for (let i = 0; i < list.length; i += 100) {
            const calls = list.slice(i, i + 100).map((args) => this.data(functionName, args));
            const asks = calls.map((data) => ['eth_call', [{ to: this.address, data }, at]]);
            results.push(...(await this.chain.batch(asks)));
        }
        return results.map((data) => this.result(functionName, data));
    }
    result(functionName, data) {
        return viem.decodeFunctionResult({ abi: this.abi, functionName, data });
    }
}
