#include "causes/after_hello.h"

#include "crypto/certificate.h"
#include "registry/registry.h"

/* RFC 8446, 6; RFC 5246, 7.2; RFC 6066, 9. */
enum {
    ALERT_BAD_RECORD_MAC = 20,
    ALERT_DECRYPTION_FAILED = 21,
    ALERT_BAD_CERTIFICATE = 42,
    ALERT_CERTIFICATE_UNKNOWN = 46,
    ALERT_ILLEGAL_PARAMETER = 47,
    ALERT_UNKNOWN_CA = 48,
    ALERT_HANDSHAKE_FAILURE = 40,
    ALERT_DECODE_ERROR = 50,
    ALERT_DECRYPT_ERROR = 51,
    ALERT_INSUFFICIENT_SECURITY = 71,
    ALERT_INTERNAL_ERROR = 80,
    ALERT_BAD_CERTIFICATE_STATUS_RESPONSE = 113,
    ISSUERS_SHOWN_MAX = 6,
};

static const conversation *failed_conversation(const facts *f)
{
    const conversation *c = f->evidence->failed;
    return c != NULL && c->has_server_hello ? c : NULL;
}

static bool server_refused(const conversation *c)
{
    return (c->has_alert[SIDE_SERVER] && c->alerts[SIDE_SERVER].level == ALERT_FATAL) ||
           (c->has_encrypted_alert[SIDE_SERVER] && !c->established_data[SIDE_SERVER]);
}

static bool ended_first(const conversation *c, enum side side)
{
    return c->has_first_end && c->first_end == side;
}

static bool is_fatal_alert(const event *e, enum side side)
{
    return e->kind == EVENT_ALERT && e->side == side && e->level == ALERT_FATAL;
}

/* What the server says after the client has ended first, or has said why it gives up, is its answer to that. */
static bool gave_up_before_server_spoke_up(const conversation *c)
{
    for (size_t i = 0; i < c->num_events; i++) {
        const event *e = &c->events[i];
        bool is_client_end = e->kind == EVENT_STREAM_END && e->side == SIDE_CLIENT && ended_first(c, SIDE_CLIENT);
        if (is_client_end || is_fatal_alert(e, SIDE_CLIENT))
            return true;
        if (e->kind == EVENT_ALERT && e->side == SIDE_SERVER)
            return false;
    }
    return false;
}

/* Some do not wait for the rest of the flight when they have seen the certificates in it (up to TLS 1.2, in clear). */
static bool has_seen_certificates(const conversation *c)
{
    return c->phase >= PHASE_SERVER_FLIGHT || c->certificates.num_certificates > 0;
}

bool client_gave_up(const facts *f)
{
    const conversation *c = failed_conversation(f);
    if (c == NULL || c->established_data[SIDE_CLIENT])
        return false;
    bool said_so = c->has_alert[SIDE_CLIENT] || c->has_encrypted_alert[SIDE_CLIENT];
    /* A server answers the close_notify of a client that leaves after the handshake: that is no refusal. */
    bool left = (c->phase >= PHASE_ESTABLISHED && (said_so || ended_first(c, SIDE_CLIENT))) || gave_up_before_server_spoke_up(c);
    if (server_refused(c) && !left)
        return false;
    return (has_seen_certificates(c) || c->has_alert[SIDE_CLIENT]) && (said_so || ended_first(c, SIDE_CLIENT));
}

bool client_left_with_its_hello(const facts *f)
{
    const conversation *c = f->evidence->failed;
    return c != NULL && c->has_hello && !c->has_alert[SIDE_CLIENT] && c->num_protected[SIDE_CLIENT] == 0 &&
           c->phase < PHASE_CLIENT_FINISHED && !c->has_client_certificate && ended_first(c, SIDE_CLIENT);
}

/* A protected record of the client's in TLS 1.3 that is no alert: two bytes, the type and the tag, and Java pads by 16 more. An
 * empty Certificate, which some servers refuse before the Finished has come, is longer than the one and other than the other. */
static bool is_no_alert(const event *e)
{
    enum { ALERT_LEN = 19, PADDED_ALERT_LEN = 35 };
    return e->kind == EVENT_PROTECTED_RECORD && e->len > ALERT_LEN && e->len != PADDED_ALERT_LEN;
}

static bool client_went_on(const conversation *c)
{
    bool is_tls13 = c->server_hello.version >= VERSION_TLS13;
    if (c->phase >= PHASE_CLIENT_FINISHED || c->has_client_certificate)
        return true;
    for (size_t i = 0; i < c->num_events; i++)
        if (c->events[i].side == SIDE_CLIENT &&
            (c->events[i].kind == EVENT_CLIENT_KEY_EXCHANGE || c->events[i].kind == EVENT_CERTIFICATE ||
             (is_tls13 && is_no_alert(&c->events[i]))))
            return true;
    return false;
}

bool server_gave_up(const facts *f)
{
    const conversation *c = failed_conversation(f);
    if (c == NULL || !client_went_on(c) || c->established_data[SIDE_SERVER])
        return false;
    return server_refused(c) || (ended_first(c, SIDE_SERVER) && !c->has_alert[SIDE_CLIENT]);
}

bool may_be_asked_after_handshake(const facts *f)
{
    const conversation *c = f->evidence->failed;
    return c != NULL && c->has_server_hello && c->server_hello.version >= VERSION_TLS13 && c->phase >= PHASE_CLIENT_FINISHED &&
           f->hello != NULL && c->has_first_end &&
           (c->first_end == SIDE_SERVER || c->has_alert[SIDE_CLIENT] || c->has_encrypted_alert[SIDE_CLIENT]);
}

