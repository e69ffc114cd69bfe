/* SQLGetInfo and SQLGetFunctions of a connection; odbc.md 4 and 5. */
#include "reach.h"

static struct reach postgres, redshift;

static int open_both(void **state)
{
    (void)state;
    reach_open(&postgres, REACH_POSTGRES, SQL_OV_ODBC3, "");
    reach_open(&redshift, REACH_REDSHIFT, SQL_OV_ODBC3, "");
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    reach_close(&postgres);
    reach_close(&redshift);
    return 0;
}

static const char *text_of(struct reach *reach, SQLUSMALLINT type)
{
    static char text[2048];

    reach_ok(SQLGetInfo(reach->dbc, type, text, sizeof text, NULL), SQL_HANDLE_DBC, reach->dbc);
    return text;
}

static const struct {
    SQLUSMALLINT type;
    const char *postgres, *redshift;
} texts[] = {
    { SQL_DBMS_NAME, "PostgreSQL", "Redshift" },
    { SQL_DATABASE_NAME, "dev", "dev" },
    { SQL_SEARCH_PATTERN_ESCAPE, "\\", "\\" },
    { SQL_IDENTIFIER_QUOTE_CHAR, "\"", "\"" },
    { SQL_CATALOG_TERM, "database", "database" },
    { SQL_DATA_SOURCE_READ_ONLY, "N", "N" },
    { SQL_DATA_SOURCE_NAME, "", "" },
    { SQL_DRIVER_ODBC_VER, "03.80", "03.80" },
    { SQL_PROCEDURES, "Y", "Y" },
    { SQL_PROCEDURE_TERM, "procedure", "procedure" },
    { SQL_ACCESSIBLE_PROCEDURES, "N", "N" }, /* they are listed whoever may call them */
    { SQL_OUTER_JOINS, "Y", "Y" },
    { SQL_DESCRIBE_PARAMETER, "Y", "Y" },
    { SQL_XOPEN_CLI_YEAR, "1995", "1995" },
};

static void answers_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_string_equal(text_of(&postgres, texts[i].type), texts[i].postgres);
        assert_string_equal(text_of(&redshift, texts[i].type), texts[i].redshift);
    }
    assert_string_equal(text_of(&postgres, SQL_USER_NAME), reach_var(REACH_POSTGRES, "_USER"));
    assert_string_equal(text_of(&redshift, SQL_SERVER_NAME), reach_var(REACH_REDSHIFT, "_HOST"));
    assert_string_equal(text_of(&redshift, SQL_DBMS_VER), "01.00.99999 1.0.99999");
    assert_non_null(strstr(text_of(&postgres, SQL_DBMS_VER), ".00."));
    assert_non_null(strstr(text_of(&postgres, SQL_DRIVER_NAME), "libredshift_odbc"));
}

#define SCROLLS (SQL_SO_FORWARD_ONLY | SQL_SO_STATIC)
#define STATIC_2                                                                                   \
    (SQL_CA2_READ_ONLY_CONCURRENCY | SQL_CA2_MAX_ROWS_SELECT | SQL_CA2_MAX_ROWS_CATALOG |          \
     SQL_CA2_CRC_EXACT)

