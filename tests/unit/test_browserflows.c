/* BrowserSAML, BrowserAzureAD and BrowserAzureADOAuth2: what the browser is shown, what it may
 * bring, what is asked for it, and no secret told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "idp/azure.h"
#include "idp/browserazure.h"
#include "idp/browsersaml.h"
#include "idp/codeanswer.h"
#include "idp/pkce.h"
#include "oom.h"
#include "playbrowser.h"
#include "url.h"

#define LOGIN "https://idp.example/sso/aws"

#define ROLE                                                                                       \
    "<saml:Attribute Name=\"https://aws.amazon.com/SAML/Attributes/Role\"><saml:AttributeValue>"   \
    "arn:aws:iam::123456789012:role/R,arn:aws:iam::123456789012:saml-provider/P"                   \
    "</saml:AttributeValue></saml:Attribute>"
#define NAME                                                                                       \
    "<saml:Attribute "                                                                             \
    "Name=\"https://aws.amazon.com/SAML/Attributes/RoleSessionName\"><saml:AttributeValue>"        \
    "bob@example.com</saml:AttributeValue></saml:Attribute>"
#define NS_A "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\""
#define NS_P "xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\""
#define ASSERTION(attributes)                                                                      \
    "<saml:Assertion " NS_A                                                                        \
    "><saml:Subject>CANARY</saml:Subject><saml:AttributeStatement>" attributes                     \
    "</saml:AttributeStatement></saml:Assertion>"
#define RESPONSE(inner)                                                                            \
    "<samlp:Response " NS_P "><samlp:Status><samlp:StatusCode "                                    \
    "Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>" inner                  \
    "</samlp:Response>"

struct bed {
    struct play_browser play;
    struct rs_settings set;
    struct rs_idp_ask ask;
    struct rs_idp_proof proof;
    struct rs_diag diag;
    struct rs_log log;
    struct rs_buf told;
};

static void on_event(void *ctx, enum rs_log_level level, const char *event, struct rs_str text)
{
    struct bed *bed = ctx;

    (void)level;
    rs_buf_addf(&bed->told, "%s: %.*s\n", event, RS_ARG(text));
}

static void read_keys(struct rs_settings *set, const char *keys)
{
    struct rs_str rest = rs_str_of(keys), line;
    struct rs_diag diag = { 0 };
    bool done = false;

    assert_true(rs_settings_init(set, &diag));
    while (rs_str_split(&rest, '\n', &done, &line)) {
        ptrdiff_t eq = rs_str_chr(line, '=');

        if (line.n > 0)
            assert_true(rs_settings_put(set, rs_key_find(rs_str_sub(line, 0, (size_t)eq)),
                                        rs_str_sub(line, (size_t)eq + 1, line.n), RS_LAYER_STRING,
                                        &diag));
    }
}

static void make_bed(struct bed *bed, const char *keys, const struct fake_answer *answer,
                     size_t n_answers, const struct play_step *step, size_t n)
{
    memset(bed, 0, sizeof *bed);
    bed->told = (struct rs_buf)RS_BUF_INIT(1 << 20);
    bed->log = (struct rs_log){ .level = RS_LOG_DEBUG,
                                .listener = on_event,
                                .listener_ctx = bed,
                                .listener_level = RS_LOG_DEBUG };
    play_browser_init(&bed->play, answer, n_answers, step, n);
    read_keys(&bed->set, keys);
    if (bed->set.listen_port == 1)
        bed->set.listen_port = play_browser_free_port();
    bed->ask = (struct rs_idp_ask){
        .set = &bed->set, .world = &bed->play.fake.world, .deadline = RS_FOREVER, .log = &bed->log
    };
}

static bool fetch(struct bed *bed, rs_idp_fetch_fn *fn)
{
    bool ok = fn(&bed->ask, &bed->proof, &bed->diag);

    play_browser_end(&bed->play);
    if (bed->diag.n_error != (ok ? 0 : 1))
        fail_msg("%zu errors: %s", bed->diag.n_error, rs_diag_first(&bed->diag));
    return ok;
}

static void clear_bed(struct bed *bed)
{
    play_browser_end(&bed->play);
    if (bed->told.len > 0)
        assert_null(strstr(bed->told.p, "CANARY"));
    for (size_t i = 0; i < bed->diag.n; i++)
        assert_null(strstr(bed->diag.rec[i].text, "CANARY"));
    rs_secret_clear(&bed->proof.text);
    rs_settings_clear(&bed->set);
    rs_diag_clear(&bed->diag);
    rs_buf_clear(&bed->told);
}

static void expect(const struct bed *bed, enum rs_state state, const char *text)
{
    if (rs_diag_state(&bed->diag) != state || strstr(rs_diag_first(&bed->diag), text) == NULL)
        fail_msg("%s \"%s\" and not \"%s\"", rs_state_text(rs_diag_state(&bed->diag), false),
                 rs_diag_first(&bed->diag), text);
}

static void expect_told(const struct bed *bed, const char *text)
{
    if (strstr(bed->told.p, text) == NULL)
        fail_msg("\"%s\" is not in the log:\n%s", text, bed->told.p);
}

/* ---- BrowserSAML ---- */

