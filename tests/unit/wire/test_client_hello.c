#include "../with_arena.h"

#include "flights.h"
#include "wire/record.h"

/* legacy_version, random, an empty session_id: what most hellos made by hand here begin with. */
#define BEGIN                                                                                                                      \
    "0303"                                                                                                                         \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"                                                             \
    "00"

static client_hello parsed(arena *a, bytes_view flight, enum parse_status status)
{
    client_hello hello;
    assert_int_equal(client_hello_parse(a, flight, &hello), status);
    assert_true(bytes_equal(hello_bytes(a, &hello), flight));
    return hello;
}

static client_hello parsed_body(arena *a, const char *hex, enum parse_status status)
{
    return parsed(a, flight_of_body(a, 0x0301, bytes_from_hex(a, hex)), status);
}

/* ---- real clients ---------------------------------------------------------------------------------------------- */

static void real_hellos_are_written_back_and_need_no_note(void **state)
{
    flight_file *files;
    size_t num_files = flights_load(*state, &files);
    assert_true(num_files >= 70);
    for (size_t i = 0; i < num_files; i++) {
        client_hello hello = parsed(*state, files[i].bytes, PARSE_DONE);
        assert_int_equal(hello.verbatim.len, 0);
        assert_true(hello.cipher_suites.num_codes > 0);
    }
}

static void real_hellos_cut_into_records_keep_their_cuts(void **state)
{
    flight_file *files;
    size_t num_files = flights_load(*state, &files);
    for (size_t i = 0; i < num_files; i++) {
        if (!record_looks_possible(files[i].bytes))
            continue;
        client_hello whole = parsed(*state, files[i].bytes, PARSE_DONE);
        for (size_t len = 1; len < 300; len += 37) {
            client_hello cut = parsed(*state, flight_cut(*state, files[i].bytes, len), PARSE_DONE);
            assert_int_equal(cut.verbatim.len, 0);
            assert_true(bytes_equal(cut.random, whole.random));
            assert_int_equal(cut.num_extensions, whole.num_extensions);
            client_hello one = hello_in_one_record(*state, &cut);
            assert_true(bytes_equal(hello_bytes(*state, &one), files[i].bytes));
        }
    }
}

static void assert_cut_is_kept(bytes_view whole, size_t len)
{
    arena *a = arena_new();
    client_hello hello;
    bytes_view cut = bytes_slice(whole, 0, len);
    assert_int_equal(client_hello_parse(a, cut, &hello), PARSE_MORE);
    assert_int_equal(client_hello_parse_ended(a, cut, &hello), PARSE_NOTE);
    assert_true(bytes_equal(hello_bytes(a, &hello), cut));
    arena_free(a);
}

static void real_hellos_cut_short_at_every_byte_want_more_and_are_kept(void **state)
{
    flight_file *files;
    size_t num_files = flights_load(*state, &files);
    for (size_t i = 0; i < num_files; i++)
        for (size_t len = 1; len < files[i].bytes.len; len++)
            assert_cut_is_kept(files[i].bytes, len);
}

static void a_hello_in_records_cut_short_at_every_byte_is_kept(void **state)
{
    bytes_view flight = flight_cut(*state, flight_load(*state, "node-0.8.28"), 50);
    for (size_t len = 1; len < flight.len; len++)
        assert_cut_is_kept(flight, len);
}

static void what_a_cut_hello_said_can_be_read(void **state)
{
    client_hello hello;
    bytes_view flight = flight_load(*state, "node-0.8.28");
    assert_int_equal(client_hello_parse_ended(*state, bytes_slice(flight, 0, 60), &hello), PARSE_NOTE);
    assert_int_equal(hello.legacy_version, 0x0301);
    assert_int_equal(hello.random.len, 32);
    assert_true(has_finding(hello.findings, "the stream ends within the ClientHello"));
    assert_true(has_finding(hello.findings, "cipher_suites at byte"));
}

static void no_bytes_are_no_hello_yet_and_never_one_when_ended(void **state)
{
    client_hello hello;
    bytes_view nothing = {0};
    assert_int_equal(client_hello_parse(*state, nothing, &hello), PARSE_MORE);
    assert_int_equal(client_hello_parse_ended(*state, nothing, &hello), PARSE_BAD);
}

/* ---- what follows, what is around ------------------------------------------------------------------------------ */

