/* One situation for each test: a talk that is made before it and freed after it, also where the test fails. */
#ifndef TLSWHY_TESTS_FLOW_SITUATION_H
#define TLSWHY_TESTS_FLOW_SITUATION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "registry/registry.h"
#include "talk.h"

static inline int situation_set_up(void **state)
{
    *state = talk_new(443);
    return 0;
}

static inline int situation_tear_down(void **state)
{
    talk_free(*state);
    return 0;
}

#define SITUATION(test) cmocka_unit_test_setup_teardown(test, situation_set_up, situation_tear_down)

#endif
