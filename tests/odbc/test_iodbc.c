/*
 * The library for iODBC, through its manager and alone: wide text of four bytes a unit in every
 * place where the driver takes or gives any; odbc.md 11. A unit is a character here, whatever its
 * plane, and lengths in bytes are four times those in characters.
 */
#include "facebed.h"

_Static_assert(sizeof(SQLWCHAR) == 4, "this program is compiled with iODBC's SQLWCHAR");

#define WIDE(text)  ((SQLWCHAR *)(uintptr_t)(text))
#define WSQL(text)  WIDE(text), SQL_NTS
#define BYTES(n)    ((SQLLEN)(n)*4)
#define EMOJI       L"\U0001F600"
#define NAME        L"a" EMOJI L"\u00E9" /* three units, of UTF-8 seven bytes */
#define UNITS(text) (sizeof(text) / sizeof(SQLWCHAR) - 1)

static void expect_wide_at(const SQLWCHAR *got, const SQLWCHAR *want, int line)
{
    size_t i = 0;

    while (want[i] != 0 && got[i] == want[i])
        i++;
    if (got[i] != want[i])
        fail_msg("line %d: unit %zu is U+%04X, not U+%04X", line, i, (unsigned)got[i],
                 (unsigned)want[i]);
}
#define expect_wide(got, want) expect_wide_at(got, want, __LINE__)

static bool has(const SQLWCHAR *text, const SQLWCHAR *part)
{
    for (; *text != 0; text++) {
        size_t i = 0;

        while (part[i] != 0 && text[i] == part[i])
            i++;
        if (part[i] == 0)
            return true;
    }
    return false;
}

/* ASCII and wide after what is there. */
static void add(SQLWCHAR *out, size_t cap, const char *ascii, const SQLWCHAR *wide)
{
    size_t n = 0;

    while (out[n] != 0)
        n++;
    while (*ascii != '\0' && n + 1 < cap)
        out[n++] = (unsigned char)*ascii++;
    while (wide != NULL && *wide != 0 && n + 1 < cap)
        out[n++] = *wide++;
    assert_true(n + 1 < cap);
    out[n] = 0;
}

/* The only row's first column. */
static void gives(const SQLWCHAR *sql, const SQLWCHAR *want)
{
    SQLWCHAR got[256] = { 9 };
    SQLLEN len = -7;
    size_t units = 0;

    while (want[units] != 0)
        units++;
    OK(stmt, SQLExecDirectW(stmt, WSQL(sql)));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, got, sizeof got, &len));
    expect_wide(got, want);
    assert_int_equal(len, BYTES(units));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

/* ---- connecting ---- */

static void connects_by_wide_text(void **state)
{
    struct t_conn own;
    char narrow[2048];
    SQLWCHAR in[2048] = { 0 }, out[2048] = { 9 };
    SQLSMALLINT length = -1;
    size_t n = 0;

    (void)state;
    t_string(narrow, sizeof narrow, T_POSTGRES, "ApplicationName=");
    add(in, COUNT_OF(in), narrow, L"Z\u00FCrich " EMOJI);
    t_alloc(&own, SQL_OV_ODBC3);
    DBC_OK(own.dbc, SQLDriverConnectW(own.dbc, NULL, WSQL(in), out, COUNT_OF(out), &length,
                                      SQL_DRIVER_NOPROMPT));
    while (out[n] != 0)
        n++;
    /* The manager counts this one length itself, and in bytes. */
    assert_int_equal(length, BY(n, (size_t)BYTES(n)));
    assert_true(has(out, L"ApplicationName={Z\u00FCrich " EMOJI) ||
                has(out, L"ApplicationName=Z\u00FCrich " EMOJI));
    /* PostgreSQL keeps ASCII of that name: a byte that is none becomes a question mark or \xNN. */
    t_expect(&own, "SELECT current_setting('application_name') LIKE 'Z%rich %'", "1");
    t_close(&own);
}

