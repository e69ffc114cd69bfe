#include "tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double begun, wall, cpu_begun, cpu;
static struct {
    const char *name;
    double seconds;
} extras[4];
static size_t n_extras;

_Noreturn void bench_die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

void *bench_alloc(size_t count, size_t size)
{
    void *block = calloc(count, size);

    if (block == NULL)
        bench_die("memory", "there is none left");
    return block;
}

long bench_number(const char *text)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    if (*text == '\0' || *end != '\0' || value < 1) {
        fprintf(stderr, "\"%s\" is not a count\n", text);
        exit(2);
    }
    return value;
}

double bench_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu_now(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

/* VmHWM and not ru_maxrss, which remembers what this process was before exec. */
static long peak_kib(void)
{
    char line[256];
    long value = 0;
    FILE *file = fopen("/proc/self/status", "r");

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            value = strtol(line + 6, NULL, 10);
    }
    fclose(file);
    return value;
}

void bench_begin(void)
{
    cpu_begun = cpu_now();
    begun = bench_now();
}

void bench_end(void)
{
    wall = bench_now() - begun;
    cpu = cpu_now() - cpu_begun;
}

void bench_extra(const char *name, double seconds)
{
    if (n_extras < BENCH_COUNT_OF(extras)) {
        extras[n_extras].name = name;
        extras[n_extras++].seconds = seconds;
    }
}

void bench_report(const char *scenario, const struct tally *tally)
{
    printf("{\"scenario\": \"%s\", \"wall\": %.9f, \"cpu\": %.6f, \"peak_kib\": %ld", scenario,
           wall, cpu, peak_kib());
    for (size_t i = 0; i < n_extras; i++)
        printf(", \"%s\": %.9f", extras[i].name, extras[i].seconds);
    printf(", \"rows\": %" PRId64 ", \"nulls\": %" PRId64 ", \"ints\": %" PRIu64
           ", \"bytes\": %" PRId64 ", \"edges\": %" PRId64 ", \"moments\": %" PRId64
           ", \"floats\": %.17g}\n",
           tally->rows, tally->nulls, tally->ints, tally->bytes, tally->edges, tally->moments,
           tally->floats);
}

void bench_sink_row(int64_t n, struct sink_row *out, struct tally *tally)
{
    out->id = (int32_t)n;
    out->name_len = snprintf(out->name, sizeof out->name, "customer %" PRId64, n);
    out->amount_len = snprintf(out->amount, sizeof out->amount, "%" PRId64 ".%04" PRId64,
                               n * 7 % 100000, n * 13 % 10000);
    out->year = 2000 + (int)(n % 24);
    out->month = 1 + (int)(n % 12);
    out->day = 1 + (int)(n % 28);
    out->hour = (int)(n % 24);
    out->minute = (int)(n % 60);
    out->second = (int)(n % 59);
    out->micros = (int)(n * 101 % 1000000);
    tally->rows++;
    tally->ints += (uint64_t)n;
    bench_add_edges(tally, out->name, out->name_len);
    bench_add_edges(tally, out->amount, out->amount_len);
    tally->moments += out->year + out->month + out->day + out->hour + out->minute + out->second +
                      (int64_t)out->micros * 1000;
}
