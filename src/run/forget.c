#include "run/forget.h"

#include "run/outcome.h"

#define LOOK_STEP ((size_t)64) /* more connections than were left by the last look */

enum kind { KIND_OK, KIND_PLAIN, KIND_OTHER, NUM_KINDS };

static enum kind kind_of(const trace_connection *t)
{
    enum course course = course_of(t);
    return course == COURSE_FINE ? KIND_OK : course == COURSE_PLAIN ? KIND_PLAIN : KIND_OTHER;
}

static bool is_needed(const watched *w)
{
    return !w->traced->ended || w->inquiry != NULL || w->wants_inquiry;
}

static void count(forgotten *f, enum kind kind, const watched *w, watched *same)
{
    size_t num = 1 + w->num_more;
    if (kind == KIND_OK)
        f->num_ok += num;
    else if (kind == KIND_PLAIN)
        f->num_plain += num;
    else if (same != NULL)
        same->num_more += num;
    else
        f->num_others += num;
}

/* Returns whether it is gone. */
static bool forget(forgotten *f, trace *t, watched_list *list, watched *w, enum kind kind)
{
    watched *same = kind != KIND_OTHER ? NULL : w->twin != NULL ? w->twin : watched_alike(w, list);
    watched before = *w;
    trace_connection copy = *w->traced;
    copy.is_forgotten = true;
    copy.went_fine = kind == KIND_OK;
    copy.conversation = NULL;
    copy.exe = NULL;
    if (!trace_forget(t, w->traced))
        return false;
    watched_leave(&before, list);
    count(f, kind, &before, same);
    f->copies[f->num++ % FORGET_COPIES_MAX] = copy;
    return true;
}

void forget_some(forgotten *f, trace *t, watched_list *list)
{
    size_t kept[NUM_KINDS] = {0}, num_left = 0, num_items = list->num_items;
    if (num_items < f->look_at)
        return;
    for (size_t i = 0; i < num_items; i++) {
        watched *w = list->items[i];
        list->num_items = num_left; /* what comes after these may be gone already */
        enum kind kind = is_needed(w) ? NUM_KINDS : kind_of(w->traced);
        bool is_over = kind != NUM_KINDS && kept[kind]++ >= FORGET_KEPT_MAX;
        if (!is_over || !forget(f, t, list, w, kind))
            list->items[num_left++] = w;
    }
    list->num_items = num_left;
    f->look_at = num_left + (num_left / 4 > LOOK_STEP ? num_left / 4 : LOOK_STEP);
}

size_t forget_all_known(arena *a, const forgotten *f, const trace *t, const trace_connection *const **out)
{
    const trace_connection *const *kept;
    size_t num_kept = trace_connections(t, &kept), num_copies = f->num < FORGET_COPIES_MAX ? f->num : FORGET_COPIES_MAX;
    const trace_connection **all = ARENA_ARRAY(a, num_kept + num_copies, const trace_connection *);
    for (size_t i = 0; i < num_kept; i++)
        all[i] = kept[i];
    for (size_t i = 0; i < num_copies; i++)
        all[num_kept + i] = &f->copies[i];
    *out = all;
    return num_kept + num_copies;
}
