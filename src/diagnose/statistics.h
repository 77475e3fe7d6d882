/* Fisher's exact test, one-sided: pure arithmetic. */
#ifndef TLSWHY_DIAGNOSE_STATISTICS_H
#define TLSWHY_DIAGNOSE_STATISTICS_H

#include <stddef.h>

/* How likely it is, if the change made no difference, that the control fails at least so much oftener than the changed hello:
 * `control_failed` of `control_failed + control_worked`, against `change_failed` of its own. Between 0 and 1. */
double fisher_probability(size_t control_failed, size_t control_worked, size_t change_failed, size_t change_worked);

#endif
