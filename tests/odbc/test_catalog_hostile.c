/*
 * Catalog functions with text that would do harm where it is pasted: each argument of each
 * function, with patterns and with identifiers, by views and by SHOW. Nothing is found, nothing is
 * run and nothing fails but what ODBC refuses. Source: odbc.md 13.1, redshift.md 9.
 */
#include "catalogbed.h"

enum { LONGEST = 4000 };

static char very_long[LONGEST + 1];

static const struct {
    const char *text; /* NULL: NULL */
    SQLSMALLINT length;
    const char *pattern, *identifier; /* the state of the error; NULL: none */
} hostile[] = {
    { "'", SQL_NTS, NULL, NULL },
    { "\\", SQL_NTS, NULL, NULL },
    { "\\'", SQL_NTS, NULL, NULL },
    { "\"", SQL_NTS, NULL, NULL },
    { "\" . \"", SQL_NTS, NULL, NULL },
    { "'; DROP TABLE $.kept; --", SQL_NTS, NULL, NULL },
    { "\"; DROP TABLE $.kept; --", SQL_NTS, NULL, NULL },
    { "\\'; DROP TABLE $.kept; --", SQL_NTS, NULL, NULL },
    { "x\" LIKE 'y'; DROP TABLE $.kept; /*", SQL_NTS, NULL, NULL },
    { "$1", SQL_NTS, NULL, NULL },
    { "a\nb\r\t\x01", SQL_NTS, NULL, NULL },
    { "\xFF\xC0\x80", SQL_NTS, "22018", "22018" },
    { "nul\0here", 8, "22018", "22018" },
    { "", 0, NULL, NULL },
    { very_long, LONGEST, "HY090", "HY090" },
};

enum function {
    TABLES,
    COLUMNS,
    PRIMARY,
    FOREIGN,
    REFERENCING,
    RIGHTS,
    COLUMN_RIGHTS,
    STATISTICS,
    ROWID,
    PROCEDURES,
    PARAMETERS,
    N_FUNCTIONS
};
static const int n_args[N_FUNCTIONS] = {
    [TABLES] = 4,      [COLUMNS] = 4,    [PRIMARY] = 3,       [FOREIGN] = 3,
    [REFERENCING] = 3, [RIGHTS] = 3,     [COLUMN_RIGHTS] = 4, [STATISTICS] = 3,
    [ROWID] = 3,       [PROCEDURES] = 3, [PARAMETERS] = 4,
};

struct arg {
    SQLCHAR *text;
    SQLSMALLINT n;
};

static SQLRETURN call(SQLHSTMT stmt, enum function function, const struct arg a[4])
{
    switch (function) {
    case TABLES:
        return SQLTables(stmt, a[0].text, a[0].n, a[1].text, a[1].n, a[2].text, a[2].n, a[3].text,
                         a[3].n);
    case COLUMNS:
        return SQLColumns(stmt, a[0].text, a[0].n, a[1].text, a[1].n, a[2].text, a[2].n, a[3].text,
                          a[3].n);
    case PRIMARY:
        return SQLPrimaryKeys(stmt, a[0].text, a[0].n, a[1].text, a[1].n, a[2].text, a[2].n);
    case FOREIGN:
        return SQLForeignKeys(stmt, NULL, 0, NULL, 0, NULL, 0, a[0].text, a[0].n, a[1].text, a[1].n,
                              a[2].text, a[2].n);
    case REFERENCING:
        return SQLForeignKeys(stmt, a[0].text, a[0].n, a[1].text, a[1].n, a[2].text, a[2].n, NULL,
                              0, NULL, 0, NULL, 0);
    case RIGHTS:
        return SQLTablePrivileges(stmt, a[0].text, a[0].n, a[1].text, a[1].n, a[2].text, a[2].n);
    case COLUMN_RIGHTS:
        return SQLColumnPrivileges(stmt, a[0].text, a[0].n, a[1].text, a[1].n, a[2].text, a[2].n,
                                   a[3].text, a[3].n);
    case STATISTICS:
        return SQLStatistics(stmt, a[0].text, a[0].n, a[1].text, a[1].n, a[2].text, a[2].n,
                             SQL_INDEX_ALL, SQL_QUICK);
    case ROWID:
        return SQLSpecialColumns(stmt, SQL_BEST_ROWID, a[0].text, a[0].n, a[1].text, a[1].n,
                                 a[2].text, a[2].n, SQL_SCOPE_SESSION, SQL_NULLABLE);
    case PROCEDURES:
        return SQLProcedures(stmt, a[0].text, a[0].n, a[1].text, a[1].n, a[2].text, a[2].n);
    case PARAMETERS:
        return SQLProcedureColumns(stmt, a[0].text, a[0].n, a[1].text, a[1].n, a[2].text, a[2].n,
                                   a[3].text, a[3].n);
    case N_FUNCTIONS:
        break;
    }
    return SQL_ERROR;
}

