/*
 * A page of text being written: wrapped at a width, indented, with or without color.
 * Ownership: a page owns its buffer until page_take.
 */
#ifndef TLSWHY_REPORT_PAGE_H
#define TLSWHY_REPORT_PAGE_H

#include "base/bytes.h"

enum page_style { STYLE_PLAIN, STYLE_BOLD, STYLE_GREEN, STYLE_RED };

typedef struct page {
    arena *arena;
    buffer out;
    bool color;
    size_t columns;
} page;

void page_init(page *p, arena *a, bool color, size_t columns);
char *page_take(page *p);

void page_text(page *p, enum page_style style, const char *text); /* as it is: `text` must be safe */
void page_printf(page *p, const char *format, ...) PRINTF_LIKE(2, 3);
void page_newline(page *p);

/* Columns that a text takes. */
size_t text_columns(const char *text);
/* `text`, and blanks up to `width` columns. */
void page_padded(page *p, const char *text, size_t width);
/* A line: as it is where it fits behind its indent, wrapped where it does not. */
void page_line(page *p, enum page_style style, size_t indent, const char *text);

/* Words of `text` wrapped between `indent` and the width; every line ends with a newline. `first` stands before the first line, in
 * the place of its indent where it is shorter. Unbreakable words may be longer than the width. */
void page_wrapped(page *p, enum page_style style, size_t indent, const char *first, const char *text);

#endif
