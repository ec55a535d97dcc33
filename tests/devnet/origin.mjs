// Aave V3.6 is published as Solidity: compiled once, with the team's compiler, into build/devnet.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { HOME } from './chain.mjs';

const VERSION = 'aave-v3-origin-3.6.0';
const KEPT = join(HOME, `${VERSION}.json`);
const SOURCES = join(HOME, VERSION, 'src/contracts');
const ROOTS = [
    'instances/PoolInstance', 'instances/PoolConfiguratorInstance', 'instances/ATokenInstance',
    'instances/VariableDebtTokenInstance', 'protocol/configuration/PoolAddressesProvider',
    'protocol/configuration/ACLManager', 'misc/AaveOracle', 'misc/DefaultReserveInterestRateStrategyV2',
    'misc/PriceOracleSentinel', 'helpers/AaveProtocolDataProvider',
];
const REMAPPED = [
    ['openzeppelin-contracts-upgradeable/contracts/', 'openzeppelin-upgradeable-5.3.0/'],
    ['openzeppelin-contracts/contracts/', 'openzeppelin-5.3.0/'],
    ['@openzeppelin/contracts/', 'openzeppelin-5.3.0/'],
    ['solidity-utils/', 'solidity-utils-1.1.2/src/'],
];

function compile() {
    const require = createRequire(join(HOME, 'from-here.cjs'));
    const solc = require('solc/wrapper')(require('solc-0-8-27/soljson.js'));
    const find = (path) => {
        const mapped = REMAPPED.find(([from]) => path.startsWith(from));
        const at = join(HOME, mapped ? mapped[1] + path.slice(mapped[0].length) : path);
        return existsSync(at) ? { contents: readFileSync(at, 'utf8') } : { error: `no ${path}` };
    };
    const roots = ROOTS.map((root) => relative(HOME, join(SOURCES, `${root}.sol`)));
    const sources = Object.fromEntries(roots.map((path) => [path, { content: find(path).contents }]));
    const output = { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.bytecode.linkReferences'] } };
    const settings = { optimizer: { enabled: true, runs: 200 }, evmVersion: 'shanghai', outputSelection: output };
    const input = JSON.stringify({ language: 'Solidity', sources, settings });
    const result = JSON.parse(solc.compile(input, { import: find }));
    const faults = (result.errors ?? []).filter((e) => e.severity === 'error');
    if (faults.length) throw new Error(faults[0].formattedMessage);
    const made = {};
    for (const file of Object.values(result.contracts))
        for (const [contractName, c] of Object.entries(file))
            if (c.evm.bytecode.object)
                made[contractName] = {
                    contractName, abi: c.abi, bytecode: '0x' + c.evm.bytecode.object,
                    linkReferences: c.evm.bytecode.linkReferences,
                };
    writeFileSync(`${KEPT}.new`, JSON.stringify(made));
    renameSync(`${KEPT}.new`, KEPT);
}

let contracts;
/** A contract of Aave V3.6. */
export function origin(name) {
    if (!contracts) {
        if (!existsSync(KEPT)) {
            console.error('devnet: compiling Aave V3.6, once');
            compile();
        }
        contracts = JSON.parse(readFileSync(KEPT, 'utf8'));
    }
    return { ...contracts[name], of: origin };
}
