/* The chain's section: which chain it must be, and through whom it is seen. */
#include <string.h>

#include "keeper/config_section.h"

#define URL_HINT "write http://HOST:PORT or https://HOST/…"
#define ENDPOINT_HINT                                                                              \
    "write http://HOST:PORT, https://HOST/…, ws://HOST:PORT, wss://HOST/… or /path/to/node.ipc"
#define ROLES_MAX 4
/* What the kernel takes as a socket's path (sun_path), its NUL left out. */
#define SOCKET_PATH_MAX 107

/* Of "HOST", "HOST:PORT", "[v6]:PORT", with "user:password@" in front or not. */
static bool authority_is_sound(const char *authority, size_t length)
{
    const char *at = memchr(authority, '@', length);
    if (at != NULL) {
        length -= (size_t)(at + 1 - authority);
        authority = at + 1;
    }
    size_t host = 0;
    if (length > 0 && authority[0] == '[') {
        const char *end = memchr(authority, ']', length);
        host = end == NULL ? 0 : (size_t)(end + 1 - authority);
        if (host <= 2)
            return false;
    } else {
        while (host < length && authority[host] != ':')
            host++;
    }
    if (host == 0 || host == length)
        return host != 0;
    unsigned long port = 0;
    size_t digits = 0;
    for (size_t i = host + 1; i < length; i++, digits++) {
        if (authority[i] < '0' || authority[i] > '9' || digits == 5)
            return false;
        port = port * 10 + (unsigned long)(authority[i] - '0');
    }
    return authority[host] == ':' && digits > 0 && port >= 1 && port <= 65535;
}

/* `schemes` ends with NULL. False: none of them, or no URL. */
static bool url_is_sound(const char *url, const char *const *schemes)
{
    while (*schemes != NULL && strncmp(url, *schemes, strlen(*schemes)) != 0)
        schemes++;
    if (*schemes == NULL || strpbrk(url, " \"<>\\^`{|}") != NULL)
        return false;
    const char *authority = url + strlen(*schemes);
    return authority_is_sound(authority, strcspn(authority, "/?#"));
}

void config_take_url(struct config_reader *reader, const struct config_field *field,
                     const struct config_place *place, void *target)
{
    static const char *const schemes[] = {"http://", "https://", NULL};
    const char *url = config_scalar(reader, field, place);
    if (url == NULL)
        return;
    if (url_is_sound(url, schemes))
        config_take_text(reader, field, place, target);
    else
        config_fault(reader, place, "is no URL that is asked over HTTP; " URL_HINT);
}

static void take_endpoint_url(struct config_reader *reader, const struct config_field *field,
                              const struct config_place *place, void *target)
{
    static const char *const schemes[] = {"http://", "https://", "ws://", "wss://", NULL};
    const char *url = config_scalar(reader, field, place);
    size_t length = url == NULL ? 0 : strlen(url);
    if (url == NULL)
        return;
    if (url[0] == '/' ? length <= SOCKET_PATH_MAX : url_is_sound(url, schemes))
        config_take_text(reader, field, place, target);
    else if (url[0] == '/')
        config_fault(reader, place,
                     "is a path of %zu characters, and a socket's has at most %d; give the node a "
                     "shorter one (geth: --ipcpath), or make a symbolic link to it",
                     length, SOCKET_PATH_MAX);
    else if (length > 4 && strcmp(url + length - 4, ".ipc") == 0 && strstr(url, "://") == NULL)
        config_fault(reader, place,
                     "is no whole path; write it from the root on, "
                     "/path/to/node.ipc");
    else
        config_fault(reader, place, "is no URL of a node; " ENDPOINT_HINT);
}

static bool *role_find(struct endpoint_settings *endpoint, const char *role)
{
    const struct {
        const char *name;
        bool *is_set;
    } roles[] = {{"read", &endpoint->may_read},
                 {"send", &endpoint->may_send},
                 {"private", &endpoint->takes_private},
                 {"bundle", &endpoint->takes_bundles}};

    for (size_t i = 0; i < ARRAY_LENGTH(roles); i++) {
        if (strcmp(roles[i].name, role) == 0)
            return roles[i].is_set;
    }
    return NULL;
}

static void take_roles(struct config_reader *reader, const struct config_field *field,
                       const struct config_place *place, void *target)
{
    struct endpoint_settings *endpoint = target;
    struct endpoint_settings said = {0};
    size_t count = config_list(reader, place, ROLES_MAX, field->hint);
    uint32_t faults = reader->fault_count;

    for (size_t i = 0; i < count; i++) {
        struct config_place item = config_item(reader, place, i);
        const char *role = config_scalar(reader, field, &item);
        bool *is_set = role == NULL ? NULL : role_find(&said, role);

        if (is_set != NULL)
            *is_set = true;
        else if (role != NULL)
            config_fault(reader, &item, "is no role of an endpoint; %s", field->hint);
    }
    if (count == 0 || reader->fault_count > faults)
        return; /* the default stays, so that one mistake is one fault */
    endpoint->may_read = said.may_read;
    endpoint->may_send = said.may_send;
    endpoint->takes_private = said.takes_private;
    endpoint->takes_bundles = said.takes_bundles;
}

