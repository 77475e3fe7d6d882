/* OPENSSL_CONF: a configuration of ours that includes the user's own (config(5), SSL_CONF_cmd(3)). */
#include "client/capability.h"
#include "client/library_file.h"
#include "client/openssl_list.h"
#include "client/overlay_inner.h"
#include "client/settings.h"

#include <string.h>
#include <strings.h>

#define CONFIGURATION_LEN_MAX ((size_t)256 * 1024)

/* OpenSSL's own lists where a program says nothing (ssl/t1_lib.c of 3.0): to be kept beside what is added. */
#define USUAL_GROUPS "X25519:P-256:X448:P-521:P-384"
/* By the names that the registry has, since OpenSSL takes no scheme twice. */
#define USUAL_SCHEMES                                                                                                              \
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"            \
    "RSA+SHA256:RSA+SHA384:RSA+SHA512"

/* ---- lists ----------------------------------------------------------------------------------------------------------------- */

const char *openssl_cipher_list(const overlay_asked *q, const char *own)
{
    const wish *w = q->wish;
    arena *a = q->arena;
    bool is_old_version = (w->version_min != 0 && w->version_min < VERSION_TLS12);
    const char *list = openssl_list_with(a, &q->client->library, own, w->suites);
    /* A weak suite, and a signature with SHA-1, which has 63 bits, are left out again at every level above. */
    bool level_0 = (w->is_weak && w->suites.num_codes + w->schemes.num_codes > 0) || (is_old_version && !w->has_level);
    if (list == NULL && !w->no_dhe && !w->has_level && !level_0)
        return NULL;
    if (list == NULL)
        list = own == NULL ? "DEFAULT" : own;
    if (w->no_dhe)
        list = arena_printf(a, "%s:!DH", list);
    if (w->has_level || level_0)
        list = arena_printf(a, "%s:@SECLEVEL=%d", list, level_0 ? 0 : w->level);
    return list;
}

const char *openssl_tls13_list(const overlay_asked *q, const char *own)
{
    const char *more =
        dialect_list(q->arena, DIALECT_OPENSSL, dialect_suite, suites_of_tls13(q->arena, q->wish->suites, true), ":");
    return more == NULL ? NULL : overlay_list(q->arena, own, OPENSSL_TLS13_SUITES, more, ":");
}

/* One that the usual list has already need not be named again. */
static const char *added_to(arena *a, const char *own, const char *usual, const char *more)
{
    const char *list = own == NULL ? usual : own;
    return strstr(list, more) != NULL ? list : overlay_list(a, list, NULL, more, ":");
}

const char *openssl_group_list(const overlay_asked *q, const char *own)
{
    if (q->wish->groups_only.num_codes > 0)
        return dialect_list(q->arena, DIALECT_OPENSSL, dialect_group, q->wish->groups_only, ":");
    const char *more = dialect_list(q->arena, DIALECT_OPENSSL, dialect_group, q->wish->groups, ":");
    return more == NULL ? NULL : added_to(q->arena, own, USUAL_GROUPS, more);
}

const char *openssl_scheme_list(const overlay_asked *q, const char *own)
{
    const char *more = dialect_list(q->arena, DIALECT_OPENSSL, dialect_scheme, q->wish->schemes, ":");
    return more == NULL ? NULL : added_to(q->arena, own, USUAL_SCHEMES, more);
}

/* ---- commands ---------------------------------------------------------------------------------------------------------------- */

/* Option names are those of 1.1.1 and 3.0; EncryptThenMac and SessionTicket are older. */
static const char *option_without(uint16_t code)
{
    switch (code) {
    case EXTENSION_TICKET:
        return "-SessionTicket";
    case EXTENSION_ENCRYPT_THEN_MAC:
        return "-EncryptThenMac";
    case EXTENSION_MASTER_SECRET:
        return "-ExtendedMasterSecret";
    default:
        return NULL;
    }
}

/* The value that the user's own file has for a command; the last one counts. */
static const char *own_value(const setting_list *settings, const char *name, const char *other_name)
{
    const char *value = NULL;
    for (size_t i = 0; i < settings->num_settings; i++)
        if (strcasecmp(settings->settings[i].name, name) == 0 ||
            (other_name != NULL && strcasecmp(settings->settings[i].name, other_name) == 0))
            value = settings->settings[i].value;
    return value;
}

static const char *line(arena *a, const char *lines, const char *name, const char *value)
{
    return value == NULL ? lines : arena_printf(a, "%s%s = %s\n", lines, name, value);
}

