/* Scenes: each begins as a handshake that would go well, and one thing is put into it. */
#include "after.h"
#include "issue.h"
#include "registry/registry.h"

#define LIST(array) codes_from(a, array, sizeof(array) / sizeof *(array))
enum { ALERT_LEN_PROTECTED = 19, SENT_MAX = 8 };
enum {
    ALERT_HANDSHAKE_FAILURE = 40,
    ALERT_BAD_CERTIFICATE = 42,
    ALERT_UNSUPPORTED_CERTIFICATE = 43,
    ALERT_CERTIFICATE_EXPIRED = 45,
    ALERT_CERTIFICATE_UNKNOWN = 46,
    ALERT_ILLEGAL_PARAMETER = 47,
    ALERT_UNKNOWN_CA = 48,
    ALERT_BAD_RECORD_MAC = 20,
    ALERT_CERTIFICATE_REQUIRED = 116,
};

/* ---- a handshake that goes well -------------------------------------------------------------------------------------------- */

static void add_event(conversation *c, enum side side, enum event_kind kind, size_t len)
{
    c->events[c->num_events++] = (event){.side = side, .kind = kind, .len = len};
    c->num_protected[side] += kind == EVENT_PROTECTED_RECORD;
}

static void make_hello(arena *a, conversation *c, uint16_t version)
{
    static const uint16_t suites[] = {0x1301, 0xC02F, 0xC013, 0x009E, 0x0033, 0x00FF}, groups[] = {0x0017},
                          schemes[] = {0x0804, 0x0401, 0x0201};
    client_hello h = {.record_version = VERSION_TLS10,
                      .legacy_version = version < VERSION_TLS12 ? version : VERSION_TLS12,
                      .has_extensions = true};
    h.random = bytes_copy(a, bytes_from("01234567890123456789012345678901", 32));
    h.session_id = h.random;
    h.cipher_suites = LIST(suites);
    h = hello_with_groups(a, &h, LIST(groups));
    h = hello_with_signature_schemes(a, &h, LIST(schemes));
    h = hello_with_server_name(a, &h, bytes_from_text("localhost"));
    h = hello_with_extension(a, &h, 23, bytes_from(NULL, 0));
    if (version >= VERSION_TLS13) {
        h = hello_with_extension(a, &h, 43, bytes_from("\x04\x03\x04\x03\x03", 5));
        h = hello_with_key_shares(a, &h, &(key_share){.group = 0x0017, .key_exchange = h.random}, 1);
    }
    c->client_spoke_tls = c->has_hello = true;
    c->hello = h;
    c->client_len = 300;
    add_event(c, SIDE_CLIENT, EVENT_CLIENT_HELLO, 300);
}

static void send_certificates(arena *a, scene *s, const bytes_view *certificates, size_t num)
{
    bytes_view *kept = ARENA_ARRAY(a, SENT_MAX, bytes_view);
    for (size_t i = 0; i < num; i++)
        kept[i] = certificates[i];
    certificate_list list = {.certificates = kept, .num_certificates = num};
    s->flight.certificates = list;
    s->flight.has_certificate = true;
    if (s->version < VERSION_TLS13)
        s->failed.certificates = s->replayed.certificates = list;
}

static void make_server(scene *s, dice *d)
{
    conversation *c = &s->failed;
    bool is_dhe = s->version < VERSION_TLS13 && dice_says(d, 30);
    c->server_spoke_tls = c->has_server_hello = true;
    c->server_len = 3000 + dice_below(d, 2000);
    c->server_hello = (server_hello){.version = s->version,
                                     .cipher_suite = s->version >= VERSION_TLS13 ? 0x1301
                                                     : is_dhe                    ? 0x009E
                                                                                 : 0xC02F,
                                     .group = s->version >= VERSION_TLS13 ? 0x0017 : 0,
                                     .has_renegotiation_info = s->version < VERSION_TLS13,
                                     .has_extended_master_secret = s->version < VERSION_TLS13};
    c->has_server_key_exchange = s->version < VERSION_TLS13;
    c->server_key_exchange = (server_key_exchange){.kind = is_dhe ? KEY_EXCHANGE_DHE : KEY_EXCHANGE_ECDHE,
                                                   .group = is_dhe ? 0 : 0x0017,
                                                   .prime_bits = is_dhe ? 2048 : 0,
                                                   .signature_scheme = 0x0401};
    c->phase = PHASE_SERVER_FLIGHT;
    c->num_protected[SIDE_SERVER] = s->version >= VERSION_TLS13 ? 4 : 0;
    s->flight = (server_flight){.is_read = true,
                                .has_certificate_verify = true,
                                .signature_is_right = true,
                                .has_finished = true,
                                .finished_is_right = true,
                                .sent_finished = true,
                                .signature_scheme = 0x0401};
}

