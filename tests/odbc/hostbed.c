#include "hostbed.h"

enum h_mode h_mode;

void h_open(struct t_conn *conn, const char *extra)
{
    char keys[512];

    snprintf(keys, sizeof keys, "SSLMode=%s;%s%s", h_mode == H_TLS ? "verify-full" : "disable",
             getenv("RS_TEST_KEYS") == NULL ? "Opener=libpq;" : "", extra);
    t_open(conn, T_POSTGRES, SQL_OV_ODBC3, keys);
}

int h_run(const char *name, const struct CMUnitTest *tests, size_t n)
{
    int failed = 0;

    for (h_mode = H_CLEAR; h_mode <= H_TLS; h_mode++) {
        char whole[80];

        snprintf(whole, sizeof whole, "%s %s", name, h_mode == H_TLS ? "over TLS" : "in the clear");
        failed += _cmocka_run_group_tests(whole, tests, n, NULL, NULL);
    }
    return failed;
}

bool h_memory_counts(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return false;
#else
    return true;
#endif
#else
    return true;
#endif
}
