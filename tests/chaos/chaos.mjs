// The real daemon against the real contracts through nodes that misbehave (proxy.mjs): waves of falling
// prices, each with faults drawn from a seed, then calm. After each wave the chain's books are held
// against the journal, and everything that was worth liquidating must be gone.
// usage: chaos.mjs [seed] [minutes, default 10]   without a seed: a fresh one, printed
//        chaos.mjs check [minutes, default 2]      seed 1, then a fresh one
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsOfBooks, holdings, isOvertaken, leftOver, liquidationsOf, transactionsOf } from '../devnet/books.mjs';
import { dice, populate } from '../devnet/people.mjs';
import { crashPath } from '../devnet/prices.mjs';
import { decidedOf, judgeNonces, judgeRate, judgeTwice, judgeWalks } from './judge.mjs';
import { playScenes } from './scenes.mjs';
import { block, borrow, build, close, configure, limits, open, reorg, settle, told } from './world.mjs';

const RSS_MAX_KB = 400 << 10;
// one of each kind, however long a busy machine takes to set up
const WAVES_LEAST = 3;

/** A daemon that is held up: what came meanwhile must neither be lost nor done twice. */
function holdUp(world, ms) {
    const { child } = world.keeper;
    world.log(`daemon held for ${Math.round(ms)} ms`);
    world.figures.held = (world.figures.held ?? 0) + 1;
    child.kill('SIGSTOP');
    setTimeout(() => child.kill('SIGCONT'), ms);
}

async function wave(world, die, number) {
    const { chain, market } = world;
    const hasLies = number % 3 === 2;
    const hasReorgs = number % 3 === 1 || number % 6 === 5;
    await borrow(world, 1000 * number + Math.floor(900 * die()), 9);
    if ((await settle(world)) < 0) world.faults.push(`wave ${number}: does not settle before it begins`);
    const from = (await chain.blockNumber()) + 1;
    const before = await holdings(chain, market);
    const earlier = (await told(world)).length;
    const began = Date.now();
    for (const proxy of world.proxies) Object.assign(proxy, { level: 0.05 + 0.4 * die() ** 2, lies: hasLies });
    world.log(`wave ${number}: levels ${world.proxies.map((p) => p.level.toFixed(2))}, lies ${hasLies}, reorgs ${hasReorgs}`);
    for (const prices of crashPath({ steps: 22, depth: 0.25 + 0.2 * die(), seed: Math.floor(1e6 * die()) })) {
        await block(world, prices);
        if (hasReorgs && die() < 0.15) await reorg(world, 1 + Math.floor(3 * die()), () => die() < 0.5);
        if (die() < 0.05) holdUp(world, 500 + 2000 * die());
    }
    const settled = await settle(world);
    const left = await leftOver(chain, market, world.people);
    if (settled < 0)
        world.faults.push(`wave ${number}: ${left.length} forgotten (${left[0]?.account}), ${world.aloft} of ours wait`);
    const to = await chain.blockNumber();
    const sent = await transactionsOf(chain, from, to);
    const journal = (await told(world)).slice(earlier);
    const books = await faultsOfBooks(chain, market, { before, from, to, journal });
    for (const fault of books) world.faults.push(`wave ${number}: ${fault}`);
    if (!hasReorgs) judgeNonces(world, began).forEach((fault) => world.faults.push(`wave ${number}: ${fault}`));
    judgeTwice(sent, journal).forEach((fault) => world.faults.push(`wave ${number}: ${fault}`));
    const failed = sent.filter((t) => t.failed);
    const overtaken = await Promise.all(failed.map((t) => isOvertaken(chain, sent, t, decidedOf(journal, t))));
    const bad = failed.filter((_, i) => !overtaken[i]);
    if (!hasLies && !hasReorgs && bad.length) world.faults.push(`wave ${number}: ${bad.length} failed (${bad[0].hash})`);
    const done = await liquidationsOf(chain, market, from, to);
    const rate = judgeRate(world, number, await idle(world));
    console.log(`wave ${number}${hasLies ? ' lies' : ''}${hasReorgs ? ' reorgs' : ''}: ${done.length} liquidations, ` +
        `${failed.length} reverted, settled in ${settled} blocks, ${rate}, ${world.rss.last >> 10} MB`);
    add(world, { liquidations: done.length, reverted: failed.length, waves: 1 });
}
/** Blocks in which nothing happens; out: when that was. */
async function idle(world) {
    const from = Date.now();
    for (let i = 0; i < 10; i++) await block(world);
    return { from, to: Date.now() };
}
const add = (world, more) => {
    for (const [key, value] of Object.entries(more)) world.figures[key] = (world.figures[key] ?? 0) + value;
};

async function spentSince(world, from) {
    const sent = await transactionsOf(world.chain, from, await world.chain.blockNumber());
    return sent.reduce((sum, t) => sum + BigInt(t.receipt.gasUsed) * BigInt(t.receipt.effectiveGasPrice), 0n);
}

