/*
 * The operating system: allocation, files, environment, clocks, threads, deadlines, and the
 * outside world as a struct of function pointers. Only this module and transport.c may use the
 * platform's own calls for these things.
 */
#ifndef RS_OS_H
#define RS_OS_H

#include "attrs.h"
#include "diag.h"
#include "os_lock.h"
#include "str.h"

#ifndef _WIN32
#include <pthread.h>
#endif

/* ---- memory ---- */

/* count * size zeroed bytes; NULL after posting HY001 (diag may be NULL: nothing posted).
 * A zero product gives one byte, so NULL always means failure. */
RS_NODISCARD void *rs_alloc(size_t count, size_t size, struct rs_diag *diag);
/* Grows or shrinks; what is new is not zeroed; on failure the old block is untouched. */
RS_NODISCARD void *rs_realloc(void *old, size_t count, size_t size, struct rs_diag *diag);
void rs_free(void *p);
#define rs_new(type, diag) ((type *)rs_alloc(1, sizeof(type), (diag)))

/* Test hook: the n-th allocation from now on fails (and only that one); 0 turns it off. Counts
 * allocations of all threads. */
void rs_os_fail_alloc(uint64_t n);
/* Allocations since the last rs_os_fail_alloc call; counted only while n of that was not 0. */
uint64_t rs_os_alloc_count(void);

/* a + b, a * b; false on overflow. */
RS_NODISCARD bool rs_add_size(size_t a, size_t b, size_t *out);
RS_NODISCARD bool rs_mul_size(size_t a, size_t b, size_t *out);

/* ---- threads ---- */

/* struct rs_mutex, RS_MUTEX_INIT, rs_mutex_init, rs_mutex_destroy, rs_lock, rs_try_lock and
 * rs_unlock: os_lock.h. */

#ifndef _WIN32
struct rs_once {
    pthread_once_t o;
};
#define RS_ONCE_INIT                                                                               \
    {                                                                                              \
        PTHREAD_ONCE_INIT                                                                          \
    }
#else
struct rs_once {
    void *o;
};
#define RS_ONCE_INIT                                                                               \
    {                                                                                              \
        NULL                                                                                       \
    }
#endif

void rs_once(struct rs_once *once, void (*fn)(void));

#ifndef _WIN32
struct rs_thread {
    pthread_t t;
};
#else
struct rs_thread {
    void *t;
};
#endif
/* Start a thread with all signals blocked; false (nothing posted) if they cannot. A detached one
 * may still be at its end when the program exits; a started one must be joined. */
RS_NODISCARD bool rs_thread_detached(void (*fn)(void *), void *arg);
RS_NODISCARD bool rs_thread_start(struct rs_thread *thread, void (*fn)(void *), void *arg);
void rs_thread_join(struct rs_thread *thread); /* waits for its end */

/* A thing one thread waits for and another announces, once. Shared, counted: each side releases. */
struct rs_event;
RS_NODISCARD struct rs_event *rs_event_new(unsigned holders, struct rs_diag *diag);
void rs_event_set(struct rs_event *event);
struct rs_deadline;
bool rs_event_wait(struct rs_event *event, struct rs_deadline deadline); /* false: deadline */
void rs_event_release(struct rs_event *event);

/*
 * A function that takes turns with its caller: it runs on a thread of its own, but only while the
 * caller waits, so that the two are one thread to everything they share. One function at a time;
 * the thread stays for the next. After fork the child has no thread: a task of the parent is lost
 * there, and neither started nor resumed.
 */
struct rs_task;
RS_NODISCARD struct rs_task *rs_task_new(void); /* NULL, nothing posted: no memory or no thread */
bool rs_task_is_lost(const struct rs_task *task);
/* Runs fn until it ends (true) or pauses (false). */
RS_NODISCARD bool rs_task_start(struct rs_task *task, void (*fn)(void *), void *arg);
/* Goes on after a pause, the same way. */
RS_NODISCARD bool rs_task_resume(struct rs_task *task);
/* Within fn: back to the caller; returns when that resumes. */
void rs_task_pause(struct rs_task *task);
/* Not while fn is paused, unless the task is lost. NULL is fine. */
void rs_task_free(struct rs_task *task);