/* The replay saw the same of the server, and ended well. */
static void take_replay(scene *s)
{
    s->replayed = s->failed;
    s->replayed.phase = PHASE_ESTABLISHED;
}

static const trust_source *whole_store(arena *a, const pool *p)
{
    static trust_source source = {
        .path = "/etc/ssl/certs/ca-certificates.crt", .origin = TRUST_FROM_SYSTEM, .exists = true, .is_readable = true};
    (void)a;
    source.certificates = &p->root;
    source.num_certificates = 1;
    return &source;
}

static void make_client(arena *a, const pool *p, scene *s)
{
    s->trust = (trust_store){.runtime = RUNTIME_CURL, .program = "curl", .is_certain = true, .num_sources = 1};
    s->trust.library = s->style == STYLE_IN_CLEAR ? LIBRARY_OPENSSL : LIBRARY_GNUTLS;
    s->trust.sources[0] = *whole_store(a, p);
    s->trust.anchors = arena_copy(a, &p->root, sizeof p->root);
    s->trust.num_anchors = 1;
    s->trust.rules = (trust_rules){.security_level = 2, .certificate_message_len_max = 102400};
}

static void make_evidence(scene *s)
{
    static const char *addresses[] = {"192.0.2.7"};
    s->given = (evidence){.failed = &s->failed,
                          .host = "localhost",
                          .host_from = HOST_FROM_ARGUMENT,
                          .port = 443,
                          .addresses = addresses,
                          .num_addresses = 1,
                          .trust = &s->trust,
                          .now_unix = ISSUE_NOW,
                          .command_failed = true};
}

/* ---- how it ends ----------------------------------------------------------------------------------------------------------- */

static void end(conversation *c, enum side first, enum stream_end how)
{
    c->has_first_end = true;
    c->first_end = first;
    c->end[first] = how;
    c->end[1 - first] = STREAM_FIN;
}

/* The client says nothing, or in its own way, and leaves. What it is silent about it has looked at after its Finished. */
static void client_refuses(scene *s, dice *d, uint8_t own_alert, uint8_t common_alert)
{
    conversation *c = &s->failed;
    bool is_tls13 = s->version >= VERSION_TLS13;
    if (s->style == STYLE_SILENT) {
        c->phase = PHASE_ESTABLISHED;
        end(c, SIDE_CLIENT, dice_says(d, 50) ? STREAM_FIN : STREAM_RESET);
        return;
    }
    c->has_encrypted_alert[SIDE_CLIENT] = is_tls13 && s->style == STYLE_ENCRYPTED;
    c->has_alert[SIDE_CLIENT] = !c->has_encrypted_alert[SIDE_CLIENT];
    c->alerts[SIDE_CLIENT] = (alert){.level = ALERT_FATAL, .description = s->style == STYLE_IN_CLEAR ? own_alert : common_alert};
    if (c->has_encrypted_alert[SIDE_CLIENT])
        add_event(c, SIDE_CLIENT, EVENT_PROTECTED_RECORD, ALERT_LEN_PROTECTED);
    end(c, SIDE_CLIENT, STREAM_FIN);
}

/* Parameters are refused before the Finished, whoever refuses them. */
static void client_refuses_parameters(scene *s, dice *d, uint8_t own_alert)
{
    if (s->style == STYLE_SILENT)
        s->style = STYLE_ENCRYPTED;
    client_refuses(s, d, own_alert, own_alert);
}

