/*
 * Procedures and functions that are called: values that come back in parameters; odbc.md 7.2,
 * 12.1, redshift.md 14. The Redshift stand-in wants calls without their OUT arguments.
 */
#include "callbed.h"

/* ---- values ---- */

static void values_come_back(void **state)
{
    SQLINTEGER a = 2, b = 3;
    SQLLEN b_len = 0, c_len = -7, d_len = 0;
    SQL_DATE_STRUCT d = { 2024, 2, 28 };
    char c[20] = "before";
    SQLSMALLINT n = -1;

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("{call p_modes(?, ?, ?, ?)}")));
    OK(stmt, SQLNumParams(stmt, &n));
    assert_int_equal(n, 4);
    bind_int(1, SQL_PARAM_INPUT, &a, NULL);
    bind_int(2, SQL_PARAM_INPUT_OUTPUT, &b, &b_len);
    bind(3, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, c, sizeof c, &c_len);
    bind(4, SQL_PARAM_INPUT_OUTPUT, SQL_C_TYPE_DATE, SQL_TYPE_DATE, &d, 0, &d_len);
    OK(stmt, SQLNumResultCols(stmt, &n));
    assert_int_equal(n, 0);
    OK(stmt, SQLExecute(stmt));
    assert_int_equal(b, 5);
    assert_int_equal(b_len, sizeof b);
    assert_string_equal(c, "sum 5");
    assert_int_equal(c_len, 5);
    assert_int_equal(d.day, 29);
    assert_int_equal(d_len, sizeof d);
    no_result();
    a = 10;
    OK(stmt, SQLExecute(stmt)); /* with what came back */
    assert_int_equal(b, 15);
    assert_string_equal(c, "sum 15");
    assert_int_equal(d.month, 3);
    no_result();
}

/* The same without SQLPrepare, the call in plain SQL, in a transaction, and where the driver has
 * not asked the catalog. */
static void every_way_to_execute(void **state)
{
    static const char *const calls[] = { "{call p_modes(?, ?, ?, ?)}", "CALL p_modes(?,?,?,?);",
                                         "{ CALL p_modes ( /* a */ ?, ?, ? , ? ) }" };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(calls); i++) {
        SQLINTEGER a = 2, b = 3;
        char c[20] = "", d[20] = "2023-12-31";
        SQLLEN b_len = 0, c_len = 0, d_len = SQL_NTS;

        set_autocommit(i < COUNT_OF(calls) ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF);
        bind_int(1, SQL_PARAM_INPUT, &a, NULL);
        bind_int(2, SQL_PARAM_INPUT_OUTPUT, &b, &b_len);
        bind(3, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, c, sizeof c, &c_len);
        bind(4, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_TYPE_DATE, d, sizeof d, &d_len);
        OK(stmt, run(calls[i % COUNT_OF(calls)]));
        assert_int_equal(b, 5);
        assert_string_equal(c, "sum 5");
        assert_string_equal(d, "2024-01-01");
        assert_int_equal(d_len, 10);
        no_result();
    }
}

static void nulls_come_back(void **state)
{
    SQLINTEGER x = 0;
    char y[8] = "kept";
    SQLLEN x_len = 99, y_len = 99;
    char five[6];
    SQLINTEGER column = 0;

    (void)state;
    bind_int(1, SQL_PARAM_OUTPUT, &x, &x_len);
    bind(2, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, y, sizeof y, &y_len);
    OK(stmt, run("{call p_out(?, ?)}"));
    assert_int_equal(x, 7);
    assert_int_equal(y_len, SQL_NULL_DATA);
    assert_string_equal(y, "kept");
    bind(2, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, y, sizeof y, NULL);
    x = 0;
    ERR(stmt, "22002", run("{call p_out(?, ?)}"));
    assert_int_equal(x, 7); /* the others are written all the same */
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, five, NULL, 0));
    assert_int_equal(
        SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL),
        SQL_SUCCESS);
    assert_int_equal(column, 2);
    /* Nobody wants it. */
    OK(stmt,
       SQLBindParameter(stmt, 2, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, 10, 0, NULL, 0, NULL));
    OK(stmt, run("{call p_out(?, ?)}"));
    OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    ERR(stmt, "07002", run("{call p_out(?, ?)}"));
}

