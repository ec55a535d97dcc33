// The judge: the real daemon against the real contracts, from outside. Prints a line for each thing
// that must hold and, last, the count. Only the command line, files and the chain are looked at.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, freePort, startNode } from './chain.mjs';
import {
    accountData, decisionsOf, faultsOfBooks, holdings, isOvertaken, leftOver, liquidationsOf, transactionsOf,
} from './books.mjs';
import { KEEPER, Keeper, configText } from './keeper.mjs';
import { deployMarket, fund } from './market.mjs';
import { populate } from './people.mjs';
import { crashPath, walk } from './prices.mjs';

const PEOPLE = 60;
const PACE = Number(process.env.DEVNET_PACE ?? 300);
const folder = join(HOME, 'judge');
const path = crashPath({ steps: 24, depth: 0.35 });
let passed = 0;
let failed = 0;
function judge(what, holds, figure = '') {
    if (holds) passed++;
    else failed++;
    console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${figure ? `: ${figure}` : ''}`);
}

async function judgeCommands(keeper, market) {
    const imported = keeper.importKey();
    const shown = keeper.command(['key', 'address', 'keeper.json', '--password-file', 'keeper.password']);
    judge('a key is imported and proves its address', imported.status === 0 && shown.stdout.includes(KEEPER), imported.why);
    const prepared = keeper.command(['prepare', '-c', 'live.yaml', '--yes']);
    judge('prepare', prepared.status === 0, prepared.why);
    const checked = keeper.command(['check', '-c', 'live.yaml']);
    judge('check passes', checked.status === 0, checked.why);
    const good = configText({ market, mode: 'live', port: keeper.port });
    keeper.write('typo.yaml', good.replace('poll_ms', 'pol_ms'));
    keeper.write('chain.yaml', good.replace('id: 31337', 'id: 1'));
    keeper.write('down.yaml', good.replace(market.url, 'http://127.0.0.1:9'));
    keeper.write('wrong.password', 'no\n');
    keeper.write('key.yaml', good.replace('keeper.password', 'wrong.password'));
    for (const [file, code] of [['typo.yaml', 2], ['chain.yaml', 3], ['down.yaml', 3], ['key.yaml', 4]]) {
        const refused = keeper.command(['check', '-c', file]);
        judge(`check refuses ${file}`, refused.status === code && refused.stderr.length > 0, refused.why);
    }
}

async function judgeHealth(keeper, chain, market, people, when) {
    const rows = keeper.lines(['health', '-c', 'live.yaml']);
    const ours = new Map(rows.map((row) => [row.account, row]));
    const block = rows[0]?.block ?? 'latest';
    let same = 0;
    const wrong = [];
    for (const theirs of await accountData(chain, market, people, block)) {
        const row = ours.get(theirs.account);
        if (theirs.debt === 0n) continue;
        const equal = row && BigInt(row.health_wad) === theirs.health &&
            (theirs.collateral === 0n || row.liquidatable === theirs.health < 10n ** 18n);
        if (equal) same++;
        else wrong.push(`${theirs.account} ${row?.health_wad ?? 'missing'} instead of ${theirs.health}`);
    }
    judge(`health equals the contract's to the last unit, ${when}`, same > 0 && wrong.length === 0,
        `${same} equal, ${wrong.length} wrong${wrong.length ? '; ' + wrong[0] : ''}`);
}

async function judgeDryRun(keeper, chain, market, people) {
    const before = await holdings(chain, market);
    const nonce = await chain.call('eth_getTransactionCount', [KEEPER, 'pending']);
    keeper.start('dry-run.yaml');
    judge('a dry run becomes ready', (await keeper.ready()) >= 0);
    await walk(chain, market, path, { pace: PACE });
    await judgeHealth(keeper, chain, market, people, 'in the crash');
    await keeper.end();
    const decided = keeper.journal('dry-run.yaml').filter((e) => e.event === 'decision' && e.verdict === 'liquidate');
    judge('a dry run decides', decided.length > 0, `${decided.length} liquidations decided`);
    const after = await chain.call('eth_getTransactionCount', [KEEPER, 'pending']);
    const same = (await holdings(chain, market)).ether === before.ether;
    judge('a dry run sends nothing', after === nonce && same, `nonce ${Number(nonce)} and ${Number(after)}`);
}

