/*
 * What a watched task is and has: its process, its program, its memory, its sockets. All of it may vanish at any moment: every
 * function says so by its result, and what was read counts only once the notification it was read for is known to be alive.
 * Ownership: descriptors returned are the caller's to close; text lives in the arena given.
 */
#ifndef TLSWHY_TRACE_PROCESS_H
#define TLSWHY_TRACE_PROCESS_H

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The process of a thread (Tgid in /proc/TID/status); 0 where it is gone. */
pid_t process_of_task(pid_t tid);

/* What /proc/PID/exe leads to; NULL where it cannot be read. */
const char *process_exe(arena *a, pid_t pid);

/* All `len` bytes at `at` in the task's memory, or false. */
bool process_read(pid_t tid, uint64_t at, void *out, size_t len) MUST_CHECK;
bool process_write(pid_t tid, uint64_t at, const void *data, size_t len) MUST_CHECK;
/* A pointer of 4 or 8 bytes. */
bool process_read_pointer(pid_t tid, uint64_t at, size_t len, uint64_t *out) MUST_CHECK;
/* The address that a struct msghdr in the task's memory names, and its length: its first two fields, with pointers of `pointer_len`
 * bytes. A struct mmsghdr begins with one. */
bool process_read_message_name(pid_t tid, uint64_t at, size_t pointer_len, uint64_t *name, uint64_t *name_len) MUST_CHECK;
/* Text that ends in NUL, of fewer than `size` bytes; false where it does not or cannot be read. */
bool process_read_text(pid_t tid, uint64_t at, char *out, size_t size) MUST_CHECK;

/* The inode of the socket that a descriptor of the task is; 0 where it is none or cannot be told. */
uint64_t process_socket_inode(pid_t tid, int descriptor);

/* Whether one of the process's first descriptors (some hundreds) is that socket. */
bool process_has_socket(pid_t pid, uint64_t inode);

/* A copy of the task's descriptor: the same open file. -1 with errno where that is not allowed, or the task is gone. */
int process_get_descriptor(pid_t tid, pid_t pid, int descriptor) MUST_CHECK;
/* The same for one socket: -1 also where it is no longer there under that number. */
int process_get_socket(pid_t pid, int descriptor, uint64_t inode) MUST_CHECK;

/* Whether the task lives in this process's network namespace; true where that cannot be told. */
bool process_shares_network(pid_t tid);

/* Whether job control has stopped it. */
bool process_is_stopped(pid_t pid);
/* Whether it waits in a way that no signal to stop can interrupt: for a disk, or for a child that it has made by vfork(2). */
bool process_sleeps_uninterrupted(pid_t pid);

/* Whether a signal waits for this very thread that it neither blocks nor ignores, so that its system call would be interrupted.
 * Where it cannot be told for which thread of a process a signal is, the answer is no. */
bool process_has_signal(pid_t tid);

#endif
