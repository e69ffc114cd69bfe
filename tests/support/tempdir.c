#include "tempdir.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

void tempdir_make(struct tempdir *dir)
{
    const char *base = getenv("TMPDIR");

    snprintf(dir->path, sizeof dir->path, "%s/redshift_odbc_test_XXXXXX",
             base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(dir->path));
}

const char *tempdir_file(const struct tempdir *dir, const char *name)
{
    static char paths[8][1024];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", dir->path, name);
    return path;
}

const char *tempdir_write(const struct tempdir *dir, const char *name, const void *bytes, size_t n,
                          unsigned mode)
{
    const char *path = tempdir_file(dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    assert_int_equal(fchmod(fd, (mode_t)mode), 0);
    close(fd);
    return path;
}

static DIR *open_dir(const struct tempdir *dir)
{
    DIR *d = opendir(dir->path);

    assert_non_null(d);
    return d;
}

static int is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

size_t tempdir_count(const struct tempdir *dir)
{
    DIR *d = open_dir(dir);
    size_t n = 0;

    for (struct dirent *entry; (entry = readdir(d)) != NULL;)
        if (!is_dots(entry->d_name))
            n++;
    closedir(d);
    return n;
}

void tempdir_remove(struct tempdir *dir)
{
    DIR *d = open_dir(dir);

    for (struct dirent *entry; (entry = readdir(d)) != NULL;)
        if (!is_dots(entry->d_name))
            unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
    rmdir(dir->path);
}
