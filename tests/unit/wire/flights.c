#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flights.h"
#include "wire/record.h"
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bytes_view file_read(arena *a, const char *path)
{
    static uint8_t content[64 * 1024];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(content, 1, sizeof content, file);
    fclose(file);
    assert_true(len > 0 && len < sizeof content);
    return bytes_copy(a, bytes_from(content, len));
}

static const char *name_of(arena *a, const char *path)
{
    const char *base = strrchr(path, '/') + 1;
    return arena_printf(a, "%.*s", (int)(strlen(base) - strlen(".bin")), base);
}

size_t flights_load(arena *a, flight_file **out)
{
    glob_t found;
    assert_int_equal(glob(HELLOS_FOLDER "/*.bin", 0, NULL, &found), 0);
    *out = ARENA_ARRAY(a, found.gl_pathc, flight_file);
    for (size_t i = 0; i < found.gl_pathc; i++)
        (*out)[i] = (flight_file){name_of(a, found.gl_pathv[i]), file_read(a, found.gl_pathv[i])};
    size_t count = found.gl_pathc;
    globfree(&found);
    return count;
}

bytes_view flight_load(arena *a, const char *name)
{
    return file_read(a, arena_printf(a, "%s/%s.bin", HELLOS_FOLDER, name));
}

client_hello hello_load(arena *a, const char *name)
{
    client_hello hello;
    assert_int_equal(client_hello_parse(a, flight_load(a, name), &hello), PARSE_DONE);
    return hello;
}

bytes_view bytes_from_hex(arena *a, const char *hex)
{
    uint8_t *bytes = arena_alloc(a, strlen(hex) / 2 + 1);
    size_t num_digits = 0;
    for (; *hex != '\0'; hex++) {
        if (!isxdigit((unsigned char)*hex))
            continue;
        char digit[2] = {*hex, '\0'};
        bytes[num_digits / 2] = (uint8_t)((unsigned)bytes[num_digits / 2] << 4 | (unsigned)strtoul(digit, NULL, 16));
        num_digits++;
    }
    assert_int_equal(num_digits % 2, 0);
    return bytes_from(bytes, num_digits / 2);
}

bytes_view flight_cut(arena *a, bytes_view flight, size_t len)
{
    reader r = reader_from(flight);
    record whole;
    assert_int_equal(record_read(&r, &whole), PARSE_DONE);
    writer w;
    writer_init(&w, flight.len * 6);
    for (size_t offset = 0; offset < whole.payload.len; offset += len)
        record_write(&w, whole.content_type, whole.version, bytes_slice(whole.payload, offset, len));
    write_bytes(&w, r.rest);
    bytes_view out;
    assert_true(writer_take(&w, a, &out));
    return out;
}

bytes_view flight_of_body(arena *a, uint16_t record_version, bytes_view body)
{
    writer w;
    writer_init(&w, body.len + 16);
    write_u8(&w, 1);
    writer_vector message = writer_open24(&w);
    write_bytes(&w, body);
    writer_close(&w, message);
    bytes_view bytes;
    assert_true(writer_take(&w, a, &bytes));
    writer_init(&w, body.len + 16);
    record_write(&w, CONTENT_HANDSHAKE, record_version, bytes);
    assert_true(writer_take(&w, a, &bytes));
    return bytes;
}

bytes_view hello_bytes(arena *a, const client_hello *hello)
{
    bytes_view bytes;
    assert_true(client_hello_write(a, hello, &bytes, NULL));
    return bytes;
}

void assert_identity(bytes_view flight, enum parse_status status)
{
    arena *a = arena_new();
    client_hello hello;
    bytes_view written = {0};
    assert_int_equal(client_hello_parse(a, flight, &hello), status);
    assert_true(client_hello_write(a, &hello, &written, NULL));
    assert_true(bytes_equal(flight, written));
    arena_free(a);
}

bool has_finding(finding_list findings, const char *part)
{
    for (size_t i = 0; i < findings.num_findings; i++)
        if (strstr(findings.findings[i].text, part) != NULL)
            return true;
    return false;
}
