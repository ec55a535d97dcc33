/* A config that is taken says the same again in its canonical form; one that is not says why. */
#include <stdlib.h>
#include <string.h>

#include "keeper/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config = must_alloc(2, sizeof(struct config));
    TEXT faults = {0};
    TEXT once = {0};
    TEXT twice = {0};
    if (config_parse(&config[0], &faults, bytes_of(data, size), "fuzz.yaml")) {
        config_canonical(&once, &config[0]);
        MUST(config_parse(&config[1], &faults, text_bytes(&once), "once.json"));
        config_canonical(&twice, &config[1]);
        MUST(strcmp(text_string(&once), text_string(&twice)) == 0);
    } else {
        MUST(text_length(&faults) > 0);
    }
    free(config);
    return 0;
}
