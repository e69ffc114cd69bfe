/*
 * Routines to be called, made through PostgreSQL, a connection and a statement to call them by.
 */
#ifndef RS_TEST_CALLBED_H
#define RS_TEST_CALLBED_H

#include "facebed.h"

#include <unistd.h>

FACE_MAYBE static struct t_conn maker;
FACE_MAYBE static char pid_query[128];

FACE_MAYBE static const char *const routines[] = {
    "CREATE TABLE log (n integer, word varchar(20))",
    "CREATE PROCEDURE p_modes(a integer, INOUT b integer, OUT c varchar, INOUT d date)"
    " LANGUAGE plpgsql AS $$ BEGIN b := a + b; c := 'sum ' || b; d := d + 1; END $$",
    "CREATE PROCEDURE p_out(OUT x integer, OUT y varchar) LANGUAGE plpgsql"
    " AS $$ BEGIN x := 7; y := NULL; END $$",
    "CREATE PROCEDURE p_types(OUT n numeric, OUT t timestamp, OUT f float8, OUT b boolean,"
    " OUT i bigint, OUT s varchar) LANGUAGE plpgsql AS $$ BEGIN n := -12.345;"
    " t := '2024-02-29 01:02:03.5'; f := 0.25; b := true; i := 5000000000; s := 'größe'; END $$",
    "CREATE PROCEDURE p_log(a integer, b varchar DEFAULT 'none') LANGUAGE plpgsql"
    " AS $$ BEGIN INSERT INTO log VALUES (a, b); END $$",
    "CREATE PROCEDURE p_twice(INOUT v varchar) LANGUAGE plpgsql AS $$ BEGIN v := v || v; END $$",
    "CREATE PROCEDURE p_fail(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := 1 / n; END $$",
    "CREATE PROCEDURE p_own(n integer, OUT m integer) LANGUAGE plpgsql"
    " AS $$ BEGIN INSERT INTO log VALUES (n, 'kept'); COMMIT;"
    " INSERT INTO log VALUES (n, 'lost'); ROLLBACK; m := n; END $$",
    "CREATE PROCEDURE p_over(INOUT a integer) LANGUAGE plpgsql AS $$ BEGIN a := 1; END $$",
    "CREATE PROCEDURE p_over(INOUT a varchar) LANGUAGE plpgsql AS $$ BEGIN a := 'one'; END $$",
    "CREATE PROCEDURE p_cursor(n integer, INOUT c refcursor) LANGUAGE plpgsql"
    " AS $$ BEGIN OPEN c FOR SELECT i, 'row ' || i FROM generate_series(1, n) AS i; END $$",
    "CREATE PROCEDURE p_two(INOUT a refcursor, INOUT k integer, INOUT b refcursor) LANGUAGE plpgsql"
    " AS $$ BEGIN OPEN a FOR SELECT 1; k := 5; OPEN b FOR SELECT 2 / (k - 5 + v.i), 'b' FROM"
    " (VALUES (1), (2)) AS v (i); END $$",
    "CREATE PROCEDURE p_broken(INOUT a refcursor, INOUT b refcursor) LANGUAGE plpgsql"
    " AS $$ BEGIN INSERT INTO log VALUES (0, 'broken'); OPEN a FOR SELECT 1;"
    " OPEN b FOR SELECT 1 / (i - 1) FROM generate_series(0, 3) AS i; END $$",
    "CREATE PROCEDURE p_none(INOUT a refcursor) LANGUAGE plpgsql AS $$ BEGIN a := NULL;"
    " INSERT INTO log VALUES (1, 'none'); END $$",
    "CREATE FUNCTION f_add(a integer, b numeric) RETURNS numeric LANGUAGE sql AS 'SELECT a + b'",
    "CREATE FUNCTION f_null() RETURNS varchar LANGUAGE sql AS 'SELECT NULL::varchar'",
};

FACE_MAYBE static void use_schema(struct t_conn *of, const char *name)
{
    char sql[128];

    snprintf(sql, sizeof sql, "SET search_path TO %s", name);
    t_run(of, sql);
}

/* What the driver itself is told of may be the stand-in's. */
FACE_MAYBE static void ask_pid(void)
{
    SQLHSTMT ask = t_stmt(&conn);
    char pid[20];

    OK(ask, SQLExecDirect(ask, SQL("SELECT pg_backend_pid()")));
    t_rows(ask, pid, sizeof pid);
    snprintf(pid_query, sizeof pid_query, "SELECT state FROM pg_stat_activity WHERE pid = %s", pid);
    t_free(ask);
}

FACE_MAYBE static char schema[64];

FACE_MAYBE static int open_all(void **state)
{
    char sql[128];

    (void)state;
    t_open(&maker, T_POSTGRES, SQL_OV_ODBC3, "");
    t_open(&conn, server, SQL_OV_ODBC3, "");
    snprintf(schema, sizeof schema, "rs_call_%d", (int)getpid());
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s", schema);
    t_run(&maker, sql);
    use_schema(&maker, schema);
    use_schema(&conn, schema);
    for (size_t i = 0; i < COUNT_OF(routines); i++)
        t_run(&maker, routines[i]);
    ask_pid();
    return 0;
}

FACE_MAYBE static int close_all(void **state)
{
    char sql[128];

    (void)state;
    t_close(&conn);
    snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", schema);
    t_run(&maker, sql);
    t_close(&maker);
    return 0;
}

FACE_MAYBE static void set_autocommit(SQLULEN on)
{
    DBC_OK(conn.dbc, SQLSetConnectAttr(conn.dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(on), 0));
}

FACE_MAYBE static int drop_all(void **state)
{
    t_free(stmt);
    SQLEndTran(SQL_HANDLE_DBC, conn.dbc, SQL_ROLLBACK);
    set_autocommit(SQL_AUTOCOMMIT_ON);
    t_run(&maker, "DELETE FROM log");
    (void)state;
    return 0;
}

FACE_MAYBE static void bind(SQLUSMALLINT n, SQLSMALLINT direction, SQLSMALLINT c_type,
                            SQLSMALLINT type, void *value, SQLLEN cap, SQLLEN *len)
{
    OK(stmt, SQLBindParameter(stmt, n, direction, c_type, type, 30, 0, value, cap, len));
}

FACE_MAYBE static void bind_int(SQLUSMALLINT n, SQLSMALLINT direction, SQLINTEGER *value,
                                SQLLEN *len)
{
    bind(n, direction, SQL_C_SLONG, SQL_INTEGER, value, 0, len);
}

FACE_MAYBE static SQLRETURN run(const char *sql)
{
    return SQLExecDirect(stmt, SQL(sql));
}

/* Nothing is left of the row. */
FACE_MAYBE static void no_result(void)
{
    SQLSMALLINT n = -1;
    SQLLEN rows = 0;

    OK(stmt, SQLNumResultCols(stmt, &n));
    assert_int_equal(n, 0);
    OK(stmt, SQLRowCount(stmt, &rows));
    assert_int_equal(rows, -1);
    NODATA(stmt, SQLMoreResults(stmt));
}

/* As another session sees it. */
FACE_MAYBE static void session_is(const char *want)
{
    t_expect(&maker, pid_query, want);
}

#endif
