#define _GNU_SOURCE /* pipe2, posix_spawn_file_actions_addclosefrom_np */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os.h"
#include "secret.h"

enum { FIRST_FREE_FD = 3, READ_AT_ONCE = 4096, WAIT_MAX_MS = 20 };

/* One pipe of a child: its end of ours, and what has come. */
struct inlet {
    int fd; /* -1: closed */
    struct rs_buf *to;
    bool drops_rest; /* what does not fit is read and forgotten */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Both ends above the three that the child's set-up overwrites, should the host have closed those.
 */
static bool open_pipe(int ends[2])
{
    int made[2];

    ends[0] = ends[1] = -1;
    if (pipe2(made, O_CLOEXEC) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        ends[i] = fcntl(made[i], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    close(made[0]);
    close(made[1]);
    return ends[0] >= 0 && ends[1] >= 0;
}

/* An output into a pipe, or to nowhere (-1). */
static int add_output(posix_spawn_file_actions_t *actions, int from, int to)
{
    return from < 0 ? posix_spawn_file_actions_addopen(actions, to, "/dev/null", O_WRONLY, 0)
                    : posix_spawn_file_actions_adddup2(actions, from, to);
}

/* Standard input from nowhere, no other descriptor of the host. */
static int add_actions(posix_spawn_file_actions_t *actions, int out, int err)
{
    int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (error == 0)
        error = add_output(actions, out, STDOUT_FILENO);
    if (error == 0)
        error = add_output(actions, err, STDERR_FILENO);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    if (error == 0)
        error = posix_spawn_file_actions_addclosefrom_np(actions, FIRST_FREE_FD);
#endif
    return error;
}

/* The host's blocked and ignored signals are not the child's; a group of its own can be killed
 * with all that it started. */
static int set_signals(posix_spawnattr_t *attr)
{
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    error = posix_spawnattr_setsigmask(attr, &none);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(attr, &all);
    if (error == 0)
        error = posix_spawnattr_setpgroup(attr, 0);
    if (error == 0)
        error = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                   POSIX_SPAWN_SETPGROUP);
    return error;
}

static int start(char *const *argv, int out, int err, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attr);
    if (error == 0) {
        error = add_actions(&actions, out, err);
        if (error == 0)
            error = set_signals(&attr);
        if (error == 0)
            error = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
        posix_spawnattr_destroy(&attr);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Takes what has come; false: more than fits, or no memory. */
static bool take(struct inlet *in)
{
    char some[READ_AT_ONCE];
    ssize_t got = read(in->fd, some, sizeof some);
    size_t room = in->to->max - in->to->len;
    struct rs_str text = { some, got > 0 ? (size_t)got : 0 };

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (got <= 0)
        close_fd(&in->fd);
    if (in->drops_rest && text.n > room)
        text.n = room;
    rs_buf_add(in->to, text);
    rs_wipe(some, sizeof some);
    return !in->to->bad;
}

enum ended { ENDED_WELL, ENDED_LATE, ENDED_FULL };

/* Until both pipes are at their end. */
static enum ended read_all(struct inlet in[2], struct rs_deadline deadline)
{
    while (in[0].fd >= 0 || in[1].fd >= 0) {
        struct pollfd polls[2];

        for (int i = 0; i < 2; i++)
            polls[i] = (struct pollfd){ .fd = in[i].fd, .events = POLLIN };
        if (rs_deadline_passed(deadline))
            return ENDED_LATE;
        if (poll(polls, 2, rs_deadline_poll(deadline)) <= 0)
            continue;
        for (int i = 0; i < 2; i++)
            if (polls[i].fd >= 0 && polls[i].revents != 0 && !take(&in[i]))
                return ENDED_FULL;
    }
    return ENDED_WELL;
}

/* A host that ignores SIGCHLD or waits for every child takes the status away: then it is 0, and
 * the output alone decides. */
static bool has_ended(pid_t pid, int *status)
{
    int raw = 0;
    pid_t got = waitpid(pid, &raw, WNOHANG);

    if (got == 0 || (got < 0 && errno == EINTR))
        return false;
    if (got < 0)
        raw = 0;
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return true;
}

static enum ended wait_for(pid_t pid, struct rs_deadline deadline, int *status)
{
    int64_t pause = 1;

    while (!has_ended(pid, status)) {
        if (rs_deadline_passed(deadline))
            return ENDED_LATE;
        rs_sleep_ms(pause);
        pause = pause * 2 > WAIT_MAX_MS ? WAIT_MAX_MS : pause * 2;
    }
    return ENDED_WELL;
}

static void kill_group(pid_t pid)
{
    int raw;

    kill(-pid, SIGKILL);
    while (waitpid(pid, &raw, 0) < 0 && errno == EINTR)
        ;
}

static bool fail_run(const char *what, int error, struct rs_diag *diag)
{
    struct rs_buf why = RS_BUF_INIT(512);

    rs_os_error_text(error, &why);
    if (rs_buf_ok(&why, diag))
        rs_fail(diag, RS_HY000, 0, "%s: %s", what, why.p);
    rs_buf_clear(&why);
    return false;
}

static bool watch(pid_t pid, struct inlet in[2], struct rs_deadline deadline, int *status,
                  struct rs_diag *diag)
{
    enum ended ended = read_all(in, deadline);

    if (ended == ENDED_WELL)
        ended = wait_for(pid, deadline, status);
    if (ended == ENDED_WELL)
        return true;
    kill_group(pid);
    if (ended == ENDED_LATE)
        return rs_fail(diag, RS_HYT00, 0, "it did not end in time and was killed");
    if (!in[0].to->too_long && !in[1].to->too_long)
        return rs_fail_memory(diag);
    return rs_fail(diag, RS_HY000, 0, "it wrote more than %zu bytes and was killed", in[0].to->max);
}

bool rs_os_run(char *const *argv, struct rs_deadline deadline, struct rs_buf *out,
               struct rs_buf *err, int *status, struct rs_diag *diag)
{
    int out_pipe[2] = { -1, -1 }, err_pipe[2] = { -1, -1 };
    struct inlet in[2] = { { .to = out }, { .to = err, .drops_rest = true } };
    pid_t pid = 0;
    bool ok = false;
    int error;

    if (!open_pipe(out_pipe) || !open_pipe(err_pipe)) {
        fail_run("it cannot be given pipes", errno, diag);
        goto out;
    }
    error = start(argv, out_pipe[1], err_pipe[1], &pid);
    if (error != 0) {
        fail_run("it cannot be started", error, diag);
        goto out;
    }
    close_fd(&out_pipe[1]);
    close_fd(&err_pipe[1]);
    in[0].fd = out_pipe[0];
    in[1].fd = err_pipe[0];
    out_pipe[0] = err_pipe[0] = -1;
    ok = watch(pid, in, deadline, status, diag);
    close_fd(&in[0].fd);
    close_fd(&in[1].fd);
out:
    for (int i = 0; i < 2; i++) {
        close_fd(&out_pipe[i]);
        close_fd(&err_pipe[i]);
    }
    return ok;
}

/* ---- programs that go on by themselves ---- */

enum { LEFT_MAX = 64 };

/* Those nobody waits for any more: reaped when the next one comes. Locked: left_lock. */
static struct rs_mutex left_lock = RS_MUTEX_INIT;
static pid_t left[LEFT_MAX];

/* Also finds a free place; LEFT_MAX: none. */
static size_t reap_left(void)
{
    size_t place = LEFT_MAX;
    int ignored;

    for (size_t i = 0; i < LEFT_MAX; i++) {
        if (left[i] != 0 && has_ended(left[i], &ignored))
            left[i] = 0;
        if (left[i] == 0)
            place = i;
    }
    return place;
}

bool rs_os_start(char *const *argv, struct rs_child *child, struct rs_diag *diag)
{
    pid_t pid = 0;
    int error;

    rs_lock(&left_lock);
    (void)reap_left();
    rs_unlock(&left_lock);
    error = start(argv, -1, -1, &pid);
    if (error != 0)
        return fail_run("it cannot be started", error, diag);
    child->id = (int64_t)pid;
    return true;
}

bool rs_child_has_ended(struct rs_child *child, int *status)
{
    if (!has_ended((pid_t)child->id, status))
        return false;
    child->id = 0;
    return true;
}

void rs_child_leave(struct rs_child *child)
{
    size_t place;
    int ignored;

    if (child->id == 0 || has_ended((pid_t)child->id, &ignored)) {
        child->id = 0;
        return;
    }
    rs_lock(&left_lock);
    place = reap_left();
    if (place < LEFT_MAX)
        left[place] = (pid_t)child->id;
    rs_unlock(&left_lock);
    child->id = 0;
}

#ifdef __APPLE__
const struct rs_url_opener rs_os_url_opener = { .program = "/usr/bin/open" };
#else
const struct rs_url_opener rs_os_url_opener = { .program = "xdg-open", .needs_display = true };
#endif
