/* Allocation, threads, clocks, files. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oom.h"
#include "os.h"
#include "tempdir.h"

static void test_sizes(void **state)
{
    static const struct {
        size_t a, b, sum, product;
        bool has_sum, has_product;
    } cases[] = {
        { 0, 0, 0, 0, true, true },
        { 3, 4, 7, 12, true, true },
        { SIZE_MAX, 0, SIZE_MAX, 0, true, true },
        { 0, SIZE_MAX, SIZE_MAX, 0, true, true },
        { SIZE_MAX, 1, 0, SIZE_MAX, false, true },
        { SIZE_MAX / 2, 2, SIZE_MAX / 2 + 2, SIZE_MAX - 1, true, true },
        { SIZE_MAX / 2 + 1, 2, SIZE_MAX / 2 + 3, 0, true, false },
        { SIZE_MAX, SIZE_MAX, 0, 0, false, false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        size_t out = 77;

        assert_int_equal(rs_add_size(cases[i].a, cases[i].b, &out), cases[i].has_sum);
        assert_int_equal(out, cases[i].has_sum ? cases[i].sum : 77);
        out = 77;
        assert_int_equal(rs_mul_size(cases[i].a, cases[i].b, &out), cases[i].has_product);
        assert_int_equal(out, cases[i].has_product ? cases[i].product : 77);
    }
}

static void test_alloc(void **state)
{
    struct rs_diag diag = { .n = 0 };
    char *p, *q;

    (void)state;
    p = rs_alloc(100, 3, &diag);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(p[i], 0);
    p[0] = 'x';
    p = rs_realloc(p, 1000, 1, &diag);
    assert_int_equal(p[0], 'x');
    q = rs_realloc(p, SIZE_MAX / 2, 3, &diag); /* overflow: the old block is untouched */
    assert_null(q);
    assert_int_equal(p[0], 'x');
    assert_int_equal(diag.n, 1);
    assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_free(p);
    assert_null(rs_alloc(SIZE_MAX / 2, 3, &diag));
    assert_int_equal(diag.n, 2);
    assert_null(rs_alloc(SIZE_MAX / 2, 3, NULL));
    p = rs_alloc(0, 5, NULL); /* NULL always means failure */
    assert_non_null(p);
    rs_free(p);
    p = rs_realloc(NULL, 0, 0, NULL);
    assert_non_null(p);
    rs_free(p);
    rs_free(NULL);
    rs_diag_clear(&diag);
}

static void test_fail_hook(void **state)
{
    (void)state;
    rs_os_fail_alloc(3);
    for (int i = 1; i <= 5; i++) {
        void *p = i % 2 ? rs_alloc(1, 1, NULL) : rs_realloc(NULL, 1, 1, NULL);

        assert_int_equal(p == NULL, i == 3);
        rs_free(p);
    }
    assert_int_equal(rs_os_alloc_count(), 5);
    rs_os_fail_alloc(0);
    assert_int_equal(rs_os_alloc_count(), 0);
}

/* ---- threads ---- */

static struct rs_mutex lock = RS_MUTEX_INIT;
static struct rs_once once = RS_ONCE_INIT;
static int n_once, n_locked;
static _Atomic int n_saw_once;

static void set_once(void)
{
    rs_sleep_ms(20);
    n_once++;
}

static void *hammer(void *arg)
{
    rs_once(&once, set_once);
    if (n_once == 1) /* written before the call came back */
        atomic_fetch_add(&n_saw_once, 1);
    for (int i = 0; i < 1000; i++) {
        rs_lock(&lock);
        n_locked++;
        rs_unlock(&lock);
    }
    return arg;
}

static void test_once_and_mutex(void **state)
{
    pthread_t threads[4];
    struct rs_mutex own;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, NULL), 0);
    for (size_t i = 0; i < RS_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(n_once, 1);
    assert_int_equal(n_saw_once, 4);
    assert_int_equal(n_locked, 4000);
    rs_mutex_init(&own);
    assert_true(rs_try_lock(&own));
    assert_false(rs_try_lock(&own));
    rs_unlock(&own);
    assert_true(rs_try_lock(&own));
    rs_unlock(&own);
    rs_mutex_destroy(&own);
}

