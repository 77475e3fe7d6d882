#include "client/settled_library.h"

#include <string.h>

enum { EXTENSION_ENCRYPT_THEN_MAC = 22 };

/* All that rustls has ever had (rustls, suites.rs), and the signalling value that goes with them. */
static const uint16_t rustls_suites[] = {0x1301, 0x1302, 0x1303, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9, 0x00FF};

static bool is_rustls_suite(uint16_t suite)
{
    for (size_t i = 0; i < sizeof rustls_suites / sizeof *rustls_suites; i++)
        if (rustls_suites[i] == suite)
            return true;
    return false;
}

/* OpenSSL sends encrypt_then_mac whatever its suites are. */
static bool is_of_rustls(const client_hello *hello)
{
    for (size_t i = 0; i < hello->cipher_suites.num_codes; i++)
        if (!is_rustls_suite(hello->cipher_suites.codes[i]))
            return false;
    return hello->cipher_suites.num_codes > 0 && client_hello_extension(hello, EXTENSION_ENCRYPT_THEN_MAC) == NULL;
}

bool library_settle(arena *a, tls_library *library, const client_hello *hello)
{
    static const char before[] = "rustls ";
    const char *other = library->also;
    if (library->kind != LIBRARY_OPENSSL || other == NULL || strncmp(other, before, sizeof before - 1) != 0)
        return false;
    if (!is_of_rustls(hello))
        return client_hello_extension(hello, EXTENSION_ENCRYPT_THEN_MAC) != NULL;
    library->also = arena_printf(a, "%s%s%s", library_name(library->kind), library->version == NULL ? "" : " ",
                                 library->version == NULL ? "" : library->version);
    library->kind = LIBRARY_RUSTLS;
    library->version = other + sizeof before - 1;
    return true;
}

const client *client_that_sent(arena *a, const process_snapshot *process, const client_hello *hello)
{
    client *c = ARENA_NEW(a, client);
    *c = *client_identify(a, process);
    if (hello != NULL)
        (void)library_settle(a, &c->library, hello);
    return c;
}
