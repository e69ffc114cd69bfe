/*
 * odbcbench CONNECTION-STRING SCENARIO COUNT: one scenario through ODBC and nothing else, whatever
 * the driver. Prints one line of JSON; tests/bench/bench compares its sums with the server's.
 */
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"

/* ODBC's arguments are not const; nothing is written through these. */
#define TEXT(s)   ((SQLCHAR *)(uintptr_t)(s))
#define NUMBER(n) ((SQLPOINTER)(uintptr_t)(n))

static SQLHENV env;
static SQLHDBC dbc;
static const char *connection;

static _Noreturn void die(SQLSMALLINT kind, SQLHANDLE handle, const char *call)
{
    SQLCHAR state[6] = "", message[1024] = "no record";
    SQLINTEGER native = 0;
    SQLSMALLINT len = 0;
    char why[1100];

    SQLGetDiagRec(kind, handle, 1, state, &native, message, sizeof message, &len);
    snprintf(why, sizeof why, "[%s] %s", (const char *)state, (const char *)message);
    bench_die(call, why);
}

static void check(SQLSMALLINT kind, SQLHANDLE handle, SQLRETURN rc, const char *call)
{
    if (!SQL_SUCCEEDED(rc))
        die(kind, handle, call);
}

#define STMT_OK(stmt, call) check(SQL_HANDLE_STMT, stmt, call, #call)
#define DBC_OK(call)        check(SQL_HANDLE_DBC, dbc, call, #call)

static void open_connection(void)
{
    SQLCHAR out[1024];
    SQLSMALLINT len = 0;

    DBC_OK(SQLDriverConnect(dbc, NULL, TEXT(connection), SQL_NTS, out, sizeof out, &len,
                            SQL_DRIVER_NOPROMPT));
}

static SQLHSTMT new_statement(void)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;

    DBC_OK(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt));
    return stmt;
}

