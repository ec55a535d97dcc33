// Kills the daemon at every moment that its journal can tell apart (shim.c), restarts it, and holds what
// followed to the chain and to an undisturbed run: nothing sent twice, nothing forgotten.
// usage: crash.mjs [stride, default 1]   a stride of 7 kills at every seventh moment
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, TOP, freePort, sleep, startNode } from '../devnet/chain.mjs';
import { faultsOfBooks, holdings, leftOver, liquidationsOf } from '../devnet/books.mjs';
import { KEEPER, Keeper } from '../devnet/keeper.mjs';
import { deployMarket, fund } from '../devnet/market.mjs';
import { populate } from '../devnet/people.mjs';
import { mineBlock, setPrices } from '../devnet/prices.mjs';

const STRIDE = Number(process.argv[2] ?? 1);
const folder = join(HOME, 'crash');
const shim = join(folder, 'shim.so');
let passed = 0;
let failed = 0;

/** Out: what the story came to, and what is wrong about it. */
async function tell(stage, at) {
    const { chain, market, people, keeper } = stage;
    const file = (name) => join(keeper.folder, name);
    await chain.call('evm_revert', [stage.calm]);
    stage.calm = await chain.call('evm_snapshot');
    for (const name of ['live.db-wal', 'live.db-shm', 'count']) rmSync(file(name), { force: true });
    copyFileSync(file('calm.db'), file('live.db'));
    const earlier = keeper.journal('live.yaml').length;
    const from = (await chain.blockNumber()) + 1;
    const before = await holdings(chain, market);

    keeper.start('live.yaml', { env: { LD_PRELOAD: shim, CRASH_AT: at, CRASH_COUNT: file('count') } });
    let died = 0;
    const revive = async () => {
        if (!keeper.child.signalCode) return;
        died++;
        keeper.start('live.yaml');
        await keeper.ready();
    };
    await keeper.ready();
    await chain.call('evm_setAutomine', [false]);
    await setPrices(chain, market, { WETH: 2050, STETH: 2350 });
    // until the chain stands still for three blocks; no fewer than ten, so that a late death is met
    for (let block = 0, quiet = 0; quiet < 3 || block < 10; block++) {
        await sleep(120);
        await revive();
        const { pending } = await chain.call('txpool_status');
        quiet = Number(pending) === 0 ? quiet + 1 : 0;
        await mineBlock(chain);
        if (block > 60) break;
    }
    await sleep(300);
    const ended = await keeper.end();
    // it may die of its last words
    if (ended.signal === 'SIGKILL') {
        died++;
        keeper.start('live.yaml');
        await keeper.ready();
        await keeper.end();
    }
    await chain.call('evm_setAutomine', [true]);

    const to = await chain.blockNumber();
    const journal = keeper.journal('live.yaml').slice(earlier);
    const faults = await faultsOfBooks(chain, market, { before, from, to, journal });
    const left = await leftOver(chain, market, people);
    if (left.length) faults.push(`${left.length} accounts forgotten`);
    const done = (await liquidationsOf(chain, market, from, to)).map((l) => `${l.user} ${l.debtAsset}`).sort();
    const touches = existsSync(file('count')) ? Number(readFileSync(file('count'))) : 0;
    return { done, faults, touches, died };
}

rmSync(folder, { recursive: true, force: true });
const node = await startNode({ folder, port: await freePort() });
let keeper;
try {
    const sources = ['-o', shim, join(TOP, 'tests/crash/shim.c')];
    execFileSync('gcc', ['-O1', '-Wall', '-Werror', '-shared', '-fPIC', ...sources, '-ldl'], { stdio: 'inherit' });
    const { chain } = node;
    const market = await deployMarket(chain);
    const people = await populate(chain, market, { count: 16, seed: 3 });
    await fund(chain, market, KEEPER);
    await chain.meetWallClock();
    keeper = new Keeper({ folder: join(folder, 'keeper'), market, port: await freePort() });
    keeper.writeLightKey();
    const prepared = keeper.command(['prepare', '-c', 'live.yaml', '--yes']);
    if (prepared.status !== 0) throw new Error(prepared.why);
    copyFileSync(join(keeper.folder, 'live.db'), join(keeper.folder, 'calm.db'));
    const stage = { chain, market, people, keeper, calm: await chain.call('evm_snapshot') };

    const whole = await tell(stage, 0);
    if (whole.faults.length || whole.done.length < 3 || whole.touches < 10)
        throw new Error(`the undisturbed story: ${whole.done.length} liquidations, ${whole.touches} moments, ${whole.faults}`);
    console.log(`undisturbed: ${whole.done.length} liquidations, ${whole.touches} moments at the journal`);
    for (let at = 1; at <= whole.touches; at += STRIDE) {
        const story = await tell(stage, at);
        const faults = story.faults;
        if (story.done.join() !== whole.done.join())
            faults.push(`${story.done.length} liquidations instead of ${whole.done.length}`);
        if (faults.length) failed++;
        else passed++;
        if (faults.length) console.log(`FAIL killed at ${at}: ${faults.slice(0, 3).join('; ')}`);
        else if (!story.died) console.log(`     the story ended before moment ${at}`);
    }
} catch (error) {
    failed++;
    console.log(`FAIL the story itself: ${error.stack.split('\n').slice(0, 3).join(' | ')}`);
} finally {
    await keeper?.end('SIGKILL');
    await node.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
