/*
 * For tests: runs a command as Docker does by default, as far as that concerns what a process may do: the capabilities that it
 * keeps, and a seccomp profile that refuses what Docker's refuses a container without further rights.
 *
 *   container [--unit | --old] [-r CALL]... COMMAND [ARG...]
 *
 * -r refuses one call more, as a stricter profile does. --unit: as a systemd unit with SystemCallFilter=@system-service and
 * seccomp: what is refused ends the process (systemd.exec(5)). --old: nothing is
 * refused, but what Linux 5.9 does not know fails as it does there.
 *
 * Source: moby, profiles/seccomp/default.json and oci/caps/defaults.go, for a kernel from 4.8 (ptrace and process_vm_readv are
 * allowed there, pidfd_getfd only with CAP_SYS_PTRACE). Docker's list names what is allowed; this one what is not, to the same
 * effect.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAMESPACE_FLAGS 0x7e020000u /* of clone(2): all CLONE_NEW... */

static const int kept_capabilities[] = {
    CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FSETID,  CAP_FOWNER,           CAP_MKNOD,      CAP_NET_RAW, CAP_SETGID,
    CAP_SETUID, CAP_SETFCAP,      CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_KILL,    CAP_AUDIT_WRITE};

static const char *const refused[] = {"acct",
                                      "add_key",
                                      "bpf",
                                      "adjtimex",
                                      "clock_adjtime",
                                      "clock_settime",
                                      "delete_module",
                                      "fanotify_init",
                                      "finit_module",
                                      "fsconfig",
                                      "fsmount",
                                      "fsopen",
                                      "fspick",
                                      "get_mempolicy",
                                      "init_module",
                                      "io_uring_enter",
                                      "io_uring_register",
                                      "io_uring_setup",
                                      "ioperm",
                                      "iopl",
                                      "kcmp",
                                      "kexec_file_load",
                                      "kexec_load",
                                      "keyctl",
                                      "lookup_dcookie",
                                      "mbind",
                                      "mount",
                                      "mount_setattr",
                                      "move_mount",
                                      "move_pages",
                                      "open_by_handle_at",
                                      "open_tree",
                                      "perf_event_open",
                                      "pidfd_getfd",
                                      "pivot_root",
                                      "process_madvise",
                                      "quotactl",
                                      "quotactl_fd",
                                      "reboot",
                                      "request_key",
                                      "set_mempolicy",
                                      "setdomainname",
                                      "sethostname",
                                      "setns",
                                      "settimeofday",
                                      "swapoff",
                                      "swapon",
                                      "sysfs",
                                      "syslog",
                                      "umount2",
                                      "unshare",
                                      "userfaultfd",
                                      "ustat",
                                      "vhangup"};

/* Not among systemd's @system-service (systemd-analyze syscall-filter): a unit with that list ends a process that calls one. */
static const char *const deadly[] = {"adjtimex", "bpf",       "clock_adjtime", "clock_settime", "init_module",     "kcmp",
                                     "mount",    "open_tree", "pidfd_getfd",   "pivot_root",    "perf_event_open", "ptrace",
                                     "reboot"};

static bool is_kept(unsigned long capability)
{
    for (size_t i = 0; i < sizeof kept_capabilities / sizeof *kept_capabilities; i++)
        if ((unsigned long)kept_capabilities[i] == capability)
            return true;
    return false;
}

/* What root's next execve(2) gets is cut to this. Refused where there is nothing to give up. */
static void drop_capabilities(void)
{
    for (unsigned long capability = 0; capability <= CAP_LAST_CAP; capability++)
        if (!is_kept(capability))
            (void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

static bool refuse(scmp_filter_ctx profile, uint32_t action, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR || seccomp_rule_add(profile, action, number, 0) == 0;
}

static bool load(scmp_filter_ctx profile, bool ok)
{
    ok = ok && seccomp_load(profile) == 0;
    seccomp_release(profile);
    return ok;
}

/* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV came with 5.19, PIDFD_THREAD with 6.9. */
static bool fail_as_of_old(void)
{
    enum { WAIT_KILLABLE_RECV = 1 << 5 };
    scmp_filter_ctx profile = seccomp_init(SCMP_ACT_ALLOW);
    bool ok = profile != NULL &&
              seccomp_rule_add(profile, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 1,
                               SCMP_A1(SCMP_CMP_MASKED_EQ, WAIT_KILLABLE_RECV, WAIT_KILLABLE_RECV)) == 0 &&
              seccomp_rule_add(profile, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(pidfd_open), 1,
                               SCMP_A1(SCMP_CMP_MASKED_EQ, O_EXCL, O_EXCL)) == 0;
    return load(profile, ok);
}

/* `more`: "-r", CALL, "-r", CALL ... */
static bool end_callers(char *const *more, size_t num_more)
{
    scmp_filter_ctx profile = seccomp_init(SCMP_ACT_ALLOW);
    bool ok = profile != NULL;
    for (size_t i = 0; ok && i < sizeof deadly / sizeof *deadly; i++)
        ok = refuse(profile, SCMP_ACT_KILL_PROCESS, deadly[i]);
    for (size_t i = 0; ok && i < num_more; i++)
        ok = refuse(profile, SCMP_ACT_KILL_PROCESS, more[2 * i + 1]);
    return load(profile, ok);
}

static bool refuse_calls(char *const *more, size_t num_more)
{
    scmp_filter_ctx profile = seccomp_init(SCMP_ACT_ALLOW);
    bool ok = profile != NULL;
    for (size_t i = 0; ok && i < sizeof refused / sizeof *refused; i++)
        ok = refuse(profile, SCMP_ACT_ERRNO(EPERM), refused[i]);
    for (size_t i = 0; ok && i < num_more; i++)
        ok = refuse(profile, SCMP_ACT_ERRNO(EPERM), more[2 * i + 1]);
    ok = ok && seccomp_rule_add(profile, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
    for (unsigned bit = 0; ok && bit < 32; bit++)
        if ((NAMESPACE_FLAGS >> bit & 1) != 0)
            ok = seccomp_rule_add(profile, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, 1u << bit, 1u << bit)) == 0;
    ok = ok && seccomp_rule_add(profile, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_VSOCK)) == 0;
    return load(profile, ok);
}

int main(int argc, char **argv)
{
    bool is_unit = argc > 1 && strcmp(argv[1], "--unit") == 0, is_old = argc > 1 && strcmp(argv[1], "--old") == 0;
    int first = is_unit || is_old ? 2 : 1;
    char *const *more = argv + first;
    while (first + 2 < argc && strcmp(argv[first], "-r") == 0)
        first += 2;
    if (argc <= first) {
        fputs("container [--unit | --old] [-r CALL]... COMMAND [ARG...]\n", stderr);
        return 125;
    }
    size_t num_more = (size_t)(argv + first - more) / 2;
    if (!is_old)
        drop_capabilities();
    bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    if (!ok || !(is_old ? fail_as_of_old() : is_unit ? end_callers(more, num_more) : refuse_calls(more, num_more))) {
        fputs("container: the profile cannot be loaded\n", stderr);
        return 125;
    }
    execvp(argv[first], argv + first);
    perror(argv[first]);
    return 127;
}
