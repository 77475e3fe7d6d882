/* A preamble that is said again: what is sent, what is waited for, and that what is said is what is read. */
#include "situation.h"

static preamble_script script_of(talk *t, enum protocol protocol)
{
    return preamble_script_make(t->arena, protocol, "api.example.com:8443", "api.example.com");
}

static void assert_answered(enum expectation expectation, const char *received, enum preamble_answer answer, size_t len)
{
    size_t answer_len = 0;
    assert_int_equal(preamble_step_answered(expectation, bytes_from_text(received), &answer_len), answer);
    if (answer != PREAMBLE_WAIT)
        assert_int_equal(answer_len, len);
}

static void smtp_waits_for_whole_replies(void **state)
{
    talk *t = *state;
    preamble_script s = script_of(t, PROTOCOL_SMTP);
    assert_int_equal(s.num_steps, 3);
    assert_true(bytes_start_with(s.steps[0].send, "EHLO "));
    assert_true(bytes_equal(s.steps[1].send, bytes_from_text("STARTTLS\r\n")));
    assert_int_equal(s.steps[2].send.len, 0);
    assert_answered(EXPECT_LINE, "", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_LINE, "220 ma", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_LINE, "250-PIPELINING\r\n", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_LINE, "250-PIPELINING\r\n250 OK\r\n", PREAMBLE_YES, 24);
    assert_answered(EXPECT_LINE, "220 a\r\n\x16\x03", PREAMBLE_YES, 7);
    assert_answered(EXPECT_LINE, "120 soon\r\n", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_LINE, "120 soon\r\n220 now\r\n", PREAMBLE_YES, 19);
    assert_answered(EXPECT_LINE, "454 no\r\n", PREAMBLE_NO, 8);
}

static void imap_and_pop3(void **state)
{
    talk *t = *state;
    preamble_script s = script_of(t, PROTOCOL_IMAP);
    assert_true(bytes_equal(s.steps[0].send, bytes_from_text("a1 STARTTLS\r\n")));
    assert_answered(s.steps[0].expectation, "* OK ready\r\n", PREAMBLE_YES, 12);
    assert_answered(s.steps[0].expectation, "* BYE no\r\n", PREAMBLE_NO, 10);
    assert_answered(s.steps[1].expectation, "* 1 EXISTS\r\n", PREAMBLE_WAIT, 0);
    assert_answered(s.steps[1].expectation, "* 1 EXISTS\r\na1 OK go\r\n", PREAMBLE_YES, 22);
    assert_answered(s.steps[1].expectation, "a1 NO way\r\n", PREAMBLE_NO, 11);
    s = script_of(t, PROTOCOL_POP3);
    assert_true(bytes_equal(s.steps[0].send, bytes_from_text("STLS\r\n")));
    assert_answered(s.steps[1].expectation, "+OK\r\n", PREAMBLE_YES, 5);
    assert_answered(s.steps[1].expectation, "-ERR\r\n", PREAMBLE_NO, 6);
}

