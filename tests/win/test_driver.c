/*
 * test_driver LIBRARY WORD CONNECTION: the driver as a Windows program uses it, loaded directly or
 * through a driver manager's library.
 *
 * WORD   query: one session with queries, arrays, inserts, errors and a cancel
 *        fails=STATE: the connection is refused with that state
 *        rounds=N: loads, connects, asks, frees and unloads N times; handles and memory stay
 * CONNECTION   in the environment variable of that name, in UTF-8
 */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { ROWS = 64, ALL_ROWS = 1000, TEXT_UNITS = 64, INSERTED = 50, GROWTH_BYTES = 64 << 10 };

struct session {
    const struct api *api;
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT stmt;
};

static SQLWCHAR *text_of(const wchar_t *text)
{
    return (SQLWCHAR *)(uintptr_t)text;
}

static bool ok(const struct session *s, SQLRETURN rc, SQLSMALLINT kind, SQLHANDLE handle)
{
    if (SQL_SUCCEEDED(rc))
        return true;
    printf("   %d %s\n", rc, api_diag(s->api, kind, handle));
    return false;
}
#define OK(call) CHECK(ok(s, (call), SQL_HANDLE_STMT, s->stmt))

static bool open_env(struct session *s)
{
    return SQL_SUCCEEDED(s->api->AllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &s->env)) &&
           SQL_SUCCEEDED(
               s->api->SetEnvAttr(s->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0)) &&
           SQL_SUCCEEDED(s->api->AllocHandle(SQL_HANDLE_DBC, s->env, &s->dbc));
}

static SQLRETURN connect_by(struct session *s, const wchar_t *connection)
{
    return s->api->DriverConnectW(s->dbc, NULL, text_of(connection), SQL_NTS, NULL, 0, NULL,
                                  SQL_DRIVER_NOPROMPT);
}

static void close_env(struct session *s)
{
    CHECK(SQL_SUCCEEDED(s->api->FreeHandle(SQL_HANDLE_DBC, s->dbc)));
    CHECK(SQL_SUCCEEDED(s->api->FreeHandle(SQL_HANDLE_ENV, s->env)));
}

/* ---- one session ---- */

static void test_text(struct session *s)
{
    wchar_t wide[TEXT_UNITS] = L"";
    SQLLEN n = 0;
    SQLINTEGER number = 0;

    OK(s->api->ExecDirectW(s->stmt, text_of(L"SELECT 41 + 1, 'Zażółć gęślą 😀'"), SQL_NTS));
    OK(s->api->Fetch(s->stmt));
    OK(s->api->GetData(s->stmt, 1, SQL_C_SLONG, &number, 0, &n));
    CHECK(number == 42);
    OK(s->api->GetData(s->stmt, 2, SQL_C_WCHAR, wide, sizeof wide, &n));
    CHECK(wcscmp(wide, L"Zażółć gęślą 😀") == 0);
    CHECK(s->api->Fetch(s->stmt) == SQL_NO_DATA);
    OK(s->api->FreeStmt(s->stmt, SQL_CLOSE));
}

static void test_rows(struct session *s)
{
    SQLINTEGER numbers[ROWS];
    double doubles[ROWS];
    SQLLEN n1[ROWS], n2[ROWS];
    SQLULEN fetched = 0;
    long long sum = 0, rows = 0;
    SQLRETURN rc;

    OK(s->api->SetStmtAttrW(s->stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0));
    OK(s->api->SetStmtAttrW(s->stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0));
    OK(s->api->BindCol(s->stmt, 1, SQL_C_SLONG, numbers, 0, n1));
    OK(s->api->BindCol(s->stmt, 2, SQL_C_DOUBLE, doubles, 0, n2));
    OK(s->api->ExecDirectW(
        s->stmt, text_of(L"SELECT i, i / 4.0 FROM generate_series(1, 1000) AS t(i) ORDER BY i"),
        SQL_NTS));
    while (SQL_SUCCEEDED(rc = s->api->Fetch(s->stmt))) {
        for (SQLULEN i = 0; i < fetched; i++) {
            sum += numbers[i];
            CHECK(doubles[i] == numbers[i] / 4.0);
        }
        rows += (long long)fetched;
    }
    CHECK(rc == SQL_NO_DATA);
    CHECK(rows == ALL_ROWS);
    CHECK(sum == ALL_ROWS * (ALL_ROWS + 1LL) / 2);
    OK(s->api->FreeStmt(s->stmt, SQL_CLOSE));
    OK(s->api->FreeStmt(s->stmt, SQL_UNBIND));
    OK(s->api->SetStmtAttrW(s->stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)1, 0));
    OK(s->api->SetStmtAttrW(s->stmt, SQL_ATTR_ROWS_FETCHED_PTR, NULL, 0));
}