static void free_statement(SQLHSTMT stmt)
{
    SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

/* True: a row, or rows, are there. */
static bool fetched(SQLHSTMT stmt)
{
    SQLRETURN rc = SQLFetch(stmt);

    if (rc == SQL_NO_DATA)
        return false;
    check(SQL_HANDLE_STMT, stmt, rc, "SQLFetch");
    return true;
}

/* ---- columns ---- */

struct column {
    SQLSMALLINT type;
    SQLLEN width;  /* bytes of one cell of the buffer */
    bool no_edges; /* its text is not spelt as the server spells it */
    char *cells;
    SQLLEN *lengths;
};

static struct column narrow[] = {
    { .type = SQL_C_SLONG, .width = sizeof(SQLINTEGER) },
    { .type = SQL_C_SBIGINT, .width = sizeof(SQLBIGINT) },
    { .type = SQL_C_DOUBLE, .width = sizeof(SQLDOUBLE) },
};
static struct column mixed[BENCH_MIXED_COLUMNS] = {
    { .type = SQL_C_SLONG, .width = sizeof(SQLINTEGER) },
    { .type = SQL_C_SBIGINT, .width = sizeof(SQLBIGINT) },
    { .type = SQL_C_CHAR, .width = 24 },
    { .type = SQL_C_CHAR, .width = 100 },
    { .type = SQL_C_CHAR, .width = 404 },
    { .type = SQL_C_TYPE_TIMESTAMP, .width = sizeof(SQL_TIMESTAMP_STRUCT) },
    { .type = SQL_C_TYPE_DATE, .width = sizeof(SQL_DATE_STRUCT) },
    { .type = SQL_C_BIT, .width = 1 },
    { .type = SQL_C_DOUBLE, .width = sizeof(SQLDOUBLE) },
};
/* The same nine as text: widths in characters. */
static const SQLLEN text_width[BENCH_MIXED_COLUMNS] = { 16, 24, 24, 100, 404, 32, 16, 8, 32 };
/* What an application that asks for each column's own type reads with SQLGetData. */
static const SQLSMALLINT own_type[BENCH_MIXED_COLUMNS] = {
    SQL_C_SLONG,          SQL_C_SBIGINT,   SQL_C_CHAR, SQL_C_WCHAR,  SQL_C_WCHAR,
    SQL_C_TYPE_TIMESTAMP, SQL_C_TYPE_DATE, SQL_C_BIT,  SQL_C_DOUBLE,
};
#define DONE_COLUMN 7 /* "t" at the server, "1" in ODBC */

static void mixed_as_text(SQLSMALLINT type)
{
    for (int i = 0; i < BENCH_MIXED_COLUMNS; i++) {
        mixed[i].type = type;
        mixed[i].width = text_width[i] * (type == SQL_C_WCHAR ? (SQLLEN)sizeof(SQLWCHAR) : 1);
        mixed[i].no_edges = i == DONE_COLUMN;
    }
}

static void add_wide(struct tally *tally, const char *cell, SQLLEN len)
{
    SQLWCHAR first, last;

    tally->bytes += len;
    if (len < (SQLLEN)sizeof first)
        return;
    memcpy(&first, cell, sizeof first);
    memcpy(&last, cell + len - sizeof last, sizeof last);
    tally->edges += first + last;
}

static void add_text(struct tally *tally, const struct column *column, const char *cell, SQLLEN len)
{
    if (column->no_edges)
        tally->bytes += len;
    else if (column->type == SQL_C_WCHAR)
        add_wide(tally, cell, len);
    else
        bench_add_edges(tally, cell, len);
}

static void add_date(struct tally *tally, const SQL_DATE_STRUCT *d)
{
    tally->moments += d->year + d->month + d->day;
}

static void add_timestamp(struct tally *tally, const SQL_TIMESTAMP_STRUCT *t)
{
    tally->moments +=
        t->year + t->month + t->day + t->hour + t->minute + t->second + (int64_t)t->fraction;
}

/* One loop a type, so that what is measured is the driver and not this. */
#define EACH(add)                                                                                  \
    for (SQLULEN row = 0; row < rows; row++) {                                                     \
        const void *cell = column->cells + row * (SQLULEN)column->width;                           \
                                                                                                   \
        if (column->lengths[row] == SQL_NULL_DATA)                                                 \
            tally->nulls++;                                                                        \
        else                                                                                       \
            add;                                                                                   \
    }                                                                                              \
    break

static void add_column(struct tally *tally, const struct column *column, SQLULEN rows)
{
    switch (column->type) {
    case SQL_C_SLONG:
        EACH(tally->ints += (uint64_t) * (const SQLINTEGER *)cell);
    case SQL_C_SBIGINT:
        EACH(tally->ints += (uint64_t) * (const SQLBIGINT *)cell);
    case SQL_C_BIT:
        EACH(tally->ints += *(const unsigned char *)cell);
    case SQL_C_DOUBLE:
        EACH(tally->floats += *(const SQLDOUBLE *)cell);
    case SQL_C_TYPE_DATE:
        EACH(add_date(tally, cell));
    case SQL_C_TYPE_TIMESTAMP:
        EACH(add_timestamp(tally, cell));
    default:
        EACH(add_text(tally, column, cell, column->lengths[row]));
    }
}

static void bind(SQLHSTMT stmt, struct column *columns, int n, SQLULEN rows)
{
    for (int i = 0; i < n; i++) {
        columns[i].cells = bench_alloc(rows, (size_t)columns[i].width);
        columns[i].lengths = bench_alloc(rows, sizeof(SQLLEN));
        STMT_OK(stmt, SQLBindCol(stmt, (SQLUSMALLINT)(i + 1), columns[i].type, columns[i].cells,
                                 columns[i].width, columns[i].lengths));
    }
}

static void unbind(struct column *columns, int n)
{
    for (int i = 0; i < n; i++) {
        free(columns[i].cells);
        free(columns[i].lengths);
    }
}

static void set_sql(char *out, size_t cap, const char *format, long count)
{
    const char *mark = strstr(format, "%ld");

    snprintf(out, cap, "%.*s%ld%s", (int)(mark - format), format, count, mark + 3);
}

/* ---- rows ---- */

static void fetch_bound(struct tally *tally, const char *format, struct column *columns, int n,
                        long count)
{
    SQLHSTMT stmt = new_statement();
    SQLULEN got = 0;
    char sql[256];

    set_sql(sql, sizeof sql, format, count);
    STMT_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, NUMBER(BENCH_ROWSET), 0));
    STMT_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &got, 0));
    bind(stmt, columns, n, BENCH_ROWSET);
    bench_begin();
    STMT_OK(stmt, SQLExecDirect(stmt, TEXT(sql), SQL_NTS));
    while (fetched(stmt)) {
        for (int i = 0; i < n; i++)
            add_column(tally, &columns[i], got);
        tally->rows += (int64_t)got;
    }
    STMT_OK(stmt, SQLCloseCursor(stmt));
    bench_end();
    free_statement(stmt);
    unbind(columns, n);
}

static void fetch_narrow(struct tally *tally, long count)
{
    fetch_bound(tally, BENCH_NARROW, narrow, BENCH_COUNT_OF(narrow), count);
}

