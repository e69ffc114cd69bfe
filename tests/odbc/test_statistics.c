/*
 * SQLStatistics and SQLSpecialColumns against real catalogs; odbc.md 13. Tables are made through
 * PostgreSQL and looked at through it and through the Redshift stand-in in front of it.
 */
#include "catalogbed.h"

enum { NORMAL = 0, IDENTIFIERS = 1 };

static int up(void **state)
{
    (void)state;
    bed_up("stats");
    bed_run("CREATE TABLE $.full (id integer CONSTRAINT full_key PRIMARY KEY,"
            " name varchar(20), n integer, m integer)");
    bed_run("INSERT INTO $.full SELECT i, 'n' || i, i, i FROM generate_series(1, 1000) AS g(i)");
    bed_run("CREATE UNIQUE INDEX full_name ON $.full (name DESC, n) INCLUDE (m)");
    bed_run("CREATE INDEX full_expr ON $.full (lower(name), (n + m) DESC)");
    bed_run("CREATE INDEX full_some ON $.full (n) WHERE n > 990");
    bed_run("CREATE INDEX full_hash ON $.full USING hash (n)");
    bed_run("VACUUM ANALYZE $.full");
    bed_run("CREATE TABLE $.fresh (id integer CONSTRAINT fresh_key PRIMARY KEY)");
    bed_run("CREATE TABLE $.bare (n integer)");
    bed_run("CREATE TABLE $.clustered (n integer); CREATE INDEX clu ON $.clustered (n)");
    bed_run("CLUSTER $.clustered USING clu");
    bed_run("CREATE TABLE $.pair (\"A\" integer, gone integer, \"b c\" integer,"
            " CONSTRAINT pair_key PRIMARY KEY (\"b c\", \"A\"))");
    bed_run("ALTER TABLE $.pair DROP COLUMN gone");
    bed_run("CREATE VIEW $.seen AS SELECT * FROM $.bare");
    bed_run("CREATE MATERIALIZED VIEW $.stored AS SELECT * FROM $.bare");
    bed_run("CREATE TABLE $.\"b_re\" (n integer PRIMARY KEY)");
    bed_run("CREATE TABLE $.\"UPPER\" (\"N\" integer CONSTRAINT \"Key\" PRIMARY KEY)");
    return 0;
}

static int down(void **state)
{
    (void)state;
    bed_down();
    return 0;
}

/* ---- SQLStatistics ---- */

#define NO_ORDER "<null>"
#define STAT(table, rows, pages)                                                                   \
    "dev|$|" table "|<null>|<null>|<null>|0|<null>|<null>|<null>|" rows "|" pages "|<null>"
#define COLUMN(table, non_unique, index, type, n, column, order, rows, pages, filter)              \
    "dev|$|" table "|" non_unique "|<null>|" index "|" type "|" n "|" column "|" order "|" rows    \
    "|" pages "|" filter

/* Pages of a table or index as the server counts them. */
static const char *pages_of(const char *relation)
{
    static char pages[8][16];
    static size_t next;
    char sql[256], *out = pages[next++ % COUNT_OF(pages)];
    SQLHSTMT stmt = t_stmt(&bed_postgres);

    snprintf(sql, sizeof sql, "SELECT relpages FROM pg_class WHERE oid = '%s.%s'::regclass",
             bed_schema, relation);
    OK(stmt, SQLExecDirect(stmt, SQL(sql)));
    t_rows(stmt, out, sizeof pages[0]);
    t_free(stmt);
    return out;
}

static SQLRETURN statistics(SQLHSTMT stmt, const char *table, SQLUSMALLINT unique)
{
    return SQLStatistics(stmt, NULL, 0, BED_TEXT("$"), BED_TEXT(table), unique, SQL_QUICK);
}

