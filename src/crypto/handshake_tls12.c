/*
 * TLS 1.0 to 1.2 (RFC 5246, 7.3): the server's flight is in clear; the keys are needed for the client's last flight, and for what
 * the server says to it. Key exchanges are RSA, DHE and ECDHE; others end at the server's flight, with the reason.
 */
#include "crypto/certificate.h"
#include "crypto/handshake_state.h"
#include "crypto/key_exchange.h"
#include "crypto/key_share.h"
#include "registry/registry.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

enum { EXTENSION_ENCRYPT_THEN_MAC = 22, RANDOM_LEN = 32, FLIGHT_LEN_MAX = 8192 };

void tls12_release(handshake *h)
{
    record_keys_free(h->block.reading);
    record_keys_free(h->block.writing);
    h->block.reading = h->block.writing = NULL;
    h->block.server_changed_cipher = false;
}

void tls12_server_hello(handshake *h, const server_hello *hello, bytes_view message)
{
    block_state *b = &h->block;
    b->version = hello->version;
    b->extended_master_secret = hello->has_extended_master_secret;
    b->encrypts_then_macs = server_hello_extension(hello, EXTENSION_ENCRYPT_THEN_MAC) != NULL;
    if (hello->version < VERSION_SSL3) {
        handshake_give_up(h, "SSL 2.0 is not read further");
        return;
    }
    if (suite_tls12_find(hello->cipher_suite, &b->suite, &b->why_not))
        b->hash = prf_hash(&b->suite, b->version);
    h->flight.alpn = hello->alpn;
    handshake_say(h, message);
    if (h->state != OVER)
        h->state = READS_FLIGHT;
}

/* ---- the server's flight ------------------------------------------------------------------------------------------------ */

static void certificate_came(handshake *h, bytes_view body)
{
    if (h->flight.has_certificate)
        return;
    h->flight.has_certificate = true;
    handshake_note_unread(h, certificate_list_parse(h->arena, body, &h->flight.certificates), "its Certificate cannot be read");
}

static bytes_view leaf_of(const handshake *h)
{
    return h->flight.certificates.num_certificates == 0 ? bytes_from(NULL, 0) : h->flight.certificates.certificates[0];
}

static void write_randoms(const handshake *h, bool server_first, writer *w)
{
    bytes_view client = bytes_from(h->client_random, RANDOM_LEN), server = bytes_from(h->server_random, RANDOM_LEN);
    write_bytes(w, server_first ? server : client);
    write_bytes(w, server_first ? client : server);
}

/* What is signed: both randoms and the parameters (RFC 5246, 7.4.3). */
static void check_signature(handshake *h)
{
    const server_key_exchange *s = &h->block.server_key_exchange;
    bytes_view content;
    writer w;
    if (s->signature.len == 0)
        return;
    writer_init(&w, 2 * RANDOM_LEN + TRANSCRIPT_LEN_MAX);
    write_randoms(h, false, &w);
    write_bytes(&w, s->params);
    h->flight.has_certificate_verify = writer_take(&w, h->arena, &content);
    h->flight.signature_scheme = s->signature_scheme;
    h->flight.signature_is_right = h->block.version >= VERSION_TLS12
                                       ? certificate_signature_is_right(leaf_of(h), s->signature_scheme, content, s->signature)
                                       : certificate_signature_is_right_before_tls12(leaf_of(h), content, s->signature);
}

static void server_key_exchange_came(handshake *h, bytes_view body)
{
    block_state *b = &h->block;
    if (b->has_server_key_exchange || b->hash == NULL)
        return;
    bool is_anonymous = b->suite.row->authentication == SUITE_AUTH_ANONYMOUS;
    enum parse_status status =
        server_key_exchange_parse(h->arena, body, b->suite.server_key_exchange, is_anonymous, b->version, &b->server_key_exchange);
    handshake_note_unread(h, status, "its ServerKeyExchange cannot be read");
    b->has_server_key_exchange = status == PARSE_DONE;
    if (b->has_server_key_exchange)
        check_signature(h);
}

/* ---- the client's last flight ------------------------------------------------------------------------------------------- */