static void fetch_mixed(struct tally *tally, long count)
{
    fetch_bound(tally, BENCH_MIXED, mixed, BENCH_MIXED_COLUMNS, count);
}

static void fetch_text_char(struct tally *tally, long count)
{
    mixed_as_text(SQL_C_CHAR);
    fetch_mixed(tally, count);
}

static void fetch_text_wchar(struct tally *tally, long count)
{
    mixed_as_text(SQL_C_WCHAR);
    fetch_mixed(tally, count);
}

static void read_cells(struct tally *tally, long count)
{
    SQLHSTMT stmt = new_statement();
    char sql[256];
    union {
        char bytes[4096];
        SQL_TIMESTAMP_STRUCT aligned;
        SQLBIGINT big;
    } cell;
    SQLLEN len = 0;

    set_sql(sql, sizeof sql, BENCH_MIXED, count);
    for (int i = 0; i < BENCH_MIXED_COLUMNS; i++) {
        mixed[i].cells = cell.bytes;
        mixed[i].lengths = &len;
    }
    bench_begin();
    STMT_OK(stmt, SQLExecDirect(stmt, TEXT(sql), SQL_NTS));
    for (; fetched(stmt); tally->rows++) {
        for (int i = 0; i < BENCH_MIXED_COLUMNS; i++) {
            STMT_OK(stmt, SQLGetData(stmt, (SQLUSMALLINT)(i + 1), mixed[i].type, &cell, sizeof cell,
                                     mixed[i].lengths));
            add_column(tally, &mixed[i], 1);
        }
    }
    STMT_OK(stmt, SQLCloseCursor(stmt));
    bench_end();
    free_statement(stmt);
}

static void getdata_native(struct tally *tally, long count)
{
    for (int i = 0; i < BENCH_MIXED_COLUMNS; i++)
        mixed[i].type = own_type[i];
    read_cells(tally, count);
}

static void getdata_char(struct tally *tally, long count)
{
    mixed_as_text(SQL_C_CHAR);
    read_cells(tally, count);
}

/* One long value in pieces, each with its edges. */
static void read_pieces(struct tally *tally, SQLHSTMT stmt, SQLSMALLINT type)
{
    char piece[BENCH_PIECE];
    SQLLEN unit = type == SQL_C_WCHAR ? (SQLLEN)sizeof(SQLWCHAR) : 1;
    SQLRETURN rc;

    do {
        SQLLEN len = 0;

        rc = SQLGetData(stmt, 1, type, piece, sizeof piece, &len);
        if (rc == SQL_NO_DATA)
            break;
        check(SQL_HANDLE_STMT, stmt, rc, "SQLGetData");
        if (rc == SQL_SUCCESS_WITH_INFO)
            len = (SQLLEN)sizeof piece - unit;
        if (type == SQL_C_WCHAR)
            add_wide(tally, piece, len);
        else
            bench_add_edges(tally, piece, len);
    } while (rc == SQL_SUCCESS_WITH_INFO);
}

static void fetch_wide(struct tally *tally, SQLSMALLINT type, long count)
{
    SQLHSTMT stmt = new_statement();
    char sql[256];

    set_sql(sql, sizeof sql, BENCH_WIDE, count);
    bench_begin();
    STMT_OK(stmt, SQLExecDirect(stmt, TEXT(sql), SQL_NTS));
    for (; fetched(stmt); tally->rows++)
        read_pieces(tally, stmt, type);
    STMT_OK(stmt, SQLCloseCursor(stmt));
    bench_end();
    free_statement(stmt);
}

static void wide_char(struct tally *tally, long count)
{
    fetch_wide(tally, SQL_C_CHAR, count);
}

static void wide_wchar(struct tally *tally, long count)
{
    fetch_wide(tally, SQL_C_WCHAR, count);
}

/* ---- small statements ---- */

static void select_one(struct tally *tally, SQLHSTMT stmt)
{
    SQLINTEGER value = 0;
    SQLLEN len = 0;

    STMT_OK(stmt, SQLExecDirect(stmt, TEXT("SELECT 1"), SQL_NTS));
    STMT_OK(stmt, SQLFetch(stmt));
    STMT_OK(stmt, SQLGetData(stmt, 1, SQL_C_SLONG, &value, sizeof value, &len));
    STMT_OK(stmt, SQLCloseCursor(stmt));
    tally->rows++;
    tally->ints += (uint64_t)value;
}

static void select1(struct tally *tally, long count)
{
    SQLHSTMT stmt = new_statement();

    select_one(&(struct tally){ 0 }, stmt);
    bench_begin();
    for (long i = 0; i < count; i++)
        select_one(tally, stmt);
    bench_end();
    free_statement(stmt);
}

