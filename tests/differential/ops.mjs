// What happens on the chain: every operation of a pool, of its governors and of its feeds, drawn from
// a seed. An operation is a list of plain transactions, so that a story can be told again without any
// of the others. Many are refused by the contracts; how many took effect is counted.
import { MAX, ZERO } from '../devnet/chain.mjs';
import { dice } from '../devnet/people.mjs';
import { token } from '../devnet/market.mjs';
import { curveOf } from '../devnet/market36.mjs';
import { mock } from '../devnet/chain.mjs';

const DAY = 86400;
const DEBT_ABI = [{ type: 'function', name: 'approveDelegation', stateMutability: 'nonpayable', inputs: [{ type: 'address' }, { type: 'uint256' }], outputs: [] }];
const FEED = mock('OddFeed', 'Differential.sol').abi;

export class Chance {
    constructor(seed) {
        this.next = dice(seed);
    }
    below(n) {
        return Math.floor(this.next() * n);
    }
    pick(list) {
        return list[this.below(list.length)];
    }
    between(a, b) {
        return a + (b - a) * this.next();
    }
    /** As many of each order of magnitude. */
    magnitude(a, b) {
        return Math.exp(this.between(Math.log(a), Math.log(b)));
    }
    is(probability) {
        return this.next() < probability;
    }
    weighted(table) {
        let left = this.next() * table.reduce((sum, [weight]) => sum + weight, 0);
        return (table.find(([weight]) => (left -= weight) < 0) ?? table[0])[1];
    }
}

/** Draws operations for a world whose accounts stand as `view` says (Map account → words). */
export class Author {
    constructor(world, seed) {
        this.world = world;
        this.chance = new Chance(seed);
        this.view = new Map();
        this.pairs = [];
        this.broken = []; // how to mend what was broken, and when
        this.categories = [1, 2];
        this.step = 0;
        this.isLate = false;
    }
    // ---- words for what is drawn
    get listed() {
        return this.world.assets.filter((a) => a.listed);
    }
    asset() {
        return this.chance.pick(this.listed);
    }
    somebody() {
        return this.chance.pick(this.world.people);
    }
    owner(symbolOf, bit) {
        // an account of which that flag of the reserve is set, else anybody
        const shift = BigInt(2 * symbolOf.index + bit);
        const list = this.world.people.filter((p) => ((this.view.get(p)?.flags ?? 0n) >> shift) & 1n);
        return list.length ? this.chance.pick(list) : this.somebody();
    }
    units(asset, usd) {
        const whole = Math.min(usd / Math.max(asset.usd, 1e-9), 1e12);
        return (BigInt(Math.floor(whole * 1e6)) * 10n ** BigInt(asset.decimals)) / 1_000_000n + BigInt(this.chance.below(1000));
    }
    op(kind, what, ...txs) {
        return { kind, what, txs };
    }
    tx(from, contract, name, args) {
        return { from, to: contract.address, data: contract.data(name, args) };
    }
    does(from, name, args) {
        return this.tx(from, this.world.pool, name, args);
    }
    sets(name, args) {
        return this.tx(this.world.chain.deployer, this.world.configurator, name, args);
    }
    later(steps, kind, make) {
        this.broken.push({ at: this.step + steps, kind, make });
    }

