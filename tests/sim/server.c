#include "server.h"

#include "registry/registry.h"
#include "wire/hello_edit.h"
#include "wire/record.h"
#include "wire/server_hello.h"
#include "wire/writer.h"
#include <string.h>

enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_SUPPORTED_GROUPS = 10,
    EXTENSION_SIGNATURE_ALGORITHMS = 13,
    EXTENSION_ALPN = 16,
    EXTENSION_EMS = 23,
    EXTENSION_SUPPORTED_VERSIONS = 43,
    EXTENSION_KEY_SHARE = 51,
    SUITE_FALLBACK_SCSV = 0x5600,
    FLIGHT_LEN_MAX = 8192,
};
enum {
    ALERT_HANDSHAKE_FAILURE = 40,
    ALERT_PROTOCOL_VERSION = 70,
    ALERT_INAPPROPRIATE_FALLBACK = 86,
    ALERT_UNRECOGNIZED_NAME = 112,
    ALERT_NO_APPLICATION_PROTOCOL = 120,
};

/* ---- bytes ------------------------------------------------------------------------------------------------------ */

static sim_answer taken(arena *a, writer *w)
{
    sim_answer given = {.ends = REACT_ALERT};
    bool written = writer_take(w, a, &given.bytes);
    (void)written;
    return given;
}

static sim_answer alert_answer(arena *a, uint8_t description)
{
    uint8_t payload[] = {ALERT_FATAL, description};
    writer w;
    writer_init(&w, FLIGHT_LEN_MAX);
    record_write(&w, CONTENT_ALERT, VERSION_TLS10, bytes_from(payload, sizeof payload));
    sim_answer given = taken(a, &w);
    given.ends = REACT_CLOSE;
    return given;
}

static sim_answer react(arena *a, enum reaction how, uint8_t description)
{
    if (how == REACT_ALERT)
        return alert_answer(a, description);
    return (sim_answer){.ends = how};
}

static void write_message(writer *w, uint8_t type, uint16_t version, bytes_view body)
{
    writer message;
    bytes_view whole;
    arena *scratch = arena_new();
    writer_init(&message, FLIGHT_LEN_MAX);
    write_u8(&message, type);
    write_u24(&message, (uint32_t)body.len);
    write_bytes(&message, body);
    if (writer_take(&message, scratch, &whole))
        record_write(w, CONTENT_HANDSHAKE, version, whole);
    arena_free(scratch);
}

/* RFC 8446, 4.1.3: the random that says HelloRetryRequest. */
static const uint8_t retry_random[] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
                                       0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB,
                                       0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

static void write_tls13_extensions(writer *w, uint16_t group, bool retry)
{
    writer_vector all = writer_open16(w);
    write_u16(w, EXTENSION_SUPPORTED_VERSIONS);
    write_u16(w, 2);
    write_u16(w, VERSION_TLS13);
    write_u16(w, EXTENSION_KEY_SHARE);
    writer_vector share = writer_open16(w);
    write_u16(w, group);
    if (!retry) {
        writer_vector key = writer_open16(w);
        write_zeros(w, 32);
        writer_close(w, key);
    }
    writer_close(w, share);
    writer_close(w, all);
}

static bytes_view server_hello_body(arena *a, const client_hello *hello, uint16_t version, uint16_t suite, uint16_t group,
                                    bool retry)
{
    writer w;
    bytes_view body = {0};
    writer_init(&w, FLIGHT_LEN_MAX);
    write_u16(&w, version > VERSION_TLS12 ? VERSION_TLS12 : version);
    if (retry)
        write_bytes(&w, bytes_from(retry_random, sizeof retry_random));
    else
        write_zeros(&w, 32);
    writer_vector session = writer_open8(&w);
    if (version == VERSION_TLS13)
        write_bytes(&w, hello->session_id);
    writer_close(&w, session);
    write_u16(&w, suite);
    write_u8(&w, 0);
    if (version == VERSION_TLS13)
        write_tls13_extensions(&w, group, retry);
    bool written = writer_take(&w, a, &body);
    (void)written;
    return body;
}

