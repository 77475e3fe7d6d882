/* Java: system properties, a java.security that lies over the JDK's own, a trust store made for the run. From the JSSE reference
 * guide and java.security's own comments. */
#include "client/overlay_inner.h"
#include "client/settings.h"
#include "crypto/keystore.h"

#include <string.h>

/* The value of -Dname=value in the arguments; the last one counts. NULL: not there. */
static const char *own_property(const overlay_asked *q, const char *name)
{
    const char *const *argv = q->client->process->argv, *value = NULL;
    size_t len = strlen(name);
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++)
        if (strncmp(argv[i], "-D", 2) == 0 && strncmp(argv[i] + 2, name, len) == 0 && argv[i][2 + len] == '=')
            value = argv[i] + 2 + len + 1;
    return value;
}

static const char *versions_between(arena *a, uint16_t lowest, uint16_t highest)
{
    const char *list = NULL;
    for (uint16_t v = highest; v >= lowest; v--)
        list = overlay_list(a, list, NULL, dialect_version(a, DIALECT_JAVA, v), ",");
    return list;
}

static const char *versions_wished(const overlay_asked *q)
{
    uint16_t highest = q->wish->version_max, lowest = q->wish->version_min;
    if (highest == 0 && lowest == 0)
        return NULL;
    return versions_between(q->arena, lowest == 0 ? VERSION_TLS12 : lowest, highest == 0 ? VERSION_TLS13 : highest);
}

static void add(java_property *properties, size_t *num, const char *name, const char *value)
{
    if (value != NULL && *num < JAVA_PROPERTIES_MAX)
        properties[(*num)++] = (java_property){.name = name, .value = value};
}

/* What the hello offers is what Java's default list comes to here: it has no word for "the default, and". */
static const char *with_offered(const overlay_asked *q, const char *name, dialect_word *word, code_list offered, code_list more)
{
    const char *added = dialect_list(q->arena, DIALECT_JAVA, word, more, ",");
    if (added == NULL)
        return NULL;
    return overlay_list(q->arena, own_property(q, name), dialect_list(q->arena, DIALECT_JAVA, word, offered, ","), added, ",");
}

static const char *property_without(uint16_t code, const char **value)
{
    *value = "false";
    switch (code) {
    case EXTENSION_MASTER_SECRET:
        return "jdk.tls.useExtendedMasterSecret";
    case EXTENSION_TICKET:
        return "jdk.tls.client.enableSessionTicketExtension";
    case EXTENSION_STATUS_REQUEST:
    case EXTENSION_STATUS_REQUEST_V2:
        return "jdk.tls.client.enableStatusRequestExtension";
    default:
        return NULL;
    }
}

/* ---- what java.security forbids ------------------------------------------------------------------------------------------------
 */

static bool is_to_be_allowed(const wish *w, const char *algorithm)
{
    bool old_version = w->version_min != 0 && w->version_min < VERSION_TLS12;
    if (old_version && strcmp(algorithm, "TLSv1") == 0)
        return w->version_min <= VERSION_TLS10;
    if (old_version && strcmp(algorithm, "TLSv1.1") == 0)
        return true;
    for (size_t i = 0; i < w->suites.num_codes; i++) {
        const cipher_suite_row *suite = cipher_suite_find(w->suites.codes[i]);
        bool is_3des = strcmp(algorithm, "3DES_EDE_CBC") == 0 || strcmp(algorithm, "DESede") == 0;
        if (suite != NULL && strncmp(suite->cipher, algorithm, strlen(algorithm)) == 0)
            return true;
        if (suite != NULL && is_3des && strcmp(suite->cipher, "3DES_EDE_CBC") == 0)
            return true;
        if (suite != NULL && suite->key_exchange == SUITE_KX_RSA && strncmp(algorithm, "TLS_RSA_", 8) == 0)
            return true;
    }
    return w->has_level && w->level == 0 && strncmp(algorithm, "DH keySize", 10) == 0;
}

/* The JDK's own list without what is wished; NULL where nothing would change. */
static const char *fewer_disabled(const overlay_asked *q)
{
    setting_list settings = client_settings(q->arena, q->client);
    const char *own = NULL, *kept = NULL;
    for (size_t i = 0; i < settings.num_settings; i++)
        if (strcmp(settings.settings[i].name, "jdk.tls.disabledAlgorithms") == 0)
            own = settings.settings[i].value;
    bool is_changed = false;
    char *rest = own == NULL ? NULL : bytes_to_text(q->arena, bytes_from_text(own)), *more;
    for (char *word = rest == NULL ? NULL : strtok_r(rest, ",\\\n", &more); word != NULL; word = strtok_r(NULL, ",\\\n", &more)) {
        word += strspn(word, " \t\r");
        for (size_t len = strlen(word); len > 0 && strchr(" \t\r", word[len - 1]) != NULL; len--)
            word[len - 1] = 0;
        if (*word == 0)
            continue;
        bool is_allowed = is_to_be_allowed(q->wish, word);
        is_changed = is_changed || is_allowed;
        if (!is_allowed)
            kept = overlay_list(q->arena, kept, NULL, word, ", ");
    }
    return is_changed ? kept : NULL;
}

