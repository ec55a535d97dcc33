/* What a revert means, in the spelling of each version. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "eth/abi.h"
#include "protocol/protocol.h"

static enum revert_meaning meaning_of_reason(const char *reason)
{
    BUFFER bytes = {0};

    abi_add_selector(&bytes, "Error(string)");
    abi_add_u64(&bytes, 32);
    abi_add_bytes(&bytes, bytes_of_text(reason));
    return revert_meaning_of(buffer_bytes(&bytes));
}

static enum revert_meaning meaning_of_error(const char *signature)
{
    BUFFER bytes = {0};

    abi_add_selector(&bytes, signature);
    return revert_meaning_of(buffer_bytes(&bytes));
}

Test(revert, numbers_of_the_older_versions)
{
    static const struct {
        const char *reason;
        enum revert_meaning meaning;
    } rows[] = {
        {"45", REVERT_HEALTHY}, {"46", REVERT_NO_DEBT},  {"47", REVERT_NO_DEBT},
        {"27", REVERT_PAUSED},  {"29", REVERT_PAUSED},   {"59", REVERT_PAUSED},
        {"97", REVERT_GRACE},   {"103", REVERT_DUST},    {"32", REVERT_NO_LIQUIDITY},
        {"4", REVERT_UNKNOWN},  {"450", REVERT_UNKNOWN}, {"", REVERT_UNKNOWN},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        cr_expect(eq(int, (int)meaning_of_reason(rows[i].reason), (int)rows[i].meaning), "%s",
                  rows[i].reason);
}

Test(revert, names_of_the_newer_versions)
{
    static const struct {
        const char *signature;
        enum revert_meaning meaning;
    } rows[] = {
        {"HealthFactorNotBelowThreshold()", REVERT_HEALTHY},
        {"ReservePaused()", REVERT_PAUSED},
        {"PriceOracleSentinelCheckFailed()", REVERT_PAUSED},
        {"LiquidationGraceSentinelCheckFailed()", REVERT_GRACE},
        {"MustNotLeaveDust()", REVERT_DUST},
        {"SpecifiedCurrencyNotBorrowedByUser()", REVERT_NO_DEBT},
        {"ERC20InsufficientBalance(address,uint256,uint256)", REVERT_NO_FUNDS},
        {"SomethingElse()", REVERT_UNKNOWN},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        cr_expect(eq(int, (int)meaning_of_error(rows[i].signature), (int)rows[i].meaning), "%s",
                  rows[i].signature);
}

Test(revert, sentences_of_tokens)
{
    static const char *const reasons[] = {"ERC20: transfer amount exceeds balance",
                                          "ERC20: insufficient allowance",
                                          "Dai/insufficient-balance",
                                          "TransferHelper::transferFrom: TRANSFER_FROM_FAILED",
                                          "allowance",
                                          "balance",
                                          "GPv2: failed transferFrom"};

    for (size_t i = 0; i < ARRAY_LENGTH(reasons); i++)
        cr_expect(eq(int, (int)meaning_of_reason(reasons[i]), REVERT_NO_FUNDS), "%s", reasons[i]);
}

Test(revert, bytes_that_are_no_revert_mean_nothing)
{
    BUFFER bytes = {0};

    cr_expect(eq(int, (int)revert_meaning_of((struct bytes){0}), REVERT_UNKNOWN));
    abi_add_selector(&bytes, "Error(string)");
    cr_expect(eq(int, (int)revert_meaning_of(buffer_bytes(&bytes)), REVERT_UNKNOWN));
    abi_add_u64(&bytes, 1u << 30); /* an offset to nowhere */
    cr_expect(eq(int, (int)revert_meaning_of(buffer_bytes(&bytes)), REVERT_UNKNOWN));
    cr_expect(eq(int, (int)revert_meaning_of(bytes_of("\x08\xc3", 2)), REVERT_UNKNOWN));
}

Test(revert, a_long_sentence_is_cut_and_not_written_past)
{
    char reason[4000];

    memset(reason, 'x', sizeof(reason) - 1);
    reason[sizeof(reason) - 1] = '\0';
    cr_expect(eq(int, (int)meaning_of_reason(reason), REVERT_UNKNOWN));
}

Test(revert, each_meaning_has_words)
{
    for (int i = REVERT_UNKNOWN; i <= REVERT_NO_PRICE; i++)
        cr_expect(gt(sz, strlen(revert_meaning_text((enum revert_meaning)i)), 0));
    for (int i = HEALTH_OK; i <= HEALTH_DRIFTED; i++)
        cr_expect(gt(sz, strlen(health_error_text((enum health_error)i)), 0));
    for (int i = LIQUIDATION_OK; i <= LIQUIDATION_OVERFLOW; i++)
        cr_expect(gt(sz, strlen(liquidation_error_text((enum liquidation_error)i)), 0));
}

Test(protocol, is_found_by_its_name_only)
{
    cr_expect(eq(u32, protocol_find("aave-v3"), 0));
    cr_expect(eq(u32, protocol_find("aave-v4"), UINT32_MAX));
    cr_expect(eq(u32, protocol_find(""), UINT32_MAX));
    cr_expect(eq(str, (char *)protocol_at(0)->name, "aave-v3"));
    cr_expect(ge(u32, protocol_count(), 1));
}
