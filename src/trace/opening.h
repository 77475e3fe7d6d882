/*
 * What is said on a connection that has just come up, before a task's own bytes pass: a script of a detour. Not a byte more is read
 * than belongs to it.
 * Ownership: an opening owns its watch; socket, script and flow are the caller's, and outlive it.
 */
#ifndef TLSWHY_TRACE_OPENING_H
#define TLSWHY_TRACE_OPENING_H

#include "flow/conversation.h"
#include "net/loop.h"

typedef struct opening opening;

/* `agreed`: all was said, and the task may go on. Else the other side said no, or ended, or said what no script ends with. The
 * opening is to be freed there. */
typedef void opening_callback(void *user, bool agreed);

/* NULL where the socket cannot be watched. Never calls back before it has returned. */
opening *opening_start(loop *l, int socket, const preamble_script *script, flow *f, opening_callback *done, void *user) MUST_CHECK;
void opening_free(opening *o); /* accepts NULL */

#endif