/* ---- clocks ---- */

int64_t rs_now_ms(void); /* monotonic */
int64_t rs_utc_s(void);  /* seconds since 1970 */
int64_t rs_utc_us(void);
struct rs_utc_time {
    int year, month, day, hour, minute, second; /* month, day from 1 */
};
struct rs_utc_time rs_utc_split(int64_t utc_s); /* proleptic Gregorian, no locale, no zone */
struct rs_utc_time rs_local_split(int64_t utc_s);
void rs_sleep_ms(int64_t ms);

/* An absolute monotonic time; RS_FOREVER: none. */
struct rs_deadline {
    int64_t at_ms; /* INT64_MAX: never */
};
#define RS_FOREVER ((struct rs_deadline){ INT64_MAX })
struct rs_deadline rs_deadline_in(int64_t ms); /* ms <= 0: never */
struct rs_deadline rs_deadline_min(struct rs_deadline a, struct rs_deadline b);
bool rs_deadline_passed(struct rs_deadline d);
/* Milliseconds left for poll(): -1 never, else 0 … INT_MAX. */
int rs_deadline_poll(struct rs_deadline d);
int64_t rs_deadline_left(struct rs_deadline d); /* ms, INT64_MAX never, 0 passed */

/* ---- process, environment, files ---- */

const char *rs_env(const char *name); /* NULL when unset or empty; valid until the next change */
int64_t rs_os_pid(void);
int64_t rs_os_user(void); /* the effective one */
/* What is called around each fork from now on: before it, and after it on either side. */
void rs_os_at_fork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));
/* The variable that names the home directory. */
#ifdef _WIN32
#define RS_HOME_VARIABLE "USERPROFILE"
#else
#define RS_HOME_VARIABLE "HOME"
#endif
/* A backslash parts folders, and quotes nothing but a quote. */
#ifdef _WIN32
enum { RS_BACKSLASH_IN_PATHS = 1 };
#else
enum { RS_BACKSLASH_IN_PATHS = 0 };
#endif
/* Home directory: its variable, else the user database; false when neither says. */
RS_NODISCARD bool rs_os_home(struct rs_buf *out);
/* File name of the program that runs, without folder; "" when unknown. */
void rs_os_program(struct rs_buf *out);
/* Name and release of the system and the machine's kind, as "Linux 6.1.0 x86_64"; "" when unknown.
 */
void rs_os_version(struct rs_buf *out);
/* Full path of the shared library that holds this code; false when unknown. */
RS_NODISCARD bool rs_os_library_path(struct rs_buf *out);
/*
 * The system's store of certificates that are trusted to sign others, where it has one (Windows):
 * each is told in DER until tell says false. False: there is no store, or it cannot be opened.
 */
bool rs_os_has_roots(void);
RS_NODISCARD bool rs_os_each_root(bool (*tell)(void *ctx, const unsigned char *der, size_t n),
                                  void *ctx);

/* A program that holds the driver's code in itself says where the library is; a constant. */
void rs_os_set_library_path(const char *path);

enum rs_file { RS_FILE_READ, RS_FILE_MISSING, RS_FILE_FAILED };
/* Reads a whole file into out (its max is the limit). MISSING posts nothing; FAILED posts HY000
 * with path and cause. others_can_write (may be NULL): group or others may write it. */
RS_NODISCARD enum rs_file rs_os_read_file(const char *path, struct rs_buf *out,
                                          bool *others_can_write, struct rs_diag *diag);
