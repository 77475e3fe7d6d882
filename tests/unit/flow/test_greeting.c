/* Which protocol the first bytes are: as real servers and clients say them. */
#include "situation.h"

typedef struct sample {
    const char *bytes;
    size_t len;
    uint16_t port;
    enum protocol protocol;
} sample;

#define SAMPLE(literal, port, protocol)                                                                                            \
    {                                                                                                                              \
        (literal), sizeof(literal) - 1, (port), (protocol)                                                                         \
    }

static const sample greetings[] = {
    SAMPLE("220 mail.example ESMTP Postfix (Debian/GNU)\r\n", 25, PROTOCOL_SMTP),
    SAMPLE("220 ftp.example ESMTP Exim 4.96\r\n", 587, PROTOCOL_SMTP),
    SAMPLE("554 mail.example you are blocked\r\n", 25, PROTOCOL_SMTP),
    SAMPLE("421 Service not available\r\n", 25, PROTOCOL_SMTP),
    SAMPLE("220 ProFTPD Server (Debian) [::ffff:192.0.2.7]\r\n", 21, PROTOCOL_FTP),
    SAMPLE("220 (vsFTPd 3.0.3)\r\n", 2100, PROTOCOL_FTP),
    SAMPLE("220-FileZilla Server 1.7.2\r\n220 Please visit\r\n", 4021, PROTOCOL_FTP),
    SAMPLE("220 Welcome\r\n", 21, PROTOCOL_FTP),
    SAMPLE("220 Welcome\r\n", 25, PROTOCOL_SMTP),
    SAMPLE("500 Invalid command: try being more creative\r\n", 21, PROTOCOL_FTP),
    SAMPLE("* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n", 143, PROTOCOL_IMAP),
    SAMPLE("* OK IMAP4rev1\r\n", 4444, PROTOCOL_IMAP),
    SAMPLE("* PREAUTH welcome\r\n", 143, PROTOCOL_IMAP),
    SAMPLE("* BYE too many connections\r\n", 143, PROTOCOL_IMAP),
    SAMPLE("+OK Dovecot ready.\r\n", 110, PROTOCOL_POP3),
    SAMPLE("-ERR [SYS/TEMP] try later\r\n", 110, PROTOCOL_POP3),
    SAMPLE("-ERR unknown command\r\n", 6379, PROTOCOL_UNKNOWN),
    SAMPLE("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", 22, PROTOCOL_SSH),
    SAMPLE("SSH-1.99-Cisco-1.25\n", 22, PROTOCOL_SSH),
    SAMPLE("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n", 443, PROTOCOL_HTTP),
    SAMPLE("HTTP/1.0 501 Not Implemented\r\n", 443, PROTOCOL_HTTP),
    SAMPLE("<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">", 443, PROTOCOL_HTTP),
    SAMPLE("<html>\r\n<head><title>400 Bad Request</title></head>", 443, PROTOCOL_HTTP),
    SAMPLE("\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80", 443, PROTOCOL_HTTP2),
    SAMPLE("\x00\x00\x00\x04\x00\x00\x00\x00\x00", 50051, PROTOCOL_HTTP2),
    SAMPLE("\x4a\x00\x00\x00\x0a"
           "8.0.36\x00\x08\x00\x00\x00",
           3306, PROTOCOL_MYSQL),
    SAMPLE("\x6b\x00\x00\x00\x0a"
           "5.5.5-10.11.6-MariaDB-0+deb12u1\x00",
           3306, PROTOCOL_MYSQL),
    SAMPLE("\x45\x00\x00\x00\xffj\x04"
           "Host '192.0.2.9' is not allowed to connect to this MariaDB server",
           3306, PROTOCOL_MYSQL),
    SAMPLE("\x21\x00\x00\x01\xff\x84\x04"
           "#08S01Got packets out of order",
           3306, PROTOCOL_MYSQL),
    SAMPLE("E\x00\x00\x00\x8fSFATAL\x00VFATAL\x00"
           "C0A000\x00Munsupported frontend protocol",
           5432, PROTOCOL_POSTGRESQL),
    SAMPLE("EFATAL:  unsupported frontend protocol 5635.21536: server supports 2.0 to 3.0\n", 5432, PROTOCOL_POSTGRESQL),
    SAMPLE("<?xml version='1.0'?><stream:stream xmlns='jabber:client'", 5222, PROTOCOL_XMPP),
    SAMPLE("<stream:stream xmlns='jabber:client'", 5222, PROTOCOL_XMPP),
    SAMPLE("\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x02\x04\x00\x04\x00", 389, PROTOCOL_LDAP),
    SAMPLE("\x30\x84\x00\x00\x00\x28\x02\x01\x00\x78\x84\x00\x00\x00\x1f", 389, PROTOCOL_LDAP),
    SAMPLE("\x15\x03\x01\x00\x02\x02\x28", 443, PROTOCOL_TLS),
    SAMPLE("\x16\x03\x03\x00\x40\x02", 443, PROTOCOL_TLS),
    SAMPLE("\x05\xff", 1080, PROTOCOL_SOCKS5),
    SAMPLE("", 443, PROTOCOL_UNKNOWN),
    SAMPLE("hello world", 443, PROTOCOL_UNKNOWN),
    SAMPLE("22", 25, PROTOCOL_UNKNOWN),
    SAMPLE("2200 things", 25, PROTOCOL_UNKNOWN),
    SAMPLE("\xff\xfb\x01\xff\xfb\x03", 23, PROTOCOL_UNKNOWN),
};

static const sample requests[] = {
    SAMPLE("GET / HTTP/1.1\r\n", 0, PROTOCOL_HTTP),
    SAMPLE("POST /a HTTP/1.1\r\n", 0, PROTOCOL_HTTP),
    SAMPLE("CONNECT a:443 HTTP/1.1\r\n", 0, PROTOCOL_HTTP_CONNECT),
    SAMPLE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, PROTOCOL_HTTP2),
    SAMPLE("\x16\x03\x01\x02\x00\x01", 0, PROTOCOL_TLS),
    SAMPLE("\x80\x2e\x01\x00\x02\x00\x15", 0, PROTOCOL_TLS),
    SAMPLE("\x05\x01\x00", 0, PROTOCOL_SOCKS5),
    SAMPLE("EHLO me\r\n", 0, PROTOCOL_SMTP),
    SAMPLE("a1 STARTTLS\r\n", 0, PROTOCOL_IMAP),
    SAMPLE("* OK\r\n", 0, PROTOCOL_UNKNOWN),
    SAMPLE("STLS\r\n", 0, PROTOCOL_POP3),
    SAMPLE("AUTH TLS\r\n", 0, PROTOCOL_FTP),
    SAMPLE("SSH-2.0-OpenSSH_9.2\r\n", 0, PROTOCOL_SSH),
    SAMPLE("<?xml version='1.0'?>", 0, PROTOCOL_XMPP),
    SAMPLE("\x00\x00\x00\x08\x04\xd2\x16\x2f", 0, PROTOCOL_POSTGRESQL),
    SAMPLE("\x00\x00\x00\x29\x00\x03\x00\x00user\x00me", 0, PROTOCOL_POSTGRESQL),
    SAMPLE("\x30\x1d\x02\x01\x01\x77\x18\x80\x16", 0, PROTOCOL_LDAP),
    SAMPLE("", 0, PROTOCOL_UNKNOWN),
};

