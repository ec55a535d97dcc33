// A price crash, block by block: the feeds move, the keeper has its time, a block is mined.
import { hex, mock, sleep } from './chain.mjs';
import { RESERVES, answerOf } from './market.mjs';
import { dice } from './people.mjs';

// how much of ETH's move each asset makes
const FOLLOWS = { WETH: 1, STETH: 1.05, WBTC: 0.8, LAND: 0.6 };
const AGGREGATOR_ABI = mock('MockAggregator').abi;

/** Prices of each step: down by `depth` with noise, `rebound` of it back in the last third. */
export function crashPath({ steps, depth, rebound = 0.2, seed = 1 }) {
    const die = dice(seed);
    const path = [];
    for (let i = 1; i <= steps; i++) {
        const fall = Math.min(1, i / (steps * 0.66));
        const back = Math.max(0, (i - steps * 0.66) / (steps * 0.34)) * rebound;
        const prices = {};
        for (const [symbol, share] of Object.entries(FOLLOWS)) {
            const noise = 1 + 0.006 * (die() - 0.5);
            prices[symbol] = RESERVES[symbol].usd * (1 - depth * share * (fall ** 0.8 - back)) * noise;
        }
        path.push(prices);
    }
    return path;
}

/** Mining by hand, at a base fee that stays, a chain clock that moves as a real one. */
export async function mineBlock(chain, { fee = 15_000_000_000n, seconds = 12 } = {}) {
    await chain.call('anvil_setNextBlockBaseFeePerGas', [hex(fee)]);
    await chain.call('evm_increaseTime', [seconds - 1]);
    await chain.call('evm_mine');
}

/** Feeds move, in the pending block and at its top. */
export async function setPrices(chain, market, prices) {
    const fees = { maxFeePerGas: hex(10n ** 12n), maxPriorityFeePerGas: hex(5n * 10n ** 10n) };
    for (const [symbol, usd] of Object.entries(prices)) {
        const feed = chain.at(market.assets[symbol].aggregator, AGGREGATOR_ABI);
        const data = feed.data('set', [answerOf(usd)]);
        const tx = { from: chain.deployer, to: feed.address, data, gas: hex(200_000), ...fees };
        await chain.call('eth_sendTransaction', [tx]);
    }
}

/**
 * Walks a path. `pace`: milliseconds that a keeper has between blocks; `quiet`: blocks without news at
 * the end; `each(step)` runs before a step's block is mined.
 */
export async function walk(chain, market, path, { pace, quiet = 8, each = async () => {} }) {
    await chain.call('evm_setAutomine', [false]);
    for (let step = 0; step < path.length + quiet; step++) {
        await setPrices(chain, market, path[step] ?? {});
        await each(step);
        await sleep(pace);
        await mineBlock(chain);
    }
    await chain.call('evm_setAutomine', [true]);
}
