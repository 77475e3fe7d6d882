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
        cmocka_unit_test(an_answer_has_a_body_or_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
