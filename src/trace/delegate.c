#include "trace/delegate.h"

#include <stdbool.h>
#include <string.h>

#define VERBS_MAX 10

typedef struct delegate_row {
    const char *program; /* the file's name */
    const char *detail;
    const char *verbs[VERBS_MAX]; /* one of these is among its arguments; none: whatever they are */
} delegate_row;

static const char by_daemon[] =
    "a daemon pulls and pushes images, and what runs in a container connects from there: run tlswhy inside it "
    "(docker exec CONTAINER tlswhy run -- ...), or watch the daemon";
static const char in_container[] = "what runs in a container connects from there: run tlswhy inside it";
static const char in_pod[] =
    "what runs in the pod connects from there: run tlswhy inside it (kubectl exec POD -- tlswhy run -- ...)";
static const char on_other_machine[] = "what runs on the other machine connects from there: run tlswhy on it";
static const char by_service_manager[] = "the service manager starts it, not this command: put tlswhy run -- into the unit's "
                                         "ExecStart (systemctl edit UNIT), with --output";
static const char by_server[] = "a server of its own that may run already does the work: start that one under tlswhy";
static const char by_build_daemon[] =
    "a daemon that may run already does the work: stop it first, or run without it (gradle --no-daemon)";

/* From the manual pages of each. What only looks on or configures is not here, nor what makes its own connections (docker login and
 * podman pull do). */
static const delegate_row rows[] = {
    {"docker", by_daemon, {"run", "exec", "start", "compose", "pull", "push", "build", "buildx", "container", "image"}},
    {"docker-compose", by_daemon, {NULL}},
    {"nerdctl", in_container, {"run", "exec", "start", "compose", "container"}},
    {"podman", in_container, {"run", "exec", "start", "container", "pod", "kube"}},
    {"podman-compose", in_container, {NULL}},
    {"ctr", by_daemon, {NULL}},
    {"crictl", by_daemon, {NULL}},
    {"lxc", in_container, {"exec", "shell", "start"}},
    {"incus", in_container, {"exec", "shell", "start"}},
    {"machinectl", in_container, {"shell", "start", "pull-tar", "pull-raw"}},
    {"kubectl", in_pod, {"exec", "run", "debug", "attach", "create", "apply", "rollout"}},
    {"oc", in_pod, {"exec", "run", "debug", "attach", "rsh", "create", "apply", "rollout"}},
    {"ssh", on_other_machine, {NULL}},
    {"mosh", on_other_machine, {NULL}},
    {"ansible", on_other_machine, {NULL}},
    {"ansible-playbook", on_other_machine, {NULL}},
    {"vagrant", on_other_machine, {"ssh", "up", "provision"}},
    {"adb", on_other_machine, {"shell"}},
    {"systemctl", by_service_manager, {"start", "restart", "reload", "try-restart", "reload-or-restart", "enable", "isolate"}},
    {"systemd-run", by_service_manager, {NULL}},
    {"service", by_service_manager, {NULL}},
    {"tmux", by_server, {NULL}},
    {"screen", by_server, {NULL}},
    {"emacsclient", by_server, {NULL}},
    {"gradle", by_build_daemon, {NULL}},
    {"gradlew", by_build_daemon, {NULL}},
    {"mvnd", by_build_daemon, {NULL}},
    {"bazel", by_build_daemon, {NULL}},
};

static bool is_verb(const delegate_row *row, const char *word)
{
    for (size_t i = 0; i < VERBS_MAX && row->verbs[i] != NULL; i++)
        if (strcmp(row->verbs[i], word) == 0)
            return true;
    return false;
}

/* The verb is the first word that is one: before it may stand options, and their values. */
static bool has_verb(const delegate_row *row, const char *const *arguments, size_t num_arguments)
{
    if (row->verbs[0] == NULL)
        return true;
    for (size_t i = 0; i < num_arguments && strcmp(arguments[i], "--") != 0; i++)
        if (is_verb(row, arguments[i]))
            return true;
    return false;
}

const char *delegate_detail(const char *program, const char *const *arguments, size_t num_arguments)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].program, program) == 0 && has_verb(&rows[i], arguments, num_arguments))
            return rows[i].detail;
    return NULL;
}
