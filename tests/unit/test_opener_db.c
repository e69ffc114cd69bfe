/*
 * The openers and the hand-over against servers of the bench, each opener in its turn. Skipped (77)
 * when it is not up.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "session.h"
#include "transport.h"

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value == NULL ? "" : value;
}

static int32_t port(const char *name)
{
    return (int32_t)strtol(env(name), NULL, 10);
}

/* What goes out: libpq's calls of send come here too, since the program's own symbol is first. */
static struct {
    int sends, failed, goodbyes; /* goodbyes: Terminate in the clear */
} traffic;

__attribute__((visibility("default"))) ssize_t send(int fd, const void *p, size_t n, int flags)
{
    ssize_t done = sendto(fd, p, n, flags, NULL, 0);

    traffic.sends++;
    traffic.failed += done < 0;
    traffic.goodbyes += n == 5 && memcmp(p, "X\0\0\0\4", 5) == 0;
    return done;
}

static enum rs_opener opener; /* of the group that runs */

/* Bits of struct trial's on. */
enum { AUTO = 1 << RS_OPENER_AUTO, LIBPQ = 1 << RS_OPENER_LIBPQ, NATIVE = 1 << RS_OPENER_NATIVE };

struct trial {
    const char *user, *password, *port; /* names of variables */
    enum rs_sslmode sslmode;
    bool explicit, iam, token;
    const char *ca, *host; /* ca: name of a variable; host: itself */
    enum rs_state want;    /* RS_00000: opens */
    const char *text;      /* in the error */
    int on;                /* only with these openers; 0: with all */
    int32_t level;
};

static bool try_open(const struct trial *t, struct rs_session **s, struct rs_diag *diag)
{
    struct rs_session_options options = { .open.opener = opener,
                                          .open.sslmode = t->sslmode,
                                          .open.sslmode_is_explicit = t->explicit,
                                          .open.ca_file = env(t->ca == NULL ? "RS_CA_FILE" : t->ca),
                                          .open.receive_bytes = 256 * 1024,
                                          .open.level = t->level,
                                          .open.keepalive = true,
                                          .open.keepalive_idle_s = 60,
                                          .store_bytes = 1 << 16,
                                          .may_spill = true,
                                          .spill_dir = "/tmp" };
    struct rs_login login = { .port = port(t->port), .is_iam = t->iam };
    bool ok;

    if (t->token) {
        login.kind = RS_LOGIN_TOKEN;
        login.idp_type = rs_str_dup(RS_STR("AwsIdc"), NULL);
        login.token_type = rs_str_dup(RS_STR("ACCESS_TOKEN"), NULL);
    }
    login.host = rs_str_dup(rs_str_of(t->host == NULL ? "localhost" : t->host), NULL);
    login.user = rs_str_dup(rs_str_of(env(t->user)), NULL);
    login.database = rs_str_dup(rs_str_of("dev"), NULL);
    assert_true(rs_secret_set(&login.secret, rs_str_of(env(t->password)), NULL));
    ok = rs_session_open(&login, &options, rs_deadline_in(15000), s, diag);
    rs_login_clear(&login);
    return ok;
}

#define PG "RS_PG_USER", "RS_PG_PASSWORD", "RS_PG_PORT"
#define IDP(user, secret, port)                                                                    \
    "RS_REDSHIFT_" user, "RS_REDSHIFT_" secret, "RS_REDSHIFT_" port, RS_SSL_VERIFY_FULL
#define RED(port) "RS_REDSHIFT_USER", "RS_REDSHIFT_PASSWORD", "RS_REDSHIFT_" port

