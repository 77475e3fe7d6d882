/*
 * Socket addresses as values, and names to addresses.
 * Ownership: an address is a value. Results of look-ups live in the arena given.
 */
#ifndef TLSWHY_NET_ADDRESS_H
#define TLSWHY_NET_ADDRESS_H

#include "base/bytes.h"
#include <stdint.h>
#include <sys/socket.h>

typedef struct address {
    struct sockaddr_storage storage;
    socklen_t len; /* 0: none */
} address;

#define ADDRESS_TEXT_LEN_MAX ((size_t)64)

address address_from_sockaddr(const struct sockaddr *sa, socklen_t len);
/* Numeric text only, "192.0.2.7" or "2001:db8::1". */
bool address_from_text(const char *text, uint16_t port, address *out) MUST_CHECK;
/* From the 4 or 16 bytes of an IPv4 or IPv6 address, as on the wire. */
bool address_from_bytes(bytes_view bytes, uint16_t port, address *out) MUST_CHECK;
/* Without port; an IPv4-mapped IPv6 address is written as IPv4. */
char *address_to_text(arena *a, const address *addr);
uint16_t address_port(const address *addr);
bool address_is_loopback(const address *addr);
bool address_equal(const address *a, const address *b);     /* port included; mapped equals IPv4 */
bool address_same_host(const address *a, const address *b); /* the same, port left out */

/* Names of an address in /etc/hosts, in file order, without asking anybody; the port does not matter. Returns how many, at most
 * ADDRESS_NAMES_MAX. What cannot be read there counts as absent. */
#define ADDRESS_NAMES_MAX ((size_t)64)
size_t address_names_in_hosts_file(arena *a, const address *addr, const char ***names);
/* The same from text in the form of hosts(5). */
size_t address_names_in_hosts_text(arena *a, const address *addr, bytes_view text, const char ***names);

enum lookup_result { LOOKUP_FOUND, LOOKUP_NO_SUCH_NAME, LOOKUP_NO_ANSWER };
/* The system's resolver (getaddrinfo: files, DNS, whatever nsswitch says), with a deadline in milliseconds. Blocking: for use
 * after the command has ended. `text` gets a sentence of what the resolver said. A resolver that has not answered by then is left
 * behind in a thread of its own. */
enum lookup_result address_lookup(arena *a, const char *host, uint16_t port, int timeout_ms, address **addresses,
                                  size_t *num_addresses, const char **text);

#endif
