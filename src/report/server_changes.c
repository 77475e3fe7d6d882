/*
 * What changed since a report that was saved, and what differences mean. Not all that differs is otherwise: what is unknown in one
 * of the two may be the same, and some of what a report tells comes by chance, as whether a server that ends a connection is heard
 * to say so first.
 */
#include "report/json_values.h"
#include "report/server_differences.h"

#include <string.h>

enum { LINES_MAX = 256 };

static bool is_unknown(const json_t *object, const char *key)
{
    return json_is_null(json_object_get(object, key));
}

static bool is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static bool is_no(const json_t *object, const char *key)
{
    return json_is_false(json_object_get(object, key));
}

static bool has_key(const server_difference *d, const char *key)
{
    return strcmp(d->key, key) == 0;
}

/* ---- what comes by chance ---------------------------------------------------------------------------------------------- */

/* Who ends a connection may say so first, and may be heard or not: a reset overtakes what was said. */
static bool is_an_end(const json_t *refused_by)
{
    static const char *const ends[] = {"connection reset",       "closed",
                                       "alert close_notify",     "alert user_canceled",
                                       "alert no_renegotiation", "an alert under protection"};
    const char *text = json_string_value(refused_by);
    for (size_t i = 0; text != NULL && i < sizeof ends / sizeof *ends; i++)
        if (strncmp(text, ends[i], strlen(ends[i])) == 0)
            return true;
    return false;
}

/* Of several processes or machines behind one address it is by chance which one answers. */
static bool is_at_times(const json_t *detail)
{
    const char *text = json_string_value(detail);
    return text != NULL && strncmp(text, "at times", strlen("at times")) == 0;
}

/* ---- lists of what is accepted ----------------------------------------------------------------------------------------- */

static bool same_names(const json_t *one, const json_t *other)
{
    return !server_names_has_more(one, other) && !server_names_has_more(other, one);
}

/* Whether each list of names has its like among the others, in whatever order. */
static bool same_lists(const json_t *some, const json_t *others)
{
    size_t num_alike = 0;
    for (size_t i = 0; i < json_array_size(some); i++)
        for (size_t k = 0; k < json_array_size(others); k++)
            num_alike += same_names(json_array_get(some, i), json_array_get(others, k));
    return json_array_size(some) == json_array_size(others) && num_alike >= json_array_size(some);
}

/* An older tlswhy did not say whether it is. */
static bool is_whole(const json_t *list)
{
    return is_no(list, "accepted") || (!is_unknown(list, "accepted") && !is_no(list, "complete"));
}

static bool is_order_known(const server_pair *lists)
{
    return !is_no(lists->before, "order_settled") && !is_no(lists->now, "order_settled");
}

static size_t place_of(const json_t *names, const json_t *name)
{
    size_t at = 0;
    while (at < json_array_size(names) && !json_equal(json_array_get(names, at), name))
        at++;
    return at;
}

/* Whether the client's order decides between the two. */
static bool are_equal(const json_t *list, const json_t *one, const json_t *other)
{
    const json_t *equals = json_object_get(list, "equal");
    for (size_t i = 0; i < json_array_size(equals); i++) {
        const json_t *equal = json_array_get(equals, i);
        size_t size = json_array_size(equal);
        if (place_of(equal, one) < size && place_of(equal, other) < size)
            return true;
    }
    return false;
}

/* Of those that are in both lists, whether any two have changed places that the server's order gave them. */
static bool is_reordered(const server_difference *d)
{
    const char *order = json_string_value(json_object_get(d->in.now, "order"));
    if (order == NULL || strcmp(order, "client") == 0 ||
        !json_equal(json_object_get(d->in.before, "order"), json_object_get(d->in.now, "order")))
        return false; /* they stand in no order of the server's, or that it has another is told already */
    for (size_t i = 0; i < json_array_size(d->now); i++)
        for (size_t k = i + 1; k < json_array_size(d->now); k++) {
            const json_t *first = json_array_get(d->now, i), *second = json_array_get(d->now, k);
            size_t first_at = place_of(d->before, first), second_at = place_of(d->before, second);
            bool are_both = first_at < json_array_size(d->before) && second_at < json_array_size(d->before);
            if (are_both && first_at > second_at && !are_equal(d->in.now, first, second))
                return true;
        }
    return false;
}

static enum difference_meaning meaning_of_names(const server_difference *d)
{
    bool is_gone = server_names_has_more(d->before, d->now), is_new = server_names_has_more(d->now, d->before);
    if ((is_gone && is_whole(d->in.now)) || (is_new && is_whole(d->in.before)))
        return MEANS_CHANGE;
    bool moved = is_reordered(d);
    if (moved && is_order_known(&d->in))
        return MEANS_CHANGE;
    return is_gone || is_new || moved ? MEANS_UNKNOWN : MEANS_NOTHING;
}

