// Behind an update: a price stands in the pool, the keeper's liquidation right behind it, and one block
// holds both. The control: the update is dropped, and what was sent behind it costs no more than a cancel.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, freePort, hex, mock, sleep, startNode } from './chain.mjs';
import { KEEPER, Keeper } from './keeper.mjs';
import { RESERVES, answerOf, deployMarket, fund } from './market.mjs';
import { populate } from './people.mjs';
import { mineBlock } from './prices.mjs';

const folder = join(HOME, 'backrun');
const AGGREGATOR_ABI = mock('MockAggregator').abi;
const STEP = 0.985;
const ROUNDS = 8;
const CANCEL_GAS = 21000;
const LEGACY = 3; // of these rounds one is a transaction of before types
let passed = 0;
let failed = 0;
function judge(what, holds, figure = '') {
    if (holds) passed++;
    else failed++;
    console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${figure ? `: ${figure}` : ''}`);
}

/** An update that waits. Out: its hash. */
async function offer(chain, market, usd, round) {
    const feed = chain.at(market.assets.WETH.aggregator, AGGREGATOR_ABI);
    const tip = 3n * 10n ** 9n;
    const fees = round % LEGACY === 0
        ? { gasPrice: hex(40n * 10n ** 9n) }
        : { maxFeePerGas: hex(10n ** 11n), maxPriorityFeePerGas: hex(tip) };
    const tx = { from: chain.deployer, to: feed.address, data: feed.data('set', [answerOf(usd)]), gas: hex(200_000), ...fees };
    return chain.call('eth_sendTransaction', [tx]);
}

const ours = async (chain) => {
    const { pending } = await chain.call('txpool_content', []);
    const mine = Object.entries(pending).find(([from]) => from.toLowerCase() === KEEPER.toLowerCase());
    return mine ? Object.values(mine[1]) : [];
};
/** What the keeper has in the pool once it has something there, within a time. */
async function answered(chain, ms = 1500) {
    const start = Date.now();
    for (;;) {
        const sent = await ours(chain);
        if (sent.length > 0) {
            await sleep(150); // the rest of the volley
            return ours(chain);
        }
        if (Date.now() - start > ms) return [];
        await sleep(25);
    }
}
async function counters(keeper) {
    const text = (await keeper.get('/metrics')).text;
    const read = (name) => Object.fromEntries([...text.matchAll(new RegExp(`^plimsoll_${name}\\{[a-z]+="([a-z_]+)"\\} (\\d+)`, 'gm'))].map((m) => [m[1], Number(m[2])]));
    return { pool: read('pool_total'), backruns: read('backruns_total') };
}
/** Over a base fee, a wei. */
const tipOf = (tx, base) => {
    const cap = BigInt(tx.maxFeePerGas ?? tx.gasPrice) - base;
    const tip = tx.type === '0x2' ? BigInt(tx.maxPriorityFeePerGas) : cap;
    return tip < cap ? tip : cap;
};

async function judgeRound(chain, update, sent) {
    const block = await chain.call('eth_getBlockByNumber', ['latest', true]);
    const at = block.transactions.findIndex((t) => t.hash === update);
    const base = BigInt(block.baseFeePerGas);
    const out = { landed: 0, reverted: 0, wrong: [] };
    for (const tx of sent) {
        const receipt = await chain.call('eth_getTransactionReceipt', [tx.hash]);
        const index = block.transactions.findIndex((t) => t.hash === tx.hash);
        if (receipt?.status === '0x0') out.reverted++;
        if (receipt?.status === '0x1' && index > at && at >= 0) out.landed++;
        if (tipOf(tx, base) !== tipOf(block.transactions[at] ?? tx, base) - 1n) out.wrong.push(`${tipOf(tx, base)}`);
    }
    return out;
}

/** Who stands under water since is liquidated the normal way, and out of the pool. */
async function settle(chain) {
    for (let i = 0; i < 2; i++) {
        await sleep(300);
        await mineBlock(chain);
    }
    await sleep(200);
}

async function judgeBehind(keeper, chain, market, price) {
    const total = { landed: 0, reverted: 0, wrong: [], rounds: 0 };
    for (let round = 0; round < ROUNDS; round++) {
        price.usd *= round === 0 ? 0.9999 : STEP; // the first one only proves the feed
        const update = await offer(chain, market, price.usd, round);
        const sent = await answered(chain);
        await mineBlock(chain);
        const one = await judgeRound(chain, update, sent);
        if (round === 0) judge(`${keeper.name}: an update of a feed that is not proved is not followed`, sent.length === 0);
        total.rounds += sent.length > 0;
        total.landed += one.landed;
        total.reverted += one.reverted;
        total.wrong.push(...one.wrong);
        await settle(chain);
    }
    judge(`${keeper.name}: lands behind its update, in its block`, total.landed > 0, `${total.landed} in ${total.rounds} rounds`);
    judge(`${keeper.name}: none reverts`, total.reverted === 0, `${total.reverted}`);
    judge(`${keeper.name}: one wei per gas below it, of both types`, total.wrong.length === 0 && total.rounds > 1, total.wrong[0]);
    const { backruns, pool } = await counters(keeper);
    judge(`${keeper.name}: counts them`, backruns.behind === total.landed && backruns.fired >= total.landed && pool.right >= ROUNDS - 2,
        JSON.stringify({ ...backruns, ...pool }));
}

/** The update leaves the pool, and no block has it. */
async function judgeDropped(keeper, chain, market, price) {
    let tries = 0;
    let sent = [];
    for (; sent.length === 0 && tries < 8; tries++) {
        price.usd *= STEP;
        const update = await offer(chain, market, price.usd, 1);
        sent = await answered(chain);
        if (sent.length > 0) {
            await chain.call('anvil_dropTransaction', [update]);
            continue;
        }
        await mineBlock(chain);
        await settle(chain);
    }
    judge(`${keeper.name}: something is sent behind what is dropped then`, sent.length > 0, `${sent.length} at try ${tries}`);
    const from = (await chain.blockNumber()) + 1;
    for (let i = 0; i < 4; i++) {
        await sleep(400);
        await mineBlock(chain);
    }
    let reverted = 0;
    let dearest = 0;
    for (let n = from; n <= (await chain.blockNumber()); n++) {
        const block = await chain.call('eth_getBlockByNumber', [hex(n), true]);
        for (const tx of block.transactions.filter((t) => t.from.toLowerCase() === KEEPER.toLowerCase())) {
            const receipt = await chain.call('eth_getTransactionReceipt', [tx.hash]);
            reverted += receipt.status === '0x0';
            dearest = Math.max(dearest, Number(receipt.gasUsed));
        }
    }
    judge(`${keeper.name}: what followed it costs no more than a cancel`, reverted === 0 && dearest > 0 && dearest <= CANCEL_GAS, `${dearest} gas, ${reverted} reverted`);
    const { backruns } = await counters(keeper);
    judge(`${keeper.name}: and is counted as missed`, backruns.missed >= sent.length, JSON.stringify(backruns));
    judge(`${keeper.name}: nothing of ours is left in the pool`, (await ours(chain)).length === 0);
}

function judgeReplay(keeper, config, record) {
    const live = keeper.journal(config).filter((e) => e.event === 'backrun').map((e) => JSON.stringify(e));
    const first = keeper.command(['replay', record, '--json']);
    const second = keeper.command(['replay', record, '--json']);
    const again = (first.stdout || '').split('\n').filter((line) => line.includes('"event":"backrun"'));
    const bare = (line) => JSON.stringify({ ...JSON.parse(line), seq: undefined, time: undefined });
    judge(`${keeper.name}: a replay prints the same bytes twice`, first.status === 0 && first.stdout === second.stdout, first.why);
    judge(`${keeper.name}: and follows the same updates`, live.length > 0 && live.map(bare).join('\n') === again.map(bare).join('\n'),
        `${live.length} live, ${again.length} replayed`);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const port = process.env.DEVNET_PORT ?? (await freePort());
const node = await startNode({ folder, port });
let keeper;
try {
    const { chain } = node;
    const market = await deployMarket(chain);
    await populate(chain, market, { count: 60, seed: 1 });
    await fund(chain, market, KEEPER);
    await chain.meetWallClock();
    keeper = new Keeper({ folder: join(folder, 'prepare'), market, port: await freePort() });
    keeper.writeLightKey();
    const prepared = keeper.command(['prepare', '-c', 'live.yaml', '--yes']);
    judge('prepare', prepared.status === 0, prepared.why);
    let calm = await chain.call('evm_snapshot');
    for (const [name, url] of [['http', market.url], ['ws', market.url.replace('http', 'ws')]]) {
        keeper = new Keeper({ folder: join(folder, name), market: { ...market, url }, port: await freePort() });
        keeper.name = name;
        keeper.writeLightKey();
        keeper.amend('live.yaml', 'keeper:\n', 'keeper:\n  armed: 8\n  backrun: true\n');
        await chain.call('evm_setAutomine', [false]);
        keeper.start('live.yaml', { more: ['--record', 'live.rec.zst'] });
        judge(`${name}: becomes ready`, (await keeper.ready()) >= 0);
        await sleep(500);
        const price = { usd: RESERVES.WETH.usd };
        await judgeBehind(keeper, chain, market, price);
        await judgeDropped(keeper, chain, market, price);
        const ended = await keeper.end();
        judge(`${name}: stops on SIGTERM`, ended.code === 0, `exit ${ended.code}`);
        judgeReplay(keeper, 'live.yaml', 'live.rec.zst');
        await chain.call('evm_setAutomine', [true]);
        await chain.call('evm_revert', [calm]);
        calm = await chain.call('evm_snapshot');
        await chain.call('anvil_dropAllTransactions');
    }
} catch (error) {
    judge('the judge itself', false, error.stack.split('\n').slice(0, 3).join(' | '));
} finally {
    await keeper?.end('SIGKILL');
    await node.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
