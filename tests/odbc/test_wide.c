/*
 * Wide calls: which of them count characters and which bytes, texts that are cut, and that no pair
 * of surrogates is; odbc.md 11. The program never sets a locale, so that all of it holds in "C".
 */
#include "facebed.h"

/* Every name here is a😀é: 4 units, 8 bytes, of UTF-8 7. */
#define NAME "a\xf0\x9f\x98\x80\xc3\xa9"

static const SQLWCHAR name[] = { 'a', 0xd83d, 0xde00, 0xe9, 0 };
static const SQLWCHAR torn[] = { 'a', 0xd83d, 'b', 0 };

#define WIDE(text) ((SQLWCHAR *)(uintptr_t)(text))

/* The name in a statement. */
static SQLWCHAR *around(const char *before, const char *after)
{
    static SQLWCHAR sql[128];
    size_t n = 0;

    while (*before != '\0')
        sql[n++] = (SQLWCHAR)*before++;
    for (size_t i = 0; i < 4; i++)
        sql[n++] = name[i];
    while (*after != '\0')
        sql[n++] = (SQLWCHAR)*after++;
    sql[n] = 0;
    return sql;
}

/* A wide call that gives the name: cap in what the function counts, *length as it says. */
typedef SQLRETURN give_fn(SQLWCHAR *out, SQLINTEGER cap, SQLINTEGER *length);

static SQLHDESC implicit(SQLINTEGER id)
{
    SQLHDESC desc = NULL;

    OK(stmt, SQLGetStmtAttr(stmt, id, &desc, 0, NULL));
    return desc;
}

static SQLRETURN describe_col(SQLWCHAR *out, SQLINTEGER cap, SQLINTEGER *length)
{
    SQLSMALLINT n = -1;
    SQLRETURN rc = SQLDescribeColW(stmt, 1, out, (SQLSMALLINT)cap, &n, NULL, NULL, NULL, NULL);

    *length = n;
    return rc;
}

static SQLRETURN col_attribute(SQLWCHAR *out, SQLINTEGER cap, SQLINTEGER *length)
{
    SQLSMALLINT n = -1;
    SQLRETURN rc = SQLColAttributeW(stmt, 1, SQL_DESC_NAME, out, (SQLSMALLINT)cap, &n, NULL);

    *length = n;
    return rc;
}

static SQLRETURN desc_field(SQLWCHAR *out, SQLINTEGER cap, SQLINTEGER *length)
{
    return SQLGetDescFieldW(implicit(SQL_ATTR_IMP_ROW_DESC), 1, SQL_DESC_NAME, out, cap, length);
}

static SQLRETURN desc_rec(SQLWCHAR *out, SQLINTEGER cap, SQLINTEGER *length)
{
    SQLSMALLINT n = -1;
    SQLRETURN rc = SQLGetDescRecW(implicit(SQL_ATTR_IMP_ROW_DESC), 1, out, (SQLSMALLINT)cap, &n,
                                  NULL, NULL, NULL, NULL, NULL, NULL);

    *length = n;
    return rc;
}

static SQLRETURN cursor_name(SQLWCHAR *out, SQLINTEGER cap, SQLINTEGER *length)
{
    SQLSMALLINT n = -1;
    SQLRETURN rc = SQLGetCursorNameW(stmt, out, (SQLSMALLINT)cap, &n);

    *length = n;
    return rc;
}

static SQLRETURN native_sql(SQLWCHAR *out, SQLINTEGER cap, SQLINTEGER *length)
{
    return SQLNativeSqlW(conn.dbc, WIDE(name), 4, out, cap, length);
}

static SQLRETURN info(SQLWCHAR *out, SQLINTEGER cap, SQLINTEGER *length)
{
    SQLSMALLINT n = -1;
    SQLRETURN rc = SQLGetInfoW(conn.dbc, SQL_DBMS_NAME, out, (SQLSMALLINT)cap, &n);

    *length = n;
    return rc;
}