static void what_follows_the_hello_is_trailing(void **state)
{
    bytes_view flight = flight_load(*state, "go-1.19");
    writer w;
    bytes_view longer;
    writer_init(&w, 4096);
    write_bytes(&w, flight);
    record_write(&w, CONTENT_CHANGE_CIPHER_SPEC, 0x0303, bytes_from("\x01", 1));
    assert_true(writer_take(&w, *state, &longer));
    client_hello hello = parsed(*state, longer, PARSE_DONE);
    assert_int_equal(hello.trailing.len, 6);
    assert_int_equal(hello.verbatim.len, 0);
}

static bytes_view two_records(arena *a, bytes_view message, uint16_t first_version, uint16_t second_version, bytes_view more)
{
    writer w;
    bytes_view rest = bytes_slice(message, 20, message.len), flight;
    writer_init(&w, 4096);
    record_write(&w, CONTENT_HANDSHAKE, first_version, bytes_slice(message, 0, 20));
    bytes_view both = bytes_from_hex(a, arena_printf(a, "%s%s", bytes_to_hex(a, rest), bytes_to_hex(a, more)));
    record_write(&w, CONTENT_HANDSHAKE, second_version, both);
    assert_true(writer_take(&w, a, &flight));
    return flight;
}

static void records_of_different_versions_are_kept_as_they_came(void **state)
{
    client_hello go = hello_load(*state, "go-1.19");
    bytes_view message;
    assert_true(client_hello_message(*state, &go, &message, NULL));
    bytes_view flight = two_records(*state, message, 0x0301, 0x0303, (bytes_view){0});
    client_hello hello = parsed(*state, flight, PARSE_NOTE);
    assert_true(bytes_equal(hello.verbatim, flight));
    assert_true(bytes_equal(hello.random, go.random));
    assert_int_equal(hello.record_version, 0x0301);
    assert_true(has_finding(hello.findings, "kept as it came"));
    bytes_view kept_message;
    assert_true(client_hello_message(*state, &hello, &kept_message, NULL));
    assert_true(bytes_equal(kept_message, message));
}

static void a_second_message_in_the_same_record_is_kept_as_it_came(void **state)
{
    client_hello go = hello_load(*state, "go-1.19");
    bytes_view message;
    assert_true(client_hello_message(*state, &go, &message, NULL));
    bytes_view flight = two_records(*state, message, 0x0301, 0x0301, bytes_from_hex(*state, "0b000000"));
    client_hello hello = parsed(*state, flight, PARSE_NOTE);
    assert_int_equal(hello.num_extensions, go.num_extensions);
}

static void an_empty_record_within_the_hello_is_kept(void **state)
{
    bytes_view flight = flight_load(*state, "go-1.19");
    bytes_view cut = flight_cut(*state, flight, 100);
    writer w;
    bytes_view with_empty;
    writer_init(&w, 4096);
    write_bytes(&w, bytes_slice(cut, 0, 105));
    record_write(&w, CONTENT_HANDSHAKE, 0x0301, (bytes_view){0});
    write_bytes(&w, bytes_slice(cut, 105, cut.len));
    assert_true(writer_take(&w, *state, &with_empty));
    client_hello hello = parsed(*state, with_empty, PARSE_DONE);
    assert_int_equal(hello.num_fragments, 4);
    assert_int_equal(hello.fragment_lens[1], 0);
}

static void garbage_within_the_hello_breaks_it_off(void **state)
{
    bytes_view cut = flight_cut(*state, flight_load(*state, "go-1.19"), 100);
    bytes_view head = bytes_slice(cut, 0, 105);
    bytes_view flight;
    writer w;
    writer_init(&w, 4096);
    write_bytes(&w, head);
    write_bytes(&w, bytes_from_text("GET / HTTP/1.0\r\n\r\n"));
    assert_true(writer_take(&w, *state, &flight));
    client_hello hello = parsed(*state, flight, PARSE_NOTE);
    assert_int_equal(hello.random.len, 32);
    assert_true(has_finding(hello.findings, "no TLS handshake record"));
}

static void an_alert_record_within_the_hello_breaks_it_off_also_while_it_is_cut(void **state)
{
    bytes_view cut = flight_cut(*state, flight_load(*state, "go-1.19"), 100);
    writer w;
    bytes_view flight;
    writer_init(&w, 4096);
    write_bytes(&w, bytes_slice(cut, 0, 105));
    write_bytes(&w, bytes_from_hex(*state, "1503010002"));
    assert_true(writer_take(&w, *state, &flight));
    parsed(*state, flight, PARSE_NOTE);
}

