/* Lines of the kernel's table of UDP sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace/datagram_table.h"

static void a_line_tells_ports_and_inode(void **state)
{
    static const char *const v4 =
        "  512: 0100007F:D431 0500007F:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 4711 2 "
        "0000000000000000 0\n";
    static const char *const v6 = "  513: 00000000000000000000000001000000:D432 00000000000000000000000000000000:0000 07 "
                                  "00000000:00000000 00:00000000 00000000     0        0 4712 2 0000000000000000 0\n";
    datagram_row row;
    (void)state;
    assert_true(datagram_row_read(v4, &row));
    assert_int_equal(row.own_port, 0xd431);
    assert_int_equal(row.peer_port, 443);
    assert_int_equal(row.inode, 4711);
    assert_true(datagram_row_read(v6, &row));
    assert_int_equal(row.own_port, 0xd432);
    assert_int_equal(row.peer_port, 0);
    assert_int_equal(row.inode, 4712);
}

static void what_is_no_line_is_none(void **state)
{
    static const char *const lines[] = {"",
                                        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
                                        "  512:",
                                        "  512: 0100007F",
                                        "  512: 0100007F:D431 0500007F:",
                                        "  512: 0100007F:D431 0500007F:01BB 01"};
    datagram_row row;
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_false(datagram_row_read(lines[i], &row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_tells_ports_and_inode),
        cmocka_unit_test(what_is_no_line_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
