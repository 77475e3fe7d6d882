/* Habits: each row is one question; its answer may show several facts. */
#include "crypto/certificate.h"
#include "registry/registry.h"
#include "server/survey_state.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

#include <string.h>

/* IANA TLS ExtensionType Values. */
enum {
    EXTENSION_STATUS_REQUEST = 5,
    EXTENSION_CERTIFICATE_TIMESTAMP = 18,
    EXTENSION_ENCRYPT_THEN_MAC = 22,
    EXTENSION_RECORD_SIZE_LIMIT = 28,
    EXTENSION_SESSION_TICKET = 35,
    EXTENSION_UNASSIGNED = 0xfabd, /* neither assigned nor GREASE */
};
enum { SUITE_FALLBACK = 0x5600, VERSION_TO_COME = 0x0305, LARGE_HELLO_LEN = 4096, ALERT_NO_APPLICATION_PROTOCOL = 120 };

typedef struct fact_row {
    uint16_t version; /* 0: the highest that is taken */
    enum question_depth depth;
    bool in_pieces;
    bool (*make)(survey *s, client_hello *hello); /* changes the usual hello of the version; false: not to be asked */
    void (*hear)(survey *s, const answer *given);
} fact_row;

static server_fact *add(survey *s, const char *id, const char *label, enum known known, const char *detail)
{
    if (s->server.num_facts == SERVER_FACTS_MAX)
        return ARENA_NEW(s->arena, server_fact);
    server_fact *fact = &s->server.facts[s->server.num_facts++];
    *fact = (server_fact){.id = id, .label = label, .known = known, .detail = detail};
    return fact;
}

static bool was_taken(const answer *given)
{
    return given->kind == ANSWER_ACCEPTED || given->kind == ANSWER_RETRY;
}

/* Whether the hello was taken, as a fact; how it was refused where not. */
static void add_taken(survey *s, const char *id, const char *label, const answer *given, const char *detail)
{
    bool says_nothing = given->kind == ANSWER_NOT_CONNECTED || given->kind == ANSWER_FAILED;
    server_fact *fact = add(s, id, label, was_taken(given) ? KNOWN_YES : says_nothing ? KNOWN_UNKNOWN : KNOWN_NO, detail);
    fact->was_refused = !was_taken(given);
    fact->refusal = refusal_of(given);
}

/* What an answer shows where the hello was taken; unknown where not. */
static void add_shown(survey *s, const char *id, const char *label, const answer *given, bool shown, const char *detail)
{
    server_fact *fact = add(s, id, label, !was_taken(given) ? KNOWN_UNKNOWN : shown ? KNOWN_YES : KNOWN_NO, detail);
    fact->was_refused = !was_taken(given);
    fact->refusal = refusal_of(given);
}

static const server_hello *hello_of(const answer *given)
{
    return given->conversation != NULL && given->conversation->has_server_hello ? &given->conversation->server_hello : NULL;
}

static bool echoes(const answer *given, uint16_t type)
{
    const server_hello *hello = hello_of(given);
    bool in_hello = hello != NULL && server_hello_extension(hello, type) != NULL;
    bool in_flight = given->flight != NULL && extension_in(given->flight->extensions, given->flight->num_extensions, type) != NULL;
    return in_hello || in_flight;
}

/* ---- up to TLS 1.2 ------------------------------------------------------------------------------------------------------ */

static bool make_echoes(survey *s, client_hello *hello)
{
    static const uint8_t ocsp[] = {1, 0, 0, 0, 0}, limit[] = {0x40, 0x01};
    arena *a = s->arena;
    *hello = hello_with_extension(a, hello, EXTENSION_STATUS_REQUEST, bytes_from(ocsp, sizeof ocsp));
    *hello = hello_with_extension(a, hello, EXTENSION_CERTIFICATE_TIMESTAMP, bytes_from(NULL, 0));
    *hello = hello_with_extension(a, hello, EXTENSION_RECORD_SIZE_LIMIT, bytes_from(limit, sizeof limit));
    if (hello->legacy_version <= VERSION_TLS12 && client_hello_extension(hello, EXTENSION_SUPPORTED_VERSIONS) == NULL)
        *hello = hello_with_extension(a, hello, EXTENSION_SESSION_TICKET, bytes_from(NULL, 0));
    return true;
}

