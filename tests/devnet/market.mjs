// An Aave V3.0 market of seven reserves, with feeds that we set: the team's contracts, our numbers.
import { join } from 'node:path';
import { HOME, MAX, MULTICALL3, ZERO, aave, mock, viem } from './chain.mjs';
import { createRequire } from 'node:module';

// Thresholds in basis points. Decimals 6, 8, 9 and 18; two e-modes; LAND may only be pledged alone.
export const RESERVES = {
    WETH: { decimals: 18, usd: 2500, ltv: 8000, threshold: 8250, bonus: 10500, emode: 1, wrapped: true },
    STETH: { decimals: 18, usd: 2900, ltv: 7500, threshold: 7900, bonus: 10700, emode: 1 },
    WBTC: { decimals: 8, usd: 60000, ltv: 7000, threshold: 7500, bonus: 10650 },
    USDC: { decimals: 6, usd: 1, ltv: 7700, threshold: 8000, bonus: 10450, emode: 2, stable: true },
    USDT: { decimals: 6, usd: 1, ltv: 7500, threshold: 7800, bonus: 10450, emode: 2, stable: true, silent: true },
    DAI: { decimals: 18, usd: 1, ltv: 7500, threshold: 7800, bonus: 10500, emode: 2, stable: true },
    LAND: { decimals: 9, usd: 40, ltv: 5000, threshold: 6000, bonus: 11000, isolated: true },
};
export const EMODES = [
    { id: 1, ltv: 9000, threshold: 9300, bonus: 10100, label: 'ETH and what follows it' },
    { id: 2, ltv: 9300, threshold: 9500, bonus: 10100, label: 'dollars' },
];
const RAY = 10n ** 27n;
const percent = (x) => (RAY * BigInt(Math.round(x * 100))) / 10000n;
export const answerOf = (usd) => BigInt(Math.round(usd * 1e8));
/** USD in units of an asset, at its first price. */
export const unitsOf = (symbol, usd, price = RESERVES[symbol].usd) =>
    BigInt(Math.round((usd / price) * 1e6)) * 10n ** BigInt(RESERVES[symbol].decimals) / 1_000_000n;

const TOKEN_ABI = mock('MockToken').abi;
export const token = (chain, address) => chain.at(address, TOKEN_ABI);
export const pool = (chain, market) => chain.at(market.pool, aave('Pool').abi);

export async function deployAsset(chain, symbol) {
    const { decimals, usd, wrapped, silent } = RESERVES[symbol];
    const artifact = wrapped ? aave('WETH9Mocked') : mock(silent ? 'MockSilentToken' : 'MockToken');
    const asset = await chain.deploy(artifact, wrapped ? [] : [symbol, decimals]);
    const aggregator = await chain.deploy(mock('MockAggregator'), [answerOf(usd)]);
    const feed = await chain.deploy(mock('MockFeed'), [aggregator.address]);
    return { symbol, decimals, address: asset.address, feed: feed.address, aggregator: aggregator.address };
}

/** Multicall3 where every chain has it; viem carries its creation code. */
export async function deployMulticall(chain) {
    const require = createRequire(join(HOME, 'from-here.cjs'));
    const { multicall3Bytecode } = require(join(HOME, 'node_modules/viem/_cjs/constants/contracts.js'));
    const made = await chain.transact({ data: multicall3Bytecode }, 'Multicall3');
    const code = await chain.call('eth_getCode', [made.contractAddress, 'latest']);
    await chain.call('anvil_setCode', [MULTICALL3, code]);
}

async function deployCore(chain, assets) {
    const provider = await chain.deploy(aave('PoolAddressesProvider'), ['Devnet', chain.deployer]);
    const data = await chain.deploy(aave('AaveProtocolDataProvider'), [provider.address]);
    await provider.write('setPoolDataProvider', [data.address]);
    await provider.write('setACLAdmin', [chain.deployer]);
    const roles = await chain.deploy(aave('ACLManager'), [provider.address]);
    await provider.write('setACLManager', [roles.address]);
    for (const role of ['addPoolAdmin', 'addEmergencyAdmin', 'addRiskAdmin', 'addAssetListingAdmin'])
        await roles.write(role, [chain.deployer]);
    const list = Object.values(assets);
    const oracle = await chain.deploy(aave('AaveOracle'), [
        provider.address, list.map((a) => a.address), list.map((a) => a.feed), ZERO, ZERO, 100_000_000n,
    ]);
    await provider.write('setPriceOracle', [oracle.address]);
    const poolCode = await chain.deploy(aave('Pool'), [provider.address]);
    await provider.write('setPoolImpl', [poolCode.address]);
    const configuratorCode = await chain.deploy(aave('PoolConfigurator'));
    await provider.write('setPoolConfiguratorImpl', [configuratorCode.address]);
    const market = chain.at(await provider.read('getPool'), poolCode.abi);
    const configurator = chain.at(await provider.read('getPoolConfigurator'), configuratorCode.abi);
    return { provider, data, oracle, market, configurator };
}