static void values_are_converted(void **state)
{
    SQLLEN len[6] = { 0 };
    SQL_NUMERIC_STRUCT n = { 0 };
    SQL_TIMESTAMP_STRUCT t = { 0 };
    char f[10] = "", i[30] = "";
    unsigned char b = 9;
    SQLWCHAR s[10] = { 0 };

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("{call p_types(?, ?, ?, ?, ?, ?)}")));
    bind(1, SQL_PARAM_OUTPUT, SQL_C_NUMERIC, SQL_NUMERIC, &n, sizeof n, &len[0]);
    bind(2, SQL_PARAM_OUTPUT, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, &t, sizeof t, &len[1]);
    bind(3, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_DOUBLE, f, sizeof f, &len[2]);
    bind(4, SQL_PARAM_OUTPUT, SQL_C_BIT, SQL_BIT, &b, 0, &len[3]);
    bind(5, SQL_PARAM_OUTPUT, SQL_C_DEFAULT, SQL_VARCHAR, i, sizeof i, &len[4]);
    bind(6, SQL_PARAM_OUTPUT, SQL_C_WCHAR, SQL_WVARCHAR, s, sizeof s, &len[5]);
    OK(stmt, SQLExecute(stmt));
    assert_int_equal(n.sign, 0);
    assert_int_equal(n.scale, 3);
    assert_int_equal(n.val[0] | n.val[1] << 8, 12345);
    assert_int_equal(t.year * 10000 + t.month * 100 + t.day, 20240229);
    assert_int_equal(t.fraction, 500000000);
    assert_string_equal(f, "0.25");
    assert_int_equal(b, 1);
    assert_string_equal(i, "5000000000");
    assert_int_equal(len[5], 5 * sizeof(SQLWCHAR));
    assert_int_equal(s[2], 0xf6);
}

static const struct {
    SQLUSMALLINT n;
    SQLSMALLINT c_type, type;
    SQLLEN cap, len;
    SQLRETURN rc;
    const char *state;
} misfits[] = {
    { 6, SQL_C_CHAR, SQL_VARCHAR, 4, 7, SQL_SUCCESS_WITH_INFO, "01004" },
    { 6, SQL_C_WCHAR, SQL_VARCHAR, 6, 10, SQL_SUCCESS_WITH_INFO, "01004" },
    { 1, SQL_C_SLONG, SQL_INTEGER, 0, 4, SQL_SUCCESS_WITH_INFO, "01S07" },
    { 5, SQL_C_SLONG, SQL_INTEGER, 0, -9, SQL_ERROR, "22003" },
    { 6, SQL_C_SLONG, SQL_INTEGER, 0, -9, SQL_ERROR, "22018" },
    { 2, SQL_C_SLONG, SQL_INTEGER, 0, -9, SQL_ERROR, "07006" },
};

/* What the conversion says has the number of the parameter; the procedure has run. */
static void conversions_report(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(misfits); i++) {
        char buffer[32] = "";
        SQLLEN len = -9, row = 0;
        SQLINTEGER column = 0;

        for (SQLUSMALLINT k = 1; k <= 6; k++)
            bind(k, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, NULL, 0, NULL);
        bind(misfits[i].n, SQL_PARAM_OUTPUT, misfits[i].c_type, misfits[i].type, buffer,
             misfits[i].cap, &len);
        T_CHECK(SQL_HANDLE_STMT, stmt, misfits[i].rc, misfits[i].state,
                run("{call p_types(?, ?, ?, ?, ?, ?)}"));
        assert_int_equal(len, misfits[i].len);
        assert_int_equal(
            SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL),
            SQL_SUCCESS);
        assert_int_equal(column, misfits[i].n);
        assert_int_equal(
            SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_ROW_NUMBER, &row, 0, NULL),
            SQL_SUCCESS);
        assert_int_equal(row, 1);
    }
}

/* ---- what the bindings say, and what they leave open ---- */

static void rows_without_output_parameters(void **state)
{
    SQLINTEGER a = 2, b = 3;
    char got[128], d[] = "2024-01-01";

    (void)state;
    OK(stmt, run("{call p_over(5)}"));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "1");
    bind_int(1, SQL_PARAM_INPUT, &a, NULL);
    bind_int(2, SQL_PARAM_INPUT, &b, NULL);
    bind(3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_TYPE_DATE, d, 0, NULL);
    OK(stmt,
       run(server == T_REDSHIFT ? "{call p_modes(?, ?, ?)}" : "{call p_modes(?, ?, NULL, ?)}"));
    t_rows(stmt, got, sizeof got);
    assert_string_equal(got, "5|sum 5|2024-01-02");
}

