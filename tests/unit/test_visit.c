/* A sign-in's requests: where they may go, what they carry there, what is said when they fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakeworld.h"
#include "idp/visit.h"
#include "link.h"
#include "oom.h"

#define HOME "https://idp.example.com/start?token=CANARYq"

struct bed {
    struct fake_world fake;
    struct rs_settings set;
    struct rs_idp_ask ask;
    struct rs_idp_visit visit;
    struct rs_diag diag;
};

static void put(struct bed *bed, enum rs_key_id id, const char *value)
{
    assert_true(rs_settings_put(&bed->set, id, rs_str_of(value), RS_LAYER_STRING, &bed->diag));
}

static void begin(struct bed *bed, const struct fake_answer *answers, size_t n)
{
    memset(bed, 0, sizeof *bed);
    fake_world_init(&bed->fake, answers, n);
    assert_true(rs_settings_init(&bed->set, &bed->diag));
    bed->ask = (struct rs_idp_ask){
        .set = &bed->set, .world = &bed->fake.world, .deadline = RS_FOREVER, .ca_file = "ca"
    };
}

static bool go(struct bed *bed, const char *method, const char *url, const char *body)
{
    struct rs_header type = { RS_STR("Content-Type"), RS_STR("text/plain") };
    struct rs_idp_step step = { .method = method,
                                .url = url,
                                .headers = &type,
                                .n_headers = body == NULL ? 0 : 1,
                                .body = rs_str_of(body) };

    return rs_idp_visit_go(&bed->visit, &step, &bed->diag);
}

static void end(struct bed *bed)
{
    rs_idp_visit_end(&bed->visit);
    rs_settings_clear(&bed->set);
    rs_diag_clear(&bed->diag);
}

static void redirects(void **state)
{
    static const struct {
        const char *location, *trusted;
        int status;
        const char *method, *body; /* of the second request; NULL: there is none */
        const char *url, *says;
    } cases[] = {
        { "/b", NULL, 302, "GET", "", "https://idp.example.com/b", NULL },
        { "b#f", NULL, 301, "GET", "", "https://idp.example.com/b", NULL },
        { "?x=1", NULL, 303, "GET", "", "https://idp.example.com/start?x=1", NULL },
        { "https://IDP.example.com:443/b", NULL, 302, "GET", "", "https://IDP.example.com:443/b",
          NULL },
        { "/b", NULL, 307, "POST", "CANARYpw", "https://idp.example.com/b", NULL },
        { "/b", NULL, 308, "POST", "CANARYpw", "https://idp.example.com/b", NULL },
        { "https://sso.example.com/b", "a.b, SSO.example.com ", 302, "GET", "",
          "https://sso.example.com/b", NULL },
        { "//sso.example.com/b", "sso.example.com", 302, "GET", "", "https://sso.example.com/b",
          NULL },
        { "https://sso.example.com/b", "sso.example.com", 307, NULL, NULL, NULL,
          "to another host as well (sso.example.com)" },
        { "https://evil.example.com/CANARYq", "sso.example.com", 302, NULL, NULL, NULL,
          "IdP redirected to another host (evil.example.com:443); add it to idp_trusted_hosts" },
        { "https://idp.example.com:444/b", NULL, 302, NULL, NULL, NULL,
          "another host (idp.example.com:444)" },
        { "https://idp.example.com@evil.com/", NULL, 302, NULL, NULL, NULL,
          "not https (evil.com)" },
        { "http://idp.example.com/b", NULL, 302, NULL, NULL, NULL, "not https (idp.example.com)" },
        { "http://sso.example.com/b", "sso.example.com", 302, NULL, NULL, NULL, "not https" },
        { "javascript:alert(1)", NULL, 302, NULL, NULL, NULL, "something that is no address" },
        { "file:///etc/passwd", NULL, 302, NULL, NULL, NULL, "something that is no address" },
        { "https://", NULL, 302, NULL, NULL, NULL, "something that is no address" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        char header[256];
        struct fake_answer answers[] = { { .status = cases[i].status, .headers = header },
                                         { .status = 200, .body = "page" } };
        struct bed bed;

        print_message("%s\n", cases[i].location);
        snprintf(header, sizeof header, "Location: %s\n", cases[i].location);
        begin(&bed, answers, 2);
        if (cases[i].trusted != NULL)
            put(&bed, RS_KEY_idp_trusted_hosts, cases[i].trusted);
        rs_idp_visit_begin(&bed.visit, &bed.ask, "idp.example.com", 443);
        assert_int_equal(go(&bed, "POST", HOME, "CANARYpw"), cases[i].method != NULL);
        assert_int_equal(bed.fake.n_asked, cases[i].method != NULL ? 2 : 1);
        if (cases[i].method != NULL) {
            assert_string_equal(bed.fake.method[1], cases[i].method);
            assert_string_equal(bed.fake.body[1], cases[i].body);
            assert_string_equal(bed.fake.url[1], cases[i].url);
            assert_string_equal(bed.visit.url.p, cases[i].url);
            assert_int_equal(strstr(bed.fake.headers[1], "text/plain") != NULL,
                             cases[i].body[0] != '\0');
            assert_ptr_equal(bed.fake.session[1], &bed.visit.session);
            assert_ptr_equal(bed.fake.session[0], &bed.visit.session);
        } else {
            assert_int_equal(rs_diag_state(&bed.diag), RS_08001);
            if (strstr(rs_diag_first(&bed.diag), cases[i].says) == NULL)
                fail_msg("%s", rs_diag_first(&bed.diag));
            assert_null(strstr(rs_diag_first(&bed.diag), "CANARY"));
        }
        end(&bed);
    }
}

