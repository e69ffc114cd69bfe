/* credential_process: its command line, its output, and real programs that behave and misbehave. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/process.h"
#include "fakeworld.h"
#include "oom.h"

static char folder[] = "/tmp/rs_process_XXXXXX";
static char script[64], pid_path[64];

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(script, sizeof script, "%s/run me", folder);
    snprintf(pid_path, sizeof pid_path, "%s/pid", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(script);
    unlink(pid_path);
    rmdir(folder);
    return 0;
}

/* ---- the command line ---- */

static void words(void **state)
{
    static const struct {
        const char *command;
        const char *words; /* joined by |; NULL: refused */
    } cases[] = {
        { "a", "a" },
        { " a  b\tc\n d ", "a|b|c|d" },
        { "'a b' c", "a b|c" },
        { "\"a b\" c", "a b|c" },
        { "a'b c'd", "ab cd" },
        { "a\"b c\"d", "ab cd" },
        { "a ''", "a|" },
        { "a \"\" b", "a||b" },
        { "a\\ b", "a b" },
        { "a \\'b", "a|'b" },
        { "a '\\n\"'", "a|\\n\"" },
        { "a \"\\n\\\"\\\\\\$\\`\"", "a|\\n\"\\$`" },
        { "a $HOME ~ *;b|c", "a|$HOME|~|*;b|c" },
        { "a #b", "a|#b" },
        { "C\\:\\\\x", "C:\\x" },
        { "", NULL },
        { "   ", NULL },
        { "''", NULL },
        { "a 'b", NULL },
        { "a \"b", NULL },
        { "a b\\", NULL },
        { "a \"b\\", NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf text = RS_BUF_INIT(4096), joined = RS_BUF_INIT(4096);
        char *word[RS_PROCESS_MAX_WORDS + 1] = { NULL };
        struct rs_diag diag = { 0 };
        bool ok = rs_process_split(rs_str_of(cases[i].command), &text, word, &diag);

        if (ok != (cases[i].words != NULL))
            fail_msg("case %zu: %s", i, cases[i].command);
        for (size_t k = 0; ok && word[k] != NULL; k++)
            rs_buf_addf(&joined, "%s%s", k == 0 ? "" : "|", word[k]);
        if (ok)
            assert_string_equal(joined.p, cases[i].words);
        assert_int_equal(diag.n_error, 0);
        rs_buf_clear(&text);
        rs_buf_clear(&joined);
    }
}

static void many_words(void **state)
{
    (void)state;
    for (size_t n = RS_PROCESS_MAX_WORDS; n <= RS_PROCESS_MAX_WORDS + 1; n++) {
        struct rs_buf command = RS_BUF_INIT(4096), text = RS_BUF_INIT(4096);
        char *word[RS_PROCESS_MAX_WORDS + 1];
        struct rs_diag diag = { 0 };

        for (size_t i = 0; i < n; i++)
            rs_buf_adds(&command, "w ");
        assert_int_equal(rs_process_split(rs_buf_str(&command), &text, word, &diag),
                         n == RS_PROCESS_MAX_WORDS);
        rs_buf_clear(&command);
        rs_buf_clear(&text);
    }
}

/* ---- the output ---- */

enum { NOW = 1768478400 }; /* 2026-01-15T12:00:00Z */

#define TWO "\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"CANARY\""

static void output(void **state)
{
    static const struct {
        const char *text, *token; /* token NULL: refused */
        int64_t expires_at;
        const char *says;
    } cases[] = {
        { "{\"Version\":1," TWO "}", "", 0, "" },
        { "{\"Version\":1," TWO ",\"SessionToken\":\"T\",\"Other\":[{}]}\n", "T", 0, "" },
        { "{\"Version\":1," TWO ",\"SessionToken\":null,\"Expiration\":null}", "", 0, "" },
        { "{\"Version\":1," TWO ",\"Expiration\":\"2026-01-15T12:00:01Z\"}", "", NOW + 1, "" },
        { "{\"Version\":1," TWO ",\"Expiration\":\"2026-01-15T14:00:01.5+02:00\"}", "", NOW + 1,
          "" },
        { "{\"Version\":1," TWO ",\"Expiration\":\"2026-01-15T12:00:00Z\"}", NULL, 0,
          "have expired" },
        { "{\"Version\":1," TWO ",\"Expiration\":\"tomorrow\"}", NULL, 0, "not a time" },
        { "{\"Version\":1," TWO ",\"Expiration\":1768478401}", NULL, 0, "not a time" },
        { "{\"Version\":2," TWO "}", NULL, 0, "Version" },
        { "{\"Version\":\"1\"," TWO "}", NULL, 0, "Version" },
        { "{" TWO "}", NULL, 0, "Version" },
        { "{\"Version\":1,\"AccessKeyId\":\"A\"}", NULL, 0, "SecretAccessKey" },
        { "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}", NULL, 0,
          "SecretAccessKey" },
        { "{\"Version\":1,\"SecretAccessKey\":\"CANARY\"}", NULL, 0, "AccessKeyId" },
        { "{\"Version\":1,\"AccessKeyId\":7,\"SecretAccessKey\":\"CANARY\"}", NULL, 0,
          "AccessKeyId" },
        { "{\"Version\":1," TWO ",\"SessionToken\":7}", NULL, 0, "SessionToken" },
        { "{\"Version\":1," TWO "} CANARY", NULL, 0, "JSON object" },
        { "CANARY", NULL, 0, "not JSON" },
        { "", NULL, 0, "empty" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_creds creds = { 0 };
        struct rs_diag diag = { 0 };
        bool ok = rs_process_read(rs_str_of(cases[i].text), NOW, &creds, &diag);

        if (ok != (cases[i].token != NULL) || strstr(rs_diag_first(&diag), cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        assert_int_equal(rs_diag_state(&diag), ok ? RS_00000 : RS_28000);
        assert_null(strstr(rs_diag_first(&diag), "CANARY"));
        if (ok) {
            assert_string_equal(creds.access_key_id, "A");
            assert_string_equal(rs_secret_reveal(&creds.secret_access_key), "CANARY");
            assert_string_equal(rs_secret_reveal(&creds.session_token), cases[i].token);
        }
        assert_int_equal(creds.expires_at, cases[i].expires_at);
        rs_creds_clear(&creds);
        rs_diag_clear(&diag);
    }
}

/* ---- programs ---- */

struct fetch {
    struct fake_world fake;
    struct rs_source from;
    struct rs_profiles *profiles;
    struct rs_creds creds;
    struct rs_diag diag;
};

/* body: of a shell script; arguments stand behind its name. */
static void begin(struct fetch *fetch, const char *body, const char *arguments)
{
    struct rs_buf text = RS_BUF_INIT(8192);
    FILE *file = fopen(script, "w");

    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", body);
    fclose(file);
    chmod(script, 0700);
    memset(fetch, 0, sizeof *fetch);
    fake_world_init(&fetch->fake, NULL, 0);
    fetch->from = (struct rs_source){ .world = &fetch->fake.world, .deadline = RS_FOREVER };
    rs_buf_addf(&text, "[p]\ncredential_process = '%s' %s\n", script, arguments);
    assert_true(rs_profiles_parse(rs_buf_str(&text), RS_PROFILE_CREDENTIALS, "x", &fetch->profiles,
                                  NULL, &fetch->diag));
    rs_buf_clear(&text);
}

static bool fetches(struct fetch *fetch)
{
    return rs_process_fetch(&fetch->from, rs_profiles_find(fetch->profiles, "p"), &fetch->creds,
                            &fetch->diag);
}

static void end(struct fetch *fetch)
{
    rs_profiles_free(fetch->profiles);
    rs_creds_clear(&fetch->creds);
    rs_diag_clear(&fetch->diag);
}

#define GOOD "echo '{\"Version\":1," TWO "}'"

static void programs(void **state)
{
    static const struct {
        const char *body, *arguments;
        const char *says; /* NULL: works */
    } cases[] = {
        { GOOD, "", NULL },
        { "echo noise >&2; " GOOD, "", NULL },
        { "test \"$1\" = 'a b' && test \"$2\" = '$HOME;x' && test $# = 2 && " GOOD,
          "'a b' '$HOME;x'", NULL },
        { "if read line; then exit 1; fi; " GOOD, "", NULL },
        { "head -c 100000 /dev/zero >&2; " GOOD, "", NULL },
        { "test ! -e /proc/self/fd/77 && " GOOD, "", NULL },
        { "exit 3", "", "\"p\" failed: exit status 3" },
        { "echo no such user >&2; echo more >&2; exit 1", "",
          "failed: exit status 1: no such user" },
        { "echo \"bad $1\" \"$2\" >&2; exit 1", "CANARYword --pin=CANARYpin",
          "exit status 1: bad **** --pin=****" },
        { "echo 'key wJalrXUtnFEMI/K7MDENG/bPxRfiCYCANARY99' >&2; exit 1", "",
          "exit status 1: key ****" },
        { "kill -9 $$", "", "exit status 137" },
        { "kill -13 $$", "", "exit status 141" },
        { "echo CANARY", "", "not JSON" },
        { "", "", "it is empty" },
        { "head -c 65537 /dev/zero", "", "more than 65536 bytes" },
        { "head -c 65536 /dev/zero", "", "not JSON" },
        { "exec /nonexistent/x", "", "exit status 127" },
    };

    (void)state;
    /* A descriptor of the host that a fork would leave to the child. */
    assert_int_equal(dup2(STDERR_FILENO, 77), 77);
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fetch fetch;
        bool ok;

        begin(&fetch, cases[i].body, cases[i].arguments);
        ok = fetches(&fetch);
        if (ok != (cases[i].says == NULL) ||
            (!ok && strstr(rs_diag_first(&fetch.diag), cases[i].says) == NULL))
            fail_msg("case %zu: %s", i, rs_diag_first(&fetch.diag));
        assert_int_equal(rs_diag_state(&fetch.diag), ok ? RS_00000 : RS_28000);
        assert_int_equal(fetch.diag.n_error, ok ? 0 : 1);
        assert_null(strstr(rs_diag_first(&fetch.diag), "CANARY"));
        end(&fetch);
    }
    signal(SIGPIPE, SIG_DFL);
    close(77);
}

/* The group is killed at the deadline: also what the program itself started. */
static void late(void **state)
{
    struct fetch fetch;
    struct rs_buf body = RS_BUF_INIT(1024), text = RS_BUF_INIT(64);
    int64_t pid = 0;

    (void)state;
    rs_buf_addf(&body, "sleep 600 & echo $! >%s; wait", pid_path);
    begin(&fetch, body.p, "");
    fetch.from.deadline = rs_deadline_in(1500);
    assert_false(fetches(&fetch));
    assert_int_equal(rs_diag_state(&fetch.diag), RS_HYT00);
    assert_non_null(strstr(rs_diag_first(&fetch.diag), "did not end in time"));
    assert_int_equal(rs_os_read_file(pid_path, &text, NULL, &fetch.diag), RS_FILE_READ);
    assert_true(rs_parse_i64(rs_str_trim(rs_buf_str(&text)), &pid) && pid > 1);
    /* The orphan is a zombie until somebody reaps it; it runs no more once the signal is there. */
    for (int i = 0; i < 1000 && kill((pid_t)pid, 0) == 0; i++) {
        struct rs_buf path = RS_BUF_INIT(64), stat = RS_BUF_INIT(4096);
        bool gone;

        rs_buf_addf(&path, "/proc/%lld/stat", (long long)pid);
        gone = rs_os_read_file(path.p, &stat, NULL, &fetch.diag) != RS_FILE_READ ||
               strstr(stat.p, ") Z ") != NULL || strstr(stat.p, ") X ") != NULL;
        rs_buf_clear(&path);
        rs_buf_clear(&stat);
        if (gone)
            break;
        if (i == 999)
            fail_msg("what the program started still runs");
        rs_sleep_ms(10);
    }
    end(&fetch);
    rs_buf_clear(&body);
    rs_buf_clear(&text);
}

/* The host ignores SIGCHLD: no status is left to read. */
static void no_status(void **state)
{
    struct fetch fetch;

    (void)state;
    signal(SIGCHLD, SIG_IGN);
    begin(&fetch, GOOD, "");
    assert_true(fetches(&fetch));
    end(&fetch);
    begin(&fetch, "exit 1", "");
    assert_false(fetches(&fetch));
    assert_non_null(strstr(rs_diag_first(&fetch.diag), "it is empty"));
    end(&fetch);
    signal(SIGCHLD, SIG_DFL);
}

static void not_started(void **state)
{
    static const struct {
        const char *command, *says;
    } cases[] = { { "/nonexistent/p CANARY", "cannot be started: " },
                  { "no-such-program-anywhere", "cannot be started: " },
                  { "/tmp", "cannot be started: " },
                  { "p 'CANARY", "a quote in it is not closed" },
                  { "", "the command is empty" } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf text = RS_BUF_INIT(8192);
        struct fetch fetch;

        begin(&fetch, "", "");
        rs_buf_addf(&text, "[p]\ncredential_process = %s\n", cases[i].command);
        assert_true(rs_profiles_parse(rs_buf_str(&text), RS_PROFILE_CREDENTIALS, "x",
                                      &fetch.profiles, NULL, &fetch.diag));
        assert_false(fetches(&fetch));
        if (rs_diag_state(&fetch.diag) != RS_28000 ||
            !fake_world_says(rs_diag_first(&fetch.diag), cases[i].says))
            fail_msg("case %zu: %s", i, rs_diag_first(&fetch.diag));
        assert_null(strstr(rs_diag_first(&fetch.diag), "CANARY"));
        end(&fetch);
        rs_buf_clear(&text);
    }
}

static bool fetch_once(void *ctx)
{
    struct fetch *fetch = ctx;
    bool ok = fetches(fetch);

    if (!ok)
        assert_int_equal(rs_diag_state(&fetch->diag), RS_HY001);
    assert_int_equal(fetch->diag.n_error, ok ? 0 : 1);
    rs_creds_clear(&fetch->creds);
    rs_diag_clear(&fetch->diag);
    return ok;
}

static bool fail_once(void *ctx)
{
    struct fetch *fetch = ctx;
    bool told;

    assert_false(fetches(fetch));
    assert_int_equal(fetch->diag.n_error, 1);
    told = rs_diag_state(&fetch->diag) == RS_28000;
    if (!told)
        assert_int_equal(rs_diag_state(&fetch->diag), RS_HY001);
    rs_diag_clear(&fetch->diag);
    return told;
}

static void sweep(void **state)
{
    struct fetch fetch;

    (void)state;
    begin(&fetch, GOOD, "");
    rs_test_oom(fetch_once, &fetch);
    end(&fetch);
    begin(&fetch, "echo \"no $1\" >&2; exit 1", "word");
    rs_test_oom(fail_once, &fetch);
    end(&fetch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),       cmocka_unit_test(many_words), cmocka_unit_test(output),
        cmocka_unit_test(programs),    cmocka_unit_test(late),       cmocka_unit_test(no_status),
        cmocka_unit_test(not_started), cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
