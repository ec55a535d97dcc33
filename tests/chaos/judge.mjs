// What must hold of everything that the daemon asked and gave away, as the proxies saw it.
import { sleep } from '../devnet/chain.mjs';

// milliseconds that it is waited for at most
const REST_MAX = 3000;

/** Out: the sum of a name's figures, -1 where the daemon does not say it. */
async function figuresOf(keeper) {
    const text = (await keeper.get('/metrics'))?.text ?? '';
    return (name, but = /^$/) => {
        const lines = text.split('\n').filter((line) => new RegExp(`^plimsoll_${name}[ {]`).test(line) && !but.test(line));
        return lines.length ? lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0) : -1;
    };
}

/** At the newest block: how many requests were answered, but for those that look for a newer one; else -1. */
export async function answeredAtHead({ keeper, chain }) {
    const figure = await figuresOf(keeper);
    if (figure('head_block') < (await chain.blockNumber())) return -1;
    return figure('rpc_requests_total', /eth_getBlockByNumber/);
}

/** It stands there or at the one before, and waits for nothing. */
async function isIdle({ keeper, chain }) {
    const figure = await figuresOf(keeper);
    return figure('flights') === 0 && figure('ready') === 1 && figure('head_block') >= (await chain.blockNumber()) - 1;
}
/** It becomes so: between a new head and what is read there it never is, which on a busy machine is long. */
export async function comesToRest(world) {
    const { child } = world.keeper;
    const lives = () => child && child.exitCode === null && child.signalCode === null;
    for (const start = Date.now(); Date.now() - start < REST_MAX && lives(); await sleep(20))
        if (await isIdle(world)) return true;
    return false;
}

/** A nonce belongs to one call, unless a node that spoke for itself would not have it, and to giving it up. */
export function judgeNonces(world, since) {
    const calls = new Map();
    for (const send of world.proxies.flatMap((p) => p.sends)) {
        if (send.at < since || send.refused || !send.data) continue;
        const of = calls.get(send.nonce) ?? new Map();
        calls.set(send.nonce, of.set(`${send.to} ${send.data}`, send));
    }
    const twice = [...calls].filter(([, of]) => of.size > 1);
    return twice.map(([nonce, of]) => `nonce ${nonce} went to ${of.size} calls: ${[...of.values()].map((s) => s.hash)}`);
}

/** The block of its decision, as the journal has it. */
export const decidedOf = (journal, { hash }) => journal.find((e) => e.hash === hash)?.decided_block;

/** The very same call gone through twice, the second decided before the first could be seen. */
export function judgeTwice(sent, journal) {
    const seen = new Map();
    const faults = [];
    for (const { tx, hash, block, failed } of sent) {
        if (failed || tx.input === '0x') continue;
        const first = seen.get(tx.input);
        const decided = decidedOf(journal, { hash });
        if (first && !(decided >= first.block)) faults.push(`${hash} does again what ${first.hash} did`);
        seen.set(tx.input, { hash, block });
    }
    return faults;
}

// a block that went by unseen: one question each, however fast they are asked once the daemon has its turn again
const WALK = 'eth_getBlockByHash eth_getLogs';
/** Blocks that were walked to, against those that there were: some are asked for again after a fault, none without end. */
export async function judgeWalks(world) {
    const walks = world.proxies.flatMap((p) => p.asked).filter(([, , names]) => names === WALK).length;
    const blocks = await world.chain.blockNumber();
    if (walks > 2 * blocks + 200) world.faults.push(`${walks} blocks were walked to, of a chain of ${blocks}`);
    return `${walks} of ${blocks} blocks walked to`;
}

/** Requests a second in a span, and in its busiest second, but for walks. */
function rateOf(world, from, to) {
    const asked = world.proxies.flatMap((p) => p.asked).filter(([, , names]) => names !== WALK);
    const times = asked.map(([at]) => at).filter((at) => at >= from && at < to).sort((a, b) => a - b);
    let most = 0;
    let until = from;
    for (let i = 0, first = 0; i < times.length; i++) {
        while (times[i] - times[first] >= 1000) first++;
        if (i - first + 1 > most) [most, until] = [i - first + 1, times[i]];
    }
    return { mean: (1000 * times.length) / Math.max(1, to - from), most, until };
}
/** What was asked in the second that ended then, each kind with its count. */
function askedUntil(world, until) {
    const counts = {};
    for (const proxy of world.proxies)
        for (const [at, , names] of proxy.asked)
            if (at > until - 1000 && at <= until) counts[`${proxy.name} ${names}`] = (counts[`${proxy.name} ${names}`] ?? 0) + 1;
    const sorted = Object.entries(counts).sort((a, b) => b[1] - a[1]);
    return `until ${new Date(until).toISOString().slice(11, 23)}: ${sorted.slice(0, 8).map(([names, n]) => `${n} × ${names}`).join('; ')}`;
}

/** Out: words for the wave's line. An outage may lower the rate; nothing may raise it for long. */
export function judgeRate(world, number, calm) {
    const before = rateOf(world, world.baseline.from, world.baseline.to);
    const after = rateOf(world, calm.from, calm.to);
    const busiest = rateOf(world, world.baseline.to, calm.to);
    if (after.mean > 1.5 * before.mean + 5)
        world.faults.push(`wave ${number}: ${after.mean.toFixed(1)} requests a second afterwards, ${before.mean.toFixed(1)} before`);
    if (busiest.most > 6 * before.most)
        world.faults.push(`wave ${number}: ${busiest.most} requests in a second, ${before.most} before; ${askedUntil(world, busiest.until)}`);
    return `${before.mean.toFixed(0)} requests/s before, ${after.mean.toFixed(0)} after, ${busiest.most} in the busiest second`;
}