/* Argument number `at` is hostile, the others are a table's. */
static void attack(SQLHSTMT stmt, enum function function, int at, size_t i, const char *catalog,
                   bool is_identifier)
{
    const char *state = is_identifier ? hostile[i].identifier : hostile[i].pattern;
    struct arg args[4] = { { TEXT(catalog), SQL_NTS },
                           { TEXT("public"), SQL_NTS },
                           { TEXT("orders"), SQL_NTS },
                           { TEXT(function == TABLES ? "TABLE" : "note"), SQL_NTS } };
    char first[6] = "";
    SQLRETURN rc;

    args[at] = (struct arg){ hostile[i].length == SQL_NTS ? bed_text(hostile[i].text)
                                                          : TEXT(hostile[i].text),
                             hostile[i].length };
    rc = call(stmt, function, args);
    if (function == TABLES && at == 3)
        state = NULL; /* the list of types stays here */
    if (!SQL_SUCCEEDED(rc))
        t_diag(SQL_HANDLE_STMT, stmt, 1, first, NULL, 0);
    /* a SHOW that the server did not understand leaves a warning */
    if (rc == SQL_SUCCESS_WITH_INFO) {
        t_say(SQL_HANDLE_STMT, stmt);
        fail_msg("function %d, argument %d, text %zu: a warning", (int)function, at, i);
    }
    /* what the server is to refuse may be looked for here, where SHOW gave the rest */
    if (SQL_SUCCEEDED(rc) ? state != NULL && strcmp(state, "22018") != 0
                          : state == NULL || strcmp(first, state) != 0) {
        t_say(SQL_HANDLE_STMT, stmt);
        fail_msg("function %d, argument %d, text %zu: %d %s, not %s", (int)function, at, i, rc,
                 first, state);
    }
    /* an empty list of types is all of them */
    if (SQL_SUCCEEDED(rc) && bed_count(stmt) > 0 && !(function == TABLES && at == 3))
        fail_msg("function %d, argument %d, text %zu: rows", (int)function, at, i);
}

static void attack_all(const char *keys, const char *catalog, bool is_identifier)
{
    struct t_conn conn;
    SQLHSTMT stmt;

    t_open(&conn, T_REDSHIFT, SQL_OV_ODBC3, keys);
    stmt = bed_stmt(&conn, is_identifier);
    for (int function = 0; function < N_FUNCTIONS; function++)
        for (int at = 0; at < n_args[function]; at++)
            for (size_t i = 0; i < COUNT_OF(hostile); i++)
                attack(stmt, (enum function)function, at, i, catalog, is_identifier);
    t_free(stmt);
    t_close(&conn);
    bed_run("SELECT a FROM $.kept"); /* is still there */
}

static void shows_nothing(void **state)
{
    (void)state;
    attack_all("DatabaseMetadataCurrentDbOnly=0;MetadataSource=show", "other", false);
}

static void shows_no_identifier(void **state)
{
    (void)state;
    attack_all("DatabaseMetadataCurrentDbOnly=0;MetadataSource=show", "other", true);
}

static void finds_nothing(void **state)
{
    (void)state;
    attack_all("", "dev", false);
}

/* All is an identifier, and none may be NULL but the types of SQLTables. */
static void wants_identifiers(void **state)
{
    struct t_conn conn;
    SQLHSTMT stmt;

    (void)state;
    t_open(&conn, T_REDSHIFT, SQL_OV_ODBC3, "DatabaseMetadataCurrentDbOnly=0");
    stmt = bed_stmt(&conn, true);
    for (int at = 0; at < 3; at++) {
        struct arg args[4] = { { TEXT("OTHER "), SQL_NTS },
                               { TEXT("Public"), SQL_NTS },
                               { TEXT("\"orders\"  "), SQL_NTS },
                               { NULL, 0 } };

        OK(stmt, call(stmt, TABLES, args));
        assert_int_equal(bed_count(stmt), 1);
        OK(stmt, call(stmt, PRIMARY, args));
        assert_int_equal(bed_count(stmt), 1);
        args[3] = (struct arg){ TEXT("NOTE"), SQL_NTS };
        OK(stmt, call(stmt, COLUMNS, args));
        assert_int_equal(bed_count(stmt), 1);
        args[3] = (struct arg){ TEXT("n%"), SQL_NTS };
        OK(stmt, call(stmt, COLUMNS, args));
        assert_int_equal(bed_count(stmt), 0);
        args[at] = (struct arg){ NULL, 0 };
        ERR(stmt, "HY009", call(stmt, TABLES, args));
        ERR(stmt, "HY009", call(stmt, COLUMNS, args));
        ERR(stmt, "HY009", call(stmt, PRIMARY, args));
    }
    t_free(stmt);
    t_close(&conn);
}

static int up(void **state)
{
    (void)state;
    memset(very_long, '\'', LONGEST);
    bed_up("hostile");
    bed_run("CREATE TABLE $.kept (a integer)");
    return 0;
}

static int down(void **state)
{
    (void)state;
    bed_down();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_nothing),
        cmocka_unit_test(shows_no_identifier),
        cmocka_unit_test(finds_nothing),
        cmocka_unit_test(wants_identifiers),
    };

    return cmocka_run_group_tests(tests, up, down);
}
