#include "causes/change.h"

#include "registry/registry.h"
#include <string.h>

enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_SUPPORTED_GROUPS = 10,
    EXTENSION_EC_POINT_FORMATS = 11,
    EXTENSION_SIGNATURE_ALGORITHMS = 13,
    EXTENSION_SIGNATURE_ALGORITHMS_CERT = 50,
    EXTENSION_ALPN = 16,
    EXTENSION_PADDING = 21,
    EXTENSION_EXTENDED_MASTER_SECRET = 23,
    EXTENSION_SUPPORTED_VERSIONS = 43,
    EXTENSION_KEY_SHARE = 51,
};
enum { SUITE_FALLBACK_SCSV = 0x5600 };

/* A classical key share is at most 1024 bytes (ffdhe8192); the hybrids' have their own numbers. Source: IANA TLS Supported Groups
 * and draft-ietf-tls-ecdhe-mlkem, draft-ietf-tls-mlkem; 0x6399 is the draft X25519Kyber768 that browsers sent in 2023 and 2024. */
static const uint16_t post_quantum_groups[] = {0x0200, 0x0201, 0x0202, 0x11EB, 0x11EC, 0x11ED, 0x6399, 0x639A};

bool group_is_post_quantum(uint16_t group)
{
    for (size_t i = 0; i < sizeof post_quantum_groups / sizeof *post_quantum_groups; i++)
        if (post_quantum_groups[i] == group)
            return true;
    return false;
}

bool extension_carries_feature(uint16_t type)
{
    static const uint16_t carriers[] = {EXTENSION_SERVER_NAME, EXTENSION_SUPPORTED_GROUPS,   EXTENSION_SIGNATURE_ALGORITHMS,
                                        EXTENSION_ALPN,        EXTENSION_SUPPORTED_VERSIONS, EXTENSION_KEY_SHARE};
    for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++)
        if (carriers[i] == type)
            return true;
    return false;
}

code_list extensions_removable(arena *a, const client_hello *hello)
{
    code_list list = {.codes = ARENA_ARRAY(a, hello->num_extensions, uint16_t)};
    for (size_t i = 0; i < hello->num_extensions; i++) {
        uint16_t type = hello->extensions[i].type;
        if (!extension_carries_feature(type) && type != EXTENSION_PADDING && !code_is_grease(type) && !codes_contain(list, type))
            list.codes[list.num_codes++] = type;
    }
    return list;
}

void change_set_add(change_set *set, change c)
{
    size_t place = set->num_changes;
    while (place > 0 && set->changes[place - 1].kind > c.kind)
        place--;
    for (size_t i = set->num_changes; i > place; i--)
        set->changes[i] = set->changes[i - 1];
    set->changes[place] = c;
    set->num_changes++;
}

change_set change_set_of(change c)
{
    change_set set = {.num_changes = 0};
    change_set_add(&set, c);
    return set;
}

bool change_set_has_kind(const change_set *set, enum change_kind kind)
{
    for (size_t i = 0; i < set->num_changes; i++)
        if (set->changes[i].kind == kind)
            return true;
    return false;
}

change_set change_set_without(const change_set *set, size_t index)
{
    change_set rest = {.num_changes = 0};
    for (size_t i = 0; i < set->num_changes; i++)
        if (i != index)
            rest.changes[rest.num_changes++] = set->changes[i];
    return rest;
}

/* ---- versions ------------------------------------------------------------------------------------------------- */

/* What a version cannot exist without. TLS 1.3: RFC 8446, 9.1, and the two suites beside its mandatory one, which some servers have
 * alone. Before: suites that exist in it, for a client whose own all belong to a later one (RFC 5246, 9; RFC 4346, 9; RFC 2246, 9;
 * with the forward-secret and AES ones of RFC 3268 and RFC 8422, since what the first RFCs made mandatory is refused by now). */
static const uint16_t suites_of_tls13[] = {0x1301, 0x1302, 0x1303};
static const uint16_t suites_of_old_versions[] = {0xC013, 0xC014, 0xC009, 0xC00A, 0x002F, 0x0035, 0x0033, 0x0039, 0x000A};
static const uint16_t groups_of_tls13[] = {0x001D, 0x0017};
static const uint16_t schemes_of_tls13[] = {0x0403, 0x0804, 0x0401};
static const uint16_t schemes_of_tls12[] = {0x0403, 0x0503, 0x0804, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201};

