/*
 * What tells a secret in a command line: names of options, variables, headers, parameters and functions. From the manual pages of
 * each program, and the names that its libraries give to what they keep secret. Only secrets.c includes this.
 *
 * Ownership: all of it is constant.
 */
#ifndef TLSWHY_REPORT_SECRET_NAMES_H
#define TLSWHY_REPORT_SECRET_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Options whose next word, or what follows their '=', is a secret. */
static const char *const secret_options[] = {"-u", "--user", "--proxy-user", "-U", "--aws-sigv4", "--cookie", "--login-options"};

/* The same of any option whose name ends so: --http-password, -srcstorepass, --src-creds, --_authToken. */
static const char *const secret_option_ends[] = {
    "password",   "passwd",           "pass",         "passphrase",   "passin",  "passout", "secret", "token",
    "creds",      "credentials",      "auth",         "apikey",       "api-key", "bearer",  "psk",    "pskkey",
    "access-key", "password-command", "passwordeval", "password-cmd", "passcmd"};

/* Words of a command that keeps a setting: "npm config set //x/:_authToken hunter2". The word after one that ends as above is a
 * secret then as well. */
static const char *const setting_verbs[] = {"set", "config", "configure"};

/* Words of one program after which others are secrets. */
typedef struct following_secrets {
    const char *program; /* or what its name begins with */
    const char *word;    /* or what it begins with */
    size_t num;
} following_secrets;
static const following_secrets following_rows[] = {
    {"composer", "http-basic.", 2},   {"composer", "bitbucket-oauth.", 2}, {"composer", "github-oauth.", 1},
    {"composer", "gitlab-oauth.", 1}, {"composer", "gitlab-token.", 2},    {"composer", "bearer.", 1},
    {"poetry", "http-basic.", 2},     {"poetry", "pypi-token.", 1},
};

/* Programs that take "user/password@service" (Oracle). */
static const char *const login_programs[] = {"sqlplus", "sqlldr", "sqlcl", "expdp", "impdp", "exp", "imp", "rman"};

/* Options that are a secret's for one program, and something else for others; or a word of its own after which one follows. */
typedef struct program_secret {
    const char *program; /* or what its name begins with */
    const char *option;
    bool is_attached_only; /* "-psecret"; "-p" alone asks for it */
    const char *verb;      /* among the words before; NULL: any */
} program_secret;
static const program_secret program_secrets[] = {
    {"mysql", "-p", true, NULL},       {"mariadb", "-p", true, NULL},
    {"ldap", "-w", false, NULL},       {"redis-cli", "-a", false, NULL},
    {"valkey-cli", "-a", false, NULL}, {"sshpass", "-p", false, NULL},
    {"mosquitto_", "-P", false, NULL}, {"mongo", "-p", false, NULL},
    {"sqlcmd", "-P", false, NULL},     {"rabbitmqadmin", "-p", false, NULL},
    {"swaks", "-ap", false, NULL},     {"sendemail", "-xp", false, NULL},
    {"sendEmail", "-xp", false, NULL}, {"xfreerdp", "/p:", true, NULL},
    {"http", "-a", false, NULL},       {"xh", "-a", false, NULL},
    {"influx", "-t", false, NULL},     {"snmp", "-A", false, NULL},
    {"snmp", "-X", false, NULL},       {"docker", "-p", false, "login"},
    {"podman", "-p", false, "login"},  {"buildah", "-p", false, "login"},
    {"nerdctl", "-p", false, "login"}, {"az", "-p", false, "login"},
    {"oc", "-p", false, "login"},      {"twine", "-p", false, "upload"},
    {"vault", "login", false, NULL},
};

/* Options of curl: a certificate's file, and behind a colon its password. */
static const char *const certificate_options[] = {"-E", "--cert", "--proxy-cert"};

/* Names after which a sign like '=' or ':' and a secret follow: in a header, a query, a variable, a literal. Also as the end of a
 * longer name. */
static const char *const secret_names[] = {"authorization",
                                           "cookie",
                                           "cookies",
                                           "password",
                                           "passwd",
                                           "passphrase",
                                           "sshpass",
                                           "pwd",
                                           "secret",
                                           "token",
                                           "api_key",
                                           "apikey",
                                           "api-key",
                                           "access_key",
                                           "access-key",
                                           "secret_key",
                                           "secret-key",
                                           "client_secret",
                                           "signature",
                                           "sig",
                                           "?key",
                                           "&key",
                                           "?code",
                                           "&code",
                                           "authentication",
                                           "credentials",
                                           "credential",
                                           "userpwd",
                                           "xoauth2_bearer",
                                           "private_key",
                                           "encryption_key",
                                           "signing_key",
                                           "account_key",
                                           "shared_key",
                                           "master_key",
                                           "functions-key",
                                           "subscription-key",
                                           "auth_config",
                                           "password_command",
                                           "passcommand",
                                           "connection_string"};
/* The same, not as the end of a longer word. */
static const char *const short_secret_names[] = {"pass", "auth", "pw", "psk"};

/* Functions, of any language, whose arguments are credentials. Also as the end of a longer name. */
static const char *const secret_functions[] = {"login",
                                               "basic_auth",
                                               "basicauth",
                                               "digestauth",
                                               "add_password",
                                               "credentials",
                                               "authorization_basic",
                                               "ftp_tls",
                                               "btoa",
                                               "b64encode",
                                               "mysqli_connect",
                                               "pdo",
                                               "authenticate",
                                               "base64_encode",
                                               "passwordauthentication",
                                               "usernamepasswordcredentials",
                                               "networkcredential",
                                               "strict_encode64"};

static const char *const secret_schemes[] = {"bearer ",
                                             "basic "}; /* of an Authorization, wherever it stands (RFC 7617, RFC 6750) */
enum { SCHEME_SECRET_LEN_MIN = 8 };                     /* what is shorter is rather a word of prose */

/* How the tokens of known services begin (their own documents on how leaked ones are found), and addresses that are secrets. */
static const char *const token_beginnings[] = {"ghp_",
                                               "gho_",
                                               "ghs_",
                                               "ghu_",
                                               "github_pat_",
                                               "glpat-",
                                               "xoxb-",
                                               "xoxp-",
                                               "xapp-",
                                               "npm_",
                                               "pypi-",
                                               "hvs.",
                                               "dop_v1_",
                                               "SG.",
                                               "AIza",
                                               "sk_live_",
                                               "sk-",
                                               "eyJ",
                                               "hooks.slack.com/services/",
                                               "/api/webhooks/",
                                               "api.telegram.org/bot"};
enum { TOKEN_LEN_MIN = 12 }; /* behind the beginning */

#endif
