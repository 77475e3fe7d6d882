#include "demands.h"

#include "family.h"
#include "registry/registry.h"
#include "wire/hello_edit.h"
#include <string.h>

enum {
    EXTENSION_ALPN = 16,
    EXTENSION_PADDING = 21,
    EXTENSION_KEY_SHARE = 51,
    GROUP_P384 = 0x0018,
    GROUP_X25519MLKEM768 = 0x11EC,
    GROUP_SECP384R1MLKEM1024 = 0x11ED,
    DRAWS_MAX = 40,
};

#define LIST(array) ((code_list){.codes = (uint16_t *)(uintptr_t)(array), .num_codes = sizeof(array) / sizeof *(array)})

/* ---- obstacles ------------------------------------------------------------------------------------------------------ */

/* A server that refuses a name it does not know and the absence of one alike (nginx: ssl_reject_handshake). */
static bool name_strict(dice *d, arena *a, pair *p)
{
    (void)d;
    (void)a;
    p->server.name_rule = NAME_STRICT;
    p->server.name = bytes_from_text("known.example.com");
    p->server.refusing = REACT_ALERT; /* only unrecognized_name tells it from one that drops all: CAUSES.md, sni-unrecognized */
    return client_hello_server_name(&p->hello).len > 0;
}

static bool breaks_on_segments(dice *d, arena *a, pair *p)
{
    p->client_cut = 5 + dice_below(d, 40); /* the header alone, or a little more */
    p->server.breaks_on_segments = true;
    return p->hello.format == HELLO_FORMAT_TLS && hello_message_len(a, &p->hello) > 60;
}

/* Old boxes take SSL 3.0 or TLS 1.0 in the header, and nothing above. */
static bool breaks_above_record_version(dice *d, arena *a, pair *p)
{
    static const uint16_t written[] = {VERSION_TLS11, VERSION_TLS12};
    p->hello = hello_with_record_version(a, &p->hello, written[dice_below(d, 2)]);
    p->server.breaks_above_record_version = VERSION_TLS10;
    /* They are older than TLS 1.3, whose second hello after a retry must have another version there. */
    return p->hello.format == HELLO_FORMAT_TLS && codes_max(p->server.versions) < VERSION_TLS13;
}

static bool without_shared_group(arena *a, pair *p)
{
    client_hello with = hello_with_groups(a, &p->hello, codes_joined(a, client_hello_groups(a, &p->hello), p->server.groups));
    return client_hello_groups(a, &p->hello).num_codes > 0 && server_accepts(a, &p->server, &with);
}

/* Only a post-quantum hybrid is left: its request for a retry cannot be followed without such a key, and says enough. */
static bool hybrid_group(dice *d, arena *a, pair *p)
{
    p->server.groups = codes_one(a, dice_says(d, 50) ? GROUP_X25519MLKEM768 : GROUP_SECP384R1MLKEM1024);
    return client_hello_version_max(&p->hello) == VERSION_TLS13 && codes_max(p->server.versions) == VERSION_TLS13 &&
           without_shared_group(a, p);
}

/* Its key is of a kind that none of the client's schemes fits. */
static bool pss_key(dice *d, arena *a, pair *p)
{
    static const uint16_t of_the_key[] = {0x0809, 0x080A, 0x080B};
    (void)d;
    code_list own = codes_without(a, client_hello_signature_schemes(a, &p->hello), LIST(of_the_key));
    if (own.num_codes == 0)
        return false;
    p->hello = hello_with_signature_schemes(a, &p->hello, own);
    p->server.has_rsa = p->server.has_ecdsa = p->server.has_ed25519 = false;
    p->server.has_rsa_pss = true;
    p->server.schemes = codes_joined(a, p->server.schemes, LIST(of_the_key));
    client_hello with = hello_with_signature_schemes(a, &p->hello, codes_joined(a, own, LIST(of_the_key)));
    return server_accepts(a, &p->server, &with);
}

static code_list suites_for_key(arena *a, code_list suites, enum suite_authentication key)
{
    code_list kept = {.codes = ARENA_ARRAY(a, suites.num_codes, uint16_t)};
    for (size_t i = 0; i < suites.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(suites.codes[i]);
        if (row != NULL && row->version_min < VERSION_TLS13 && (row->authentication == key || row->kind == SUITE_SIGNALLING))
            kept.codes[kept.num_codes++] = suites.codes[i];
    }
    return kept;
}