static void says_why_it_cannot_connect(void **state)
{
    struct t_conn own;
    SQLWCHAR in[1024] = { 0 }, six[6] = { 9 }, text[512] = { 9 };
    SQLINTEGER native = -1;
    SQLSMALLINT length = -1;
    char narrow[1024];

    (void)state;
    snprintf(narrow, sizeof narrow,
             "DRIVER={Redshift ODBC};Server=%s;Port=%s;Database=%s;CaFile=%s;UID=rs_test;PWD=",
             t_var("RS_PG_HOST"), t_var("RS_PG_PORT"), t_var("RS_PG_DATABASE"),
             t_var("RS_CA_FILE"));
    add(in, COUNT_OF(in), narrow, L"wr\u00F6ng");
    t_alloc(&own, SQL_OV_ODBC3);
    DBC_ERR(own.dbc, "28000",
            SQLDriverConnectW(own.dbc, NULL, WSQL(in), NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
    DBC_OK(own.dbc,
           SQLGetDiagRecW(SQL_HANDLE_DBC, own.dbc, 1, six, &native, text, COUNT_OF(text), &length));
    expect_wide(six, L"28000");
    assert_true(has(text, L"password authentication failed for user \"rs_test\""));
    assert_int_equal(text[length], 0);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, own.dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, own.env), SQL_SUCCESS);
}

/* ---- results ---- */

