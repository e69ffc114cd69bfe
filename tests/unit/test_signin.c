/* AD FS and PingFederate by their pages: every layout by the same code, what is sent where, and
 * what is said of each page that is not the right one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idp/signin.h"
#include "idp_bed.h"
#include "oom.h"

#define KEYS     "idp_host=idp.example.com\nUID=bob@example.com\nPWD=CANARY&+= \xc3\xa4\n"
#define SENT_UID "bob%40example.com"
#define SENT_PWD "CANARY%26%2B%3D+%C3%A4"
#define ANSWER                                                                                     \
    "<form action=https://signin.aws.amazon.com/saml><input name=SAMLResponse value=QUJD>"

#define ADFS_URL "https://idp.example.com:443/adfs/ls/IdpInitiatedSignOn.aspx"
#define ADFS_FORM                                                                                  \
    "<form action='/adfs/ls/?x=1'><input name=UserName><input name=Password type=password>"        \
    "<input name=AuthMethod type=hidden value=FormsAuthentication></form>"
#define ADFS_BODY "UserName=" SENT_UID "&Password=" SENT_PWD "&AuthMethod=FormsAuthentication"
#define PING_URL  "https://idp.example.com:443/idp/startSSO.ping"
#define PING_FORM                                                                                  \
    "<form action='/idp/x/resumeSAML20/idp/startSSO.ping'><input name=pf.username>"                \
    "<input name=pf.pass type=password><input type=hidden name=pf.ok></form>"
#define PING_ACTION "https://idp.example.com:443/idp/x/resumeSAML20/idp/startSSO.ping"
#define PING_BODY   "pf.username=" SENT_UID "&pf.pass=" SENT_PWD "&pf.ok=clicked"

/* The same two pages and what is sent between them. */
static const struct {
    rs_idp_fetch_fn *fetch;
    const char *page, *url, *body;
} layouts[] = {
    { rs_idp_adfs, ADFS_FORM, "https://idp.example.com:443/adfs/ls/?x=1", ADFS_BODY },
    /* unquoted, upper case */
    { rs_idp_adfs,
      "<HTML><BODY><FORM METHOD=post ACTION=/adfs/ls/&#x3f;x&#x3d;1><INPUT NAME=UserName VALUE=''>"
      "<INPUT NAME=Password TYPE=PASSWORD><INPUT NAME=AuthMethod VALUE=FormsAuthentication></FORM>",
      "https://idp.example.com:443/adfs/ls/?x=1", ADFS_BODY },
    /* no form at all */
    { rs_idp_adfs,
      "<div><input name=UserName type=email><input name=Password type=password>"
      "<input type=hidden name=AuthMethod value=FormsAuthentication></div><script>go()</script>",
      ADFS_URL "?loginToRp=urn%3Aamazon%3Awebservices", ADFS_BODY },
    /* two forms besides */
    { rs_idp_adfs,
      "<form action=/search><input name=q><input name=username value=guest></form>" ADFS_FORM
      "<form id=options action=/o><input type=hidden name=AuthMethod></form>",
      "https://idp.example.com:443/adfs/ls/?x=1", ADFS_BODY },
    /* German; hidden fields after the button; an empty method is left out */
    { rs_idp_adfs,
      "<h1>Anmelden</h1><form action=ls><label>Benutzername</label><input name=ctl00$UsernameBox>"
      "<label>Kennwort</label><input name=ctl00$PasswordBox type=password>"
      "<input type=submit name=go value=Los><input type=hidden name=__State value='a b'>"
      "<input type=hidden name=AuthMethod value=''></form>",
      "https://idp.example.com:443/adfs/ls/ls",
      "ctl00%24UsernameBox=" SENT_UID "&ctl00%24PasswordBox=" SENT_PWD "&__State=a+b" },
    { rs_idp_ping, PING_FORM, PING_ACTION "?skip.simultaneous.authn.req.check=true", PING_BODY },
    { rs_idp_ping,
      "<FORM ACTION=/idp/go&#x3f;a><INPUT ID=username NAME=x><INPUT TYPE=PASSWORD NAME=myPassWord>"
      "<INPUT NAME=y TYPE=hidden VALUE=1></FORM>",
      "https://idp.example.com:443/idp/go?a", "x=" SENT_UID "&myPassWord=" SENT_PWD "&y=1" },
    { rs_idp_ping,
      "<div><input name=pf.username><input name=pf.pass type=password>"
      "<input name=pf.ok type=hidden value=''></div>",
      PING_URL "?PartnerSpId=urn%3Aamazon%3Awebservices&skip.simultaneous.authn.req.check=true",
      PING_BODY },
    { rs_idp_ping,
      "<form action=/s><input name=user></form>" PING_FORM "<form><input name=q></form>",
      PING_ACTION "?skip.simultaneous.authn.req.check=true", PING_BODY },
    { rs_idp_ping,
      "<form action='?b=1'><b>Correo</b><input name=tel><input type=email name=customer_eMail>"
      "<input type=password name=pass><input type=password name=pin><button name=z>Entrar</button>"
      "<input type=hidden name=pf.ok value=yes></form>",
      PING_URL "?b=1&skip.simultaneous.authn.req.check=true",
      "tel=&customer_eMail=" SENT_UID "&pass=" SENT_PWD "&pin=&pf.ok=yes" },
};