static enum difference_meaning meaning_of_order(const server_difference *d)
{
    bool has_same_names = same_names(json_object_get(d->in.before, "names"), json_object_get(d->in.now, "names"));
    if (has_key(d, "equal"))
        return has_same_names && is_order_known(&d->in) && !same_lists(d->before, d->now) ? MEANS_CHANGE : MEANS_NOTHING;
    if (has_key(d, "order_settled"))
        return has_same_names ? MEANS_UNKNOWN : MEANS_NOTHING;
    const char *was = json_string_value(d->before), *is = json_string_value(d->now);
    bool is_known = was != NULL && is != NULL && strcmp(was, "unknown") != 0 && strcmp(is, "unknown") != 0;
    if (is_known && is_order_known(&d->in))
        return MEANS_CHANGE;
    return has_same_names ? MEANS_UNKNOWN : MEANS_NOTHING; /* of a single one there is none */
}

static enum difference_meaning meaning_in_list(const server_difference *d)
{
    bool is_known = !is_unknown(d->in.before, "accepted") && !is_unknown(d->in.now, "accepted");
    bool is_alike = json_equal(json_object_get(d->in.before, "accepted"), json_object_get(d->in.now, "accepted"));
    if (has_key(d, "accepted"))
        return is_known ? MEANS_CHANGE : MEANS_UNKNOWN;
    if (!is_known || (!is_alike && !has_key(d, "names")))
        return MEANS_NOTHING; /* it follows */
    if (has_key(d, "names"))
        return meaning_of_names(d);
    if (has_key(d, "complete"))
        return MEANS_UNKNOWN;
    if (!has_key(d, "others_refused_by"))
        return meaning_of_order(d);
    bool is_told = !json_is_null(d->before) && !json_is_null(d->now);
    return is_told && !(is_an_end(d->before) && is_an_end(d->now)) ? MEANS_CHANGE : MEANS_NOTHING;
}

/* ---- all else ---------------------------------------------------------------------------------------------------------- */

static enum difference_meaning meaning_in_fact(const server_difference *d)
{
    bool is_known = !is_unknown(d->in.before, "value") && !is_unknown(d->in.now, "value");
    bool is_alike = json_equal(json_object_get(d->in.before, "value"), json_object_get(d->in.now, "value"));
    if (has_key(d, "value"))
        return is_known ? MEANS_CHANGE : MEANS_UNKNOWN;
    bool is_by_chance =
        has_key(d, "detail") ? is_at_times(d->before) || is_at_times(d->now) : is_an_end(d->before) && is_an_end(d->now);
    return is_known && is_alike && !is_by_chance ? MEANS_CHANGE : MEANS_NOTHING;
}

/* Whether a version is there in one and not in the other: its habits come and go with it. */
static bool differs_in_versions(const server_pair *at)
{
    const json_t *before = json_object_get(at->before, "versions"), *now = json_object_get(at->now, "versions");
    for (size_t i = 0; i < json_array_size(before); i++) {
        const json_t *was = json_object_get(json_object_get(json_array_get(before, i), "suites"), "accepted");
        const json_t *is = json_object_get(json_object_get(json_array_get(now, i), "suites"), "accepted");
        if (!json_is_null(was) && !json_is_null(is) && !json_equal(was, is))
            return true;
    }
    return false;
}

/* Whether `list` is part of `other`: then it may be the same, and not all of it was found out. */
static bool is_part_of(const json_t *list, const json_t *other)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (place_of(other, json_array_get(list, i)) == json_array_size(other))
            return false;
    return true;
}

/* Whether not all may have been seen of what that key is about. */
static bool is_partial(const server_difference *d, const json_t *at)
{
    bool of_primes = has_key(d, "finite_field_bits"), of_schemes = has_key(d, "signature_schemes");
    return is_true(at, "ran_out_of_time") || (of_primes && !is_whole(json_object_get(at, "groups_tls12"))) ||
           (of_schemes && !is_whole(json_object_get(at, "signature_schemes_tls12"))) ||
           (of_schemes && !is_whole(json_object_get(at, "signature_schemes_tls13")));
}

static enum difference_meaning meaning_of_rest(const server_difference *d)
{
    if (has_key(d, "ran_out_of_time") || has_key(d, "trusted"))
        return has_key(d, "trusted") && !json_is_null(d->before) && !json_is_null(d->now) ? MEANS_CHANGE : MEANS_UNKNOWN;
    if (has_key(d, "facts"))
        return differs_in_versions(&d->at) ? MEANS_NOTHING : MEANS_UNKNOWN;
    bool may_lack_before = is_partial(d, d->at.before) && is_part_of(d->before, d->now);
    bool may_lack_now = is_partial(d, d->at.now) && is_part_of(d->now, d->before);
    return d->at.before != NULL && d->at.now != NULL && (may_lack_before || may_lack_now) ? MEANS_UNKNOWN : MEANS_CHANGE;
}