async function listReserves(chain, core, assets) {
    const made = {};
    for (const kind of ['AToken', 'StableDebtToken', 'VariableDebtToken'])
        made[kind] = (await chain.deploy(aave(kind), [core.market.address])).address;
    const rates = async (optimal, base, slope, steep) => {
        const curve = [optimal, base, slope, steep, slope, steep, 1, 8, 20].map(percent);
        return (await chain.deploy(aave('DefaultReserveInterestRateStrategy'), [core.provider.address, ...curve])).address;
    };
    const volatile = await rates(65, 0, 7, 200);
    const stable = await rates(90, 0, 4, 60);
    const names = (symbol) => ({
        aTokenName: `Devnet ${symbol}`, aTokenSymbol: `a${symbol}`,
        variableDebtTokenName: `Devnet debt ${symbol}`, variableDebtTokenSymbol: `vd${symbol}`,
        stableDebtTokenName: `Devnet stable debt ${symbol}`, stableDebtTokenSymbol: `sd${symbol}`,
    });
    const inputs = Object.entries(RESERVES).map(([symbol, r]) => ({
        aTokenImpl: made.AToken, stableDebtTokenImpl: made.StableDebtToken,
        variableDebtTokenImpl: made.VariableDebtToken, underlyingAssetDecimals: r.decimals,
        interestRateStrategyAddress: r.stable ? stable : volatile,
        underlyingAsset: assets[symbol].address, treasury: chain.accounts[1],
        incentivesController: ZERO, params: '0x10', ...names(symbol),
    }));
    // one at a time: seven in one transaction pass a transaction's gas cap
    for (const input of inputs) await core.configurator.write('initReserves', [[input]]);
}

async function setTerms(core, assets) {
    const set = (name, ...args) => core.configurator.write(name, args);
    for (const e of EMODES) await set('setEModeCategory', e.id, e.ltv, e.threshold, e.bonus, ZERO, e.label);
    for (const [symbol, r] of Object.entries(RESERVES)) {
        const { address } = assets[symbol];
        await set('configureReserveAsCollateral', address, r.ltv, r.threshold, r.bonus);
        await set('setReserveFactor', address, 1500);
        await set('setLiquidationProtocolFee', address, 1000);
        await set('setReserveFlashLoaning', address, true);
        if (!r.isolated) await set('setReserveBorrowing', address, true);
        if (r.emode) await set('setAssetEModeCategory', address, r.emode);
        if (r.stable) await set('setBorrowableInIsolation', address, true);
        if (r.isolated) await set('setDebtCeiling', address, 50_000_000_00n);
    }
}

/** Everything that a borrower may want to borrow, from the deployer. */
export async function supplyLiquidity(chain, market, assets, usd = 5e8) {
    for (const [symbol, asset] of Object.entries(assets)) {
        const contract = token(chain, asset.address);
        await contract.write('mint', [chain.deployer, unitsOf(symbol, 1e9)]);
        await contract.write('approve', [market.address, MAX]);
        if (!RESERVES[symbol].isolated)
            await market.write('supply', [asset.address, unitsOf(symbol, usd), chain.deployer, 0]);
    }
}

/** Out: the addresses that a keeper's config and the judge need. */
export async function deployMarket(chain, { usd } = {}) {
    await deployMulticall(chain);
    const assets = {};
    for (const symbol of Object.keys(RESERVES)) assets[symbol] = await deployAsset(chain, symbol);
    const core = await deployCore(chain, assets);
    await listReserves(chain, core, assets);
    await setTerms(core, assets);
    await supplyLiquidity(chain, core.market, assets, usd);
    return {
        url: chain.url, provider: core.provider.address, pool: core.market.address,
        oracle: core.oracle.address, configurator: core.configurator.address, assets,
    };
}

export async function fund(chain, market, account, { eth = 1000, usd = 2e7 } = {}) {
    await chain.call('anvil_setBalance', [account, viem.toHex(viem.parseEther(String(eth)))]);
    for (const [symbol, asset] of Object.entries(market.assets))
        await token(chain, asset.address).write('mint', [account, unitsOf(symbol, usd)]);
}
