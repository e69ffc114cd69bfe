/*
 * rawbench CONNINFO MODE SCENARIO COUNT: the same queries without ODBC, for comparison.
 *
 *   exec   PQexec and its like, the whole result, each cell decoded with the C library
 *   read   messages read off the socket and counted, nothing decoded: what no driver can beat
 *
 * Prints one line of JSON as odbcbench does; `read` has the number of rows alone in it.
 */
#include <errno.h>
#include <libpq-fe.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tally.h"

static const char *conninfo;
static PGconn *conn;

static void open_connection(void)
{
    conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK)
        bench_die("PQconnectdb", PQerrorMessage(conn));
}

static PGresult *expect(PGresult *result, ExecStatusType status)
{
    if (PQresultStatus(result) != status)
        bench_die("libpq", PQerrorMessage(conn));
    return result;
}

/* ---- decoding ---- */

/* Where a cell is decoded to: int, long, double and bool, moment (timestamp or date), text. */
union cell {
    int32_t i;
    int64_t l;
    double f;
    struct {
        short year;
        unsigned short month, day, hour, minute, second;
        unsigned nanos;
    } moment;
    char text[8192];
};

static unsigned digits(const char *p, int n)
{
    unsigned value = 0;

    for (int i = 0; i < n; i++)
        value = value * 10 + (unsigned)(p[i] - '0');
    return value;
}

static void decode_moment(const char *p, int len, union cell *out)
{
    memset(&out->moment, 0, sizeof out->moment);
    out->moment.year = (short)digits(p, 4);
    out->moment.month = (unsigned short)digits(p + 5, 2);
    out->moment.day = (unsigned short)digits(p + 8, 2);
    if (len < 19)
        return;
    out->moment.hour = (unsigned short)digits(p + 11, 2);
    out->moment.minute = (unsigned short)digits(p + 14, 2);
    out->moment.second = (unsigned short)digits(p + 17, 2);
    if (len > 20) {
        out->moment.nanos = digits(p + 20, len - 20);
        for (int i = len - 20; i < 9; i++)
            out->moment.nanos *= 10;
    }
}

static void decode(char kind, const char *p, int len, union cell *out, struct tally *tally)
{
    switch (kind) {
    case 'i':
        out->i = (int32_t)strtol(p, NULL, 10);
        tally->ints += (uint64_t)out->i;
        break;
    case 'l':
        out->l = strtoll(p, NULL, 10);
        tally->ints += (uint64_t)out->l;
        break;
    case 'd':
        out->f = strtod(p, NULL);
        tally->floats += out->f;
        break;
    case 'b':
        out->i = *p == 't';
        tally->ints += (uint64_t)out->i;
        break;
    case 'm':
        decode_moment(p, len, out);
        tally->moments += out->moment.year + out->moment.month + out->moment.day +
                          out->moment.hour + out->moment.minute + out->moment.second +
                          (int64_t)out->moment.nanos;
        break;
    case 'w':
        memcpy(out->text, p, (size_t)len);
        for (int at = 0; at < len; at += BENCH_PIECE - 1)
            bench_add_edges(tally, out->text + at,
                            len - at < BENCH_PIECE - 1 ? len - at : BENCH_PIECE - 1);
        break;
    default:
        memcpy(out->text, p, (size_t)len);
        if (kind == 's')
            bench_add_edges(tally, out->text, len);
        else
            tally->bytes += len;
    }
}

static void add_result(struct tally *tally, const PGresult *result, const char *kinds)
{
    static union cell cell;
    int rows = PQntuples(result), columns = (int)strlen(kinds);

    for (int row = 0; row < rows; row++) {
        for (int i = 0; i < columns; i++) {
            if (PQgetisnull(result, row, i))
                tally->nulls++;
            else
                decode(kinds[i], PQgetvalue(result, row, i), PQgetlength(result, row, i), &cell,
                       tally);
        }
    }
    tally->rows += rows;
}

static void set_sql(char *out, size_t cap, const char *format, long count)
{
    const char *mark = strstr(format, "%ld");

    if (mark == NULL)
        snprintf(out, cap, "%s", format);
    else
        snprintf(out, cap, "%.*s%ld%s", (int)(mark - format), format, count, mark + 3);
}

/* ---- with libpq ---- */

static void exec_rows(struct tally *tally, const char *format, const char *kinds, long count)
{
    PGresult *result;
    char sql[256];

    set_sql(sql, sizeof sql, format, count);
    bench_begin();
    result = expect(PQexec(conn, sql), PGRES_TUPLES_OK);
    add_result(tally, result, kinds);
    PQclear(result);
    bench_end();
}

static void exec_calls(struct tally *tally, const char *sql, const char *kinds, long count)
{
    bench_begin();
    for (long i = 0; i < count; i++) {
        PGresult *result = expect(PQexec(conn, sql), PGRES_TUPLES_OK);

        add_result(tally, result, kinds);
        PQclear(result);
    }
    bench_end();
}

