/* A file asked for by HTTP: what may be asked for, the words of it, and answers of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/http_file.h"

static void what_could_break_the_request_is_not_asked_for(void **state)
{
    static const char *const refused[] = {"ldap://ca.example/cn=CA",
                                          "https://ca.example/a.cer",
                                          "http://",
                                          "http://ca.example/a b",
                                          "http://ca.example/a\r\nHost: other",
                                          "http://user:password@ca.example/",
                                          "http://ca.example/'quoted'",
                                          "http://ca.example/\x80"};
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(http_file_can_be_asked(refused[i]));
    assert_true(http_file_can_be_asked("http://ca.example/a.cer"));
    assert_true(http_file_can_be_asked("HTTP://[2001:db8::1]:8080/a?b=c&d=%20"));
}

static void asked(const char *uri, bool by_proxy, const char *first_lines)
{
    arena *a = arena_new();
    assert_true(bytes_start_with(http_file_request(a, uri, by_proxy), first_lines));
    arena_free(a);
}

static void the_path_goes_to_a_server_and_the_whole_address_to_a_proxy(void **state)
{
    (void)state;
    asked("http://ca.example:8080/a?b#c", false, "GET /a?b HTTP/1.0\r\nHost: ca.example:8080\r\n");
    asked("http://ca.example", false, "GET / HTTP/1.0\r\nHost: ca.example\r\n");
    asked("http://ca.example?b", false, "GET /?b HTTP/1.0\r\n");
    asked("http://ca.example/a", true, "GET http://ca.example/a HTTP/1.0\r\nHost: ca.example\r\n");
}

/* The body, or the problem where there is none. */
static void answered(const char *received, int status, const char *expected)
{
    arena *a = arena_new();
    http_file_answer got = http_file_answer_read(a, bytes_from_text(received));
    assert_int_equal(got.status, status);
    assert_string_equal(got.problem != NULL ? got.problem : bytes_to_text(a, got.body), expected);
    assert_true((got.problem == NULL) == (got.body.len > 0));
    arena_free(a);
}

static void led_on(const char *received, const char *location)
{
    arena *a = arena_new();
    http_file_answer got = http_file_answer_read(a, bytes_from_text(received));
    if (location == NULL)
        assert_null(got.location);
    else
        assert_string_equal(got.location, location);
    assert_non_null(got.problem);
    arena_free(a);
}

static void where_it_is_elsewhere_is_said(void **state)
{
    (void)state;
    led_on("HTTP/1.1 301 Moved\r\nlocation: http://b.example/x\r\n\r\n", "http://b.example/x");
    led_on("HTTP/1.1 308 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "/x");
    led_on("HTTP/1.1 304 Not Modified\r\nLocation: /x\r\n\r\n", NULL);
    led_on("HTTP/1.1 302 Found\r\n\r\nLocation: /in-the-body", NULL);
}

static void leads(const char *location, const char *expected)
{
    arena *a = arena_new();
    const char *got = http_file_led_on(a, "http://a.example:8080/one?two#three", location);
    if (expected == NULL)
        assert_null(got);
    else
        assert_string_equal(got, expected);
    arena_free(a);
}

static void only_plain_http_is_led_on_to(void **state)
{
    (void)state;
    leads("/x.cer", "http://a.example:8080/x.cer");
    leads("http://b.example/x", "http://b.example/x");
    leads("https://b.example/x", NULL);
    leads("//b.example/x", NULL);
    leads("x.cer", NULL);
    leads("/x\x1b[31m", NULL);
    leads("file:///etc/passwd", NULL);
    leads("", NULL);
}

static void an_answer_has_a_body_or_a_problem(void **state)
{
    (void)state;
    answered("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyand more", 200, "body");
    answered("HTTP/1.0 200 OK\r\n\r\nbody to the end", 200, "body to the end");
    answered("HTTP/1.0 200 OK\r\ncontent-length:  9\r\n\r\nbody", 200, "the answer was cut");
    answered("HTTP/1.0 200 OK\r\n\r\n", 200, "the file is empty");
    answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore", 200, "the file is empty");
    answered("HTTP/1.1 404 Not Found\r\n\r\nbody", 404, "the answer was HTTP status 404");
    answered("HTTP/1.1 301 Moved\r\nLocation: https://ca.example/\r\n\r\n", 301, "the answer was HTTP status 301");
    answered("HTTP/1.1 200 OK\r\nContent-Len", 0, "what came back is no answer of HTTP");
    answered("HTTP/1.1 what\r\n\r\n", 0, "what came back is no answer of HTTP");
    answered("SSH-2.0-x\r\n\r\n", 0, "what came back is no answer of HTTP");
    answered("", 0, "nothing came back");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_could_break_the_request_is_not_asked_for),
        cmocka_unit_test(the_path_goes_to_a_server_and_the_whole_address_to_a_proxy),
        cmocka_unit_test(where_it_is_elsewhere_is_said),
        cmocka_unit_test(only_plain_http_is_led_on_to),
        cmocka_unit_test(an_answer_has_a_body_or_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
