/*
 * A server that chooses a group whose keys cannot be made here is asked once more, without those groups, and that answer is read.
 * What is encrypted in the first one can be held against it only by its size: the certificates are the largest thing in a flight.
 */
#include "diagnose/engine.h"

#include "registry/registry.h"

/* Of a flight under protection. */
typedef struct flight_size {
    size_t num_records, largest; /* largest: bytes */
} flight_size;

/* Up to what the client (or the probe) sends under protection: what comes after that is no part of the flight. */
static flight_size size_of(const conversation *c)
{
    flight_size size = {0};
    for (size_t i = 0; i < c->num_events; i++) {
        const event *e = &c->events[i];
        if (e->kind != EVENT_PROTECTED_RECORD)
            continue;
        if (e->side == SIDE_CLIENT)
            break;
        size.num_records++;
        size.largest = e->len > size.largest ? e->len : size.largest;
    }
    return size;
}

/* A signature of ECDSA varies by some bytes (RFC 3279, 2.2.3); where several messages share a record, so does what else is in it:
 * the EncryptedExtensions may name groups. */
static bool sizes_differ(flight_size one, flight_size other)
{
    enum { NUM_MESSAGES = 4, VARIES = 6, VARIES_SHARED = 48 };
    size_t more = one.largest > other.largest ? one.largest - other.largest : other.largest - one.largest;
    bool are_shared = one.num_records < NUM_MESSAGES || other.num_records < NUM_MESSAGES;
    return one.num_records > 0 && other.num_records > 0 && more > (are_shared ? VARIES_SHARED : VARIES);
}

/* Both answers, where there are two. */
static bool both(const diagnosis *d, const conversation **one, const conversation **other)
{
    *one = d->control.last.conversation;
    *other = d->readable.last.conversation;
    return d->readable.asked > 0 && *one != NULL && *other != NULL && (*one)->has_server_hello && (*other)->has_server_hello;
}

static bool hellos_differ(const conversation *one, const conversation *other)
{
    return one->server_hello.version != other->server_hello.version ||
           one->server_hello.cipher_suite != other->server_hello.cipher_suite;
}

bool readable_differs(const diagnosis *d)
{
    const conversation *one, *other;
    return both(d, &one, &other) && (hellos_differ(one, other) || sizes_differ(size_of(one), size_of(other)));
}

void tell_readable(diagnosis *d)
{
    arena *a = d->arena;
    const conversation *one, *other;
    if (!both(d, &one, &other))
        return;
    const char *group = one->server_hello.group == 0 ? "a group" : group_name(a, one->server_hello.group);
    const char *told =
        hellos_differ(one, other)
            ? arena_printf(a,
                           "it answers with %s and %s in the place of %s and %s, so that what it sends then was not taken for what "
                           "the client got",
                           version_name(a, other->server_hello.version), cipher_suite_name(a, other->server_hello.cipher_suite),
                           version_name(a, one->server_hello.version), cipher_suite_name(a, one->server_hello.cipher_suite))
        : sizes_differ(size_of(one), size_of(other))
            ? arena_printf(a,
                           "the largest part of its flight has %zu bytes then, and %zu for the client's own hello: it sends other "
                           "certificates, "
                           "which cannot be read here",
                           size_of(other).largest, size_of(one).largest)
            : "its ServerHello is the same then, and its certificates have the same size: those were read";
    verdict_add_detail(
        a, &d->verdict,
        arena_printf(a, "The server chose %s, whose keys cannot be computed here. Asked without it, %s.", group, told));
}