static void server_refuses(scene *s, uint8_t description)
{
    conversation *c = &s->failed;
    bool is_tls13 = s->version >= VERSION_TLS13;
    c->phase = PHASE_CLIENT_FINISHED;
    c->has_alert[SIDE_SERVER] = !is_tls13;
    c->has_encrypted_alert[SIDE_SERVER] = is_tls13;
    c->alerts[SIDE_SERVER] = (alert){.level = ALERT_FATAL, .description = description};
    end(c, SIDE_SERVER, STREAM_FIN);
}

/* ---- what might mislead ------------------------------------------------------------------------------------------------------ */

static void ask_for_certificate(arena *a, const pool *p, scene *s)
{
    certificate_request request = {.authorities = arena_copy(a, &p->root_name, sizeof p->root_name), .num_authorities = 1};
    s->flight.has_certificate_request = true;
    s->flight.certificate_request = request;
    if (s->version >= VERSION_TLS13)
        return;
    s->failed.has_certificate_request = true;
    s->failed.certificate_request = request;
}

/* Where the alert can be read, it has to tell the certificate from a small group and the like. */
static void put_weak_parameters(scene *s, dice *d)
{
    conversation *c = &s->failed;
    if (s->version >= VERSION_TLS13 || s->style == STYLE_SILENT)
        return;
    if (c->server_key_exchange.kind == KEY_EXCHANGE_DHE && dice_says(d, 30))
        c->server_key_exchange.prime_bits = 1024;
    if (dice_says(d, 20))
        c->server_hello.has_renegotiation_info = false;
    if (dice_says(d, 20))
        c->server_hello.has_extended_master_secret = false;
}

static void add_other_store(arena *a, scene *s, const char *name, const bytes_view *anchor)
{
    s->trust.others[s->trust.num_others++] =
        (trust_other){.name = name, .path = name, .certificates = arena_copy(a, anchor, sizeof *anchor), .num_certificates = 1};
}

/* ---- the server's certificates, refused -------------------------------------------------------------------------------------- */

static void certificates_refused(arena *a, const pool *p, scene *s, dice *d, const char *truth, const bytes_view *leaf,
                                 uint8_t own_alert)
{
    const bytes_view chain[] = {*leaf, p->intermediate};
    s->truth = truth;
    send_certificates(a, s, chain, 2);
    put_weak_parameters(s, d);
    client_refuses(s, d, own_alert, ALERT_CERTIFICATE_UNKNOWN);
}

static void expired(arena *a, const pool *p, scene *s, dice *d)
{
    const bytes_view old[] = {p->by_old, p->old_intermediate};
    certificates_refused(a, p, s, d, "cert-expired", &p->expired, ALERT_CERTIFICATE_EXPIRED);
    if (dice_says(d, 40))
        send_certificates(a, s, old, 2);
}

static void not_yet_valid(arena *a, const pool *p, scene *s, dice *d)
{
    certificates_refused(a, p, s, d, "cert-not-yet-valid", &p->future, ALERT_BAD_CERTIFICATE);
}

static void clock_wrong(arena *a, const pool *p, scene *s, dice *d)
{
    certificates_refused(a, p, s, d, "client-clock-wrong", &p->good, ALERT_CERTIFICATE_EXPIRED);
    s->trust.clock_offset = (int64_t)(dice_says(d, 50) ? 3 : -3) * 365 * ISSUE_DAY;
    s->trust.clock_from = "FAKETIME";
}

static void name_mismatch(arena *a, const pool *p, scene *s, dice *d)
{
    certificates_refused(a, p, s, d, "cert-name-mismatch", &p->other_name, ALERT_BAD_CERTIFICATE);
}

static void self_signed(arena *a, const pool *p, scene *s, dice *d)
{
    certificates_refused(a, p, s, d, "cert-self-signed", &p->self_signed, ALERT_UNKNOWN_CA);
    send_certificates(a, s, &p->self_signed, 1);
}

/* Known from another store, or a guess by the organization that the client trusts. */
static void chain_incomplete(arena *a, const pool *p, scene *s, dice *d)
{
    certificates_refused(a, p, s, d, "cert-chain-incomplete", &p->good, ALERT_UNKNOWN_CA);
    send_certificates(a, s, &p->good, 1);
    if (dice_says(d, 50))
        add_other_store(a, s, "/usr/share/others.pem", &p->intermediate);
}

