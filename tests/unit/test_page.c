/* Pages of a sign-in: which form is the one, what a browser would send of it and where, and the
 * response that a page holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idp/page.h"
#include "idp_bed.h"
#include "oom.h"

#define PW "<input type=password name=p>"

/* Opens the page at https://h/a/b?q; false: posted. */
static bool open_page(struct idp_bed *bed, struct rs_idp_visit *visit, struct rs_html **page)
{
    struct rs_idp_step step = { .method = "GET", .url = "https://h/a/b?q" };

    rs_idp_visit_begin(visit, &bed->ask, "h", 443);
    return rs_idp_visit_go(visit, &step, &bed->diag) && rs_idp_page_read(visit, page, &bed->diag);
}

/* Sends the login form as it is. */
static bool send_login(struct idp_bed *bed, bool *found)
{
    struct rs_buf url = RS_BUF_WIPED(1000);
    struct rs_html *page = NULL;
    struct rs_idp_form form = { 0 };
    struct rs_idp_visit visit;
    bool ok = open_page(bed, &visit, &page) && rs_idp_form_login(page, &form, found, &bed->diag);

    ok = ok && (!*found || (rs_idp_form_action(&visit, page, &form, &url, &bed->diag) &&
                            rs_idp_form_send(&visit, &form, url.p, &bed->diag)));
    rs_idp_form_clear(&form);
    rs_html_free(page);
    rs_buf_clear(&url);
    rs_idp_visit_end(&visit);
    return ok;
}

