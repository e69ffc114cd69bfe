/* What libpq is told, and what is read from its refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dlfcn.h>

#include "oom.h"
#include "opener_pq_params.h"
#include "tls.h"

static const char *const every_name =
    " service user password passfile channel_binding connect_timeout dbname host hostaddr port "
    "client_encoding options application_name keepalives keepalives_idle keepalives_interval "
    "keepalives_count tcp_user_timeout sslmode sslcompression sslcert sslkey sslrootcert sslcrl "
    "sslcrldir sslsni ssl_min_protocol_version ssl_max_protocol_version gssencmode krbsrvname "
    "gsslib target_session_attrs ";

static const char *value_of(const struct rs_pq_params *params, const char *name)
{
    for (size_t i = 0; i < params->n; i++) {
        if (strcmp(params->name[i], name) == 0)
            return params->value[i];
    }
    return NULL;
}

static char host[] = "db.example.com", rooted[] = "db.example.com.", user[] = "IAM:bob",
            database[] = "dev";

static struct rs_login some_login(void)
{
    return (struct rs_login){ .host = host, .port = 5439, .user = user, .database = database };
}

static void test_params(void **state)
{
    struct rs_login login = some_login();
    struct rs_open_options options = { .ca_file = "/ca.pem",
                                       .settings = "-c timezone=UTC",
                                       .application_name = "caf\xc3\xa9",
                                       .keepalive = true,
                                       .keepalive_idle_s = 60,
                                       .tls13_only = true };
    struct rs_pq_params params = { .known = every_name };
    struct rs_diag diag = { 0 };
    bool guarded = true;

    (void)state;
    assert_true(rs_pq_params_fill(&params, &login, &options, "192.0.2.1", "verify-full", true,
                                  &guarded, &diag));
    assert_false(guarded); /* this libpq has no require_auth */
    assert_string_equal(value_of(&params, "host"), "db.example.com");
    assert_string_equal(value_of(&params, "hostaddr"), "192.0.2.1");
    assert_string_equal(value_of(&params, "port"), "5439");
    assert_string_equal(value_of(&params, "user"), "IAM:bob");
    assert_string_equal(value_of(&params, "sslrootcert"), "/ca.pem");
    assert_string_equal(value_of(&params, "ssl_min_protocol_version"), "TLSv1.3");
    assert_string_equal(value_of(&params, "options"),
                        "-c timezone=UTC -c datestyle=ISO -c extra_float_digits=2");
    assert_string_equal(value_of(&params, "application_name"), "caf??");
    assert_string_equal(value_of(&params, "keepalives_idle"), "60");
    assert_null(value_of(&params, "keepalives_count"));
    assert_null(value_of(&params, "sslnegotiation")); /* not known to it */
    assert_null(value_of(&params, "service"));
    for (size_t i = 0; i < params.n; i++)
        assert_true(params.value[i][0] != '\0'); /* empty means the environment */
    rs_pq_params_clear(&params);
    login.host = rooted;
    assert_true(rs_pq_params_fill(&params, &login, &options, "192.0.2.1", "verify-full", true,
                                  &guarded, &diag));
    assert_string_equal(value_of(&params, "host"), "db.example.com");
    rs_pq_params_clear(&params);
}

static void test_params_newer(void **state)
{
    struct rs_login login = some_login();
    struct rs_open_options options = { 0 };
    struct rs_pq_params params = { .known = " require_auth sslnegotiation max_protocol_version "
                                            "dbname application_name options port " };
    struct rs_diag diag = { 0 };
    bool guarded = false;

    (void)state;
    login.database = NULL;
    assert_true(rs_pq_params_fill(&params, &login, &options, "192.0.2.1", "disable", true, &guarded,
                                  &diag));
    assert_true(guarded);
    assert_string_equal(value_of(&params, "require_auth"), "!password");
    assert_string_equal(value_of(&params, "sslnegotiation"), "postgres");
    assert_string_equal(value_of(&params, "max_protocol_version"), "3.0");
    assert_string_equal(value_of(&params, "dbname"), "IAM:bob");
    assert_non_null(value_of(&params, "application_name"));
    rs_pq_params_clear(&params);
}