#define LIST(array) ((code_list){.codes = (uint16_t *)(uintptr_t)(array), .num_codes = sizeof(array) / sizeof *(array)})

code_list version_required_suites(arena *a, uint16_t version)
{
    code_list list = version == VERSION_TLS13 ? LIST(suites_of_tls13) : LIST(suites_of_old_versions);
    return codes_from(a, list.codes, list.num_codes);
}

static bool any_suite_fits(const client_hello *hello, uint16_t version)
{
    for (size_t i = 0; i < hello->cipher_suites.num_codes; i++)
        if (cipher_suite_fits_version(hello->cipher_suites.codes[i], version))
            return true;
    return false;
}

static client_hello with_suites_for_version(arena *a, const client_hello *hello, uint16_t version)
{
    if (any_suite_fits(hello, version))
        return *hello;
    return hello_with_cipher_suites(a, hello, codes_joined(a, hello->cipher_suites, version_required_suites(a, version)));
}

static bool has_key_share_group(arena *a, const client_hello *hello)
{
    code_list shares = client_hello_key_share_groups(a, hello);
    for (size_t i = 0; i < shares.num_codes; i++)
        if (!code_is_grease(shares.codes[i]))
            return true;
    return false;
}

/* The first of the client's groups, in its order, whose key we can make and that TLS 1.3 has. */
static bool share_for_own_group(arena *a, const diagnosis_tools *tools, const client_hello *hello, key_share *out)
{
    code_list groups = client_hello_groups(a, hello);
    for (size_t i = 0; i < groups.num_codes && tools->make_key_share != NULL; i++) {
        const group_row *row = group_find(groups.codes[i]);
        if (row == NULL || !row->in_tls13 || !tools->make_key_share(tools->user, a, groups.codes[i], &out->key_exchange))
            continue;
        out->group = groups.codes[i];
        return true;
    }
    return false;
}

/* Any 32 bytes are a public key of X25519 (RFC 7748, 5): it needs no key of ours. */
static key_share share_of_x25519(arena *a, const diagnosis_tools *tools)
{
    uint8_t random[32];
    tools->random_bytes(tools->user, random, sizeof random);
    return (key_share){.group = 0x001D, .key_exchange = bytes_copy(a, bytes_from(random, sizeof random))};
}

static client_hello with_groups_of_tls13(arena *a, const diagnosis_tools *tools, const client_hello *hello)
{
    if (has_key_share_group(a, hello))
        return *hello;
    key_share share;
    client_hello out = *hello;
    if (!share_for_own_group(a, tools, &out, &share)) {
        share = share_of_x25519(a, tools);
        out = hello_with_groups(a, &out, codes_joined(a, client_hello_groups(a, &out), LIST(groups_of_tls13)));
    }
    return hello_with_key_shares(a, &out, &share, 1);
}

/* Whether the client's schemes have one of TLS 1.3 for the keys that servers have: RSA needs PSS there (RFC 8446, 4.2.3). */
static bool has_scheme_for_tls13(arena *a, const client_hello *hello)
{
    return codes_in_both(a, client_hello_signature_schemes(a, hello), LIST(schemes_of_tls13)).num_codes > 1 &&
           codes_contain(client_hello_signature_schemes(a, hello), 0x0804);
}

static bool raise_to_tls13(arena *a, const diagnosis_tools *tools, const client_hello *hello, client_hello *out)
{
    code_list versions = codes_joined(a, codes_one(a, VERSION_TLS13), client_hello_versions(a, hello));
    *out = hello_with_legacy_version(a, hello, VERSION_TLS12);
    *out = hello_with_versions(a, out, versions);
    *out = hello_with_cipher_suites(a, out, codes_joined(a, LIST(suites_of_tls13), out->cipher_suites));
    if (!has_scheme_for_tls13(a, out))
        *out =
            hello_with_signature_schemes(a, out, codes_joined(a, client_hello_signature_schemes(a, out), LIST(schemes_of_tls13)));
    *out = with_groups_of_tls13(a, tools, out);
    return true;
}

