/* What is said before TLS, as it is read along; and TLS after it. */
#include "situation.h"

static void tls_begins(talk *t)
{
    talk_client_hello(t);
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 40);
}

/* The preamble is complete, and TLS was found behind it. */
static const conversation *heard_with_tls(talk *t, enum protocol protocol)
{
    const conversation *c = talk_heard(t);
    assert_int_equal(c->preamble.protocol, protocol);
    assert_true(c->preamble.complete);
    assert_false(c->preamble.refused);
    assert_true(c->has_hello && c->server_spoke_tls);
    assert_int_equal(c->phase, PHASE_CLIENT_HELLO);
    assert_int_equal(c->alerts[SIDE_SERVER].description, 40);
    assert_false(c->plain[SIDE_CLIENT] || c->plain[SIDE_SERVER]);
    assert_int_equal(bytes_at(c->client_first_bytes, 0), 0x16);
    assert_int_equal(bytes_at(c->server_first_bytes, 0), 0x15);
    assert_int_equal(conversation_num_events(c, SIDE_CLIENT, EVENT_PREAMBLE), 1);
    return c;
}

static const conversation *heard_refused(talk *t, enum protocol protocol)
{
    const conversation *c = talk_heard(t);
    assert_int_equal(c->preamble.protocol, protocol);
    assert_true(c->preamble.refused && !c->preamble.complete);
    assert_false(c->client_spoke_tls || c->server_spoke_tls);
    return c;
}

static void assert_authority(const conversation *c, const char *authority)
{
    assert_true(bytes_equal(c->preamble.authority, bytes_from_text(authority)));
}

/* ---- proxies ----------------------------------------------------------------------------------------------------- */

static void a_proxy_leads_on(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "> CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\nUser-Agent: curl/8\r\n",
               "< HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n");
    tls_begins(t);
    const conversation *c = heard_with_tls(t, PROTOCOL_HTTP_CONNECT);
    assert_authority(c, "api.example.com:443");
    assert_int_equal(c->preamble.status, 200);
}

static void a_proxy_refuses(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "CONNECT api.example.com:443 HTTP/1.1\r\n\r\n");
    talk_text(t, SIDE_SERVER, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = heard_refused(t, PROTOCOL_HTTP_CONNECT);
    assert_int_equal(c->preamble.status, 403);
    assert_authority(c, "api.example.com:443");
}

static void a_proxy_ends_without_an_answer(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "CONNECT api.example.com:443 HTTP/1.1\r\n\r\n");
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_true(preamble_was_in_vain(&c->preamble));
    assert_false(c->preamble.refused);
    assert_authority(c, "api.example.com:443");
}

static void a_proxy_that_wants_tls_itself_answers_with_an_alert(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "CONNECT api.example.com:443 HTTP/1.1\r\n\r\n");
    talk_say(t, SIDE_SERVER, bytes_from("\x15\x03\x03\x00\x02\x02\x46", 7));
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_true(c->preamble.refused && preamble_was_in_vain(&c->preamble));
}

static void a_web_server_is_asked_for_socks5(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, bytes_from("\x05\x01\x00", 3));
    talk_text(t, SIDE_SERVER, "HTTP/1.1 400 Bad Request\r\n\r\n");
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    heard_refused(t, PROTOCOL_SOCKS5);
}

static void a_proxy_wants_to_know_who_asks(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
    talk_text(t, SIDE_SERVER, "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length:  5\r\n\r\nHTTP/");
    TALK_LINES(t, "> CONNECT a.example:443 HTTP/1.1\r\nProxy-Authorization: Basic dTpw\r\n", "< HTTP/1.1 200 OK\r\n");
    tls_begins(t);
    assert_int_equal(heard_with_tls(t, PROTOCOL_HTTP_CONNECT)->preamble.status, 200);
}

