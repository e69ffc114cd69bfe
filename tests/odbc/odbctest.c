#include "odbctest.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

const char *t_var(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL || *value == '\0') {
        printf("skipped: %s is not set; run on the bench (tests/sandbox)\n", name);
        exit(77);
    }
    return value;
}

const char *t_server_var(enum t_server server, const char *rest)
{
    char name[64];

    snprintf(name, sizeof name, "%s%s", server == T_POSTGRES ? "RS_PG" : "RS_REDSHIFT", rest);
    return t_var(name);
}

void t_string(char *out, size_t cap, enum t_server server, const char *extra)
{
    const char *more = getenv("RS_TEST_KEYS"); /* "Key=value;" for every connection */
    size_t n;

    /* In capitals: where i is no small I, unixODBC does not know it otherwise. */
    snprintf(out, cap, "DRIVER={Redshift ODBC};Server=%s;Port=%s;Database=%s;UID=%s;PWD={",
             t_server_var(server, "_HOST"), t_server_var(server, "_PORT"), t_var("RS_PG_DATABASE"),
             t_server_var(server, "_USER"));
    n = strlen(out);
    for (const char *p = t_server_var(server, "_PASSWORD"); *p != '\0'; p++) {
        assert_true(n + 3 < cap);
        out[n++] = *p;
        if (*p == '}')
            out[n++] = '}';
    }
    snprintf(out + n, cap - n, "};CaFile=%s;%s%s", t_var("RS_CA_FILE"), more == NULL ? "" : more,
             extra);
}

void t_alloc(struct t_conn *conn, SQLULEN version)
{
    assert_int_equal(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &conn->env), SQL_SUCCESS);
    T_CHECK(SQL_HANDLE_ENV, conn->env, SQL_SUCCESS, NULL,
            SQLSetEnvAttr(conn->env, SQL_ATTR_ODBC_VERSION, NUMBER(version), 0));
    T_CHECK(SQL_HANDLE_ENV, conn->env, SQL_SUCCESS, NULL,
            SQLAllocHandle(SQL_HANDLE_DBC, conn->env, &conn->dbc));
}

SQLRETURN t_try(struct t_conn *conn, const char *string)
{
    return SQLDriverConnect(conn->dbc, NULL, SQL(string), NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
}

void t_open(struct t_conn *conn, enum t_server server, SQLULEN version, const char *extra)
{
    char string[2048];

    t_string(string, sizeof string, server, extra);
    t_alloc(conn, version);
    DBC_OK(conn->dbc, t_try(conn, string));
}

void t_close(struct t_conn *conn)
{
    SQLEndTran(SQL_HANDLE_DBC, conn->dbc, SQL_ROLLBACK);
    DBC_OK(conn->dbc, SQLDisconnect(conn->dbc));
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_DBC, conn->dbc), SQL_SUCCESS);
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_ENV, conn->env), SQL_SUCCESS);
}

SQLHSTMT t_stmt(struct t_conn *conn)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;

    DBC_OK(conn->dbc, SQLAllocHandle(SQL_HANDLE_STMT, conn->dbc, &stmt));
    return stmt;
}

void t_free(SQLHSTMT stmt)
{
    assert_int_equal(SQLFreeHandle(SQL_HANDLE_STMT, stmt), SQL_SUCCESS);
}

void t_run(struct t_conn *conn, const char *sql)
{
    SQLHSTMT stmt = t_stmt(conn);
    SQLRETURN rc = SQLExecDirect(stmt, SQL(sql));

    if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA) {
        t_say(SQL_HANDLE_STMT, stmt);
        fail_msg("%d: %s", rc, sql);
    }
    t_free(stmt);
}

static void add(char *out, size_t cap, const char *text)
{
    size_t n = strlen(out);

    assert_true(n + strlen(text) < cap);
    memcpy(out + n, text, strlen(text) + 1);
}

void t_rows(SQLHSTMT stmt, char *out, size_t cap)
{
    SQLSMALLINT n = 0;
    SQLRETURN rc;

    out[0] = '\0';
    OK(stmt, SQLNumResultCols(stmt, &n));
    while (SQL_SUCCEEDED(rc = SQLFetch(stmt))) {
        if (out[0] != '\0')
            add(out, cap, ";");
        for (SQLSMALLINT i = 1; i <= n; i++) {
            char cell[4096];
            SQLLEN ind = 0;

            OK(stmt, SQLGetData(stmt, (SQLUSMALLINT)i, SQL_C_CHAR, cell, sizeof cell, &ind));
            if (i > 1)
                add(out, cap, "|");
            add(out, cap, ind == SQL_NULL_DATA ? "<null>" : cell);
        }
    }
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_NO_DATA, NULL, rc);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
}

void t_expect_at(struct t_conn *conn, const char *sql, const char *want, const char *file, int line)
{
    SQLHSTMT stmt = t_stmt(conn);
    char got[8192];
    SQLRETURN rc = SQLExecDirect(stmt, SQL(sql));

    if (!SQL_SUCCEEDED(rc)) {
        t_say(SQL_HANDLE_STMT, stmt);
        print_error("%s: returned %d\n", sql, rc);
        _fail(file, line);
    }
    t_rows(stmt, got, sizeof got);
    if (strcmp(got, want) != 0) {
        print_error("%s: got \"%s\", not \"%s\"\n", sql, got, want);
        _fail(file, line);
    }
    t_free(stmt);
}

bool t_diag(SQLSMALLINT kind, SQLHANDLE handle, SQLSMALLINT n, char state[6], char *text,
            size_t cap)
{
    SQLINTEGER native;
    SQLCHAR five[6] = "";
    SQLCHAR whole[2048] = "";
    SQLRETURN rc = SQLGetDiagRec(kind, handle, n, five, &native, whole, sizeof whole, NULL);

    if (!SQL_SUCCEEDED(rc))
        return false;
    memcpy(state, five, 6);
    if (text != NULL)
        snprintf(text, cap, "%s", (char *)whole);
    return true;
}

void t_say(SQLSMALLINT kind, SQLHANDLE handle)
{
    char state[6], text[2048];

    for (SQLSMALLINT i = 1; t_diag(kind, handle, i, state, text, sizeof text); i++)
        print_error("  %s %s\n", state, text);
}

void t_check(SQLSMALLINT kind, SQLHANDLE handle, SQLRETURN got, SQLRETURN want, const char *state,
             const char *call, const char *file, int line)
{
    char first[6] = "";

    if (state != NULL)
        t_diag(kind, handle, 1, first, NULL, 0);
    if (got == want && (state == NULL || strcmp(first, state) == 0))
        return;
    print_error("%s: returned %d %s, not %d %s\n", call, got, first, want,
                state != NULL ? state : "");
    t_say(kind, handle);
    _fail(file, line);
}

long t_peak_kib(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    long kib = -1;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    fclose(file);
    return kib;
}

void t_sleep_ms(long ms)
{
    struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

    nanosleep(&pause, NULL);
}

int64_t t_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void t_take_log(const char *folder, char *out, size_t cap)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    assert_non_null(dir);
    out[0] = '\0';
    while ((entry = readdir(dir)) != NULL) {
        char path[600];
        FILE *file;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        file = fopen(path, "r");
        assert_non_null(file);
        out[fread(out, 1, cap - 1, file)] = '\0';
        fclose(file);
        assert_int_equal(unlink(path), 0);
    }
    closedir(dir);
    assert_int_equal(rmdir(folder), 0);
}
