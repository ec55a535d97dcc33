// A price crash on the chain that `up` left. Options: [depth, default 0.35] [milliseconds a block, 1000]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chain, HOME } from './chain.mjs';
import { accountData } from './books.mjs';
import { crashPath, walk } from './prices.mjs';

const { market, people } = JSON.parse(readFileSync(join(HOME, 'up.json'), 'utf8'));
const chain = await new Chain(market.url).open();
const path = crashPath({ steps: 25, depth: Number(process.argv[2] ?? 0.35) });
const tell = async (step) => {
    const rows = await accountData(chain, market, people);
    const under = rows.filter((x) => x.debt > 0n && x.health < 10n ** 18n).length;
    const price = path[step] ? `WETH ${path[step].WETH.toFixed(0)}` : 'quiet';
    console.log(`block ${await chain.blockNumber()}: ${price}, ${under} accounts under water`);
};
await walk(chain, market, path, { pace: Number(process.argv[3] ?? 1000), each: tell });
