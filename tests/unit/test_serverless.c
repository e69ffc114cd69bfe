/* The Serverless calls: bodies as sent, answers as read, answers that must not be believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "auth/aws_error.h"
#include "auth/serverless.h"
#include "oom.h"
#include "os.h"

static void bodies(void **state)
{
    static const struct {
        struct rs_serverless_ask ask;
        const char *want;
    } cases[] = {
        { { .workgroup = "default", .database = "dev", .duration_s = 900 },
          "{\"dbName\":\"dev\",\"durationSeconds\":900,\"workgroupName\":\"default\"}" },
        { { .workgroup = "w", .custom_domain = "d.e" }, "{\"workgroupName\":\"w\"}" },
        { { .custom_domain = "d.e" }, "{\"customDomainName\":\"d.e\"}" },
        { { .workgroup = "w", .database = "a\"b\\\xC3\xA9" },
          "{\"dbName\":\"a\\\"b\\\\\xC3\xA9\",\"workgroupName\":\"w\"}" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_buf out = RS_BUF_INIT(4096);

        rs_serverless_body(&cases[i].ask, &out);
        assert_string_equal(out.p, cases[i].want);
        rs_buf_clear(&out);
    }
}

#define GROUP(text) "{\"workgroup\":{" text "}}"
#define PLACE(text) GROUP("\"status\":\"AVAILABLE\",\"endpoint\":{" text "}")

static void workgroups(void **state)
{
    static const struct {
        const char *text, *host;
        int port;
        enum rs_state state;
        const char *says;
    } cases[] = {
        { PLACE("\"address\":\"h.example\",\"port\":5439,\"vpcEndpoints\":[]"), "h.example", 5439 },
        { PLACE("\"address\":\"h.example\",\"port\":65535"), "h.example", 65535 },
        { GROUP("\"status\":\"CREATING\""), NULL, 0, RS_08001, "\"CREATING\"" },
        { GROUP("\"endpoint\":null"), NULL, 0, RS_08001, "\"unknown\"" },
        { PLACE("\"address\":\"\",\"port\":1"), NULL, 0, RS_08001, "no endpoint yet" },
        { PLACE("\"address\":\"h\",\"port\":0"), NULL, 0, RS_HY000, "address and port" },
        { PLACE("\"address\":\"h\",\"port\":65536"), NULL, 0, RS_HY000, "address and port" },
        { PLACE("\"address\":\"h\",\"port\":1.5"), NULL, 0, RS_HY000, "address and port" },
        { PLACE("\"address\":\"h\",\"port\":\"1\""), NULL, 0, RS_HY000, "address and port" },
        { PLACE("\"address\":\"h/x@y\",\"port\":1"), NULL, 0, RS_HY000, "address and port" },
        { "{\"workgroup\":[]}", NULL, 0, RS_HY000, "no workgroup" },
        { "{}", NULL, 0, RS_HY000, "no workgroup" },
        { "<html>", NULL, 0, RS_HY000, "not JSON" },
        { "", NULL, 0, RS_HY000, "empty" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_diag diag = { 0 };
        char *host = NULL;
        int32_t port = 0;
        bool ok = rs_serverless_read_workgroup(rs_str_of(cases[i].text), "w", &host, &port, &diag);

        assert_int_equal(ok, cases[i].host != NULL);
        if (ok) {
            assert_string_equal(host, cases[i].host);
            assert_int_equal(port, cases[i].port);
        } else if (rs_diag_state(&diag) != cases[i].state ||
                   strstr(rs_diag_first(&diag), cases[i].says) == NULL) {
            fail_msg("%s: %s", cases[i].text, rs_diag_first(&diag));
        }
        rs_free(host);
        rs_diag_clear(&diag);
    }
}

static void passwords(void **state)
{
    static const struct {
        const char *text;
        int64_t expires_at;
        const char *says; /* NULL: good */
    } cases[] = {
        { "{\"dbPassword\":\"CANARY;{}\\u00e9\",\"dbUser\":\"IAMR:R\",\"expiration\":1768479300.9}",
          1768479300, NULL },
        { "{\"dbPassword\":\"CANARY;{}\\u00e9\",\"dbUser\":\"IAMR:R\",\"expiration\":1768479300}",
          1768479300, NULL },
        { "{\"dbPassword\":\"CANARY\",\"expiration\":1768479300}", 0, "no user or no password" },
        { "{\"dbUser\":\"u\",\"expiration\":1768479300}", 0, "no user or no password" },
        { "{\"dbPassword\":\"\",\"dbUser\":\"u\",\"expiration\":1}", 0, "no user or no password" },
        { "{\"dbPassword\":\"CANARY\",\"dbUser\":\"u\"}", 0, "not a time" },
        { "{\"dbPassword\":\"CANARY\",\"dbUser\":\"u\",\"expiration\":\"2026-01-15T12:15:00Z\"}", 0,
          "not a time" },
        { "{\"dbPassword\":\"CANARY\",\"dbUser\":\"u\",\"expiration\":-5}", 0, "not a time" },
        { "{\"dbPassword\":\"CANARY\",\"dbUser\":\"u\",\"expiration\":1e300}", 0, "not a time" },
        { "CANARY", 0, "not JSON" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_redshift_password password = { 0 };
        struct rs_diag diag = { 0 };
        bool ok = rs_serverless_read_password(rs_str_of(cases[i].text), &password, &diag);

        assert_int_equal(ok, cases[i].says == NULL);
        if (ok) {
            assert_string_equal(password.user, "IAMR:R");
            assert_string_equal(rs_secret_reveal(&password.password), "CANARY;{}\xC3\xA9");
            assert_int_equal(password.expires_at, cases[i].expires_at);
        } else {
            assert_int_equal(rs_diag_state(&diag), RS_HY000);
            if (strstr(rs_diag_first(&diag), cases[i].says) == NULL)
                fail_msg("%s: %s", cases[i].text, rs_diag_first(&diag));
            assert_null(strstr(rs_diag_first(&diag), "CANARY"));
        }
        rs_redshift_password_clear(&password);
        rs_diag_clear(&diag);
    }
}

