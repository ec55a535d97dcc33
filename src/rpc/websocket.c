/*
 * libwebsockets on the loop that everybody is on (LWS_SERVER_OPTION_LIBEV, a foreign loop). It
 * knows RFC 6455 and TLS; what it would do on its own account is switched off: no proxy from the
 * environment, no redirects, no extension, no name resolved while the loop waits, no log. Its
 * timers begin with the first byte of a connection, so time is kept by socket.c.
 */
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/lines.h"
#include "rpc/resolve.h"
#include "rpc/state.h"

#define READ_SIZE 65536
/** Connections and the library's own descriptors. */
#define DESCRIPTORS_MAX (2 * RPC_ENDPOINTS_MAX + 8)
#define CLOSE_SIZE 128

struct websocket {
    struct resolve resolve;
    struct lws *wsi;   /* NULL: closed */
    bool is_inside;    /* one of its callbacks is under way: it is closed by what that returns */
    struct buffer out; /* room in front, then the message, which the library masks where it lies */
    char why[CLOSE_SIZE]; /* the node's own words as it closed */
};

/* ---- what is heard */

static void hear(struct socket *socket, struct lws *wsi, struct bytes part)
{
    if (socket_hear(socket, part) && lws_is_final_fragment(wsi))
        socket_heard(socket);
}

/* False: there is nothing to write. */
static bool fill(struct socket *socket)
{
    struct websocket *websocket = socket->line;
    struct bytes message;
    if (!socket_next(socket, &message))
        return false;
    if (websocket->out.capacity > RPC_KEEP_MAX)
        buffer_release(&websocket->out);
    buffer_clear(&websocket->out);
    (void)buffer_extend(&websocket->out, LWS_PRE);
    buffer_add_bytes(&websocket->out, message);
    return true;
}

/* One message each time: the library wants to be asked again whether there is room. */
static void write_one(struct socket *socket, struct lws *wsi)
{
    struct websocket *websocket = socket->line;
    if (!fill(socket))
        return;
    size_t size = websocket->out.size - LWS_PRE;
    if (lws_write(wsi, websocket->out.data + LWS_PRE, size, LWS_WRITE_TEXT) < (int)size)
        socket_broke(socket, OBSERVED_UNREACHABLE, "cannot write");
    else
        (void)lws_callback_on_writable(wsi);
}

/* Its code and words, bounded and without control characters. */
static void closing_note(struct socket *socket, struct bytes said)
{
    struct websocket *websocket = socket->line;
    unsigned code = said.size >= 2 ? (unsigned)said.data[0] << 8 | said.data[1] : 0;
    int length = snprintf(websocket->why, sizeof websocket->why, "closed by the node (%u) ", code);
    for (size_t i = 2; i < said.size && (size_t)length + 1 < sizeof websocket->why; i++)
        websocket->why[length++] =
            (char)(said.data[i] >= ' ' && said.data[i] < 127 && said.data[i] != '"' ? said.data[i]
                                                                                    : ' ');
    websocket->why[length] = '\0';
}

/* "Authorization: Basic …". False: no room. */
static bool login_add(struct socket *socket, struct lws *wsi, uint8_t **next, size_t room)
{
    const struct url *url = &socket->rpc->endpoints[socket->endpoint].url;
    char value[1024] = "Basic ";
    if (url->login == NULL || next == NULL)
        return true;
    return lws_b64_encode_string(url->login, (int)strlen(url->login), value + 6, sizeof value - 6) >
               0 &&
           lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, (uint8_t *)value,
                                        (int)strlen(value), next, *next + room) == 0;
}

static const char *failure_text(char out[CLOSE_SIZE], struct bytes said)
{
    (void)snprintf(out, CLOSE_SIZE, "cannot connect: %.*s", (int)said.size,
                   said.size > 0 ? (const char *)said.data : "");
    return out;
}

/* False: the connection is to end. */
static bool take(struct socket *socket, struct lws *wsi, int reason, struct bytes said, void *in)
{
    struct websocket *websocket = socket->line;
    char text[CLOSE_SIZE];
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return login_add(socket, wsi, in, said.size);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        socket_opened(socket);
        return true;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        hear(socket, wsi, said);
        return true;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        write_one(socket, wsi);
        return true;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        closing_note(socket, said);
        return true;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        websocket->wsi = NULL;
        socket_broke(socket, OBSERVED_UNREACHABLE, failure_text(text, said));
        return true;
    case LWS_CALLBACK_CLIENT_CLOSED:
        websocket->wsi = NULL;
        socket_broke(socket, OBSERVED_UNREACHABLE,
                     websocket->why[0] != '\0' ? websocket->why : "closed by the node");
        return true;
    default:
        return true;
    }
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t size)
{
    (void)user;
    struct socket *socket = wsi == NULL ? NULL : lws_get_opaque_user_data(wsi);
    bool is_traffic =
        reason == LWS_CALLBACK_CLIENT_RECEIVE || reason == LWS_CALLBACK_CLIENT_WRITEABLE;
    if (socket == NULL)
        return is_traffic ? -1 : 0;
    struct websocket *websocket = socket->line;
    websocket->is_inside = true;
    bool goes_on = take(socket, wsi, (int)reason, bytes_of(in, in == NULL ? 0 : size), in);
    websocket->is_inside = false;
    /* Where it was closed meanwhile the library does it now, and calls here no more. */
    return goes_on && lws_get_opaque_user_data(wsi) == socket ? 0 : -1;
}

