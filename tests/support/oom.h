/*
 * Allocation sweep: runs a scenario again and again with the n-th allocation failing until it
 * succeeds without a failure. The scenario must free all it made; it returns true when it
 * succeeded. Each failing run must have failed cleanly: the scenario checks HY001 itself.
 */
#ifndef RS_TEST_OOM_H
#define RS_TEST_OOM_H

#include <stdbool.h>

void rs_test_oom(bool (*scenario)(void *ctx), void *ctx);

#endif
