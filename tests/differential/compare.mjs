// Asks the contracts what our program has said, and counts what was compared. The one judge of both the
// run and the planted faults; answers are remembered, so that the same block can be judged many times.
import { MAX, ZERO, hex, viem } from '../devnet/chain.mjs';

const TRUSTED = 1; // enum market_trust
const TRIES_A_CALL = 40;
const GAS = hex(900_000_000);
const WAD = 10n ** 18n;
const RAY = 10n ** 27n;
const LOW = (WAD * 95n) / 100n;
/** An aToken's balance is rounded once more than what it stands for. */
const ROUNDED = 2n;
/** Of a dry pool's liquidity size.c leaves a fiftieth; its offer is rounded down. */
const DRAWN = 97n;
/** Units of which a rounding is no small part. */
const FEW = 1000n;
/** Units of which an eighth may be less than one, both times that it is rounded down. */
const UNITS = 24n;
/** As in pair.h. */
const [RISE_PARTS, REACH_UNITS] = [8n, 2n];
/** What is said where a pool cannot give out so much: its own balance, or a token's, would fall below
 * nothing; WETH9, which is asked after the pool where both sides are WETH, refuses without a word. */
const DRY = ['panic 17', 'not a word'];
const ONE_ADDRESS = (name, of) => viem.encodeFunctionData({ abi: [{ type: 'function', name, inputs: [{ type: 'address' }], outputs: [], stateMutability: 'view' }], args: [of] });
const words = (data) => {
    // (offset, count, words…)
    const list = [];
    for (let i = 2 + 128; i < data.length; i += 64) list.push(BigInt('0x' + data.slice(i, i + 64)));
    return list;
};

/** What a pool's refusal is about, whatever the version's spelling. */
const ABOUT = new Map(Object.entries({
    45: 'healthy', HealthFactorNotBelowThreshold: 'healthy', 27: 'paused', 29: 'paused', 59: 'paused',
    ReserveInactive: 'paused', ReservePaused: 'paused', PriceOracleSentinelCheckFailed: 'paused',
    LiquidationGraceSentinelCheckFailed: 'grace', 46: 'not_seizable', 47: 'not_seizable',
    CollateralCannotBeLiquidated: 'not_seizable', SpecifiedCurrencyNotBorrowedByUser: 'not_seizable',
    SelfLiquidation: 'not_seizable', MustNotLeaveDust: 'dust', 24: 'nothing', 25: 'nothing',
    InvalidAmount: 'nothing', InvalidBurnAmount: 'nothing', InvalidMintAmount: 'nothing',
}).map(([name, about]) => [/^\d/.test(name) ? name : Number(viem.toFunctionSelector(`${name}()`)), about]));
function reasonOf(kind, length, word) {
    if (kind === 2n) return `panic ${word}`;
    if (length === 0n) return 'not a word';
    if (kind === 3n) return ABOUT.get(Number(word)) ?? `0x${word.toString(16)}`;
    const text = Buffer.from(word.toString(16).padStart(64, '0'), 'hex').toString('latin1').replace(/\0+$/, '');
    return ABOUT.get(text) ?? text;
}
// what the contract may say where we say the key
const MEANS = {
    healthy: ['healthy', 'paused', 'grace'], paused: ['paused'], grace: ['grace'],
    // the pool asks these first, whatever else stands against it
    not_seizable: ['not_seizable', 'nothing', 'panic 18', 'healthy', 'paused', 'grace'], dust: ['dust'],
    no_liquidity: [...DRY, 'dust'], too_small: ['nothing', 'panic 17', 'panic 18', 'dust'], overflow: ['panic 17', 'panic 18'],
};

export class Difference extends Error {
    constructor(kind, text, row) {
        super(`${kind}: ${text}`);
        Object.assign(this, { kind, text, row });
        /** Two differences with the same have probably one cause. */
        this.signature = `${kind} ${row?.error ?? ''} ${row?.most?.reason ?? ''}`;
    }
}