static void statements_are_wide(void **state)
{
    (void)state;
    gives(L"SELECT '" NAME L"'", NAME);
    gives(L"SELECT ''", L"");
    OK(stmt, SQLPrepareW(stmt, WIDE(L"SELECT '" NAME L"' rest"), UNITS(L"SELECT '" NAME L"'")));
    OK(stmt, SQLExecute(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

/* Every kind of value that has a converter of its own to wide text. */
static void every_kind_is_wide(void **state)
{
    (void)state;
    gives(L"SELECT 7::int2", L"7");
    gives(L"SELECT -2147483648", L"-2147483648");
    gives(L"SELECT 12345678901234567", L"12345678901234567");
    gives(L"SELECT 3.140::numeric(10,3)", L"3.140");
    gives(L"SELECT 0.1::float8", L"0.1");
    gives(L"SELECT -1.5e300::float8", L"-1.5e+300");
    gives(L"SELECT 0.25::float4", L"0.25");
    gives(L"SELECT true", L"1");
    gives(L"SELECT date '2024-02-29'", L"2024-02-29");
    gives(L"SELECT time '23:59:58'", L"23:59:58");
    gives(L"SELECT timestamp '2024-02-29 23:59:58.25'", L"2024-02-29 23:59:58.25");
    gives(HERE(L"SELECT '\\x00ff7a'::bytea", L"SELECT '00ff7a'::varbyte"), L"00FF7A");
    gives(L"SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
          L"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    /* Texts of every length about the widths that are copied at once. */
    for (size_t n = 0; n < 70; n++) {
        SQLWCHAR sql[128] = L"SELECT '", want[128] = { 0 };

        for (size_t i = 0; i < n; i++)
            want[i] = L'!' + 5 + (SQLWCHAR)i % 80;
        for (size_t i = 0; i < n; i++) {
            if (want[i] == L'\'' || want[i] == L'?' || want[i] == L'\\')
                want[i] = L'x';
        }
        add(sql, COUNT_OF(sql), "", want);
        add(sql, COUNT_OF(sql), "'", NULL);
        gives(sql, want);
        want[n] = 0x1F600;
        sql[8 + n] = 0;
        add(sql, COUNT_OF(sql), "", L"" EMOJI L"'");
        gives(sql, want);
    }
}

/* Two characters and the NUL at a time; the length is that of what was left before. */
static void a_value_comes_in_pieces(void **state)
{
    static const SQLWCHAR *const pieces[] = { (L"a" EMOJI), L"\u00E9b", EMOJI };
    SQLLEN left = BYTES(5);

    (void)state;
    OK(stmt, SQLExecDirectW(stmt, WSQL(L"SELECT '" NAME L"b" EMOJI L"'")));
    OK(stmt, SQLFetch(stmt));
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        SQLWCHAR got[4] = { 9, 9, 9, 9 };
        SQLLEN len = -7;

        T_CHECK(SQL_HANDLE_STMT, stmt, i < 2 ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS,
                i < 2 ? "01004" : NULL, SQLGetData(stmt, 1, SQL_C_WCHAR, got, BYTES(3), &len));
        expect_wide(got, pieces[i]);
        assert_int_equal(got[3], 9);
        assert_int_equal(len, left);
        left -= BYTES(2);
    }
    NODATA(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, &(SQLWCHAR){ 0 }, 4, NULL));
}

/* The second row on, SQLGetData knows the column; each value comes whole or cut all the same. */
static void rows_are_read_one_by_one(void **state)
{
    static const SQLWCHAR *const want[] = { L"ab", NAME, L"abc", L"1234" };
    static const SQLLEN lengths[] = { 2, 3, 3, 4 };

    (void)state;
    OK(stmt,
       SQLExecDirectW(stmt, WSQL(L"SELECT v FROM (VALUES (1, 'ab'), (2, "
                                 L"'" NAME L"'), (3, 'abc'), (4, '1234')) t(n, v) ORDER BY n")));
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        SQLWCHAR got[5] = { 9, 9, 9, 9, 9 };
        SQLLEN len = -7;
        bool is_cut = i == 3;

        OK(stmt, SQLFetch(stmt));
        T_CHECK(SQL_HANDLE_STMT, stmt, is_cut ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS,
                is_cut ? "01004" : NULL, SQLGetData(stmt, 1, SQL_C_WCHAR, got, BYTES(4), &len));
        assert_int_equal(len, BYTES(lengths[i]));
        assert_memory_equal(got, want[i], BYTES(is_cut ? 3 : lengths[i]));
        assert_int_equal(got[4], 9);
    }
}

/* iODBC's rows of a rowset have 16 bits: what is above them does not count. */
static void a_row_has_16_bits(void **state)
{
    SQLWCHAR got[4] = { 9 };

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, NUMBER(SQL_CURSOR_STATIC), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(3), 0));
    OK(stmt, SQLExecDirectW(stmt, WSQL(L"VALUES ('a'), ('b'), ('c')")));
    OK(stmt, SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0));
    OK(stmt, SQLSetPos(stmt, 0x10002, SQL_POSITION, SQL_LOCK_NO_CHANGE));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, got, sizeof got, NULL));
    expect_wide(got, L"b");
}

/* Room for two characters, and some bytes that are no character. */
static void bound_columns_are_cut(void **state)
{
    SQLWCHAR whole[3][8], cut[3][4];
    SQLLEN whole_len[3] = { -7, -7, -7 }, cut_len[3] = { -7, -7, -7 };

    (void)state;
    memset(cut, 0x77, sizeof cut);
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(3), 0));
    OK(stmt, SQLBindCol(stmt, 1, SQL_C_WCHAR, whole, sizeof whole[0], whole_len));
    OK(stmt, SQLBindCol(stmt, 2, SQL_C_WCHAR, cut, sizeof cut[0], cut_len));
    OK(stmt, SQLExecDirectW(stmt, WSQL(L"SELECT v, v || 'z' FROM (VALUES (1, "
                                       L"'" NAME L"'), (2, 'bc'), (3, NULL)) t(n, v) ORDER BY n")));
    INFO(stmt, "01004", SQLFetch(stmt));
    expect_wide(whole[0], NAME);
    expect_wide(cut[0], NAME);
    assert_int_equal(whole_len[0], BYTES(3));
    assert_int_equal(cut_len[0], BYTES(4)); /* the full length of what was cut */
    expect_wide(whole[1], L"bc");
    expect_wide(cut[1], L"bcz");
    assert_int_equal(cut_len[1], BYTES(3));
    assert_int_equal(whole_len[2], SQL_NULL_DATA);
}

