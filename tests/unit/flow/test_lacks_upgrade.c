/* A server that has no upgrade to TLS, told from one that refuses it; and what it said, told from what a proxy said before it. */
#include "situation.h"

static bool lacks_upgrade(enum protocol protocol, bytes_view said)
{
    return preamble_lacks_upgrade(&(preamble){.protocol = protocol, .server_bytes = said}, said);
}

static void a_server_without_an_upgrade_is_told_from_one_that_refuses(void **state)
{
    (void)state;
    const char rdp_in_clear[] = "\x03\x00\x00\x0b\x06\xd0\x00\x00\x00\x00\x00";
    assert_true(lacks_upgrade(PROTOCOL_IRC, bytes_from_text(":i CAP * LS :sasl\r\n")));
    assert_false(lacks_upgrade(PROTOCOL_IRC, bytes_from_text(":i CAP * LS :sasl tls\r\n")));
    assert_true(lacks_upgrade(PROTOCOL_POSTGRESQL, bytes_from_text("N")));
    assert_false(lacks_upgrade(PROTOCOL_POSTGRESQL, bytes_from_text("E too many")));
    assert_true(lacks_upgrade(PROTOCOL_XMPP, bytes_from_text("<stream:features><mechanisms/></stream:features>")));
    assert_false(lacks_upgrade(PROTOCOL_XMPP, bytes_from_text("<stream:error><host-unknown/></stream:error>")));
    assert_true(lacks_upgrade(PROTOCOL_UNKNOWN, bytes_from(rdp_in_clear, sizeof rdp_in_clear - 1)));
    assert_false(lacks_upgrade(PROTOCOL_SMTP, bytes_from_text("454 no\r\n")));
}

static void xmpp_that_lists_starttls_offers_it(void **state)
{
    (void)state;
    const char *failure = "<stream:features><starttls xmlns='a'/></stream:features><failure/></stream:stream>";
    const char *reset = "<stream:features><starttls xmlns='a'/></stream:features><stream:error><reset/></stream:error>";
    const char *nothing = "<stream:error><text>No stream features to proceed with</text></stream:error></stream:stream>";
    const char *features_in_words = "<stream:error><text>features> come later</text></stream:error></stream:stream>";
    assert_false(lacks_upgrade(PROTOCOL_XMPP, bytes_from_text(failure)));
    assert_false(lacks_upgrade(PROTOCOL_XMPP, bytes_from_text(reset)));
    assert_false(lacks_upgrade(PROTOCOL_XMPP, bytes_from_text(features_in_words)));
    assert_false(lacks_upgrade(PROTOCOL_XMPP, bytes_from_text("<stream:features><sasl/>"))); /* not whole */
    assert_true(lacks_upgrade(PROTOCOL_XMPP, bytes_from_text(nothing)));
    assert_true(lacks_upgrade(PROTOCOL_XMPP, bytes_from_text("<stream:features><sasl/></stream:features></stream:stream>")));
}

static bool ldap_lacks_upgrade(uint8_t message_id, uint8_t result)
{
    const uint8_t short_form[] = {0x30, 0x0c, 2, 1, message_id, 0x78, 7, 0x0a, 1, result, 4, 0, 4, 0};
    const uint8_t long_form[] = {0x30, 0x84, 0, 0, 0, 0x10, 2, 1, message_id, 0x78, 0x84, 0, 0, 0, 7, 0x0a, 1, result, 4, 0, 4, 0};
    bool lacks = lacks_upgrade(PROTOCOL_LDAP, bytes_from(short_form, sizeof short_form));
    assert_int_equal(lacks_upgrade(PROTOCOL_LDAP, bytes_from(long_form, sizeof long_form)), lacks);
    assert_false(lacks_upgrade(PROTOCOL_LDAP, bytes_from(short_form, 9))); /* not whole */
    return lacks;
}