static const struct {
    const char *what;
    give_fn *give;
    int unit;         /* what counts: 1 characters, 2 bytes */
    SQLSMALLINT kind; /* where its records are */
} calls[] = {
    { "SQLDescribeColW", describe_col, 1, SQL_HANDLE_STMT },
    { "SQLColAttributeW", col_attribute, 2, SQL_HANDLE_STMT },
    { "SQLGetDescFieldW", desc_field, 2, SQL_HANDLE_DESC },
    { "SQLGetDescRecW", desc_rec, 1, SQL_HANDLE_DESC },
    { "SQLGetCursorNameW", cursor_name, 1, SQL_HANDLE_STMT },
    { "SQLNativeSqlW", native_sql, 1, SQL_HANDLE_DBC },
    { "SQLGetInfoW", info, 2, SQL_HANDLE_DBC },
};

static SQLHANDLE handle_of(SQLSMALLINT kind)
{
    return kind == SQL_HANDLE_STMT  ? stmt
           : kind == SQL_HANDLE_DBC ? conn.dbc
                                    : implicit(SQL_ATTR_IMP_ROW_DESC);
}

static void use_the_name(void)
{
    OK(stmt, SQLSetCursorNameW(stmt, WIDE(name), 4));
    OK(stmt, SQLPrepareW(stmt, around("SELECT 1 AS \"", "\""), SQL_NTS));
}

static void lengths_are_in_their_unit(void **state)
{
    (void)state;
    use_the_name();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        SQLWCHAR out[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };
        SQLINTEGER length = -1;

        t_check(calls[i].kind, handle_of(calls[i].kind),
                calls[i].give(out, 5 * calls[i].unit, &length), SQL_SUCCESS, NULL, calls[i].what,
                __FILE__, __LINE__);
        assert_int_equal(length, 4 * calls[i].unit);
        assert_memory_equal(out, name, sizeof name);
        assert_int_equal(out[5], 9);
    }
}

/* Room for a and half of the pair: the pair goes whole, the length stays the full one. */
static void pairs_are_not_cut(void **state)
{
    (void)state;
    use_the_name();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        SQLWCHAR out[4] = { 9, 9, 9, 9 };
        SQLINTEGER length = -1;

        t_check(calls[i].kind, handle_of(calls[i].kind),
                calls[i].give(out, 3 * calls[i].unit, &length), SQL_SUCCESS_WITH_INFO, "01004",
                calls[i].what, __FILE__, __LINE__);
        assert_int_equal(length, 4 * calls[i].unit);
        assert_int_equal(out[0], 'a');
        assert_int_equal(out[1], 0);
        assert_int_equal(out[3], 9);
    }
}

/* The same values narrow: bytes of UTF-8, and no character is cut. On a connection that was made by
 * a narrow call, for the manager goes by that. */
static void narrow_lengths_are_bytes(void **state)
{
    struct t_conn own;
    SQLCHAR out[16];
    SQLSMALLINT length = -1;
    SQLHSTMT one;

    (void)state;
    t_open(&own, T_POSTGRES, SQL_OV_ODBC3, "");
    one = t_stmt(&own);
    OK(one, SQLSetCursorName(one, SQL(NAME)));
    OK(one, SQLPrepare(one, SQL("SELECT 1 AS \"" NAME "\"")));
    OK(one, SQLDescribeCol(one, 1, out, sizeof out, &length, NULL, NULL, NULL, NULL));
    assert_string_equal((char *)out, NAME);
    assert_int_equal(length, 7);
    OK(one, SQLColAttribute(one, 1, SQL_DESC_LABEL, out, sizeof out, &length, NULL));
    assert_string_equal((char *)out, NAME);
    assert_int_equal(length, 7);
    OK(one, SQLGetCursorName(one, out, sizeof out, &length));
    assert_string_equal((char *)out, NAME);
    INFO(one, "01004", SQLGetCursorName(one, out, 4, &length));
    assert_string_equal((char *)out, "a");
    assert_int_equal(length, 7);
    t_free(one);
    t_close(&own);
}

/* The server's text in a record, with the name in it. */
static void records_are_wide(void **state)
{
    SQLWCHAR five[6], text[512];
    SQLSMALLINT length = -1, n = 0;

    (void)state;
    ERR(stmt, "42S22", SQLExecDirectW(stmt, around("SELECT \"", "\""), SQL_NTS));
    assert_int_equal(SQLGetDiagRecW(SQL_HANDLE_STMT, stmt, 1, five, NULL, text, 512, &length),
                     SQL_SUCCESS);
    while (text[n] != 0)
        n++;
    assert_int_equal(length, n);
    for (n = 0; memcmp(text + n, name, 8) != 0; n++)
        assert_true(n < length);
    assert_int_equal(
        SQLGetDiagRecW(SQL_HANDLE_STMT, stmt, 1, five, NULL, text, (SQLSMALLINT)(n + 3), &length),
        SQL_SUCCESS_WITH_INFO);
    assert_true(length > n + 3);
    assert_int_equal(text[n], 'a');
    assert_int_equal(text[n + 1], 0);
}