static void hear_echoes_tls12(survey *s, const answer *given)
{
    const server_hello *hello = hello_of(given);
    add_shown(s, "secure-renegotiation", "Secure renegotiation", given, hello != NULL && hello->has_renegotiation_info, NULL);
    add_shown(s, "extended-master-secret", "Extended master secret", given, hello != NULL && hello->has_extended_master_secret,
              NULL);
    add_shown(s, "session-tickets-tls12", "Session tickets (TLS 1.2)", given, echoes(given, EXTENSION_SESSION_TICKET), NULL);
    add_shown(s, "ocsp-staple-tls12", "OCSP response stapled (TLS 1.2)", given, echoes(given, EXTENSION_STATUS_REQUEST), NULL);
    add_shown(s, "certificate-timestamps-tls12", "Certificate timestamps in the handshake (TLS 1.2)", given,
              echoes(given, EXTENSION_CERTIFICATE_TIMESTAMP), NULL);
    add_shown(s, "record-size-limit-tls12", "Record size limit (TLS 1.2)", given, echoes(given, EXTENSION_RECORD_SIZE_LIMIT), NULL);
}

static void hear_session_id(survey *s, const answer *given)
{
    const server_hello *hello = hello_of(given);
    add_shown(s, "session-ids", "Session ids (TLS 1.2)", given, hello != NULL && hello->session_id.len > 0, NULL);
}

static bool make_encrypt_then_mac(survey *s, client_hello *hello)
{
    static const uint16_t block_suites[] = {0xC009, 0xC013, 0xC00A, 0xC014, 0xC023, 0xC027, 0xC024,
                                            0xC028, 0x0033, 0x0039, 0x002F, 0x0035, 0x003C, 0x003D};
    *hello = hello_with_cipher_suites(s->arena, hello, codes_from(s->arena, block_suites, sizeof block_suites / 2));
    *hello = hello_with_extension(s->arena, hello, EXTENSION_ENCRYPT_THEN_MAC, bytes_from(NULL, 0));
    return true;
}

static void hear_encrypt_then_mac(survey *s, const answer *given)
{
    add_shown(s, "encrypt-then-mac", "Encrypt-then-MAC", given, echoes(given, EXTENSION_ENCRYPT_THEN_MAC), NULL);
}

static bool make_compression(survey *s, client_hello *hello)
{
    static const uint8_t methods[] = {1, 0}; /* DEFLATE (RFC 3749) */
    hello->compression_methods = bytes_copy(s->arena, bytes_from(methods, sizeof methods));
    return true;
}

static void hear_compression(survey *s, const answer *given)
{
    const server_hello *hello = hello_of(given);
    add_shown(s, "compression", "Compression", given, hello != NULL && hello->compression_method != 0, NULL);
}

/* One version below the highest, which says that it fell back (RFC 7507). */
static bool make_fallback(survey *s, client_hello *hello)
{
    if (hunt_taken(&s->hunts[TOPIC_TLS13]).num_codes == 0)
        return false;
    *hello = hello_with_cipher_suites(s->arena, hello,
                                      codes_joined(s->arena, hello->cipher_suites, codes_one(s->arena, SUITE_FALLBACK)));
    return true;
}

static void hear_fallback(survey *s, const answer *given)
{
    bool refused = given->kind == ANSWER_ALERT && given->alert.description == 86;
    enum known known = refused ? KNOWN_YES : was_taken(given) ? KNOWN_NO : KNOWN_UNKNOWN;
    server_fact *fact = add(s, "fallback-scsv", "Refuses a needless fallback (RFC 7507)", known, NULL);
    fact->was_refused = !was_taken(given);
    fact->refusal = refusal_of(given);
}

/* ---- TLS 1.3 ------------------------------------------------------------------------------------------------------------ */