struct job {
    struct rs_event *event;
    bool signals_blocked;
    int value;
    int delay_ms;
};

static void announce(void *arg)
{
    struct job *job = arg;
    struct rs_event *event = job->event;
    sigset_t blocked;

    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    job->signals_blocked =
        sigismember(&blocked, SIGTERM) == 1 && sigismember(&blocked, SIGINT) == 1;
    rs_sleep_ms(job->delay_ms);
    job->value = 42;
    rs_event_set(event);
    rs_event_release(event);
}

static void test_event(void **state)
{
    struct rs_diag diag = { .n = 0 };
    sigset_t before, after;

    (void)state;
    for (int i = 0; i < 20; i++) {
        struct job job = { .event = rs_event_new(2, &diag), .delay_ms = i % 3 };

        pthread_sigmask(SIG_BLOCK, NULL, &before);
        assert_true(rs_thread_detached(announce, &job));
        pthread_sigmask(SIG_BLOCK, NULL, &after);
        assert_int_equal(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
        assert_true(rs_event_wait(job.event, i % 2 ? RS_FOREVER : rs_deadline_in(10000)));
        assert_int_equal(job.value, 42);
        assert_true(job.signals_blocked);
        /* Set once is set for good. */
        assert_true(rs_event_wait(job.event, (struct rs_deadline){ 1 }));
        rs_event_release(job.event);
    }
    rs_event_release(NULL);
}

static void test_event_deadline(void **state)
{
    struct rs_diag diag = { .n = 0 };
    struct rs_event *event = rs_event_new(1, &diag);
    int64_t start = rs_now_ms();

    (void)state;
    assert_false(rs_event_wait(event, rs_deadline_in(50)));
    assert_true(rs_now_ms() - start >= 50);
    assert_true(rs_now_ms() - start < 5000);
    assert_false(rs_event_wait(event, (struct rs_deadline){ 1 })); /* long passed */
    rs_event_release(event);
}

static bool start_thread(void *ctx)
{
    struct rs_diag diag = { .n = 0 };
    struct job job = { .event = rs_event_new(2, &diag) };
    bool ok = false;

    (void)ctx;
    if (job.event == NULL) {
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    } else {
        ok = rs_thread_detached(announce, &job);
        if (ok)
            assert_true(rs_event_wait(job.event, RS_FOREVER));
        else
            rs_event_release(job.event);
        rs_event_release(job.event);
    }
    rs_diag_clear(&diag);
    return ok;
}

static void test_thread_oom(void **state)
{
    (void)state;
    rs_test_oom(start_thread, NULL);
}

/* ---- clocks ---- */

static void test_utc_split(void **state)
{
    /* Checked with date -u -d @N. */
    static const struct {
        int64_t at;
        struct rs_utc_time want;
    } cases[] = {
        { 0, { 1970, 1, 1, 0, 0, 0 } },
        { -1, { 1969, 12, 31, 23, 59, 59 } },
        { -86400, { 1969, 12, 31, 0, 0, 0 } },
        { -86401, { 1969, 12, 30, 23, 59, 59 } },
        { 951782399, { 2000, 2, 28, 23, 59, 59 } },
        { 951782400, { 2000, 2, 29, 0, 0, 0 } }, /* divisible by 400: a leap year */
        { 951868800, { 2000, 3, 1, 0, 0, 0 } },
        { -2203977600, { 1900, 2, 28, 0, 0, 0 } },
        { -2203891200, { 1900, 3, 1, 0, 0, 0 } }, /* by 100 only: none */
        { -2208988800, { 1900, 1, 1, 0, 0, 0 } },
        { 1709164800, { 2024, 2, 29, 0, 0, 0 } },
        { 1735689599, { 2024, 12, 31, 23, 59, 59 } },
        { 1677628800, { 2023, 3, 1, 0, 0, 0 } },
        { 2147483647, { 2038, 1, 19, 3, 14, 7 } },
        { 2147483648, { 2038, 1, 19, 3, 14, 8 } },
        { 4107542400, { 2100, 3, 1, 0, 0, 0 } },
        { 4107542399, { 2100, 2, 28, 23, 59, 59 } },
        { 253402300799, { 9999, 12, 31, 23, 59, 59 } },
        { -62135596800, { 1, 1, 1, 0, 0, 0 } },
        { -62135596801, { 0, 12, 31, 23, 59, 59 } },
        { -62167219200, { 0, 1, 1, 0, 0, 0 } },
        { -62167219201, { -1, 12, 31, 23, 59, 59 } },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_utc_time got = rs_utc_split(cases[i].at);

        assert_memory_equal(&got, &cases[i].want, sizeof got);
    }
}

/* Against the C library, over a thousand years in uneven steps. */
static void test_utc_split_many(void **state)
{
    (void)state;
    for (int64_t at = -15000000000; at < 20000000000; at += 999983) {
        struct rs_utc_time got = rs_utc_split(at);
        time_t when = (time_t)at;
        struct tm tm;

        gmtime_r(&when, &tm);
        if (got.year != tm.tm_year + 1900 || got.month != tm.tm_mon + 1 || got.day != tm.tm_mday ||
            got.hour != tm.tm_hour || got.minute != tm.tm_min || got.second != tm.tm_sec)
            fail_msg("%lld", (long long)at);
    }
}

static void test_local_split(void **state)
{
    static const struct rs_utc_time want = { 2000, 2, 29, 5, 30, 0 };
    const char *now = getenv("TZ");
    char *before = now != NULL ? strdup(now) : NULL;
    struct rs_utc_time got;

    (void)state;
    setenv("TZ", "XYZ-5:30", 1);
    tzset();
    got = rs_local_split(951782400);
    assert_memory_equal(&got, &want, sizeof got);
    if (before != NULL)
        setenv("TZ", before, 1);
    else
        unsetenv("TZ");
    tzset();
    free(before);
}

static void test_clocks(void **state)
{
    int64_t ms = rs_now_ms(), us = rs_utc_us(), s = rs_utc_s();

    (void)state;
    assert_true(s >= us / 1000000 && s - us / 1000000 < 60);
    assert_true(llabs((long long)(s - (int64_t)time(NULL))) < 60);
    rs_sleep_ms(0);
    rs_sleep_ms(-5);
    assert_true(rs_now_ms() - ms < 10000);
    rs_sleep_ms(30);
    assert_true(rs_now_ms() - ms >= 30);
}

static void test_deadlines(void **state)
{
    struct rs_deadline soon = rs_deadline_in(60000), passed = { rs_now_ms() - 1 };

    (void)state;
    assert_int_equal(rs_deadline_in(0).at_ms, INT64_MAX);
    assert_int_equal(rs_deadline_in(-1).at_ms, INT64_MAX);
    assert_int_equal(rs_deadline_in(INT64_MAX).at_ms, INT64_MAX);
    assert_int_equal(rs_deadline_in(INT64_MAX - 1).at_ms, INT64_MAX); /* no overflow */

    assert_false(rs_deadline_passed(RS_FOREVER));
    assert_int_equal(rs_deadline_poll(RS_FOREVER), -1);
    assert_int_equal(rs_deadline_left(RS_FOREVER), INT64_MAX);

    assert_true(rs_deadline_passed(passed));
    assert_int_equal(rs_deadline_poll(passed), 0);
    assert_int_equal(rs_deadline_left(passed), 0);

    assert_false(rs_deadline_passed(soon));
    assert_in_range(rs_deadline_poll(soon), 1, 60000);
    assert_int_equal(rs_deadline_poll(rs_deadline_in((int64_t)INT_MAX * 4)), INT_MAX);

    assert_int_equal(rs_deadline_min(soon, RS_FOREVER).at_ms, soon.at_ms);
    assert_int_equal(rs_deadline_min(RS_FOREVER, soon).at_ms, soon.at_ms);
    assert_int_equal(rs_deadline_min(passed, soon).at_ms, passed.at_ms);
}

/* ---- process and environment ---- */

static void test_process(void **state)
{
    struct rs_buf out = RS_BUF_INIT(4096), small = RS_BUF_INIT(2);
    const char *now = getenv("HOME");
    char *home = now != NULL ? strdup(now) : NULL, exe[4096];
    ssize_t n;

    (void)state;
    assert_int_equal(rs_os_pid(), getpid());
    setenv("RS_TEST_EMPTY", "", 1);
    assert_null(rs_env("RS_TEST_EMPTY"));
    assert_null(rs_env("RS_TEST_UNSET"));
    setenv("RS_TEST_EMPTY", "x", 1);
    assert_string_equal(rs_env("RS_TEST_EMPTY"), "x");
    unsetenv("RS_TEST_EMPTY");

    setenv("HOME", "/some/where", 1);
    assert_true(rs_os_home(&out));
    assert_string_equal(out.p, "/some/where");
    assert_false(rs_os_home(&small));
    rs_buf_clear(&small);
    rs_buf_truncate(&out, 0);
    unsetenv("HOME"); /* the user database speaks */
    if (rs_os_home(&out))
        assert_int_equal(out.p[0], '/');
    if (home != NULL)
        setenv("HOME", home, 1);
    free(home);

    rs_buf_truncate(&out, 0);
    rs_os_program(&out);
    n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n > 0) {
        exe[n] = '\0';
        assert_string_equal(out.p, strrchr(exe, '/') + 1);
    }
    assert_null(strchr(out.p, '/'));
    rs_buf_truncate(&out, 0);
    assert_true(rs_os_library_path(&out));
    assert_true(out.len > 0);
    rs_buf_truncate(&out, 0);
    rs_os_error_text(ENOENT, &out);
    assert_string_equal(out.p, strerror(ENOENT));
    rs_buf_truncate(&out, 0);
    rs_os_error_text(123456, &out);
    assert_true(out.len > 0);
    rs_buf_clear(&out);
}