static void exec_prepared(struct tally *tally, const char *sql, const char *kinds, long count)
{
    PQclear(expect(PQprepare(conn, "p", sql, 0, NULL), PGRES_COMMAND_OK));
    bench_begin();
    for (long i = 0; i < count; i++) {
        char key[16];
        const char *value = key;
        PGresult *result;

        snprintf(key, sizeof key, "%ld", 1 + i % BENCH_KEYS);
        result = expect(PQexecPrepared(conn, "p", 1, &value, NULL, NULL, 0), PGRES_TUPLES_OK);
        add_result(tally, result, kinds);
        PQclear(result);
    }
    bench_end();
}

static void exec_connect(struct tally *tally, const char *sql, const char *kinds, long count)
{
    PGresult *result;

    bench_begin();
    for (long i = 0; i < count; i++) {
        PQfinish(conn);
        open_connection();
    }
    bench_end();
    result = expect(PQexec(conn, sql), PGRES_TUPLES_OK);
    add_result(tally, result, kinds);
    PQclear(result);
}

/* Single rows, then a cancel request and what is left until the server is ready. */
static void exec_first(struct tally *tally, const char *format, const char *kinds, long count)
{
    PGresult *result;
    PGcancel *cancel;
    double begin, first;
    char sql[256], why[256] = "";

    set_sql(sql, sizeof sql, format, count);
    bench_begin();
    begin = bench_now();
    if (!PQsendQuery(conn, sql) || !PQsetSingleRowMode(conn))
        bench_die("PQsendQuery", PQerrorMessage(conn));
    result = expect(PQgetResult(conn), PGRES_SINGLE_TUPLE);
    add_result(tally, result, kinds);
    PQclear(result);
    first = bench_now();
    cancel = PQgetCancel(conn);
    if (!PQcancel(cancel, why, sizeof why))
        bench_die("PQcancel", why);
    PQfreeCancel(cancel);
    while ((result = PQgetResult(conn)) != NULL)
        PQclear(result);
    result = expect(PQexec(conn, "SELECT 1"), PGRES_TUPLES_OK);
    add_result(tally, result, "i");
    PQclear(result);
    bench_end();
    bench_extra("first", first - begin);
    bench_extra("leave", bench_now() - first);
}

#define INSERT_COLUMNS 4

static void prepare_insert(long rows)
{
    size_t cap = 64 + (size_t)rows * 40, len;
    char *sql = bench_alloc(cap, 1);

    len = (size_t)snprintf(sql, cap, "%s", BENCH_INSERT);
    for (long row = 0; row < rows; row++) {
        long p = row * INSERT_COLUMNS;

        len += (size_t)snprintf(sql + len, cap - len, "%s($%ld,$%ld,$%ld,$%ld)", row > 0 ? "," : "",
                                p + 1, p + 2, p + 3, p + 4);
    }
    PQclear(expect(PQexec(conn, "DEALLOCATE ALL"), PGRES_COMMAND_OK));
    PQclear(expect(PQprepare(conn, "p", sql, 0, NULL), PGRES_COMMAND_OK));
    free(sql);
}

static void fill_insert(struct tally *tally, char (*cells)[32], long row, int64_t n)
{
    struct sink_row it;

    bench_sink_row(n, &it, tally);
    cells += row * INSERT_COLUMNS;
    snprintf(cells[0], sizeof *cells, "%d", it.id);
    memcpy(cells[1], it.name, sizeof *cells);
    memcpy(cells[2], it.amount, sizeof *cells);
    snprintf(cells[3], sizeof *cells, "%04d-%02d-%02d %02d:%02d:%02d.%06d", it.year, it.month,
             it.day, it.hour, it.minute, it.second, it.micros);
}

static void exec_insert(struct tally *tally, const char *sql, const char *kinds, long count)
{
    char(*cells)[32] = bench_alloc((size_t)BENCH_ROWSET * INSERT_COLUMNS, sizeof *cells);
    const char **values = bench_alloc((size_t)BENCH_ROWSET * INSERT_COLUMNS, sizeof *values);
    long prepared = 0;

    (void)kinds;
    for (long i = 0; i < BENCH_ROWSET * INSERT_COLUMNS; i++)
        values[i] = cells[i];
    PQclear(expect(PQexec(conn, sql), PGRES_COMMAND_OK));
    bench_begin();
    PQclear(expect(PQexec(conn, "BEGIN"), PGRES_COMMAND_OK));
    for (long base = 0; base < count; base += BENCH_ROWSET) {
        long n = count - base < BENCH_ROWSET ? count - base : BENCH_ROWSET;

        for (long row = 0; row < n; row++)
            fill_insert(tally, cells, row, base + row);
        if (n != prepared)
            prepare_insert(n);
        prepared = n;
        PQclear(expect(PQexecPrepared(conn, "p", (int)n * INSERT_COLUMNS, values, NULL, NULL, 0),
                       PGRES_COMMAND_OK));
    }
    PQclear(expect(PQexec(conn, "COMMIT"), PGRES_COMMAND_OK));
    bench_end();
    free(values);
    free(cells);
}

/* ---- without libpq, once connected ---- */

static struct {
    char bytes[256 * 1024];
    size_t have, at;
} in;

