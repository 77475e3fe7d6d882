#include "report/report.h"

const char *outcome_name(enum outcome o)
{
    static const char *const names[] = {"ok", "failed", "plain", "superseded", "abandoned"};
    return names[o];
}
