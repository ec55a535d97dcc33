// The same market as market.mjs on Aave V3.6: the reserves and numbers are ours, the contracts the team's.
import { ZERO, viem } from './chain.mjs';
import { EMODES, RESERVES, deployAsset, deployMulticall, supplyLiquidity } from './market.mjs';
import { origin } from './origin.mjs';

const CURVE = ['uint16', 'uint32', 'uint32', 'uint32'].map((type) => ({ type }));
/** Best use of a reserve, interest at none, added up to there, added beyond: in basis points. */
export const curveOf = (...numbers) =>
    viem.encodeAbiParameters([{ type: 'tuple', components: CURVE }], [numbers]);

async function deployCore(chain, assets) {
    const provider = await chain.deploy(origin('PoolAddressesProvider'), ['Devnet 3.6', chain.deployer]);
    await provider.write('setACLAdmin', [chain.deployer]);
    const roles = await chain.deploy(origin('ACLManager'), [provider.address]);
    await provider.write('setACLManager', [roles.address]);
    for (const role of ['addPoolAdmin', 'addEmergencyAdmin', 'addRiskAdmin', 'addAssetListingAdmin'])
        await roles.write(role, [chain.deployer]);
    const list = Object.values(assets);
    const oracle = await chain.deploy(origin('AaveOracle'), [
        provider.address, list.map((a) => a.address), list.map((a) => a.feed), ZERO, ZERO, 100_000_000n,
    ]);
    await provider.write('setPriceOracle', [oracle.address]);
    const rates = await chain.deploy(origin('DefaultReserveInterestRateStrategyV2'), [provider.address]);
    const poolCode = await chain.deploy(origin('PoolInstance'), [provider.address, rates.address]);
    await provider.write('setPoolImpl', [poolCode.address]);
    const configuratorCode = await chain.deploy(origin('PoolConfiguratorInstance'));
    await provider.write('setPoolConfiguratorImpl', [configuratorCode.address]);
    const data = await chain.deploy(origin('AaveProtocolDataProvider'), [provider.address]);
    await provider.write('setPoolDataProvider', [data.address]);
    const market = chain.at(await provider.read('getPool'), poolCode.abi);
    const configurator = chain.at(await provider.read('getPoolConfigurator'), configuratorCode.abi);
    const aToken = await chain.deploy(origin('ATokenInstance'), [market.address, ZERO, chain.accounts[1]]);
    const debtToken = await chain.deploy(origin('VariableDebtTokenInstance'), [market.address, ZERO]);
    return { provider, data, oracle, market, configurator, aToken, debtToken, roles };
}

export const listing36 = (core, symbol, asset, curve) => ({
    aTokenImpl: core.aToken.address, variableDebtTokenImpl: core.debtToken.address, underlyingAsset: asset,
    aTokenName: `Devnet ${symbol}`, aTokenSymbol: `a${symbol}`,
    variableDebtTokenName: `Devnet debt ${symbol}`, variableDebtTokenSymbol: `vd${symbol}`,
    params: '0x10', interestRateData: curve,
});

async function setTerms(core, assets) {
    const set = (name, ...args) => core.configurator.write(name, args);
    for (const [symbol, r] of Object.entries(RESERVES)) {
        const { address } = assets[symbol];
        await set('initReserves', [listing36(core, symbol, address, r.stable ? curveOf(9000, 0, 400, 6000) : curveOf(6500, 0, 700, 20000))]);
        await set('configureReserveAsCollateral', address, r.ltv, r.threshold, r.bonus);
        await set('setReserveFactor', address, 1500);
        await set('setLiquidationProtocolFee', address, 1000);
        await set('setReserveFlashLoaning', address, true);
        if (!r.isolated) await set('setReserveBorrowing', address, true);
        if (r.stable) await set('setBorrowableInIsolation', address, true);
        if (r.isolated) await set('setDebtCeiling', address, 50_000_000_00n);
    }
    for (const e of EMODES) {
        await set('setEModeCategory', e.id, e.ltv, e.threshold, e.bonus, e.label);
        for (const [symbol, r] of Object.entries(RESERVES))
            if (r.emode === e.id) {
                await set('setAssetCollateralInEMode', assets[symbol].address, e.id, true);
                await set('setAssetBorrowableInEMode', assets[symbol].address, e.id, true);
            }
    }
}

/** Out: as deployMarket of market.mjs, and what lists another reserve. */
export async function deployMarket36(chain, { usd } = {}) {
    await deployMulticall(chain);
    const assets = {};
    for (const symbol of Object.keys(RESERVES)) assets[symbol] = await deployAsset(chain, symbol);
    const core = await deployCore(chain, assets);
    await setTerms(core, assets);
    await supplyLiquidity(chain, core.market, assets, usd);
    return {
        url: chain.url, provider: core.provider.address, pool: core.market.address,
        oracle: core.oracle.address, configurator: core.configurator.address, assets, core,
    };
}
