#include "causes/facts.h"

#include "registry/registry.h"
#include <string.h>

const uint16_t tried_versions[NUM_TRIED_VERSIONS] = {VERSION_SSL3, VERSION_TLS10, VERSION_TLS11, VERSION_TLS12, VERSION_TLS13};

uint16_t chosen_suite(const conversation *c)
{
    if (c == NULL)
        return 0;
    if (c->has_server_hello)
        return c->server_hello.cipher_suite;
    return c->has_retry_request ? c->retry_request.cipher_suite : 0;
}

uint16_t chosen_group(const conversation *c)
{
    if (c == NULL)
        return 0;
    if (c->has_server_hello && c->server_hello.group != 0)
        return c->server_hello.group;
    if (c->has_retry_request && c->retry_request.group != 0)
        return c->retry_request.group;
    return c->has_server_key_exchange ? c->server_key_exchange.group : 0;
}

uint16_t chosen_scheme(const conversation *c)
{
    return c != NULL && c->has_server_key_exchange ? c->server_key_exchange.signature_scheme : 0;
}

bool facts_client_offers_version(const facts *f, uint16_t version)
{
    return codes_contain(f->client_versions, version);
}

bool facts_server_accepts_version(const facts *f, uint16_t version)
{
    return codes_contain(f->server_versions, version);
}

uint16_t facts_client_version_max(const facts *f)
{
    return codes_max(f->client_versions);
}

uint16_t facts_client_version_min(const facts *f)
{
    return f->client_states_versions ? codes_min(f->client_versions) : 0;
}

static const char *accepted_text(arena *a, const answer *given)
{
    const conversation *c = given->conversation;
    if (given->kind == ANSWER_RETRY && c != NULL && c->has_retry_request)
        return arena_printf(a, "HelloRetryRequest %s", version_name(a, c->retry_request.version));
    if (c == NULL || !c->has_server_hello)
        return "accepted";
    return arena_printf(a, "ServerHello %s", version_name(a, c->server_hello.version));
}

static const char *plain_text(arena *a, const answer *given)
{
    const conversation *c = given->conversation;
    enum protocol p = c == NULL ? PROTOCOL_UNKNOWN : protocol_of_greeting(c->server_first_bytes, c->port);
    return p == PROTOCOL_UNKNOWN ? "an answer that is not TLS" : arena_printf(a, "an answer in %s", protocol_name(p));
}

static const char *not_connected_text(arena *a, const answer *given)
{
    return given->connect_errno == 0 ? "no TCP connection"
                                     : arena_printf(a, "no TCP connection (%s)", strerror(given->connect_errno));
}

const char *answer_text(arena *a, const answer *given)
{
    switch (given->kind) {
    case ANSWER_ACCEPTED:
    case ANSWER_RETRY:
        return accepted_text(a, given);
    case ANSWER_ALERT:
        return arena_printf(a, "alert %s", alert_name(a, given->alert.description));
    case ANSWER_ENCRYPTED_ALERT:
        return "refused after ServerHello (encrypted)";
    case ANSWER_CLOSED:
        return "connection closed";
    case ANSWER_RESET:
        return "connection reset";
    case ANSWER_SILENCE:
        return "no answer";
    case ANSWER_PLAIN:
        return plain_text(a, given);
    case ANSWER_MALFORMED:
        return "bytes that break the rules of TLS";
    case ANSWER_NOT_CONNECTED:
        return not_connected_text(a, given);
    case ANSWER_PREAMBLE_REFUSED:
        return "refused before TLS";
    case ANSWER_FAILED:
        return given->problem == NULL ? "not asked" : given->problem;
    }
    return "?";
}

/* A server that closes with unread bytes resets: to the client, an end and a reset are the same refusal. */
static bool is_cut(const answer *given)
{
    return given->kind == ANSWER_CLOSED || given->kind == ANSWER_RESET;
}

bool answers_alike(const answer *one, const answer *other)
{
    if (is_cut(one) && is_cut(other))
        return true;
    if (one->kind != other->kind)
        return false;
    return one->kind != ANSWER_ALERT || one->alert.description == other->alert.description;
}

size_t fetched_certificates(const facts *f, bytes_view **out)
{
    size_t num = 0;
    for (size_t i = 0; i < f->num_fetched; i++)
        num += f->fetched[i].num_certificates;
    bytes_view *all = *out = ARENA_ARRAY(f->arena, num, bytes_view);
    for (size_t i = 0; i < f->num_fetched; i++)
        for (size_t k = 0; k < f->fetched[i].num_certificates; k++)
            *all++ = f->fetched[i].certificates[k];
    return num;
}

bool answer_accepts(const answer *given)
{
    return given->kind == ANSWER_ACCEPTED || given->kind == ANSWER_RETRY;
}