static void tells_indexes(void **state)
{
    char want[4096];
    SQLHSTMT stmt = bed_stmt(&bed_postgres, false);

    (void)state;
    snprintf(want, sizeof want,
             STAT("full", "1000", "%s") ";" COLUMN(
                 "full", "0", "full_key", "3", "1", "id", "A", "1000", "%s",
                 "<null>") ";" COLUMN("full", "0", "full_name", "3", "1", "name", "D", "1000", "%s",
                                      "<null>") ";" COLUMN("full", "0", "full_name", "3", "2", "n",
                                                           "A", "1000", "%s", "<null>"),
             pages_of("full"), pages_of("full_key"), pages_of("full_name"), pages_of("full_name"));
    OK(stmt, statistics(stmt, "full", SQL_INDEX_UNIQUE));
    bed_expect(stmt, want, "unique");
    snprintf(
        want + strlen(want), sizeof want - strlen(want),
        ";" COLUMN("full", "1", "full_hash", "2", "1", "n", NO_ORDER, "<null>", "%s",
                   "<null>") ";" COLUMN("full", "1", "full_expr", "3", "1", "lower(name::text)",
                                        "A", "<null>", "%s",
                                        "<null>") ";" COLUMN("full", "1", "full_expr", "3", "2",
                                                             "(n + m)", "D", "<null>", "%s",
                                                             "<null>") ";" COLUMN("full", "1",
                                                                                  "full_some", "3",
                                                                                  "1", "n", "A",
                                                                                  "<null>", "%s",
                                                                                  "(n > 990)"),
        pages_of("full_hash"), pages_of("full_expr"), pages_of("full_expr"), pages_of("full_some"));
    stmt = bed_stmt(&bed_postgres, false);
    OK(stmt, statistics(stmt, "full", SQL_INDEX_ALL));
    bed_expect(stmt, want, "all");
}

static const struct {
    const char *table, *postgres, *redshift, *with_keys; /* redshift with KeysAsIndexes=1 */
} tables[] = {
    { "full", NULL, STAT("full", "1000", "<null>"),
      STAT("full", "1000", "<null>") ";" COLUMN("full", "0", "full_key", "3", "1", "id", NO_ORDER,
                                                "<null>", "<null>", "<null>") },
    /* nobody has counted */
    { "fresh",
      STAT("fresh", "<null>", "<null>") ";" COLUMN("fresh", "0", "fresh_key", "3", "1", "id", "A",
                                                   "<null>", "<null>", "<null>"),
      STAT("fresh", "<null>", "<null>"),
      STAT("fresh", "<null>", "<null>") ";" COLUMN("fresh", "0", "fresh_key", "3", "1", "id",
                                                   NO_ORDER, "<null>", "<null>", "<null>") },
    { "pair",
      STAT("pair", "<null>",
           "<null>") ";" COLUMN("pair", "0", "pair_key", "3", "1", "b c", "A", "<null>", "<null>",
                                "<null>") ";" COLUMN("pair", "0", "pair_key", "3", "2", "A", "A",
                                                     "<null>", "<null>", "<null>"),
      STAT("pair", "<null>", "<null>"),
      STAT("pair", "<null>", "<null>") ";" COLUMN(
          "pair", "0", "pair_key", "3", "1", "b c", NO_ORDER, "<null>", "<null>",
          "<null>") ";" COLUMN("pair", "0", "pair_key", "3", "2", "A", NO_ORDER, "<null>", "<null>",
                               "<null>") },
    { "bare", STAT("bare", "<null>", "<null>"), STAT("bare", "<null>", "<null>"),
      STAT("bare", "<null>", "<null>") },
    { "seen", "", "", "" },
    { "no_such", "", "", "" },
    { "", "", "", "" },
    { "b%", "", "", "" },
    { "UPPER",
      STAT("UPPER", "<null>", "<null>") ";" COLUMN("UPPER", "0", "Key", "3", "1", "N", "A",
                                                   "<null>", "<null>", "<null>"),
      "", "" },
    { "BARE", "", STAT("bare", "<null>", "<null>"), STAT("bare", "<null>", "<null>") },
};

static void tells_tables(void **state)
{
    struct t_conn keys;

    (void)state;
    t_open(&keys, T_REDSHIFT, SQL_OV_ODBC3, "KeysAsIndexes=1");
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        struct t_conn *const conns[] = { &bed_postgres, &bed_redshift, &keys };
        const char *const wants[] = { tables[i].postgres, tables[i].redshift, tables[i].with_keys };

        for (size_t c = 0; c < COUNT_OF(conns); c++) {
            SQLHSTMT stmt;

            if (wants[c] == NULL)
                continue;
            stmt = bed_stmt(conns[c], false);
            OK(stmt, statistics(stmt, tables[i].table, SQL_INDEX_ALL));
            bed_expect(stmt, wants[c], tables[i].table);
        }
    }
    t_close(&keys);
}

static void tells_stored_and_clustered(void **state)
{
    SQLHSTMT stmt = bed_stmt(&bed_postgres, false);
    char got[1024];

    (void)state;
    OK(stmt, statistics(stmt, "clustered", SQL_INDEX_ALL));
    t_rows(stmt, got, sizeof got);
    assert_non_null(strstr(got, "|1|<null>|clu|1|1|n|A|"));
    OK(stmt, statistics(stmt, "stored", SQL_INDEX_ALL));
    t_rows(stmt, got, sizeof got);
    assert_non_null(strstr(got, "|stored|<null>|<null>|<null>|0|"));
    t_free(stmt);
}