/* Puts a version below TLS 1.3 on top: the legacy field says it, and where supported_versions was sent, it does as well. */
static client_hello with_version_on_top(arena *a, const client_hello *hello, uint16_t version)
{
    client_hello out = hello_with_legacy_version(a, hello, version);
    if (client_hello_extension(hello, EXTENSION_SUPPORTED_VERSIONS) != NULL) {
        code_list versions = client_hello_versions(a, hello);
        out = hello_with_versions(a, &out, codes_joined(a, versions, codes_one(a, version)));
    }
    return out;
}

static bool raise_version(arena *a, const diagnosis_tools *tools, const client_hello *hello, uint16_t version, client_hello *out)
{
    if (version == VERSION_TLS13)
        return raise_to_tls13(a, tools, hello, out);
    *out = with_version_on_top(a, hello, version);
    if (version == VERSION_TLS12 && client_hello_extension(out, EXTENSION_SIGNATURE_ALGORITHMS) == NULL)
        *out = hello_with_signature_schemes(a, out, LIST(schemes_of_tls12));
    *out = with_suites_for_version(a, out, version);
    return true;
}

/* Leaves out the versions above; supported_versions goes where nothing in it needs it, and key_share with TLS 1.3. */
static client_hello cap_version(arena *a, const client_hello *hello, uint16_t version)
{
    code_list kept = {.codes = ARENA_ARRAY(a, 8, uint16_t)};
    code_list versions = client_hello_versions(a, hello);
    for (size_t i = 0; i < versions.num_codes && kept.num_codes < 8; i++)
        if (versions.codes[i] <= version)
            kept.codes[kept.num_codes++] = versions.codes[i];
    client_hello out = *hello;
    if (version < VERSION_TLS13) {
        out = hello_without_extension(a, &out, EXTENSION_KEY_SHARE);
        out = hello_with_versions(a, &out, (code_list){0});
    } else if (client_hello_extension(hello, EXTENSION_SUPPORTED_VERSIONS) != NULL) {
        out = hello_with_versions(a, &out, kept);
    }
    if (out.legacy_version > version)
        out = hello_with_legacy_version(a, &out, version);
    return out;
}

static bool lower_version(arena *a, const client_hello *hello, uint16_t version, client_hello *out)
{
    *out = cap_version(a, hello, version);
    *out = with_suites_for_version(a, out, version);
    return true;
}

/* ---- the other kinds ------------------------------------------------------------------------------------------- */

static client_hello with_extension_types_removed(arena *a, const client_hello *hello, code_list types)
{
    client_hello out = *hello;
    for (size_t i = 0; i < types.num_codes; i++)
        out = hello_without_extension(a, &out, types.codes[i]);
    return out;
}

static client_hello with_groups_added(arena *a, const client_hello *hello, code_list groups)
{
    client_hello out = hello_with_groups(a, hello, codes_joined(a, client_hello_groups(a, hello), groups));
    static const uint8_t uncompressed_only[] = {1, 0};
    if (client_hello_extension(&out, EXTENSION_EC_POINT_FORMATS) == NULL && client_hello_version_max(hello) < VERSION_TLS13)
        out = hello_with_extension(a, &out, EXTENSION_EC_POINT_FORMATS, bytes_from(uncompressed_only, sizeof uncompressed_only));
    return out;
}

static bool any_needs_group(code_list suites)
{
    for (size_t i = 0; i < suites.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(suites.codes[i]);
        if (row != NULL && row->key_exchange == SUITE_KX_ECDHE)
            return true;
    }
    return false;
}

/* An ECDHE suite cannot exist without a group (RFC 8422, 5.1): a client that has had no such suite names none. */
static client_hello with_suites_added(arena *a, const client_hello *hello, code_list suites)
{
    static const uint16_t usual[] = {0x001D, 0x0017, 0x0018, 0x0019};
    client_hello out = hello_with_cipher_suites(a, hello, codes_joined(a, hello->cipher_suites, suites));
    bool needs_groups = any_needs_group(suites) && !any_needs_group(hello->cipher_suites);
    bool has_groups = client_hello_extension(hello, EXTENSION_SUPPORTED_GROUPS) != NULL;
    return needs_groups && !has_groups ? with_groups_added(a, &out, LIST(usual)) : out;
}

