/*
 * Catalog functions on Redshift by every source: pg_catalog, the views of one database and of all,
 * SHOW. Whatever the source, an object's rows are the same. The stand-in refuses what would mix the
 * leader node's functions with views, and knows of databases, an external schema and a late-bound
 * view that are not PostgreSQL's (redshift_shim.sql). Source: redshift.md 17, odbc.md 13.
 */
#include "catalogbed.h"

enum mode { CATALOG, SINGLE, SINGLE_VIEWS, SINGLE_SHOW, CROSS, CROSS_VIEWS, CROSS_SHOW, N_MODES };

static const char *const keys[N_MODES] = {
    [CATALOG] = "MetadataSource=catalog",
    [SINGLE] = "",
    [SINGLE_VIEWS] = "MetadataSource=views",
    [SINGLE_SHOW] = "MetadataSource=show",
    [CROSS] = "DatabaseMetadataCurrentDbOnly=0",
    [CROSS_VIEWS] = "DatabaseMetadataCurrentDbOnly=0;MetadataSource=views",
    [CROSS_SHOW] = "DatabaseMetadataCurrentDbOnly=0;MetadataSource=show",
};
static struct t_conn by[N_MODES];

static bool is_cross(enum mode mode)
{
    return mode >= CROSS;
}

static int up(void **state)
{
    (void)state;
    bed_up("modes");
    for (size_t i = 0; i < N_MODES; i++)
        t_open(&by[i], T_REDSHIFT, SQL_OV_ODBC3, keys[i]);
    bed_run("CREATE TABLE $.t (a integer NOT NULL PRIMARY KEY, b varchar(9) DEFAULT 'x',"
            " c numeric(8,3), d timestamp, e super, f varbyte, g char(3), h double precision,"
            " i boolean)");
    bed_run("COMMENT ON TABLE $.t IS 'a table'");
    bed_run("COMMENT ON COLUMN $.t.b IS 'a column'");
    bed_run("CREATE TABLE $.child (a integer NOT NULL, n smallint NOT NULL,"
            " p integer REFERENCES $.t, PRIMARY KEY (n, a))");
    bed_run("CREATE VIEW $.v AS SELECT a, b FROM $.t");
    bed_run("GRANT SELECT ON $.t TO PUBLIC");
    bed_run("CREATE FUNCTION $.net(n integer, t varchar) RETURNS numeric LANGUAGE sql"
            " AS 'SELECT 1.0'");
    bed_run("GRANT UPDATE (b) ON $.t TO u_md5");
    return 0;
}

static int down(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_MODES; i++)
        t_close(&by[i]);
    bed_down();
    return 0;
}

/* ---- a call, as a row of a table ---- */

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
    PARAMETERS
};

struct call {
    enum function function;
    const char *catalog, *schema, *name, *column; /* column: the types of SQLTables */
};

static SQLRETURN do_call(SQLHSTMT stmt, const struct call *c)
{
    switch (c->function) {
    case TABLES:
        return SQLTables(stmt, BED_TEXT(c->catalog), BED_TEXT(c->schema), BED_TEXT(c->name),
                         BED_TEXT(c->column));
    case COLUMNS:
        return SQLColumns(stmt, BED_TEXT(c->catalog), BED_TEXT(c->schema), BED_TEXT(c->name),
                          BED_TEXT(c->column));
    case PRIMARY:
        return SQLPrimaryKeys(stmt, BED_TEXT(c->catalog), BED_TEXT(c->schema), BED_TEXT(c->name));
    case FOREIGN:
        return SQLForeignKeys(stmt, NULL, 0, NULL, 0, NULL, 0, BED_TEXT(c->catalog),
                              BED_TEXT(c->schema), BED_TEXT(c->name));
    case REFERENCING:
        return SQLForeignKeys(stmt, BED_TEXT(c->catalog), BED_TEXT(c->schema), BED_TEXT(c->name),
                              NULL, 0, NULL, 0, NULL, 0);
    case RIGHTS:
        return SQLTablePrivileges(stmt, BED_TEXT(c->catalog), BED_TEXT(c->schema),
                                  BED_TEXT(c->name));
    case COLUMN_RIGHTS:
        return SQLColumnPrivileges(stmt, BED_TEXT(c->catalog), BED_TEXT(c->schema),
                                   BED_TEXT(c->name), BED_TEXT(c->column));
    case STATISTICS:
        return SQLStatistics(stmt, BED_TEXT(c->catalog), BED_TEXT(c->schema), BED_TEXT(c->name),
                             SQL_INDEX_ALL, SQL_QUICK);
    case ROWID:
        return SQLSpecialColumns(stmt, SQL_BEST_ROWID, BED_TEXT(c->catalog), BED_TEXT(c->schema),
                                 BED_TEXT(c->name), SQL_SCOPE_CURROW, SQL_NULLABLE);
    case PROCEDURES:
        return SQLProcedures(stmt, BED_TEXT(c->catalog), BED_TEXT(c->schema), BED_TEXT(c->name));
    case PARAMETERS:
        return SQLProcedureColumns(stmt, BED_TEXT(c->catalog), BED_TEXT(c->schema),
                                   BED_TEXT(c->name), BED_TEXT(c->column));
    }
    return SQL_ERROR;
}

