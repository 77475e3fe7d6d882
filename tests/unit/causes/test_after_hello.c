/* Who gave up once the hellos were agreed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causes/after_hello.h"

enum { ALERT_UNKNOWN_CA = 48, ALERT_HANDSHAKE_FAILURE = 40 };

static bool gave_up(const conversation *c)
{
    const evidence e = {.failed = c};
    const facts f = {.evidence = &e};
    return client_gave_up(&f);
}

/* The server's flight has come, in TLS 1.3. */
static conversation with_flight(void)
{
    return (conversation){.has_hello = true,
                          .has_server_hello = true,
                          .server_hello = {.version = 0x0304},
                          .phase = PHASE_SERVER_FLIGHT,
                          .has_first_end = true,
                          .first_end = SIDE_SERVER};
}

/* A server cannot read an alert in clear where it waits for protected records, and refuses that. */
static void an_alert_of_the_clients_that_the_server_answers_with_one_is_the_clients_doing(void **state)
{
    (void)state;
    conversation c = with_flight();
    c.has_alert[SIDE_CLIENT] = true;
    c.alerts[SIDE_CLIENT] = (alert){.level = ALERT_FATAL, .description = ALERT_UNKNOWN_CA};
    c.has_encrypted_alert[SIDE_SERVER] = true;
    c.events[0] = (event){.side = SIDE_CLIENT, .kind = EVENT_ALERT, .code = ALERT_UNKNOWN_CA, .level = ALERT_FATAL};
    c.events[1] = (event){.side = SIDE_SERVER, .kind = EVENT_PROTECTED_RECORD, .len = 19};
    c.events[2] = (event){.side = SIDE_SERVER, .kind = EVENT_STREAM_END};
    c.num_events = 3;
    assert_true(gave_up(&c));
}

static void an_alert_of_the_servers_that_comes_first_is_the_servers_doing(void **state)
{
    (void)state;
    conversation c = with_flight();
    c.has_alert[SIDE_SERVER] = true;
    c.alerts[SIDE_SERVER] = (alert){.level = ALERT_FATAL, .description = ALERT_HANDSHAKE_FAILURE};
    c.events[0] = (event){.side = SIDE_SERVER, .kind = EVENT_ALERT, .code = ALERT_HANDSHAKE_FAILURE, .level = ALERT_FATAL};
    c.events[1] = (event){.side = SIDE_SERVER, .kind = EVENT_STREAM_END};
    c.num_events = 2;
    assert_false(gave_up(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_of_the_clients_that_the_server_answers_with_one_is_the_clients_doing),
        cmocka_unit_test(an_alert_of_the_servers_that_comes_first_is_the_servers_doing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