static void a_proxy_answers_nothing(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->preamble.protocol, PROTOCOL_HTTP_CONNECT);
    assert_false(c->preamble.complete || c->preamble.refused);
    assert_int_equal(c->preamble.status, 0);
}

static void socks_without_a_password(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, bytes_from("\x05\x02\x00\x02", 4));
    talk_say(t, SIDE_SERVER, bytes_from("\x05\x00", 2));
    talk_say(t, SIDE_CLIENT,
             bytes_from("\x05\x01\x00\x03\x0b"
                        "example.com"
                        "\x01\xbb",
                        18));
    talk_say(t, SIDE_SERVER, bytes_from("\x05\x00\x00\x01\x7f\x00\x00\x01\x10\x00", 10));
    tls_begins(t);
    assert_authority(heard_with_tls(t, PROTOCOL_SOCKS5), "example.com:443");
}

static void socks_with_a_password(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, bytes_from("\x05\x01\x02", 3));
    talk_say(t, SIDE_SERVER, bytes_from("\x05\x02", 2));
    talk_say(t, SIDE_CLIENT, bytes_from("\x01\x02me\x03pwd", 8));
    talk_say(t, SIDE_SERVER, bytes_from("\x01\x00", 2));
    talk_say(t, SIDE_CLIENT, bytes_from("\x05\x01\x00\x01\xc0\x00\x02\x07\x01\xbb", 10));
    talk_say(t, SIDE_SERVER, bytes_from("\x05\x00\x00\x01\x7f\x00\x00\x01\x10\x00", 10));
    tls_begins(t);
    assert_authority(heard_with_tls(t, PROTOCOL_SOCKS5), "192.0.2.7:443");
}

static void socks_is_refused(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, bytes_from("\x05\x01\x00", 3));
    talk_say(t, SIDE_SERVER, bytes_from("\x05\x00", 2));
    talk_say(t, SIDE_CLIENT, bytes_from("\x05\x01\x00\x01\xc0\x00\x02\x07\x01\xbb", 10));
    talk_say(t, SIDE_SERVER, bytes_from("\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00", 10));
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    assert_int_equal(heard_refused(t, PROTOCOL_SOCKS5)->preamble.status, 2);
}

static void socks4_leads_to_a_name(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT,
             bytes_from("\x04\x01\x01\xbb\x00\x00\x00\x01me\x00"
                        "api.example\x00",
                        23));
    talk_say(t, SIDE_SERVER, bytes_from("\x00\x5a\x00\x00\x00\x00\x00\x00", 8));
    tls_begins(t);
    assert_authority(heard_with_tls(t, PROTOCOL_SOCKS4), "api.example:443");
}

static void socks4_is_refused(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, bytes_from("\x04\x01\x01\xbb\xc0\x00\x02\x07\x00", 9));
    talk_say(t, SIDE_SERVER, bytes_from("\x00\x5b\x00\x00\x00\x00\x00\x00", 8));
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = heard_refused(t, PROTOCOL_SOCKS4);
    assert_int_equal(c->preamble.status, 0x5b);
    assert_authority(c, "192.0.2.7:443");
}

static void a_text_header_comes_first(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "PROXY TCP4 192.0.2.1 192.0.2.2 1234 443\r\n");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_PROXY_HEADER);
}

static void a_binary_header_comes_first(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT,
             bytes_from("\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x02\x04\xd2\x01\xbb", 28));
    tls_begins(t);
    assert_int_equal(heard_with_tls(t, PROTOCOL_PROXY_HEADER)->preamble.client_bytes.len, 28);
}

/* ---- one in the other -------------------------------------------------------------------------------------------- */

static void a_tunnel_is_made(talk *t)
{
    TALK_LINES(t, "> CONNECT mail.example:25 HTTP/1.1\r\n", "< HTTP/1.1 200 OK\r\n");
}

static void smtp_is_spoken(talk *t, const char *last)
{
    TALK_LINES(t, "< 220 mail.example", "> EHLO me", "< 250 STARTTLS", "> STARTTLS");
    talk_text(t, SIDE_SERVER, last);
}

