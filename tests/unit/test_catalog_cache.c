/* Kept answers to catalog queries: keys, time, room, what drops them; odbc.md 13.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "odbc/catalog_cache.h"
#include "oom.h"
#include "os.h"

static struct rs_str str(const char *text)
{
    return (struct rs_str){ text, strlen(text) };
}

static void keep(struct rs_catalog_cache *cache, const char *key, const char *cell, int64_t until)
{
    struct rs_made_rows rows = { .n_columns = 1 };

    rs_made_text(&rows, cell);
    rs_cache_keep(cache, str(key), &rows, until);
    rs_made_clear(&rows);
}

/* The only cell of what is kept; NULL: nothing. */
static const char *kept(struct rs_catalog_cache *cache, const char *key, int64_t now)
{
    const struct rs_made_rows *rows = rs_cache_find(cache, str(key), now);

    if (rows == NULL)
        return NULL;
    assert_int_equal(rows->n_rows, 1);
    return rows->bytes.p;
}

static void finds_by_key(void **state)
{
    struct rs_catalog_cache cache = { 0 };

    (void)state;
    assert_null(kept(&cache, "a", 0));
    keep(&cache, "a", "1", 100);
    keep(&cache, "ab", "2", 100);
    assert_string_equal(kept(&cache, "a", 0), "1");
    assert_string_equal(kept(&cache, "ab", 0), "2");
    assert_null(kept(&cache, "b", 0));
    assert_null(kept(&cache, "", 0));
    rs_cache_drop(&cache);
    assert_null(kept(&cache, "a", 0));
    assert_int_equal(cache.n, 0);
}

static void ends_in_time(void **state)
{
    struct rs_catalog_cache cache = { 0 };

    (void)state;
    keep(&cache, "a", "1", 100);
    keep(&cache, "b", "2", 200);
    assert_string_equal(kept(&cache, "a", 99), "1");
    assert_null(kept(&cache, "a", 100));
    assert_int_equal(cache.n, 1);
    assert_string_equal(kept(&cache, "b", 100), "2");
    rs_cache_drop(&cache);
}

static void has_room_for_so_many(void **state)
{
    struct rs_catalog_cache cache = { 0 };

    (void)state;
    for (int i = 0; i <= RS_CACHE_ANSWERS; i++) {
        char key[16];

        snprintf(key, sizeof key, "%d", i);
        keep(&cache, key, key, 100);
        assert_string_equal(kept(&cache, key, 0), key);
        assert_true(cache.n <= RS_CACHE_ANSWERS);
    }
    rs_cache_drop(&cache);
}

static void is_dropped_by_statements(void **state)
{
    static const struct {
        const char *sql;
        bool keeps;
    } rows[] = {
        { "SELECT 1", true },
        { "", true },
        { "/* CREATE TABLE */ SELECT 1", true },
        { "WITH a AS (SELECT 1) SELECT * FROM a", true },
        { "INSERT INTO t VALUES (1)", true },
        { "UPDATE t SET a = 1", true },
        { "DELETE FROM t", true },
        { "BEGIN", true },
        { "SELECT 1 AS a INTO t", false },
        { "CREATE TABLE t (a integer)", false },
        { "create temporary table t (a integer)", false },
        { "ALTER TABLE t ADD b integer", false },
        { "DROP TABLE t", false },
        { "COMMENT ON TABLE t IS 'x'", false },
        { "GRANT SELECT ON t TO PUBLIC", false },
        { "REVOKE SELECT ON t FROM PUBLIC", false },
        { "SET search_path TO a", false },
        { "SET ROLE a", false },
        { "CALL p()", false },
        { "DO $$ BEGIN END $$", false },
        { "COMMIT", false },
        { "ROLLBACK", false },
        { "SELECT 1; DROP TABLE t", false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_sql_rules rules = { .backslash_escapes = false };
        struct rs_catalog_cache cache = { 0 };
        struct rs_sql sql = { 0 };
        struct rs_diag diag = { 0 };

        assert_true(rs_sql_scan(str(rows[i].sql), rules, &sql, &diag));
        keep(&cache, "a", "1", 100);
        rs_cache_before(&cache, &sql);
        if ((kept(&cache, "a", 0) != NULL) != rows[i].keeps)
            fail_msg("%s: %s", rows[i].sql, rows[i].keeps ? "dropped" : "kept");
        rs_cache_drop(&cache);
        rs_sql_clear(&sql);
    }
}

/* Lack of memory means that nothing is kept; the rows stay the caller's. */
static bool keep_one(void *ctx)
{
    struct rs_catalog_cache cache = { 0 };
    struct rs_made_rows rows = { .n_columns = 1 };
    bool ok;

    (void)ctx;
    rs_made_text(&rows, "1");
    rs_cache_keep(&cache, RS_STR("a"), &rows, 100);
    ok = cache.n == 1 && rs_cache_find(&cache, RS_STR("a"), 0)->bytes.p != NULL;
    rs_made_clear(&rows);
    rs_cache_drop(&cache);
    return ok;
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    rs_test_oom(keep_one, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_key),
        cmocka_unit_test(ends_in_time),
        cmocka_unit_test(has_room_for_so_many),
        cmocka_unit_test(is_dropped_by_statements),
        cmocka_unit_test(survives_lack_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
