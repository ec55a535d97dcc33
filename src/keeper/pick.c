/* A mistyped account would look like one that owes nothing; so its checksum is held against it. */
#include "keeper/pick.h"

#include <stdio.h>
#include <string.h>

bool pick_read(struct pick *out, const char *command, const char *config, const char *market,
               const char *account)
{
    *out = (struct pick){.market = market, .has_account = account != NULL};
    if (config == NULL) {
        fprintf(stderr, "plimsoll %s: no config; name one with -c FILE\n", command);
        return false;
    }
    if (account == NULL)
        return true;
    switch (address_parse(&out->account, account, strlen(account))) {
    case ADDRESS_OK:
        return true;
    case ADDRESS_MALFORMED:
        fprintf(stderr, "plimsoll %s: --account %s is no address; write 0x and 40 digits\n",
                command, account);
        return false;
    case ADDRESS_BAD_CHECKSUM:
        fprintf(stderr,
                "plimsoll %s: --account %s has a wrong checksum; copy it again, or write it in "
                "lower case\n",
                command, account);
        return false;
    }
    return false;
}

bool pick_has_market(const struct pick *pick, const struct tracked *tracked)
{
    return pick->market == NULL || strcmp(pick->market, tracked->market.name) == 0;
}

bool pick_has_account(const struct pick *pick, const struct address *account)
{
    return !pick->has_account || address_is_equal(&pick->account, account);
}

bool pick_is_known(const struct pick *pick, const char *command, const struct turn_state *state)
{
    for (uint32_t i = 0; i < state->tracked_count; i++)
        if (pick_has_market(pick, &state->tracked[i]))
            return true;
    fprintf(stderr, "plimsoll %s: --market %s is not in the config; there is", command,
            pick->market != NULL ? pick->market : "");
    for (uint32_t i = 0; i < state->tracked_count; i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", state->tracked[i].market.name);
    fputc('\n', stderr);
    return false;
}