static void expect(enum mode mode, const struct call *c, const char *want)
{
    SQLHSTMT stmt = t_stmt(&by[mode]);
    char what[256];

    snprintf(what, sizeof what, "%s: %d(%s, %s, %s, %s)", keys[mode], (int)c->function, c->catalog,
             c->schema, c->name, c->column);
    OK(stmt, do_call(stmt, c));
    bed_expect(stmt, want, what);
}

/* ---- what every source tells ---- */

#define COLUMN(t, n, numbers, rest) "dev|$|" t "|" n "|" numbers "|" rest
#define T_A                         COLUMN("t", "a", "4|int4|10|4|0|10|0", "<null>|<null>|4|<null>|<null>|1|NO")
#define T_B                                                                                        \
    COLUMN("t", "b", "12|varchar|9|9|<null>|<null>|1",                                             \
           "a column|'x'::character varying|12|<null>|9|2|YES")
#define T_C COLUMN("t", "c", "2|numeric|8|10|3|10|1", "<null>|<null>|2|<null>|<null>|3|YES")
#define T_D COLUMN("t", "d", "93|timestamp|26|16|6|<null>|1", "<null>|<null>|9|3|<null>|4|YES")
#define T_E                                                                                        \
    COLUMN("t", "e", "-1|super|65535|65535|<null>|<null>|1", "<null>|<null>|-1|<null>|65535|5|YES")
#define T_F                                                                                        \
    COLUMN("t", "f", "-4|varbyte|64000|64000|<null>|<null>|1",                                     \
           "<null>|<null>|-4|<null>|64000|6|YES")
#define T_G COLUMN("t", "g", "1|char|3|3|<null>|<null>|1", "<null>|<null>|1|<null>|3|7|YES")
#define T_H COLUMN("t", "h", "8|float8|15|8|<null>|10|1", "<null>|<null>|8|<null>|<null>|8|YES")
#define T_I COLUMN("t", "i", "-7|bool|1|1|0|<null>|1", "<null>|<null>|-7|<null>|<null>|9|YES")

#define FOREIGN_KEY "dev|$|t|a|dev|$|child|p|1|3|3|child_p_fkey|t_pkey|7"
#define OF_REGIONS  "dev|second|regions|"
#define OF_OWNER    OF_REGIONS "_SYSTEM|postgres|"
#define REGIONS                                                                                    \
    OF_OWNER "DELETE|YES;" OF_OWNER "DROP|YES;" OF_OWNER "INSERT|YES;" OF_OWNER                    \
             "REFERENCES|YES;" OF_REGIONS "postgres|PUBLIC|SELECT|NO;" OF_OWNER                    \
             "SELECT|YES;" OF_OWNER "TRIGGER|YES;" OF_OWNER "UPDATE|YES"
#define OF_B      "dev|$|t|b|"
#define B_OWNER   OF_B "_SYSTEM|rs_test|"
#define B_GRANTED OF_B "rs_test|"
#define RIGHTS_OF_B                                                                                \
    B_OWNER "INSERT|YES;" B_OWNER "REFERENCES|YES;" B_GRANTED "PUBLIC|SELECT|NO;" B_OWNER          \
            "SELECT|YES;" B_OWNER "UPDATE|YES;" B_GRANTED "u_md5|UPDATE|NO"

