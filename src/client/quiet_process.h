/*
 * A program that is started to be asked something: in a group of its own, without a terminal, with /dev/null to read.
 * Ownership: whoever starts one ends it.
 */
#ifndef TLSWHY_CLIENT_QUIET_PROCESS_H
#define TLSWHY_CLIENT_QUIET_PROCESS_H

#include "base/bytes.h"
#include <sys/types.h>

/* What it prints goes to `output` (stdout and stderr), or nowhere where that is negative. */
bool quiet_process_start(char *const *argv, char *const *environment, int output, pid_t *pid) MUST_CHECK;
/* Kills its group and waits for it. */
void quiet_process_end(pid_t pid);

/* Starts it, and gives what it printed until it ended, at most `len_max` bytes; it is ended after `time_ms`. False where it could
 * not be started. */
bool quiet_process_output(arena *a, char *const *argv, char *const *environment, size_t len_max, int64_t time_ms,
                          bytes_view *out) MUST_CHECK;

#endif
