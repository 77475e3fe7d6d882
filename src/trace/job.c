/*
 * Job control. A shell knows this process and not the command, so it stops when the command has stopped, and never before: an
 * editor puts the terminal in order at SIGTSTP and stops only then, and a command that takes no notice of it goes on. The
 * terminal's SIGTSTP alone therefore stops nothing here while there is a command.
 */
#include "trace/state.h"

#include "trace/process.h"
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define STOP_LOOK_US ((int64_t)100 * 1000) /* after SIGTSTP */
#define WAKE_LOOK_US ((int64_t)20 * 1000)  /* after this process goes on, and before the command is looked at */

static void start_look(trace *t, int64_t after_us, void (*look)(void *))
{
    if (t->job_look == NULL)
        t->job_look = loop_timer_start(t->loop, loop_now_us(t->loop) + after_us, look, t);
}

static void end_look(trace *t)
{
    loop_timer_stop(t->job_look);
    t->job_look = NULL;
}

static bool has_terminal(void)
{
    int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (terminal >= 0)
        (void)close(terminal);
    return terminal >= 0;
}

/* Whoever let this process go on alone meant the command. A shell lets the whole job go on: no second SIGCONT follows then, which
 * would take a stop away that comes in between. */
static void look_at_woken(void *user)
{
    trace *t = user;
    end_look(t);
    if (!t->command_over && process_is_stopped(t->command.pid))
        (void)kill(t->command.pid, SIGCONT);
}

static void stop(trace *t)
{
    end_look(t);
    (void)kill(getpid(), SIGSTOP);
    start_look(t, WAKE_LOOK_US, look_at_woken);
}

/* The signal can meet a child made by vfork(2) before its execve: that one has stopped, and the command waits for it and cannot. */
static void look_at_stuck(void *user)
{
    trace *t = user;
    end_look(t);
    if (!t->command_over && process_sleeps_uninterrupted(t->command.pid))
        stop(t);
}

void job_command_has_stopped(trace *t)
{
    if (t->command_over || getpgid(t->command.pid) != getpgrp() || !process_is_stopped(t->command.pid) || !has_terminal())
        return;
    stop(t);
}

void job_stop_is_asked(void *user, int signal_number)
{
    trace *t = user;
    (void)signal_number;
    if (t->command_over)
        (void)kill(getpid(), SIGSTOP);
    else
        start_look(t, STOP_LOOK_US, look_at_stuck);
}
