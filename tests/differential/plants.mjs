// Faults of one word, planted in copies of our sources: each must be found by the comparison that finds
// nothing in the sound program. One story is told of each version; then every faulty program judges what
// the sound one stood on, or follows the same story again, and is held to the same answers.
// usage: plants.mjs [--some SEED | words of a plant's name]    environment: OBJECTS LIBS CC, from the Makefile
// --some: those that are tried in each run, and a share of the others, which the seed chooses
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Difference, Judge, Truth } from './compare.mjs';
import { Author } from './ops.mjs';
import { BEGIN, World } from './world.mjs';
import { Checker, Story } from './story.mjs';
import { HOME, TOP, freePort } from '../devnet/chain.mjs';

/** Stories in which pools are dry, too; what does not show in the first is looked for in the next. */
const SEEDS = { v30: [9], v36: [9, 4] };
const BLOCKS = 130;
const BOTH = ['v30', 'v36'];
const aave = (file) => `src/protocol/aave_v3/${file}`;
// what is wrong · file · the sound words (in that file once) · the faulty ones · versions · who must follow again
const PLANTS = [
    ['rayMul rounds down, not to the nearest', aave('fast.c'), 'quick_low(&index->value), rounding[0])', 'quick_low(&index->value), rounding[0] == AAVE_HALF_UP ? AAVE_FLOOR : rounding[0])', ['v30']],
    ['percentMul of the bonus rounds down', aave('pair_quick.h'), 'pair->rules->splits_against ? AAVE_FLOOR : AAVE_HALF_UP)', 'AAVE_FLOOR)', BOTH],
    ['percentMul of the average threshold rounds down', aave('fast.c'), 'average, bps, AAVE_HALF_UP', 'average, bps, AAVE_FLOOR', ['v30']],
    ['wadDiv of health rounds down', aave('fast.c'), 'worth, wad, &debt, AAVE_HALF_UP', 'worth, wad, &debt, AAVE_FLOOR', ['v30']],
    ['a balance is rounded, not floored', aave('fast.c'), 'AAVE_FLOOR, AAVE_CEIL, AAVE_CEIL}', 'AAVE_HALF_UP, AAVE_CEIL, AAVE_CEIL}', ['v36']],
    ['a debt is rounded, not ceiled', aave('fast.c'), 'AAVE_FLOOR, AAVE_CEIL, AAVE_CEIL}', 'AAVE_FLOOR, AAVE_HALF_UP, AAVE_CEIL}', ['v36']],
    ['the value of a debt is floored', aave('fast.c'), 'AAVE_FLOOR, AAVE_CEIL, AAVE_CEIL}', 'AAVE_FLOOR, AAVE_CEIL, AAVE_FLOOR}', ['v36']],
    ['the value of a collateral is rounded', aave('fast.c'), '{way->supplied, AAVE_FLOOR}', '{way->supplied, AAVE_HALF_UP}', BOTH],
    ['dust begins at 990 dollars', aave('pair.h'), '#define LEFTOVER_MIN 100000000000u', '#define LEFTOVER_MIN 99000000000u', ['v36']],
    ['dust begins at 1010 dollars', aave('pair.h'), '#define LEFTOVER_MIN 100000000000u', '#define LEFTOVER_MIN 101000000000u', ['v36']],
    ['all is taken from 0.94 down', aave('pair.h'), '#define FACTOR_LOW 950000000000000000u', '#define FACTOR_LOW 940000000000000000u', BOTH],
    ['a large pair begins at 2200 dollars', aave('pair.h'), '#define SIZE_THRESHOLD 200000000000u', '#define SIZE_THRESHOLD 220000000000u', ['v36']],
    ['half is half of this debt, not of all', aave('size_quick.c'), 'quick_low(&quick->health->debt_value), HALF_BPS', 'owed_value, HALF_BPS', ['v36']],
    ['linear interest runs a second longer', aave('accrue.c'), 'linear_interest(&factor, &reserve->collateral_rate.value, seconds)', 'linear_interest(&factor, &reserve->collateral_rate.value, seconds + 1)', BOTH],
    ['the binomial has t - 1 for t - 2', aave('accrue.c'), 'seconds > 2 ? seconds - 2 : 0', 'seconds > 1 ? seconds - 1 : 0', ['v30']],
    ['the third term of Taylor is a seventh', aave('accrue.c'), 'divide_u64(&inner, 6)', 'divide_u64(&inner, 7)', ['v36']],
    ['an asset counts in any category', aave('health.c'), 'market->reserve[reserve].category == category', 'market->reserve[reserve].category != 0', ['v30']],
    ['the bitmap is read one bit off', aave('health.c'), '>> (reserve % 64) & 1', '>> (reserve % 64 + 1) & 1', ['v36']],
    ['a category does not set the bonus', aave('pair.c'), 'is_in ? category->bonus_bps : pair->collateral->bonus_bps', 'pair->collateral->bonus_bps', BOTH],
    ['the protocol fee rounds down', aave('pair_quick.h'), 'divisor_ten_to(BPS_DECIMALS), against ? AAVE_CEIL : AAVE_HALF_UP)', 'divisor_ten_to(BPS_DECIMALS), AAVE_FLOOR)', BOTH],
    ['the bonus is split rounding down', aave('pair_quick.h'), 'against ? AAVE_FLOOR : AAVE_HALF_UP) &&', 'AAVE_FLOOR) &&', BOTH],
    ['a repay for all collateral rounds down', aave('pair_quick.h'), 'pair->rules->rounds_against ? AAVE_CEIL : AAVE_HALF_UP', 'AAVE_FLOOR', BOTH],
    ["a price is per the other asset's unit", aave('pair_quick.h'), '(int)pair->collateral->decimals - (int)pair->debt->decimals', '(int)pair->debt->decimals - (int)pair->collateral->decimals', BOTH],
    ['collateral of threshold 0 does not count', aave('health.c'), 'reserve->threshold_bps == 0 && !sums->rules->counts_unweighted', 'reserve->threshold_bps == 0', ['v36']],
    ['the sentinel stops everybody', aave('size.c'), '!market->sentinel_allows && !u256_is_less(&health->factor.value, &low)', '!market->sentinel_allows && !u256_is_zero(&low)', BOTH],
    ['a dry pool is asked for all', aave('size.c'), 'u256_is_less(&pair->collateral->liquidity.value, &late.seize) ? LIQUIDATION_NO_LIQUIDITY', 'u256_is_zero(&pair->collateral->liquidity.value) ? LIQUIDATION_NO_LIQUIDITY', BOTH],
    ['a fiftieth is taken of what a dry pool has', aave('size.c'), '    taken = u256_sub_floor(liquid, &taken);\n', '', BOTH],
    ['a sent aToken touches its sender only', aave('touch.c'), '    touch_account(out, &to, reserve);\n', '', BOTH, 'follows'],
    ["a liquidation leaves the collateral's index", aave('touch.c'), '    touch_state(market, out->liquidation.collateral);\n', '', ['v36'], 'follows'],
    ['a price is read once', 'src/market/market.c', 'reserve->stale |= RESERVE_STALE_PRICE | RESERVE_STALE_OURS', 'reserve->stale |= RESERVE_STALE_OURS', BOTH, 'follows'],
].map(([name, file, sound, faulty, versions, how]) => ({ name, file, sound, faulty, versions, follows: how === 'follows' }));