/** The contracts' own answers. */
export class Truth {
    constructor(world) {
        this.world = world;
        this.known = new Map();
    }
    call(data, hash, time) {
        const { chain, prober } = this.world;
        const tx = { to: prober.address, data, gas: GAS };
        return chain.call('eth_call', [tx, { blockHash: hash }, {}, { time: hex(time) }]);
    }
    /** Account (lower case) → what it stands at. */
    async accounts(hash, time) {
        const key = `${hash} ${time}`;
        if (!this.known.has(key)) {
            const { people, prober, market, banker, chain } = this.world;
            const list = [...people, banker, chain.deployer];
            const all = words(await this.call(prober.data('accounts', [market.pool, list]), hash, time));
            const view = new Map(list.map((account, i) => {
                const [ok, collateral, debt, available, threshold, , factor, flags, emode] = all.slice(i * 9, i * 9 + 9);
                return [account.toLowerCase(), { ok: ok === 1n, collateral, debt, available, threshold, factor, flags, emode }];
            }));
            this.known.set(key, view);
        }
        return this.known.get(key);
    }
    /** In: [{row, argument}, …] of one block and time. Out: done, paid, seized, or reason; in order. */
    async tries(hash, time, list) {
        const keyOf = (t) => `${hash} ${time} ${t.row.account} ${t.row.debt} ${t.row.collateral} ${t.argument} ${t.aToken ?? ''}`;
        const todo = new Map(list.filter((t) => !this.known.has(keyOf(t))).map((t) => [keyOf(t), t]));
        const parts = [...todo.entries()];
        for (let i = 0; i < parts.length; i += TRIES_A_CALL) {
            const part = parts.slice(i, i + TRIES_A_CALL);
            const args = part.map(([, t]) => ({ account: t.row.account, debt: t.row.debt, collateral: t.row.collateral, argument: t.argument, aToken: t.aToken ?? ZERO }));
            const { prober, market } = this.world;
            const all = words(await this.call(prober.data('probe', [market.pool, args]), hash, time));
            part.forEach(([key], j) => {
                const [kind, first, second] = all.slice(j * 3, j * 3 + 3);
                this.known.set(key, kind === 1n ? { done: true, paid: first, seized: second } : { done: false, reason: reasonOf(kind, first, second) });
            });
        }
        return list.map((t) => this.known.get(keyOf(t)));
    }
    /** What can leave the pool of an asset, as the contracts count it. */
    async liquid(hash, asset) {
        const key = `${hash} liquid ${asset.address}`;
        if (!this.known.has(key)) {
            const ask = async (to, name, of) => BigInt(await this.world.chain.call('eth_call', [{ to, data: ONE_ADDRESS(name, of) }, { blockHash: hash }]));
            const held = await ask(asset.address, 'balanceOf', asset.aToken);
            const booked = this.world.version === 'v30' ? held : await ask(this.world.market.pool, 'getVirtualUnderlyingBalance', asset.address);
            this.known.set(key, { held, booked });
        }
        return this.known.get(key);
    }
}

