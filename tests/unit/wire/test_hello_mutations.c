#include "../with_arena.h"

#include "flights.h"
#include "wire/record.h"
#include <string.h>

#define MUTANTS_OF_EACH 300

/* xorshift64*: the same sequence on every machine. */
static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545f4914f6cdd1dULL;
}

static size_t below(uint64_t *seed, size_t bound)
{
    return (size_t)(next(seed) >> 33) % bound;
}

static bytes_view mutated(arena *a, uint64_t *seed, bytes_view flight)
{
    size_t len = flight.len + 8;
    uint8_t *bytes = arena_alloc(a, len);
    memcpy(bytes, flight.data, flight.len);
    for (size_t i = below(seed, 4) + 1; i > 0; i--) {
        size_t place = below(seed, below(seed, 2) ? flight.len : 80);
        static const uint8_t values[] = {0, 1, 2, 3, 0x7f, 0x80, 0xff};
        bytes[place % flight.len] = below(seed, 2) ? values[below(seed, sizeof values)] : (uint8_t)next(seed);
    }
    return bytes_from(bytes, below(seed, 4) == 0 ? below(seed, len) + 1 : flight.len);
}

static void assert_read_back(bytes_view flight)
{
    arena *a = arena_new();
    client_hello hello;
    bytes_view written;
    enum parse_status status = client_hello_parse(a, flight, &hello);
    if (status == PARSE_MORE)
        status = client_hello_parse_ended(a, flight, &hello);
    assert_int_not_equal(status, PARSE_MORE);
    if (status != PARSE_BAD) {
        assert_true(client_hello_write(a, &hello, &written, NULL));
        assert_true(bytes_equal(flight, written));
        assert_int_equal(status == PARSE_NOTE, hello.findings.num_findings > 0);
    }
    arena_free(a);
}

static void mutated_hellos_are_written_back(void **state)
{
    flight_file *files;
    size_t num_files = flights_load(*state, &files);
    uint64_t seed = 20261123;
    for (size_t i = 0; i < num_files; i++) {
        arena *a = arena_new();
        for (size_t n = 0; n < MUTANTS_OF_EACH; n++)
            assert_read_back(mutated(a, &seed, files[i].bytes));
        arena_free(a);
    }
}

static void mutated_hellos_in_records_are_written_back(void **state)
{
    flight_file *files;
    size_t num_files = flights_load(*state, &files);
    uint64_t seed = 1995;
    for (size_t i = 0; i < num_files; i++) {
        if (!record_looks_possible(files[i].bytes))
            continue;
        arena *a = arena_new();
        for (size_t n = 0; n < MUTANTS_OF_EACH; n++)
            assert_read_back(mutated(a, &seed, flight_cut(a, files[i].bytes, 1 + below(&seed, 200))));
        arena_free(a);
    }
}

static void every_byte_of_a_hello_turned_over_is_written_back(void **state)
{
    static const char *const names[] = {"openssl-0.9.7m-s_client", "node-0.8.28", "go-1.19"};
    for (size_t i = 0; i < 3; i++) {
        bytes_view flight = flight_load(*state, names[i]);
        for (size_t place = 0; place < flight.len; place++) {
            arena *a = arena_new();
            uint8_t *bytes = arena_copy(a, flight.data, flight.len);
            for (unsigned bit = 0; bit < 8; bit++) {
                bytes[place] ^= (uint8_t)(1u << bit);
                assert_read_back(bytes_from(bytes, flight.len));
                bytes[place] ^= (uint8_t)(1u << bit);
            }
            arena_free(a);
        }
    }
}

/* Edits of malformed hellos must not crash, and what they make must be a hello again. */
static void edits_of_mutated_hellos_make_hellos(void **state)
{
    flight_file *files;
    size_t num_files = flights_load(*state, &files);
    uint64_t seed = 8446;
    for (size_t i = 0; i < num_files * 20; i++) {
        arena *a = arena_new();
        bytes_view flight = mutated(a, &seed, files[i % num_files].bytes);
        client_hello hello, sized;
        enum parse_status status = client_hello_parse_ended(a, flight, &hello);
        if (status != PARSE_BAD &&
            (hello.format == HELLO_FORMAT_SSLV2 || hello.record_version != 0)) { /* else cut within 3 bytes */
            client_hello other = hello_without_grease(a, &hello);
            other = hello_with_groups(a, &other, codes_one(a, 29));
            other = hello_with_server_name(a, &other, bytes_from_text("example.com"));
            other = hello_in_one_record(a, &other);
            assert_int_equal(client_hello_parse(a, hello_bytes(a, &other), &sized) == PARSE_BAD, false);
            if (hello_padded_to(a, &hello, 2000, &sized))
                assert_int_equal(hello_message_len(a, &sized), 2000);
        }
        arena_free(a);
    }
}

#define TEST(situation) WITH_ARENA(situation)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(mutated_hellos_are_written_back),
        TEST(mutated_hellos_in_records_are_written_back),
        TEST(every_byte_of_a_hello_turned_over_is_written_back),
        TEST(edits_of_mutated_hellos_make_hellos),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
