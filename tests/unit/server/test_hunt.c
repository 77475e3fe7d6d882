/* Hunts against servers that are a list and an order. */
#include "server/hunt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { CANDIDATES = 60 };

static uint16_t choose(code_list has, bool own_order, code_list offer)
{
    code_list first = own_order ? has : offer, second = own_order ? offer : has;
    for (size_t i = 0; i < first.num_codes; i++)
        if (codes_contain(second, first.codes[i]))
            return first.codes[i];
    return 0;
}

/* Returns how many offers it took; what was found is in `*found`. */
static size_t hunt_for(arena *a, code_list has, bool own_order, hunt *h)
{
    code_list candidates = {.codes = ARENA_ARRAY(a, CANDIDATES, uint16_t), .num_codes = CANDIDATES}, *offers;
    size_t total = 0;
    for (uint16_t i = 0; i < CANDIDATES; i++)
        candidates.codes[i] = (uint16_t)(i + 1);
    hunt_init(h, a, candidates);
    for (size_t i = 0; i < CANDIDATES; i++)
        h->likely[i] = codes_contain(has, candidates.codes[i]);
    for (size_t num = hunt_next(h, &offers); num > 0; num = hunt_next(h, &offers)) {
        for (size_t i = 0; i < num; i++)
            hunt_hear(h, offers[i], choose(has, own_order, offers[i]));
        total += num;
    }
    return total;
}

static void a_right_guess_costs_little_more_than_one_offer_each(void **state)
{
    (void)state;
    arena *a = arena_new();
    hunt h;
    code_list has = codes_from(a, (uint16_t[]){3, 9, 17, 30, 44, 51}, 6);
    assert_true(hunt_for(a, has, true, &h) <= has.num_codes + 3);
    assert_int_equal(hunt_order(&h), ORDER_SERVER);
    assert_int_equal(hunt_taken(&h).num_codes, 6);
    assert_true(hunt_is_complete(&h));
    assert_true(hunt_for(a, has, false, &h) <= has.num_codes + 3);
    assert_int_equal(hunt_order(&h), ORDER_CLIENT);
    assert_int_equal(hunt_taken(&h).num_codes, 6);
    arena_free(a);
}

