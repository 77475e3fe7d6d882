/*
 * Programs that let somebody else connect: a daemon, a container, another machine. What they lead to is not seen from here. A
 * table; pure.
 */
#ifndef TLSWHY_TRACE_DELEGATE_H
#define TLSWHY_TRACE_DELEGATE_H

#include <stddef.h>

/* Where the connections of a program are made, and where tlswhy belongs: a sentence, a literal. NULL where it makes its own.
 * `arguments`: without the program's own name. */
const char *delegate_detail(const char *program, const char *const *arguments, size_t num_arguments);

#endif
