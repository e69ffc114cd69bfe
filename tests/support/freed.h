/*
 * Watches what is given back: a program linked with -Wl,--wrap=rs_free,--wrap=rs_realloc sees each
 * block before it goes, so a test can look for text that should have been wiped.
 */
#ifndef RS_TEST_FREED_H
#define RS_TEST_FREED_H

#include <stddef.h>

/* From now on blocks are searched for the text; NULL ends it. Counts start at 0. */
void freed_watch(const char *canary);
size_t freed_dirty(void);  /* blocks that still held the text */
size_t freed_blocks(void); /* blocks given back at all */

#endif
