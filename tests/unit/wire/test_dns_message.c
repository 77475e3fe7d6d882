/* Messages of the domain name system: those that resolvers send, and those that are made to harm. */
#include "../with_arena.h"

#include "wire/dns_message.h"

#include <string.h>

#define HEADER(flags, questions, answers) "\x51\x0b" flags "\x00" questions "\x00" answers "\x00\x00\x00\x00"
#define QUESTION                                                                                                                   \
    "\x04good\x07"                                                                                                                 \
    "example\x00\x00\x01\x00\x01"

static dns_message message;

static enum parse_status read_bytes_of(arena *a, const char *bytes, size_t len)
{
    return dns_message_read(a, bytes_from(bytes, len), &message);
}

#define READ(a, text) read_bytes_of(a, text, sizeof(text) - 1)

static void a_question_has_its_name_and_type(void **state)
{
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x01", "\x00") QUESTION), PARSE_DONE);
    assert_string_equal(message.name, "good.example");
    assert_int_equal(message.type, DNS_TYPE_A);
    assert_int_equal(message.id, 0x510b);
    assert_false(message.is_answer);
    assert_int_equal(message.num_addresses, 0);
}

static void an_answer_has_the_addresses_behind_an_alias(void **state)
{
    assert_int_equal(READ(*state, HEADER("\x81\x80", "\x01", "\x03") QUESTION
                          "\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01"
                          "a\xc0\x11"                                                        /* good.example CNAME a.example */
                          "\xc0\x2a\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x09" /* a.example A 127.0.0.9 */
                          "\xc0\x2a\x00\x1c\x00\x01\x00\x00\x00\x3c\x00\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"),
                     PARSE_DONE);
    assert_true(message.is_answer);
    assert_int_equal(message.code, DNS_NO_ERROR);
    assert_int_equal(message.num_addresses, 2);
    assert_int_equal(message.addresses[0].len, 4);
    assert_memory_equal(message.addresses[0].bytes, "\x7f\x00\x00\x09", 4);
    assert_int_equal(message.addresses[1].len, 16);
}

static void an_answer_says_that_there_is_no_such_name(void **state)
{
    assert_int_equal(READ(*state, HEADER("\x81\x83", "\x01", "\x00") QUESTION), PARSE_DONE);
    assert_int_equal(message.code, DNS_NAME_ERROR);
    assert_int_equal(READ(*state, HEADER("\x83\x80", "\x01", "\x00") QUESTION), PARSE_DONE);
    assert_true(message.is_cut);
}

static void a_cut_answer_gives_what_came(void **state)
{
    assert_int_equal(READ(*state, HEADER("\x81\x80", "\x01", "\x02") QUESTION
                          "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x09\xc0\x0c\x00\x01\x00\x01"),
                     PARSE_DONE);
    assert_int_equal(message.num_addresses, 1);
}

static void what_is_no_message_is_refused(void **state)
{
    assert_int_equal(READ(*state, ""), PARSE_BAD);
    assert_int_equal(READ(*state, "\x51\x0b\x01"), PARSE_BAD);
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x00", "\x00")), PARSE_BAD);          /* no question */
    assert_int_equal(READ(*state, HEADER("\x28\x00", "\x01", "\x00") QUESTION), PARSE_BAD); /* an update, RFC 2136 */
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x01", "\x00") "\x04goo"), PARSE_BAD);
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x01", "\x00") "\x84good\x00\x00\x01\x00\x01"), PARSE_BAD);
}

static void pointers_that_go_round_are_refused(void **state)
{
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x01", "\x00") "\xc0\x0c\x00\x01\x00\x01"), PARSE_BAD); /* to itself */
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x01", "\x00") "\x01"
                                                                     "a\xc0\x0c\x00\x01\x00\x01"),
                     PARSE_BAD);
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x01", "\x00") "\xc0\x0e\xc0\x0c\x00\x01\x00\x01"), PARSE_BAD); /* forward */
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x01", "\x00") "\xff\xff\x00\x01\x00\x01"), PARSE_BAD);
}

static void a_name_that_is_too_long_is_refused(void **state)
{
    char bytes[12 + 5 * 64 + 5] = HEADER("\x01\x00", "\x01", "\x00");
    for (size_t i = 0; i < 5; i++) {
        bytes[12 + i * 64] = 63;
        memset(bytes + 12 + i * 64 + 1, 'a', 63);
    }
    assert_int_equal(read_bytes_of(*state, bytes, sizeof bytes), PARSE_BAD);
}

static void bytes_that_are_no_text_are_written_in_decimals(void **state)
{
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x01", "\x00") "\x05"
                                                                     "a.\x1b\\b\x00\x00\x01\x00\x01"),
                     PARSE_DONE);
    assert_string_equal(message.name, "a\\046\\027\\092b");
    assert_int_equal(READ(*state, HEADER("\x01\x00", "\x01", "\x00") "\x00\x00\x02\x00\x01"), PARSE_DONE);
    assert_string_equal(message.name, ""); /* the root */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_question_has_its_name_and_type),
        WITH_ARENA(an_answer_has_the_addresses_behind_an_alias),
        WITH_ARENA(an_answer_says_that_there_is_no_such_name),
        WITH_ARENA(a_cut_answer_gives_what_came),
        WITH_ARENA(what_is_no_message_is_refused),
        WITH_ARENA(pointers_that_go_round_are_refused),
        WITH_ARENA(a_name_that_is_too_long_is_refused),
        WITH_ARENA(bytes_that_are_no_text_are_written_in_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