/* Post-quantum shares go; where no other is left, one of the client's other groups takes the place. */
static bool without_large_shares(arena *a, const diagnosis_tools *tools, const client_hello *hello, client_hello *out)
{
    key_share *shares, *kept;
    size_t num_shares = hello_key_shares(a, hello, &shares), num_kept = 0;
    kept = ARENA_ARRAY(a, num_shares + 1, key_share);
    for (size_t i = 0; i < num_shares; i++)
        if (!group_is_post_quantum(shares[i].group))
            kept[num_kept++] = shares[i];
    if (num_kept == num_shares)
        return false;
    *out = hello_with_key_shares(a, hello, kept, num_kept);
    if (!has_key_share_group(a, out)) {
        if (!share_for_own_group(a, tools, out, &kept[num_kept]))
            return false;
        *out = hello_with_key_shares(a, out, kept, num_kept + 1);
    }
    return true;
}

/* Without signature_algorithms_cert, signature_algorithms counts for the certificates as well (RFC 8446, 4.2.3): what may sign them
 * is no feature of its own. */
static client_hello with_schemes(arena *a, const client_hello *hello, code_list added)
{
    client_hello out = hello_with_signature_schemes(a, hello, codes_joined(a, client_hello_signature_schemes(a, hello), added));
    return hello_without_extension(a, &out, EXTENSION_SIGNATURE_ALGORITHMS_CERT);
}

static bool resized(arena *a, const client_hello *hello, size_t len, client_hello *out)
{
    return hello_padded_to(a, hello, len, out) || hello_filled_to(a, hello, len, out);
}

static bool apply_offer_change(arena *a, const diagnosis_tools *tools, const client_hello *hello, const change *c,
                               client_hello *out)
{
    switch (c->kind) {
    case CHANGE_VERSION_RAISED:
        return raise_version(a, tools, hello, c->code, out);
    case CHANGE_VERSION_LOWERED:
        return lower_version(a, hello, c->code, out);
    case CHANGE_VERSION_CAPPED:
        *out = cap_version(a, hello, c->code);
        return true;
    case CHANGE_SUITES_ADDED:
        *out = with_suites_added(a, hello, c->codes);
        return true;
    case CHANGE_FALLBACK_REMOVED:
        *out = hello_with_cipher_suites(a, hello, codes_without(a, hello->cipher_suites, codes_one(a, SUITE_FALLBACK_SCSV)));
        return true;
    case CHANGE_GROUPS_ADDED:
        *out = with_groups_added(a, hello, c->codes);
        return true;
    case CHANGE_SCHEMES_ADDED:
        *out = with_schemes(a, hello, c->codes);
        return true;
    case CHANGE_LARGE_SHARES_REMOVED:
        return without_large_shares(a, tools, hello, out);
    default:
        return false;
    }
}

static bool apply(arena *a, const diagnosis_tools *tools, const client_hello *hello, const change *c, client_hello *out)
{
    switch (c->kind) {
    case CHANGE_TLS_FORMAT:
        *out = hello_in_tls_format(a, hello);
        return true;
    case CHANGE_GREASE:
        *out = hello_without_grease(a, hello);
        return true;
    case CHANGE_EXTENSIONS_REMOVED:
        *out = with_extension_types_removed(a, hello, c->codes);
        return true;
    case CHANGE_NAME_ADDED:
        *out = hello_with_server_name(a, hello, c->name);
        return true;
    case CHANGE_NAME_REMOVED:
        *out = hello_without_extension(a, hello, EXTENSION_SERVER_NAME);
        return true;
    case CHANGE_ALPN_REMOVED:
        *out = hello_without_extension(a, hello, EXTENSION_ALPN);
        return true;
    case CHANGE_EXTENDED_MASTER_SECRET:
        *out = hello_with_extension(a, hello, EXTENSION_EXTENDED_MASTER_SECRET, bytes_from(NULL, 0));
        return true;
    case CHANGE_ONE_RECORD:
        *out = hello_in_one_record(a, hello);
        return true;
    case CHANGE_RECORD_VERSION:
        *out = hello_with_record_version(a, hello, c->code);
        return true;
    case CHANGE_SIZE:
        return resized(a, hello, c->len, out);
    default:
        return apply_offer_change(a, tools, hello, c, out);
    }
}