static void test_inserts(struct session *s)
{
    SQLINTEGER ids[INSERTED];
    wchar_t names[INSERTED][TEXT_UNITS], back[TEXT_UNITS] = L"";
    SQLLEN n1[INSERTED], n2[INSERTED], count = 0, n = 0;
    SQLBIGINT total = 0;

    for (int i = 0; i < INSERTED; i++) {
        ids[i] = i;
        n1[i] = 0;
        n2[i] = SQL_NTS;
        swprintf(names[i], TEXT_UNITS, L"naïve – %d", i);
    }
    OK(s->api->ExecDirectW(s->stmt, text_of(L"CREATE TEMP TABLE w (id int, name varchar(80))"),
                           SQL_NTS));
    OK(s->api->SetStmtAttrW(s->stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)INSERTED, 0));
    OK(s->api->BindParameter(s->stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, ids, 0,
                             n1));
    OK(s->api->BindParameter(s->stmt, 2, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 80, 0, names,
                             sizeof names[0], n2));
    OK(s->api->PrepareW(s->stmt, text_of(L"INSERT INTO w VALUES (?, ?)"), SQL_NTS));
    OK(s->api->Execute(s->stmt));
    OK(s->api->RowCount(s->stmt, &count));
    CHECK(count == INSERTED);
    OK(s->api->FreeStmt(s->stmt, SQL_CLOSE));
    OK(s->api->FreeStmt(s->stmt, SQL_RESET_PARAMS));
    OK(s->api->SetStmtAttrW(s->stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)1, 0));
    OK(s->api->ExecDirectW(s->stmt, text_of(L"SELECT count(*), max(name) FROM w WHERE id < 10"),
                           SQL_NTS));
    OK(s->api->Fetch(s->stmt));
    OK(s->api->GetData(s->stmt, 1, SQL_C_SBIGINT, &total, 0, &n));
    OK(s->api->GetData(s->stmt, 2, SQL_C_WCHAR, back, sizeof back, &n));
    CHECK(total == 10);
    CHECK(wcscmp(back, L"naïve – 9") == 0);
    OK(s->api->FreeStmt(s->stmt, SQL_CLOSE));
}

static void test_errors(struct session *s)
{
    CHECK(s->api->ExecDirectW(s->stmt, text_of(L"SELECT 1 / 0"), SQL_NTS) == SQL_ERROR ||
          s->api->Fetch(s->stmt) == SQL_ERROR);
    CHECK(strncmp(api_diag(s->api, SQL_HANDLE_STMT, s->stmt), "22012: ", 7) == 0);
    (void)s->api->FreeStmt(s->stmt, SQL_CLOSE);
    CHECK(s->api->ExecDirectW(s->stmt, text_of(L"SELECT nothing FROM nowhere"), SQL_NTS) ==
          SQL_ERROR);
    CHECK(strncmp(api_diag(s->api, SQL_HANDLE_STMT, s->stmt), "42S02: ", 7) == 0);
    (void)s->api->FreeStmt(s->stmt, SQL_CLOSE);
}

/* A second cursor makes the first one's rows wait in a file. */
static void test_stored_rows(struct session *s)
{
    struct session other = *s;
    SQLINTEGER number = 0;
    SQLLEN n = 0;
    long rows = 0;

    OK(s->api->AllocHandle(SQL_HANDLE_STMT, s->dbc, &other.stmt));
    OK(s->api->ExecDirectW(
        s->stmt, text_of(L"SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) AS t(i)"),
        SQL_NTS));
    OK(s->api->Fetch(s->stmt));
    OK(s->api->ExecDirectW(other.stmt, text_of(L"SELECT 7"), SQL_NTS));
    OK(s->api->Fetch(other.stmt));
    OK(s->api->GetData(other.stmt, 1, SQL_C_SLONG, &number, 0, &n));
    CHECK(number == 7);
    do {
        rows++;
        OK(s->api->GetData(s->stmt, 1, SQL_C_SLONG, &number, 0, &n));
        CHECK(number == rows);
    } while (SQL_SUCCEEDED(s->api->Fetch(s->stmt)));
    CHECK(rows == 20000);
    OK(s->api->FreeStmt(s->stmt, SQL_CLOSE));
    CHECK(SQL_SUCCEEDED(s->api->FreeHandle(SQL_HANDLE_STMT, other.stmt)));
}

static DWORD WINAPI cancel_soon(void *p)
{
    struct session *s = p;

    Sleep(500);
    (void)s->api->Cancel(s->stmt);
    return 0;
}

