#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls_peer.h"

#include "crypto/key_share.h"
#include "diagnose/broad.h"
#include "diagnose/own_keys.h"

#include <string.h>
#include <strings.h>

enum { CHUNK_LEN = 7, EXTENSION_ENCRYPT_THEN_MAC = 22 };

/* ---- the server ------------------------------------------------------------------------------------------------------ */

static EVP_PKEY *dsa_key(void)
{
    EVP_PKEY *parameters = NULL, *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    assert_true(EVP_PKEY_paramgen_init(context) > 0 && EVP_PKEY_CTX_set_dsa_paramgen_bits(context, 1024) > 0 &&
                EVP_PKEY_paramgen(context, &parameters) > 0);
    EVP_PKEY_CTX_free(context);
    context = EVP_PKEY_CTX_new_from_pkey(NULL, parameters, NULL);
    assert_true(EVP_PKEY_keygen_init(context) > 0 && EVP_PKEY_keygen(context, &key) > 0);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(parameters);
    return key;
}

EVP_PKEY *peer_key(const char *type)
{
    if (type != NULL && strcmp(type, "DSA") == 0)
        return dsa_key();
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
    SSL_CTX_set_security_level(context, 0);
    EVP_PKEY *key = s->key == NULL ? peer_key(s->key_type) : s->key;
    X509 *certificate = certificate_of(key, s->key_type != NULL && strcmp(s->key_type, "ED25519") == 0);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    int version = s->version == 0 ? TLS1_3_VERSION : s->version;
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_options(context, s->options);
    if (s->ciphers != NULL)
        assert_int_equal(SSL_CTX_set_cipher_list(context, s->ciphers), 1);
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
    if (s->key == NULL)
        EVP_PKEY_free(key);
    return context;
}

static void keep_line(void *user, const char *line)
{
    key_lines *log = user;
    assert_true(log->num_lines < KEY_LINES_MAX);
    log->lines[log->num_lines++] = bytes_to_text(log->arena, bytes_from_text(line));
}

static void keep_servers_line(const SSL *server, const char *line)
{
    keep_line(SSL_get_app_data(server), line);
}

static key_lines *key_lines_new(arena *a)
{
    key_lines *log = ARENA_NEW(a, key_lines);
    log->arena = a;
    return log;
}

size_t peer_log_lines_in_common(const peer *p)
{
    size_t num = 0;
    for (size_t i = 0; i < p->own_log->num_lines; i++)
        for (size_t j = 0; j < p->server_log->num_lines; j++)
            num += strcasecmp(p->own_log->lines[i], p->server_log->lines[j]) == 0;
    assert_int_equal(num, p->own_log->num_lines);
    return num;
}

peer peer_new(const server_setup *s, bool finishes)
{
    peer p = {.arena = arena_new(), .keys = key_ring_new(), .context = context_of(s)};
    p.server = SSL_new(p.context);
    p.to_server = BIO_new(BIO_s_mem());
    p.from_server = BIO_new(BIO_s_mem());
    SSL_set_bio(p.server, p.to_server, p.from_server);
    SSL_set_accept_state(p.server);
    p.own_log = key_lines_new(p.arena);
    p.server_log = key_lines_new(p.arena);
    SSL_CTX_set_keylog_callback(p.context, keep_servers_line);
    SSL_set_app_data(p.server, p.server_log);
    key_ring_log_to(p.keys, keep_line, p.own_log);
    p.client = handshake_new(p.arena, p.keys, finishes);
    return p;
}

void peer_free(peer *p)
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

client_hello peer_hello(peer *p, const server_setup *s)
{
    diagnosis_tools tools = {.random_bytes = crypto_random_bytes, .make_key_share = share_from_ring, .user = p->keys};
    uint16_t version = s->version == 0 ? VERSION_TLS13 : s->version;
    broad_options options = {.server_name = bytes_from_text("localhost"),
                             .extended_master_secret = s->offers_extended_master_secret};
    client_hello hello = broad_hello(p->arena, &tools, version, &options);
    client_hello own;
    if (s->offers_encrypt_then_mac)
        hello = hello_with_extension(p->arena, &hello, EXTENSION_ENCRYPT_THEN_MAC, bytes_from(NULL, 0));
    if (s->suite != 0)
        hello = hello_with_cipher_suites(p->arena, &hello, codes_one(p->arena, s->suite));
    assert_true(hello_with_own_keys(p->arena, &tools, &hello, &own));
    return own;
}

void peer_send_hello(peer *p, const client_hello *hello)
{
    bytes_view flight;
    error e;
    assert_true(client_hello_write(p->arena, hello, &flight, &e));
    handshake_sent(p->client, flight);
    assert_int_equal(BIO_write(p->to_server, flight.data, (int)flight.len), (int)flight.len);
}

/* What the server has to say goes to the client in small pieces. */
static bytes_view drain(peer *p, bool corrupts)
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

static void follow_retry(peer *p, const client_hello *hello, bytes_view said)
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
    peer_send_hello(p, &second);
    (void)drain(p, false);
}

void peer_drain(peer *p)
{
    (void)drain(p, false);
}

void peer_run(peer *p, const server_setup *s)
{
    client_hello hello = peer_hello(p, s);
    peer_send_hello(p, &hello);
    bytes_view said = drain(p, s->corrupts);
    follow_retry(p, &hello, said);
    bytes_view last = handshake_to_send(p->client);
    if (last.len > 0)
        assert_int_equal(BIO_write(p->to_server, last.data, (int)last.len), (int)last.len);
    (void)drain(p, false);
}
