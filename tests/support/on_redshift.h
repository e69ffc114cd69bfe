/*
 * For tests of what Redshift has not, or has otherwise: whether the bench's PostgreSQL is the
 * redshift stand-in here (tests/support/on_redshift, tests/levels.cmake).
 */
#ifndef RS_TEST_ON_REDSHIFT_H
#define RS_TEST_ON_REDSHIFT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>

static inline bool on_redshift(void)
{
    return getenv("RS_TEST_ON") != NULL;
}

/* One of two of a kind: texts, states, numbers. */
#define HERE(postgres, redshift) (on_redshift() ? (redshift) : (postgres))

/* Leaves the test there, as skipped, and says why. */
static inline void skip_on_redshift(const char *why)
{
    if (!on_redshift())
        return;
    print_message("             on Redshift: %s\n", why);
    skip();
}

#endif
