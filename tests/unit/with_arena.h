/* One arena for each test, as its state: made before it and freed after it, also where the test fails. */
#ifndef TLSWHY_TESTS_WITH_ARENA_H
#define TLSWHY_TESTS_WITH_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static inline int arena_set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static inline int arena_tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, arena_set_up, arena_tear_down)

#endif