    // ---- accounts
    supply() {
        const [asset, account] = [this.asset(), this.somebody()];
        const amount = this.units(asset, this.chance.is(0.15) ? this.chance.magnitude(1e-4, 20) : this.chance.magnitude(50, 3e5));
        const from = this.chance.is(0.3) ? this.world.banker : account;
        const txs = [this.does(from, 'supply', [asset.address, amount, account, 0])];
        if (asset.symbol === 'LAND' || this.chance.is(0.2))
            txs.push(this.does(account, 'setUserUseReserveAsCollateral', [asset.address, true]));
        return this.op('supply', `${account} gets ${amount} ${asset.symbol} supplied`, ...txs);
    }
    withdraw() {
        const asset = this.asset();
        const account = this.owner(asset, 1);
        const amount = this.chance.is(0.3) ? MAX : this.units(asset, this.chance.magnitude(1, 1e5));
        return this.op('withdraw', `${account} withdraws ${amount} ${asset.symbol}`, this.does(account, 'withdraw', [asset.address, amount, account]));
    }
    /** Of what an account may still borrow. */
    loan(account, asset) {
        const room = Number(this.view.get(account)?.available ?? 0n) / 1e8;
        const part = this.chance.is(0.5) ? this.chance.between(0.9, 1) : this.chance.between(0.05, 0.9);
        return this.units(asset, (room || this.chance.magnitude(10, 1e4)) * part);
    }
    borrower() {
        const able = this.world.people.filter((p) => (this.view.get(p)?.available ?? 0n) > 10n ** 8n);
        return able.length ? this.chance.pick(able) : this.somebody();
    }
    borrow() {
        const [asset, account] = [this.asset(), this.borrower()];
        const amount = this.loan(account, asset);
        return this.op('borrow', `${account} borrows ${amount} ${asset.symbol}`, this.does(account, 'borrow', [asset.address, amount, 2n, 0, account]));
    }
    repay() {
        const asset = this.asset();
        const account = this.owner(asset, 0);
        const from = this.chance.is(0.3) ? this.world.banker : account;
        const amount = this.chance.is(0.3) && from === account ? MAX : this.units(asset, this.chance.magnitude(0.01, 1e5));
        return this.op('repay', `${amount} ${asset.symbol} of ${account} are repaid`, this.does(from, 'repay', [asset.address, amount, 2n, account]));
    }
    repayWithTokens() {
        const asset = this.asset();
        const account = this.owner(asset, 0);
        const amount = this.chance.is(0.4) ? MAX : this.units(asset, this.chance.magnitude(0.1, 1e5));
        const txs = [this.does(account, 'repayWithATokens', [asset.address, amount, 2n])];
        if (this.chance.is(0.6)) txs.unshift(this.does(account, 'supply', [asset.address, this.units(asset, 100), account, 0]));
        return this.op('repay with aTokens', `${account} repays ${amount} ${asset.symbol} with aTokens`, ...txs);
    }
    liquidate(receives = this.chance.is(0.4)) {
        const asset = () => this.asset().address;
        const pair = this.pairs.length && this.chance.is(0.9) ? this.chance.pick(this.pairs) : { account: this.somebody(), debt: asset(), collateral: asset() };
        const from = this.chance.is(0.6) ? this.somebody() : this.world.banker;
        const owed = this.world.assets.find((a) => a.address.toLowerCase() === pair.debt.toLowerCase());
        const amount = this.chance.is(0.6) ? MAX : this.units(owed, this.chance.magnitude(1, 1e5));
        const kind = receives ? 'liquidation, aTokens taken' : 'liquidation';
        return this.op(kind, `${from} liquidates ${pair.account} ${pair.debt} for ${pair.collateral} by ${amount}${receives ? ' as aTokens' : ''}`,
            this.does(from, 'liquidationCall', [pair.collateral, pair.debt, pair.account, amount, receives]));
    }
    useAsCollateral() {
        const [asset, on] = [this.asset(), this.chance.is(0.6)];
        const account = on ? this.somebody() : this.owner(asset, 1);
        return this.op(on ? 'collateral on' : 'collateral off', `${account} has ${asset.symbol} ${on ? 'on' : 'off'}`, this.does(account, 'setUserUseReserveAsCollateral', [asset.address, on]));
    }
    emode() {
        const account = this.somebody();
        const category = this.chance.is(0.35) ? 0 : this.chance.pick(this.categories);
        if (this.world.version === 'v36' && this.chance.is(0.3))
            return this.op('e-mode by a manager', `${account} is put into ${category}`,
                this.does(account, 'approvePositionManager', [this.world.banker, true]),
                this.does(this.world.banker, 'setUserEModeOnBehalfOf', [category, account]));
        return this.op('e-mode', `${account} enters ${category}`, this.does(account, 'setUserEMode', [category]));
    }
    transfer() {
        const asset = this.asset();
        const [from, to] = [this.owner(asset, 1), this.chance.is(0.7) ? this.owner(asset, 1) : this.somebody()];
        const amount = this.units(asset, this.chance.magnitude(1e-3, 2e3));
        const contract = token(this.world.chain, asset.aToken);
        return this.op('aToken transfer', `${from} sends ${to} ${amount} a${asset.symbol}`, this.tx(from, contract, 'transfer', [to, amount]));
    }
    delegate(asset, account, to, stable = false) {
        const contract = this.world.chain.at(stable ? asset.stableToken : asset.debtToken, DEBT_ABI);
        return this.tx(account, contract, 'approveDelegation', [to, MAX]);
    }
    borrowDelegated() {
        const [asset, account] = [this.asset(), this.borrower()];
        const from = this.chance.is(0.5) ? this.somebody() : this.world.banker;
        const amount = this.loan(account, asset);
        return this.op('delegated borrow', `${from} borrows ${amount} ${asset.symbol} on behalf of ${account}`,
            this.delegate(asset, account, from), this.does(from, 'borrow', [asset.address, amount, 2n, 0, account]));
    }
    flash() {
        const { world } = this;
        const [asset, account] = [this.asset(), this.borrower()];
        const amount = this.loan(account, asset);
        if (this.chance.is(0.5))
            return this.op('flash loan kept', `${account} keeps a flash loan of ${amount} ${asset.symbol}`,
                this.does(account, 'flashLoan', [world.taker.address, [asset.address], [amount], [2n], account, '0x', 0]));
        return this.op('flash loan on behalf', `a flash loan of ${amount} ${asset.symbol} becomes debt of ${account}`,
            this.delegate(asset, account, world.taker.address),
            this.tx(world.banker, world.taker, 'take', [world.market.pool, asset.address, amount, account]));
    }
    borrowStable() {
        const [asset, account] = [this.chance.pick(this.listed.slice(2, 6)), this.borrower()];
        const amount = this.loan(account, asset) / 5n;
        const back = this.op('stable debt', `${account} repays its stable ${asset.symbol}`, this.does(account, 'repay', [asset.address, MAX, 1n, account]));
        this.later(4, 'stable debt', () => back);
        return this.op('stable debt', `${account} borrows ${amount} ${asset.symbol} at a stable rate`,
            this.sets('setReserveStableRateBorrowing', [asset.address, true]),
            this.does(account, 'borrow', [asset.address, amount, 1n, 0, account]));
    }
    mintUnbacked() {
        const [asset, account] = [this.asset(), this.somebody()];
        const amount = this.units(asset, this.chance.magnitude(10, 1e4));
        return this.op('unbacked mint', `${account} is minted ${amount} a${asset.symbol}`,
            this.sets('setUnbackedMintCap', [asset.address, 1_000_000_000n]), this.does(this.world.banker, 'mintUnbacked', [asset.address, amount, account, 0]));
    }
    treasury() {
        return this.op('mint to treasury', 'the treasury is paid', this.does(this.somebody(), 'mintToTreasury', [this.listed.map((a) => a.address)]));
    }
    eliminateDeficit() {
        const { umbrella } = this.world;
        const asset = this.world.assets[this.chance.pick([3, 5])];
        const amount = this.units(asset, this.chance.magnitude(1, 1e5));
        return this.op('deficit eliminated', `${amount} ${asset.symbol} of deficit are covered`,
            this.does(umbrella, 'supply', [asset.address, amount + 1000n, umbrella, 0]), this.does(umbrella, 'eliminateReserveDeficit', [asset.address, amount]));
    }
    /** The lenders come and go: what is left is too little for some who seize. */
    lenders() {
        const { deployer } = this.world.chain;
        const asset = this.asset();
        if (this.chance.is(0.5))
            return this.op('lenders leave', `lenders withdraw ${asset.symbol}`,
                ...[0.5, 0.25, 0.12, 0.06, 0.03, 0.01].map((part) => this.does(deployer, 'withdraw', [asset.address, this.units(asset, 4e6 * part), deployer])));
        return this.op('lenders come', `lenders supply ${asset.symbol}`, this.does(deployer, 'supply', [asset.address, this.units(asset, this.chance.magnitude(1e5, 2e6)), deployer, 0]));
    }

