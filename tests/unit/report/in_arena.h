/* What the tests of this room share: cmocka, and an arena as the state of each test. Ownership: the arena goes with its test. */
#ifndef TLSWHY_TESTS_REPORT_IN_ARENA_H
#define TLSWHY_TESTS_REPORT_IN_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/report.h"
#include <string.h>

static inline int make_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static inline int drop_arena(void **state)
{
    arena_free(*state);
    return 0;
}

#define IN_ARENA(test) cmocka_unit_test_setup_teardown(test, make_arena, drop_arena)

#endif