/* aws-api.md 10.2: the header, __type, code; message or Message. */
static void errors(void **state)
{
    static const struct {
        const char *headers, *body, *code, *message;
    } cases[] = {
        { "", "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no w\"}",
          "ResourceNotFoundException", "no w" },
        { "", "{\"__type\":\"com.amazon#coral#ThrottlingException:http://x#y\",\"Message\":\"m\"}",
          "ThrottlingException", "m" },
        { "x-amzn-ErrorType: AccessDeniedException:http://internal\n", "{\"message\":\"m\"}",
          "AccessDeniedException", "m" },
        { "x-amzn-ErrorType: A\n", "{\"__type\":\"B\",\"code\":\"C\"}", "A", "" },
        { "x-amzn-ErrorType: A\n", "", "A", "" },
        { "", "{\"code\":\"C\",\"message\":\"two\\nlines\"}", "C", "two" },
        { "", "{\"code\":7}", "HTTP400", "" },
        { "", "{\"message\":\"nobody's\"}", "HTTP400", "" },
        { "", "<html>", "HTTP400", "" },
        { "", "[]", "HTTP400", "" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_http_reply reply = { .status = 400,
                                       .body = RS_BUF_WIPED(4096),
                                       .headers = RS_BUF_WIPED(4096) };
        struct rs_aws_error error = { .status = 0 };
        struct rs_creds none = { 0 };
        struct rs_diag diag = { 0 };

        rs_buf_adds(&reply.headers, cases[i].headers);
        rs_buf_adds(&reply.body, cases[i].body);
        assert_true(rs_aws_error_read(&reply, &none, &error, &diag));
        assert_string_equal(error.code.p, cases[i].code);
        assert_true(rs_str_eq(rs_buf_str(&error.message), rs_str_of(cases[i].message)));
        rs_aws_error_clear(&error);
        rs_http_reply_clear(&reply);
    }
}

static bool read_once(void *ctx)
{
    struct rs_redshift_password password = { 0 };
    struct rs_diag diag = { 0 };
    char *host = NULL;
    int32_t port;
    bool ok =
        rs_serverless_read_password(
            RS_STR("{\"dbPassword\":\"p\",\"dbUser\":\"u\",\"expiration\":5}"), &password, &diag) &&
        rs_serverless_read_workgroup(RS_STR(PLACE("\"address\":\"h\",\"port\":1")), "w", &host,
                                     &port, &diag);

    (void)ctx;
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_redshift_password_clear(&password);
    rs_free(host);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    (void)state;
    rs_test_oom(read_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies), cmocka_unit_test(workgroups), cmocka_unit_test(passwords),
        cmocka_unit_test(errors), cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
