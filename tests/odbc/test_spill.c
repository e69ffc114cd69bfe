/*
 * Big results: memory stays flat, one result or three at a time; and no room where the rest of one
 * must be stored. RS_BIG_ROWS: rows of the big results (200,000).
 */
#include "hostbed.h"

#include <signal.h>
#include <sys/resource.h>

enum { STORE_KIB = 4096, STEADY_ROW = 20000 };

static long big_rows(void)
{
    const char *text = getenv("RS_BIG_ROWS");

    return text == NULL ? 200000 : strtol(text, NULL, 10);
}

struct reader {
    SQLHSTMT stmt;
    SQLINTEGER a;
    SQLBIGINT b;
    double c;
    char text[64];
    SQLLEN length;
    int64_t rows, sum_a, sum_b, sum_length;
    double sum_c;
};

static const char columns[] = "CAST(i AS integer) AS a, CAST(i AS bigint) * 7919 AS b, "
                              "CAST(i %% 1000 AS double precision) / 8 AS c, "
                              "repeat('x', CAST(i %% 40 AS integer)) AS t "
                              "FROM generate_series(1, %ld) AS g(i)";

static void start(struct reader *r, struct t_conn *conn)
{
    char sql[512] = "SELECT ";

    memset(r, 0, sizeof *r);
    r->stmt = t_stmt(conn);
    OK(r->stmt, SQLBindCol(r->stmt, 1, SQL_C_SLONG, &r->a, 0, NULL));
    OK(r->stmt, SQLBindCol(r->stmt, 2, SQL_C_SBIGINT, &r->b, 0, NULL));
    OK(r->stmt, SQLBindCol(r->stmt, 3, SQL_C_DOUBLE, &r->c, 0, NULL));
    OK(r->stmt, SQLBindCol(r->stmt, 4, SQL_C_CHAR, r->text, sizeof r->text, &r->length));
    snprintf(sql + 7, sizeof sql - 7, columns, big_rows());
    OK(r->stmt, SQLExecDirect(r->stmt, SQL(sql)));
}

/* At most so many rows; false: that was all. */
static bool fetch(struct reader *r, int64_t rows)
{
    SQLRETURN rc = SQL_SUCCESS;

    for (; rows > 0 && (rc = SQLFetch(r->stmt)) == SQL_SUCCESS; rows--) {
        r->rows++;
        r->sum_a += r->a;
        r->sum_b += r->b;
        r->sum_c += r->c;
        r->sum_length += r->length;
    }
    if (rc == SQL_NO_DATA)
        return false;
    OK(r->stmt, rc);
    return true;
}

static void finish(struct reader *r, struct t_conn *conn)
{
    char sql[640] = "SELECT count(*), sum(a), sum(b), sum(c), sum(length(t)) FROM (SELECT ";
    size_t n = strlen(sql);
    char got[256], want[256];

    n += (size_t)snprintf(sql + n, sizeof sql - n, columns, big_rows());
    snprintf(sql + n, sizeof sql - n, ") AS s");
    t_free(r->stmt);
    r->stmt = t_stmt(conn);
    OK(r->stmt, SQLExecDirect(r->stmt, SQL(sql)));
    t_rows(r->stmt, want, sizeof want);
    t_free(r->stmt);
    snprintf(got, sizeof got, "%lld|%lld|%lld|%.15g|%lld", (long long)r->rows, (long long)r->sum_a,
             (long long)r->sum_b, r->sum_c, (long long)r->sum_length);
    assert_string_equal(got, want);
}

static void one_result_in_flat_memory(void **state)
{
    struct t_conn conn;
    struct reader r;
    int64_t from;
    long before;

    (void)state;
    h_open(&conn, "");
    from = t_now_ms();
    start(&r, &conn);
    assert_true(fetch(&r, STEADY_ROW));
    before = t_peak_kib();
    while (fetch(&r, 1 << 20))
        ;
    print_message("%lld rows in %lld ms, peak %ld KiB, %ld KiB more than after %d rows\n",
                  (long long)r.rows, (long long)(t_now_ms() - from), t_peak_kib(),
                  t_peak_kib() - before, STEADY_ROW);
    if (h_memory_counts())
        assert_in_range(t_peak_kib() - before, 0, 512);
    finish(&r, &conn);
    t_close(&conn);
}

