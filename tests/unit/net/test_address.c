/* Addresses as values: text, equality across families, and the names that a hosts file gives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static address at(const char *text, uint16_t port)
{
    address out;
    assert_true(address_from_text(text, port, &out));
    return out;
}

static void assert_written(const char *text, const char *expected)
{
    arena *a = arena_new();
    address addr = at(text, 443);
    assert_string_equal(address_to_text(a, &addr), expected);
    assert_int_equal(address_port(&addr), 443);
    arena_free(a);
}

static void numeric_text_is_read_and_written(void **state)
{
    (void)state;
    assert_written("192.0.2.7", "192.0.2.7");
    assert_written("2001:DB8:0:0::1", "2001:db8::1");
    assert_written("::1", "::1");
    assert_written("::ffff:192.0.2.7", "192.0.2.7");
    assert_written("fe80::1%lo", "fe80::1%lo");
    assert_written("fe80::1%4294967295", "fe80::1%4294967295");
}

static void text_that_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "localhost",
                                        "192.0.2",
                                        "192.0.2.7.1",
                                        "0x7f.1",
                                        "192.0.2.7%lo",
                                        "1:2",
                                        "::g",
                                        "[::1]",
                                        "::1%",
                                        "::1%nosuchinterface",
                                        " 192.0.2.7",
                                        "192.0.2.7 ",
                                        "::1%18446744073709551617",
                                        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee:ffff:0"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        address out;
        assert_false(address_from_text(texts[i], 443, &out));
        assert_int_equal(out.len, 0);
    }
}

static void equality_counts_the_port_and_sees_through_mapped_addresses(void **state)
{
    (void)state;
    address v4 = at("192.0.2.7", 443), other_port = at("192.0.2.7", 444), mapped = at("::ffff:192.0.2.7", 443),
            v6 = at("2001:db8::1", 443);
    assert_true(address_equal(&v4, &v4));
    assert_true(address_equal(&v4, &mapped));
    assert_true(address_equal(&mapped, &v4));
    assert_false(address_equal(&v4, &other_port));
    assert_false(address_equal(&v4, &v6));
    assert_false(address_equal(&v4, &(address){0}));
    assert_true(address_equal(&(address){0}, &(address){0}));
}

static void bytes_of_the_wire_become_an_address(void **state)
{
    address four = at("192.0.2.7", 443), six = at("2001:db8::7", 443), read;
    (void)state;
    assert_true(address_from_bytes(bytes_from("\xc0\x00\x02\x07", 4), 443, &read));
    assert_true(address_equal(&read, &four));
    assert_true(address_from_bytes(bytes_from("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07", 16), 443, &read));
    assert_true(address_equal(&read, &six));
    assert_false(address_from_bytes(bytes_from("\xc0\x00\x02", 3), 443, &read));
}

static void the_same_host_may_have_another_port(void **state)
{
    address one = at("192.0.2.7", 443), other = at("::ffff:192.0.2.7", 80), third = at("192.0.2.8", 443);
    (void)state;
    assert_true(address_same_host(&one, &other));
    assert_false(address_same_host(&one, &third));
}

static void a_scope_that_was_left_out_is_any_scope(void **state)
{
    (void)state;
    address any = at("fe80::1", 443), first = at("fe80::1%1", 443), second = at("fe80::1%2", 443);
    assert_true(address_equal(&any, &first));
    assert_false(address_equal(&first, &second));
}

static void loopback_is_known_in_every_form(void **state)
{
    (void)state;
    static const char *const yes[] = {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.2"};
    static const char *const no[] = {"128.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1", "fe80::1"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        address addr = at(yes[i], 1);
        assert_true(address_is_loopback(&addr));
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        address addr = at(no[i], 1);
        assert_false(address_is_loopback(&addr));
    }
    assert_false(address_is_loopback(&(address){0}));
}

static void a_socket_address_that_is_cut_is_none(void **state)
{
    (void)state;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(443), .sin_addr = {htonl(0xc0000207)}};
    const struct sockaddr *sa = (const struct sockaddr *)&in;
    assert_int_equal(address_from_sockaddr(sa, sizeof in - 1).len, 0);
    assert_int_equal(address_from_sockaddr(sa, 1).len, 0);
    assert_int_equal(address_from_sockaddr(NULL, sizeof in).len, 0);
    assert_int_equal(address_from_sockaddr(sa, sizeof(struct sockaddr_storage) + 1).len, 0);
    address whole = address_from_sockaddr(sa, sizeof in), read = at("192.0.2.7", 443);
    assert_true(address_equal(&whole, &read));
}

static void an_address_of_another_family_is_said_to_be_one(void **state)
{
    (void)state;
    arena *a = arena_new();
    struct sockaddr sa = {.sa_family = AF_UNIX};
    address addr = address_from_sockaddr(&sa, sizeof sa);
    assert_string_equal(address_to_text(a, &addr), "an address that is not IP");
    assert_string_equal(address_to_text(a, &(address){0}), "no address");
    assert_int_equal(address_port(&addr), 0);
    assert_false(address_is_loopback(&addr));
    arena_free(a);
}

/* ---- hosts files ------------------------------------------------------------------------------------------------- */