/* ---- parameters ---- */

static SQLRETURN send(const SQLWCHAR *text, SQLLEN len, SQLSMALLINT type)
{
    SQLLEN ind = len;

    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_WCHAR, type, 4000, 0, WIDE(text), 0, &ind));
    return SQLExecDirectW(stmt, WSQL(L"SELECT ?"));
}

static void expect_sent(const SQLWCHAR *text, SQLLEN len, SQLSMALLINT type, const SQLWCHAR *want)
{
    SQLWCHAR got[64] = { 9 };

    OK(stmt, send(text, len, type));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, got, sizeof got, NULL));
    expect_wide(got, want);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

static void parameters_are_wide(void **state)
{
    static const SQLWCHAR surrogates[] = { 'a', 0xD83D, 0xDE00, 0 }, beyond[] = { 0x110000, 0 };

    (void)state;
    expect_sent(NAME, SQL_NTS, SQL_WVARCHAR, NAME);
    expect_sent(NAME L"rest", BYTES(3), SQL_VARCHAR, NAME);
    expect_sent(L"", 0, SQL_WVARCHAR, L"");
    expect_sent(L"-12", SQL_NTS, SQL_INTEGER, L"-12");
    expect_sent(L"2024-02-29", SQL_NTS, SQL_TYPE_DATE, L"2024-02-29");
    ERR(stmt, "HY090", send(NAME, 6, SQL_WVARCHAR)); /* a unit and a half */
    ERR(stmt, "22018", send(surrogates, SQL_NTS, SQL_WVARCHAR));
    ERR(stmt, "22018", send(beyond, SQL_NTS, SQL_WVARCHAR));
    expect_sent(NAME, SQL_NTS, SQL_WVARCHAR, NAME);
}

static void parameters_come_in_pieces(void **state)
{
    SQLLEN ind = SQL_DATA_AT_EXEC;
    SQLWCHAR got[16] = { 9 };
    SQLPOINTER token = NULL;

    (void)state;
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 100, 0,
                              NUMBER(5), 0, &ind));
    NEED(stmt, SQLExecDirectW(stmt, WSQL(L"SELECT ?")));
    NEED(stmt, SQLParamData(stmt, &token));
    OK(stmt, SQLPutData(stmt, WIDE(NAME), BYTES(2)));
    OK(stmt, SQLPutData(stmt, WIDE(L"\u00E9z"), SQL_NTS));
    OK(stmt, SQLParamData(stmt, &token));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 1, SQL_C_WCHAR, got, sizeof got, NULL));
    expect_wide(got, NAME L"z");
}

/* A megabyte of text up as one parameter, down in pieces. */
static void large_text_goes_both_ways(void **state)
{
    enum { UNITS_IN_ALL = 300007, ROOM = 16384 };
    static const SQLWCHAR chars[] = { 'a', 0xE9, 'b', 0x20AC, 'c', 0x1F600, 'd' };
    SQLWCHAR *sent = malloc(UNITS_IN_ALL * sizeof *sent), *room = malloc(ROOM * sizeof *room);
    SQLLEN ind = BYTES(UNITS_IN_ALL), len = 0;
    size_t at = 0;

    (void)state;
    assert_true(sent != NULL && room != NULL);
    for (size_t i = 0; i < UNITS_IN_ALL; i++)
        sent[i] = i % 1000 < 500 ? 'x' : chars[i % COUNT_OF(chars)];
    OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WLONGVARCHAR, 0, 0, sent,
                              ind, &ind));
    OK(stmt, SQLExecDirectW(stmt, WSQL(L"SELECT ?::text")));
    OK(stmt, SQLFetch(stmt));
    while (at < UNITS_IN_ALL) {
        size_t n = UNITS_IN_ALL - at < ROOM - 1 ? UNITS_IN_ALL - at : ROOM - 1;
        bool is_last = at + n == UNITS_IN_ALL;

        T_CHECK(SQL_HANDLE_STMT, stmt, is_last ? SQL_SUCCESS : SQL_SUCCESS_WITH_INFO,
                is_last ? NULL : "01004",
                SQLGetData(stmt, 1, SQL_C_WCHAR, room, BYTES(ROOM), &len));
        assert_int_equal(len, BYTES(UNITS_IN_ALL - at));
        assert_memory_equal(room, sent + at, n * sizeof *sent);
        assert_int_equal(room[n], 0);
        at += n;
    }
    free(sent);
    free(room);
}

