/* record-version-intolerance: the server breaks on the version in the record header, which it should ignore (RFC 8446, 5.1). */
#include "causes/cause.h"
#include "registry/registry.h"

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    static const uint16_t usual[] = {VERSION_TLS10, VERSION_TLS12, VERSION_SSL3};
    size_t proposed = 0;
    for (size_t i = 0; i < sizeof usual / sizeof *usual && f->hello->format == HELLO_FORMAT_TLS && proposed < 2; i++) {
        if (usual[i] == f->hello->record_version)
            continue;
        proposal_add(out, self, (change){.kind = CHANGE_RECORD_VERSION, .code = usual[i]});
        proposed++;
    }
}

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Update the server, or the box in front of it: the version in a hello's record header must be ignored (RFC 8446, 5.1).", NULL,
     LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    v->headline =
        arena_printf(a, "The server breaks on the version in the record header, %s. With %s there, and the same hello, it accepts.",
                     version_name(a, f->hello->record_version), version_name(a, c->code));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_record_version_intolerance = {
    .id = "record-version-intolerance", .where = WHERE_SERVER, .rank = RANK_ENCODING, .propose = propose, .tell = tell};
