/*
 * The rows of a static cursor: found again in any order, in memory, in the file and across both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/odbc/keep.h"
#include "../../src/os.h"
#include "oom.h"

static struct rs_diag diag;

static struct rs_store_budget budget_of(size_t limit, bool may_spill)
{
    return (struct rs_store_budget){ .limit = limit, .may_spill = may_spill, .dir = "/tmp" };
}

/* Row n: a length that varies, and bytes that say which row it is and where in it. */
static size_t row_size(int64_t row, size_t biggest)
{
    if (row % 97 == 0)
        return 0;
    if (row % 1009 == 0)
        return biggest;
    return (size_t)(row * 7919 % 61);
}

static char row_byte(int64_t row, size_t i)
{
    return (char)(row * 31 + (int64_t)i * 7);
}

static bool add(struct rs_keep *keep, int64_t row, size_t biggest)
{
    size_t n = row_size(row, biggest);
    char *bytes = malloc(n + 1);
    bool ok;

    for (size_t i = 0; i < n; i++)
        bytes[i] = row_byte(row, i);
    ok = rs_keep_add(keep, (struct rs_str){ n == 0 ? NULL : bytes, n }, &diag);
    free(bytes);
    return ok;
}

static void expect(struct rs_keep *keep, int64_t row, size_t biggest)
{
    struct rs_str got;

    assert_true(rs_keep_get(keep, row, &got, &diag));
    assert_int_equal(got.n, row_size(row, biggest));
    for (size_t i = 0; i < got.n; i++)
        if (got.p[i] != row_byte(row, i))
            fail_msg("row %lld differs at byte %zu", (long long)row, i);
}

static uint32_t random_state = 12345;

static int64_t random_row(int64_t n)
{
    random_state = random_state * 1664525 + 1013904223;
    return (int64_t)(random_state >> 8) % n + 1;
}

static void walk(struct rs_keep *keep, int64_t n, size_t biggest)
{
    for (int64_t row = 1; row <= n; row++)
        expect(keep, row, biggest);
    for (int64_t row = n; row >= 1; row--)
        expect(keep, row, biggest);
    for (int64_t row = n; row >= 1; row -= 37) /* back by rowsets, forward within each */
        for (int64_t i = row; i < row + 37 && i <= n; i++)
            expect(keep, i, biggest);
    for (int i = 0; i < 20000; i++)
        expect(keep, random_row(n), biggest);
}

static void finds_every_row(void **state)
{
    static const struct {
        size_t limit, biggest;
        int64_t rows;
        bool has_file;
    } cases[] = {
        { 64 << 20, 300, 1, false },     { 64 << 20, 70000, 20000, false },
        { 0, 300, 20000, true },         /* everything in the file */
        { 200000, 70000, 40000, true },  /* both; rows larger than a block */
        { 300000, 400000, 20000, true }, /* rows larger than the window */
        { 1 << 20, 300, 33000, true },   /* the file has hardly begun: all in its tail */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rs_store_budget budget = budget_of(cases[i].limit, true);
        struct rs_keep *keep = rs_keep_new(&budget, &diag);

        for (int64_t row = 1; row <= cases[i].rows; row++)
            assert_true(add(keep, row, cases[i].biggest));
        assert_int_equal(rs_keep_count(keep), cases[i].rows);
        assert_int_equal(rs_keep_has_file(keep), cases[i].has_file);
        walk(keep, cases[i].rows, cases[i].biggest);
        rs_keep_free(keep);
        assert_int_equal(budget.used, 0);
    }
    assert_int_equal(diag.n, 0);
}

/* Rows are added between reads, as a cursor that reads on does. */
static void grows_while_it_is_read(void **state)
{
    struct rs_store_budget budget = budget_of(100000, true);
    struct rs_keep *keep = rs_keep_new(&budget, &diag);

    (void)state;
    for (int64_t row = 1; row <= 30000; row++) {
        assert_true(add(keep, row, 90000));
        expect(keep, row, 90000);
        if (row % 5 == 0)
            expect(keep, random_row(row), 90000);
    }
    walk(keep, 30000, 90000);
    rs_keep_free(keep);
}

static void shares_the_budget(void **state)
{
    struct rs_store_budget budget = budget_of(1 << 20, false);
    struct rs_keep *keep = rs_keep_new(&budget, &diag);
    struct rs_keep *other = rs_keep_new(&budget, &diag);
    int64_t row = 0;

    (void)state;
    while (add(keep, row + 1, 300))
        row++;
    assert_true(row > 20000);
    assert_true(budget.used <= (1 << 20) + 16384); /* the index is counted, but not refused */
    assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_non_null(strstr(rs_diag_first(&diag), "ResultMemoryBytes"));
    rs_diag_clear(&diag);
    while (add(other, rs_keep_count(other) + 1, 300)) /* a small block may still fit */
        assert_true(rs_keep_count(other) < 3000);
    assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_diag_clear(&diag);
    walk(keep, row, 300); /* what is there stays */
    rs_keep_free(keep);
    assert_true(add(other, rs_keep_count(other) + 1, 300));
    rs_keep_free(other);
    rs_keep_free(NULL);
    assert_int_equal(budget.used, 0);
}

static void needs_a_folder(void **state)
{
    struct rs_store_budget budget = budget_of(0, true);
    struct rs_keep *keep = rs_keep_new(&budget, &diag);

    (void)state;
    budget.dir = "/nonexistent";
    assert_false(add(keep, 1, 300));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    rs_diag_clear(&diag);
    assert_int_equal(rs_keep_count(keep), 0);
    rs_keep_free(keep);
}

static bool all_there(void *ctx)
{
    struct rs_store_budget budget = budget_of(*(size_t *)ctx, true);
    struct rs_keep *keep = rs_keep_new(&budget, &diag);
    struct rs_str got;
    bool ok = keep != NULL;

    for (int64_t row = 1; ok && row <= 3000; row++)
        ok = add(keep, row, 400000);
    for (int64_t row = 3000; ok && row >= 1; row--)
        ok = rs_keep_get(keep, row, &got, &diag);
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_diag_clear(&diag);
    rs_keep_free(keep);
    assert_int_equal(budget.used, 0);
    return ok;
}

static void survives_missing_memory(void **state)
{
    size_t limits[] = { 64 << 20, 20000, 0 };

    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        rs_test_oom(all_there, &limits[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_row),         cmocka_unit_test(grows_while_it_is_read),
        cmocka_unit_test(shares_the_budget),       cmocka_unit_test(needs_a_folder),
        cmocka_unit_test(survives_missing_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
