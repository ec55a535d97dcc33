// The stage: a chain with the real contracts, feeds that obey, accounts that can pay, and nothing that
// a clock or a thread decides, so that a seed tells the same story on every machine.
import { join } from 'node:path';
import { HOME, MAX, ZERO, aave, hex, mock, startNode, viem } from '../devnet/chain.mjs';
import { RESERVES, answerOf, deployAsset, deployMarket, token } from '../devnet/market.mjs';
import { curveOf, deployMarket36, listing36 } from '../devnet/market36.mjs';
import { origin } from '../devnet/origin.mjs';

const FILE = 'Differential.sol';
const GENESIS = 1_700_000_000;
/** The first block whose time is told; before it nobody owes anything, so no interest depends on it. */
export const BEGIN = GENESIS + 1_000_000;
/** Dollars of each asset that the deployer supplies: little enough to be used up. */
const LIQUIDITY = 4e6;
const ACCOUNTS = 100;

export class World {
    /** In: 'v30' or 'v36'. */
    static async build(version, port) {
        const folder = join(HOME, 'differential', version);
        const node = await startNode({ folder, port, timestamp: GENESIS, gasLimit: 1_000_000_000 });
        const world = new World();
        Object.assign(world, { version, folder, chain: node.chain, stop: node.stop });
        try {
            await world.deploy();
        } catch (error) {
            await node.stop();
            throw error;
        }
        return world;
    }
    async deploy() {
        const { chain } = this;
        this.market = await (this.version === 'v36' ? deployMarket36 : deployMarket)(chain, { usd: LIQUIDITY });
        this.artifact = this.version === 'v36' ? origin : aave;
        this.abi = this.artifact(this.version === 'v36' ? 'PoolInstance' : 'Pool').abi;
        const at = (address, name) => chain.at(address, this.artifact(name).abi);
        this.pool = chain.at(this.market.pool, this.abi);
        this.configurator = at(this.market.configurator, this.version === 'v36' ? 'PoolConfiguratorInstance' : 'PoolConfigurator');
        this.oracle = at(this.market.oracle, 'AaveOracle');
        this.provider = at(this.market.provider, 'PoolAddressesProvider');
        this.assets = Object.values(this.market.assets).map((a) => ({ ...a, listed: true, usd: RESERVES[a.symbol].usd }));
        await this.addLate();
        this.prober = await chain.deploy(mock('Prober', FILE));
        this.taker = await chain.deploy(mock('FlashTaker', FILE));
        this.sequencer = await chain.deploy(mock('Sequencer', FILE));
        await this.sequencer.write('set', [0, GENESIS]);
        this.sentinel = await chain.deploy(this.artifact('PriceOracleSentinel'), [this.provider.address, this.sequencer.address, 3600n]);
        await this.makeFeeds();
        await this.makeOracle();
        await this.makePeople();
        await this.giveRoles();
        for (const asset of this.assets) await this.readTokens(asset);
    }
    /** A reserve that is listed in mid-run: everything but the listing is there. */
    async addLate() {
        const { chain } = this;
        RESERVES.LATE = { decimals: 21, usd: 0.3 };
        const asset = await deployAsset(chain, 'LATE');
        delete RESERVES.LATE;
        this.assets.push({ ...asset, listed: false, usd: 0.3 });
        if (this.version === 'v36') {
            this.listing = listing36(this.market.core, 'LATE', asset.address, curveOf(6500, 0, 700, 20000));
            return;
        }
        const code = {};
        for (const name of ['AToken', 'StableDebtToken', 'VariableDebtToken'])
            code[name] = (await chain.deploy(aave(name), [this.market.pool])).address;
        this.listing = {
            aTokenImpl: code.AToken, stableDebtTokenImpl: code.StableDebtToken,
            variableDebtTokenImpl: code.VariableDebtToken, underlyingAssetDecimals: 21,
            interestRateStrategyAddress: await this.curve(65, 0, 7, 200), underlyingAsset: asset.address,
            treasury: chain.accounts[1], incentivesController: ZERO, params: '0x10',
            aTokenName: 'late', aTokenSymbol: 'aLATE', variableDebtTokenName: 'late debt',
            variableDebtTokenSymbol: 'vdLATE', stableDebtTokenName: 'late stable', stableDebtTokenSymbol: 'sdLATE',
        };
        this.curves = [await this.curve(50, 1, 20, 300), await this.curve(80, 0, 2, 40), await this.curve(30, 3, 60, 900)];
    }
    async curve(...numbers) {
        const rays = [...numbers, numbers[2], numbers[3], 1, 8, 20].map((x) => (10n ** 27n * BigInt(x)) / 100n);
        const made = await this.chain.deploy(aave('DefaultReserveInterestRateStrategy'), [this.provider.address, ...rays]);
        return made.address;
    }
    async makeFeeds() {
        const { chain } = this;
        for (const asset of this.assets) {
            const feed = await chain.deploy(mock('OddFeed', FILE), [asset.aggregator]);
            const spare = await chain.deploy(mock('MockAggregator'), [answerOf(asset.usd)]);
            const other = await chain.deploy(mock('OddFeed', FILE), [spare.address]);
            Object.assign(asset, { feed, aggregators: [asset.aggregator, spare.address], feeds: [feed, other] });
        }
        await this.oracle.write('setAssetSources', [this.assets.map((a) => a.address), this.assets.map((a) => a.feed.address)]);
        this.aggregatorAbi = mock('MockAggregator').abi;
        this.ethFeed = (await chain.deploy(mock('OddFeed', FILE), [this.assets[1].aggregator])).address;
    }
    /** A second oracle of the market, which knows the same feeds, and is a fallback too. */
    async makeOracle() {
        const list = this.assets;
        const args = [this.provider.address, list.map((a) => a.address), list.map((a) => a.feeds[1].address), ZERO, ZERO, 100_000_000n];
        this.oracles = [this.oracle, await this.chain.deploy(this.artifact('AaveOracle'), args)];
    }
    async giveRoles() {
        const acl = this.chain.at(await this.provider.read('getACLManager'), this.artifact('ACLManager').abi);
        if (this.version === 'v30') await acl.write('addBridge', [this.banker]);
        else await this.provider.write('setAddress', [viem.toHex('UMBRELLA', { size: 32 }), this.chain.accounts[3]]);
    }
    /** Everybody holds some of everything and lets the pool take it. */
    async makePeople() {
        const { chain } = this;
        const name = (i) => viem.getAddress('0x' + viem.keccak256(viem.toHex(`differential:${i}`)).slice(26));
        this.people = Array.from({ length: ACCOUNTS }, (_, i) => name(i));
        const everybody = [...this.people, this.chain.accounts[2], this.chain.accounts[3]];
        const minter = await chain.deploy(mock('Minter', FILE));
        for (const asset of this.assets)
            await minter.write('mint', [[asset.address], everybody, 10n ** BigInt(asset.decimals + 9)]);
        await chain.batch(everybody.map((p) => ['anvil_setBalance', [p, hex(10n ** 24n)]]));
        await chain.call('anvil_autoImpersonateAccount', [true]);
        const txs = [];
        for (const from of everybody)
            for (const asset of this.assets) {
                const data = token(chain, asset.address).data('approve', [this.market.pool, MAX]);
                txs.push({ from, to: asset.address, data, gas: hex(100_000) });
            }
        await chain.transactMany(txs, 'approving');
        [this.banker, this.umbrella] = chain.accounts.slice(2, 4);
    }
    async readTokens(asset) {
        if (!asset.listed) return;
        const data = await this.pool.read('getReserveData', [asset.address]);
        Object.assign(asset, { index: data.id, aToken: data.aTokenAddress, debtToken: data.variableDebtTokenAddress, stableToken: data.stableDebtTokenAddress });
    }
    /** Which reserves there are now. */
    async look() {
        const list = (await this.pool.read('getReservesList')).map((a) => a.toLowerCase());
        for (const asset of this.assets) {
            asset.listed = list.includes(asset.address.toLowerCase());
            await this.readTokens(asset);
        }
    }
    /** What the world looked like, so that a story can be told again from there. */
    async remember() {
        this.kept = JSON.stringify(this.assets.map(({ listed, usd }) => ({ listed, usd })));
        this.snapshot = await this.chain.call('evm_snapshot');
    }
    async goBack() {
        await this.chain.call('anvil_dropAllTransactions');
        await this.chain.call('evm_revert', [this.snapshot]);
        this.snapshot = await this.chain.call('evm_snapshot');
        this.nonces?.clear();
        JSON.parse(this.kept).forEach((kept, i) => Object.assign(this.assets[i], kept));
    }
    /** One block of transactions in this order, at that time. Out: its header, and who succeeded. */
    async mine(txs, timestamp) {
        const { chain } = this;
        this.nonces ??= new Map();
        const unknown = [...new Set(txs.map((t) => t.from))].filter((a) => !this.nonces.has(a));
        const counts = await chain.batch(unknown.map((a) => ['eth_getTransactionCount', [a, 'latest']]));
        unknown.forEach((a, i) => this.nonces.set(a, Number(counts[i])));
        const base = 100_000_000_000n;
        const sends = txs.map((tx, i) => {
            const nonce = this.nonces.get(tx.from);
            this.nonces.set(tx.from, nonce + 1);
            const gasPrice = hex(base - BigInt(i) * 100_000_000n); // dearer first: that is the order
            return ['eth_sendTransaction', [{ gas: hex(3_000_000), ...tx, nonce: hex(nonce), gasPrice }]];
        });
        const hashes = await chain.batch(sends);
        await chain.call('evm_setNextBlockTimestamp', [timestamp]);
        await chain.call('evm_mine');
        const [header, receipts] = await chain.batch([['eth_getBlockByNumber', ['latest', false]], ['eth_getBlockReceipts', ['latest']]]);
        const status = new Map((receipts ?? []).map((r) => [r.transactionHash, r.status === '0x1']));
        return {
            hash: header.hash, number: Number(header.number), timestamp: Number(header.timestamp),
            done: hashes.map((h) => status.get(h)), receipts,
        };
    }
}