    /** All that is left of an asset is lent out: whoever seizes it cannot have it. */
    drought() {
        const { banker } = this.world;
        const asset = this.chance.pick(this.listed.slice(0, 3));
        const pledge = this.chance.pick(this.listed.slice(3, 6));
        const left = (this.liquidity?.get(asset) ?? 0n) - BigInt(this.chance.below(1000));
        if (left <= 0n) return this.lenders();
        const usd = (Number(left) / 10 ** asset.decimals) * asset.usd;
        this.later(2 + this.chance.below(6), 'drought', () => this.op('drought ends', `${asset.symbol} comes back`,
            this.does(banker, 'repay', [asset.address, MAX, 2n, banker])));
        return this.op('drought', `all ${left} ${asset.symbol} are borrowed`,
            this.does(banker, 'supply', [pledge.address, this.units(pledge, usd * 2), banker, 0]),
            this.does(banker, 'setUserUseReserveAsCollateral', [pledge.address, true]),
            this.does(banker, 'borrow', [asset.address, left, 2n, 0, banker]));
    }

    // ---- prices
    answers(asset, answer) {
        const { chain } = this.world;
        return asset.aggregators.map((address) => this.tx(chain.deployer, chain.at(address, this.world.aggregatorAbi), 'set', [answer]));
    }
    price(spread = this.chance.is(0.25) ? 0.35 : 0.03) {
        const asset = this.chance.pick(this.listed);
        // what has fallen far rises again, so that the accounts do not all drown
        const start = { WETH: 2500, STETH: 2900, WBTC: 60000, LAND: 40, LATE: 0.3 }[asset.symbol] ?? 1;
        const pull = Math.log(start / Math.max(asset.usd, 1e-6)) * 0.3;
        asset.usd *= Math.exp(pull + this.chance.between(-1, 1) * spread);
        const answer = BigInt(Math.max(1, Math.round(asset.usd * 1e8)));
        return this.op(spread > 0.1 ? 'price jumps' : 'price moves', `${asset.symbol} is ${answer}`, ...this.answers(asset, answer));
    }
    /** A price that brings an account to a hair's breadth of some rule: a tiny step up or down. */
    priceTiny() {
        const asset = this.asset();
        const answer = BigInt(Math.max(1, Math.round(asset.usd * 1e8) + this.chance.below(7) - 3));
        return this.op('price creeps', `${asset.symbol} is ${answer}`, ...this.answers(asset, answer));
    }
    crash() {
        const txs = [];
        for (const asset of this.listed.slice(0, 3)) {
            asset.usd *= this.chance.between(0.75, 0.97);
            txs.push(...this.answers(asset, BigInt(Math.round(asset.usd * 1e8))));
        }
        return this.op('crash', 'WETH, STETH and WBTC fall together', ...txs);
    }
    oddPrice() {
        const asset = this.asset();
        const answer = this.chance.pick([0n, -1n, 1n, 10n ** 13n]);
        this.later(1 + this.chance.below(3), 'feed answers oddly', () => this.op('feed answers again', `${asset.symbol} again`, ...this.answers(asset, BigInt(Math.round(asset.usd * 1e8)))));
        return this.op('feed answers oddly', `${asset.symbol} answers ${answer}`, ...this.answers(asset, answer));
    }
    feedFails() {
        const asset = this.asset();
        const set = (to) => asset.feeds.map((feed) => this.tx(this.world.chain.deployer, feed, 'setFails', [to]));
        this.later(1 + this.chance.below(3), 'feed fails', () => this.op('feed works', `${asset.symbol} has its feed again`, ...set(false)));
        return this.op('feed fails', `the feed of ${asset.symbol} reverts`, ...set(true));
    }
    capped() {
        const asset = this.asset();
        const cap = this.chance.is(0.4) ? 0n : BigInt(Math.round(asset.usd * 1e8 * this.chance.between(0.9, 1.05)));
        return this.op('source caps', `${asset.symbol} is capped at ${cap}`, ...asset.feeds.map((feed) => this.tx(this.world.chain.deployer, feed, 'setCap', [cap])));
    }
    newAggregator() {
        const asset = this.asset();
        asset.aggregators.reverse();
        return this.op('new aggregator', `${asset.symbol} has another aggregator`, this.tx(this.world.chain.deployer, this.world.chain.at(asset.feeds[0].address, FEED), 'point', [asset.aggregators[0]]));
    }
    newSource() {
        const asset = this.asset();
        const feed = this.chance.pick(asset.feeds);
        return this.op('oracle source', `${asset.symbol} has the source ${feed.address}`, this.tx(this.world.chain.deployer, this.world.oracle, 'setAssetSources', [[asset.address], [feed.address]]));
    }
    newOracle() {
        const oracle = this.chance.pick(this.world.oracles);
        return this.op('price oracle', `the market's oracle is ${oracle.address}`, this.tx(this.world.chain.deployer, this.world.provider, 'setPriceOracle', [oracle.address]));
    }
    fallback() {
        const to = this.chance.is(0.5) ? ZERO : this.world.oracles[1].address;
        return this.op('fallback oracle', `the fallback is ${to}`, this.tx(this.world.chain.deployer, this.world.oracles[0], 'setFallbackOracle', [to]));
    }

