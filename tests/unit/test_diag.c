/* Diagnostic records: posting, order, limits, missing memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "diag.h"
#include "oom.h"
#include "os.h"
#include "utf.h"

/* Every record as "state:row:column " in the order they stand. */
static const char *show(const struct rs_diag *diag)
{
    static char text[4096];
    int n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < diag->n; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s:%d:%d ",
                      rs_state_text(diag->rec[i].state, false), (int)diag->rec[i].row,
                      (int)diag->rec[i].column);
    return text;
}

/* What must be true of any list. */
static void check(const struct rs_diag *diag)
{
    size_t n_error = 0;

    assert_true(diag->n <= diag->cap);
    assert_true(diag->n <= RS_DIAG_MAX_RECORDS + 1);
    for (size_t i = 0; i < diag->n; i++) {
        assert_non_null(diag->rec[i].text);
        if (diag->rec[i].is_error)
            n_error++;
    }
    assert_int_equal(diag->n_error, n_error);
    assert_int_equal(diag->n_warning, diag->n - n_error);
}

static void expect_text(const struct rs_diag *diag, size_t i, const char *want)
{
    struct rs_buf out = RS_BUF_INIT(40000);

    rs_diag_text(rs_diag_get(diag, i), &out);
    assert_string_equal(out.p, want);
    rs_buf_clear(&out);
}

static void test_states(void **state)
{
    static const struct {
        enum rs_state state;
        const char *v3, *v2;
        enum rs_state_rank rank;
        bool is_odbc;
    } cases[] = {
        { RS_01004, "01004", "01004", RS_RANK_WARNING, false },
        { RS_01S07, "01S07", "01S07", RS_RANK_WARNING, true },
        { RS_07009, "07009", "S1002", RS_RANK_ERROR, false },
        { RS_08S01, "08S01", "08S01", RS_RANK_ENDING, true },
        { RS_08003, "08003", "08003", RS_RANK_ENDING, false },
        { RS_22018, "22018", "22005", RS_RANK_ERROR, false },
        { RS_25000, "25000", "S1000", RS_RANK_ERROR, false },
        { RS_25S03, "25S03", "S1000", RS_RANK_ENDING, true },
        { RS_40001, "40001", "40001", RS_RANK_ENDING, false },
        { RS_42000, "42000", "37000", RS_RANK_ERROR, false },
        { RS_42S02, "42S02", "S0002", RS_RANK_ERROR, true },
        { RS_HY024, "HY024", "S1009", RS_RANK_ERROR, false },
        { RS_HY109, "HY109", "S1109", RS_RANK_ERROR, true },
        { RS_HYT00, "HYT00", "S1T00", RS_RANK_ERROR, true },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        assert_string_equal(rs_state_text(cases[i].state, false), cases[i].v3);
        assert_string_equal(rs_state_text(cases[i].state, true), cases[i].v2);
        assert_int_equal(rs_state_rank(cases[i].state), cases[i].rank);
        assert_int_equal(rs_state_is_odbc(cases[i].state), cases[i].is_odbc);
    }
    /* All of the list: five characters, a text, found again by its name, classes 08, 40, 25S end a
     * transaction, class 01 warns. */
    for (int i = 0; i < RS_STATE_COUNT; i++) {
        enum rs_state s = (enum rs_state)i;
        const char *five = rs_state_text(s, false);
        bool ends =
            memcmp(five, "08", 2) == 0 || memcmp(five, "40", 2) == 0 || memcmp(five, "25S", 3) == 0;
        bool warns = memcmp(five, "01", 2) == 0 || memcmp(five, "00", 2) == 0;

        assert_int_equal(strlen(five), 5);
        assert_int_equal(strlen(rs_state_text(s, true)), 5);
        assert_true(strlen(rs_state_message(s)) > 5);
        assert_int_equal(rs_state_of(five), s);
        assert_int_equal(rs_state_rank(s), ends    ? RS_RANK_ENDING
                                           : warns ? RS_RANK_WARNING
                                                   : RS_RANK_ERROR);
    }
    assert_int_equal(rs_state_of("XX000"), RS_HY000);
    assert_int_equal(rs_state_of(""), RS_HY000);
    assert_int_equal(rs_state_of("42S0"), RS_HY000);
}