static void servers_greet(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
        const sample *s = &greetings[i];
        enum protocol p = protocol_of_greeting(bytes_from(s->bytes, s->len), s->port);
        if (p != s->protocol)
            fail_msg("greeting %zu is %s, not %s", i, protocol_name(s->protocol), protocol_name(p));
    }
}

static void clients_ask(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const sample *s = &requests[i];
        enum protocol p = protocol_of_request(bytes_from(s->bytes, s->len));
        if (p != s->protocol)
            fail_msg("request %zu is %s, not %s", i, protocol_name(s->protocol), protocol_name(p));
    }
}

static void names_go_both_ways(void **state)
{
    (void)state;
    for (int p = PROTOCOL_UNKNOWN + 1; p < PROTOCOL_COUNT; p++)
        assert_int_equal(protocol_from_name(protocol_name((enum protocol)p)), p);
    assert_int_equal(protocol_from_name("nonsense"), PROTOCOL_UNKNOWN);
    assert_int_equal(protocol_from_name("unknown"), PROTOCOL_UNKNOWN);
    assert_string_equal(protocol_name((enum protocol)99), "unknown");
    assert_true(protocol_upgrades(PROTOCOL_SMTP) && !protocol_upgrades(PROTOCOL_HTTP));
}

/* A verdict rests on what a greeting is taken for: whatever a TLS server says first, no part of it is a database's. */
static void no_part_of_a_tls_record_is_a_databases_greeting(void **state)
{
    (void)state;
    for (unsigned type = 20; type <= 24; type++)
        for (unsigned minor = 0; minor <= 4; minor++)
            for (unsigned len = 1; len < 16384; len += 3)
                for (size_t cut = 3; cut <= 7; cut++) {
                    uint8_t said[7] = {(uint8_t)type, 3, (uint8_t)minor, (uint8_t)(len >> 8), (uint8_t)len, 2, 40};
                    enum protocol p = protocol_of_greeting(bytes_from(said, cut), 443);
                    assert_true(p != PROTOCOL_MYSQL && p != PROTOCOL_POSTGRESQL && p != PROTOCOL_LDAP);
                }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_greet),
        cmocka_unit_test(no_part_of_a_tls_record_is_a_databases_greeting),
        cmocka_unit_test(clients_ask),
        cmocka_unit_test(names_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
