#include "client/overlay.h"

#include "client/capability.h"
#include "client/library_file.h"
#include "registry/registry.h"

#include <string.h>

#define CONFIGURATION_LEN_MAX ((size_t)256 * 1024)
enum { EXTENSION_ENCRYPT_THEN_MAC = 22, EXTENSION_MASTER_SECRET = 23, EXTENSION_TICKET = 35 };

/* ---- OpenSSL: commands of SSL_CONF_cmd(3) in a configuration file ---------------------------------------------------------------
 */

static const char *protocol_name_of(uint16_t version)
{
    switch (version) {
    case VERSION_SSL3:
        return "SSLv3";
    case VERSION_TLS10:
        return "TLSv1";
    case VERSION_TLS11:
        return "TLSv1.1";
    case VERSION_TLS12:
        return "TLSv1.2";
    default:
        return "TLSv1.3";
    }
}

static const char *openssl_option(uint16_t extension)
{
    switch (extension) {
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

/* Lines for the section that system_default names; NULL where OpenSSL has no command for it. */
static const char *openssl_commands(arena *a, const effect *e)
{
    const char *option;
    switch (e->kind) {
    case EFFECT_VERSION_MAX:
        return arena_printf(a, "MaxProtocol = %s\n", protocol_name_of(e->version));
    case EFFECT_VERSION_MIN:
        return arena_printf(a, "MinProtocol = %s\n%s", protocol_name_of(e->version),
                            e->version < VERSION_TLS12 ? "CipherString = DEFAULT:@SECLEVEL=0\n" : "");
    case EFFECT_CIPHERS:
        return arena_printf(a, "CipherString = DEFAULT:%s%s\n", e->list, e->is_weak ? ":@SECLEVEL=0" : "");
    case EFFECT_NO_DHE:
        return "CipherString = DEFAULT:!DH\n";
    case EFFECT_GROUPS:
        return arena_printf(a, "Groups = %s\n", e->list);
    case EFFECT_SCHEMES:
        return arena_printf(a, "SignatureAlgorithms = %s\n", e->list);
    case EFFECT_LEVEL:
        return arena_printf(a, "MinProtocol = TLSv1\nCipherString = DEFAULT:@SECLEVEL=%d\n", e->level);
    case EFFECT_WITHOUT_EXTENSION:
        option = openssl_option(e->code);
        return option == NULL ? NULL : arena_printf(a, "Options = %s\n", option);
    case EFFECT_LEGACY_SERVER:
        return "Options = UnsafeLegacyServerConnect\n";
    default:
        return NULL;
    }
}

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
static const char *openssl_configuration(arena *a, const char *own, const char *commands)
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

static const char *own_openssl_configuration(arena *a, const client *c)
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

/* "MinProtocol = TLSv1; CipherString = DEFAULT" */
static const char *in_one_line(arena *a, const char *lines)
{
    char *text = bytes_to_text(a, bytes_from_text(lines)), *rest;
    const char *joined = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        joined = joined == NULL ? line : arena_printf(a, "%s; %s", joined, line);
    return joined == NULL ? "" : joined;
}

static bool by_openssl(arena *a, const client *c, const effect *e, overlay *out)
{
    bool reads_it = c->library.kind == LIBRARY_OPENSSL && c->library.version != NULL &&
                    version_compare(c->library.version, "1.1.1") >= 0 && c->runtime != RUNTIME_NODE;
    const char *commands = reads_it ? openssl_commands(a, e) : NULL;
    if (commands == NULL)
        return false;
    *out = (overlay){.variable = "OPENSSL_CONF",
                     .value = OVERLAY_FOLDER "/openssl.cnf",
                     .file = "openssl.cnf",
                     .content = openssl_configuration(a, own_openssl_configuration(a, c), commands)};
    out->permanent =
        arena_printf(a,
                     "To keep it: in a configuration file of this program's own, which OPENSSL_CONF names, in the section "
                     "that system_default names: %s.",
                     in_one_line(a, commands));
    return true;
}

/* ---- Node.js --------------------------------------------------------------------------------------------------------------------
 */

/* What no flag does, a module does that is loaded before the program (module.require, tls.DEFAULT_ECDH_CURVE). */
static const char *node_preload(arena *a, const effect *e)
{
    if (e->kind != EFFECT_GROUPS)
        return NULL;
    return arena_printf(a, "require('tls').DEFAULT_ECDH_CURVE = '%s';\n", e->list);
}

static const char *node_flag(arena *a, const effect *e)
{
    switch (e->kind) {
    case EFFECT_VERSION_MAX:
        return e->version == VERSION_TLS12 ? "--tls-max-v1.2" : e->version == VERSION_TLS13 ? "--tls-max-v1.3" : NULL;
    case EFFECT_VERSION_MIN:
        return e->version == VERSION_TLS10   ? "--tls-min-v1.0 --tls-cipher-list=DEFAULT:@SECLEVEL=0"
               : e->version == VERSION_TLS11 ? "--tls-min-v1.1 --tls-cipher-list=DEFAULT:@SECLEVEL=0"
               : e->version == VERSION_TLS12 ? "--tls-min-v1.2"
                                             : NULL;
    case EFFECT_CIPHERS:
        return arena_printf(a, "--tls-cipher-list=DEFAULT:%s%s", e->list, e->is_weak ? ":@SECLEVEL=0" : "");
    case EFFECT_NO_DHE:
        return "--tls-cipher-list=DEFAULT:!DH";
    case EFFECT_LEVEL:
        return arena_printf(a, "--tls-cipher-list=DEFAULT:@SECLEVEL=%d", e->level);
    default:
        return NULL;
    }
}

static bool by_node(arena *a, const client *c, const effect *e, overlay *out)
{
    const char *before = process_variable(c->process, "NODE_OPTIONS"), *flag = node_flag(a, e), *preload = node_preload(a, e);
    if (c->runtime != RUNTIME_NODE || (flag == NULL && preload == NULL && e->kind != EFFECT_TRUST))
        return false;
    if (e->kind == EFFECT_TRUST) {
        *out = (overlay){.variable = "NODE_EXTRA_CA_CERTS", .value = e->path};
        out->permanent = arena_printf(a, "To keep it: set NODE_EXTRA_CA_CERTS=%s for this program.", e->path);
        return true;
    }
    *out = (overlay){.variable = "NODE_OPTIONS",
                     .value = arena_printf(a, "%s%s%s", before == NULL ? "" : before, before == NULL ? "" : " ",
                                           flag != NULL ? flag : "--require=" OVERLAY_FOLDER "/preload.js")};
    if (flag == NULL) {
        out->file = "preload.js";
        out->content = preload;
        out->permanent = arena_printf(a, "To keep it: put this line before everything else of the program: %s", preload);
    } else {
        out->permanent = arena_printf(a, "To keep it: start the program with node %s.", flag);
    }
    return true;
}

/* ---- Java ---------------------------------------------------------------------------------------------------------- */

static const char *java_versions(const effect *e)
{
    if (e->kind == EFFECT_VERSION_MIN && e->version == VERSION_TLS12)
        return "TLSv1.3,TLSv1.2";
    if (e->kind == EFFECT_VERSION_MIN && e->version == VERSION_TLS11)
        return "TLSv1.3,TLSv1.2,TLSv1.1";
    if (e->kind == EFFECT_VERSION_MIN)
        return "TLSv1.3,TLSv1.2,TLSv1.1,TLSv1";
    return e->version >= VERSION_TLS13 ? "TLSv1.3,TLSv1.2" : "TLSv1.2";
}

/* Java's names of groups are OpenSSL's for those that have one of the two (JSSE reference guide). */
static const char *java_property(arena *a, const effect *e)
{
    switch (e->kind) {
    case EFFECT_VERSION_MAX:
    case EFFECT_VERSION_MIN:
        return arena_printf(a, "-Djdk.tls.client.protocols=%s -Dhttps.protocols=%s", java_versions(e), java_versions(e));
    case EFFECT_TRUST:
        return NULL;
    case EFFECT_WITHOUT_EXTENSION:
        return e->code == EXTENSION_MASTER_SECRET ? "-Djdk.tls.useExtendedMasterSecret=false"
               : e->code == EXTENSION_TICKET      ? "-Djdk.tls.client.enableSessionTicketExtension=false"
                                                  : NULL;
    default:
        return NULL;
    }
}

/* _JAVA_OPTIONS is read last, after the command's own -D; the two others before. */
static bool by_java(arena *a, const client *c, const effect *e, overlay *out)
{
    const char *property = java_property(a, e), *before = process_variable(c->process, "_JAVA_OPTIONS");
    if (c->runtime != RUNTIME_JAVA || property == NULL)
        return false;
    bool is_weak_version = e->kind == EFFECT_VERSION_MIN && e->version < VERSION_TLS12;
    *out = (overlay){.variable = "_JAVA_OPTIONS",
                     .value = arena_printf(a, "%s%s%s%s", before == NULL ? "" : before, before == NULL ? "" : " ", property,
                                           is_weak_version ? " -Djava.security.properties=" OVERLAY_FOLDER "/java.security" : "")};
    if (is_weak_version) {
        out->file = "java.security";
        out->content = "jdk.tls.disabledAlgorithms=SSLv3, RC4, DES, MD5withRSA, DH keySize < 1024, EC keySize < 224, anon, NULL\n";
    }
    out->permanent = arena_printf(a, "To keep it: start the program with java %s.", property);
    return true;
}

/* ---- curl, wget, git, GnuTLS --------------------------------------------------------------------------------------- */

static const char *word_of_version(uint16_t version)
{
    return version == VERSION_TLS10 ? "1.0" : version == VERSION_TLS11 ? "1.1" : version == VERSION_TLS12 ? "1.2" : "1.3";
}

/* The option and its value; false where curl has none. */
static bool curl_option(arena *a, const effect *e, const char **option, const char **value)
{
    *value = NULL;
    switch (e->kind) {
    case EFFECT_VERSION_MAX:
        *option = "--tls-max";
        *value = word_of_version(e->version);
        return true;
    case EFFECT_VERSION_MIN:
        *option = arena_printf(a, "--tlsv%s", word_of_version(e->version));
        return true;
    case EFFECT_CIPHERS:
        *option = "--ciphers";
        *value = arena_printf(a, "DEFAULT:%s%s", e->list, e->is_weak ? ":@SECLEVEL=0" : "");
        return true;
    case EFFECT_NO_DHE:
        *option = "--ciphers";
        *value = "DEFAULT:!DH";
        return true;
    case EFFECT_GROUPS:
        *option = "--curves";
        *value = e->list;
        return true;
    case EFFECT_LEVEL:
        *option = "--ciphers";
        *value = arena_printf(a, "DEFAULT:@SECLEVEL=%d", e->level);
        return true;
    case EFFECT_WITHOUT_ALPN:
        *option = "--no-alpn";
        return true;
    case EFFECT_TRUST:
        *option = "--cacert";
        *value = e->path;
        return true;
    default:
        return false;
    }
}

/* The user's own .curlrc comes first: CURL_HOME stands in its place. */
static const char *own_curlrc(arena *a, const client *c)
{
    const char *folder = process_variable(c->process, "CURL_HOME");
    bytes_view content;
    if (folder == NULL)
        folder = process_variable(c->process, "HOME");
    if (folder == NULL || !file_read(a, arena_printf(a, "%s/.curlrc", folder), CONFIGURATION_LEN_MAX, &content))
        return "";
    return arena_printf(a, "%s\n", bytes_to_text(a, content));
}

static bool command_is(char *const *command, const char *program)
{
    const char *slash = strrchr(command[0], '/');
    return strcmp(slash == NULL ? command[0] : slash + 1, program) == 0;
}

/* curl sets its own limits and does not follow openssl.cnf in everything: its own options do. Where curl is called by something
 * else, a .curlrc in a folder of ours, which CURL_HOME names. */
static bool by_curl(arena *a, const client *c, char *const *command, const effect *e, overlay *out)
{
    const char *option, *value;
    if (c->runtime != RUNTIME_CURL || !curl_option(a, e, &option, &value))
        return false;
    bool both = e->kind == EFFECT_VERSION_MIN && e->version < VERSION_TLS12;
    const char *level = "DEFAULT:@SECLEVEL=0";
    *out = (overlay){.permanent = arena_printf(a, "To keep it: curl %s%s%s%s%s ...", option, value == NULL ? "" : " ",
                                               value == NULL ? "" : value, both ? " --ciphers " : "", both ? level : "")};
    if (command_is(command, "curl")) {
        size_t num = 0;
        out->arguments[num++] = option;
        if (value != NULL)
            out->arguments[num++] = value;
        if (both) {
            out->arguments[num++] = "--ciphers";
            out->arguments[num++] = level;
        }
        return true;
    }
    out->variable = "CURL_HOME";
    out->value = OVERLAY_FOLDER;
    out->file = ".curlrc";
    out->content = arena_printf(a, "%s%s%s%s%s\n%s%s%s", own_curlrc(a, c), option + 2, value == NULL ? "" : " = \"",
                                value == NULL ? "" : value, value == NULL ? "" : "\"", both ? "ciphers = \"" : "",
                                both ? level : "", both ? "\"\n" : "");
    return true;
}

/* openssl s_client's own arguments win over its configuration. */
static bool by_s_client(arena *a, const client *c, char *const *command, const effect *e, overlay *out)
{
    if (c->runtime != RUNTIME_OPENSSL || !command_is(command, "openssl"))
        return false;
    const char *option = e->kind == EFFECT_VERSION_MAX   ? "-max_protocol"
                         : e->kind == EFFECT_VERSION_MIN ? "-min_protocol"
                         : e->kind == EFFECT_GROUPS      ? "-groups"
                         : e->kind == EFFECT_SCHEMES     ? "-sigalgs"
                         : e->kind == EFFECT_TRUST       ? "-CAfile"
                                                         : NULL;
    if (option == NULL)
        return false;
    const char *value = e->kind == EFFECT_TRUST                                 ? e->path
                        : e->kind == EFFECT_GROUPS || e->kind == EFFECT_SCHEMES ? e->list
                                                                                : protocol_name_of(e->version);
    *out = (overlay){.arguments = {option, value},
                     .permanent = arena_printf(a, "To keep it: openssl s_client %s %s ...", option, value)};
    return true;
}

/* gnutls.conf's [overrides]: what GnuTLS offers can be cut there, and nothing added. */
static bool by_gnutls(arena *a, const client *c, const effect *e, overlay *out)
{
    const char *lines = NULL;
    if (c->library.kind != LIBRARY_GNUTLS)
        return false;
    if (e->kind == EFFECT_VERSION_MAX && e->version == VERSION_TLS12)
        lines = "disabled-version = tls1.3\n";
    else if (e->kind == EFFECT_NO_DHE)
        lines = "tls-disabled-kx = dhe-rsa\n";
    if (lines == NULL)
        return false;
    *out = (overlay){.variable = "GNUTLS_SYSTEM_PRIORITY_FILE",
                     .value = OVERLAY_FOLDER "/gnutls.conf",
                     .file = "gnutls.conf",
                     .content = arena_printf(a, "[overrides]\n%s", lines)};
    out->permanent = arena_printf(a, "To keep it: in a file that GNUTLS_SYSTEM_PRIORITY_FILE names for this program: %s.",
                                  in_one_line(a, out->content));
    return true;
}

/* ---- trust --------------------------------------------------------------------------------------------------------- */

static const struct {
    enum runtime runtime;
    const char *variable;
} trust_variables[] = {
    {RUNTIME_CURL, "CURL_CA_BUNDLE"},       {RUNTIME_GIT, "GIT_SSL_CAINFO"}, {RUNTIME_PYTHON, "SSL_CERT_FILE"},
    {RUNTIME_PYTHON, "REQUESTS_CA_BUNDLE"}, {RUNTIME_PERL, "SSL_CERT_FILE"}, {RUNTIME_RUBY, "SSL_CERT_FILE"},
    {RUNTIME_PHP, "SSL_CERT_FILE"},         {RUNTIME_GO, "SSL_CERT_FILE"},   {RUNTIME_OPENSSL, "SSL_CERT_FILE"},
    {RUNTIME_OTHER, "SSL_CERT_FILE"},
};

static size_t by_trust_variables(arena *a, const client *c, const effect *e, overlay *out, size_t max)
{
    size_t num = 0;
    for (size_t i = 0; e->kind == EFFECT_TRUST && i < sizeof trust_variables / sizeof *trust_variables && num < max; i++)
        if (trust_variables[i].runtime == c->runtime)
            out[num++] = (overlay){
                .variable = trust_variables[i].variable,
                .value = e->path,
                .permanent = arena_printf(a, "To keep it: set %s=%s for this program.", trust_variables[i].variable, e->path)};
    return num;
}

size_t overlay_ways(arena *a, const client *c, char *const *command, const effect *wanted, overlay *out, size_t max)
{
    size_t num = 0;
    if (c == NULL || c->process == NULL || max == 0)
        return 0;
    if (by_curl(a, c, command, wanted, &out[num]) || by_s_client(a, c, command, wanted, &out[num]) ||
        by_node(a, c, wanted, &out[num]) || by_java(a, c, wanted, &out[num]) || by_gnutls(a, c, wanted, &out[num]))
        num++;
    if (num < max && by_openssl(a, c, wanted, &out[num]))
        num++;
    return num + by_trust_variables(a, c, wanted, out + num, max - num);
}

const char *overlay_in_folder(arena *a, const char *text, const char *folder)
{
    bytes_view all = bytes_from_text(text);
    size_t at = bytes_find(all, OVERLAY_FOLDER, 0);
    if (at == all.len)
        return text;
    return arena_printf(a, "%s%s%s", bytes_to_text(a, bytes_slice(all, 0, at)), folder,
                        overlay_in_folder(a, text + at + strlen(OVERLAY_FOLDER), folder));
}
