#include "cli/options.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

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

int main(int argc, char **argv)
{
    cli_options options;
    error e;
    int signal_number = 0, exit_status = 0;
    if (!cli_options_read(argc, argv, &options, &e)) {
        fprintf(stderr, "tlswhy: %s\n", e.message);
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
