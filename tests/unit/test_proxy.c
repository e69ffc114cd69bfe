/*
 * A proxy on the way: what it is asked, what its answers are taken for, and TLS, sign-in and cancel
 * requests through it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "certs.h"
#include "oom.h"
#include "opener.h"
#include "player.h"
#include "proxy.h"
#include "script.h"
#include "transport.h"

#define PASSWORD       "Rs-Passw0rd"
#define PROXY_PASSWORD "pr:x@%\xc3\xa4"
#define OK_REPLY       "HTTP/1.1 200 Connection established\r\n\r\n"

static struct tempdir dir;
static struct player *player;
static struct script welcome;

static int setup(void **state)
{
    static const struct certs_wish wishes[] = {
        { "ca", NULL, "the authority", .is_ca = true },
        { "good", "ca", "server", "DNS:db.example.invalid,IP:2001:db8::1", "serverAuth" },
        { "proxy", "ca", "server", "DNS:localhost,IP:127.0.0.1", "serverAuth" },
    };

    (void)state;
    tempdir_make(&dir);
    for (size_t i = 0; i < RS_COUNT(wishes); i++)
        certs_make(&dir, &wishes[i]);
    player = player_new(certs_pem(&dir, "good"), certs_key(&dir, "good"));
    script_welcome(&welcome);
    script_add(&welcome, SCRIPT_HANG);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    player_free(player);
    script_clear(&welcome);
    tempdir_remove(&dir);
    return 0;
}

/* ---- the request ---- */

