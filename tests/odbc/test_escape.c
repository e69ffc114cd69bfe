/*
 * Every scalar function that SQLGetInfo names runs on the server and gives what ODBC says; the
 * masks have the bits of what ran and no other. Appendix E; odbc.md 4.4, 12.
 */
#define FACE_NO_STMT
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    return 0;
}

enum set { STRING, NUMERIC, TIMEDATE, SYSTEM, CONVERT, N_SETS };

static const SQLUSMALLINT infos[N_SETS] = { SQL_STRING_FUNCTIONS, SQL_NUMERIC_FUNCTIONS,
                                            SQL_TIMEDATE_FUNCTIONS, SQL_SYSTEM_FUNCTIONS,
                                            SQL_CONVERT_FUNCTIONS };

#define STR(bit)      STRING, SQL_FN_STR_##bit
#define NUM(bit)      NUMERIC, SQL_FN_NUM_##bit
#define TD(bit)       TIMEDATE, SQL_FN_TD_##bit
/* Redshift's GETDATE has no fraction of a second. */
#define IS_NOW(text)  text " IN (LOCALTIMESTAMP, " SECOND ")"
#define IS_TIME(text) text " IN (LOCALTIME(0), CAST(" SECOND " AS TIME))"
#define SECOND        "DATE_TRUNC('second', LOCALTIMESTAMP)"
#define TS            "{ts '2024-02-29 13:14:15.6'}"

