/* A preamble that is said again: what is sent, what is waited for, and that what is said is what is read. */
#include "situation.h"

#include <string.h>

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
    assert_answered(EXPECT_XMPP_PROCEED, "<stream:features/>", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_XMPP_PROCEED, "<stream:features/><proceed xmlns='a'/>", PREAMBLE_YES, 38);
    assert_answered(EXPECT_XMPP_PROCEED, "<failure/>", PREAMBLE_NO, 10);
    bytes_view yes = bytes_from("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14);
    assert_int_equal(preamble_step_answered(EXPECT_LDAP_RESPONSE, bytes_slice(yes, 0, 9), &len), PREAMBLE_WAIT);
    assert_int_equal(preamble_step_answered(EXPECT_LDAP_RESPONSE, yes, &len), PREAMBLE_YES);
    assert_int_equal(len, 14);
}

static void xmpp_waits_for_features_with_starttls(void **state)
{
    (void)state;
    const char *with = "<?xml version='1.0'?><stream:stream><stream:features><starttls xmlns='a'/></stream:features>";
    const char *without = "<stream:stream><stream:features><mechanisms/></stream:features>";
    assert_answered(EXPECT_XMPP_FEATURES, "<?xml version='1.0'?><stream:stream>", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_XMPP_FEATURES, "<stream:stream><stream:features><starttls xmlns='a'/>", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_XMPP_FEATURES, with, PREAMBLE_YES, strlen(with));
    assert_answered(EXPECT_XMPP_FEATURES, without, PREAMBLE_NO, strlen(without));
    assert_answered(EXPECT_XMPP_FEATURES, "<stream:stream><stream:features/>", PREAMBLE_NO, 33);
    assert_answered(EXPECT_XMPP_FEATURES, "<stream:error>", PREAMBLE_NO, 14);
}

static bytes_view mysql_greeting_packet(arena *a, uint8_t capabilities_high)
{
    uint8_t packet[40] = {36, 0, 0, 0, 10, '8', '.', '0', 0};
    packet[23] = capabilities_high;
    return bytes_copy(a, bytes_from(packet, sizeof packet));
}

static void mysql_has_to_offer_tls(void **state)
{
    talk *t = *state;
    size_t len = 0;
    bytes_view yes = mysql_greeting_packet(t->arena, 0x08), no = mysql_greeting_packet(t->arena, 0xf7);
    bytes_view refusal = bytes_from("\x05\x00\x00\x00\xff\x10\x04no", 9);
    assert_int_equal(preamble_step_answered(EXPECT_MYSQL_GREETING, bytes_slice(yes, 0, 39), &len), PREAMBLE_WAIT);
    assert_int_equal(preamble_step_answered(EXPECT_MYSQL_GREETING, yes, &len), PREAMBLE_YES);
    assert_int_equal(len, 40);
    assert_int_equal(preamble_step_answered(EXPECT_MYSQL_GREETING, no, &len), PREAMBLE_NO);
    assert_int_equal(preamble_step_answered(EXPECT_MYSQL_GREETING, refusal, &len), PREAMBLE_NO);
    assert_int_equal(preamble_step_answered(EXPECT_MYSQL_GREETING, bytes_from("\x02\x00\x00\x00\x0a\x38", 6), &len), PREAMBLE_NO);
}

static void sieve_nntp_and_irc(void **state)
{
    (void)state;
    const char *greeting = "\"IMPLEMENTATION\" \"Dovecot\"\r\n\"SIEVE\" {4}\r\nOK\r\n\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n";
    assert_answered(EXPECT_SIEVE_RESPONSE, greeting, PREAMBLE_YES, strlen(greeting));
    assert_answered(EXPECT_SIEVE_RESPONSE, "\"STARTTLS\"\r\nOK \"re", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_SIEVE_RESPONSE, "OK {3}\r\nabc\r\n", PREAMBLE_YES, 13);
    assert_answered(EXPECT_SIEVE_RESPONSE, "OK {30}\r\nabc\r\n", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_SIEVE_RESPONSE, "NO \"not now\"\r\n", PREAMBLE_NO, 14);
    assert_answered(EXPECT_SIEVE_RESPONSE, "BYE\r\n", PREAMBLE_NO, 5);
    assert_answered(EXPECT_LINE, "382 go\r\n", PREAMBLE_YES, 8);
    assert_answered(EXPECT_LINE, "580 cannot\r\n", PREAMBLE_NO, 12);
    assert_answered(EXPECT_IRC_REPLY, ":irc.example NOTICE * :*** Looking up\r\nPING :1\r\n", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_IRC_REPLY, ":irc.example NOTICE * :hello\r\n:irc.example 670 * :go\r\n", PREAMBLE_YES, 54);
    assert_answered(EXPECT_IRC_REPLY, ":irc.example 691 * :failed\r\n", PREAMBLE_NO, 28);
    assert_answered(EXPECT_IRC_REPLY, ":irc.example 451 * STARTTLS :You have not registered\r\n", PREAMBLE_NO, 54);
    assert_answered(EXPECT_IRC_REPLY, "ERROR :Closing link\r\n", PREAMBLE_NO, 21);
    assert_answered(EXPECT_IRC_REPLY, ":irc.example CAP * LS :multi-prefix\r\n", PREAMBLE_NO, 37);
    assert_answered(EXPECT_IRC_REPLY, ":irc.example CAP * LS :tlsx\r\n", PREAMBLE_NO, 29);
    assert_answered(EXPECT_IRC_REPLY, ":irc.example CAP * LS :tls sasl\r\n", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_IRC_REPLY, ":irc.example CAP * LS * :sasl\r\n", PREAMBLE_WAIT, 0);
    assert_answered(EXPECT_IRC_REPLY, ":i CAP * LS * :tls\r\n:i CAP * LS :sasl\r\n:i 670 * :go\r\n", PREAMBLE_YES, 53);
}