static void unknown_issuer(arena *a, const pool *p, scene *s, dice *d)
{
    certificates_refused(a, p, s, d, "cert-unknown-issuer", &p->by_other, ALERT_UNKNOWN_CA);
}

static void store_differs(arena *a, const pool *p, scene *s, dice *d)
{
    certificates_refused(a, p, s, d, "trust-store-differs", &p->by_other, ALERT_UNKNOWN_CA);
    add_other_store(a, s, "/usr/share/others.pem", &p->other_root);
}

static void store_missing(arena *a, const pool *p, scene *s, dice *d)
{
    certificates_refused(a, p, s, d, "trust-store-missing", &p->good, ALERT_UNKNOWN_CA);
    s->trust.sources[0] = (trust_source){
        .path = "/nonexistent/ca.pem", .origin = TRUST_FROM_VARIABLE, .named = "SSL_CERT_FILE", .problem = "does not exist"};
    s->trust.num_anchors = 0;
    if (dice_says(d, 50))
        add_other_store(a, s, "/usr/share/others.pem", &p->root);
}

static void weak(arena *a, const pool *p, scene *s, dice *d)
{
    certificates_refused(a, p, s, d, "cert-weak", &p->small_key, ALERT_BAD_CERTIFICATE);
}

static void wrong_purpose(arena *a, const pool *p, scene *s, dice *d)
{
    const bytes_view chain[] = {p->by_no_ca, p->no_ca};
    bool by_no_ca = dice_says(d, 40);
    certificates_refused(a, p, s, d, "cert-wrong-purpose", &p->for_clients,
                         by_no_ca ? ALERT_UNKNOWN_CA : ALERT_UNSUPPORTED_CERTIFICATE);
    if (by_no_ca)
        send_certificates(a, s, chain, 2);
}

static void malformed(arena *a, const pool *p, scene *s, dice *d)
{
    s->trust.rules.is_strict = true;
    certificates_refused(a, p, s, d, "cert-malformed", &p->strict, ALERT_CERTIFICATE_UNKNOWN);
}

static void misordered(arena *a, const pool *p, scene *s, dice *d)
{
    const bytes_view chain[] = {p->intermediate, p->good};
    certificates_refused(a, p, s, d, "cert-chain-misordered", &p->good, ALERT_UNKNOWN_CA);
    send_certificates(a, s, chain, 2);
}

static void too_large(arena *a, const pool *p, scene *s, dice *d)
{
    s->truth = "message-too-large";
    certificates_refused(a, p, s, d, "message-too-large", &p->good, ALERT_ILLEGAL_PARAMETER);
    s->flight.certificate_len = 110000 + dice_below(d, 60000);
    if (dice_says(d, 70))
        return;
    /* It reads so in the message's header, and does not wait for the rest. */
    s->failed.certificates = (certificate_list){.certificates = NULL};
    s->failed.has_alert[SIDE_CLIENT] = s->failed.has_encrypted_alert[SIDE_CLIENT] = false;
    s->failed.phase = PHASE_SERVER_HELLO;
    end(&s->failed, SIDE_CLIENT, STREAM_RESET);
}

static void staple_missing(arena *a, const pool *p, scene *s, dice *d)
{
    s->trust.rules.wants_promised_staple = true;
    certificates_refused(a, p, s, d, "cert-staple-missing", &p->promised, ALERT_BAD_CERTIFICATE);
}

static void revoked(arena *a, const pool *p, scene *s, dice *d)
{
    enum { ALERT_CERTIFICATE_REVOKED = 44 };
    s->trust.revocations = arena_copy(a, &p->revocations, sizeof p->revocations);
    s->trust.num_revocations = 1;
    s->trust.revocations_from = "/etc/ssl/revoked.pem";
    certificates_refused(a, p, s, d, "cert-revoked", &p->revoked, ALERT_CERTIFICATE_REVOKED);
}

/* ---- parameters ---------------------------------------------------------------------------------------------------------------
 */

static void only_before_tls13(scene *s)
{
    if (s->version < VERSION_TLS13)
        return;
    s->version = VERSION_TLS12;
}