    // ---- governors
    terms() {
        const asset = this.asset();
        const threshold = Math.round(this.chance.between(3000, 9400));
        const bonus = Math.min(10000 + Math.round(this.chance.magnitude(1, 2000)), Math.floor(1e8 / threshold));
        const ltv = this.chance.is(0.1) ? 0 : Math.round(threshold * this.chance.between(0.7, 1));
        return this.op('terms', `${asset.symbol} counts ${threshold}, bonus ${bonus}`, this.sets('configureReserveAsCollateral', [asset.address, ltv, threshold, bonus]));
    }
    termsAsBefore() {
        const asset = this.chance.pick(this.listed.slice(0, 6));
        const threshold = 7500 + this.chance.below(900);
        return this.op('terms', `${asset.symbol} counts ${threshold} again`, this.sets('configureReserveAsCollateral', [asset.address, threshold - 400, threshold, 10500]));
    }
    caps() {
        const asset = this.asset();
        const cap = this.chance.is(0.6) ? 0n : BigInt(this.chance.below(1e7));
        const name = this.chance.pick(['setSupplyCap', 'setBorrowCap']);
        return this.op('caps', `${asset.symbol} ${name} ${cap}`, this.sets(name, [asset.address, cap]));
    }
    protocolFee() {
        const asset = this.asset();
        const fee = this.chance.is(0.2) ? 0 : this.chance.below(this.chance.is(0.3) ? 10001 : 3000);
        return this.op('protocol fee', `${asset.symbol} gives ${fee} of the bonus`, this.sets('setLiquidationProtocolFee', [asset.address, fee]));
    }
    pause() {
        const asset = this.asset();
        const { deployer } = this.world.chain;
        const grace = this.chance.is(0.6) ? this.chance.below(4 * 3600 - 1) : 0;
        const is36 = this.world.version === 'v36';
        const set = (args) => is36 ? { from: deployer, to: this.world.configurator.address, data: this.encode('setReservePause', args) } : this.sets('setReservePause', args.slice(0, 2));
        this.later(1 + this.chance.below(4), 'pause', () => this.op(is36 && grace ? 'unpause with grace' : 'unpause', `${asset.symbol} goes on, grace ${grace}`, set([asset.address, false, grace])));
        return this.op('pause', `${asset.symbol} is paused`, set([asset.address, true, 0]));
    }
    /** Of overloaded names, the one with that many arguments. */
    encode(name, args) {
        const abi = this.world.configurator.abi.filter((x) => x.name === name && x.inputs.length === args.length);
        return this.world.chain.at(ZERO, abi).data(name, args);
    }
    pausePool() {
        const { deployer } = this.world.chain;
        const is36 = this.world.version === 'v36';
        const set = (on, grace) => is36 ? { from: deployer, to: this.world.configurator.address, data: this.encode('setPoolPause', [on, grace]) } : this.sets('setPoolPause', [on]);
        const grace = this.chance.below(7200);
        this.later(1, 'pool pause', () => this.op('pool unpause', `the pool goes on, grace ${grace}`, set(false, grace)));
        return this.op('pool pause', 'the pool is paused', set(true, 0));
    }
    freeze() {
        const [asset, on] = [this.asset(), this.chance.is(0.4)];
        return this.op('freeze', `${asset.symbol} ${on ? 'frozen' : 'thawed'}`, this.sets('setReserveFreeze', [asset.address, on]));
    }
    inactive() {
        const asset = this.asset();
        this.later(2, 'inactive', () => this.op('active', `${asset.symbol} is active`, this.sets('setReserveActive', [asset.address, true])));
        return this.op('inactive', `${asset.symbol} is inactive`, this.sets('setReserveActive', [asset.address, false]));
    }
    category() {
        const id = this.chance.is(0.3) ? 3 + this.chance.below(3) : this.chance.pick(this.categories);
        if (!this.categories.includes(id)) this.categories.push(id);
        const threshold = 9500 + this.chance.below(350);
        const bonus = Math.min(10000 + 1 + this.chance.below(300), Math.floor(1e8 / threshold));
        const ltv = threshold - 100 - this.chance.below(200);
        const source = this.chance.is(0.3) ? this.world.ethFeed : ZERO;
        const args = this.world.version === 'v36' ? [id, ltv, threshold, bonus, `c${id}`] : [id, ltv, threshold, bonus, source, `c${id}`];
        const txs = [this.sets('setEModeCategory', args)];
        // the oracle knows a category's price by the address of its source
        if (this.world.version === 'v30' && source !== ZERO)
            for (const oracle of this.world.oracles) txs.push(this.tx(this.world.chain.deployer, oracle, 'setAssetSources', [[source], [this.world.assets[1].feeds[0].address]]));
        return this.op(source !== ZERO && this.world.version === 'v30' ? 'e-mode terms with a price' : 'e-mode terms', `category ${id}: ${ltv} ${threshold} ${bonus} ${source}`, ...txs);
    }
    member() {
        const [asset, id, on] = [this.asset(), this.chance.pick(this.categories), this.chance.is(0.65)];
        if (this.world.version === 'v30')
            return this.op('e-mode member', `${asset.symbol} is of ${on ? id : 0}`, this.sets('setAssetEModeCategory', [asset.address, on ? id : 0]));
        const name = this.chance.weighted([[4, 'setAssetCollateralInEMode'], [2, 'setAssetBorrowableInEMode'], [1, 'setAssetLtvzeroInEMode']]);
        return this.op('e-mode bitmap', `${name} ${asset.symbol} in ${id}: ${on}`, this.sets(name, [asset.address, id, on]));
    }
    rates() {
        const asset = this.asset();
        const { chance } = this;
        if (this.world.version === 'v30')
            return this.op('interest strategy', `${asset.symbol} has another curve`, this.sets('setReserveInterestRateStrategyAddress', [asset.address, chance.pick(this.world.curves)]));
        const curve = curveOf(2000 + chance.below(7000), chance.below(300), chance.below(2000), 2000 + chance.below(28000));
        return this.op('interest curve', `${asset.symbol} has another curve`, this.sets('setReserveInterestRateData', [asset.address, curve]));
    }
    reserveFactor() {
        const asset = this.asset();
        return this.op('reserve factor', `${asset.symbol}`, this.sets('setReserveFactor', [asset.address, this.chance.below(6000)]));
    }
    flags() {
        const asset = this.asset();
        const name = this.chance.pick(['setSiloedBorrowing', 'setBorrowableInIsolation', 'setReserveBorrowing', 'setReserveFlashLoaning']);
        const on = name === 'setSiloedBorrowing' ? this.chance.is(0.25) : this.chance.is(0.85);
        return this.op('flags', `${asset.symbol} ${name} ${on}`, this.sets(name, [asset.address, on]));
    }
    debtCeiling() {
        const asset = this.chance.is(0.6) ? this.world.assets[6] : this.asset();
        return this.op('debt ceiling', asset.symbol, this.sets('setDebtCeiling', [asset.address, BigInt(this.chance.below(1e8))]));
    }
    sentinel() {
        const to = this.chance.is(0.7) ? this.world.sentinel.address : ZERO;
        return this.op('sentinel', `the sentinel is ${to}`, this.tx(this.world.chain.deployer, this.world.provider, 'setPriceOracleSentinel', [to]));
    }
    sequencer() {
        const { chain } = this.world;
        this.later(1 + this.chance.below(3), 'sequencer', () => this.op('sequencer up', 'the sequencer is up', this.tx(chain.deployer, this.world.sequencer, 'set', [0, this.now ?? 0])));
        return this.op('sequencer down', 'the sequencer is down', this.tx(chain.deployer, this.world.sequencer, 'set', [1, this.now ?? 0]));
    }
    list(isEmpty = false) {
        const late = this.world.assets[7];
        const { world } = this;
        const txs = [{ ...this.sets('initReserves', [[world.listing]]), gas: '0xe00000' }];
        // 3.6: an asset that counts in a category only has a threshold of 0 of its own
        if (world.version === 'v30' || this.chance.is(0.2))
            txs.push(this.sets('configureReserveAsCollateral', [late.address, 6000, 6500, 10800]));
        txs.push(this.sets('setReserveBorrowing', [late.address, true]), this.sets('setReserveFlashLoaning', [late.address, true]),
            this.sets('setLiquidationProtocolFee', [late.address, 500]));
        if (world.version === 'v36') txs.push(this.sets('setAssetCollateralInEMode', [late.address, 2, true]), this.sets('setAssetBorrowableInEMode', [late.address, 2, true]));
        if (!isEmpty) txs.push(this.does(world.banker, 'supply', [late.address, this.units(late, 1e6), world.banker, 0]));
        return this.op('new reserve', 'LATE is listed', ...txs);
    }
    drop(asset = this.world.assets[7]) {
        if (!asset.listed) return this.price();
        return this.op('drop reserve', `${asset.symbol} is dropped`, this.sets('dropReserve', [asset.address]));
    }

