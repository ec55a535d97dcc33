/*
 * market: what lending and margin are, in nouns. Reserve, category, position, price.
 * It refuses to know any one protocol.
 *
 * A market is everything that its accounts share, as of one block. What is not known at that block
 * is marked stale; nothing is decided on stale parts. Flat structs without pointers, so that a
 * market can be copied, compared and kept byte for byte.
 */
#ifndef MARKET_MARKET_H
#define MARKET_MARKET_H

#include "base/divisor.h"
#include "base/units.h"
#include "eth/block.h"
#include "market/position.h"

#define RESERVES_MAX 128
#define CATEGORIES_MAX 256
#define LEGS_MAX RESERVES_MAX
#define SYMBOL_SIZE 16
#define RESERVE_NONE UINT32_MAX

enum price_status {
    PRICE_UNKNOWN, /* never read */
    PRICE_OK,
    PRICE_MISSING /* the oracle reverts or answers 0: whoever holds the asset cannot be judged */
};

/** In the market's base currency, `price_unit` of struct market to one whole. */
struct price {
    enum price_status status;
    struct u256 value;
};

enum reserve_flag {
    RESERVE_ACTIVE = 1,
    RESERVE_FROZEN = 2,
    RESERVE_PAUSED = 4,
    RESERVE_BORROWABLE = 8,
    RESERVE_DROPPED = 16,  /* its index in the protocol's list is free now */
    RESERVE_MINTED = 32,   /* debt in it follows no index (a token that the pool itself mints) */
    RESERVE_OVERFLOWS = 64 /* its interest leaves 256 bits at the prepared timestamp */
};

/** What a stale reserve lacks. */
enum reserve_stale {
    RESERVE_STALE_ASSET = 1,    /* which token stands at this index */
    RESERVE_STALE_STATE = 2,    /* indexes, rates, terms */
    RESERVE_STALE_TOKEN = 4,    /* symbol: once */
    RESERVE_STALE_PRICE = 8,    /* each block */
    RESERVE_STALE_EXTRA = 16,   /* what every flow of tokens moves: liquidity */
    RESERVE_STALE_HELD = 32,    /* our balance: each block */
    RESERVE_STALE_ALLOWED = 64, /* our allowance: each block */
    RESERVE_STALE_GRACE = 128,  /* until when liquidation waits, where the version has that */
    RESERVE_STALE_SOURCE = 256, /* who gives the price; only where price_age_max_s asks for it */
    RESERVE_STALE_AGE = 512     /* since when the price stands: each block, as above */
};

/** Indexes at one timestamp. */
struct reserve_reach {
    uint64_t at_s; /* 0: not prepared */
    struct ray collateral_index;
    struct ray debt_index;
    double collateral_growth; /* the indexes over 1e27: for bounds */
    double debt_growth;
};

struct reserve {
    struct address asset;
    struct address collateral_token; /* aToken */
    struct address stable_debt_token;
    struct address debt_token;
    char symbol[SYMBOL_SIZE];
    uint32_t stale; /* of enum reserve_stale */
    uint32_t flags; /* of enum reserve_flag */
    uint32_t decimals;
    uint32_t category; /* e-mode category of the asset, where the version has that; else 0 */
    uint32_t ltv_bps;
    uint32_t threshold_bps;
    uint32_t bonus_bps; /* 10500: five per cent; 0: cannot be seized */
    uint32_t protocol_fee_bps;
    struct u256 debt_ceiling;
    struct ray collateral_index; /* as stored, at updated_at_s */
    struct ray debt_index;
    struct ray collateral_rate;
    struct ray debt_rate;
    uint64_t updated_at_s;
    uint64_t grace_until_s;
    struct token_amount liquidity; /* underlying that can leave the pool now */
    struct price price;
    struct address price_source; /* zero: none that could be asked for the price's age */
    uint64_t price_at_s;         /* since when the price stands; 0: unknown */
    /* ours */
    struct token_amount held;
    struct token_amount allowed; /* to the contract that takes the repay */
    /* prepared for one timestamp by protocol->prepare; what health uses */
    struct ray collateral_index_now;
    struct ray debt_index_now;
    struct u256 unit; /* 10^decimals */
    /* prepared by protocol->reach for the time in which a transaction may land */
    struct reserve_reach first;
    struct reserve_reach last;
    struct divisor by_price; /* of use only while it is of the price, and so the next two */
    struct divisor by_bonus;
    double unit_value; /* of one unit, in base currency */
};

