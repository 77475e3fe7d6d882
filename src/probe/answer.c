#include "probe/answer.h"

#include "registry/registry.h"

/* What the server's end says where the handshake did not get far enough to be an answer. */
static enum answer_kind kind_of_end(const conversation *c)
{
    bool is_tls13 = c->has_server_hello && c->server_hello.version >= VERSION_TLS13;
    switch (c->end[SIDE_SERVER]) {
    case STREAM_FIN:
        /* The reason would have been encrypted: a server that ends here has said all that it would in clear. */
        return is_tls13 ? ANSWER_ENCRYPTED_ALERT : ANSWER_CLOSED;
    case STREAM_RESET:
        return ANSWER_RESET;
    case STREAM_TIMEOUT:
    case STREAM_OPEN:
        break;
    }
    return ANSWER_SILENCE;
}

static bool has_fatal_alert(const conversation *c)
{
    return c->has_alert[SIDE_SERVER] && c->alerts[SIDE_SERVER].level != ALERT_WARNING;
}

/* Something was said before TLS, and it stopped in the middle of that: what the server said is no answer to a hello. */
static bool is_preamble_broken(const conversation *c)
{
    return c->preamble.protocol != PROTOCOL_UNKNOWN && !c->preamble.complete && c->client_len > 0 && !c->client_spoke_tls;
}

static bool is_plain(const conversation *c)
{
    if (is_preamble_broken(c))
        return false;
    /* A greeting to a client that says nothing counts too. */
    bool is_greeting = c->preamble.protocol != PROTOCOL_UNKNOWN && !c->preamble.complete && c->server_first_bytes.len > 0;
    return c->plain[SIDE_SERVER] || is_greeting;
}

static enum answer_kind kind_of(const conversation *c)
{
    if (c->phase >= PHASE_SERVER_FLIGHT)
        return ANSWER_ACCEPTED;
    if (c->preamble.refused && !c->preamble.complete)
        return ANSWER_PREAMBLE_REFUSED;
    if (has_fatal_alert(c))
        return ANSWER_ALERT;
    if (is_plain(c))
        return ANSWER_PLAIN;
    if (c->malformed[SIDE_SERVER])
        return ANSWER_MALFORMED;
    if (c->has_encrypted_alert[SIDE_SERVER])
        return ANSWER_ENCRYPTED_ALERT;
    if (c->phase == PHASE_RETRY_REQUEST && !c->has_second_hello)
        return ANSWER_RETRY;
    return kind_of_end(c);
}

answer answer_from_conversation(const conversation *c)
{
    answer a = {.kind = kind_of(c), .conversation = c};
    if (a.kind == ANSWER_ALERT)
        a.alert = c->alerts[SIDE_SERVER];
    return a;
}
