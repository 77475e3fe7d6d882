#include "causes/evidence.h"

const char *host_source_name(enum host_source s)
{
    static const char *const names[] = {NULL, "sni", "connect", "dns", "hosts", "argument"};
    return names[s];
}