/* clang-format off */
static const struct {
    enum set set;
    SQLUINTEGER bit;
    const char *expression, *want;
} rows[] = {
    { STR(ASCII),            "{fn ASCII('A')}", "65" },
    { STR(BIT_LENGTH),       "{fn BIT_LENGTH('abc')}", "24" },
    { STR(CHAR),             "{fn CHAR(66)}", "B" },
    { STR(CHAR_LENGTH),      "{fn CHAR_LENGTH('\xC3\xA4x')}", "2" },
    { STR(CHARACTER_LENGTH), "{fn CHARACTER_LENGTH('\xC3\xA4x')}", "2" },
    { STR(CONCAT),           "{fn CONCAT('a', 'b')}", "ab" },
    { STR(INSERT),           "{fn INSERT('abcdef', 2, 3, 'X')}", "aXef" },
    { STR(LCASE),            "{fn LCASE('AbC')}", "abc" },
    { STR(LEFT),             "{fn LEFT('abc', 2)}", "ab" },
    { STR(LENGTH),           "{fn LENGTH('ab  ')}", "2" },
    { STR(LOCATE_2),         "{fn LOCATE('b', 'abcb')}", "2" },
    { STR(LOCATE),           "{fn LOCATE('b', 'abcb', 3)}", "4" },
    { STR(LOCATE),           "{fn LOCATE('x', 'abcb', 3)}", "0" },
    { STR(LTRIM),            "{fn LTRIM('  a ')} || '.'", "a ." },
    { STR(OCTET_LENGTH),     "{fn OCTET_LENGTH('\xC3\xA4x')}", "3" },
    { STR(POSITION),         "{fn POSITION('b' IN 'ab')}", "2" },
    { STR(REPEAT),           "{fn REPEAT('ab', 2)}", "abab" },
    { STR(REPLACE),          "{fn REPLACE('abab', 'b', 'x')}", "axax" },
    { STR(RIGHT),            "{fn RIGHT('abc', 2)}", "bc" },
    { STR(RTRIM),            "{fn RTRIM(' a  ')} || '.'", " a." },
    { STR(SPACE),            "{fn SPACE(3)} || '.'", "   ." },
    { STR(SUBSTRING),        "{fn SUBSTRING('abcd', 2)}", "bcd" },
    { STR(SUBSTRING),        "{fn SUBSTRING('abcd', 2, 2)}", "bc" },
    { STR(UCASE),            "{fn UCASE('AbC')}", "ABC" },
    { NUM(ABS),              "{fn ABS(-2)}", "2" },
    { NUM(ACOS),             "{fn ACOS(1)}", "0" },
    { NUM(ASIN),             "{fn ASIN(0)}", "0" },
    { NUM(ATAN),             "{fn ATAN(0)}", "0" },
    { NUM(ATAN2),            "{fn ATAN2(0, 1)}", "0" },
    { NUM(CEILING),          "{fn CEILING(1.2)}", "2" },
    { NUM(COS),              "{fn COS(0)}", "1" },
    { NUM(COT),              "{fn ROUND({fn COT(0.785398163397448)}, 6)} = 1", "1" },
    { NUM(DEGREES),          "{fn DEGREES({fn PI()})}", "180" },
    { NUM(EXP),              "{fn EXP(0.0)} = 1", "1" },
    { NUM(FLOOR),            "{fn FLOOR(-1.2)}", "-2" },
    { NUM(LOG),              "{fn ROUND({fn LOG(2.718281828459)}, 6)} = 1", "1" },
    { NUM(LOG10),            "{fn LOG10(1000)}", "3" },
    { NUM(MOD),              "{fn MOD(7, 3)}", "1" },
    { NUM(PI),               "{fn TRUNCATE({fn PI()}, 4)}", "3.1415" },
    { NUM(POWER),            "{fn POWER(2, 10)}", "1024" },
    { NUM(RADIANS),          "{fn ROUND({fn RADIANS(180)}, 4)}", "3.1416" },
    { NUM(RAND),             "{fn FLOOR({fn RAND()})}", "0" },
    { NUM(RAND),             "{fn FLOOR({fn RAND(7)})}", "0" },
    { NUM(ROUND),            "{fn ROUND(1.257, 2)}", "1.26" },
    { NUM(SIGN),             "{fn SIGN(-3)}", "-1" },
    { NUM(SIN),              "{fn SIN(0)}", "0" },
    { NUM(SQRT),             "{fn SQRT(9)}", "3" },
    { NUM(TAN),              "{fn TAN(0)}", "0" },
    { NUM(TRUNCATE),         "{fn TRUNCATE(1.257, 2)}", "1.25" },
    { TD(CURDATE),           "{fn CURDATE()} = CURRENT_DATE", "1" },
    { TD(CURRENT_DATE),      "{fn CURRENT_DATE()} = CURRENT_DATE", "1" },
    { TD(CURTIME),           IS_TIME("{fn CURTIME()}"), "1" },
    { TD(CURRENT_TIME),      IS_TIME("{fn CURRENT_TIME()}"), "1" },
    { TD(CURRENT_TIME),      IS_TIME("{fn CURRENT_TIME(0)}"), "1" },
    { TD(NOW),               IS_NOW("{fn NOW()}"), "1" },
    { TD(CURRENT_TIMESTAMP), IS_NOW("{fn CURRENT_TIMESTAMP()}"), "1" },
    { TD(CURRENT_TIMESTAMP), "{fn CURRENT_TIMESTAMP(6)} = LOCALTIMESTAMP", "1" },
    { TD(DAYNAME),           "{fn DAYNAME(" TS ")}", "Thursday" },
    { TD(MONTHNAME),         "{fn MONTHNAME(" TS ")}", "February" },
    { TD(DAYOFMONTH),        "{fn DAYOFMONTH(" TS ")}", "29" },
    { TD(DAYOFWEEK),         "{fn DAYOFWEEK({d '2024-02-25'})}", "1" },
    { TD(DAYOFWEEK),         "{fn DAYOFWEEK(" TS ")}", "5" },
    { TD(DAYOFYEAR),         "{fn DAYOFYEAR(" TS ")}", "60" },
    { TD(EXTRACT),           "{fn FLOOR({fn EXTRACT(YEAR FROM " TS ")})}", "2024" },
    { TD(HOUR),              "{fn HOUR({t '13:14:15'})}", "13" },
    { TD(MINUTE),            "{fn MINUTE(" TS ")}", "14" },
    { TD(MONTH),             "{fn MONTH(" TS ")}", "2" },
    { TD(QUARTER),           "{fn QUARTER({d '2024-12-31'})}", "4" },
    { TD(SECOND),            "{fn SECOND(" TS ")}", "15" },
    { TD(WEEK),              "{fn WEEK(" TS ")}", "9" },
    { TD(YEAR),              "{fn YEAR(" TS ")}", "2024" },
    { TD(TIMESTAMPADD),      "{fn TIMESTAMPADD(SQL_TSI_FRAC_SECOND, 500000000, " TS ")}", "2024-02-29 13:14:16.1" },
    { TD(TIMESTAMPADD),      "{fn TIMESTAMPADD(SQL_TSI_SECOND, 50, " TS ")}", "2024-02-29 13:15:05.6" },
    { TD(TIMESTAMPADD),      "{fn TIMESTAMPADD(SQL_TSI_MINUTE, -15, " TS ")}", "2024-02-29 12:59:15.6" },
    { TD(TIMESTAMPADD),      "{fn TIMESTAMPADD(SQL_TSI_HOUR, 24, " TS ")}", "2024-03-01 13:14:15.6" },
    { TD(TIMESTAMPADD),      "{fn TIMESTAMPADD(SQL_TSI_DAY, 1, " TS ")}", "2024-03-01 13:14:15.6" },
    { TD(TIMESTAMPADD),      "{fn TIMESTAMPADD(SQL_TSI_WEEK, 1, " TS ")}", "2024-03-07 13:14:15.6" },
    { TD(TIMESTAMPADD),      "{fn TIMESTAMPADD(SQL_TSI_MONTH, 12, " TS ")}", "2025-02-28 13:14:15.6" },
    { TD(TIMESTAMPADD),      "{fn TIMESTAMPADD(SQL_TSI_QUARTER, 1, " TS ")}", "2024-05-29 13:14:15.6" },
    { TD(TIMESTAMPADD),      "{fn TIMESTAMPADD(SQL_TSI_YEAR, 4, " TS ")}", "2028-02-29 13:14:15.6" },
#define DIFF(unit, a, b) "{fn TIMESTAMPDIFF(SQL_TSI_" unit ", {ts '" a "'}, {ts '" b "'})}"
    { TD(TIMESTAMPDIFF),     DIFF("FRAC_SECOND", "2024-01-01 00:00:00", "2024-01-01 00:00:00.000001"), "1000" },
    { TD(TIMESTAMPDIFF),     DIFF("SECOND", "2024-01-01 00:00:00.9", "2024-01-01 00:00:02.1"), "2" },
    { TD(TIMESTAMPDIFF),     DIFF("MINUTE", "2024-01-01 00:00:59", "2024-01-01 00:01:00"), "1" },
    { TD(TIMESTAMPDIFF),     DIFF("HOUR", "2024-01-01 02:00:00", "2024-01-01 00:59:00"), "-2" },
    { TD(TIMESTAMPDIFF),     DIFF("DAY", "2024-02-28 23:00:00", "2024-03-01 00:00:00"), "2" },
    { TD(TIMESTAMPDIFF),     DIFF("WEEK", "2024-02-01 00:00:00", "2024-02-29 00:00:00"), "4" },
    { TD(TIMESTAMPDIFF),     DIFF("MONTH", "2023-11-30 00:00:00", "2024-02-01 00:00:00"), "3" },
    { TD(TIMESTAMPDIFF),     DIFF("QUARTER", "2023-12-31 00:00:00", "2024-04-01 00:00:00"), "2" },
    { TD(TIMESTAMPDIFF),     DIFF("YEAR", "2023-12-31 00:00:00", "2024-01-01 00:00:00"), "1" },
    { SYSTEM, SQL_FN_SYS_DBNAME,   "{fn DATABASE()} = CURRENT_DATABASE()", "1" },
    { SYSTEM, SQL_FN_SYS_IFNULL,   "{fn IFNULL(NULL, 5)}", "5" },
    { SYSTEM, SQL_FN_SYS_USERNAME, "{fn USER()} = CURRENT_USER", "1" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('7', SQL_INTEGER)} + 1", "8" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('7', SQL_BIGINT)} + 1", "8" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('7', SQL_TINYINT)} + 1", "8" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('1.5', SQL_DOUBLE)}", "1.5" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('1.5', SQL_REAL)}", "1.5" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('1.5', SQL_NUMERIC)} = 1.5", "1" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('true', SQL_BIT)}", "1" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT(12, SQL_VARCHAR)} || 'x'", "12x" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT(12, SQL_WCHAR)} || 'x'", "12x" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('2024-02-29', SQL_DATE)}", "2024-02-29" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('1:02:03', SQL_TYPE_TIME)}", "01:02:03" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('2024-02-29', SQL_TIMESTAMP)}", "2024-02-29 00:00:00" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn OCTET_LENGTH({fn CONVERT('abc', SQL_VARBINARY)})}", "3" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('1-2', SQL_INTERVAL_YEAR_TO_MONTH)} = {interval '14' month}", "1" },
    { CONVERT, SQL_FN_CVT_CONVERT, "{fn CONVERT('1 2:00:00', SQL_INTERVAL_DAY_TO_SECOND)} = {interval '26' hour}", "1" },
    { CONVERT, SQL_FN_CVT_CAST,    "CAST('7' AS INTEGER) + 1", "8" },
};
/* clang-format on */