static void smtp_upgrades_inside_of_a_tunnel(void **state)
{
    talk *t = *state;
    a_tunnel_is_made(t);
    smtp_is_spoken(t, "220 go\r\n");
    tls_begins(t);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->preamble.protocol, PROTOCOL_SMTP);
    assert_true(c->preamble.complete && c->has_hello && c->server_spoke_tls);
    assert_int_equal(c->preamble.num_tunnels, 1);
    assert_int_equal(c->preamble.tunnels[0].protocol, PROTOCOL_HTTP_CONNECT);
    assert_true(preamble_has_proxy(&c->preamble));
    assert_authority(c, "mail.example:25");
    assert_int_equal(bytes_at(c->client_first_bytes, 0), 0x16);
    assert_int_equal(conversation_num_events(c, SIDE_CLIENT, EVENT_PREAMBLE), 2);
}

static void the_same_is_said_again_without_credentials(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "> CONNECT mail.example:25 HTTP/1.1\r\nProxy-Authorization: Basic c2VjcmV0\r\n", "< HTTP/1.1 200 OK\r\n");
    smtp_is_spoken(t, "220 go\r\n");
    tls_begins(t);
    const preamble *p = &talk_heard(t)->preamble;
    preamble_script s = preamble_script_again(t->arena, p, PROTOCOL_UNKNOWN, "mail.example");
    assert_int_equal(s.num_steps, 5);
    assert_true(bytes_equal(s.steps[0].send, bytes_from_text("CONNECT mail.example:25 HTTP/1.1\r\nHost: mail.example:25\r\n\r\n")));
    assert_true(bytes_equal(s.steps[3].send, bytes_from_text("STARTTLS\r\n")));
    s = preamble_script_again(t->arena, p, PROTOCOL_IMAP, "mail.example");
    assert_int_equal(s.num_steps, 4);
    assert_true(bytes_contain_ignoring_case(s.steps[2].send, "a1 STARTTLS"));
    assert_int_equal(preamble_script_again(t->arena, p, PROTOCOL_TLS, "mail.example").num_steps, 2);
}

static void a_tunnel_then_tls_at_once_may_want_an_upgrade(void **state)
{
    talk *t = *state;
    a_tunnel_is_made(t);
    talk_client_hello(t);
    talk_text(t, SIDE_SERVER, "220 mail.example ESMTP\r\n");
    const conversation *c = talk_heard(t);
    assert_int_equal(c->preamble.protocol, PROTOCOL_HTTP_CONNECT);
    assert_true(c->plain[SIDE_SERVER] && c->has_hello);
    preamble_script s = preamble_script_again(t->arena, &c->preamble, PROTOCOL_SMTP, "mail.example");
    assert_int_equal(s.num_steps, 5);
    assert_true(bytes_start_with(s.steps[0].send, "CONNECT mail.example:25 "));
    assert_int_equal(preamble_script_again(t->arena, &c->preamble, PROTOCOL_UNKNOWN, "mail.example").num_steps, 2);
}

static void an_upgrade_inside_of_a_tunnel_is_refused(void **state)
{
    talk *t = *state;
    a_tunnel_is_made(t);
    smtp_is_spoken(t, "454 not now\r\n");
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->preamble.protocol, PROTOCOL_SMTP);
    assert_true(c->preamble.refused && !c->preamble.complete);
    assert_true(bytes_start_with(c->client_first_bytes, "EHLO"));
    assert_true(bytes_start_with(c->server_first_bytes, "220 mail"));
}

