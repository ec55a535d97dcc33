/*
 * Every command must be explained where the operator stands, without a manual at hand. The words
 * live here, away from the code that prints them, so that they can be read in one piece.
 */
#include "keeper/help_text.h"

#include "base/must.h"

#define CONFIG_OPTION                                                                              \
    "  -c, --config FILE   the config (config/plimsoll.example.yaml shows every key)\n"
#define JSON_OPTION "      --json          for programs: one JSON object a line\n"

const struct help_topic help_topics[] = {
    {"run", "the daemon: watches, decides, and in mode live sends",
     "plimsoll run -c FILE [--dry-run] [--record PATH]\n\n"
     "Mirrors every position of the configured markets, judges those near the edge at each head,\n"
     "and liquidates what pays. In dry run nothing is signed and nothing leaves.\n\n" CONFIG_OPTION
     "      --dry-run       overrides keeper.mode: decides, journals, sends nothing\n"
     "      --record PATH   keeps all that the nodes say, for replay (.zst: compressed)\n\n"
     "SIGTERM ends it cleanly; SIGHUP takes new limits from the config, without a restart.\n"},
    {"replay", "the same engine over a recording; needs no node",
     "plimsoll replay RECORDING [-c FILE] [--json] [--report OUT.html] [--audit]\n\n"
     "Decides anew over what a `run --record` heard, as fast as it goes. Decisions are\n"
     "printed; the same recording prints the same bytes each time.\n\n"
     "  -c, --config FILE   another config than the one inside the recording\n" JSON_OPTION
     "      --report FILE   writes the page of the last turn\n"
     "      --audit         compares the mirror with each answer that allows it\n"},
    {"check", "proves the config against the chain, and lists every fault",
     "plimsoll check -c FILE\n\n"
     "Chain id, code at each address, oracle wiring, key, balance, allowances. Exit code 0 where\n"
     "all is well, else the lowest that applies: 2 config, 3 chain, 4 key.\n\n" CONFIG_OPTION},
    {"health", "lists positions, nearest the edge first",
     "plimsoll health -c FILE [--market NAME] [--account 0x…] [--below 1.05] [--json]\n\n"
     "Synchronises once and lists what owes something, with its own health.\n\n" CONFIG_OPTION
     "      --market NAME   only this market\n"
     "      --account 0x…   only this account\n"
     "      --below N       only health under N\n" JSON_OPTION},
    {"explain", "one account: legs, prices, plans, profit, verdict and why",
     "plimsoll explain -c FILE --account 0x… [--market NAME] [--json]\n\n" CONFIG_OPTION
     "      --account 0x…   whose position\n"
     "      --market NAME   where it stands in more than one\n" JSON_OPTION},
    {"stress", "what a fall in prices would liquidate, and the bad debt left",
     "plimsoll stress (-c FILE | --recording R) --shock WETH=-20% [--shock …]\n"
     "                [--sweep WETH=-60%..0] [--json] [--report OUT.html]\n\n"
     "Judges every position at other prices, as if we held as much of every token as it takes.\n"
     "Bad debt is what an account owes beyond all of its collateral. Other assets stay where they\n"
     "are: what moves along with the first wants a --shock of its own.\n\n" CONFIG_OPTION
     "      --recording R   the state at a recording's end, instead of the chain's now\n"
     "      --shock A=P%    moves asset A (a symbol where it is unique, else the address)\n"
     "      --sweep A=L..H  a line for each of 13 steps from L to H, on top of the "
     "shocks\n" JSON_OPTION
     "      --report FILE   the same as a page, with the sweep as a chart\n"},
    {"journal", "decisions, transactions and what became of them",
     "plimsoll journal -c FILE [--since TIME] [--json]\n\n"
     "Reads beside a running daemon; takes no lock.\n\n" CONFIG_OPTION
     "      --since TIME    RFC 3339 (2025-10-10T21:00:00Z), or how long ago: 90s, 15m, 2h, 7d\n"
     "      --json          the events as they were written, one JSON object a line\n"},
    {"status", "asks the running daemon: head, lag, flights, spend, breakers",
     "plimsoll status -c FILE [--json]\n\n"
     "Asks at report.listen. Exit code 3 where no daemon answers.\n\n" CONFIG_OPTION
     "      --json          the daemon's /status as it is\n"},
    {"sign", "the signer: owns the key, answers on a Unix socket",
     "plimsoll sign -c FILE\n\n"
     "Runs the signer as a process (and unit) of its own at signer.socket. It parses again\n"
     "what it is asked to sign, and refuses what its policy (signer.policy) does not name.\n"
     "Without signer.socket, `run` starts one by itself.\n\n" CONFIG_OPTION},
    {"prepare", "the one-time steps on chain that the config needs",
     "plimsoll prepare -c FILE [--yes]\n\n"
     "Approvals for the inventory. Says what it will send, asks, and sends it through the\n"
     "same gate and signer as the daemon. Refused (4) while a daemon has the "
     "journal.\n\n" CONFIG_OPTION "      --yes           does not ask\n"},
    {"key", "makes, imports and names keys (Web3 Secret Storage v3)",
     "plimsoll key new FILE [--password-file P]\n"
     "plimsoll key import FILE [--password-file P]\n"
     "plimsoll key address FILE [--password-file P]\n\n"
     "`import` reads the key in hex from standard input. `address` with a password file decrypts\n"
     "and proves the address; a wrong password is exit code 4.\n\n"
     "      --password-file P   holds the password on its first line\n"},
    {"tx", "`tx decode`: any signed transaction, in plain words",
     "plimsoll tx decode RAW|- [--json]\n\n"
     "Fields, hash and sender of a legacy, EIP-155, 2930 or 1559 transaction; exit code 2 for\n"
     "anything else. `-` reads one a line and answers each with one JSON object.\n\n" JSON_OPTION},
    {"help", "this list; `help COMMAND` says more",
     "plimsoll help [COMMAND | reasons | protocols | exit]\n"},
    {"protocols", NULL,
     "Protocols that markets[].protocol may name, and the address that markets[].address wants:\n\n"
     "  aave-v3      Aave V3.0 to V3.6 and its forks: the PoolAddressesProvider\n\n"
     "Known, and not supported by this version: aave-v2, morpho-blue, compound-v2, compound-v3,\n"
     "perp-v2. A config that names one of them is refused.\n"},
    {"exit", NULL,
     "Exit codes:\n\n"
     "  0   done\n"
     "  1   internal: a fault of this program\n"
     "  2   the command line or the config is wrong\n"
     "  3   the chain (or, for `status`, the daemon) cannot be reached, or is another one\n"
     "  4   the journal, key or signer refuses\n"},
};

