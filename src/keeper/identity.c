/* run and check must mean the same journal by the same config. */
#include "keeper/identity.h"

#include <inttypes.h>
#include <stdio.h>

void journal_identity(char out[JOURNAL_IDENTITY_SIZE], const struct settings *settings)
{
    char account[ADDRESS_TEXT_SIZE];

    address_format(account, &settings->account);
    (void)snprintf(out, JOURNAL_IDENTITY_SIZE, "%" PRIu64 " %s", settings->chain.id, account);
}