static void test_posting(void **state)
{
    struct rs_diag diag = { .n = 0 };
    const struct rs_diag_rec *rec;

    (void)state;
    assert_null(rs_diag_get(&diag, 0));
    assert_int_equal(rs_diag_state(&diag), RS_00000);
    assert_string_equal(rs_diag_first(&diag), "");
    rs_warn(&diag, RS_01004, "cut %d", 1);
    rs_warn_server(&diag, RS_01000, "notice");
    assert_int_equal(rs_diag_state(&diag), RS_00000); /* a warning is no error */
    assert_false(rs_fail(&diag, RS_42S02, 7, "no %s", "t"));
    assert_false(rs_fail_server(&diag, RS_42000, -3, "syntax"));
    assert_false(rs_fail(&diag, RS_HY001, 9, "any text"));
    check(&diag);
    assert_int_equal(diag.n, 5);
    assert_int_equal(rs_diag_state(&diag), RS_42S02);
    assert_string_equal(rs_diag_first(&diag), "no t");
    expect_text(&diag, 0, "[Redshift][ODBC Driver]cut 1");
    expect_text(&diag, 1, "[Redshift][ODBC Driver][Server]notice");
    expect_text(&diag, 2, "[Redshift][ODBC Driver]no t");
    expect_text(&diag, 3, "[Redshift][ODBC Driver][Server]syntax");
    expect_text(&diag, 4, "[Redshift][ODBC Driver]not enough memory");
    rec = rs_diag_get(&diag, 3);
    assert_int_equal(rec->native, -3);
    assert_int_equal(rec->row, RS_ROW_NONE);
    assert_int_equal(rec->column, RS_ROW_NONE);
    assert_null(rs_diag_get(&diag, 5));

    rs_diag_place(&diag, 3, 12, RS_ROW_UNKNOWN);
    assert_string_equal(show(&diag),
                        "01004:-1:-1 01000:-1:-1 42S02:-1:-1 42000:12:-2 HY001:12:-2 ");
    rs_diag_drop(&diag, 7);
    rs_diag_drop(&diag, 2);
    check(&diag);
    rs_diag_cut(&diag, 9);
    rs_diag_cut(&diag, 3);
    check(&diag);
    assert_string_equal(show(&diag), "01004:-1:-1 01000:-1:-1 42000:12:-2 ");
    rs_diag_cut(&diag, 0);
    check(&diag);
    rs_diag_clear(&diag);
    rs_diag_clear(&diag);
    rs_fail(&diag, RS_HY000, 0, "usable again");
    check(&diag);
    rs_diag_clear(&diag);
}

static void test_move(void **state)
{
    struct rs_diag to = { .n = 0 }, from = { .n = 0 };

    (void)state;
    rs_diag_move(&to, &from);
    rs_fail(&from, RS_HY000, 1, "a");
    rs_warn(&from, RS_01004, "b");
    rs_diag_place(&from, 0, 3, 4);
    rs_warn(&to, RS_01000, "c");
    rs_diag_move(&to, &from);
    assert_string_equal(show(&to), "01000:-1:-1 HY000:3:4 01004:3:4 ");
    check(&to);
    /* Empty in every respect, and usable. */
    assert_int_equal(from.n, 0);
    check(&from);
    rs_warn(&from, RS_01000, "d");
    check(&from);
    rs_diag_clear(&from);
    check(&from);
    rs_diag_clear(&to);
}

