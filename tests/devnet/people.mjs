// Borrowers of several shapes, the same ones for the same seed on every machine.
import { hex, viem } from './chain.mjs';
import { RESERVES, pool, unitsOf } from './market.mjs';

// weight, collateral with shares, debt with shares, e-mode
const SHAPES = [
    { name: 'long ETH', weight: 5, collateral: { WETH: 1 }, debt: { USDC: 1 } },
    { name: 'long BTC', weight: 3, collateral: { WBTC: 1 }, debt: { DAI: 0.6, USDT: 0.4 } },
    { name: 'basket', weight: 3, collateral: { WETH: 0.5, WBTC: 0.3, USDC: 0.2 }, debt: { USDT: 0.5, DAI: 0.5 } },
    { name: 'staked', weight: 2, collateral: { STETH: 1 }, debt: { DAI: 1 } },
    { name: 'loop', weight: 2, collateral: { STETH: 1 }, debt: { WETH: 1 }, emode: 1 },
    { name: 'dollars', weight: 2, collateral: { USDC: 0.7, DAI: 0.3 }, debt: { USDT: 1 }, emode: 2 },
    { name: 'short ETH', weight: 2, collateral: { USDC: 1 }, debt: { WETH: 1 } },
    { name: 'isolated', weight: 2, collateral: { LAND: 1 }, debt: { USDC: 1 } },
];
const EMODE = { 1: { ltv: 9000, threshold: 9300 }, 2: { ltv: 9300, threshold: 9500 } };

/** Uniform numbers in [0, 1) from a seed (splitmix64: neighbouring seeds have nothing in common). */
export function dice(seed) {
    let state = BigInt(seed);
    return () => {
        state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
        let mixed = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
        mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
        return Number((mixed ^ (mixed >> 31n)) >> 33n) / 2 ** 31;
    };
}

function shapeFor(throwDie) {
    let left = throwDie() * SHAPES.reduce((sum, s) => sum + s.weight, 0);
    return SHAPES.find((s) => (left -= s.weight) < 0) ?? SHAPES[0];
}

export function makePeople(count, seed) {
    const people = [];
    for (let i = 0; i < count; i++) {
        const die = dice(seed * 100_003 + i);
        const shape = shapeFor(die);
        // from a thousand to a million dollars, as many of each order of magnitude
        const usd = 10 ** (3 + 3 * die());
        const mean = (key) =>
            Object.entries(shape.collateral).reduce(
                (sum, [s, share]) => sum + share * (EMODE[shape.emode]?.[key] ?? RESERVES[s][key]), 0) / 1e4;
        // a third stands near the edge, nobody over what may be borrowed
        const health = 1.01 + (die() < 0.33 ? 0.1 : 0.9) * die() * (shape.emode ? 0.1 : 1);
        const owed = usd * Math.min(mean('threshold') / health, mean('ltv') * 0.995);
        const account = viem.getAddress('0x' + viem.keccak256(viem.toHex(`${seed}:${i}`)).slice(26));
        people.push({ account, usd, owed, ...shape });
    }
    return people;
}

/** Supplies for each on its behalf, then each borrows for itself. Out: the accounts. */
export async function populate(chain, market, { count, seed }) {
    const people = makePeople(count, seed);
    const contract = pool(chain, market);
    const to = market.pool;
    const txs = [];
    const asset = (symbol) => market.assets[symbol].address;
    for (const p of people)
        for (const [symbol, share] of Object.entries(p.collateral)) {
            const args = [asset(symbol), unitsOf(symbol, p.usd * share), p.account, 0];
            txs.push({ from: chain.deployer, to, data: contract.data('supply', args) });
        }
    for (const p of people) {
        const act = (name, args) => txs.push({ from: p.account, to, data: contract.data(name, args) });
        if (RESERVES[Object.keys(p.collateral)[0]].isolated)
            act('setUserUseReserveAsCollateral', [asset(Object.keys(p.collateral)[0]), true]);
        if (p.emode) act('setUserEMode', [p.emode]);
        for (const [symbol, share] of Object.entries(p.debt))
            act('borrow', [asset(symbol), unitsOf(symbol, p.owed * share), 2n, 0, p.account]);
    }
    await chain.batch(people.map((p) => ['anvil_setBalance', [p.account, hex(10n ** 19n)]]));
    await chain.call('anvil_autoImpersonateAccount', [true]);
    await chain.transactMany(txs, 'populating');
    await chain.call('anvil_autoImpersonateAccount', [false]);
    return people.map((p) => p.account);
}
