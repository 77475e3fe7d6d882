/* How a server is reached: what the user said, and the script that comes of it. */
#include "flow/route.h"
#include "situation.h"

#include <string.h>

static route proxy_of(talk *t, const char *url)
{
    route r = {0};
    error e;
    assert_true(route_take_proxy(t->arena, url, &r, &e));
    return r;
}

static void assert_no_proxy(talk *t, const char *url, const char *part)
{
    route r = {0};
    error e;
    assert_false(route_take_proxy(t->arena, url, &r, &e));
    assert_non_null(strstr(e.message, part));
    assert_null(strstr(e.message, "secret"));
}

static void a_straight_way_has_no_script(void **state)
{
    talk *t = *state;
    route r = {0};
    assert_false(route_has_proxy(&r));
    assert_int_equal(route_script(t->arena, &r, "a.example", 443).num_steps, 0);
    assert_null(route_proxy_text(t->arena, &r));
}

static void proxies_are_read(void **state)
{
    talk *t = *state;
    route r = proxy_of(t, "HTTP://proxy.example/");
    assert_int_equal(r.proxy, PROTOCOL_HTTP_CONNECT);
    assert_string_equal(r.proxy_host, "proxy.example");
    assert_int_equal(r.proxy_port, 3128);
    assert_null(r.user);
    r = proxy_of(t, "socks5h://[2001:db8::1]:99");
    assert_int_equal(r.proxy, PROTOCOL_SOCKS5);
    assert_string_equal(r.proxy_host, "2001:db8::1");
    assert_int_equal(r.proxy_port, 99);
    assert_string_equal(route_proxy_text(t->arena, &r), "socks5://[2001:db8::1]:99");
    assert_int_equal(proxy_of(t, "socks4a://p").proxy, PROTOCOL_SOCKS4);
    assert_int_equal(proxy_of(t, "socks5://p").proxy_port, 1080);
}

static void who_asks_is_read_and_not_shown(void **state)
{
    talk *t = *state;
    route r = proxy_of(t, "http://me:p%40ss%3a@word@proxy.example:8080");
    assert_string_equal(r.user, "me");
    assert_string_equal(r.password, "p@ss:@word");
    assert_string_equal(route_proxy_text(t->arena, &r), "http://proxy.example:8080");
    r = proxy_of(t, "socks5://me@proxy.example");
    assert_string_equal(r.user, "me");
    assert_string_equal(r.password, "");
}

static void what_is_no_proxy_is_refused(void **state)
{
    talk *t = *state;
    assert_no_proxy(t, "https://me:secret@proxy.example", "https://");
    assert_no_proxy(t, "ftp://me:secret@proxy.example", "http://HOST:PORT");
    assert_no_proxy(t, "me:secret@proxy.example", "http://HOST:PORT");
    assert_no_proxy(t, "http://me:secret@", "a host is wanted");
    assert_no_proxy(t, "http://me:secret@p:0", "a host is wanted");
    assert_no_proxy(t, "http://me:secret@p:70000", "a host is wanted");
    assert_no_proxy(t, "http://me:secret@p:80x", "a host is wanted");
    assert_no_proxy(t, "http://me:secret@p:443\r\nEvil: yes", "a host is wanted");
    assert_no_proxy(t, "http://p\r\nEvil", "a host is wanted");
    assert_no_proxy(t, "http://[::1", "a host is wanted");
    assert_no_proxy(t, "socks5://[]:secret", "a host is wanted");
}

static void a_user_name_cannot_be_longer_than_can_be_said(void **state)
{
    talk *t = *state;
    char name[300];
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = 'a';
    name[sizeof name - 1] = '\0';
    assert_no_proxy(t, arena_printf(t->arena, "socks5://%s:secret@p", name), "255 bytes");
}

static void starttls_has_its_names(void **state)
{
    (void)state;
    static const char *const names[] = {"smtp",     "imap",  "pop3",  "ftp",  "ldap", "xmpp",
                                        "postgres", "mysql", "sieve", "nntp", "irc",  "rdp"};
    error e;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        route r = {0};
        assert_true(route_take_starttls(names[i], &r, &e));
        assert_true(protocol_upgrades(r.starttls));
        assert_non_null(strstr(route_starttls_names(), names[i]));
        assert_true(route_port(&r, 443) != 443);
    }
    route r = {0};
    assert_int_equal(route_port(&r, 443), 443);
    assert_false(route_take_starttls("gopher", &r, &e));
    assert_non_null(strstr(e.message, "--starttls gopher: it is one of smtp"));
}

static void all_is_said_in_its_order(void **state)
{
    talk *t = *state;
    error e;
    route r = proxy_of(t, "http://me:pw@proxy.example");
    assert_true(route_take_proxy_header("v1", &r, &e) && route_take_starttls("smtp", &r, &e));
    preamble_script s = route_script(t->arena, &r, "2001:db8::25", 25);
    assert_int_equal(s.num_steps, 6);
    assert_true(bytes_start_with(s.steps[0].send, "CONNECT [2001:db8::25]:25 HTTP/1.1\r\n"));
    assert_true(bytes_contain_ignoring_case(s.steps[0].send, "Basic bWU6cHc=\r\n"));
    assert_int_equal(s.steps[1].expectation, EXPECT_HTTP_HEADER);
    assert_true(bytes_equal(s.steps[2].send, bytes_from_text("PROXY UNKNOWN\r\n")));
    assert_int_equal(s.steps[3].expectation, EXPECT_LINE);
    assert_true(bytes_start_with(s.steps[3].send, "EHLO "));
}

static void the_second_header_is_binary(void **state)
{
    talk *t = *state;
    error e;
    route r = {0};
    assert_true(route_take_proxy_header("v2", &r, &e));
    preamble_script s = route_script(t->arena, &r, "a.example", 443);
    assert_int_equal(s.num_steps, 1);
    assert_true(bytes_equal(s.steps[0].send, bytes_from("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16)));
    assert_false(route_take_proxy_header("v3", &r, &e));
}

static void a_stream_between_servers_says_so(void **state)
{
    talk *t = *state;
    error e;
    route client = {0}, server = {0};
    assert_true(route_take_starttls("xmpp", &client, &e) && route_take_starttls("xmpp-server", &server, &e));
    assert_true(bytes_contain_ignoring_case(route_script(t->arena, &client, "a.example", 5269).steps[0].send, "jabber:client"));
    assert_true(bytes_contain_ignoring_case(route_script(t->arena, &server, "a.example", 443).steps[0].send, "jabber:server"));
    assert_true(bytes_contain_ignoring_case(route_script(t->arena, &client, "a.example", 443).steps[0].send, "to='a.example'"));
    client.domain = "chat.example"; /* a domain is served by hosts of other names */
    assert_true(bytes_contain_ignoring_case(route_script(t->arena, &client, "a.example", 443).steps[0].send, "to='chat.example'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(a_straight_way_has_no_script),
        SITUATION(proxies_are_read),
        SITUATION(who_asks_is_read_and_not_shown),
        SITUATION(what_is_no_proxy_is_refused),
        SITUATION(a_user_name_cannot_be_longer_than_can_be_said),
        SITUATION(starttls_has_its_names),
        SITUATION(all_is_said_in_its_order),
        SITUATION(the_second_header_is_binary),
        SITUATION(a_stream_between_servers_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
