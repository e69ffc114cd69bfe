/*
 * MetadataCacheSeconds: catalog functions answer from what the connection has kept, until something
 * of its own may have changed it. Another connection makes the changes that must not show; time is
 * never waited for. Source: odbc.md 13.3.
 */
#include "reach.h"

#include <stdbool.h>
#include <unistd.h>

#define TEXT_OF(s) (SQLCHAR *)(uintptr_t)(s), SQL_NTS

static struct reach maker;
static char schema[64];

static void run(struct reach *reach, const char *before, const char *after)
{
    char sql[512];

    snprintf(sql, sizeof sql, "%s %s%s", before, schema, after);
    reach_run(reach, sql);
}

static int set_up(void **state)
{
    (void)state;
    reach_open(&maker, REACH_POSTGRES, SQL_OV_ODBC3, "");
    snprintf(schema, sizeof schema, "rs_kept_%d", (int)getpid());
    run(&maker, "CREATE SCHEMA", "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    run(&maker, "DROP SCHEMA", " CASCADE");
    reach_close(&maker);
    return 0;
}

/* A table that is there or not tells whether an answer is kept. */
static void show(void)
{
    run(&maker, "CREATE TABLE IF NOT EXISTS", ".t (a integer PRIMARY KEY, b varchar(9))");
}

static void hide(void)
{
    run(&maker, "DROP TABLE IF EXISTS", ".t");
}

enum function {
    TABLES,
    COLUMNS,
    KEYS,
    STATISTICS,
    ROWID,
    TABLE_RIGHTS,
    COLUMN_RIGHTS,
    N_FUNCTIONS
};

static SQLRETURN call(SQLHSTMT stmt, enum function function)
{
    switch (function) {
    case TABLES:
        return SQLTables(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("t"), NULL, 0);
    case COLUMNS:
        return SQLColumns(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("t"), NULL, 0);
    case KEYS:
        return SQLPrimaryKeys(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("t"));
    case STATISTICS:
        return SQLStatistics(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("t"), SQL_INDEX_ALL,
                             SQL_QUICK);
    case ROWID:
        return SQLSpecialColumns(stmt, SQL_BEST_ROWID, NULL, 0, TEXT_OF(schema), TEXT_OF("t"),
                                 SQL_SCOPE_CURROW, SQL_NULLABLE);
    case TABLE_RIGHTS:
        return SQLTablePrivileges(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("t"));
    case COLUMN_RIGHTS:
        return SQLColumnPrivileges(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("t"), NULL, 0);
    case N_FUNCTIONS:
        break;
    }
    return SQL_ERROR;
}

/* All cells of all rows. */
static void read_all(struct reach *reach, enum function function, char *out, size_t cap)
{
    SQLHSTMT stmt = reach_stmt(reach);
    SQLSMALLINT columns = 0;
    size_t n = 0;

    out[0] = '\0';
    stmt_ok(call(stmt, function), stmt);
    stmt_ok(SQLNumResultCols(stmt, &columns), stmt);
    while (SQL_SUCCEEDED(SQLFetch(stmt))) {
        for (SQLUSMALLINT i = 1; i <= (SQLUSMALLINT)columns; i++) {
            char cell[256];
            SQLLEN length = 0;

            stmt_ok(SQLGetData(stmt, i, SQL_C_CHAR, cell, sizeof cell, &length), stmt);
            n += (size_t)snprintf(out + n, cap - n, "%s|", length == SQL_NULL_DATA ? "-" : cell);
            assert_true(n < cap);
        }
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static bool sees(struct reach *reach)
{
    char got[4096];

    read_all(reach, TABLES, got, sizeof got);
    return got[0] != '\0';
}

#define KEEPS "MetadataCacheSeconds=86400"

static void keeps_every_function(void **state)
{
    static const char *const servers[] = { REACH_POSTGRES, REACH_REDSHIFT };

    (void)state;
    for (size_t s = 0; s < 2; s++) {
        char fresh[N_FUNCTIONS][4096], again[4096];
        struct reach reach;

        reach_open(&reach, servers[s], SQL_OV_ODBC3, KEEPS);
        show();
        for (int f = 0; f < N_FUNCTIONS; f++)
            read_all(&reach, (enum function)f, fresh[f], sizeof fresh[f]);
        hide();
        for (int f = 0; f < N_FUNCTIONS; f++) {
            read_all(&reach, (enum function)f, again, sizeof again);
            if (fresh[f][0] == '\0' || strcmp(again, fresh[f]) != 0)
                fail_msg("function %d: \"%s\", kept as \"%s\"", f, fresh[f], again);
        }
        reach_close(&reach);
    }
}

static void keeps_nothing_without_the_key(void **state)
{
    struct reach reach;

    (void)state;
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, "");
    show();
    assert_true(sees(&reach));
    hide();
    assert_false(sees(&reach));
    reach_close(&reach);
}

static void tells_arguments_apart(void **state)
{
    struct reach reach;
    SQLHSTMT stmt;
    char got[64];

    (void)state;
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, KEEPS);
    show();
    stmt = reach_stmt(&reach);
    stmt_ok(SQLTables(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("u"), NULL, 0), stmt);
    reach_list(stmt, 3, got, sizeof got);
    assert_string_equal(got, "");
    stmt_ok(SQLTables(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("t"), NULL, 0), stmt);
    reach_list(stmt, 3, got, sizeof got);
    assert_string_equal(got, "t");
    stmt_ok(SQLTables(stmt, NULL, 0, TEXT_OF(schema), TEXT_OF("t"), TEXT_OF("VIEW")), stmt);
    reach_list(stmt, 3, got, sizeof got);
    assert_string_equal(got, "");
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
    hide();
}

/* Own statements drop what is kept, before and whatever their end. */
static void own_changes_show(void **state)
{
    static const struct {
        const char *sql;
        bool keeps;
    } rows[] = {
        { "SELECT 1", true },
        { "UPDATE demo_sales SET paid = paid WHERE 1 = 0", true },
        { "CREATE TEMPORARY TABLE rs_kept (a integer)", false },
        { "SET search_path TO public", false },
        { "SELECT 1; SELECT 2", false },
    };
    struct reach reach;

    (void)state;
    reach_open(&reach, REACH_POSTGRES, SQL_OV_ODBC3, KEEPS);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        show();
        assert_true(sees(&reach));
        hide();
        reach_run(&reach, rows[i].sql);
        if (sees(&reach) != rows[i].keeps)
            fail_msg("%s: %s", rows[i].sql, rows[i].keeps ? "dropped" : "kept");
        reach_run(&reach, "SET search_path TO public"); /* for the next */
    }
    reach_close(&reach);
}

