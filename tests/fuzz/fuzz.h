/* What libFuzzer calls with each input. */
#ifndef TLSWHY_TESTS_FUZZ_H
#define TLSWHY_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