static void forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < RS_COUNT(layouts); i++) {
        struct fake_answer answers[] = { { .status = 200, .body = layouts[i].page },
                                         { .status = 200, .body = ANSWER } };
        struct idp_bed bed;

        print_message("%s\n", layouts[i].page);
        idp_bed_begin(&bed, KEYS, answers, 2);
        if (!layouts[i].fetch(&bed.ask, &bed.proof, &bed.diag))
            fail_msg("%s", rs_diag_first(&bed.diag));
        assert_string_equal(rs_secret_reveal(&bed.proof.text), "QUJD");
        assert_int_equal(bed.fake.n_asked, 2);
        assert_string_equal(bed.fake.url[1], layouts[i].url);
        assert_string_equal(bed.fake.body[1], layouts[i].body);
        assert_false(bed.fake.negotiates[0]);
        assert_ptr_equal(bed.fake.session[0], bed.fake.session[1]);
        idp_bed_end(&bed);
    }
}

static void starts(void **state)
{
    static const struct {
        rs_idp_fetch_fn *fetch;
        const char *keys, *url;
    } cases[] = {
        { rs_idp_adfs, "", ADFS_URL "?loginToRp=urn%3Aamazon%3Awebservices" },
        { rs_idp_adfs, "loginToRp=a b&c/%41\nidp_port=8443\n",
          "https://idp.example.com:8443/adfs/ls/IdpInitiatedSignOn.aspx?"
          "loginToRp=a%20b%26c%2F%2541" },
        { rs_idp_ping, "", PING_URL "?PartnerSpId=urn%3Aamazon%3Awebservices" },
        { rs_idp_ping, "partner_spid=a%3Ab#\nidp_port=50000\n",
          "https://idp.example.com:50000/idp/startSSO.ping?PartnerSpId=a%253Ab%23" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        static const struct fake_answer answer = { .status = 200, .body = ANSWER };
        struct idp_bed bed;
        char keys[512];

        snprintf(keys, sizeof keys, "%s%s", KEYS, cases[i].keys);
        idp_bed_begin(&bed, keys, &answer, 1);
        assert_true(cases[i].fetch(&bed.ask, &bed.proof, &bed.diag));
        assert_string_equal(bed.fake.url[0], cases[i].url);
        assert_string_equal(bed.fake.method[0], "GET");
        assert_string_equal(rs_secret_reveal(&bed.proof.text), "QUJD");
        idp_bed_end(&bed);
    }
}

static void ping_in_two_steps(void **state)
{
    static const struct {
        const char *first, *second, *body[2];
    } cases[] = {
        { "<form action=/1><input name=q></form><form action=/1><input name=pf.username>"
          "<input type=hidden name=pf.ok></form>",
          "<form action=/2><input type=hidden name=pf.username value=kept>"
          "<input type=password name=pf.pass></form>",
          { "pf.username=" SENT_UID "&pf.ok=clicked", "pf.username=kept&pf.pass=" SENT_PWD } },
        { "<div><input name=user></div>",
          "<form action=/2><input name=username><input type=password name=pass></form>",
          { "user=" SENT_UID, "username=" SENT_UID "&pass=" SENT_PWD } },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answers[] = { { .status = 200, .body = cases[i].first },
                                         { .status = 200, .body = cases[i].second },
                                         { .status = 200, .body = ANSWER } };
        struct idp_bed bed;

        idp_bed_begin(&bed, KEYS, answers, 3);
        if (!rs_idp_ping(&bed.ask, &bed.proof, &bed.diag))
            fail_msg("%s", rs_diag_first(&bed.diag));
        assert_string_equal(bed.fake.body[1], cases[i].body[0]);
        assert_string_equal(bed.fake.body[2], cases[i].body[1]);
        assert_string_equal(bed.fake.url[2], "https://idp.example.com:443/2");
        idp_bed_end(&bed);
    }
}

/* The first page, or the second when there is one, is not the right one. */
static void wrong_pages(void **state)
{
    static const struct {
        rs_idp_fetch_fn *fetch;
        const char *first, *second;
        enum rs_state state;
        const char *says;
        int status; /* of the last; 0: 200 */
    } cases[] = {
        { rs_idp_adfs, "", NULL, RS_28000,
          "IdpInitiatedSignOn is disabled on this AD FS or idp_host is wrong", 404 },
        { rs_idp_adfs, "", NULL, RS_08001, "the identity provider answered HTTP 503", 503 },
        { rs_idp_adfs, "<form><select name=SigninOptions><option>AWS</select></form>", NULL,
          RS_28000, "relying party not found, check loginToRp", 0 },
        { rs_idp_adfs, "<form><input type=radio name=SignInIdpSite></form>", NULL, RS_28000,
          "relying party not found, check loginToRp", 0 },
        { rs_idp_adfs, "<p>CANARY</p>", NULL, RS_28000, "no login form", 0 },
        { rs_idp_adfs, "<form><input name=Name><input name=Password type=password></form>", NULL,
          RS_28000, "login form not understood (no user name field)", 0 },
        { rs_idp_adfs, "<form><input name=UserName><input name=Pin type=password></form>", NULL,
          RS_28000, "login form not understood (no password field)", 0 },
        { rs_idp_adfs,
          "<form action=https://evil/><input name=UserName>"
          "<input name=Password type=password></form>",
          NULL, RS_28000, "login form posts to another host (evil:443)", 0 },
        { rs_idp_adfs,
          "<form action=http://idp.example.com/><input name=UserName>"
          "<input name=Password type=password></form>",
          NULL, RS_28000, "login form posts to a place that is not https", 0 },
        { rs_idp_adfs, ADFS_FORM, ADFS_FORM, RS_28000, "AD FS rejected the user name or password",
          0 },
        { rs_idp_adfs, ADFS_FORM, "<span id=errorText>Account <b>locked</b>.</span>" ADFS_FORM,
          RS_28000, "AD FS rejected the user name or password: Account locked.", 0 },
        { rs_idp_adfs, ADFS_FORM,
          "<meta charset=utf-8><span id=errorText>CANARY&amp;+=\n\xc3\xa4?</span>" ADFS_FORM,
          RS_28000, "AD FS rejected the user name or password", 0 },
        { rs_idp_adfs, ADFS_FORM, "<form><input name=VerificationCode></form>", RS_28000,
          "AD FS asks for a second factor; use plugin_name=BrowserSAML", 0 },
        { rs_idp_adfs, ADFS_FORM, "<form><input name=SomeOtpField></form>", RS_28000,
          "AD FS asks for a second factor", 0 },
        { rs_idp_adfs, ADFS_FORM, "<div id=mfaGreeting></div>", RS_28000,
          "AD FS asks for a second factor", 0 },
        { rs_idp_adfs, ADFS_FORM, "<p>CANARY", RS_28000, "no SAML response in the IdP's answer",
          0 },
        { rs_idp_adfs, ADFS_FORM, "<input name=SAMLResponse value='CANARY!'>", RS_28000,
          "no SAML response in the IdP's answer", 0 },
        { rs_idp_adfs, ADFS_FORM, "CANARY", RS_08001, "the identity provider answered HTTP 500",
          500 },
        { rs_idp_ping, "", NULL, RS_08001, "the identity provider answered HTTP 404", 404 },
        { rs_idp_ping, "<p>no form", NULL, RS_28000, "no login form", 0 },
        { rs_idp_ping, "<form><input name=id><input name=pass type=password></form>", NULL,
          RS_28000, "login form not understood (no user name field)", 0 },
        { rs_idp_ping, "<form><input name=user><input name=pin type=password></form>", NULL,
          RS_28000, "login form not understood (no password field)", 0 },
        { rs_idp_ping,
          "<form><input name=user><input name=pass type=password>"
          "<input name=newpass type=password></form>",
          NULL, RS_28000, "two password fields on the login page", 0 },
        { rs_idp_ping, PING_FORM, "Didn't work" PING_FORM, RS_28000,
          "PingFederate rejected the user name or password", 0 },
        { rs_idp_ping, PING_FORM, "<p>Page expired", RS_28000,
          "no SAML response in the IdP's answer", 0 },
        { rs_idp_ping, "<form><input name=user></form>", "<form><input name=user></form>", RS_28000,
          "no SAML response in the IdP's answer", 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        int last = cases[i].status == 0 ? 200 : cases[i].status;
        struct fake_answer answers[] = { { .status = cases[i].second == NULL ? last : 200,
                                           .body = cases[i].first },
                                         { .status = last, .body = cases[i].second } };
        struct idp_bed bed;

        print_message("%s | %s\n", cases[i].first, cases[i].second == NULL ? "" : cases[i].second);
        idp_bed_begin(&bed, KEYS, answers, 2);
        assert_false(cases[i].fetch(&bed.ask, &bed.proof, &bed.diag));
        idp_bed_says(&bed, cases[i].state, cases[i].says);
        assert_int_equal(bed.fake.n_asked, cases[i].second == NULL ? 1 : 2);
        assert_false(rs_secret_is_set(&bed.proof.text));
        idp_bed_end(&bed);
    }
}

static void integrated(void **state)
{
    static const struct {
        const char *keys, *page;
        int status;
        const char *says; /* NULL: it works */
    } cases[] = {
        { "", ANSWER, 200, NULL },
        { "UID=bob\n", ANSWER, 200, NULL },
        { "PWD=CANARY\n", ANSWER, 200, NULL },
        { "", "", 401, "integrated authentication failed (no valid Kerberos ticket?)" },
        { "", "", 404, "IdpInitiatedSignOn is disabled on this AD FS or idp_host is wrong" },
        { "", ADFS_FORM, 200,
          "AD FS offered the form instead of integrated authentication (user agent or network" },
        { "", "<select name=SigninOptions></select>", 200, "relying party not found" },
        { "", "<div id=mfaGreeting>", 200, "AD FS asks for a second factor" },
        { "", "<p>", 200, "no SAML response in the IdP's answer" },
    };

    (void)state;
    if (!rs_http_can_negotiate()) {
        struct idp_bed bed;

        idp_bed_begin(&bed, "idp_host=idp.example.com\n", NULL, 0);
        assert_false(rs_idp_adfs(&bed.ask, &bed.proof, &bed.diag));
        idp_bed_says(&bed, RS_28000, "UID and PWD are empty and this build has no integrated");
        idp_bed_end(&bed);
        return;
    }
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct fake_answer answer = { .status = cases[i].status, .body = cases[i].page };
        struct idp_bed bed;
        char keys[256];

        print_message("%s\n", cases[i].page);
        snprintf(keys, sizeof keys, "idp_host=idp.example.com\n%s", cases[i].keys);
        idp_bed_begin(&bed, keys, &answer, 1);
        assert_int_equal(rs_idp_adfs(&bed.ask, &bed.proof, &bed.diag), cases[i].says == NULL);
        assert_true(bed.fake.negotiates[0]);
        assert_string_equal(bed.fake.user_agent[0],
                            "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; WOW64; "
                            "Trident/6.0)");
        if (cases[i].says != NULL)
            idp_bed_says(&bed, RS_28000, cases[i].says);
        idp_bed_end(&bed);
    }
}

static void bad_hosts(void **state)
{
    static rs_idp_fetch_fn *const plugins[] = { rs_idp_adfs, rs_idp_ping };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(plugins); i++) {
        struct idp_bed bed;

        idp_bed_begin(&bed, "idp_host=https://idp.example.com\nUID=u\nPWD=CANARY\n", NULL, 0);
        assert_false(plugins[i](&bed.ask, &bed.proof, &bed.diag));
        idp_bed_says(&bed, RS_HY000, "idp_host must be a host name");
        assert_int_equal(bed.fake.n_asked, 0);
        idp_bed_end(&bed);
    }
}