static void test_openings(void **state)
{
    static const struct trial trials[] = {
        { PG, RS_SSL_VERIFY_FULL, .want = RS_00000 },
        { PG, RS_SSL_VERIFY_CA, .iam = true, .host = "127.0.0.1", .want = RS_00000 },
        { PG, RS_SSL_PREFER, .want = RS_00000 },
        { PG, RS_SSL_ALLOW, .explicit = true, .want = RS_00000 },
        { PG, RS_SSL_DISABLE, .explicit = true, .want = RS_00000 },
        { PG, RS_SSL_DISABLE, .iam = true, .want = RS_00000 }, /* TLS all the same */
        { PG, RS_SSL_DISABLE, .want = RS_28000, .text = "not sent", .on = LIBPQ },
        { PG, RS_SSL_DISABLE, .want = RS_00000, .on = AUTO | NATIVE }, /* SCRAM is no clear text */
        { "RS_PG_MD5_USER", "RS_PG_MD5_PASSWORD", "RS_PG_PORT", RS_SSL_REQUIRE, .want = RS_00000 },
        { "RS_PG_CLEAR_USER", "RS_PG_CLEAR_PASSWORD", "RS_PG_PORT", RS_SSL_REQUIRE,
          .want = RS_00000 },
        { "RS_PG_CLEAR_USER", "RS_PG_CLEAR_PASSWORD", "RS_PG_PORT", RS_SSL_DISABLE,
          .want = RS_28000, .text = "not sent" },
        { "RS_PG_USER", "RS_PG_MD5_PASSWORD", "RS_PG_PORT", RS_SSL_REQUIRE, .want = RS_28000,
          .text = "SQLSTATE 28P01" },
        { "RS_PG_LIMITED_USER", "RS_PG_LIMITED_PASSWORD", "RS_PG_PORT", RS_SSL_REQUIRE,
          .want = RS_08004, .text = "SQLSTATE 53300" },
        { PG, RS_SSL_VERIFY_FULL, .ca = "RS_OTHER_CA_FILE", .want = RS_08001, .text = "CaFile" },
        { RED("PORT"), RS_SSL_VERIFY_FULL, .want = RS_00000 },
        { RED("PORT"), RS_SSL_REQUIRE, .iam = true, .want = RS_00000 },
        { RED("WRONGHOST_PORT"), RS_SSL_VERIFY_FULL, .want = RS_08001,
          .text = "other.example.com" },
        { RED("WRONGHOST_PORT"), RS_SSL_VERIFY_CA, .want = RS_00000 },
        { RED("EXPIRED_PORT"), RS_SSL_VERIFY_CA, .want = RS_08001, .text = "expired" },
        { RED("UNKNOWNCA_PORT"), RS_SSL_REQUIRE, .want = RS_08001, .text = "CaFile" },
        { RED("NOTLS_PORT"), RS_SSL_VERIFY_FULL, .want = RS_08001, .text = "does not use TLS" },
        { RED("NOTLS_PORT"), RS_SSL_PREFER, .iam = true, .want = RS_08001,
          .text = "does not use TLS" },
        { RED("NOTLS_PORT"), RS_SSL_DISABLE, .explicit = true, .want = RS_00000 },
        { "RS_REDSHIFT_CLEAR_USER", "RS_REDSHIFT_CLEAR_PASSWORD", "RS_REDSHIFT_NOTLS_PORT",
          RS_SSL_PREFER, .want = RS_28000, .text = "not sent" },
        { "RS_REDSHIFT_CLEAR_USER", "RS_REDSHIFT_CLEAR_PASSWORD", "RS_REDSHIFT_NOTLS_PORT",
          RS_SSL_ALLOW, .explicit = true, .want = RS_00000 },
        { "RS_REDSHIFT_MD5_USER", "RS_REDSHIFT_MD5_PASSWORD", "RS_REDSHIFT_NOTLS_PORT",
          RS_SSL_PREFER, .want = RS_28000, .text = "not sent", .on = LIBPQ },
        { "RS_REDSHIFT_MD5_USER", "RS_REDSHIFT_MD5_PASSWORD", "RS_REDSHIFT_NOTLS_PORT",
          RS_SSL_PREFER, .want = RS_00000, .on = AUTO | NATIVE },
        { RED("CNONLY_PORT"), RS_SSL_VERIFY_FULL, .want = RS_08001,
          .text = "not for \"localhost\"" },
        { RED("CNONLY_PORT"), RS_SSL_VERIFY_CA, .want = RS_00000 },
        { RED("PORT"), RS_SSL_VERIFY_FULL, .host = "127.0.0.1", .want = RS_00000 },
        { RED("WRONGHOST_PORT"), RS_SSL_VERIFY_FULL, .host = "127.0.0.1", .want = RS_08001,
          .text = "not for \"127.0.0.1\"" },
        { "RS_REDSHIFT_DIGEST_USER", "RS_REDSHIFT_DIGEST_PASSWORD", "RS_REDSHIFT_PORT",
          RS_SSL_VERIFY_FULL, .want = RS_28000, .text = "Opener=auto", .on = LIBPQ },
        { "RS_REDSHIFT_DIGEST_USER", "RS_REDSHIFT_DIGEST_PASSWORD", "RS_REDSHIFT_PORT",
          RS_SSL_VERIFY_FULL, .want = RS_00000, .on = AUTO | NATIVE },
        { "RS_REDSHIFT_DIGEST_USER", "RS_REDSHIFT_DIGEST_PASSWORD", "RS_REDSHIFT_NOTLS_PORT",
          RS_SSL_PREFER, .want = RS_00000, .on = AUTO | NATIVE }, /* a digest is no clear text */
        { "RS_REDSHIFT_DIGEST_USER", "RS_REDSHIFT_MD5_PASSWORD", "RS_REDSHIFT_PORT",
          RS_SSL_VERIFY_FULL, .want = RS_28000, .text = "authentication failed",
          .on = AUTO | NATIVE },
        { "RS_REDSHIFT_SCRYPT_USER", "RS_REDSHIFT_SCRYPT_PASSWORD", "RS_REDSHIFT_PORT",
          RS_SSL_VERIFY_FULL, .want = RS_28000, .text = "digest algorithm 1", .on = AUTO | NATIVE },
        { IDP("IDP_USER", "IDP_PASSWORD", "PORT"), .token = true, .want = RS_00000,
          .on = AUTO | NATIVE },
        { IDP("NOBODY", "IDP_PASSWORD", "PORT"), .token = true, .want = RS_00000,
          .on = AUTO | NATIVE },
        { IDP("IDP_USER", "MD5_PASSWORD", "PORT"), .token = true, .want = RS_28000,
          .text = "authentication failed", .on = AUTO | NATIVE },
        { IDP("NOBODY", "MD5_PASSWORD", "PORT"), .token = true, .want = RS_28000,
          .text = "authentication failed", .on = AUTO | NATIVE },
        { IDP("IDP_USER", "IDP_PASSWORD", "PORT"), .token = true, .want = RS_HYC00,
          .text = "Opener=native", .on = LIBPQ },
        { IDP("IDP_USER", "IDP_PASSWORD", "NOTLS_PORT"), .token = true, .want = RS_08001,
          .text = "does not use TLS", .on = AUTO | NATIVE },
        { IDP("USER", "IDP_PASSWORD", "PORT"), .token = true, .want = RS_28000,
          .text = "has a token", .on = AUTO | NATIVE },
        { IDP("IDP_USER", "IDP_PASSWORD", "PORT"), .want = RS_28000, .text = "Opener=auto",
          .on = LIBPQ },
        { IDP("IDP_USER", "IDP_PASSWORD", "PORT"), .want = RS_28000,
          .text = "identity-provider token", .on = AUTO | NATIVE },
        { PG, RS_SSL_REQUIRE, .ca = "RS_NO_SUCH_VARIABLE", .want = RS_08001, .text = "CA file",
          .on = NATIVE },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(trials); i++) {
        struct rs_session *s = NULL;
        struct rs_diag diag = { 0 };
        bool ok;

        if (trials[i].on != 0 && (trials[i].on & 1 << opener) == 0)
            continue;
        ok = try_open(&trials[i], &s, &diag);
        if (rs_diag_state(&diag) != trials[i].want)
            fail_msg("trial %zu: %s %s", i, rs_state_text(rs_diag_state(&diag), false),
                     rs_diag_first(&diag));
        assert_int_equal(ok, trials[i].want == RS_00000);
        if (trials[i].text != NULL && strstr(rs_diag_first(&diag), trials[i].text) == NULL)
            fail_msg("trial %zu: %s", i, rs_diag_first(&diag));
        if (env(trials[i].password)[0] != '\0')
            assert_null(strstr(rs_diag_first(&diag), env(trials[i].password)));
        rs_session_close(s);
        rs_diag_clear(&diag);
    }
}

