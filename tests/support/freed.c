#define _GNU_SOURCE /* memmem */
#include "freed.h"

#include <malloc.h>
#include <string.h>

void __real_rs_free(void *p);
void *__real_rs_realloc(void *old, size_t count, size_t size, void *diag);
void __wrap_rs_free(void *p);
void *__wrap_rs_realloc(void *old, size_t count, size_t size, void *diag);

static const char *watched;
static size_t n_dirty, n_blocks;

void freed_watch(const char *canary)
{
    watched = canary;
    n_dirty = n_blocks = 0;
}

size_t freed_dirty(void)
{
    return n_dirty;
}

size_t freed_blocks(void)
{
    return n_blocks;
}

static void look(void *p)
{
    if (p == NULL || watched == NULL)
        return;
    n_blocks++;
    if (memmem(p, malloc_usable_size(p), watched, strlen(watched)) != NULL)
        n_dirty++;
}

void __wrap_rs_free(void *p)
{
    look(p);
    __real_rs_free(p);
}

/* realloc may leave the old block behind, so what it is given counts as given back. */
void *__wrap_rs_realloc(void *old, size_t count, size_t size, void *diag)
{
    look(old);
    return __real_rs_realloc(old, count, size, diag);
}