/* ---- all
 * ------------------------------------------------------------------------------------------------------------------------- */

static void add_trust(const overlay_asked *q, overlay *out, java_property *properties, size_t *num)
{
    if ((wish_parts(q->wish) & WISH_TRUST) == 0 || q->wish->num_trust_certificates == 0 || out->num_files == OVERLAY_FILES_MAX)
        return;
    bytes_view store = certificates_to_jks(q->arena, q->wish->trust_certificates, q->wish->num_trust_certificates, "changeit");
    out->files[out->num_files++] = (overlay_file){.name = "trust.jks", .content = store};
    add(properties, num, "javax.net.ssl.trustStore", OVERLAY_FOLDER "/trust.jks");
    add(properties, num, "javax.net.ssl.trustStorePassword", "changeit");
}

size_t java_properties(const overlay_asked *q, overlay *out, java_property *properties)
{
    enum {
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_GROUPS | WISH_SCHEMES | WISH_GROUPS_ONLY | WISH_LEVEL |
              WISH_WITHOUT | WISH_TRUST,
        CAN_WHERE_TURNED_OFF = WISH_SERVER_NAME /* it sends the host's name unless it is told not to */
    };
    const wish *w = q->wish;
    arena *a = q->arena;
    size_t num = 0;
    code_list none = {.num_codes = 0};
    const client_hello *hello = q->hello;
    const char *without_value = NULL, *without = w->has_without ? property_without(w->without, &without_value) : NULL;
    bool turned_off = own_property(q, "jsse.enableSNIExtension") != NULL;
    if (q->client->runtime != RUNTIME_JAVA || !wish_is_within(w, CAN | (turned_off ? CAN_WHERE_TURNED_OFF : 0)) ||
        (w->has_without && without == NULL))
        return 0;
    add(properties, &num, "jsse.enableSNIExtension", w->server_name == NULL ? NULL : "true");
    add(properties, &num, "jdk.tls.client.protocols", versions_wished(q));
    if (own_property(q, "https.protocols") != NULL) /* else it goes by the first */
        add(properties, &num, "https.protocols", versions_wished(q));
    code_list suites = hello == NULL ? none : hello->cipher_suites;
    add(properties, &num, "jdk.tls.client.cipherSuites",
        with_offered(q, "jdk.tls.client.cipherSuites", dialect_suite, suites, w->suites));
    if (own_property(q, "https.cipherSuites") != NULL)
        add(properties, &num, "https.cipherSuites", with_offered(q, "https.cipherSuites", dialect_suite, none, w->suites));
    code_list groups = hello == NULL ? none : client_hello_groups(a, hello);
    add(properties, &num, "jdk.tls.namedGroups", with_offered(q, "jdk.tls.namedGroups", dialect_group, groups, w->groups));
    add(properties, &num, "jdk.tls.namedGroups", dialect_list(a, DIALECT_JAVA, dialect_group, w->groups_only, ","));
    code_list schemes = hello == NULL ? none : client_hello_signature_schemes(a, hello);
    add(properties, &num, "jdk.tls.client.SignatureSchemes",
        with_offered(q, "jdk.tls.client.SignatureSchemes", dialect_scheme, schemes, w->schemes));
    add(properties, &num, without, without_value);
    add_trust(q, out, properties, &num);
    const char *disabled = fewer_disabled(q);
    if (disabled != NULL && num < JAVA_PROPERTIES_MAX) {
        overlay_write(out, "java.security", arena_printf(a, "jdk.tls.disabledAlgorithms=%s\n", disabled));
        add(properties, &num, "java.security.properties", OVERLAY_FOLDER "/java.security");
    }
    return num;
}

/* The last way, since Java says on stderr that it picked them up. _JAVA_OPTIONS is read after the command's own -D,
 * JDK_JAVA_OPTIONS before them, and by the launcher of JDK 9 and later alone: the first where the program has properties of its
 * own. */
bool by_java_options(const overlay_asked *q, overlay *out)
{
    java_property properties[JAVA_PROPERTIES_MAX];
    size_t num = java_properties(q, out, properties);
    if (num == 0)
        return false;
    const char *variable = "_JAVA_OPTIONS", *before = process_variable(q->client->process, variable), *value = before;
    const char *shown = NULL;
    for (size_t i = 0; i < num; i++) {
        const char *one = arena_printf(q->arena, "-D%s=%s", properties[i].name, properties[i].value);
        value = overlay_list(q->arena, value, NULL, one, " ");
        shown = overlay_list(q->arena, shown, NULL, one, " ");
    }
    overlay_set(out, variable, value);
    out->how = arena_printf(q->arena, "the variable %s", variable);
    out->permanent = arena_printf(q->arena, "To keep it: start the program with java %s.", shown);
    return true;
}
