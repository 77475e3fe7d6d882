/* The files and variables of libpq, libldap, Cargo, msmtp, lftp, and the clients of MariaDB and MySQL. */
#include "client/libpq.h"
#include "client/reach.h"
#include "client/settings_inner.h"

#include <string.h>
#include <strings.h>

typedef struct name_row {
    const char *in_file, *variable; /* either may be NULL */
    unsigned narrows;
} name_row;

/* PostgreSQL's manual, "Environment Variables" and "The Connection Service File". */
static const name_row libpq_names[] = {
    {"ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", NARROWED_VERSION_MIN},
    {"ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", NARROWED_VERSION_MAX},
    {"sslsni", "PGSSLSNI", NARROWED_NAME},
    {"sslrootcert", "PGSSLROOTCERT", NARROWED_STORE},
    {"sslmode", "PGSSLMODE", NARROWED_VERIFICATION},
    {NULL, NULL, 0},
};
/* ldap.conf(5). */
static const name_row ldap_names[] = {
    {"TLS_PROTOCOL_MIN", "LDAPTLS_PROTOCOL_MIN", NARROWED_VERSION_MIN},
    {"TLS_CIPHER_SUITE", "LDAPTLS_CIPHER_SUITE", NARROWED_ALL_OFFERS | NARROWED_LEVEL},
    {"TLS_CACERT", "LDAPTLS_CACERT", NARROWED_STORE},
    {"TLS_CACERTDIR", "LDAPTLS_CACERTDIR", NARROWED_STORE},
    {"TLS_REQCERT", "LDAPTLS_REQCERT", NARROWED_VERIFICATION},
    {NULL, NULL, 0},
};
/* mariadb(1); in a file '-' and '_' are alike. */
static const name_row mariadb_names[] = {
    {"tls_version", NULL, NARROWED_VERSION},
    {"ssl_cipher", NULL, NARROWED_ANY_CIPHER | NARROWED_LEVEL},
    {"ssl_ca", NULL, NARROWED_STORE},
    {"ssl_capath", NULL, NARROWED_STORE},
    {NULL, NULL, 0},
};

/* msmtp(1). */
static const name_row msmtp_names[] = {
    {"tls_priorities", NULL, NARROWED_ALL_OFFERS | NARROWED_LEVEL},
    {"tls_trust_file", NULL, NARROWED_STORE},
    {NULL, NULL, 0},
};

/* lftp(1). */
static const name_row lftp_names[] = {
    {"ssl:priority", NULL, NARROWED_ALL_OFFERS | NARROWED_LEVEL},
    {"ssl:use-sni", NULL, NARROWED_NAME},
    {"ssl:ca-file", NULL, NARROWED_STORE},
    {"ssl:verify-certificate", NULL, NARROWED_VERIFICATION},
    {NULL, NULL, 0},
};

/* The Cargo book, "Configuration". */
static const name_row cargo_names[] = {{"cainfo", "CARGO_HTTP_CAINFO", NARROWED_STORE}, {NULL, NULL, 0}};

static const char *without_quotes(arena *a, const char *value)
{
    size_t len = strlen(value);
    bool is_quoted = len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0];
    return is_quoted ? bytes_to_text(a, bytes_from(value + 1, len - 2)) : value;
}

static bool is_name(const char *written, const char *name)
{
    for (; *written != '\0' && *name != '\0'; written++, name++)
        if (strncasecmp(*written == '-' ? "_" : written, name, 1) != 0)
            return false;
    return *written == *name;
}

/* `section`: the lines of that section alone ("[client]" too is told apart by its name); NULL: all. */
static void read_names(arena *a, const char *file, char separator, const char *section, const name_row *rows, const char *from,
                       setting_list *out)
{
    settings_reader lines;
    settings_line line;
    const char *name, *value;
    bool is_meant = section == NULL;
    if (!settings_open(a, file, &lines))
        return;
    while (settings_next_line(a, &lines, &line)) {
        if (bytes_at(line.text, 0) == '[' && section != NULL)
            is_meant = bytes_start_with_ignoring_case(line.text, section);
        for (size_t i = 0; is_meant && settings_split(a, line.text, separator, &name, &value) && rows[i].narrows != 0; i++)
            if (is_name(name, rows[i].in_file))
                settings_add(a, out,
                             (setting){.narrows = rows[i].narrows,
                                       .name = name,
                                       .value = without_quotes(a, value),
                                       .file = file,
                                       .line = line.number,
                                       .from = from});
    }
}