struct swept {
    struct idp_bed bed;
    rs_idp_fetch_fn *fetch;
    const struct fake_answer *answers;
    size_t n;
};

static bool signs_in(void *ctx)
{
    struct swept *swept = ctx;
    struct idp_bed *bed = &swept->bed;
    bool ok;

    fake_world_init(&bed->fake, swept->answers, swept->n);
    bed->proof = (struct rs_idp_proof){ .idp_type = NULL };
    ok = swept->fetch(&bed->ask, &bed->proof, &bed->diag);
    assert_int_equal(rs_diag_state(&bed->diag), ok ? RS_00000 : RS_HY001);
    rs_secret_clear(&bed->proof.text);
    rs_diag_clear(&bed->diag);
    return ok;
}

static void sweep(void **state)
{
    static const struct fake_answer adfs[] = { { .status = 200, .body = ADFS_FORM },
                                               { .status = 200, .body = ANSWER } };
    static const struct fake_answer ping[] = { { .status = 200, .body = "<input name=user>" },
                                               { .status = 200, .body = PING_FORM },
                                               { .status = 200, .body = ANSWER } };
    static struct swept cases[] = { { .fetch = rs_idp_adfs, .answers = adfs, .n = 2 },
                                    { .fetch = rs_idp_ping, .answers = ping, .n = 3 } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        idp_bed_begin(&cases[i].bed, KEYS, NULL, 0);
        rs_test_oom(signs_in, &cases[i]);
        idp_bed_end(&cases[i].bed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(starts),
        cmocka_unit_test(ping_in_two_steps),
        cmocka_unit_test(wrong_pages),
        cmocka_unit_test(integrated),
        cmocka_unit_test(bad_hosts),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
