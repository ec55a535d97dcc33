// `make devnet`: a chain with a market, borrowers and a funded keeper, left up, and how to go on.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { HOME, TOP, freePort, startNode } from './chain.mjs';
import { KEEPER, Keeper } from './keeper.mjs';
import { deployMarket, fund } from './market.mjs';
import { populate } from './people.mjs';

const STATE = join(HOME, 'up.json');
const isAlive = (pid) => {
    try {
        return process.kill(pid, 0);
    } catch {
        return false;
    }
};
if (existsSync(STATE)) {
    const { pid, market } = JSON.parse(readFileSync(STATE, 'utf8'));
    if (isAlive(pid)) {
        console.log(`a devnet is up already at ${market.url} (process ${pid}); tests/devnet/run.sh down ends it`);
        process.exit(0);
    }
}
/** The port that one expects, if nobody has it. */
const portOr = (wanted) =>
    new Promise((done) => {
        const server = createServer();
        server.on('error', () => done(freePort()));
        server.listen(wanted, '127.0.0.1', () => server.close(() => done(wanted)));
    });

const port = process.env.DEVNET_PORT ?? (await portOr(8545));
const { chain, pid } = await startNode({ folder: join(HOME, 'up'), port, detached: true });
const market = await deployMarket(chain);
const people = await populate(chain, market, { count: 60, seed: 1 });
await fund(chain, market, KEEPER);
await chain.meetWallClock();
const folder = join(HOME, 'keeper');
const keeper = new Keeper({ folder, market, port: await portOr(9464) });
if (!existsSync(join(folder, 'keeper.json'))) {
    const imported = keeper.importKey();
    if (imported.status !== 0) throw new Error(imported.why);
}
writeFileSync(STATE, JSON.stringify({ pid, market, people }));

const config = (mode) => `-c ${relative(TOP, join(folder, `${mode}.yaml`))}`;
console.log(`
A chain is up at ${market.url}: Aave V3, 7 reserves, ${people.length} borrowers, a keeper with money.

  build/plimsoll check ${config('live')}
  build/plimsoll health ${config('live')} | head         who is nearest the edge
  build/plimsoll run ${config('dry-run')}       watches and decides, sends nothing
  build/plimsoll prepare ${config('live')}        approvals: says what, asks, does it
  build/plimsoll run ${config('live')}            the real thing; http://127.0.0.1:${keeper.port}/

Then, in another terminal:

  tests/devnet/run.sh crash                       prices fall for half a minute
  build/plimsoll journal ${config('live')} | tail        what it did
  tests/devnet/run.sh down                        ends the chain
`);