/* Lines for the section that system_default names; NULL where OpenSSL has no command for it. */
static const char *commands_of(const overlay_asked *q)
{
    enum {
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_GROUPS | WISH_SCHEMES | WISH_GROUPS_ONLY | WISH_LEVEL |
              WISH_NO_DHE | WISH_LEGACY_SERVER | WISH_WITHOUT
    };
    const wish *w = q->wish;
    arena *a = q->arena;
    if (!wish_is_within(w, CAN) || (w->has_without && option_without(w->without) == NULL))
        return NULL;
    setting_list own = client_settings(a, q->client);
    const char *lines = "";
    /* Security level 0 is asked for where a version needs it: then that version itself must not be forbidden either. */
    uint16_t lowest = w->version_min == 0 && w->has_level && w->level == 0 ? VERSION_TLS10 : w->version_min;
    lines = line(a, lines, "MaxProtocol", dialect_version(a, DIALECT_OPENSSL, w->version_max));
    lines = line(a, lines, "MinProtocol", dialect_version(a, DIALECT_OPENSSL, lowest));
    lines = line(a, lines, "CipherString", openssl_cipher_list(q, own_value(&own, "CipherString", NULL)));
    lines = line(a, lines, "Ciphersuites", openssl_tls13_list(q, own_value(&own, "Ciphersuites", NULL)));
    lines = line(a, lines, "Groups", openssl_group_list(q, own_value(&own, "Groups", "Curves")));
    lines = line(a, lines, "SignatureAlgorithms", openssl_scheme_list(q, own_value(&own, "SignatureAlgorithms", NULL)));
    lines = line(a, lines, "Options", w->legacy_server ? "UnsafeLegacyServerConnect" : NULL);
    return line(a, lines, "Options", w->has_without ? option_without(w->without) : NULL);
}

/* ---- the file ------------------------------------------------------------------------------------------------------------------
 */

/* The value of `name` in a section of a configuration; the default section is "". NULL where it is not set. */
static const char *value_in(arena *a, bytes_view text, const char *section, const char *name)
{
    bool inside = section[0] == 0;
    const char *found = NULL;
    for (size_t at = 0; at < text.len;) {
        bytes_view line = bytes_until(bytes_slice(text, at, text.len), '\n');
        at += line.len + 1;
        char *trimmed = bytes_to_text(a, bytes_until(line, '#')), *rest;
        char *word = strtok_r(trimmed, " \t\r=", &rest);
        if (word != NULL && word[0] == '[') {
            bytes_view inner = bytes_until(bytes_slice(line, bytes_until(line, '[').len + 1, line.len), ']');
            char *own = bytes_to_text(a, inner), *more;
            char *is = strtok_r(own, " \t", &more);
            inside = is != NULL && strcmp(is, section) == 0;
        } else if (inside && word != NULL && strcmp(word, name) == 0) {
            found = strtok_r(NULL, " \t\r=", &rest);
        }
    }
    return found;
}

static const char *or_ours(const char *theirs, const char *ours)
{
    return theirs != NULL ? theirs : ours;
}

/* The user's own file first, and then ours: of two settings of one name in a section, OpenSSL takes the later (config(5)). The
 * sections are those that the user's file names, or ours where it names none. */
static const char *configuration(arena *a, const char *own, const char *commands)
{
    bytes_view text = bytes_from(NULL, 0);
    if (own != NULL && !file_read(a, own, CONFIGURATION_LEN_MAX, &text))
        own = NULL;
    const char *application = or_ours(value_in(a, text, "", "openssl_conf"), "tlswhy_application");
    const char *ssl = or_ours(value_in(a, text, application, "ssl_conf"), "tlswhy_ssl");
    const char *usual = or_ours(value_in(a, text, ssl, "system_default"), "tlswhy_default");
    return arena_printf(a, "openssl_conf = %s\n%s%s%s[%s]\nssl_conf = %s\n[%s]\nsystem_default = %s\n[%s]\n%s", application,
                        own == NULL ? "" : ".include ", own == NULL ? "" : own, own == NULL ? "" : "\n", application, ssl, ssl,
                        usual, usual, commands);
}

static const char *own_configuration(arena *a, const client *c)
{
    const char *named = process_variable(c->process, "OPENSSL_CONF");
    if (named != NULL)
        return process_path(a, c->process, named);
    const char *const *files = c->process->mapped_files;
    for (size_t i = 0; files != NULL && files[i] != NULL; i++)
        if (strstr(files[i], "/libcrypto") != NULL) {
            const char *folder = openssl_folder_in_file(a, files[i]);
            return folder == NULL ? NULL : arena_printf(a, "%s/openssl.cnf", folder);
        }
    return NULL;
}

/* The library reads a program's defaults from it since 1.1.0's SSL_CONF modules, by itself since 1.1.1. Node.js reads a section of
 * its own. */
bool by_openssl_file(const overlay_asked *q, overlay *out)
{
    const client *c = q->client;
    bool reads_it = c->library.kind == LIBRARY_OPENSSL && c->library.version != NULL &&
                    version_compare(c->library.version, "1.1.1") >= 0 && c->runtime != RUNTIME_NODE;
    const char *commands = reads_it ? commands_of(q) : NULL;
    if (commands == NULL || commands[0] == 0)
        return false;
    overlay_set(out, "OPENSSL_CONF", OVERLAY_FOLDER "/openssl.cnf");
    overlay_write(out, "openssl.cnf", configuration(q->arena, own_configuration(q->arena, c), commands));
    out->how = "a configuration file that OPENSSL_CONF names";
    out->permanent = arena_printf(q->arena,
                                  "To keep it: in a configuration file of this program's own, which OPENSSL_CONF names, in the "
                                  "section that system_default names: %s.",
                                  overlay_one_line(q->arena, commands));
    return true;
}
