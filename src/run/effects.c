#include "run/effects.h"

#include "causes/change.h"
#include "causes/weak.h"
#include "registry/registry.h"

#include <string.h>

/* ---- from what made the difference ------------------------------------------------------------------------------------------ */

/* Those of a list that have a name, at most one where one is enough. */
static code_list codes_known(arena *a, code_list list, bool takes_one, bool (*is_wanted)(uint16_t))
{
    code_list kept = {.num_codes = 0};
    for (size_t i = 0; i < list.num_codes && !(takes_one && kept.num_codes > 0); i++)
        if (is_wanted(list.codes[i]))
            kept = codes_joined(a, kept, codes_one(a, list.codes[i]));
    return kept;
}

/* No list of suites supplies the key of a suite without a certificate. */
static bool suite_can_be_added(uint16_t code)
{
    const cipher_suite_row *row = cipher_suite_find(code);
    return row != NULL && row->openssl_name != NULL && cipher_suite_goes_by_certificate(code);
}

static bool group_has_name(uint16_t code)
{
    return group_find(code) != NULL;
}

static bool scheme_is_strong(uint16_t code)
{
    return signature_scheme_find(code) != NULL && !scheme_is_weak(code);
}

static bool scheme_is_known(uint16_t code)
{
    return signature_scheme_find(code) != NULL;
}

/* Adds what one change of the hello comes to; false where no client can be made to do it. */
static bool add_change(arena *a, const change *c, wish *w)
{
    code_list strong;
    switch (c->kind) {
    case CHANGE_VERSION_RAISED:
    case CHANGE_VERSION_CAPPED:
        w->version_max = c->code;
        return true;
    case CHANGE_VERSION_LOWERED:
        w->version_min = c->code;
        return true;
    case CHANGE_SUITES_ADDED:
        w->suites = codes_known(a, c->codes, true, suite_can_be_added);
        return w->suites.num_codes > 0;
    case CHANGE_GROUPS_ADDED:
        w->groups = codes_known(a, c->codes, false, group_has_name);
        return w->groups.num_codes > 0;
    case CHANGE_SCHEMES_ADDED: /* which of several it is, in TLS 1.3, the server does not tell: what is weak is not among them */
        strong = codes_known(a, c->codes, false, scheme_is_strong);
        w->schemes = strong.num_codes > 0 ? strong : codes_known(a, c->codes, false, scheme_is_known);
        return w->schemes.num_codes > 0;
    case CHANGE_ALPN_REMOVED:
        w->no_alpn = true;
        return true;
    case CHANGE_EXTENSIONS_REMOVED:
        w->has_without = c->codes.num_codes == 1;
        w->without = c->codes.num_codes == 1 ? c->codes.codes[0] : 0;
        return w->has_without;
    case CHANGE_NAME_ADDED:
        w->server_name = bytes_to_text(a, c->name);
        return true;
    default:
        return false;
    }
}

/* What signs the certificates themselves counts as well for a client that has one list for both (Java's): the two that are usual.
 */
static code_list with_usual_for_certificates(arena *a, code_list schemes, const client_hello *hello)
{
    static const uint16_t usual[] = {0x0401, 0x0403}; /* rsa_pkcs1_sha256, ecdsa_secp256r1_sha256 */
    code_list all = codes_joined(a, schemes, codes_from(a, usual, sizeof usual / sizeof *usual));
    return codes_without(a, all, client_hello_signature_schemes(a, hello));
}

/* All of what made the difference at once: less is not enough. */
static size_t wishes_of_changes(arena *a, const verdict *v, const evidence *e, wish *out)
{
    wish w = {.version_max = 0};
    bool is_other_name = strcmp(v->cause, "sni-unrecognized") == 0; /* which is another server's: nothing to try unasked */
    if (v->changes == NULL || v->changes->num_changes == 0 || is_other_name)
        return 0;
    for (size_t i = 0; i < v->changes->num_changes; i++) {
        if (!add_change(a, &v->changes->changes[i], &w))
            return 0;
        w.is_weak = w.is_weak || change_is_weak(&v->changes->changes[i]);
    }
    if (w.schemes.num_codes > 0 && e->client != NULL && e->client->runtime == RUNTIME_JAVA)
        w.schemes = with_usual_for_certificates(a, w.schemes, &e->failed->hello);
    *out = w;
    return 1;
}

