// The golden stories: told to be killed in (crash.mjs), and, where `recorded` names one, to be replayed
// (tests/replay). `tell(lane)` tells one; `shows`: statuses, reasons or events that make it this story;
// `least`: liquidations of the keeper's own without which it shows nothing; `varies`: a death may change who
// is first, or how often; `mayRevert`: another was first; `env`: of the life that is to end; `proxies`: how
// many nodes it sees, each of which may be spoilt; `config`: what differs from the lane's own.
import { comesToRest } from '../chaos/judge.mjs';
import { aave, hex, mock } from '../devnet/chain.mjs';
import { RESERVES, answerOf } from '../devnet/market.mjs';
import { mineBlock } from '../devnet/prices.mjs';

const ONE = { WETH: 2240 };
const SEVERAL = { WETH: 2050, STETH: 2350 };
const FIRST = Object.fromEntries(Object.entries(RESERVES).map(([symbol, r]) => [symbol, r.usd]));
const TIMEOUTS = { connect_timeout: '1s', total_timeout: '2s' };
const GWEI = 10n ** 9n;
const TOP = { maxFeePerGas: hex(1000n * GWEI), maxPriorityFeePerGas: hex(50n * GWEI) };

async function fall(lane, prices) {
    await lane.startDoomed();
    await lane.prices(prices);
}
async function blocks(lane, count) {
    for (let i = 0; i < count; i++) await lane.block();
}

/** The same words as the keeper's, from somebody who pays more. */
async function outbid(lane) {
    const fees = { maxFeePerGas: hex(500n * GWEI), maxPriorityFeePerGas: hex(60n * GWEI) };
    for (const { to, input } of await lane.aloft())
        await lane.chain.call('eth_sendTransaction', [{ from: lane.rival, to, data: input, gas: hex(1_500_000), ...fees }]);
}

/** Governance speaks: in the next block, and at its top. */
async function govern(lane, to, artifact, name, args) {
    const { chain } = lane;
    const data = chain.at(to, aave(artifact).abi).data(name, args);
    await chain.call('eth_sendTransaction', [{ from: chain.deployer, to, data, gas: hex(2_000_000), ...TOP }]);
    await lane.block();
}
const configure = (lane, name, args) => govern(lane, lane.market.configurator, 'PoolConfigurator', name, args);

/** A feed beside the one that the oracle holds. */
async function otherFeed(lane, usd) {
    const { chain } = lane;
    await chain.call('evm_setAutomine', [true]);
    const aggregator = await chain.deploy(mock('MockAggregator'), [answerOf(usd)]);
    const feed = await chain.deploy(mock('MockFeed'), [aggregator.address]);
    await chain.call('evm_setAutomine', [false]);
    return feed.address;
}