static void dh_too_small(arena *a, const pool *p, scene *s, dice *d)
{
    s->truth = "dh-too-small";
    s->failed.server_hello.cipher_suite = 0x009E;
    s->failed.server_key_exchange =
        (server_key_exchange){.kind = KEY_EXCHANGE_DHE, .prime_bits = dice_says(d, 50) ? 512 : 1024, .signature_scheme = 0x0401};
    (void)a;
    (void)p;
    client_refuses_parameters(s, d, ALERT_HANDSHAKE_FAILURE);
}

static void signature_too_weak(arena *a, const pool *p, scene *s, dice *d)
{
    s->truth = "signature-too-weak";
    s->failed.server_hello.cipher_suite = 0xC013;
    s->failed.server_key_exchange = (server_key_exchange){.kind = KEY_EXCHANGE_ECDHE, .group = 0x0017, .signature_scheme = 0x0201};
    (void)a;
    (void)p;
    client_refuses_parameters(s, d, ALERT_HANDSHAKE_FAILURE);
}

static void renegotiation_unsafe(arena *a, const pool *p, scene *s, dice *d)
{
    s->truth = "renegotiation-unsafe";
    s->failed.server_hello.has_renegotiation_info = false;
    s->failed.server_hello.has_extended_master_secret = dice_says(d, 50);
    (void)a;
    (void)p;
    client_refuses_parameters(s, d, ALERT_HANDSHAKE_FAILURE);
}

static void ems_missing(arena *a, const pool *p, scene *s, dice *d)
{
    static const char *const told[] = {"java", "-Djdk.tls.allowLegacyMasterSecret=false", NULL};
    s->truth = "ems-required";
    s->failed.server_hello.has_extended_master_secret = false;
    s->given.argv = dice_says(d, 50) ? told : NULL;
    (void)a;
    (void)p;
    client_refuses_parameters(s, d, ALERT_HANDSHAKE_FAILURE);
}

/* Nothing is wrong with the certificates, and the server may offer other keys. */
static void ech_refused(arena *a, const pool *p, scene *s, dice *d)
{
    enum { EXTENSION_ENCRYPTED_CLIENT_HELLO = 0xfe0d, ALERT_ECH_REQUIRED = 121 };
    static const extension offered[] = {{.type = EXTENSION_ENCRYPTED_CLIENT_HELLO}};
    (void)p;
    s->truth = "ech-rejected";
    s->failed.hello = hello_with_extension(a, &s->failed.hello, EXTENSION_ENCRYPTED_CLIENT_HELLO, bytes_from(NULL, 0));
    s->flight.extensions = arena_copy(a, offered, sizeof offered);
    s->flight.num_extensions = dice_says(d, 50) ? 1 : 0;
    client_refuses(s, d, ALERT_ECH_REQUIRED, ALERT_ECH_REQUIRED);
}

/* ---- records, ends, the way
 * ------------------------------------------------------------------------------------------------------- */

static void corrupted(arena *a, const pool *p, scene *s, dice *d)
{
    s->truth = "record-corrupted";
    s->flight.is_read = s->flight.has_finished = s->flight.sent_finished = false;
    s->flight.is_damaged = true;
    (void)a;
    (void)p;
    client_refuses_parameters(s, d, ALERT_BAD_RECORD_MAC);
}

static void large_flight_lost(arena *a, const pool *p, scene *s, dice *d)
{
    s->truth = "large-flight-lost";
    s->loses_large_flights = true;
    (void)a;
    (void)p;
    s->failed.phase = PHASE_SERVER_HELLO;
    s->failed.certificates.num_certificates = 0;
    s->failed.has_server_key_exchange = false;
    end(&s->failed, SIDE_CLIENT, STREAM_FIN);
    if (dice_says(d, 50))
        s->failed.end[SIDE_SERVER] = STREAM_OPEN; /* it has not noticed yet */
}

static void timeout_in_the_middle(arena *a, const pool *p, scene *s, dice *d)
{
    large_flight_lost(a, p, s, d);
    s->truth = "handshake-timeout";
    s->never_finishes = true;
}

