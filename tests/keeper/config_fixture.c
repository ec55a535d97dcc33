#include "tests/keeper/config_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char config_sound[] = "chain:\n"                                                    /* 1 */
                            "  id: 31337\n"                                               /* 2 */
                            "  native: \"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2\"\n"  /* 3 */
                            "  endpoints:\n"                                              /* 4 */
                            "    - url: http://127.0.0.1:8545\n"                          /* 5 */
                            "      roles: [read, send]\n"                                 /* 6 */
                            "      requests_per_second: 0\n"                              /* 7 */
                            "  poll_ms: 250\n"                                            /* 8 */
                            "  total_timeout: 20s\n"                                      /* 9 */
                            "markets:\n"                                                  /* 10 */
                            "  - name: main\n"                                            /* 11 */
                            "    protocol: aave-v3\n"                                     /* 12 */
                            "    address: 0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e\n"   /* 13 */
                            "    from_block: 7\n"                                         /* 14 */
                            "    price_age_max: 1h\n"                                     /* 15 */
                            "keeper:\n"                                                   /* 16 */
                            "  mode: live\n"                                              /* 17 */
                            "  account: \"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"\n" /* 18 */
                            "  funding: inventory\n"                                      /* 19 */
                            "  haircut: 0.97\n"                                           /* 20 */
                            "  simulate: always\n"                                        /* 21 */
                            "signer:\n"                                                   /* 22 */
                            "  keystore: keeper.json\n"                                   /* 23 */
                            "  password_file: keeper.password\n"                          /* 24 */
                            "limits:\n"                                                   /* 25 */
                            "  fee_per_gas_max: 400 gwei\n"                               /* 26 */
                            "  profit_min: 0 ether\n"                                     /* 27 */
                            "  gas_per_day_max: 100 ether\n"                              /* 28 */
                            "  in_flight_max: 128\n"                                      /* 29 */
                            "journal: { path: live.db }\n"                                /* 30 */
                            "report: { listen: 127.0.0.1:9611, log: debug }\n";           /* 31 */

char *config_with(const char *old, const char *fresh)
{
    const char *at = strstr(config_sound, old);
    cr_assert_not_null(at, "the sound config has no \"%s\"", old);
    size_t size = sizeof(config_sound) - strlen(old) + strlen(fresh);
    char *text = malloc(size);
    int before = (int)(at - config_sound);
    snprintf(text, size, "%.*s%s%s", before, config_sound, fresh, at + strlen(old));
    return text;
}

char *config_faults_of(const char *text)
{
    char path[] = "/tmp/plimsoll-config-XXXXXX";
    struct config *config = malloc(sizeof(*config));
    TEXT faults = {0};
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    bool is_sound = config_read(config, &faults, path);
    unlink(path);
    free(config);
    cr_assert_eq(is_sound, text_length(&faults) == 0, "sound and faulty at once: %s",
                 text_string(&faults));
    /* each line begins with the path, which is another one each time */
    char *out = calloc(1, text_length(&faults) + 1);
    const char *line = text_string(&faults);
    while (*line != '\0') {
        size_t length = strcspn(line, "\n") + 1;
        cr_assert_eq(strncmp(line, path, strlen(path)), 0, "no file in: %s", line);
        strncat(out, line + strlen(path) + 1, length - strlen(path) - 1);
        line += length;
    }
    return out;
}

void config_of(struct config *out, const char *text)
{
    TEXT faults = {0};
    bool is_sound = config_parse(out, &faults, bytes_of_text(text), "/etc/plimsoll/t.yaml");
    cr_assert(is_sound, "%s", text_string(&faults));
}

void config_refused(const struct config_refusal *row)
{
    char *text = config_with(row->old, row->fresh);
    char *faults = config_faults_of(text);
    const char *end = strchr(faults, '\n');

    cr_expect_eq(strncmp(faults, row->fault, strlen(row->fault)), 0,
                 "\"%s\": said \"%s\" instead of \"%s\"", row->fresh, faults, row->fault);
    cr_expect(end != NULL && end[1] == '\0', "\"%s\": not one fault: %s", row->fresh, faults);
    cr_expect_not_null(strstr(faults, ";"), "says not what to do: %s", faults);
    free(faults);
    free(text);
}