static void three_results_in_bounded_memory(void **state)
{
    enum { N = 3 };
    struct t_conn conn;
    struct reader r[N];
    int64_t from, first = 0;
    bool more = true;
    char keys[64];
    long before;

    (void)state;
    snprintf(keys, sizeof keys, "ResultMemoryBytes=%d;", STORE_KIB * 1024);
    h_open(&conn, keys);
    start(&r[0], &conn);
    assert_true(fetch(&r[0], STEADY_ROW));
    before = t_peak_kib();
    for (int i = 1; i < N; i++) {
        from = t_now_ms();
        start(&r[i], &conn);
        assert_true(fetch(&r[i], 1));
        if (i == 1)
            first = t_now_ms() - from;
    }
    while (more) {
        more = false;
        for (int i = 0; i < N; i++)
            more = fetch(&r[i], 997) || more;
    }
    print_message("three times %lld rows: first row of the second after %lld ms, peak %ld KiB, "
                  "%ld KiB more than one result\n",
                  (long long)r[0].rows, (long long)first, t_peak_kib(), t_peak_kib() - before);
    if (h_memory_counts()) /* the store, a window on each file */
        assert_in_range(t_peak_kib() - before, 0, STORE_KIB + N * 256 + 1024);
    for (int i = 0; i < N; i++)
        finish(&r[i], &conn);
    t_close(&conn);
}

/* ---- no room ---- */

static void file_limit(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes > limit.rlim_max ? limit.rlim_max : bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The first result ends with an error where it could not be kept; the second is whole. */
static void no_room_for_the_rest(void **state)
{
    enum { ROWS = 20000, ROOM_KIB = 4096, MEMORY_KIB = 1024 };
    SQLINTEGER n = 0, m = 0;
    struct t_conn conn;
    SQLHSTMT stmt, other;
    SQLRETURN rc;
    int rows = 0;

    (void)state;
    h_open(&conn, "ResultMemoryBytes=1048576;");
    stmt = t_stmt(&conn);
    other = t_stmt(&conn);
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    file_limit(ROOM_KIB * 1024);
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_SLONG, &n, 0, NULL));
    OK(other, SQLBindCol(other, 1, SQL_C_SLONG, &m, 0, NULL));
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT CAST(i AS integer), repeat('x', 1000) FROM "
                                     "generate_series(1, 20000) AS g(i)")));
    for (; rows < 10; rows++)
        OK(stmt, SQLFetch(stmt));
    OK(other, SQLExecDirect(other, SQL("SELECT CAST(i AS integer) FROM "
                                       "generate_series(1, 5000) AS g(i)")));
    for (int i = 1; i <= 5000; i++) {
        OK(other, SQLFetch(other));
        assert_int_equal(m, i);
    }
    NODATA(other, SQLFetch(other));
    while ((rc = SQLFetch(stmt)) == SQL_SUCCESS) {
        rows++;
        assert_int_equal(n, rows);
    }
    file_limit(RLIM_INFINITY);
    ERR(stmt, "HY000", rc);
    /* all that had room came: the memory's and the file's, and what was read before */
    assert_in_range(rows, (ROOM_KIB + MEMORY_KIB) * 3 / 4, (ROOM_KIB + MEMORY_KIB) * 5 / 4);
    t_free(stmt);
    t_free(other);
    t_expect(&conn, "SELECT 1", "1");
    t_close(&conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_result_in_flat_memory),
        cmocka_unit_test(three_results_in_bounded_memory),
        cmocka_unit_test(no_room_for_the_rest),
    };

    return h_run("spill", tests, COUNT_OF(tests));
}
