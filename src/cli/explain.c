#include "causes/catalogue.h"
#include "cli/output.h"
#include <stdio.h>
#include <string.h>

enum { ID_COLUMN = 32 };

static const char help_explain[] =
    "tlswhy explain [CAUSE]\n"
    "\n"
    "Prints what a cause means, how it is proved and what to do about it; without a cause, the list of all.\n"
    "\n"
    "  $ tlswhy explain no-shared-cipher\n";

/* A page's first line is "# id: title". */
static void list_pages(void)
{
    for (size_t i = 0; i < num_cause_pages; i++) {
        const char *title = strstr(cause_pages[i].text, ": ");
        int len = title == NULL ? 0 : (int)strcspn(title + 2, "\n");
        printf("%-*s%.*s\n", ID_COLUMN, cause_pages[i].id, len, title == NULL ? "" : title + 2);
    }
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
    cli_complain(arena_printf(a, "%s: no such cause; tlswhy explain lists them all%s", asked, near_ones));
    arena_free(a);
}

static int explain(const cli_options *options, int *signal_number)
{
    (void)signal_number;
    const char *asked = options->rest[0];
    if (asked == NULL) {
        list_pages();
        return 0;
    }
    const cause_page *page = cause_page_find(asked);
    if (page == NULL) {
        suggest(asked);
        return EXIT_USAGE;
    }
    fputs(page->text, stdout);
    return 0;
}

const cli_command cli_explain = {.name = "explain", .help = help_explain, .run = explain};