static void an_order_that_was_guessed_wrong_is_corrected(void **state)
{
    (void)state;
    arena *a = arena_new();
    hunt h;
    code_list has = codes_from(a, (uint16_t[]){44, 3, 51, 9, 30, 17}, 6);
    (void)hunt_for(a, has, true, &h);
    code_list found = hunt_taken(&h);
    assert_int_equal(found.num_codes, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(found.codes[i], has.codes[i]);
    arena_free(a);
}

/* Connections that came to nothing: what was not seen is not called settled. */
static void an_order_of_which_not_all_was_answered_is_not_settled(void **state)
{
    (void)state;
    arena *a = arena_new();
    hunt h;
    code_list has = codes_from(a, (uint16_t[]){44, 3, 51, 9, 30, 17}, 6), *offers;
    code_list candidates = {.codes = ARENA_ARRAY(a, CANDIDATES, uint16_t), .num_codes = CANDIDATES};
    for (uint16_t i = 0; i < CANDIDATES; i++)
        candidates.codes[i] = (uint16_t)(i + 1);
    hunt_init(&h, a, candidates);
    for (size_t i = 0; i < CANDIDATES; i++)
        h.likely[i] = codes_contain(has, candidates.codes[i]);
    for (size_t num = hunt_next(&h, &offers); num > 0; num = hunt_next(&h, &offers))
        for (size_t i = 0; i < num; i++)
            if (offers[i].num_codes == 2 || offers[i].num_codes == 3)
                hunt_hear_nothing(&h);
            else
                hunt_hear(&h, offers[i], choose(has, true, offers[i]));
    assert_int_equal(hunt_order(&h), ORDER_SERVER);
    assert_false(hunt_order_is_settled(&h));
    (void)hunt_for(a, has, true, &h);
    assert_true(hunt_order_is_settled(&h));
    arena_free(a);
}

/* As an OpenSSL without parameters for DHE does: it chooses a suite of those, and gives up. */
static void a_server_that_stumbles_over_its_own_choice_is_asked_one_by_one(void **state)
{
    (void)state;
    enum { FAILS = 30 };
    arena *a = arena_new();
    hunt h;
    code_list has = codes_from(a, (uint16_t[]){3, 9, 17, FAILS, 44, 51}, 6), *offers;
    code_list candidates = {.codes = ARENA_ARRAY(a, CANDIDATES, uint16_t), .num_codes = CANDIDATES};
    for (uint16_t i = 0; i < CANDIDATES; i++)
        candidates.codes[i] = (uint16_t)(i + 1);
    hunt_init(&h, a, candidates);
    h.hints[h.num_hints++] = codes_from(a, (uint16_t[]){FAILS, 17, 3}, 3);
    for (size_t num = hunt_next(&h, &offers); num > 0; num = hunt_next(&h, &offers))
        for (size_t i = 0; i < num; i++) {
            uint16_t chosen = choose(has, false, offers[i]);
            hunt_hear(&h, offers[i], chosen == FAILS ? 0 : chosen);
        }
    code_list found = hunt_taken(&h);
    assert_true(h.stumbles);
    assert_int_equal(found.num_codes, 5);
    assert_false(codes_contain(found, FAILS));
    assert_true(codes_contain(found, 17) && codes_contain(found, 9));
    arena_free(a);
}

static void what_it_called_an_internal_error_is_forgotten_with_the_refusals(void **state)
{
    (void)state;
    arena *a = arena_new();
    hunt h;
    code_list candidates = codes_from(a, (uint16_t[]){1, 2, 3}, 3), *offers;
    hunt_init(&h, a, candidates);
    h.saw_internal_error = true;
    (void)hunt_next(&h, &offers);
    hunt_forget_refusals(&h);
    (void)hunt_next(&h, &offers);
    hunt_hear(&h, offers[0], 2);
    (void)hunt_next(&h, &offers);
    assert_false(h.stumbles);
    arena_free(a);
}

enum { FAVOURITES = 10, FIRST_FAVOURITE = 11 };

static bool is_wanted_often(uint16_t code)
{
    return code >= FIRST_FAVOURITE && code < FIRST_FAVOURITE + FAVOURITES;
}

/* Chooses so that each of the favourites is to be asked for beside each other candidate. */
static uint16_t choose_to_be_asked_more(code_list offer, size_t num_candidates)
{
    uint16_t first = offer.codes[0], last = offer.codes[offer.num_codes - 1];
    if (offer.num_codes == num_candidates && (first == 1 || last == 1))
        return 1;
    if (is_wanted_often(first) && offer.num_codes + 1 >= num_candidates)
        return FIRST_FAVOURITE;
    if (is_wanted_often(first) && offer.num_codes > 1 && !is_wanted_often(offer.codes[1]))
        return offer.codes[1];
    for (size_t i = 0; i < offer.num_codes && is_wanted_often(last) && last != FIRST_FAVOURITE; i++)
        if (!is_wanted_often(offer.codes[i]))
            return offer.codes[i];
    return last;
}

static void a_server_that_wants_to_be_asked_for_ever_is_asked_a_bounded_number(void **state)
{
    (void)state;
    enum { MANY = 330, OFFERS_MAX = 2 * MANY + 256 };
    arena *a = arena_new();
    hunt h;
    code_list candidates = {.codes = ARENA_ARRAY(a, MANY, uint16_t)}, *offers;
    for (uint16_t i = 1; i <= MANY; i++)
        candidates.codes[candidates.num_codes++] = i;
    hunt_init(&h, a, candidates);
    h.favourites = (code_list){.codes = candidates.codes + FIRST_FAVOURITE - 1, .num_codes = FAVOURITES};
    h.guessed_order = ORDER_SERVER;
    for (size_t i = 0; i < MANY; i++)
        h.likely[i] = true;
    for (size_t num = hunt_next(&h, &offers), round = 0; num > 0; num = hunt_next(&h, &offers), round++) {
        assert_true(num <= (round < 3 ? OFFERS_MAX : 2 * HUNT_FAVOURITE_OFFERS_MAX + MANY));
        for (size_t i = 0; i < num; i++)
            hunt_hear(&h, offers[i], choose_to_be_asked_more(offers[i], MANY));
    }
    arena_free(a);
}

static void nothing_is_no_where_every_offer_was_refused(void **state)
{
    (void)state;
    arena *a = arena_new();
    hunt h;
    (void)hunt_for(a, (code_list){0}, true, &h);
    assert_int_equal(hunt_taken(&h).num_codes, 0);
    assert_true(hunt_is_complete(&h));
    arena_free(a);
}

/* As a server with two certificates chooses a scheme: first which certificate (here: even numbers before odd ones), then by the
 * client's order. */
static uint16_t choose_by_certificate(code_list has, code_list offer)
{
    for (unsigned parity = 0; parity < 2; parity++)
        for (size_t i = 0; i < offer.num_codes; i++)
            if (offer.codes[i] % 2 == parity && codes_contain(has, offer.codes[i]))
                return offer.codes[i];
    return 0;
}

static void what_is_passed_over_for_another_certificate_is_not_taken_for_refused(void **state)
{
    (void)state;
    arena *a = arena_new();
    hunt h;
    code_list candidates = {.codes = ARENA_ARRAY(a, 12, uint16_t), .num_codes = 12}, *offers;
    code_list has = codes_from(a, (uint16_t[]){1, 3, 4, 5, 8, 9, 10}, 7);
    for (uint16_t i = 0; i < 12; i++)
        candidates.codes[i] = (uint16_t)(i + 1);
    hunt_init(&h, a, candidates);
    h.has_other_reasons = true;
    for (size_t num = hunt_next(&h, &offers); num > 0; num = hunt_next(&h, &offers))
        for (size_t i = 0; i < num; i++)
            hunt_hear(&h, offers[i], choose_by_certificate(has, offers[i]));
    assert_int_equal(hunt_taken(&h).num_codes, has.num_codes);
    assert_true(hunt_is_complete(&h));
    arena_free(a);
}

/* Favourites of clients without AES instructions: as OpenSSL's PrioritizeChaCha puts all of them first where the client begins with
 * one; and as Go does, with two certificates: it has another order where the client does not begin with AES, and of each the suites
 * of the first certificate (here: even numbers) come before all others. */
enum { FAVOURITE_FIRST = 5, FAVOURITE_LAST = 8 };

static bool is_favourite(uint16_t code)
{
    return code >= FAVOURITE_FIRST && code <= FAVOURITE_LAST;
}

static uint16_t choose_as_openssl(arena *a, code_list has, code_list offer)
{
    code_list favourites = codes_from(a, (uint16_t[]){5, 6, 7, 8}, 4);
    uint16_t best = is_favourite(offer.codes[0]) && codes_contain(has, offer.codes[0]) ? choose(favourites, true, offer) : 0;
    return best != 0 ? best : choose(has, true, offer);
}

static uint16_t choose_as_go(arena *a, code_list has, code_list offer)
{
    uint16_t first = choose(has, false, offer);
    code_list favourites = codes_from(a, (uint16_t[]){5, 6, 7, 8}, 4), kept = {.codes = ARENA_ARRAY(a, offer.num_codes, uint16_t)};
    bool any_even = false;
    for (size_t i = 0; i < offer.num_codes; i++)
        any_even = any_even || (offer.codes[i] % 2 == 0 && codes_contain(has, offer.codes[i]));
    for (size_t i = 0; i < offer.num_codes; i++)
        if (!any_even || offer.codes[i] % 2 == 0)
            kept.codes[kept.num_codes++] = offer.codes[i];
    uint16_t best = first < FAVOURITE_FIRST ? 0 : choose(favourites, true, kept);
    return best != 0 ? best : choose(has, true, kept);
}

static void assert_equals_are_told(arena *a, uint16_t (*chooses)(arena *a, code_list has, code_list offer))
{
    enum { NUM = 12 };
    hunt h;
    code_list has = {.codes = ARENA_ARRAY(a, NUM, uint16_t), .num_codes = NUM}, *offers, *equals;
    for (uint16_t i = 0; i < NUM; i++)
        has.codes[i] = (uint16_t)(i + 1);
    hunt_init(&h, a, has);
    for (size_t i = 0; i < NUM; i++)
        h.likely[i] = true;
    h.guessed_order = ORDER_SERVER;
    h.favourites = codes_from(a, (uint16_t[]){5, 6, 7, 8}, 4);
    for (size_t num = hunt_next(&h, &offers); num > 0; num = hunt_next(&h, &offers))
        for (size_t i = 0; i < num; i++)
            hunt_hear(&h, offers[i], chooses(a, has, offers[i]));
    size_t num_equals = hunt_equals(&h, &equals);
    assert_true(hunt_order_is_settled(&h));
    for (uint16_t one = 1; one <= NUM; one++)
        for (uint16_t other = (uint16_t)(one + 1); other <= NUM; other++) {
            bool is_told = false, decides = chooses(a, has, codes_from(a, (uint16_t[]){one, other}, 2)) == one &&
                                            chooses(a, has, codes_from(a, (uint16_t[]){other, one}, 2)) == other;
            for (size_t i = 0; i < num_equals; i++)
                is_told = is_told || (codes_contain(equals[i], one) && codes_contain(equals[i], other));
            if (is_told != decides)
                print_message("%u and %u\n", one, other);
            assert_int_equal(is_told, decides);
        }
}

static void all_are_told_among_which_the_client_decides(void **state)
{
    (void)state;
    arena *a = arena_new();
    assert_equals_are_told(a, choose_as_openssl);
    assert_equals_are_told(a, choose_as_go);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_guess_costs_little_more_than_one_offer_each),
        cmocka_unit_test(an_order_that_was_guessed_wrong_is_corrected),
        cmocka_unit_test(what_is_passed_over_for_another_certificate_is_not_taken_for_refused),
        cmocka_unit_test(an_order_of_which_not_all_was_answered_is_not_settled),
        cmocka_unit_test(a_server_that_stumbles_over_its_own_choice_is_asked_one_by_one),
        cmocka_unit_test(what_it_called_an_internal_error_is_forgotten_with_the_refusals),
        cmocka_unit_test(all_are_told_among_which_the_client_decides),
        cmocka_unit_test(a_server_that_wants_to_be_asked_for_ever_is_asked_a_bounded_number),
        cmocka_unit_test(nothing_is_no_where_every_offer_was_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
