/* What a hostile or an unusual server says under protection, with keys that are known: sizes, counts, padding, cuts, order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "known_keys.h"

#include "registry/registry.h"
#include "wire/record.h"

#include <string.h>

enum {
    TYPE_ENCRYPTED_EXTENSIONS = 8,
    TYPE_CERTIFICATE = 11,
    TYPE_CERTIFICATE_VERIFY = 15,
    TYPE_FINISHED = 20,
    TYPE_COMPRESSED_CERTIFICATE = 25
};
enum { ALERT_HANDSHAKE_FAILURE = 40, ALERT_USER_CANCELED = 90, PIECE_LEN = 16000 };

typedef struct world {
    arena *arena;
    handshake *h;
    traffic_keys server;
} world;

static world world_new(void)
{
    world w = {.arena = arena_new()};
    w.h = known_tls13(w.arena, 0x1301, true, &w.server);
    assert_non_null(w.h);
    return w;
}

static void world_free(world *w)
{
    handshake_ended(w->h);
    arena_free(w->arena);
}

static void say(world *w, uint8_t content_type, bytes_view bytes)
{
    assert_true(known_tls13_say(w->h, w->arena, &w->server, content_type, bytes));
}

/* In as many records as it takes. */
static void say_message(world *w, bytes_view message)
{
    for (size_t at = 0; at < message.len; at += PIECE_LEN)
        say(w, CONTENT_HANDSHAKE, bytes_slice(message, at, PIECE_LEN));
}

static bytes_view message_of(world *w, uint8_t type, bytes_view body)
{
    writer out;
    bytes_view whole;
    writer_init(&out, (size_t)2 * 1024 * 1024);
    write_u8(&out, type);
    write_u24(&out, (uint32_t)body.len);
    write_bytes(&out, body);
    assert_true(writer_take(&out, w->arena, &whole));
    return whole;
}

static bytes_view certificate_message(world *w, size_t num_certificates, size_t certificate_len)
{
    writer out;
    bytes_view body;
    writer_init(&out, (size_t)2 * 1024 * 1024);
    write_u8(&out, 0);
    writer_vector list = writer_open24(&out);
    for (size_t i = 0; i < num_certificates; i++) {
        writer_vector data = writer_open24(&out);
        write_zeros(&out, certificate_len);
        writer_close(&out, data);
        write_u16(&out, 0);
    }
    writer_close(&out, list);
    assert_true(writer_take(&out, w->arena, &body));
    return message_of(w, TYPE_CERTIFICATE, body);
}

static bool has_finding(const server_flight *f, const char *text)
{
    for (size_t i = 0; i < f->findings.num_findings; i++)
        if (strcmp(f->findings.findings[i].text, text) == 0)
            return true;
    return false;
}

/* ---- certificates ------------------------------------------------------------------------------------------------------- */

static void a_hundred_certificates_are_kept_and_more_are_noted(void **state)
{
    (void)state;
    static const struct {
        size_t sent, kept;
    } cases[] = {{1, 1}, {100, 100}, {101, 100}, {10000, 100}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world w = world_new();
        say_message(&w, certificate_message(&w, cases[i].sent, 60));
        const server_flight *f = handshake_flight(w.h);
        assert_int_equal(f->certificates.num_certificates, cases[i].kept);
        assert_int_equal(has_finding(f, "a certificate list that is cut, or longer than 100 certificates"), cases[i].sent > 100);
        assert_null(f->why_not);
        world_free(&w);
    }
}

static void a_list_of_half_a_megabyte_is_read(void **state)
{
    (void)state;
    world w = world_new();
    say_message(&w, certificate_message(&w, 5, 100000));
    assert_int_equal(handshake_flight(w.h)->certificates.num_certificates, 5);
    assert_true(handshake_flight(w.h)->certificate_len > 500000);
    world_free(&w);
}

static void a_list_that_claims_16_megabytes_ends_it_and_its_size_is_told(void **state)
{
    (void)state;
    static const uint8_t header[] = {TYPE_CERTIFICATE, 0xff, 0xff, 0xff, 0};
    world w = world_new();
    say(&w, CONTENT_HANDSHAKE, bytes_from(header, sizeof header));
    const server_flight *f = handshake_flight(w.h);
    assert_true(handshake_is_over(w.h));
    assert_int_equal(f->certificate_len, 0xffffff);
    assert_string_equal(f->why_not, "a message of its flight is longer than any that makes sense");
    world_free(&w);
}

