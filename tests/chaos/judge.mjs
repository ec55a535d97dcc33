// What must hold of everything that the daemon asked and gave away, as the proxies saw it.

/** A nonce belongs to one call, unless a node that spoke for itself would not have it. */
export function judgeNonces(world, since) {
    const calls = new Map();
    for (const send of world.proxies.flatMap((p) => p.sends)) {
        if (send.at < since || send.refused) continue;
        const of = calls.get(send.nonce) ?? new Map();
        calls.set(send.nonce, of.set(`${send.to} ${send.data}`, send));
    }
    const twice = [...calls].filter(([, of]) => of.size > 1);
    return twice.map(([nonce, of]) => `nonce ${nonce} went to ${of.size} calls: ${[...of.values()].map((s) => s.hash)}`);
}

/** The very same call, gone through twice. */
export function judgeTwice(sent) {
    const seen = new Map();
    const faults = [];
    for (const { tx, hash, failed } of sent) {
        if (failed) continue;
        if (seen.has(tx.input)) faults.push(`${hash} does again what ${seen.get(tx.input)} did`);
        seen.set(tx.input, hash);
    }
    return faults;
}

/** Requests a second in a span, and in its busiest second. */
function rateOf(world, from, to) {
    const times = world.proxies.flatMap((p) => p.asked.map(([at]) => at)).filter((at) => at >= from && at < to).sort((a, b) => a - b);
    let most = 0;
    for (let i = 0, first = 0; i < times.length; i++) {
        while (times[i] - times[first] >= 1000) first++;
        most = Math.max(most, i - first + 1);
    }
    return { mean: (1000 * times.length) / Math.max(1, to - from), most };
}

/** Out: words for the wave's line. An outage may lower the rate; nothing may raise it for long. */
export function judgeRate(world, number, calm) {
    const now = Date.now();
    const before = rateOf(world, world.baseline.from, world.baseline.to);
    const after = rateOf(world, Math.max(calm, now - 3000), now);
    const busiest = rateOf(world, world.baseline.to, now);
    if (after.mean > 1.5 * before.mean + 5)
        world.faults.push(`wave ${number}: ${after.mean.toFixed(1)} requests a second afterwards, ${before.mean.toFixed(1)} before`);
    if (busiest.most > 6 * before.most)
        world.faults.push(`wave ${number}: ${busiest.most} requests in a second, ${before.most} before`);
    return `${before.mean.toFixed(0)} requests/s before, ${after.mean.toFixed(0)} after, ${busiest.most} in the busiest second`;
}
