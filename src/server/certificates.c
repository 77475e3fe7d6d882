/* What goes with the certificates of both sides: staples, timestamps, compression, and whether the client has to show one. */
#include "crypto/certificate.h"
#include "crypto/timestamps.h"
#include "registry/registry.h"
#include "server/facts.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

enum { EXTENSION_COMPRESS_CERTIFICATE = 27, EXTENSION_RECORD_SIZE_LIMIT = 28 };

/* ---- beside the server's ------------------------------------------------------------------------------------------------ */

static bool make_wishes(survey *s, client_hello *hello)
{
    static const uint8_t ocsp[] = {1, 0, 0, 0, 0}, limit[] = {0x40, 0x01};
    arena *a = s->arena;
    *hello = hello_with_extension(a, hello, EXTENSION_STATUS_REQUEST, bytes_from(ocsp, sizeof ocsp));
    *hello = hello_with_extension(a, hello, EXTENSION_CERTIFICATE_TIMESTAMP, bytes_from(NULL, 0));
    *hello = hello_with_extension(a, hello, EXTENSION_RECORD_SIZE_LIMIT, bytes_from(limit, sizeof limit));
    return true;
}

/* Of what only a flight that could be read shows. */
static void add_of_flight(survey *s, const char *id, const char *label, const answer *given, bool shown, const char *detail)
{
    bool was_read = given->flight != NULL && given->flight->is_read;
    if (was_read || !fact_was_taken(given))
        fact_add_shown(s, id, label, given, shown, detail);
    else
        (void)fact_add(s, id, label, KNOWN_UNKNOWN, "its flight could not be read");
}

static const char *count_text(survey *s, size_t num)
{
    return num == 0 ? NULL : arena_printf(s->arena, "%zu", num);
}

/* Timestamps in the staple count in every version: a client reads them wherever the staple came. */
static void add_staple_timestamps(survey *s, const answer *given)
{
    bytes_view staple = given->flight == NULL ? bytes_from(NULL, 0) : given->flight->ocsp_response;
    size_t num = ocsp_response_num_timestamps(staple);
    add_of_flight(s, "certificate-timestamps-ocsp", "Timestamps in the OCSP response", given, num > 0,
                  fact_was_taken(given) && staple.len == 0 ? "none is stapled" : count_text(s, num));
}

static void hear_wishes_tls13(survey *s, const answer *given)
{
    const server_flight *f = given->flight;
    size_t num = f == NULL ? 0 : timestamp_list_count(f->certificate_timestamps);
    add_of_flight(s, "ocsp-staple", "OCSP response stapled (TLS 1.3)", given, f != NULL && f->ocsp_response.len > 0, NULL);
    add_of_flight(s, "certificate-timestamps", "Timestamps in the handshake (TLS 1.3)", given, num > 0, count_text(s, num));
    add_staple_timestamps(s, given);
    add_of_flight(s, "record-size-limit", "Record size limit (TLS 1.3)", given, fact_echoes(given, EXTENSION_RECORD_SIZE_LIMIT),
                  NULL);
}

static bool make_wishes_without_tls13(survey *s, client_hello *hello)
{
    return !survey_takes(s, VERSION_TLS13) && make_wishes(s, hello);
}

/* ---- compression (RFC 8879) --------------------------------------------------------------------------------------------- */

static const struct {
    const char *id, *label;
} compressions[] = {
    [1] = {"certificate-compression-zlib", "Certificate compression by zlib"},
    [2] = {"certificate-compression-brotli", "Certificate compression by Brotli"},
    [3] = {"certificate-compression-zstd", "Certificate compression by Zstandard"},
};
enum { COMPRESSION_FIRST = 1, COMPRESSION_LAST = 3 };

static bool make_compressions(survey *s, client_hello *hello)
{
    static const uint8_t all[] = {6, 0, 1, 0, 2, 0, 3};
    *hello = hello_with_extension(s->arena, hello, EXTENSION_COMPRESS_CERTIFICATE, bytes_from(all, sizeof all));
    return true;
}

/* Where none is taken, that is known of all; where one is, the others are asked for by late questions of their own. */
static void hear_compressions(survey *s, const answer *given)
{
    unsigned by = given->flight == NULL ? 0 : given->flight->compressed_by;
    s->compressed_by = by;
    for (unsigned i = COMPRESSION_FIRST; i <= COMPRESSION_LAST; i++)
        if (by == 0 || by == i)
            add_of_flight(s, compressions[i].id, compressions[i].label, given, by == i, NULL);
}