/* What CREATE INDEX CONCURRENTLY left behind when it failed is no index. */
static void leaves_invalid_indexes_out(void **state)
{
    SQLHSTMT stmt = bed_stmt(&bed_postgres, false);
    char sql[256];

    (void)state;
    bed_run("CREATE TABLE $.twice (n integer); INSERT INTO $.twice VALUES (1), (1)");
    snprintf(sql, sizeof sql, "CREATE UNIQUE INDEX CONCURRENTLY bad ON %s.twice (n)", bed_schema);
    ERR(stmt, "23000", SQLExecDirect(stmt, SQL(sql)));
    OK(stmt, statistics(stmt, "twice", SQL_INDEX_ALL));
    bed_expect(stmt, STAT("twice", "<null>", "<null>"), "invalid");
    bed_run("DROP TABLE $.twice");
}

static const struct {
    const char *catalog, *schema, *table;
    int how;
    bool found; /* bare */
} named[] = {
    { "dev", "$", "bare", NORMAL, true },       { "other", "$", "bare", NORMAL, false },
    { "", "$", "bare", NORMAL, false },         { "d%", "$", "bare", NORMAL, false },
    { NULL, "%", "bare", NORMAL, false },       { NULL, "$", "b\\are", NORMAL, false },
    { "DEV", "$", "BARE ", IDENTIFIERS, true }, { "dev", "$", "\"BARE\"", IDENTIFIERS, false },
};

static void takes_names_of_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        SQLHSTMT stmt = bed_stmt(&bed_postgres, named[i].how == IDENTIFIERS);
        char row[32];

        OK(stmt, SQLStatistics(stmt, BED_TEXT(named[i].catalog), BED_TEXT(named[i].schema),
                               BED_TEXT(named[i].table), SQL_INDEX_ALL, SQL_ENSURE));
        snprintf(row, sizeof row, "row %zu", i);
        bed_expect(stmt, named[i].found ? STAT("bare", "<null>", "<null>") : "", row);
    }
}

static void takes_wide_names_of_tables(void **state)
{
    static SQLWCHAR table[] = { 'b', 'a', 'r', 'e', '!' };
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);
    SQLWCHAR schema[64];
    SQLSMALLINT n = bed_wide_schema(schema);

    (void)state;
    OK(stmt, SQLStatisticsW(stmt, NULL, 0, schema, n, table, 4, SQL_INDEX_ALL, SQL_QUICK));
    bed_expect(stmt, STAT("bare", "<null>", "<null>"), "wide");
}

static void describes_statistics(void **state)
{
    static const struct bed_column columns[] = {
        { "TABLE_CAT", "TABLE_QUALIFIER", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "TABLE_SCHEM", "TABLE_OWNER", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "TABLE_NAME", "TABLE_NAME", SQL_VARCHAR, 127, SQL_NO_NULLS },
        { "NON_UNIQUE", "NON_UNIQUE", SQL_SMALLINT, 5, SQL_NULLABLE },
        { "INDEX_QUALIFIER", "INDEX_QUALIFIER", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "INDEX_NAME", "INDEX_NAME", SQL_VARCHAR, 127, SQL_NULLABLE },
        { "TYPE", "TYPE", SQL_SMALLINT, 5, SQL_NO_NULLS },
        { "ORDINAL_POSITION", "SEQ_IN_INDEX", SQL_SMALLINT, 5, SQL_NULLABLE },
        { "COLUMN_NAME", "COLUMN_NAME", SQL_VARCHAR, 4000, SQL_NULLABLE },
        { "ASC_OR_DESC", "COLLATION", SQL_CHAR, 1, SQL_NULLABLE },
        { "CARDINALITY", "CARDINALITY", SQL_INTEGER, 10, SQL_NULLABLE },
        { "PAGES", "PAGES", SQL_INTEGER, 10, SQL_NULLABLE },
        { "FILTER_CONDITION", "FILTER_CONDITION", SQL_VARCHAR, 4000, SQL_NULLABLE },
    };
    struct t_conn old;
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);

    (void)state;
    OK(stmt, statistics(stmt, "bare", SQL_INDEX_ALL));
    bed_columns(stmt, false, columns, COUNT_OF(columns));
    t_open(&old, T_POSTGRES, SQL_OV_ODBC2, "");
    stmt = bed_stmt(&old, false);
    OK(stmt, statistics(stmt, "bare", SQL_INDEX_ALL));
    bed_columns(stmt, true, columns, COUNT_OF(columns));
    t_close(&old);
}

