// Kills the daemon at every moment that its journal can tell apart (shim.c), in each story of stories.mjs,
// restarts it, and holds what followed to the chain and to an undisturbed telling: nothing sent twice,
// nothing forgotten, no limit passed. Lanes, each with a chain of its own.
// usage: crash.mjs [stride, default 1] [words of a story's name]
// CRASH_FIRST: the first moment, else drawn by the clock below the stride
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { HOME, TOP } from '../devnet/chain.mjs';
import { Lane } from './lane.mjs';
import { STORIES } from './stories.mjs';

const LANES = 2 * cpus().length; // they mostly wait for blocks
// how often a story is told before it is believed that it has no such moment
const TRIES = 4;
const STRIDE = Number(process.argv[2] || 1);
// where only some are killed at, another run begins with another one
const FIRST = Number(process.env.CRASH_FIRST ?? 1 + (Math.floor(Date.now() / 1000) % STRIDE));
// of the first telling: so much of it is in every telling
const SURE = 0.85;
const wanted = process.argv.slice(3).join(' ');
const folder = join(HOME, 'crash');
const shim = join(folder, 'shim.so');
let passed = 0;
let failed = 0;
const totals = { records: 0, kills: 0 };
function judge(what, faults, figure = '') {
    if (faults.length) failed++;
    else passed++;
    console.log(`${faults.length ? 'FAIL' : 'ok  '} ${what}${figure}${faults.slice(0, 40).map((f) => `\n       ${f}`).join('')}`);
}

/** One kill, at that moment; out: faults, or null: told again and again it has no such moment. */
async function killAt(lane, name, whole, at, tries = TRIES) {
    for (let i = 0; i < tries; i++) {
        const told = await lane.tell(STORIES[name], at);
        if (!told.died) continue;
        const faults = told.faults.map((fault) => `killed at ${at}: ${fault}`);
        if (!STORIES[name].varies && told.done.join() !== whole.done.join())
            faults.push(`killed at ${at}: ${told.done.length} liquidations instead of ${whole.done.length}`);
        if (faults.length) faults.push(...told.journal.filter((e) => e.event !== 'decision').map(tale));
        return faults;
    }
    return null;
}
/** A line of the journal, short. */
function tale(e) {
    const hash = e.hash ? ` ${e.hash.slice(0, 10)} nonce ${e.transaction?.nonce}` : '';
    return `  ${e.block} ${e.event} ${e.status ?? ''}${hash}${e.mined_block ? ` in ${e.mined_block}` : ''}${e.fork_block ? ` from ${e.fork_block}` : ''}`;
}

/**
 * Every moment from the first on, until one is in no telling any more: how many a story has differs by a
 * head or so from telling to telling, so that only this says that none was left out.
 */
async function killAll(lanes, name, whole, faults) {
    const killed = new Set();
    const survived = [];
    let next = FIRST;
    const lanesAt = async (lane) => {
        while (!survived.length && faults.length < 5) {
            const at = next;
            next += STRIDE;
            const found = await killAt(lane, name, whole, at);
            if (found) killed.add(at);
            else survived.push(at);
            faults.push(...(found ?? []));
        }
    };
    await Promise.all(lanes.map(lanesAt));
    let last = Math.max(0, ...killed);
    for (const at of survived.filter((at) => at < last).sort((a, b) => a - b)) {
        const found = await killAt(lanes[0], name, whole, at, 5 * TRIES);
        if (found) killed.add(at);
        else if (at >= SURE * whole.touches) {
            last = at - STRIDE; // the story ends here; one longer telling had a head more
            break;
        }
        faults.push(...(found ?? [`moment ${at} of ${last} was not reached`]));
    }
    const kills = [...killed].filter((at) => at <= last).length;
    return { kills, last, beyond: killed.size - kills };
}

async function go(lanes, name) {
    const start = Date.now();
    const whole = await lanes[0].tell(STORIES[name], 0);
    const few = STORIES[name].least ?? 1;
    if (whole.faults.length || whole.done.length < few || whole.touches < 10)
        return judge(`${name}, undisturbed`, [`${whole.done.length} liquidations, ${whole.touches} moments`, ...whole.faults]);
    const faults = [];
    const { kills, last, beyond } = await killAll(lanes, name, whole, faults);
    const records = Math.ceil((last - FIRST + 1) / STRIDE);
    if (kills !== records && !faults.length) faults.push(`${kills} kills instead of ${records}`);
    if (last < SURE * whole.touches - STRIDE && !faults.length) faults.push(`only ${last} records, ${whole.touches} in the first telling`);
    judge(name, faults, `: ${whole.done.length} liquidations, ${records} records (${whole.touches} in the first telling: ` +
        `${whole.touches - whole.syncs} written, ${whole.syncs} synchronised), ${kills} kills${beyond ? ` and ${beyond} beyond` : ''}, ${Math.round((Date.now() - start) / 1000)} s`);
    totals.records += records;
    totals.kills += kills;
}

rmSync(folder, { recursive: true, force: true });
const lanes = Array.from({ length: LANES }, (_, i) => new Lane(join(folder, `lane-${i}`), shim));
try {
    const [first] = lanes;
    await first.prepareFolder();
    const sources = ['-o', shim, join(TOP, 'tests/crash/shim.c')];
    execFileSync('gcc', ['-O1', '-Wall', '-Werror', '-shared', '-fPIC', ...sources, '-ldl'], { stdio: 'inherit' });
    for (const lane of lanes) await lane.open();
    if (STRIDE > 1) console.log(`of every ${STRIDE} moments one, from CRASH_FIRST=${FIRST} on`);
    for (const name of Object.keys(STORIES)) if (name.includes(wanted) && !STORIES[name].isWhole) await go(lanes, name);
} catch (error) {
    judge('the stories themselves', [error.stack.split('\n').slice(0, 3).join(' | ')]);
} finally {
    for (const lane of lanes) await lane.close();
}
console.log(`${totals.records} records, ${totals.kills} kills`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