/** The day's gas is nearly spent: under faults too it is not passed. */
async function lastWave(world, die, from) {
    const spent = await spentSince(world, 1);
    const most = (await spentSince(world, from)) + 40_000_000_000_000_000n;
    configure(world, limits({ gas_per_day_max: `${most} wei` }));
    await borrow(world, 77_000 + Math.floor(900 * die()), 12);
    world.keeper.child.kill('SIGHUP');
    await settle(world, 8);
    for (const proxy of world.proxies) proxy.level = 0.2;
    for (const prices of crashPath({ steps: 14, depth: 0.4, seed: 5 })) await block(world, prices);
    await settle(world, 8);
    const now = await spentSince(world, 1);
    const day = await spentSince(world, from);
    if (day > most) world.faults.push(`the day's gas: ${day} wei spent of ${most}`);
    if (now === spent) world.faults.push('the last wave sent nothing: its limit shows nothing');
    console.log(`limit: ${day} of ${most} wei of gas spent in the day`);
}

function report(world, seconds) {
    const counts = {};
    for (const proxy of world.proxies)
        for (const [kind, count] of Object.entries(proxy.counts)) counts[kind] = (counts[kind] ?? 0) + count;
    const requests = world.proxies.reduce((sum, p) => sum + p.asked.length, 0);
    const faults = Object.values(counts).reduce((sum, n) => sum + n, 0);
    const { liquidations = 0, reverted = 0, waves = 0, reorgs = 0, undone = 0, held = 0, aloft = 0 } = world.figures;
    console.log(`${waves} waves, ${liquidations} liquidations, ${reverted} reverted, ${reorgs} reorgs (${undone} of ours undone), ` +
        `held ${held} times, at most ${aloft} aloft, ${requests} requests, ${world.walks}, ${faults} faults, ` +
        `memory ${world.rss.first >> 10} MB at first, ${world.rss.most >> 10} at most, ${world.rss.last >> 10} at last, ${seconds} s`);
    console.log(`faults: ${Object.entries(counts).filter(([, n]) => n).map(([k, n]) => `${k} ${n}`).join(' · ')}`);
}
export function lastLines(file, count) {
    const text = readFileSync(file, 'utf8').trimEnd().split('\n');
    return text.slice(-count).map((line) => `    ${line.slice(0, 300)}`).join('\n');
}
function confess(world, seed) {
    for (const fault of world.faults) console.log(`FAIL seed ${seed}: ${fault}`);
    const files = { faults: join(world.folder, 'faults.log'), daemon: join(world.folder, 'keeper/live.yaml.log') };
    for (const [what, file] of Object.entries(files)) {
        try {
            console.log(`  last of ${file} (${what}):\n${lastLines(file, 40)}`);
        } catch { /* there is none */ }
    }
    try {
        const journal = world.keeper.command(['journal', '-c', 'live.yaml', '--json']);
        console.log(`  the journal's last lines:\n${journal.stdout.trimEnd().split('\n').slice(-20).map((l) => '    ' + l.slice(0, 300)).join('\n')}`);
    } catch { /* nor of it */ }
}

/** Out: how many things did not hold. */
async function run(seed, minutes) {
    const start = Date.now();
    console.log(`chaos: seed ${seed}, ${minutes} minutes`);
    const world = await build(seed, 'chaos');
    try {
        const die = dice(seed);
        await populate(world.chain, world.market, { count: 12, seed: 2 }).then((p) => world.people.push(...p));
        await open(world);
        const from = await world.chain.blockNumber();
        if ((await settle(world)) < 0) world.faults.push('does not become calm before anything began');
        world.rss.first = world.rss.last;
        world.baseline = await idle(world);
        for (let number = 0; number < WAVES_LEAST || Date.now() - start < minutes * 60_000 - 25_000; number++) {
            await wave(world, die, number);
            if (world.faults.length > 0) break;
        }
        if (world.faults.length === 0) await lastWave(world, die, from);
        world.walks = await judgeWalks(world);
        if (world.rss.most > RSS_MAX_KB) world.faults.push(`memory grew to ${world.rss.most >> 10} MB`);
        if (!(world.figures.liquidations >= 3)) world.faults.push('nothing was liquidated: the run shows nothing');
        const ended = await world.keeper.end();
        if (ended.code !== 0) world.faults.push(`it ended with ${ended.code ?? ended.signal}`);
    } catch (error) {
        world.faults.push(error.stack.split('\n').slice(0, 3).join(' | '));
    } finally {
        report(world, Math.round((Date.now() - start) / 1000));
        if (world.faults.length) confess(world, seed);
        await close(world);
    }
    return world.faults.length;
}

const fresh = () => 1 + Math.floor(Math.random() * 1e9);
const [what, length] = process.argv.slice(2);
let passed = 0;
let failed = 0;
const count = (faults) => (faults ? failed++ : passed++);
const seeds = what === 'check' ? [1, fresh()] : [Number(what) || fresh()];
if (process.env.CHAOS_SCENES !== 'no') {
    const scenes = await playScenes();
    passed += scenes.passed;
    failed += scenes.failed;
}
if (process.env.CHAOS_SCENES !== 'only') for (const seed of seeds) count(await run(seed, Number(length) || (what === 'check' ? 2 : 10)));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
