#include "causes/messages.h"
#include "cli/output.h"
#include <stdio.h>
#include <string.h>

enum { ID_COLUMN = 32 };

static const char help_explain[] =
    "tlswhy explain [CAUSE | ERROR TEXT]\n"
    "\n"
    "Prints what a cause means, how it is proved and what to do about it; of the text of an error, the causes that people\n"
    "meet it with; without either, the list of all causes.\n"
    "\n"
    "  $ tlswhy explain no-shared-cipher\n"
    "  $ tlswhy explain SSLV3_ALERT_HANDSHAKE_FAILURE\n";

/* A page's first line is "# id: title". */
static void list_page(const cause_page *page)
{
    const char *title = strstr(page->text, ": ");
    int len = title == NULL ? 0 : (int)strcspn(title + 2, "\n");
    printf("%-*s%.*s\n", ID_COLUMN, page->id, len, title == NULL ? "" : title + 2);
}

/* The words of the text, also where the shell has taken them apart. */
static const char *text_of(arena *a, char *const *words)
{
    const char *text = words[0];
    for (size_t i = 1; words[i] != NULL; i++)
        text = arena_printf(a, "%s %s", text, words[i]);
    return text;
}

static bool list_pages_of_message(const char *message)
{
    arena *a = arena_new();
    const cause_page **found = ARENA_ARRAY(a, num_cause_pages, const cause_page *);
    size_t num = messages_find(cause_pages, num_cause_pages, message, found);
    for (size_t i = 0; i < num; i++)
        list_page(found[i]);
    if (num > 0)
        puts("\nThe message alone does not decide. What does: tlswhy run -- COMMAND");
    arena_free(a);
    return num > 0;
}

/* Ids that share a word with what was asked for. */
static void suggest(const char *asked)
{
    arena *a = arena_new();
    const char *near_ones = "", *separator = ". Near it:";
    for (size_t i = 0; i < num_cause_pages; i++) {
        size_t len = strcspn(asked, "-_ ");
        bool near = len >= 3 && memmem(cause_pages[i].id, strlen(cause_pages[i].id), asked, len) != NULL;
        if (!near)
            continue;
        near_ones = arena_printf(a, "%s%s %s", near_ones, separator, cause_pages[i].id);
        separator = ",";
    }
    cli_complain(arena_printf(a, "%s: no such cause, and no message that their pages know; tlswhy explain lists them all%s", asked,
                              near_ones));
    arena_free(a);
}

static int explain_words(char *const *words)
{
    const cause_page *page = words[1] == NULL ? cause_page_find(words[0]) : NULL;
    if (page != NULL) {
        fputs(page->text, stdout);
        return 0;
    }
    arena *a = arena_new();
    const char *text = text_of(a, words);
    bool is_message = list_pages_of_message(text);
    if (!is_message)
        suggest(text);
    arena_free(a);
    return is_message ? 0 : EXIT_USAGE;
}

static int explain(const cli_options *options, int *signal_number)
{
    (void)signal_number;
    const char *asked = options->rest[0];
    for (size_t i = 0; asked == NULL && i < num_cause_pages; i++)
        list_page(&cause_pages[i]);
    return asked == NULL ? 0 : explain_words(options->rest);
}

const cli_command cli_explain = {.name = "explain", .help = help_explain, .run = explain};
