/*
 * What both benchmark programs share: the queries, what the rows add up to, the time and memory
 * it took, and the one line of JSON in which they say so.
 */
#ifndef RS_BENCH_TALLY_H
#define RS_BENCH_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Queries are formats: the one %ld is the number of rows. tables.sql makes the tables. */
#define BENCH_NARROW "SELECT a, b, c FROM narrow WHERE a <= %ld"
#define BENCH_MIXED                                                                                \
    "SELECT id, big, amount, name, note, at, day, done, share FROM mixed WHERE id <= %ld"
#define BENCH_WIDE          "SELECT body FROM wide WHERE id <= %ld"
#define BENCH_INSERT        "INSERT INTO sink (id, name, amount, at) VALUES "
#define BENCH_ROWSET        1000 /* rows of one fetch, sets of one array */
#define BENCH_KEYS          1000 /* rows of table small */
#define BENCH_PIECE         4096 /* buffer for a piece of a long value */
#define BENCH_MIXED_COLUMNS 9

/* Sums that the server can make, too. */
struct tally {
    int64_t rows;
    int64_t nulls;
    uint64_t ints;   /* integers, and 1 for each true; modulo 2 to the 64 */
    int64_t bytes;   /* lengths of texts as the program got them */
    int64_t edges;   /* first and last unit of each text: the server's are all ASCII */
    int64_t moments; /* year + month + day + hour + minute + second + nanoseconds */
    double floats;
};

/* A row of table sink, the n-th; texts end with NUL. */
struct sink_row {
    int32_t id;
    char name[32], amount[32];
    int name_len, amount_len;
    int year, month, day, hour, minute, second, micros;
};

void bench_sink_row(int64_t n, struct sink_row *out, struct tally *tally);

static inline void bench_add_edges(struct tally *tally, const char *text, int64_t len)
{
    tally->bytes += len;
    if (len > 0)
        tally->edges += (unsigned char)text[0] + (unsigned char)text[len - 1];
}

/* Whole positive decimal number; ends the program with 2 when it is none. */
long bench_number(const char *text);
/* Seconds of a clock that only goes forward. */
double bench_now(void);
/* The measured part of the run. */
void bench_begin(void);
void bench_end(void);
/* A further measure of the run, in seconds: a number beside `wall`. */
void bench_extra(const char *name, double seconds);
/* Prints the line. */
void bench_report(const char *scenario, const struct tally *tally);
/* Says what went wrong on stderr and ends the program with 1. */
_Noreturn void bench_die(const char *what, const char *why);
/* calloc that ends the program. */
void *bench_alloc(size_t count, size_t size);

#endif