static void assert_names(const char *hosts, const char *addr_text, const char *expected)
{
    arena *a = arena_new();
    const char **names;
    address addr = at(addr_text, 443);
    size_t num_names = address_names_in_hosts_text(a, &addr, bytes_from_text(hosts), &names);
    char joined[256] = "";
    for (size_t i = 0; i < num_names; i++)
        (void)snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", i == 0 ? "" : " ", names[i]);
    assert_string_equal(joined, expected);
    arena_free(a);
}

static void names_come_in_the_order_of_the_file(void **state)
{
    (void)state;
    assert_names("127.0.0.1 localhost\n192.0.2.7 api.example.com\tapi # ours\r\n# 192.0.2.7 no\n192.0.2.7 second", "192.0.2.7",
                 "api.example.com api second");
}

static void a_mapped_address_has_the_names_of_its_ipv4(void **state)
{
    (void)state;
    assert_names("192.0.2.7 api\n::ffff:192.0.2.7 mapped\n2001:db8::1 six\n", "::ffff:192.0.2.7", "api mapped");
    assert_names("2001:DB8::0:1 six\n", "2001:db8::1", "six");
}

static void lines_that_say_nothing_are_passed_over(void **state)
{
    (void)state;
    assert_names("", "192.0.2.7", "");
    assert_names("\n\n192.0.2.7\n192.0.2.7 #\n192.0.2.7x no\n\xff\xfe\n192.0.2.7 yes", "192.0.2.7", "yes");
}

static void a_hostile_hosts_file_is_bounded(void **state)
{
    (void)state;
    arena *a = arena_new();
    buffer text;
    buffer_init(&text, 4 * 1024 * 1024);
    assert_true(buffer_append(&text, "192.0.2.7", 9));
    for (int i = 0; i < 200000; i++)
        assert_true(buffer_append(&text, " n", 2));
    assert_true(buffer_append(&text, "\n192.0.2.8 ", 11));
    for (int i = 0; i < 300; i++)
        assert_true(buffer_append(&text, "x", 1));
    assert_true(buffer_append(&text, " \0 ok", 5));
    const char **names;
    address many = at("192.0.2.7", 1), longest = at("192.0.2.8", 1);
    assert_int_equal(address_names_in_hosts_text(a, &many, buffer_view(&text), &names), ADDRESS_NAMES_MAX);
    assert_int_equal(address_names_in_hosts_text(a, &longest, buffer_view(&text), &names), 2);
    assert_string_equal(names[1], "ok");
    assert_true(arena_size(a) < 200000);
    buffer_free(&text);
    arena_free(a);
}

static void the_machine_s_own_hosts_file_knows_loopback(void **state)
{
    (void)state;
    arena *a = arena_new();
    const char **names;
    address addr = at("127.0.0.1", 443);
    size_t num_names = address_names_in_hosts_file(a, &addr, &names);
    for (size_t i = 0; i < num_names; i++)
        assert_true(strlen(names[i]) > 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numeric_text_is_read_and_written),
        cmocka_unit_test(text_that_is_no_address_is_refused),
        cmocka_unit_test(equality_counts_the_port_and_sees_through_mapped_addresses),
        cmocka_unit_test(bytes_of_the_wire_become_an_address),
        cmocka_unit_test(the_same_host_may_have_another_port),
        cmocka_unit_test(a_scope_that_was_left_out_is_any_scope),
        cmocka_unit_test(loopback_is_known_in_every_form),
        cmocka_unit_test(a_socket_address_that_is_cut_is_none),
        cmocka_unit_test(an_address_of_another_family_is_said_to_be_one),
        cmocka_unit_test(names_come_in_the_order_of_the_file),
        cmocka_unit_test(a_mapped_address_has_the_names_of_its_ipv4),
        cmocka_unit_test(lines_that_say_nothing_are_passed_over),
        cmocka_unit_test(a_hostile_hosts_file_is_bounded),
        cmocka_unit_test(the_machine_s_own_hosts_file_knows_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
