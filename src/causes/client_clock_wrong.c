/* client-clock-wrong: the certificates would be in their time, but the client's clock is off. Inferred at best. */
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SYSTEM, NULL, "Set the clock, and keep it by the network.", "$ timedatectl set-ntp true", LOWERS_NONE},
};

static bool observe(const facts *f, verdict *v)
{
    const trust_finding *found = certificate_refusal(f);
    if (found == NULL || !is_clock_wrong(f, found))
        return false;
    const client_judgement *j = f->judgement;
    bool is_early = found->kind == TRUST_NOT_YET_VALID;
    const char *limit = is_early ? arena_printf(f->arena, "begins on %s", found->certificate.not_before_text)
                                 : arena_printf(f->arena, "expired on %s", found->certificate.not_after_text);
    v->headline =
        j->store->clock_from != NULL
            ? arena_printf(f->arena, "The client's clock is set %s by %s: by it, %s %s; by this machine's clock it is valid.",
                           j->store->clock_offset < 0 ? "back" : "forward", j->store->clock_from, refused_certificate(f, found),
                           limit)
            : arena_printf(f->arena,
                           "The client's clock seems to be %s: every certificate that was sent is %s by it, %s %s; the system "
                           "says that its clock is not synchronised.",
                           is_early ? "behind" : "ahead", is_early ? "not valid yet" : "expired", refused_certificate(f, found),
                           limit);
    tell_refusal(f, found, v);
    v->proof = PROOF_INFERRED;
    if (j->store->clock_from != NULL)
        verdict_add_remedy(f->arena, v,
                           (remedy){.who = REMEDY_CLIENT,
                                    .text = "Run the client by the machine's own clock.",
                                    .command = "env -u FAKETIME -u LD_PRELOAD ..."});
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_client_clock_wrong = {.id = "client-clock-wrong", .where = WHERE_CLIENT, .observe = observe};