static void runs_every_function(void **state)
{
    SQLUINTEGER ran[N_SETS] = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char sql[512];

        if (on_redshift() && strstr(rows[i].expression, "SQL_VARBINARY") != NULL)
            continue; /* the stand-in's casts to VARBYTE make no digits */
        snprintf(sql, sizeof sql, "SELECT %s", rows[i].expression);
        t_expect(&conn, sql, rows[i].want);
        ran[rows[i].set] |= rows[i].bit;
    }
    if (on_redshift()) /* written as they are; its back end has none */
        ran[STRING] |= SQL_FN_STR_SOUNDEX | SQL_FN_STR_DIFFERENCE;
    for (size_t i = 0; i < N_SETS; i++) {
        SQLUINTEGER mask = 0;

        DBC_OK(conn.dbc, SQLGetInfo(conn.dbc, infos[i], &mask, 0, NULL));
        if (mask != ran[i])
            fail_msg("set %zu: %x is claimed, %x ran", i, (unsigned)mask, (unsigned)ran[i]);
    }
}

static void runs_other_forms(void **state)
{
    (void)state;
    t_expect(&conn, "SELECT {d '2024-02-29'}, {t '01:02:03'}, " TS,
             "2024-02-29|01:02:03|2024-02-29 13:14:15.6");
    t_expect(&conn,
             HERE("SELECT 'a%' LIKE 'a!%' {escape '!'}, 'ab' LIKE 'a\\%' {escape '\\'}",
                  "SELECT 'a%' LIKE 'a!%' {escape '!'}, 'ab' LIKE 'a\\\\%' {escape '\\\\'}"),
             "1|0");
    t_expect(&conn,
             "SELECT a.n, b.n FROM {oj (VALUES (1), (2)) a (n) LEFT OUTER JOIN (VALUES (2)) b (n) "
             "ON a.n = b.n} ORDER BY 1",
             "1|<null>;2|2");
    t_expect(&conn, "SELECT {guid '00000000-0000-0000-0000-000000000001'} IS NULL", "0");
    t_run(&conn, "CREATE OR REPLACE PROCEDURE pg_temp.esc() LANGUAGE sql AS $$ SELECT 1 $$");
    t_run(&conn, "{call pg_temp.esc}");
    t_run(&conn, "{call pg_temp.esc()}");
}

