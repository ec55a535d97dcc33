// Makes the shipped recording: a live run through a crash with dozens of liquidations.
// usage: run.sh record FILE.rec.zst
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HOME, freePort, startNode } from './chain.mjs';
import { liquidationsOf } from './books.mjs';
import { KEEPER, Keeper } from './keeper.mjs';
import { deployMarket, fund } from './market.mjs';
import { populate } from './people.mjs';
import { crashPath, walk } from './prices.mjs';

const file = resolve(process.argv[2] ?? 'tests/replay/crash.rec.zst');
const folder = join(HOME, 'record');
rmSync(folder, { recursive: true, force: true });
rmSync(file, { force: true });
const node = await startNode({ folder, port: await freePort() });
try {
    const { chain } = node;
    const market = await deployMarket(chain);
    await populate(chain, market, { count: 80, seed: 7 });
    await fund(chain, market, KEEPER);
    await chain.meetWallClock();
    const keeper = new Keeper({ folder: join(folder, 'keeper'), market, port: await freePort() });
    for (const done of [keeper.importKey(), keeper.command(['prepare', '-c', 'live.yaml', '--yes'])])
        if (done.status !== 0) throw new Error(done.why);
    const from = await chain.blockNumber();
    keeper.start('live.yaml', { more: ['--record', file] });
    if ((await keeper.ready()) < 0) throw new Error('the keeper does not become ready');
    await walk(chain, market, crashPath({ steps: 20, depth: 0.35, seed: 7 }), { pace: 400, quiet: 6 });
    await keeper.end();
    const liquidations = await liquidationsOf(chain, market, from, await chain.blockNumber());
    console.log(`${file}: ${liquidations.length} liquidations`);
} finally {
    await node.stop();
}