static void http_inside_of_a_tunnel_is_plain(void **state)
{
    talk *t = *state;
    a_tunnel_is_made(t);
    TALK_LINES(t, "> GET / HTTP/1.1\r\n", "< HTTP/1.1 200 OK\r\n");
    const conversation *c = talk_heard(t);
    assert_int_equal(c->preamble.protocol, PROTOCOL_HTTP_CONNECT);
    assert_true(c->preamble.complete && c->plain[SIDE_CLIENT] && c->plain[SIDE_SERVER]);
    assert_true(bytes_start_with(c->client_first_bytes, "GET "));
}

static void a_tunnel_ends_without_a_word(void **state)
{
    talk *t = *state;
    a_tunnel_is_made(t);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_int_equal(c->preamble.protocol, PROTOCOL_HTTP_CONNECT);
    assert_true(c->preamble.complete);
    assert_int_equal(c->client_first_bytes.len, 0);
    assert_int_equal(conversation_num_events(c, SIDE_CLIENT, EVENT_PREAMBLE), 1);
}

static void four_tunnels_and_no_more(void **state)
{
    talk *t = *state;
    for (size_t i = 0; i < PREAMBLE_TUNNELS_MAX + 2; i++)
        a_tunnel_is_made(t);
    tls_begins(t);
    assert_int_equal(talk_heard(t)->preamble.num_tunnels, PREAMBLE_TUNNELS_MAX);
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static void smtp_upgrades(void **state)
{
    talk *t = *state;
    t->port = 25;
    TALK_LINES(t, "< 220-mail.example ESMTP\r\n220 hello", "> EHLO me", "< 250-mail.example\r\n250-PIPELINING\r\n250 STARTTLS",
               "> starttls", "< 220 2.0.0 Ready");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_SMTP);
}

static void smtp_commands_come_at_once(void **state)
{
    talk *t = *state;
    t->port = 587;
    TALK_LINES(t, "> EHLO me\r\nNOOP\r\nXYZZY\r\nSTARTTLS", "< 220 mail.example ESMTP\r\n250-a\r\n250 STARTTLS\r\n250 ok",
               "< 500 unknown\r\n220 go");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_SMTP);
}

static void smtp_refuses_to_upgrade(void **state)
{
    talk *t = *state;
    t->port = 25;
    TALK_LINES(t, "< 220 mail.example ESMTP", "> EHLO me", "< 250 mail.example", "> STARTTLS", "< 454 TLS not available", "> QUIT");
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = heard_refused(t, PROTOCOL_SMTP);
    assert_true(preamble_was_in_vain(&c->preamble));
    assert_true(bytes_equal(c->preamble.refusal, bytes_from_text("454 TLS not available")));
}

static void smtp_refuses_to_upgrade_and_the_client_says_hello_all_the_same(void **state)
{
    talk *t = *state;
    t->port = 25;
    TALK_LINES(t, "< 220 mail.example ESMTP", "> STARTTLS", "< 454 TLS not available");
    talk_say(t, SIDE_CLIENT, bytes_from("\x16\x03\x01\x00\x04\x01\n\r\n", 9));
    talk_end(t, SIDE_SERVER, STREAM_RESET);
    assert_true(preamble_was_in_vain(&heard_refused(t, PROTOCOL_SMTP)->preamble));
}

static void smtp_refuses_to_upgrade_and_the_client_goes_on_in_clear(void **state)
{
    talk *t = *state;
    t->port = 25;
    TALK_LINES(t, "< 220 mail.example ESMTP", "> STARTTLS", "< 454 TLS not available", "> MAIL FROM:<me@mail.example>");
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    assert_false(preamble_was_in_vain(&talk_heard(t)->preamble));
}

static void a_client_leaves_smtp_that_does_not_offer_tls(void **state)
{
    talk *t = *state;
    t->port = 25;
    TALK_LINES(t, "< 220 mail.example ESMTP", "> EHLO me", "< 250-mail.example\r\n250 SIZE 1000", "> QUIT");
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_true(c->preamble.not_offered && preamble_was_in_vain(&c->preamble));
}