static SSL *tls;

static void write_all(const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done =
            tls != NULL ? SSL_write(tls, p, (int)n) : send(PQsocket(conn), p, n, MSG_NOSIGNAL);

        if (done <= 0)
            bench_die("send", "the connection is gone");
        p += done;
        n -= (size_t)done;
    }
}

/* More bytes; blocks in poll, as libpq's socket does not. */
static void fill(void)
{
    for (;;) {
        ssize_t got = tls != NULL ? SSL_read(tls, in.bytes, sizeof in.bytes)
                                  : recv(PQsocket(conn), in.bytes, sizeof in.bytes, 0);

        if (got > 0) {
            in.have = (size_t)got;
            in.at = 0;
            return;
        }
        if (tls != NULL ? SSL_get_error(tls, (int)got) != SSL_ERROR_WANT_READ
                        : got == 0 || errno != EAGAIN)
            bench_die("recv", "the connection is gone");
        if (poll(&(struct pollfd){ .fd = PQsocket(conn), .events = POLLIN }, 1, -1) < 0)
            bench_die("poll", strerror(errno));
    }
}

static unsigned next_byte(void)
{
    if (in.at == in.have)
        fill();
    return (unsigned char)in.bytes[in.at++];
}

static void skip(size_t n)
{
    while (n > in.have - in.at) {
        n -= in.have - in.at;
        fill();
    }
    in.at += n;
}

/* Messages up to ReadyForQuery; the number of rows among them. */
static int64_t read_rows(void)
{
    int64_t rows = 0;
    unsigned type;

    do {
        uint32_t len = 0;

        type = next_byte();
        for (int i = 0; i < 4; i++)
            len = len << 8 | next_byte();
        if (type == 'E' || len < 4)
            bench_die("read", "the server refused the query");
        skip(len - 4);
        rows += type == 'D';
    } while (type != 'Z');
    return rows;
}

static void read_calls(struct tally *tally, const char *format, long count, long calls)
{
    char message[300];
    size_t len;

    set_sql(message + 5, sizeof message - 5, format, count);
    len = strlen(message + 5) + 1;
    message[0] = 'Q';
    for (int i = 0; i < 4; i++)
        message[1 + i] = (char)((len + 4) >> (24 - 8 * i) & 0xff);
    tls = PQsslStruct(conn, "OpenSSL");
    bench_begin();
    for (long i = 0; i < calls; i++) {
        write_all(message, len + 5);
        tally->rows += read_rows();
    }
    bench_end();
}

/* ---- which ---- */

static const struct {
    const char *name;
    void (*exec)(struct tally *tally, const char *sql, const char *kinds, long count);
    const char *sql, *kinds; /* as in decode: k is text without its edges, w in pieces */
    enum { NEVER, ONCE, OFTEN } read;
} scenarios[] = {
    { "connect", exec_connect, "SELECT 1", "i", NEVER },
    { "connect_tls", exec_connect, "SELECT 1", "i", NEVER },
    { "fetch_narrow", exec_rows, BENCH_NARROW, "ild", ONCE },
    { "fetch_mixed", exec_rows, BENCH_MIXED, "ilsssmmbd", ONCE },
    { "fetch_mixed_tls", exec_rows, BENCH_MIXED, "ilsssmmbd", ONCE },
    { "fetch_text_char", exec_rows, BENCH_MIXED, "sssssssks", ONCE },
    { "getdata_char", exec_rows, BENCH_MIXED, "sssssssks", ONCE },
    { "wide_char", exec_rows, BENCH_WIDE, "w", ONCE },
    { "select1", exec_calls, "SELECT 1", "i", OFTEN },
    { "prepared", exec_prepared, "SELECT v FROM small WHERE id = $1", "s", NEVER },
    { "insert_array", exec_insert, "TRUNCATE sink", "", NEVER },
    { "memory", exec_rows, BENCH_NARROW, "ild", ONCE },
    { "first_row", exec_first, BENCH_NARROW, "ild", NEVER },
};

int main(int argc, char **argv)
{
    struct tally tally = { 0 };
    bool reads = argc == 5 && strcmp(argv[2], "read") == 0;
    size_t i = 0;
    long count;

    while (argc == 5 && i < BENCH_COUNT_OF(scenarios) && strcmp(argv[3], scenarios[i].name) != 0)
        i++;
    if (argc != 5 || i == BENCH_COUNT_OF(scenarios) || (!reads && strcmp(argv[2], "exec") != 0) ||
        (reads && scenarios[i].read == NEVER)) {
        fputs("usage: rawbench CONNINFO exec|read SCENARIO COUNT\n", stderr);
        return 2;
    }
    conninfo = argv[1];
    count = bench_number(argv[4]);
    open_connection();
    if (reads)
        read_calls(&tally, scenarios[i].sql, count, scenarios[i].read == OFTEN ? count : 1);
    else
        scenarios[i].exec(&tally, scenarios[i].sql, scenarios[i].kinds, count);
    bench_report(argv[3], &tally);
    PQfinish(conn);
    return 0;
}
