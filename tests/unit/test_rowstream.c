#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "oom.h"
#include "os.h"
#include "rowstream.h"

#define BYTES(lit)                                                                                 \
    {                                                                                              \
        "" lit, sizeof(lit) - 1                                                                    \
    }

static void test_walk(void **state)
{
    static const struct rs_str body = BYTES("\0\3\0\0\0\2"
                                            "ab\xff\xff\xff\xff\0\0\0\0");
    struct rs_cell cells[3];

    (void)state;
    assert_true(rs_row_walk(body, cells, 3));
    assert_int_equal(cells[0].n, 2);
    assert_ptr_equal(cells[0].p, body.p + 6);
    assert_int_equal(cells[1].n, -1);
    assert_int_equal(cells[2].n, 0);
    assert_non_null(cells[2].p);
    for (size_t n = 0; n < body.n; n++)
        assert_false(rs_row_walk(rs_str_sub(body, 0, n), cells, 3));
    assert_false(rs_row_walk(body, cells, 2));
}

static void test_walk_bad(void **state)
{
    static const struct rs_str bad[] = {
        BYTES("\0\1\0\0\0\3"
              "ab"), /* longer than the message */
        BYTES("\0\1\0\0\0\1"
              "ab"),                   /* something left over */
        BYTES("\0\1\xff\xff\xff\xfe"), /* -2 */
        BYTES("\0\1\x80\0\0\0"),       /* most negative */
        BYTES("\0\1\x7f\xff\xff\xff"),
        BYTES("\xff\xff\0\0\0\0"), /* 65535 values */
        BYTES("\0\1\xff\xff\xff\xff"
              "x"),
    };
    static const struct rs_str far = BYTES("\0\2\x7f\xff\xff\xf0\0\0\0\0");
    struct rs_cell cells[2];

    (void)state;
    for (size_t i = 0; i < RS_COUNT(bad); i++)
        assert_false(rs_row_walk(bad[i], cells, 1));
    assert_false(rs_row_walk(far, cells, 2)); /* the second length is not looked for */
}

/* Messages of `size` bytes, each filled with its number. */
static bool fill(struct rs_store *store, int from, int to, size_t size, struct rs_diag *diag)
{
    static char bytes[400000];

    for (int i = from; i < to; i++) {
        memset(bytes, i & 0x7f, size);
        if (!rs_store_add(store, (struct rs_str){ bytes, size }, diag))
            return false;
    }
    return true;
}

static bool check(struct rs_store *store, int from, int to, size_t size, struct rs_diag *diag)
{
    struct rs_inbox *in = rs_store_inbox(store);

    for (int i = from; i < to; i++) {
        if (rs_inbox_have(in) < size && rs_store_need(store, size, diag) != RS_MORE_OK)
            return false;
        assert_true(rs_inbox_have(in) >= size);
        assert_int_equal(in->p[0], i & 0x7f);
        assert_int_equal(in->p[size - 1], i & 0x7f);
        in->p += size;
    }
    return true;
}

static void test_store(void **state)
{
    static const struct {
        size_t limit, size;
        int n;
        bool has_file;
    } cases[] = {
        { 1 << 20, 10, 1000, false }, { 1 << 20, 100000, 5, false }, { 1 << 20, 1000, 3000, true },
        { 0, 10, 10, true },          { 0, 300000, 4, true },        { 200000, 70001, 20, true },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_store_budget budget = { cases[i].limit, 0, true, "/tmp" };
        struct rs_diag diag = { 0 };
        struct rs_store *store = rs_store_new(&budget, &diag);

        assert_non_null(store);
        assert_true(fill(store, 0, cases[i].n, cases[i].size, &diag));
        assert_int_equal(rs_store_has_file(store), cases[i].has_file);
        assert_true(budget.used <= budget.limit);
        assert_true(check(store, 0, cases[i].n / 2, cases[i].size, &diag));
        /* more may come after reading has begun */
        assert_true(fill(store, cases[i].n, cases[i].n + 7, cases[i].size, &diag));
        assert_true(check(store, cases[i].n / 2, cases[i].n + 7, cases[i].size, &diag));
        assert_int_equal(rs_store_need(store, 1, &diag), RS_MORE_END);
        assert_true(fill(store, 3, 5, cases[i].size, &diag));
        assert_true(check(store, 3, 5, cases[i].size, &diag));
        assert_int_equal(rs_store_need(store, 1, &diag), RS_MORE_END);
        rs_store_free(store);
        assert_int_equal(budget.used, 0);
        assert_int_equal(diag.n, 0);
    }
}

static void test_no_spill(void **state)
{
    struct rs_store_budget budget = { 100000, 0, false, "/tmp" };
    struct rs_diag diag = { 0 };
    struct rs_store *store = rs_store_new(&budget, &diag);

    (void)state;
    assert_true(fill(store, 0, 5, 1000, &diag));
    assert_false(fill(store, 5, 500, 1000, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_int_equal(diag.n, 1);
    assert_true(check(store, 0, 5, 1000, &diag)); /* what was kept before can be read */
    rs_store_free(store);
    rs_diag_clear(&diag);
}

static void test_no_folder(void **state)
{
    struct rs_store_budget budget = { 0, 0, true, "/nonexistent-folder" };
    struct rs_diag diag = { 0 };
    struct rs_store *store = rs_store_new(&budget, &diag);

    (void)state;
    assert_false(fill(store, 0, 1, 1000, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    assert_int_equal(diag.n, 1);
    rs_store_free(store);
    rs_diag_clear(&diag);
}

static bool oom_scenario(void *ctx)
{
    struct rs_store_budget budget = { 100000, 0, true, "/tmp" };
    struct rs_diag diag = { 0 };
    struct rs_store *store = rs_store_new(&budget, &diag);
    bool ok = store != NULL && fill(store, 0, 4, 60000, &diag) && check(store, 0, 4, 60000, &diag);

    (void)ctx;
    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    rs_store_free(store);
    assert_int_equal(budget.used, 0);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    rs_test_oom(oom_scenario, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),      cmocka_unit_test(test_walk_bad),
        cmocka_unit_test(test_store),     cmocka_unit_test(test_no_spill),
        cmocka_unit_test(test_no_folder), cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