static void a_client_leaves_smtp_that_offers_tls(void **state)
{
    talk *t = *state;
    t->port = 25;
    TALK_LINES(t, "< 220 mail.example ESMTP", "> EHLO me", "< 250-mail.example\r\n250 STARTTLS");
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    assert_false(preamble_was_in_vain(&talk_heard(t)->preamble));
}

static void a_second_try_of_starttls_succeeds(void **state)
{
    talk *t = *state;
    t->port = 25;
    TALK_LINES(t, "< 220 mail.example ESMTP", "> STARTTLS", "< 503 EHLO first", "> EHLO me\r\nSTARTTLS",
               "< 250 mail.example\r\n220 go");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_SMTP);
}

static void smtp_stays_in_clear(void **state)
{
    talk *t = *state;
    t->port = 25;
    TALK_LINES(t, "< 220 mail.example ESMTP", "> EHLO me\r\nQUIT");
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_true(c->plain[SIDE_CLIENT] && c->plain[SIDE_SERVER]);
    assert_false(c->preamble.complete || c->preamble.refused);
    assert_int_equal(c->preamble.protocol, PROTOCOL_SMTP);
    assert_true(bytes_start_with(c->server_first_bytes, "220 "));
}

static void imap_upgrades_by_its_tag(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "< * OK IMAP4rev1 ready", "> A001 CAPABILITY", "< * CAPABILITY IMAP4rev1 STARTTLS\r\nA001 OK done",
               "> zz9 STARTTLS", "< zz9 OK begin");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_IMAP);
}

/* As openssl s_client does: "." for all of them. */
static void imap_upgrades_where_one_tag_serves_all_commands(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "< * OK IMAP4rev1 ready", "> . CAPABILITY", "< * CAPABILITY IMAP4rev1 STARTTLS\r\n. OK done", "> . STARTTLS",
               "< . OK begin");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_IMAP);
}

static void imap_refuses(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "< * OK ready", "> 1 STARTTLS", "< 1 BAD what");
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    heard_refused(t, PROTOCOL_IMAP);
}

static void pop3_upgrades(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "< +OK POP3 ready", "> CAPA", "< +OK\r\nSTLS\r\nUIDL\r\n.", "> Stls", "< +OK begin");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_POP3);
}

static void ftp_upgrades(void **state)
{
    talk *t = *state;
    t->port = 21;
    TALK_LINES(t, "< 120 soon\r\n220 (vsFTPd 3.0.3)", "> AUTH SSL", "< 500 AUTH not understood", "> AUTH TLS", "< 234 Proceed");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_FTP);
}

static void lmtp_upgrades(void **state)
{
    talk *t = *state;
    t->port = 24;
    TALK_LINES(t, "< 220 mail.example LMTP", "> LHLO me\r\nSTARTTLS", "< 250 mail.example\r\n220 go");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_LMTP);
}

static void nntp_upgrades_after_a_list(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "< 201 news.example, no posting", "> CAPABILITIES", "< 101 list:\r\nVERSION 2\r\nSTARTTLS\r\n.", "> STARTTLS",
               "< 382 go");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_NNTP);
}

static void nntp_refuses(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "< 200 news.example", "> STARTTLS", "< 580 cannot");
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    heard_refused(t, PROTOCOL_NNTP);
}

static void sieve_upgrades(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "< \"IMPLEMENTATION\" \"Dovecot\"\r\n\"SIEVE\" \"fileinto\"\r\n\"STARTTLS\"\r\nOK \"ready\"", "> STARTTLS",
               "< OK \"go\"");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_SIEVE);
}

static void irc_upgrades_amid_notices(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "< :irc.example NOTICE * :*** Looking up your hostname", "> CAP LS 302\r\nSTARTTLS",
               "< :irc.example CAP * LS :tls\r\n:irc.example NOTICE * :wait\r\n:irc.example 670 * :go");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_IRC);
}

static void irc_upgrades_where_nobody_greets(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "> STARTTLS", "< :irc.example 670 * :go");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_IRC);
}

