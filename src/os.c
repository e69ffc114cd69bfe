#define _GNU_SOURCE  /* pthread_condattr_setclock, program_invocation_short_name, dladdr, mkostemp \
                      */
#include "os.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- memory ---- */

static _Atomic uint64_t alloc_count, alloc_fail_at;

void rs_os_fail_alloc(uint64_t n)
{
    atomic_store(&alloc_count, 0);
    atomic_store(&alloc_fail_at, n);
}

uint64_t rs_os_alloc_count(void)
{
    return atomic_load(&alloc_count);
}

/* Costs one relaxed load where no test counts. */
static bool alloc_allowed(void)
{
    uint64_t fail_at = atomic_load_explicit(&alloc_fail_at, memory_order_relaxed);

    if (RS_LIKELY(fail_at == 0))
        return true;
    return atomic_fetch_add(&alloc_count, 1) + 1 != fail_at;
}

bool rs_add_size(size_t a, size_t b, size_t *out)
{
    if (b > SIZE_MAX - a)
        return false;
    *out = a + b;
    return true;
}

bool rs_mul_size(size_t a, size_t b, size_t *out)
{
    if (a != 0 && b > SIZE_MAX / a)
        return false;
    *out = a * b;
    return true;
}

void *rs_alloc(size_t count, size_t size, struct rs_diag *diag)
{
    size_t total;
    void *p = NULL;

    if (rs_mul_size(count, size, &total) && alloc_allowed())
        p = calloc(1, total > 0 ? total : 1);
    if (p == NULL && diag != NULL)
        rs_fail_memory(diag);
    return p;
}

void *rs_realloc(void *old, size_t count, size_t size, struct rs_diag *diag)
{
    size_t total;
    void *p = NULL;

    if (rs_mul_size(count, size, &total) && alloc_allowed())
        p = realloc(old, total > 0 ? total : 1);
    if (p == NULL && diag != NULL)
        rs_fail_memory(diag);
    return p;
}

void rs_free(void *p)
{
    free(p);
}

/* ---- threads ---- */

void rs_mutex_init(struct rs_mutex *mutex)
{
    pthread_mutex_init(&mutex->m, NULL);
}

void rs_mutex_destroy(struct rs_mutex *mutex)
{
    pthread_mutex_destroy(&mutex->m);
}

void rs_lock(struct rs_mutex *mutex)
{
    pthread_mutex_lock(&mutex->m);
}

bool rs_try_lock(struct rs_mutex *mutex)
{
    return pthread_mutex_trylock(&mutex->m) == 0;
}

void rs_unlock(struct rs_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->m);
}

void rs_once(struct rs_once *once, void (*fn)(void))
{
    pthread_once(&once->o, fn);
}

struct thread_start {
    void (*fn)(void *);
    void *arg;
};

static void *thread_main(void *p)
{
    struct thread_start start = *(struct thread_start *)p;

    rs_free(p);
    start.fn(start.arg);
    return NULL;
}

