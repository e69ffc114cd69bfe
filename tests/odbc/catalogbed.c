#include "catalogbed.h"

#include <unistd.h>

struct t_conn bed_postgres, bed_redshift;
char bed_schema[64];

void bed_up(const char *word)
{
    t_open(&bed_postgres, T_POSTGRES, SQL_OV_ODBC3, "");
    t_open(&bed_redshift, T_REDSHIFT, SQL_OV_ODBC3, "");
    snprintf(bed_schema, sizeof bed_schema, "rs%sx%d", word, (int)getpid());
    bed_run("CREATE SCHEMA $");
}

void bed_down(void)
{
    bed_run("DROP SCHEMA $ CASCADE");
    t_close(&bed_postgres);
    t_close(&bed_redshift);
}

/* Text with each `from` replaced. */
static void replaced(const char *text, const char *from, const char *to, char *out, size_t cap)
{
    size_t n = 0, skip = strlen(from), add = strlen(to);

    while (*text != '\0') {
        bool is_it = strncmp(text, from, skip) == 0;

        assert_true(n + add + 2 < cap);
        if (is_it)
            memcpy(out + n, to, add);
        else
            out[n] = *text;
        n += is_it ? add : 1;
        text += is_it ? skip : 1;
    }
    out[n] = '\0';
}

void bed_run(const char *sql)
{
    char whole[4096];

    replaced(sql, "$", bed_schema, whole, sizeof whole);
    t_run(&bed_postgres, whole);
}

SQLCHAR *bed_text(const char *text)
{
    static char buffers[8][256]; /* more than a call has arguments */
    static size_t next;
    char *to = buffers[next++ % COUNT_OF(buffers)];

    if (text == NULL)
        return NULL;
    replaced(text, "$", bed_schema, to, sizeof buffers[0]);
    return TEXT(to);
}

SQLSMALLINT bed_length(const char *text)
{
    return text == NULL ? 0 : SQL_NTS;
}

SQLSMALLINT bed_wide_schema(SQLWCHAR out[64])
{
    SQLSMALLINT n = 0;

    for (; bed_schema[n] != '\0'; n++)
        out[n] = (SQLWCHAR)bed_schema[n];
    return n;
}

SQLHSTMT bed_stmt(struct t_conn *conn, bool metadata_id)
{
    SQLHSTMT stmt = t_stmt(conn);

    if (metadata_id)
        OK(stmt, SQLSetStmtAttr(stmt, SQL_ATTR_METADATA_ID, NUMBER(SQL_TRUE), 0));
    return stmt;
}

void bed_expect_at(SQLHSTMT stmt, const char *want, const char *what, const char *file, int line)
{
    static char rows[BED_ROWS], got[BED_ROWS];

    t_rows(stmt, rows, sizeof rows);
    replaced(rows, bed_schema, "$", got, sizeof got);
    if (strcmp(got, want) != 0) {
        print_error("%s: got \"%s\", not \"%s\"\n", what, got, want);
        _fail(file, line);
    }
    t_free(stmt);
}

void bed_list(SQLHSTMT stmt, SQLUSMALLINT column, char *out, size_t cap)
{
    static char cells[BED_ROWS];
    const char *bar = "";
    size_t n = 0;
    SQLRETURN rc;

    cells[0] = '\0';
    while (SQL_SUCCEEDED(rc = SQLFetch(stmt))) {
        char cell[256];
        SQLLEN length = 0;

        OK(stmt, SQLGetData(stmt, column, SQL_C_CHAR, cell, sizeof cell, &length));
        n += (size_t)snprintf(cells + n, sizeof cells - n, "%s%s", bar,
                              length == SQL_NULL_DATA ? "<null>" : cell);
        assert_true(n < sizeof cells);
        bar = "|";
    }
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_NO_DATA, NULL, rc);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    replaced(cells, bed_schema, "$", out, cap);
}

size_t bed_count(SQLHSTMT stmt)
{
    size_t n = 0;
    SQLRETURN rc;

    while (SQL_SUCCEEDED(rc = SQLFetch(stmt)))
        n++;
    T_CHECK(SQL_HANDLE_STMT, stmt, SQL_NO_DATA, NULL, rc);
    OK(stmt, SQLFreeStmt(stmt, SQL_CLOSE));
    return n;
}

/* The number of the connection in a line of the stand-in's log. */
static long conn_of(const char *line)
{
    const char *at = strstr(line, "\"conn\": ");

    return at == NULL ? -1 : strtol(at + 8, NULL, 10);
}

static bool is_statement(const char *line)
{
    return strstr(line, "\"event\": \"query\"") != NULL ||
           strstr(line, "\"event\": \"parse\"") != NULL;
}

/* Lines of statements between two texts, on the connection of the second. */
static size_t count_between(const char *from, const char *to)
{
    FILE *log = fopen(t_var("RS_REDSHIFT_LOG"), "r");
    char line[2048];
    size_t n = 0;
    long number = -1, end = 0;

    assert_non_null(log);
    while (number < 0 && fgets(line, sizeof line, log) != NULL)
        if (strstr(line, to) != NULL) {
            number = conn_of(line);
            end = ftell(log);
        }
    assert_true(number >= 0);
    rewind(log);
    while (ftell(log) < end && fgets(line, sizeof line, log) != NULL) {
        if (conn_of(line) == number && is_statement(line))
            n++;
        if (strstr(line, from) != NULL)
            n = 0;
    }
    fclose(log);
    return n - 1;
}

size_t bed_statements(struct t_conn *conn)
{
    static char last[64];
    static int number;
    char mark[64], sql[96];
    size_t n = 0;

    snprintf(mark, sizeof mark, "rs-mark-%d-%d", (int)getpid(), number++);
    snprintf(sql, sizeof sql, "SELECT '%s'", mark);
    t_run(conn, sql);
    if (last[0] != '\0')
        n = count_between(last, mark);
    memcpy(last, mark, sizeof last);
    return n;
}

static SQLSMALLINT narrow(SQLSMALLINT type)
{
    return type == SQL_WVARCHAR ? SQL_VARCHAR : type == SQL_WCHAR ? SQL_CHAR : type;
}

void bed_columns(SQLHSTMT stmt, bool is_v2, const struct bed_column *columns, size_t n)
{
    SQLSMALLINT count = 0;

    OK(stmt, SQLNumResultCols(stmt, &count));
    assert_int_equal(count, n);
    for (size_t i = 0; i < n; i++) {
        SQLCHAR name[64];
        SQLSMALLINT type, nullable;
        SQLULEN size;

        OK(stmt, SQLDescribeCol(stmt, (SQLUSMALLINT)(i + 1), name, sizeof name, NULL, &type, &size,
                                NULL, &nullable));
        assert_string_equal((char *)name, is_v2 ? columns[i].name2 : columns[i].name);
        if (narrow(type) != columns[i].type || size != columns[i].size ||
            nullable != columns[i].nullable)
            fail_msg("%s: type %d, size %lu, nullable %d", columns[i].name, type,
                     (unsigned long)size, nullable);
    }
    t_free(stmt);
}
