/* What servers do up to TLS 1.2 that TLS 1.3 does not have, or has otherwise. */
#include "registry/registry.h"
#include "server/facts.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

enum {
    EXTENSION_ENCRYPT_THEN_MAC = 22,
    EXTENSION_RECORD_SIZE_LIMIT = 28,
    SUITE_FALLBACK = 0x5600,
    ALERT_CLOSE_NOTIFY = 0,
    ALERT_INAPPROPRIATE_FALLBACK = 86,
};

static const uint8_t ask_ocsp[] = {1, 0, 0, 0, 0}, record_limit[] = {0x40, 0x01};

static bool make_echoes(survey *s, client_hello *hello)
{
    arena *a = s->arena;
    *hello = hello_with_extension(a, hello, EXTENSION_STATUS_REQUEST, bytes_from(ask_ocsp, sizeof ask_ocsp));
    *hello = hello_with_extension(a, hello, EXTENSION_CERTIFICATE_TIMESTAMP, bytes_from(NULL, 0));
    *hello = hello_with_extension(a, hello, EXTENSION_RECORD_SIZE_LIMIT, bytes_from(record_limit, sizeof record_limit));
    return true;
}

static void hear_echoes(survey *s, const answer *given)
{
    const server_hello *hello = fact_server_hello(given);
    bool is_secure = hello != NULL && hello->has_renegotiation_info, has_ems = hello != NULL && hello->has_extended_master_secret;
    const extension *timestamps = hello == NULL ? NULL : server_hello_extension(hello, EXTENSION_CERTIFICATE_TIMESTAMP);
    size_t num_timestamps = timestamps == NULL ? 0 : timestamp_list_count(timestamps->body);
    fact_add_shown(s, "secure-renegotiation", "Secure renegotiation", given, is_secure, NULL);
    fact_add_shown(s, "extended-master-secret", "Extended master secret", given, has_ems, NULL);
    fact_add_shown(s, "ocsp-staple-tls12", "OCSP response stapled (up to TLS 1.2)", given,
                   fact_echoes(given, EXTENSION_STATUS_REQUEST), NULL);
    fact_add_shown(s, "certificate-timestamps-tls12", "Timestamps in the handshake (up to TLS 1.2)", given, timestamps != NULL,
                   timestamps == NULL ? NULL : arena_printf(s->arena, "%zu", num_timestamps));
    fact_add_shown(s, "record-size-limit-tls12", "Record size limit (up to TLS 1.2)", given,
                   fact_echoes(given, EXTENSION_RECORD_SIZE_LIMIT), NULL);
}

/* ---- renegotiation ------------------------------------------------------------------------------------------------------- */

/* How the second hello was refused, or the connection was ended without one: under protection, where an answer's kind says nothing
 * of it. */
static refusal refusal_of_second_hello(const answer *given)
{
    const server_flight *f = given->flight;
    enum stream_end end = given->conversation == NULL ? STREAM_OPEN : given->conversation->end[SIDE_SERVER];
    refusal r = {.kind = f->has_alert          ? ANSWER_ALERT
                         : end == STREAM_FIN   ? ANSWER_CLOSED
                         : end == STREAM_RESET ? ANSWER_RESET
                                               : ANSWER_SILENCE};
    r.alert = f->has_alert ? f->alert.description : 0;
    return r;
}

static const char *const renegotiations[] = {"client-renegotiation", "insecure-renegotiation"};
enum { NUM_RENEGOTIATIONS = sizeof renegotiations / sizeof *renegotiations };

static bool is_mere_end(const refusal *r)
{
    return r->kind == ANSWER_ALERT ? r->alert == ALERT_CLOSE_NOTIFY : r->kind == ANSWER_CLOSED || r->kind == ANSWER_RESET;
}

static void add_renegotiation(survey *s, const char *id, const char *label, const answer *given)
{
    const server_flight *f = given->flight;
    if (f == NULL || !f->asked_to_renegotiate) {
        server_fact *unknown = fact_add(s, id, label, KNOWN_UNKNOWN, f == NULL ? NULL : f->why_not);
        unknown->was_refused = !fact_was_taken(given);
        unknown->refusal = refusal_of(given);
        return;
    }
    refusal r = refusal_of_second_hello(given);
    bool has_left = !f->renegotiated && is_mere_end(&r), is_known = !has_left && (f->renegotiated || r.kind != ANSWER_SILENCE);
    server_fact *fact = fact_add(s, id, label,
                                 !is_known         ? KNOWN_UNKNOWN
                                 : f->renegotiated ? KNOWN_YES
                                                   : KNOWN_NO,
                                 has_left ? FACT_LEFT : NULL);
    fact->was_refused = !f->renegotiated && !has_left;
    fact->refusal = r;
}

static void hear_renegotiation(survey *s, const answer *given)
{
    add_renegotiation(s, renegotiations[0], "Renegotiates when the client asks", given);
}