static void test_request(void **state)
{
    static const struct {
        const char *host, *user, *password, *want; /* want NULL: refused */
        int32_t port;
    } cases[] = {
        { "db.example.com", NULL, "",
          "CONNECT db.example.com:5439 HTTP/1.1\r\n"
          "Host: db.example.com:5439\r\n\r\n",
          5439 },
        { "192.0.2.1", NULL, "", "CONNECT 192.0.2.1:1 HTTP/1.1\r\nHost: 192.0.2.1:1\r\n\r\n", 1 },
        { "2001:db8::1", NULL, "",
          "CONNECT [2001:db8::1]:65535 HTTP/1.1\r\n"
          "Host: [2001:db8::1]:65535\r\n\r\n",
          65535 },
        /* the examples of RFC 7617 */
        { "h", "Aladdin", "open sesame",
          "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\nProxy-Authorization:"
          " Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n",
          1 },
        { "h", "test", "123\xc2\xa3",
          "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\nProxy-Authorization:"
          " Basic dGVzdDoxMjPCow==\r\n\r\n",
          1 },
        /* a colon may stand in the password; nothing is percent-encoded */
        { "h", "a@b%c", ":d:e@%25",
          "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\nProxy-Authorization:"
          " Basic YUBiJWM6OmQ6ZUAlMjU=\r\n\r\n",
          1 },
        { "h", "u", "",
          "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\nProxy-Authorization:"
          " Basic dTo=\r\n\r\n",
          1 },
        /* nothing that could end the line or be read in another way */
        { "h\r\nX: y", NULL, "", NULL, 1 },
        { "a b", NULL, "", NULL, 1 },
        { "a/b", NULL, "", NULL, 1 },
        { "u@h", NULL, "", NULL, 1 },
        { "fe80::1%eth0", NULL, "", NULL, 1 },
        { "caf\xc3\xa9.example", NULL, "", NULL, 1 },
        { "", NULL, "", NULL, 1 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_secret password = { 0 }, out = { 0 };
        struct rs_proxy proxy = { "p", 8080, cases[i].user, &password };
        struct rs_diag diag = { 0 };
        bool ok;

        assert_true(rs_secret_set(&password, rs_str_of(cases[i].password), NULL));
        ok = rs_proxy_request(&proxy, cases[i].host, cases[i].port, &out, &diag);
        assert_int_equal(ok, cases[i].want != NULL);
        if (ok)
            assert_string_equal(rs_secret_reveal(&out), cases[i].want);
        else
            assert_int_equal(rs_diag_state(&diag), RS_08001);
        rs_secret_clear(&password);
        rs_secret_clear(&out);
        rs_diag_clear(&diag);
    }
}

/* ---- the reply ---- */

static void test_reply(void **state)
{
    static const struct {
        const char *text;
        enum rs_proxy_says says;
        int status;
        size_t behind; /* bytes that are not the proxy's */
    } cases[] = {
        { "HTTP/1.1 200 Connection established\r\n\r\n", RS_PROXY_OPEN, 200, 0 },
        { "HTTP/1.0 200\r\n\r\n", RS_PROXY_OPEN, 200, 0 },
        { "HTTP/1.1 200 \r\nA: b\r\nContent-Length: 7\r\n\r\nS", RS_PROXY_OPEN, 200, 1 },
        { "HTTP/1.1 299 x\n\n", RS_PROXY_OPEN, 299, 0 },
        { "HTTP/1.1 200 x\nA: b\r\n\nxyz", RS_PROXY_OPEN, 200, 3 },
        { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", RS_PROXY_OPEN, 200, 0 },
        { "HTTP/1.1 102 x\r\nA: b\r\n\r\nHTTP/1.1 407 no\r\n\r\n", RS_PROXY_REFUSES, 407, 0 },
        { "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
          RS_PROXY_REFUSES, 407, 0 },
        { "HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", RS_PROXY_REFUSES, 502, 6 },
        { "HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n", RS_PROXY_REFUSES, 302, 0 },
        { "HTTP/1.1 999 x\r\n\r\n", RS_PROXY_REFUSES, 999, 0 },
        { "", RS_PROXY_MORE, 0, 0 },
        { "HTT", RS_PROXY_MORE, 0, 0 },
        { "HTTP/1.1 200 OK\r\n", RS_PROXY_MORE, 0, 0 },
        { "HTTP/1.1 200 OK\r\nA: b\r\n\r", RS_PROXY_MORE, 0, 0 },
        { "HTTP/1.1 100 x\r\n\r\n", RS_PROXY_MORE, 0, 0 },
        { "HTTP/2 200\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "HTTP/1.1 20 OK\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "HTTP/1.1 2000 OK\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "HTTP/1.1 020 OK\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "HTTP/1.1  200 OK\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "HTTP/1.1 2x0 OK\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "HTTP/1.x 200 OK\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "HTTP/1.1\t200 OK\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "http/1.1 200 OK\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "HTTP/1.1 200\r\n\r\n", RS_PROXY_OPEN, 200, 0 },
        { "\r\n\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "SSH-2.0-OpenSSH\r\n", RS_PROXY_NONSENSE, 0, 0 },
        { "HTTP/1.1 100 x\r\n\r\nSSH", RS_PROXY_NONSENSE, 0, 0 },
        { "E\0\0\0", RS_PROXY_NONSENSE, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_str whole = rs_str_of(cases[i].text);
        int status = 0;
        size_t used = 0;

        if (rs_proxy_read(whole, &status, &used) != cases[i].says)
            fail_msg("%s", cases[i].text);
        assert_int_equal(status, cases[i].status);
        if (status != 0)
            assert_int_equal(used, whole.n - cases[i].behind);
        /* however few bytes come at a time */
        for (size_t n = 0; status != 0 && n < used; n++)
            assert_int_equal(rs_proxy_read(rs_str_sub(whole, 0, n), &status, &used), RS_PROXY_MORE);
    }
    assert_int_equal(rs_proxy_read((struct rs_str){ "HTTP/1.1 200 a\0b\r\n\r\n", 20 }, NULL, NULL),
                     RS_PROXY_NONSENSE);
}

/* ---- through it ---- */

struct trial {
    const char *host; /* NULL: db.example.invalid, which nobody but the proxy can look up */
    const char *user;
    enum rs_opener opener;
    enum rs_sslmode mode;
    int64_t wait_ms; /* 0: long */
    int32_t retries;
    int32_t proxy_port; /* 0: the player's */
};

static bool open_it(const struct trial *t, struct rs_opened *opened, struct rs_diag *diag)
{
    static char user[] = "bob", database[] = "dev";
    struct rs_secret proxy_password = { 0 };
    char ca[1024];
    struct rs_login login = { .port = 5439, .user = user, .database = database };
    struct rs_open_options options = {
        .opener = t->opener,
        .sslmode = t->mode,
        .sslmode_is_explicit = true,
        .ca_file = ca,
        .receive_bytes = 65536,
        .retry_count = t->retries,
        .proxy = { "127.0.0.1", t->proxy_port != 0 ? t->proxy_port : player_port(player), t->user,
                   &proxy_password },
    };
    bool ok = false;

    (void)snprintf(ca, sizeof(ca), "%s", certs_pem(&dir, "ca"));
    login.host = rs_str_dup(rs_str_of(t->host == NULL ? "db.example.invalid" : t->host), diag);
    if (login.host != NULL && rs_secret_set(&login.secret, RS_STR(PASSWORD), diag) &&
        rs_secret_set(&proxy_password, RS_STR(PROXY_PASSWORD), diag))
        ok = rs_open(&login, &options, rs_deadline_in(t->wait_ms == 0 ? 15000 : t->wait_ms), opened,
                     diag);
    rs_free(login.host);
    rs_secret_clear(&login.secret);
    rs_secret_clear(&proxy_password);
    return ok;
}

static void end_it(struct rs_opened *opened)
{
    opened->finish(opened->ctx, opened->transport, true);
    rs_status_free(opened->statuses);
    rs_free(opened->address);
}

static void play(const char *reply, const char *certificate)
{
    struct player_how how = PLAYER_PLAIN;

    how.reply = reply;
    player_play(player, &welcome, how);
    player_certificate(player, certs_pem(&dir, certificate), certs_key(&dir, certificate));
}

/* The names are the server's: the one that is asked for, SNI, and the certificate's. A cancel
 * request goes the same way. */
static void test_opens(void **state)
{
    static const struct {
        const char *host, *target, *sni;
        enum rs_opener opener;
        enum rs_sslmode mode;
    } cases[] = {
        { NULL, "CONNECT db.example.invalid:5439 ", "db.example.invalid", RS_OPENER_NATIVE,
          RS_SSL_VERIFY_FULL },
        { NULL, "CONNECT db.example.invalid:5439 ", "db.example.invalid", RS_OPENER_AUTO,
          RS_SSL_VERIFY_FULL },
        { "2001:db8::1", "CONNECT [2001:db8::1]:5439 ", "", RS_OPENER_AUTO, RS_SSL_VERIFY_FULL },
        { NULL, "CONNECT db.example.invalid:5439 ", NULL, RS_OPENER_AUTO, RS_SSL_DISABLE },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct trial t = { cases[i].host, "me", cases[i].opener, cases[i].mode };
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };

        play(OK_REPLY, "good");
        if (!open_it(&t, &opened, &diag))
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        assert_int_equal(opened.uses_tls, cases[i].mode != RS_SSL_DISABLE);
        assert_ptr_equal(strstr(player_request(player), cases[i].target), player_request(player));
        assert_non_null(strstr(player_request(player), "Basic bWU6cHI6eEAlw6Q=\r\n"));
        if (cases[i].sni != NULL)
            assert_string_equal(player_server_name(player), cases[i].sni);
        assert_true(opened.cancel(opened.ctx, rs_deadline_in(5000)));
        assert_int_equal(player_cancels(player), 1);
        assert_int_equal(player_connections(player), 2);
        assert_ptr_equal(strstr(player_request(player), cases[i].target), player_request(player));
        end_it(&opened);
    }
}

/* A certificate for the proxy is none for the server, and a cancel goes to no other server. */
static void test_certificate(void **state)
{
    struct trial t = { NULL, NULL, RS_OPENER_AUTO, RS_SSL_VERIFY_FULL };
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    play(OK_REPLY, "proxy");
    assert_false(open_it(&t, &opened, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_08001);
    assert_non_null(strstr(rs_diag_first(&diag), "not for \"db.example.invalid\""));
    assert_int_equal(player_startups(player), 0);
    assert_null(strstr(player_request(player), "Authorization")); /* no user, no password */
    rs_diag_clear(&diag);
    play(OK_REPLY, "good");
    if (!open_it(&t, &opened, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    player_certificate(player, certs_pem(&dir, "proxy"), certs_key(&dir, "proxy"));
    assert_false(opened.cancel(opened.ctx, rs_deadline_in(5000)));
    assert_int_equal(player_cancels(player), 0);
    end_it(&opened);
}

static char huge[RS_PROXY_HEAD_MAX + 100];

static void test_refusals(void **state)
{
    static const struct {
        const char *reply, *text;
        const char *user;
        int connections; /* with one more try allowed */
    } cases[] = {
        { "HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=\"" PROXY_PASSWORD "\"\r\n\r\n",
          "answered HTTP 407; it does not take ProxyUid and ProxyPwd", "me", 1 },
        { "HTTP/1.1 407 x\r\n\r\n", "answered HTTP 407; it wants ProxyUid and ProxyPwd", NULL, 1 },
        { "HTTP/1.1 403 " PROXY_PASSWORD "\r\n\r\n",
          "answered HTTP 403; it does not allow this server", "me", 1 },
        { "HTTP/1.1 502 Bad\r\n\r\n<html></html>",
          "answered HTTP 502; it could not reach the server", NULL, 2 },
        { "HTTP/1.1 301 x\r\nLocation: x\r\n\r\n", "answered HTTP 301", NULL, 1 },
        { "HTTP/1.1 400 x\r\n\r\n", "answered HTTP 400", NULL, 1 },
        { "SSH-2.0-x\r\n", "no reply of HTTP/1", NULL, 1 },
        { "N", "no reply of HTTP/1", NULL, 1 },
        { huge, "no reply of HTTP/1", NULL, 1 },
        { "HTTP/1.1 200 OK\r\n\r\nS", "bytes came behind its reply, unasked", NULL, 1 },
        { "HTTP/1.1 200 OK\r\n\r\nN", "bytes came behind its reply, unasked", NULL, 1 },
        { "", "the proxy closed the connection", NULL, 2 },
        { "HTTP/1.1 20", "the proxy closed the connection", NULL, 2 },
    };

    (void)state;
    memset(huge, 'x', sizeof(huge) - 1);
    memcpy(huge, "HTTP/1.1 407 ", 13);
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct trial t = { NULL, cases[i].user, RS_OPENER_AUTO, RS_SSL_VERIFY_FULL, .retries = 1 };
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };

        play(cases[i].reply, "good");
        assert_false(open_it(&t, &opened, &diag));
        if (rs_diag_state(&diag) != RS_08001 || diag.n != 1 ||
            strstr(rs_diag_first(&diag), cases[i].text) == NULL ||
            strstr(rs_diag_first(&diag), "127.0.0.1") == NULL ||
            strstr(rs_diag_first(&diag), PROXY_PASSWORD) != NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        assert_int_equal(player_connections(player), cases[i].connections);
        rs_diag_clear(&diag);
    }
}

/* Silence, of the proxy and of the server behind it, in the middle and at once. */
static void test_silence(void **state)
{
    static const struct {
        long stall;
        const char *text;
        bool tls_stalls;
    } cases[] = {
        { 0, "no answer from the proxy \"127.0.0.1\"", false },
        { 20, "no answer from the proxy \"127.0.0.1\"", false },
        { sizeof(OK_REPLY) - 1, "no answer from \"db.example.invalid\"", false },
        { PLAYER_NEVER, "no answer from \"db.example.invalid\"", true },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct trial t = { NULL, NULL, RS_OPENER_AUTO, RS_SSL_VERIFY_FULL, .wait_ms = 300 };
        struct player_how how = PLAYER_PLAIN;
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };

        how.reply = OK_REPLY;
        how.stall = cases[i].stall;
        how.tls_stalls = cases[i].tls_stalls;
        player_play(player, &welcome, how);
        assert_false(open_it(&t, &opened, &diag));
        if (rs_diag_state(&diag) != RS_HYT00 || strstr(rs_diag_first(&diag), cases[i].text) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        rs_diag_clear(&diag);
    }
}

static void test_nobody(void **state)
{
    static const struct trial trials[] = {
        { NULL, NULL, RS_OPENER_AUTO, RS_SSL_VERIFY_FULL, .proxy_port = 1 },
        { "a b", NULL, RS_OPENER_AUTO, RS_SSL_VERIFY_FULL },
        { NULL, NULL, RS_OPENER_LIBPQ, RS_SSL_VERIFY_FULL },
    };
    static const struct {
        enum rs_state state;
        const char *text;
    } want[] = {
        { RS_08001, "could not connect through the proxy \"127.0.0.1\": " },
        { RS_08001, "\"a b\" cannot be put to a proxy" },
        { RS_HYC00, "libpq knows no proxy" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(trials); i++) {
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };

        play(OK_REPLY, "good");
        assert_false(open_it(&trials[i], &opened, &diag));
        if (rs_diag_state(&diag) != want[i].state ||
            strstr(rs_diag_first(&diag), want[i].text) == NULL)
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        if (i == 0)
            assert_non_null(strstr(rs_diag_first(&diag), strerror(ECONNREFUSED)));
        assert_int_equal(player_connections(player), 0);
        rs_diag_clear(&diag);
    }
}

/* The reply in pieces of every size. */
static void test_pieces(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < sizeof(OK_REPLY); piece++) {
        struct trial t = { NULL, NULL, RS_OPENER_NATIVE, RS_SSL_DISABLE };
        struct player_how how = PLAYER_PLAIN;
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };

        how.reply = OK_REPLY;
        how.piece = piece;
        player_play(player, &welcome, how);
        if (!open_it(&t, &opened, &diag))
            fail_msg("%zu: %s", piece, rs_diag_first(&diag));
        end_it(&opened);
    }
}

static bool open_once(void *ctx)
{
    static const struct trial t = { NULL, "me", RS_OPENER_NATIVE, RS_SSL_DISABLE };
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };
    bool ok = open_it(&t, &opened, &diag);

    (void)ctx;
    if (ok)
        end_it(&opened);
    else
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_diag_clear(&diag);
    return ok;
}

static void test_memory(void **state)
{
    (void)state;
    play(OK_REPLY, "good");
    rs_test_oom(open_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),  cmocka_unit_test(test_reply),
        cmocka_unit_test(test_opens),    cmocka_unit_test(test_certificate),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_silence),
        cmocka_unit_test(test_nobody),   cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