static void test_sort(void **state)
{
    /* Expected order; posted in all sorts of other ones. ODBC, "Sequence of Status Records". */
    static const struct {
        enum rs_state state;
        int64_t row;
        int32_t column;
    } want[] = {
        { RS_HY000, RS_ROW_UNKNOWN, RS_ROW_NONE },
        { RS_01000, RS_ROW_UNKNOWN, RS_ROW_NONE },
        { RS_40001, RS_ROW_NONE, RS_ROW_NONE },
        { RS_08S01, RS_ROW_NONE, RS_ROW_NONE },
        { RS_HY000, RS_ROW_NONE, RS_ROW_NONE },
        { RS_42S02, RS_ROW_NONE, RS_ROW_NONE },
        { RS_01004, RS_ROW_NONE, RS_ROW_NONE },
        { RS_01S02, RS_ROW_NONE, RS_ROW_NONE },
        { RS_22003, 1, 1 },
        { RS_22018, 1, 2 },
        { RS_42S22, 1, 1 },
        { RS_01004, 1, 9 },
        { RS_01S07, 1, RS_ROW_UNKNOWN },
        { RS_01S07, 1, 3 },
        { RS_22003, 2, 1 },
        { RS_01004, 10, 1 },
    };
    char sorted[4096];

    (void)state;
    for (size_t step = 1; step < RS_COUNT(want); step += 2) {
        struct rs_diag diag = { .n = 0 };

        /* All odd steps visit every place of 16. */
        for (size_t k = 0; k < RS_COUNT(want); k++) {
            size_t i = k * step % RS_COUNT(want);

            if (rs_state_rank(want[i].state) == RS_RANK_WARNING)
                rs_warn(&diag, want[i].state, "x");
            else
                rs_fail(&diag, want[i].state, 0, "x");
            rs_diag_place(&diag, k, want[i].row, want[i].column);
        }
        if (step == 1)
            memcpy(sorted, show(&diag), sizeof sorted);
        rs_diag_sort(&diag);
        assert_string_equal(show(&diag), sorted);
        check(&diag);
        rs_diag_clear(&diag);
    }
}

static void test_sort_is_stable(void **state)
{
    struct rs_diag diag = { .n = 0 };
    int32_t last_error = -1, last_other = -1;

    (void)state;
    for (int32_t i = 0; i < 60; i++)
        if (i % 3 == 0)
            rs_fail(&diag, i % 2 == 0 ? RS_22003 : RS_22018, i, "e");
        else
            rs_fail(&diag, RS_HYT00, i, "e");
    rs_diag_sort(&diag);
    for (size_t i = 0; i < diag.n; i++) {
        int32_t *last = diag.rec[i].native % 3 == 0 ? &last_error : &last_other;

        assert_true(diag.rec[i].native > *last);
        *last = diag.rec[i].native;
        assert_int_equal(diag.rec[i].native % 3 == 0, i < 20);
    }
    rs_diag_clear(&diag);
}

static void test_text_limit(void **state)
{
    struct rs_diag diag = { .n = 0 };
    struct rs_buf text = RS_BUF_INIT(100000);

    (void)state;
    /* A whole one at the limit, one past it, and characters across it in every way. */
    for (size_t lead = 0; lead < 5; lead++) {
        rs_buf_truncate(&text, 0);
        for (size_t i = 0; i < lead; i++)
            rs_buf_addc(&text, 'a');
        while (text.len < RS_DIAG_MAX_TEXT + 100)
            rs_buf_adds(&text, "\xF0\x9F\x98\x80");
        rs_fail(&diag, RS_HY000, 0, "%s", text.p);
        assert_true(strlen(diag.rec[lead].text) > RS_DIAG_MAX_TEXT - 4);
        assert_true(strlen(diag.rec[lead].text) <= RS_DIAG_MAX_TEXT);
        assert_int_equal(rs_utf8_bad_at(rs_str_of(diag.rec[lead].text)),
                         strlen(diag.rec[lead].text));
    }
    rs_diag_clear(&diag);
    rs_buf_truncate(&text, 0);
    while (text.len < RS_DIAG_MAX_TEXT)
        rs_buf_addc(&text, 'x');
    rs_fail(&diag, RS_HY000, 0, "%s", text.p);
    rs_fail(&diag, RS_HY000, 0, "%sx", text.p);
    assert_string_equal(diag.rec[0].text, text.p);
    assert_string_equal(diag.rec[1].text, text.p);
    rs_buf_clear(&text);
    rs_diag_clear(&diag);
}