static void manual(struct reach *reach, const char *keys)
{
    reach_open(reach, REACH_POSTGRES, SQL_OV_ODBC3, keys);
    reach_ok(SQLSetConnectAttr(reach->dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0),
             SQL_HANDLE_DBC, reach->dbc);
}

static void end(struct reach *reach, SQLSMALLINT how)
{
    reach_ok(SQLEndTran(SQL_HANDLE_DBC, reach->dbc, how), SQL_HANDLE_DBC, reach->dbc);
}

static void rollback_drops_and_commit_does_not(void **state)
{
    struct reach reach;

    (void)state;
    manual(&reach, KEEPS);
    hide();
    run(&reach, "CREATE TABLE", ".t (a integer)");
    assert_true(sees(&reach));
    end(&reach, SQL_ROLLBACK);
    assert_false(sees(&reach));
    end(&reach, SQL_COMMIT);
    show();
    assert_false(sees(&reach));
    end(&reach, SQL_ROLLBACK);
    assert_true(sees(&reach));
    end(&reach, SQL_ROLLBACK);
    reach_close(&reach);
    hide();
}

/* By TransactionErrorBehavior the driver rolls back, or the transaction stays failed and refuses
 * catalog functions as it does without kept answers. */
static void errors_count_as_rollbacks(void **state)
{
    struct reach reach;
    SQLHSTMT stmt;

    (void)state;
    hide();
    manual(&reach, KEEPS);
    run(&reach, "CREATE TABLE", ".t (a integer)");
    assert_true(sees(&reach));
    stmt = reach_stmt(&reach);
    assert_int_equal(SQLExecDirect(stmt, TEXT_OF("SELECT no_such")), SQL_ERROR);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    assert_false(sees(&reach));
    end(&reach, SQL_ROLLBACK);
    reach_close(&reach);

    manual(&reach, KEEPS ";TransactionErrorBehavior=0");
    assert_false(sees(&reach));
    stmt = reach_stmt(&reach);
    assert_int_equal(SQLExecDirect(stmt, TEXT_OF("SELECT no_such")), SQL_ERROR);
    assert_int_equal(call(stmt, TABLES), SQL_ERROR);
    end(&reach, SQL_ROLLBACK);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_function),
        cmocka_unit_test(keeps_nothing_without_the_key),
        cmocka_unit_test(tells_arguments_apart),
        cmocka_unit_test(own_changes_show),
        cmocka_unit_test(rollback_drops_and_commit_does_not),
        cmocka_unit_test(errors_count_as_rollbacks),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
