// A story is a list of blocks, each of operations; telling it is mining them one by one while our
// program follows and the judge compares. A story that ends in a difference is told again, on the same
// chain set back, with fewer and fewer operations.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TOP } from '../devnet/chain.mjs';
import { configText } from '../devnet/keeper.mjs';
import { BEGIN } from './world.mjs';
import { Difference } from './compare.mjs';
import { Chance } from './ops.mjs';

export const CHECKER = join(TOP, 'build/differential/checker');
/** For so long our program may look for a block. */
const PATIENCE_MS = 30_000;
const BALANCE_OF = '0x70a08231';
const SHRINK_MS = 150_000;

/** Our program, asked block by block. */
export class Checker {
    constructor({ folder, program = CHECKER, args, log = 'checker.log' }) {
        const out = openSync(join(folder, log), 'w');
        this.child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'pipe', out] });
        closeSync(out);
        this.child.stdin.on('error', () => {});
        this.gone = new Promise((done) => this.child.on('exit', (code, signal) => done(signal ?? code)));
        this.gone.then((how) => this.fail?.(new Difference('checker', `our program ended: ${how}; see ${join(folder, log)}`)));
        this.rows = [];
        createInterface({ input: this.child.stdout }).on('line', (line) => {
            const row = JSON.parse(line);
            this.rows.push(row);
            if (row.block === undefined) return;
            this.done?.(this.rows);
            this.rows = [];
        });
    }
    static follow(world) {
        const { folder, market } = world;
        mkdirSync(folder, { recursive: true });
        const text = configText({ market, mode: 'dry-run', port: 0 }).replace('funding: inventory', 'funding: inventory\n  simulate: never');
        writeFileSync(join(folder, 'checker.yaml'), text);
        return new Checker({ folder, args: ['follow', 'checker.yaml', 'frames'] });
    }
    /** Out: what it said about that block. */
    ask({ hash, later, salt }) {
        return new Promise((done, fail) => {
            const patience = setTimeout(() => fail(new Difference('mirror', 'our program does not come to the block')), PATIENCE_MS);
            this.done = (rows) => (clearTimeout(patience), done(rows));
            this.fail = (error) => (clearTimeout(patience), fail(error));
            if (this.child.exitCode !== null) this.fail(new Difference('checker', 'our program has ended'));
            this.child.stdin.write(`${hash} ${later} ${salt}\n`);
        });
    }
    async end() {
        this.child.stdin.end();
        const timer = setTimeout(() => this.child.kill('SIGKILL'), 3000);
        await this.gone;
        clearTimeout(timer);
    }
}