/* Everything bound for both ways, as those do that cannot tell: the catalog knows. */
static void everything_bound_for_both(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        SQLINTEGER a = 2, b = 3;
        char c[20] = "x", d[20] = "2023-12-31";
        SQLLEN a_len = 0, b_len = 0, c_len = 1, d_len = SQL_NTS;

        set_autocommit(i == 0 ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF);
        bind_int(1, SQL_PARAM_INPUT_OUTPUT, &a, &a_len);
        bind_int(2, SQL_PARAM_INPUT_OUTPUT, &b, &b_len);
        bind(3, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, c, sizeof c, &c_len);
        bind(4, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_TYPE_DATE, d, sizeof d, &d_len);
        OK(stmt, run("{call p_modes(?, ?, ?, ?)}"));
        assert_int_equal(a_len, SQL_NULL_DATA); /* nothing comes back for it */
        assert_int_equal(b, 5);
        assert_string_equal(c, "sum 5");
        assert_string_equal(d, "2024-01-01");
    }
}

/* INOUT arguments that are literals, or bound for input alone, come back as columns all the same.
 */
static void values_nobody_takes(void **state)
{
    static const char *const calls[] = { "{call p_modes(2, 3, ?, '2023-12-31')}",
                                         "{call p_modes(1 + 1, 3, ?, {d '2023-12-31'})}" };
    SQLINTEGER b = 3;
    char d[20] = "2023-12-31", c[20];

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(calls); i++) {
        c[0] = '\0';
        set_autocommit(i < COUNT_OF(calls) ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF);
        bind(1, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, c, sizeof c, NULL);
        OK(stmt, run(calls[i % COUNT_OF(calls)]));
        assert_string_equal(c, "sum 5");
        no_result();
    }
    bind_int(1, SQL_PARAM_INPUT, &b, NULL);
    bind(2, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, c, sizeof c, NULL);
    bind(3, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_TYPE_DATE, d, sizeof d, NULL);
    OK(stmt, run("{call p_modes(4, ?, ?, ?)}"));
    assert_string_equal(c, "sum 7");
    assert_string_equal(d, "2024-01-01");
    assert_int_equal(b, 3);
}

/* Where overloads differ in types alone, the server chooses among them. */
static void overloads(void **state)
{
    SQLINTEGER n = 5;
    char text[20] = "x";
    SQLLEN len = 0;
    SQLSMALLINT type = 0;

    (void)state;
    bind_int(1, SQL_PARAM_INPUT_OUTPUT, &n, &len);
    OK(stmt, run("{call p_over(?)}"));
    assert_int_equal(n, 1);
    len = SQL_NTS;
    bind(1, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, text, sizeof text, &len);
    OK(stmt, run("{call p_over(?)}"));
    assert_string_equal(text, "one");
    OK(stmt, SQLPrepare(stmt, SQL("{call p_over(?)}")));
    OK(stmt, SQLDescribeParam(stmt, 1, &type, NULL, NULL, NULL)); /* of what is bound */
    assert_int_equal(type, SQL_VARCHAR);
}

static void defaults(void **state)
{
    SQLINTEGER a = 4;
    char b[20] = "given";
    SQLLEN a_len = 0, b_len = SQL_DEFAULT_PARAM;

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("{call p_log(?, ?)}")));
    bind_int(1, SQL_PARAM_INPUT, &a, &a_len);
    bind(2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, b, sizeof b, &b_len);
    OK(stmt, SQLExecute(stmt));
    b_len = SQL_NTS;
    OK(stmt, SQLExecute(stmt));
    b_len = SQL_DEFAULT_PARAM;
    OK(stmt, SQLExecute(stmt));
    t_expect(&maker, "SELECT * FROM log", "4|none;4|given;4|none");
    a_len = SQL_DEFAULT_PARAM;
    b_len = SQL_NTS;
    ERR(stmt, "07S01", SQLExecute(stmt)); /* not the last */
    OK(stmt, SQLPrepare(stmt, SQL("SELECT CAST(? AS integer)")));
    ERR(stmt, "07S01", SQLExecute(stmt)); /* no call */
}

