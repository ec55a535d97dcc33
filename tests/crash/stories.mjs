// The golden stories that concern flights. `tell(lane)` tells one; `least`: liquidations of the keeper's
// own without which it shows nothing; `varies`: a death may change who is first, or how often;
// `mayRevert`: another was first; `env`: of the life that is to end.
import { hex } from '../devnet/chain.mjs';
import { mineBlock } from '../devnet/prices.mjs';

const ONE = { WETH: 2240 };
const SEVERAL = { WETH: 2050, STETH: 2350 };
const GWEI = 10n ** 9n;

async function fall(lane, prices) {
    await lane.startDoomed();
    await lane.prices(prices);
}

/** The same words as the keeper's, from somebody who pays more. */
async function outbid(lane) {
    const fees = { maxFeePerGas: hex(500n * GWEI), maxPriorityFeePerGas: hex(60n * GWEI) };
    for (const { to, input } of await lane.aloft())
        await lane.chain.call('eth_sendTransaction', [{ from: lane.rival, to, data: input, gas: hex(1_500_000), ...fees }]);
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
        tell: async (lane) => {
            await lane.start();
            await lane.prices(ONE);
            await lane.untilAloft();
            await lane.keeper.end();
            await lane.startDoomed();
            await lane.untilDone();
        },
    },
    'a rival gets there first': {
        least: 0,
        varies: true,
        mayRevert: true,
        tell: async (lane) => {
            await fall(lane, ONE);
            await lane.untilAloft();
            await outbid(lane);
            await lane.untilDone();
        },
    },
    'a fee rises over what was offered: the nonce is stuck': {
        varies: true,
        tell: async (lane) => {
            await fall(lane, ONE);
            await lane.untilAloft();
            lane.fee = 60n * GWEI;
            for (let i = 0; i < 4; i++) await lane.block();
            lane.fee = undefined;
            await lane.untilDone();
        },
    },
    'a reorg undoes a liquidation, which comes back by itself': {
        varies: true,
        tell: async (lane) => undo(lane, true),
    },
    'a reorg undoes a liquidation, which does not come back': {
        varies: true,
        tell: async (lane) => undo(lane, false),
    },
};

async function undo(lane, comesBack) {
    const { chain } = lane;
    await fall(lane, ONE);
    await lane.untilAloft();
    const fork = await chain.call('evm_snapshot');
    const raws = [];
    for (const { hash } of await lane.aloft()) raws.push(await chain.call('eth_getRawTransactionByHash', [hash]).catch(() => null));
    await lane.block();
    await lane.block();
    await chain.call('evm_revert', [fork]);
    await chain.call('anvil_dropAllTransactions');
    // the fall stands on the other branch as well
    await lane.prices(ONE);
    if (comesBack) for (const raw of raws.filter(Boolean)) await chain.call('eth_sendRawTransaction', [raw]).catch(() => {});
    await mineBlock(chain, { seconds: 13 });
    await lane.untilDone();
}
