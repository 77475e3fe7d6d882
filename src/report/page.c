#include "report/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_LEN_MAX ((size_t)4 * 1024 * 1024)

void page_init(page *p, arena *a, bool color, size_t columns)
{
    *p = (page){.arena = a, .color = color, .columns = columns < 40 ? 40 : columns};
    buffer_init(&p->out, PAGE_LEN_MAX);
}

char *page_take(page *p)
{
    char *text = bytes_to_text(p->arena, buffer_view(&p->out));
    buffer_free(&p->out);
    return text;
}

/* Past its bound a page stays as long as it is: nobody reads four megabytes. */
static void put(page *p, const char *text, size_t len)
{
    bool fits = buffer_append(&p->out, text, len);
    (void)fits;
}

static const char *style_code(enum page_style style)
{
    static const char *const codes[] = {"", "\033[1m", "\033[32m", "\033[31m"};
    return codes[style];
}

static void style_begins(page *p, enum page_style style)
{
    if (p->color && style != STYLE_PLAIN)
        put(p, style_code(style), strlen(style_code(style)));
}

static void style_ends(page *p, enum page_style style)
{
    if (p->color && style != STYLE_PLAIN)
        put(p, "\033[0m", 4);
}

void page_text(page *p, enum page_style style, const char *text)
{
    style_begins(p, style);
    put(p, text, strlen(text));
    style_ends(p, style);
}

void page_printf(page *p, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0)
        return;
    put(p, text, (size_t)len);
    free(text);
}

void page_newline(page *p)
{
    buffer_trim(&p->out, ' ');
    put(p, "\n", 1);
}

/* Bytes that go on a UTF-8 character take no column. */
static size_t width_of(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            width++;
    return width;
}

size_t text_columns(const char *text)
{
    return width_of(text, strlen(text));
}

void page_padded(page *p, const char *text, size_t width)
{
    size_t taken = text_columns(text);
    page_printf(p, "%s%*s", text, (int)(taken < width ? width - taken : 0), "");
}

void page_line(page *p, enum page_style style, size_t indent, const char *text)
{
    if (indent + text_columns(text) > p->columns) {
        page_wrapped(p, style, indent, "", text);
        return;
    }
    page_printf(p, "%*s", (int)indent, "");
    page_text(p, style, text);
    page_newline(p);
}

void page_wrapped(page *p, enum page_style style, size_t indent, const char *first, const char *text)
{
    size_t first_width = text_columns(first), column = first_width > indent ? first_width : indent;
    page_printf(p, "%s%*s", first, (int)(column - first_width), "");
    style_begins(p, style);
    bool at_start = true;
    while (*text != '\0') {
        size_t len = strcspn(text, " "), width = width_of(text, len);
        if (!at_start && column + 1 + width > p->columns) {
            page_printf(p, "\n%*s", (int)indent, "");
            column = indent;
            at_start = true;
        }
        if (!at_start)
            put(p, " ", 1);
        put(p, text, len);
        column += width + (at_start ? 0 : 1);
        at_start = false;
        text += len;
        text += strspn(text, " ");
    }
    style_ends(p, style);
    page_newline(p);
}
