/* What a server bears, and what it answers to names that it does not know. */
#include "crypto/certificate.h"
#include "registry/registry.h"
#include "server/facts.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

enum {
    EXTENSION_UNASSIGNED = 0xfabd, /* neither assigned nor GREASE */
    VERSION_TO_COME = 0x0305,
};

/* ---- names and protocols ------------------------------------------------------------------------------------------------- */

static bool make_without_name(survey *s, client_hello *hello)
{
    *hello = hello_with_server_name(s->arena, hello, bytes_from(NULL, 0));
    return s->settings.server_name.len > 0;
}

static const char *leaf_of(survey *s, const answer *given)
{
    const certificate_list *sent = given->flight != NULL && given->flight->has_certificate ? &given->flight->certificates
                                   : given->conversation != NULL                           ? &given->conversation->certificates
                                                                                           : NULL;
    const char *names =
        sent == NULL || sent->num_certificates == 0 ? NULL : certificate_names_text(s->arena, sent->certificates[0]);
    return names == NULL ? NULL : arena_printf(s->arena, "certificate for %s", names);
}

static void hear_without_name(survey *s, const answer *given)
{
    fact_add_taken(s, "accepts-no-name", "Serves clients that send no name (SNI)", given, leaf_of(s, given));
}

static bool make_unknown_name(survey *s, client_hello *hello)
{
    *hello = hello_with_server_name(s->arena, hello, bytes_from_text("no-such-name.invalid"));
    return true;
}

static void hear_unknown_name(survey *s, const answer *given)
{
    fact_add_taken(s, "accepts-unknown-name", "Serves clients that send an unknown name", given, leaf_of(s, given));
}

static bool with_protocol(survey *s, client_hello *hello, const char *protocol)
{
    bytes_view name = bytes_from_text(protocol);
    *hello = hello_with_alpn(s->arena, hello, &name, 1);
    return true;
}

static bool make_alpn_unknown(survey *s, client_hello *hello)
{
    return with_protocol(s, hello, "no-such-protocol");
}

static void hear_alpn_unknown(survey *s, const answer *given)
{
    fact_add_taken(s, "accepts-unknown-alpn", "Goes on without a protocol in common (ALPN)", given, NULL);
}

/* ---- keys of several groups: whose order counts? ------------------------------------------------------------------------ */

enum { GROUP_SECP256R1 = 0x0017, GROUP_X25519 = 0x001D };

/* Two groups in that order, with a key of ours for each. */
static bool with_two_keys(survey *s, client_hello *hello, uint16_t first, uint16_t second)
{
    const uint16_t groups[] = {first, second};
    key_share shares[] = {{.group = first}, {.group = second}};
    for (size_t i = 0; i < 2; i++)
        if (!s->tools->make_key_share(s->tools->user, s->arena, shares[i].group, &shares[i].key_exchange))
            return false;
    *hello = hello_with_groups(s->arena, hello, codes_from(s->arena, groups, 2));
    *hello = hello_with_key_shares(s->arena, hello, shares, 2);
    return true;
}

static bool make_keys_forwards(survey *s, client_hello *hello)
{
    return with_two_keys(s, hello, GROUP_X25519, GROUP_SECP256R1);
}

static bool make_keys_backwards(survey *s, client_hello *hello)
{
    return with_two_keys(s, hello, GROUP_SECP256R1, GROUP_X25519);
}

static uint16_t group_of(const answer *given)
{
    const server_hello *hello = fact_server_hello(given);
    return fact_was_taken(given) && hello != NULL ? hello->group : 0;
}

static void hear_keys_forwards(survey *s, const answer *given)
{
    s->group_forwards = group_of(given);
}

static void hear_keys_backwards(survey *s, const answer *given)
{
    uint16_t backwards = group_of(given);
    bool are_known = s->group_forwards != 0 && backwards != 0, follows = s->group_forwards != backwards;
    (void)fact_add(s, "group-follows-client", "Takes the group whose key comes first",
                   !are_known ? KNOWN_UNKNOWN
                   : follows  ? KNOWN_YES
                              : KNOWN_NO,
                   are_known && !follows ? arena_printf(s->arena, "%s either way", group_name(s->arena, backwards)) : NULL);
}

/* ---- tolerance ------------------------------------------------------------------------------------------------------------- */

/* None that exists is offered above the one that the server was found to take: it may choose that, and have nothing for it (curves
 * that TLS 1.3 does not allow), which is no intolerance. */
