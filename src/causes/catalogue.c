#include "causes/catalogue.h"

#include <string.h>

const cause_page *cause_page_find(const char *id)
{
    for (size_t i = 0; i < num_cause_pages; i++)
        if (strcmp(cause_pages[i].id, id) == 0)
            return &cause_pages[i];
    return NULL;
}