static void read_variables(arena *a, const client *c, const name_row *rows, setting_list *out)
{
    for (size_t i = 0; rows[i].narrows != 0; i++) {
        const char *value = process_variable(c->process, rows[i].variable);
        if (value != NULL && value[0] != '\0')
            settings_add(a, out,
                         (setting){.narrows = rows[i].narrows, .name = rows[i].variable, .value = value, .from = rows[i].variable});
    }
}

/* The service that is meant: by PGSERVICE, or "service=NAME" in an argument. */
static const char *service_of(arena *a, const client *c)
{
    const char *const *argv = c->process->argv, *variable = process_variable(c->process, "PGSERVICE");
    for (size_t i = 1; argv != NULL && argv[0] != NULL && argv[i] != NULL; i++) {
        const char *at = strstr(argv[i], "service=");
        size_t len = at == NULL ? 0 : strcspn(at + strlen("service="), " &'\"");
        if (len > 0)
            return bytes_to_text(a, bytes_from(at + strlen("service="), len));
    }
    return variable;
}

static void settings_of_libpq(arena *a, const client *c, setting_list *out)
{
    const char *service = service_of(a, c), *named = process_variable(c->process, "PGSERVICEFILE");
    read_variables(a, c, libpq_names, out);
    if (service == NULL || service[0] == '\0')
        return;
    const char *file = named != NULL ? process_path(a, c->process, named) : settings_in_folder(a, c, "HOME", ".pg_service.conf");
    read_names(a, file, '=', arena_printf(a, "[%s]", service), libpq_names, named != NULL ? "PGSERVICEFILE" : NULL, out);
}

/* In the order in which they count: the system's, the user's, the folder's, the variable's. */
static void settings_of_ldap(arena *a, const client *c, setting_list *out)
{
    const char *named = process_variable(c->process, "LDAPCONF");
    read_names(a, "/etc/ldap/ldap.conf", ' ', NULL, ldap_names, NULL, out);
    read_names(a, "/etc/openldap/ldap.conf", ' ', NULL, ldap_names, NULL, out);
    read_names(a, settings_in_folder(a, c, "HOME", "ldaprc"), ' ', NULL, ldap_names, NULL, out);
    read_names(a, settings_in_folder(a, c, "HOME", ".ldaprc"), ' ', NULL, ldap_names, NULL, out);
    read_names(a, process_path(a, c->process, "ldaprc"), ' ', NULL, ldap_names, NULL, out);
    if (named != NULL)
        read_names(a, process_path(a, c->process, named), ' ', NULL, ldap_names, "LDAPCONF", out);
    read_variables(a, c, ldap_names, out);
}

