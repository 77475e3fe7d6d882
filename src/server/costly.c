/*
 * A key of a finite-field group costs a server most of all that it does for a hello: OpenSSL 2 ms where its file of parameters
 * names no length for the exponent, against 0.1 to 0.4 for an elliptic one with its signature. But many servers refuse protocols of
 * ALPN that they do not know (RFC 7301, 3.2), and OpenSSL looks at them when it has chosen the suite and before it makes the key.
 * So nginx answers a suite that it takes with no_application_protocol, and one that it does not take with handshake_failure, and
 * neither costs it a key: 6 are left of the 46 that it would make for all suites of OpenSSL.
 *
 * So where the client's order counts (the server's is seen only by choices among several) suites with such keys are offered alone,
 * with such a protocol. A server that does not mind it chooses as always. Of one that minds, its alert tells the choice if two more
 * hellos of that wave were answered by these two alerts: one with a suite that is known to be taken, one with none at all; and if
 * one suite with keys of that kind was chosen for good in that version. Else (Java looks at protocols first) nothing was heard, and
 * they are asked for again as all others are.
 */
#include "registry/registry.h"
#include "server/survey_state.h"
#include "wire/hello_edit.h"

enum { COSTLY_MIN = 8 }; /* for fewer, two connections more are not worth it */
enum control { CONTROL_TAKEN, CONTROL_NONE };
enum { ALERT_HANDSHAKE_FAILURE = 40, ALERT_NO_APPLICATION_PROTOCOL = 120 };
/* RFC 8701, 3.1: never assigned. */
#define SUITE_GREASE ((uint16_t)0x5A5A)
#define PROTOCOL_GREASE "\x5A\x5A"

static bool is_finite_field(const cipher_suite_row *row)
{
    return row != NULL && row->key_exchange == SUITE_KX_DHE;
}

/* By what signs for the keys. */
static size_t mark_costly(hunt *h)
{
    size_t num_open = 0;
    for (size_t i = 0; i < h->candidates.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(h->candidates.codes[i]);
        h->costly_kinds[i] = is_finite_field(row) ? (uint8_t)(1 + row->authentication) : 0;
        num_open += h->costly_kinds[i] != 0 && h->likely[i] && h->states[i] == CANDIDATE_OPEN;
    }
    return num_open;
}

client_hello costly_hello(const survey *s, const client_hello *hello)
{
    bytes_view protocol = bytes_from_text(PROTOCOL_GREASE);
    return hello_with_alpn(s->arena, hello, &protocol, 1);
}

static void ask_control(survey *s, enum control which, code_list offer)
{
    client_hello hello = survey_offer(s, TOPIC_TLS12, offer);
    hello = costly_hello(s, &hello);
    survey_ask(s, &hello, DEPTH_HELLO, TOPIC_CONTROLS, which, offer);
}

/* One that costs little, if there is any. */
static uint16_t taken_suite(const hunt *h)
{
    code_list taken = hunt_taken(h);
    for (size_t i = 0; i < taken.num_codes; i++)
        if (!is_finite_field(cipher_suite_find(taken.codes[i])))
            return taken.codes[i];
    return taken.num_codes == 0 ? 0 : taken.codes[0];
}

void costly_plan(survey *s)
{
    size_t num_open = 0;
    uint16_t taken = taken_suite(&s->hunts[TOPIC_TLS12]);
    for (unsigned t = TOPIC_TLS10; t <= TOPIC_TLS12; t++)
        if (s->hunts[t].guessed_order == ORDER_CLIENT)
            num_open += mark_costly(&s->hunts[t]);
    if (num_open < COSTLY_MIN || taken == 0)
        return;
    for (unsigned t = TOPIC_TLS10; t <= TOPIC_TLS12; t++)
        s->hunts[t].asks_costly_alone = true;
    ask_control(s, CONTROL_TAKEN, codes_one(s->arena, taken));
    ask_control(s, CONTROL_NONE, codes_one(s->arena, SUITE_GREASE));
}

void costly_hear(survey *s, unsigned which, const answer *given)
{
    uint8_t expected = which == CONTROL_TAKEN ? ALERT_NO_APPLICATION_PROTOCOL : ALERT_HANDSHAKE_FAILURE;
    s->controls_held += given->kind == ANSWER_ALERT && given->alert.description == expected;
}

bool costly_tells(const survey *s, const survey_probe *asked)
{
    return s->controls_held == 2 && hunt_shows_kind_of(&s->hunts[asked->topic], asked->offer.codes[0]);
}

bool costly_is_chosen(const survey *s, const survey_probe *asked, const answer *given)
{
    return asked->stops_at_choice && given->kind == ANSWER_ALERT && given->alert.description == ALERT_NO_APPLICATION_PROTOCOL &&
           costly_tells(s, asked);
}