static bytes_view ecdhe_key_exchange(arena *a, uint16_t version, uint16_t group, uint16_t scheme)
{
    writer w;
    bytes_view body = {0};
    writer_init(&w, FLIGHT_LEN_MAX);
    write_u8(&w, 3); /* named_curve */
    write_u16(&w, group);
    writer_vector point = writer_open8(&w);
    write_zeros(&w, 65);
    writer_close(&w, point);
    if (version == VERSION_TLS12)
        write_u16(&w, scheme);
    writer_vector signature = writer_open16(&w);
    write_zeros(&w, 64);
    writer_close(&w, signature);
    bool written = writer_take(&w, a, &body);
    (void)written;
    return body;
}

static bytes_view dhe_key_exchange(arena *a, uint16_t version, uint16_t scheme)
{
    enum { PRIME_LEN = 256 };
    writer w;
    bytes_view body = {0};
    writer_init(&w, FLIGHT_LEN_MAX);
    for (size_t i = 0; i < 3; i++) { /* prime, generator, public value */
        writer_vector number = writer_open16(&w);
        write_u8(&w, i == 1 ? 2 : 0xFF);
        write_zeros(&w, i == 1 ? 0 : PRIME_LEN - 1);
        writer_close(&w, number);
    }
    if (version == VERSION_TLS12)
        write_u16(&w, scheme);
    writer_vector signature = writer_open16(&w);
    write_zeros(&w, 64);
    writer_close(&w, signature);
    bool written = writer_take(&w, a, &body);
    (void)written;
    return body;
}

static bytes_view one_certificate(arena *a)
{
    writer w;
    bytes_view body = {0};
    writer_init(&w, FLIGHT_LEN_MAX);
    writer_vector list = writer_open24(&w), one = writer_open24(&w);
    write_zeros(&w, 700);
    writer_close(&w, one);
    writer_close(&w, list);
    bool written = writer_take(&w, a, &body);
    (void)written;
    return body;
}

typedef struct choice {
    uint16_t version, suite, group, scheme;
} choice;

/* A flight: its messages each in a record, or all in one. */
typedef struct flight {
    writer *out;
    writer messages;
    uint16_t version;
    bool shares_records;
} flight;

static void flight_begin(flight *f, writer *out, const sim_server *s, uint16_t version)
{
    *f = (flight){.out = out, .version = version, .shares_records = s->shares_records};
    writer_init(&f->messages, FLIGHT_LEN_MAX);
}

static void flight_add(flight *f, uint8_t type, bytes_view body)
{
    if (!f->shares_records) {
        write_message(f->out, type, f->version, body);
        return;
    }
    write_u8(&f->messages, type);
    write_u24(&f->messages, (uint32_t)body.len);
    write_bytes(&f->messages, body);
}

static void flight_end(arena *a, flight *f)
{
    bytes_view all;
    if (writer_take(&f->messages, a, &all) && f->shares_records)
        record_write(f->out, CONTENT_HANDSHAKE, f->version, all);
}

static void write_name_warning(writer *w, const sim_server *s, const client_hello *hello)
{
    static const uint8_t warning[] = {ALERT_WARNING, ALERT_UNRECOGNIZED_NAME};
    bytes_view sent = client_hello_server_name(hello);
    if (s->warns_of_name && sent.len > 0)
        record_write(w, CONTENT_ALERT, VERSION_TLS10, bytes_from(warning, sizeof warning));
}