/** The crash with a daemon that may be killed on the way; judged by the chain and its journal. */
async function judgeLive(keeper, chain, market, people, { name, config, more = [], killAt = [] }) {
    const from = (await chain.blockNumber()) + 1;
    const before = await holdings(chain, market);
    // what `prepare` did stands there already
    const earlier = existsSync(join(keeper.folder, config.replace('yaml', 'db'))) ? keeper.journal(config).length : 0;
    keeper.start(config, { more });
    const ready = await keeper.ready();
    judge(`${name}: becomes ready`, ready >= 0, `${ready} ms`);
    const each = async (step) => {
        if (!killAt.includes(step)) return;
        await keeper.end('SIGKILL');
        keeper.start(config, { more });
    };
    await walk(chain, market, path, { pace: PACE, quiet: 12, each });
    const to = await chain.blockNumber();
    const metrics = await keeper.get('/metrics');
    judge(`${name}: metrics`, /^plimsoll_head_block \d+/m.test(metrics?.text) && /plimsoll_positions\{/.test(metrics?.text));
    const timed = ['fetched', 'decided', 'signed', 'sent', 'included'].filter(
        (stage) => !new RegExp(`^plimsoll_stage_seconds_count\\{stage="${stage}"\\} [1-9]`, 'm').test(metrics?.text));
    judge(`${name}: times every stage`, timed.length === 0, timed.join(', '));
    const ended = await keeper.end();
    judge(`${name}: stops on SIGTERM`, ended.code === 0 && ended.ms < 5000, `exit ${ended.code} in ${ended.ms} ms`);

    const liquidations = await liquidationsOf(chain, market, from, to);
    judge(`${name}: liquidates`, liquidations.length >= 20, `${liquidations.length} liquidations`);
    const left = await leftOver(chain, market, people);
    judge(`${name}: leaves nothing worth liquidating`, left.length === 0,
        left.length ? `${left.length} left, ${left[0].account} owes ${left[0].debt / 100_000_000n} USD` : '');
    const sent = await transactionsOf(chain, from, to);
    const failures = sent.filter((t) => t.failed);
    const overtaken = await Promise.all(failures.map((t) => isOvertaken(chain, sent, t)));
    const bad = failures.filter((_, i) => !overtaken[i]);
    judge(`${name}: no transaction failed`, sent.length > 0 && bad.length === 0,
        `${bad.length} of ${sent.length}, ${failures.length - bad.length} overtaken ${bad[0]?.hash ?? ''}`);
    const journal = keeper.journal(config).slice(earlier);
    const faults = await faultsOfBooks(chain, market, { before, from, to, journal });
    judge(`${name}: the books balance`, faults.length === 0, faults.slice(0, 3).join('; '));
    judgeOnce(name, journal);
    await judgeHealth(keeper, chain, market, people, `after ${name}`);
    return journal;
}

/** A nonce belongs to one transaction, and a transaction ends once. */
function judgeOnce(name, journal) {
    const hashes = new Map();
    for (const e of journal) {
        if (e.event !== 'transaction' || !e.hash || !['sent', 'mined', 'reverted'].includes(e.status)) continue;
        const { nonce } = e.transaction;
        hashes.set(nonce, (hashes.get(nonce) ?? new Set()).add(e.hash));
    }
    const twice = [...hashes].filter(([, set]) => set.size > 1);
    judge(`${name}: no nonce went to two transactions`, hashes.size > 0 && twice.length === 0, `${hashes.size} nonces`);
}

function judgeReplay(keeper, journal) {
    const first = keeper.command(['replay', 'live.rec.zst', '--json']);
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere, { recursive: true });
    const second = keeper.command(['replay', join(keeper.folder, 'live.rec.zst'), '--json'], { cwd: elsewhere });
    judge('replay needs no node', first.status === 0 && first.stdout.length > 0, first.why);
    judge('replay prints the same bytes twice', first.status === 0 && first.stdout === second.stdout);
    const live = decisionsOf(journal);
    const again = decisionsOf((first.stdout || '').split('\n').filter(Boolean).map((line) => JSON.parse(line)));
    const same = live.length > 0 && live.join('\n') === again.join('\n');
    const where = live.findIndex((line, i) => line !== again[i]);
    judge('replay decides as the live run did', same,
        `${live.length} live, ${again.length} replayed${same ? '' : `; first apart: ${live[where]} / ${again[where]}`}`);
}

rmSync(folder, { recursive: true, force: true });
const node = await startNode({ folder, port: process.env.DEVNET_PORT ?? (await freePort()) });
let keeper;
try {
    const { chain } = node;
    const market = await deployMarket(chain);
    const people = await populate(chain, market, { count: PEOPLE, seed: 1 });
    await fund(chain, market, KEEPER);
    await chain.meetWallClock();
    keeper = new Keeper({ folder: join(folder, 'keeper'), market, port: await freePort() });
    await judgeCommands(keeper, market);
    await judgeHealth(keeper, chain, market, people, 'calm');
    let calm = await chain.call('evm_snapshot');
    const back = async () => {
        await chain.call('evm_revert', [calm]);
        calm = await chain.call('evm_snapshot');
    };
    await judgeDryRun(keeper, chain, market, people);
    await back();
    const recorded = { name: 'live', config: 'live.yaml', more: ['--record', 'live.rec.zst'] };
    const journal = await judgeLive(keeper, chain, market, people, recorded);
    judgeReplay(keeper, journal);
    await back();
    // this time with a signer that lives on while the daemon dies
    const apart = readFileSync(join(keeper.folder, 'live.yaml'), 'utf8')
        .replace('live.db', 'killed.db').replace('signer:\n', 'signer:\n  socket: signer.sock\n');
    keeper.write('killed.yaml', apart);
    const endSigner = await keeper.startSigner('killed.yaml', 'signer.sock');
    const killed = { name: 'killed twice', config: 'killed.yaml', killAt: [6, 11] };
    await judgeLive(keeper, chain, market, people, killed);
    judge('the signer outlives the daemon and stops on SIGTERM', [0, 'SIGTERM'].includes(await endSigner()));
} catch (error) {
    judge('the judge itself', false, error.stack.split('\n').slice(0, 3).join(' | '));
} finally {
    await keeper?.end('SIGKILL');
    await node.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
