#define _GNU_SOURCE /* pthread_condattr_setclock, program_invocation_short_name, dladdr */
#include <dlfcn.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include "os.h"

/* ---- threads ---- */

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

static bool thread_begin(void (*fn)(void *), void *arg, int detach_state, pthread_t *thread)
{
    struct thread_start *start = rs_new(struct thread_start, NULL);
    pthread_attr_t attr;
    sigset_t all, before;
    bool ok;

    if (start == NULL)
        return false;
    start->fn = fn;
    start->arg = arg;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, detach_state);
    /* The host program's signals are for its own threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    ok = pthread_create(thread, &attr, thread_main, start) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (!ok)
        rs_free(start);
    return ok;
}

bool rs_thread_detached(void (*fn)(void *), void *arg)
{
    pthread_t thread;

    return thread_begin(fn, arg, PTHREAD_CREATE_DETACHED, &thread);
}

bool rs_thread_start(struct rs_thread *thread, void (*fn)(void *), void *arg)
{
    return thread_begin(fn, arg, PTHREAD_CREATE_JOINABLE, &thread->t);
}

void rs_thread_join(struct rs_thread *thread)
{
    pthread_join(thread->t, NULL);
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

/* ---- process, environment, files ---- */

const char *rs_env(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

bool rs_os_is_elevated(void)
{
#ifdef __linux__
    return getauxval(AT_SECURE) != 0;
#else
    return issetugid() != 0;
#endif
}

int64_t rs_os_pid(void)
{
    return (int64_t)getpid();
}

int64_t rs_os_user(void)
{
    return (int64_t)geteuid();
}

void rs_os_at_fork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void))
{
    pthread_atfork(before, in_parent, in_child);
}

bool rs_os_home(struct rs_buf *out)
{
    const char *home = rs_env(RS_HOME_VARIABLE);
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

void rs_os_version(struct rs_buf *out)
{
    struct utsname name;

    if (uname(&name) >= 0)
        rs_buf_addf(out, "%s %s %s", name.sysname, name.release, name.machine);
}

static const char *library_path;

void rs_os_set_library_path(const char *path)
{
    library_path = path;
}

bool rs_os_library_path(struct rs_buf *out)
{
    static const char anchor = 'a'; /* any address of this library */
    Dl_info info;

    if (library_path != NULL) {
        rs_buf_adds(out, library_path);
        return !out->bad;
    }
    if (dladdr(&anchor, &info) == 0 || info.dli_fname == NULL)
        return false;
    rs_buf_adds(out, info.dli_fname);
    return !out->bad;
}

bool rs_os_has_roots(void)
{
    return false;
}

bool rs_os_each_root(bool (*tell)(void *ctx, const unsigned char *der, size_t n), void *ctx)
{
    (void)tell;
    (void)ctx;
    return false;
}

void rs_os_error_text(int error, struct rs_buf *out)
{
    char text[256];

    rs_buf_adds(out, strerror_r(error, text, sizeof text));
}
