/*
 * Seven versions of one pool differ in a few places each. Saying where, in one table, keeps the
 * rest from asking for numbers of revisions.
 */
#include "protocol/aave_v3/inside.h"

/* In order of revision; each line holds up to its own. */
static const struct aave_rules rules[] = {
    /* 3.0: npm's 3.0.2 answers 1, older deployments 2 and 3 */
    {.revision_max = 3, .has_stable_debt = true, .has_category_price = true, .has_sentinel = true},
    /* 3.1 */
    {.revision_max = 4,
     .has_stable_debt = true,
     .has_category_price = true,
     .has_virtual_balance = true,
     .has_mintable = true,
     .has_sentinel = true},
    /* 3.2 */
    {.revision_max = 6, .has_virtual_balance = true, .has_mintable = true, .has_sentinel = true},
    /* 3.3 */
    {.revision_max = 7,
     .has_virtual_balance = true,
     .has_mintable = true,
     .has_size_rule = true,
     .has_sentinel = true},
    /* 3.4 */
    {.revision_max = 8,
     .has_virtual_balance = true,
     .has_size_rule = true,
     .has_taylor = true,
     .has_sentinel = true},
    /* 3.5 */
    {.revision_max = 9,
     .has_virtual_balance = true,
     .has_size_rule = true,
     .has_taylor = true,
     .rounds_against = true,
     .has_sentinel = true},
    /* 3.6 */
    {.revision_max = 10,
     .has_virtual_balance = true,
     .has_size_rule = true,
     .has_taylor = true,
     .rounds_against = true,
     .counts_unweighted = true,
     .has_sentinel = true},
    /* 3.7 */
    {.revision_max = 11,
     .has_virtual_balance = true,
     .has_size_rule = true,
     .has_taylor = true,
     .rounds_against = true,
     .counts_unweighted = true,
     .splits_against = true},
};

const struct aave_rules *aave_rules_of(uint32_t revision)
{
    uint32_t line = ARRAY_LENGTH(rules) - 1; /* what is live is new: found at once */

    if (revision == 0 || revision > rules[line].revision_max) {
        return NULL;
    }
    while (line > 0 && revision <= rules[line - 1].revision_max) {
        line--;
    }
    return &rules[line];
}

const struct aave_rules *aave_rules_to_follow(uint32_t revision)
{
    const struct aave_rules *known = aave_rules_of(revision);

    return known != NULL ? known : &rules[ARRAY_LENGTH(rules) - 1];
}