static void refuses_for_statistics(void **state)
{
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);
    char name[129];

    (void)state;
    memset(name, 'x', 128);
    name[128] = '\0';
    ERR(stmt, "HY100", statistics(stmt, "bare", 2));
    ERR(stmt, "HY101", SQLStatistics(stmt, NULL, 0, NULL, 0, SQL("bare"), SQL_INDEX_ALL, 2));
    ERR(stmt, "HY009", SQLStatistics(stmt, NULL, 0, NULL, 0, NULL, 0, SQL_INDEX_ALL, SQL_QUICK));
    ERR(stmt, "HY090", SQLStatistics(stmt, NULL, 0, NULL, 0, SQL(name), SQL_INDEX_ALL, SQL_QUICK));
    ERR(stmt, "HY090",
        SQLStatistics(stmt, NULL, 0, NULL, 0, TEXT("x"), -4, SQL_INDEX_ALL, SQL_QUICK));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, NUMBER(SQL_TRUE), 0));
    ERR(stmt, "HY009", statistics(stmt, "bare", SQL_INDEX_ALL)); /* no catalog */
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, NUMBER(SQL_FALSE), 0));
    OK(stmt, statistics(stmt, "bare", SQL_INDEX_ALL));
    ERR(stmt, "24000", statistics(stmt, "bare", SQL_INDEX_ALL));
    t_free(stmt);
}

/* ---- SQLSpecialColumns ---- */

static SQLRETURN special(SQLHSTMT stmt, SQLUSMALLINT kind, const char *catalog, const char *schema,
                         const char *table)
{
    return SQLSpecialColumns(stmt, kind, BED_TEXT(catalog), BED_TEXT(schema), BED_TEXT(table),
                             SQL_SCOPE_CURROW, SQL_NO_NULLS);
}

#define INTEGER(name) "2|" name "|4|int4|10|4|0|1"

static const struct {
    const char *catalog, *schema, *table;
    int how;
    const char *postgres, *redshift; /* NULL: the same as on PostgreSQL */
} rowids[] = {
    { NULL, "$", "full", NORMAL, INTEGER("id"), NULL },
    { "dev", "$", "full", NORMAL, INTEGER("id"), NULL },
    { NULL, "$", "pair", NORMAL, INTEGER("b c") ";" INTEGER("A"), NULL }, /* the key's order */
    { NULL, "$", "bare", NORMAL, "", NULL },
    { NULL, "$", "no_such", NORMAL, "", NULL },
    { NULL, "$", "b_re", NORMAL, INTEGER("n"), NULL },
    { NULL, "$", "f%", NORMAL, "", NULL },
    { NULL, "%", "full", NORMAL, "", NULL },
    { "", "$", "full", NORMAL, "", NULL },
    { "other", "$", "full", NORMAL, "", NULL },
    { NULL, NULL, "full", NORMAL, "", NULL }, /* the name alone does not mean it */
    { NULL, "$", "UPPER", NORMAL, INTEGER("N"), "" },
    { NULL, "$", "FULL", NORMAL, "", INTEGER("id") },
    { "dev", "$", "FULL", IDENTIFIERS, INTEGER("id"), NULL },
    { "dev", "$", "\"UPPER\"", IDENTIFIERS, INTEGER("N"), NULL },
};

static void tells_row_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rowids); i++) {
        for (int r = 0; r < 2; r++) {
            SQLHSTMT stmt =
                bed_stmt(r ? &bed_redshift : &bed_postgres, rowids[i].how == IDENTIFIERS);
            char row[32];

            OK(stmt,
               special(stmt, SQL_BEST_ROWID, rowids[i].catalog, rowids[i].schema, rowids[i].table));
            snprintf(row, sizeof row, "row %zu", i);
            bed_expect(stmt, r && rowids[i].redshift ? rowids[i].redshift : rowids[i].postgres,
                       row);
        }
    }
}