static void controls(void **state)
{
    static const struct {
        const char *page, *body; /* NULL: no login form */
        const char *charset;
    } cases[] = {
        { "<form><input name=a value=1>" PW "</form>", "a=1&p=", NULL },
        { "<FORM><INPUT NAME=a VALUE='1'><INPUT TYPE=PassWord NAME=P></FORM>", "a=1&P=", NULL },
        { "<form>" PW "<input name=t type=hidden value='x&#x2b;&#61;&amp; *-._~'></form>",
          "p=&t=x%2B%3D%26+*-._%7E", NULL },
        /* the first of a name, in any case */
        { "<form>" PW "<input name=a value=1><input name=A value=2></form>", "p=&a=1", NULL },
        { "<form>" PW "<input type=submit name=s value=1><input type=button name=b>"
          "<input type=image name=i><input type=RESET name=r><input type=file name=f>"
          "<button name=n value=1>go</button><input value=nameless><input name='' value=1>"
          "<input name=d value=1 disabled></form>",
          "p=", NULL },
        { "<form>" PW "<input type=checkbox name=a><input type=checkbox name=b checked>"
          "<input type=radio name=c value=1><input type=radio name=c value=2 checked=checked>"
          "<input type=checkbox name=d value='' checked></form>",
          "p=&b=on&c=2&d=", NULL },
        { "<form>" PW "<select name=a><option value=1>x<option value=2 selected>y</select>"
          "<select name=b><option> one two </option><option>z</option></select>"
          "<select name=c></select><textarea name=t>a &lt;b</textarea></form>",
          "p=&a=2&b=one+two&c=&t=a+%3Cb", NULL },
        /* the form with a password, not the first one */
        { "<form action=/s><input name=q><input type=hidden name=u value=1></form>"
          "<form action=/l><input name=u>" PW "</form><form action=/o><input name=m></form>",
          "u=&p=", NULL },
        /* outside any form */
        { "<div><input name=u></div>" PW "<form><input name=q></form>", "u=&p=", NULL },
        { PW PW "<form><input name=q></form>", NULL, NULL },
        /* a comment and a script are none */
        { "<!-- <form>" PW "</form> --><script>'<form>" PW "</form>'</script>", NULL, NULL },
        { "<form><input name=u></form>", NULL, NULL },
        { "", NULL, NULL },
        { "no page at all", NULL, NULL },
        /* nothing closed, in a table */
        { "<table><form><tr><td><input name=u><tr><td>" PW "<tr><td><input name=h type=hidden>",
          "u=&p=&h=", NULL },
        /* the header's encoding counts, else the page's own */
        { "<form>" PW "<input name=a value='\xe4'></form>", "p=&a=%C3%A4", "iso-8859-1" },
        { "<form>" PW "<input name=a value='\xc3\xa4'></form>", "p=&a=%C3%A4", "\"UTF-8\"" },
        { "<head><meta charset=utf-8></head><form>" PW "<input name=a value='\xc3\xa4'></form>",
          "p=&a=%C3%A4", NULL },
        { "<form>" PW "<input name=a value=1></form>", "p=&a=1", "no such/charset" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        char headers[128];
        struct fake_answer answers[] = {
            { .status = 200, .body = cases[i].page, .headers = headers }, { .status = 200 }
        };
        struct idp_bed bed;
        bool found = false;

        print_message("%s\n", cases[i].page);
        snprintf(headers, sizeof headers, "Content-Type: text/html%s%s; x=y\n",
                 cases[i].charset == NULL ? "" : "; Charset=",
                 cases[i].charset == NULL ? "" : cases[i].charset);
        idp_bed_begin(&bed, "", answers, 2);
        assert_true(send_login(&bed, &found));
        assert_int_equal(found, cases[i].body != NULL);
        if (found) {
            assert_string_equal(bed.fake.body[1], cases[i].body);
            assert_string_equal(bed.fake.method[1], "POST");
            assert_true(fake_world_had_header(&bed.fake, 1, "Content-Type",
                                              "application/x-www-form-urlencoded"));
        }
        idp_bed_end(&bed);
    }
}

static void actions(void **state)
{
    static const struct {
        const char *page, *url, *says;
    } cases[] = {
        { "<form>" PW, "https://h/a/b?q", NULL },
        { "<form action=''>" PW, "https://h/a/b?q", NULL },
        { "<form action='c?x=1&amp;y=2#f'>" PW, "https://h/a/c?x=1&y=2", NULL },
        { "<form action='/c'>" PW, "https://h/c", NULL },
        { "<form action='?z'>" PW, "https://h/a/b?z", NULL },
        { "<form action='https&#x3a;//h:443/c'>" PW, "https://h:443/c", NULL },
        { "<base href='/x/y/'><form action='c'>" PW, "https://h/x/y/c", NULL },
        { "<base href='/x/y/'><form>" PW, "https://h/a/b?q", NULL },
        { "<base href='https://evil/'><form action='c'>" PW, NULL,
          "login form posts to another host (evil:443); add it to idp_trusted_hosts" },
        { "<form action='https://t.example/c'>" PW, "https://t.example/c", NULL },
        { "<form action='//evil/CANARYc'>" PW, NULL, "posts to another host (evil:443)" },
        { "<form action='https://h:444/c'>" PW, NULL, "posts to another host (h:444)" },
        { "<form action='http://h/c'>" PW, NULL, "posts to a place that is not https (h)" },
        { "<form action='javascript:x()'>" PW, NULL, "not understood (its action is no address)" },
        { "<form action='https://h@evil/c'>" PW, NULL, "posts to another host (evil:443)" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answers[] = { { .status = 200, .body = cases[i].page },
                                         { .status = 200 } };
        struct idp_bed bed;
        bool found = false;

        print_message("%s\n", cases[i].page);
        idp_bed_begin(&bed, "idp_trusted_hosts=T.example\n", answers, 2);
        assert_int_equal(send_login(&bed, &found), cases[i].url != NULL);
        assert_int_equal(bed.fake.n_asked, cases[i].url != NULL ? 2 : 1);
        if (cases[i].url != NULL)
            assert_string_equal(bed.fake.url[1], cases[i].url);
        else
            idp_bed_says(&bed, RS_28000, cases[i].says);
        idp_bed_end(&bed);
    }
}

static void responses(void **state)
{
    static const struct {
        const char *page, *want; /* NULL: refused; empty: there is none */
    } cases[] = {
        { "<form><input name=SAMLResponse value='QUJD'></form>", "QUJD" },
        { "<input TYPE=hidden VALUE=QUI&#x3d; NAME=SAMLResponse>", "QUI=" },
        { "<input name=SAMLResponse value='\r\n QU\tJD\n'>", "QUJD" },
        { "<input name=SAMLResponse value='QQ'>", "QQ==" },
        { "<input name=samlresponse value=b2xk><input name=SAMLResponse value=bmV3>", "bmV3" },
        { "<input name=samlresponse value=b2xk>", "b2xk" },
        { "<textarea name=SAMLResponse>QUJD</textarea>", "" },
        { "<p>nothing</p>", "" },
        { "<input name=SAMLResponse>", NULL },
        { "<input name=SAMLResponse value=' '>", NULL },
        { "<input name=SAMLResponse value='CANARY-_'>", NULL },
        { "<input name=SAMLResponse value='Q'>", NULL },
        { "<input name=SAMLResponse value='QQ==QQ=='>", NULL },
        { "<input name=SAMLResponse value='Q==='>", NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer = { .status = 200, .body = cases[i].page };
        struct rs_idp_visit visit;
        struct rs_html *page = NULL;
        struct idp_bed bed;

        print_message("%s\n", cases[i].page);
        idp_bed_begin(&bed, "", &answer, 1);
        assert_true(open_page(&bed, &visit, &page));
        assert_int_equal(rs_idp_page_saml(page, &bed.proof.text, &bed.diag), cases[i].want != NULL);
        if (cases[i].want != NULL)
            assert_string_equal(rs_secret_reveal(&bed.proof.text), cases[i].want);
        else
            idp_bed_says(&bed, RS_28000, "no SAML response in the IdP's answer");
        rs_html_free(page);
        rs_idp_visit_end(&visit);
        idp_bed_end(&bed);
    }
}

/* A page of so many times the text. */
static bool read_many(const char *before, const char *text, size_t n, struct idp_bed *bed,
                      struct rs_secret *saml)
{
    struct rs_buf all = RS_BUF_INIT(4 << 20);
    struct rs_html *page = NULL;
    bool ok;

    rs_buf_adds(&all, before);
    for (size_t i = 0; i < n; i++)
        rs_buf_adds(&all, text);
    idp_bed_begin(bed, "", NULL, 0);
    ok = rs_html_parse(rs_buf_str(&all), RS_STR_NULL, &page, &bed->diag) &&
         rs_idp_page_saml(page, saml, &bed->diag);
    rs_html_free(page);
    rs_buf_clear(&all);
    return ok;
}

static void limits(void **state)
{
    struct rs_secret saml = { 0 };
    struct idp_bed bed;

    (void)state;
    assert_true(read_many("", "<p>x</p>", 2 << 17, &bed, &saml));
    idp_bed_end(&bed);
    assert_false(read_many("x", "<p>x</p>", 2 << 17, &bed, &saml));
    idp_bed_says(&bed, RS_HY000, "the page is larger than 2097152 bytes");
    idp_bed_end(&bed);
    assert_false(read_many("", "<div>", 1000, &bed, &saml));
    idp_bed_says(&bed, RS_HY000, "the page is nested too deeply");
    idp_bed_end(&bed);
    assert_true(read_many("<input name=SAMLResponse value=", "QUJD", 25000, &bed, &saml));
    assert_int_equal(rs_secret_len(&saml), 100000);
    idp_bed_end(&bed);
    assert_false(read_many("<input name=SAMLResponse value=QUJD", "QUJD", 25000, &bed, &saml));
    idp_bed_says(&bed, RS_28000, "the SAML response is longer than 100000 characters");
    idp_bed_end(&bed);
    rs_secret_clear(&saml);
}

static void many_fields(void **state)
{
    struct rs_buf all = RS_BUF_INIT(1 << 20);
    struct rs_html *page = NULL;
    struct rs_idp_form form = { 0 };
    struct rs_diag diag = { 0 };
    bool found = false;

    (void)state;
    rs_buf_adds(&all, "<form>" PW);
    for (int i = 0; i < 500; i++)
        rs_buf_addf(&all, "<input name=n%d>", i);
    assert_true(rs_html_parse(rs_buf_str(&all), RS_STR_NULL, &page, &diag));
    assert_false(rs_idp_form_login(page, &form, &found, &diag));
    assert_string_equal(rs_diag_first(&diag), "login form not understood (more than 500 fields)");
    rs_html_free(page);
    rs_buf_clear(&all);
    rs_diag_clear(&diag);
}

static void words(void **state)
{
    static const struct {
        const char *page, *want;
    } cases[] = {
        { "<p id=e> Wrong <b>user</b>\n or\x01 password </p>", "Wrong user or password" },
        { "<p id=e></p>", "" },
        { "<p id=other>x</p>", "" },
        { "<p id=e>You typed CANARY!</p>", "" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer = { .status = 200, .body = cases[i].page };
        struct rs_buf out = RS_BUF_INIT(1000);
        struct rs_idp_visit visit;
        struct rs_html *page = NULL;
        struct idp_bed bed;

        idp_bed_begin(&bed, "PWD=CANARY\n", &answer, 1);
        assert_true(open_page(&bed, &visit, &page));
        rs_idp_page_words(page, "e", &bed.set.pwd, &out);
        assert_string_equal(out.p == NULL ? "" : out.p, cases[i].want);
        rs_buf_clear(&out);
        rs_html_free(page);
        rs_idp_visit_end(&visit);
        idp_bed_end(&bed);
    }
}

static bool sends(void *ctx)
{
    static const struct fake_answer answers[] = {
        { .status = 200,
          .body = "<base href=/x/><form action=y>" PW
                  "<select name=a><option>1</select><textarea name=b>2</textarea></form>" },
        { .status = 200 }
    };
    struct idp_bed *bed = ctx;
    bool found = false, ok;

    fake_world_init(&bed->fake, answers, 2);
    ok = send_login(bed, &found);
    assert_int_equal(rs_diag_state(&bed->diag), ok ? RS_00000 : RS_HY001);
    rs_diag_clear(&bed->diag);
    return ok;
}

static void sweep(void **state)
{
    struct idp_bed bed;

    (void)state;
    idp_bed_begin(&bed, "", NULL, 0);
    rs_test_oom(sends, &bed);
    idp_bed_end(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls), cmocka_unit_test(actions),     cmocka_unit_test(responses),
        cmocka_unit_test(limits),   cmocka_unit_test(many_fields), cmocka_unit_test(words),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
