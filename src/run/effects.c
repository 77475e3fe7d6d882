#include "run/effects.h"

#include "causes/change.h"
#include "registry/registry.h"

#include <string.h>

/* What clients of today offer by default, in OpenSSL's names: to be kept beside what is added. */
#define USUAL_GROUPS "X25519:P-256:X448:P-521:P-384"
#define USUAL_SCHEMES                                                                                                              \
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:"     \
    "RSA+SHA512"

static const change *change_of_kind(const verdict *v, enum change_kind kind)
{
    const change_set *set = v->changes;
    for (size_t i = 0; set != NULL && i < set->num_changes; i++)
        if (set->changes[i].kind == kind)
            return &set->changes[i];
    return NULL;
}

static size_t version_effects(const verdict *v, effect *out)
{
    const change *raised = change_of_kind(v, CHANGE_VERSION_RAISED), *lowered = change_of_kind(v, CHANGE_VERSION_LOWERED);
    const change *capped = change_of_kind(v, CHANGE_VERSION_CAPPED);
    if (raised != NULL)
        *out = (effect){.kind = EFFECT_VERSION_MAX, .version = raised->code};
    else if (capped != NULL)
        *out = (effect){.kind = EFFECT_VERSION_MAX, .version = capped->code, .is_weak = capped->code < VERSION_TLS12};
    else if (lowered != NULL)
        *out = (effect){.kind = EFFECT_VERSION_MIN, .version = lowered->code, .is_weak = lowered->code < VERSION_TLS12};
    return raised != NULL || lowered != NULL || capped != NULL;
}

/* Below 112 bits, or without a key that anybody vouches for (NIST SP 800-57; RFC 7465; RFC 9155 for the others). */
static bool suite_is_weak(const cipher_suite_row *suite)
{
    static const char *const ciphers[] = {"NULL", "RC4", "RC2", "DES", "3DES", "IDEA", "SEED"};
    for (size_t i = 0; i < sizeof ciphers / sizeof *ciphers; i++)
        if (suite->cipher == NULL || strncmp(suite->cipher, ciphers[i], strlen(ciphers[i])) == 0)
            return true;
    return suite->is_export || suite->authentication == SUITE_AUTH_ANONYMOUS || suite->authentication == SUITE_AUTH_NULL;
}

static size_t suite_effects(const verdict *v, effect *out)
{
    const change *added = change_of_kind(v, CHANGE_SUITES_ADDED);
    for (size_t i = 0; added != NULL && i < added->codes.num_codes; i++) {
        const cipher_suite_row *suite = cipher_suite_find(added->codes.codes[i]);
        if (suite == NULL || suite->openssl_name == NULL || suite->version_min >= VERSION_TLS13)
            continue;
        *out = (effect){.kind = EFFECT_CIPHERS, .list = suite->openssl_name, .is_weak = suite_is_weak(suite)};
        return 1;
    }
    return 0;
}

static size_t group_effects(arena *a, const verdict *v, effect *out)
{
    const change *added = change_of_kind(v, CHANGE_GROUPS_ADDED);
    const group_row *group = added == NULL || added->codes.num_codes == 0 ? NULL : group_find(added->codes.codes[0]);
    const char *name = group == NULL ? NULL : group->other_name != NULL ? group->other_name : group->openssl_name;
    if (name == NULL)
        return 0;
    *out = (effect){.kind = EFFECT_GROUPS,
                    .list = strstr(USUAL_GROUPS, name) != NULL ? USUAL_GROUPS : arena_printf(a, USUAL_GROUPS ":%s", name)};
    return 1;
}

static size_t scheme_effects(arena *a, const verdict *v, effect *out)
{
    enum { RSA_PKCS1_SHA1 = 0x0201, ECDSA_SHA1 = 0x0203 };
    const change *added = change_of_kind(v, CHANGE_SCHEMES_ADDED);
    const signature_scheme_row *scheme =
        added == NULL || added->codes.num_codes == 0 ? NULL : signature_scheme_find(added->codes.codes[0]);
    if (scheme == NULL || scheme->openssl_name == NULL)
        return 0;
    bool is_weak = scheme->code == RSA_PKCS1_SHA1 || scheme->code == ECDSA_SHA1;
    *out = (effect){.kind = EFFECT_SCHEMES,
                    .list = strstr(USUAL_SCHEMES, scheme->openssl_name) != NULL
                                ? USUAL_SCHEMES
                                : arena_printf(a, USUAL_SCHEMES ":%s", scheme->openssl_name),
                    .is_weak = is_weak};
    return 1;
}