static void refuses_what_cannot_be(void **state)
{
    SQLINTEGER a = 1;
    SQLLEN len = 0;

    (void)state;
    bind_int(1, SQL_PARAM_OUTPUT, &a, &len);
    ERR(stmt, "HYC00", run("{call p_over(1 + ?)}"));
    OK(stmt, SQLFreeStmt(stmt, SQL_RESET_PARAMS));
    ERR(stmt, BY("HYC00", "HY105"),
        SQLBindParameter(stmt, 1, SQL_PARAM_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 10, 0, &a, 0,
                         &len));
    ERR(stmt, BY("HYC00", "HY105"),
        SQLBindParameter(stmt, 1, SQL_PARAM_INPUT_OUTPUT_STREAM, SQL_C_CHAR, SQL_VARCHAR, 10, 0, &a,
                         0, &len));
    /* Outside of a call it is a value as any other. */
    bind_int(1, SQL_PARAM_INPUT_OUTPUT, &a, &len);
    OK(stmt, run("SELECT ? + 1"));
    OK(stmt, SQLCloseCursor(stmt));
    assert_int_equal(a, 1);
    a = 0;
    ERR(stmt, "22012", run("{call p_fail(?)}"));
    a = 1;
    OK(stmt, run("{call p_fail(?)}"));
    ERR(stmt, "42000", run("{call no_such_procedure(?)}"));
}

/* ---- functions ---- */

static void functions_return(void **state)
{
    SQLINTEGER a = 2;
    char b[10] = "1", v[20] = "";
    double d = 0;
    SQLLEN len = 0;
    SQLSMALLINT n = 0, type = 0;
    SQLULEN size = 0;

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("{? = call f_add(?, ?)}")));
    OK(stmt, SQLNumParams(stmt, &n));
    assert_int_equal(n, 3);
    OK(stmt, SQLDescribeParam(stmt, 1, &type, &size, NULL, NULL));
    assert_int_equal(type, SQL_NUMERIC);
    OK(stmt, SQLDescribeParam(stmt, 2, &type, &size, NULL, NULL));
    assert_int_equal(type, SQL_INTEGER);
    OK(stmt, SQLDescribeParam(stmt, 3, &type, &size, NULL, NULL));
    assert_int_equal(type, SQL_NUMERIC);
    bind(1, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, v, sizeof v, &len);
    bind_int(2, SQL_PARAM_INPUT, &a, NULL);
    bind(3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_NUMERIC, b, 0, NULL);
    OK(stmt, SQLNumResultCols(stmt, &n));
    assert_int_equal(n, 0);
    OK(stmt, SQLExecute(stmt));
    assert_string_equal(v, "3");
    assert_int_equal(len, 1);
    no_result();
    bind(1, SQL_PARAM_OUTPUT, SQL_C_DOUBLE, SQL_DOUBLE, &d, 0, &len);
    OK(stmt, run("{?=call f_add(? + 1, ?)}"));
    assert_true(d == 4);
    bind(1, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, v, sizeof v, &len);
    OK(stmt, run("{?=call f_null}"));
    assert_int_equal(len, SQL_NULL_DATA);
    OK(stmt, run("{?=call f_add(1, 2.5)}"));
    assert_string_equal(v, "3.5");
    bind_int(2, SQL_PARAM_OUTPUT, &a, NULL);
    ERR(stmt, "HYC00", run("{?=call f_add(?, ?)}"));
    ERR(stmt, "HYC00", run("SELECT 1; {?=call f_null()}"));
}

/* ---- descriptions ---- */

static const struct {
    const char *call;
    SQLUSMALLINT n;
    SQLSMALLINT type;
} described[] = {
    { "{call p_modes(?, ?, ?, ?)}", 1, SQL_INTEGER },
    { "{call p_modes(?, ?, ?, ?)}", 3, SQL_VARCHAR },
    { "{call p_modes(?, ?, ?, ?)}", 4, SQL_TYPE_DATE },
    { "{call p_types(?, ?, ?, ?, ?, ?)}", 1, SQL_NUMERIC },
    { "{call P_TYPES(?, ?, ?, ?, ?, ?)}", 5, SQL_BIGINT },
    { "{call p_log(?)}", 1, SQL_INTEGER },
};

static void parameters_are_described(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(described); i++) {
        SQLSMALLINT type = 0, nullable = -1;

        OK(stmt, SQLPrepare(stmt, SQL(described[i].call)));
        OK(stmt, SQLDescribeParam(stmt, described[i].n, &type, NULL, NULL, &nullable));
        assert_int_equal(type, described[i].type);
        assert_int_equal(nullable, SQL_NULLABLE_UNKNOWN);
    }
}

/* ---- sets, data at execution ---- */

