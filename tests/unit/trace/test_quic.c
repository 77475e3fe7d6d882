/* Which sockets are looked at for QUIC, and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace/quic.h"

static void the_first_datagrams_of_a_socket_are_looked_at(void **state)
{
    quic_looks q = {.next = 0};
    size_t num = 0;
    (void)state;
    for (int i = 0; i < 1000; i++)
        num += quic_wants_look(&q, 7) ? 1 : 0;
    assert_int_equal(num, 16);
    assert_true(quic_wants_look(&q, 8));
}

static void what_is_no_socket_is_not_looked_at(void **state)
{
    quic_looks q = {.next = 0};
    (void)state;
    assert_false(quic_wants_look(&q, 0));
}

static void many_sockets_take_each_others_places(void **state)
{
    quic_looks q = {.next = 0};
    (void)state;
    for (uint64_t inode = 1; inode <= 3 * QUIC_SOCKETS_MAX; inode++)
        assert_true(quic_wants_look(&q, inode));
    assert_true(quic_wants_look(&q, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_datagrams_of_a_socket_are_looked_at),
        cmocka_unit_test(what_is_no_socket_is_not_looked_at),
        cmocka_unit_test(many_sockets_take_each_others_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