/* The server has only one kind of key, and the client only suites for the other. */
static bool key_kind(dice *d, arena *a, pair *p)
{
    bool server_has_ecdsa = p->server.has_ecdsa && (!p->server.has_rsa || dice_says(d, 50));
    p->server.has_ecdsa = server_has_ecdsa;
    p->server.has_rsa = !server_has_ecdsa;
    p->server.has_ed25519 = p->server.has_rsa_pss = false;
    code_list kept = suites_for_key(a, p->hello.cipher_suites, server_has_ecdsa ? SUITE_AUTH_RSA : SUITE_AUTH_ECDSA);
    if (kept.num_codes == 0 || client_hello_version_max(&p->hello) == VERSION_TLS13)
        return false;
    p->hello = hello_with_cipher_suites(a, &p->hello, kept);
    client_hello with = hello_with_cipher_suites(a, &p->hello, codes_joined(a, kept, p->server.suites));
    return server_accepts(a, &p->server, &with);
}

/* OpenSSL up to TLS 1.2: the certificate's curve is not among the client's groups. */
static bool certificate_curve(dice *d, arena *a, pair *p)
{
    (void)d;
    p->server.has_rsa = p->server.has_rsa_pss = p->server.has_ed25519 = false;
    p->server.has_ecdsa = p->server.looks_at_curve = true;
    p->server.ecdsa_curve = GROUP_P384;
    code_list kept = codes_without(a, client_hello_groups(a, &p->hello), codes_one(a, GROUP_P384));
    if (kept.num_codes == 0 || client_hello_version_max(&p->hello) == VERSION_TLS13)
        return false;
    p->hello = hello_with_groups(a, &p->hello, kept);
    client_hello with = hello_with_groups(a, &p->hello, codes_joined(a, kept, codes_one(a, GROUP_P384)));
    /* OpenSSL itself calls it "no shared cipher", and there is a group in common for the exchange: the catalogue leaves both open.
     */
    p->may_also_be = "no-shared-cipher";
    return server_accepts(a, &p->server, &with);
}

/* The server takes the hello, and the client ends the handshake: its certificate, most likely. */
static bool client_ends(dice *d, arena *a, pair *p)
{
    (void)a;
    p->server.asks_certificate = dice_says(d, 30);
    return true;
}

bool hard_obstacle_put(enum obstacle o, dice *d, arena *a, pair *p)
{
    switch (o) {
    case OBSTACLE_NAME_STRICT:
        return name_strict(d, a, p);
    case OBSTACLE_SEGMENTS:
        return breaks_on_segments(d, a, p);
    case OBSTACLE_RECORD_ABOVE:
        return breaks_above_record_version(d, a, p);
    case OBSTACLE_HYBRID_GROUP:
        return hybrid_group(d, a, p);
    case OBSTACLE_PSS_KEY:
        return pss_key(d, a, p);
    case OBSTACLE_KEY_KIND:
        return key_kind(d, a, p);
    case OBSTACLE_CURVE:
        return certificate_curve(d, a, p);
    case OBSTACLE_CLIENT_ENDS:
        return client_ends(d, a, p);
    default:
        return false;
    }
}

/* ---- clients, narrowed ---------------------------------------------------------------------------------------------- */

/* Some of its groups; those that it has sent a key for stay. */
static client_hello with_fewer_groups(dice *d, arena *a, const client_hello *hello)
{
    code_list own = client_hello_groups(a, hello);
    code_list kept = codes_joined(a, client_hello_key_share_groups(a, hello), dice_some(d, a, own, 50));
    return own.num_codes == 0 || kept.num_codes == 0 ? *hello : hello_with_groups(a, hello, codes_in_both(a, own, kept));
}

static client_hello with_fewer_schemes(dice *d, arena *a, const client_hello *hello)
{
    code_list own = client_hello_signature_schemes(a, hello), kept = dice_some(d, a, own, 50);
    return kept.num_codes == 0 ? *hello : hello_with_signature_schemes(a, hello, kept);
}

/* A program that caps its own version, or wants nothing below one. */
static client_hello with_fewer_versions(dice *d, arena *a, const client_hello *hello)
{
    code_list own = client_hello_versions(a, hello);
    bool states = client_hello_version_min_stated(hello) != 0;
    if (own.num_codes < 2 || hello->format != HELLO_FORMAT_TLS)
        return *hello;
    if (states && own.codes[0] == VERSION_TLS13 && dice_says(d, 50))
        return hello_with_versions(a, hello, codes_one(a, VERSION_TLS13));
    uint16_t top = own.codes[dice_below(d, own.num_codes - 1)];
    if (top == VERSION_TLS13)
        return *hello;
    client_hello out = hello_with_versions(a, hello, (code_list){0});
    out = hello_without_extension(a, &out, EXTENSION_KEY_SHARE);
    return hello_with_legacy_version(a, &out, top);
}

