// What can be wrong with an answer. `answerFaults` spoil the honest node's words, `callFaults` take its
// place; `method`: the calls that a kind is about; `lie`: false words, in good shape.
import { hex } from '../devnet/chain.mjs';

/** Answers that no node of a sound mind gives, by name. */
export const GARBAGE = {
    empty: () => '',
    html: () => '<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>',
    text: () => 'upstream connect error or disconnect/reset before headers',
    bytes: (die) => Buffer.from(Array.from({ length: 1 + Math.floor(2000 * die()) }, () => Math.floor(256 * die()))),
    null: () => 'null',
    object: () => '{}',
    array: () => '[]',
    number: () => '1e999999',
    deep: () => '['.repeat(100_000),
    brace: () => '{"a":'.repeat(50_000),
    zero: () => Buffer.alloc(1000),
    envelope: () => '{"jsonrpc":"2.0","id":1,"result":null}',
    strange: () => '{"jsonrpc":"2.0","id":"\u0000\u00ff","result":{"number":-1}}',
};

export function show(calls) {
    const names = new Map();
    for (const { method } of calls) names.set(method, (names.get(method) ?? 0) + 1);
    return [...names].map(([name, count]) => (count > 1 ? `${name}×${count}` : name)).join(' ');
}

const draw = (die, list) => list[Math.floor(die() * list.length)];
function shuffle(list, die) {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
        const k = Math.floor(die() * (i + 1));
        [out[i], out[k]] = [out[k], out[i]];
    }
    return out;
}
/** One hex digit of a string becomes another. */
function bend(text, die, from = 2) {
    if (typeof text !== 'string' || text.length <= from) return text;
    const at = from + Math.floor(die() * (text.length - from));
    const digit = ((parseInt(text[at], 16) || 0) + 1 + Math.floor(15 * die())) % 16;
    return text.slice(0, at) + digit.toString(16) + text.slice(at + 1);
}
/** `change(result, call, die)` of each answer whose call's method fits; null leaves it. */
const lie = (weight, method, change) => ({
    weight, method, lie: true,
    run: (calls, answers, die, proxy) => answers.map((answer) => {
        const call = calls.find((c) => c.id === answer.id);
        if (!call || !method.test(call.method) || answer.error) return answer;
        const result = change(answer.result, call, die, proxy);
        return result === undefined ? answer : { ...answer, result };
    }),
});
const HEADER = /^eth_getBlockBy/;
const LOGS = /^eth_getLogs$/;
const RECEIPT = /^eth_getTransactionReceipt$/;
const COUNT = /^eth_getTransactionCount$/;
const SEND = /^eth_sendRawTransaction$/;
const random = (die) => '0x' + Array.from({ length: 64 }, () => Math.floor(16 * die()).toString(16)).join('');

