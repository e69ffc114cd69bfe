/*
 * For tests that know ODBC alone: connections to the servers of the bench. Skips (exit 77) when
 * the environment does not name one.
 */
#ifndef RS_TEST_REACH_H
#define RS_TEST_REACH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "on_redshift.h"

struct reach {
    SQLHENV env;
    SQLHDBC dbc;
};

/* POSTGRES and REDSHIFT name variables RS_…_HOST, _PORT, _USER, _PASSWORD. */
#define REACH_POSTGRES "RS_PG"
#define REACH_REDSHIFT "RS_REDSHIFT"

static inline const char *reach_var(const char *server, const char *name)
{
    char whole[64];
    const char *value;

    snprintf(whole, sizeof whole, "%s%s", server, name);
    value = getenv(whole);
    if (value == NULL || *value == '\0') {
        printf("skipped: %s is not set; run on the bench (tests/sandbox)\n", whole);
        exit(77);
    }
    return value;
}

static inline void reach_say(SQLSMALLINT kind, SQLHANDLE handle)
{
    SQLCHAR state[6], text[512];
    SQLINTEGER native;

    for (SQLSMALLINT i = 1;
         SQL_SUCCEEDED(SQLGetDiagRec(kind, handle, i, state, &native, text, sizeof text, NULL));
         i++)
        printf("  %s %s\n", (char *)state, (char *)text);
}

/* Stops the test unless rc is success. */
#define reach_ok(rc, kind, handle)                                                                 \
    do {                                                                                           \
        SQLRETURN rc_ = (rc);                                                                      \
        if (!SQL_SUCCEEDED(rc_)) {                                                                 \
            reach_say(kind, handle);                                                               \
            fail_msg("%s: %d", #rc, rc_);                                                          \
        }                                                                                          \
    } while (0)
#define stmt_ok(rc, stmt) reach_ok(rc, SQL_HANDLE_STMT, stmt)

/* extra: more of the connection string, or "". */
static inline void reach_open(struct reach *reach, const char *server, SQLULEN version,
                              const char *extra)
{
    const char *more = getenv("RS_TEST_KEYS"); /* "Key=value;" for every connection */
    char string[2048];

    snprintf(string, sizeof string,
             "DRIVER={Redshift ODBC};Server=%s;Port=%s;Database=%s;UID=%s;PWD={",
             reach_var(server, "_HOST"), reach_var(server, "_PORT"),
             reach_var("RS_PG", "_DATABASE"), reach_var(server, "_USER"));
    for (const char *p = reach_var(server, "_PASSWORD"); *p != '\0'; p++) {
        size_t n = strlen(string);

        assert_true(n + 3 < sizeof string);
        string[n] = *p;
        string[n + 1] = *p == '}' ? '}' : '\0';
        string[n + 2] = '\0';
    }
    snprintf(string + strlen(string), sizeof string - strlen(string), "};CaFile=%s;%s%s",
             reach_var("RS_CA", "_FILE"), more == NULL ? "" : more, extra);
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &reach->env), SQL_SUCCESS);
    reach_ok(SQLSetEnvAttr(reach->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)version, 0),
             SQL_HANDLE_ENV, reach->env);
    reach_ok(SQLAllocHandle(SQL_HANDLE_DBC, reach->env, &reach->dbc), SQL_HANDLE_ENV, reach->env);
    reach_ok(SQLDriverConnect(reach->dbc, NULL, (SQLCHAR *)string, SQL_NTS, NULL, 0, NULL,
                              SQL_DRIVER_NOPROMPT),
             SQL_HANDLE_DBC, reach->dbc);
}

static inline void reach_close(struct reach *reach)
{
    reach_ok(SQLDisconnect(reach->dbc), SQL_HANDLE_DBC, reach->dbc);
    SQLFreeHandle(SQL_HANDLE_DBC, reach->dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, reach->env);
}

static inline SQLHSTMT reach_stmt(struct reach *reach)
{
    SQLHSTMT stmt;

    reach_ok(SQLAllocHandle(SQL_HANDLE_STMT, reach->dbc, &stmt), SQL_HANDLE_DBC, reach->dbc);
    return stmt;
}

static inline void reach_run(struct reach *reach, const char *sql)
{
    SQLHSTMT stmt = reach_stmt(reach);
    SQLRETURN rc = SQLExecDirect(stmt, (SQLCHAR *)(uintptr_t)sql, SQL_NTS);

    if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA) {
        reach_say(SQL_HANDLE_STMT, stmt);
        fail_msg("%s", sql);
    }
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

static inline void reach_state(SQLSMALLINT kind, SQLHANDLE handle, const char *want)
{
    SQLCHAR state[6] = "";

    SQLGetDiagRec(kind, handle, 1, state, NULL, NULL, 0, NULL);
    assert_string_equal((char *)state, want);
}

/* The cells of a column of all rows, divided by a bar; NULL is shown as <null>. Closes. */
static inline void reach_list(SQLHSTMT stmt, SQLUSMALLINT column, char *out, size_t cap)
{
    const char *bar = "";
    size_t n = 0;
    SQLRETURN rc;

    out[0] = '\0';
    while (SQL_SUCCEEDED(rc = SQLFetch(stmt))) {
        char cell[256];
        SQLLEN length = 0;

        stmt_ok(SQLGetData(stmt, column, SQL_C_CHAR, cell, sizeof cell, &length), stmt);
        n += (size_t)snprintf(out + n, cap - n, "%s%s", bar,
                              length == SQL_NULL_DATA ? "<null>" : cell);
        assert_true(n < cap);
        bar = "|";
    }
    if (rc != SQL_NO_DATA)
        reach_say(SQL_HANDLE_STMT, stmt);
    assert_int_equal(rc, SQL_NO_DATA);
    stmt_ok(SQLFreeStmt(stmt, SQL_CLOSE), stmt);
}

#endif