static void lengths_that_lie_are_findings(void **state)
{
    (void)state;
    static const uint8_t beyond[] = {TYPE_CERTIFICATE, 0, 0, 8, 0, 0, 0, 200, 0, 0, 1, 0x30};
    static const uint8_t inside[] = {TYPE_CERTIFICATE, 0, 0, 9, 0, 0, 0, 5, 0, 0, 200, 0x30, 0};
    static const uint8_t extensions[] = {TYPE_ENCRYPTED_EXTENSIONS, 0, 0, 3, 0, 99, 0};
    static const uint8_t verify[] = {TYPE_CERTIFICATE_VERIFY, 0, 0, 4, 8, 4, 0, 9};
    world w = world_new();
    say(&w, CONTENT_HANDSHAKE, bytes_from(extensions, sizeof extensions));
    say(&w, CONTENT_HANDSHAKE, bytes_from(beyond, sizeof beyond));
    say(&w, CONTENT_HANDSHAKE, bytes_from(inside, sizeof inside));
    say(&w, CONTENT_HANDSHAKE, bytes_from(verify, sizeof verify));
    const server_flight *f = handshake_flight(w.h);
    assert_true(has_finding(f, "its EncryptedExtensions cannot be read"));
    assert_true(has_finding(f, "its Certificate cannot be read"));
    assert_true(has_finding(f, "a certificate list that is cut, or longer than 100 certificates"));
    assert_false(f->has_certificate_verify);
    assert_int_equal(f->certificates.num_certificates, 0);
    assert_false(handshake_is_over(w.h));
    world_free(&w);
}

/* ---- records ------------------------------------------------------------------------------------------------------------ */

static void messages_in_one_record_and_one_in_many_are_the_same(void **state)
{
    (void)state;
    static const uint8_t flight[] = {TYPE_ENCRYPTED_EXTENSIONS, 0, 0, 2, 0, 0, TYPE_CERTIFICATE, 0, 0, 4, 0, 0, 0, 0};
    for (size_t piece = 1; piece <= sizeof flight; piece++) {
        world w = world_new();
        for (size_t at = 0; at < sizeof flight; at += piece)
            say(&w, CONTENT_HANDSHAKE, bytes_slice(bytes_from(flight, sizeof flight), at, piece));
        const server_flight *f = handshake_flight(w.h);
        assert_true(f->has_encrypted_extensions);
        assert_true(f->has_certificate);
        assert_int_equal(f->findings.num_findings, 0);
        world_free(&w);
    }
}

/* Java pads its records by 16 bytes: record_seal does not, so the padding goes in as part of what is sealed, type first. */
static void a_padded_alert_is_an_alert(void **state)
{
    (void)state;
    uint8_t padded[2 + 1 + 16] = {ALERT_FATAL, ALERT_HANDSHAKE_FAILURE, CONTENT_ALERT};
    world w = world_new();
    say(&w, 0, bytes_from(padded, sizeof padded));
    const server_flight *f = handshake_flight(w.h);
    assert_true(f->has_alert);
    assert_int_equal(f->alert.description, ALERT_HANDSHAKE_FAILURE);
    assert_true(f->is_read);
    assert_true(handshake_is_over(w.h));
    world_free(&w);
}

static void a_record_of_padding_alone_is_not_authentic(void **state)
{
    (void)state;
    uint8_t zeros[40] = {0};
    world w = world_new();
    say(&w, 0, bytes_from(zeros, sizeof zeros));
    assert_string_equal(handshake_flight(w.h)->why_not, "a protected record of its flight is not authentic");
    world_free(&w);
}

static void user_canceled_ends_nothing(void **state)
{
    (void)state;
    static const uint8_t warning[] = {ALERT_WARNING, ALERT_USER_CANCELED};
    world w = world_new();
    say(&w, CONTENT_ALERT, bytes_from(warning, sizeof warning));
    assert_false(handshake_flight(w.h)->has_alert);
    assert_false(handshake_is_over(w.h));
    world_free(&w);
}

