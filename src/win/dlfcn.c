#include "include/dlfcn.h"

#include <string.h>

int SSL_read(void *ssl, void *to, int room); /* the linker's; its header belongs to tls.c */

int rs_posix_dladdr(const void *address, Dl_info *info)
{
    info->dli_fname = "";
    return address != NULL;
}

void *rs_posix_dlopen(const char *name, int flags)
{
    static char one;

    (void)name;
    (void)flags;
    return &one;
}

void *rs_posix_dlsym(void *library, const char *name)
{
    int (*function)(void *, void *, int) = SSL_read;
    void *address = NULL;

    (void)library;
    if (strcmp(name, "SSL_read") == 0)
        memcpy(&address, &function, sizeof address);
    return address;
}