static void hear_echoes_tls13(survey *s, const answer *given)
{
    bool was_read = given->flight != NULL && given->flight->is_read;
    if (!was_read && was_taken(given)) {
        add(s, "ocsp-staple", "OCSP response stapled", KNOWN_UNKNOWN, "its flight could not be read");
        return;
    }
    bool has_staple = was_read && given->flight->ocsp_response.len > 0;
    add_shown(s, "ocsp-staple", "OCSP response stapled", given, has_staple, NULL);
    add_shown(s, "record-size-limit", "Record size limit", given, echoes(given, EXTENSION_RECORD_SIZE_LIMIT), NULL);
}

static void hear_tickets_tls13(survey *s, const answer *given)
{
    const server_flight *flight = given->flight;
    bool was_finished = flight != NULL && flight->sent_finished && !flight->has_alert;
    server_fact *fact = add(s, "session-tickets", "Session tickets",
                            !was_finished             ? KNOWN_UNKNOWN
                            : flight->num_tickets > 0 ? KNOWN_YES
                                                      : KNOWN_NO,
                            NULL);
    if (flight != NULL && flight->has_alert)
        fact->detail = "the server ended the handshake without a client certificate";
}

/* ---- client certificates --------------------------------------------------------------------------------------------------- */

static void keep_issuers(survey *s, const certificate_request *request)
{
    for (size_t i = 0; i < request->num_authorities && s->server.num_issuers < 32; i++) {
        const char *name = distinguished_name_text(s->arena, request->authorities[i]);
        if (name != NULL)
            s->server.issuers[s->server.num_issuers++] = name;
    }
}

static void hear_client_certificate(survey *s, const answer *given)
{
    const server_flight *flight = given->flight;
    const conversation *c = given->conversation;
    bool in_clear = c != NULL && c->has_certificate_request, under_protection = flight != NULL && flight->has_certificate_request;
    bool asked = in_clear || under_protection;
    bool was_read = in_clear || (flight != NULL && flight->is_read);
    enum known known = asked ? KNOWN_YES : was_read && was_taken(given) ? KNOWN_NO : KNOWN_UNKNOWN;
    add(s, "client-certificate-asked", "Client certificate asked for", known, NULL);
    if (!asked)
        return;
    bool refused = flight != NULL && flight->sent_finished && flight->has_alert;
    bool went_on = flight != NULL && flight->sent_finished && !flight->has_alert;
    const char *detail =
        refused ? arena_printf(s->arena, "without one: alert %s", alert_name(s->arena, flight->alert.description)) : NULL;
    add(s, "client-certificate-required", "Client certificate required",
        refused   ? KNOWN_YES
        : went_on ? KNOWN_NO
                  : KNOWN_UNKNOWN,
        detail);
    keep_issuers(s, in_clear ? &c->certificate_request : &flight->certificate_request);
}

static bool make_highest_tls12(survey *s, client_hello *hello)
{
    (void)hello;
    return hunt_taken(&s->hunts[TOPIC_TLS13]).num_codes == 0;
}

static void hear_finish_tls13(survey *s, const answer *given)
{
    hear_client_certificate(s, given);
    hear_tickets_tls13(s, given);
}

/* ---- names and protocols ------------------------------------------------------------------------------------------------- */

static bool make_without_name(survey *s, client_hello *hello)
{
    *hello = hello_with_server_name(s->arena, hello, bytes_from(NULL, 0));
    return s->settings.server_name.len > 0;
}

static const char *leaf_of(survey *s, const answer *given)
{
    const certificate_list *sent = given->flight != NULL && given->flight->has_certificate ? &given->flight->certificates
                                   : given->conversation != NULL                           ? &given->conversation->certificates
                                                                                           : NULL;
    const char *names =
        sent == NULL || sent->num_certificates == 0 ? NULL : certificate_names_text(s->arena, sent->certificates[0]);
    return names == NULL ? NULL : arena_printf(s->arena, "certificate for %s", names);
}

static void hear_without_name(survey *s, const answer *given)
{
    add_taken(s, "accepts-no-name", "Serves clients that send no name (SNI)", given, leaf_of(s, given));
}

static bool make_unknown_name(survey *s, client_hello *hello)
{
    *hello = hello_with_server_name(s->arena, hello, bytes_from_text("no-such-name.invalid"));
    return true;
}

static void hear_unknown_name(survey *s, const answer *given)
{
    add_taken(s, "accepts-unknown-name", "Serves clients that send an unknown name", given, leaf_of(s, given));
}

