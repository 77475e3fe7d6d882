/* Which of the anchors and of the certificates known from elsewhere may be on a path at all, by their names: libcrypto takes a
 * tenth of a millisecond to read one, and stores have hundreds. */
#include "crypto/trust_inner.h"

#include "crypto/certificate_names.h"
#include "crypto/keystore.h"

enum { WANTED_MAX = 1024 };

typedef struct wanted_names {
    bytes_view list[WANTED_MAX]; /* folded */
    size_t num;
} wanted_names;

static bool is_wanted(const wanted_names *wanted, bytes_view folded)
{
    for (size_t i = 0; i < wanted->num; i++)
        if (bytes_equal(wanted->list[i], folded))
            return true;
    return false;
}

static void want(wanted_names *wanted, bytes_view folded)
{
    if (wanted->num < WANTED_MAX && !is_wanted(wanted, folded))
        wanted->list[wanted->num++] = folded;
}

static bytes_view subject_of(arena *a, bytes_view der)
{
    certificate_names names;
    return certificate_names_read(der, &names) ? name_folded(a, names.subject) : bytes_from(NULL, 0);
}

static void want_of(arena *a, wanted_names *wanted, bytes_view der)
{
    certificate_names names;
    if (!certificate_names_read(der, &names))
        return;
    want(wanted, name_folded(a, names.issuer));
    want(wanted, name_folded(a, names.subject));
}

/* What is chosen of the known ones wants its own issuer, in turn. */
static void choose_known(arena *a, const trust_question *q, wanted_names *wanted, bool *chosen)
{
    bytes_view *subjects = ARENA_ARRAY(a, q->num_known, bytes_view);
    for (size_t i = 0; i < q->num_known; i++)
        subjects[i] = subject_of(a, q->known[i]);
    for (bool any = true; any;) {
        any = false;
        for (size_t i = 0; i < q->num_known; i++)
            if (!chosen[i] && is_wanted(wanted, subjects[i])) {
                chosen[i] = any = true;
                want_of(a, wanted, q->known[i]);
            }
    }
}

trust_choice trust_choose(arena *a, const trust_question *q)
{
    trust_choice choice = {.anchors = ARENA_ARRAY(a, q->num_anchors, bool), .known = ARENA_ARRAY(a, q->num_known, bool)};
    wanted_names *wanted = ARENA_NEW(a, wanted_names);
    for (size_t i = 0; i < q->num_sent && i < TRUST_SENT_MAX; i++)
        want_of(a, wanted, q->sent[i]);
    choose_known(a, q, wanted, choice.known);
    for (size_t i = 0; i < q->num_anchors; i++)
        choice.anchors[i] = is_wanted(wanted, subject_of(a, q->anchors[i]));
    return choice;
}

const char *trust_relative_of(arena *a, const trust_question *q, bytes_view issuer)
{
    bytes_view organization = name_organization(issuer);
    for (size_t i = 0; organization.len > 0 && i < q->num_anchors; i++) {
        certificate_names names;
        if (certificate_names_read(q->anchors[i], &names) && bytes_equal(name_organization(names.subject), organization) &&
            !bytes_equal(names.subject, issuer) && certificate_is_authority(q->anchors[i]))
            return distinguished_name_text(a, names.subject);
    }
    return NULL;
}