const size_t help_topic_count = ARRAY_LENGTH(help_topics);

const struct help_reason help_reasons[] = {
    {"profitable", "worth it after gas, swap and haircut: a transaction was decided"},
    {"healthy", "above the edge at this block; it was a candidate a moment ago"},
    {"unprofitable", "what it brings is under its cost and limits.profit_min"},
    {"no_price", "an asset that it holds has no price that can be read"},
    {"stale_price", "a price is older than markets[].price_age_max allows"},
    {"paused", "the protocol has paused a reserve, the market, or liquidations"},
    {"grace_period", "the protocol gives the account time after a pause or an outage"},
    {"no_liquidity", "the reserve cannot pay the collateral out"},
    {"no_route", "no way known from what is seized to what is owed"},
    {"no_funds", "keeper.account holds too little of the debt's asset, or too little gas money"},
    {"limit", "a ceiling of limits.* (fee, in flight, gas or loss a day), or a manual stop"},
    {"in_flight", "ours for this account is under way, or landed where the mirror is not yet"},
    {"lost_race", "another keeper liquidated it first"},
    {"overtaken", "it failed because the price came back before it landed: no error"},
    {"backoff", "it failed before; the next try waits a little longer each time"},
    {"simulation_failed", "the node, asked beforehand, says that it would revert"},
    {"untrusted", "the market is read-only: its mirror was not proved equal to the chain"},
    {"unsupported", "the position has a trait that this version does not handle"},
    {"dust", "the rest that would remain is under the protocol's minimum"},
    {"stale", "what it would be judged by is of another block than the newest head"},
};

const size_t help_reason_count = ARRAY_LENGTH(help_reasons);