static void a_message_in_clear_is_not_taken_for_one_under_protection(void **state)
{
    (void)state;
    static const uint8_t clear[] = {22, 3, 3, 0, 6, TYPE_ENCRYPTED_EXTENSIONS, 0, 0, 2, 0, 0};
    world w = world_new();
    handshake_received(w.h, bytes_from(clear, sizeof clear));
    assert_false(handshake_flight(w.h)->has_encrypted_extensions);
    assert_true(has_finding(handshake_flight(w.h), "a handshake message in clear where TLS 1.3 protects it"));
    world_free(&w);
}

/* ---- order and repetition ------------------------------------------------------------------------------------------------- */

static void a_wrong_finished_is_told_and_answered(void **state)
{
    (void)state;
    uint8_t finished[4 + 32] = {TYPE_FINISHED, 0, 0, 32};
    world w = world_new();
    say(&w, CONTENT_HANDSHAKE, bytes_from(finished, sizeof finished));
    const server_flight *f = handshake_flight(w.h);
    assert_true(f->has_finished);
    assert_false(f->finished_is_right);
    assert_true(f->sent_finished);
    assert_true(handshake_to_send(w.h).len > 0);
    assert_int_equal(handshake_to_send(w.h).len, 0);
    assert_true(handshake_awaits_consent(w.h));
    world_free(&w);
}

/* Each would be hashed with all that came before it. */
static void many_messages_of_a_kind_take_no_longer_than_their_bytes(void **state)
{
    (void)state;
    static const uint8_t verify[] = {TYPE_CERTIFICATE_VERIFY, 0, 0, 5, 8, 4, 0, 1, 7};
    world w = world_new();
    say_message(&w, certificate_message(&w, 5, 100000));
    writer many;
    bytes_view all;
    writer_init(&many, PIECE_LEN);
    for (size_t i = 0; i < PIECE_LEN / sizeof verify; i++)
        write_bytes(&many, bytes_from(verify, sizeof verify));
    assert_true(writer_take(&many, w.arena, &all));
    for (size_t i = 0; i < 20; i++)
        say(&w, CONTENT_HANDSHAKE, all);
    assert_false(handshake_flight(w.h)->signature_is_right);
    assert_false(handshake_is_over(w.h));
    world_free(&w);
}

static void single_bytes_cost_no_more_memory_than_records(void **state)
{
    (void)state;
    world w = world_new();
    bytes_view sealed;
    uint8_t *content = arena_alloc(w.arena, PIECE_LEN);
    assert_true(record_seal(&w.server, w.arena, CONTENT_APPLICATION_DATA, bytes_from(content, PIECE_LEN), &sealed));
    size_t before = arena_size(w.arena);
    for (size_t i = 0; i < sealed.len; i++)
        handshake_received(w.h, bytes_slice(sealed, i, 1));
    assert_true(handshake_flight(w.h)->has_data);
    assert_true(arena_size(w.arena) - before < (size_t)256 * 1024);
    world_free(&w);
}

/* ---- up to TLS 1.2 -------------------------------------------------------------------------------------------------------- */

/* What libssl of Debian no longer has: sealed here as a server would, and opened again. */
static void legacy_ciphers_are_opened_at_every_version(void **state)
{
    (void)state;
    static const uint16_t suites[] = {0x0005, 0x0004, 0x000a, 0x0009, 0x0096, 0x0002, 0x002f, 0x003d, 0xc09c, 0xcca8, 0x009c};
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        for (uint16_t version = VERSION_TLS10; version <= VERSION_TLS12; version++)
            for (int etm = 0; etm < 2; etm++) {
                arena *a = arena_new();
                record_keys *server;
                handshake *h = known_tls12(a, suites[i], version, etm == 1, &server);
                static const uint8_t ticket[] = {4, 0, 0, 6, 0, 0, 0, 1, 0, 0}, alert_40[] = {2, ALERT_HANDSHAKE_FAILURE};
                bytes_view sealed;
                assert_non_null(server);
                assert_true(record_keys_seal(server, a, CONTENT_HANDSHAKE, bytes_from(ticket, sizeof ticket), &sealed));
                handshake_received(h, sealed);
                assert_true(record_keys_seal(server, a, CONTENT_ALERT, bytes_from(alert_40, sizeof alert_40), &sealed));
                handshake_received(h, sealed);
                assert_int_equal(handshake_flight(h)->num_tickets, 1);
                assert_true(handshake_flight(h)->has_alert);
                assert_int_equal(handshake_flight(h)->alert.description, ALERT_HANDSHAKE_FAILURE);
                handshake_ended(h);
                record_keys_free(server);
                arena_free(a);
            }
}

