/*
 * A Java program of ours that asks a URL for its page, by what Java takes by default: many a machine has a Java without a compiler.
 * Ownership: constant.
 */
#ifndef TLSWHY_CLIENT_JAVA_GET_H
#define TLSWHY_CLIENT_JAVA_GET_H

#include <stddef.h>
#include <stdint.h>

#define JAVA_GET_NAME "TlswhyGet"
extern const uint8_t java_get_class[];
extern const size_t java_get_class_len;

#endif
