/*
 * The config file: YAML with libyaml's nodes, so that every fault has a file, a line and a column.
 * All semantic faults are listed at once.
 */
#ifndef KEEPER_CONFIG_H
#define KEEPER_CONFIG_H

#include "base/text.h"
#include "report/log.h"
#include "sign/signer.h"
#include "turn/settings.h"

#define CONFIG_PATH_MAX 1024
#define CONFIG_SIZE_MAX (1024 * 1024)

struct config {
    struct settings settings;
    /* of the machine, not of the thinking: resolved against the config file's folder */
    char file[CONFIG_PATH_MAX];
    char keystore[CONFIG_PATH_MAX];
    char password_file[CONFIG_PATH_MAX]; /* "" : the systemd credential keeper.password */
    char signer_socket[CONFIG_PATH_MAX]; /* "" : `run` starts a signer of its own */
    char signer_url[512];                /* "" : none of somebody else's */
    char spend_file[CONFIG_PATH_MAX];    /* "" : in systemd's StateDirectory, or by the keystore */
    bool has_policy;
    struct signer_policy policy; /* signer.policy; chain is chain.id, the account keeper.account */
    char journal[CONFIG_PATH_MAX];
    char kill_file[CONFIG_PATH_MAX]; /* nothing is sent while it exists; "" : none */
    char listen[128];                /* "" : no HTTP */
    int64_t snapshot_every_ms;       /* the mirror is kept so often; -1: never */
    enum log_level log;
};

/**
 * Out:   *faults  one line each: "FILE:LINE:COLUMN: KEY: what is wrong; what to do"
 * False: there were faults (or the file cannot be read); *out is then unspecified
 */
MUST_CHECK bool config_read(struct config *out, struct text *faults, const char *path);
/** The same from text, e.g. of a recording; `name` stands where the file would. */
MUST_CHECK bool config_parse(struct config *out, struct text *faults, struct bytes text,
                             const char *name);
/** One line of canonical JSON that config_parse takes back to the same settings. Provider keys in
 *  URLs are cut (scheme and host stay); no password, keystore or socket path is in it. */
void config_canonical(struct text *out, const struct config *config);
/**
 * What SIGHUP may change: limits, keeper.haircut, keeper.simulate, keeper.receive_atoken,
 * keeper.audit_accounts, keeper.armed, keeper.way_out, keeper.private_blocks, chain.poll_ms,
 * report.log, journal.snapshot_every.
 *
 * In:  fresh    with the same overrides of the command line as `old`
 * Out: *faults  names every other key that differs (it needs a restart)
 */
MUST_CHECK bool config_may_reload(struct text *faults, const struct config *old,
                                  const struct config *fresh);

#endif