enum category_stale { CATEGORY_STALE = 1, CATEGORY_STALE_PRICE = 2, CATEGORY_STALE_BITMAP = 4 };

struct category {
    bool is_used; /* some account or reserve names it */
    uint32_t stale;
    uint32_t ltv_bps;
    uint32_t threshold_bps;
    uint32_t bonus_bps;
    struct divisor by_bonus;     /* prepared by protocol->reach */
    struct address price_source; /* zero: each asset's own */
    struct price price;
    struct u256
        collateral_bitmap; /* versions with bitmaps: bit i: reserve i counts as collateral */
    struct u256 ltv_zero_bitmap;
};

enum market_stale {
    MARKET_STALE_ADDRESSES = 1, /* where the pool is; the other addresses have bits of their own */
    MARKET_STALE_VERSION = 2,
    MARKET_STALE_RESERVES = 4,  /* how many, which */
    MARKET_STALE_ORACLE = 8,    /* base currency */
    MARKET_STALE_SENTINEL = 16, /* is liquidation allowed: each block, where there is one */
    MARKET_STALE_ORACLE_ADDRESS = 32,
    MARKET_STALE_SENTINEL_ADDRESS = 64,
    MARKET_STALE_CONFIGURATOR_ADDRESS = 128,
    MARKET_STALE_DATA_PROVIDER_ADDRESS = 256
};

enum market_trust {
    MARKET_UNPROVED,         /* no sample compared yet */
    MARKET_TRUSTED,          /* a sample equals the chain */
    MARKET_UNKNOWN_REVISION, /* read-only */
    MARKET_FAILED_PARITY,    /* read-only */
    MARKET_TOO_LARGE         /* more reserves than RESERVES_MAX: read-only */
};

struct market {
    char name[32];
    uint32_t protocol; /* index in the table of protocols */
    uint32_t revision;
    enum market_trust trust;
    uint32_t stale; /* of enum market_stale */
    struct block_ref block;
    uint64_t timestamp_s;
    struct address keeper; /* ours: whose inventory is followed */
    struct address root;   /* of the config */
    struct address pool;
    struct address configurator;
    struct address oracle;
    struct address data_provider;
    struct address sentinel; /* zero: none */
    bool sentinel_allows;
    struct u256 price_unit;   /* of one whole base currency: 1e8 for USD */
    uint64_t price_age_max_s; /* an older price is refused; 0: whatever the age, and none is read */
    bool follows_sources;     /* who gives each price is read whatever price_age_max_s says */
    uint32_t native;          /* reserve whose asset is the wrapped native token, or RESERVE_NONE */
    struct address native_asset;
    uint32_t reserve_count;
    struct reserve reserve[RESERVES_MAX];
    struct category category[CATEGORIES_MAX];
};

/** All zero but for the arguments and `native`, everything stale. */
void market_init(struct market *market, const char *name, uint32_t protocol,
                 const struct address *root);
/** *to becomes what *from is. In: each was begun by market_init, or is all zero. */
void market_become(struct market *to, const struct market *from);
/** Index of the reserve of that asset, or RESERVE_NONE. */
uint32_t market_reserve(const struct market *market, const struct address *asset);
/** Puts a reserve at that index and forgets what stood there: all of it is stale, or, where the
 * asset is zero, dropped. Keeps `native` in step. Set native_asset and price_age_max_s before. */
void market_set_asset(struct market *market, uint32_t index, const struct address *asset);
/** Exchanges what stands at two indexes, where nothing stands a dropped reserve. */
void market_swap_reserves(struct market *market, uint32_t a, uint32_t b);
/** Everything that is shared becomes stale; what is known stays until it is read again. */
void market_touch_all(struct market *market);
/** Every price becomes stale, and with it who gives it and since when. */
void market_touch_prices(struct market *market);
/** Nothing that is shared is stale, but for the age of prices: that stops only whom they concern.
 */
bool market_is_complete(const struct market *market);
/** It is known where everything stands, so that who is judged is judged whole. What one reserve or
 * category lacks besides stops only whom it concerns, as in the pool. */
bool market_can_judge(const struct market *market);
/** Reserves whose terms are not known at this block. */
uint32_t market_unread(const struct market *market);
/** The price of that reserve stands since longer than price_age_max_s before the market's block,
 * or nobody knows since when. A time that lies as far after the block is none. */
bool market_price_is_old(const struct market *market, uint32_t reserve);
/** A new block begins: what is read each block becomes stale (prices, inventory, sentinel). */
void market_begin_block(struct market *market, const struct header *header);

#endif
