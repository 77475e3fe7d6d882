/* First flights of real clients, through the state machine. */
#include "flights.h"
#include "situation.h"

static void every_real_hello_is_heard(void **state)
{
    talk *t = *state;
    flight_file *files = NULL;
    size_t num_files = flights_load(t->arena, &files);
    assert_true(num_files > 0);
    for (size_t i = 0; i < num_files; i++) {
        bytes_view written;
        t->num_steps = 0;
        talk_say(t, SIDE_CLIENT, files[i].bytes);
        talk_alert(t, SIDE_SERVER, ALERT_FATAL, 40);
        const conversation *c = talk_heard(t);
        if (c->phase != PHASE_CLIENT_HELLO || !c->has_hello)
            fail_msg("%s is not heard", files[i].name);
        assert_int_equal(c->alerts[SIDE_SERVER].description, 40);
        assert_true(client_hello_write(t->arena, &c->hello, &written, NULL));
        assert_true(bytes_equal(written, files[i].bytes));
    }
}

static void every_real_hello_behind_a_proxy(void **state)
{
    talk *t = *state;
    flight_file *files = NULL;
    size_t num_files = flights_load(t->arena, &files);
    for (size_t i = 0; i < num_files; i++) {
        t->num_steps = 0;
        talk_text(t, SIDE_CLIENT, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
        talk_text(t, SIDE_SERVER, "HTTP/1.1 200 OK\r\n\r\n");
        talk_say(t, SIDE_CLIENT, files[i].bytes);
        const conversation *c = talk_heard(t);
        assert_true(c->preamble.complete && c->has_hello);
        assert_int_equal(c->phase, PHASE_CLIENT_HELLO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITUATION(every_real_hello_is_heard),
        SITUATION(every_real_hello_behind_a_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