static struct rs_session *open_pg(enum rs_sslmode mode)
{
    struct trial t = { PG, mode, .explicit = true };
    struct rs_session *s = NULL;
    struct rs_diag diag = { 0 };

    if (!try_open(&t, &s, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    return s;
}

static void test_statuses(void **state)
{
    struct trial t = { RED("PORT"), RS_SSL_VERIFY_FULL, .want = RS_00000 };
    struct rs_session *s = open_pg(RS_SSL_VERIFY_FULL);
    struct rs_diag diag = { 0 };

    (void)state;
    assert_string_equal(rs_session_status(s, "client_encoding"), "UTF8");
    assert_memory_equal(rs_session_status(s, "datestyle"), "ISO", 3);
    assert_false(rs_session_is_redshift(s));
    assert_false(rs_session_backslash_escapes(s));
    rs_session_close(s);
    assert_true(try_open(&t, &s, &diag));
    assert_true(rs_session_is_redshift(s));
    assert_true(rs_session_backslash_escapes(s));
    assert_memory_equal(rs_session_status(s, "DateStyle"), "ISO", 3);
    assert_int_equal(rs_session_protocol(s), 0);
    rs_session_close(s);
}

/* What is asked for is granted; libpq cannot ask. Auto has met what libpq cannot do by now. */
static void test_levels(void **state)
{
    (void)state;
    for (int32_t level = 0; level <= 3; level++) {
        struct trial t = { RED("PORT"), RS_SSL_VERIFY_FULL, .want = RS_00000, .level = level };
        struct rs_session *s = NULL;
        struct rs_diag diag = { 0 };

        if (!try_open(&t, &s, &diag))
            fail_msg("%s", rs_diag_first(&diag));
        assert_int_equal(rs_session_protocol(s), opener == RS_OPENER_LIBPQ ? 0 : level);
        rs_session_close(s);
    }
}

static int64_t count_rows(struct rs_session *s, const char *sql, int64_t stop)
{
    struct rs_request request = { .kind = RS_REQ_SIMPLE,
                                  .sql = rs_str_of(sql),
                                  .deadline = RS_FOREVER };
    struct rs_exchange *ex;
    struct rs_reply reply;
    struct rs_diag diag = { 0 };
    struct rs_cell cells[4];
    int64_t rows = 0;
    enum rs_row row = RS_ROW_OK;

    assert_true(rs_exchange_start(s, &request, &ex, &diag));
    assert_true(rs_exchange_next(ex, &reply, &diag));
    assert_int_equal(reply.kind, RS_EVENT_ROWS);
    while (rows < stop && (row = rs_exchange_row(ex, cells, &diag)) == RS_ROW_OK)
        rows++;
    assert_int_not_equal(row, RS_ROW_FAILED);
    rs_exchange_free(ex);
    assert_int_equal(diag.n, 0);
    return rows;
}

static void test_rows(void **state)
{
    static const enum rs_sslmode modes[] = { RS_SSL_DISABLE, RS_SSL_VERIFY_FULL };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(modes); i++) {
        struct rs_session *s = open_pg(modes[i]);

        assert_int_equal(count_rows(s,
                                    "select g, repeat('x', g % 100) from "
                                    "generate_series(1, 300000) g",
                                    INT64_MAX),
                         300000);
        assert_int_equal(
            count_rows(s, "select repeat('y', 3000000) from generate_series(1, 5)", INT64_MAX), 5);
        /* left early: cancelled, and the session is good for more */
        assert_int_equal(count_rows(s, "select g from generate_series(1, 3000000) g", 10), 10);
        assert_int_equal(count_rows(s, "select 1", INT64_MAX), 1);
        assert_false(rs_session_is_dead(s));
        rs_session_close(s);
    }
}

static void test_timeout(void **state)
{
    struct rs_session *s = open_pg(RS_SSL_VERIFY_FULL);
    struct rs_diag diag = { 0 };
    int64_t from = rs_now_ms();

    (void)state;
    assert_false(
        rs_session_run(s, RS_STR("select pg_sleep(20)"), rs_deadline_in(300), NULL, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HYT00);
    assert_int_equal(diag.n, 1);
    assert_true(rs_now_ms() - from < 5000);
    assert_int_equal(count_rows(s, "select 1", INT64_MAX), 1);
    rs_session_close(s);
    rs_diag_clear(&diag);
}

static bool log_says(const char *text)
{
    static char line[1 << 16];

    for (int i = 0; i < 100; i++) {
        FILE *log = fopen(env("RS_REDSHIFT_LOG"), "r");
        bool found = false;

        while (log != NULL && !found && fgets(line, sizeof(line), log) != NULL)
            found = strstr(line, text) != NULL;
        if (log != NULL)
            (void)fclose(log);
        if (found)
            return true;
        rs_sleep_ms(50);
    }
    return false;
}

/* Our own cancel request goes through TLS, as the session does. */
static void test_cancel_tls(void **state)
{
    struct trial t = { RED("PORT"), RS_SSL_VERIFY_FULL, .want = RS_00000 };
    struct rs_session *s = NULL;
    struct rs_diag diag = { 0 };
    char text[80];

    (void)state;
    if (opener != RS_OPENER_NATIVE)
        return;
    assert_true(try_open(&t, &s, &diag));
    (void)snprintf(text, sizeof(text), "\"event\": \"cancel\", \"tls\": true, \"pid\": %d,",
                   (int)rs_session_server_pid(s));
    assert_false(
        rs_session_run(s, RS_STR("select pg_sleep(20)"), rs_deadline_in(300), NULL, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HYT00);
    assert_true(log_says(text));
    assert_int_equal(count_rows(s, "select 1", INT64_MAX), 1);
    rs_session_close(s);
    rs_diag_clear(&diag);
}

/* The child's end of a forked connection: its use fails, its closing says nothing to the server. */
static void test_fork(void **state)
{
    static const enum rs_sslmode modes[] = { RS_SSL_DISABLE, RS_SSL_VERIFY_FULL };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(modes); i++) {
        struct rs_session *s = open_pg(modes[i]);
        int status = -1;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            struct rs_diag diag = { 0 };
            bool ok = rs_session_is_dead(s) &&
                      !rs_session_run(s, RS_STR("select 1"), RS_FOREVER, NULL, &diag) &&
                      rs_diag_state(&diag) == RS_08S01;

            rs_session_close(s);
            _exit(ok ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(count_rows(s, "select 1", INT64_MAX), 1);
        rs_session_close(s);
    }
}

/* Start-up, password and Terminate are all that a connection in the clear has to say, and nothing
 * is said into a closed socket. */
static void test_sends(void **state)
{
    struct trial t = { "RS_PG_MD5_USER", "RS_PG_MD5_PASSWORD", "RS_PG_PORT", RS_SSL_DISABLE,
                       .explicit = true };
    struct rs_session *s = NULL;
    struct rs_diag diag = { 0 };

    (void)state;
    memset(&traffic, 0, sizeof(traffic));
    assert_true(try_open(&t, &s, &diag));
    assert_int_equal(traffic.sends, 2);
    rs_session_close(s);
    assert_int_equal(traffic.sends, 3);
    assert_int_equal(traffic.goodbyes, 1);
    t.sslmode = RS_SSL_VERIFY_FULL;
    assert_true(try_open(&t, &s, &diag));
    rs_session_close(s);
    assert_int_equal(traffic.goodbyes, 1);
    assert_int_equal(traffic.failed, 0);
}

/* PostgreSQL knows no levels: to ask it costs a second opening, once a process. */
static void test_level_of_postgres(void **state)
{
    struct trial t = { "RS_PG_MD5_USER", "RS_PG_MD5_PASSWORD", "RS_PG_PORT",
                       RS_SSL_DISABLE,   .explicit = true,     .level = 2 };
    static bool is_known;
    struct rs_diag diag = { 0 };

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct rs_session *s = NULL;

        memset(&traffic, 0, sizeof(traffic));
        if (!try_open(&t, &s, &diag))
            fail_msg("%s", rs_diag_first(&diag));
        assert_int_equal(traffic.sends, opener == RS_OPENER_LIBPQ || is_known ? 2 : 4);
        is_known = is_known || opener != RS_OPENER_LIBPQ;
        assert_int_equal(rs_session_protocol(s), 0);
        rs_session_close(s);
        assert_int_equal(traffic.goodbyes, 1);
        assert_int_equal(traffic.failed, 0);
    }
}

/* The server ends the session while it is idle. */
static void test_terminated(void **state)
{
    struct rs_session *s = open_pg(RS_SSL_VERIFY_FULL), *killer = open_pg(RS_SSL_VERIFY_FULL);
    struct rs_diag diag = { 0 };
    char sql[80];

    (void)state;
    (void)snprintf(sql, sizeof(sql), "select pg_terminate_backend(%d)",
                   (int)rs_session_server_pid(s));
    assert_false(rs_session_is_dead(s));
    assert_int_equal(count_rows(killer, sql, INT64_MAX), 1);
    for (int i = 0; i < 200 && !rs_session_is_dead(s); i++)
        rs_sleep_ms(10);
    assert_true(rs_session_is_dead(s));
    assert_false(rs_session_run(s, RS_STR("select 1"), RS_FOREVER, NULL, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_08S01);
    rs_session_close(s);
    rs_session_close(killer);
    rs_diag_clear(&diag);
}

/* The environment has no say. */
static void test_environment(void **state)
{
    static const char *const names[] = {
        "PGSSLCERT", "PGSSLKEY",         "PGSSLROOTCERT",    "PGOPTIONS",
        "PGSSLMODE", "PGUSER",           "PGDATABASE",       "PGHOSTADDR",
        "PGAPPNAME", "PGCLIENTENCODING", "PGREQUIREPEER",    "PGTARGETSESSIONATTRS",
        "PGSSLCRL",  "PGSSLCRLDIR",      "PGCHANNELBINDING", "PGPASSFILE"
    };
    struct rs_session *s;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(names); i++)
        assert_int_equal(setenv(names[i], "nonsense", 1), 0);
    s = open_pg(RS_SSL_VERIFY_FULL);
    assert_string_equal(rs_session_status(s, "application_name"), "redshift_odbc");
    rs_session_close(s);
    for (size_t i = 0; i < RS_COUNT(names); i++)
        (void)unsetenv(names[i]);
}

static void test_prepared_anew(void **state)
{
    struct rs_session *s = open_pg(RS_SSL_VERIFY_FULL);
    struct rs_prepared *p = NULL;
    struct rs_request request = { .kind = RS_REQ_EXTENDED,
                                  .sql = RS_STR("select * from wire_t"),
                                  .prepared = &p,
                                  .deadline = RS_FOREVER };
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(
        rs_session_run(s, RS_STR("create temp table wire_t (a int)"), RS_FOREVER, NULL, &diag));
    for (size_t columns = 1; columns <= 3; columns++) {
        struct rs_exchange *ex;
        struct rs_reply reply;

        assert_true(rs_exchange_start(s, &request, &ex, &diag));
        assert_true(rs_exchange_next(ex, &reply, &diag));
        assert_int_equal(reply.kind, RS_EVENT_ROWS);
        assert_int_equal(reply.shape->n, columns);
        rs_exchange_free(ex);
        assert_true(rs_session_run(s,
                                   columns == 1 ? RS_STR("alter table wire_t add b int")
                                                : RS_STR("alter table wire_t add c int"),
                                   RS_FOREVER, NULL, &diag) ||
                    columns == 3);
    }
    rs_diag_clear(&diag);
    rs_prepared_free(s, p);
    rs_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_openings),      cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_levels),        cmocka_unit_test(test_level_of_postgres),
        cmocka_unit_test(test_rows),          cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_fork),          cmocka_unit_test(test_terminated),
        cmocka_unit_test(test_environment),   cmocka_unit_test(test_cancel_tls),
        cmocka_unit_test(test_prepared_anew), cmocka_unit_test(test_sends),
    };

    int failed = 0;

    if (env("RS_PG_PORT")[0] == '\0' || env("RS_REDSHIFT_PORT")[0] == '\0') {
        (void)fputs("the bench is not up: RS_PG_PORT and RS_REDSHIFT_PORT are not set\n", stderr);
        return 77;
    }
    for (opener = RS_OPENER_AUTO; opener <= RS_OPENER_NATIVE; opener++)
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    return failed;
}
