#include "cli/output.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* As the command died, so that who waits for us sees the same; without a second core file. */
static void die_of(int signal_number)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal_number);
    signal(signal_number, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(signal_number);
}

/* Where one of the three standard descriptors is closed, as under some daemons, nothing of ours may come to lie there: a socket
 * would be taken for stderr. What takes its place is closed at exec: the command finds it closed, as it would alone. */
static void fill_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        (void)close(fd);
}

int main(int argc, char **argv)
{
    cli_options options;
    error e;
    int signal_number = 0, exit_status = 0;
    fill_standard_descriptors();
    if (!cli_options_read(argc, argv, &options, &e)) {
        cli_complain(e.message);
        return EXIT_USAGE;
    }
    switch (options.wish) {
    case CLI_WANTS_COMMAND:
        exit_status = options.command->run(&options, &signal_number);
        break;
    case CLI_WANTS_HELP:
        fputs(cli_help(options.command), stdout);
        break;
    case CLI_WANTS_VERSION:
        puts("tlswhy " TLSWHY_VERSION);
        break;
    }
    if (signal_number != 0)
        die_of(signal_number);
    return exit_status;
}
