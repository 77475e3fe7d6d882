/* What servers say in clear where they want TLS first, told from what else they refuse. */
#include "situation.h"

static bool demands(const char *request, bytes_view said)
{
    bytes_view asked = bytes_from_text(request);
    const conversation c = {
        .client_first_bytes = asked, .client_len = asked.len, .server_first_bytes = said, .server_len = said.len};
    return conversation_demand_for_tls(&c).len > 0;
}

static void a_list_without_a_way_to_log_in_demands_it(void **state)
{
    (void)state;
    const char *imap = "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi\r\n";
    assert_true(demands("a1 CAPABILITY\r\n", bytes_from_text(imap)));
    assert_false(demands("a1 CAPABILITY\r\n", bytes_from_text("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi\r\n")));
    assert_false(demands("a1 CAPABILITY\r\n", bytes_from_text("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n")));
    assert_true(demands("CAPA\r\n", bytes_from_text("+OK hi\r\n+OK\r\nTOP\r\nSTLS\r\n.\r\n")));
    assert_false(demands("CAPA\r\n", bytes_from_text("+OK hi\r\n+OK\r\nTOP\r\nSTLS\r\nUSER\r\n.\r\n")));
    assert_false(demands("CAPA\r\n", bytes_from_text("+OK hi\r\n+OK\r\nTOP\r\nSTLS\r\nSASL PLAIN\r\n.\r\n")));
    assert_false(demands("CAPA\r\n", bytes_from_text("+OK hi\r\n+OK\r\nTOP\r\nSTLS\r\n"))); /* not whole */
}

static bool mysql_demands(uint16_t code)
{
    char said[] = "\x0c\x00\x00\x00\x0a"
                  "8.0.33\x00\x08\x00\x00\x00"
                  "\x09\x00\x00\x02\xff\x00\x00#HY000";
    size_t len = sizeof said - 1;
    said[len - 8] = (char)(code & 0xff);
    said[len - 7] = (char)(code >> 8);
    return demands("\x20", bytes_from(said, len));
}

static void one_error_of_mysql_demands_it(void **state)
{
    (void)state;
    assert_true(mysql_demands(3159));
    assert_false(mysql_demands(1045));
}

static void postgresql_demands_it_where_no_entry_is_for_what_comes_in_clear(void **state)
{
    (void)state;
    const char clear[] = "E\x00\x00\x00\x60SFATAL\x00"
                         "C28000\x00Mno pg_hba.conf entry for host \"::1\", user \"a\", no encryption";
    const char secure[] = "E\x00\x00\x00\x60SFATAL\x00"
                          "C28000\x00Mno pg_hba.conf entry for host \"::1\", user \"a\", SSL encryption";
    assert_true(demands("x", bytes_from(clear, sizeof clear - 1)));
    assert_false(demands("x", bytes_from(secure, sizeof secure - 1)));
}

static void active_directory_names_tls_in_its_words(void **state)
{
    (void)state;
    const char said[] = "\x30\x17\x02\x01\x01\x61\x12\x0a\x01\x08\x04\x00\x04\x0bSSL\\TLS now";
    const char other[] = "\x30\x17\x02\x01\x01\x61\x12\x0a\x01\x08\x04\x00\x04\x0bsigning now";
    assert_true(demands("x", bytes_from(said, sizeof said - 1)));
    assert_false(demands("x", bytes_from(other, sizeof other - 1)));
}

static void what_a_web_server_says_demands_nothing(void **state)
{
    (void)state;
    assert_false(demands("GET / HTTP/1.1\r\n\r\n", bytes_from_text("HTTP/1.1 404 no TLS here\r\n500 SSL\r\n")));
}

static bool smtp_demands(const char *said)
{
    return demands("EHLO me\r\n", bytes_from_text(said));
}

static void a_refusal_in_words_of_tls_demands_it(void **state)
{
    (void)state;
    assert_true(smtp_demands("530 5.7.0 Must issue a STARTTLS command first\r\n"));
    assert_true(smtp_demands("550 5.7.1 TLSv1.2 is required, see https://mail.example.com/\r\n"));
    assert_true(smtp_demands("538 Encryption required for requested authentication mechanism\r\n"));
    assert_true(demands("USER a\r\n", bytes_from_text("550 SSL/TLS required on the control channel\r\n")));
    assert_true(demands("USER a\r\n", bytes_from_text("530 Non-anonymous sessions must use encryption.\r\n")));
    assert_true(demands("a1 LOGIN a b\r\n", bytes_from_text("a1 NO [PRIVACYREQUIRED] Plaintext authentication disallowed\r\n")));
}

static void a_name_with_these_letters_in_it_demands_nothing(void **state)
{
    (void)state;
    assert_false(smtp_demands("550 5.1.1 <bob@sslcorp.example>: User unknown\r\n"));
    assert_false(smtp_demands("550 5.1.1 <ssl>: User unknown\r\n"));
    assert_false(smtp_demands("554 5.7.1 tls.example.com refused to talk to us\r\n"));
    assert_false(smtp_demands("550 5.7.1 blocked, see https://letsencrypt.example/ssl\r\n"));
    assert_false(smtp_demands("550 5.1.1 User sslmaster unknown\r\n"));
    assert_false(demands("a1 LOGIN a b\r\n", bytes_from_text("a1 NO Mailbox \"SSL\" doesn't exist\r\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_without_a_way_to_log_in_demands_it),
        cmocka_unit_test(one_error_of_mysql_demands_it),
        cmocka_unit_test(postgresql_demands_it_where_no_entry_is_for_what_comes_in_clear),
        cmocka_unit_test(active_directory_names_tls_in_its_words),
        cmocka_unit_test(what_a_web_server_says_demands_nothing),
        cmocka_unit_test(a_refusal_in_words_of_tls_demands_it),
        cmocka_unit_test(a_name_with_these_letters_in_it_demands_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