static void assert_bytes_answered(enum expectation expectation, bytes_view received, enum preamble_answer answer, size_t len)
{
    size_t answer_len = 0;
    for (size_t part = 0; part < received.len && answer != PREAMBLE_NO; part++)
        assert_int_equal(preamble_step_answered(expectation, bytes_slice(received, 0, part), &answer_len), PREAMBLE_WAIT);
    assert_int_equal(preamble_step_answered(expectation, received, &answer_len), answer);
    assert_int_equal(answer_len, len);
}

static void rdp_has_to_choose_tls(void **state)
{
    (void)state;
    const char *head = "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00";
    uint8_t confirm[19];
    for (size_t i = 0; i < sizeof confirm; i++)
        confirm[i] = i < 11 ? (uint8_t)head[i] : 0;
    confirm[11] = 2;
    confirm[13] = 8;
    confirm[15] = 2; /* CredSSP, which begins with TLS */
    assert_bytes_answered(EXPECT_RDP_CONFIRM, bytes_from(confirm, 19), PREAMBLE_YES, 19);
    confirm[15] = 0; /* RDP's own */
    assert_bytes_answered(EXPECT_RDP_CONFIRM, bytes_from(confirm, 19), PREAMBLE_NO, 19);
    confirm[15] = 2;
    confirm[11] = 3; /* a failure */
    assert_bytes_answered(EXPECT_RDP_CONFIRM, bytes_from(confirm, 19), PREAMBLE_NO, 19);
    assert_bytes_answered(EXPECT_RDP_CONFIRM, bytes_from("\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00", 11), PREAMBLE_NO, 11);
    assert_bytes_answered(EXPECT_RDP_CONFIRM, bytes_from_text("HTTP/1.1 400"), PREAMBLE_NO, 0);
}

static void a_proxy_is_told_who_asks(void **state)
{
    talk *t = *state;
    preamble_script s = preamble_script_with_login(t->arena, PROTOCOL_HTTP_CONNECT, "a.example:443", "Aladdin", "open sesame");
    assert_true(bytes_contain_ignoring_case(s.steps[0].send, "\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
    s = preamble_script_with_login(t->arena, PROTOCOL_SOCKS5, "192.0.2.7:443", "me", "pwd");
    assert_int_equal(s.num_steps, 4);
    assert_true(bytes_equal(s.steps[0].send, bytes_from("\x05\x02\x00\x02", 4)));
    assert_true(bytes_equal(s.steps[1].send, bytes_from("\x01\x02me\x03pwd", 8)));
    assert_bytes_answered(s.steps[1].expectation, bytes_from("\x05\x02", 2), PREAMBLE_YES, 2);
    assert_bytes_answered(s.steps[1].expectation, bytes_from("\x05\x00", 2), PREAMBLE_SKIP, 2);
    assert_bytes_answered(s.steps[1].expectation, bytes_from("\x05\xff", 2), PREAMBLE_NO, 2);
    assert_bytes_answered(s.steps[2].expectation, bytes_from("\x01\x00", 2), PREAMBLE_YES, 2);
    assert_bytes_answered(s.steps[2].expectation, bytes_from("\x01\x01", 2), PREAMBLE_NO, 2);
    assert_int_equal(bytes_at(s.steps[2].send, 1), 1); /* CONNECT */
    s = preamble_script_with_login(t->arena, PROTOCOL_SOCKS4, "192.0.2.7:443", "me", "");
    assert_true(bytes_equal(s.steps[0].send, bytes_from("\x04\x01\x01\xbb\xc0\x00\x02\x07me\x00", 11)));
}

static void socks4_takes_names_and_addresses(void **state)
{
    talk *t = *state;
    preamble_script s = preamble_script_make(t->arena, PROTOCOL_SOCKS4, "a.example:443", "");
    assert_true(bytes_equal(s.steps[0].send, bytes_from("\x04\x01\x01\xbb\x00\x00\x00\x01\x00"
                                                        "a.example\x00",
                                                        19)));
    assert_bytes_answered(EXPECT_SOCKS4_REPLY, bytes_from("\x00\x5a\x00\x00\x00\x00\x00\x00", 8), PREAMBLE_YES, 8);
    assert_bytes_answered(EXPECT_SOCKS4_REPLY, bytes_from("\x00\x5b", 2), PREAMBLE_NO, 2);
    assert_bytes_answered(EXPECT_SOCKS4_REPLY, bytes_from("\x05", 1), PREAMBLE_NO, 1);
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
    [PROTOCOL_LMTP] = {"220 mail LMTP\r\n", "250 mail\r\n", "220 go\r\n"},
    [PROTOCOL_NNTP] = {"200 news\r\n", "382 go\r\n"},
    [PROTOCOL_SIEVE] = {"\"SIEVE\" \"\"\r\nOK\r\n", "OK\r\n"},
    [PROTOCOL_IRC] = {NULL, ":irc.example 670 * :go\r\n"},
    [PROTOCOL_XMPP] = {NULL, "<stream:stream><stream:features><starttls/></stream:features>", "<proceed/>"},
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
        SITUATION(socks4_takes_names_and_addresses),
        SITUATION(a_proxy_is_told_who_asks),
        SITUATION(xmpp_waits_for_features_with_starttls),
        SITUATION(mysql_has_to_offer_tls),
        SITUATION(sieve_nntp_and_irc),
        SITUATION(rdp_has_to_choose_tls),
        SITUATION(nothing_is_waited_for_without_an_end),
        SITUATION(what_begins_with_tls_has_no_script),
        SITUATION(what_a_script_says_is_read_as_a_preamble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
