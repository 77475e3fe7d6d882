/* What the files of the overlay share. Ownership: as of overlay.h. */
#ifndef TLSWHY_CLIENT_OVERLAY_INNER_H
#define TLSWHY_CLIENT_OVERLAY_INNER_H

#include "client/overlay.h"
#include "registry/dialect.h"

/* The parts of a wish, to say what a way can do. */
enum wish_part {
    WISH_VERSION_MAX = 1 << 0,
    WISH_VERSION_MIN = 1 << 1,
    WISH_SUITES = 1 << 2,
    WISH_GROUPS = 1 << 3,
    WISH_SCHEMES = 1 << 4,
    WISH_GROUPS_ONLY = 1 << 5,
    WISH_LEVEL = 1 << 6,
    WISH_NO_DHE = 1 << 7,
    WISH_NO_ALPN = 1 << 8,
    WISH_LEGACY_SERVER = 1 << 9,
    WISH_NOT_STRICT = 1 << 10,
    WISH_WITHOUT = 1 << 11,
    WISH_SERVER_NAME = 1 << 12,
    WISH_TRUST = 1 << 13,
};
unsigned wish_parts(const wish *w);
/* Whether nothing is wished for but these. */
bool wish_is_within(const wish *w, unsigned parts);

/* The extensions that programs can be told to leave out; RFC 5077, 7366, 7627, 6066, 6961. */
enum {
    EXTENSION_STATUS_REQUEST = 5,
    EXTENSION_STATUS_REQUEST_V2 = 17,
    EXTENSION_ENCRYPT_THEN_MAC = 22,
    EXTENSION_MASTER_SECRET = 23,
    EXTENSION_TICKET = 35,
};

typedef struct overlay_asked {
    arena *arena;
    const client *client;
    char *const *command;
    const client_hello *hello;
    const wish *wish;
    bool is_narrowed_by_code;
} overlay_asked;

/* One way: false where it is not for this client or cannot do all that is wished. */
typedef bool overlay_way(const overlay_asked *q, overlay *out);
overlay_way by_arguments, by_rc_file, by_program_in_path, by_node_options, by_java_options, by_gnutls_own_file, by_gnutls_file,
    by_openssl_file, by_go_debug, by_trust_variable, by_told_store, by_requests_variable, by_python_module, by_node_module,
    by_perl_module, by_ruby_module, by_git_variable, by_php_module;

void overlay_set(overlay *out, const char *variable, const char *value);
void overlay_write(overlay *out, const char *name, const char *content);
/* The wish's certificates: the machine's file, or one of ours that is written then. */
const char *overlay_trust_path(const overlay_asked *q, overlay *out);

/* Where in the command the client's own argv begins: after "env", "timeout 5", "sh -c ... sh". The number of words where it is not
 * there as it is. */
size_t overlay_place_in_command(const overlay_asked *q, size_t *num_words);
/* Whether the option or variable that names this program's own store is known: then no other way to name one will do. */
bool overlay_store_is_told(const overlay_asked *q);
/* The wished certificates, by that variable. */
bool overlay_trust_by_variable(const overlay_asked *q, const char *variable, overlay *out);

/* What the client's own arguments or file say, and what is wished, in one list: "own:NEW", or "usual:NEW" where it says nothing. */
const char *overlay_list(arena *a, const char *own, const char *usual, const char *more, const char *separator);

/* OpenSSL's lists, for whoever takes them. `own`: what the client has; NULL: its default. NULL: nothing is wished there. */
const char *openssl_cipher_list(const overlay_asked *q, const char *own);
const char *openssl_tls13_list(const overlay_asked *q, const char *own); /* suites of TLS 1.3 */
const char *openssl_group_list(const overlay_asked *q, const char *own);
const char *openssl_scheme_list(const overlay_asked *q, const char *own);

/* Java's properties ("-Dname=value"), each with what it is called without its value. */
typedef struct java_property {
    const char *name, *value;
} java_property;
enum { JAVA_PROPERTIES_MAX = 8 };
/* How many; 0 where a wish cannot be met by properties. May add files to `out`. */
size_t java_properties(const overlay_asked *q, overlay *out, java_property *properties);

/* A GnuTLS priority string; NULL where a wish cannot be met by one. */
const char *gnutls_priority(const overlay_asked *q, const char *own);

#endif