static void client_says_data(scene *s)
{
    s->failed.phase = PHASE_ESTABLISHED;
    s->failed.established_data[SIDE_CLIENT] = s->failed.established_data[SIDE_SERVER] = true;
}

static void cut(arena *a, const pool *p, scene *s, dice *d)
{
    s->truth = "closed-without-notify";
    s->trust.insists_on_notify = "GnuTLS 3.7";
    s->trust.insists_on_notify_surely = dice_says(d, 50);
    (void)a;
    (void)p;
    client_says_data(s);
    end(&s->failed, SIDE_SERVER, STREAM_FIN);
}

static void post_handshake(arena *a, const pool *p, scene *s, dice *d)
{
    cut(a, p, s, d);
    s->truth = "post-handshake-auth-unsupported";
    s->asks_after_handshake = true;
}

/* ---- the client's certificate, refused
 * ---------------------------------------------------------------------------------------------- */

static void client_answers(arena *a, scene *s, const bytes_view *certificate)
{
    enum { EMPTY_LEN = 25, FULL_LEN = 900 };
    conversation *c = &s->failed;
    if (s->version >= VERSION_TLS13) {
        add_event(c, SIDE_CLIENT, EVENT_PROTECTED_RECORD, certificate == NULL ? EMPTY_LEN : FULL_LEN);
        return;
    }
    c->has_client_certificate = true;
    c->client_certificates =
        (certificate_list){.certificates = certificate == NULL ? NULL : arena_copy(a, certificate, sizeof *certificate),
                           .num_certificates = certificate == NULL ? 0 : 1};
}

static void client_cert_missing(arena *a, const pool *p, scene *s, dice *d)
{
    s->truth = "client-cert-missing";
    (void)d;
    ask_for_certificate(a, p, s);
    client_answers(a, s, NULL);
    s->flight.has_alert = true;
    s->flight.alert = (alert){.level = ALERT_FATAL, .description = ALERT_CERTIFICATE_REQUIRED};
    server_refuses(s, ALERT_HANDSHAKE_FAILURE);
}

static void client_cert_rejected(arena *a, const pool *p, scene *s, dice *d)
{
    const bytes_view *sent[] = {&p->client_expired, &p->stranger, &p->client};
    static const uint8_t alerts[] = {ALERT_CERTIFICATE_EXPIRED, ALERT_UNKNOWN_CA, ALERT_CERTIFICATE_UNKNOWN};
    size_t which = dice_below(d, 3);
    s->truth = "client-cert-rejected";
    ask_for_certificate(a, p, s);
    client_answers(a, s, sent[which]);
    s->flight.has_alert = true; /* what the probe gets, which has none */
    s->flight.alert = (alert){.level = ALERT_FATAL, .description = ALERT_CERTIFICATE_REQUIRED};
    server_refuses(s, alerts[which]);
}

/* It looks at its own files before it connects, before its hello, or when the server has spoken. */
static void client_credentials_unusable(arena *a, const pool *p, scene *s, dice *d)
{
    static const unusable_credential files[] = {
        {.text = "/etc/client.pem does not exist", .role = CREDENTIAL_CERTIFICATE, .file = "/etc/client.pem"},
        {.text = "/etc/client.key cannot be read: Permission denied", .role = CREDENTIAL_KEY, .file = "/etc/client.key"},
        {.text = "/etc/client.key is not the key of /etc/client.pem",
         .role = CREDENTIAL_CERTIFICATE,
         .file = "/etc/client.pem",
         .key = "/etc/client.key"},
        {.text = "/etc/ca.pem has no certificate in it", .role = CREDENTIAL_TRUST, .file = "/etc/ca.pem"}};
    (void)p;
    s->truth = "client-credentials-unusable";
    s->given.unusable = &files[dice_below(d, sizeof files / sizeof *files)];
    size_t leaves = dice_below(d, 3);
    if (leaves == 0) {
        s->given.failed = NULL;
        s->given.tcp = TCP_NOT_TRIED;
        return;
    }
    conversation said_nothing = {.arena = a};
    s->failed = leaves == 1 ? said_nothing : s->failed;
    end(&s->failed, SIDE_CLIENT, dice_says(d, 50) ? STREAM_FIN : STREAM_RESET);
}