/* The size goes down by the post-quantum shares; where that is not what helps, by capping the version. */
static size_t wishes_on_size(arena *a, const evidence *e, wish *out)
{
    static const uint16_t classical[] = {0x001D, 0x0017, 0x0018, 0x0019}; /* X25519, P-256, P-384, P-521 */
    size_t num = 0;
    code_list shares = client_hello_key_share_groups(a, &e->failed->hello);
    for (size_t i = 0; i < shares.num_codes && num == 0; i++)
        if (group_is_post_quantum(shares.codes[i]))
            out[num++] = (wish){.groups_only = codes_from(a, classical, sizeof classical / sizeof *classical)};
    if (client_hello_version_max(&e->failed->hello) > VERSION_TLS12)
        out[num++] = (wish){.version_max = VERSION_TLS12};
    return num;
}

/* ---- from what the client refused -----------------------------------------------------------------------------------------------
 */

/* Where the chosen version is an old one, a lower version has to be asked for as well as a lower level. */
static size_t wishes_on_level(const evidence *e, int level, wish *out)
{
    uint16_t chosen = e->failed == NULL || !e->failed->has_server_hello ? 0 : e->failed->server_hello.version;
    *out = (wish){.has_level = true, .level = level, .is_weak = true};
    if (chosen != 0 && chosen < VERSION_TLS12)
        out->version_min = chosen;
    return 1;
}

/* The lowest level that takes a group of so many bits: SSL_CTX_set_security_level(3). */
static int level_for_bits(const evidence *e)
{
    size_t bits = e->failed == NULL ? 0 : e->failed->server_key_exchange.prime_bits;
    return bits >= 1024 ? 1 : 0;
}

static size_t wishes_of_trust(const verdict *v, wish *out)
{
    const trust_remedy *t = v->trust;
    if (t == NULL || t->num_certificates == 0)
        return 0;
    *out = (wish){.trust_file = t->file,
                  .trust_certificates = t->certificates,
                  .num_trust_certificates = t->num_certificates,
                  .trust_name = t->name};
    return 1;
}

size_t effects_of(arena *a, const verdict *v, const evidence *e, wish out[EFFECTS_MAX])
{
    size_t num = wishes_of_trust(v, out);
    bool has_hello = e->failed != NULL && e->failed->has_hello;
    if (num > 0)
        return num;
    if (strcmp(v->cause, "hello-size-intolerance") == 0 && has_hello)
        return wishes_on_size(a, e, out);
    if (strcmp(v->cause, "dh-too-small") == 0) {
        out[num++] = (wish){.no_dhe = true};
        return num + wishes_on_level(e, level_for_bits(e), &out[num]);
    }
    if (strcmp(v->cause, "signature-too-weak") == 0 || strcmp(v->cause, "cert-weak") == 0)
        return wishes_on_level(e, 0, out);
    if (strcmp(v->cause, "renegotiation-unsafe") == 0) {
        out[0] = (wish){.legacy_server = true, .is_weak = true};
        return 1;
    }
    if (strcmp(v->cause, "cert-malformed") == 0) {
        out[0] = (wish){.not_strict = true};
        return 1;
    }
    return wishes_of_changes(a, v, e, out);
}

/* ---- both -------------------------------------------------------------------------------------------------------------------- */

static void join_trust(wish *w, const wish *second)
{
    if (second->num_trust_certificates == 0)
        return;
    w->trust_file = second->trust_file;
    w->trust_certificates = second->trust_certificates;
    w->num_trust_certificates = second->num_trust_certificates;
    w->trust_name = second->trust_name;
}

wish wishes_joined(arena *a, const wish *first, const wish *second)
{
    wish w = *first;
    w.version_max = second->version_max != 0 ? second->version_max : first->version_max;
    w.version_min = second->version_min != 0 ? second->version_min : first->version_min;
    w.suites = codes_joined(a, first->suites, second->suites);
    w.groups = codes_joined(a, first->groups, second->groups);
    w.schemes = codes_joined(a, first->schemes, second->schemes);
    w.groups_only = second->groups_only.num_codes > 0 ? second->groups_only : first->groups_only;
    w.level = second->has_level ? second->level : first->level;
    w.has_level = first->has_level || second->has_level;
    w.no_dhe = first->no_dhe || second->no_dhe;
    w.no_alpn = first->no_alpn || second->no_alpn;
    w.legacy_server = first->legacy_server || second->legacy_server;
    w.not_strict = first->not_strict || second->not_strict;
    w.without = second->has_without ? second->without : first->without;
    w.has_without = first->has_without || second->has_without;
    w.server_name = second->server_name != NULL ? second->server_name : first->server_name;
    w.is_weak = first->is_weak || second->is_weak;
    join_trust(&w, second);
    return w;
}

/* ---- whether it was met ------------------------------------------------------------------------------------------------- */

