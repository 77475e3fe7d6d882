#include "report/story.h"

#include "registry/registry.h"
#include <string.h>

#define NAME_SHOWN_MAX ((size_t)255)

const char *side_name(enum side s)
{
    return s == SIDE_CLIENT ? "client" : "server";
}

const char *stream_end_name(enum stream_end e)
{
    static const char *const names[] = {NULL, "fin", "reset", "timeout"};
    return names[e];
}

static const char *alert_text(arena *a, const event *e)
{
    const alert_row *row = alert_find((uint8_t)e->code);
    const char *level = e->level == ALERT_WARNING ? "warning " : "";
    return row != NULL ? arena_printf(a, "alert %s%s", level, row->name) : arena_printf(a, "alert %s%u", level, e->code);
}

const char *event_text(arena *a, const event *e, const conversation *c)
{
    switch (e->kind) {
    case EVENT_CONNECTED:
        return "connected";
    case EVENT_CLIENT_HELLO:
        return "client_hello";
    case EVENT_RETRY_REQUEST:
        return "hello_retry_request";
    case EVENT_SERVER_HELLO:
        return arena_printf(a, "server_hello %s", version_name(a, c->server_hello.version));
    case EVENT_CERTIFICATE:
        return "certificate";
    case EVENT_SERVER_KEY_EXCHANGE:
        return "server_key_exchange";
    case EVENT_CERTIFICATE_REQUEST:
        return "certificate_request";
    case EVENT_SERVER_HELLO_DONE:
        return "server_hello_done";
    case EVENT_CLIENT_KEY_EXCHANGE:
        return "client_key_exchange";
    case EVENT_OTHER_HANDSHAKE:
        return arena_printf(a, "handshake message %u", e->code);
    case EVENT_CHANGE_CIPHER_SPEC:
        return "change_cipher_spec";
    case EVENT_PROTECTED_RECORD:
        return "protected record";
    case EVENT_ALERT:
        return alert_text(a, e);
    case EVENT_PREAMBLE:
        return arena_printf(a, "preamble %s", protocol_name((enum protocol)e->code));
    case EVENT_PLAIN_DATA:
        return "data in clear";
    case EVENT_STREAM_END: {
        const char *name = stream_end_name((enum stream_end)e->code);
        return name == NULL ? "end" : name;
    }
    }
    return "?";
}

static const char *end_words(enum stream_end end)
{
    static const char *const words[] = {"is still there", "closed the connection (FIN)", "reset the connection (RST)",
                                        "sent nothing more"};
    return words[end];
}

static const char *alert_words(arena *a, const event *e)
{
    const char *text = alert_text(a, e);
    return alert_find((uint8_t)e->code) != NULL ? arena_printf(a, "%s (%u)", text, e->code) : text;
}

const char *event_words(arena *a, const event *e, const conversation *c)
{
    switch (e->kind) {
    case EVENT_CLIENT_HELLO:
        return "hello";
    case EVENT_RETRY_REQUEST:
        return "asks for another hello";
    case EVENT_SERVER_HELLO:
        return arena_printf(a, "hello: %s, %s", version_name(a, c->server_hello.version),
                            cipher_suite_name(a, c->server_hello.cipher_suite));
    case EVENT_SERVER_KEY_EXCHANGE:
        return "key exchange";
    case EVENT_CERTIFICATE_REQUEST:
        return "asks for a client certificate";
    case EVENT_SERVER_HELLO_DONE:
        return "end of its hello";
    case EVENT_CLIENT_KEY_EXCHANGE:
        return "key exchange";
    case EVENT_CHANGE_CIPHER_SPEC:
        return "encrypts from here on";
    case EVENT_PROTECTED_RECORD:
        return "encrypted record";
    case EVENT_ALERT:
        return alert_words(a, e);
    case EVENT_PREAMBLE:
        return arena_printf(a, "%s, before TLS", protocol_name((enum protocol)e->code));
    case EVENT_STREAM_END:
        return end_words((enum stream_end)e->code);
    default:
        return event_text(a, e, c);
    }
}

static const char *host_and_port(arena *a, const char *host, uint16_t port)
{
    bool is_ipv6 = strchr(host, ':') != NULL;
    return port == 0 ? host : is_ipv6 ? arena_printf(a, "[%s]:%u", host, port) : arena_printf(a, "%s:%u", host, port);
}

const char *proxy_of(arena *a, const report_connection *c)
{
    const conversation *watched = c->evidence->failed;
    bool was_asked = watched != NULL && preamble_has_proxy(&watched->preamble);
    if (c->address == NULL || (!was_asked && c->evidence->proxy_variable == NULL))
        return NULL;
    return host_and_port(a, c->address, c->evidence->port);
}

const char *connection_title(arena *a, const report_connection *c)
{
    const evidence *e = c->evidence;
    const char *proxy = proxy_of(a, c), *host = e->host != NULL ? e->host : c->address != NULL ? c->address : "?";
    if (proxy != NULL && e->failed != NULL && e->failed->preamble.authority.len > 0)
        return arena_printf(a, "%s (by the proxy %s)", text_escape(a, e->failed->preamble.authority, NAME_SHOWN_MAX), proxy);
    const char *title = host_and_port(a, text_escape(a, bytes_from_text(host), NAME_SHOWN_MAX), e->port);
    if (c->address == NULL || strcmp(c->address, host) == 0)
        return title;
    return arena_printf(a, "%s (%s)", title, c->address);
}

const char *process_title(arena *a, const report_connection *c)
{
    if (c->pid == 0)
        return "";
    const char *slash = c->exe == NULL ? NULL : strrchr(c->exe, '/');
    const char *name = slash != NULL ? slash + 1 : c->exe != NULL ? c->exe : "process";
    return arena_printf(a, "%s[%d]", text_escape(a, bytes_from_text(name), NAME_SHOWN_MAX), c->pid);
}