/** A fault in a header is one of those that are compiled with it. */
const USERS = {
    [aave('pair.h')]: [aave('size.c'), aave('size_quick.c')],
    [aave('pair_quick.h')]: [aave('pair_quick.c'), aave('size_quick.c')],
};

/** One of each kind of rounding and rule; none of them must follow the story again. */
const ALWAYS = [
    'rayMul rounds down, not to the nearest', 'percentMul of the average threshold rounds down', 'a debt is rounded, not ceiled',
    'the value of a debt is floored', 'dust begins at 990 dollars', 'all is taken from 0.94 down',
    'the binomial has t - 1 for t - 2', 'the third term of Taylor is a seventh',
    'an asset counts in any category', 'the bitmap is read one bit off', 'the protocol fee rounds down',
    'a repay for all collateral rounds down', 'a dry pool is asked for all',
];
/** Of the others a run tries one in so many. */
const SHARES = 5;

/** In: what stands behind the command. Out: the faults to try. */
function choose([first, ...more]) {
    if (first !== '--some') return PLANTS.filter((p) => p.name.includes([first, ...more].join(' ')));
    const seed = Number(more[0] || Date.now() % 1_000_000_007);
    const others = PLANTS.filter((p) => !ALWAYS.includes(p.name));
    const share = others.filter((_, i) => i % SHARES === seed % SHARES);
    console.log(`seed ${seed}: ${ALWAYS.length} faults that are always tried, ${share.length} of ${others.length} others; make plants tries all`);
    return PLANTS.filter((p) => ALWAYS.includes(p.name) || share.includes(p));
}

const run = promisify(execFile);
const folder = join(TOP, 'build/differential/plants');
const objects = (process.env.OBJECTS ?? '').split(' ').filter(Boolean);

/** The file in which it is planted. Fails: the sound words are not there once. */
function soundSource(plant) {
    const source = readFileSync(join(TOP, plant.file), 'utf8');
    if (source.split(plant.sound).length !== 2) throw new Error(`${plant.name}: ${plant.file} does not hold once: ${plant.sound}`);
    return source;
}

