/*
 * AD FS and PingFederate over real HTTPS, against the identity provider's stand-in: cookies,
 * redirects and certificates as they are on the wire, every layout and every way to misbehave. It
 * lets nobody in who did not send the password, so each success shows that it was sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idp/saml.h"
#include "idp/signin.h"

struct run {
    struct rs_settings set;
    struct rs_idp_proof proof;
    struct rs_diag diag;
    bool ok;
};

static void put(struct run *run, enum rs_key_id id, const char *value)
{
    if (value != NULL)
        assert_true(rs_settings_put(&run->set, id, rs_str_of(value), RS_LAYER_STRING, &run->diag));
}

static void begin(struct run *run, const char *port, const char *way, const char *user)
{
    char party[128];

    memset(run, 0, sizeof *run);
    snprintf(party, sizeof party, "urn:amazon:webservices%s%s", way == NULL ? "" : ":",
             way == NULL ? "" : way);
    assert_true(rs_settings_init(&run->set, &run->diag));
    put(run, RS_KEY_idp_host, getenv("RS_IDP_HOST"));
    put(run, RS_KEY_idp_port, getenv(port));
    put(run, RS_KEY_login_to_rp, party);
    put(run, RS_KEY_partner_spid, party);
    put(run, RS_KEY_uid, user);
    put(run, RS_KEY_pwd, getenv("RS_IDP_PASSWORD"));
}

static void sign_in(struct run *run, rs_idp_fetch_fn *fetch)
{
    struct rs_idp_ask ask = { .set = &run->set,
                              .world = &rs_world_real,
                              .deadline = rs_deadline_in(120000),
                              .ca_file = getenv("RS_CA_FILE") };

    run->ok = fetch(&ask, &run->proof, &run->diag);
    for (size_t i = 0; i < run->diag.n; i++)
        assert_null(strstr(run->diag.rec[i].text, "s3cret"));
}

static void end(struct run *run)
{
    rs_secret_clear(&run->proof.text);
    rs_settings_clear(&run->set);
    rs_diag_clear(&run->diag);
}

static void expect_role(struct run *run)
{
    struct rs_saml saml = { 0 };
    const char *text = rs_secret_reveal(&run->proof.text);

    assert_true(rs_saml_read(rs_str_of(text), &saml, &run->diag));
    assert_true(saml.n_roles > 0);
    rs_saml_clear(&saml);
}

static void expect_failure(const struct run *run, enum rs_state state, const char *says)
{
    assert_false(run->ok);
    assert_int_equal(run->diag.n_error, 1);
    if (rs_diag_state(&run->diag) != state || strstr(rs_diag_first(&run->diag), says) == NULL)
        fail_msg("%s %s", rs_state_text(rs_diag_state(&run->diag), false),
                 rs_diag_first(&run->diag));
    assert_null(strstr(rs_diag_first(&run->diag), "canary"));
}

static void layouts(void **state)
{
    static const char *const ways[] = { NULL,   "unquoted", "noform", "twoforms", "german",
                                        "late", "base",     "xhtml",  "table",    "redirect-ten" };
    static rs_idp_fetch_fn *const plugins[] = { rs_idp_adfs, rs_idp_ping };

    (void)state;
    for (size_t i = 0; i < 2 * RS_COUNT(ways); i++) {
        struct run run;

        if (i == 2 * RS_COUNT(ways) - 1)
            continue; /* a way of AD FS alone */
        print_message("%s %s\n", i % 2 == 0 ? "ADFS" : "Ping",
                      ways[i / 2] == NULL ? "plain" : ways[i / 2]);
        begin(&run, "RS_IDP_PORT", ways[i / 2], "bob@example.com");
        sign_in(&run, plugins[i % 2]);
        if (!run.ok)
            fail_msg("%s", rs_diag_first(&run.diag));
        expect_role(&run);
        end(&run);
    }
}

static void ping_ways(void **state)
{
    static const char *const ways[] = { "twosteps", "renamed" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(ways); i++) {
        struct run run;

        begin(&run, "RS_IDP_PORT", ways[i], "bob");
        sign_in(&run, rs_idp_ping);
        if (!run.ok)
            fail_msg("%s: %s", ways[i], rs_diag_first(&run.diag));
        expect_role(&run);
        end(&run);
    }
}

