/* The config file's sections, each taken into its part of struct settings or struct config. */
#ifndef KEEPER_CONFIG_SECTION_H
#define KEEPER_CONFIG_SECTION_H

#include "keeper/config.h"
#include "keeper/config_node.h"

#define CONFIG_POLL_MS_DEFAULT 250
#define CONFIG_KILL_FILE_DEFAULT "plimsoll.kill"
#define CONFIG_SNAPSHOT_MS_DEFAULT 600000
#define CONFIG_LISTEN_DEFAULT "127.0.0.1:9464"

extern const char *const config_mode_choices[];
extern const char *const config_simulate_choices[];
extern const char *const config_receive_choices[];
extern const char *const config_way_out_choices[];
extern const char *const config_backrun_choices[];

/** chain: struct chain_settings */
void config_take_chain(struct config_reader *reader, const struct config_field *field,
                       const struct config_place *place, void *target);
/** markets, keeper: struct settings */
void config_take_markets(struct config_reader *reader, const struct config_field *field,
                         const struct config_place *place, void *target);
void config_take_keeper(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target);
/** keeper.backrun, and what it would be good for. */
void config_check_backrun(struct config_reader *reader, const struct config_place *place,
                          const struct settings *settings);
/** limits, signer, journal, report: struct config */
void config_take_limits(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target);
void config_take_signer(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target);
void config_take_journal(struct config_reader *reader, const struct config_field *field,
                         const struct config_place *place, void *target);
void config_take_report(struct config_reader *reader, const struct config_field *field,
                        const struct config_place *place, void *target);
/** A path, into out[CONFIG_PATH_MAX]; a relative one is meant from the config file's folder. */
void config_path_take(struct config_reader *reader, const struct config_field *field,
                      const struct config_place *place, const struct config *config, char *out);
/** http:// or https://; char[field->size] */
void config_take_url(struct config_reader *reader, const struct config_field *field,
                     const struct config_place *place, void *target);
/** What the signer's keys cannot be together, or together with the limits. */
void config_check_signer(struct config_reader *reader, const struct config_place *place,
                         const struct config *config);
/** All that a file need not say. In: config->file. */
void config_set_defaults(struct config *config);

#endif