static void prepared(struct tally *tally, long count)
{
    SQLHSTMT stmt = new_statement();
    SQLINTEGER key = 0;
    SQLLEN key_len = 0, len = 0;
    char value[64];

    STMT_OK(stmt, SQLPrepare(stmt, TEXT("SELECT v FROM small WHERE id = ?"), SQL_NTS));
    STMT_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &key,
                                   0, &key_len));
    STMT_OK(stmt, SQLBindCol(stmt, 1, SQL_C_CHAR, value, sizeof value, &len));
    bench_begin();
    for (long i = 0; i < count; i++) {
        key = (SQLINTEGER)(1 + i % BENCH_KEYS);
        STMT_OK(stmt, SQLExecute(stmt));
        STMT_OK(stmt, SQLFetch(stmt));
        STMT_OK(stmt, SQLCloseCursor(stmt));
        tally->rows++;
        bench_add_edges(tally, value, len);
    }
    bench_end();
    free_statement(stmt);
}

static void connect_often(struct tally *tally, long count)
{
    SQLHSTMT stmt;

    bench_begin();
    for (long i = 0; i < count; i++) {
        DBC_OK(SQLDisconnect(dbc));
        open_connection();
    }
    bench_end();
    stmt = new_statement();
    select_one(tally, stmt);
    free_statement(stmt);
}

/* The first row of a long result, then leaving it, then the next statement. */
static void first_row(struct tally *tally, long count)
{
    SQLHSTMT stmt = new_statement();
    double begin, first;
    char sql[256];

    set_sql(sql, sizeof sql, BENCH_NARROW, count);
    bind(stmt, narrow, BENCH_COUNT_OF(narrow), 1);
    bench_begin();
    begin = bench_now();
    STMT_OK(stmt, SQLExecDirect(stmt, TEXT(sql), SQL_NTS));
    STMT_OK(stmt, SQLFetch(stmt));
    first = bench_now();
    for (size_t i = 0; i < BENCH_COUNT_OF(narrow); i++)
        add_column(tally, &narrow[i], 1);
    tally->rows++;
    STMT_OK(stmt, SQLCloseCursor(stmt));
    STMT_OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
    select_one(tally, stmt);
    bench_end();
    bench_extra("first", first - begin);
    bench_extra("leave", bench_now() - first);
    free_statement(stmt);
    unbind(narrow, BENCH_COUNT_OF(narrow));
}

/* ---- arrays and catalog ---- */

static struct {
    SQLINTEGER id[BENCH_ROWSET];
    char name[BENCH_ROWSET][32], amount[BENCH_ROWSET][32];
    SQL_TIMESTAMP_STRUCT at[BENCH_ROWSET];
    SQLLEN id_len[BENCH_ROWSET], name_len[BENCH_ROWSET], amount_len[BENCH_ROWSET],
        at_len[BENCH_ROWSET];
} sets;

static void fill_set(struct tally *tally, long set, int64_t n)
{
    struct sink_row row;

    bench_sink_row(n, &row, tally);
    sets.id[set] = row.id;
    memcpy(sets.name[set], row.name, sizeof row.name);
    memcpy(sets.amount[set], row.amount, sizeof row.amount);
    sets.name_len[set] = row.name_len;
    sets.amount_len[set] = row.amount_len;
    sets.at_len[set] = sizeof sets.at[set];
    sets.at[set] = (SQL_TIMESTAMP_STRUCT){
        .year = (SQLSMALLINT)row.year,
        .month = (SQLUSMALLINT)row.month,
        .day = (SQLUSMALLINT)row.day,
        .hour = (SQLUSMALLINT)row.hour,
        .minute = (SQLUSMALLINT)row.minute,
        .second = (SQLUSMALLINT)row.second,
        .fraction = (SQLUINTEGER)row.micros * 1000,
    };
}

static void bind_sets(SQLHSTMT stmt)
{
    STMT_OK(stmt, SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0,
                                   sets.id, 0, sets.id_len));
    STMT_OK(stmt, SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 32, 0,
                                   sets.name, sizeof sets.name[0], sets.name_len));
    STMT_OK(stmt, SQLBindParameter(stmt, 3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_NUMERIC, 18, 4,
                                   sets.amount, sizeof sets.amount[0], sets.amount_len));
    STMT_OK(stmt,
            SQLBindParameter(stmt, 4, SQL_PARAM_INPUT, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 26,
                             6, sets.at, sizeof sets.at[0], sets.at_len));
}

