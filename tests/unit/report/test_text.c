#include "../with_arena.h"

#include "report/report.h"
#include "sample.h"
#include <string.h>

static const char as_it_reads[] = "\n"
                                  "tlswhy: 1 of 1 TLS connection failed\n"
                                  "\n"
                                  "  api.example.com:443 (192.0.2.7)   from node[4242]\n"
                                  "\n"
                                  "  The client is too old for this server: it offers TLS 1.0 at most, the server\n"
                                  "  wants TLS 1.2 or later.\n"
                                  "\n"
                                  "               SSL 3.0   TLS 1.0   TLS 1.1   TLS 1.2   TLS 1.3\n"
                                  "    client        ?         x         -         -         -\n"
                                  "    server        -         -         -         x         x\n"
                                  "\n"
                                  "  Proof  (24 connections, 0.21 s)\n"
                                  "    the client's hello, unchanged  alert protocol_version (70)     5 of 5\n"
                                  "    the same, offering TLS 1.2     ServerHello TLS 1.2             5 of 5\n"
                                  "\n"
                                  "  What to do  (not tried here)\n"
                                  "    client  Use a newer Node.js.\n"
                                  "            $ node --version\n"
                                  "\n"
                                  "  More about it: tlswhy explain client-version-too-old\n";

static void the_story_reads_as_it_should(void **state)
{
    arena *a = *state;
    assert_string_equal(report_to_text(a, sample_report(a, "api.example.com"), false, 80, false), as_it_reads);
}

static size_t widest_line(const char *text)
{
    size_t widest = 0;
    for (; *text != '\0'; text += strcspn(text, "\n") + 1)
        if (strcspn(text, "\n") > widest)
            widest = strcspn(text, "\n");
    return widest;
}

/* The first line wider than that which could have been broken: it has two words, and its last does not begin at its indent. */
static const char *line_too_wide(arena *a, const char *text, size_t columns)
{
    for (; *text != '\0'; text += strcspn(text, "\n") + 1) {
        size_t len = strcspn(text, "\n"), indent = strspn(text, " ");
        bool has_blank = indent < len && memchr(text + indent, ' ', len - indent) != NULL;
        if (len > columns && has_blank && text[indent] != '$')
            return bytes_to_text(a, bytes_from(text, len));
    }
    return NULL;
}

static void assert_fits(arena *a, const report *r)
{
    static const size_t widths[] = {40, 50, 60, 72, 80, 200};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const char *text = report_to_text(a, r, false, widths[i], true), *line = line_too_wide(a, text, widths[i]);
        if (line != NULL)
            fail_msg("at %zu columns: %s\n%s", widths[i], line, text);
    }
}

static void no_line_is_wider_than_the_terminal(void **state)
{
    arena *a = *state;
    assert_true(widest_line(report_to_text(a, sample_report(a, "api.example.com"), false, 80, false)) <= 80);
    assert_fits(a, sample_report(a, "api.example.com"));
    assert_fits(a, sample_long_report(a));
}

static void an_unknown_cause_fits_the_terminal_as_well(void **state)
{
    arena *a = *state;
    report *r = sample_long_report(a);
    verdict *v = ARENA_NEW(a, verdict);
    *v = *r->connections[0].verdict;
    v->cause = "unknown", v->proof = PROOF_NONE;
    r->connections[0].verdict = v;
    assert_fits(a, r);
}

static void what_is_longer_than_a_kilobyte_is_not_cut(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    char *command = arena_printf(a, "openssl %01500d end", 0);
    r->connections[0].verdict->remedies[0].command = command;
    assert_non_null(strstr(report_to_text(a, r, false, 80, false), command));
}

static void a_connection_by_a_proxy_is_called_by_where_it_led(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    evidence *e = ARENA_NEW(a, evidence);
    conversation *c = ARENA_NEW(a, conversation);
    *e = *r->connections[0].evidence, *c = *e->failed;
    c->preamble = (preamble){.protocol = PROTOCOL_HTTP_CONNECT, .authority = bytes_from_text("api.example.com:443")};
    e->failed = c, e->port = 3128;
    r->connections[0].evidence = e;
    assert_non_null(strstr(report_to_text(a, r, false, 80, false), "api.example.com:443 (by the proxy 192.0.2.7:3128)"));
}