static const struct {
    struct call call;
    const char *want;
} everywhere[] = {
    { { TABLES, "dev", "$", NULL, NULL },
      "dev|$|child|TABLE|<null>;dev|$|t|TABLE|a table;dev|$|v|VIEW|<null>" },
    { { TABLES, "dev", "$", "_", "TABLE" }, "dev|$|t|TABLE|a table" },
    { { TABLES, "dev", "$", "_", "VIEW,'EXTERNAL TABLE'" }, "dev|$|v|VIEW|<null>" },
    { { TABLES, "dev", "$", "t", "SYSTEM TABLE" }, "" },
    { { TABLES, "nowhere", "$", NULL, NULL }, "" },
    { { TABLES, "dev", "no_such", NULL, NULL }, "" },
    { { TABLES, "dev", "pg\\_catalog", "pg\\_class", NULL },
      "dev|pg_catalog|pg_class|SYSTEM TABLE|<null>" },
    { { COLUMNS, "dev", "$", "t", NULL },
      T_A ";" T_B ";" T_C ";" T_D ";" T_E ";" T_F ";" T_G ";" T_H ";" T_I },
    { { COLUMNS, "dev", "$", "t", "b" }, T_B },
    { { COLUMNS, "dev", "$", "t", "B" }, T_B },
    { { COLUMNS, "dev", "$", "t", "no_such" }, "" },
    { { COLUMNS, "dev", "$", "no_such", NULL }, "" },
    { { COLUMNS, "dev", "no_such", "t", NULL }, "" },
    { { COLUMNS, "nowhere", "$", "t", NULL }, "" },
    { { COLUMNS, "dev", "$", "v", "a" },
      COLUMN("v", "a", "4|int4|10|4|0|10|1", "<null>|<null>|4|<null>|<null>|1|YES") },
    { { PRIMARY, "dev", "$", "child", NULL },
      "dev|$|child|n|1|child_pkey;dev|$|child|a|2|child_pkey" },
    { { PRIMARY, NULL, "$", "t", NULL }, "dev|$|t|a|1|t_pkey" },
    { { PRIMARY, "dev", "$", "v", NULL }, "" },
    { { PRIMARY, "dev", "$", "no_such", NULL }, "" },
    { { PRIMARY, "nowhere", "$", "t", NULL }, "" },
    { { FOREIGN, "dev", "$", "child", NULL }, FOREIGN_KEY },
    { { FOREIGN, NULL, "$", "t", NULL }, "" },
    { { REFERENCING, "dev", "$", "t", NULL }, FOREIGN_KEY },
    { { REFERENCING, "nowhere", "$", "t", NULL }, "" },
    { { RIGHTS, "dev", "second", "regions", NULL }, REGIONS },
    { { RIGHTS, "nowhere", "second", "regions", NULL }, "" },
    { { COLUMN_RIGHTS, "dev", "$", "t", "b" }, RIGHTS_OF_B },
    { { STATISTICS, "nowhere", "$", "t", NULL }, "" },
    { { ROWID, "dev", "$", "child", NULL }, "2|n|5|int2|5|2|0|1;2|a|4|int4|10|4|0|1" },
    { { ROWID, "nowhere", "$", "child", NULL }, "" },
    { { PROCEDURES, "dev", "$", "net", NULL }, "dev|$|net|-1|-1|-1|<null>|2" },
    { { PROCEDURES, "nowhere", "$", "net", NULL }, "" },
    { { PARAMETERS, "dev", "$", "net", "n" },
      "dev|$|net|n|1|4|int4|10|4|0|10|1|<null>|<null>|4|<null>|<null>|1|YES" },
};

static void tells_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(everywhere); i++)
        for (int mode = 0; mode < N_MODES; mode++)
            expect((enum mode)mode, &everywhere[i].call, everywhere[i].want);
}

/* ---- what is no table of pg_catalog's ---- */

#define LATE                                                                                       \
    "dev|late|clicks|click_id|-5|int8|19|8|0|10|1|<null>|<null>|-5|<null>|<null>|1|YES;"           \
    "dev|late|clicks|page|12|varchar|120|120|<null>|<null>|1|<null>|<null>|12|<null>|120|2|YES;"   \
    "dev|late|clicks|Paid %|2|numeric|12|14|2|10|1|<null>|<null>|2|<null>|<null>|3|YES;"           \
    "dev|late|clicks|seen_at|93|timestamp|26|16|6|<null>|1|<null>|<null>|9|3|<null>|4|YES"