static void torn_pairs_are_refused(void **state)
{
    SQLWCHAR out[16];
    SQLINTEGER length;

    (void)state;
    ERR(stmt, "22018", SQLPrepareW(stmt, WIDE(torn), 3));
    ERR(stmt, "22018", SQLExecDirectW(stmt, WIDE(torn), 3));
    ERR(stmt, "22018", SQLSetCursorNameW(stmt, WIDE(torn), 3));
    ERR(stmt, "22018", SQLTablesW(stmt, NULL, 0, NULL, 0, WIDE(torn), 3, NULL, 0));
    DBC_ERR(conn.dbc, "22018", SQLNativeSqlW(conn.dbc, WIDE(torn), 3, out, 16, &length));
    DBC_ERR(conn.dbc, "22018",
            SQLSetConnectAttrW(conn.dbc, SQL_ATTR_CURRENT_CATALOG, WIDE(torn), 6));
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 10, 0,
                              WIDE(torn), 0, NULL));
    ERR(stmt, "22018", SQLExecDirect(stmt, SQL("SELECT CAST(? AS varchar(10))")));
    /* where bytes count, half a unit is no text */
    DBC_ERR(conn.dbc, "HY090",
            SQLSetConnectAttrW(conn.dbc, SQL_ATTR_CURRENT_CATALOG, WIDE(name), 3));
}

/* Megabytes as .NET and others read them: full pieces, exact lengths, every unit in its place. */
static void pieces_of_a_megabyte(void **state)
{
    const size_t cap = 1 << 20, total = 4 * 500000;
    SQLWCHAR *piece = malloc(cap);
    size_t done = 0;
    SQLRETURN rc;
    SQLLEN left;

    (void)state;
    assert_non_null(piece);
    OK(stmt, SQLExecDirectW(stmt, around("SELECT repeat('", "', 500000)"), SQL_NTS));
    OK(stmt, SQLFetch(stmt));
    while ((rc = SQLGetData(stmt, 1, SQL_C_WCHAR, piece, (SQLLEN)cap, &left)) != SQL_NO_DATA) {
        size_t n = (size_t)left / 2 < cap / 2 ? (size_t)left / 2 : cap / 2 - 1;

        assert_int_equal(left, (total - done) * 2);
        assert_int_equal(rc, n == (size_t)left / 2 ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO);
        assert_int_equal(piece[n], 0);
        for (size_t i = 0; i < n; i++)
            if (piece[i] != name[(done + i) % 4])
                fail_msg("unit %zu is %x", done + i, piece[i]);
        done += n;
    }
    assert_int_equal(done, total);
    free(piece);
}

/* Connected by a wide call: else the manager takes the driver for a narrow one and makes the wide
 * texts itself. DbmsName gives SQLGetInfo the name. */
static int open_conn(void **state)
{
    char string[2048];
    SQLWCHAR in[2048];
    size_t n = 0;

    (void)state;
    t_string(string, sizeof string, server, "DbmsName=");
    for (const char *p = string; *p != '\0'; p++)
        in[n++] = (SQLWCHAR)*p;
    for (size_t i = 0; i < 4; i++)
        in[n++] = name[i];
    t_alloc(&conn, SQL_OV_ODBC3);
    DBC_OK(conn.dbc, SQLDriverConnectW(conn.dbc, NULL, in, (SQLSMALLINT)n, NULL, 0, NULL,
                                       SQL_DRIVER_NOPROMPT));
    return 0;
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        EACH(lengths_are_in_their_unit), EACH(pairs_are_not_cut),
        EACH(narrow_lengths_are_bytes),  EACH(records_are_wide),
        EACH(torn_pairs_are_refused),    EACH(pieces_of_a_megabyte),
    };

    return cmocka_run_group_tests_name("wide calls", tests, open_conn, face_close);
}