/* Without a word of RFC 5746, as clients were before it. */
static bool make_insecure(survey *s, client_hello *hello)
{
    code_list signal = codes_one(s->arena, SUITE_EMPTY_RENEGOTIATION_INFO);
    *hello = hello_with_cipher_suites(s->arena, hello, codes_without(s->arena, hello->cipher_suites, signal));
    return true;
}

static void hear_insecure(survey *s, const answer *given)
{
    add_renegotiation(s, renegotiations[1], "Renegotiates insecurely (without RFC 5746)", given);
}

/* Many a server ends the connection when the handshake is over, whatever is sent to it. */
static bool ended_after_handshake(const server_fact *fact)
{
    return fact != NULL && fact->known == KNOWN_UNKNOWN && !fact->was_refused && is_mere_end(&fact->refusal);
}

/* Where it ended so: would it have done so by itself? */
static bool make_lingering(survey *s, client_hello *hello)
{
    (void)hello;
    for (size_t i = 0; i < NUM_RENEGOTIATIONS; i++)
        if (ended_after_handshake(fact_find(s, renegotiations[i])))
            return true;
    return false;
}

/* It stayed where nothing was sent: so the second hello is what it ended for. */
static void hear_lingering(survey *s, const answer *given)
{
    const server_flight *f = given->flight;
    bool has_stayed = f != NULL && f->finished_is_right && refusal_of_second_hello(given).kind == ANSWER_SILENCE;
    for (size_t i = 0; i < NUM_RENEGOTIATIONS && has_stayed; i++) {
        server_fact *fact = fact_find(s, renegotiations[i]);
        if (!ended_after_handshake(fact))
            continue;
        fact->known = KNOWN_NO;
        fact->detail = NULL;
        fact->was_refused = true;
    }
}

/* ---- single extensions ------------------------------------------------------------------------------------------------- */

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
    fact_add_shown(s, "encrypt-then-mac", "Encrypt-then-MAC", given, fact_echoes(given, EXTENSION_ENCRYPT_THEN_MAC), NULL);
}

static bool make_compression(survey *s, client_hello *hello)
{
    static const uint8_t methods[] = {1, 0}; /* DEFLATE (RFC 3749) */
    hello->compression_methods = bytes_copy(s->arena, bytes_from(methods, sizeof methods));
    return true;
}

static void hear_compression(survey *s, const answer *given)
{
    const server_hello *hello = fact_server_hello(given);
    fact_add_shown(s, "compression", "Compression", given, hello != NULL && hello->compression_method != 0, NULL);
}

/* A lower version than the highest, with the word that it is a fallback (RFC 7507). */
static bool make_fallback(survey *s, client_hello *hello)
{
    uint16_t lower = survey_highest(s, (uint16_t)(survey_highest(s, VERSION_TLS13) - 1));
    if (lower == 0)
        return false;
    client_hello usual = survey_hello(s, lower);
    *hello = hello_with_cipher_suites(s->arena, &usual,
                                      codes_joined(s->arena, usual.cipher_suites, codes_one(s->arena, SUITE_FALLBACK)));
    return true;
}

static void hear_fallback(survey *s, const answer *given)
{
    bool refused = given->kind == ANSWER_ALERT && given->alert.description == ALERT_INAPPROPRIATE_FALLBACK;
    enum known known = refused ? KNOWN_YES : fact_was_taken(given) ? KNOWN_NO : KNOWN_UNKNOWN;
    server_fact *fact = fact_add(s, "fallback-scsv", "Refuses a needless fallback (RFC 7507)", known,
                                 known == KNOWN_NO ? "it takes the lower version" : NULL);
    fact->was_refused = !fact_was_taken(given);
    fact->refusal = refusal_of(given);
}

/* ---- the table ----------------------------------------------------------------------------------------------------------- */

static const fact_row rows[] = {
    {.version = FACT_UP_TO_TLS12, .depth = DEPTH_RENEGOTIATE, .hear = hear_renegotiation},
    {.version = FACT_UP_TO_TLS12, .depth = DEPTH_RENEGOTIATE, .make = make_insecure, .hear = hear_insecure},
    {.version = FACT_UP_TO_TLS12, .depth = DEPTH_LINGER, .stage = FACT_LATE, .make = make_lingering, .hear = hear_lingering},
    {.version = FACT_UP_TO_TLS12, .make = make_echoes, .hear = hear_echoes},
    {.version = FACT_UP_TO_TLS12, .make = make_encrypt_then_mac, .hear = hear_encrypt_then_mac},
    {.version = FACT_UP_TO_TLS12, .make = make_compression, .hear = hear_compression},
    {.version = FACT_UP_TO_TLS12, .make = make_fallback, .hear = hear_fallback},
};
const fact_table facts_of_old_versions = {rows, sizeof rows / sizeof *rows};
