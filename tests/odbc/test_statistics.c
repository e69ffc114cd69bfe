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
    SQLSMALLINT n = 0;

    (void)state;
    for (; bed_schema[n] != '\0'; n++)
        schema[n] = (SQLWCHAR)bed_schema[n];
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
    };

    return cmocka_run_group_tests(tests, up, down);
}