static bool with_protocol(survey *s, client_hello *hello, const char *protocol)
{
    bytes_view name = bytes_from_text(protocol);
    *hello = hello_with_alpn(s->arena, hello, &name, 1);
    return true;
}

static bool make_alpn_h2(survey *s, client_hello *hello)
{
    return with_protocol(s, hello, "h2");
}

static bool make_alpn_http1(survey *s, client_hello *hello)
{
    return with_protocol(s, hello, "http/1.1");
}

static bool make_alpn_unknown(survey *s, client_hello *hello)
{
    return with_protocol(s, hello, "no-such-protocol");
}

static bool chose_protocol(const answer *given, const char *protocol)
{
    const server_hello *hello = hello_of(given);
    bytes_view wanted = bytes_from_text(protocol);
    return (hello != NULL && bytes_equal(hello->alpn, wanted)) ||
           (given->flight != NULL && bytes_equal(given->flight->alpn, wanted));
}

/* An ALPN that is refused is no, not unknown: the alert says so. */
static void add_protocol(survey *s, const char *id, const char *label, const answer *given, const char *protocol)
{
    bool says_no = given->kind == ANSWER_ALERT && given->alert.description == ALERT_NO_APPLICATION_PROTOCOL;
    add_shown(s, id, label, given, chose_protocol(given, protocol), NULL);
    if (says_no)
        s->server.facts[s->server.num_facts - 1].known = KNOWN_NO;
}

static void hear_alpn_h2(survey *s, const answer *given)
{
    add_protocol(s, "alpn-h2", "ALPN h2", given, "h2");
}

static void hear_alpn_http1(survey *s, const answer *given)
{
    add_protocol(s, "alpn-http/1.1", "ALPN http/1.1", given, "http/1.1");
}

static void hear_alpn_unknown(survey *s, const answer *given)
{
    add_taken(s, "accepts-unknown-alpn", "Goes on without a protocol in common (ALPN)", given, NULL);
}

/* ---- tolerance ------------------------------------------------------------------------------------------------------------- */

static bool make_future_version(survey *s, client_hello *hello)
{
    uint16_t versions[] = {VERSION_TO_COME, VERSION_TLS13, VERSION_TLS12, VERSION_TLS11, VERSION_TLS10};
    *hello = hello_with_versions(s->arena, hello, codes_from(s->arena, versions, sizeof versions / sizeof *versions));
    return true;
}

static void hear_future_version(survey *s, const answer *given)
{
    add_taken(s, "tolerates-future-versions", "Tolerates a version to come", given, NULL);
}

static bool make_high_legacy_version(survey *s, client_hello *hello)
{
    *hello = hello_with_legacy_version(s->arena, hello, VERSION_TO_COME);
    return true;
}

static void hear_high_legacy_version(survey *s, const answer *given)
{
    add_taken(s, "tolerates-high-legacy-version", "Tolerates a higher version in the old field", given, NULL);
}

static bool make_unknown_extension(survey *s, client_hello *hello)
{
    *hello = hello_with_extension(s->arena, hello, EXTENSION_UNASSIGNED, bytes_from(NULL, 0));
    return true;
}

static void hear_unknown_extension(survey *s, const answer *given)
{
    add_taken(s, "tolerates-unknown-extensions", "Tolerates an unknown extension", given, NULL);
}

static bool make_grease(survey *s, client_hello *hello)
{
    arena *a = s->arena;
    *hello = hello_with_cipher_suites(a, hello, codes_joined(a, codes_one(a, 0x2A2A), hello->cipher_suites));
    *hello = hello_with_groups(a, hello, codes_joined(a, codes_one(a, 0x3A3A), client_hello_groups(a, hello)));
    *hello = hello_with_extension(a, hello, 0x4A4A, bytes_from(NULL, 0));
    return true;
}

static void hear_grease(survey *s, const answer *given)
{
    add_taken(s, "tolerates-grease", "Tolerates GREASE (RFC 8701)", given, NULL);
}

static bool make_large(survey *s, client_hello *hello)
{
    client_hello large;
    if (!hello_padded_to(s->arena, hello, LARGE_HELLO_LEN, &large))
        return false;
    *hello = large;
    return true;
}

