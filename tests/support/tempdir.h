/*
 * A folder for one test, gone afterwards with all that is in it.
 */
#ifndef RS_TEST_TEMPDIR_H
#define RS_TEST_TEMPDIR_H

#include <stddef.h>

struct tempdir {
    char path[512];
};

/* Fails the test when there can be no folder. */
void tempdir_make(struct tempdir *dir);
void tempdir_remove(struct tempdir *dir); /* files in it, no folders below */
/* "folder/name", valid until the next but seven calls. */
const char *tempdir_file(const struct tempdir *dir, const char *name);
/* Writes a file of n bytes, made with the mode; returns its path. */
const char *tempdir_write(const struct tempdir *dir, const char *name, const void *bytes, size_t n,
                          unsigned mode);
/* How many entries the folder has. */
size_t tempdir_count(const struct tempdir *dir);

#endif
