/* Help must be where the operator looks: as a list, for one command, or for one subject. */
#include "keeper/help.h"

#include <string.h>

#include "keeper/help_text.h"

static void list_print(FILE *out)
{
    fputs("plimsoll: a liquidation keeper\n\nUsage: plimsoll COMMAND [OPTIONS]\n\n", out);
    for (size_t i = 0; i < help_topic_count; i++)
        if (help_topics[i].summary != NULL)
            fprintf(out, "  %-9s %s\n", help_topics[i].name, help_topics[i].summary);
    fputs("\n`plimsoll help COMMAND` says more of one; so do `plimsoll help reasons` (why an "
          "account\n"
          "was skipped), `plimsoll help protocols` and `plimsoll help exit`.\n"
          "`plimsoll --version` names the version.\n",
          out);
}

static void reasons_print(FILE *out)
{
    fputs("Reasons of a verdict, as the journal, the metrics and `explain` name them:\n\n", out);
    for (size_t i = 0; i < help_reason_count; i++)
        fprintf(out, "  %-18s %s\n", help_reasons[i].word, help_reasons[i].meaning);
}

bool help_print(FILE *out, const char *topic)
{
    if (topic == NULL) {
        list_print(out);
        return true;
    }
    if (strcmp(topic, "reasons") == 0) {
        reasons_print(out);
        return true;
    }
    for (size_t i = 0; i < help_topic_count; i++) {
        if (strcmp(help_topics[i].name, topic) != 0)
            continue;
        fputs(help_topics[i].text, out);
        return true;
    }
    return false;
}
