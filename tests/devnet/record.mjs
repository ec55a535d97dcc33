// Makes the golden recordings: of whole stories (tests/crash/stories.mjs), and of a crash with dozens of
// liquidations, which `make demo` shows. What was recorded must replay, show what it is about, and decide
// as the live run did; only then does it take the old one's place.
// usage: run.sh record [name…]   without one: all of them
import { chmodSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Lane } from '../crash/lane.mjs';
import { STORIES } from '../crash/stories.mjs';
import { HOME, TOP, freePort, startNode } from './chain.mjs';
import { decisionsOf, liquidationsOf } from './books.mjs';
import { KEEPER, Keeper } from './keeper.mjs';
import { deployMarket, fund } from './market.mjs';
import { populate } from './people.mjs';
import { crashPath, walk } from './prices.mjs';

// on a busy machine a story may come out as another
const TRIES = 4;
const RECORDED = Object.fromEntries(Object.values(STORIES).filter((s) => s.recorded).map((s) => [s.recorded, s]));
const folder = join(HOME, 'record');

/** What is wrong with a recording; `journal`: of the lives that it is of. */
function faultsOf(keeper, file, journal, shows = ['mined']) {
    const again = keeper.command(['replay', file, '--json']);
    if (again.status !== 0) return [`replay: ${again.why}`];
    const told = again.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    const isShown = (what) => told.some((e) => e.status === what || e.reason === what || e.event === what);
    const faults = shows.filter((what) => !isShown(what)).map((what) => `nothing is ${what}`);
    const live = decisionsOf(journal);
    const replayed = decisionsOf(told);
    const where = live.findIndex((line, i) => line !== replayed[i]);
    if (live.length !== replayed.length || where >= 0)
        faults.push(`replay decides otherwise: ${live.length} decisions live, ${replayed.length} replayed; ${live[where]} / ${replayed[where]}`);
    return faults;
}

async function tell(lane, name, file) {
    const story = RECORDED[name];
    rmSync(file, { force: true });
    lane.more = ['--record', file];
    const told = await lane.tell(story, 0);
    const few = story.least ?? 1;
    const faults = [...told.faults];
    if (told.done.length < few) faults.push(`${told.done.length} liquidations instead of ${few}`);
    faults.push(...faultsOf(lane.keeper, file, told.journal, story.shows));
    return { faults, done: told.done.length };
}

async function crash(name, file) {
    rmSync(file, { force: true });
    const node = await startNode({ folder: join(folder, name), port: await freePort() });
    try {
        const { chain } = node;
        const market = await deployMarket(chain);
        await populate(chain, market, { count: 80, seed: 7 });
        await fund(chain, market, KEEPER);
        await chain.meetWallClock();
        const keeper = new Keeper({ folder: join(folder, name, 'keeper'), market, port: await freePort() });
        for (const done of [keeper.importKey(), keeper.command(['prepare', '-c', 'live.yaml', '--yes'])])
            if (done.status !== 0) throw new Error(done.why);
        const from = await chain.blockNumber();
        const earlier = keeper.journal('live.yaml').length;
        keeper.start('live.yaml', { more: ['--record', file] });
        if ((await keeper.ready()) < 0) throw new Error('the keeper does not become ready');
        await walk(chain, market, crashPath({ steps: 20, depth: 0.35, seed: 7 }), { pace: 400, quiet: 6 });
        await keeper.end();
        const done = (await liquidationsOf(chain, market, from, await chain.blockNumber())).length;
        const journal = keeper.journal('live.yaml').slice(earlier);
        const faults = faultsOf(keeper, file, journal);
        if (done < 30) faults.push(`only ${done} liquidations`);
        return { faults, done };
    } finally {
        await node.stop();
    }
}

/** Out: whether it was made. */
async function make(lane, name) {
    const file = join(folder, `${name}.rec.zst`);
    for (let i = 0; i < TRIES; i++) {
        const { faults, done } = await (name === 'crash' ? crash(name, file) : tell(lane, name, file));
        if (faults.length === 0) {
            const place = join(TOP, 'tests/replay', `${name}.rec.zst`);
            chmodSync(file, 0o644);
            renameSync(file, place);
            const { size } = statSync(place);
            console.log(`ok   ${name}: ${done} liquidations, ${Math.round(size / 1000)} kB`);
            return true;
        }
        console.log(`${i + 1 < TRIES ? 'again' : 'FAIL'} ${name}: ${faults.slice(0, 3).join('; ')}`);
    }
    return false;
}

const wanted = process.argv.slice(2);
const names = ['crash', ...Object.keys(RECORDED)].filter((name) => !wanted.length || wanted.includes(name));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const lane = new Lane(join(folder, 'lane'), null);
let made = 0;
try {
    if (names.some((name) => name !== 'crash')) await lane.open();
    for (const name of names) made += await make(lane, name);
} finally {
    await lane.close();
}
console.log(`${made} made, ${names.length - made} not`);
process.exit(made === names.length && made > 0 ? 0 : 1);
