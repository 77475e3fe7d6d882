/*
 * Puts a seccomp filter on the calling process, whose notifications a supervisor hears (seccomp_unotify(2)). Safe after fork.
 * Ownership: the listener is the caller's to close.
 */
#ifndef TLSWHY_TRACE_LISTENER_H
#define TLSWHY_TRACE_LISTENER_H

#include <linux/filter.h>
#include <stdbool.h>

typedef struct listener_report {
    int failed_errno;   /* 0: the filter is in force */
    bool no_new_privs;  /* it took that, for want of CAP_SYS_ADMIN */
    bool wait_killable; /* a notified call is not interrupted by signals once it has been received (5.19) */
} listener_report;

/* The listener, which closes on exec; -1 and `failed_errno` where the kernel or a sandbox does not allow it. A sandbox may also end
 * the process for asking. */
int listener_install(const struct sock_fprog *program, listener_report *report);

#endif
