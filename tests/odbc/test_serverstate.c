/*
 * The server's own SQLSTATEs as the application sees them, every line of the table raised by a real
 * server; and states that need more than one connection or a value out of the ordinary.
 */
#include <stdlib.h>

#define FACE_NO_STMT
#include "facebed.h"

static int open_conn(void **state)
{
    (void)state;
    t_open(&conn, T_POSTGRES, SQL_OV_ODBC3, "");
    return 0;
}

static const struct line {
    char five[6], want[6];
} lines[] = {
#define SERVER(five, state) { five, #state },
#include "serverstate.def"
#undef SERVER
};

static void raise(SQLHSTMT stmt, const char *level, const char *five, SQLRETURN want, char got[6],
                  char *text, size_t cap)
{
    char sql[200];
    SQLRETURN rc;

    snprintf(sql, sizeof sql,
             "DO $$ BEGIN RAISE %s 'this was asked for' USING ERRCODE = '%s'; END $$", level, five);
    rc = SQLExecDirect(stmt, SQL(sql));
    if (rc != want)
        fail_msg("%s %s: returned %d", level, five, rc);
    assert_true(t_diag(SQL_HANDLE_STMT, stmt, 1, got, text, cap));
    SQLFreeStmt(stmt, SQL_CLOSE);
}

/* The server's text is there, and its own state where ODBC's is another. */
static void errors_by_the_table(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    assert_true(COUNT_OF(lines) > 60);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char got[6], text[500], own[30];

        if (strncmp(lines[i].five, "57P0", 4) == 0)
            continue; /* the server ends the connection behind these */
        raise(stmt, "EXCEPTION", lines[i].five, SQL_ERROR, got, text, sizeof text);
        if (strcmp(got, lines[i].want) != 0)
            fail_msg("%s became %s, not %s", lines[i].five, got, lines[i].want);
        /* Redshift has words of its own for a cancel. */
        assert_non_null(strstr(text, on_redshift() && strcmp(lines[i].five, "57014") == 0
                                         ? "cancelled on user's request"
                                         : "this was asked for"));
        snprintf(own, sizeof own, "[SQLSTATE %.5s]", lines[i].five);
        assert_true((strstr(text, own) != NULL) == (strcmp(got, lines[i].five) != 0));
        t_expect(&conn, "SELECT 1", "1");
    }
    t_free(stmt);
}

static void endings(void **state)
{
    (void)state;
    for (char last = '1'; last <= '5'; last++) {
        char five[6] = "57P0", got[6], text[500];
        struct t_conn own;
        SQLUINTEGER dead = SQL_CD_FALSE;
        SQLHSTMT stmt;

        five[4] = last;
        t_open(&own, T_POSTGRES, SQL_OV_ODBC3, "");
        stmt = t_stmt(&own);
        raise(stmt, "EXCEPTION", five, SQL_ERROR, got, text, sizeof text);
        assert_string_equal(got, "08S01");
        assert_non_null(strstr(text, "this was asked for"));
        DBC_OK(own.dbc, SQLGetConnectAttr(own.dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL));
        assert_int_equal(dead, SQL_CD_TRUE);
        t_free(stmt);
        SQLDisconnect(own.dbc);
        SQLFreeHandle(SQL_HANDLE_DBC, own.dbc);
        SQLFreeHandle(SQL_HANDLE_ENV, own.env);
    }
}

/* What the table does not have goes by its class, or is HY000. */
static void errors_by_class(void **state)
{
    static const struct {
        char two[3], want[6];
    } classes[] = {
#define SERVER_CLASS(two, state) { two, #state },
#include "serverstate.def"
#undef SERVER_CLASS
        { "ZZ", "HY000" },
        { "XX", "HY000" },
    };
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    assert_true(COUNT_OF(classes) > 8);
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        char five[6], got[6], text[500];

        snprintf(five, sizeof five, "%.2sZ99", classes[i].two);
        raise(stmt, "EXCEPTION", five, SQL_ERROR, got, text, sizeof text);
        if (strcmp(got, classes[i].want) != 0)
            fail_msg("%s became %s, not %s", five, got, classes[i].want);
    }
    t_free(stmt);
}

static void warnings(void **state)
{
    static const struct line known[] = { { "01003", "01003" }, { "01004", "01004" },
                                         { "01006", "01006" }, { "01007", "01007" },
                                         { "01P01", "01000" }, { "02000", "01000" } };
    SQLHSTMT stmt = t_stmt(&conn);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        char got[6], text[500];

        raise(stmt, "WARNING", known[i].five, SQL_SUCCESS_WITH_INFO, got, text, sizeof text);
        assert_string_equal(got, known[i].want);
        assert_non_null(strstr(text, "this was asked for"));
    }
    t_free(stmt);
}

static void default_of_a_parameter(void **state)
{
    SQLHSTMT stmt = t_stmt(&conn);
    SQLLEN ind = SQL_DEFAULT_PARAM;
    SQLINTEGER value = 1;
    SQLPOINTER token;

    (void)state;
    OK(stmt,
       SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &value, 0, &ind));
    ERR(stmt, "07S01", SQLExecDirect(stmt, SQL("SELECT ?")));
    ind = SQL_DATA_AT_EXEC;
    NEED(stmt, SQLExecDirect(stmt, SQL("SELECT ?")));
    NEED(stmt, SQLParamData(stmt, &token));
    ERR(stmt, "07S01", SQLPutData(stmt, &value, SQL_DEFAULT_PARAM));
    t_free(stmt);
}

/* One connection of the environment is gone: the others end their transactions, and it is said. */
static void ends_of_an_environment(void **state)
{
    char string[2000], sql[100], pid[20], got[6];
    struct t_conn both = { .env = conn.env };
    SQLHSTMT stmt;

    (void)state;
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_DBC, both.env, &both.dbc), SQL_SUCCESS);
    t_string(string, sizeof string, T_POSTGRES, "");
    DBC_OK(both.dbc, t_try(&both, string));
    for (int i = 0; i < 2; i++)
        DBC_OK(i == 0 ? conn.dbc : both.dbc,
               SQLSetConnectAttr(i == 0 ? conn.dbc : both.dbc, SQL_ATTR_AUTOCOMMIT,
                                 NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    stmt = t_stmt(&both);
    OK(stmt, SQLExecDirect(stmt, SQL("SELECT pg_backend_pid()")));
    t_rows(stmt, pid, sizeof pid);
    t_free(stmt);
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d)", atoi(pid));
    t_expect(&conn, sql, "1");
    t_sleep_ms(200);
    assert_int_equal(SQLEndTran(SQL_HANDLE_ENV, conn.env, SQL_COMMIT), SQL_ERROR);
    assert_true(t_diag(SQL_HANDLE_ENV, conn.env, 1, got, NULL, 0));
    assert_string_equal(got, "25S01");
#if RS_DIRECT /* the manager, which asks connection by connection, keeps no records of theirs */
    assert_true(t_diag(SQL_HANDLE_DBC, both.dbc, 1, got, NULL, 0));
    assert_true(got[0] == '0' && got[1] == '8');
#endif
    DBC_OK(conn.dbc,
           SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_ON), 0));
    SQLDisconnect(both.dbc);
    SQLFreeHandle(SQL_HANDLE_DBC, both.dbc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_by_the_table),    cmocka_unit_test(endings),
        cmocka_unit_test(errors_by_class),        cmocka_unit_test(warnings),
        cmocka_unit_test(default_of_a_parameter), cmocka_unit_test(ends_of_an_environment),
    };

    return cmocka_run_group_tests_name("states of the server", tests, open_conn, face_close);
}
