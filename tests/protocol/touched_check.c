/* See touched_check.h. */
#include "tests/protocol/touched_check.h"

#include <stdlib.h>
#include <string.h>

#include "eth/abi.h"

/* As a whole word with nothing but zeros before it: of a topic behind the first, or of the data. */
static bool log_names(const struct log *log, const struct address *account)
{
    struct address is;

    for (uint32_t i = 1; i < log->topic_count; i++) {
        if (address_of_word(&is, log->topic[i].byte) && address_is_equal(&is, account))
            return true;
    }
    for (size_t i = 0; i < log->data.size / ABI_WORD; i++) {
        if (abi_address(&is, log->data, i) && address_is_equal(&is, account))
            return true;
    }
    return false;
}

static bool is_reserve(const struct market *market, uint32_t reserve)
{
    return reserve == RESERVE_NONE || reserve < market->reserve_count;
}

static void names_check(const struct touched *touched, const struct market *market,
                        const struct log *log)
{
    MUST(touched->count <= TOUCHED_PER_LOG_MAX);
    for (uint32_t i = 0; i < touched->count; i++) {
        MUST(log_names(log, &touched->account[i].account));
        MUST(is_reserve(market, touched->account[i].reserve));
    }
    if (touched->is_liquidation) {
        MUST(log_names(log, &touched->liquidation.account));
        MUST(log_names(log, &touched->liquidation.liquidator));
        MUST(is_reserve(market, touched->liquidation.debt));
        MUST(is_reserve(market, touched->liquidation.collateral));
    }
}

/* Only what is known or not may change, and only to not. */
static void market_check(const struct market *after, struct market *before, bool is_taken)
{
    MUST((before->stale & ~after->stale) == 0);
    if (is_taken) {
        before->stale = after->stale;
        for (uint32_t i = 0; i < before->reserve_count; i++) {
            MUST((before->reserve[i].stale & ~after->reserve[i].stale) == 0);
            before->reserve[i].stale = after->reserve[i].stale;
        }
        for (uint32_t i = 0; i < CATEGORIES_MAX; i++)
            before->category[i].stale = after->category[i].stale;
    }
    MUST(memcmp(after, before, sizeof(*after)) == 0);
}

enum touch_error touched_check(struct market *market, const struct log *log)
{
    struct market *before = must_alloc(1, sizeof(*before));
    struct touched touched;

    memcpy(before, market, sizeof(*before));
    enum touch_error error = protocol_at(market->protocol)->touch(&touched, market, log);
    MUST(error == TOUCH_OK || error == TOUCH_IGNORED || error == TOUCH_UNDECODABLE);
    names_check(&touched, market, log);
    MUST(error == TOUCH_OK || (touched.count == 0 && !touched.is_liquidation));
    market_check(market, before, error == TOUCH_OK);
    free(before);
    return error;
}
