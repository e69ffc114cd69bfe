/* The log: whose file it may be, what a line looks like, rotation, sharing. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "oom.h"
#include "os.h"
#include "tempdir.h"
#include "utf.h"

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

static const char *log_path(void)
{
    char name[64];

    snprintf(name, sizeof name, "redshift_odbc_%ld.log", (long)getpid());
    return tempdir_file(&dir, name);
}

static void open_ok(struct rs_log *log, enum rs_log_level level, bool json, int64_t max)
{
    struct rs_buf why = RS_BUF_INIT(1000);

    assert_true(rs_log_open(log, level, false, dir.path, json, max, &why));
    assert_null(why.p);
}

static void expect_refused(void)
{
    struct rs_buf why = RS_BUF_INIT(1000);
    struct rs_log log;

    assert_false(rs_log_open(&log, RS_LOG_TRACE, false, dir.path, false, 0, &why));
    assert_true(strstr(why.p, log_path()) != NULL);
    assert_false(rs_log_on(&log, RS_LOG_FATAL));
    rs_log_write(&log, RS_LOG_FATAL, "event", "to nowhere");
    rs_log_close(&log);
    rs_buf_clear(&why);
}

/* The file's text; free with rs_free. */
static char *content(const char *path)
{
    struct rs_buf text = RS_BUF_INIT(10000000);
    struct rs_diag diag = { .n = 0 };

    assert_int_equal(rs_os_read_file(path, &text, NULL, &diag), RS_FILE_READ);
    return rs_buf_take(&text);
}