static void take_endpoint(struct config_reader *reader, const struct config_place *place,
                          struct endpoint_settings *endpoint)
{
    static const struct config_field fields[] = {
        {.key = "url",
         .take = take_endpoint_url,
         .offset = offsetof(struct endpoint_settings, url),
         .size = sizeof(endpoint->url),
         .hint = ENDPOINT_HINT,
         .is_required = true},
        {.key = "roles",
         .take = take_roles,
         .hint = "write [read, send], or those of read, send, private and bundle that it is for"},
        {.key = "requests_per_second",
         .take = config_take_u32,
         .offset = offsetof(struct endpoint_settings, requests_per_second),
         .max = 1000000,
         .hint = "write a whole number, 0 for no limit"},
    };
    static const struct config_table table = {fields, ARRAY_LENGTH(fields)};

    endpoint->may_read = true;
    endpoint->may_send = true;
    config_take_mapping(reader, &table, place, endpoint);
    /* which are signed in a header of the request */
    if ((endpoint->takes_private || endpoint->takes_bundles) && endpoint->url[0] != '\0' &&
        strncmp(endpoint->url, "http", 4) != 0)
        config_fault(reader, place,
                     "has the role private or bundle, and relays are asked over HTTP; give its "
                     "https:// URL, or take the role away");
}

static void take_endpoints(struct config_reader *reader, const struct config_field *field,
                           const struct config_place *place, void *target)
{
    struct chain_settings *chain = target;
    size_t count = config_list(reader, place, SETTINGS_ENDPOINTS_MAX, field->hint);
    bool is_read = false;

    for (size_t i = 0; i < count; i++) {
        struct config_place item = config_item(reader, place, i);
        take_endpoint(reader, &item, &chain->endpoint[i]);
        is_read = is_read || chain->endpoint[i].may_read;
    }
    chain->endpoint_count = (uint32_t)count;
    if (count > 0 && !is_read)
        config_fault(reader, place, "none of them may read; give one of them the role read");
}

#define CHAIN(member) offsetof(struct chain_settings, member)

void config_take_chain(struct config_reader *reader, const struct config_field *field,
                       const struct config_place *place, void *target)
{
    /* EIP-2294 bounds a chain id so that the V of a signature cannot overflow */
    static const struct config_field fields[] = {
        {.key = "id",
         .take = config_take_u64,
         .offset = CHAIN(id),
         .min = 1,
         .max = INT64_MAX - 36,
         .hint = "write the chain's id, 1 for Ethereum",
         .is_required = true},
        {.key = "native",
         .take = config_take_address,
         .offset = CHAIN(native),
         .hint = "write the address of the wrapped native token",
         .is_required = true},
        {.key = "multicall",
         .take = config_take_address,
         .offset = CHAIN(multicall),
         .hint = "write the address of Multicall3, or leave it out"},
        {.key = "endpoints",
         .take = take_endpoints,
         .hint = "write `- url: http://127.0.0.1:8545` under it",
         .is_required = true},
        {.key = "poll_ms",
         .take = config_take_ms,
         .offset = CHAIN(poll_ms),
         .min = 10,
         .max = 60000,
         .hint = "write milliseconds as a bare number, e.g. 250"},
        {.key = "connect_timeout",
         .take = config_take_duration,
         .offset = CHAIN(connect_timeout_ms),
         .min = 50,
         .max = 60000,
         .hint = "write it with its unit, e.g. 3s"},
        {.key = "total_timeout",
         .take = config_take_duration,
         .offset = CHAIN(total_timeout_ms),
         .min = 100,
         .max = 600000,
         .hint = "write it with its unit, e.g. 20s"},
        {.key = "log_range_max",
         .take = config_take_u64,
         .offset = CHAIN(log_range_max),
         .min = 1,
         .max = 10000000,
         .hint = "write a number of blocks, e.g. 10000"},
    };
    static const struct config_table table = {fields, ARRAY_LENGTH(fields)};
    struct chain_settings *chain = target;

    (void)field;
    config_take_mapping(reader, &table, place, chain);
    if (chain->total_timeout_ms < chain->connect_timeout_ms)
        config_fault(reader, place,
                     "total_timeout is shorter than connect_timeout; connecting is a part of it");
}
