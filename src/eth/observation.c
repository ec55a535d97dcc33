/* Each kind of observation, and each way in which asking can fail, has one name in every log. */
#include "eth/observation.h"

const char *observation_status_text(enum observation_status status)
{
    switch (status) {
    case OBSERVED_OK:
        return "ok";
    case OBSERVED_UNREACHABLE:
        return "unreachable";
    case OBSERVED_TIMED_OUT:
        return "timed-out";
    case OBSERVED_TOO_LARGE:
        return "too-large";
    case OBSERVED_HTTP_ERROR:
        return "http-error";
    case OBSERVED_REFUSED:
        return "refused";
    case OBSERVED_WITHHELD:
        return "withheld";
    case OBSERVED_UNRECORDED:
        return "unrecorded";
    }
    must_fail("no observation_status", __FILE__, __LINE__);
}

const char *observation_kind_text(enum observation_kind kind)
{
    switch (kind) {
    case OBSERVATION_ANSWER:
        return "answer";
    case OBSERVATION_SIGNED:
        return "signed";
    case OBSERVATION_RESTORED:
        return "restored";
    case OBSERVATION_COMMAND:
        return "command";
    case OBSERVATION_PUSH:
        return "push";
    case OBSERVATION_POOL:
        return "pool";
    }
    must_fail("no observation_kind", __FILE__, __LINE__);
}