static void a_proxy_is_asked_without_credentials(void **state)
{
    talk *t = *state;
    preamble_script s = script_of(t, PROTOCOL_HTTP_CONNECT);
    assert_int_equal(s.num_steps, 2);
    assert_int_equal(s.steps[0].expectation, EXPECT_NOTHING);
    assert_true(bytes_equal(s.steps[0].send,
                            bytes_from_text("CONNECT api.example.com:8443 HTTP/1.1\r\nHost: api.example.com:8443\r\n\r\n")));
    assert_answered(EXPECT_NOTHING, "", PREAMBLE_YES, 0);
    assert_answered(EXPECT_HTTP_HEADER, "HTT", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_HTTP_HEADER, "HTTP/1.1 200 OK\r\n", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_HTTP_HEADER, "HTTP/1.1 200 OK\r\n\r\n\x16", PREAMBLE_YES, 19);
    assert_answered(EXPECT_HTTP_HEADER, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200\n\n", PREAMBLE_YES, 39);
    assert_answered(EXPECT_HTTP_HEADER, "HTTP/1.1 407 Who?\r\n\r\n", PREAMBLE_NO, 21);
    assert_answered(EXPECT_HTTP_HEADER, "SSH-2.0", PREAMBLE_NO, 0);
}

static void an_authority_cannot_smuggle_a_line(void **state)
{
    talk *t = *state;
    preamble_script s = preamble_script_make(t->arena, PROTOCOL_HTTP_CONNECT, "a:1\r\nEvil: yes", "a");
    assert_false(bytes_contain_ignoring_case(s.steps[0].send, "evil"));
}

static void socks_takes_names_and_addresses(void **state)
{
    talk *t = *state;
    preamble_script s = script_of(t, PROTOCOL_SOCKS5);
    assert_true(bytes_equal(s.steps[1].send, bytes_from("\x05\x01\x00\x03\x0f"
                                                        "api.example.com"
                                                        "\x20\xfb",
                                                        22)));
    s = preamble_script_make(t->arena, PROTOCOL_SOCKS5, "192.0.2.7:443", "");
    assert_true(bytes_equal(s.steps[1].send, bytes_from("\x05\x01\x00\x01\xc0\x00\x02\x07\x01\xbb", 10)));
    s = preamble_script_make(t->arena, PROTOCOL_SOCKS5, "[2001:db8::7]:443", "");
    assert_int_equal(s.steps[1].send.len, 22);
    assert_int_equal(bytes_at(s.steps[1].send, 3), 4);
}

static void socks_answers(void **state)
{
    (void)state;
    size_t len = 0;
    assert_int_equal(preamble_step_answered(EXPECT_SOCKS5_METHOD, bytes_from("\x05", 1), &len), PREAMBLE_WAIT);
    assert_int_equal(preamble_step_answered(EXPECT_SOCKS5_METHOD, bytes_from("\x05\x00", 2), &len), PREAMBLE_YES);
    assert_int_equal(preamble_step_answered(EXPECT_SOCKS5_METHOD, bytes_from("\x05\xff", 2), &len), PREAMBLE_NO);
    assert_int_equal(preamble_step_answered(EXPECT_SOCKS5_REPLY, bytes_from("\x05\x00\x00\x01\x00\x00", 6), &len), PREAMBLE_WAIT);
    assert_int_equal(preamble_step_answered(EXPECT_SOCKS5_REPLY, bytes_from("\x05\x00\x00\x01\0\0\0\0\0\0\x16", 11), &len),
                     PREAMBLE_YES);
    assert_int_equal(len, 10);
    assert_int_equal(preamble_step_answered(EXPECT_SOCKS5_REPLY, bytes_from("\x05\x05\x00\x01\0\0\0\0\0\0", 10), &len),
                     PREAMBLE_NO);
}

static void the_others_answer(void **state)
{
    (void)state;
    size_t len = 0;
    assert_answered(EXPECT_POSTGRESQL_REPLY, "S", PREAMBLE_YES, 1);
    assert_answered(EXPECT_POSTGRESQL_REPLY, "N", PREAMBLE_NO, 1);
    assert_answered(EXPECT_BYTES, "<?xml", PREAMBLE_YES, 5);
    assert_answered(EXPECT_XMPP_PROCEED, "<stream:features/>", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_XMPP_PROCEED, "<stream:features/><proceed xmlns='a'/>", PREAMBLE_YES, 38);
    assert_answered(EXPECT_XMPP_PROCEED, "<failure/>", PREAMBLE_NO, 10);
    bytes_view yes = bytes_from("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14);
    assert_int_equal(preamble_step_answered(EXPECT_LDAP_RESPONSE, bytes_slice(yes, 0, 9), &len), PREAMBLE_WAIT);
    assert_int_equal(preamble_step_answered(EXPECT_LDAP_RESPONSE, yes, &len), PREAMBLE_YES);
    assert_int_equal(len, 14);
    assert_int_equal(preamble_step_answered(EXPECT_MYSQL_GREETING,
                                            bytes_from("\x03\x00\x00\x00\x0a"
                                                       "8",
                                                       6),
                                            &len),
                     PREAMBLE_WAIT);
    assert_int_equal(preamble_step_answered(EXPECT_MYSQL_GREETING,
                                            bytes_from("\x03\x00\x00\x00\x0a"
                                                       "8.",
                                                       7),
                                            &len),
                     PREAMBLE_YES);
}

static void nothing_is_waited_for_without_an_end(void **state)
{
    talk *t = *state;
    size_t len = 0;
    bytes_view endless = zeros(t->arena, PREAMBLE_LEN_MAX + 1);
    assert_int_equal(preamble_step_answered(EXPECT_POP3_LINE, endless, &len), PREAMBLE_NO);
    assert_int_equal(preamble_step_answered(EXPECT_XMPP_PROCEED, endless, &len), PREAMBLE_NO);
}

static void what_begins_with_tls_has_no_script(void **state)
{
    talk *t = *state;
    assert_int_equal(script_of(t, PROTOCOL_TLS).num_steps, 0);
    assert_int_equal(script_of(t, PROTOCOL_UNKNOWN).num_steps, 0);
}

/* Answers that let each script go through to its end. */
static const char *const answers_of[PROTOCOL_COUNT][4] = {
    [PROTOCOL_SMTP] = {"220 mail ESMTP\r\n", "250 mail\r\n", "220 go\r\n"},
    [PROTOCOL_FTP] = {"220 ProFTPD\r\n", "234 go\r\n"},
    [PROTOCOL_IMAP] = {"* OK IMAP4rev1\r\n", "a1 OK go\r\n"},
    [PROTOCOL_POP3] = {"+OK\r\n", "+OK\r\n"},
    [PROTOCOL_XMPP] = {NULL, "<?xml version='1.0'?><stream:stream>", "<proceed/>"},
    [PROTOCOL_POSTGRESQL] = {NULL, "S"},
    [PROTOCOL_HTTP_CONNECT] = {NULL, "HTTP/1.1 200 OK\r\n\r\n"},
};

static void what_a_script_says_is_read_as_a_preamble(void **state)
{
    talk *t = *state;
    for (unsigned p = 0; p < PROTOCOL_COUNT; p++) {
        preamble_script s = script_of(t, (enum protocol)p);
        if (answers_of[p][1] == NULL)
            continue;
        t->num_steps = 0;
        t->port = p == PROTOCOL_FTP ? 21 : 25;
        for (size_t i = 0; i < s.num_steps; i++) {
            if (answers_of[p][i] != NULL)
                talk_text(t, SIDE_SERVER, answers_of[p][i]);
            if (s.steps[i].send.len > 0)
                talk_say(t, SIDE_CLIENT, s.steps[i].send);
        }
        talk_client_hello(t);
        const conversation *c = talk_heard(t);
        assert_int_equal(c->preamble.protocol, p);
        assert_true(c->preamble.complete && c->has_hello);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(smtp_waits_for_whole_replies),
        SITUATION(imap_and_pop3),
        SITUATION(a_proxy_is_asked_without_credentials),
        SITUATION(an_authority_cannot_smuggle_a_line),
        SITUATION(socks_takes_names_and_addresses),
        SITUATION(socks_answers),
        SITUATION(the_others_answer),
        SITUATION(nothing_is_waited_for_without_an_end),
        SITUATION(what_begins_with_tls_has_no_script),
        SITUATION(what_a_script_says_is_read_as_a_preamble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