static client_hello with_padding(dice *d, arena *a, const client_hello *hello)
{
    client_hello out;
    size_t len = hello_message_len(a, hello) + 8 + dice_below(d, 300);
    return hello->has_extensions && hello_padded_to(a, hello, len, &out) ? out : *hello;
}

static client_hello narrowed(dice *d, arena *a, const client_hello *hello)
{
    client_hello out = *hello;
    if (out.format == HELLO_FORMAT_SSLV2)
        return out;
    if (dice_says(d, 20))
        out = with_fewer_versions(d, a, &out);
    if (dice_says(d, 20))
        out = with_fewer_groups(d, a, &out);
    if (dice_says(d, 20))
        out = with_fewer_schemes(d, a, &out);
    if (dice_says(d, 10))
        out = with_padding(d, a, &out);
    return out;
}

/* ---- several obstacles at once -------------------------------------------------------------------------------------- */

/* What the server would be without the obstacle. The client stays: it is the server's side that is taken back. */
static void take_back(sim_server *s, enum obstacle o, const sim_server *base)
{
    switch (o) {
    case OBSTACLE_CLIENT_TOO_OLD:
    case OBSTACLE_SERVER_TOO_OLD:
        s->versions = base->versions;
        break;
    case OBSTACLE_VERSION_INTOLERANCE:
        s->versions = base->versions;
        s->breaks_above_version = 0;
        break;
    case OBSTACLE_SUITE:
        s->suites = base->suites;
        break;
    case OBSTACLE_GROUP:
        s->groups = base->groups;
        break;
    case OBSTACLE_SCHEME:
        s->schemes = base->schemes;
        s->refuses_absent_schemes = base->refuses_absent_schemes;
        break;
    case OBSTACLE_NAME_MISSING:
    case OBSTACLE_NAME_UNKNOWN:
        s->name_rule = NAME_IGNORED;
        break;
    case OBSTACLE_ALPN:
        s->alpn = bytes_from(NULL, 0);
        break;
    case OBSTACLE_EXTENSION:
        s->breaks_on_extension = -1;
        break;
    default:
        break;
    }
}

/* In the order of naming (DESIGN.md): the first is the cause, the others are `also`. */
static const enum obstacle together[][3] = {
    {OBSTACLE_CLIENT_TOO_OLD, OBSTACLE_NAME_MISSING, OBSTACLE_COUNT},
    {OBSTACLE_CLIENT_TOO_OLD, OBSTACLE_ALPN, OBSTACLE_COUNT},
    {OBSTACLE_CLIENT_TOO_OLD, OBSTACLE_NAME_UNKNOWN, OBSTACLE_ALPN},
    {OBSTACLE_SERVER_TOO_OLD, OBSTACLE_ALPN, OBSTACLE_COUNT},
    {OBSTACLE_VERSION_INTOLERANCE, OBSTACLE_NAME_UNKNOWN, OBSTACLE_COUNT},
    {OBSTACLE_VERSION_INTOLERANCE, OBSTACLE_ALPN, OBSTACLE_COUNT},
    {OBSTACLE_SUITE, OBSTACLE_NAME_MISSING, OBSTACLE_COUNT},
    {OBSTACLE_SUITE, OBSTACLE_ALPN, OBSTACLE_COUNT},
    {OBSTACLE_SUITE, OBSTACLE_EXTENSION, OBSTACLE_COUNT},
    {OBSTACLE_SUITE, OBSTACLE_NAME_MISSING, OBSTACLE_ALPN},
    {OBSTACLE_GROUP, OBSTACLE_NAME_UNKNOWN, OBSTACLE_COUNT},
    {OBSTACLE_GROUP, OBSTACLE_ALPN, OBSTACLE_COUNT},
    {OBSTACLE_SCHEME, OBSTACLE_NAME_MISSING, OBSTACLE_COUNT},
    {OBSTACLE_SCHEME, OBSTACLE_ALPN, OBSTACLE_COUNT},
    {OBSTACLE_NAME_MISSING, OBSTACLE_ALPN, OBSTACLE_COUNT},
    {OBSTACLE_NAME_UNKNOWN, OBSTACLE_ALPN, OBSTACLE_COUNT},
    {OBSTACLE_ALPN, OBSTACLE_EXTENSION, OBSTACLE_COUNT},
};