/* ---- files ---- */

static struct tempdir dir;

static int setup(void **state)
{
    (void)state;
    tempdir_make(&dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tempdir_remove(&dir);
    return 0;
}

/* Reads with a limit of max bytes; text (NULL: nothing): what the message must say. */
static void expect_read(const char *path, size_t max, enum rs_file want, const char *text)
{
    struct rs_buf out = RS_BUF_INIT(max);
    struct rs_diag diag = { .n = 0 };
    bool others = false;

    assert_int_equal(rs_os_read_file(path, &out, &others, &diag), want);
    assert_int_equal(diag.n, want == RS_FILE_FAILED ? 1 : 0);
    assert_false(others);
    if (want == RS_FILE_FAILED) {
        assert_int_equal(rs_diag_state(&diag), RS_HY000);
        assert_non_null(strstr(rs_diag_first(&diag), text));
        assert_non_null(strstr(rs_diag_first(&diag), path));
    } else if (want == RS_FILE_READ) {
        assert_string_equal(out.p, text);
    }
    rs_buf_clear(&out);
    rs_diag_clear(&diag);
}

static void test_read_file(void **state)
{
    const char *ten = tempdir_write(&dir, "ten", "0123456789", 10, 0600);

    (void)state;
    expect_read(tempdir_file(&dir, "none"), 100, RS_FILE_MISSING, NULL);
    expect_read(tempdir_file(&dir, "ten/below"), 100, RS_FILE_MISSING, NULL);
    expect_read("", 100, RS_FILE_MISSING, NULL);
    expect_read(dir.path, 100, RS_FILE_FAILED, "not a regular file");
    expect_read(ten, 100, RS_FILE_READ, "0123456789");
    expect_read(ten, 10, RS_FILE_READ, "0123456789"); /* exactly the limit */
    expect_read(ten, 9, RS_FILE_FAILED, "larger than 9 bytes");
    expect_read(ten, 0, RS_FILE_FAILED, "larger than 0 bytes");
    expect_read(tempdir_write(&dir, "empty", "", 0, 0600), 100, RS_FILE_READ, "");
    expect_read("/dev/null", 100, RS_FILE_FAILED, "not a regular file");
}

/* Longer than one piece of reading, with a limit that is no multiple of it. */
static void test_read_large_file(void **state)
{
    struct rs_buf text = RS_BUF_INIT(200001), out = RS_BUF_INIT(200001);
    struct rs_diag diag = { .n = 0 };
    const char *path;

    (void)state;
    for (int i = 0; text.len < 200001; i++)
        rs_buf_addc(&text, (char)('a' + i % 23));
    path = tempdir_write(&dir, "large", text.p, text.len, 0600);
    assert_int_equal(rs_os_read_file(path, &out, NULL, &diag), RS_FILE_READ);
    assert_true(rs_str_eq(rs_buf_str(&out), rs_buf_str(&text)));
    rs_buf_clear(&out);
    out.max = 200000;
    assert_int_equal(rs_os_read_file(path, &out, NULL, &diag), RS_FILE_FAILED);
    rs_buf_clear(&out);
    rs_buf_clear(&text);
    rs_diag_clear(&diag);
}

static void test_read_fifo(void **state)
{
    const char *path = tempdir_file(&dir, "fifo");

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    alarm(20); /* hanging is the failure */
    expect_read(path, 100, RS_FILE_FAILED, "not a regular file");
    alarm(0);
}

static void test_read_unreadable(void **state)
{
    const char *path = tempdir_write(&dir, "closed", "x", 1, 0000);

    (void)state;
    if (geteuid() == 0) {
        assert_int_equal(chmod(dir.path, 0755), 0);
        assert_int_equal(seteuid(65534), 0);
    }
    if (geteuid() == 65534 || access(path, R_OK) != 0) {
        expect_read(path, 100, RS_FILE_FAILED, strerror(EACCES));
        assert_false(rs_os_file_exists(tempdir_file(&dir, "none")));
    }
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
}

static void test_permissions(void **state)
{
    static const struct {
        unsigned mode;
        bool can_read, can_write;
    } cases[] = {
        { 0600, false, false }, { 0640, true, false },  { 0604, true, false },
        { 0620, false, true },  { 0602, false, true },  { 0666, true, true },
        { 0700, false, false }, { 0611, false, false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const char *path = tempdir_write(&dir, "file", "x", 1, cases[i].mode);
        struct rs_buf out = RS_BUF_INIT(10);
        struct rs_diag diag = { .n = 0 };
        bool can_write = !cases[i].can_write;

        assert_int_equal(rs_os_read_file(path, &out, &can_write, &diag), RS_FILE_READ);
        assert_int_equal(can_write, cases[i].can_write);
        assert_int_equal(rs_os_others_can_read(path), cases[i].can_read);
        rs_buf_clear(&out);
    }
    assert_false(rs_os_others_can_read(tempdir_file(&dir, "none")));
    assert_true(rs_os_file_exists(tempdir_file(&dir, "file")));
    assert_false(rs_os_file_exists(tempdir_file(&dir, "none")));
}

static bool read_file(void *ctx)
{
    struct rs_buf out = RS_BUF_INIT(1000);
    struct rs_diag diag = { .n = 0 };
    bool ok = rs_os_read_file(ctx, &out, NULL, &diag) == RS_FILE_READ;

    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    rs_buf_clear(&out);
    rs_diag_clear(&diag);
    return ok;
}

static void test_read_oom(void **state)
{
    char path[1024];

    (void)state;
    snprintf(path, sizeof path, "%s", tempdir_write(&dir, "ten", "0123456789", 10, 0600));
    rs_test_oom(read_file, path);
}

static void test_log_file(void **state)
{
    const char *path = tempdir_file(&dir, "log"), *moved = tempdir_file(&dir, "moved");
    int64_t size = -1;
    int fd = rs_os_log_open(path, &size);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(size, 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_true(rs_os_log_write(fd, "one\n", 4));
    assert_true(rs_os_log_write(fd, "", 0));
    rs_os_log_close(fd);
    fd = rs_os_log_open(path, &size);
    assert_int_equal(size, 4);
    assert_true(rs_os_log_write(fd, "two\n", 4)); /* appended */
    assert_true(rs_os_rename(path, moved));
    assert_false(rs_os_rename(path, moved));
    expect_read(moved, 100, RS_FILE_READ, "one\ntwo\n");
    rs_os_log_close(fd);
    assert_false(rs_os_log_write(fd, "x", 1));
    size = 77;
    assert_int_equal(rs_os_log_open(tempdir_file(&dir, "no/folder"), &size), -1);
    assert_int_equal(size, 77);
}

static void test_spill(void **state)
{
    struct rs_diag diag = { .n = 0 };
    struct stat st;
    char back[10] = { 0 };
    mode_t before = umask(0);
    int fd = rs_os_spill_open(dir.path, &diag);

    (void)state;
    umask(before);
    assert_true(fd >= 0);
    assert_int_equal(tempdir_count(&dir), 0); /* no name: gone with the process */
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_nlink, 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_true(rs_os_spill_write(fd, 5, "56789", 5, &diag));
    assert_true(rs_os_spill_write(fd, 0, "01234", 5, &diag));
    assert_true(rs_os_spill_read(fd, 0, back, 10, &diag));
    assert_memory_equal(back, "0123456789", 10);
    assert_true(rs_os_spill_read(fd, 10, back, 0, &diag));
    assert_int_equal(diag.n, 0);
    assert_false(rs_os_spill_read(fd, 5, back, 6, &diag)); /* past the end */
    assert_int_equal(diag.n, 1);
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    rs_os_spill_close(fd);
    assert_false(rs_os_spill_write(fd, 0, "x", 1, &diag));
    assert_int_equal(diag.n, 2);
    assert_int_equal(rs_os_spill_open("/no/such/folder", &diag), -1);
    assert_int_equal(diag.n, 3);
    rs_diag_clear(&diag);
}

static void test_spill_folder(void **state)
{
    const char *now = getenv("TMPDIR");
    char *before = now != NULL ? strdup(now) : NULL, folder[5000];
    struct rs_diag diag = { .n = 0 };
    int fd;

    (void)state;
    unsetenv("TMPDIR");
    assert_string_equal(rs_os_temp_dir(), "/tmp");
    setenv("TMPDIR", "/no/such/folder", 1);
    assert_string_equal(rs_os_temp_dir(), "/no/such/folder");
    assert_int_equal(rs_os_spill_open(NULL, &diag), -1); /* it was asked */
    fd = rs_os_spill_open(dir.path, &diag);
    assert_true(fd >= 0);
    rs_os_spill_close(fd);
    setenv("TMPDIR", dir.path, 1);
    fd = rs_os_spill_open("", &diag);
    assert_true(fd >= 0);
    rs_os_spill_close(fd);
    memset(folder, 'x', sizeof folder - 1);
    folder[sizeof folder - 1] = '\0';
    assert_int_equal(rs_os_spill_open(folder, &diag), -1);
    assert_int_equal(diag.n, 2);
    rs_diag_clear(&diag);
    if (before != NULL)
        setenv("TMPDIR", before, 1);
    else
        unsetenv("TMPDIR");
    free(before);
}

/* ---- a task and its caller ---- */

struct talk {
    struct rs_task *task;
    int pauses, said;
};

static void talk(void *arg)
{
    struct talk *t = arg;

    for (int i = 0; i < t->pauses; i++) {
        t->said++;
        rs_task_pause(t->task);
    }
    t->said += 100;
}

static void test_task(void **state)
{
    struct talk t = { .task = rs_task_new() };

    (void)state;
    assert_non_null(t.task);
    assert_false(rs_task_is_lost(t.task));
    for (t.pauses = 0; t.pauses < 50; t.pauses++) {
        t.said = 0;
        if (!rs_task_start(t.task, talk, &t)) {
            for (int i = 1; i < t.pauses; i++) {
                assert_int_equal(t.said, i);
                assert_false(rs_task_resume(t.task));
            }
            assert_true(rs_task_resume(t.task));
        }
        assert_int_equal(t.said, t.pauses + 100);
    }
    rs_task_free(t.task);
    rs_task_free(NULL);
    for (int i = 0; i < 20; i++) /* before the thread has begun, or after */
        rs_task_free(rs_task_new());
    rs_os_fail_alloc(1);
    assert_null(rs_task_new());
    rs_os_fail_alloc(2);
    assert_null(rs_task_new());
    rs_os_fail_alloc(0);
}

/* As OpenSSL keeps its errors for each thread. */
static pthread_key_t kept;
static atomic_bool is_given_back;

static void give_back(void *p)
{
    (void)p;
    rs_sleep_ms(50);
    atomic_store(&is_given_back, true);
}

static void keep(void *arg)
{
    assert_int_equal(pthread_setspecific(kept, arg), 0);
}

static void test_task_leaves_nothing(void **state)
{
    struct rs_task *task = rs_task_new();

    (void)state;
    assert_non_null(task);
    assert_int_equal(pthread_key_create(&kept, give_back), 0);
    assert_true(rs_task_start(task, keep, task));
    rs_task_free(task);
    assert_true(atomic_load(&is_given_back));
    pthread_key_delete(kept);
}

/* In a child nobody would ever answer; what waits there is only freed. */
static void test_task_of_a_parent(void **state)
{
    struct talk t = { .task = rs_task_new(), .pauses = 1 };
    int status = -1;
    pid_t pid;

    (void)state;
    assert_non_null(t.task);
    assert_false(rs_task_start(t.task, talk, &t));
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        bool lost = rs_task_is_lost(t.task);

        rs_task_free(t.task);
        _exit(lost ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(rs_task_resume(t.task));
    assert_int_equal(t.said, 101);
    rs_task_free(t.task);
}

/* All of the new content, for its owner alone, or the old one and nothing beside it. */
static void test_replace_file(void **state)
{
    char path[4096];
    struct stat st;

    (void)state;
    snprintf(path, sizeof path, "%s", tempdir_write(&dir, "token", "old", 3, 0644));
    assert_true(rs_os_replace_file(path, RS_STR("new content")));
    expect_read(path, 100, RS_FILE_READ, "new content");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(rs_os_replace_file(tempdir_file(&dir, "fresh"), RS_STR("")));
    expect_read(tempdir_file(&dir, "fresh"), 100, RS_FILE_READ, "");
    assert_int_equal(tempdir_count(&dir), 2);

    assert_false(rs_os_replace_file(tempdir_file(&dir, "no/folder"), RS_STR("x")));
    assert_int_equal(mkdir(tempdir_file(&dir, "folder"), 0700), 0);
    assert_false(rs_os_replace_file(tempdir_file(&dir, "folder"), RS_STR("x")));
    rs_os_fail_alloc(1);
    assert_false(rs_os_replace_file(path, RS_STR("x")));
    rs_os_fail_alloc(0);
    expect_read(path, 100, RS_FILE_READ, "new content");
    assert_int_equal(rmdir(tempdir_file(&dir, "folder")), 0);
    assert_int_equal(tempdir_count(&dir), 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_fail_hook),
        cmocka_unit_test(test_once_and_mutex),
        cmocka_unit_test(test_event),
        cmocka_unit_test(test_event_deadline),
        cmocka_unit_test(test_thread_oom),
        cmocka_unit_test(test_task),
        cmocka_unit_test(test_task_leaves_nothing),
        cmocka_unit_test(test_task_of_a_parent),
        cmocka_unit_test(test_utc_split),
        cmocka_unit_test(test_utc_split_many),
        cmocka_unit_test(test_local_split),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_deadlines),
        T(test_replace_file),
        cmocka_unit_test(test_process),
        T(test_read_file),
        T(test_read_large_file),
        T(test_read_fifo),
        T(test_read_unreadable),
        T(test_permissions),
        T(test_read_oom),
        T(test_log_file),
        T(test_spill),
        T(test_spill_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