    newcomer() {
        const free = this.world.people.filter((p) => !(this.view.get(p)?.debt > 0n));
        return free.length ? this.chance.pick(free) : this.somebody();
    }
    /** A pair of about the size at which the rules of 3.3 change, near the edge. */
    sizedLoan() {
        const account = this.newcomer();
        const [pledge, asset] = [this.chance.pick(this.listed.slice(0, 6)), this.asset()];
        const owed = this.chance.is(0.5) ? this.chance.between(1950, 2250) : this.chance.between(900, 1150);
        return this.op('a loan of a size', `${account} borrows ${owed} dollars of ${asset.symbol} on ${pledge.symbol}`,
            this.does(account, 'supply', [pledge.address, this.units(pledge, owed * this.chance.between(1.3, 1.7)), account, 0]),
            this.does(account, 'borrow', [asset.address, this.units(asset, owed), 2n, 0, account]));
    }
    /** One collateral, two debts; soon all of the collateral is taken, and more is owed than it is worth. */
    ruin() {
        const { chain, banker } = this.world;
        const account = this.newcomer();
        const [pledge, first, second] = [this.chance.pick(this.listed.slice(0, 3)), this.world.assets[3], this.world.assets[5]];
        const usd = this.chance.magnitude(100, 2e4);
        const receives = this.chance.is(0.5);
        this.later(1 + this.chance.below(3), 'ruin', () => this.op(receives ? 'ruin, aTokens taken' : 'ruin', `${account} loses all ${pledge.symbol}`,
            ...this.answers(pledge, BigInt(Math.round(pledge.usd * 0.4e8))),
            this.does(banker, 'liquidationCall', [pledge.address, first.address, account, MAX, receives]),
            ...this.answers(pledge, BigInt(Math.round(pledge.usd * 1e8)))));
        return this.op('a loan to be ruined', `${account} borrows USDC and DAI on ${pledge.symbol}`,
            this.does(account, 'supply', [pledge.address, this.units(pledge, usd), account, 0]),
            this.does(account, 'borrow', [first.address, this.units(first, usd * 0.4), 2n, 0, account]),
            this.does(account, 'borrow', [second.address, this.units(second, usd * 0.2), 2n, 0, account]));
    }
    /** A price that brings somebody to a chosen health. */
    nudge() {
        const near = this.world.people.filter((p) => this.view.get(p)?.debt > 100_0000_0000n && this.view.get(p).factor < 2n * 10n ** 18n);
        if (!near.length) return this.price();
        const account = this.chance.pick(near);
        const { flags, factor } = this.view.get(account);
        const pledged = this.listed.filter((a) => (flags >> BigInt(2 * a.index + 1)) & 1n);
        if (!pledged.length) return this.price();
        const asset = this.chance.pick(pledged);
        const to = this.chance.pick([0.9499, 0.95, 0.9501, 0.945, 0.942, 0.97, 0.999, 0.99999, 1.00001, 1.001]);
        asset.usd *= Math.min(1.5, Math.max(0.6, to / (Number(factor) / 1e18)));
        const answer = BigInt(Math.max(1, Math.round(asset.usd * 1e8)));
        return this.op('price to an edge', `${asset.symbol} is ${answer}, for ${account} to stand at ${to}`, ...this.answers(asset, answer));
    }
    /** A loop within a category, with something beside it that is of another or of none. */
    emodeLoan() {
        const [account, id] = [this.newcomer(), this.chance.pick([1, 2])];
        const members = id === 1 ? [0, 1] : [3, 4, 5];
        const [pledge, asset] = [this.chance.pick(members), this.chance.pick(members)].map((i) => this.world.assets[i]);
        const beside = this.asset();
        const usd = this.chance.magnitude(100, 1e5);
        return this.op('a loan in a category', `${account} borrows ${asset.symbol} on ${pledge.symbol} and ${beside.symbol} in ${id}`,
            this.does(account, 'setUserEMode', [id]), this.does(account, 'supply', [pledge.address, this.units(pledge, usd), account, 0]),
            this.does(account, 'supply', [beside.address, this.units(beside, usd * 0.3), account, 0]),
            this.does(account, 'borrow', [asset.address, this.units(asset, usd * this.chance.between(0.85, 1.05)), 2n, 0, account]));
    }
    /** In 3.6, an account that lives by a threshold of its category alone. */
    lateLoan() {
        const late = this.world.assets[7];
        if (!late.listed) return this.supply();
        const [account, asset] = [this.newcomer(), this.chance.pick(this.listed.slice(3, 6))];
        const usd = this.chance.magnitude(100, 1e5);
        return this.op('a loan on LATE', `${account} borrows on LATE`,
            this.does(account, 'setUserEMode', [2]), this.does(account, 'supply', [late.address, this.units(late, usd), account, 0]),
            this.does(account, 'setUserUseReserveAsCollateral', [late.address, true]),
            this.does(account, 'borrow', [asset.address, this.units(asset, usd * 0.55), 2n, 0, account]));
    }