/** A program with that one fault. Out: its path. */
async function build(plant, i) {
    const source = soundSource(plant);
    const users = USERS[plant.file] ?? [plant.file];
    const place = join(folder, `${i}`);
    const copy = join(place, plant.file.replace('src/', ''));
    const program = join(place, 'out');
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, source.replace(plant.sound, plant.faulty));
    const [cc, ...first] = (process.env.CC || 'cc').split(' ');
    const options = { cwd: TOP, maxBuffer: 1 << 26 };
    const compiled = users.map((_, k) => join(place, `${k}.o`));
    for (const [k, user] of users.entries())
        await run(cc, [...first, '-std=gnu11', '-D_GNU_SOURCE', `-I${place}`, '-Isrc', '-O1', '-g0', '-fPIE', '-c', '-o', compiled[k],
            user === plant.file ? copy : user], options);
    const others = objects.filter((o) => !users.some((user) => o === `build/release/${user.replace(/c$/, 'o')}`));
    if (others.length !== objects.length - users.length) throw new Error(`no object of ${users}`);
    await run(cc, [...first, '-pie', '-fno-lto', '-o', program, ...compiled, ...others, ...process.env.LIBS.split(' ')], options);
    return program;
}

/** Out: what gave it away, or nothing. */
async function judgeAgain(story, judge, program) {
    const checker = new Checker({ folder: story.world.folder, program, args: ['again', 'frames'], log: 'plant.log' });
    try {
        for (const asked of story.asked) await judge.block(asked, await checker.ask(asked));
    } catch (error) {
        if (!(error instanceof Difference)) throw error;
        return error;
    } finally {
        await checker.end();
    }
    return undefined;
}

async function followAgain(story, judge, program) {
    const { world } = story;
    await world.goBack();
    let now = BEGIN;
    const checker = new Checker({ folder: world.folder, program, args: ['follow', 'checker.yaml', 'plant.frames'], log: 'plant.log' });
    try {
        for (const [i, step] of story.steps.entries()) {
            now += step.wait;
            const block = await world.mine(step.ops.flatMap((op) => op.txs), now);
            const asked = { ...block, later: step.later, salt: step.salt };
            if (step.follow || i === story.steps.length - 1) await judge.block(asked, await checker.ask(asked));
        }
    } catch (error) {
        if (!(error instanceof Difference)) throw error;
        return error;
    } finally {
        await checker.end();
    }
    return undefined;
}

/** Out: the plants that were found in that story. */
async function tryStory(version, seed, programs, plants) {
    const all = [];
    const world = await World.build(version, Number(process.env.DIFFERENTIAL_PORT ?? (await freePort())));
    try {
        await world.chain.call('evm_setAutomine', [false]);
        await world.remember();
        const truth = new Truth(world);
        const judge = new Judge(truth);
        const story = new Story({ world, author: new Author(world, seed), judge, seed, forks: false });
        const difference = await story.tell(BLOCKS);
        if (difference) throw new Error(`${version}: the sound program differs: ${difference.message}; see make differential SEED=${seed} N=${BLOCKS}`);
        console.log(`${version} seed ${seed}: the sound program is equal in ${judge.total} comparisons, ${judge.below} healths below 1`);
        for (const plant of plants) {
            const faulty = new Judge(truth);
            const found = await (plant.follows ? followAgain : judgeAgain)(story, faulty, await programs.get(plant));
            // a program that ended has found nothing
            if (found?.kind === 'checker') throw new Error(`${version} ${plant.name}: ${found.message}`);
            if (found) all.push(plant);
            console.log(found ? `ok   ${version} ${plant.name}: found by ${found.kind}, after ${faulty.total} comparisons` : `     ${version} ${plant.name}: not found in ${faulty.total} comparisons`);
        }
    } finally {
        await world.stop();
    }
    return all;
}

/** Out: how many were found, and how many in no story. */
async function tryVersion(version, programs, plants) {
    const ours = plants.filter((p) => p.versions.includes(version)).sort((a, b) => a.follows - b.follows);
    let left = ours;
    for (const seed of SEEDS[version]) {
        if (!left.length) break;
        const found = await tryStory(version, seed, programs, left);
        left = left.filter((p) => !found.includes(p));
    }
    for (const plant of left) console.log(`FAIL ${version} ${plant.name}: not found`);
    return [ours.length - left.length, left.length];
}

mkdirSync(folder, { recursive: true });
mkdirSync(join(HOME, 'differential'), { recursive: true });
const unknown = ALWAYS.find((name) => !PLANTS.some((p) => p.name === name));
if (unknown) throw new Error(`no plant is called ${unknown}`);
PLANTS.forEach(soundSource);
const plants = choose(process.argv.slice(2));
const programs = new Map();
// one after the other: the compiler has the second core
let last = Promise.resolve();
plants.forEach((plant, i) => {
    last = last.then(() => build(plant, i));
    programs.set(plant, last);
});
last.catch(() => {});
let [passed, failed] = [0, 0];
for (const version of BOTH) {
    if (!plants.some((p) => p.versions.includes(version))) continue;
    const [found, left] = await tryVersion(version, programs, plants);
    [passed, failed] = [passed + found, failed + left];
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