/* Nothing is wrong: the client leaves for a reason of its own. */
static void nothing_wrong(arena *a, const pool *p, scene *s, dice *d)
{
    s->truth = "unknown";
    if (dice_says(d, 30))
        ask_for_certificate(a, p, s);
    if (dice_says(d, 30))
        add_other_store(a, s, "/usr/share/others.pem", &p->other_root);
    client_refuses(s, d, dice_says(d, 50) ? 80 : 90, 80);
}

/* ---- drawing
 * -------------------------------------------------------------------------------------------------------------------------- */

typedef void put_function(arena *a, const pool *p, scene *s, dice *d);
static const struct {
    put_function *put;
    bool is_before_tls13;
} truths[] = {
    {expired, false},
    {not_yet_valid, false},
    {clock_wrong, false},
    {name_mismatch, false},
    {self_signed, false},
    {chain_incomplete, false},
    {unknown_issuer, false},
    {store_differs, false},
    {store_missing, false},
    {weak, false},
    {wrong_purpose, false},
    {malformed, false},
    {misordered, false},
    {too_large, false},
    {staple_missing, false},
    {revoked, false},
    {ech_refused, false},
    {dh_too_small, true},
    {signature_too_weak, true},
    {renegotiation_unsafe, true},
    {ems_missing, true},
    {corrupted, false},
    {large_flight_lost, false},
    {timeout_in_the_middle, false},
    {cut, false},
    {post_handshake, false},
    {client_cert_missing, false},
    {client_cert_rejected, false},
    {client_credentials_unusable, false},
    {nothing_wrong, false},
};

size_t num_truths(void)
{
    return sizeof truths / sizeof *truths;
}

void scene_draw(arena *a, const pool *p, uint64_t seed, size_t number, scene *s)
{
    dice d = {.state = seed};
    size_t truth = number % num_truths();
    *s = (scene){.version = dice_says(&d, 50) ? VERSION_TLS13 : VERSION_TLS12, .style = (enum style)dice_below(&d, 3)};
    if (truths[truth].is_before_tls13)
        only_before_tls13(s);
    if (truths[truth].put == post_handshake || truths[truth].put == ech_refused)
        s->version = VERSION_TLS13;
    s->failed.arena = a;
    make_hello(a, &s->failed, s->version);
    make_server(s, &d);
    make_client(a, p, s);
    make_evidence(s);
    const bytes_view good[] = {p->good, p->intermediate};
    send_certificates(a, s, good, 2);
    if (dice_says(&d, 20))
        ask_for_certificate(a, p, s);
    take_replay(s);
    truths[truth].put(a, p, s, &d);
    s->replayed.certificates = s->version < VERSION_TLS13 ? s->flight.certificates : (certificate_list){0};
    s->replayed.server_hello = s->failed.server_hello;
    s->replayed.server_key_exchange = s->failed.server_key_exchange;
    s->replayed.has_server_key_exchange = s->version < VERSION_TLS13;
}

/* What came of it stalls after the ServerHello. */
static answer stalled(arena *a, const scene *s)
{
    conversation *c = arena_copy(a, &s->failed, sizeof s->failed);
    c->has_first_end = false;
    c->end[SIDE_CLIENT] = STREAM_OPEN;
    c->end[SIDE_SERVER] = STREAM_TIMEOUT;
    return (answer){.kind = ANSWER_SILENCE, .conversation = c};
}

answer scene_answer(arena *a, const scene *s, const wanted_probe *asked)
{
    if (asked->hello == NULL)
        return (answer){.kind = ANSWER_SILENCE, .conversation = &s->replayed};
    if (s->never_finishes || (s->loses_large_flights && !asked->small_segments))
        return stalled(a, s);
    answer given = {.kind = ANSWER_ACCEPTED, .conversation = &s->replayed};
    if (asked->depth == DEPTH_HELLO)
        return given;
    server_flight *flight = arena_copy(a, &s->flight, sizeof s->flight);
    flight->asks_after_handshake = s->asks_after_handshake && asked->depth == DEPTH_REQUEST;
    given.flight = flight;
    return given;
}