/* Of --suites: habits are asked of whatever speaks TLS. */
static bool has_suites_alone(const json_t *at)
{
    const json_t *facts = json_object_get(at, "facts"), *versions = json_object_get(at, "versions");
    bool speaks_tls = false;
    for (size_t i = 0; i < json_array_size(versions); i++)
        speaks_tls = speaks_tls || is_true(json_object_get(json_array_get(versions, i), "suites"), "accepted");
    return speaks_tls && json_is_array(facts) && json_array_size(facts) == 0;
}

static bool is_of_suites_alone(const server_pair *at)
{
    return has_suites_alone(at->before) != has_suites_alone(at->now);
}

enum difference_meaning server_difference_meaning(const server_difference *d)
{
    bool is_elsewhere = d->at.before != NULL && d->at.now != NULL && strstr(d->path, "].versions[") == NULL;
    if (is_elsewhere && is_of_suites_alone(&d->at) && !has_key(d, "plain_protocol"))
        return MEANS_NOTHING;
    if (json_object_get(d->in.now, "complete") != NULL && json_object_get(d->in.now, "names") != NULL)
        return meaning_in_list(d);
    if (json_object_get(d->in.now, "id") != NULL && json_object_get(d->in.now, "refused_by") != NULL)
        return meaning_in_fact(d);
    return meaning_of_rest(d);
}

static json_t *difference_object(arena *a, const server_difference *d)
{
    json_t *object = json_object();
    json_object_set_new(object, "path", json_of_text(a, d->path));
    json_object_set_new(object, "before", d->before == NULL ? json_null() : json_incref(d->before));
    json_object_set_new(object, "now", d->now == NULL ? json_null() : json_incref(d->now));
    return object;
}

static bool any_of_suites_alone(const server_differences *found)
{
    for (size_t i = 0; i < found->num_differences; i++)
        if (found->differences[i].at.before != NULL && found->differences[i].at.now != NULL &&
            is_of_suites_alone(&found->differences[i].at))
            return true;
    return false;
}

bool server_report_compare(arena *a, const char *before, const char *now, server_comparison *out, error *e)
{
    json_t *then = server_report_read(before, e), *document = then == NULL ? NULL : json_loads(now, 0, NULL);
    *out = (server_comparison){.changes = ARENA_ARRAY(a, LINES_MAX, const char *),
                               .unknowns = ARENA_ARRAY(a, LINES_MAX, const char *)};
    if (then == NULL)
        return false;
    json_t *changed = json_array(), *unknown = json_array();
    server_differences found = server_differences_between(a, then, document);
    for (size_t i = 0; i < found.num_differences && i < LINES_MAX; i++) {
        const server_difference *d = &found.differences[i];
        enum difference_meaning meaning = server_difference_meaning(d);
        const char *line = server_difference_text(a, d, "was", "is");
        if (meaning == MEANS_CHANGE)
            out->changes[out->num_changes++] = line;
        else if (meaning == MEANS_UNKNOWN)
            out->unknowns[out->num_unknowns++] = line;
        if (meaning != MEANS_NOTHING)
            json_array_append_new(meaning == MEANS_CHANGE ? changed : unknown, difference_object(a, d));
    }
    out->of_suites_alone = any_of_suites_alone(&found);
    json_t *compared = json_pack("{s:O?, s:o, s:o, s:b}", "with", json_object_get(then, "started"), "changed", changed, "unknown",
                                 unknown, "suites_alone", (int)out->of_suites_alone);
    json_object_set_new(document, "compared", compared);
    out->document = json_document(a, json_incref(document));
    server_differences_free(&found);
    return true;
}

char *server_comparison_to_text(arena *a, const server_comparison *c)
{
    char *text = arena_printf(a, "%s", c->num_changes == 0 ? "Nothing has changed.\n" : "");
    for (size_t i = 0; i < c->num_changes; i++)
        text = arena_printf(a, "%s%s\n", text, c->changes[i]);
    if (c->of_suites_alone)
        text = arena_printf(a, "%s\nOne of the two has versions and suites alone; the rest was not compared.\n", text);
    if (c->num_unknowns > 0)
        text = arena_printf(a, "%s\nNot known in one of the two, which is no change:\n", text);
    for (size_t i = 0; i < c->num_unknowns; i++)
        text = arena_printf(a, "%s  %s\n", text, c->unknowns[i]);
    return text;
}