/* The size goes down by the post-quantum shares; where that is not what helps, by capping the version. */
static size_t size_effects(const evidence *e, arena *a, effect *out)
{
    size_t num = 0;
    code_list shares = client_hello_key_share_groups(a, &e->failed->hello);
    for (size_t i = 0; i < shares.num_codes && num == 0; i++)
        if (group_is_post_quantum(shares.codes[i]))
            out[num++] = (effect){.kind = EFFECT_GROUPS, .list = "X25519:P-256:P-384:P-521"};
    out[num++] = (effect){.kind = EFFECT_VERSION_MAX, .version = VERSION_TLS12};
    return num;
}

static size_t extension_effects(const verdict *v, effect *out)
{
    const change *removed = change_of_kind(v, CHANGE_EXTENSIONS_REMOVED);
    if (removed == NULL || removed->codes.num_codes == 0)
        return 0;
    *out = (effect){.kind = EFFECT_WITHOUT_EXTENSION, .code = removed->codes.codes[0]};
    return 1;
}

size_t effects_of(arena *a, const verdict *v, const evidence *e, effect out[EFFECTS_MAX])
{
    bool has_hello = e->failed != NULL && e->failed->has_hello;
    if (strcmp(v->cause, "client-version-too-old") == 0 || strcmp(v->cause, "server-version-too-old") == 0 ||
        strcmp(v->cause, "version-intolerance") == 0)
        return version_effects(v, out);
    if (strcmp(v->cause, "no-shared-cipher") == 0)
        return suite_effects(v, out);
    if (strcmp(v->cause, "no-shared-group") == 0)
        return group_effects(a, v, out);
    if (strcmp(v->cause, "no-shared-signature-algorithm") == 0)
        return scheme_effects(a, v, out);
    if (strcmp(v->cause, "hello-size-intolerance") == 0 && has_hello)
        return size_effects(e, a, out);
    if (strcmp(v->cause, "extension-intolerance") == 0)
        return extension_effects(v, out);
    if (strcmp(v->cause, "alpn-mismatch") == 0) {
        out[0] = (effect){.kind = EFFECT_WITHOUT_ALPN};
        return 1;
    }
    if (strcmp(v->cause, "dh-too-small") == 0) {
        out[0] = (effect){.kind = EFFECT_NO_DHE};
        out[1] = (effect){.kind = EFFECT_LEVEL, .level = 1, .is_weak = true};
        return 2;
    }
    if (strcmp(v->cause, "signature-too-weak") == 0) {
        out[0] = (effect){.kind = EFFECT_LEVEL, .level = 0, .is_weak = true};
        return 1;
    }
    if (strcmp(v->cause, "renegotiation-unsafe") == 0) {
        out[0] = (effect){.kind = EFFECT_LEGACY_SERVER, .is_weak = true};
        return 1;
    }
    return 0;
}

const char *effect_text(arena *a, const effect *e)
{
    switch (e->kind) {
    case EFFECT_VERSION_MAX:
        return arena_printf(a, "%s as the highest version", version_name(a, e->version));
    case EFFECT_VERSION_MIN:
        return arena_printf(a, "%s as the lowest version", version_name(a, e->version));
    case EFFECT_CIPHERS:
        return arena_printf(a, "the cipher suite %s added", e->list);
    case EFFECT_NO_DHE:
        return "finite-field Diffie-Hellman left out";
    case EFFECT_GROUPS:
        return arena_printf(a, "the groups %s", e->list);
    case EFFECT_SCHEMES:
        return arena_printf(a, "the signature algorithms %s", e->list);
    case EFFECT_LEVEL:
        return arena_printf(a, "security level %d", e->level);
    case EFFECT_WITHOUT_EXTENSION:
        return arena_printf(a, "the extension %s left out", extension_name(a, e->code));
    case EFFECT_LEGACY_SERVER:
        return "servers without secure renegotiation accepted";
    case EFFECT_TRUST:
        return arena_printf(a, "the certificates of %s trusted", e->path);
    case EFFECT_WITHOUT_ALPN:
        return "no application protocol offered";
    }
    return "?";
}

const char *effect_cost(const effect *e)
{
    if (!e->is_weak)
        return NULL;
    return e->kind == EFFECT_LEGACY_SERVER ? "It is weak: whoever sits on the way can put data of his own before this program's. "
                                             "Only until the server is renewed."
                                           : "It is weak: this program then takes what can be broken, from every server that it "
                                             "talks to. Only until the server is "
                                             "renewed.";
}