static bool exchange_keys(handshake *h, key_exchange *out)
{
    const block_state *b = &h->block;
    *out = (key_exchange){0};
    if (b->suite.server_key_exchange == KEY_EXCHANGE_UNKNOWN)
        return key_exchange_rsa(h->arena, leaf_of(h), h->hello.legacy_version, out);
    if (!b->has_server_key_exchange)
        return false;
    return b->suite.server_key_exchange == KEY_EXCHANGE_DHE ? key_exchange_dhe(h->arena, &b->server_key_exchange, out)
                                                            : key_exchange_ecdhe(h->arena, &b->server_key_exchange, out);
}

/* RFC 5246, 8.1; with extended_master_secret RFC 7627, 4. */
static bool make_master(handshake *h, bytes_view premaster)
{
    block_state *b = &h->block;
    uint8_t hash[PRF_HASH_LEN_MAX];
    size_t hash_len;
    if (b->extended_master_secret)
        return prf_transcript_hash(b->hash, buffer_view(&h->transcript), hash, &hash_len) &&
               prf(b->hash, premaster, "extended master secret", bytes_from(hash, hash_len), b->master, MASTER_SECRET_LEN);
    writer seed;
    writer_init(&seed, 2 * RANDOM_LEN);
    write_randoms(h, false, &seed);
    bool made = prf(b->hash, premaster, "master secret", buffer_view(&seed.out), b->master, MASTER_SECRET_LEN);
    writer_free(&seed);
    return made;
}

static void take_part(reader *r, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!read_u8(r, "key block", &out[i]))
            return;
}

/* key_block (RFC 5246, 6.3): both MAC keys, both keys, both IVs, the client's first. */
static bool make_keys(handshake *h)
{
    enum { KEY_BLOCK_LEN_MAX = 2 * (MAC_KEY_LEN_MAX + CIPHER_KEY_LEN_MAX + CIPHER_IV_LEN_MAX) };
    block_state *b = &h->block;
    const cipher_parameters *p = b->suite.cipher;
    uint8_t block[KEY_BLOCK_LEN_MAX];
    record_key_block client = {{0}, {0}, {0}}, server = {{0}, {0}, {0}};
    writer seed;
    writer_init(&seed, 2 * RANDOM_LEN);
    write_randoms(h, true, &seed);
    bool made =
        prf(b->hash, bytes_from(b->master, MASTER_SECRET_LEN), "key expansion", buffer_view(&seed.out), block, sizeof block);
    writer_free(&seed);
    reader r = reader_from(bytes_from(block, sizeof block));
    take_part(&r, client.mac_key, b->suite.mac_len);
    take_part(&r, server.mac_key, b->suite.mac_len);
    take_part(&r, client.key, p->key_len);
    take_part(&r, server.key, p->key_len);
    take_part(&r, client.iv, p->iv_len);
    take_part(&r, server.iv, p->iv_len);
    if (!made)
        return false;
    handshake_log(h, "CLIENT_RANDOM", bytes_from(b->master, MASTER_SECRET_LEN));
    b->writing = record_keys_new(&b->suite, b->version, b->encrypts_then_macs, true, &client);
    b->reading = record_keys_new(&b->suite, b->version, b->encrypts_then_macs, false, &server);
    return b->writing != NULL && b->reading != NULL;
}

static bool verify_data(const handshake *h, const char *label, uint8_t out[VERIFY_DATA_LEN])
{
    const block_state *b = &h->block;
    uint8_t hash[PRF_HASH_LEN_MAX];
    size_t hash_len;
    return prf_transcript_hash(b->hash, buffer_view(&h->transcript), hash, &hash_len) &&
           prf(b->hash, bytes_from(b->master, MASTER_SECRET_LEN), label, bytes_from(hash, hash_len), out, VERIFY_DATA_LEN);
}

static void write_message(handshake *h, writer *w, uint8_t type, bytes_view body)
{
    writer one;
    writer_init(&one, FLIGHT_LEN_MAX);
    write_u8(&one, type);
    write_u24(&one, (uint32_t)body.len);
    write_bytes(&one, body);
    handshake_say(h, buffer_view(&one.out));
    write_bytes(w, buffer_view(&one.out));
    w->failed = w->failed || one.failed;
    writer_free(&one);
}

