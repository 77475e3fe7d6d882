/* The handshake of TLS 1.3 against libssl in the same process, without a socket: every suite, every group, each kind of key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/handshake.h"
#include "crypto/key_share.h"
#include "diagnose/broad.h"
#include "diagnose/own_keys.h"
#include "registry/registry.h"

#include <openssl/ssl.h>
#include <string.h>

enum { ALERT_CERTIFICATE_REQUIRED = 116, CHUNK_LEN = 7 };

typedef struct server_setup {
    const char *ciphersuites, *groups, *key_type; /* NULL: libssl's own */
    bool wants_certificate;
    bool corrupts; /* one byte of the flight is changed on the way */
} server_setup;

typedef struct pair {
    arena *arena;
    key_ring *keys;
    SSL_CTX *context;
    SSL *server;
    BIO *to_server, *from_server;
    handshake *client;
} pair;

/* ---- the server ------------------------------------------------------------------------------------------------------ */

static EVP_PKEY *key_of(const char *type)
{
    if (type != NULL && strcmp(type, "EC") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    if (type != NULL && strcmp(type, "ED25519") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
}

static X509 *certificate_of(EVP_PKEY *key, bool is_pure)
{
    X509 *c = X509_new();
    X509_set_version(c, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
    X509_gmtime_adj(X509_getm_notBefore(c), 0);
    X509_gmtime_adj(X509_getm_notAfter(c), 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC, (const unsigned char *)"a server", -1, -1, 0);
    X509_set_issuer_name(c, X509_get_subject_name(c));
    X509_set_pubkey(c, key);
    assert_true(X509_sign(c, key, is_pure ? NULL : EVP_sha256()) > 0);
    return c;
}

static SSL_CTX *context_of(const server_setup *s)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = key_of(s->key_type);
    X509 *certificate = certificate_of(key, s->key_type != NULL && strcmp(s->key_type, "ED25519") == 0);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    if (s->ciphersuites != NULL)
        assert_int_equal(SSL_CTX_set_ciphersuites(context, s->ciphersuites), 1);
    if (s->groups != NULL)
        assert_int_equal(SSL_CTX_set1_groups_list(context, s->groups), 1);
    if (s->wants_certificate) {
        STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
        sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(certificate)));
        SSL_CTX_set_client_CA_list(context, names);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

static pair pair_new(const server_setup *s, bool finishes)
{
    pair p = {.arena = arena_new(), .keys = key_ring_new(), .context = context_of(s)};
    p.server = SSL_new(p.context);
    p.to_server = BIO_new(BIO_s_mem());
    p.from_server = BIO_new(BIO_s_mem());
    SSL_set_bio(p.server, p.to_server, p.from_server);
    SSL_set_accept_state(p.server);
    p.client = handshake_new(p.arena, p.keys, finishes);
    return p;
}

static void pair_free(pair *p)
{
    handshake_ended(p->client);
    SSL_free(p->server);
    SSL_CTX_free(p->context);
    key_ring_free(p->keys);
    arena_free(p->arena);
}

/* ---- the client ------------------------------------------------------------------------------------------------------ */

static bool share_from_ring(void *user, arena *a, uint16_t group, bytes_view *out)
{
    return key_ring_share(user, a, group, out);
}

static client_hello hello_of(pair *p, code_list suites)
{
    diagnosis_tools tools = {.random_bytes = crypto_random_bytes, .make_key_share = share_from_ring, .user = p->keys};
    client_hello hello =
        broad_hello(p->arena, &tools, VERSION_TLS13, &(broad_options){.server_name = bytes_from_text("localhost")});
    client_hello own;
    if (suites.num_codes > 0)
        hello = hello_with_cipher_suites(p->arena, &hello, suites);
    assert_true(hello_with_own_keys(p->arena, &tools, &hello, &own));
    return own;
}

static void send_hello(pair *p, const client_hello *hello)
{
    bytes_view flight;
    error e;
    assert_true(client_hello_write(p->arena, hello, &flight, &e));
    handshake_sent(p->client, flight);
    assert_int_equal(BIO_write(p->to_server, flight.data, (int)flight.len), (int)flight.len);
}

/* What the server has to say goes to the client in small pieces. */
static bytes_view drain(pair *p, bool corrupts)
{
    (void)SSL_do_handshake(p->server);
    char *data;
    long len = BIO_get_mem_data(p->from_server, &data);
    bytes_view said = bytes_copy(p->arena, bytes_from(data, len > 0 ? (size_t)len : 0));
    (void)BIO_reset(p->from_server);
    if (corrupts && said.len > 200)
        ((uint8_t *)(uintptr_t)said.data)[said.len - 150] ^= 1;
    for (size_t i = 0; i < said.len; i += CHUNK_LEN)
        handshake_received(p->client, bytes_slice(said, i, CHUNK_LEN));
    return said;
}

static void follow_retry(pair *p, const client_hello *hello, bytes_view said)
{
    reader r = reader_from(said);
    record first;
    server_hello retry;
    key_share share;
    assert_int_equal(record_read(&r, &first), PARSE_DONE);
    assert_int_equal(server_hello_parse(p->arena, bytes_slice(first.payload, 4, first.payload.len), &retry), PARSE_DONE);
    if (!retry.is_retry_request)
        return;
    share.group = retry.group;
    assert_true(key_ring_share(p->keys, p->arena, retry.group, &share.key_exchange));
    client_hello second = hello_after_retry(p->arena, hello, &share, retry.cookie);
    send_hello(p, &second);
    (void)drain(p, false);
}

static void run(pair *p, const server_setup *s, code_list suites)
{
    client_hello hello = hello_of(p, suites);
    send_hello(p, &hello);
    bytes_view said = drain(p, s->corrupts);
    follow_retry(p, &hello, said);
    bytes_view last = handshake_to_send(p->client);
    if (last.len > 0)
        assert_int_equal(BIO_write(p->to_server, last.data, (int)last.len), (int)last.len);
    (void)drain(p, false);
}

static void assert_read(const server_flight *f)
{
    assert_null(f->why_not);
    assert_true(f->is_read);
    assert_true(f->has_encrypted_extensions);
    assert_int_equal(f->certificates.num_certificates, 1);
    assert_true(f->has_certificate_verify);
    assert_true(f->signature_is_right);
    assert_true(f->has_finished);
    assert_true(f->finished_is_right);
}

/* ---- the cases ---------------------------------------------------------------------------------------------------------- */

static void every_suite_is_read_and_finished(void **state)
{
    (void)state;
    static const struct {
        uint16_t code;
        const char *name;
    } suites[] = {{0x1301, "TLS_AES_128_GCM_SHA256"},
                  {0x1302, "TLS_AES_256_GCM_SHA384"},
                  {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
                  {0x1304, "TLS_AES_128_CCM_SHA256"},
                  {0x1305, "TLS_AES_128_CCM_8_SHA256"}};
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        server_setup s = {.ciphersuites = suites[i].name};
        pair p = pair_new(&s, true);
        run(&p, &s, codes_one(p.arena, suites[i].code));
        const server_flight *f = handshake_flight(p.client);
        assert_read(f);
        assert_true(f->sent_finished);
        assert_true(SSL_is_init_finished(p.server));
        assert_int_equal(f->num_tickets, 2);
        assert_false(f->has_alert);
        pair_free(&p);
    }
}

static void every_group_is_read_also_after_a_retry(void **state)
{
    (void)state;
    static const char *const groups[] = {"P-256", "P-384", "P-521", "X25519", "X448", "ffdhe2048", "ffdhe3072", "ffdhe8192"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        server_setup s = {.groups = groups[i]};
        pair p = pair_new(&s, true);
        run(&p, &s, (code_list){0});
        assert_read(handshake_flight(p.client));
        assert_true(SSL_is_init_finished(p.server));
        pair_free(&p);
    }
}

static void every_kind_of_key_signs_rightly(void **state)
{
    (void)state;
    static const char *const types[] = {"RSA", "EC", "ED25519"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        server_setup s = {.key_type = types[i]};
        pair p = pair_new(&s, false);
        run(&p, &s, (code_list){0});
        assert_read(handshake_flight(p.client));
        assert_true(handshake_is_over(p.client));
        assert_false(SSL_is_init_finished(p.server));
        pair_free(&p);
    }
}

static void a_server_that_wants_a_certificate_says_so_after_the_empty_one(void **state)
{
    (void)state;
    server_setup s = {.wants_certificate = true};
    pair p = pair_new(&s, true);
    run(&p, &s, (code_list){0});
    const server_flight *f = handshake_flight(p.client);
    assert_read(f);
    assert_true(f->has_certificate_request);
    assert_int_equal(f->certificate_request.num_authorities, 1);
    assert_true(f->certificate_request.signature_schemes.num_codes > 0);
    assert_true(f->has_alert);
    assert_int_equal(f->alert.description, ALERT_CERTIFICATE_REQUIRED);
    pair_free(&p);
}

static void a_flight_that_was_damaged_on_the_way_is_not_taken_for_one(void **state)
{
    (void)state;
    server_setup s = {.corrupts = true};
    pair p = pair_new(&s, true);
    run(&p, &s, (code_list){0});
    const server_flight *f = handshake_flight(p.client);
    assert_false(f->is_read);
    assert_string_equal(f->why_not, "a protected record of its flight is not authentic");
    assert_true(handshake_is_over(p.client));
    pair_free(&p);
}

static void garbage_ends_it_with_a_reason(void **state)
{
    (void)state;
    server_setup s = {0};
    pair p = pair_new(&s, true);
    client_hello hello = hello_of(&p, (code_list){0});
    send_hello(&p, &hello);
    handshake_received(p.client, bytes_from_text("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert_true(handshake_is_over(p.client));
    assert_string_equal(handshake_flight(p.client)->why_not, "what it sends is no TLS record");
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_is_read_and_finished),
        cmocka_unit_test(every_group_is_read_also_after_a_retry),
        cmocka_unit_test(every_kind_of_key_signs_rightly),
        cmocka_unit_test(a_server_that_wants_a_certificate_says_so_after_the_empty_one),
        cmocka_unit_test(a_flight_that_was_damaged_on_the_way_is_not_taken_for_one),
        cmocka_unit_test(garbage_ends_it_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