static bool all_in(code_list wanted, code_list offered)
{
    for (size_t i = 0; i < wanted.num_codes; i++)
        if (!codes_contain(offered, wanted.codes[i]))
            return false;
    return true;
}

static bool offers_dhe(const client_hello *hello)
{
    for (size_t i = 0; i < hello->cipher_suites.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(hello->cipher_suites.codes[i]);
        if (row != NULL && row->key_exchange == SUITE_KX_DHE)
            return true;
    }
    return false;
}

static bool lists_are_met(arena *a, const wish *w, const client_hello *hello)
{
    code_list groups = client_hello_groups(a, hello);
    return all_in(w->suites, hello->cipher_suites) && all_in(w->groups, groups) &&
           all_in(w->schemes, client_hello_signature_schemes(a, hello)) &&
           (w->groups_only.num_codes == 0 || all_in(groups, w->groups_only));
}

bool wish_is_met(arena *a, const wish *w, const client_hello *hello)
{
    enum { EXTENSION_ALPN = 16 };
    bool shows_nothing = w->has_level || w->legacy_server || w->not_strict || w->num_trust_certificates > 0;
    if (shows_nothing || (w->version_max != 0 && client_hello_version_max(hello) != w->version_max) ||
        (w->version_min != 0 && !codes_contain(client_hello_versions(a, hello), w->version_min)))
        return false;
    if ((w->no_alpn && client_hello_extension(hello, EXTENSION_ALPN) != NULL) || (w->no_dhe && offers_dhe(hello)) ||
        (w->has_without && client_hello_extension(hello, w->without) != NULL))
        return false;
    return lists_are_met(a, w, hello) && (w->server_name == NULL || client_hello_server_name(hello).len > 0);
}

/* ---- words
 * ----------------------------------------------------------------------------------------------------------------------- */

static const char *joined(arena *a, const char *text, const char *more)
{
    return more == NULL ? text : text == NULL ? more : arena_printf(a, "%s, %s", text, more);
}

static const char *wish_text_of_lists(arena *a, const wish *w, const char *text)
{
    enum { NAMED_MAX = 3 };
    if (w->suites.num_codes > 0)
        text =
            joined(a, text, arena_printf(a, "the cipher suite %s added", code_names(a, w->suites, cipher_suite_name, NAMED_MAX)));
    if (w->groups.num_codes > 0)
        text = joined(a, text, arena_printf(a, "the group %s added", code_names(a, w->groups, group_name, NAMED_MAX)));
    if (w->groups_only.num_codes > 0)
        text = joined(a, text, arena_printf(a, "no groups but %s", code_names(a, w->groups_only, group_name, 4)));
    if (w->schemes.num_codes > 0)
        text = joined(
            a, text,
            arena_printf(a, "the signature algorithm %s added", code_names(a, w->schemes, signature_scheme_name, NAMED_MAX)));
    return text;
}

const char *wish_text(arena *a, const wish *w)
{
    const char *text = NULL;
    if (w->version_max != 0)
        text = joined(a, text, arena_printf(a, "%s as the highest version", version_name(a, w->version_max)));
    if (w->version_min != 0)
        text = joined(a, text, arena_printf(a, "%s as the lowest version", version_name(a, w->version_min)));
    text = wish_text_of_lists(a, w, text);
    if (w->no_dhe)
        text = joined(a, text, "finite-field Diffie-Hellman left out");
    if (w->has_level)
        text = joined(a, text, arena_printf(a, "security level %d", w->level));
    if (w->has_without)
        text = joined(a, text, arena_printf(a, "the extension %s left out", extension_name(a, w->without)));
    if (w->server_name != NULL)
        text = joined(a, text, arena_printf(a, "the server name %s sent", w->server_name));
    if (w->legacy_server)
        text = joined(a, text, "servers without secure renegotiation accepted");
    if (w->not_strict)
        text = joined(a, text, "RFC 5280's rules of form not insisted on, as before Python 3.13");
    if (w->trust_name != NULL)
        text = joined(a, text, arena_printf(a, "trust in %s", w->trust_name));
    if (w->no_alpn)
        text = joined(a, text, "no application protocol offered");
    return text == NULL ? "?" : text;
}

const char *wish_cost(const wish *w)
{
    if (!w->is_weak)
        return NULL;
    return w->legacy_server ? "It is weak: whoever sits on the way can put data of his own before this program's. Only until the "
                              "server is renewed."
                            : "It is weak: this program then takes what can be broken, from every server that it talks to. Only "
                              "until the server is renewed.";
}
