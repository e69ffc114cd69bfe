/* Data sources and the global file, in a private folder: what is read, and which layer wins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "odbc/dsn.h"
#include "oom.h"
#include "os.h"

static char folder[] = "/tmp/rs_test_dsn_XXXXXX";

static const char *place(const char *name)
{
    static char path[4][256];
    static size_t turn;
    char *to = path[turn++ % RS_COUNT(path)];

    snprintf(to, sizeof path[0], "%s/%s", folder, name);
    return to;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(place(name), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(place(name), mode), 0);
}

static void use_global(const char *text, mode_t mode)
{
    write_file("global.ini", text, mode);
    setenv("REDSHIFTODBCINI", place("global.ini"), 1);
}

static void long_token(struct rs_buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        rs_buf_addc(out, (char)('a' + i % 26));
}

static int set_up(void **state)
{
    struct rs_buf text = RS_BUF_INIT(100000);

    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    rs_buf_adds(&text, "[plain]\nDriver = /nowhere/driver.so\nDescription = a test\n"
                       "Server = dsn-host\nDatabase = dsn-db\nUID = dsn-user\nPWD = {a;b}\n"
                       "User AutoCreate = 1\nStrange = 1\nDbUser =\n"
                       "[token]\nDatabase = before\nSessionToken = ");
    long_token(&text, 3000);
    rs_buf_adds(&text, "\nServer = behind\n[DEFAULT]\nServer = default-host\n");
    write_file("odbc.ini", text.p, 0600);
    rs_buf_clear(&text);
    assert_int_equal(mkdir(place("sys"), 0700), 0);
    write_file("sys/odbc.ini", "[plain]\nServer = system-host\n[system]\nServer = system-host\n",
               0600);
    write_file("sys/odbcinst.ini", "", 0600);
    setenv("ODBCINI", place("odbc.ini"), 1);
    setenv("ODBCSYSINI", place("sys"), 1);
    setenv("HOME", folder, 1);
    use_global("", 0600);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {
        "odbc.ini", "sys/odbc.ini", "sys/odbcinst.ini", "global.ini", ".redshiftodbc.ini", "sys", ""
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(names); i++)
        remove(place(names[i]));
    return 0;
}

static bool load(const char *text, struct rs_settings *set, struct rs_diag *diag)
{
    struct rs_connstr list = { 0 };
    bool ok = rs_settings_init(set, diag);

    if (!ok)
        return false;
    ok = rs_connstr_parse(rs_str_of(text), &list, diag) && rs_dsn_load(set, &list, diag);
    rs_connstr_clear(&list);
    if (!ok)
        rs_settings_clear(set);
    return ok;
}

static void test_section(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    assert_true(load("DSN=plain", &set, &diag));
    assert_string_equal(set.dsn, "plain");
    assert_string_equal(set.server, "dsn-host"); /* the user's file hides the system's */
    assert_string_equal(set.uid, "dsn-user");
    assert_string_equal(rs_secret_reveal(&set.pwd), "{a;b}"); /* braces are not special here */
    assert_true(set.auto_create);
    assert_null(set.db_user);
    assert_null(set.driver);
    assert_int_equal(set.layer[RS_KEY_server], RS_LAYER_DSN);
    assert_int_equal(diag.n, 1);
    assert_string_equal(rs_diag_get(&diag, 0)->text, "unknown connection key \"Strange\"");
    assert_int_equal(rs_diag_get(&diag, 0)->state, RS_01S00);
    rs_settings_clear(&set);
    rs_diag_clear(&diag);

    assert_true(load("DSN=system", &set, &diag));
    assert_string_equal(set.server, "system-host");
    rs_settings_clear(&set);
}

static void test_default(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    assert_true(load("UID=u", &set, &diag));
    assert_string_equal(set.server, "default-host");
    assert_string_equal(set.dsn, "DEFAULT");
    rs_settings_clear(&set);
    assert_true(load("Driver=x;UID=u", &set, &diag)); /* a driver: no data source at all */
    assert_null(set.server);
    assert_null(set.dsn);
    rs_settings_clear(&set);
    assert_int_equal(diag.n, 0);
}

static void test_missing_section(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    assert_true(load("DSN=nobody", &set, &diag));
    assert_int_equal(diag.n, 1);
    assert_string_equal(rs_diag_get(&diag, 0)->text,
                        "data source \"nobody\" was not found or is empty");
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
}

/* Longer than the installer library's line: whole, and no piece of it in a warning. */
static void test_long_value(void **state)
{
    struct rs_buf want = RS_BUF_INIT(100000);
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    long_token(&want, 3000);
    assert_true(load("DSN=token", &set, &diag));
    assert_int_equal(rs_secret_len(&set.session_token), 3000);
    assert_string_equal(rs_secret_reveal(&set.session_token), want.p);
    assert_string_equal(set.database, "before");
    assert_string_equal(set.server, "behind");
    assert_int_equal(diag.n, 0);
    rs_settings_clear(&set);
    rs_buf_clear(&want);
}

static void test_connect(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    assert_true(rs_settings_init(&set, &diag));
    assert_true(rs_dsn_load_named(&set, RS_STR("plain"), RS_STR("arg"), RS_STR(""), &diag));
    assert_string_equal(set.uid, "arg");
    assert_string_equal(rs_secret_reveal(&set.pwd), "{a;b}");
    assert_string_equal(set.dsn, "plain");
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
    assert_true(rs_settings_init(&set, &diag));
    assert_true(rs_dsn_load_named(&set, RS_STR(""), RS_STR(""), RS_STR(""), &diag));
    assert_string_equal(set.server, "default-host");
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
}