/* An empty Certificate where one was asked for (RFC 5246, 7.4.6), and ClientKeyExchange. */
static bool write_first_record(handshake *h, bytes_view client_key_exchange, writer *out)
{
    static const uint8_t empty_list[] = {0, 0, 0};
    writer w;
    writer_init(&w, FLIGHT_LEN_MAX);
    if (h->flight.has_certificate_request)
        write_message(h, &w, HANDSHAKE_CERTIFICATE, bytes_from(empty_list, sizeof empty_list));
    write_message(h, &w, HANDSHAKE_CLIENT_KEY_EXCHANGE, client_key_exchange);
    record_write(out, CONTENT_HANDSHAKE, h->block.version, buffer_view(&w.out));
    bool written = !w.failed;
    writer_free(&w);
    return written;
}

static bool write_finished(handshake *h, writer *out)
{
    static const uint8_t change[] = {1};
    uint8_t *data = h->block.verify_data;
    bytes_view sealed;
    writer w;
    if (!verify_data(h, "client finished", data))
        return false;
    record_write(out, CONTENT_CHANGE_CIPHER_SPEC, h->block.version, bytes_from(change, sizeof change));
    writer_init(&w, FLIGHT_LEN_MAX);
    write_message(h, &w, HANDSHAKE_FINISHED, bytes_from(data, VERIFY_DATA_LEN));
    bool made = record_keys_seal(h->block.writing, h->arena, CONTENT_HANDSHAKE, buffer_view(&w.out), &sealed) && !w.failed;
    writer_free(&w);
    write_bytes(out, sealed);
    return made;
}

/* The reason why the last flight cannot be made, or NULL: h->to_send has it. */
static const char *make_last_flight(handshake *h)
{
    key_exchange exchange;
    writer out;
    if (h->block.hash == NULL)
        return h->block.why_not;
    if (h->block.version == VERSION_SSL3)
        return "the keys of SSL 3.0 are not computed here";
    if (!exchange_keys(h, &exchange))
        return "the key exchange that the server chose cannot be computed here";
    writer_init(&out, 2 * FLIGHT_LEN_MAX);
    bool made = write_first_record(h, exchange.message, &out) && make_master(h, exchange.premaster) && make_keys(h) &&
                write_finished(h, &out);
    if (!writer_take(&out, h->arena, &h->to_send) || !made) {
        h->to_send = bytes_from(NULL, 0);
        return "the keys cannot be computed here";
    }
    return NULL;
}

static void server_hello_done_came(handshake *h)
{
    h->flight.is_read = true;
    if (!h->finishes) {
        h->state = FLIGHT_READ;
        return;
    }
    const char *why_not = make_last_flight(h);
    if (why_not != NULL) {
        handshake_give_up(h, why_not);
        return;
    }
    h->flight.sent_finished = true;
    h->state = AWAITS_FINISHED;
}

/* ---- what the server says to it ----------------------------------------------------------------------------------------- */

void tls12_change_cipher_spec(handshake *h)
{
    if (h->suite != NULL || h->block.server_changed_cipher)
        return; /* in TLS 1.3 it is there for old boxes only (RFC 8446, D.4) */
    if (h->state == READS_FLIGHT)
        handshake_give_up(h, "the server resumes a session whose keys are not ours");
    h->block.server_changed_cipher = h->state == AWAITS_FINISHED;
}

/* ---- asking for another handshake -------------------------------------------------------------------------------------- */

/* renegotiation_info with our verify_data, and no signalling suite (RFC 5746, 3.5), where the first hello spoke of it. */
static client_hello second_hello(const handshake *h)
{
    enum { SUITE_EMPTY_RENEGOTIATION_INFO_SCSV = 0x00FF };
    arena *a = h->arena;
    uint8_t random[RANDOM_LEN];
    crypto_random_bytes(NULL, random, sizeof random);
    client_hello hello = hello_with_random(a, &h->hello, bytes_copy(a, bytes_from(random, sizeof random)), bytes_from(NULL, 0));
    code_list signal = codes_one(a, SUITE_EMPTY_RENEGOTIATION_INFO_SCSV);
    bool knows_proof =
        codes_contain(hello.cipher_suites, signal.codes[0]) || client_hello_extension(&hello, EXTENSION_RENEGOTIATION_INFO) != NULL;
    if (!knows_proof)
        return hello;
    writer w;
    bytes_view proof;
    writer_init(&w, 1 + VERIFY_DATA_LEN);
    writer_vector connection = writer_open8(&w);
    write_bytes(&w, bytes_from(h->block.verify_data, VERIFY_DATA_LEN));
    writer_close(&w, connection);
    if (!writer_take(&w, a, &proof))
        return hello;
    hello = hello_with_cipher_suites(a, &hello, codes_without(a, hello.cipher_suites, signal));
    return hello_with_extension(a, &hello, EXTENSION_RENEGOTIATION_INFO, proof);
}

