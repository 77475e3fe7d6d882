/* The stages of a server that accepted nothing of ours: names, and variants of what it may mind. */
#include "diagnose/engine.h"
#include "registry/registry.h"

enum { EXTENSION_EXTENDED_MASTER_SECRET = 23 };

static void add_variant(diagnosis *d, const client_hello *hello, change teaches)
{
    trial_plan(&d->variants[d->num_variants], hello);
    d->variant_changes[d->num_variants++] = teaches;
}

static void add_own_variant(diagnosis *d, const broad_options *options, change teaches)
{
    client_hello hello = broad_hello_of_all_versions(d->arena, d->tools, options);
    add_variant(d, &hello, teaches);
}

/* The client's own hello with everything broadened: for a server that needs something of it that ours lack. */
static void add_widened_variant(diagnosis *d)
{
    arena *a = d->arena;
    change_set set = {.num_changes = 0};
    if (facts_client_version_max(&d->facts) < VERSION_TLS13)
        change_set_add(&set, (change){.kind = CHANGE_VERSION_RAISED, .code = VERSION_TLS13});
    change_set_add(&set, (change){.kind = CHANGE_SUITES_ADDED, .codes = broad_suites(a, VERSION_TLS12, false)});
    change_set_add(&set, (change){.kind = CHANGE_GROUPS_ADDED, .codes = broad_groups(a, VERSION_TLS13)});
    change_set_add(&set, (change){.kind = CHANGE_SCHEMES_ADDED, .codes = broad_schemes(a, VERSION_TLS12)});
    client_hello hello;
    if (change_set_apply(a, d->tools, &d->replayed, &set, &hello))
        add_variant(d, &hello, (change){.kind = CHANGE_KIND_COUNT});
}

/* Whether a name is likely to be what that version was refused for: it was refused otherwise than TLS 1.3, and not as a version. */
static bool may_mind_the_name(const diagnosis *d, size_t version_index)
{
    const trial *t = &d->versions[version_index], *newest = &d->versions[NUM_TRIED_VERSIONS - 1];
    return !says_protocol_version(t) && !answers_alike(&t->last, &newest->last);
}

/* A server that minds the name may break on a version as well, and then on every hello of ours that offers all of them. Where all
 * were left without an answer it is not the name: a name is refused. */
static void add_nameless_variants(diagnosis *d, const broad_options *options)
{
    enum { NAMELESS_MAX = 2 };
    size_t num = 0;
    bool any_tells = false;
    for (size_t i = 1; i + 1 < NUM_TRIED_VERSIONS; i++)
        any_tells = any_tells || may_mind_the_name(d, i);
    if (!any_tells && d->control.last.kind == ANSWER_SILENCE)
        return;
    for (size_t i = NUM_TRIED_VERSIONS - 1; i-- > 1 && num < NAMELESS_MAX;) {
        bool is_bound = tried_versions[i] == VERSION_TLS12 || tried_versions[i] == VERSION_TLS10;
        if (any_tells ? !may_mind_the_name(d, i) : !is_bound)
            continue;
        client_hello hello = broad_hello(d->arena, d->tools, tried_versions[i], options);
        add_variant(d, &hello, (change){.kind = CHANGE_NAME_REMOVED});
        num++;
    }
}

static void add_name_variants(diagnosis *d)
{
    broad_options options = d->base;
    const evidence *e = d->facts.evidence;
    if (d->base.server_name.len > 0) {
        options.server_name = bytes_from(NULL, 0);
        add_own_variant(d, &options, (change){.kind = CHANGE_NAME_REMOVED});
        add_nameless_variants(d, &options);
    }
    for (size_t i = 0; i < e->num_names && i < 2; i++) {
        options.server_name = bytes_from_text(e->names[i]);
        if (!bytes_equal(options.server_name, d->base.server_name))
            add_own_variant(d, &options, (change){.kind = CHANGE_NAME_ADDED, .name = options.server_name});
    }
}