/* Each is enough to fail, and without all of them it works. */
static bool each_is_needed(arena *a, const pair *p, const enum obstacle *set, const sim_server *base)
{
    sim_server cured = p->server;
    for (size_t i = 0; i < 3 && set[i] != OBSTACLE_COUNT; i++)
        take_back(&cured, set[i], base);
    if (!server_accepts(a, &cured, &p->hello))
        return false;
    for (size_t i = 0; i < 3 && set[i] != OBSTACLE_COUNT; i++) {
        sim_server with_one = p->server;
        for (size_t k = 0; k < 3 && set[k] != OBSTACLE_COUNT; k++)
            if (k != i)
                take_back(&with_one, set[k], base);
        if (server_accepts(a, &with_one, &p->hello))
            return false;
    }
    return true;
}

static bool put_several(dice *d, arena *a, pair *p)
{
    const enum obstacle *set = together[dice_below(d, sizeof together / sizeof *together)];
    sim_server base = p->server;
    p->obstacle = set[0];
    for (size_t i = 0; i < 3 && set[i] != OBSTACLE_COUNT; i++) {
        if (!obstacle_put(set[i], d, a, p))
            return false;
        if (i > 0)
            p->also[p->num_also++] = set[i];
    }
    return each_is_needed(a, p, set, &base);
}

/* ---- is raising or lowering the version enough? ------------------------------------------------------------------------ */

static client_hello raised(arena *a, const client_hello *hello, uint16_t version)
{
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303}, groups[] = {0x001D, 0x0017}, schemes[] = {0x0403, 0x0804, 0x0401},
                          schemes_of_tls12[] = {0x0403, 0x0503, 0x0804, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201};
    static const uint8_t zeros[32] = {0};
    client_hello out = hello_with_legacy_version(a, hello, version > VERSION_TLS12 ? VERSION_TLS12 : version);
    if (version == VERSION_TLS12 && client_hello_signature_schemes(a, hello).num_codes == 0)
        return hello_with_signature_schemes(a, &out, LIST(schemes_of_tls12));
    if (version < VERSION_TLS13)
        return out;
    key_share share = {.group = 0x001D, .key_exchange = bytes_from(zeros, sizeof zeros)};
    out = hello_with_versions(a, &out, codes_joined(a, codes_one(a, version), client_hello_versions(a, hello)));
    out = hello_with_cipher_suites(a, &out, codes_joined(a, LIST(suites), out.cipher_suites));
    out = hello_with_groups(a, &out, codes_joined(a, client_hello_groups(a, &out), LIST(groups)));
    out = hello_with_signature_schemes(a, &out, codes_joined(a, client_hello_signature_schemes(a, &out), LIST(schemes)));
    return hello_with_key_shares(a, &out, &share, 1);
}

/* The highest version is `version`; with suites for it where the client has none. */
static client_hello lowered(arena *a, const client_hello *hello, uint16_t version, bool with_suites)
{
    static const uint16_t suites[] = {0xC013, 0xC014, 0xC009, 0xC00A, 0x002F, 0x0035, 0x0033, 0x0039, 0x000A};
    bool any_fits = false;
    for (size_t i = 0; i < hello->cipher_suites.num_codes; i++)
        any_fits = any_fits || cipher_suite_fits_version(hello->cipher_suites.codes[i], version);
    client_hello out = hello_with_versions(a, hello, (code_list){0});
    out = hello_without_extension(a, &out, EXTENSION_KEY_SHARE);
    out = hello_with_legacy_version(a, &out, version);
    bool adds = with_suites && !any_fits;
    return adds ? hello_with_cipher_suites(a, &out, codes_joined(a, out.cipher_suites, LIST(suites))) : out;
}

/* The client's hello with nothing but its version mended. */
static client_hello version_mended(arena *a, const pair *p)
{
    uint16_t top = codes_max(p->server.versions);
    if (p->obstacle == OBSTACLE_CLIENT_TOO_OLD)
        return raised(a, &p->hello, codes_min(p->server.versions));
    if (top == VERSION_TLS13)
        return p->hello;
    return lowered(a, &p->hello, top, p->obstacle == OBSTACLE_SERVER_TOO_OLD);
}