static void hear_large(survey *s, const answer *given)
{
    add_taken(s, "tolerates-large-hellos", "Tolerates a hello of 4096 bytes", given, NULL);
}

static bool make_split(survey *s, client_hello *hello)
{
    hello->fragment_lens = ARENA_ARRAY(s->arena, 2, size_t);
    hello->fragment_lens[0] = 100;
    hello->fragment_lens[1] = hello_message_len(s->arena, hello) - 100;
    hello->num_fragments = 2;
    return true;
}

static void hear_split(survey *s, const answer *given)
{
    add_taken(s, "tolerates-split-hellos", "Tolerates a hello in two records", given, NULL);
}

static void hear_pieces(survey *s, const answer *given)
{
    add_taken(s, "tolerates-segments", "Tolerates a hello in two segments", given, NULL);
}

/* ---- the table --------------------------------------------------------------------------------------------------------------- */

static const fact_row fact_rows[] = {
    {VERSION_TLS12, DEPTH_HELLO, false, make_echoes, hear_echoes_tls12},
    {VERSION_TLS12, DEPTH_HELLO, false, NULL, hear_session_id},
    {VERSION_TLS12, DEPTH_HELLO, false, make_encrypt_then_mac, hear_encrypt_then_mac},
    {VERSION_TLS12, DEPTH_HELLO, false, make_compression, hear_compression},
    {VERSION_TLS12, DEPTH_HELLO, false, make_fallback, hear_fallback},
    {VERSION_TLS12, DEPTH_FINISH, false, make_highest_tls12, hear_client_certificate},
    {VERSION_TLS13, DEPTH_FLIGHT, false, make_echoes, hear_echoes_tls13},
    {VERSION_TLS13, DEPTH_FINISH, false, NULL, hear_finish_tls13},
    {0, DEPTH_FLIGHT, false, make_without_name, hear_without_name},
    {0, DEPTH_FLIGHT, false, make_unknown_name, hear_unknown_name},
    {0, DEPTH_FLIGHT, false, make_alpn_h2, hear_alpn_h2},
    {0, DEPTH_FLIGHT, false, make_alpn_http1, hear_alpn_http1},
    {0, DEPTH_FLIGHT, false, make_alpn_unknown, hear_alpn_unknown},
    {0, DEPTH_HELLO, false, make_future_version, hear_future_version},
    {VERSION_TLS12, DEPTH_HELLO, false, make_high_legacy_version, hear_high_legacy_version},
    {0, DEPTH_HELLO, false, make_unknown_extension, hear_unknown_extension},
    {0, DEPTH_HELLO, false, make_grease, hear_grease},
    {0, DEPTH_HELLO, false, make_large, hear_large},
    {0, DEPTH_HELLO, false, make_split, hear_split},
    {0, DEPTH_HELLO, true, NULL, hear_pieces},
};

static uint16_t highest_taken(const survey *s)
{
    for (unsigned t = TOPIC_TLS13 + 1; t > TOPIC_SSL3; t--)
        if (hunt_taken(&s->hunts[t - 1]).num_codes > 0)
            return topic_version(t - 1);
    return 0;
}

static bool is_taken(const survey *s, uint16_t version)
{
    return version == VERSION_TLS12   ? hunt_taken(&s->hunts[TOPIC_TLS12]).num_codes > 0
           : version == VERSION_TLS13 ? hunt_taken(&s->hunts[TOPIC_TLS13]).num_codes > 0
                                      : version != 0;
}

void facts_ask(survey *s)
{
    for (unsigned i = 0; i < sizeof fact_rows / sizeof *fact_rows; i++) {
        const fact_row *row = &fact_rows[i];
        uint16_t version = row->version != 0 ? row->version : highest_taken(s);
        if (!is_taken(s, version))
            continue;
        client_hello hello = survey_hello(s, version);
        if (row->make != NULL && !row->make(s, &hello))
            continue;
        survey_ask(s, &hello, row->depth, TOPIC_FACTS, i, (code_list){0});
        s->probes[s->num_probes - 1].in_pieces = row->in_pieces;
    }
}

void facts_hear(survey *s, unsigned index, const answer *given)
{
    fact_rows[index].hear(s, given);
}