static void arrays_take_values(void **state)
{
    char v[3][6] = { "ab", "cde", "f" };
    SQLLEN len[3] = { SQL_NTS, SQL_NTS, SQL_NTS }, row = 0;
    SQLUSMALLINT status[3] = { 9, 9, 9 };
    SQLINTEGER column = 0;
    SQLULEN done = 0;

    (void)state;
    OK(stmt, SQLPrepare(stmt, SQL("{call p_twice(?)}")));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(3), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &done, 0));
    bind(1, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, v, sizeof v[0], len);
    INFO(stmt, "01004", SQLExecute(stmt));
    assert_int_equal(SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_ROW_NUMBER, &row, 0, NULL),
                     SQL_SUCCESS);
    assert_int_equal(row, 2);
    assert_int_equal(
        SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, SQL_DIAG_COLUMN_NUMBER, &column, 0, NULL),
        SQL_SUCCESS);
    assert_int_equal(column, 1);
    assert_string_equal(v[0], "abab");
    assert_string_equal(v[1], "cdecd");
    assert_string_equal(v[2], "ff");
    assert_int_equal(len[0], 4);
    assert_int_equal(len[1], 6);
    assert_int_equal(len[2], 2);
    assert_int_equal(done, 3);
    assert_int_equal(status[0], SQL_PARAM_SUCCESS);
    assert_int_equal(status[1], SQL_PARAM_SUCCESS_WITH_INFO);
    assert_int_equal(status[2], SQL_PARAM_SUCCESS);
}

static void rows_of_a_struct_take_values(void **state)
{
    struct one {
        SQLINTEGER n;
        SQLLEN n_len;
    } set[3] = { { 1, 0 }, { 0, 0 }, { -1, 0 } };
    SQLUSMALLINT status[3] = { 9, 9, 9 };

    (void)state;
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(3), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_BIND_TYPE, NUMBER(sizeof set[0]), 0));
    OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0));
    bind_int(1, SQL_PARAM_INPUT_OUTPUT, &set[0].n, &set[0].n_len);
    INFO(stmt, "22012", run("{call p_fail(?)}"));
    assert_int_equal(set[0].n, 1);
    assert_int_equal(set[1].n, 0);
    assert_int_equal(set[2].n, -1);
    assert_int_equal(set[2].n_len, sizeof set[2].n);
    assert_int_equal(status[0], SQL_PARAM_SUCCESS);
    assert_int_equal(status[1], SQL_PARAM_ERROR);
    assert_int_equal(status[2], SQL_PARAM_SUCCESS);
}

/* The token is the place for the value that comes back. */
static void data_at_execution(void **state)
{
    char v[20] = "";
    SQLLEN len = SQL_DATA_AT_EXEC, unused = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    char c[20];
    SQLINTEGER a = 1, b = 2;
    char d[] = "2024-01-01";

    (void)state;
    bind(1, SQL_PARAM_INPUT_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, v, sizeof v, &len);
    NEED(stmt, run("{call p_twice(?)}"));
    NEED(stmt, SQLParamData(stmt, &token));
    assert_ptr_equal(token, v);
    OK(stmt, SQLPutData(stmt, TEXT("la"), 2));
    OK(stmt, SQLPutData(stmt, TEXT("le"), 2));
    OK(stmt, SQLParamData(stmt, &token));
    assert_string_equal(v, "lalelale");
    assert_int_equal(len, 8);
    no_result();
    /* What stands in the length of a value that is not sent says nothing. */
    bind_int(1, SQL_PARAM_INPUT, &a, NULL);
    bind_int(2, SQL_PARAM_INPUT, &b, NULL);
    bind(3, SQL_PARAM_OUTPUT, SQL_C_CHAR, SQL_VARCHAR, c, sizeof c, &unused);
    bind(4, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_TYPE_DATE, d, 0, NULL);
    OK(stmt, run("{call p_modes(?, ?, ?, ?)}"));
    assert_string_equal(c, "sum 3");
    assert_int_equal(unused, 5);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, face_stmt, drop_all)
    const struct CMUnitTest tests[] = {
        EACH(values_come_back),
        EACH(every_way_to_execute),
        EACH(nulls_come_back),
        EACH(values_are_converted),
        EACH(conversions_report),
        EACH(rows_without_output_parameters),
        EACH(everything_bound_for_both),
        EACH(values_nobody_takes),
        EACH(overloads),
        EACH(defaults),
        EACH(refuses_what_cannot_be),
        EACH(functions_return),
        EACH(parameters_are_described),
        EACH(arrays_take_values),
        EACH(rows_of_a_struct_take_values),
        EACH(data_at_execution),
    };
    int failed = on_redshift() ? 0
                               : cmocka_run_group_tests_name("calls on PostgreSQL", tests, open_all,
                                                             close_all);

    server = T_REDSHIFT;
    return failed + cmocka_run_group_tests_name("calls on Redshift", tests, open_all, close_all);
}