bool rs_os_file_exists(const char *path);
bool rs_os_others_can_read(const char *path); /* group or others may read it */
/* For its owner alone from now on; made if it is not there. Posts HY000. */
RS_NODISCARD bool rs_os_make_private(const char *path, struct rs_diag *diag);
/*
 * Runs a program without a shell and waits for its end: looked up in PATH when its name has no
 * slash, nothing on standard input, no descriptor of the host, no blocked or ignored signal, a
 * process group of its own. argv ends with NULL. out: standard output, its max is a limit; err:
 * standard error, what exceeds its max is dropped. *status: the exit status, 128 + the signal that
 * ended it; 0 where the host has taken it away.
 * Posts HYT00 (killed at the deadline), HY000 (cannot be started, wrote more than out takes),
 * HY001; the texts name neither program nor arguments.
 */
RS_NODISCARD bool rs_os_run(char *const *argv, struct rs_deadline deadline, struct rs_buf *out,
                            struct rs_buf *err, int *status, struct rs_diag *diag);
/*
 * Starts a program that goes on by itself, as rs_os_run does but with its outputs to nowhere.
 * Posts HY000, HY001. Its end is heard of by rs_child_has_ended, or it is left: reaped some time
 * after it has ended.
 */
struct rs_child {
    int64_t id; /* 0: none */
};
RS_NODISCARD bool rs_os_start(char *const *argv, struct rs_child *child, struct rs_diag *diag);
bool rs_child_has_ended(struct rs_child *child, int *status); /* of one there is; status as above */
void rs_child_leave(struct rs_child *child);
/* What shows a URL to the user, its one argument. */
struct rs_url_opener {
    const char *program;
    bool needs_display; /* that of X11 or Wayland */
};
extern const struct rs_url_opener rs_os_url_opener;
/* The program runs with rights that its user has not: the environment is not to be believed. */
bool rs_os_is_elevated(void);
/* strerror, thread-safe. */
void rs_os_error_text(int error, struct rs_buf *out);

/* Append-only file for the log: made 0600, never through a link (O_NOFOLLOW), close-on-exec.
 * Returns a handle >= 0, or -1 (nothing posted). */
int rs_os_log_open(const char *path, int64_t *size);
bool rs_os_log_write(int handle, const char *p, size_t n);
void rs_os_log_close(int handle);
/* A file's new content, at once or not at all: a temporary file beside it, made 0600, renamed over
 * it. False (nothing posted) when it cannot be. */
RS_NODISCARD bool rs_os_replace_file(const char *path, struct rs_str text);
bool rs_os_rename(const char *from, const char *to);
const char *rs_os_temp_dir(void); /* TMPDIR, else /tmp */

/* Unlinked temporary file in dir, 0600, close-on-exec; handle or -1 with HY000 posted. */
RS_NODISCARD int rs_os_spill_open(const char *dir, struct rs_diag *diag);
RS_NODISCARD bool rs_os_spill_write(int handle, int64_t at, const char *p, size_t n,
                                    struct rs_diag *diag);
RS_NODISCARD bool rs_os_spill_read(int handle, int64_t at, char *p, size_t n, struct rs_diag *diag);
void rs_os_spill_close(int handle);

/* ---- the outside world, passed in ---- */

struct rs_http_request;
struct rs_http_reply;
struct rs_world {
    void *ctx;
    int64_t (*utc_s)(void *ctx);
    int64_t (*utc_ms)(void *ctx);
    void (*sleep_ms)(void *ctx, int64_t ms);
    double (*random01)(void *ctx); /* [0, 1), for backoff only */
    const char *(*env)(void *ctx, const char *name);
    /* One request, one reply (http.h). */
    bool (*http)(void *ctx, const struct rs_http_request *req, struct rs_http_reply *reply,
                 bool *retryable, struct rs_diag *diag);
    /* As rs_resolve_aliases (transport.h). */
    bool (*aliases)(void *ctx, const char *host, struct rs_deadline deadline, struct rs_buf *out,
                    struct rs_diag *diag);
    /* As rs_os_start. */
    bool (*start)(void *ctx, char *const *argv, struct rs_child *child, struct rs_diag *diag);
};
/* The real one; defined in world.c, where everything it needs is known. */
extern const struct rs_world rs_world_real;

#endif