static void endless(void **state)
{
    struct fake_answer answers[12];
    struct bed bed;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(answers); i++)
        answers[i] = (struct fake_answer){ .status = 302, .headers = "Location: /again\n" };
    answers[10] = (struct fake_answer){ .status = 200 };
    begin(&bed, answers, RS_COUNT(answers));
    rs_idp_visit_begin(&bed.visit, &bed.ask, "idp.example.com", 443);
    assert_true(go(&bed, "GET", HOME, NULL)); /* ten are followed */
    fake_world_rewind(&bed.fake);
    answers[10] = answers[0];
    assert_false(go(&bed, "GET", HOME, NULL));
    assert_int_equal(bed.fake.n_asked, 11);
    assert_string_equal(rs_diag_first(&bed.diag), "IdP redirected more than 10 times");
    end(&bed);
}

static void failures(void **state)
{
    static const struct {
        enum rs_state fail, state;
        const char *timeout, *says;
    } cases[] = {
        { RS_08001, RS_08001, NULL,
          "cannot reach the identity provider idp.example.com:443: scripted failure" },
        { RS_HYT00, RS_HYT00, NULL, "the identity provider did not answer in 60 s" },
        { RS_HYT00, RS_HYT00, "7", "the identity provider did not answer in 7 s" },
        { RS_HY000, RS_HY000, NULL, "identity provider: scripted failure" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer = { .fail = cases[i].fail };
        struct bed bed;

        begin(&bed, &answer, 1);
        if (cases[i].timeout != NULL)
            put(&bed, RS_KEY_sts_connection_timeout, cases[i].timeout);
        rs_idp_visit_begin(&bed.visit, &bed.ask, "idp.example.com", 443);
        assert_false(go(&bed, "GET", HOME, NULL));
        assert_int_equal(rs_diag_state(&bed.diag), cases[i].state);
        assert_string_equal(rs_diag_first(&bed.diag), cases[i].says);
        end(&bed);
    }
}

static void manners(void **state)
{
    static const struct fake_answer answers[] = { { .status = 404 }, { .status = 200 } };
    struct bed bed;

    (void)state;
    begin(&bed, answers, 2);
    rs_idp_visit_begin(&bed.visit, &bed.ask, "idp.example.com", 443);
    assert_true(go(&bed, "GET", HOME, NULL));
    assert_false(rs_idp_visit_need_ok(&bed.visit, &bed.diag));
    assert_string_equal(rs_diag_first(&bed.diag), "the identity provider answered HTTP 404");
    assert_non_null(strstr(bed.fake.user_agent[0], "Mozilla/5.0 redshift-odbc/"));
    assert_string_equal(bed.fake.ca_file[0], "ca");
    assert_false(bed.fake.is_unchecked[0]);
    assert_int_equal(bed.diag.n_warning, 0);
    bed.visit.user_agent = "other";
    bed.visit.negotiates = true;
    assert_true(go(&bed, "GET", HOME, NULL));
    assert_true(rs_idp_visit_need_ok(&bed.visit, &bed.diag));
    assert_string_equal(bed.fake.user_agent[1], "other");
    assert_true(bed.fake.negotiates[1]);
    end(&bed);

    begin(&bed, answers, 2);
    put(&bed, RS_KEY_ssl_insecure, "1");
    rs_idp_visit_begin(&bed.visit, &bed.ask, "idp.example.com", 443);
    assert_true(go(&bed, "GET", HOME, NULL));
    assert_true(go(&bed, "GET", HOME, NULL));
    assert_true(bed.fake.is_unchecked[1]);
    assert_int_equal(bed.diag.n_warning, 1);
    assert_int_equal(bed.diag.rec[0].state, RS_01000);
    end(&bed);
}

static void hosts(void **state)
{
    static const struct {
        const char *host;
        bool is_good;
    } cases[] = {
        { "adfs.example.com", true }, { "a_b-c", true }, { "127.0.0.1", true },  { "[::1]", true },
        { "[fe80::1.2]", true },      { "", false },     { "https://a", false }, { "a/b", false },
        { "a:443", false },           { "u@a", false },  { "a b", false },       { "[::1", false },
        { "[a.b/c]", false },         { "a..b", false }, { "[]", false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct bed bed;

        begin(&bed, NULL, 0);
        put(&bed, RS_KEY_idp_host, cases[i].host);
        if (rs_idp_host_check(&bed.set, &bed.diag) != cases[i].is_good)
            fail_msg("%s", cases[i].host);
        assert_int_equal(rs_diag_state(&bed.diag), cases[i].is_good ? RS_00000 : RS_HY000);
        end(&bed);
    }
}

/* A page's links, its own base among them. */
static void links(void **state)
{
    static const struct {
        const char *base, *link, *want; /* NULL: no link */
    } cases[] = {
        { "", "", "https://h/a/b?q" },
        { "", "c", "https://h/a/c" },
        { "", "  ../c d?x=y z  ", "https://h/c%20d?x=y+z" },
        { "/x/", "c", "https://h/x/c" },
        { "https://other/y/z", "c", "https://other/y/c" },
        { "mailto:a", "c", "https://h/a/c" },
        { "", "http://h/c", "http://h/c" },
        { "", "mailto:a", NULL },
        { "", "data:text/html,x", NULL },
        { "", "https://a b/", NULL },
        { "", "\\\\evil\\x", NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        static const struct fake_answer answer = { .status = 200 };
        struct rs_buf out = RS_BUF_INIT(1000);
        bool is_link = false;
        struct bed bed;

        print_message("%s %s\n", cases[i].base, cases[i].link);
        begin(&bed, &answer, 1);
        rs_idp_visit_begin(&bed.visit, &bed.ask, "h", 443);
        assert_true(go(&bed, "GET", "https://h/a/b?q", NULL));
        assert_true(rs_idp_visit_resolve(&bed.visit, rs_str_of(cases[i].base),
                                         rs_str_of(cases[i].link), &out, &is_link, &bed.diag));
        assert_int_equal(is_link, cases[i].want != NULL);
        if (cases[i].want != NULL)
            assert_string_equal(out.p, cases[i].want);
        rs_buf_clear(&out);
        end(&bed);
    }
}

static bool follows(void *ctx)
{
    static const struct fake_answer answers[] = { { .status = 302, .headers = "Location: /b\n" },
                                                  { .status = 200, .body = "page" } };
    struct bed *bed = ctx;
    bool ok;

    fake_world_init(&bed->fake, answers, 2);
    rs_idp_visit_begin(&bed->visit, &bed->ask, "idp.example.com", 443);
    ok = go(bed, "POST", HOME, "CANARYpw");
    assert_int_equal(rs_diag_state(&bed->diag), ok ? RS_00000 : RS_HY001);
    rs_idp_visit_end(&bed->visit);
    rs_diag_clear(&bed->diag);
    return ok;
}

static void sweep(void **state)
{
    struct bed bed;

    (void)state;
    begin(&bed, NULL, 0);
    rs_test_oom(follows, &bed);
    end(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redirects), cmocka_unit_test(endless), cmocka_unit_test(failures),
        cmocka_unit_test(manners),   cmocka_unit_test(hosts),   cmocka_unit_test(links),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
