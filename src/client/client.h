/*
 * What a program is: the TLS library that it really uses, and the runtime that it belongs to. Found from what its process had
 * mapped and from the files themselves; nothing is run here. Ownership: everything lives in the arena given; the snapshot is
 * borrowed.
 */
#ifndef TLSWHY_CLIENT_CLIENT_H
#define TLSWHY_CLIENT_CLIENT_H

#include "trace/snapshot.h"

enum library_kind {
    LIBRARY_UNKNOWN,
    LIBRARY_OPENSSL,
    LIBRARY_LIBRESSL,
    LIBRARY_BORINGSSL,
    LIBRARY_GNUTLS,
    LIBRARY_NSS,
    LIBRARY_MBEDTLS,
    LIBRARY_WOLFSSL,
    LIBRARY_GO,   /* crypto/tls of that Go */
    LIBRARY_JSSE, /* of that Java */
    LIBRARY_RUSTLS,
};

enum runtime {
    RUNTIME_OTHER,
    RUNTIME_PYTHON,
    RUNTIME_NODE,
    RUNTIME_JAVA,
    RUNTIME_CURL,
    RUNTIME_WGET,
    RUNTIME_OPENSSL,
    RUNTIME_GNUTLS_CLI,
    RUNTIME_PERL,
    RUNTIME_RUBY,
    RUNTIME_PHP,
    RUNTIME_GIT,
    RUNTIME_GO,
};

typedef struct tls_library {
    enum library_kind kind;
    const char *version; /* "1.0.2d"; NULL where it cannot be told */
    const char *file;    /* where it was found; NULL where it was not */
    const char *also;    /* another one that is in the same file: "rustls 0.23.37"; NULL none */
    bool is_inside;      /* in the program itself, and not in a library of its own */
} tls_library;

typedef struct client {
    const process_snapshot *process;
    enum runtime runtime;
    const char *program; /* the executable's name without its folders; "" unknown */
    tls_library library;
    const char *module;     /* the mapped file through which the program reaches its library (_ssl.cpython-311-x86_64-linux-gnu.so,
                               libcurl.so.4); NULL: the program itself, or not known */
    bool is_loaded_by_name; /* nothing needs the library: its name stands in the program, which loads it when it runs (dlopen) */
} client;

const char *library_name(enum library_kind kind); /* "OpenSSL" ...; NULL for unknown */
const char *runtime_name(enum runtime runtime);   /* "Python" ...; NULL for other */

enum runtime runtime_of_name(const char *program); /* by the executable's base name: "python3.11" */

/* Reads the files of the process's library, or of its executable. Never NULL. */
const client *client_identify(arena *a, const process_snapshot *process);

/* The folder of the Java that this libjvm.so belongs to. */
const char *java_home(arena *a, const char *libjvm);

/* "OpenSSL 1.0.2d", or "OpenSSL 3.5.4 or rustls 0.23.37" where both are in the file; NULL where the library is not known. */
const char *client_library_short(arena *a, const client *c);
/* "OpenSSL 1.0.2d (/opt/python/lib/libssl.so.1.0.0)"; NULL where the library is not known. */
const char *client_library_text(arena *a, const client *c);

#endif