/* Where more than the version is missing, the catalogue calls the version the cause and the rest `also`; what a version brings with
 * it is not laid down so exactly that the rest could be known here. */
static bool versions_make_sense(arena *a, pair *p)
{
    p->server.versions = sound_versions(a, &p->server);
    if (p->server.versions.num_codes == 0)
        return false;
    if (p->obstacle > OBSTACLE_VERSION_INTOLERANCE)
        return true;
    client_hello mended = version_mended(a, p);
    sim_server alone = p->server;
    for (size_t i = 0; i < p->num_also; i++)
        take_back(&alone, p->also[i], &p->other);
    p->also_is_open = !server_accepts(a, &alone, &mended);
    return true;
}

/* A server with two keys, one of which the client could not use anyhow: then several things help, and none is the cause alone. */
static bool key_is_plain(arena *a, const pair *p)
{
    bool curve_named = codes_contain(client_hello_groups(a, &p->hello), p->server.ecdsa_curve);
    return p->obstacle == OBSTACLE_CURVE || !p->server.looks_at_curve || !p->server.has_ecdsa || curve_named;
}

/* ---- pairs ---------------------------------------------------------------------------------------------------------- */

static bool draw_working(dice *d, arena *a, const hello_store *store, pair *p)
{
    const family *f = family_at(dice_below(d, num_families()));
    p->family = f->name;
    for (size_t i = 0; i < DRAWS_MAX; i++) {
        client_hello drawn = client_draw(d, a, store, p);
        p->hello = narrowed(d, a, &drawn);
        p->server = family_server(d, a, f);
        if (p->hello.format == HELLO_FORMAT_SSLV2)
            p->server.reads_sslv2 = true;
        if (server_accepts(a, &p->server, &p->hello))
            return true;
    }
    return false;
}

/* What a server that drops or never answers, or one that the client is content with, does not have. */
static bool can_be_unsteady(enum obstacle o)
{
    return o < OBSTACLE_DROPS_ALL || (o > OBSTACLE_ELSEWHERE && o != OBSTACLE_CLIENT_ENDS);
}

static void draw_hard_steadiness(dice *d, pair *p)
{
    enum { MOSTLY = 45 };
    if (!can_be_unsteady(p->obstacle) || p->server.is_serial || dice_says(d, 80))
        return;
    p->steadiness = (enum steadiness)(FAILS_BY_CHANCE + dice_below(d, 3));
    p->percent = p->steadiness == FAILS_BY_CHANCE ? 3 + (unsigned)dice_below(d, 15) : 17 + (unsigned)dice_below(d, 67);
    p->num_addresses = p->steadiness == ONE_ADDRESS ? 2 + dice_below(d, 2) : 1;
    /* Where the client's own hello is mostly accepted, the figures need not decide (CAUSES.md, not every time). */
    p->may_be_unknown = p->steadiness == ONE_BACKEND && p->percent > MOSTLY;
}

static bool fails_as_it_should(arena *a, const pair *p)
{
    bool accepted = server_accepts_at_once(a, &p->server, &p->hello);
    if (p->obstacle == OBSTACLE_SEGMENTS) /* of the transport: the hello itself is fine */
        return accepted;
    return accepted == (p->obstacle == OBSTACLE_ELSEWHERE || p->obstacle == OBSTACLE_CLIENT_ENDS);
}

bool hard_pair_draw(arena *a, const hello_store *store, uint64_t seed, enum obstacle wanted, pair *out)
{
    dice d = {.state = seed};
    *out = (pair){.steadiness = STEADY, .num_addresses = 1};
    out->obstacle = wanted == OBSTACLE_COUNT ? (enum obstacle)dice_below(&d, OBSTACLE_COUNT) : wanted;
    if (!draw_working(&d, a, store, out))
        return false;
    out->other = out->server;
    bool several = wanted == OBSTACLE_COUNT && dice_says(&d, 15);
    if (several ? !put_several(&d, a, out) : !obstacle_put(out->obstacle, &d, a, out))
        return false;
    if (!key_is_plain(a, out) || !versions_make_sense(a, out) || !fails_as_it_should(a, out))
        return false;
    draw_hard_steadiness(&d, out);
    bool needs_other = out->steadiness == ONE_BACKEND || out->steadiness == ONE_ADDRESS;
    return !needs_other || server_accepts(a, &out->other, &out->hello);
}