static size_t count_lines(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static void test_off(void **state)
{
    struct rs_buf why = RS_BUF_INIT(1000);
    struct rs_log log;

    (void)state;
    assert_true(rs_log_open(&log, RS_LOG_OFF, true, "/no/such/folder", false, 0, &why));
    assert_false(rs_log_on(&log, RS_LOG_FATAL));
    RS_LOG(&log, RS_LOG_FATAL, "event", "text");
    rs_log_write(&log, RS_LOG_FATAL, "event", "text");
    rs_log_close(&log);
    assert_false(rs_log_on(NULL, RS_LOG_FATAL));
    RS_LOG((struct rs_log *)NULL, RS_LOG_FATAL, "event", "text");
    assert_int_equal(tempdir_count(&dir), 0);
    assert_false(rs_log_open(&log, RS_LOG_INFO, true, "/no/such/folder", false, 0, &why));
    assert_true(strstr(why.p, "/no/such/folder/") != NULL);
    rs_buf_clear(&why);
}

static void test_long_folder(void **state)
{
    struct rs_buf why = RS_BUF_INIT(100);
    char folder[5000];
    struct rs_log log;

    (void)state;
    memset(folder, 'x', sizeof folder - 1);
    folder[sizeof folder - 1] = '\0';
    assert_false(rs_log_open(&log, RS_LOG_INFO, true, folder, false, 0, &why));
    assert_string_equal(why.p, "LogPath is too long");
    rs_buf_clear(&why);
}

static void test_temp_folder(void **state)
{
    const char *now = getenv("TMPDIR");
    char *before = now != NULL ? strdup(now) : NULL;
    struct rs_buf why = RS_BUF_INIT(1000);
    struct rs_log log;

    (void)state;
    setenv("TMPDIR", dir.path, 1);
    assert_true(rs_log_open(&log, RS_LOG_INFO, false, "", false, 0, &why));
    RS_LOG(&log, RS_LOG_INFO, "event", "text");
    rs_log_close(&log);
    assert_int_equal(access(log_path(), R_OK), 0);
    if (before != NULL)
        setenv("TMPDIR", before, 1);
    else
        unsetenv("TMPDIR");
    free(before);
}

static void test_levels(void **state)
{
    struct rs_log log;
    char *text;

    (void)state;
    open_ok(&log, RS_LOG_WARNING, false, 0);
    assert_true(rs_log_on(&log, RS_LOG_WARNING));
    assert_false(rs_log_on(&log, RS_LOG_INFO));
    for (int i = RS_LOG_FATAL; i <= RS_LOG_TRACE; i++)
        rs_log_write(&log, (enum rs_log_level)i, "event", "level %d", i);
    text = content(log_path());
    assert_int_equal(count_lines(text), 3);
    assert_true(strstr(text, " fatal   #") != NULL);
    assert_true(strstr(text, "event: level 3\n") != NULL);
    assert_null(strstr(text, "level 4"));
    rs_free(text);
    rs_log_close(&log);
    rs_log_close(&log);
}

static void test_mode(void **state)
{
    struct stat st;
    struct rs_log log;

    (void)state;
    /* Whatever the mask or an older file's mode say. */
    for (int i = 0; i < 2; i++) {
        mode_t before = umask(0);

        open_ok(&log, RS_LOG_INFO, false, 0);
        umask(before);
        assert_int_equal(stat(log_path(), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        rs_log_close(&log);
        assert_int_equal(chmod(log_path(), 0666), 0);
    }
}

static void test_refused(void **state)
{
    char victim[1024], *text;
    struct stat st;

    (void)state;
    snprintf(victim, sizeof victim, "%s", tempdir_write(&dir, "victim", "keep", 4, 0644));
    assert_int_equal(symlink(victim, log_path()), 0);
    expect_refused();
    assert_int_equal(unlink(log_path()), 0);
    assert_int_equal(symlink("nowhere yet", log_path()), 0);
    expect_refused();
    assert_int_equal(unlink(log_path()), 0);
    assert_int_equal(link(victim, log_path()), 0);
    expect_refused();
    assert_int_equal(unlink(log_path()), 0);
    assert_int_equal(mkfifo(log_path(), 0600), 0);
    expect_refused();
    assert_int_equal(unlink(log_path()), 0);
    assert_int_equal(mkdir(log_path(), 0700), 0);
    expect_refused();
    assert_int_equal(rmdir(log_path()), 0);
    if (geteuid() == 0) { /* somebody else's file */
        tempdir_write(&dir, strrchr(log_path(), '/') + 1, "", 0, 0666);
        assert_int_equal(chown(log_path(), 65534, 65534), 0);
        expect_refused();
    }
    text = content(victim);
    assert_string_equal(text, "keep");
    rs_free(text);
    assert_int_equal(stat(victim, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
}

static void test_one_line_per_event(void **state)
{
    static const struct {
        const char *text, *want, *want_json;
    } cases[] = {
        { "plain", "plain", "plain" },
        { "a\nb\rc\td", "a\\nb\\u000dc\\u0009d", "a\\nb\\u000dc\\u0009d" },
        { "\x1b[31m\x7f", "\\u001b[31m\\u007f", "\\u001b[31m\\u007f" },
        { "say \"hi\" \\ there", "say \"hi\" \\ there", "say \\\"hi\\\" \\\\ there" },
        { "\xC3\xA4\xE2\x82\xAC", "\xC3\xA4\xE2\x82\xAC", "\xC3\xA4\xE2\x82\xAC" },
        /* C1 controls, line and paragraph separator */
        { "\xC2\x85\xC2\x9B\xE2\x80\xA8\xE2\x80\xA9", "\\u0085\\u009b\\u2028\\u2029",
          "\\u0085\\u009b\\u2028\\u2029" },
        { "bad \xFF\xC3", "bad \\ufffd\\ufffd", "bad \\ufffd\\ufffd" },
    };

    (void)state;
    for (int json = 0; json < 2; json++)
        for (size_t i = 0; i < RS_COUNT(cases); i++) {
            struct rs_buf want = RS_BUF_INIT(1000);
            struct rs_log log;
            char *text;

            open_ok(&log, RS_LOG_INFO, json == 1, 0);
            RS_LOG(&log, RS_LOG_INFO, "event", "%s", cases[i].text);
            rs_log_close(&log);
            text = content(log_path());
            rs_buf_addf(&want, json ? "\"text\":\"%s\"}\n" : " event: %s\n",
                        json ? cases[i].want_json : cases[i].want);
            assert_int_equal(count_lines(text), 1);
            assert_true(rs_str_ends_nocase(rs_str_of(text), rs_buf_str(&want)));
            rs_free(text);
            rs_buf_clear(&want);
            unlink(log_path());
        }
}

static void test_json(void **state)
{
    struct rs_log log;
    char *text, *line;
    int n = 0;

    (void)state;
    open_ok(&log, RS_LOG_TRACE, true, 0);
    for (int c = 1; c < 256; c++)
        RS_LOG(&log, RS_LOG_DEBUG, "aws.call", "%d %c end", c, c);
    text = content(log_path());
    assert_int_equal(rs_utf8_bad_at(rs_str_of(text)), strlen(text));
    for (line = text; *line != '\0'; n++) {
        char *end = strchr(line, '\n');
        const char *words;
        cJSON *json;

        *end = '\0';
        json = cJSON_Parse(line);
        assert_non_null(json);
        assert_int_equal(cJSON_GetArraySize(json), 5);
        assert_string_equal(cJSON_GetObjectItem(json, "level")->valuestring, "debug");
        assert_string_equal(cJSON_GetObjectItem(json, "event")->valuestring, "aws.call");
        assert_int_equal(cJSON_GetObjectItem(json, "connection")->valueint, (int)log.id);
        assert_int_equal(strlen(cJSON_GetObjectItem(json, "time")->valuestring), 27);
        words = cJSON_GetObjectItem(json, "text")->valuestring;
        assert_int_equal(atoi(words), n + 1);
        if (n + 1 < 0x80)
            assert_int_equal(strchr(words, ' ')[1], n + 1);
        cJSON_Delete(json);
        line = end + 1;
    }
    assert_int_equal(n, 255);
    rs_free(text);
    rs_log_close(&log);
}

/* Long texts are cut at a character and still one whole line, even when every byte grows. */
static void test_long_text(void **state)
{
    static const char *const bits[] = { "x", "\x01", "\"", "\xF0\x9F\x98\x80", "\xFF" };

    (void)state;
    for (int json = 0; json < 2; json++)
        for (size_t i = 0; i < RS_COUNT(bits); i++) {
            struct rs_buf long_text = RS_BUF_INIT(20000);
            struct rs_log log;
            char *text;

            while (long_text.len < 10001)
                rs_buf_adds(&long_text, bits[i]);
            open_ok(&log, RS_LOG_INFO, json == 1, 0);
            RS_LOG(&log, RS_LOG_INFO, "event", "a%s", long_text.p);
            rs_log_close(&log);
            text = content(log_path());
            assert_int_equal(count_lines(text), 1);
            assert_true(strlen(text) > 4000);
            assert_int_equal(rs_utf8_bad_at(rs_str_of(text)), strlen(text));
            if (strlen(bits[i]) == 4) /* a cut character would have become a bad one */
                assert_null(strstr(text, "\\ufffd"));
            if (json) {
                cJSON *parsed = cJSON_Parse(text);

                assert_non_null(parsed);
                cJSON_Delete(parsed);
            }
            rs_free(text);
            unlink(log_path());
            rs_buf_clear(&long_text);
        }
}

static void test_rotation(void **state)
{
    struct rs_log log;
    struct stat st, old;
    char old_path[1024], *text;

    (void)state;
    snprintf(old_path, sizeof old_path, "%s.1", log_path());
    open_ok(&log, RS_LOG_INFO, false, 1000);
    for (int i = 0; i < 100; i++) {
        RS_LOG(&log, RS_LOG_INFO, "event", "number %03d", i);
        assert_int_equal(stat(log_path(), &st), 0);
        assert_true(st.st_size <= 1000 && st.st_size > 0);
    }
    assert_int_equal(tempdir_count(&dir), 2);
    assert_int_equal(stat(old_path, &old), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(old.st_mode & 07777, 0600);
    assert_true(old.st_size > 900 && old.st_size <= 1000);
    text = content(log_path());
    assert_true(strstr(text, "number 099\n") != NULL);
    rs_free(text);
    rs_log_close(&log);

    /* An event that is larger than the limit alone is written all the same. */
    unlink(log_path());
    open_ok(&log, RS_LOG_INFO, false, 10);
    RS_LOG(&log, RS_LOG_INFO, "event", "one");
    RS_LOG(&log, RS_LOG_INFO, "event", "two");
    rs_log_close(&log);
    text = content(log_path());
    assert_int_equal(count_lines(text), 1);
    assert_true(strstr(text, "two") != NULL);
    rs_free(text);

    /* What was there before counts; no limit never rotates. */
    unlink(old_path);
    open_ok(&log, RS_LOG_INFO, false, 60);
    RS_LOG(&log, RS_LOG_INFO, "event", "three");
    rs_log_close(&log);
    assert_int_equal(access(old_path, F_OK), 0);
    unlink(old_path);
    open_ok(&log, RS_LOG_INFO, false, 0);
    for (int i = 0; i < 100; i++)
        RS_LOG(&log, RS_LOG_INFO, "event", "more");
    rs_log_close(&log);
    assert_int_equal(access(old_path, F_OK), -1);
}

/* Where the old file cannot be moved away the log falls silent; the host goes on. */
static void test_rotation_fails(void **state)
{
    char old_path[1024];
    struct stat before, after;
    struct rs_log log;

    (void)state;
    snprintf(old_path, sizeof old_path, "%s.1", log_path());
    assert_int_equal(mkdir(old_path, 0700), 0);
    open_ok(&log, RS_LOG_INFO, false, 60);
    RS_LOG(&log, RS_LOG_INFO, "event", "one");
    assert_int_equal(stat(log_path(), &before), 0);
    RS_LOG(&log, RS_LOG_INFO, "event", "two");
    RS_LOG(&log, RS_LOG_INFO, "event", "three");
    assert_int_equal(stat(log_path(), &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    rs_log_close(&log);
    rmdir(old_path);
}

static void test_shared(void **state)
{
    struct tempdir other;
    struct rs_buf why = RS_BUF_INIT(100);
    struct rs_log a, b, c;
    char *text;

    (void)state;
    tempdir_make(&other);
    open_ok(&a, RS_LOG_INFO, false, 0);
    open_ok(&b, RS_LOG_TRACE, false, 0);
    assert_true(rs_log_open(&c, RS_LOG_INFO, true, other.path, false, 0, &why));
    assert_true(a.sink == b.sink);
    assert_true(a.sink != c.sink);
    assert_true(a.id != b.id && b.id != c.id && a.id != c.id);
    assert_true(c.sql && !a.sql);
    RS_LOG(&a, RS_LOG_TRACE, "event", "not of a"); /* levels are each one's own */
    RS_LOG(&b, RS_LOG_TRACE, "event", "of b");
    RS_LOG(&c, RS_LOG_INFO, "event", "of c");
    rs_log_close(&b);
    RS_LOG(&a, RS_LOG_INFO, "event", "after b");
    rs_log_close(&a);
    rs_log_close(&c);
    text = content(log_path());
    assert_int_equal(count_lines(text), 2);
    assert_true(strstr(text, " trace   #") != NULL && strstr(text, "event: of b\n") != NULL);
    assert_true(strstr(text, "after b\n") != NULL);
    rs_free(text);
    tempdir_remove(&other);
}

struct heard {
    size_t n;
    enum rs_log_level level;
    char event[32], text[64];
};

static void hear(void *ctx, enum rs_log_level level, const char *event, struct rs_str text)
{
    struct heard *h = ctx;

    h->n++;
    h->level = level;
    snprintf(h->event, sizeof h->event, "%s", event);
    snprintf(h->text, sizeof h->text, "%.*s", RS_ARG(text));
}

/* It hears up to its level, with a file beside it and without one; the file is as it was. */
static void test_listener(void **state)
{
    struct rs_buf why = RS_BUF_INIT(100);
    struct heard heard = { 0 };
    struct rs_log quiet, filed, later;
    char *text;

    (void)state;
    rs_log_listen(RS_LOG_DEBUG, hear, &heard);
    assert_true(rs_log_open(&quiet, RS_LOG_OFF, false, dir.path, false, 0, &why));
    open_ok(&filed, RS_LOG_TRACE, false, 0);
    rs_log_listen(RS_LOG_OFF, NULL, NULL);
    assert_true(rs_log_open(&later, RS_LOG_OFF, false, dir.path, false, 0, &why));

    RS_LOG(&quiet, RS_LOG_DEBUG, "one", "of %d", 1);
    assert_int_equal(heard.n, 1);
    assert_int_equal(heard.level, RS_LOG_DEBUG);
    assert_string_equal(heard.event, "one");
    assert_string_equal(heard.text, "of 1");
    RS_LOG(&quiet, RS_LOG_TRACE, "two", "too fine");
    RS_LOG(&filed, RS_LOG_TRACE, "two", "for the file alone");
    RS_LOG(&later, RS_LOG_ERROR, "two", "nobody listens");
    assert_int_equal(heard.n, 1);
    RS_LOG(&filed, RS_LOG_ERROR, "three", "for both");
    assert_int_equal(heard.n, 2);
    rs_log_close(&quiet);
    rs_log_close(&filed);
    RS_LOG(&filed, RS_LOG_ERROR, "four", "closed");
    assert_int_equal(heard.n, 2);
    rs_log_close(&later);
    text = content(log_path());
    assert_int_equal(count_lines(text), 2);
    assert_non_null(strstr(text, "two: for the file alone\n"));
    rs_free(text);
}

static void test_fork(void **state)
{
    struct rs_log log;
    char *text;
    int status;
    pid_t child;

    (void)state;
    open_ok(&log, RS_LOG_INFO, false, 0);
    RS_LOG(&log, RS_LOG_INFO, "event", "parent");
    child = fork();
    if (child == 0) {
        struct rs_buf why = RS_BUF_INIT(100);
        struct rs_log own;

        RS_LOG(&log, RS_LOG_INFO, "event", "child");
        /* A connection of its own gets a file of its own. */
        if (!rs_log_open(&own, RS_LOG_INFO, false, dir.path, false, 0, &why) ||
            own.sink == log.sink)
            _exit(1);
        RS_LOG(&own, RS_LOG_INFO, "event", "child's own");
        rs_log_close(&own);
        rs_log_close(&log);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    RS_LOG(&log, RS_LOG_INFO, "event", "parent again");
    rs_log_close(&log);
    text = content(log_path());
    assert_int_equal(count_lines(text), 2);
    assert_null(strstr(text, "child"));
    rs_free(text);
    assert_int_equal(tempdir_count(&dir), 2);
}

enum { WRITERS = 4, EVENTS = 300 };

/* Each opens and closes a log of its own again and again while the others write. */
static void *writer(void *arg)
{
    for (int i = 0; i < EVENTS; i++) {
        struct rs_buf why = RS_BUF_INIT(100);
        struct rs_log log;

        if (!rs_log_open(&log, RS_LOG_INFO, false, dir.path, true, 4000, &why))
            return arg;
        RS_LOG(&log, RS_LOG_INFO, "event", "%d of %d", i, *(int *)arg);
        rs_log_close(&log);
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[WRITERS];
    int numbers[WRITERS];
    struct rs_log log;
    char *text;

    (void)state;
    open_ok(&log, RS_LOG_INFO, true, 1000000);
    for (int i = 0; i < WRITERS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, writer, &numbers[i]), 0);
    }
    for (int i = 0; i < EVENTS; i++)
        RS_LOG(&log, RS_LOG_INFO, "event", "main %d", i);
    for (int i = 0; i < WRITERS; i++) {
        void *failed;

        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    rs_log_close(&log);
    text = content(log_path());
    assert_int_equal(count_lines(text), EVENTS * (WRITERS + 1));
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n');
        cJSON *json;

        *end = '\0';
        json = cJSON_Parse(line);
        assert_non_null(json);
        cJSON_Delete(json);
        line = end + 1;
    }
    rs_free(text);
}

/* Without memory there may be no log or no line; nothing worse. */
static bool open_and_write(void *ctx)
{
    struct rs_buf why = RS_BUF_INIT(1000);
    struct rs_log log;
    bool ok;

    (void)ctx;
    ok = rs_log_open(&log, RS_LOG_INFO, false, dir.path, true, 0, &why);
    if (!ok)
        assert_null(why.p); /* the file is not to blame */
    RS_LOG(&log, RS_LOG_INFO, "event", "text");
    rs_log_close(&log);
    rs_buf_clear(&why);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    rs_test_oom(open_and_write, NULL);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_off),
        T(test_long_folder),
        T(test_temp_folder),
        T(test_levels),
        T(test_mode),
        T(test_refused),
        T(test_one_line_per_event),
        T(test_json),
        T(test_long_text),
        T(test_rotation),
        T(test_rotation_fails),
        T(test_shared),
        T(test_listener),
        T(test_fork),
        T(test_threads),
        T(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