/* ---- what is no hello ------------------------------------------------------------------------------------------ */

static void assert_no_hello(arena *a, bytes_view flight)
{
    client_hello hello;
    assert_int_equal(client_hello_parse(a, flight, &hello), PARSE_BAD);
    assert_int_equal(hello.findings.num_findings, 1);
    assert_int_equal(client_hello_parse_ended(a, flight, &hello), PARSE_BAD);
}

static void other_protocols_are_no_hello(void **state)
{
    assert_no_hello(*state, bytes_from_text("GET / HTTP/1.1\r\n"));
    assert_no_hello(*state, bytes_from_text("EHLO localhost\r\n"));
    assert_no_hello(*state, bytes_from_text("SSH-2.0-OpenSSH_9.2\r\n"));
    assert_no_hello(*state, bytes_from_hex(*state, "15030100020228"));
    assert_no_hello(*state, bytes_from_hex(*state, "00000008 04d2162f")); /* PostgreSQL's SSLRequest */
}

static void another_handshake_message_is_no_hello(void **state)
{
    client_hello hello;
    assert_int_equal(client_hello_parse(*state, bytes_from_hex(*state, "160301000402000000"), &hello), PARSE_BAD);
    assert_true(has_finding(hello.findings, "no ClientHello"));
}

static void a_hello_that_claims_16_mib_is_refused_at_its_header(void **state)
{
    client_hello hello;
    bytes_view flight = bytes_from_hex(*state, "1603014000 01ffffff 0303");
    assert_int_equal(client_hello_parse(*state, flight, &hello), PARSE_BAD);
    assert_int_equal(hello.findings.num_findings, 1);
    assert_true(has_finding(hello.findings, "longer than 256 KiB"));
}

static void the_longest_hello_is_256_kib(void **state)
{
    client_hello hello;
    assert_int_equal(client_hello_parse(*state, bytes_from_hex(*state, "1603014000 0103fffc"), &hello), PARSE_MORE);
    assert_int_equal(client_hello_parse(*state, bytes_from_hex(*state, "1603014000 0103fffd"), &hello), PARSE_BAD);
}

static void endless_empty_records_are_refused(void **state)
{
    writer w;
    bytes_view flight;
    client_hello hello;
    writer_init(&w, 5 * (CLIENT_HELLO_RECORDS_MAX + 1));
    for (size_t i = 0; i <= CLIENT_HELLO_RECORDS_MAX; i++)
        record_write(&w, CONTENT_HANDSHAKE, 0x0301, (bytes_view){0});
    assert_true(writer_take(&w, *state, &flight));
    assert_int_equal(client_hello_parse(*state, flight, &hello), PARSE_BAD);
    assert_true(has_finding(hello.findings, "4096 records"));
}

static void a_hello_of_200_kib_in_large_records_is_written_back(void **state)
{
    writer w;
    bytes_view body;
    writer_init(&w, 300000);
    write_bytes(&w, bytes_from_hex(*state, BEGIN "00021301"
                                                 "0100"
                                                 "0000"));
    write_zeros(&w, 200000); /* garbage after the extensions */
    assert_true(writer_take(&w, *state, &body));
    writer_init(&w, 300000);
    write_u8(&w, 1);
    write_u24(&w, (uint32_t)body.len);
    write_bytes(&w, body);
    bytes_view message, flight;
    assert_true(writer_take(&w, *state, &message));
    writer_init(&w, 300000);
    for (size_t offset = 0; offset < message.len; offset += 16384)
        record_write(&w, CONTENT_HANDSHAKE, 0x0301, bytes_slice(message, offset, 16384));
    assert_true(writer_take(&w, *state, &flight));
    parsed(*state, flight, PARSE_NOTE);
}

/* ---- malformed ------------------------------------------------------------------------------------------------- */

static void a_hello_without_extensions_is_as_it_should_be(void **state)
{
    client_hello hello = parsed_body(*state,
                                     BEGIN "0004002f0035"
                                           "0100",
                                     PARSE_DONE);
    assert_false(hello.has_extensions);
    assert_int_equal(hello.cipher_suites.num_codes, 2);
    assert_int_equal(hello.compression_methods.len, 1);
}

static void an_empty_extensions_block_is_not_the_same_as_none(void **state)
{
    client_hello hello = parsed_body(*state,
                                     BEGIN "0004002f0035"
                                           "0100"
                                           "0000",
                                     PARSE_DONE);
    assert_true(hello.has_extensions);
    assert_int_equal(hello.num_extensions, 0);
}

