#include "oom.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "os.h"

void rs_test_oom(bool (*scenario)(void *ctx), void *ctx)
{
    for (uint64_t n = 1; n < 100000; n++) {
        rs_os_fail_alloc(n);
        bool ok = scenario(ctx);
        bool failed_one = rs_os_alloc_count() >= n;

        rs_os_fail_alloc(0);
        if (!failed_one) {
            assert_true(ok);
            return;
        }
    }
    fail_msg("the scenario never ran without a failing allocation");
}
