// The mirror and the integers against the real contracts of Aave V3.0 and V3.6, block by block.
// usage: differential.mjs    environment: N blocks, SEED, VERSION v30|v36; without a seed two are told:
// a fixed one and a fresh one, of both versions at the same time
import { spawn } from 'node:child_process';
import { Judge, Truth } from './compare.mjs';
import { Author } from './ops.mjs';
import { Story } from './story.mjs';
import { World } from './world.mjs';
import { freePort } from '../devnet/chain.mjs';

const VERSIONS = ['v30', 'v36'];
const FIXED = { seed: 20261122, blocks: 170 };
const FRESH_BLOCKS = 130;
/** Of one version, over the fixed and the fresh seed. */
const LEAST = 100_000;

const env = process.env;
const lines = (object) => Object.entries(object).map(([key, n]) => `${key} ${n}`).join(' · ');

async function showStory(story, difference) {
    console.log(`DIFFERENCE in ${difference.kind}: ${difference.text}`);
    const short = await story.shrink(difference);
    console.log(short.isSame ? 'the shortest story that ends so:' : 'told again without forks it does not end so; the whole story:');
    short.steps.forEach((step, i) => {
        console.log(`  block ${i + 1}, ${step.wait} s later${step.follow ? '' : ' (not looked at)'}`);
        for (const op of step.ops) console.log(`    ${op.kind}: ${op.what}`);
    });
    const { row } = short.difference;
    console.log(`  ends in ${short.difference.kind}: ${short.difference.text}`);
    if (row) console.log(`  ${JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`);
    if (!row?.account) return;
    const latest = await story.world.chain.call('eth_getBlockByNumber', ['latest', false]);
    const at = (await story.judge.truth.accounts(latest.hash, Number(latest.timestamp))).get(row.account.toLowerCase());
    if (at) console.log(`  the contract: ${JSON.stringify(at, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`);
    const { world } = story;
    const view = (name) => ({ type: 'function', name, stateMutability: 'view', inputs: [{ type: 'address' }], outputs: [{ type: 'uint256' }] });
    for (const asset of world.assets.filter((a) => a.listed)) {
        const ask = async (to, name, of) => {
            const contract = world.chain.at(to, [view(name)]);
            const tx = { to, data: contract.data(name, [of]) };
            const time = row.at ?? Number(latest.timestamp);
            return BigInt(await world.chain.call('eth_call', [tx, 'latest', {}, { time: `0x${time.toString(16)}` }]));
        };
        const [supplied, owed] = [await ask(asset.aToken, 'scaledBalanceOf', row.account), await ask(asset.debtToken, 'scaledBalanceOf', row.account)];
        if (!supplied && !owed) continue;
        console.log(`    ${asset.symbol} ${asset.address}: scaled ${supplied} supplied, ${owed} owed; index ${await ask(world.market.pool, 'getReserveNormalizedIncome', asset.address)}, ${await ask(world.market.pool, 'getReserveNormalizedVariableDebt', asset.address)}`);
    }
}

/** Out: comparisons made, and whether all were equal. */
async function tell(version, seed, blocks) {
    const began = Date.now();
    const world = await World.build(version, env.DIFFERENTIAL_PORT ? Number(env.DIFFERENTIAL_PORT) + VERSIONS.indexOf(version) : await freePort());
    try {
        await world.chain.call('evm_setAutomine', [false]);
        await world.remember();
        const judge = new Judge(new Truth(world));
        const story = new Story({ world, author: new Author(world, seed), judge, seed });
        const difference = await story.tell(blocks);
        const seconds = ((Date.now() - began) / 1000).toFixed(0);
        console.log(`${version} seed ${seed}: ${judge.total} comparisons over ${story.steps.length} blocks (${story.forked ?? 0} forks), ${judge.below} healths below 1, ${seconds} s`);
        console.log(`  ${lines(judge.counts)}`);
        console.log(`  refusals: ${lines(judge.refusals)}`);
        const ops = [...story.tried].sort().map(([kind, [tried, took]]) => `${kind} ${took}/${tried}`);
        console.log(`  took effect: ${ops.join(' · ')}`);
        const tally = { total: judge.total, isEqual: !difference, took: [...story.tried].filter(([, [, took]]) => took > 0).map(([kind]) => kind) };
        if (difference) await showStory(story, difference);
        return tally;
    } finally {
        await world.stop();
    }
}

async function tellVersion(version) {
    const seeds = env.SEED ? [[Number(env.SEED), Number(env.N ?? FIXED.blocks)]]
        : [[FIXED.seed, Number(env.N ?? FIXED.blocks)], [Date.now() % 1_000_000_007, Number(env.N ?? FRESH_BLOCKS)]];
    let [passed, failed, total] = [0, 0, 0];
    for (const [seed, blocks] of seeds) {
        const told = await tell(version, seed, blocks);
        total += told.total;
        told.isEqual ? passed++ : failed++;
    }
    // a run that was cut short by hand need not be long
    if (!env.SEED && !env.N) total >= LEAST ? passed++ : failed++;
    console.log(`${version}: ${total} comparisons`);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0;
}

/** Each version in a process of its own; what it said is shown when it is done. */
function tellApart(version) {
    return new Promise((done) => {
        const child = spawn(process.execPath, [process.argv[1]], { env: { ...env, VERSION: version }, stdio: ['ignore', 'pipe', 'inherit'] });
        let said = '';
        child.stdout.on('data', (data) => (said += data));
        child.on('exit', (code) => done({ code, said }));
    });
}

if (env.VERSION) {
    process.exitCode = (await tellVersion(env.VERSION)) ? 0 : 1;
} else {
    let [passed, failed] = [0, 0];
    for (const { said } of await Promise.all(VERSIONS.map(tellApart))) {
        const counts = said.match(/(\d+) passed, (\d+) failed\n$/);
        console.log(said.replace(/\d+ passed, \d+ failed\n$/, '').trimEnd());
        passed += Number(counts?.[1] ?? 0);
        failed += Number(counts?.[2] ?? 1);
    }
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed ? 1 : 0;
}
