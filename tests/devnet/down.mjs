// Ends the chain that `up` left, and only that one.
import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from './chain.mjs';

const STATE = join(HOME, 'up.json');
try {
    const { pid } = JSON.parse(readFileSync(STATE, 'utf8'));
    // the number may have gone to somebody else since
    if (readlinkSync(`/proc/${pid}/exe`).includes('anvil')) process.kill(pid, 'SIGTERM');
    console.log(`ended process ${pid}`);
} catch {
    console.log('no devnet is up');
}
rmSync(STATE, { force: true });
rmSync(join(HOME, 'up'), { recursive: true, force: true });
rmSync(join(HOME, 'keeper'), { recursive: true, force: true });
