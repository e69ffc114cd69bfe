/* What opener_pq.c asks for: which library holds libpq and whose SSL_read that library uses. Here
 * one library holds all of them. */
#ifndef RS_WIN_DLFCN_H
#define RS_WIN_DLFCN_H

enum { RTLD_LAZY = 1, RTLD_NOLOAD = 2 };

typedef struct {
    const char *dli_fname;
} Dl_info;

int rs_posix_dladdr(const void *address, Dl_info *info);
void *rs_posix_dlopen(const char *name, int flags);
void *rs_posix_dlsym(void *library, const char *name); /* of SSL_read */

#define dladdr(address, info) rs_posix_dladdr(address, info)
#define dlopen(name, flags)   rs_posix_dlopen(name, flags)
#define dlsym(library, name)  rs_posix_dlsym(library, name)
#define dlclose(library)      ((void)(library), 0)

#endif