/* ---- structures -------------------------------------------------------------------------------------------------- */

static void ldap_upgrades(void **state)
{
    talk *t = *state;
    preamble_script script = preamble_script_make(t->arena, PROTOCOL_LDAP, "", "");
    talk_say(t, SIDE_CLIENT, script.steps[0].send);
    talk_say(t, SIDE_SERVER, bytes_from("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14));
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_LDAP);
}

static void ldap_refuses(void **state)
{
    talk *t = *state;
    preamble_script script = preamble_script_make(t->arena, PROTOCOL_LDAP, "", "");
    talk_say(t, SIDE_CLIENT, script.steps[0].send);
    talk_say(t, SIDE_SERVER, bytes_from("\x30\x84\x00\x00\x00\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00", 18));
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    heard_refused(t, PROTOCOL_LDAP);
}

static void xmpp_upgrades(void **state)
{
    talk *t = *state;
    talk_text(t, SIDE_CLIENT, "<?xml version='1.0'?><stream:stream to='example.com'>");
    talk_text(t, SIDE_SERVER, "<?xml version='1.0'?><stream:stream><stream:features><starttls xmlns='x'/></stream:features>");
    talk_text(t, SIDE_CLIENT, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'></starttls>");
    talk_text(t, SIDE_SERVER, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_XMPP);
}

static bytes_view stream_said_again(talk *t, const char *said)
{
    preamble p = {.protocol = PROTOCOL_XMPP, .client_bytes = bytes_from_text(said)};
    return preamble_script_again(t->arena, &p, PROTOCOL_UNKNOWN, "192.0.2.7").steps[0].send;
}

static void xmpp_is_said_again_to_the_domain_that_the_client_named(void **state)
{
    talk *t = *state;
    bytes_view said = stream_said_again(
        t, "<?xml version='1.0'?><stream:stream xmlns='jabber:client' from='me' to='chat.example' version='1.0'>");
    assert_true(bytes_contain_ignoring_case(said, " to='chat.example'") && bytes_contain_ignoring_case(said, "jabber:client"));
    said = stream_said_again(t, "<stream:stream xmlns=\"jabber:server\" to=\"chat.example\"><starttls/>");
    assert_true(bytes_contain_ignoring_case(said, " to='chat.example'") && bytes_contain_ignoring_case(said, "jabber:server"));
    said = stream_said_again(t, "<stream:stream xmlns='jabber:client' proto='x' into=\"y\">");
    assert_true(bytes_contain_ignoring_case(said, " to='192.0.2.7'"));
}

static const preamble *heard_of_stream(talk *t, const char *rest, const char *said)
{
    talk_text(t, SIDE_CLIENT, "<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='wrong.example' version='1.0'>");
    talk_text(t, SIDE_SERVER, said);
    if (*rest != '\0')
        talk_text(t, SIDE_CLIENT, rest);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    return &talk_heard(t)->preamble;
}

static void an_xmpp_stream_that_the_server_ends_was_in_vain(void **state)
{
    const preamble *p = heard_of_stream(*state, "</stream:stream>",
                                        "<?xml version='1.0'?><stream:stream id='1'><stream:error><host-unknown/></stream:error>");
    assert_true(preamble_was_in_vain(p) && p->refused && p->not_offered && !p->asked);
    assert_true(bytes_equal(p->refusal, bytes_from_text("host-unknown")));
}

static void xmpp_without_an_upgrade_is_not_offered_one(void **state)
{
    const preamble *p = heard_of_stream(*state, "", "<stream:stream id='1'><stream:features><mechanisms/></stream:features>");
    assert_true(preamble_was_in_vain(p) && !p->refused && p->not_offered);
}

static void xmpp_that_goes_on_in_clear_wanted_no_upgrade(void **state)
{
    const preamble *p = heard_of_stream(*state, "<auth mechanism='PLAIN'>AHVzZXI=</auth>",
                                        "<stream:stream id='1'><stream:features><mechanisms/></stream:features>");
    assert_false(preamble_was_in_vain(p));
}

static void postgresql_upgrades(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, bytes_from("\x00\x00\x00\x08\x04\xd2\x16\x30", 8));
    talk_text(t, SIDE_SERVER, "N");
    talk_say(t, SIDE_CLIENT, bytes_from("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8));
    talk_text(t, SIDE_SERVER, "S");
    tls_begins(t);
    heard_with_tls(t, PROTOCOL_POSTGRESQL);
}

static void postgresql_refuses(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, bytes_from("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8));
    talk_text(t, SIDE_SERVER, "N");
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
    heard_refused(t, PROTOCOL_POSTGRESQL);
}

static bytes_view mysql_packet(arena *a)
{
    bytes_view version = bytes_from("\x4a\x00\x00\x00\x0a"
                                    "8.0.36\x00",
                                    12);
    return joined(a, version, zeros(a, 0x4a - 8));
}

static void mysql_upgrades(void **state)
{
    talk *t = *state;
    t->port = 3306;
    talk_say(t, SIDE_SERVER, mysql_packet(t->arena));
    talk_say(t, SIDE_CLIENT, preamble_script_make(t->arena, PROTOCOL_MYSQL, "", "").steps[0].send);
    tls_begins(t);
    assert_int_equal(heard_with_tls(t, PROTOCOL_MYSQL)->preamble.client_bytes.len, 36);
}

static void mysql_stays_in_clear(void **state)
{
    talk *t = *state;
    t->port = 3306;
    talk_say(t, SIDE_SERVER, mysql_packet(t->arena));
    talk_say(t, SIDE_CLIENT, joined(t->arena, bytes_from("\x20\x00\x00\x01\x00\x82", 6), zeros(t->arena, 30)));
    assert_true(talk_heard(t)->plain[SIDE_CLIENT]);
}

static bytes_view rdp_request(arena *a)
{
    return joined(a, bytes_from("\x03\x00\x00\x2a\x25\xe0\x00\x00\x00\x00\x00", 11),
                  bytes_from("Cookie: mstshash=alice\r\n\x01\x00\x08\x00\x03\x00\x00", 31));
}

static void rdp_upgrades(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, rdp_request(t->arena));
    talk_say(t, SIDE_SERVER, bytes_from("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x1f\x08\x00\x02\x00\x00\x00", 19));
    tls_begins(t);
    const conversation *c = heard_with_tls(t, PROTOCOL_RDP);
    preamble_script s = preamble_script_again(t->arena, &c->preamble, PROTOCOL_UNKNOWN, "");
    assert_int_equal(s.num_steps, 2);
    assert_false(bytes_contain_ignoring_case(s.steps[0].send, "alice"));
}

static void rdp_refuses(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, rdp_request(t->arena));
    talk_say(t, SIDE_SERVER, bytes_from("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x05\x00\x00\x00", 19));
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    heard_refused(t, PROTOCOL_RDP);
}

static void rdp_goes_on_with_its_own_security(void **state)
{
    talk *t = *state;
    talk_say(t, SIDE_CLIENT, rdp_request(t->arena));
    talk_say(t, SIDE_SERVER, bytes_from("\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00", 11));
    assert_true(talk_heard(t)->plain[SIDE_CLIENT]);
}

static void the_hello_comes_with_the_last_line(void **state)
{
    talk *t = *state;
    t->port = 25;
    talk_text(t, SIDE_SERVER, "220 mail.example ESMTP\r\n");
    talk_say(t, SIDE_CLIENT, joined(t->arena, bytes_from_text("STARTTLS\r\n"), client_hello_flight(t->arena, false)));
    talk_text(t, SIDE_SERVER, "220 go\r\n");
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 40);
    heard_with_tls(t, PROTOCOL_SMTP);
}

static void a_preamble_too_long_is_given_up(void **state)
{
    talk *t = *state;
    t->port = 25;
    talk_text(t, SIDE_SERVER, "220 mail.example ESMTP\r\n");
    talk_say(t, SIDE_CLIENT, zeros(t->arena, PREAMBLE_LEN_MAX + 10));
    const conversation *c = talk_heard_in_pieces(t, 0);
    assert_true(c->plain[SIDE_CLIENT] && c->plain[SIDE_SERVER]);
    assert_int_equal(c->client_len, PREAMBLE_LEN_MAX + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(a_proxy_leads_on),
        SITUATION(a_proxy_refuses),
        SITUATION(a_proxy_wants_to_know_who_asks),
        SITUATION(a_proxy_ends_without_an_answer),
        SITUATION(a_proxy_that_wants_tls_itself_answers_with_an_alert),
        SITUATION(a_web_server_is_asked_for_socks5),
        SITUATION(smtp_refuses_to_upgrade_and_the_client_says_hello_all_the_same),
        SITUATION(smtp_refuses_to_upgrade_and_the_client_goes_on_in_clear),
        SITUATION(a_client_leaves_smtp_that_does_not_offer_tls),
        SITUATION(a_client_leaves_smtp_that_offers_tls),
        SITUATION(a_proxy_answers_nothing),
        SITUATION(socks_without_a_password),
        SITUATION(socks_with_a_password),
        SITUATION(socks_is_refused),
        SITUATION(smtp_upgrades),
        SITUATION(smtp_commands_come_at_once),
        SITUATION(smtp_refuses_to_upgrade),
        SITUATION(a_second_try_of_starttls_succeeds),
        SITUATION(smtp_stays_in_clear),
        SITUATION(imap_upgrades_by_its_tag),
        SITUATION(imap_upgrades_where_one_tag_serves_all_commands),
        SITUATION(imap_refuses),
        SITUATION(pop3_upgrades),
        SITUATION(ftp_upgrades),
        SITUATION(ldap_upgrades),
        SITUATION(ldap_refuses),
        SITUATION(xmpp_upgrades),
        SITUATION(an_xmpp_stream_that_the_server_ends_was_in_vain),
        SITUATION(xmpp_without_an_upgrade_is_not_offered_one),
        SITUATION(xmpp_that_goes_on_in_clear_wanted_no_upgrade),
        SITUATION(xmpp_is_said_again_to_the_domain_that_the_client_named),
        SITUATION(postgresql_upgrades),
        SITUATION(postgresql_refuses),
        SITUATION(mysql_upgrades),
        SITUATION(mysql_stays_in_clear),
        SITUATION(socks4_leads_to_a_name),
        SITUATION(socks4_is_refused),
        SITUATION(a_text_header_comes_first),
        SITUATION(a_binary_header_comes_first),
        SITUATION(smtp_upgrades_inside_of_a_tunnel),
        SITUATION(the_same_is_said_again_without_credentials),
        SITUATION(a_tunnel_then_tls_at_once_may_want_an_upgrade),
        SITUATION(an_upgrade_inside_of_a_tunnel_is_refused),
        SITUATION(http_inside_of_a_tunnel_is_plain),
        SITUATION(a_tunnel_ends_without_a_word),
        SITUATION(four_tunnels_and_no_more),
        SITUATION(lmtp_upgrades),
        SITUATION(nntp_upgrades_after_a_list),
        SITUATION(nntp_refuses),
        SITUATION(sieve_upgrades),
        SITUATION(irc_upgrades_amid_notices),
        SITUATION(irc_upgrades_where_nobody_greets),
        SITUATION(rdp_upgrades),
        SITUATION(rdp_refuses),
        SITUATION(rdp_goes_on_with_its_own_security),
        SITUATION(the_hello_comes_with_the_last_line),
        SITUATION(a_preamble_too_long_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
