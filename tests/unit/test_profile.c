/* The AWS files: every rule of their syntax, merging, places, permissions. */
#define _GNU_SOURCE
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

#include "auth/creds.h"
#include "auth/profile.h"
#include "fakeworld.h"
#include "oom.h"

#define CONFIG RS_PROFILE_CONFIG
#define CREDS  RS_PROFILE_CREDENTIALS

static void syntax(void **state)
{
    /* want NULL: no such profile; "-": profile without the property */
    static const struct {
        enum rs_profile_file file;
        const char *text, *profile, *key, *want;
    } cases[] = {
        { CONFIG, "[profile foo]\nname = val=ue", "foo", "name", "val=ue" },
        { CONFIG, "[profile foo]\nname = value ; c", "foo", "name", "value" },
        { CONFIG, "[profile foo]\nname = value\t# c", "foo", "name", "value" },
        { CONFIG, "[profile foo]\nname = value; c", "foo", "name", "value; c" },
        { CONFIG, "[profile foo]\nname = value#c", "foo", "name", "value#c" },
        { CONFIG, "[profile foo]\nname = ; c", "foo", "name", "" },
        { CONFIG, "[profile foo]\nname =;c", "foo", "name", ";c" },
        { CONFIG, "[profile foo]\nname = value\n -more # x", "foo", "name", "value\n-more # x" },
        { CONFIG, "[profile foo]\nname = value\n\n \t\n#c\n\tb ", "foo", "name", "value\nb" },
        { CONFIG, "[profile foo]\nname =\n plain", "foo", "name", "\nplain" },
        { CONFIG, "[profile foo]\nname =", "foo", "name", "" },
        { CONFIG, "[profile foo]\nNaMe=v", "foo", "name", "v" },
        { CONFIG, "[profile foo]\nname=v", "Foo", "name", NULL },
        { CONFIG, "[foo]\nname=v", "foo", "name", NULL },
        { CONFIG, "[default]\nname=v", "default", "name", "v" },
        { CONFIG, "[  default ]\nname=v", "default", "name", "v" },
        { CONFIG, "[profilefoo]\nname=v", "foo", "name", NULL },
        { CONFIG, "[profile]\nname=v", "profile", "name", NULL },
        { CONFIG, "[services x]\nname=v", "x", "name", NULL },
        { CONFIG, "[sso-session x]\nname=v", "x", "name", NULL },
        { CONFIG, "[profile \tfoo \t]\nname=v", "foo", "name", "v" },
        { CONFIG, "[   profile foo    ]\nname=v", "foo", "name", "v" },
        { CONFIG, "[profile foo bar]\nname=v", "foo bar", "name", NULL },
        { CONFIG, "[profile a-b_c.d/e%f@g:h+1]\nname=v", "a-b_c.d/e%f@g:h+1", "name", "v" },
        { CONFIG, "[profile f!]\nname=v", "f!", "name", NULL },
        { CONFIG, "[profile foo]#c\nname=v", "foo", "name", "v" },
        { CONFIG, "[profile foo] ; c ]\nname=v", "foo", "name", "v" },
        { CONFIG, "[profile foo]\r\nname = v\r\n more\r\n", "foo", "name", "v\nmore" },
        { CONFIG, "\xEF\xBB\xBF[profile foo]\nname=v", "foo", "name", "v" },
        { CONFIG, "; c\n# c\n\n[profile foo]\n;c\nname=v", "foo", "name", "v" },
        { CONFIG, "[profile foo]\nname=a\nname=b", "foo", "name", "b" },
        { CONFIG, "[profile foo]\nname=a\n[profile x]\n[profile foo]\nother=b", "foo", "name",
          "a" },
        { CONFIG, "[profile foo]\na=1\n[profile foo]\nother=b", "foo", "other", "b" },
        { CONFIG, "[profile default]\nname=p\n[default]\nname=d", "default", "name", "p" },
        { CONFIG, "[default]\nname=d\n[profile default]\nx=p", "default", "name", "-" },
        { CONFIG, "[default]\nname=d\n[profile default]\nname=p", "default", "name", "p" },
        { CONFIG, "[profile foo]\ns3 =\n a = b\n c = d\nname=v", "foo", "s3", "-" },
        { CONFIG, "[profile foo]\ns3 =\n a = b\n c = d\nname=v", "foo", "a", "-" },
        { CONFIG, "[profile foo]\ns3 =\n a = b\n c = d\nname=v", "foo", "name", "v" },
        { CONFIG, "[profile foo]\nba d = x\n more\nname=v", "foo", "name", "v" },
        { CONFIG, "[profile foo]\nba d = x", "foo", "ba d", "-" },
        { CONFIG, "[profile foo]\na.b-c_d = x", "foo", "a.b-c_d", "x" },
        { CONFIG, "[x]\nk=v\n more\n[profile foo]\nname=v", "foo", "name", "v" },
        { CREDS, "[foo]\nname=v", "foo", "name", "v" },
        { CREDS, "[profile foo]\nname=v", "foo", "name", NULL },
        { CREDS, "[profile foo]\nname=v", "profile foo", "name", NULL },
        { CREDS, "[sso-session foo]\nname=v", "foo", "name", NULL },
        { CREDS, "[foo]\naws_session_token = IQoJ//EXAMPLE+==", "foo", "aws_session_token",
          "IQoJ//EXAMPLE+==" },
        { CREDS, "", "default", "name", NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_profiles *set = NULL;
        struct rs_diag diag = { 0 };
        const struct rs_profile *profile;
        const struct rs_secret *value = NULL;

        if (!rs_profiles_parse(rs_str_of(cases[i].text), cases[i].file, "x", &set, NULL, &diag))
            fail_msg("%s: %s", cases[i].text, rs_diag_first(&diag));
        profile = rs_profiles_find(set, cases[i].profile);
        if ((profile != NULL) != (cases[i].want != NULL))
            fail_msg("profile in %s", cases[i].text);
        if (profile != NULL)
            value = rs_profile_get(profile, cases[i].key);
        if (cases[i].want == NULL || strcmp(cases[i].want, "-") == 0)
            assert_null(value);
        else if (value == NULL)
            fail_msg("no %s in %s", cases[i].key, cases[i].text);
        else
            assert_string_equal(rs_secret_reveal(value), cases[i].want);
        rs_profiles_free(set);
    }
}

static void syntax_errors(void **state)
{
    static const struct {
        const char *text;
        int line;
    } cases[] = {
        { "name=CANARY", 1 },
        { "\n\nname=CANARY\n", 3 },
        { "[profile foo]\nCANARY", 2 },
        { "[profile foo]\n=CANARY", 2 },
        { "[profile foo]\n  =CANARY", 2 },
        { " CANARY = x", 1 },
        { "[profile foo]\n CANARY = x", 2 },
        { "[profile foo]\nname=v\n[profile CANARY\nx=y", 3 },
        { "[profile foo] CANARY\n", 1 },
        { "[other]\nCANARY\n", 2 },
        { "[profile foo]\nname=v\n[x]\n CANARY", 4 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_profiles *set = NULL;
        struct rs_diag diag = { 0 };
        char line[32];

        if (rs_profiles_parse(rs_str_of(cases[i].text), CONFIG, "/x/config", &set, NULL, &diag))
            fail_msg("%s was taken", cases[i].text);
        snprintf(line, sizeof line, "line %d:", cases[i].line);
        assert_null(set);
        assert_int_equal(rs_diag_state(&diag), RS_HY000);
        assert_non_null(strstr(rs_diag_first(&diag), "/x/config"));
        if (strstr(rs_diag_first(&diag), line) == NULL)
            fail_msg("%s: %s", cases[i].text, rs_diag_first(&diag));
        assert_null(strstr(rs_diag_first(&diag), "CANARY"));
        rs_diag_clear(&diag);
    }
}

static void nul_bytes(void **state)
{
    struct rs_profiles *set = NULL;
    struct rs_diag diag = { 0 };

    (void)state;
    assert_false(rs_profiles_parse(RS_STR("[a]\nk=v\0w\n"), CREDS, "x", &set, NULL, &diag));
    rs_diag_clear(&diag);
}

/* On the same property the credentials file wins, in whichever order they are read. */
static void merging(void **state)
{
    static const char config[] = "[profile a]\nx=config\ny=config\n[profile c]\n[default]\nx=d";
    static const char creds[] = "[a]\nX=creds\nz=creds\n[b]\n";

    (void)state;
    for (int order = 0; order < 2; order++) {
        struct rs_profiles *set = NULL;
        struct rs_diag diag = { 0 };
        const struct rs_profile *a;

        for (int k = 0; k < 2; k++)
            assert_true((k == order)
                            ? rs_profiles_parse(rs_str_of(config), CONFIG, "c", &set, NULL, &diag)
                            : rs_profiles_parse(rs_str_of(creds), CREDS, "s", &set, NULL, &diag));
        a = rs_profiles_find(set, "a");
        assert_string_equal(rs_secret_reveal(rs_profile_get(a, "x")), "creds");
        assert_string_equal(rs_secret_reveal(rs_profile_get(a, "y")), "config");
        assert_string_equal(rs_secret_reveal(rs_profile_get(a, "z")), "creds");
        assert_non_null(rs_profiles_find(set, "b"));
        assert_non_null(rs_profiles_find(set, "c"));
        assert_null(rs_profiles_need(set, "nobody", &diag));
        assert_int_equal(rs_diag_state(&diag), RS_28000);
        assert_string_equal(rs_diag_first(&diag),
                            "AWS profile \"nobody\" not found in \"c\" or \"s\"");
        rs_diag_clear(&diag);
        rs_profiles_free(set);
    }
}

static void choosing(void **state)
{
    static const struct {
        const char *given, *profile, *dflt, *want;
    } cases[] = {
        { "x", "a", "b", "x" }, { NULL, "a", "b", "a" },     { "", "a", "", "a" },
        { NULL, "", "b", "b" }, { NULL, "", "", "default" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const char *const env[][2] = { { "AWS_PROFILE", cases[i].profile },
                                       { "AWS_DEFAULT_PROFILE", cases[i].dflt },
                                       { NULL, NULL } };
        struct fake_world fake;

        fake_world_init(&fake, NULL, 0);
        fake.env = env;
        assert_string_equal(rs_profiles_choose(cases[i].given, &fake.world), cases[i].want);
    }
}

/* ---- files ---- */

static char home[] = "/tmp/rs_home_XXXXXX";

static void write_file(const char *name, const char *text, unsigned mode)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", home, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static int make_home(void **state)
{
    char path[256];

    (void)state;
    assert_non_null(mkdtemp(home));
    snprintf(path, sizeof path, "%s/.aws", home);
    assert_int_equal(mkdir(path, 0700), 0);
    return 0;
}

static int remove_home(void **state)
{
    static const char *const names[] = { ".aws/config", ".aws/credentials", "other", ".aws", "" };
    char path[256];

    (void)state;
    for (size_t i = 0; i < RS_COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", home, names[i]);
        if (i < 3)
            unlink(path);
        else
            rmdir(path);
    }
    return 0;
}

static void places(void **state)
{
    const char *const usual[][2] = { { "HOME", home }, { NULL, NULL } };
    const char *const tilde[][2] = { { "HOME", home },
                                     { "AWS_CONFIG_FILE", "~/other" },
                                     { "AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/x" },
                                     { NULL, NULL } };
    struct rs_profiles *set = NULL;
    struct rs_diag diag = { 0 };
    struct fake_world fake;

    (void)state;
    write_file(".aws/config", "[profile a]\nx=usual\n", 0600);
    write_file(".aws/credentials", "[b]\nx=usual\n", 0622);
    write_file("other", "[profile a]\nx=tilde\n", 0600);
    fake_world_init(&fake, NULL, 0);
    fake.env = usual;
    assert_true(rs_profiles_load(&fake.world, &set, NULL, &diag));
    assert_string_equal(rs_secret_reveal(rs_profile_get(rs_profiles_find(set, "a"), "x")), "usual");
    assert_non_null(rs_profiles_find(set, "b"));
    rs_profiles_free(set);
    set = NULL;
    fake.env = tilde;
    assert_true(rs_profiles_load(&fake.world, &set, NULL, &diag));
    assert_string_equal(rs_secret_reveal(rs_profile_get(rs_profiles_find(set, "a"), "x")), "tilde");
    assert_null(rs_profiles_find(set, "b"));
    rs_profiles_free(set);
}

static void unreadable(void **state)
{
    const char *const env[][2] = { { "HOME", home }, { "AWS_CONFIG_FILE", home }, { NULL, NULL } };
    struct rs_profiles *set = NULL;
    struct rs_diag diag = { 0 };
    struct fake_world fake;

    (void)state;
    fake_world_init(&fake, NULL, 0);
    fake.env = env;
    assert_false(rs_profiles_load(&fake.world, &set, NULL, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    assert_int_equal(diag.n_error, 1);
    rs_diag_clear(&diag);
}

static bool load_once(void *ctx)
{
    struct rs_profiles *set = NULL;
    struct rs_creds creds = { 0 };
    struct rs_diag diag = { 0 };
    const struct rs_profile *profile;
    bool ok = rs_profiles_load(ctx, &set, NULL, &diag);

    if (ok) {
        profile = rs_profiles_need(set, "a", &diag);
        ok = profile != NULL && rs_creds_from_profile(profile, &creds, &diag);
    }
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_creds_clear(&creds);
    rs_profiles_free(set);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    const char *const env[][2] = { { "HOME", home }, { NULL, NULL } };
    struct fake_world fake;

    (void)state;
    write_file(".aws/config", "[profile a]\nregion=r\nx=y\n more\n[profile b]\nc=d\n", 0600);
    write_file(".aws/credentials",
               "[a]\naws_access_key_id=A\naws_secret_access_key=S\naws_session_token=T\n", 0600);
    fake_world_init(&fake, NULL, 0);
    fake.env = env;
    rs_test_oom(load_once, &fake.world);
}

/* ---- what a profile gives ---- */

static void credentials(void **state)
{
    static const struct {
        const char *text, *token; /* token NULL: fails */
        enum rs_state want;
        const char *says;
    } cases[] = {
        { "aws_access_key_id= A \naws_secret_access_key=S", "", RS_00000, "" },
        { "aws_access_key_id=A\naws_secret_access_key=S\nsession_token=3", "3", RS_00000, "" },
        { "aws_access_key_id=A\naws_secret_access_key=S\nsession_token=3\naws_security_token=2",
          "2", RS_00000, "" },
        { "aws_access_key_id=A\naws_secret_access_key=S\naws_security_token=2\naws_session_token=1",
          "1", RS_00000, "" },
        { "aws_access_key_id=A\naws_secret_access_key=S\nmfa_serial=m", "", RS_00000, "" },
        { "aws_access_key_id=A\naws_secret_access_key=S\ncredential_process=p", "", RS_00000, "" },
        { "aws_access_key_id=A\naws_secret_access_key=S\nsource_profile=p", "", RS_00000, "" },
        { "aws_access_key_id=A", NULL, RS_28000, "aws_secret_access_key" },
        { "aws_secret_access_key=CANARY", NULL, RS_28000, "aws_access_key_id" },
        { "aws_access_key_id=\naws_secret_access_key=CANARY", NULL, RS_28000, "aws_access_key_id" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf text = RS_BUF_INIT(4096);
        struct rs_profiles *set = NULL;
        struct rs_creds creds = { 0 };
        struct rs_diag diag = { 0 };
        bool ok;

        rs_buf_addf(&text, "[p]\n%s\n", cases[i].text);
        assert_true(rs_profiles_parse(rs_buf_str(&text), CREDS, "x", &set, NULL, &diag));
        ok = rs_creds_from_profile(rs_profiles_find(set, "p"), &creds, &diag);
        if (ok != (cases[i].token != NULL))
            fail_msg("%s: %s", cases[i].text, rs_diag_first(&diag));
        if (ok) {
            assert_string_equal(creds.access_key_id, "A");
            assert_string_equal(rs_secret_reveal(&creds.secret_access_key), "S");
            assert_string_equal(rs_secret_reveal(&creds.session_token), cases[i].token);
        } else {
            assert_int_equal(rs_diag_state(&diag), cases[i].want);
            assert_non_null(strstr(rs_diag_first(&diag), cases[i].says));
            assert_null(strstr(rs_diag_first(&diag), "CANARY"));
        }
        rs_creds_clear(&creds);
        rs_profiles_free(set);
        rs_buf_clear(&text);
        rs_diag_clear(&diag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syntax),     cmocka_unit_test(syntax_errors), cmocka_unit_test(nul_bytes),
        cmocka_unit_test(merging),    cmocka_unit_test(choosing),      cmocka_unit_test(places),
        cmocka_unit_test(unreadable), cmocka_unit_test(credentials),   cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, make_home, remove_home);
}