static void ask_again(handshake *h)
{
    client_hello hello = second_hello(h);
    bytes_view message, sealed;
    if (!client_hello_message(h->arena, &hello, &message, NULL) ||
        !record_keys_seal(h->block.writing, h->arena, CONTENT_HANDSHAKE, message, &sealed))
        return;
    h->to_send = sealed;
    h->flight.asked_to_renegotiate = true;
    h->state = AWAITS_RENEGOTIATION;
}

/* A session whose connection was not closed in good order may not be resumed (RFC 5246, 7.2.1). */
static void say_goodbye(handshake *h)
{
    bytes_view sealed;
    if (record_keys_seal(h->block.writing, h->arena, CONTENT_ALERT, handshake_close_notify(), &sealed))
        h->to_send = sealed;
}

static void finished_came(handshake *h, bytes_view body)
{
    uint8_t expected[VERIFY_DATA_LEN];
    h->flight.has_finished = true;
    h->flight.finished_is_right =
        verify_data(h, "server finished", expected) && bytes_equal(body, bytes_from(expected, sizeof expected));
    h->state = ANSWERED;
    if (h->renegotiates && h->flight.finished_is_right)
        ask_again(h);
    else if (h->lingers && h->flight.finished_is_right)
        h->state = AWAITS_END;
    else if (h->flight.finished_is_right)
        say_goodbye(h);
}

static void ticket_came(handshake *h, bytes_view body)
{
    session_ticket ticket;
    enum parse_status status = session_ticket_parse(h->arena, body, h->block.version, &ticket);
    handshake_note_unread(h, status, "its NewSessionTicket cannot be read");
    if (h->flight.num_tickets++ == 0 && status != PARSE_BAD)
        h->flight.ticket = ticket;
}

static void last_message(handshake *h, uint8_t type, bytes_view message, bytes_view body)
{
    if (type == HANDSHAKE_FINISHED && h->block.server_changed_cipher) {
        finished_came(h, body);
        return;
    }
    if (type == HANDSHAKE_NEW_SESSION_TICKET)
        ticket_came(h, body);
    else
        handshake_note(h, "a message that has no place before a server's Finished");
    handshake_say(h, message);
}

static void flight_message(handshake *h, uint8_t type, bytes_view body)
{
    server_flight *f = &h->flight;
    switch (type) {
    case HANDSHAKE_CERTIFICATE:
        certificate_came(h, body);
        break;
    case HANDSHAKE_CERTIFICATE_STATUS:
        f->ocsp_response = certificate_status_parse(h->arena, body);
        break;
    case HANDSHAKE_SERVER_KEY_EXCHANGE:
        server_key_exchange_came(h, body);
        break;
    case HANDSHAKE_CERTIFICATE_REQUEST:
        if (!f->has_certificate_request)
            handshake_note_unread(h, certificate_request_parse(h->arena, body, h->block.version, &f->certificate_request),
                                  "its CertificateRequest cannot be read");
        f->has_certificate_request = true;
        break;
    case HANDSHAKE_SERVER_HELLO_DONE:
        server_hello_done_came(h);
        break;
    default:
        handshake_note(h, "a message that has no place in a server's flight");
        break;
    }
}

void tls12_message(handshake *h, uint8_t type, bytes_view message, bytes_view body)
{
    if (type == HANDSHAKE_HELLO_REQUEST)
        return; /* not part of a transcript (RFC 5246, 7.4.1.1) */
    if (h->state == AWAITS_FINISHED) {
        last_message(h, type, message, body);
        return;
    }
    if (h->state == AWAITS_RENEGOTIATION) {
        h->flight.renegotiated = type == HANDSHAKE_SERVER_HELLO;
        h->state = ANSWERED;
    }
    if (h->state != READS_FLIGHT)
        return;
    handshake_say(h, message);
    if (h->state == READS_FLIGHT)
        flight_message(h, type, body);
}
