// A chain, a market and a keeper, in which a story is told again and again: each time from the same calm.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { faultsOfBooks, holdings, leftOver, liquidationsOf, transactionsOf } from '../devnet/books.mjs';
import { answeredAtHead, comesToRest, judgeTwice } from '../chaos/judge.mjs';
import { Proxy } from '../chaos/proxy.mjs';
import { freePort, sleep, startNode } from '../devnet/chain.mjs';
import { KEEPER, Keeper } from '../devnet/keeper.mjs';
import { deployMarket, fund } from '../devnet/market.mjs';
import { populate } from '../devnet/people.mjs';
import { mineBlock, setPrices } from '../devnet/prices.mjs';

// how long a block waits at most for the keeper, and how often nothing may have happened before it is mined
const HEARD_MAX = 3000;
const QUIET_LOOKS = 3;
// a story that does not end by then is a fault
const BLOCKS_MAX = 60;
const LIMITS = { in_flight_max: 2, gas_per_day_max: '0.2 ether' };
const DAY = 200_000_000_000_000_000n;

export class Lane {
    /** `shim`: what ends the daemon, null: nothing does; `more`: arguments of its own. */
    constructor(folder, shim, more = []) {
        Object.assign(this, { folder, shim, more });
    }
    async prepareFolder() {
        mkdirSync(this.folder, { recursive: true });
    }
    async open() {
        this.node = await startNode({ folder: this.folder, port: await freePort() });
        const chain = (this.chain = this.node.chain);
        this.market = await deployMarket(chain);
        this.people = await populate(chain, this.market, { count: 16, seed: 3 });
        await fund(chain, this.market, KEEPER);
        this.rival = chain.accounts[5];
        await fund(chain, this.market, this.rival);
        for (const asset of Object.values(this.market.assets)) await this.approve(asset);
        await chain.meetWallClock();
        this.keeper = new Keeper({ folder: join(this.folder, 'keeper'), market: this.market, port: await freePort() });
        this.keeper.writeLightKey();
        const prepared = this.keeper.command(['prepare', '-c', 'live.yaml', '--yes']);
        if (prepared.status !== 0) throw new Error(prepared.why);
        this.configure();
        copyFileSync(this.file('live.db'), this.file('calm.db'));
        this.earlier = this.keeper.journal('live.yaml').length;
        this.calm = await chain.call('evm_snapshot');
    }
    /** What differs from the lane's own config, see configText; `urls`: of the nodes, in their order. */
    configure({ limits = {}, urls, ...more } = {}) {
        this.keeper.market = { ...this.market, urls };
        this.keeper.config('live.yaml', { mode: 'live', limits: { ...LIMITS, ...limits }, ...more });
    }
    async close() {
        await this.keeper?.end('SIGKILL');
        await this.node?.stop();
    }
    file(name) {
        return join(this.keeper.folder, name);
    }
    approve({ address }) {
        const spender = this.market.pool.slice(2).toLowerCase().padStart(64, '0');
        return this.chain.transact({ from: this.rival, to: address, data: `0x095ea7b3${spender}${'f'.repeat(64)}` }, 'approve');
    }