static void failures(void **state)
{
    static const struct {
        rs_idp_fetch_fn *fetch;
        const char *way, *user;
        enum rs_state state;
        const char *says, *timeout;
    } cases[] = {
        { rs_idp_adfs, NULL, "nobody", RS_28000,
          "AD FS rejected the user name or password: Incorrect user ID or password.", NULL },
        { rs_idp_adfs, NULL, "locked", RS_28000, "password: Your account has been locked.", NULL },
        { rs_idp_adfs, NULL, "expiredpassword", RS_28000, "password: Your password has expired.",
          NULL },
        { rs_idp_adfs, NULL, "mfa", RS_28000, "AD FS asks for a second factor", NULL },
        { rs_idp_adfs, "german", "mfa", RS_28000, "AD FS asks for a second factor", NULL },
        { rs_idp_adfs, "cookieless", "bob", RS_28000, "AD FS rejected the user name or password",
          NULL },
        { rs_idp_adfs, "nouser", "bob", RS_28000, "login form not understood (no user name", NULL },
        { rs_idp_adfs, "nopassword", "bob", RS_28000, "no login form", NULL },
        { rs_idp_adfs, "action-host", "bob", RS_28000, "login form posts to another host", NULL },
        { rs_idp_adfs, "action-http", "bob", RS_28000, "login form posts to a place that is not",
          NULL },
        { rs_idp_adfs, "redirect-host", "bob", RS_08001, "IdP redirected to another host", NULL },
        { rs_idp_adfs, "redirect-http", "bob", RS_08001, "IdP redirected to a place that is not",
          NULL },
        { rs_idp_adfs, "redirect-file", "bob", RS_08001, "IdP redirected to something that", NULL },
        { rs_idp_adfs, "redirect-eleven", "bob", RS_08001, "IdP redirected more than 10 times",
          NULL },
        { rs_idp_adfs, "status-404", "bob", RS_28000, "IdpInitiatedSignOn is disabled", NULL },
        { rs_idp_adfs, "status-503", "bob", RS_08001, "the identity provider answered HTTP 503",
          NULL },
        { rs_idp_adfs, "stall", "bob", RS_HYT00, "the identity provider did not answer in 1 s",
          "1" },
        { rs_idp_adfs, "huge", "bob", RS_HY000, "larger than 2097152 bytes", NULL },
        { rs_idp_adfs, "cut", "bob", RS_08001, "cannot reach the identity provider", NULL },
        { rs_idp_adfs, "close", "bob", RS_08001, "cannot reach the identity provider", NULL },
        { rs_idp_adfs, NULL, "huge", RS_HY000, "larger than 2097152 bytes", NULL },
        { rs_idp_adfs, NULL, "cut", RS_08001, "cannot reach the identity provider", NULL },
        { rs_idp_adfs, NULL, "stall", RS_HYT00, "did not answer in 1 s", "1" },
        { rs_idp_adfs, NULL, "away", RS_08001, "IdP redirected to another host", NULL },
        { rs_idp_adfs, NULL, "noresponse", RS_28000, "no SAML response in the IdP's answer", NULL },
        { rs_idp_ping, NULL, "nobody", RS_28000, "PingFederate rejected the user name or password",
          NULL },
        { rs_idp_ping, "twosteps", "nobody", RS_28000, "PingFederate rejected the user name",
          NULL },
        { rs_idp_ping, "twopasswords", "bob", RS_28000, "two password fields on the login page",
          NULL },
        { rs_idp_ping, "nouser", "bob", RS_28000, "login form not understood (no user name", NULL },
        { rs_idp_ping, "action-host", "bob", RS_28000, "login form posts to another host", NULL },
        { rs_idp_ping, "redirect-host", "bob", RS_08001, "IdP redirected to another host", NULL },
        { rs_idp_ping, NULL, "noresponse", RS_28000, "no SAML response in the IdP's answer", NULL },
        { rs_idp_ping, NULL, "page500", RS_08001, "the identity provider answered HTTP 500", NULL },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        print_message("%s %s\n", cases[i].way == NULL ? "" : cases[i].way, cases[i].user);
        begin(&run, "RS_IDP_PORT", cases[i].way, cases[i].user);
        put(&run, RS_KEY_sts_connection_timeout, cases[i].timeout);
        sign_in(&run, cases[i].fetch);
        expect_failure(&run, cases[i].state, cases[i].says);
        end(&run);
    }
}

static void integrated_without_a_ticket(void **state)
{
    static const struct {
        const char *way, *says;
    } cases[] = {
        { NULL, "integrated authentication failed (no valid Kerberos ticket?)" },
        { "forms-only", "AD FS offered the form instead of integrated authentication" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        begin(&run, "RS_IDP_PORT", cases[i].way, NULL);
        rs_secret_clear(&run.set.pwd);
        sign_in(&run, rs_idp_adfs);
        expect_failure(&run, RS_28000, cases[i].says);
        end(&run);
    }
}

static void certificates(void **state)
{
    static const char *const ports[] = { "RS_IDP_SELFSIGNED_PORT", "RS_IDP_WRONGHOST_PORT" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(ports); i++) {
        struct run run;

        begin(&run, ports[i], NULL, "bob");
        sign_in(&run, rs_idp_ping);
        expect_failure(&run, RS_08001, "ssl_insecure=1 checks nothing, for tests");
        assert_non_null(strstr(rs_diag_first(&run.diag), "CaFile"));
        end(&run);

        begin(&run, ports[i], NULL, "bob");
        put(&run, RS_KEY_ssl_insecure, "1");
        sign_in(&run, rs_idp_ping);
        assert_true(run.ok);
        assert_int_equal(run.diag.n_warning, 1);
        assert_int_equal(run.diag.rec[0].state, RS_01000);
        expect_role(&run);
        end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts),      cmocka_unit_test(ping_ways),
        cmocka_unit_test(failures),     cmocka_unit_test(integrated_without_a_ticket),
        cmocka_unit_test(certificates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