static const struct {
    SQLUSMALLINT type;
    size_t size;
    SQLUINTEGER postgres, redshift;
} numbers[] = {
    { SQL_MAX_TABLE_NAME_LEN, 2, 63, 127 },
    { SQL_MAX_CONCURRENT_ACTIVITIES, 2, 0, 0 },
    { SQL_TXN_CAPABLE, 2, SQL_TC_ALL, SQL_TC_ALL },
    { SQL_IDENTIFIER_CASE, 2, SQL_IC_LOWER, SQL_IC_LOWER },
    { SQL_QUOTED_IDENTIFIER_CASE, 2, SQL_IC_SENSITIVE, SQL_IC_LOWER },
    { SQL_CATALOG_USAGE, 4, 0, SQL_CU_DML_STATEMENTS },
    { SQL_DEFAULT_TXN_ISOLATION, 4, SQL_TXN_READ_COMMITTED, SQL_TXN_SERIALIZABLE },
    { SQL_SCROLL_OPTIONS, 4, SCROLLS, SCROLLS },
    { SQL_STATIC_CURSOR_ATTRIBUTES2, 4, STATIC_2, STATIC_2 },
    { SQL_DYNAMIC_CURSOR_ATTRIBUTES1, 4, 0, 0 },
    { SQL_STRING_FUNCTIONS, 4, 0xFD7FFF, 0xFFFFFF },
    { SQL_ASYNC_MODE, 4, SQL_AM_STATEMENT, SQL_AM_STATEMENT },
    { SQL_MAX_ASYNC_CONCURRENT_STATEMENTS, 4, 1, 1 },
    { SQL_ODBC_INTERFACE_CONFORMANCE, 4, SQL_OIC_CORE, SQL_OIC_CORE },
    { SQL_ODBC_API_CONFORMANCE, 2, SQL_OAC_LEVEL2, SQL_OAC_LEVEL2 },
    { SQL_STANDARD_CLI_CONFORMANCE, 4, SQL_SCC_XOPEN_CLI_VERSION1 | SQL_SCC_ISO92_CLI,
      SQL_SCC_XOPEN_CLI_VERSION1 | SQL_SCC_ISO92_CLI },
    { SQL_MAX_STATEMENT_LEN, 4, 0, 16777216 },
};

static void answers_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        for (int r = 0; r < 2; r++) {
            struct reach *reach = r ? &redshift : &postgres;
            unsigned char raw[8];
            SQLUSMALLINT half;
            SQLUINTEGER whole;

            memset(raw, 0xAA, sizeof raw);
            reach_ok(SQLGetInfo(reach->dbc, numbers[i].type, raw, 0, NULL), SQL_HANDLE_DBC,
                     reach->dbc);
            memcpy(&half, raw, 2);
            memcpy(&whole, raw, 4);
            if (numbers[i].size == 2)
                whole = half;
            if (whole != (r ? numbers[i].redshift : numbers[i].postgres))
                fail_msg("type %u, %s: %u", (unsigned)numbers[i].type,
                         r ? "Redshift" : "PostgreSQL", (unsigned)whole);
            assert_int_equal(raw[numbers[i].size], 0xAA);
        }
    }
}

/* The setting is asked anew, so a statement of the application is noticed. */
static void follows_case_setting(void **state)
{
    SQLUSMALLINT how = 0;

    (void)state;
    reach_run(&redshift, "SET enable_case_sensitive_identifier TO true");
    reach_ok(SQLGetInfo(redshift.dbc, SQL_QUOTED_IDENTIFIER_CASE, &how, 0, NULL), SQL_HANDLE_DBC,
             redshift.dbc);
    assert_int_equal(how, SQL_IC_SENSITIVE);
    reach_run(&redshift, "SET enable_case_sensitive_identifier TO false");
    reach_ok(SQLGetInfo(redshift.dbc, SQL_QUOTED_IDENTIFIER_CASE, &how, 0, NULL), SQL_HANDLE_DBC,
             redshift.dbc);
    assert_int_equal(how, SQL_IC_LOWER);
}

static void follows_access_mode(void **state)
{
    (void)state;
    reach_ok(SQLSetConnectAttr(postgres.dbc, SQL_ATTR_ACCESS_MODE,
                               (SQLPOINTER)(SQLULEN)SQL_MODE_READ_ONLY, 0),
             SQL_HANDLE_DBC, postgres.dbc);
    assert_string_equal(text_of(&postgres, SQL_DATA_SOURCE_READ_ONLY), "Y");
    reach_ok(SQLSetConnectAttr(postgres.dbc, SQL_ATTR_ACCESS_MODE,
                               (SQLPOINTER)(SQLULEN)SQL_MODE_READ_WRITE, 0),
             SQL_HANDLE_DBC, postgres.dbc);
}