    /** Out: what the story came to, and what is wrong about it. `at`: the moment of death, 0: none. */
    async tell(story, at) {
        const { chain, market, keeper } = this;
        await chain.call('evm_revert', [this.calm]);
        this.calm = await chain.call('evm_snapshot');
        await chain.call('evm_setAutomine', [false]);
        // chain and journal are those of the calm again, so the signer's day is too
        const spends = readdirSync(keeper.folder).filter((name) => name.endsWith('.spend'));
        for (const name of ['live.db-wal', 'live.db-shm', 'count', ...spends]) rmSync(this.file(name), { force: true });
        copyFileSync(this.file('calm.db'), this.file('live.db'));
        this.proxies = [];
        for (let i = 0; i < (story.proxies ?? 0); i++)
            this.proxies.push(await new Proxy({ name: `${i}`, upstream: chain.url, seed: i }).listen());
        this.configure({ ...story.config, urls: story.proxies && this.proxies.map((proxy) => proxy.url) });
        this.nonce = await chain.call('eth_getTransactionCount', [KEEPER, 'latest']);
        Object.assign(this, { from: (await chain.blockNumber()) + 1, died: 0, late: [], fee: undefined });
        const before = await holdings(chain, market);
        if (this.shim) this.env = { LD_PRELOAD: this.shim, CRASH_AT: at, CRASH_COUNT: this.file('count'), ...story.env };
        await story.tell(this);
        // the last words are records too
        const ended = await keeper.end();
        if (ended.signal === 'SIGKILL') {
            this.died++;
            await this.start();
            await keeper.end();
        } else if (ended.code !== 0) {
            this.late.push(`it ended with ${ended.code ?? ended.signal}`);
        }
        for (const proxy of this.proxies) proxy.close();
        return this.judge(story, before);
    }
    async judge(story, before) {
        const { chain, market, from } = this;
        const to = await chain.blockNumber();
        const journal = (await this.keeper.journalMeanwhile('live.yaml')).slice(this.earlier);
        const books = await faultsOfBooks(chain, market, { before, from, to, journal });
        const faults = [...this.late, ...books];
        const left = await leftOver(chain, market, this.people);
        if (left.length) faults.push(`${left.length} accounts forgotten`);
        for (const what of this.died ? [] : (story.shows ?? []))
            if (!journal.some((e) => e.status === what || e.reason === what || e.event === what)) faults.push(`nothing is ${what}`);
        const sent = await transactionsOf(chain, from, to);
        faults.push(...judgeTwice(sent, journal));
        if (!story.mayRevert && sent.some((t) => t.failed)) faults.push(`reverted: ${sent.find((t) => t.failed).hash}`);
        const spent = sent.reduce((sum, t) => sum + BigInt(t.receipt.gasUsed) * BigInt(t.receipt.effectiveGasPrice), 0n);
        if (spent > DAY) faults.push(`${spent} wei of gas spent, ${DAY} allowed`);
        const done = (await liquidationsOf(chain, market, from, to)).map((l) => `${l.user} ${l.debtAsset}`).sort();
        const count = existsSync(this.file('count')) ? readFileSync(this.file('count'), 'utf8').split(' ').map(Number) : [0, 0];
        return { done, faults, journal, sent, touches: count[0], syncs: count[1], died: this.died };
    }

    // ---- what a story is made of

    /** The daemon, as it is after a death: undisturbed. */
    async start(env = {}) {
        this.keeper.start('live.yaml', { env, more: this.more });
        await this.keeper.ready();
    }
    /** The life that is to end at the story's moment. */
    async startDoomed() {
        await this.start(this.env);
        await this.revive();
    }
    async revive() {
        const { child } = this.keeper;
        if (!this.isDead()) return false;
        if (child.signalCode !== 'SIGKILL') this.late.push(`it ended with ${child.exitCode ?? child.signalCode}`);
        this.died++;
        await this.start();
        return true;
    }
    prices(prices) {
        return setPrices(this.chain, this.market, prices);
    }
    /** The keeper's transactions that no block has. */
    async aloft() {
        const { pending, queued } = await this.chain.call('txpool_content');
        const of = (pool) => Object.values(pool?.[Object.keys(pool).find((a) => a.toLowerCase() === KEEPER.toLowerCase())] ?? {});
        return [...of(pending), ...of(queued)];
    }
    isDead() {
        return this.keeper.child.exitCode !== null || this.keeper.child.signalCode !== null;
    }
    /** The keeper knows of the newest block and asks nothing more, however busy the machine is; or it is dead. */
    async heard() {
        const start = Date.now();
        for (let last = -1, quiet = 0; quiet < QUIET_LOOKS && Date.now() - start < HEARD_MAX && !this.isDead();) {
            const began = Date.now();
            const answered = await answeredAtHead(this);
            quiet = answered >= 0 && answered === last ? quiet + 1 : 0;
            last = answered;
            await sleep(20 + (Date.now() - began));
        }
    }
    /** One block; a death before it is met by a new life. Out: whether there was one. */
    async block() {
        await this.heard();
        const wasDead = await this.revive();
        await mineBlock(this.chain, { fee: this.fee });
        return wasDead;
    }
    /** Blocks until the keeper has something in the pool, or, where a death was in the way, on the chain. */
    async untilAloft() {
        for (let i = 0; i < BLOCKS_MAX; i++) {
            if ((await this.aloft()).length) return;
            if ((await this.chain.call('eth_getTransactionCount', [KEEPER, 'latest'])) !== this.nonce) return;
            await this.block();
            await this.heard();
        }
        this.late.push('it sent nothing');
    }
    /** Blocks until all is done for three of them. */
    async untilDone() {
        for (let i = 0, quiet = 0, was = ''; quiet < 3; i++) {
            if (i > BLOCKS_MAX) return this.late.push(`it did not come to an end: ${was}`);
            const wasDead = await this.block();
            const left = await leftOver(this.chain, this.market, this.people);
            const aloft = await this.aloft();
            const isAtRest = !left.length && !aloft.length && (await comesToRest(this));
            was = `${left.length} forgotten, ${aloft.length} aloft, ${isAtRest ? 'at' : 'no'} rest`;
            quiet = isAtRest && !wasDead ? quiet + 1 : 0;
        }
    }
}
