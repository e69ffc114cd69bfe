#define _GNU_SOURCE /* mkostemp */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"

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

bool rs_os_make_private(const char *path, struct rs_diag *diag)
{
    int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    char text[256];
    bool ok = false;
    struct stat st;

    if (fd >= 0) {
        ok = fstat(fd, &st) == 0 && ((st.st_mode & 077) == 0 || fchmod(fd, st.st_mode & 0700) == 0);
        close(fd);
    }
    return ok || rs_fail(diag, RS_HY000, 0, "cannot keep file \"%s\" from others: %s", path,
                         strerror_r(errno, text, sizeof text));
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

bool rs_os_replace_file(const char *path, struct rs_str text)
{
    struct rs_buf name = RS_BUF_INIT(8192);
    bool ok = false;
    int fd;

    rs_buf_addf(&name, "%s.XXXXXX", path);
    if (name.bad)
        goto out;
    fd = mkstemp(name.p); /* 0600 */
    if (fd < 0)
        goto out;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    ok = rs_os_log_write(fd, text.p, text.n) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(name.p, path) == 0;
    if (!ok)
        unlink(name.p);
out:
    rs_buf_clear(&name);
    return ok;
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