static const struct {
    struct call call;
    const char *want;
} external[] = {
    { { TABLES, "dev", "spectrum", NULL, NULL },
      "dev|spectrum|events|EXTERNAL TABLE|<null>;dev|spectrum|Événements %_|EXTERNAL "
      "TABLE|<null>" },
    { { TABLES, "dev", "%", NULL, "EXTERNAL TABLE" },
      "dev|spectrum|events|EXTERNAL TABLE|<null>;dev|spectrum|Événements %_|EXTERNAL "
      "TABLE|<null>" },
    { { TABLES, "dev", "late", NULL, NULL }, "dev|late|clicks|VIEW|bound late" },
    { { COLUMNS, "dev", "late", "clicks", NULL }, LATE },
    { { COLUMNS, "dev", "lat_", NULL, NULL }, LATE },
    { { COLUMNS, "dev", "late", "clicks", "Paid \\%" },
      "" /* folded: Redshift has no such name unless it keeps the case */ },
    { { COLUMNS, "dev", "spectrum", "events", "name" },
      "dev|spectrum|events|name|-1|varchar|65535|65535|<null>|<null>|1|<null>|<null>|-1|<null>|"
      "65535"
      "|2|YES" },
    { { COLUMNS, "dev", "spectrum", "events", "code" },
      "dev|spectrum|events|code|12|varchar|20|20|<null>|<null>|1|<null>|<null>|12|<null>|20|3|"
      "YES" },
    { { COLUMNS, "dev", "spectrum", "events", "price" },
      "dev|spectrum|events|price|2|numeric|10|12|2|10|1|<null>|<null>|2|<null>|<null>|4|YES" },
    { { COLUMNS, "dev", "spectrum", "events", "small" },
      "dev|spectrum|events|small|5|int2|5|2|0|10|1|<null>|<null>|5|<null>|<null>|5|YES" },
    { { COLUMNS, "dev", "spectrum", "events", "payload" },
      "dev|spectrum|events|payload|-1|super|65535|65535|<null>|<null>|1|<null>|<null>|-1|<null>"
      "|65535|7|YES" },
    { { COLUMNS, "dev", "spect%", "events", "odd" },
      "dev|spectrum|events|odd|12|uniontype<int>|8000|8000|<null>|<null>|1|<null>|<null>|12|<null>"
      "|8000|10|YES" },
};

static void knows_external_tables_and_late_views(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(external); i++)
        for (int mode = SINGLE; mode < N_MODES; mode++)
            expect((enum mode)mode, &external[i].call, external[i].want);
}

/* ---- other databases ---- */

#define F_NET(first, second)                                                                       \
    "other|public|f_net||5|2|numeric|38|40|18|10|1|<null>|<null>|2|<null>|<null>|0|YES;"           \
    "other|public|f_net|" first "|1|2|numeric|38|40|18|10|1|<null>|<null>|2|<null>|<null>|1|YES;"  \
    "other|public|f_net|" second "|1|4|int4|10|4|0|10|1|<null>|<null>|4|<null>|<null>|2|YES"

