/*
 * Runs a fuzz target, without the fuzzer, on every file of the folders named on the command line: what was once found stays
 * fixed. A finding ends the process.
 */
#include "../../fuzz/fuzz.h"
#include <glob.h>
#include <stdio.h>

#define INPUT_LEN_MAX ((size_t)1024 * 1024)

static int file_replay(const char *path)
{
    static uint8_t content[INPUT_LEN_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 1;
    size_t len = fread(content, 1, sizeof content, file);
    fclose(file);
    printf("%s (%zu bytes)\n", path, len);
    fflush(stdout);
    return LLVMFuzzerTestOneInput(content, len);
}

static int folder_replay(const char *folder)
{
    char pattern[4096];
    glob_t found;
    int failed = 0;
    snprintf(pattern, sizeof pattern, "%s/*", folder);
    if (glob(pattern, 0, NULL, &found) != 0)
        return 0; /* nothing was found by the fuzzer so far */
    for (size_t i = 0; i < found.gl_pathc; i++)
        failed |= file_replay(found.gl_pathv[i]);
    globfree(&found);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        failed |= folder_replay(argv[i]);
    return failed;
}