bool rs_thread_detached(void (*fn)(void *), void *arg)
{
    struct thread_start *start = rs_new(struct thread_start, NULL);
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, before;
    bool ok;

    if (start == NULL)
        return false;
    start->fn = fn;
    start->arg = arg;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    /* The host program's signals are for its own threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    ok = pthread_create(&thread, &attr, thread_main, start) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (!ok)
        rs_free(start);
    return ok;
}

struct rs_event {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    unsigned holders;
    bool is_set;
};

struct rs_event *rs_event_new(unsigned holders, struct rs_diag *diag)
{
    struct rs_event *event = rs_new(struct rs_event, diag);
    pthread_condattr_t attr;

    if (event == NULL)
        return NULL;
    pthread_mutex_init(&event->lock, NULL);
    pthread_condattr_init(&attr);
#ifdef __linux__
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
#endif
    pthread_cond_init(&event->cond, &attr);
    pthread_condattr_destroy(&attr);
    event->holders = holders;
    return event;
}

void rs_event_set(struct rs_event *event)
{
    pthread_mutex_lock(&event->lock);
    event->is_set = true;
    pthread_cond_broadcast(&event->cond);
    pthread_mutex_unlock(&event->lock);
}

static struct timespec wait_until(struct rs_deadline deadline)
{
    struct timespec ts;
    int64_t left = rs_deadline_left(deadline);

#ifdef __linux__
    clock_gettime(CLOCK_MONOTONIC, &ts);
#else
    clock_gettime(CLOCK_REALTIME, &ts);
#endif
    ts.tv_sec += (time_t)(left / 1000);
    ts.tv_nsec += (long)(left % 1000) * 1000000;
    if (ts.tv_nsec >= 1000000000) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000;
    }
    return ts;
}

bool rs_event_wait(struct rs_event *event, struct rs_deadline deadline)
{
    bool is_set;

    pthread_mutex_lock(&event->lock);
    while (!event->is_set) {
        if (deadline.at_ms == INT64_MAX) {
            pthread_cond_wait(&event->cond, &event->lock);
        } else {
            struct timespec until = wait_until(deadline);

            if (rs_deadline_passed(deadline))
                break;
            pthread_cond_timedwait(&event->cond, &event->lock, &until);
        }
    }
    is_set = event->is_set;
    pthread_mutex_unlock(&event->lock);
    return is_set;
}

void rs_event_release(struct rs_event *event)
{
    bool is_last;

    if (event == NULL)
        return;
    pthread_mutex_lock(&event->lock);
    is_last = --event->holders == 0;
    pthread_mutex_unlock(&event->lock);
    if (is_last) {
        pthread_cond_destroy(&event->cond);
        pthread_mutex_destroy(&event->lock);
        rs_free(event);
    }
}

/* ---- clocks ---- */

int64_t rs_now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t rs_utc_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t rs_utc_s(void)
{
    return rs_utc_us() / 1000000;
}

struct rs_utc_time rs_utc_split(int64_t utc_s)
{
    /* Days since 0000-03-01, so that the leap day ends a year: H. Hinnant's civil calendar. */
    int64_t days = utc_s / 86400, rest = utc_s % 86400;
    int64_t era, day_of_era, year_of_era, day_of_year, month;
    struct rs_utc_time t;

    if (rest < 0) {
        rest += 86400;
        days--;
    }
    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    day_of_era = days - era * 146097;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * day_of_year + 2) / 153;
    t.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    t.month = (int)(month < 10 ? month + 3 : month - 9);
    t.year = (int)(year_of_era + era * 400 + (t.month <= 2 ? 1 : 0));
    t.hour = (int)(rest / 3600);
    t.minute = (int)(rest / 60 % 60);
    t.second = (int)(rest % 60);
    return t;
}

struct rs_utc_time rs_local_split(int64_t utc_s)
{
    time_t when = (time_t)utc_s;
    struct tm tm;
    struct rs_utc_time t;

    if (localtime_r(&when, &tm) == NULL)
        return rs_utc_split(utc_s);
    t.year = tm.tm_year + 1900;
    t.month = tm.tm_mon + 1;
    t.day = tm.tm_mday;
    t.hour = tm.tm_hour;
    t.minute = tm.tm_min;
    t.second = tm.tm_sec;
    return t;
}

void rs_sleep_ms(int64_t ms)
{
    struct timespec ts = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };

    while (ms > 0 && nanosleep(&ts, &ts) != 0 && errno == EINTR)
        ;
}

struct rs_deadline rs_deadline_in(int64_t ms)
{
    int64_t now = rs_now_ms();

    if (ms <= 0 || ms > INT64_MAX - now)
        return RS_FOREVER;
    return (struct rs_deadline){ now + ms };
}

struct rs_deadline rs_deadline_min(struct rs_deadline a, struct rs_deadline b)
{
    return a.at_ms < b.at_ms ? a : b;
}

int64_t rs_deadline_left(struct rs_deadline d)
{
    int64_t left;

    if (d.at_ms == INT64_MAX)
        return INT64_MAX;
    left = d.at_ms - rs_now_ms();
    return left > 0 ? left : 0;
}

bool rs_deadline_passed(struct rs_deadline d)
{
    return rs_deadline_left(d) == 0;
}

int rs_deadline_poll(struct rs_deadline d)
{
    int64_t left = rs_deadline_left(d);

    if (left == INT64_MAX)
        return -1;
    return left > INT_MAX ? INT_MAX : (int)left;
}

/* ---- process, environment, files ---- */

