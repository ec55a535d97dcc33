// What the chain says about a keeper, to hold its journal against.
import { aave, hex, viem } from './chain.mjs';
import { KEEPER } from './keeper.mjs';
import { pool, token } from './market.mjs';

const ONE = 10n ** 18n;

/** Every account's state in the protocol's own words, at one block. */
export async function accountData(chain, market, accounts, block = 'latest') {
    const rows = await pool(chain, market).readMany('getUserAccountData', accounts.map((a) => [a]), block);
    return rows.map(([collateral, debt, , , , health], i) => ({ account: accounts[i], collateral, debt, health }));
}

/**
 * Accounts under water that a keeper would earn on. In e-mode the bonus is a tenth of others': there
 * 10,000 USD count as worth it, elsewhere 3,000; what can be seized bounds the bonus as debt does.
 */
export async function leftOver(chain, market, accounts) {
    const under = (await accountData(chain, market, accounts)).filter((x) => x.debt > 0n && x.health < ONE);
    const modes = await pool(chain, market).readMany('getUserEMode', under.map((x) => [x.account]));
    return under.filter((x, i) => {
        const bound = x.debt < x.collateral ? x.debt : x.collateral;
        return bound >= (modes[i] ? 10_000n : 3_000n) * 100_000_000n;
    });
}

/** The keeper's transactions of a range of blocks, with receipts. */
export async function transactionsOf(chain, from, to) {
    const found = [];
    for (let block = from; block <= to; block++) {
        const { transactions } = await chain.call('eth_getBlockByNumber', [hex(block), true]);
        const ours = transactions.filter((t) => viem.isAddressEqual(t.from, KEEPER));
        const receipts = await chain.batch(ours.map((t) => ['eth_getTransactionReceipt', [t.hash]]));
        ours.forEach((tx, i) => {
            const receipt = receipts[i];
            found.push({ hash: tx.hash, tx, block, receipt, failed: receipt.status !== '0x1' });
        });
    }
    return found;
}

/**
 * Was a failed one merely overtaken? It was, where it would have gone through at one of the two blocks
 * before, and none of the keeper's own had touched the account since: the price came back. `decided`: the block
 * of its decision, where that may lie further back (it waited behind another).
 */
export async function isOvertaken(chain, sent, failed, decided = failed.block - 1) {
    const accountOf = (t) => t.tx.input.slice(10 + 2 * 64, 10 + 3 * 64); // liquidationCall's third word
    const { from, to, input: data, gas } = failed.tx;
    for (const block of [failed.block - 1, failed.block - 2, decided]) {
        const isTouched = sent.some((t) =>
            !t.failed && t.block > block && t.block <= failed.block && accountOf(t) === accountOf(failed));
        const call = chain.call('eth_call', [{ from, to, data, gas }, hex(block)]);
        if (!isTouched && (await call.then(() => true, () => false))) return true;
    }
    return false;
}

/** What was decided, a line each: of a live run and of its replay they are the same. */
export const decisionsOf = (events) => events.filter((e) => e.event === 'decision')
    .map((e) => [e.block, e.account, e.verdict, e.reason, e.repay, e.seize].join(' '));

/** LiquidationCall events by the keeper. */
export async function liquidationsOf(chain, market, from, to) {
    const event = viem.getAbiItem({ abi: aave('Pool').abi, name: 'LiquidationCall' });
    const topics = viem.encodeEventTopics({ abi: [event] });
    const filter = { address: market.pool, topics, fromBlock: hex(from), toBlock: hex(to) };
    const logs = await chain.call('eth_getLogs', [filter]);
    return logs
        .map((log) => viem.decodeEventLog({ abi: [event], data: log.data, topics: log.topics }).args)
        .filter((args) => viem.isAddressEqual(args.liquidator, KEEPER));
}

/** Ether and every token that the keeper holds. */
export async function holdings(chain, market) {
    const held = { ether: BigInt(await chain.call('eth_getBalance', [KEEPER, 'latest'])) };
    for (const [symbol, asset] of Object.entries(market.assets))
        held[symbol] = await token(chain, asset.address).read('balanceOf', [KEEPER]);
    return held;
}

/** What the journal says a liquidation brought: nothing, where it did not read the receipt's own logs. */
function profitFaults(sent, told) {
    const topic = viem.encodeEventTopics({ abi: [viem.getAbiItem({ abi: aave('Pool').abi, name: 'LiquidationCall' })] })[0];
    const isLiquidation = (t) => t.receipt.logs.some((log) => log.topics[0] === topic);
    const ends = new Map(told.filter((e) => e.status === 'mined').map((e) => [e.hash, e]));
    return sent.filter((t) => isLiquidation(t) && ends.get(t.hash)?.profit?.gross === '0')
        .map((t) => `${t.hash} liquidated, and the journal tells of no gain`);
}

/**
 * Do the books balance? Ether must have fallen by the receipts' gas, each token moved by what the
 * liquidations say, and the journal must tell of exactly the chain's transactions.
 * Out: what does not, a line each.
 */
export async function faultsOfBooks(chain, market, { before, from, to, journal }) {
    const faults = [];
    const sent = await transactionsOf(chain, from, to);
    const gas = sent.reduce((sum, t) => sum + BigInt(t.receipt.gasUsed) * BigInt(t.receipt.effectiveGasPrice), 0n);
    const expected = { ...before, ether: before.ether - gas };
    const byAddress = Object.fromEntries(Object.entries(market.assets).map(([s, a]) => [a.address, s]));
    for (const l of await liquidationsOf(chain, market, from, to)) {
        expected[byAddress[l.debtAsset]] -= l.debtToCover;
        expected[byAddress[l.collateralAsset]] += l.liquidatedCollateralAmount;
    }
    const after = await holdings(chain, market);
    for (const [what, amount] of Object.entries(expected))
        if (after[what] !== amount) faults.push(`${what}: ${after[what]} held, ${amount} expected`);
    const told = journal.filter((e) => e.event === 'transaction');
    faults.push(...profitFaults(sent, told));
    const mined = [];
    for (const e of told) {
        // a life that begins in a reorg may tell again what landed before this story
        if (['mined', 'reverted', 'cancelled'].includes(e.status) && !(e.mined_block < from)) mined.push(e.hash);
        // a reorg took its block
        if (e.status === 'vanished' && mined.includes(e.hash)) mined.splice(mined.indexOf(e.hash), 1);
    }
    for (const t of sent) if (!mined.includes(t.hash)) faults.push(`${t.hash} is on the chain, not in the journal`);
    for (const hash of mined) if (!sent.some((t) => t.hash === hash)) faults.push(`${hash} is in the journal, not on the chain`);
    if (new Set(mined).size !== mined.length) faults.push('the journal ends a transaction twice');
    return faults;
}