/* The second marker stands first in what is sent. */
static void keeps_places_of_parameters(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    SQLSMALLINT n = 0;
    char got[64];

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("SELECT {fn LOCATE(?, ?, ?)}, {fn UCASE(?)}")));
    OK(stmt, SQLNumParams(stmt, &n));
    assert_int_equal(n, 4);
    for (SQLUSMALLINT i = 1; i <= 4; i++) {
        static const char *const values[] = { "b", "abcb", "3", "last" };

        OK(stmt, SQLBindParameter(stmt, i, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0,
                                  TEXT(values[i - 1]), 0, NULL));
    }
    OK(stmt, SQLExecute(stmt));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "4|LAST");
    t_free(stmt);
}

static void may_be_off(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_NOSCAN, NUMBER(SQL_NOSCAN_ON), 0));
    ERR(stmt, "42000", SQLExecDirect(stmt, SQL("SELECT {fn ABS(1)}")));
    t_free(stmt);
    stmt = t_stmt(&conn);
    ERR(stmt, "42000", SQLExecDirect(stmt, SQL("SELECT {d 5}")));
    ERR(stmt, "42000", SQLExecDirect(stmt, SQL("SELECT {fn ABS(1)")));
    t_free(stmt);
}

static void shows_native_text(void **state)
{
    SQLCHAR out[64];

    (void)state;
    DBC_OK(conn.dbc, SQLNativeSql(conn.dbc, SQL("SELECT {fn ROUND(?, 1)}"), out, sizeof out, NULL));
    assert_string_equal((char *)out,
                        HERE("SELECT ROUND(CAST(? AS NUMERIC), 1)", "SELECT ROUND(?, 1)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_every_function),        cmocka_unit_test(runs_other_forms),
        cmocka_unit_test(keeps_places_of_parameters), cmocka_unit_test(may_be_off),
        cmocka_unit_test(shows_native_text),
    };

    return cmocka_run_group_tests(tests, open_conn, face_close);
}