static void drain_results(SQLHSTMT stmt)
{
    SQLRETURN rc;

    do {
        rc = SQLMoreResults(stmt);
    } while (SQL_SUCCEEDED(rc));
    if (rc != SQL_NO_DATA)
        die(SQL_HANDLE_STMT, stmt, "SQLMoreResults");
}

static void insert_array(struct tally *tally, long count)
{
    SQLHSTMT stmt = new_statement();

    STMT_OK(stmt, SQLExecDirect(stmt, TEXT("TRUNCATE sink"), SQL_NTS));
    DBC_OK(SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT, NUMBER(SQL_AUTOCOMMIT_OFF), 0));
    bind_sets(stmt);
    bench_begin();
    STMT_OK(stmt, SQLPrepare(stmt, TEXT(BENCH_INSERT "(?, ?, ?, ?)"), SQL_NTS));
    for (long base = 0; base < count; base += BENCH_ROWSET) {
        long n = count - base < BENCH_ROWSET ? count - base : BENCH_ROWSET;

        for (long set = 0; set < n; set++)
            fill_set(tally, set, base + set);
        STMT_OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, NUMBER(n), 0));
        STMT_OK(stmt, SQLExecute(stmt));
        drain_results(stmt);
    }
    DBC_OK(SQLEndTran(SQL_HANDLE_DBC, dbc, SQL_COMMIT));
    bench_end();
    free_statement(stmt);
}

/* Reads a catalog result for the texts of one column. */
static void read_catalog(struct tally *tally, SQLHSTMT stmt, SQLUSMALLINT column)
{
    char text[256];
    SQLLEN len = 0;

    STMT_OK(stmt, SQLBindCol(stmt, column, SQL_C_CHAR, text, sizeof text, &len));
    for (; fetched(stmt); tally->rows++)
        bench_add_edges(tally, text, len);
    STMT_OK(stmt, SQLCloseCursor(stmt));
    STMT_OK(stmt, SQLFreeStmt(stmt, SQL_UNBIND));
}

static void catalog(struct tally *tally, long count)
{
    SQLHSTMT stmt = new_statement();

    (void)count;
    bench_begin();
    STMT_OK(stmt, SQLTables(stmt, NULL, 0, TEXT("shelf"), SQL_NTS, TEXT("%"), SQL_NTS,
                            TEXT("TABLE"), SQL_NTS));
    read_catalog(tally, stmt, 3); /* TABLE_NAME */
    STMT_OK(stmt, SQLColumns(stmt, NULL, 0, TEXT("shelf"), SQL_NTS, TEXT("%"), SQL_NTS, TEXT("%"),
                             SQL_NTS));
    read_catalog(tally, stmt, 4); /* COLUMN_NAME */
    bench_end();
    free_statement(stmt);
}

/* ---- which ---- */

static const struct {
    const char *name;
    void (*run)(struct tally *tally, long count);
} scenarios[] = {
    { "connect", connect_often },
    { "connect_tls", connect_often },
    { "fetch_narrow", fetch_narrow },
    { "fetch_mixed", fetch_mixed },
    { "fetch_mixed_tls", fetch_mixed },
    { "fetch_text_char", fetch_text_char },
    { "fetch_text_wchar", fetch_text_wchar },
    { "getdata_native", getdata_native },
    { "getdata_char", getdata_char },
    { "wide_char", wide_char },
    { "wide_wchar", wide_wchar },
    { "select1", select1 },
    { "prepared", prepared },
    { "insert_array", insert_array },
    { "memory", fetch_narrow },
    { "first_row", first_row },
    { "catalog", catalog },
};

int main(int argc, char **argv)
{
    struct tally tally = { 0 };
    size_t i = 0;

    while (argc == 4 && i < BENCH_COUNT_OF(scenarios) && strcmp(argv[2], scenarios[i].name) != 0)
        i++;
    if (argc != 4 || i == BENCH_COUNT_OF(scenarios)) {
        fputs("usage: odbcbench CONNECTION-STRING SCENARIO COUNT\n", stderr);
        return 2;
    }
    connection = argv[1];
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env)))
        bench_die("SQLAllocHandle", "no environment");
    check(SQL_HANDLE_ENV, env, SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, NUMBER(SQL_OV_ODBC3), 0),
          "SQLSetEnvAttr");
    check(SQL_HANDLE_ENV, env, SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc), "SQLAllocHandle");
    open_connection();
    scenarios[i].run(&tally, bench_number(argv[3]));
    bench_report(argv[2], &tally);
    DBC_OK(SQLDisconnect(dbc));
    SQLFreeHandle(SQL_HANDLE_DBC, dbc);
    SQLFreeHandle(SQL_HANDLE_ENV, env);
    return 0;
}
