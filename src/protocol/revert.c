/*
 * One refusal has many spellings: a number in a string, a name hashed to four bytes, a sentence of
 * some token. A keeper needs to know which of a few things it means: that a rival was first is no
 * fault, that our purse is empty is.
 */
#include <string.h>

#include "eth/abi.h"
#include "eth/keccak.h"
#include "protocol/protocol.h"

#define SELECTOR_SIZE 4
#define SENTENCE_SIZE 128

struct spelling {
    const char *text;
    enum revert_meaning meaning;
};

/* Custom errors by signature. */
static const struct spelling errors[] = {
    /* Aave V3.4 to V3.7, Errors */
    {"HealthFactorNotBelowThreshold()", REVERT_HEALTHY},
    {"ReservePaused()", REVERT_PAUSED},
    {"ReserveInactive()", REVERT_PAUSED},
    {"PriceOracleSentinelCheckFailed()", REVERT_PAUSED},
    {"LiquidationGraceSentinelCheckFailed()", REVERT_GRACE},
    {"MustNotLeaveDust()", REVERT_DUST},
    {"SpecifiedCurrencyNotBorrowedByUser()", REVERT_NO_DEBT},
    {"CollateralCannotBeLiquidated()", REVERT_NO_DEBT}, /* a rival took all of it */
    {"NotEnoughAvailableUserBalance()", REVERT_NO_LIQUIDITY},
    /* ERC-6093, and what tokens and safe wrappers use beside it */
    {"ERC20InsufficientBalance(address,uint256,uint256)", REVERT_NO_FUNDS},
    {"ERC20InsufficientAllowance(address,uint256,uint256)", REVERT_NO_FUNDS},
    {"InsufficientBalance()", REVERT_NO_FUNDS},
    {"InsufficientAllowance()", REVERT_NO_FUNDS},
    {"TransferFromFailed()", REVERT_NO_FUNDS},
};

/* Reasons given as a string, as a whole: Aave V3.0 to V3.3, Errors, where a number is a name. */
static const struct spelling numbers[] = {
    {"27", REVERT_PAUSED},       /* RESERVE_INACTIVE */
    {"29", REVERT_PAUSED},       /* RESERVE_PAUSED */
    {"32", REVERT_NO_LIQUIDITY}, /* NOT_ENOUGH_AVAILABLE_USER_BALANCE */
    {"45", REVERT_HEALTHY},      /* HEALTH_FACTOR_NOT_BELOW_THRESHOLD */
    {"46", REVERT_NO_DEBT},      /* COLLATERAL_CANNOT_BE_LIQUIDATED */
    {"47", REVERT_NO_DEBT},      /* SPECIFIED_CURRENCY_NOT_BORROWED_BY_USER */
    {"59", REVERT_PAUSED},       /* PRICE_ORACLE_SENTINEL_CHECK_FAILED */
    {"97", REVERT_GRACE},        /* LIQUIDATION_GRACE_SENTINEL_CHECK_FAILED, from 3.1 */
    {"103", REVERT_DUST},        /* MUST_NOT_LEAVE_DUST, from 3.3 */
};

/* Sentences, as a part, in lower case: tokens have their own words for the same two things. */
static const struct spelling sentences[] = {
    {"allowance", REVERT_NO_FUNDS},
    {"exceeds balance", REVERT_NO_FUNDS},
    {"insufficient balance", REVERT_NO_FUNDS},
    {"transfer amount exceeds", REVERT_NO_FUNDS},
    {"not enough balance", REVERT_NO_FUNDS},
    {"low-level call failed", REVERT_NO_FUNDS}, /* a safe wrapper around a token without words */
    {"transfer_from_failed", REVERT_NO_FUNDS},
    {"gpv2: failed transferfrom", REVERT_NO_FUNDS},
    {"stf", REVERT_NO_FUNDS},
    {"balance", REVERT_NO_FUNDS},
};

static bool selector_is(struct bytes revert, const char *signature)
{
    uint8_t selector[SELECTOR_SIZE];

    selector_of(selector, signature);
    return revert.size >= SELECTOR_SIZE && memcmp(revert.data, selector, SELECTOR_SIZE) == 0;
}

static enum revert_meaning meaning_of_sentence(char *sentence)
{
    for (uint32_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        if (strcmp(sentence, numbers[i].text) == 0) {
            return numbers[i].meaning;
        }
    }
    for (char *c = sentence; *c != '\0'; c++) {
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    }
    for (uint32_t i = 0; i < ARRAY_LENGTH(sentences); i++) {
        if (strstr(sentence, sentences[i].text) != NULL) {
            return sentences[i].meaning;
        }
    }
    return REVERT_UNKNOWN;
}

enum revert_meaning revert_meaning_of(struct bytes revert)
{
    char sentence[SENTENCE_SIZE] = {0};
    struct bytes text;

    if (selector_is(revert, "Error(string)")) {
        if (!abi_bytes(&text, bytes_slice(revert, SELECTOR_SIZE, revert.size - SELECTOR_SIZE), 0) ||
            text.size == 0) {
            return REVERT_UNKNOWN;
        }
        memcpy(sentence, text.data, text.size < SENTENCE_SIZE ? text.size : SENTENCE_SIZE - 1);
        return meaning_of_sentence(sentence);
    }
    for (uint32_t i = 0; i < ARRAY_LENGTH(errors); i++) {
        if (selector_is(revert, errors[i].text)) {
            return errors[i].meaning;
        }
    }
    return REVERT_UNKNOWN;
}

const char *revert_meaning_text(enum revert_meaning meaning)
{
    switch (meaning) {
    case REVERT_UNKNOWN:
        return "reverted for a reason that is not known";
    case REVERT_HEALTHY:
        return "healthy again: the price came back, or somebody else was first";
    case REVERT_PAUSED:
        return "paused, inactive, or stopped by the sentinel";
    case REVERT_GRACE:
        return "in a grace period";
    case REVERT_DUST:
        return "would leave dust";
    case REVERT_NO_FUNDS:
        return "our balance or allowance does not cover it";
    case REVERT_NO_LIQUIDITY:
        return "the collateral cannot leave the pool";
    case REVERT_NO_DEBT:
        return "nothing of that pair is left: somebody else was first";
    case REVERT_NO_PRICE:
        return "an asset has no price";
    }
    return "unknown";
}