/* ---- what describes ---- */

static void messages_are_wide(void **state)
{
    SQLWCHAR six[6] = { 9 }, text[512] = { 9 }, small[9] = { 9 };
    SQLINTEGER native = -1;
    SQLSMALLINT length = -1, cut = -1;

    (void)state;
    ERR(stmt, "42S02", SQLExecDirectW(stmt, WSQL(L"SELECT 1 FROM \"" NAME L"\"")));
    OK(stmt, SQLGetDiagRecW(SQL_HANDLE_STMT, stmt, 1, six, &native, text, COUNT_OF(text), &length));
    expect_wide(six, L"42S02");
    assert_true(has(text, L"relation \"" NAME L"\" does not exist"));
    assert_int_equal(text[length], 0);
    assert_int_equal(
        SQLGetDiagRecW(SQL_HANDLE_STMT, stmt, 1, six, &native, small, COUNT_OF(small), &cut),
        SQL_SUCCESS_WITH_INFO);
    assert_int_equal(cut, length);
    assert_memory_equal(small, text, BYTES(8));
    assert_int_equal(small[8], 0);
    assert_int_equal(
        SQLGetDiagFieldW(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_SQLSTATE, text, sizeof text, &length),
        SQL_SUCCESS);
    expect_wide(text, L"42S02");
    assert_int_equal(length, BYTES(5));
}

static void columns_are_described(void **state)
{
    SQLWCHAR got[16] = { 9 };
    SQLSMALLINT length = -1;
    SQLULEN size = 0;

    (void)state;
    OK(stmt, SQLExecDirectW(stmt, WSQL(L"SELECT 'x'::varchar(10) AS \"" NAME L"\"")));
    OK(stmt, SQLDescribeColW(stmt, 1, got, COUNT_OF(got), &length, NULL, &size, NULL, NULL));
    expect_wide(got, NAME);
    assert_int_equal(length, 3);
    assert_int_equal(size, 10);
    INFO(stmt, "01004", SQLDescribeColW(stmt, 1, got, 3, &length, NULL, NULL, NULL, NULL));
    expect_wide(got, L"a" EMOJI);
    assert_int_equal(length, 3);
    OK(stmt, SQLColAttributeW(stmt, 1, SQL_DESC_NAME, got, sizeof got, &length, NULL));
    expect_wide(got, NAME);
    assert_int_equal(length, BYTES(3));
}

/* A buffer made from what describes the column is as long as its text may be. */
static void wide_types_have_their_bytes(void **state)
{
    struct t_conn own;
    SQLHSTMT wide;
    SQLWCHAR got[11] = { 9 };
    SQLLEN type = 0, octets = 0, len = 0;

    (void)state;
    t_open(&own, T_POSTGRES, SQL_OV_ODBC3, "UseUnicode=1");
    wide = t_stmt(&own);
    OK(wide, SQLExecDirectW(wide, WSQL(L"SELECT '" NAME L"1234567'::varchar(10)")));
    OK(wide, SQLColAttributeW(wide, 1, SQL_DESC_CONCISE_TYPE, NULL, 0, NULL, &type));
    OK(wide, SQLColAttributeW(wide, 1, SQL_DESC_OCTET_LENGTH, NULL, 0, NULL, &octets));
    assert_int_equal(type, SQL_WVARCHAR);
    assert_int_equal(octets, BYTES(10));
    OK(wide, SQLFetch(wide));
    OK(wide, SQLGetData(wide, 1, SQL_C_DEFAULT, got, octets + BYTES(1), &len));
    expect_wide(got, NAME L"1234567");
    assert_int_equal(len, octets);
    t_free(wide);
    t_close(&own);
}