#define DROPPED "more diagnostics were dropped"

static void test_record_limit(void **state)
{
    struct rs_diag diag = { .n = 0 };

    (void)state;
    for (int i = 0; i < RS_DIAG_MAX_RECORDS; i++)
        rs_fail(&diag, RS_22003, i, "e%d", i);
    assert_int_equal(diag.n, RS_DIAG_MAX_RECORDS);
    assert_string_equal(diag.rec[RS_DIAG_MAX_RECORDS - 1].text, "e255");
    assert_int_equal(diag.n_dropped, 0);
    rs_fail(&diag, RS_22003, 0, "e256");
    rs_warn(&diag, RS_01004, "w");
    rs_fail_memory(&diag);
    check(&diag);
    assert_int_equal(diag.n, RS_DIAG_MAX_RECORDS + 1);
    assert_int_equal(diag.n_dropped, 3);
    assert_string_equal(diag.rec[RS_DIAG_MAX_RECORDS - 1].text, "e255");
    assert_string_equal(diag.rec[RS_DIAG_MAX_RECORDS].text, DROPPED);
    assert_int_equal(diag.rec[RS_DIAG_MAX_RECORDS].state, RS_01000);
    assert_false(diag.rec[RS_DIAG_MAX_RECORDS].is_error);
    rs_diag_clear(&diag);
    assert_int_equal(diag.n_dropped, 0);
    check(&diag);
}

/* A list full of warnings takes the first error all the same, with its own words. */
static void test_error_is_not_lost(void **state)
{
    struct rs_diag diag = { .n = 0 }, other = { .n = 0 };

    (void)state;
    for (int i = 0; i < RS_DIAG_MAX_RECORDS + 10; i++)
        rs_warn(&diag, RS_01000, "w%d", i);
    rs_fail(&diag, RS_08S01, 5, "the reason");
    rs_fail(&diag, RS_HY000, 6, "a later one");
    check(&diag);
    assert_int_equal(diag.n_error, 1);
    assert_int_equal(rs_diag_state(&diag), RS_08S01);
    assert_string_equal(rs_diag_first(&diag), "the reason");
    assert_string_equal(diag.rec[RS_DIAG_MAX_RECORDS].text, DROPPED);
    rs_diag_sort(&diag);
    assert_int_equal(diag.rec[0].state, RS_08S01);
    /* Into a list that is full as well. */
    for (int i = 0; i < RS_DIAG_MAX_RECORDS; i++)
        rs_warn(&other, RS_01000, "w%d", i);
    rs_diag_move(&other, &diag);
    check(&other);
    assert_int_equal(rs_diag_state(&other), RS_08S01);
    assert_int_equal(other.n, RS_DIAG_MAX_RECORDS + 1);
    rs_diag_clear(&other);
}

