/*
 * hosts(5): an address, then names, up to a '#'. The file is somebody else's: it is read up to a bound, a line that says nothing
 * is passed over, and a file that is no ordinary file (a pipe would block) is not read at all.
 */
#include "net/address.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Lists against advertisers are the largest there are: about 6 MiB. */
#define HOSTS_FILE_LEN_MAX ((size_t)8 * 1024 * 1024)
#define NAME_LEN_MAX ((size_t)253) /* RFC 1035, 2.3.4, in text */

static bool is_blank(int byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\v' || byte == '\f';
}

/* Takes the next word off the line; empty at its end. */
static bytes_view take_word(bytes_view *line)
{
    size_t begin = 0;
    while (is_blank(bytes_at(*line, begin)))
        begin++;
    size_t end = begin;
    while (end < line->len && !is_blank(bytes_at(*line, end)))
        end++;
    bytes_view word = bytes_slice(*line, begin, end - begin);
    *line = bytes_slice(*line, end, line->len - end);
    return word;
}

static bytes_view take_line(bytes_view *text)
{
    bytes_view line = bytes_until(*text, '\n');
    *text = bytes_slice(*text, line.len + 1, text->len);
    return bytes_until(line, '#');
}

static bool word_is_address(bytes_view word, const address *addr)
{
    char text[ADDRESS_TEXT_LEN_MAX];
    address read;
    if (word.len == 0 || word.len >= sizeof text)
        return false;
    (void)snprintf(text, sizeof text, "%.*s", (int)word.len, (const char *)word.data);
    return address_from_text(text, address_port(addr), &read) && address_equal(&read, addr);
}

size_t address_names_in_hosts_text(arena *a, const address *addr, bytes_view text, const char ***names)
{
    size_t num_names = 0;
    *names = ARENA_ARRAY(a, ADDRESS_NAMES_MAX, const char *);
    while (text.len > 0) {
        bytes_view line = take_line(&text);
        if (!word_is_address(take_word(&line), addr))
            continue;
        for (bytes_view name = take_word(&line); name.len > 0 && num_names < ADDRESS_NAMES_MAX; name = take_word(&line))
            if (name.len <= NAME_LEN_MAX)
                (*names)[num_names++] = bytes_to_text(a, name);
    }
    return num_names;
}

static void read_file(int fd, buffer *out)
{
    char chunk[16 * 1024];
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return;
    for (ssize_t got = read(fd, chunk, sizeof chunk); got > 0; got = read(fd, chunk, sizeof chunk))
        if (!buffer_append(out, chunk, (size_t)got))
            return;
}

size_t address_names_in_hosts_file(arena *a, const address *addr, const char ***names)
{
    buffer text;
    buffer_init(&text, HOSTS_FILE_LEN_MAX);
    int fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0) {
        read_file(fd, &text);
        close(fd);
    }
    size_t num_names = address_names_in_hosts_text(a, addr, buffer_view(&text), names);
    buffer_free(&text);
    return num_names;
}