static bool make_compression(survey *s, client_hello *hello, uint8_t algorithm)
{
    const uint8_t one[] = {2, 0, algorithm};
    *hello = hello_with_extension(s->arena, hello, EXTENSION_COMPRESS_CERTIFICATE, bytes_from(one, sizeof one));
    return s->compressed_by != 0 && s->compressed_by != algorithm;
}

static bool make_zlib(survey *s, client_hello *hello)
{
    return make_compression(s, hello, 1);
}

static bool make_brotli(survey *s, client_hello *hello)
{
    return make_compression(s, hello, 2);
}

static bool make_zstd(survey *s, client_hello *hello)
{
    return make_compression(s, hello, 3);
}

static void hear_compression(survey *s, const answer *given, unsigned algorithm)
{
    bool shown = given->flight != NULL && given->flight->compressed_by == algorithm;
    add_of_flight(s, compressions[algorithm].id, compressions[algorithm].label, given, shown, NULL);
}

static void hear_zlib(survey *s, const answer *given)
{
    hear_compression(s, given, 1);
}

static void hear_brotli(survey *s, const answer *given)
{
    hear_compression(s, given, 2);
}

static void hear_zstd(survey *s, const answer *given)
{
    hear_compression(s, given, 3);
}

/* ---- the client's --------------------------------------------------------------------------------------------------------- */

static void keep_issuers(survey *s, const certificate_request *request)
{
    s->server.num_issuers = 0; /* each answer names them all */
    for (size_t i = 0; i < request->num_authorities && s->server.num_issuers < SERVER_ISSUERS_MAX; i++) {
        const char *name = distinguished_name_text(s->arena, request->authorities[i]);
        if (name != NULL)
            s->server.issuers[s->server.num_issuers++] = name;
    }
}

/* In TLS 1.3 the server's Finished comes before it knows that there is none: whoever only leaves then may have meant that. */
static void add_whether_required(survey *s, const answer *given)
{
    const server_flight *f = given->flight;
    bool has_answer = f != NULL && f->sent_finished, was_refused = has_answer && server_flight_was_refused(f);
    const server_hello *hello = fact_server_hello(given);
    bool is_tls13 = hello != NULL && hello->version >= VERSION_TLS13;
    bool has_left = has_answer && !was_refused && f->has_alert && is_tls13 && f->num_tickets == 0;
    bool is_known = has_answer && !has_left;
    const char *detail = was_refused ? arena_printf(s->arena, "without one: alert %s", alert_name(s->arena, f->alert.description))
                         : has_left  ? FACT_LEFT
                         : is_known  ? FACT_WITHOUT
                                     : NULL;
    (void)fact_add(s, "client-certificate-required", "Client certificate required",
                   !is_known     ? KNOWN_UNKNOWN
                   : was_refused ? KNOWN_YES
                                 : KNOWN_NO,
                   detail);
}

void fact_add_client_certificate(survey *s, const answer *given)
{
    const server_flight *f = given->flight;
    const conversation *c = given->conversation;
    bool in_clear = c != NULL && c->has_certificate_request, under_protection = f != NULL && f->has_certificate_request;
    bool asked = in_clear || under_protection, was_read = in_clear || (f != NULL && f->is_read);
    enum known known = asked ? KNOWN_YES : was_read && fact_was_taken(given) ? KNOWN_NO : KNOWN_UNKNOWN;
    (void)fact_add(s, "client-certificate-asked", "Client certificate asked for", known, known == KNOWN_NO ? FACT_WITHOUT : NULL);
    if (!asked)
        return;
    add_whether_required(s, given);
    keep_issuers(s, in_clear ? &c->certificate_request : &f->certificate_request);
}

/* ---- the table ----------------------------------------------------------------------------------------------------------- */

static const fact_row rows[] = {
    {.version = FACT_TLS13, .depth = DEPTH_FLIGHT, .make = make_wishes, .hear = hear_wishes_tls13},
    {.version = FACT_UP_TO_TLS12, .depth = DEPTH_FLIGHT, .make = make_wishes_without_tls13, .hear = add_staple_timestamps},
    {.version = FACT_TLS13, .depth = DEPTH_FLIGHT, .make = make_compressions, .hear = hear_compressions},
    {.version = FACT_TLS13, .depth = DEPTH_FLIGHT, .stage = FACT_LATE, .make = make_zlib, .hear = hear_zlib},
    {.version = FACT_TLS13, .depth = DEPTH_FLIGHT, .stage = FACT_LATE, .make = make_brotli, .hear = hear_brotli},
    {.version = FACT_TLS13, .depth = DEPTH_FLIGHT, .stage = FACT_LATE, .make = make_zstd, .hear = hear_zstd},
};
const fact_table facts_of_certificates = {rows, sizeof rows / sizeof *rows};