const char *rs_env(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

int64_t rs_os_pid(void)
{
    return (int64_t)getpid();
}

bool rs_os_home(struct rs_buf *out)
{
    const char *home = rs_env("HOME");
    struct passwd entry, *found = NULL;
    char text[4096];

    if (home == NULL) {
        if (getpwuid_r(getuid(), &entry, text, sizeof text, &found) != 0 || found == NULL)
            return false;
        home = found->pw_dir;
    }
    rs_buf_adds(out, home);
    return !out->bad && home[0] != '\0';
}

void rs_os_program(struct rs_buf *out)
{
#ifdef __GLIBC__
    rs_buf_adds(out, program_invocation_short_name);
#else
    rs_buf_adds(out, getprogname());
#endif
}

bool rs_os_library_path(struct rs_buf *out)
{
    static const char anchor = 'a'; /* any address of this library */
    Dl_info info;

    if (dladdr(&anchor, &info) == 0 || info.dli_fname == NULL)
        return false;
    rs_buf_adds(out, info.dli_fname);
    return !out->bad;
}

void rs_os_error_text(int error, struct rs_buf *out)
{
    char text[256];

    rs_buf_adds(out, strerror_r(error, text, sizeof text));
}

static bool fail_file(const char *path, int error, struct rs_diag *diag)
{
    char text[256];

    return rs_fail(diag, RS_HY000, 0, "cannot read file \"%s\": %s", path,
                   strerror_r(error, text, sizeof text));
}

static bool read_all(int fd, const char *path, struct rs_buf *out, struct rs_diag *diag)
{
    for (;;) {
        size_t want = 65536;
        char *to;
        ssize_t got;

        if (out->max - out->len < want)
            want = out->max - out->len;
        if (want == 0) {
            char extra;

            got = read(fd, &extra, 1);
            if (got == 0)
                return true;
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return fail_file(path, errno, diag);
            return rs_fail(diag, RS_HY000, 0, "file \"%s\" is larger than %zu bytes", path,
                           out->max);
        }
        to = rs_buf_room(out, want);
        if (to == NULL)
            return rs_fail_memory(diag);
        got = read(fd, to, want);
        if (got < 0) {
            if (errno == EINTR)
                continue;
            return fail_file(path, errno, diag);
        }
        if (got == 0)
            return true;
        rs_buf_seal(out, (size_t)got);
    }
}

enum rs_file rs_os_read_file(const char *path, struct rs_buf *out, bool *others_can_write,
                             struct rs_diag *diag)
{
    struct stat st;
    enum rs_file result = RS_FILE_FAILED;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hang the host */

    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return RS_FILE_MISSING;
        fail_file(path, errno, diag);
        return RS_FILE_FAILED;
    }
    if (fstat(fd, &st) != 0)
        fail_file(path, errno, diag);
    else if (!S_ISREG(st.st_mode))
        rs_fail(diag, RS_HY000, 0, "\"%s\" is not a regular file", path);
    else if (read_all(fd, path, out, diag))
        result = RS_FILE_READ;
    if (result == RS_FILE_READ && others_can_write != NULL)
        *others_can_write = (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    close(fd);
    return result;
}

bool rs_os_file_exists(const char *path)
{
    return access(path, R_OK) == 0;
}

bool rs_os_others_can_read(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

int rs_os_log_open(const char *path, int64_t *size)
{
    struct stat st;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);

    if (fd < 0)
        return -1;
    /* A file that somebody else laid there, or a hard link to another file, is no place for us. */
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1 ||
        fchmod(fd, 0600) != 0) {
        close(fd);
        return -1;
    }
    *size = (int64_t)st.st_size;
    return fd;
}

bool rs_os_log_write(int handle, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(handle, p, n);

        if (done < 0) {
            if (errno == EINTR)
                continue;
            return false;
        }
        p += done;
        n -= (size_t)done;
    }
    return true;
}

void rs_os_log_close(int handle)
{
    close(handle);
}

bool rs_os_rename(const char *from, const char *to)
{
    return rename(from, to) == 0;
}

const char *rs_os_temp_dir(void)
{
    const char *dir = rs_env("TMPDIR");

    return dir != NULL ? dir : "/tmp";
}

static bool fail_spill(const char *what, int error, struct rs_diag *diag)
{
    char text[256];

    return rs_fail(diag, RS_HY000, 0, "cannot %s the temporary file of a stored result: %s", what,
                   strerror_r(error, text, sizeof text));
}

int rs_os_spill_open(const char *dir, struct rs_diag *diag)
{
    char path[4096];
    int fd, n;

    if (dir == NULL || dir[0] == '\0')
        dir = rs_os_temp_dir();
    n = snprintf(path, sizeof path, "%s/redshift_odbc_XXXXXX", dir);
    if (n < 0 || (size_t)n >= sizeof path) {
        fail_spill("make", ENAMETOOLONG, diag);
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC); /* made 0600 */
    if (fd < 0) {
        fail_spill("make", errno, diag);
        return -1;
    }
    unlink(path);
    return fd;
}

bool rs_os_spill_write(int handle, int64_t at, const char *p, size_t n, struct rs_diag *diag)
{
    while (n > 0) {
        ssize_t done = pwrite(handle, p, n, (off_t)at);

        if (done < 0) {
            if (errno == EINTR)
                continue;
            return fail_spill("write", errno, diag);
        }
        p += done;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

bool rs_os_spill_read(int handle, int64_t at, char *p, size_t n, struct rs_diag *diag)
{
    while (n > 0) {
        ssize_t done = pread(handle, p, n, (off_t)at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return fail_spill("read", done == 0 ? EIO : errno, diag);
        p += done;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

void rs_os_spill_close(int handle)
{
    close(handle);
}