static void ask_variants(diagnosis *d, size_t first)
{
    for (size_t i = first; i < d->num_variants; i++)
        ask(d, &d->variants[i], 1, 0);
}

void names_plan(diagnosis *d)
{
    add_name_variants(d);
    add_widened_variant(d);
    ask_variants(d, 0);
    if (d->num_askings == 0)
        d->stage = STAGE_VARIANTS;
}

void variants_plan(diagnosis *d)
{
    enum { PAST_SMALL_WINDOWS = 800 };
    size_t first = d->num_variants;
    broad_options options = d->base;
    options.extended_master_secret = !options.extended_master_secret;
    add_own_variant(d, &options,
                    (change){.kind = options.extended_master_secret ? CHANGE_EXTENDED_MASTER_SECRET : CHANGE_EXTENSIONS_REMOVED,
                             .codes = codes_one(d->arena, EXTENSION_EXTENDED_MASTER_SECRET)});
    options = d->base;
    options.message_len = PAST_SMALL_WINDOWS;
    add_own_variant(d, &options, (change){.kind = CHANGE_SIZE, .len = PAST_SMALL_WINDOWS});
    options = d->base;
    options.record_version = VERSION_TLS12;
    if (d->replayed.record_version == VERSION_TLS10) /* as ours are */
        add_own_variant(d, &options, (change){.kind = CHANGE_RECORD_VERSION, .code = VERSION_TLS12});
    client_hello hello = broad_hello(d->arena, d->tools, VERSION_TLS12, &(broad_options){.no_extensions = true});
    add_variant(d, &hello, (change){.kind = CHANGE_EXTENSIONS_REMOVED});
    options = d->base;
    options.rare_suites = true;
    hello = broad_hello(d->arena, d->tools, VERSION_TLS12, &options);
    add_variant(d, &hello, (change){.kind = CHANGE_SUITES_ADDED});
    ask_variants(d, first);
}

/* Our own hellos are made from now on as the variant that was accepted. */
static void learn_from_variant(diagnosis *d, const change *taught)
{
    switch (taught->kind) {
    case CHANGE_NAME_REMOVED:
        d->base.server_name = bytes_from(NULL, 0);
        break;
    case CHANGE_NAME_ADDED:
        d->base.server_name = taught->name;
        break;
    case CHANGE_EXTENDED_MASTER_SECRET:
        d->base.extended_master_secret = true;
        break;
    case CHANGE_SIZE:
        d->base.message_len = taught->len;
        break;
    case CHANGE_RECORD_VERSION:
        d->base.record_version = taught->code;
        break;
    case CHANGE_SUITES_ADDED:
        d->base.rare_suites = true;
        break;
    case CHANGE_EXTENSIONS_REMOVED:
        d->base.extended_master_secret = false;
        d->facts.broken_extension = taught->codes.num_codes == 1 ? taught->codes.codes[0] : -1;
        d->base.no_extensions = taught->codes.num_codes == 0;
        break;
    default:
        break;
    }
}

bool learnt_from_variants(diagnosis *d)
{
    for (size_t i = 0; i < d->num_variants && !d->has_learnt; i++) {
        if (d->variants[i].accepted == 0)
            continue;
        learn_from_variant(d, &d->variant_changes[i]);
        d->has_learnt = true;
        d->taught = d->variant_changes[i].kind;
        d->stage = STAGE_VERSIONS;
        d->facts.all_were_refused = false;
        if (d->taught == CHANGE_KIND_COUNT) { /* only the client's own, widened: the single changes will tell */
            learn_versions(d);
            d->facts.agreeable = d->variants[i].last_accepted.conversation;
            d->stage = STAGE_SINGLES;
        }
        return true;
    }
    return false;
}

void variants_read(diagnosis *d)
{
    bool any_accepted = d->facts.server_versions.num_codes > 0;
    if (!learnt_from_variants(d))
        d->stage = d->stage == STAGE_NAMES ? STAGE_VARIANTS : any_accepted ? STAGE_SINGLES : STAGE_SILENT_UPGRADES;
}