export const answerFaults = {
    // no lies: what a batch may look like, or must be refused for
    reordered: { weight: 6, run: (calls, answers, die) => shuffle(answers, die) },
    duplicated: { weight: 3, run: (calls, answers, die) => [...answers, draw(die, answers)] },
    missing: { weight: 3, run: (calls, answers, die) => answers.filter((_, i) => i !== Math.floor(die() * answers.length)) },
    foreign: { weight: 3, run: (calls, answers, die) => answers.map((a) => ({ ...a, id: Number(a.id) + 1 + Math.floor(3 * die()) })) },
    item_error: { weight: 4, run: (calls, answers, die) => answers.map((a) => die() < 0.6 ? a : {
        jsonrpc: '2.0', id: a.id, error: draw(die, [
            { code: -32005, message: 'limit exceeded' }, { code: -32603, message: 'internal error' },
            { code: -32000, message: 'header not found' }, { code: 'x', message: null }, 'error', null]) }) },

    head_number: lie(1, HEADER, (b, c, die) => b && { ...b, number: hex(Math.max(0, Number(b.number) - 3 + Math.floor(7 * die()))) }),
    head_hash: lie(1, HEADER, (b, c, die) => b && { ...b, hash: bend(b.hash, die) }),
    head_parent: lie(1, HEADER, (b, c, die) => b && { ...b, parentHash: bend(b.parentHash, die) }),
    head_time: lie(1, HEADER, (b, c, die) => b && { ...b, timestamp: hex(Math.max(0, Number(b.timestamp) + Math.floor(2e4 * (die() - 0.5)))) }),
    head_fee: lie(1, HEADER, (b, c, die) => b && { ...b, baseFeePerGas: hex(BigInt(b.baseFeePerGas) * 10n ** BigInt(Math.floor(30 * die()))) }),
    head_null: lie(1, HEADER, () => null),
    logs_none: lie(2, LOGS, () => []),
    logs_bent: lie(1, LOGS, (logs, c, die) => logs?.map((l) => draw(die, [
        { ...l, blockHash: bend(l.blockHash, die) }, { ...l, data: bend(l.data, die) },
        { ...l, data: l.data.slice(0, 66) }, { ...l, topics: l.topics.slice(1) }, { ...l, removed: true }]))),
    call_bent: lie(2, /^eth_call$/, (data, c, die) => bend(bend(data, die), die)),
    call_short: lie(1, /^eth_call$/, (data, c, die) => data?.slice(0, 2 + 2 * Math.floor((data.length / 2 - 1) * die()))),
    receipt_other: lie(2, RECEIPT, (r, c, die) => r && { ...r, transactionHash: bend(r.transactionHash, die) }),
    receipt_null: lie(2, RECEIPT, () => null),
    receipt_invented: lie(2, RECEIPT, (r, c, die) => r ?? {
        transactionHash: c.params[0], blockHash: random(die), blockNumber: hex(Math.floor(1e6 * die())), status: draw(die, ['0x0', '0x1']),
        gasUsed: hex(400_000), effectiveGasPrice: hex(20_000_000_000), logs: [], transactionIndex: '0x0', type: '0x2', cumulativeGasUsed: hex(400_000) }),
    nonce_high: lie(2, COUNT, (n, c, die) => n && hex(Number(n) + 1 + Math.floor(3 * die()))),
    nonce_low: lie(2, COUNT, (n, c, die) => n && hex(Math.max(0, Number(n) - 1 - Math.floor(3 * die())))),
    nonce_wild: lie(0.5, COUNT, (n, c, die) => draw(die, ['0xffffffffffffffff', '-1', '0x', 7, null, {}])),
};

/** In the node's stead. `run(body, calls, proxy)` gives the whole answer. */
export const callFaults = {
    // the node has it, and says that something went wrong; or has it not, and says nothing did
    send_denied: { weight: 20, method: SEND, run: async (body, calls, proxy) => {
        await proxy.post(JSON.stringify(body));
        const error = draw(proxy.die, [
            { code: -32603, message: 'internal error' }, { code: -32000, message: 'already known' },
            { code: -32000, message: 'txpool is full' }, { code: -32000, message: 'context deadline exceeded' }]);
        return wrap(body, (call) => ({ jsonrpc: '2.0', id: call.id, error }));
    } },
    send_swallowed: { weight: 20, method: SEND, run: async (body, calls, proxy) =>
        wrap(body, (call) => ({ jsonrpc: '2.0', id: call.id, result: proxy.sends.at(-1).hash })) },
    send_refused: { weight: 10, method: SEND, run: async (body, calls, proxy) => {
        const message = draw(proxy.die, [
            'nonce too low', 'replacement transaction underpriced', 'transaction underpriced', 'insufficient funds for gas * price + value']);
        proxy.sends.at(-1).refused = true;
        return wrap(body, (call) => ({ jsonrpc: '2.0', id: call.id, error: { code: -32000, message } }));
    } },
};
const wrap = (body, answer) => (Array.isArray(body) ? body.map(answer) : answer(body));
