// What a run of chaos stands on: a chain with the market, two proxies before its node, a keeper behind
// them, and how blocks go by.
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { leftOver, transactionsOf } from '../devnet/books.mjs';
import { HOME, freePort, sleep, startNode } from '../devnet/chain.mjs';
import { KEEPER, Keeper } from '../devnet/keeper.mjs';
import { RESERVES, deployMarket, fund } from '../devnet/market.mjs';
import { populate } from '../devnet/people.mjs';
import { mineBlock, setPrices } from '../devnet/prices.mjs';
import { comesToRest } from './judge.mjs';
import { Proxy } from './proxy.mjs';

const PACE = Number(process.env.CHAOS_PACE ?? 300);
export const IN_FLIGHT = 6;
// more than ten minutes can spend: the last wave shows that the limit holds
const DAY_ETHER = 50;
// blocks after a wave in which all that it left must be done; a dozen are usual, and at 64 all that is missed is read anew
const SETTLE_MAX = 50;
const FIRST = Object.fromEntries(Object.entries(RESERVES).map(([symbol, r]) => [symbol, r.usd]));

export const limits = (more = {}) => ({
    in_flight_max: IN_FLIGHT, gas_per_day_max: `${DAY_ETHER} ether`,
    // prices that fall while the daemon is held make a loss of what was a gain, and lies make reverts
    loss_per_day_max: '100000 ether', revert_rate_max: 'none', ...more,
});
const timeouts = { connect_timeout: '1s', total_timeout: '2s' };

/** What stands for a whole run: chain, market, two proxies, a keeper. */
export async function build(seed, name, changed = {}) {
    const folder = join(HOME, name);
    rmSync(folder, { recursive: true, force: true });
    const port = Number(process.env.DEVNET_PORT ?? (await freePort()));
    const node = await startNode({ folder, port });
    const world = { folder, node, chain: node.chain, people: [], undone: new Set(), faults: [], figures: {}, rss: { first: 0, most: 0 } };
    world.log = (line) => appendFileSync(join(folder, 'faults.log'), `${new Date().toISOString().slice(11, 23)} ${line}\n`);
    world.market = await deployMarket(node.chain);
    await fund(node.chain, world.market, KEEPER);
    await node.chain.meetWallClock();
    world.proxies = [];
    for (const [i, called] of ['first', 'second'].entries()) {
        const proxy = new Proxy({ name: called, upstream: node.chain.url, seed: seed * 7 + i, log: world.log });
        world.proxies.push(await proxy.listen());
    }
    const urls = world.proxies.map((p) => p.url);
    const market = { ...world.market, urls };
    world.keeper = new Keeper({ folder: join(folder, 'keeper'), market, port: await freePort() });
    configure(world, limits(changed));
    world.keeper.writeLightKey();
    return world;
}
export function configure(world, changed) {
    world.keeper.config('live.yaml', { mode: 'live', limits: changed, chain: timeouts });
}
/** The approvals, then the daemon. `before` runs between the two. */
export async function open(world, before = () => {}) {
    // asynchronously: the proxies answer from this process
    await world.chain.call('evm_setAutomine', [true]);
    const prepared = await world.keeper.run(['prepare', '-c', 'live.yaml', '--yes']);
    if (prepared.status !== 0) throw new Error(`prepare: ${prepared.why}`);
    before();
    world.keeper.start('live.yaml');
    await world.chain.call('evm_setAutomine', [false]);
}
export async function close(world) {
    await world.keeper?.end('SIGKILL');
    for (const proxy of world.proxies ?? []) proxy.close();
    await world.node.stop();
}
export const told = (world) => world.keeper.journalMeanwhile('live.yaml');

/** No more in the pool than the limit allows, but for two: what a reorg gave back, which was sent when there was room for it;
 * and a transaction to itself in a hole, without which none of the others could ever land. */
function judgeAloft(world, next, end) {
    const sends = world.proxies.flatMap((proxy) => proxy.sends);
    const isFiller = (nonce) => sends.some((s) => s.nonce === nonce) && sends.every((s) => s.nonce !== nonce || !s.data);
    const nonces = Array.from({ length: end - next }, (_, i) => next + i);
    const counted = nonces.filter((nonce) => !world.undone.has(nonce) && !isFiller(nonce));
    if (counted.length > IN_FLIGHT) world.faults.push(`${counted.length} in flight, ${IN_FLIGHT} allowed: nonces ${counted}`);
    world.figures.aloft = Math.max(world.figures.aloft ?? 0, counted.length);
}
/** One block: the keeper has its time, then it is mined; the daemon is looked at. */
export async function block(world, prices = null, pace = PACE) {
    if (prices) await setPrices(world.chain, world.market, prices);
    await sleep(pace);
    const counts = await world.chain.batch(['latest', 'pending'].map((at) => ['eth_getTransactionCount', [KEEPER, at]]));
    world.aloft = Number(counts[1]) - Number(counts[0]);
    judgeAloft(world, Number(counts[0]), Number(counts[1]));
    await mineBlock(world.chain);
    const { child } = world.keeper;
    if (!child) return;
    if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the daemon ended: exit ${child.exitCode ?? child.signalCode}`);
    const kb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0);
    world.rss.most = Math.max(world.rss.most, kb);
    world.rss.last = kb;
}
/** New borrowers at the first prices. The daemon follows it like any other blocks. */
export async function borrow(world, seed, count) {
    await block(world, FIRST);
    world.people.push(...(await populate(world.chain, world.market, { count, seed })));
    await world.chain.call('evm_setAutomine', [false]);
}
/** Blocks without faults until nothing is left to do; out: how many it took, or -1. */
export async function settle(world, most = SETTLE_MAX) {
    for (const proxy of world.proxies) proxy.calm();
    for (let i = 0, quiet = 0; i < most; i++) {
        // what it asks for while it does not settle belongs to what a failure prints
        if (i === most - 4) for (const proxy of world.proxies) proxy.isTold = true;
        await block(world);
        quiet = world.aloft === 0 && (await comesToRest(world)) ? quiet + 1 : 0;
        if (quiet >= 4 && (await leftOver(world.chain, world.market, world.people)).length === 0) return i + 1;
    }
    world.log(`it says: ${(await world.keeper.get('/status'))?.text.slice(0, 2000)}`);
    return -1;
}
/** The last blocks are replaced; the keeper's transactions in them that `returns()` are in the pool again. */
export async function reorg(world, depth, returns) {
    const { chain } = world;
    const newest = await chain.blockNumber();
    const undone = await transactionsOf(chain, newest - depth + 1, newest);
    for (const t of undone) world.undone.add(Number(t.tx.nonce));
    const raws = undone.map((t) => world.proxies.flatMap((p) => p.sends).find((s) => s.hash === t.hash)?.raw).filter(Boolean);
    await chain.call('anvil_reorg', [depth, []]);
    let back = 0;
    for (const raw of raws)
        if (returns()) await chain.call('eth_sendRawTransaction', [raw]).then(() => back++, () => {});
    world.log(`chain reorg ${depth} deep, ${undone.length} of ours undone, ${back} came back`);
    world.figures.reorgs = (world.figures.reorgs ?? 0) + 1;
    world.figures.undone = (world.figures.undone ?? 0) + undone.length;
}