#define SAML "login_url=" LOGIN "\nlisten_port=1\n"

static char form[8192], plain[8192];

/* A form with that XML, blanks in its base64 as some providers put them. */
static const char *make_form(const char *xml)
{
    struct rs_buf base64 = RS_BUF_INIT(8192), text = RS_BUF_INIT(8192);

    rs_base64_add(&base64, rs_str_of(xml));
    snprintf(plain, sizeof plain, "%s", base64.p);
    rs_query_add(&text, "SAMLResponse", rs_buf_str(&base64));
    snprintf(form, sizeof form, "%s%%0D%%0A&RelayState=CANARY", text.p);
    rs_buf_clear(&base64);
    rs_buf_clear(&text);
    return form;
}

static void test_saml(void **state)
{
    static const struct {
        const char *extra, *keys, *told;
    } cases[] = {
        { NULL, SAML, "auth.listener: the browser does not say which page" },
        { "Origin: null\r\n", SAML, "auth.listener: the browser does not say which page" },
        { "Origin: https://idp.example\r\n", SAML, "auth.saml: signed in as bob@example.com\n" },
        { "Origin: https://IDP.example:8443\r\n", SAML, "signed in as bob@example.com\n" },
        { "Origin: https://other.example\r\n", SAML "idp_trusted_hosts=x.example, other.example\n",
          "signed in as bob@example.com\n" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const struct play_step steps[] = { { .body = make_form(RESPONSE(ASSERTION(ROLE NAME))),
                                             .extra = cases[i].extra,
                                             .wants = "HTTP/1.1 200 OK" } };
        struct bed bed;

        make_bed(&bed, cases[i].keys, NULL, 0, steps, 1);
        bed.play.port = bed.set.listen_port;
        if (!fetch(&bed, rs_idp_browser_saml))
            fail_msg("case %zu: %s", i, rs_diag_first(&bed.diag));
        assert_string_equal(bed.play.url, LOGIN);
        assert_string_equal(rs_secret_reveal(&bed.proof.text), plain);
        expect_told(&bed, cases[i].told);
        clear_bed(&bed);
    }
}

/* What is not a response with a role is refused, and told when nothing better comes. */
static void test_saml_refused(void **state)
{
    static const struct {
        const char *xml, *extra;
        const char *status, *text;
    } cases[] = {
        { RESPONSE(ASSERTION(NAME)), NULL, "HTTP/1.1 400 ",
          "400 Bad Request: no AWS role in the SAML assertion" },
        { "<a/>", NULL, "HTTP/1.1 400 ", "400 Bad Request: " },
        { "<!DOCTYPE a [<!ENTITY b 'c'>]>" RESPONSE(ASSERTION(ROLE)), NULL, "HTTP/1.1 400 ",
          "400 Bad Request: " },
        { "<samlp:Response " NS_P "><samlp:Status><samlp:StatusCode "
          "Value=\"urn:oasis:names:tc:SAML:2.0:status:Responder\"><samlp:StatusCode "
          "Value=\"urn:oasis:names:tc:SAML:2.0:status:AuthnFailed\"/></samlp:StatusCode>"
          "</samlp:Status></samlp:Response>",
          NULL, "HTTP/1.1 400 ", "AuthnFailed" },
        { RESPONSE(ASSERTION(ROLE)), "Origin: https://evil.example\r\n", "HTTP/1.1 403 ",
          "403 Forbidden: it came from a page of evil.example, which is neither the host of "
          "login_url nor in idp_trusted_hosts" },
        { RESPONSE(ASSERTION(ROLE)), "Origin: http://idp.example\r\n", "HTTP/1.1 403 ",
          "403 Forbidden: it came from a page of idp.example" },
        { RESPONSE(ASSERTION(ROLE)), "Origin: https://idp.example.evil.example\r\n",
          "HTTP/1.1 403 ", "a page of idp.example.evil.example" },
        { RESPONSE(ASSERTION(ROLE)), "Origin: CANARY CANARY\r\n", "HTTP/1.1 403 ",
          "403 Forbidden: where it came from is not readable" },
        { NULL, NULL, "HTTP/1.1 400 ", "400 Bad Request: it has no SAMLResponse" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        const struct play_step steps[] = { { .body = cases[i].xml == NULL ? "x=CANARY"
                                                                          : make_form(cases[i].xml),
                                             .extra = cases[i].extra,
                                             .wants = cases[i].status } };
        struct bed bed;

        make_bed(&bed, SAML, NULL, 0, steps, 1);
        bed.play.port = bed.set.listen_port;
        bed.set.idp_response_timeout = 1;
        assert_false(fetch(&bed, rs_idp_browser_saml));
        expect(&bed, RS_HYT00,
               "no SAML response arrived within 1 seconds; the last request that came was "
               "refused with HTTP ");
        expect(&bed, RS_HYT00, cases[i].text);
        clear_bed(&bed);
    }
}

static void test_saml_settings(void **state)
{
    static const char *const none[][2] = { { NULL, NULL } };
    struct bed bed;

    (void)state;
    make_bed(&bed, "login_url=" LOGIN "\nlisten_port=0\n", NULL, 0, NULL, 0);
    assert_false(fetch(&bed, rs_idp_browser_saml));
    expect(&bed, RS_HY000, "listen_port must be between 1 and 65535");
    clear_bed(&bed);

    make_bed(&bed, "login_url=https://idp.example/a b\nlisten_port=1\n", NULL, 0, NULL, 0);
    assert_false(fetch(&bed, rs_idp_browser_saml));
    expect(&bed, RS_HY000, "login_url must be an https URL");
    clear_bed(&bed);

    /* the page to open elsewhere is told */
    make_bed(&bed, SAML, NULL, 0, NULL, 0);
    bed.play.fake.env = none;
    bed.ask.log = NULL;
    assert_false(fetch(&bed, rs_idp_browser_saml));
    expect(&bed, RS_HY000,
           "could not open a browser: there is no display; to sign in from another");
    expect(&bed, RS_HY000, "like " LOGIN);
    clear_bed(&bed);
}

/* ---- Azure ---- */

#define AZURE "idp_tenant=example.com\nclient_id=APP\n"
#define GOOD                                                                                       \
    {                                                                                              \
        .body = "code=CANARYcode%2B&state={state}&session_state=s", .wants = "HTTP/1.1 200 OK"     \
    }

/* The challenge that went out is that of the verifier that was sent. */
static void check_pkce(const struct bed *bed)
{
    const char *verifier = strstr(bed->play.fake.body[0], "&code_verifier=");
    const char *challenge = strstr(bed->play.url, "&code_challenge=");
    struct rs_diag diag = { 0 };
    char wanted[48];

    assert_non_null(verifier);
    assert_non_null(challenge);
    verifier += 15;
    assert_int_equal(strlen(verifier), 43);
    assert_true(rs_pkce_challenge(rs_str_of(verifier), wanted, &diag));
    assert_memory_equal(challenge + 16, wanted, strlen(wanted));
    assert_ptr_equal(strstr(challenge, "&code_challenge_method=S256"),
                     challenge + 16 + strlen(wanted));
}

static void test_azure(void **state)
{
    static const struct play_step steps[] = {
        { .body = "code=CANARY&state=wrong", .wants = "HTTP/1.1 400 " },
        { .body = "code=CANARY", .wants = "HTTP/1.1 400 " },
        { .body = "error=access_denied&state=wrong", .wants = "HTTP/1.1 400 " },
        { .body = "code=&state={state}", .wants = "HTTP/1.1 400 " },
        GOOD,
    };
    struct rs_buf token = RS_BUF_INIT(8192), answer = RS_BUF_INIT(8192), want = RS_BUF_INIT(8192);
    struct fake_answer answers[] = { { .status = 200 } };
    struct bed bed;
    char wanted[512];

    (void)state;
    rs_base64_add(&token, rs_str_of(ASSERTION(ROLE NAME)));
    while (token.p[token.len - 1] == '=')
        rs_buf_truncate(&token, token.len - 1);
    rs_buf_addf(&answer, "{\"access_token\":\"%s\",\"expires_in\":\"3599\"}", token.p);
    rs_base64_add(&want, rs_str_of(RESPONSE(ASSERTION(ROLE NAME))));
    answers[0].body = answer.p;
    make_bed(&bed, AZURE, answers, 1, steps, RS_COUNT(steps));
    if (!fetch(&bed, rs_idp_browser_azure))
        fail_msg("%s", rs_diag_first(&bed.diag));
    assert_string_equal(rs_secret_reveal(&bed.proof.text), want.p);
    snprintf(wanted, sizeof wanted,
             "https://login.microsoftonline.com/example.com/oauth2/authorize?scope=openid&"
             "response_type=code&response_mode=form_post&client_id=APP&redirect_uri=http%%3A%%2F%%"
             "2Flocalhost%%3A%d%%2Fredshift%%2F&state=%s&code_challenge=",
             bed.play.port, bed.play.state);
    assert_ptr_equal(strstr(bed.play.url, wanted), bed.play.url);
    assert_int_equal(strlen(bed.play.state), 43);
    assert_string_equal(bed.play.fake.url[0],
                        "https://login.microsoftonline.com/example.com/oauth2/token");
    snprintf(wanted, sizeof wanted,
             "code=CANARYcode%%2B&requested_token_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Atoken-"
             "type%%3Asaml2&grant_type=authorization_code&scope=openid&resource=APP&client_id=APP&"
             "redirect_uri=http%%3A%%2F%%2Flocalhost%%3A%d%%2Fredshift%%2F&code_verifier=",
             bed.play.port);
    assert_ptr_equal(strstr(bed.play.fake.body[0], wanted), bed.play.fake.body[0]);
    check_pkce(&bed);
    expect_told(&bed, "auth.listener: a request was refused: 400 Bad Request: its state is not "
                      "that of this sign-in\n");
    assert_null(strstr(bed.told.p, bed.play.state));
    clear_bed(&bed);
    rs_buf_clear(&token);
    rs_buf_clear(&answer);
    rs_buf_clear(&want);
}

static void test_oauth2(void **state)
{
    static const struct play_step steps[] = { GOOD };
    static const struct fake_answer answers[] = {
        { .status = 200, .body = "{\"access_token\":\"a.CANARY.c\",\"expires_in\":3599}" }
    };
    struct bed bed;
    char wanted[512];

    (void)state;
    make_bed(&bed, AZURE "scope=api://x/y z\nidp_partition= US-Gov \nprovider_name=p\n", answers, 1,
             steps, 1);
    if (!fetch(&bed, rs_idp_browser_azure_oauth2))
        fail_msg("%s", rs_diag_first(&bed.diag));
    assert_string_equal(rs_secret_reveal(&bed.proof.text), "a.CANARY.c");
    assert_int_equal(bed.proof.expires_at, 1768478400 + 3599);
    assert_ptr_equal(strstr(bed.play.url,
                            "https://login.microsoftonline.us/example.com/oauth2/v2.0/authorize?"
                            "scope=openid%20api%3A%2F%2Fx%2Fy%20z&response_type=code&"),
                     bed.play.url);
    assert_string_equal(bed.play.fake.url[0],
                        "https://login.microsoftonline.us/example.com/oauth2/v2.0/token");
    snprintf(wanted, sizeof wanted,
             "code=CANARYcode%%2B&grant_type=authorization_code&scope=openid%%20api%%3A%%2F%%2Fx%%"
             "2Fy%%20z&client_id=APP&redirect_uri=http%%3A%%2F%%2Flocalhost%%3A%d%%2Fredshift%%2F&"
             "code_verifier=",
             bed.play.port);
    assert_ptr_equal(strstr(bed.play.fake.body[0], wanted), bed.play.fake.body[0]);
    check_pkce(&bed);
    clear_bed(&bed);
}

static void test_azure_refused(void **state)
{
    static const struct {
        const char *keys;
        struct fake_answer answer; /* status 0: none is asked for */
        struct play_step step;
        enum rs_state want;
        const char *text;
    } cases[] = {
        { AZURE,
          { .status = 0 },
          { .body = "error=access_denied&error_description=AADSTS65004%3a+declined%0d%0aTrace+ID%3a"
                    "+CANARY&state={state}",
            .wants = "HTTP/1.1 200 OK" },
          RS_28000,
          "Azure AD: access_denied: AADSTS65004: declined" },
        { AZURE,
          { .status = 400,
            .body = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS70008: The code "
                    "has expired.\\r\\nTrace ID: CANARY\",\"error_codes\":[70008]}" },
          GOOD,
          RS_28000,
          "Azure AD: invalid_grant: AADSTS70008: The code has expired." },
        { AZURE,
          { .status = 400,
            .body = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50076: "
                    "more\",\"error_codes\":[1,50076]}" },
          GOOD,
          RS_28000,
          "; multi-factor sign-in needed; use plugin_name=BrowserAzureAD" },
        { AZURE,
          { .status = 400,
            .body = "{\"error\":\"invalid_grant\",\"error_description\":\"code CANARYcode+ is "
                    "bad\"}" },
          GOOD,
          RS_28000,
          "Azure AD: invalid_grant" },
        { AZURE,
          { .status = 502, .body = "<html>CANARY" },
          GOOD,
          RS_08001,
          "the identity provider answered HTTP 502" },
        { AZURE,
          { .status = 200, .body = "{\"access_token\":7}" },
          GOOD,
          RS_28000,
          "Azure AD answered without a token" },
        { AZURE,
          { .status = 200, .body = "CANARY" },
          GOOD,
          RS_28000,
          "Azure AD answered without a token" },
        { AZURE,
          { .status = 200, .body = "{\"access_token\":\"CANARY!\"}" },
          GOOD,
          RS_28000,
          "Azure AD answered with a token that is no SAML assertion" },
        { "idp_tenant=a/b\nclient_id=APP\n",
          { .status = 0 },
          { .wants = NULL },
          RS_HY000,
          "idp_tenant must be a tenant's name or GUID" },
        { AZURE "idp_partition=moon\n",
          { .status = 0 },
          { .wants = NULL },
          RS_HY000,
          "idp_partition \"moon\" is not known; it is one of commercial, us-gov, cn" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct bed bed;

        make_bed(&bed, cases[i].keys, &cases[i].answer, cases[i].answer.status == 0 ? 0 : 1,
                 &cases[i].step, cases[i].step.wants == NULL ? 0 : 1);
        if (fetch(&bed, rs_idp_browser_azure))
            fail_msg("case %zu", i);
        expect(&bed, cases[i].want, cases[i].text);
        assert_false(rs_secret_is_set(&bed.proof.text));
        clear_bed(&bed);
    }
}

static bool token_once(void *ctx)
{
    static const struct fake_answer answers[] = {
        { .status = 200, .body = "{\"access_token\":\"PGE-PC9hPg\",\"expires_in\":3599}" },
        { .status = 400,
          .body = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS1: x\"}" }
    };
    const struct rs_settings *set = ctx;
    struct rs_secret token = { NULL, 0 }, saml = { NULL, 0 };
    struct rs_idp_visit visit = { .ask = NULL };
    struct rs_diag diag = { 0 };
    struct fake_world fake;
    struct rs_idp_ask ask = { .set = set, .world = &fake.world, .deadline = RS_FOREVER };
    const char *host = NULL;
    int64_t expires_at = 0;
    bool ok;

    fake_world_init(&fake, answers, RS_COUNT(answers));
    ok = rs_azure_host(set, &host, &diag);
    rs_idp_visit_begin(&visit, &ask, host, 443);
    ok = ok &&
         rs_azure_token(&visit, "https://login.microsoftonline.com/t/token",
                        RS_STR("code=CANARYcode"), &token, &expires_at, &diag) &&
         rs_azure_saml((struct rs_str){ rs_secret_reveal(&token), rs_secret_len(&token) }, &saml,
                       &diag);
    if (ok) {
        ok = rs_azure_token(&visit, "https://login.microsoftonline.com/t/token",
                            RS_STR("code=CANARYcode"), &token, &expires_at, &diag);
        assert_false(ok);
        ok = rs_diag_state(&diag) == RS_28000;
    }
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_int_equal(diag.n_error, 1);
    rs_idp_visit_end(&visit);
    rs_secret_clear(&token);
    rs_secret_clear(&saml);
    rs_diag_clear(&diag);
    return ok;
}

/* The answer that the browser brings, without a browser. ctx: its fields behind the state. */
static bool take_once(void *ctx)
{
    struct rs_listener listener = { .what = "answer" };
    struct rs_pkce pkce = { .challenge = "" };
    struct rs_codeanswer answer = { .listener = &listener, .pkce = &pkce, .provider = "P" };
    struct rs_buf fields = RS_BUF_INIT(4096);
    struct rs_incoming request = { .status = 0 };
    struct rs_diag diag = { 0 };
    enum rs_verdict verdict = RS_VERDICT_FAILED;
    bool ok = rs_pkce_make(32, &pkce, &diag);

    if (ok) {
        rs_buf_addf(&fields, "state=%s&%s", rs_secret_reveal(&pkce.state), (const char *)ctx);
        ok = rs_buf_ok(&fields, &diag);
    }
    if (ok) {
        request.fields = rs_buf_str(&fields);
        verdict = rs_codeanswer_take(&answer, &request, &diag);
        ok = verdict == RS_VERDICT_TAKEN || rs_diag_state(&diag) == RS_28000;
        assert_int_equal(rs_secret_is_set(&answer.code), verdict == RS_VERDICT_TAKEN);
        /* Never one more reason to wait. */
        assert_int_not_equal(verdict, RS_VERDICT_BAD);
    }
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_secret_clear(&answer.code);
    rs_pkce_clear(&pkce);
    rs_buf_clear(&fields);
    rs_diag_clear(&diag);
    return ok;
}

static void test_memory(void **state)
{
    static char code[] = "code=CANARY", error[] = "error=access_denied&error_description=a+b";
    struct rs_settings set = { 0 };

    (void)state;
    rs_test_oom(take_once, code);
    rs_test_oom(take_once, error);
    read_keys(&set, AZURE);
    rs_test_oom(token_once, &set);
    rs_settings_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saml),          cmocka_unit_test(test_saml_refused),
        cmocka_unit_test(test_saml_settings), cmocka_unit_test(test_azure),
        cmocka_unit_test(test_oauth2),        cmocka_unit_test(test_azure_refused),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