static void only_a_protocol_error_of_ldap_says_that_there_is_no_tls(void **state)
{
    (void)state;
    assert_true(ldap_lacks_upgrade(1, 2));
    assert_false(ldap_lacks_upgrade(1, 0));
    assert_false(ldap_lacks_upgrade(1, 1));  /* operationsError */
    assert_false(ldap_lacks_upgrade(1, 51)); /* busy */
    assert_false(ldap_lacks_upgrade(1, 52)); /* unavailable */
    assert_false(ldap_lacks_upgrade(0, 2));  /* the notice of disconnection */
    assert_false(lacks_upgrade(PROTOCOL_LDAP, bytes_from_text("HTTP/1.1 400\r\n")));
}

static bool rdp_lacks_upgrade(uint8_t packet, uint8_t kind, uint8_t code)
{
    const uint8_t said[] = {3, 0, 0, 19, 14, packet, 0, 0, 0, 0, 0, kind, 0, 8, 0, code, 0, 0, 0};
    bytes_view all = bytes_from(said, sizeof said);
    bool lacks = lacks_upgrade(PROTOCOL_RDP, all);
    assert_int_equal(lacks_upgrade(PROTOCOL_UNKNOWN, all), lacks);
    return lacks;
}

static void rdp_lacks_tls_where_it_goes_on_in_clear_or_says_so(void **state)
{
    (void)state;
    assert_true(lacks_upgrade(PROTOCOL_RDP, bytes_from("\x03\x00\x00\x0b\x06\xd0\x00\x00\x00\x00\x00", 11)));
    assert_true(rdp_lacks_upgrade(0xd0, 2, 0)); /* it chose its own security */
    assert_true(rdp_lacks_upgrade(0xd0, 3, 2)); /* SSL_NOT_ALLOWED_BY_SERVER */
    assert_true(rdp_lacks_upgrade(0xd0, 3, 3)); /* SSL_CERT_NOT_ON_SERVER */
    assert_false(rdp_lacks_upgrade(0xd0, 2, 1));
    assert_false(rdp_lacks_upgrade(0xd0, 3, 1)); /* SSL_REQUIRED_BY_SERVER */
    assert_false(rdp_lacks_upgrade(0xd0, 3, 5)); /* HYBRID_REQUIRED_BY_SERVER */
    assert_false(rdp_lacks_upgrade(0xd0, 3, 6)); /* SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER */
    assert_false(rdp_lacks_upgrade(0xd0, 7, 0));
    assert_false(rdp_lacks_upgrade(0x80, 0, 0)); /* a disconnect request */
    assert_false(lacks_upgrade(PROTOCOL_RDP, bytes_from_text("HTTP/1.1 400\r\n")));
}

