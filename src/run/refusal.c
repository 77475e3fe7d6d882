#include "run/refusal.h"

#include "causes/messages.h"

#include <string.h>
#include <unistd.h>

enum { LINES_MAX = 64, LINE_LEN_MAX = 400 };

static bool is_on_certificates(const cause_page *page)
{
    return strncmp(page->id, "cert-", 5) == 0 || strncmp(page->id, "trust-store-", 12) == 0;
}

/* The next line, cut to a length that a message has; `*left` goes on behind it. */
static const char *next_line(arena *a, bytes_view *left)
{
    bytes_view line = bytes_until(*left, '\n');
    *left = bytes_slice(*left, line.len + 1, left->len);
    return bytes_to_text(a, bytes_slice(bytes_until(line, '\r'), 0, LINE_LEN_MAX));
}

bytes_view refusal_read_words(arena *a, int file)
{
    if (file == 0)
        return bytes_from(NULL, 0);
    uint8_t *words = arena_alloc(a, REFUSAL_WORDS_LEN_MAX);
    ssize_t len = pread(file, words, REFUSAL_WORDS_LEN_MAX, 0);
    return bytes_from(words, len < 0 ? 0 : (size_t)len);
}

const char *refusal_in_words(arena *a, bytes_view written)
{
    const cause_page **found = ARENA_ARRAY(a, num_cause_pages, const cause_page *);
    for (size_t i = 0; i < LINES_MAX && written.len > 0; i++) {
        const char *line = next_line(a, &written);
        if (messages_find(cause_pages, num_cause_pages, line, found) > 0 && is_on_certificates(found[0]))
            return line;
    }
    return NULL;
}

static bool is_indented(const char *line)
{
    return line[0] == ' ' || line[0] == '\t';
}

static const char *without_blanks(arena *a, const char *line)
{
    line += strspn(line, " \t");
    size_t len = strlen(line);
    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
        len--;
    return bytes_to_text(a, bytes_from(line, len));
}

/* Ruby and Java tell the frames of the stack below what is wrong, each with a blank before it. */
const char *refusal_last_line(arena *a, bytes_view written)
{
    const char *last = NULL;
    while (written.len > 0) {
        const char *line = next_line(a, &written);
        bool is_empty = line[strspn(line, " \t")] == '\0';
        if (!is_empty && (last == NULL || !is_indented(line) || is_indented(last)))
            last = line;
    }
    return last == NULL ? NULL : without_blanks(a, last);
}
