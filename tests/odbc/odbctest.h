/*
 * For tests that know ODBC alone: connections to the bench, checks of return codes with their
 * SQLSTATE, results as text. Every check names its file and line and prints the records.
 */
#ifndef RS_TEST_ODBCTEST_H
#define RS_TEST_ODBCTEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sql.h>
#include <sqlext.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "on_redshift.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* ODBC's arguments are not const; nothing is written through these. */
#define TEXT(s)   ((SQLCHAR *)(uintptr_t)(s))
#define SQL(s)    TEXT(s), SQL_NTS
#define NUMBER(n) ((SQLPOINTER)(uintptr_t)(n))

enum t_server { T_POSTGRES, T_REDSHIFT };

struct t_conn {
    SQLHENV env;
    SQLHDBC dbc;
};

/* Value of a variable of the bench; ends the program with 77 without it. */
const char *t_var(const char *name);
/* "RS_PG" or "RS_REDSHIFT" and the rest of the name. */
const char *t_server_var(enum t_server server, const char *rest);
/* A connection string; extra: more keys or "". Later keys do not beat earlier ones. The variable
 * RS_TEST_KEYS ("Key=value;") adds keys to every string, before extra. */
void t_string(char *out, size_t cap, enum t_server server, const char *extra);
/* Environment and connection handle, not connected. */
void t_alloc(struct t_conn *conn, SQLULEN version);
SQLRETURN t_try(struct t_conn *conn, const char *string);
void t_open(struct t_conn *conn, enum t_server server, SQLULEN version, const char *extra);
/* Rolls back, disconnects, frees. */
void t_close(struct t_conn *conn);
SQLHSTMT t_stmt(struct t_conn *conn);
void t_free(SQLHSTMT stmt);

/* Runs SQL; NO_DATA and INFO are fine. */
void t_run(struct t_conn *conn, const char *sql);
/* All rows as text, cells divided by a bar, rows by a semicolon, NULL as <null>; closes. */
void t_rows(SQLHSTMT stmt, char *out, size_t cap);
/* The same for a query of its own statement, compared. */
void t_expect_at(struct t_conn *conn, const char *sql, const char *want, const char *file,
                 int line);
#define t_expect(conn, sql, want) t_expect_at(conn, sql, want, __FILE__, __LINE__)

/* State and text of record n; false: there is none. */
bool t_diag(SQLSMALLINT kind, SQLHANDLE handle, SQLSMALLINT n, char state[6], char *text,
            size_t cap);
void t_say(SQLSMALLINT kind, SQLHANDLE handle);

void t_check(SQLSMALLINT kind, SQLHANDLE handle, SQLRETURN got, SQLRETURN want, const char *state,
             const char *call, const char *file, int line);

#define T_CHECK(kind, handle, want, state, call)                                                   \
    t_check(kind, handle, call, want, state, #call, __FILE__, __LINE__)

/* On statements: exactly that outcome, and that state in the first record. */
#define OK(stmt, call)             T_CHECK(SQL_HANDLE_STMT, stmt, SQL_SUCCESS, NULL, call)
#define INFO(stmt, state, call)    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_SUCCESS_WITH_INFO, state, call)
#define ERR(stmt, state, call)     T_CHECK(SQL_HANDLE_STMT, stmt, SQL_ERROR, state, call)
#define NODATA(stmt, call)         T_CHECK(SQL_HANDLE_STMT, stmt, SQL_NO_DATA, NULL, call)
#define NEED(stmt, call)           T_CHECK(SQL_HANDLE_STMT, stmt, SQL_NEED_DATA, NULL, call)
#define DBC_OK(dbc, call)          T_CHECK(SQL_HANDLE_DBC, dbc, SQL_SUCCESS, NULL, call)
#define DBC_INFO(dbc, state, call) T_CHECK(SQL_HANDLE_DBC, dbc, SQL_SUCCESS_WITH_INFO, state, call)
#define DBC_ERR(dbc, state, call)  T_CHECK(SQL_HANDLE_DBC, dbc, SQL_ERROR, state, call)

/* The manager answers some calls before the driver sees them: the first state is the driver's. */
#if RS_DIRECT
#define BY(direct, managed) (direct)
#else
#define BY(direct, managed) (managed)
#endif

/* What the driver's log in the folder says, its one file's beginning; the folder goes. */
void t_take_log(const char *folder, char *out, size_t cap);

/* Peak resident memory of this process in KiB. */
long t_peak_kib(void);
void t_sleep_ms(long ms);
int64_t t_now_ms(void);

#endif