static void an_odd_length_of_cipher_suites_is_noted_and_kept(void **state)
{
    client_hello hello = parsed_body(*state,
                                     BEGIN "0005002f003500"
                                           "0100",
                                     PARSE_NOTE);
    assert_int_equal(hello.cipher_suites.num_codes, 2);
    assert_true(hello.verbatim.len > 0);
    assert_true(has_finding(hello.findings, "cipher_suites has an odd length"));
}

static void a_body_that_ends_in_the_middle_of_a_field_is_kept(void **state)
{
    client_hello hello = parsed_body(*state, BEGIN "0008002f0035", PARSE_NOTE);
    assert_true(has_finding(hello.findings, "cipher_suites at byte 39: wants 10 bytes, has 6"));
}

static void bytes_after_the_extensions_are_noted_and_kept(void **state)
{
    client_hello hello = parsed_body(*state,
                                     BEGIN "00021301"
                                           "0100"
                                           "0004 00170000"
                                           "ffff",
                                     PARSE_NOTE);
    assert_int_equal(hello.num_extensions, 1);
    assert_true(has_finding(hello.findings, "2 bytes left over"));
}

static void an_extension_longer_than_its_block_is_noted_and_those_before_it_are_read(void **state)
{
    client_hello hello = parsed_body(*state,
                                     BEGIN "00021301"
                                           "0100"
                                           "0009 00170000 0010000501",
                                     PARSE_NOTE);
    assert_int_equal(hello.num_extensions, 1);
    assert_true(has_finding(hello.findings, "extension at byte"));
}

static void a_block_longer_than_the_message_is_noted_and_its_extensions_are_read(void **state)
{
    client_hello hello = parsed_body(*state,
                                     BEGIN "00021301"
                                           "0100"
                                           "00ff 00170000",
                                     PARSE_NOTE);
    assert_int_equal(hello.num_extensions, 1);
    assert_int_equal(hello.extensions[0].type, 23);
    assert_true(has_finding(hello.findings, "extensions at byte"));
}

static void an_extension_that_comes_twice_is_noted_and_needs_nothing_verbatim(void **state)
{
    client_hello hello = parsed_body(*state,
                                     BEGIN "00021301"
                                           "0100"
                                           "0008 00170000 00170000",
                                     PARSE_NOTE);
    assert_int_equal(hello.num_extensions, 2);
    assert_int_equal(hello.verbatim.len, 0);
    assert_true(has_finding(hello.findings, "extension 23 comes twice"));
}

static void the_place_of_a_finding_counts_record_headers(void **state)
{
    bytes_view flight = flight_of_body(*state, 0x0301,
                                       bytes_from_hex(*state, BEGIN "00021301"
                                                                    "0100"
                                                                    "0008 00170000 00170000"));
    client_hello one = parsed(*state, flight, PARSE_NOTE);
    assert_int_equal(one.findings.findings[0].offset, flight.len - 4);
    bytes_view cut = flight_cut(*state, flight, 20);
    client_hello several = parsed(*state, cut, PARSE_NOTE);
    assert_int_equal(several.findings.findings[0].offset, cut.len - 4);
}

static void wrong_lengths_within_extensions_are_noted_and_need_nothing_verbatim(void **state)
{
    static const char *const bodies[] = {
        "0000 0007 0006 00 0003 6162",   /* server_name: the name is cut */
        "0000 0000",                     /* server_name: empty */
        "000a 0003 0002 00",             /* supported_groups: the list is cut */
        "000a 0005 0003 001d00",         /* odd */
        "000d 0006 0002 0403 ffff",      /* bytes after the list */
        "0010 0005 0003 05 6832",        /* ALPN: the name is cut */
        "002b 0004 04 0304 03",          /* supported_versions: the list is cut */
        "0033 0008 0006 001d 0020 aabb", /* key_share: the key is cut */
        "000b 0001 00",                  /* ec_point_formats: empty list */
        "0029 0000 0017 0000",           /* pre_shared_key is not last */
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        bytes_view extensions = bytes_from_hex(*state, bodies[i]);
        char *hex = arena_printf(*state,
                                 BEGIN "00021301"
                                       "0100"
                                       "%04zx %s",
                                 extensions.len, bodies[i]);
        client_hello hello = parsed_body(*state, hex, PARSE_NOTE);
        assert_int_equal(hello.verbatim.len, 0);
        assert_int_equal(hello.findings.num_findings, 1);
    }
}

