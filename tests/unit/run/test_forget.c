/*
 * What a run keeps of very many connections. The trace is played here: --wrap puts trace_forget and trace_connections of this file
 * in the place of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/forget.h"

enum { MANY = 900 };

typedef struct played {
    arena *arena;
    watched_list list;
    forgotten forgotten;
    trace_connection *connections[3 * MANY];
    bool is_gone[3 * MANY], is_asked_about[3 * MANY];
    size_t num;
} played;

static played *now;

bool __wrap_trace_forget(trace *t, const trace_connection *connection);
size_t __wrap_trace_connections(const trace *t, const trace_connection *const **connections);

bool __wrap_trace_forget(trace *t, const trace_connection *connection)
{
    (void)t;
    assert_false(now->is_gone[connection->number]);
    if (now->is_asked_about[connection->number])
        return false;
    now->is_gone[connection->number] = true;
    arena_free(connection->arena);
    return true;
}

size_t __wrap_trace_connections(const trace *t, const trace_connection *const **connections)
{
    static const trace_connection *kept[3 * MANY];
    size_t num = 0;
    (void)t;
    for (size_t i = 0; i < now->num; i++)
        if (!now->is_gone[i])
            kept[num++] = now->connections[i];
    *connections = kept;
    return num;
}

static int set_up(void **state)
{
    static played all;
    all = (played){.arena = arena_new()};
    now = &all;
    *state = &all;
    return 0;
}

static int tear_down(void **state)
{
    played *p = *state;
    for (size_t i = 0; i < p->num; i++)
        if (!p->is_gone[i])
            arena_free(p->connections[i]->arena);
    arena_free(p->arena);
    return 0;
}

static trace_connection *begin(played *p, const conversation *said)
{
    arena *own = arena_new();
    trace_connection *t = ARENA_NEW(own, trace_connection);
    conversation *c = ARENA_NEW(own, conversation);
    *c = *said;
    c->arena = own;
    *t = (trace_connection){.number = p->num,
                            .pid = 7,
                            .tcp_state = TRACE_CONNECTED,
                            .arena = own,
                            .ended = true,
                            .conversation = c,
                            .connected_us = 1};
    assert_true(address_from_text("192.0.2.1", 443, &t->to));
    p->connections[p->num++] = t;
    (void)watched_add(p->arena, &p->list, t);
    return t;
}

static const conversation fine = {.has_hello = true, .client_spoke_tls = true, .phase = PHASE_ESTABLISHED};
static const conversation plain = {.client_len = 9, .server_len = 9, .client_first_bytes = {(const uint8_t *)"GET / now", 9}};

static size_t num_kept(const played *p)
{
    size_t num = 0;
    for (size_t i = 0; i < p->num; i++)
        num += p->is_gone[i] ? 0 : 1;
    return num;
}

static void few_are_all_kept(void **state)
{
    played *p = *state;
    for (size_t i = 0; i < FORGET_KEPT_MAX; i++)
        begin(p, &fine);
    forget_some(&p->forgotten, NULL, &p->list);
    assert_int_equal(p->list.num_items, FORGET_KEPT_MAX);
    assert_int_equal(p->forgotten.num, 0);
}

static void of_each_kind_the_first_are_kept_and_the_others_counted(void **state)
{
    played *p = *state;
    for (size_t i = 0; i < MANY; i++) {
        begin(p, &fine);
        begin(p, &plain);
        forget_some(&p->forgotten, NULL, &p->list);
    }
    p->forgotten.look_at = 0;
    forget_some(&p->forgotten, NULL, &p->list);
    assert_int_equal(p->list.num_items, 2 * FORGET_KEPT_MAX);
    assert_int_equal(num_kept(p), 2 * FORGET_KEPT_MAX);
    assert_int_equal(p->forgotten.num_ok, MANY - FORGET_KEPT_MAX);
    assert_int_equal(p->forgotten.num_plain, MANY - FORGET_KEPT_MAX);
    for (size_t i = 0; i < 2 * FORGET_KEPT_MAX; i++)
        assert_false(p->is_gone[i]);
}

static void a_connection_that_goes_on_is_kept(void **state)
{
    played *p = *state;
    for (size_t i = 0; i < MANY; i++)
        begin(p, &fine)->ended = i < MANY / 2;
    forget_some(&p->forgotten, NULL, &p->list);
    assert_int_equal(p->forgotten.num_ok, MANY / 2 - FORGET_KEPT_MAX);
    for (size_t i = MANY / 2; i < MANY; i++)
        assert_false(p->is_gone[i]);
}

static void one_whose_socket_may_still_be_asked_about_goes_later(void **state)
{
    played *p = *state;
    for (size_t i = 0; i < MANY; i++)
        begin(p, &fine);
    p->is_asked_about[MANY - 1] = true;
    forget_some(&p->forgotten, NULL, &p->list);
    assert_false(p->is_gone[MANY - 1]);
    p->is_asked_about[MANY - 1] = false;
    p->forgotten.look_at = 0;
    forget_some(&p->forgotten, NULL, &p->list);
    assert_true(p->is_gone[MANY - 1]);
    assert_int_equal(p->forgotten.num_ok, MANY - FORGET_KEPT_MAX);
}

static void one_that_waits_for_its_inquiry_is_kept(void **state)
{
    played *p = *state;
    for (size_t i = 0; i < MANY; i++)
        begin(p, &fine);
    p->list.items[MANY - 2]->wants_inquiry = true;
    forget_some(&p->forgotten, NULL, &p->list);
    assert_false(p->is_gone[MANY - 2]);
    assert_true(p->is_gone[MANY - 1]);
}

static void the_rest_is_judged_by_copies_of_the_latest(void **state)
{
    played *p = *state;
    const trace_connection *const *known;
    for (size_t i = 0; i < MANY; i++)
        begin(p, i % 2 == 0 ? &fine : &plain);
    forget_some(&p->forgotten, NULL, &p->list);
    size_t num = forget_all_known(p->arena, &p->forgotten, NULL, &known), num_fine = 0;
    assert_int_equal(num, 2 * FORGET_KEPT_MAX + FORGET_COPIES_MAX);
    for (size_t i = 2 * FORGET_KEPT_MAX; i < num; i++) {
        assert_true(known[i]->is_forgotten && known[i]->conversation == NULL);
        num_fine += known[i]->went_fine ? 1 : 0;
    }
    assert_int_equal(num_fine, FORGET_COPIES_MAX / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(few_are_all_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_each_kind_the_first_are_kept_and_the_others_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_connection_that_goes_on_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_whose_socket_may_still_be_asked_about_goes_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_waits_for_its_inquiry_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_rest_is_judged_by_copies_of_the_latest, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