static void who_ended_it_is_told_however_much_came_before(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    verdict *v = ARENA_NEW(a, verdict);
    *v = (verdict){.cause = "unknown", .headline = "The cause is not known."};
    r->connections[0].verdict = v;
    evidence *e = ARENA_NEW(a, evidence);
    conversation *c = ARENA_NEW(a, conversation);
    *e = *r->connections[0].evidence, *c = *e->failed;
    while (c->num_events < CONVERSATION_EVENTS_MAX - 1)
        c->events[c->num_events++] = (event){.at_us = 30000, .side = SIDE_SERVER, .kind = EVENT_PROTECTED_RECORD, .len = 100};
    c->events[c->num_events++] = (event){.at_us = 40000, .side = SIDE_SERVER, .kind = EVENT_STREAM_END, .code = STREAM_RESET};
    e->failed = c;
    r->connections[0].evidence = e;
    const char *text = report_to_text(a, r, false, 80, false);
    assert_non_null(strstr(text, "40.0 ms  server  reset the connection (RST)"));
    assert_non_null(strstr(text, "... 40 more ..."));
}

static void without_color_there_is_no_escape(void **state)
{
    arena *a = *state;
    assert_null(strchr(report_to_text(a, sample_report(a, "api.example.com"), false, 80, false), '\033'));
    assert_non_null(strchr(report_to_text(a, sample_report(a, "api.example.com"), true, 80, false), '\033'));
}

static void a_hostile_name_does_not_reach_the_terminal(void **state)
{
    arena *a = *state;
    const char *text = report_to_text(a, sample_report(a, "a\033]0;owned\007b"), false, 80, false);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\007'));
    assert_non_null(strstr(text, "a\\x1B]0;owned\\x07b"));
}

static void where_nothing_failed_nothing_is_said(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    r->connections[0].outcome = OUTCOME_OK;
    r->exit_status = 0;
    assert_string_equal(report_to_text(a, r, false, 80, false), "");
    r->exit_status = 1; /* the command failed: for another reason, which is worth a line */
    assert_string_equal(report_to_text(a, r, false, 80, false), "\ntlswhy: no TLS connection failed (1 seen)\n");
    assert_non_null(strstr(report_to_text(a, r, false, 80, true), "no TLS connection failed (1 seen)"));
}

static void the_same_failure_again_is_counted_and_not_repeated(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    r->connections[1] = r->connections[0];
    r->connections[1].same_as = 1;
    r->num_connections = 2;
    const char *text = report_to_text(a, r, false, 80, false);
    assert_non_null(strstr(text, "2 of 2 TLS connections failed"));
    assert_non_null(strstr(text, "and 1 more, the same"));
}

static void an_unknown_cause_is_told_with_all_that_was_seen(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    verdict *v = ARENA_NEW(a, verdict);
    *v = (verdict){.cause = "unknown", .headline = "The cause is not known."};
    r->connections[0].verdict = v;
    assert_non_null(strstr(report_to_text(a, r, false, 80, false), "21.3 ms  server  alert protocol_version (70), 2 bytes"));
}

static void what_was_not_observed_is_said_where_the_command_failed_and_no_connection_did(void **state)
{
    arena *a = *state;
    report *r = sample_long_report(a);
    r->num_connections = r->num_notes = 0;
    assert_non_null(strstr(report_to_text(a, r, false, 80, false), "HTTP/3"));
    r->exit_status = 0;
    assert_string_equal(report_to_text(a, r, false, 80, false), "");
}

static void a_connection_that_nobody_missed_is_told_when_asked_for_with_what_became_of_it(void **state)
{
    arena *a = *state;
    report *r = sample_report(a, "api.example.com");
    evidence *e = ARENA_NEW(a, evidence);
    *e = (evidence){.host = "api.example.com", .port = 443, .tcp = TCP_REFUSED};
    r->exit_status = 0;
    r->connections[0] = (report_connection){.evidence = e, .address = "192.0.2.7", .outcome = OUTCOME_ABANDONED};
    assert_string_equal(report_to_text(a, r, false, 80, false), "");
    assert_non_null(
        strstr(report_to_text(a, r, false, 80, true), "abandoned   api.example.com:443 (192.0.2.7)  nothing listens there"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_story_reads_as_it_should),
        WITH_ARENA(no_line_is_wider_than_the_terminal),
        WITH_ARENA(an_unknown_cause_fits_the_terminal_as_well),
        WITH_ARENA(what_is_longer_than_a_kilobyte_is_not_cut),
        WITH_ARENA(a_connection_by_a_proxy_is_called_by_where_it_led),
        WITH_ARENA(who_ended_it_is_told_however_much_came_before),
        WITH_ARENA(without_color_there_is_no_escape),
        WITH_ARENA(a_hostile_name_does_not_reach_the_terminal),
        WITH_ARENA(where_nothing_failed_nothing_is_said),
        WITH_ARENA(the_same_failure_again_is_counted_and_not_repeated),
        WITH_ARENA(an_unknown_cause_is_told_with_all_that_was_seen),
        WITH_ARENA(what_was_not_observed_is_said_where_the_command_failed_and_no_connection_did),
        WITH_ARENA(a_connection_that_nobody_missed_is_told_when_asked_for_with_what_became_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