/** A story draws its blocks from an author while it is told first; `steps` then holds it. */
export class Story {
    constructor({ world, author, judge, seed, forks = true }) {
        Object.assign(this, { world, author, judge, forks, steps: [], asked: [] });
        this.chance = new Chance(seed + 1_000_003);
        this.now = BEGIN;
        this.tried = new Map();
    }
    tally(ops, done) {
        let at = 0;
        for (const op of ops) {
            const [tried, took] = this.tried.get(op.kind) ?? [0, 0];
            const all = done.slice(at, (at += op.txs.length));
            this.tried.set(op.kind, [tried + 1, took + (all.at(-1) === true || (op.kind.startsWith('lenders') && all.includes(true)))]);
        }
    }
    async mine(ops, timestamp) {
        const block = await this.world.mine(ops.flatMap((op) => op.txs), timestamp);
        this.tally(ops, block.done);
        if (ops.some((op) => /reserve$/.test(op.kind))) await this.world.look();
        return block;
    }
    async compare(checker, block, step) {
        const asked = { ...block, later: step.later, salt: step.salt };
        const rows = await checker.ask(asked);
        this.asked.push(asked);
        await this.judge.block(asked, rows);
        return rows;
    }
    /** What the author draws from: the contracts' view, and who could be liquidated. */
    async inform(block, rows) {
        const view = await this.judge.truth.accounts(block.hash, block.timestamp);
        this.author.view = new Map(this.world.people.map((p) => [p, view.get(p.toLowerCase())]));
        const listed = this.world.assets.filter((a) => a.listed);
        const asks = listed.map((a) => ['eth_call', [{ to: a.address, data: BALANCE_OF + a.aToken.slice(2).toLowerCase().padStart(64, '0') }, 'latest']]);
        const left = await this.world.chain.batch(asks);
        this.author.liquidity = new Map(listed.map((a, i) => [a, BigInt(left[i])]));
        this.author.pairs = rows.filter((r) => r.pair === 'now' && !r.error);
    }
    draw(number) {
        const { chance, author } = this;
        const step = { wait: author.wait(), follow: chance.is(0.92) || number < 14, later: chance.pick([1, 12, 12, 60, 3600, 86400, 2592000]), salt: chance.below(1e9) };
        const isFork = this.forks && number > 20 && chance.is(0.025);
        if (isFork) step.fork = Array.from({ length: 1 + chance.below(3) }, () => ({ wait: 12, ops: [author.price(), author.borrow(), author.repay(), author.liquidate()] }));
        step.ops = author.block(number, this.now + step.wait);
        return step;
    }
    /** Blocks that will have been for nothing: followed, and then taken back. */
    async fork(checker, step) {
        const { chain } = this.world;
        const snapshot = await chain.call('evm_snapshot');
        const reached = { now: this.now };
        const told = this.steps.pop();
        for (const block of step.fork) {
            // a difference on a branch is a story of that branch
            this.steps.push({ ...step, ...block, follow: true, fork: undefined });
            reached.now += block.wait;
            reached.block = await this.mine(block.ops, reached.now);
            await this.compare(checker, reached.block, step);
            this.asked.pop();
        }
        this.steps.length -= step.fork.length;
        this.steps.push(told);
        await chain.call('evm_revert', [snapshot]);
        this.world.nonces.clear();
        this.forked = (this.forked ?? 0) + 1;
        return reached.block.number;
    }
    async tellStep(checker, step, isLast = true) {
        const abandoned = step.fork ? await this.fork(checker, step) : 0;
        this.now += step.wait;
        let block = await this.mine(step.ops, this.now);
        while (block.number <= abandoned) block = await this.mine([], ++this.now);
        if (!step.follow && !isLast) return undefined;
        return [block, await this.compare(checker, block, step)];
    }
    /** Tells `count` blocks as they are drawn. Out: the difference that ended it, if any. */
    async tell(count) {
        const checker = Checker.follow(this.world);
        try {
            for (let i = 0; i < count; i++) {
                const step = this.draw(i);
                this.steps.push(step);
                const told = await this.tellStep(checker, step, i === count - 1);
                if (told) await this.inform(...told);
            }
        } catch (error) {
            if (!(error instanceof Difference)) throw error;
            return error;
        } finally {
            await checker.end();
        }
        return undefined;
    }
    /** Tells these steps from the beginning; what counts is the last block alone. */
    async again(steps) {
        const { world } = this;
        await world.goBack();
        this.now = BEGIN;
        const checker = Checker.follow(world);
        try {
            for (const [i, step] of steps.entries()) {
                const isLast = i === steps.length - 1;
                this.now += step.wait;
                const block = await world.mine(step.ops.flatMap((op) => op.txs), this.now);
                const asked = { ...block, later: step.later, salt: step.salt };
                if (!step.follow && !isLast) continue;
                const rows = await checker.ask(asked);
                if (isLast) await this.judge.block(asked, rows);
            }
        } catch (error) {
            if (!(error instanceof Difference)) throw error;
            return error;
        } finally {
            await checker.end();
        }
        return undefined;
    }
    /** Out: the fewest operations that still end in a difference of this kind, and that difference. */
    async shrink(difference) {
        const until = Date.now() + SHRINK_MS;
        const last = this.steps.at(-1);
        // forks are left out: a story that needs one is shown whole
        const items = this.steps.flatMap((step, i) => step.ops.map((op) => ({ op, i })));
        const build = (kept) => {
            const steps = [];
            let wait = 0;
            this.steps.forEach((step, i) => {
                wait += step.wait;
                const ops = kept.filter((k) => k.i === i).map((k) => k.op);
                if (!ops.length && step !== last) return;
                steps.push({ ...step, fork: undefined, wait, ops });
                wait = 0;
            });
            return steps;
        };
        const fails = async (kept) => {
            const found = await this.again(build(kept));
            return found?.signature === difference.signature ? found : undefined;
        };
        let kept = items;
        let found = await fails(kept);
        if (!found) return { steps: this.steps, difference, isSame: false };
        for (let size = Math.ceil(kept.length / 2); size >= 1 && Date.now() < until; size = size > 1 ? Math.ceil(size / 2) : 0)
            for (let at = 0; at < kept.length && Date.now() < until; ) {
                const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
                const still = await fails(fewer);
                if (still) [kept, found] = [fewer, still];
                else at += size;
            }
        // the chain is left as that story leaves it
        return { steps: build(kept), difference: (await fails(kept)) ?? found, isSame: true };
    }
}