/** Judges what the checker said about one block. Throws a Difference. */
export class Judge {
    constructor(truth) {
        this.truth = truth;
        this.counts = {};
        this.refusals = {};
        this.below = 0;
        this.total = 0;
    }
    count(kind, n = 1) {
        this.counts[kind] = (this.counts[kind] ?? 0) + n;
        if (kind !== 'owes nothing') this.total += n; // true of most at any time: no proof of much
    }
    equal(kind, row, what, ours, theirs) {
        this.count(kind);
        if (ours !== theirs) throw new Difference(kind, `${what} of ${row.account}: ours ${ours}, the contract's ${theirs}`, row);
    }
    async block(block, rows) {
        const { hash, timestamp, later } = block;
        const end = rows.at(-1);
        // a sample of its own that differed, or a revision that it does not know
        if (end.trust > TRUSTED) throw new Difference('trust', 'our program does not trust the market', end);
        const views = [await this.truth.accounts(hash, timestamp), await this.truth.accounts(hash, timestamp + later)];
        this.accounts(views[0], rows.filter((r) => r.legs !== undefined), 'now', 'health');
        this.accounts(views[1], rows.filter((r) => r.legs !== undefined), 'later', 'health later');
        await this.pairs(block, views, rows.filter((r) => r.pair));
    }
    accounts(view, rows, key, kind) {
        const seen = new Set();
        for (const row of rows) {
            const account = row.account.toLowerCase();
            seen.add(account);
            const theirs = view.get(account);
            if (theirs) this.account(row, row[key], theirs, kind);
        }
        // whoever is not in the book owes nothing
        for (const [account, theirs] of view)
            if (!seen.has(account) && theirs.ok) this.equal('owes nothing', { account }, 'debt', 0n, theirs.debt);
    }
    account(row, ours, theirs, kind) {
        if (ours.error === 'unsupported') return this.count('not modelled');
        if (ours.error === 'no_price' || ours.error === 'overflow') return this.equal('no price', row, 'is there a price', false, theirs.ok);
        if (ours.error) throw new Difference(kind, `${row.account} is ${ours.error}`, row);
        if (!theirs.ok) throw new Difference(kind, `${row.account}: ours ${ours.factor}, the contract has none`, row);
        this.equal(kind, row, 'health', BigInt(ours.factor), theirs.factor);
        this.equal('collateral value', row, 'collateral value', BigInt(ours.collateral), theirs.collateral);
        this.equal('debt value', row, 'debt value', BigInt(ours.debt), theirs.debt);
        this.equal('threshold', row, 'threshold', BigInt(ours.threshold), theirs.threshold);
        if (theirs.factor < WAD) this.below++;
    }
    async pairs({ hash, timestamp }, views, rows) {
        // what is to be tried, by time
        const byTime = new Map();
        const want = (row, name, time, argument) => {
            if (!byTime.has(time)) byTime.set(time, []);
            byTime.get(time).push({ row, name, argument });
        };
        for (const row of rows) {
            const cap = BigInt(row.cap);
            want(row, 'most', row.at, cap);
            if (row.error) continue;
            want(row, 'said', row.at, BigInt(row.argument));
            if (row.deadline !== row.at) want(row, 'late', row.deadline, BigInt(row.argument));
        }
        for (const [time, list] of byTime) {
            const answers = await this.truth.tries(hash, time, list);
            list.forEach((t, i) => (t.row[t.name] = answers[i]));
        }
        await this.dry(hash, rows.filter((r) => !r.most.done && DRY.includes(r.most.reason)));
        await this.shut({ hash, timestamp }, rows.filter((r) => !r.error && (r.said.reason === 'paused' || r.late?.reason === 'paused')));
        for (const row of rows) {
            const at = (view) => view.get(row.account.toLowerCase()) ?? { factor: MAX, debt: 0n };
            const [judged, landed] = [at(views[row.pair === 'later' ? 1 : 0]), at(views[row.pair === 'now' ? 0 : 1])];
            [row.factor, row.factorThen] = [judged.factor, landed.factor];
            // of what is owed in all, how much comes from interest until it lands
            [row.debtThen, row.interest] = [landed.debt, landed.debt - judged.debt];
            if (row.error) this.refusal(row);
            else this.liquidation(row);
        }
    }
    /** Is it for want of liquidity that all is refused? It is where the same offer goes through for
     * the pool's own token, and gives more of it than can leave the pool. */
    async dry(hash, rows) {
        const { assets } = this.truth.world;
        for (const row of rows) {
            const asset = assets.find((a) => a.address.toLowerCase() === row.collateral.toLowerCase());
            const [taken] = await this.truth.tries(hash, row.at, [{ row, argument: BigInt(row.cap), aToken: asset.aToken }]);
            const { held, booked } = await this.truth.liquid(hash, asset);
            this.equal('liquidity', row, 'what can leave the pool', BigInt(row.liquidity), held < booked ? held : booked);
            // of one asset both ways what is paid is booked before the other leaves
            const left = row.debt === row.collateral && this.truth.world.version !== 'v30' ? booked + (taken.paid ?? 0n) : booked;
            row.isDry = taken.done && taken.seized + ROUNDED > (held < left ? held : left);
        }
    }
    /** A sentinel whose sequencer is down lets those through that stand below 0.95. Interest of the
     * collateral can lift one above it: then the same offer goes through before, and is refused after. */
    async shut({ hash, timestamp }, rows) {
        const factorAt = async (row, time) => (await this.truth.accounts(hash, time)).get(row.account.toLowerCase()).factor;
        for (const row of rows) {
            const [before, after] = row.said.done ? [row.at, row.deadline] : [timestamp, row.at];
            const [offer] = await this.truth.tries(hash, before, [{ row, argument: BigInt(row.argument) }]);
            row.isShut = offer.done && (await factorAt(row, before)) < LOW && (await factorAt(row, after)) >= LOW;
        }
    }
    /** Of one asset both ways only the balance is seen. */
    sides(row, answer) {
        if (row.debt !== row.collateral) return [answer.paid, answer.seized];
        return [BigInt.asIntN(256, answer.paid), 0n];
    }
    ours(row) {
        const [repay, seize] = [BigInt(row.repay), BigInt(row.seize)];
        return row.debt === row.collateral ? [repay - seize, 0n] : [repay, seize];
    }
    liquidation(row) {
        const { said, most, late } = row;
        if (!said.done) {
            // judged at the head, healthy again by interest when it lands
            if (row.pair === 'plan' && said.reason === 'healthy' && row.factorThen >= WAD) return this.count('healthy by then');
            if (row.pair === 'plan' && row.isShut) return this.count('shut by the sentinel by then');
            throw new Difference('repay', `${row.account}: ours ${row.repay}, the contract refuses: ${said.reason}`, row);
        }
        // half at the head, all when it lands, or the other way round: the head's word was what counted
        if (row.pair === 'plan' && row.factor <= LOW !== row.factorThen <= LOW) return this.count('0.95 crossed by then');
        const [paid, seized] = this.sides(row, said);
        const [repay, seize] = this.ours(row);
        this.equal('repay', row, `repay (${row.pair})`, repay, paid);
        this.equal('seize', row, `seize (${row.pair})`, seize, seized);
        this.most(row, most, repay);
        if (!late) return;
        this.count('repay at the deadline');
        if (!late.done && late.reason !== 'healthy' && !row.isShut)
            throw new Difference('repay at the deadline', `${row.account}: refused at the deadline: ${late.reason}`, row);
        if (late.done && row.debt !== row.collateral && late.paid > BigInt(row.repay_max))
            throw new Difference('repay at the deadline', `${row.account}: takes ${late.paid}, we held ${row.repay_max}`, row);
    }
    /** The most that the contract would take of us, against what we chose. */
    most(row, most, repay) {
        if (!most.done) {
            if (row.isDry) return this.drawn(row);
            if (most.reason !== 'dust') throw new Difference('maximum', `${row.account}: all is refused: ${most.reason}`, row);
            return this.count('a part, where all leaves dust');
        }
        const [paid] = this.sides(row, most);
        if (paid === repay) return this.count('maximum');
        if (this.isOfUnits(row, repay - paid)) return this.count('maximum, but for an eighth of a few units');
        // in one asset both ways more of both is less on balance
        if ((paid > repay || row.debt === row.collateral) && (this.isMargin(row) || this.isOfTheHead(row, paid - repay))) return this.count('maximum, less a margin');
        throw new Difference('maximum', `${row.account} (${row.pair}): ours ${repay}, the contract's ${paid}`, row);
    }
    /** For all of a collateral size.c offers an eighth more than it costs, of which the pool takes what
     * it costs: unless so few units are left that an eighth buys not one more. Then all of it is paid. */
    isOfUnits(row, more) {
        const { said, most, supplied } = row;
        return row.debt !== row.collateral && BigInt(supplied) < UNITS && most.seized === said.seized && more > 0n && more <= most.paid / RISE_PARTS + REACH_UNITS;
    }
    /** Ours was cut to what can leave the pool: was it cut to that, and no further? */
    drawn(row) {
        const [taken, liquidity] = [BigInt(row.seize) + BigInt(row.fee), BigInt(row.liquidity)];
        this.equal('a part, where the pool is dry for all', row, 'does it leave the pool', true, BigInt(row.seize) <= liquidity);
        if (taken * 100n >= liquidity * DRAWN || liquidity < FEW || this.isMargin(row)) return;
        throw new Difference('maximum', `${row.account}: ours takes ${taken} where ${liquidity} can leave the pool`, row);
    }
    /** Half of what was owed at the head is less than half of what is owed when it lands. */
    isOfTheHead(row, less) {
        return this.truth.world.version !== 'v30' && row.pair === 'plan' && (less - 2n) * (row.debtThen - row.interest) <= BigInt(row.repay) * (row.interest + 2n);
    }
    /** Is less than the most taken because a rule of 3.3 is near, as size.c says? */
    isMargin(row) {
        if (this.truth.world.version === 'v30') return false;
        const value = (amount, price, decimals) => Number((amount * BigInt(price)) / 10n ** BigInt(decimals)) / 1e8;
        const owed = BigInt(row.owed);
        const supplied = BigInt(row.supplied);
        const debtValue = value(owed, row.debt_price, row.debt_decimals);
        const heldValue = value(supplied, row.collateral_price, row.collateral_decimals);
        const near = (a, b) => Math.abs(a - b) < 1e-3 * b;
        if (!row.error) {
            const debtLeft = value(owed - BigInt(row.repay), row.debt_price, row.debt_decimals);
            const heldLeft = value(supplied - BigInt(row.seize) - BigInt(row.fee), row.collateral_price, row.collateral_decimals);
            if (near(debtLeft, 1020) || near(heldLeft, 1000 + heldValue / 50)) return true;
        } else if (debtValue < 1021 || heldValue < 1022) return true;
        const smaller = Math.min(debtValue, heldValue);
        const health = Number(row.factor) / 1e18;
        return (smaller >= 1997.9 && smaller < 2000.1) || (health > 0.94999 && health <= 0.95);
    }
    /** Of so little no scaled unit is burned, save where the pool writes off the rest of the debt with it. */
    isNothing({ most, debt_index }) {
        return most.paid === 0n || most.seized === 0n || (this.truth.world.version !== 'v30' && most.paid * RAY <= BigInt(debt_index));
    }
    refusal(row) {
        const { most } = row;
        const kind = row.error;
        this.count('refusal');
        this.refusals[kind] = (this.refusals[kind] ?? 0) + 1;
        const isMeant = !most.done && MEANS[kind].includes(most.reason);
        if (isMeant && (kind !== 'no_liquidity' || row.isDry || most.reason === 'dust')) return;
        // the sentinel, which is asked at the head, opens by time; at the head itself this is held to be exact
        if (kind === 'paused' && row.pair !== 'now') return;
        // judged at the head, but healthy or not any more at the block to come
        if (row.pair === 'plan' && row.factor >= WAD !== row.factorThen >= WAD) return;
        if (!most.done && row.pair === 'plan' && most.reason === 'healthy' && row.factorThen >= WAD) return;
        if (most.done && kind === 'too_small' && this.isNothing(row)) return;
        if (most.done && kind === 'not_seizable' && most.seized === 0n && row.debt !== row.collateral) return;
        if ((most.done || row.isDry) && kind === 'dust' && this.isMargin(row)) return;
        if (most.done && kind === 'no_liquidity' && row.pair === 'plan' && (most.seized * 1001n) / 1000n > BigInt(row.liquidity)) return;
        throw new Difference('refusal', `${row.account} (${row.pair}): ours ${kind}, the contract ${most.done ? `takes ${most.paid} for ${most.seized}` : most.reason}`, row);
    }
}