/* Every set of the three places that holds a value, and whose is seen. */
static void test_precedence(void **state)
{
    (void)state;
    for (int mask = 0; mask < 8; mask++) {
        struct rs_diag diag = { 0 };
        struct rs_settings set;
        char text[64];
        int want = mask & 1 ? 101 : mask & 2 ? 102 : mask & 4 ? 103 : 5439;
        char ini[128];

        use_global(mask & 4 ? "[Other]\nPort=9\n[Driver]\nPort = 103\n" : "", 0600);
        snprintf(ini, sizeof ini, "[p]\nServer=x\n%s", mask & 2 ? "Port=102\n" : "");
        write_file("p.ini", ini, 0600);
        setenv("ODBCINI", place("p.ini"), 1);
        snprintf(text, sizeof text, "DSN=p;%s", mask & 1 ? "Port=101" : "Port=");
        assert_true(load(text, &set, &diag));
        assert_int_equal(set.port, want);
        assert_int_equal(diag.n, 0);
        rs_settings_clear(&set);
        remove(place("p.ini"));
    }
    setenv("ODBCINI", place("odbc.ini"), 1);
    use_global("", 0600);
}

static void test_global_places(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    write_file(".redshiftodbc.ini", "[Driver]\nServer = home\n", 0600);
    use_global("[driver]\nDatabase = named\n", 0600);
    assert_true(load("Driver=x", &set, &diag)); /* the first file is used alone */
    assert_string_equal(set.database, "named");
    assert_null(set.server);
    rs_settings_clear(&set);

    unsetenv("REDSHIFTODBCINI");
    assert_true(load("Driver=x", &set, &diag));
    assert_string_equal(set.server, "home");
    assert_int_equal(diag.n, 0);
    rs_settings_clear(&set);

    setenv("REDSHIFTODBCINI", place("nothing"), 1);
    assert_true(load("Driver=x", &set, &diag));
    assert_string_equal(set.server, "home");
    assert_int_equal(diag.n, 1);
    assert_int_equal(rs_diag_get(&diag, 0)->state, RS_01000);
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
    remove(place(".redshiftodbc.ini"));
    use_global("", 0600);
}

static void test_global_secrets(void **state)
{
    static const struct {
        const char *text;
        mode_t mode;
        bool warns;
    } rows[] = {
        { "[Driver]\nPWD = canary\n", 0600, false },
        { "[Driver]\nPWD = canary\n", 0640, true },
        { "[Driver]\nPWD = canary\nSecretAccessKey = canary\n", 0604, true },
        { "[Driver]\nServer = h\n", 0644, false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(rows); i++) {
        struct rs_diag diag = { 0 };
        struct rs_settings set;

        use_global(rows[i].text, rows[i].mode);
        assert_true(load("Driver=x", &set, &diag));
        assert_int_equal(diag.n, rows[i].warns ? 1 : 0);
        if (rows[i].warns) {
            assert_int_equal(rs_diag_get(&diag, 0)->state, RS_01000);
            assert_null(strstr(rs_diag_get(&diag, 0)->text, "canary"));
            assert_string_equal(rs_secret_reveal(&set.pwd), "canary");
        }
        rs_settings_clear(&set);
        rs_diag_clear(&diag);
    }
    use_global("", 0600);
}

static void test_global_faults(void **state)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;

    (void)state;
    use_global("noise\n[Driver]\nnoise\nWhat = 1\n", 0600);
    assert_true(load("Driver=x", &set, &diag));
    assert_int_equal(diag.n, 2);
    assert_non_null(strstr(rs_diag_get(&diag, 0)->text, "line 3 of"));
    assert_string_equal(rs_diag_get(&diag, 1)->text, "unknown connection key \"What\"");
    rs_settings_clear(&set);
    rs_diag_clear(&diag);
    use_global("[Driver]\nPort = x\n", 0600);
    assert_false(load("Driver=x", &set, &diag));
    assert_string_equal(rs_diag_first(&diag), "Port must be between 1 and 65535");
    rs_diag_clear(&diag);
    setenv("REDSHIFTODBCINI", folder, 1);
    assert_false(load("Driver=x", &set, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    rs_diag_clear(&diag);
    use_global("", 0600);
}

static bool load_once(void *ctx)
{
    struct rs_diag diag = { 0 };
    struct rs_settings set;
    bool ok = load(ctx, &set, &diag);

    if (ok)
        rs_settings_clear(&set);
    else
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    static char plain[] = "DSN=plain;UID=u", token[] = "DSN=token";

    (void)state;
    use_global("[Driver]\nPort = 1\nPWD = x\n", 0644);
    rs_test_oom(load_once, plain);
    use_global("", 0600);
    rs_test_oom(load_once, token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_section),         cmocka_unit_test(test_default),
        cmocka_unit_test(test_missing_section), cmocka_unit_test(test_long_value),
        cmocka_unit_test(test_connect),         cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_global_places),   cmocka_unit_test(test_global_secrets),
        cmocka_unit_test(test_global_faults),   cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