static void test_sqlstate(void **state)
{
    static const struct {
        const char *text, *five, *message;
    } cases[] = {
        { "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password "
          "authentication failed for user \"x\"\nLOCATION:  auth_failed, auth.c:326\n",
          "28P01", "password authentication failed for user \"x\"" },
        { "Verbindung: SCHWERWIEGEND:  3D000: Datenbank fehlt\nORT:  InitPostgres, "
          "postinit.c:885",
          "3D000", "Datenbank fehlt" },
        { "a: FATAL:  28000: first\nLOCATION:  a, b.c:1\nb: FATAL:  57P03: second\nLOCATION:  a, "
          "b.c:2",
          "57P03", "second" },
        { "x: FATAL:  53300: no room", "53300", "no room" },
        { "x: FATAL:  42704: unknown \"a\"\nDETAIL:  more\nLOCATION:  f, g.c:7", "42704",
          "unknown \"a\"\nDETAIL:  more" },
        { "connection refused", NULL, NULL },
        { "x:  2800: short", NULL, NULL },
        { "x:  28p01: lower", NULL, NULL },
        { "x: 28P01: one blank", NULL, NULL },
        { "", NULL, NULL },
        { ":  28P01:", NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        char five[6] = "";
        struct rs_str message = RS_STR_NULL;

        assert_int_equal(rs_pq_sqlstate(rs_str_of(cases[i].text), five, &message),
                         cases[i].five != NULL);
        if (cases[i].five == NULL)
            continue;
        assert_string_equal(five, cases[i].five);
        assert_int_equal(message.n, strlen(cases[i].message));
        assert_memory_equal(message.p, cases[i].message, message.n);
    }
}

static void test_nonsense(void **state)
{
    (void)state;
    assert_true(rs_pq_is_nonsense(
        RS_STR("connection to server failed: expected authentication request from server, but "
               "received H")));
    assert_true(rs_pq_is_nonsense(RS_STR("lost synchronization with server: got message type")));
    assert_false(rs_pq_is_nonsense(RS_STR("authentication method 13 not supported")));
    assert_false(rs_pq_is_nonsense(RS_STR("")));
}

static void test_status(void **state)
{
    struct rs_status *list = NULL;
    struct rs_diag diag = { 0 };

    (void)state;
    assert_null(rs_status_get(list, "x"));
    assert_true(rs_status_set(&list, RS_STR("DateStyle"), RS_STR("ISO, MDY"), &diag));
    assert_true(rs_status_set(&list, RS_STR("TimeZone"), RS_STR("UTC"), &diag));
    assert_true(rs_status_set(&list, RS_STR("datestyle"), RS_STR("ISO, DMY"), &diag));
    assert_string_equal(rs_status_get(list, "DATESTYLE"), "ISO, DMY");
    assert_string_equal(rs_status_get(list, "timezone"), "UTC");
    assert_null(list->next->next);
    rs_status_free(list);
}

static void test_service(void **state)
{
    struct rs_login login = some_login();
    struct rs_open_options options = { 0 };
    struct rs_opened opened;
    struct rs_diag diag = { 0 };

    (void)state;
    assert_int_equal(setenv("PGSERVICE", "x", 1), 0);
    assert_int_equal(rs_open_pq(&login, &options, rs_deadline_in(1000), &opened, &diag),
                     RS_OPENING_UNABLE);
    assert_int_equal(rs_diag_state(&diag), RS_08001);
    assert_non_null(strstr(rs_diag_first(&diag), "PGSERVICE"));
    rs_diag_clear(&diag);
    (void)unsetenv("PGSERVICE");
}

static void test_refused(void **state)
{
    char here[] = "127.0.0.1";
    struct rs_login login = some_login();
    struct rs_open_options options = { .retry_count = 2, .retry_delay_s = 1 };
    struct rs_opened opened;
    struct rs_diag diag = { 0 };
    int64_t from = rs_now_ms();

    (void)state;
    login.host = here;
    login.port = 1; /* nobody listens there */
    assert_int_equal(rs_open_pq(&login, &options, rs_deadline_in(1500), &opened, &diag),
                     RS_OPENING_FAILED);
    assert_int_equal(rs_diag_state(&diag), RS_08001);
    assert_int_equal(diag.n, 1);
    /* tried again once; a second wait would have outlasted the deadline */
    assert_true(rs_now_ms() - from >= 1000 && rs_now_ms() - from < 1500);
    rs_diag_clear(&diag);
}

/* libpq's libssl must be the one the driver calls: the address of one function tells. */
static void test_libssl(void **state)
{
    void *program = dlopen(NULL, RTLD_LAZY);
    int elsewhere = 0;

    (void)state;
    assert_non_null(program);
    assert_true(rs_tls_is_ours(dlsym(program, "SSL_read")));
    assert_false(rs_tls_is_ours(dlsym(program, "SSL_write")));
    assert_false(rs_tls_is_ours(&elsewhere));
    assert_int_equal(dlclose(program), 0);
}

static bool oom_scenario(void *ctx)
{
    struct rs_login login = some_login();
    struct rs_open_options options = { 0 };
    struct rs_pq_params params = { .known = every_name };
    struct rs_status *list = NULL;
    struct rs_diag diag = { 0 };
    bool guarded, ok;

    (void)ctx;
    ok = rs_pq_params_fill(&params, &login, &options, "192.0.2.1", "disable", true, &guarded,
                           &diag) &&
         rs_status_set(&list, RS_STR("a"), RS_STR("b"), &diag) &&
         rs_status_set(&list, RS_STR("a"), RS_STR("c"), &diag);
    assert_true(ok || rs_diag_state(&diag) == RS_HY001);
    rs_pq_params_clear(&params);
    rs_status_free(list);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    (void)state;
    rs_test_oom(oom_scenario, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_params),   cmocka_unit_test(test_params_newer),
        cmocka_unit_test(test_sqlstate), cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_status),   cmocka_unit_test(test_service),
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_libssl),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