static void settings_of_mariadb(arena *a, const client *c, setting_list *out)
{
    static const char *const files[] = {"/etc/my.cnf", "/etc/mysql/my.cnf"};
    const char *named;
    if (settings_argument(a, c, "--defaults-file", &named) != NULL) {
        read_names(a, process_path(a, c->process, named), '=', "[client", mariadb_names, "--defaults-file", out);
        return;
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        read_names(a, files[i], '=', "[client", mariadb_names, NULL, out);
    if (settings_argument(a, c, "--defaults-extra-file", &named) != NULL)
        read_names(a, process_path(a, c->process, named), '=', "[client", mariadb_names, "--defaults-extra-file", out);
    read_names(a, settings_in_folder(a, c, "HOME", ".my.cnf"), '=', "[client", mariadb_names, NULL, out);
}

/* The user's file, then the folder's. */
static void settings_of_cargo(arena *a, const client *c, setting_list *out)
{
    const char *own = settings_in_folder(a, c, "CARGO_HOME", "config.toml");
    read_names(a, own != NULL ? own : settings_in_folder(a, c, "HOME", ".cargo/config.toml"), '=', "[http]", cargo_names, NULL,
               out);
    read_names(a, process_path(a, c->process, ".cargo/config.toml"), '=', "[http]", cargo_names, NULL, out);
    read_variables(a, c, cargo_names, out);
}

/* Which of several accounts is used is not looked at: their lines are told. */
static void settings_of_msmtp(arena *a, const client *c, setting_list *out)
{
    const char *named;
    read_names(a, "/etc/msmtprc", ' ', NULL, msmtp_names, NULL, out);
    if (settings_argument(a, c, "--file", &named) != NULL || settings_argument(a, c, "-C", &named) != NULL)
        read_names(a, process_path(a, c->process, named), ' ', NULL, msmtp_names, "--file", out);
    else
        read_names(a, settings_in_folder(a, c, "HOME", ".msmtprc"), ' ', NULL, msmtp_names, NULL, out);
}

/* What is set for some hosts alone, behind a '/', is told; that this connection's host is one of them is not known, so it says
 * nothing of whether certificates are looked at, nor by which store (lftp takes ssl:ca-file for all hosts or not at all). */
static unsigned lftp_narrows(const name_row *row, bool is_for_some_hosts)
{
    return is_for_some_hosts ? row->narrows & ~(unsigned)(NARROWED_VERIFICATION | NARROWED_STORE) : row->narrows;
}

/* "set ssl:ca-file /etc/ca.pem", "set ssl:priority/example.com NORMAL": one command or several, with a ';' between them. */
static void lftp_command(arena *a, bytes_view command, const char *file, int line, setting_list *out)
{
    const char *set, *rest, *name, *value;
    if (!settings_split(a, settings_trimmed(command), ' ', &set, &rest) || strcmp(set, "set") != 0 ||
        !settings_split(a, settings_trimmed(bytes_from_text(rest)), ' ', &name, &value))
        return;
    for (size_t i = 0; lftp_names[i].narrows != 0; i++) {
        size_t len = strlen(lftp_names[i].in_file);
        if (strncmp(name, lftp_names[i].in_file, len) == 0 && (name[len] == '\0' || name[len] == '/'))
            settings_add(a, out,
                         (setting){.narrows = lftp_narrows(&lftp_names[i], name[len] == '/'),
                                   .name = name,
                                   .value = without_quotes(a, value),
                                   .file = file,
                                   .line = line});
    }
}

static bool lftp_file(arena *a, const char *file, setting_list *out)
{
    settings_reader lines;
    settings_line line;
    if (!settings_open(a, file, &lines))
        return false;
    while (settings_next_line(a, &lines, &line))
        for (bytes_view rest = line.text, command; rest.len > 0; rest = bytes_slice(rest, command.len + 1, rest.len)) {
            command = bytes_until(rest, ';');
            lftp_command(a, command, file, line.number, out);
        }
    return true;
}

static void settings_of_lftp(arena *a, const client *c, setting_list *out)
{
    (void)lftp_file(a, "/etc/lftp.conf", out);
    (void)lftp_file(a, settings_in_folder(a, c, "HOME", ".lftprc"), out);
    if (!lftp_file(a, settings_in_folder(a, c, "LFTP_HOME", "rc"), out) &&
        !lftp_file(a, settings_in_folder(a, c, "HOME", ".lftp/rc"), out) &&
        !lftp_file(a, settings_in_folder(a, c, "XDG_CONFIG_HOME", "lftp/rc"), out))
        (void)lftp_file(a, settings_in_folder(a, c, "HOME", ".config/lftp/rc"), out);
}

/* Who reads them: by a library that is mapped, by how the program's name begins, or both; or as told by a function. */
static const struct {
    const char *library, *program; /* either may be NULL */
    const name_row *names;
    void (*read)(arena *, const client *, setting_list *);
    bool file_is_stronger;            /* than its variables */
    bool (*is_used)(const client *c); /* NULL: the two names tell */
} readers[] = {
    {NULL, NULL, libpq_names, settings_of_libpq, true, libpq_is_used},
    {"libldap", "ldap", ldap_names, settings_of_ldap, false, NULL},
    {NULL, "mariadb", mariadb_names, settings_of_mariadb, false, NULL},
    {NULL, "mysql", mariadb_names, settings_of_mariadb, false, NULL},
    {NULL, "msmtp", msmtp_names, settings_of_msmtp, false, NULL},
    {NULL, "lftp", lftp_names, settings_of_lftp, false, NULL},
    {NULL, "cargo", cargo_names, settings_of_cargo, false, NULL},
};
enum { NUM_READERS = sizeof readers / sizeof *readers };

static bool is_reader(size_t row, const client *c)
{
    const char *library = readers[row].library, *program = readers[row].program;
    if (readers[row].is_used != NULL)
        return readers[row].is_used(c);
    return (library == NULL || mapped_file(c->process, library) != NULL) &&
           (program == NULL || strncmp(c->program, program, strlen(program)) == 0);
}

void settings_of_programs(arena *a, const client *c, setting_list *out)
{
    for (size_t i = 0; i < NUM_READERS; i++)
        if (is_reader(i, c))
            readers[i].read(a, c, out);
}

const char *settings_store_variable(const client *c, bool *file_is_stronger)
{
    for (size_t i = 0; i < NUM_READERS; i++)
        for (const name_row *row = readers[i].names; is_reader(i, c) && row->narrows != 0; row++)
            if (row->narrows == NARROWED_STORE && row->variable != NULL) {
                *file_is_stronger = readers[i].file_is_stronger;
                return row->variable;
            }
    return NULL;
}