static const struct {
    struct call call;
    const char *want; /* in the modes that look there; nothing elsewhere */
} far[] = {
    { { TABLES, "other", "public", "order%", NULL },
      "other|public|order_lines|TABLE|<null>;other|public|orders|TABLE|of the other database" },
    { { TABLES, "o%", "pub%", "%", "VIEW" }, "other|public|big_orders|VIEW|<null>" },
    { { TABLES, "shared\\_sales", NULL, NULL, NULL },
      "shared_sales|gone|lost|TABLE|<null>;shared_sales|mart|facts|TABLE|<null>;"
      "shared_sales|mart|facts_today|VIEW|<null>" },
    { { COLUMNS, "other", "public", "order_lines", NULL },
      "other|public|order_lines|order_id|4|int4|10|4|0|10|0|<null>|<null>|4|<null>|<null>|1|NO;"
      "other|public|order_lines|line|5|int2|5|2|0|10|0|<null>|<null>|5|<null>|<null>|2|NO;"
      "other|public|order_lines|item|1|char|8|8|<null>|<null>|1|<null>|<null>|1|<null>|8|3|YES" },
    { { COLUMNS, "other", "public", "orders", "order_id" },
      "other|public|orders|order_id|4|int4|10|4|0|10|0|its number|\"identity\"(108, 0, '1,1'::text)"
      "|4|<null>|<null>|1|NO" },
    { { COLUMNS, "shared_sales", "mart", "facts", "place" },
      "shared_sales|mart|facts|place|-4|geometry|1048447|1048447|<null>|<null>|1|<null>|<null>|-4"
      "|<null>|1048447|2|YES" },
    { { PROCEDURES, "other", "public", NULL, NULL },
      "other|public|f_net|-1|-1|-1|<null>|2;other|public|p_close|-1|-1|-1|<null>|1" },
    { { PARAMETERS, "other", "public", "f%net", NULL }, F_NET("", "") },
    { { STATISTICS, "other", "public", "orders", NULL }, "" },
};

static void knows_other_databases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(far); i++)
        for (int mode = 0; mode < N_MODES; mode++)
            expect((enum mode)mode, &far[i].call, is_cross((enum mode)mode) ? far[i].want : "");
}

/* What SHOW alone knows of other databases. */
#define ORDER_KEY                                                                                  \
    "other|public|orders|order_id|other|public|order_lines|order_id|1|3|3|order_lines_order_id_"   \
    "fkey"                                                                                         \
    "|orders_pkey|7"
static const struct {
    struct call call;
    const char *want;
} shown[] = {
    { { PRIMARY, "other", "public", "order_lines", NULL },
      "other|public|order_lines|order_id|1|order_lines_pkey;"
      "other|public|order_lines|line|2|order_lines_pkey" },
    { { FOREIGN, "other", "public", "order_lines", NULL }, ORDER_KEY },
    { { REFERENCING, "other", "public", "orders", NULL }, ORDER_KEY },
    { { RIGHTS, "other", "public", "orders", NULL },
      "other|public|orders|owner_of_other|writer|INSERT|YES;"
      "other|public|orders|owner_of_other|PUBLIC|SELECT|NO;"
      "other|public|orders|owner_of_other|reader|SELECT|NO" },
    { { COLUMN_RIGHTS, "other", "public", "orders", NULL },
      "other|public|orders|note|owner_of_other|clerk|UPDATE|NO" },
    { { COLUMN_RIGHTS, "other", "public", "orders", "amount" }, "" },
    { { ROWID, "other", "public", "order_lines", NULL },
      "2|order_id|4|int4|10|4|0|1;2|line|5|int2|5|2|0|1" },
};

static void shows_other_databases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shown); i++)
        for (int mode = 0; mode < N_MODES; mode++)
            expect((enum mode)mode, &shown[i].call,
                   mode == CROSS || mode == CROSS_SHOW ? shown[i].want : "");
}

/* SHOW knows their names, for a routine that is named in full. */
static void shows_names_of_parameters(void **state)
{
    static const struct call f_net = { PARAMETERS, "other", "public", "f\\_net", NULL },
                             note = { PARAMETERS, "other", "public", "p\\_close", "note" };

    (void)state;
    expect(CROSS, &f_net, F_NET("amount", "percent"));
    expect(CROSS_SHOW, &f_net, F_NET("amount", "percent"));
    expect(CROSS_VIEWS, &f_net, F_NET("", ""));
    expect(
        CROSS, &note,
        "other|public|p_close|note|2|12|varchar|8000|8000|<null>|<null>|1|<null>|<null>|12|<null>"
        "|8000|2|YES");
}

