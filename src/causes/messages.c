#include "causes/messages.h"

#include "base/bytes.h"
#include <string.h>

/* Shorter ones are words of any message. */
enum { PART_LEN_MIN = 8 };

static bool is_word_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Small letters and digits, what is between them as one blank; a blank before and after, so that whole words are found. */
static const char *plain(arena *a, const char *text, size_t len)
{
    char *out = ARENA_ARRAY(a, len + 3, char);
    size_t n = 0;
    out[n++] = ' ';
    for (size_t i = 0; i < len; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
        if (is_word_character(c))
            out[n++] = c;
        else if (out[n - 1] != ' ')
            out[n++] = ' ';
    }
    if (out[n - 1] != ' ')
        out[n++] = ' ';
    out[n] = '\0';
    return out;
}

/* How much of the span is in the message, its parts between "..." in their order; 0: not all of it, or too little to tell. */
static size_t len_in_common(arena *a, const char *span, size_t len, const char *message)
{
    size_t common = 0;
    for (size_t at = 0; at < len;) {
        const char *dots = memmem(span + at, len - at, "...", 3);
        size_t part_len = dots == NULL ? len - at : (size_t)(dots - span) - at;
        const char *part = plain(a, span + at, part_len);
        if (strlen(part) > 2) {
            message = strstr(message, part);
            if (message == NULL)
                return 0;
            message += strlen(part) - 1;
            common += strlen(part) - 2;
        }
        at += part_len + (dots == NULL ? 0 : 3);
    }
    return common >= PART_LEN_MIN ? common : 0;
}

/* The other way round: somebody gave the part of the message that was striking. */
static size_t len_of_part(arena *a, const char *span, size_t len, const char *message)
{
    const size_t num_blanks = 2; /* before and after */
    size_t message_len = strlen(message);
    bool tells = message_len >= PART_LEN_MIN + num_blanks && strstr(plain(a, span, len), message) != NULL;
    return tells ? message_len - num_blanks : 0;
}

/* The section's text, up to the next heading. */
static const char *section_of(const char *page, size_t *len)
{
    static const char heading[] = "## How people meet it\n";
    const char *start = strstr(page, heading);
    if (start == NULL)
        return NULL;
    start += sizeof heading - 1;
    const char *end = strstr(start, "\n## ");
    *len = end == NULL ? strlen(start) : (size_t)(end - start);
    return start;
}

static size_t best_of_page(arena *a, const char *page, const char *message)
{
    size_t len = 0, best = 0;
    const char *section = section_of(page, &len), *end = section == NULL ? NULL : section + len;
    const char *open = section == NULL ? NULL : memchr(section, '`', len);
    while (open != NULL) {
        const char *close = memchr(open + 1, '`', (size_t)(end - open - 1));
        if (close == NULL)
            break;
        size_t span_len = (size_t)(close - open - 1);
        size_t whole = len_in_common(a, open + 1, span_len, message), part = len_of_part(a, open + 1, span_len, message);
        size_t common = whole > part ? whole : part;
        best = common > best ? common : best;
        open = memchr(close + 1, '`', (size_t)(end - close - 1));
    }
    return best;
}

size_t messages_find(const cause_page *pages, size_t num_pages, const char *message, const cause_page **out)
{
    arena *a = arena_new();
    const char *asked = plain(a, message, strlen(message));
    size_t *scores = ARENA_ARRAY(a, num_pages, size_t), num = 0;
    for (size_t i = 0; i < num_pages; i++) {
        size_t score = best_of_page(a, pages[i].text, asked), at = num;
        if (score == 0)
            continue;
        for (; at > 0 && scores[at - 1] < score; at--) {
            scores[at] = scores[at - 1];
            out[at] = out[at - 1];
        }
        scores[at] = score;
        out[at] = &pages[i];
        num++;
    }
    arena_free(a);
    return num;
}
