/* Conversations with damaged bytes: whatever is made of them, the cut of the stream makes no difference to it. */
#include "situation.h"

#include <stdlib.h>

#define ROUNDS 1500

static void say_tls12(talk *t)
{
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS12, 0x002f);
    talk_message(t, SIDE_SERVER, HANDSHAKE_CERTIFICATE, certificate_body(t->arena, 2, 60));
    talk_message(t, SIDE_SERVER, HANDSHAKE_SERVER_HELLO_DONE, bytes_from(NULL, 0));
    talk_message(t, SIDE_CLIENT, HANDSHAKE_CLIENT_KEY_EXCHANGE, zeros(t->arena, 40));
    talk_change_cipher_spec(t, SIDE_CLIENT);
    talk_protected(t, SIDE_CLIENT, CONTENT_HANDSHAKE, 40);
    talk_change_cipher_spec(t, SIDE_SERVER);
    talk_protected(t, SIDE_SERVER, CONTENT_HANDSHAKE, 40);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 40);
    talk_protected(t, SIDE_SERVER, CONTENT_ALERT, 26);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
}

static void say_tls13_behind_a_proxy(talk *t)
{
    TALK_LINES(t, "> CONNECT a.example:443 HTTP/1.1\r\n", "< HTTP/1.1 200 OK\r\n");
    talk_client_hello(t);
    talk_retry_request(t);
    talk_client_hello(t);
    talk_server_hello(t, VERSION_TLS13, 0x1301);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 90);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 53);
    talk_protected(t, SIDE_SERVER, CONTENT_APPLICATION_DATA, 90);
    talk_protected(t, SIDE_CLIENT, CONTENT_APPLICATION_DATA, 19);
    talk_end(t, SIDE_CLIENT, STREAM_RESET);
}

static void say_smtp(talk *t)
{
    t->port = 25;
    TALK_LINES(t, "< 220 mail.example ESMTP", "> EHLO me", "< 250-mail.example\r\n250 STARTTLS", "> STARTTLS", "< 220 go");
    talk_client_hello(t);
    talk_alert(t, SIDE_SERVER, ALERT_FATAL, 40);
    talk_end(t, SIDE_SERVER, STREAM_FIN);
    talk_end(t, SIDE_CLIENT, STREAM_FIN);
}

typedef void say_function(talk *t);

/* One byte of one step is another one, or the step ends early. */
static void damage(talk *t, unsigned *seed)
{
    size_t index = (size_t)rand_r(seed) % t->num_steps;
    bytes_view bytes = bytes_copy(t->arena, t->steps[index].bytes);
    if (bytes.len == 0)
        return;
    size_t at = (size_t)rand_r(seed) % (rand_r(seed) % 2 == 0 && bytes.len > 10 ? 10 : bytes.len);
    uint8_t value = (uint8_t)(rand_r(seed) >> 4);
    if (rand_r(seed) % 4 == 0)
        t->steps[index].bytes = bytes_slice(bytes, 0, at);
    else
        t->steps[index].bytes = joined(t->arena, joined(t->arena, bytes_slice(bytes, 0, at), bytes_from(&value, 1)),
                                       bytes_slice(bytes, at + 1, bytes.len));
}

static void damaged(say_function *say, unsigned seed)
{
    for (int round = 0; round < ROUNDS; round++) {
        talk *t = talk_new(443);
        say(t);
        for (unsigned times = 1 + seed % 3; times > 0; times--)
            damage(t, &seed);
        talk_heard(t);
        talk_free(t);
    }
}

static void tls12_is_damaged(void **state)
{
    (void)state;
    damaged(say_tls12, 12);
}

static void tls13_behind_a_proxy_is_damaged(void **state)
{
    (void)state;
    damaged(say_tls13_behind_a_proxy, 13);
}

static void smtp_is_damaged(void **state)
{
    (void)state;
    damaged(say_smtp, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls12_is_damaged),
        cmocka_unit_test(tls13_behind_a_proxy_is_damaged),
        cmocka_unit_test(smtp_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