static void names_go_both_ways(void **state)
{
    SQLWCHAR got[64] = { 9 };
    SQLSMALLINT length = -1;
    SQLINTEGER long_length = -1;

    (void)state;
    OK(stmt, SQLSetCursorNameW(stmt, WSQL(NAME)));
    OK(stmt, SQLGetCursorNameW(stmt, got, COUNT_OF(got), &length));
    expect_wide(got, NAME);
    assert_int_equal(length, 3);
    DBC_OK(conn.dbc, SQLNativeSqlW(conn.dbc, WSQL(L"SELECT {fn UCASE('" EMOJI L"')}"), got,
                                   COUNT_OF(got), &long_length));
    assert_true(has(got, L"'" EMOJI L"'"));
    assert_false(has(got, L"{"));
    assert_int_equal(got[long_length], 0);
    DBC_OK(conn.dbc, SQLGetInfoW(conn.dbc, SQL_DRIVER_NAME, got, sizeof got, &length));
    expect_wide(got, L"libredshift_odbc_iodbc.so");
    assert_int_equal(length, BYTES(25));
    DBC_ERR(conn.dbc, "HY090", SQLGetInfoW(conn.dbc, SQL_DRIVER_NAME, got, 6, &length));
}

static void the_catalog_knows_wide_names(void **state)
{
    SQLWCHAR got[64] = { 9 };
    SQLLEN len = 0;

    (void)state;
    OK(stmt,
       SQLExecDirectW(
           stmt,
           WSQL(L"CREATE TEMP TABLE \"t" NAME L"\" (\"c" NAME L"\" varchar(7) PRIMARY KEY)")));
    OK(stmt, SQLTablesW(stmt, NULL, 0, NULL, 0, WSQL(L"t" NAME), NULL, 0));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 3, SQL_C_WCHAR, got, sizeof got, &len));
    expect_wide(got, L"t" NAME);
    assert_int_equal(len, BYTES(4));
    NODATA(stmt, SQLFetch(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLColumnsW(stmt, NULL, 0, NULL, 0, WSQL(L"t" NAME), WIDE(L"c" NAME L"rest"), 4));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 4, SQL_C_WCHAR, got, sizeof got, &len));
    expect_wide(got, L"c" NAME);
    NODATA(stmt, SQLFetch(stmt));
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLPrimaryKeysW(stmt, NULL, 0, NULL, 0, WSQL(L"t" NAME)));
    OK(stmt, SQLFetch(stmt));
    OK(stmt, SQLGetData(stmt, 4, SQL_C_WCHAR, got, sizeof got, &len));
    expect_wide(got, L"c" NAME);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    OK(stmt, SQLExecDirectW(stmt, WSQL(L"DROP TABLE \"t" NAME L"\"")));
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, face_drop)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_by_wide_text),
        cmocka_unit_test(says_why_it_cannot_connect),
        EACH(statements_are_wide),
        EACH(every_kind_is_wide),
        EACH(a_value_comes_in_pieces),
        EACH(rows_are_read_one_by_one),
        EACH(a_row_has_16_bits),
        EACH(bound_columns_are_cut),
        EACH(parameters_are_wide),
        EACH(parameters_come_in_pieces),
        EACH(large_text_goes_both_ways),
        EACH(messages_are_wide),
        EACH(columns_are_described),
        cmocka_unit_test(wide_types_have_their_bytes),
        EACH(names_go_both_ways),
        EACH(the_catalog_knows_wide_names),
    };

    return cmocka_run_group_tests_name("iodbc", tests, face_open, face_close);
}