/* ---- open and closed */

static void connect_to(struct socket *socket, const char *address)
{
    static const char alpn[] = "http/1.1";
    struct websocket *websocket = socket->line;
    struct rpc *rpc = socket->rpc;
    const struct url *url = &rpc->endpoints[socket->endpoint].url;
    char host[RPC_HOST_SIZE + 8];
    (void)snprintf(host, sizeof host, "%s:%u", url->host, url->port);
    struct lws_client_connect_info info = {.context = rpc->websockets,
                                           .address = address,
                                           .port = url->port,
                                           .ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT,
                                           .path = url->path,
                                           .host = host,
                                           .ietf_version_or_minus_one = -1,
                                           .alpn = alpn,
                                           .opaque_user_data = socket};
    if (url->is_secure)
        info.ssl_connection |= LCCSCF_USE_SSL;
    websocket->why[0] = '\0';
    websocket->is_inside = true;
    struct lws *wsi = lws_client_connect_via_info(&info);
    websocket->is_inside = false;
    websocket->wsi = socket->state == SOCKET_CLOSED ? NULL : wsi;
    if (wsi == NULL)
        socket_broke(socket, OBSERVED_UNREACHABLE, "cannot connect");
}

static void on_address(void *context, const char *address, const char *why)
{
    struct socket *socket = context;
    if (address == NULL)
        socket_broke(socket, OBSERVED_UNREACHABLE, why);
    else
        connect_to(socket, address);
}

static void websocket_open(struct socket *socket)
{
    struct websocket *websocket = socket->line;
    const struct url *url = &socket->rpc->endpoints[socket->endpoint].url;
    char address[RPC_HOST_SIZE];
    if (!resolve_is_numeric(url->host)) {
        websocket->resolve.done = on_address;
        websocket->resolve.context = socket;
        resolve_start(&websocket->resolve, socket->rpc, url);
        return;
    }
    bool is_bracketed = url->host[0] == '[';
    (void)snprintf(address, sizeof address, "%.*s",
                   (int)(strlen(url->host) - (is_bracketed ? 2 : 0)), url->host + is_bracketed);
    connect_to(socket, address);
}

static void websocket_write(struct socket *socket)
{
    struct websocket *websocket = socket->line;
    if (websocket->wsi != NULL)
        (void)lws_callback_on_writable(websocket->wsi);
}

static void websocket_close(struct socket *socket)
{
    struct websocket *websocket = socket->line;
    struct lws *wsi = websocket->wsi;
    resolve_cancel(&websocket->resolve);
    websocket->wsi = NULL;
    if (wsi == NULL)
        return;
    lws_set_opaque_user_data(wsi, NULL);
    if (!websocket->is_inside)
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static void websocket_release(struct socket *socket)
{
    struct websocket *websocket = socket->line;
    buffer_release(&websocket->out);
    free(websocket);
}

struct socket *websocket_new(struct rpc *rpc, uint16_t endpoint)
{
    static const struct wire wire = {websocket_open, websocket_write, websocket_close,
                                     websocket_release};
    struct websocket *websocket = must_alloc(1, sizeof *websocket);
    return socket_new(rpc, endpoint, &wire, websocket);
}

bool websocket_start(struct rpc *rpc, char why[256])
{
    static const struct lws_protocols protocols[] = {
        {.name = "json-rpc", .callback = on_event, .rx_buffer_size = READ_SIZE}, {0}};
    void *loops[] = {rpc->loop};
    struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN,
                                             .protocols = protocols,
                                             .options = LWS_SERVER_OPTION_LIBEV |
                                                        LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
                                             .foreign_loops = loops,
                                             .gid = -1,
                                             .uid = -1,
                                             .pt_serv_buf_size = READ_SIZE,
                                             .fd_limit_per_thread = DESCRIPTORS_MAX,
                                             /* port 0: none, whatever http_proxy says */
                                             .http_proxy_address = "none:0"};
    lws_set_log_level(0, NULL);
    rpc->websockets = lws_create_context(&info);
    if (rpc->websockets != NULL)
        return true;
    (void)snprintf(why, 256,
                   "libwebsockets does not run on libev here; install libwebsockets-evlib-ev");
    return false;
}

void websocket_stop(struct rpc *rpc)
{
    if (rpc->websockets != NULL)
        lws_context_destroy(rpc->websockets);
    rpc->websockets = NULL;
}