/* Which allocations fail, and what is left. The record array comes after the text. */
static void test_no_memory(void **state)
{
    struct rs_diag diag = { .n = 0 };

    (void)state;
    rs_os_fail_alloc(1);
    rs_fail(&diag, RS_22003, 3, "words");
    rs_os_fail_alloc(0);
    check(&diag);
    assert_int_equal(rs_diag_state(&diag), RS_22003); /* only its words are lost */
    assert_int_equal(diag.rec[0].native, 3);
    assert_true(strstr(diag.rec[0].text, "not enough memory") != NULL);
    rs_diag_clear(&diag);

    rs_os_fail_alloc(1);
    rs_fail_memory(&diag);
    rs_os_fail_alloc(0);
    assert_true(diag.rec == &diag.spare);
    assert_int_equal(rs_diag_state(&diag), RS_HY001);
    /* Memory is back: the spare record moves to the others. */
    rs_warn(&diag, RS_01000, "w");
    check(&diag);
    assert_string_equal(show(&diag), "HY001:-1:-1 01000:-1:-1 ");
    rs_diag_clear(&diag);

    rs_os_fail_alloc(2);
    rs_warn(&diag, RS_01000, "w");
    assert_true(diag.rec == &diag.spare);
    rs_os_fail_alloc(1);
    rs_fail_memory(&diag); /* takes the warning's place */
    rs_os_fail_alloc(0);
    check(&diag);
    assert_string_equal(show(&diag), "HY001:-1:-1 ");
    assert_int_equal(diag.n_dropped, 1);
    rs_diag_clear(&diag);
    check(&diag);
}

static void test_move_spare(void **state)
{
    struct rs_diag to = { .n = 0 }, from = { .n = 0 };

    (void)state;
    rs_os_fail_alloc(2);
    rs_fail(&from, RS_22003, 0, "words");
    rs_os_fail_alloc(0);
    assert_true(from.rec == &from.spare);
    rs_diag_move(&to, &from);
    assert_string_equal(rs_diag_first(&to), "words");
    check(&to);
    check(&from);
    rs_diag_clear(&to);
}

/* A list with its record in itself, and one on the heap, an empty one too. */
static void test_swap(void **state)
{
    struct rs_diag spare = { .n = 0 }, heap = { .n = 0 }, empty = { .n = 0 };

    (void)state;
    rs_os_fail_alloc(2);
    rs_fail(&spare, RS_22003, 0, "words");
    rs_os_fail_alloc(0);
    assert_true(spare.rec == &spare.spare);
    rs_fail(&heap, RS_22018, 0, "others");
    rs_diag_swap(&spare, &heap);
    assert_string_equal(rs_diag_first(&spare), "others");
    assert_string_equal(rs_diag_first(&heap), "words");
    assert_true(heap.rec == &heap.spare);
    check(&spare);
    check(&heap);
    rs_diag_clear(&spare);
    rs_diag_swap(&empty, &heap);
    assert_true(empty.rec == &empty.spare);
    assert_string_equal(rs_diag_first(&empty), "words");
    check(&heap);
    rs_diag_clear(&empty);
    rs_diag_clear(&heap);
}

/* Whatever fails, the first error's state is there. */
static bool post_many(void *ctx)
{
    struct rs_diag diag = { .n = 0 }, late = { .n = 0 };
    bool whole;

    (void)ctx;
    for (int i = 0; i < 6; i++)
        rs_warn(&diag, RS_01004, "w%d", i);
    rs_fail(&late, RS_22003, 1, "first");
    rs_fail(&late, RS_22018, 2, "second");
    check(&late);
    rs_diag_move(&diag, &late);
    check(&diag);
    assert_true(diag.n_error >= 1);
    assert_true(rs_diag_state(&diag) == RS_22003);
    whole = diag.n == 8 && strcmp(rs_diag_first(&diag), "first") == 0;
    for (size_t i = 0; i < diag.n; i++)
        whole = whole && !diag.rec[i].is_static;
    rs_diag_clear(&diag);
    return whole;
}

static void test_oom(void **state)
{
    (void)state;
    rs_test_oom(post_many, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),         cmocka_unit_test(test_posting),
        cmocka_unit_test(test_move),           cmocka_unit_test(test_sort),
        cmocka_unit_test(test_sort_is_stable), cmocka_unit_test(test_text_limit),
        cmocka_unit_test(test_record_limit),   cmocka_unit_test(test_error_is_not_lost),
        cmocka_unit_test(test_no_memory),      cmocka_unit_test(test_move_spare),
        cmocka_unit_test(test_swap),           cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
