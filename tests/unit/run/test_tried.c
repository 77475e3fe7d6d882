/* A client that is tried: when it has shown that it is content, and what it says where it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/refusal.h"
#include "run/tried.h"

static conversation finished(uint16_t version)
{
    return (conversation){.has_hello = true,
                          .client_spoke_tls = true,
                          .has_server_hello = true,
                          .server_hello = {.version = version},
                          .phase = PHASE_ESTABLISHED};
}

static trace_connection connection_of(conversation *c)
{
    return (trace_connection){.tcp_state = TRACE_CONNECTED, .began_us = 1000, .connected_us = 1000, .conversation = c};
}

static void one_that_asked_and_was_answered_is_content_unless_it_leaves_at_once(void **state)
{
    (void)state;
    conversation c = finished(0x0303);
    trace_connection t = connection_of(&c);
    tried one;
    tried_begin(&one, &t, 0);
    assert_false(tried_look(&one, 10000));
    c.established_data[SIDE_CLIENT] = c.established_data[SIDE_SERVER] = true;
    assert_false(tried_look(&one, 20000));
    assert_true(tried_look(&one, 200000));
    assert_true(one.went_well);

    conversation left = finished(0x0303);
    trace_connection gone = connection_of(&left);
    tried_begin(&one, &gone, 0);
    left.established_data[SIDE_CLIENT] = true;
    assert_false(tried_look(&one, 20000));
    left.has_first_end = true;
    left.first_end = SIDE_CLIENT;
    left.events[0] = (event){.at_us = 21000, .side = SIDE_CLIENT, .kind = EVENT_STREAM_END};
    left.num_events = 1;
    assert_false(tried_look(&one, 200000));
    assert_null(one.connection);
}

static void one_that_is_not_answered_is_content_once_a_refusal_would_have_come(void **state)
{
    (void)state;
    conversation c = finished(0x0304);
    trace_connection t = connection_of(&c);
    tried one;
    tried_begin(&one, &t, 0);
    c.established_data[SIDE_CLIENT] = true;
    assert_false(tried_look(&one, 0));
    assert_false(tried_look(&one, 900000));
    assert_true(tried_look(&one, 1100000));
}

static void a_line_about_the_certificate_is_found_among_others(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const char *const refused[] = {
        "cd: Fatal error: Certificate verification: The certificate is NOT trusted. The certificate issuer is unknown.  (EE:5E)",
        "cd: Fatal error: Certificate verification: certificate common name doesn't match requested host name 'x'",
        "This SSL session was rejected: self-signed certificate",
        "ERROR: The certificate of 'localhost' hasn't got a known issuer.",
        "The certificate's owner does not match hostname 'localhost'",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_string_equal(refusal_in_words(a, bytes_from_text(arena_printf(a, "hello\n%s\r\nbye\n", refused[i]))), refused[i]);
    static const char *const others[] = {"", "Ncat: Input/output error.\n", "depth=0 CN = localhost\nverify return:1\nDONE\n",
                                         "- Status: The certificate is trusted.\n"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(refusal_in_words(a, bytes_from_text(others[i])));
    arena_free(a);
}

static void the_last_that_is_said_is_no_frame_of_a_stack(void **state)
{
    (void)state;
    arena *a = arena_new();
    static const struct {
        const char *written, *last;
    } said[] = {
        {"one\ntwo \n  \n\n", "two"},
        {"-e:1:in `connect': it failed (OpenSSL::SSL::SSLError)\n\tfrom -e:1:in `<main>'\n",
         "-e:1:in `connect': it failed (OpenSSL::SSL::SSLError)"},
        {"Exception in thread \"main\" a.B: it failed\n\tat Get.main(Unknown Source)\nCaused by: c.D: why\r\n\t... 24 more\r\n",
         "Caused by: c.D: why"},
        {"  one\n\ttwo\t\n", "two"},
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        assert_string_equal(refusal_last_line(a, bytes_from_text(said[i].written)), said[i].last);
    assert_null(refusal_last_line(a, bytes_from_text("\n \n")));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_asked_and_was_answered_is_content_unless_it_leaves_at_once),
        cmocka_unit_test(one_that_is_not_answered_is_content_once_a_refusal_would_have_come),
        cmocka_unit_test(a_line_about_the_certificate_is_found_among_others),
        cmocka_unit_test(the_last_that_is_said_is_no_frame_of_a_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
