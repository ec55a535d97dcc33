/*
 * The config after it was read and found sound: what `turn` goes by. Made by keeper/config from
 * YAML, or from the JSON that a recording keeps (which is YAML as well). Holds no secret.
 */
#ifndef TURN_SETTINGS_H
#define TURN_SETTINGS_H

#include "base/units.h"
#include "eth/address.h"
#include "protocol/protocol.h"

#define SETTINGS_ENDPOINTS_MAX 16
#define SETTINGS_MARKETS_MAX 8

enum keeper_mode { KEEPER_DRY_RUN, KEEPER_LIVE };
enum keeper_funding { FUNDING_INVENTORY };
/** Where signed bytes go: any endpoint's pool, or relays and builders only. */
enum keeper_way_out { WAY_PUBLIC, WAY_PRIVATE };
/** Whether transactions are sent behind price updates that wait in the pool. */
enum keeper_backrun { BACKRUN_OFF, BACKRUN_ON };
enum keeper_simulate { SIMULATE_ALWAYS, SIMULATE_UNAUDITED, SIMULATE_NEVER };

struct endpoint_settings {
    char url[512];
    bool may_read;
    bool may_send;
    bool takes_private;           /* eth_sendPrivateTransaction */
    bool takes_bundles;           /* eth_sendBundle */
    uint32_t requests_per_second; /* 0: no limit */
};

struct market_settings {
    char name[32];
    char protocol[24]; /* "aave-v3" */
    struct address address;
    uint64_t from_block;
    int64_t price_age_max_ms; /* -1: none */
};

struct chain_settings {
    uint64_t id;
    struct address native;
    struct address multicall; /* default: the canonical Multicall3 */
    int64_t poll_ms;
    int64_t connect_timeout_ms; /* default 3 s */
    int64_t total_timeout_ms;   /* default 20 s */
    uint64_t log_range_max;     /* blocks in one eth_getLogs at first; default 10000, adapts */
    uint32_t endpoint_count;
    struct endpoint_settings endpoint[SETTINGS_ENDPOINTS_MAX];
};

struct limit_settings {
    struct wei fee_per_gas_max;
    struct wei priority_fee_per_gas; /* the tip; default 1 gwei */
    struct wei profit_min;
    struct wei gas_per_day_max;
    struct wei loss_per_day_max;
    uint32_t in_flight_max;
    /* breakers (turn/breaker.h); 0: none */
    int64_t stale_head_max_ms;
    int64_t latency_max_ms;
    uint32_t revert_rate_max; /* percent of revert_window */
    uint32_t revert_window;   /* receipts, 1 to REVERT_WINDOW_MAX */
    int64_t revert_pause_ms;  /* 0: until an operator closes it */
    uint32_t drift_max;       /* accounts */
};

struct settings {
    struct chain_settings chain;
    uint32_t market_count;
    struct market_settings market[SETTINGS_MARKETS_MAX];
    enum keeper_mode mode;
    struct address account;
    enum keeper_funding funding;
    uint32_t haircut_bps; /* config "1" is 10000, "0.97" is 9700 */
    enum keeper_simulate simulate;
    enum receive_token receive; /* keeper.receive_atoken */
    uint32_t tip_profit_share;  /* percent of the expected net profit; 0: the tip's floor only */
    uint32_t race_profit_share; /* percent of it at most, to outbid who won a race; 0: never */
    enum keeper_way_out way_out;
    uint32_t private_blocks; /* after so many blocks the same bytes go public; 0: never */
    struct limit_settings limits;
    uint32_t parity_sample; /* accounts compared with the chain at start; default 32 */
    uint32_t armed;         /* transactions signed ahead, to ARMED_MAX; default 0: none */
    enum keeper_backrun backrun;
    uint32_t audit_accounts; /* compared at each head, of all markets; default 16, 0: none */
};

#endif
