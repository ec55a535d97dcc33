/* What stands on this machine: a key that opens, and a journal that will take the first entry. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal/journal.h"
#include "keeper/check.h"
#include "keeper/identity.h"
#include "keeper/remote_signer.h"
#include "keeper/signer_connect.h"

void check_key(struct check *check)
{
    const struct config *config = check->config;
    char why[256] = "";

    bool is_remote = config->signer_url[0] != '\0';
    if (config->keystore[0] == '\0' && config->signer_socket[0] == '\0' && !is_remote) {
        if (config->settings.mode == KEEPER_LIVE)
            check_fault(check, EXIT_USAGE, "signer.keystore",
                        "is not set; mode live needs a key: `plimsoll key new` makes one");
        else
            check_note(check, "signer", "no keystore; dry run needs none, live would");
        return;
    }
    const char *where = is_remote                          ? "signer.url"
                        : config->signer_socket[0] != '\0' ? "signer.socket"
                                                           : "signer.keystore";
    enum signer_link_error error =
        is_remote ? remote_signer_prove(why, config) : signer_prove(why, config);
    switch (error) {
    case SIGNER_LINK_OK:
        check_well(check, where,
                   is_remote ? "it has keeper.account; what it signs is bounded there, not here"
                             : "the key opens, and is keeper.account's");
        break;
    case SIGNER_LINK_CANNOT_START:
    case SIGNER_LINK_CANNOT_CONNECT:
    case SIGNER_LINK_KEY_REFUSED:
    case SIGNER_LINK_WRONG_ACCOUNT:
        check_fault_if_live(check, EXIT_REFUSED, where, "%s", why);
        break;
    }
}

/* The journal makes its file, and others beside it. */
static bool folder_check(struct check *check, const char *path)
{
    char folder[CONFIG_PATH_MAX];
    const char *slash = strrchr(path, '/');
    int length = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);

    (void)snprintf(folder, sizeof(folder), "%.*s", length, slash == NULL ? "." : path);
    if (access(folder, W_OK | X_OK) == 0)
        return true;
    check_fault(check, EXIT_REFUSED, "journal.path",
                "the folder %s: %s; make it, and let this user write there", folder,
                strerror(errno));
    return false;
}

void check_journal(struct check *check)
{
    const char *path = check->config->journal;
    char identity[JOURNAL_IDENTITY_SIZE];
    char why[256] = "";

    if (!folder_check(check, path))
        return;
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        check_well(check, "journal.path", "%s will be made", path);
        return;
    }
    journal_identity(identity, &check->config->settings);
    enum journal_error error = journal_prove(why, path, identity);
    if (error != JOURNAL_OK)
        check_fault(check, EXIT_REFUSED, "journal.path", "%s",
                    why[0] != '\0' ? why : journal_error_text(error));
    else if (access(path, W_OK) != 0)
        check_fault(check, EXIT_REFUSED, "journal.path", "%s: %s; let this user write it", path,
                    strerror(errno));
    else
        check_well(check, "journal.path", "%s is this chain's and account's", path);
}
