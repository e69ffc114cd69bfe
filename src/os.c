#include "os.h"

#include <stdatomic.h>
#include <stdlib.h>

/* What every system does alike; the rest of os.h is in os_posix.c or in win/. */

/* ---- memory ---- */

static _Atomic uint64_t alloc_count, alloc_fail_at;

void rs_os_fail_alloc(uint64_t n)
{
    atomic_store(&alloc_count, 0);
    atomic_store(&alloc_fail_at, n);
}

uint64_t rs_os_alloc_count(void)
{
    return atomic_load(&alloc_count);
}

/* Costs one relaxed load where no test counts. */
static bool alloc_allowed(void)
{
    uint64_t fail_at = atomic_load_explicit(&alloc_fail_at, memory_order_relaxed);

    if (RS_LIKELY(fail_at == 0))
        return true;
    return atomic_fetch_add(&alloc_count, 1) + 1 != fail_at;
}

bool rs_add_size(size_t a, size_t b, size_t *out)
{
    if (b > SIZE_MAX - a)
        return false;
    *out = a + b;
    return true;
}

bool rs_mul_size(size_t a, size_t b, size_t *out)
{
    if (a != 0 && b > SIZE_MAX / a)
        return false;
    *out = a * b;
    return true;
}

void *rs_alloc(size_t count, size_t size, struct rs_diag *diag)
{
    size_t total;
    void *p = NULL;

    if (rs_mul_size(count, size, &total) && alloc_allowed())
        p = calloc(1, total > 0 ? total : 1);
    if (p == NULL && diag != NULL)
        rs_fail_memory(diag);
    return p;
}

void *rs_realloc(void *old, size_t count, size_t size, struct rs_diag *diag)
{
    size_t total;
    void *p = NULL;

    if (rs_mul_size(count, size, &total) && alloc_allowed())
        p = realloc(old, total > 0 ? total : 1);
    if (p == NULL && diag != NULL)
        rs_fail_memory(diag);
    return p;
}

void rs_free(void *p)
{
    free(p);
}

/* ---- clocks ---- */

int64_t rs_utc_s(void)
{
    return rs_utc_us() / 1000000;
}

struct rs_utc_time rs_utc_split(int64_t utc_s)
{
    /* Days since 0000-03-01, so that the leap day ends a year: H. Hinnant's civil calendar. */
    int64_t days = utc_s / 86400, rest = utc_s % 86400;
    int64_t era, day_of_era, year_of_era, day_of_year, month;
    struct rs_utc_time t;

    if (rest < 0) {
        rest += 86400;
        days--;
    }
    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    day_of_era = days - era * 146097;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * day_of_year + 2) / 153;
    t.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    t.month = (int)(month < 10 ? month + 3 : month - 9);
    t.year = (int)(year_of_era + era * 400 + (t.month <= 2 ? 1 : 0));
    t.hour = (int)(rest / 3600);
    t.minute = (int)(rest / 60 % 60);
    t.second = (int)(rest % 60);
    return t;
}

struct rs_deadline rs_deadline_in(int64_t ms)
{
    int64_t now = rs_now_ms();

    if (ms <= 0 || ms > INT64_MAX - now)
        return RS_FOREVER;
    return (struct rs_deadline){ now + ms };
}

struct rs_deadline rs_deadline_min(struct rs_deadline a, struct rs_deadline b)
{
    return a.at_ms < b.at_ms ? a : b;
}

int64_t rs_deadline_left(struct rs_deadline d)
{
    int64_t left;

    if (d.at_ms == INT64_MAX)
        return INT64_MAX;
    left = d.at_ms - rs_now_ms();
    return left > 0 ? left : 0;
}

bool rs_deadline_passed(struct rs_deadline d)
{
    return rs_deadline_left(d) == 0;
}

int rs_deadline_poll(struct rs_deadline d)
{
    int64_t left = rs_deadline_left(d);

    if (left == INT64_MAX)
        return -1;
    return left > INT_MAX ? INT_MAX : (int)left;
}
