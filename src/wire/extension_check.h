/* Whether the bodies of a ClientHello's extensions keep to their own structure. Only notes; nothing is changed. */
#ifndef TLSWHY_WIRE_EXTENSION_CHECK_H
#define TLSWHY_WIRE_EXTENSION_CHECK_H

#include "wire/client_hello.h"

/* `block_offset`: of the first extension, in bytes from the message's start. */
void extensions_check(arena *a, const client_hello *hello, size_t block_offset, finding_list *findings);

#endif
