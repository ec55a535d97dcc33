/*
 * What would happen to every position if prices moved: the mirror as it stands, with other prices
 * in a copy of its markets, judged by the same functions as at any block.
 */
#ifndef KEEPER_STRESS_H
#define KEEPER_STRESS_H

#include "turn/state.h"

/** --shock that one command line may hold. */
#define STRESS_SHOCKS_MAX 32
#define STRESS_NAME_SIZE 48
/** Rows of a sweep, both ends included. */
#define STRESS_STEPS 13
/** A price may fall to a hundredth of a per cent, and rise to eleven times itself. */
#define STRESS_DOWN_MAX 9999
#define STRESS_UP_MAX 100000

/** One asset's price, moved by so many hundredths of a per cent: cut toward zero. */
struct stress_shock {
    char name[STRESS_NAME_SIZE]; /* as it was typed: symbol or address */
    struct address asset;        /* once found */
    int32_t bps;
};

/** One asset's price, moved in steps from one end to the other. */
struct stress_sweep {
    struct stress_shock asset;
    int32_t from_bps;
    int32_t to_bps;
};

/* stress_shock.c. False: `why` (size 256) says what is wrong, and what would be right. */
/** "WETH=-20%", "0x…=+1.25%"; the sign may be missing where it goes up. */
MUST_CHECK bool stress_shock_parse(struct stress_shock *out, char why[256], const char *text);
/** "WETH=-60%..0": from the lower to the higher. */
MUST_CHECK bool stress_sweep_parse(struct stress_sweep *out, char why[256], const char *text);
/** An address of any market, or a symbol that stands for one asset only. */
MUST_CHECK bool stress_shock_find(struct stress_shock *shock, char why[256],
                                  const struct turn_state *state);
/** "-20%", "+1.25%", "0%". */
void stress_percent(struct text *out, int32_t bps);

/** One account below the edge. */
struct stress_row {
    uint32_t market;
    uint32_t slot;
    struct plan plan;
    struct u256 bad_debt; /* debt that its collateral does not cover */
};

/** Of one market; values in its base currency. */
struct stress_sum {
    bool is_judged; /* else the market is not whole at this block, and nothing is said of it */
    uint64_t below; /* accounts below the edge */
    uint64_t liquidations;
    uint64_t unjudged;
    uint64_t with_bad_debt;
    uint64_t skipped[REASON_COUNT];
    struct u256 debt;       /* of those below */
    struct u256 collateral; /* of those below */
    struct u256 repaid;     /* by the liquidations */
    struct u256 seized;
    struct u256 bad_debt;
    struct wei net;
};

/** Zero-initialise, then stress_release; may be used again. */
struct stress {
    struct stress_sum sum[SETTINGS_MARKETS_MAX];
    struct stress_row *row; /* by market, then the largest debt first */
    size_t row_count;
    size_t row_capacity;
    struct market *market; /* with the prices as shocked; of the last market judged */
};

#define STRESS __attribute__((cleanup(stress_release))) struct stress

/**
 * Every market with the prices of the shocks, and as much of every token as a liquidation takes.
 * Fees, haircut and profit floor are the config's; the plan is for one liquidation an account.
 */
void stress_run(struct stress *out, const struct turn_state *state,
                const struct stress_shock *shocks, size_t count);
void stress_release(struct stress *stress);
/** The price of the asset as shocked. */
void stress_price(struct price *price, int32_t bps);

#endif