    one() {
        const is30 = this.world.version === 'v30';
        const owing = [...this.view.values()].filter((v) => v.debt > 0n).length;
        const thirst = owing < 50 ? 4 : 1;
        const method = this.chance.weighted([
            [9 * thirst, 'supply'], [4, 'withdraw'], [12 * thirst, 'borrow'], [5, 'repay'], [3, 'repayWithTokens'],
            [8, 'liquidate'], [2.5, 'sizedLoan'], [1.2, 'ruin'], [5, 'nudge'], [5, 'useAsCollateral'], [5, 'emode'], [5, 'transfer'], [3 * thirst, 'borrowDelegated'],
            [3, 'flash'], [3 * thirst, 'emodeLoan'], [is30 ? 0.6 : 0, 'borrowStable'], [is30 ? 1 : 0, 'mintUnbacked'], [1.5, 'treasury'],
            [is30 ? 0 : 2, 'eliminateDeficit'], [2, 'lenders'], [1.5, 'drought'], [10, 'price'], [4, 'priceTiny'], [1.5, 'crash'],
            [0.8, 'oddPrice'], [0.8, 'feedFails'], [1, 'capped'], [1, 'newAggregator'], [1, 'newSource'],
            [0.6, 'newOracle'], [0.6, 'fallback'], [1, 'terms'], [2, 'termsAsBefore'], [1, 'caps'], [1.5, 'protocolFee'],
            [1.2, 'pause'], [0.4, 'pausePool'], [1, 'freeze'], [0.2, 'inactive'], [2, 'category'], [2.5, 'member'],
            [1.2, 'rates'], [0.6, 'reserveFactor'], [1.2, 'flags'], [0.8, 'debtCeiling'], [1, 'sentinel'],
            [1, 'sequencer'], [0.4, 'drop'], [this.world.assets[7].listed ? 2 : 0, 'lateLoan'],
        ]);
        return this[method]();
    }
    /** Seconds until the next block. */
    wait() {
        return this.chance.weighted([
            [55, 12], [15, 1], [10, 2 + this.chance.below(300)], [12, 300 + this.chance.below(4 * 3600)],
            [6, DAY + this.chance.below(5 * DAY)], [1, 30 * DAY + this.chance.below(60 * DAY)],
        ]);
    }
    /** The operations of the next block. In: the time that it will have. */
    block(step, now) {
        this.step = step;
        this.now = now;
        const due = this.broken.filter((b) => b.at <= step);
        this.broken = this.broken.filter((b) => b.at > step);
        const ops = due.map((b) => b.make());
        if (step < 12) {
            // first the accounts
            for (let i = 0; i < 16; i++) ops.push(i % 2 || step < 4 ? this.supply() : i % 8 ? this.borrow() : this.emodeLoan());
            return ops;
        }
        if (step === 14) ops.push(this.sentinel());
        // a reserve that comes and goes before it is used, and its place in the list with it
        if (step === 20) ops.push(this.list(true));
        if (step === 21) ops.push(this.drop());
        if (step >= 30 && step % 10 === 0 && !this.world.assets[7].listed) ops.push(this.list());
        const count = this.chance.weighted([[1, 0], [4, 1], [4, 2], [3, 4], [2, 8]]);
        for (let i = 0; i < count; i++) ops.push(this.one());
        return ops;
    }
}