static void fields_that_break_a_rule_are_noted(void **state)
{
    assert_true(has_finding(parsed_body(*state,
                                        BEGIN "0000"
                                              "0100",
                                        PARSE_NOTE)
                                .findings,
                            "cipher_suites is empty"));
    assert_true(has_finding(parsed_body(*state,
                                        BEGIN "0002002f"
                                              "0101",
                                        PARSE_NOTE)
                                .findings,
                            "lacks null"));
    assert_true(has_finding(parsed_body(*state,
                                        BEGIN "0002002f"
                                              "00",
                                        PARSE_NOTE)
                                .findings,
                            "lacks null"));
}

static void more_findings_than_are_kept_do_no_harm(void **state)
{
    writer w;
    bytes_view body;
    writer_init(&w, 65536);
    write_bytes(&w, bytes_from_hex(*state, BEGIN "00021301"
                                                 "0100"));
    writer_vector block = writer_open16(&w);
    write_zeros(&w, 4 * 5000);
    writer_close(&w, block);
    assert_true(writer_take(&w, *state, &body));
    client_hello hello =
        parsed(*state, flight_cut(*state, flight_of_body(*state, 0x0301, bytes_slice(body, 0, 8045)), 4000), PARSE_NOTE);
    assert_true(hello.findings.num_findings > 10);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static void a_vector_too_long_for_its_length_cannot_be_written(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    hello.session_id = bytes_from(arena_alloc(*state, 256), 256);
    bytes_view written;
    error e = {0};
    assert_false(client_hello_write(*state, &hello, &written, &e));
    assert_int_equal(e.code, ERROR_LIMIT);
    assert_false(client_hello_message(*state, &hello, &written, &e));
}

static void a_message_longer_than_a_record_is_written_in_several(void **state)
{
    client_hello hello = hello_load(*state, "go-1.19");
    client_hello grown;
    assert_true(hello_padded_to(*state, &hello, 40000, &grown));
    client_hello again = parsed(*state, hello_bytes(*state, &grown), PARSE_DONE);
    assert_int_equal(again.num_fragments, 3);
    assert_int_equal(again.fragment_lens[0], 16384);
}

#define TEST(situation) WITH_ARENA(situation)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(real_hellos_are_written_back_and_need_no_note),
        TEST(real_hellos_cut_into_records_keep_their_cuts),
        TEST(real_hellos_cut_short_at_every_byte_want_more_and_are_kept),
        TEST(a_hello_in_records_cut_short_at_every_byte_is_kept),
        TEST(what_a_cut_hello_said_can_be_read),
        TEST(no_bytes_are_no_hello_yet_and_never_one_when_ended),
        TEST(what_follows_the_hello_is_trailing),
        TEST(records_of_different_versions_are_kept_as_they_came),
        TEST(a_second_message_in_the_same_record_is_kept_as_it_came),
        TEST(an_empty_record_within_the_hello_is_kept),
        TEST(garbage_within_the_hello_breaks_it_off),
        TEST(an_alert_record_within_the_hello_breaks_it_off_also_while_it_is_cut),
        TEST(other_protocols_are_no_hello),
        TEST(another_handshake_message_is_no_hello),
        TEST(a_hello_that_claims_16_mib_is_refused_at_its_header),
        TEST(the_longest_hello_is_256_kib),
        TEST(endless_empty_records_are_refused),
        TEST(a_hello_of_200_kib_in_large_records_is_written_back),
        TEST(a_hello_without_extensions_is_as_it_should_be),
        TEST(an_empty_extensions_block_is_not_the_same_as_none),
        TEST(an_odd_length_of_cipher_suites_is_noted_and_kept),
        TEST(a_body_that_ends_in_the_middle_of_a_field_is_kept),
        TEST(bytes_after_the_extensions_are_noted_and_kept),
        TEST(an_extension_longer_than_its_block_is_noted_and_those_before_it_are_read),
        TEST(a_block_longer_than_the_message_is_noted_and_its_extensions_are_read),
        TEST(an_extension_that_comes_twice_is_noted_and_needs_nothing_verbatim),
        TEST(the_place_of_a_finding_counts_record_headers),
        TEST(wrong_lengths_within_extensions_are_noted_and_need_nothing_verbatim),
        TEST(fields_that_break_a_rule_are_noted),
        TEST(more_findings_than_are_kept_do_no_harm),
        TEST(a_vector_too_long_for_its_length_cannot_be_written),
        TEST(a_message_longer_than_a_record_is_written_in_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
