#include "diagnose/statistics.h"

#include <math.h>

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

double fisher_probability(size_t control_failed, size_t control_worked, size_t change_failed, size_t change_worked)
{
    double controls = (double)(control_failed + control_worked), changes = (double)(change_failed + change_worked);
    double failed = (double)(control_failed + change_failed);
    double most = failed < controls ? failed : controls;
    double sum = 0;
    /* The hypergeometric tail: of all that failed, so many or more among the controls. */
    for (double k = (double)control_failed; k <= most; k++)
        if (failed - k <= changes)
            sum += exp(log_choose(controls, k) + log_choose(changes, failed - k) - log_choose(controls + changes, failed));
    return sum > 1 ? 1 : sum;
}