static bool make_future_version(survey *s, client_hello *hello)
{
    static const uint16_t known[] = {VERSION_TLS13, VERSION_TLS12, VERSION_TLS11, VERSION_TLS10};
    uint16_t taken = client_hello_version_max(hello);
    code_list versions = codes_one(s->arena, VERSION_TO_COME);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] <= taken)
            versions = codes_joined(s->arena, versions, codes_one(s->arena, known[i]));
    *hello = hello_with_versions(s->arena, hello, versions);
    return true;
}

static void hear_future_version(survey *s, const answer *given)
{
    fact_add_taken(s, "tolerates-future-versions", "Tolerates a version to come", given, NULL);
}

static bool make_high_legacy_version(survey *s, client_hello *hello)
{
    *hello = hello_with_legacy_version(s->arena, hello, VERSION_TO_COME);
    return true;
}

static void hear_high_legacy_version(survey *s, const answer *given)
{
    fact_add_taken(s, "tolerates-high-legacy-version", "Tolerates a higher version in the old field", given, NULL);
}

static bool make_unknown_extension(survey *s, client_hello *hello)
{
    *hello = hello_with_extension(s->arena, hello, EXTENSION_UNASSIGNED, bytes_from(NULL, 0));
    return true;
}

static void hear_unknown_extension(survey *s, const answer *given)
{
    fact_add_taken(s, "tolerates-unknown-extensions", "Tolerates an unknown extension", given, NULL);
}

static bool make_grease(survey *s, client_hello *hello)
{
    arena *a = s->arena;
    *hello = hello_with_cipher_suites(a, hello, codes_joined(a, codes_one(a, 0x2A2A), hello->cipher_suites));
    *hello = hello_with_groups(a, hello, codes_joined(a, codes_one(a, 0x3A3A), client_hello_groups(a, hello)));
    *hello = hello_with_extension(a, hello, 0x4A4A, bytes_from(NULL, 0));
    return true;
}

static void hear_grease(survey *s, const answer *given)
{
    fact_add_taken(s, "tolerates-grease", "Tolerates GREASE (RFC 8701)", given, NULL);
}

static bool make_large(survey *s, client_hello *hello)
{
    client_hello large;
    if (!hello_padded_to(s->arena, hello, LARGE_HELLO_LEN, &large))
        return false;
    *hello = large;
    return true;
}

static void hear_large(survey *s, const answer *given)
{
    fact_add_taken(s, "tolerates-large-hellos", "Tolerates a hello of 4096 bytes", given, NULL);
}

static bool make_split(survey *s, client_hello *hello)
{
    hello->fragment_lens = ARENA_ARRAY(s->arena, 2, size_t);
    hello->fragment_lens[0] = 100;
    hello->fragment_lens[1] = hello_message_len(s->arena, hello) - 100;
    hello->num_fragments = 2;
    return true;
}

static void hear_split(survey *s, const answer *given)
{
    fact_add_taken(s, "tolerates-split-hellos", "Tolerates a hello in two records", given, NULL);
}

static void hear_pieces(survey *s, const answer *given)
{
    fact_add_taken(s, "tolerates-segments", "Tolerates a hello in two segments", given, NULL);
}

static const fact_row rows[] = {
    {.depth = DEPTH_FLIGHT, .make = make_without_name, .hear = hear_without_name},
    {.depth = DEPTH_FLIGHT, .make = make_unknown_name, .hear = hear_unknown_name},
    {.depth = DEPTH_FLIGHT, .make = make_alpn_unknown, .hear = hear_alpn_unknown},
    {.version = FACT_TLS13, .make = make_keys_forwards, .hear = hear_keys_forwards},
    {.version = FACT_TLS13, .make = make_keys_backwards, .hear = hear_keys_backwards},
    {.make = make_future_version, .hear = hear_future_version},
    {.version = FACT_UP_TO_TLS12, .make = make_high_legacy_version, .hear = hear_high_legacy_version},
    {.make = make_unknown_extension, .hear = hear_unknown_extension},
    {.make = make_grease, .hear = hear_grease},
    {.make = make_large, .hear = hear_large},
    {.make = make_split, .hear = hear_split},
    {.in_pieces = true, .hear = hear_pieces},
};
const fact_table facts_of_tolerance = {rows, sizeof rows / sizeof *rows};