bool offers_post_handshake_auth(const facts *f)
{
    enum { EXTENSION_POST_HANDSHAKE_AUTH = 49 };
    return f->hello != NULL && client_hello_extension(f->hello, EXTENSION_POST_HANDSHAKE_AUTH) != NULL;
}

bool server_asks_after_handshake(const facts *f)
{
    return f->flight_with_offer != NULL && f->flight_with_offer->asks_after_handshake && may_be_asked_after_handshake(f);
}

int alert_read_from(const facts *f, enum side side)
{
    const conversation *c = f->evidence->failed;
    bool is_fatal = c != NULL && c->has_alert[side] && (c->alerts[side].level == ALERT_FATAL || side == SIDE_CLIENT);
    return is_fatal ? c->alerts[side].description : ALERT_NOT_READ;
}

int alert_to_replay(const facts *f)
{
    const server_flight *flight = f->flight;
    return flight != NULL && flight->sent_finished && flight->has_alert ? flight->alert.description : ALERT_NOT_READ;
}

bool alert_is_on_certificate(int description)
{
    return (description >= ALERT_BAD_CERTIFICATE && description <= ALERT_CERTIFICATE_UNKNOWN) || description == ALERT_UNKNOWN_CA ||
           description == ALERT_BAD_CERTIFICATE_STATUS_RESPONSE;
}

bool alert_calls_message_wrong(int description)
{
    return description == ALERT_BAD_RECORD_MAC || description == ALERT_DECRYPTION_FAILED ||
           description == ALERT_ILLEGAL_PARAMETER || description == ALERT_DECODE_ERROR || description == ALERT_DECRYPT_ERROR;
}

bool alert_may_be_on_parameters(int description)
{
    switch (description) {
    case ALERT_NOT_READ:
    case ALERT_HANDSHAKE_FAILURE:
    case ALERT_ILLEGAL_PARAMETER:
    case ALERT_DECODE_ERROR:
    case ALERT_DECRYPT_ERROR:
    case ALERT_INSUFFICIENT_SECURITY:
    case ALERT_INTERNAL_ERROR:
        return true;
    default:
        return false;
    }
}

const server_hello *agreed_server_hello(const facts *f)
{
    const conversation *c = failed_conversation(f);
    return c == NULL ? NULL : &c->server_hello;
}

uint16_t agreed_version(const facts *f)
{
    const server_hello *hello = agreed_server_hello(f);
    return hello == NULL ? 0 : hello->version;
}

size_t server_certificates(const facts *f, bytes_view **certificates)
{
    const conversation *c = failed_conversation(f);
    const certificate_list *list = c != NULL && c->certificates.num_certificates > 0 ? &c->certificates
                                   : f->flight != NULL                               ? &f->flight->certificates
                                                                                     : NULL;
    *certificates = list == NULL ? NULL : list->certificates;
    return list == NULL ? 0 : list->num_certificates;
}

/* NULL where none came. */
static const certificate_request *request_of(const facts *f)
{
    const conversation *c = failed_conversation(f);
    if (c != NULL && c->has_certificate_request)
        return &c->certificate_request;
    return f->flight != NULL && f->flight->has_certificate_request ? &f->flight->certificate_request : NULL;
}

bool server_requests_certificate(const facts *f)
{
    return request_of(f) != NULL;
}

size_t accepted_issuers(const facts *f, bytes_view **names)
{
    const certificate_request *request = request_of(f);
    *names = request == NULL ? NULL : request->authorities;
    return request == NULL ? 0 : request->num_authorities;
}

const char *accepted_issuers_text(const facts *f)
{
    bytes_view *names;
    size_t num = accepted_issuers(f, &names);
    const char *list = NULL;
    for (size_t i = 0; i < num && i < ISSUERS_SHOWN_MAX; i++) {
        const char *name = distinguished_name_text(f->arena, names[i]);
        if (name != NULL)
            list = list == NULL ? name : arena_printf(f->arena, "%s; %s", list, name);
    }
    if (list != NULL && num > ISSUERS_SHOWN_MAX)
        list = arena_printf(f->arena, "%s; and %zu more", list, num - ISSUERS_SHOWN_MAX);
    return list;
}

/* The first record of the client's last flight begins with its Certificate. An empty one is 8 bytes (RFC 8446, 4.4.2), a Finished
 * up to 52, and both may be in one record, padded by a block or two; a real certificate has some hundreds of bytes. */
static enum client_certificate sent_by_size(const conversation *c)
{
    enum { EMPTY_LEN_MAX = 160 };
    for (size_t i = 0; i < c->num_events; i++)
        if (c->events[i].side == SIDE_CLIENT && c->events[i].kind == EVENT_PROTECTED_RECORD)
            return c->events[i].len <= EMPTY_LEN_MAX ? CLIENT_CERTIFICATE_EMPTY : CLIENT_CERTIFICATE_SENT;
    return CLIENT_CERTIFICATE_UNKNOWN;
}

enum client_certificate client_certificate_sent(const facts *f)
{
    const conversation *c = failed_conversation(f);
    if (c == NULL || !server_requests_certificate(f))
        return CLIENT_CERTIFICATE_UNKNOWN;
    if (c->has_client_certificate)
        return c->client_certificates.num_certificates > 0 ? CLIENT_CERTIFICATE_SENT : CLIENT_CERTIFICATE_EMPTY;
    return c->server_hello.version >= VERSION_TLS13 ? sent_by_size(c) : CLIENT_CERTIFICATE_UNKNOWN;
}