/* Two tables' keys would be one in the result: the search path says which one is meant. */
static void finds_what_the_name_means(void **state)
{
    SQLHSTMT stmt = bed_stmt(&bed_postgres, false);
    char path[192];

    (void)state;
    bed_run("CREATE SCHEMA $_b; CREATE TABLE $.t_$ (a integer PRIMARY KEY);"
            "CREATE TABLE $_b.t_$ (b integer PRIMARY KEY)");
    snprintf(path, sizeof path, "SET search_path = %s_b, %s", bed_schema, bed_schema);
    t_run(&bed_postgres, path);
    OK(stmt, special(stmt, SQL_BEST_ROWID, NULL, NULL, "t_$"));
    bed_expect(stmt, INTEGER("b"), "first of the path");
    stmt = bed_stmt(&bed_postgres, false);
    OK(stmt, special(stmt, SQL_BEST_ROWID, NULL, "$", "t_$"));
    bed_expect(stmt, INTEGER("a"), "by schema");
    t_run(&bed_postgres, "RESET search_path");
    bed_run("DROP SCHEMA $_b CASCADE");
}

static void tells_row_versions(void **state)
{
    static const struct {
        const char *table, *postgres; /* Redshift has none */
    } rows[] = {
        { "full", "<null>|xmin|-5|xid|19|8|0|2" },
        { "bare", "<null>|xmin|-5|xid|19|8|0|2" },
        { "stored", "<null>|xmin|-5|xid|19|8|0|2" },
        { "seen", "" },
        { "no_such", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SQLHSTMT stmt = bed_stmt(&bed_postgres, false);

        OK(stmt, special(stmt, SQL_ROWVER, NULL, "$", rows[i].table));
        bed_expect(stmt, rows[i].postgres, rows[i].table);
        stmt = bed_stmt(&bed_redshift, false);
        OK(stmt, special(stmt, SQL_ROWVER, NULL, "$", rows[i].table));
        bed_expect(stmt, "", rows[i].table);
    }
}

/* What is told of a column is what SQLDescribeCol tells of it. */
static void agrees_with_the_description(void **state)
{
    SQLHSTMT rows = bed_stmt(&bed_postgres, false), stmt = bed_stmt(&bed_postgres, false);
    char sql[256];

    (void)state;
    bed_run("CREATE DOMAIN $.short AS varchar(7)");
    bed_run("CREATE TABLE $.typed (a numeric(12,3), b varchar(20), c timestamp(2), d $.short,"
            " e char(3), f uuid, g bigint, h float8, i date, j smallint,"
            " PRIMARY KEY (a, b, c, d, e, f, g, h, i, j))");
    snprintf(sql, sizeof sql, "SELECT * FROM %s.typed", bed_schema);
    OK(rows, SQLExecDirect(rows, SQL(sql)));
    OK(stmt, special(stmt, SQL_BEST_ROWID, NULL, "$", "typed"));
    for (SQLUSMALLINT i = 1; i <= 10; i++) {
        SQLCHAR name[32], column[32];
        SQLSMALLINT type, digits, said_type = 0, said_digits = 0;
        SQLULEN size;
        SQLINTEGER said_size = 0, said_octets = 0;
        SQLLEN octets = 0, ind = 0;

        OK(rows, SQLDescribeCol(rows, i, name, sizeof name, NULL, &type, &size, &digits, NULL));
        OK(rows, SQLColAttribute(rows, i, SQL_DESC_OCTET_LENGTH, NULL, 0, NULL, &octets));
        OK(stmt, SQLFetch(stmt));
        OK(stmt, SQLGetData(stmt, 2, SQL_C_CHAR, column, sizeof column, NULL));
        OK(stmt, SQLGetData(stmt, 3, SQL_C_SSHORT, &said_type, 0, NULL));
        OK(stmt, SQLGetData(stmt, 5, SQL_C_SLONG, &said_size, 0, NULL));
        OK(stmt, SQLGetData(stmt, 6, SQL_C_SLONG, &said_octets, 0, NULL));
        OK(stmt, SQLGetData(stmt, 7, SQL_C_SSHORT, &said_digits, 0, &ind));
        assert_string_equal((char *)column, (char *)name);
        assert_int_equal(said_type, type);
        assert_int_equal(said_size, size);
        assert_int_equal(said_octets, octets);
        assert_int_equal(ind == SQL_NULL_DATA ? 0 : said_digits, digits);
    }
    NODATA(stmt, SQLFetch(stmt));
    t_free(stmt);
    t_free(rows);
    bed_run("DROP TABLE $.typed");
}

static void describes_special_columns(void **state)
{
    static const struct bed_column columns[] = {
        { "SCOPE", "SCOPE", SQL_SMALLINT, 5, SQL_NULLABLE },
        { "COLUMN_NAME", "COLUMN_NAME", SQL_VARCHAR, 127, SQL_NO_NULLS },
        { "DATA_TYPE", "DATA_TYPE", SQL_SMALLINT, 5, SQL_NO_NULLS },
        { "TYPE_NAME", "TYPE_NAME", SQL_VARCHAR, 127, SQL_NO_NULLS },
        { "COLUMN_SIZE", "PRECISION", SQL_INTEGER, 10, SQL_NULLABLE },
        { "BUFFER_LENGTH", "LENGTH", SQL_INTEGER, 10, SQL_NULLABLE },
        { "DECIMAL_DIGITS", "SCALE", SQL_SMALLINT, 5, SQL_NULLABLE },
        { "PSEUDO_COLUMN", "PSEUDO_COLUMN", SQL_SMALLINT, 5, SQL_NULLABLE },
    };
    struct t_conn old;
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);

    (void)state;
    OK(stmt, special(stmt, SQL_ROWVER, NULL, "$", "full"));
    bed_columns(stmt, false, columns, COUNT_OF(columns));
    t_open(&old, T_POSTGRES, SQL_OV_ODBC2, "");
    stmt = bed_stmt(&old, false);
    OK(stmt, special(stmt, SQL_BEST_ROWID, NULL, "$", "full"));
    bed_columns(stmt, true, columns, COUNT_OF(columns));
    t_close(&old);
}