/* RFC 5246, 7.4.4: any RSA or ECDSA certificate, with SHA-256, of any issuer. */
static bytes_view certificate_request_body(arena *a, uint16_t version)
{
    static const uint8_t types[] = {2, 1, 64}, schemes[] = {0, 4, 4, 1, 4, 3};
    writer w;
    bytes_view body = {0};
    writer_init(&w, FLIGHT_LEN_MAX);
    write_bytes(&w, bytes_from(types, sizeof types));
    if (version == VERSION_TLS12)
        write_bytes(&w, bytes_from(schemes, sizeof schemes));
    write_u16(&w, 0);
    bool written = writer_take(&w, a, &body);
    (void)written;
    return body;
}

static sim_answer accept_tls13(arena *a, const sim_server *s, const client_hello *hello, const choice *c)
{
    static const uint8_t ccs[] = {1};
    writer w;
    writer_init(&w, FLIGHT_LEN_MAX);
    write_name_warning(&w, s, hello);
    write_message(&w, HANDSHAKE_SERVER_HELLO, VERSION_TLS12, server_hello_body(a, hello, c->version, c->suite, c->group, false));
    record_write(&w, CONTENT_CHANGE_CIPHER_SPEC, VERSION_TLS12, bytes_from(ccs, sizeof ccs));
    uint8_t protected_flight[900] = {0};
    record_write(&w, CONTENT_APPLICATION_DATA, VERSION_TLS12, bytes_from(protected_flight, 40));
    record_write(&w, CONTENT_APPLICATION_DATA, VERSION_TLS12, bytes_from(protected_flight, sizeof protected_flight));
    sim_answer given = taken(a, &w);
    given.accepts = true;
    return given;
}

/* The alert that follows a ServerHello of TLS 1.3 is a protected record: level, description, content type and tag. */
static sim_answer refuse_encrypted(arena *a, const client_hello *hello, const choice *c)
{
    static const uint8_t ccs[] = {1}, protected_alert[2 + 1 + 16] = {0};
    writer w;
    writer_init(&w, FLIGHT_LEN_MAX);
    write_message(&w, HANDSHAKE_SERVER_HELLO, VERSION_TLS12, server_hello_body(a, hello, c->version, c->suite, c->group, false));
    record_write(&w, CONTENT_CHANGE_CIPHER_SPEC, VERSION_TLS12, bytes_from(ccs, sizeof ccs));
    record_write(&w, CONTENT_APPLICATION_DATA, VERSION_TLS12, bytes_from(protected_alert, sizeof protected_alert));
    sim_answer given = taken(a, &w);
    given.ends = REACT_CLOSE;
    return given;
}

