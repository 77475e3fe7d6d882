/* Any bytes as the answer to a request for an issuer's certificate, and as the file in it. */
#include "crypto/issuer_file.h"
#include "flow/http_file.h"
#include "fuzz.h"

static void check_file(arena *a, bytes_view bytes)
{
    issuer_file file = issuer_file_read(a, bytes);
    if ((file.form == ISSUER_NONE) != (file.num_certificates == 0) || file.num_certificates > ISSUER_FILE_CERTIFICATES_MAX)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *a = arena_new();
    http_file_answer answered = http_file_answer_read(a, bytes_from(data, size));
    if ((answered.problem == NULL) != (answered.body.len > 0) || answered.body.len > size)
        __builtin_trap();
    check_file(a, answered.body.len > 0 ? answered.body : bytes_from(data, size));
    arena_free(a);
    return 0;
}
