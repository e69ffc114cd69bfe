/* Catalog functions and SQLGetInfo with allocations that fail: HY001, and all goes on after it. */
#include "reach.h"

#include "oom.h"
#include "os.h"

static struct reach reach;

/* What failed without a record of HY001, or with the connection lost, is a bug. */
static bool judge(SQLSMALLINT kind, SQLHANDLE handle, SQLRETURN rc)
{
    if (SQL_SUCCEEDED(rc))
        return true;
    assert_int_equal(rc, SQL_ERROR);
    reach_state(kind, handle, "HY001");
    return false;
}

static SQLCHAR *chars(const char *text)
{
    return (SQLCHAR *)(uintptr_t)text;
}

static bool list_tables(void *stmt)
{
    bool ok =
        judge(SQL_HANDLE_STMT, stmt,
              SQLTables(stmt, NULL, 0, chars("PUBLIC"), SQL_NTS, NULL, 0, chars("TABLE"), SQL_NTS));

    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool list_columns(void *stmt)
{
    bool ok = judge(SQL_HANDLE_STMT, stmt,
                    SQLColumns(stmt, NULL, 0, NULL, 0, chars("all\\_types"), SQL_NTS, NULL, 0));

    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool list_primary_keys(void *stmt)
{
    bool ok = judge(SQL_HANDLE_STMT, stmt,
                    SQLPrimaryKeys(stmt, NULL, 0, NULL, 0, chars("DEMO_SALES"), SQL_NTS));

    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool list_foreign_keys(void *stmt)
{
    bool ok = judge(SQL_HANDLE_STMT, stmt,
                    SQLForeignKeys(stmt, NULL, 0, NULL, 0, chars("CHAIN"), SQL_NTS, NULL, 0, NULL,
                                   0, chars("CHAIN"), SQL_NTS));

    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool list_statistics(void *stmt)
{
    bool ok = judge(SQL_HANDLE_STMT, stmt,
                    SQLStatistics(stmt, NULL, 0, NULL, 0, chars("DEMO_SALES"), SQL_NTS,
                                  SQL_INDEX_ALL, SQL_QUICK));

    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool list_special_columns(void *stmt)
{
    bool ok = judge(SQL_HANDLE_STMT, stmt,
                    SQLSpecialColumns(stmt, SQL_BEST_ROWID, NULL, 0, NULL, 0, chars("DEMO_SALES"),
                                      SQL_NTS, SQL_SCOPE_SESSION, SQL_NULLABLE));

    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool list_types(void *stmt)
{
    bool ok = judge(SQL_HANDLE_STMT, stmt, SQLGetTypeInfo(stmt, SQL_ALL_TYPES));

    SQLFreeStmt(stmt, SQL_CLOSE);
    return ok;
}

static bool ask_version(void *unused)
{
    char text[256];

    (void)unused;
    return judge(SQL_HANDLE_DBC, reach.dbc,
                 SQLGetInfo(reach.dbc, SQL_DBMS_VER, text, sizeof text, NULL));
}

static void sweeps(void **state)
{
    SQLHSTMT stmt;

    (void)state;
    reach_open(&reach, REACH_REDSHIFT, SQL_OV_ODBC3, "KeysAsIndexes=1");
    stmt = reach_stmt(&reach);
    reach_run(&reach, "CREATE TEMPORARY TABLE chain (id integer PRIMARY KEY,"
                      " up integer REFERENCES chain)");
    rs_test_oom(list_types, stmt);
    rs_test_oom(ask_version, NULL);
    rs_test_oom(list_tables, stmt);
    rs_test_oom(list_columns, stmt);
    rs_test_oom(list_primary_keys, stmt);
    rs_test_oom(list_foreign_keys, stmt);
    rs_test_oom(list_statistics, stmt);
    rs_test_oom(list_special_columns, stmt);
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
}

/* Answers that are kept: while they are recorded, and played. */
static void sweeps_kept_answers(void **state)
{
    SQLHSTMT stmt;

    (void)state;
    reach_open(&reach, REACH_REDSHIFT, SQL_OV_ODBC3, "MetadataCacheSeconds=86400");
    stmt = reach_stmt(&reach);
    for (int i = 0; i < 2; i++) {
        rs_test_oom(list_tables, stmt);
        rs_test_oom(list_columns, stmt);
        rs_test_oom(list_statistics, stmt);
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
    reach_close(&reach);
}

/* ---- Redshift's sources ---- */

enum what {
    TABLES,
    COLUMNS,
    PRIMARY,
    FOREIGN,
    RIGHTS,
    COLUMN_RIGHTS,
    ROWID,
    PROCEDURES,
    PARAMETERS
};

struct looking {
    const char *keys;
    enum what what;
    const char *catalog, *schema, *name;
    SQLHSTMT stmt;
};

#define ARG(s) chars(s), (SQLSMALLINT)((s) == NULL ? 0 : SQL_NTS)

static SQLRETURN look(const struct looking *at)
{
    switch (at->what) {
    case TABLES:
        return SQLTables(at->stmt, ARG(at->catalog), ARG(at->schema), ARG(at->name), NULL, 0);
    case COLUMNS:
        return SQLColumns(at->stmt, ARG(at->catalog), ARG(at->schema), ARG(at->name), NULL, 0);
    case PRIMARY:
        return SQLPrimaryKeys(at->stmt, ARG(at->catalog), ARG(at->schema), ARG(at->name));
    case FOREIGN:
        return SQLForeignKeys(at->stmt, NULL, 0, NULL, 0, NULL, 0, ARG(at->catalog),
                              ARG(at->schema), ARG(at->name));
    case RIGHTS:
        return SQLTablePrivileges(at->stmt, ARG(at->catalog), ARG(at->schema), ARG(at->name));
    case COLUMN_RIGHTS:
        return SQLColumnPrivileges(at->stmt, ARG(at->catalog), ARG(at->schema), ARG(at->name), NULL,
                                   0);
    case ROWID:
        return SQLSpecialColumns(at->stmt, SQL_BEST_ROWID, ARG(at->catalog), ARG(at->schema),
                                 ARG(at->name), SQL_SCOPE_SESSION, SQL_NULLABLE);
    case PROCEDURES:
        return SQLProcedures(at->stmt, ARG(at->catalog), ARG(at->schema), ARG(at->name));
    case PARAMETERS:
        return SQLProcedureColumns(at->stmt, ARG(at->catalog), ARG(at->schema), ARG(at->name), NULL,
                                   0);
    }
    return SQL_ERROR;
}

static bool look_once(void *ctx)
{
    const struct looking *at = ctx;
    bool ok = judge(SQL_HANDLE_STMT, at->stmt, look(at));

    SQLFreeStmt(at->stmt, SQL_CLOSE);
    return ok;
}

#define CROSS "DatabaseMetadataCurrentDbOnly=0"
#define SHOW  CROSS ";MetadataSource=show;ExtraCatalogColumns=1"

static void sweeps_sources(void **state)
{
    static struct looking all[] = {
        { "", COLUMNS, NULL, "late", "clicks", NULL },
        { "", COLUMNS, NULL, "spectrum", "events", NULL },
        { "ApplicationName=rs-status:strict_leader=on", TABLES, NULL, "late", "clicks", NULL },
        { "MetadataSource=views", COLUMNS, NULL, "late", NULL, NULL },
        { CROSS, TABLES, NULL, "mart", NULL, NULL },
        { CROSS, COLUMNS, NULL, "mart", NULL, NULL },
        { CROSS, PRIMARY, "other", "public", "order_lines", NULL },
        { CROSS, FOREIGN, "other", "public", "order_lines", NULL },
        { CROSS, RIGHTS, "other", "public", "orders", NULL },
        { CROSS, COLUMN_RIGHTS, "other", "public", "orders", NULL },
        { CROSS, ROWID, "other", "public", "order_lines", NULL },
        { CROSS, PROCEDURES, "other", "public", NULL, NULL },
        { CROSS, PARAMETERS, "other", "public", NULL, NULL },
        { CROSS, PARAMETERS, "other", "public", "f\\_net", NULL },
        { CROSS, RIGHTS, "shared_sales", "gone", "lost", NULL },
        { SHOW, TABLES, "other", "public", NULL, NULL },
        { SHOW, COLUMNS, "other", "public", "orders", NULL },
        { SHOW, COLUMNS, "shared_sales", "gone", "lost", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        reach_open(&reach, REACH_REDSHIFT, SQL_OV_ODBC3, all[i].keys);
        all[i].stmt = reach_stmt(&reach);
        rs_test_oom(look_once, &all[i]);
        SQLFreeHandle(SQL_HANDLE_STMT, all[i].stmt);
        reach_close(&reach);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sweeps), cmocka_unit_test(sweeps_sources),
                                        cmocka_unit_test(sweeps_kept_answers) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
