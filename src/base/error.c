#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(error *e, enum error_code code, const char *format, ...)
{
    if (e == NULL)
        return false;
    e->code = code;
    e->system_errno = 0;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(e->message, sizeof e->message, format, arguments);
    va_end(arguments);
    return false;
}

bool error_set_errno(error *e, const char *format, ...)
{
    int captured = errno;
    if (e == NULL)
        return false;
    e->code = ERROR_SYSTEM;
    e->system_errno = captured;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(e->message, sizeof e->message, format, arguments);
    va_end(arguments);
    size_t used = strlen(e->message);
    snprintf(e->message + used, sizeof e->message - used, ": %s", strerror(captured));
    return false;
}