static void a_record_that_was_damaged_is_not_authentic(void **state)
{
    (void)state;
    static const uint16_t suites[] = {0x0005, 0x000a, 0x002f, 0xc09c, 0xcca8, 0x009c};
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        arena *a = arena_new();
        record_keys *server;
        handshake *h = known_tls12(a, suites[i], VERSION_TLS12, false, &server);
        static const uint8_t alert_40[] = {2, ALERT_HANDSHAKE_FAILURE};
        bytes_view sealed;
        assert_true(record_keys_seal(server, a, CONTENT_ALERT, bytes_from(alert_40, sizeof alert_40), &sealed));
        uint8_t *damaged = arena_copy(a, sealed.data, sealed.len);
        damaged[sealed.len - 1] ^= 1;
        handshake_received(h, bytes_from(damaged, sealed.len));
        assert_false(handshake_flight(h)->has_alert);
        assert_string_equal(handshake_flight(h)->why_not, "a protected record of its flight is not authentic");
        handshake_ended(h);
        record_keys_free(server);
        arena_free(a);
    }
}

static void a_compressed_certificate_tells_by_what(void **state)
{
    (void)state;
    static const uint8_t by_brotli[] = {0, 2, 0, 1, 0, 0, 0, 2, 9, 9}, cut[] = {0};
    world w = world_new();
    say_message(&w, message_of(&w, TYPE_COMPRESSED_CERTIFICATE, bytes_from(by_brotli, sizeof by_brotli)));
    assert_int_equal(handshake_flight(w.h)->compressed_by, 2);
    assert_int_equal(handshake_flight(w.h)->findings.num_findings, 0);
    world_free(&w);
    w = world_new();
    say_message(&w, message_of(&w, TYPE_COMPRESSED_CERTIFICATE, bytes_from(cut, sizeof cut)));
    assert_int_equal(handshake_flight(w.h)->compressed_by, 0);
    assert_int_equal(handshake_flight(w.h)->findings.num_findings, 1);
    world_free(&w);
}

static void tickets_that_lie_about_their_length_bring_none(void **state)
{
    (void)state;
    static const uint8_t lies[][12] = {{0, 0}, {0, 0, 1, 0, 0, 0, 0, 0, 200, 1}, {0, 0, 1, 0, 0, 0, 0, 0, 1, 7, 0xff, 0xff}};
    static const size_t lens[] = {2, 10, 12};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        session_ticket ticket;
        assert_int_equal(session_ticket_parse(NULL, bytes_from(lies[i], lens[i]), VERSION_TLS13, &ticket), PARSE_BAD);
        assert_int_equal(ticket.ticket.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_certificates_are_kept_and_more_are_noted),
        cmocka_unit_test(a_list_of_half_a_megabyte_is_read),
        cmocka_unit_test(a_list_that_claims_16_megabytes_ends_it_and_its_size_is_told),
        cmocka_unit_test(lengths_that_lie_are_findings),
        cmocka_unit_test(messages_in_one_record_and_one_in_many_are_the_same),
        cmocka_unit_test(a_padded_alert_is_an_alert),
        cmocka_unit_test(a_record_of_padding_alone_is_not_authentic),
        cmocka_unit_test(user_canceled_ends_nothing),
        cmocka_unit_test(a_message_in_clear_is_not_taken_for_one_under_protection),
        cmocka_unit_test(a_wrong_finished_is_told_and_answered),
        cmocka_unit_test(many_messages_of_a_kind_take_no_longer_than_their_bytes),
        cmocka_unit_test(single_bytes_cost_no_more_memory_than_records),
        cmocka_unit_test(legacy_ciphers_are_opened_at_every_version),
        cmocka_unit_test(a_compressed_certificate_tells_by_what),
        cmocka_unit_test(tickets_that_lie_about_their_length_bring_none),
        cmocka_unit_test(a_record_that_was_damaged_is_not_authentic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
