// One fault at a time, placed by hand: what cost other keepers money, missed a liquidation or stopped
// them. After each scene the nodes are honest again, and everything must have been done, once.
import { faultsOfBooks, holdings, isOvertaken, leftOver, liquidationsOf, transactionsOf } from '../devnet/books.mjs';
import { decidedOf, judgeNonces, judgeTwice } from './judge.mjs';
import { block, borrow, build, close, open, reorg, settle, told } from './world.mjs';

// sharp enough that most of the borrowers go under water at one block
const FALL = { WETH: 1750, STETH: 1950, WBTC: 43_000, LAND: 29 };
const isSend = (calls) => calls.some((c) => c.method === 'eth_sendRawTransaction');
/** The n-th sending (from 0), at whichever node, meets `kind`; then nothing more. */
function spoilSend(world, n, kind) {
    let seen = 0;
    for (const proxy of world.proxies) proxy.script = (calls) => (isSend(calls) && seen++ === n ? kind : null);
}
const sends = (world, since) => world.proxies.flatMap((p) => p.sends).filter((s) => s.at >= since);
const countOf = (world, kind) => world.proxies.reduce((sum, p) => sum + p.counts[kind], 0);

/** Each: what must hold, and a function that spoils, lets the prices fall and gives words where it does not. */
const SCENES = {
    'a reply is dropped after the node took the transaction: its nonce goes to no other call': async (world) => {
        spoilSend(world, 0, 'cut_after');
        await block(world, FALL);
        for (let i = 0; i < 6; i++) await block(world);
        return countOf(world, 'cut_after') === 1 ? [] : ['no reply was dropped'];
    },
    'one of several sendings hangs: the others are sent meanwhile': async (world) => {
        spoilSend(world, 0, 'hang');
        const start = Date.now();
        await block(world, FALL);
        // less than the time that a request may take
        for (let i = 0; i < 4; i++) await block(world);
        const others = new Set(sends(world, start).map((s) => s.nonce)).size - 1;
        return others >= 4 ? [] : [`only ${others} others were sent`];
    },
    'a node takes one of several and forgets it: the gap is repaired': async (world) => {
        spoilSend(world, 1, 'send_swallowed');
        const start = Date.now();
        await block(world, FALL);
        for (let i = 0; i < 6; i++) await block(world);
        const several = new Set(sends(world, start).map((s) => s.nonce)).size;
        return several >= 5 && countOf(world, 'send_swallowed') === 1 ? [] : [`${several} sent, and none behind a gap`];
    },
    'the second node stands behind while the first gives heads only: nothing is decided on a mixture': async (world) => {
        const [first, second] = world.proxies;
        first.script = (calls) => (calls.some((c) => c.method === 'eth_call') ? 'cut_before' : null);
        second.begin('lag', 60_000, 4);
        const start = Date.now();
        await block(world, FALL);
        for (let i = 0; i < 3; i++) await block(world);
        const early = sends(world, start).length;
        return early === 0 ? [] : [`${early} sent before any node gave the block's reads`];
    },
    'a reorg undoes what had landed, and one of several does not come back by itself: it is sent again': async (world) => {
        for (let i = 0; i < 20 && world.aloft < 5; i++) await block(world, i ? null : FALL);
        await block(world);
        let others = 0;
        await reorg(world, 2, () => others++ > 0);
        await block(world);
        return others >= 4 ? [] : [`only ${others} were undone`];
    },
    'both nodes tell the time of two heads wrong, hours ahead: the heads behind them are taken': async (world) => {
        const isHead = (calls) => calls.some((c) => c.method === 'eth_getBlockByNumber');
        const dice = world.proxies.map((proxy) => proxy.die);
        for (const proxy of world.proxies) Object.assign(proxy, { script: (calls) => (isHead(calls) ? 'head_time' : null), die: () => 0.99 });
        for (let i = 0; i < 2; i++) await block(world);
        world.proxies.forEach((proxy, i) => Object.assign(proxy, { script: null, die: dice[i] }));
        await block(world, FALL);
        for (let i = 0; i < 5; i++) await block(world);
        const { head_block: head } = JSON.parse((await world.keeper.get('/status')).text);
        const behind = (await world.chain.blockNumber()) - head;
        return behind <= 2 ? [] : [`it stands ${behind} blocks behind`];
    },
    'the daemon is held up for four seconds in the fall: no gap, nothing twice': async (world) => {
        world.keeper.child.kill('SIGSTOP');
        for (let i = 0; i < 12; i++) await block(world, { WETH: 2500 - 60 * i, WBTC: 60_000 - 1300 * i });
        world.keeper.child.kill('SIGCONT');
        await block(world, FALL);
        return [];
    },
};

async function play(world, number, what, scene) {
    const { chain, market } = world;
    await borrow(world, 500 + number, 16);
    const faults = (await settle(world)) < 0 ? ['not calm before it began'] : [];
    const from = (await chain.blockNumber()) + 1;
    const before = await holdings(chain, market);
    const earlier = (await told(world)).length;
    const start = Date.now();
    faults.push(...(await scene(world)));
    if ((await settle(world)) < 0)
        faults.push(`${(await leftOver(chain, market, world.people)).length} forgotten, ${world.aloft} of ours wait`);
    const to = await chain.blockNumber();
    const journal = (await told(world)).slice(earlier);
    faults.push(...(await faultsOfBooks(chain, market, { before, from, to, journal })));
    if (!/reorg/.test(what)) faults.push(...judgeNonces(world, start));
    const sent = await transactionsOf(chain, from, to);
    const failed = sent.filter((t) => t.failed);
    const overtaken = await Promise.all(failed.map((t) => isOvertaken(chain, sent, t, decidedOf(journal, t))));
    const bad = overtaken.filter((is) => !is).length;
    if (bad) faults.push(`${bad} transactions failed`);
    faults.push(...judgeTwice(sent, journal));
    const done = (await liquidationsOf(chain, market, from, to)).length;
    if (done < 4) faults.push(`only ${done} liquidations: it shows nothing`);
    return { faults, done };
}

/** Out: {passed, failed}; a line each. */
export async function playScenes() {
    const count = { passed: 0, failed: 0 };
    const judge = (what, faults, figure = '') => {
        count[faults.length ? 'failed' : 'passed']++;
        console.log(`${faults.length ? 'FAIL' : 'ok  '} ${what}${figure}${faults.map((f) => `\n       ${f}`).join('')}`);
    };
    const world = await build(1, 'chaos-scenes', { in_flight_max: 32 });
    try {
        await borrow(world, 499, 8);
        await open(world, () => world.proxies.forEach((proxy) => proxy.begin('storm', 4000)));
        const ready = await world.keeper.ready();
        const hit = countOf(world, 'limited');
        judge('too many requests, at both nodes, while it starts: every market within a minute',
            ready >= 0 && ready < 60_000 && hit > 1 ? [] : [`ready ${ready}, refused ${hit}`], `: ready in ${ready} ms, refused ${hit} times`);
        for (const [i, [what, scene]] of Object.entries(SCENES).entries()) {
            const { faults, done } = await play(world, i, what, scene);
            judge(what, faults, `: ${done} liquidations`);
        }
        const ended = await world.keeper.end();
        judge('it ends when told to', ended.code === 0 ? [] : [`exit ${ended.code ?? ended.signal}`]);
    } catch (error) {
        judge('the scenes themselves', [error.stack.split('\n').slice(0, 3).join(' | ')]);
    } finally {
        await close(world);
    }
    return count;
}