static sim_answer accept_old(arena *a, const sim_server *s, const client_hello *hello, const choice *c)
{
    const cipher_suite_row *row = cipher_suite_find(c->suite);
    writer w;
    flight f;
    writer_init(&w, FLIGHT_LEN_MAX);
    write_name_warning(&w, s, hello);
    flight_begin(&f, &w, s, c->version);
    flight_add(&f, HANDSHAKE_SERVER_HELLO, server_hello_body(a, hello, c->version, c->suite, 0, false));
    flight_add(&f, HANDSHAKE_CERTIFICATE, one_certificate(a));
    if (row->key_exchange == SUITE_KX_ECDHE)
        flight_add(&f, HANDSHAKE_SERVER_KEY_EXCHANGE, ecdhe_key_exchange(a, c->version, c->group, c->scheme));
    if (row->key_exchange == SUITE_KX_DHE)
        flight_add(&f, HANDSHAKE_SERVER_KEY_EXCHANGE, dhe_key_exchange(a, c->version, c->scheme));
    if (s->asks_certificate)
        flight_add(&f, HANDSHAKE_CERTIFICATE_REQUEST, certificate_request_body(a, c->version));
    flight_add(&f, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    flight_end(a, &f);
    sim_answer given = taken(a, &w);
    given.accepts = true;
    return given;
}

static sim_answer retry(arena *a, const client_hello *hello, const choice *c)
{
    writer w;
    writer_init(&w, FLIGHT_LEN_MAX);
    write_message(&w, HANDSHAKE_SERVER_HELLO, VERSION_TLS12, server_hello_body(a, hello, VERSION_TLS13, c->suite, c->group, true));
    sim_answer given = taken(a, &w);
    given.wants_retry = true;
    given.retry_group = c->group;
    return given;
}

/* ---- what it breaks on ----------------------------------------------------------------------------------------------- */

static bool has_grease(const client_hello *hello)
{
    for (size_t i = 0; i < hello->num_extensions; i++)
        if (code_is_grease(hello->extensions[i].type))
            return true;
    for (size_t i = 0; i < hello->cipher_suites.num_codes; i++)
        if (code_is_grease(hello->cipher_suites.codes[i]))
            return true;
    return false;
}

static bool breaks_on(arena *a, const sim_server *s, const client_hello *hello)
{
    size_t len = hello_message_len(a, hello);
    bool size = s->breaks_to_len != 0 && len >= s->breaks_from_len && len <= s->breaks_to_len;
    bool version = s->breaks_above_version != 0 && client_hello_version_max(hello) > s->breaks_above_version;
    bool extension_there = s->breaks_on_extension >= 0 && client_hello_extension(hello, (uint16_t)s->breaks_on_extension) != NULL;
    bool header = s->breaks_on_record_version != 0 && hello->format == HELLO_FORMAT_TLS &&
                  hello->record_version == s->breaks_on_record_version;
    bool pieces = s->breaks_on_pieces && hello->num_fragments > 1;
    header = header || (s->breaks_above_record_version != 0 && hello->record_version > s->breaks_above_record_version);
    return size || version || extension_there || header || pieces || (s->breaks_on_grease && has_grease(hello));
}

/* ---- what it chooses -------------------------------------------------------------------------------------------------- */

static uint16_t choose_version(arena *a, const sim_server *s, const client_hello *hello)
{
    return codes_max(codes_in_both(a, client_hello_versions(a, hello), s->versions));
}

/* RFC 8446, 4.2.3: in TLS 1.3 the scheme names the curve of the key. */
static bool curve_signs(const sim_server *s, uint16_t scheme, bool tls13)
{
    uint16_t of_curve = s->ecdsa_curve == 0x0017 ? 0x0403 : s->ecdsa_curve == 0x0018 ? 0x0503 : scheme;
    return !tls13 || scheme == of_curve;
}

/* `any`: TLS 1.3, where the suite does not say which key. */
static bool key_signs(const sim_server *s, uint16_t scheme, bool ecdsa_suite, bool any)
{
    const signature_scheme_row *row = signature_scheme_find(scheme);
    if (row == NULL)
        return false;
    if (strcmp(row->key_type, "RSA-PSS") == 0)
        return s->has_rsa_pss && (any || !ecdsa_suite);
    bool rsa = row->key_type[0] == 'R' && row->key_type[3] == '\0', ecdsa = row->key_type[0] == 'E' && row->key_type[1] == 'C',
         eddsa = row->key_type[0] == 'E' && row->key_type[1] == 'd';
    bool rsa_fits = rsa && s->has_rsa && (any || !ecdsa_suite),
         ec_fits = (ecdsa && s->has_ecdsa && curve_signs(s, scheme, any)) || (eddsa && s->has_ed25519 && scheme == 0x0807);
    return rsa_fits || (ec_fits && (any || ecdsa_suite));
}

/* 0 where there is none in common for that key. */
static uint16_t choose_scheme(arena *a, const sim_server *s, const client_hello *hello, uint16_t version, bool ecdsa_suite)
{
    bool tls13 = version == VERSION_TLS13;
    if (!tls13 && client_hello_extension(hello, EXTENSION_SIGNATURE_ALGORITHMS) == NULL)
        return s->refuses_absent_schemes || (!ecdsa_suite && !s->has_rsa) ? 0 : ecdsa_suite ? 0x0203 : 0x0201;
    code_list both = codes_in_both(a, client_hello_signature_schemes(a, hello), s->schemes);
    for (size_t i = 0; i < both.num_codes; i++) {
        const signature_scheme_row *row = signature_scheme_find(both.codes[i]);
        if ((!tls13 || (row != NULL && row->in_tls13)) && key_signs(s, both.codes[i], ecdsa_suite, tls13))
            return both.codes[i];
    }
    return 0;
}

static uint16_t choose_group(arena *a, const sim_server *s, const client_hello *hello, uint16_t version)
{
    if (client_hello_extension(hello, EXTENSION_SUPPORTED_GROUPS) == NULL)
        return s->groups.num_codes > 0 ? s->groups.codes[0] : 0; /* RFC 8422, 4: any */
    code_list both = codes_in_both(a, client_hello_groups(a, hello), s->groups);
    for (size_t i = 0; i < both.num_codes; i++) {
        const group_row *row = group_find(both.codes[i]);
        if (row != NULL && (version < VERSION_TLS13 ? row->kind == GROUP_EC : row->in_tls13))
            return both.codes[i];
    }
    return 0;
}

/* OpenSSL's tls1_check_cert_param: a client that names groups has to name the certificate's curve too. */
static bool curve_is_liked(arena *a, const sim_server *s, const client_hello *hello)
{
    bool named = client_hello_extension(hello, EXTENSION_SUPPORTED_GROUPS) != NULL;
    return !s->looks_at_curve || s->ecdsa_curve == 0 || !named || codes_contain(client_hello_groups(a, hello), s->ecdsa_curve);
}

/* Whether it has a key that the suite wants (up to TLS 1.2). */
static bool key_fits_suite(arena *a, const sim_server *s, const client_hello *hello, const cipher_suite_row *row, uint16_t version)
{
    bool ephemeral = row->key_exchange == SUITE_KX_ECDHE || row->key_exchange == SUITE_KX_DHE;
    if (row->authentication == SUITE_AUTH_ECDSA)
        return (s->has_ecdsa && curve_is_liked(a, s, hello)) || (s->has_ed25519 && version == VERSION_TLS12);
    bool pss = s->has_rsa_pss && ephemeral && version == VERSION_TLS12;
    return row->authentication == SUITE_AUTH_RSA && (s->has_rsa || pss);
}

static bool suite_usable(arena *a, const sim_server *s, const client_hello *hello, uint16_t suite, choice *c)
{
    const cipher_suite_row *row = cipher_suite_find(suite);
    if (row == NULL || !cipher_suite_fits_version(suite, c->version))
        return false;
    if (c->version == VERSION_TLS13)
        return true;
    bool ecdsa = row->authentication == SUITE_AUTH_ECDSA,
         ephemeral = row->key_exchange == SUITE_KX_ECDHE || row->key_exchange == SUITE_KX_DHE;
    if (!key_fits_suite(a, s, hello, row, c->version))
        return false;
    c->group = row->key_exchange == SUITE_KX_ECDHE ? choose_group(a, s, hello, c->version) : 0;
    c->scheme = c->version == VERSION_TLS12 && ephemeral ? choose_scheme(a, s, hello, c->version, ecdsa) : 0;
    if (row->key_exchange == SUITE_KX_ECDHE && c->group == 0)
        return false;
    return !(c->version == VERSION_TLS12 && ephemeral) || c->scheme != 0;
}

static bool choose_suite(arena *a, const sim_server *s, const client_hello *hello, choice *c)
{
    code_list both = s->prefers_own_order ? codes_in_both(a, s->suites, hello->cipher_suites)
                                          : codes_in_both(a, hello->cipher_suites, s->suites);
    for (size_t i = 0; i < both.num_codes; i++)
        if (suite_usable(a, s, hello, both.codes[i], c)) {
            c->suite = both.codes[i];
            return true;
        }
    return false;
}

static bool alpn_fits(arena *a, const sim_server *s, const client_hello *hello)
{
    bytes_view *protocols;
    size_t num = client_hello_alpn(a, hello, &protocols);
    for (size_t i = 0; i < num; i++)
        if (bytes_equal(protocols[i], s->alpn))
            return true;
    return num == 0 || s->alpn.len == 0;
}

static bool name_fits(const sim_server *s, const client_hello *hello)
{
    bytes_view sent = client_hello_server_name(hello);
    if (s->name_rule == NAME_REQUIRED)
        return sent.len > 0;
    if (s->name_rule == NAME_STRICT)
        return bytes_equal(sent, s->name);
    return s->name_rule == NAME_IGNORED || sent.len == 0 || bytes_equal(sent, s->name);
}

static sim_answer answer_tls13(arena *a, const sim_server *s, const client_hello *hello, choice *c)
{
    c->group = choose_group(a, s, hello, VERSION_TLS13);
    bool signs = choose_scheme(a, s, hello, VERSION_TLS13, false) != 0;
    if (c->group != 0 && !signs && s->refuses_encrypted && codes_contain(client_hello_key_share_groups(a, hello), c->group))
        return refuse_encrypted(a, hello, c);
    if (c->group == 0 || !signs || client_hello_extension(hello, EXTENSION_SUPPORTED_GROUPS) == NULL)
        return react(a, s->refusing, ALERT_HANDSHAKE_FAILURE);
    code_list shares = codes_in_both(a, client_hello_key_share_groups(a, hello), s->groups);
    if (shares.num_codes == 0)
        return retry(a, hello, c);
    c->group = shares.codes[0];
    return accept_tls13(a, s, hello, c);
}

static sim_answer negotiate(arena *a, const sim_server *s, const client_hello *hello)
{
    choice c = {.version = choose_version(a, s, hello)};
    if (c.version == 0)
        return react(a, s->refusing, ALERT_PROTOCOL_VERSION);
    bool fell_back =
        codes_contain(hello->cipher_suites, SUITE_FALLBACK_SCSV) && client_hello_version_max(hello) < codes_max(s->versions);
    if (s->minds_fallback && fell_back)
        return alert_answer(a, ALERT_INAPPROPRIATE_FALLBACK);
    if (!name_fits(s, hello))
        return react(a, s->refusing, ALERT_UNRECOGNIZED_NAME);
    if (!choose_suite(a, s, hello, &c))
        return react(a, s->refusing, ALERT_HANDSHAKE_FAILURE);
    if (s->wants_ems && c.version < VERSION_TLS13 && client_hello_extension(hello, EXTENSION_EMS) == NULL)
        return react(a, s->refusing, ALERT_HANDSHAKE_FAILURE);
    if (!alpn_fits(a, s, hello))
        return react(a, s->refusing, ALERT_NO_APPLICATION_PROTOCOL);
    return c.version == VERSION_TLS13 ? answer_tls13(a, s, hello, &c) : accept_old(a, s, hello, &c);
}

sim_answer sim_server_answer(arena *a, const sim_server *s, const client_hello *hello, bool upgraded)
{
    static const char http[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
                      smtp[] = "220 mail.example.com ESMTP ready\r\n";
    if (s->manner == MANNER_HTTP)
        return (sim_answer){.bytes = bytes_from_text(http), .ends = REACT_CLOSE};
    if (s->manner == MANNER_SMTP && !upgraded)
        return (sim_answer){.bytes = bytes_from_text(smtp), .ends = REACT_CLOSE};
    if (s->manner == MANNER_DROPS_ALL || breaks_on(a, s, hello))
        return react(a, s->breaking, s->breaking_alert);
    if (hello->format == HELLO_FORMAT_SSLV2 && !s->reads_sslv2)
        return (sim_answer){.ends = s->breaking == REACT_SILENCE ? REACT_CLOSE
                                    : s->breaking == REACT_ALERT ? REACT_CLOSE
                                                                 : s->breaking};
    return negotiate(a, s, hello);
}
