/* The payload of a JSON web token: whom it names, when it ends, and what is none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto.h"
#include "idp/jwt.h"
#include "oom.h"
#include "os.h"

static struct rs_diag diag;

/* The payload in a token; every length modulo three occurs among the cases. */
static bool read_payload(const char *payload, struct rs_jwt *out)
{
    struct rs_buf token = RS_BUF_INIT(65536);
    bool ok;

    rs_buf_adds(&token, "e30.");
    rs_base64_add(&token, rs_str_of(payload));
    for (size_t i = 0; i < token.len; i++)
        token.p[i] = (char)(token.p[i] == '+' ? '-' : token.p[i] == '/' ? '_' : token.p[i]);
    while (token.p[token.len - 1] == '=')
        rs_buf_truncate(&token, token.len - 1);
    rs_buf_adds(&token, ".c2ln");
    assert_false(token.bad);
    ok = rs_jwt_read(rs_buf_str(&token), out, &diag);
    rs_buf_clear(&token);
    return ok;
}

static void claims(void **state)
{
    static const struct {
        const char *payload, *user;
        int64_t expires_at;
    } cases[] = {
        { "{}", NULL, 0 },
        { "{\"DbUser\":\"d\",\"upn\":\"u\",\"email\":\"e\"}", "d", 0 },
        { "{\"email\":\"e\",\"preferred_username\":\"p\",\"upn\":\"u\"}", "u", 0 },
        { "{\"email\":\"e\",\"preferred_username\":\"p\"}", "p", 0 },
        { "{\"email\":\"e\"}", "e", 0 },
        { "{\"DbUser\":\"\",\"upn\":7,\"preferred_username\":null,\"email\":\"e\"}", "e", 0 },
        { "{\"dbuser\":\"d\"}", NULL, 0 },
        { "{\"sub\":\"s\",\"exp\":1768478400}", NULL, 1768478400 },
        { "{\"exp\":1768478400.75}", NULL, 1768478400 },
        { "{\"exp\":\"1768478400\"}", NULL, 0 },
        { "{\"upn\":\"\xC3\xBF\xC3\xBE~~~???\"}", "\xC3\xBF\xC3\xBE~~~???", 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_jwt jwt = { .expires_at = 0 };

        if (!read_payload(cases[i].payload, &jwt))
            fail_msg("%s: %s", cases[i].payload, rs_diag_first(&diag));
        if (cases[i].user == NULL)
            assert_null(jwt.claims.db_user);
        else
            assert_string_equal(jwt.claims.db_user, cases[i].user);
        assert_int_equal(jwt.expires_at, cases[i].expires_at);
        rs_jwt_clear(&jwt);
    }
}

static void expect_none(struct rs_str text)
{
    struct rs_jwt jwt = { .expires_at = 0 };

    if (rs_jwt_read(text, &jwt, &diag))
        fail_msg("%.*s was taken", RS_ARG(rs_str_sub(text, 0, 40)));
    assert_int_equal(diag.n_error, 1);
    assert_int_equal(rs_diag_state(&diag), RS_28000);
    assert_true(rs_str_starts_nocase(rs_str_of(rs_diag_first(&diag)), RS_STR("invalid JWT: ")));
    assert_null(strstr(rs_diag_first(&diag), "CANARY"));
    rs_diag_clear(&diag);
}

static void refusals(void **state)
{
    static const char *const cases[] = {
        "",
        ".",
        "..",
        "e30",
        "e30.e30",
        "e30..e30",
        ".e30.e30",
        "e30.e30.",
        "e30.e30.e30.",
        "e30.e30.e30.e30",
        "e30.e3.e30",
        "e30.e30=.e30",
        "e30.W10.e30",
        "e30.e30.a",
        "e30.e 0.e30",
        "e30.CANARY.e30",
        "e+0.e30.e30",
        "e30.e30.e/0",
    };
    struct rs_buf text = RS_BUF_INIT(65536);

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        expect_none(rs_str_of(cases[i]));
    rs_buf_adds(&text, "e30.e30.");
    while (text.len <= RS_JWT_MAX_CHARS)
        rs_buf_addc(&text, 'A');
    expect_none(rs_buf_str(&text));
    rs_buf_clear(&text);
}

static bool a_user(void *ctx)
{
    struct rs_jwt jwt = { .expires_at = 0 };
    bool ok = rs_jwt_read(RS_STR("e30.eyJ1cG4iOiJqd3RAeCJ9.c2ln"), &jwt, &diag);

    (void)ctx;
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_jwt_clear(&jwt);
    rs_diag_clear(&diag);
    return ok;
}

static void without_memory(void **state)
{
    (void)state;
    rs_test_oom(a_user, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims),
        cmocka_unit_test(refusals),
        cmocka_unit_test(without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