export const STORIES = {
    'prices fall, one account': {
        tell: async (lane) => {
            await fall(lane, ONE);
            await lane.untilDone();
        },
    },
    'prices fall, several accounts, two at a time': {
        least: 3,
        tell: async (lane) => {
            await fall(lane, SEVERAL);
            await lane.untilDone();
        },
    },
    'the power fails between sign and send: what was not synchronised is torn': {
        env: { CRASH_TORN: '1' },
        tell: async (lane) => {
            await fall(lane, ONE);
            await lane.untilDone();
        },
    },
    'a restart with a flight pending': {
        recorded: 'restart',
        tell: async (lane) => {
            await lane.start();
            await lane.prices(ONE);
            await lane.untilAloft();
            await lane.keeper.end();
            await lane.startDoomed();
            await lane.untilDone();
        },
    },
    'a rival gets there first, and not the next time': {
        recorded: 'rival',
        shows: ['reverted', 'mined'],
        varies: true,
        mayRevert: true,
        tell: async (lane) => {
            await fall(lane, ONE);
            await lane.untilAloft();
            await outbid(lane);
            await lane.untilDone();
            await lane.prices(SEVERAL);
            await lane.untilDone();
        },
    },
    'a fee rises over what was offered: the nonce is stuck': {
        recorded: 'stuck',
        shows: ['replaced'],
        varies: true,
        tell: async (lane) => {
            await fall(lane, ONE);
            await lane.untilAloft();
            lane.fee = 30n * GWEI; // more than was offered, less than it brings
            await blocks(lane, 4);
            lane.fee = undefined;
            await lane.untilDone();
        },
    },
    'a reorg undoes a liquidation, which comes back by itself': {
        recorded: 'reorg',
        shows: ['reorg', 'vanished'],
        varies: true,
        tell: async (lane) => undo(lane, true),
    },
    'a reorg undoes a liquidation, which does not come back': {
        shows: ['reorg', 'vanished'],
        varies: true,
        tell: async (lane) => undo(lane, false),
    },
    'a reserve is paused under a candidate, and opened again': {
        recorded: 'paused',
        shows: ['paused'],
        tell: async (lane) => {
            const { address } = lane.market.assets.WETH;
            await lane.startDoomed();
            await configure(lane, 'setReservePause', [address, true]);
            await lane.prices(ONE);
            await blocks(lane, 3);
            await configure(lane, 'setReservePause', [address, false]);
            await lane.untilDone();
        },
    },
    'governance changes thresholds, a bonus and an oracle in mid-run': {
        recorded: 'governance',
        least: 2,
        varies: true,
        tell: async (lane) => {
            const { WETH } = lane.market.assets;
            const feed = await otherFeed(lane, SEVERAL.WETH);
            await lane.startDoomed();
            await lane.block();
            // no price moves: what moves is how much collateral counts, and what it brings
            await configure(lane, 'configureReserveAsCollateral', [WETH.address, 7000n, 7600n, 10800n]);
            await lane.untilDone();
            await govern(lane, lane.market.oracle, 'AaveOracle', 'setAssetSources', [[WETH.address], [feed]]);
            await lane.untilDone();
        },
    },
    'a stale oracle holds fire until it is fresh': {
        recorded: 'stale',
        shows: ['stale_price'],
        config: { terms: { price_age_max: '10m' } },
        tell: async (lane) => {
            // what is owed was priced an hour ago
            await fall(lane, ONE);
            await blocks(lane, 3);
            await lane.prices({ ...FIRST, ...ONE });
            await lane.untilDone();
        },
    },
    'one of two nodes goes, and the other is asked': {
        least: 3,
        varies: true,
        proxies: 2,
        config: { chain: TIMEOUTS },
        tell: async (lane) => {
            await lane.startDoomed();
            await lane.block();
            lane.proxies[0].begin('outage', 600_000);
            await lane.prices(SEVERAL);
            await blocks(lane, 3);
            lane.proxies[0].calm();
            await lane.untilDone();
        },
    },
    'one of two nodes tells lies about the head': {
        recorded: 'liar',
        varies: true,
        proxies: 2,
        config: { chain: TIMEOUTS },
        tell: async (lane) => {
            const lies = ['head_number', 'head_hash', 'head_parent', 'head_null', 'logs_none', 'call_bent'];
            let asked = 0;
            await lane.startDoomed();
            lane.proxies[0].script = () => (asked++ % 2 ? lies[(asked >> 1) % lies.length] : null);
            await lane.block();
            await lane.prices(SEVERAL);
            await blocks(lane, 6);
            lane.proxies[0].calm();
            await lane.untilDone();
        },
    },
    // a start without any node is refused: not to be killed in
    'one node goes, then both, while prices fall on': {
        recorded: 'outage',
        isWhole: true,
        least: 3,
        proxies: 2,
        config: { chain: TIMEOUTS },
        tell: async (lane) => {
            const [first, second] = lane.proxies;
            await lane.start();
            await lane.block();
            first.begin('outage', 600_000);
            await lane.prices(ONE);
            await lane.untilAloft();
            await blocks(lane, 3);
            second.begin('outage', 600_000);
            await lane.prices(SEVERAL);
            await blocks(lane, 4);
            first.calm();
            await lane.untilDone();
            second.calm();
            await blocks(lane, 2);
        },
    },
};

async function undo(lane, comesBack) {
    const { chain } = lane;
    await fall(lane, ONE);
    await lane.untilAloft();
    const fork = await chain.call('evm_snapshot');
    const raws = [];
    for (const { hash } of await lane.aloft()) raws.push(await chain.call('eth_getRawTransactionByHash', [hash]).catch(() => null));
    await blocks(lane, 2);
    await lane.heard();
    await comesToRest(lane); // it knows what became of what it sent
    await chain.call('evm_revert', [fork]);
    await chain.call('anvil_dropAllTransactions');
    // the fall stands on the other branch as well
    await lane.prices(ONE);
    if (comesBack) for (const raw of raws.filter(Boolean)) await chain.call('eth_sendRawTransaction', [raw]).catch(() => {});
    await mineBlock(chain, { seconds: 13 });
    await lane.untilDone();
}
