/* What is kept of look-ups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace/lookups.h"

#include <stdio.h>
#include <string.h>

static lookup_log kept;
static name_socket server_socket;

static int set_up(void **state)
{
    (void)state;
    kept = (lookup_log){0};
    server_socket = (name_socket){.inode = 7};
    return address_from_text("127.0.0.1", 53, &server_socket.server) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lookups_free(&kept);
    return 0;
}

/* A question for NAME (one label), or its answer with a code and addresses 10.0.0.FIRST and on. */
static bytes_view made(const char *name, bool is_answer, uint8_t code, uint8_t first, uint8_t num)
{
    static uint8_t bytes[512];
    size_t len = strlen(name), at = 12;
    memset(bytes, 0, sizeof bytes);
    bytes[2] = is_answer ? 0x81 : 0x01;
    bytes[3] = (uint8_t)(is_answer ? 0x80 | code : 0);
    bytes[5] = 1;
    bytes[7] = num;
    bytes[at++] = (uint8_t)len;
    memcpy(bytes + at, name, len);
    at += len + 1;
    memcpy(bytes + at, "\0\1\0\1", 4);
    at += 4;
    for (uint8_t i = 0; i < num; i++) {
        memcpy(bytes + at, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0", 15);
        bytes[at + 15] = (uint8_t)(first + i);
        at += 16;
    }
    return bytes_from(bytes, at);
}

static trace_lookup *note(int pid, bytes_view message, int64_t now_us)
{
    return lookups_note(&kept, pid, &server_socket, message, now_us);
}

static void a_question_and_its_answer_are_one_lookup(void **state)
{
    (void)state;
    assert_non_null(note(1, made("good", false, 0, 0, 0), 100));
    assert_non_null(note(1, made("good", true, 0, 9, 1), 200));
    assert_int_equal(kept.num, 1);
    assert_string_equal(kept.list[0].name, "good");
    assert_int_equal(kept.list[0].asked_us, 100);
    assert_int_equal(kept.list[0].answered_us, 200);
    assert_int_equal(kept.list[0].num_addresses, 1);
}

static void another_process_has_its_own(void **state)
{
    (void)state;
    (void)note(1, made("good", true, 0, 9, 1), 1);
    (void)note(2, made("good", true, 3, 0, 0), 2);
    assert_int_equal(kept.num, 2);
    assert_int_equal(kept.list[1].code, DNS_NAME_ERROR);
    assert_int_equal(kept.list[1].num_addresses, 0);
}

static void of_addresses_the_latest_are_kept(void **state)
{
    (void)state;
    for (uint8_t i = 1; i <= 20; i++)
        (void)note(1, made("good", true, 0, i, 1), i);
    assert_int_equal(kept.list[0].num_addresses, LOOKUP_ADDRESSES_MAX);
    address last;
    assert_true(address_from_text("10.0.0.20", 0, &last));
    assert_true(address_equal(&kept.list[0].addresses[LOOKUP_ADDRESSES_MAX - 1], &last));
}

static void of_names_the_latest_are_kept(void **state)
{
    char name[16];
    (void)state;
    for (int i = 0; i < (int)LOOKUPS_MAX + 10; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        (void)note(1, made(name, false, 0, 0, 0), i);
    }
    assert_int_equal(kept.num, LOOKUPS_MAX);
    assert_string_equal(kept.list[0].name, "n512");
    assert_string_equal(kept.list[10].name, "n10");
}

static void what_is_no_message_is_passed_over(void **state)
{
    (void)state;
    assert_null(note(1, bytes_from("x", 1), 1));
    assert_null(note(1, bytes_from(NULL, 0), 1));
    assert_int_equal(kept.num, 0);
}

static void a_refusal_is_that_of_the_sockets_questions(void **state)
{
    (void)state;
    (void)note(1, made("good", false, 0, 0, 0), 1);
    lookups_note_refused(&kept, 8);
    assert_false(kept.list[0].is_refused);
    lookups_note_refused(&kept, 7);
    assert_true(kept.list[0].is_refused);
}

static void sockets_are_found_by_their_inode(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= NAME_SOCKETS_MAX + 1; i++)
        lookups_add_socket(&kept, i, &server_socket.server);
    assert_null(lookups_find_socket(&kept, 1)); /* forgotten */
    assert_non_null(lookups_find_socket(&kept, 2));
    assert_null(lookups_find_socket(&kept, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_question_and_its_answer_are_one_lookup, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_process_has_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_addresses_the_latest_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_names_the_latest_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_message_is_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_is_that_of_the_sockets_questions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sockets_are_found_by_their_inode, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