/* A later change may bring an extension along (ec_point_formats with groups): what is to be left out stays out. */
static client_hello without_what_goes(arena *a, const client_hello *hello, const change_set *set)
{
    client_hello out = *hello;
    for (size_t i = 0; i < set->num_changes; i++)
        if (set->changes[i].kind == CHANGE_EXTENSIONS_REMOVED)
            out = with_extension_types_removed(a, &out, set->changes[i].codes);
    return out;
}

bool change_set_apply(arena *a, const diagnosis_tools *tools, const client_hello *hello, const change_set *set, client_hello *out)
{
    client_hello changed = *hello;
    for (size_t i = 0; i < set->num_changes; i++) {
        client_hello next;
        if (set->changes[i].kind == CHANGE_SIZE)
            changed = without_what_goes(a, &changed, set);
        if (!apply(a, tools, &changed, &set->changes[i], &next))
            return false;
        changed = next;
    }
    *out = without_what_goes(a, &changed, set);
    return true;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static const char *codes_phrase(arena *a, const char *verb, code_list codes, const char *(*name)(arena *, uint16_t))
{
    return arena_printf(a, "%s%s", verb, code_names(a, codes, name, 3));
}

/* `ing` turns "offer" into "offering". */
static const char *offer_phrase(arena *a, const change *c, bool ing)
{
    const char *offer = ing ? "offering " : "offer ";
    switch (c->kind) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_LOWERED:
        return arena_printf(a, "%s%s", offer, version_name(a, c->code));
    case CHANGE_VERSION_CAPPED:
        return arena_printf(a, "%s%s at most", offer, version_name(a, c->code));
    case CHANGE_SUITES_ADDED:
        return codes_phrase(a, offer, c->codes, cipher_suite_name);
    case CHANGE_FALLBACK_REMOVED:
        return "without TLS_FALLBACK_SCSV";
    case CHANGE_GROUPS_ADDED:
        return codes_phrase(a, offer, c->codes, group_name);
    case CHANGE_SCHEMES_ADDED:
        return codes_phrase(a, offer, c->codes, signature_scheme_name);
    case CHANGE_LARGE_SHARES_REMOVED:
        return "without the post-quantum key share";
    default:
        return "changed";
    }
}

static const char *phrase(arena *a, const change *c, bool ing)
{
    switch (c->kind) {
    case CHANGE_TLS_FORMAT:
        return "in a TLS record";
    case CHANGE_GREASE:
        return "without GREASE values";
    case CHANGE_EXTENSIONS_REMOVED:
        return codes_phrase(a, "without ", c->codes, extension_name);
    case CHANGE_NAME_ADDED:
        return arena_printf(a, "%s %s", ing ? "with the server name" : "send the server name", bytes_to_text(a, c->name));
    case CHANGE_NAME_REMOVED:
        return "without a server name";
    case CHANGE_ALPN_REMOVED:
        return "without ALPN";
    case CHANGE_EXTENDED_MASTER_SECRET:
        return "with extended_master_secret";
    case CHANGE_ONE_RECORD:
        return "in one record and segment";
    case CHANGE_RECORD_VERSION:
        return arena_printf(a, "with %s in the record header", version_name(a, c->code));
    case CHANGE_SIZE:
        return arena_printf(a, "%s to %zu bytes", ing ? "padded" : "pad", c->len);
    default:
        return offer_phrase(a, c, ing);
    }
}

static const char *set_phrase(arena *a, const change_set *set, bool ing)
{
    const char *text = "";
    for (size_t i = 0; i < set->num_changes; i++)
        text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : ", ", phrase(a, &set->changes[i], ing));
    return set->num_changes == 0 ? "none" : text;
}

const char *change_name(arena *a, const change *c)
{
    return phrase(a, c, false);
}

const char *change_label(arena *a, const change *c)
{
    return phrase(a, c, true);
}

const char *change_set_name(arena *a, const change_set *set)
{
    return set_phrase(a, set, false);
}

const char *change_set_label(arena *a, const change_set *set)
{
    return set_phrase(a, set, true);
}