static void test_cancel(struct session *s)
{
    HANDLE thread = CreateThread(NULL, 0, cancel_soon, s, 0, NULL);

    CHECK(s->api->ExecDirectW(s->stmt, text_of(L"SELECT pg_sleep(50)"), SQL_NTS) == SQL_ERROR);
    CHECK(strncmp(api_diag(s->api, SQL_HANDLE_STMT, s->stmt), "HY008: ", 7) == 0);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    (void)s->api->FreeStmt(s->stmt, SQL_CLOSE);
}

static void run_session(const struct api *api, const wchar_t *connection, bool is_short)
{
    struct session session = { .api = api }, *s = &session;

    CHECK(open_env(s));
    if (ok(s, connect_by(s, connection), SQL_HANDLE_DBC, s->dbc)) {
        CHECK(SQL_SUCCEEDED(api->AllocHandle(SQL_HANDLE_STMT, s->dbc, &s->stmt)));
        test_text(s);
        if (!is_short) {
            test_rows(s);
            test_inserts(s);
            test_errors(s);
            test_stored_rows(s);
            test_cancel(s);
            test_text(s);
        }
        CHECK(SQL_SUCCEEDED(api->FreeHandle(SQL_HANDLE_STMT, s->stmt)));
        CHECK(SQL_SUCCEEDED(api->Disconnect(s->dbc)));
    } else {
        api_failures++;
    }
    close_env(s);
}

static void run_refused(const struct api *api, const wchar_t *connection, const char *state)
{
    struct session session = { .api = api }, *s = &session;
    const char *said;

    CHECK(open_env(s));
    CHECK(connect_by(s, connection) == SQL_ERROR);
    said = api_diag(api, SQL_HANDLE_DBC, s->dbc);
    printf("   %s\n", said);
    CHECK(strncmp(said, state, strlen(state)) == 0 && said[strlen(state)] == ':');
    close_env(s);
}

/* ---- again and again ---- */

struct usage {
    DWORD handles;
    size_t bytes;
};

/* A new handle has the lowest number that is free. */
static DWORD next_handle(void)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    DWORD number = (DWORD)(uintptr_t)event / 4;

    CloseHandle(event);
    return number;
}

/* Bytes of the C runtime's and the system's heaps. */
static size_t heap_bytes(void)
{
    HANDLE heaps[64];
    DWORD count = GetProcessHeaps(64, heaps);
    size_t bytes = 0;

    for (DWORD i = 0; i < count && i < 64; i++) {
        PROCESS_HEAP_ENTRY entry = { 0 };

        HeapLock(heaps[i]);
        while (HeapWalk(heaps[i], &entry))
            if ((entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) != 0)
                bytes += entry.cbData;
        HeapUnlock(heaps[i]);
    }
    return bytes;
}

static struct usage usage_now(void)
{
    return (struct usage){ next_handle(), heap_bytes() };
}

static void run_rounds(const wchar_t *path, const wchar_t *connection, int rounds)
{
    struct usage early = { 0, 0 }, late;
    int warm = rounds / 5;

    for (int i = 0; i < rounds; i++) {
        struct api api;

        api_load(&api, path);
        run_session(&api, connection, true);
        CHECK(FreeLibrary(api.library));
        CHECK(GetModuleHandleW(path) == NULL);
        if (i == warm)
            early = usage_now();
    }
    late = usage_now();
    printf("   after %d rounds %lu handles and %zu bytes, after %d %lu and %zu\n", warm + 1,
           early.handles, early.bytes, rounds, late.handles, late.bytes);
    CHECK(early.handles > 0 && late.handles <= early.handles + 4);
    CHECK(early.bytes > 0 && late.bytes <= early.bytes + GROWTH_BYTES);
}

int wmain(int argc, wchar_t **argv);

int wmain(int argc, wchar_t **argv)
{
    static wchar_t connection[8192];
    struct api api;
    char state[8] = "";

    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc != 3 || GetEnvironmentVariableW(L"CONNECTION", connection, 8192) == 0) {
        puts("usage: test_driver LIBRARY WORD, the string in CONNECTION");
        return 2;
    }
    if (wcsncmp(argv[2], L"rounds=", 7) == 0) {
        run_rounds(argv[1], connection, (int)wcstol(argv[2] + 7, NULL, 10));
    } else {
        api_load(&api, argv[1]);
        if (wcsncmp(argv[2], L"fails=", 6) == 0) {
            for (int i = 0; i < 5 && argv[2][6 + i] != L'\0'; i++)
                state[i] = (char)argv[2][6 + i];
            run_refused(&api, connection, state);
        } else {
            run_session(&api, connection, false);
        }
        CHECK(FreeLibrary(api.library));
    }
    puts(api_failures == 0 ? "passed" : "failed");
    return api_failures != 0;
}