static void cuts_and_refuses(void **state)
{
    char text[4];
    SQLWCHAR wide[32];
    SQLSMALLINT length = 0;

    (void)state;
    assert_int_equal(SQLGetInfo(redshift.dbc, SQL_DBMS_NAME, text, sizeof text, &length),
                     SQL_SUCCESS_WITH_INFO);
    assert_string_equal(text, "Red");
    assert_int_equal(length, 8);
    reach_state(SQL_HANDLE_DBC, redshift.dbc, "01004");
    reach_ok(SQLGetInfoW(redshift.dbc, SQL_DBMS_NAME, wide, sizeof wide, &length), SQL_HANDLE_DBC,
             redshift.dbc);
    assert_int_equal(length, 16); /* bytes */
    assert_int_equal(wide[0], 'R');
    assert_int_equal(wide[8], 0);
    assert_int_equal(SQLGetInfo(redshift.dbc, 9999, text, sizeof text, NULL), SQL_ERROR);
    reach_state(SQL_HANDLE_DBC, redshift.dbc, "HY096");
}

static void renames_the_dbms(void **state)
{
    struct reach reach;

    (void)state;
    reach_open(&reach, REACH_REDSHIFT, SQL_OV_ODBC3, "DbmsName=PostgreSQL");
    assert_string_equal(text_of(&reach, SQL_DBMS_NAME), "PostgreSQL");
    reach_close(&reach);
}

static void tells_functions(void **state)
{
    SQLUSMALLINT one = 9, old[100], bits[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE];

    (void)state;
    reach_ok(SQLGetFunctions(postgres.dbc, SQL_API_SQLCOLUMNS, &one), SQL_HANDLE_DBC, postgres.dbc);
    assert_int_equal(one, SQL_TRUE);
    reach_ok(SQLGetFunctions(postgres.dbc, SQL_API_SQLSTATISTICS, &one), SQL_HANDLE_DBC,
             postgres.dbc);
    assert_int_equal(one, SQL_TRUE);
    reach_ok(SQLGetFunctions(postgres.dbc, SQL_API_ALL_FUNCTIONS, old), SQL_HANDLE_DBC,
             postgres.dbc);
    assert_int_equal(old[SQL_API_SQLTABLES], SQL_TRUE);
    assert_int_equal(old[SQL_API_SQLPRIMARYKEYS], SQL_TRUE);
    reach_ok(SQLGetFunctions(postgres.dbc, SQL_API_ODBC3_ALL_FUNCTIONS, bits), SQL_HANDLE_DBC,
             postgres.dbc);
    assert_int_equal(SQL_FUNC_EXISTS(bits, SQL_API_SQLFETCHSCROLL), SQL_TRUE);
    assert_int_equal(SQL_FUNC_EXISTS(bits, SQL_API_SQLBULKOPERATIONS), SQL_TRUE);
    assert_int_equal(SQL_FUNC_EXISTS(bits, SQL_API_SQLFOREIGNKEYS), SQL_TRUE);
    assert_int_equal(SQL_FUNC_EXISTS(bits, SQL_API_SQLSPECIALCOLUMNS), SQL_TRUE);
    assert_int_equal(SQL_FUNC_EXISTS(bits, SQL_API_SQLTABLEPRIVILEGES), SQL_TRUE);
    assert_int_equal(SQL_FUNC_EXISTS(bits, SQL_API_SQLCOLUMNPRIVILEGES), SQL_TRUE);
    assert_int_equal(SQL_FUNC_EXISTS(bits, SQL_API_SQLPROCEDURES), SQL_TRUE);
    assert_int_equal(SQL_FUNC_EXISTS(bits, SQL_API_SQLPROCEDURECOLUMNS), SQL_TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_texts),        cmocka_unit_test(answers_numbers),
        cmocka_unit_test(follows_case_setting), cmocka_unit_test(follows_access_mode),
        cmocka_unit_test(cuts_and_refuses),     cmocka_unit_test(renames_the_dbms),
        cmocka_unit_test(tells_functions),
    };

    return cmocka_run_group_tests(tests, open_both, close_both);
}
