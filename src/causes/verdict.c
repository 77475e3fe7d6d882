#include "causes/verdict.h"

const char *proof_name(enum proof p)
{
    static const char *const names[] = {"none", "experiment", "observed", "inferred"};
    return names[p];
}

const char *where_name(enum where w)
{
    static const char *const names[] = {"client", "server", "both", "network"};
    return names[w];
}

const char *why_kind_name(enum why_kind k)
{
    static const char *const names[NUM_WHY_KINDS] = {"unknown", "library", "build", "policy", "code", "default"};
    return names[k];
}

const char *lowers_security_name(enum lowers_security l)
{
    static const char *const names[] = {"none", "this connection", "this program", "this machine"};
    return names[l];
}

const char *remedy_owner_name(enum remedy_owner o)
{
    static const char *const names[] = {"client", "server", "system"};
    return names[o];
}