static void takes_wide_names_of_row_ids(void **state)
{
    static SQLWCHAR table[] = { 'f', 'u', 'l', 'l', '!' };
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);
    SQLWCHAR schema[64];
    SQLSMALLINT n = bed_wide_schema(schema);

    (void)state;
    OK(stmt, SQLSpecialColumnsW(stmt, SQL_BEST_ROWID, NULL, 0, schema, n, table, 4,
                                SQL_SCOPE_SESSION, SQL_NULLABLE));
    bed_expect(stmt, INTEGER("id"), "wide");
}

static void refuses_for_special_columns(void **state)
{
    SQLHSTMT stmt = bed_stmt(&bed_redshift, false);
    char name[129];

    (void)state;
    memset(name, 'x', 128);
    name[128] = '\0';
    ERR(stmt, "HY097", special(stmt, 3, NULL, "$", "full"));
    ERR(stmt, "HY098",
        SQLSpecialColumns(stmt, SQL_BEST_ROWID, NULL, 0, NULL, 0, SQL("full"), 3, SQL_NULLABLE));
    ERR(stmt, "HY099",
        SQLSpecialColumns(stmt, SQL_BEST_ROWID, NULL, 0, NULL, 0, SQL("full"), SQL_SCOPE_SESSION,
                          2));
    ERR(stmt, "HY009", special(stmt, SQL_BEST_ROWID, NULL, "$", NULL));
    ERR(stmt, "HY009", special(stmt, SQL_ROWVER, NULL, "$", NULL));
    ERR(stmt, "HY090", special(stmt, SQL_ROWVER, NULL, "$", name));
    ERR(stmt, "HY090",
        SQLSpecialColumns(stmt, SQL_BEST_ROWID, NULL, 0, NULL, 0, TEXT("x"), -4, SQL_SCOPE_SESSION,
                          SQL_NULLABLE));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, NUMBER(SQL_TRUE), 0));
    ERR(stmt, "HY009", special(stmt, SQL_ROWVER, NULL, "$", "full"));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, NUMBER(SQL_FALSE), 0));
    OK(stmt, special(stmt, SQL_ROWVER, NULL, "$", "full"));
    ERR(stmt, "24000", special(stmt, SQL_ROWVER, NULL, "$", "full"));
    t_free(stmt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_indexes),
        cmocka_unit_test(tells_tables),
        cmocka_unit_test(tells_stored_and_clustered),
        cmocka_unit_test(leaves_invalid_indexes_out),
        cmocka_unit_test(takes_names_of_tables),
        cmocka_unit_test(takes_wide_names_of_tables),
        cmocka_unit_test(describes_statistics),
        cmocka_unit_test(refuses_for_statistics),
        cmocka_unit_test(tells_row_ids),
        cmocka_unit_test(finds_what_the_name_means),
        cmocka_unit_test(tells_row_versions),
        cmocka_unit_test(agrees_with_the_description),
        cmocka_unit_test(describes_special_columns),
        cmocka_unit_test(takes_wide_names_of_row_ids),
        cmocka_unit_test(refuses_for_special_columns),
    };

    return cmocka_run_group_tests(tests, up, down);
}