/* An error would end the transaction: views are asked, and nothing where they do not know. */
static void tries_nothing_in_transactions(void **state)
{
    struct t_conn *conn = &by[CROSS_SHOW];
    SQLHSTMT stmt = t_stmt(conn);

    (void)state;
    DBC_OK(conn->dbc,
           SQLSetConnectAttr(conn->dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    t_run(conn, "CREATE TEMPORARY TABLE in_it (a integer)");
    expect(CROSS_SHOW, &far[0].call, far[0].want);
    expect(CROSS_SHOW, &far[3].call, far[3].want);
    INFO(stmt, "01000", do_call(stmt, &shown[0].call));
    assert_int_equal(bed_count(stmt), 0);
    t_free(stmt);
    t_run(conn, "INSERT INTO in_it VALUES (1)");
    DBC_OK(conn->dbc, SQLEndTran(SQL_HANDLE_DBC, conn->dbc, SQL_ROLLBACK));
    DBC_OK(conn->dbc,
           SQLSetConnectAttr(conn->dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
}

static void has_all_databases_without_a_catalog(void **state)
{
    static const struct call tables = { TABLES, NULL, NULL, "orders", NULL },
                             columns = { COLUMNS, NULL, "mart", "facts", "fact\\_id" };

    (void)state;
    for (int mode = 0; mode < N_MODES; mode++) {
        expect((enum mode)mode, &tables,
               is_cross((enum mode)mode) ? "other|public|orders|TABLE|of the other database" : "");
        expect((enum mode)mode, &columns,
               is_cross((enum mode)mode) ? "shared_sales|mart|facts|fact_id|-5|int8|19|8|0|10|0|"
                                           "<null>|<null>|-5|<null>|<null>|1|NO"
                                         : "");
    }
}

/* ---- enumerations ---- */

static void lists(enum mode mode, const char *catalog, const char *schema, const char *types,
                  SQLUSMALLINT column, const char *has, const char *has_not)
{
    SQLHSTMT stmt = t_stmt(&by[mode]);
    char got[8192];

    OK(stmt, SQLTables(stmt, SQL(catalog), SQL(schema), SQL(""), SQL(types)));
    bed_list(stmt, column, got, sizeof got);
    if (has != NULL && strstr(got, has) == NULL)
        fail_msg("%s: no \"%s\" in \"%s\"", keys[mode], has, got);
    if (has_not != NULL && strstr(got, has_not) != NULL)
        fail_msg("%s: \"%s\" in \"%s\"", keys[mode], has_not, got);
    t_free(stmt);
}

static void enumerates(void **state)
{
    (void)state;
    for (int mode = 0; mode < N_MODES; mode++) {
        enum mode m = (enum mode)mode;

        lists(m, "%", "", "", 1, is_cross(m) ? "dev|other|shared_sales" : "dev",
              is_cross(m) ? NULL : "other");
        lists(m, "", "%", "", 2, "public", is_cross(m) ? "pg_toast" : "mart");
        lists(m, "", "%", "", 2, m == CATALOG ? NULL : "|spectrum",
              m == CATALOG ? "spectrum" : NULL);
        lists(m, "", "", "%", 4, "EXTERNAL TABLE|MATERIALIZED VIEW|SYSTEM TABLE|", NULL);
    }
}

/* ---- names that tempt ---- */

static const char odd_schema[] = "Sales %_\\ '\"";

static const char *const odd_names[] = { "it's",      "qu\"ote", "back\\slash",
                                         "per%cent_", "UPPER",   "späße" };

/* Quoted, as SQL_ATTR_METADATA_ID has it: nothing folds. */
static void finds_odd_names(void **state)
{
    static const char schema[] = "\"Sales %_\\ '\"\"\"";

    (void)state;
    for (int mode = CROSS; mode < N_MODES; mode++) {
        t_run(&by[mode], "SET enable_case_sensitive_identifier TO true");
        for (size_t i = 0; i < COUNT_OF(odd_names); i++) {
            SQLHSTMT stmt = bed_stmt(&by[mode], true);
            char quoted[64] = "\"", want[128];
            size_t n = 1;

            for (const char *p = odd_names[i]; *p != '\0'; p++) {
                if (*p == '"')
                    quoted[n++] = '"';
                quoted[n++] = *p;
            }
            quoted[n++] = '"';
            quoted[n] = '\0';
            snprintf(want, sizeof want, "other|%s|%s|TABLE|<null>", odd_schema, odd_names[i]);
            OK(stmt, SQLTables(stmt, SQL("other"), SQL(schema), SQL(quoted), NULL, 0));
            bed_expect(stmt, want, keys[mode]);
            stmt = bed_stmt(&by[mode], true);
            OK(stmt, SQLColumns(stmt, SQL("other"), SQL(schema), SQL(quoted), SQL("\"no\"")));
            assert_int_equal(bed_count(stmt), 0);
            t_free(stmt);
            stmt = bed_stmt(&by[mode], false);
            OK(stmt,
               SQLColumns(stmt, SQL("other"), SQL("Sales \\%\\_\\\\ '\""), SQL("%"), NULL, 0));
            assert_int_equal(bed_count(stmt), 7);
            t_free(stmt);
        }
        t_run(&by[mode], "SET enable_case_sensitive_identifier TO false");
    }
}

static void has_room_for_long_names(void **state)
{
    (void)state;
    for (int mode = CROSS; mode < N_MODES; mode++) {
        SQLHSTMT stmt = t_stmt(&by[mode]);
        char got[256];

        OK(stmt, SQLColumns(stmt, SQL("other"), NULL, 0, SQL("long\\_%"), NULL, 0));
        bed_list(stmt, 4, got, sizeof got);
        assert_int_equal(strlen(got), 127);
        t_free(stmt);
    }
}

/* ---- how many statements ---- */

static const struct {
    enum mode mode;
    struct call call;
    size_t want, rows; /* at least */
} counts[] = {
    { CATALOG, { COLUMNS, "dev", "$", "%", NULL }, 1, 600 },
    { SINGLE, { TABLES, NULL, "$", "%", NULL }, 1 },
    { SINGLE, { COLUMNS, NULL, "$", "%", NULL }, 1, 600 },
    { SINGLE, { COLUMNS, NULL, "late", "clicks", NULL }, 1 },
    { SINGLE, { COLUMNS, NULL, "spectrum", "events", NULL }, 2 },
    { SINGLE, { PRIMARY, NULL, "$", "child", NULL }, 1 },
    { SINGLE, { FOREIGN, NULL, "$", "child", NULL }, 1 },
    { SINGLE, { REFERENCING, NULL, "$", "t", NULL }, 1 },
    { SINGLE, { STATISTICS, NULL, "$", "t", NULL }, 1 },
    { SINGLE, { ROWID, NULL, "$", "t", NULL }, 1 },
    { SINGLE_VIEWS, { COLUMNS, NULL, "spectrum", "events", NULL }, 1 },
    { SINGLE_SHOW, { COLUMNS, NULL, "$", "t", NULL }, 1 },
    { SINGLE_SHOW, { TABLES, NULL, "$", NULL, NULL }, 1 },
    { CROSS, { TABLES, NULL, "$", "%", NULL }, 1 },
    { CROSS, { COLUMNS, NULL, "$", "%", NULL }, 1, 600 },
    { CROSS, { COLUMNS, "other", "public", "orders", NULL }, 1 },
    { CROSS, { PRIMARY, NULL, "$", "child", NULL }, 1 },
};

/* Arguments that are one name are one: the bed's schema has no letter that is a pattern. */
static void asks_once(void **state)
{
    (void)state;
    bed_run("DO 'BEGIN FOR i IN 1..300 LOOP"
            " EXECUTE ''CREATE TABLE $.many'' || i || '' (a integer, b integer)''; END LOOP; END'");
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct t_conn conn; /* with nothing prepared */
        SQLHSTMT stmt;
        size_t n;

        t_open(&conn, T_REDSHIFT, SQL_OV_ODBC3, keys[counts[i].mode]);
        stmt = t_stmt(&conn);
        bed_statements(&conn);
        OK(stmt, do_call(stmt, &counts[i].call));
        assert_true(bed_count(stmt) >= (counts[i].rows > 0 ? counts[i].rows : 1));
        n = bed_statements(&conn);
        if (n != counts[i].want)
            fail_msg("row %zu: %zu statements, not %zu", i, n, counts[i].want);
        t_free(stmt);
        t_close(&conn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_same),
        cmocka_unit_test(knows_external_tables_and_late_views),
        cmocka_unit_test(knows_other_databases),
        cmocka_unit_test(shows_other_databases),
        cmocka_unit_test(shows_names_of_parameters),
        cmocka_unit_test(tries_nothing_in_transactions),
        cmocka_unit_test(has_all_databases_without_a_catalog),
        cmocka_unit_test(enumerates),
        cmocka_unit_test(finds_odd_names),
        cmocka_unit_test(has_room_for_long_names),
        cmocka_unit_test(asks_once),
    };

    return cmocka_run_group_tests(tests, up, down);
}