/* Of what is said behind a proxy, only what the server said counts. */
static void a_proxy_has_led_on(talk *t, bool is_socks)
{
    t->num_steps = 0;
    if (!is_socks) {
        TALK_LINES(t, "> CONNECT a.example:25 HTTP/1.1\r\n", "< HTTP/1.1 200 Connection established\r\n");
        return;
    }
    preamble_script script = preamble_script_make(t->arena, PROTOCOL_SOCKS5, "a.example:25", "");
    talk_say(t, SIDE_CLIENT, script.steps[0].send);
    talk_say(t, SIDE_SERVER, bytes_from("\x05\x00", 2));
    talk_say(t, SIDE_CLIENT, script.steps[1].send);
    talk_say(t, SIDE_SERVER, bytes_from("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10));
}

static void assert_lacks_upgrade_behind_a_proxy(talk *t, enum protocol protocol, bytes_view said, bool lacks)
{
    for (int is_socks = 0; is_socks <= 1; is_socks++) {
        a_proxy_has_led_on(t, is_socks);
        talk_say(t, SIDE_CLIENT, preamble_script_make(t->arena, protocol, "", "a.example").steps[0].send);
        talk_say(t, SIDE_SERVER, said);
        talk_end(t, SIDE_CLIENT, STREAM_FIN);
        const conversation *c = talk_heard(t);
        assert_false(preamble_proxy_refused(&c->preamble));
        assert_int_equal(preamble_lacks_upgrade(&c->preamble, c->server_first_bytes), lacks);
    }
}

static void what_a_proxy_said_is_not_what_the_server_said(void **state)
{
    talk *t = *state;
    bytes_view without = bytes_from_text("<stream:stream><stream:features><sasl/></stream:features>");
    bytes_view in_clear = bytes_from("\x03\x00\x00\x0b\x06\xd0\x00\x00\x00\x00\x00", 11);
    bytes_view protocol_error = bytes_from("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00", 14);
    assert_lacks_upgrade_behind_a_proxy(t, PROTOCOL_POSTGRESQL, bytes_from_text("N"), true);
    assert_lacks_upgrade_behind_a_proxy(t, PROTOCOL_POSTGRESQL, bytes_from_text("E too many"), false);
    assert_lacks_upgrade_behind_a_proxy(t, PROTOCOL_XMPP, without, true);
    assert_lacks_upgrade_behind_a_proxy(t, PROTOCOL_LDAP, protocol_error, true);
    assert_lacks_upgrade_behind_a_proxy(t, PROTOCOL_RDP, in_clear, true);
    assert_lacks_upgrade_behind_a_proxy(t, PROTOCOL_IRC, bytes_from_text(":i CAP * LS :sasl\r\n"), true);
}

static void the_line_that_refused_is_the_servers(void **state)
{
    talk *t = *state;
    for (int is_socks = 0; is_socks <= 1; is_socks++) {
        a_proxy_has_led_on(t, is_socks);
        talk_text(t, SIDE_SERVER, "554 go away\r\nnow\r\n");
        talk_end(t, SIDE_SERVER, STREAM_FIN);
        const conversation *c = talk_heard(t);
        assert_false(preamble_proxy_refused(&c->preamble));
        assert_true(bytes_equal(preamble_refusing_line(&c->preamble, c->server_first_bytes), bytes_from_text("554 go away")));
    }
}

static void a_proxy_that_refuses_has_the_line(void **state)
{
    talk *t = *state;
    TALK_LINES(t, "> CONNECT a.example:25 HTTP/1.1\r\n", "< HTTP/1.1 403 Forbidden\r\n");
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    const conversation *c = talk_heard(t);
    assert_true(preamble_proxy_refused(&c->preamble));
    assert_true(bytes_start_with(preamble_refusing_line(&c->preamble, c->server_first_bytes), "HTTP/1.1 403 "));
}

static void what_is_no_text_has_no_line(void **state)
{
    (void)state;
    const preamble p = {.protocol = PROTOCOL_LDAP};
    assert_int_equal(preamble_refusing_line(&p, bytes_from("\x30\x0c\x02\x01\x01\x78", 6)).len, 0);
    assert_int_equal(preamble_refusing_line(&p, bytes_from_text("no\tTLS\n")).len, 6);
}

/* Without the stream's header, whose id is another one each time. */
static void a_stream_that_ends_says_its_condition(void **state)
{
    (void)state;
    preamble p = {.protocol = PROTOCOL_XMPP};
    static const char *const said[] = {
        "<?xml version='1.0'?><stream:stream id='1'><stream:error><host-unknown "
        "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
        "<stream:stream id='2'><stream:error><host-unknown/></stream:error></stream:stream>",
        "<stream:stream id='3'><stream:error xml:lang='en'>\n<host-unknown></host-unknown><text>no</text></stream:error>"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        assert_true(bytes_equal(preamble_refusing_line(&p, bytes_from_text(said[i])), bytes_from_text("host-unknown")));
    assert_true(bytes_equal(preamble_refusing_line(&p, bytes_from_text("<stream:error>")), bytes_from_text("<stream:error>")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(a_server_without_an_upgrade_is_told_from_one_that_refuses),
        SITUATION(xmpp_that_lists_starttls_offers_it),
        SITUATION(a_stream_that_ends_says_its_condition),
        SITUATION(only_a_protocol_error_of_ldap_says_that_there_is_no_tls),
        SITUATION(rdp_lacks_tls_where_it_goes_on_in_clear_or_says_so),
        SITUATION(what_a_proxy_said_is_not_what_the_server_said),
        SITUATION(the_line_that_refused_is_the_servers),
        SITUATION(a_proxy_that_refuses_has_the_line),
        SITUATION(what_is_no_text_has_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
