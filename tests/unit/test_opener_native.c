/* Our own opener against a scripted server: every answer it may get, without TLS being up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "dialog.h"
#include "oom.h"
#include "opener.h"
#include "os.h"
#include "startup.h"
#include "tempdir.h"
#include "transport.h"
#include "version.h"

/* A certificate that signs nothing here. */
static const char ca_text[] = "-----BEGIN CERTIFICATE-----\n"
                              "MIIBkTCCATegAwIBAgIUaHp6MAP4B8qvyf6Iu+rkN5Ej76IwCgYIKoZIzj0EAwIw\n"
                              "HTEbMBkGA1UEAwwSbm9ib2R5J3MgYXV0aG9yaXR5MCAXDTI2MTEyNDA4MTcwN1oY\n"
                              "DzIxMjYxMDMxMDgxNzA3WjAdMRswGQYDVQQDDBJub2JvZHkncyBhdXRob3JpdHkw\n"
                              "WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS8xExztK7n7EmR0gFmFU89FgrSIFht\n"
                              "HtRV9Q31GYn85HIUnhG1I/CsWnUdld2GdZtVjebRc070HNrNxWvHtS+co1MwUTAd\n"
                              "BgNVHQ4EFgQUEoVMRXjzfJxXIOytm6CaL5trVVAwHwYDVR0jBBgwFoAUEoVMRXjz\n"
                              "fJxXIOytm6CaL5trVVAwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF\n"
                              "AiAZe8KQz8iMwQhIDrNhq6KV/blgdH5W1LWeHlRJqxO+bQIhAI6PWJUANoijtMB5\n"
                              "PrEFzzwCQzVmI88o6RuhDcVfC6+e\n"
                              "-----END CERTIFICATE-----\n";
static struct tempdir dir;
static const char *ca_path;

#define PASSWORD "Rs-Passw0rd"

static struct rs_login login_to(const struct dialog *d)
{
    static char host[] = "127.0.0.1", user[] = "bob", database[] = "dev";
    struct rs_login login = {
        .host = host, .port = dialog_port(d), .user = user, .database = database
    };

    while (!rs_secret_set(&login.secret, RS_STR(PASSWORD), NULL))
        ;
    return login;
}

static struct rs_open_options options_of(enum rs_sslmode mode)
{
    return (struct rs_open_options){ .opener = RS_OPENER_NATIVE,
                                     .sslmode = mode,
                                     .sslmode_is_explicit = true,
                                     .ca_file = ca_path,
                                     .settings = "-c timezone=UTC",
                                     .keepalive = true,
                                     .keepalive_idle_s = 60,
                                     .receive_bytes = 65536 };
}

static bool open_it(struct dialog *d, enum rs_sslmode mode, struct rs_opened *opened,
                    struct rs_diag *diag)
{
    struct rs_login login = login_to(d);
    struct rs_open_options options = options_of(mode);
    bool ok = rs_open(&login, &options, rs_deadline_in(10000), opened, diag);

    rs_secret_clear(&login.secret);
    return ok;
}

static void end_it(struct rs_opened *opened, bool polite)
{
    opened->finish(opened->ctx, opened->transport, polite);
    rs_status_free(opened->statuses);
    rs_free(opened->address);
}

/* ---- it opens ---- */

static void test_opens(void **state)
{
    struct dialog *d = dialog_new();
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    dialog_packet(d);
    dialog_put(d, 'N', "SNOTICE\0Mwelcome\0", 18);
    dialog_put(d, 'v', "\0\3\0\0\0\0\0\0", 8);
    dialog_welcome(d);
    dialog_error(d, "57P01", "going down"); /* in the same read */
    dialog_message(d);
    dialog_then(d);
    dialog_start(d);
    if (!open_it(d, RS_SSL_DISABLE, &opened, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    assert_int_equal(opened.server_pid, 42);
    assert_false(opened.uses_tls);
    assert_string_equal(opened.address, "127.0.0.1");
    assert_string_equal(rs_status_get(opened.statuses, "datestyle"), "ISO, MDY");
    assert_int_equal(rs_transport_need(opened.transport, 5, rs_deadline_in(5000), 0, &diag),
                     RS_WAIT_OK);
    assert_int_equal(rs_transport_peek(opened.transport).p[0], 'E');
    end_it(&opened, true);
    dialog_settle(d);
#define PACKET                                                                                     \
    "\0\3\0\0user\0bob\0database\0dev\0client_encoding\0UTF8\0DateStyle\0ISO\0"                    \
    "extra_float_digits\0"                                                                         \
    "2\0application_name\0redshift_odbc\0options\0-c timezone=UTC\0"
    assert_true(dialog_got(d, PACKET, sizeof(PACKET)));
    assert_true(dialog_got(d, "X\0\0\0\4", 5));
    dialog_free(d);
}

static void test_passwords(void **state)
{
    static const struct {
        uint32_t code;
        const char *more, *answer;
        size_t n, answer_n;
    } cases[] = {
        { 3, "", "p\0\0\0\x10" PASSWORD, 0, 5 + 12 },
        { 5, "\1\2\3\4", "p\0\0\0\x28md551fae051d59222f39227c0401b61bfb9", 4, 5 + 36 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct dialog *d = dialog_new();
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };

        dialog_packet(d);
        dialog_auth(d, cases[i].code, cases[i].more, cases[i].n);
        dialog_message(d);
        dialog_welcome(d);
        dialog_message(d);
        dialog_then(d);
        dialog_start(d);
        if (!open_it(d, RS_SSL_DISABLE, &opened, &diag))
            fail_msg("%zu: %s", i, rs_diag_first(&diag));
        assert_true(dialog_got(d, cases[i].answer, cases[i].answer_n));
        end_it(&opened, true);
        dialog_free(d);
    }
}

/* ---- it does not ---- */

#define MSG(type, body)                                                                            \
    {                                                                                              \
        type, body, sizeof(body) - 1                                                               \
    }
#define R(code, more) MSG('R', "\0\0\0" code more)

static void test_answers(void **state)
{
    static const struct {
        struct {
            char type; /* 0: the client's answer is read here; '=': bytes as they are */
            const char *body;
            size_t n;
        } say[5];
        enum rs_state want;
        const char *text;
        enum rs_sslmode mode; /* RS_SSL_DISABLE: explicit */
    } cases[] = {
        { { R("\3", "x") }, RS_08S01, "malformed authentication request 3", RS_SSL_DISABLE },
        { { R("\5", "abc") }, RS_08S01, "malformed authentication request 5", RS_SSL_DISABLE },
        { { R("\0", "x") }, RS_08S01, "malformed authentication request 0", RS_SSL_DISABLE },
        { { MSG('R', "\0\0\0") }, RS_08001, "malformed authentication", RS_SSL_DISABLE },
        { { R("\2", "") }, RS_28000, "authentication request 2", RS_SSL_DISABLE },
        { { R("\7", "") }, RS_28000, "authentication request 7", RS_SSL_DISABLE },
        { { R("\x0d", "") }, RS_08S01, "malformed authentication request 13", RS_SSL_DISABLE },
        { { R("\x0d", "\0\0\0\0\xff\xff\xff\xff") },
          RS_08S01,
          "malformed authentication request 13",
          RS_SSL_DISABLE },
        { { R("\x0d", "\0\0\0\1") }, RS_28000, "digest algorithm 1, which", RS_SSL_DISABLE },
        { { R("\x0d", "\0\0\0\2\0\0\0\0") }, RS_28000, "algorithm 2, which", RS_SSL_DISABLE },
        { { R("\x0d", "\0\0\0\0\0\0\0\0\0\0\0\0"), { 0 }, R("\x0d", "\0\0\0\0\0\0\0\0\0\0\0\0") },
          RS_08001,
          "out of turn",
          RS_SSL_DISABLE },
        { { R("\x0e", "") }, RS_28000, "identity-provider token", RS_SSL_DISABLE },
        { { MSG('R', "\xff\0\0\0") }, RS_28000, "request 4278190080", RS_SSL_DISABLE },
        { { R("\x0a", "GSSAPI\0\0") }, RS_28000, "without SCRAM-SHA-256", RS_SSL_DISABLE },
        { { R("\x0a", "SCRAM-SHA-256-PLUS\0\0") }, RS_28000, "without", RS_SSL_DISABLE },
        { { R("\x0a", "") }, RS_28000, "without SCRAM-SHA-256", RS_SSL_DISABLE },
        { { R("\x0a", "SCRAM-SHA-256") }, RS_28000, "without", RS_SSL_DISABLE },
        { { R("\x0b", "r=x") }, RS_08001, "out of turn", RS_SSL_DISABLE },
        { { R("\x0c", "v=x") }, RS_08001, "out of turn", RS_SSL_DISABLE },
        { { R("\3", ""), { 0 }, R("\3", "") }, RS_08001, "out of turn", RS_SSL_DISABLE },
        /* SCRAM that is broken off: no proof, another's nonce, an early end, a change of ways */
        { { R("\x0a", "SCRAM-SHA-256\0\0"), { 0 }, R("\0", "") },
          RS_28000,
          "without proof",
          RS_SSL_DISABLE },
        { { R("\x0a", "SCRAM-SHA-256\0\0"), { 0 }, R("\x0b", "r=abc,s=QUJD,i=4096") },
          RS_28000,
          "nonce",
          RS_SSL_DISABLE },
        { { R("\x0a", "SCRAM-SHA-256\0\0"), { 0 }, R("\x0c", "v=abc") },
          RS_08001,
          "out of turn",
          RS_SSL_DISABLE },
        { { R("\x0a", "SCRAM-SHA-256\0\0"), { 0 }, R("\3", "") },
          RS_08001,
          "out of turn",
          RS_SSL_DISABLE },
        { { R("\x0a", "SCRAM-SHA-256\0\0"), { 0 }, R("\x0b", "e=no") },
          RS_08S01,
          "SCRAM",
          RS_SSL_DISABLE },
        /* messages that are none */
        { { MSG('S', "a\0b\0") }, RS_08001, "ParameterStatus out of turn", RS_SSL_DISABLE },
        { { MSG('Z', "I") }, RS_08001, "ReadyForQuery out of turn", RS_SSL_DISABLE },
        { { MSG('K', "\0\0\0\1\0\0\0\1") }, RS_08001, "out of turn", RS_SSL_DISABLE },
        { { MSG('D', "\0\0") }, RS_08001, "out of turn", RS_SSL_DISABLE },
        { { R("\0", ""), R("\0", "") }, RS_08S01, "request 0", RS_SSL_DISABLE },
        { { R("\0", ""), R("\3", "") }, RS_08001, "out of turn", RS_SSL_DISABLE },
        { { R("\0", ""), MSG('S', "a\0b") }, RS_08001, "ParameterStatus", RS_SSL_DISABLE },
        { { R("\0", ""), MSG('K', "\0\0\0\1\0\0") }, RS_08001, "BackendKeyData", RS_SSL_DISABLE },
        { { R("\0", ""), MSG('Z', "T") }, RS_08001, "ReadyForQuery", RS_SSL_DISABLE },
        { { R("\0", ""), MSG('Z', "") }, RS_08001, "ReadyForQuery", RS_SSL_DISABLE },
        { { MSG('E', "Mno end") }, RS_08001, "malformed ErrorResponse", RS_SSL_DISABLE },
        { { MSG('N', "Mno end") }, RS_08001, "malformed NoticeResponse", RS_SSL_DISABLE },
        { { MSG('=', "R\0\0\0\3\0\0\0\0") }, RS_08001, "impossible length", RS_SSL_DISABLE },
        { { MSG('=', "HTTP/1.1 400 Bad Request\r\n") },
          RS_08001,
          "impossible length",
          RS_SSL_DISABLE },
        { { MSG('=', "R\0\0") }, RS_08001, "closed", RS_SSL_DISABLE },
        { { MSG('=', "") }, RS_08001, "closed", RS_SSL_DISABLE },
        /* the server refuses */
        { { MSG('E', "SFATAL\0C28P01\0Mwrong\0\0") },
          RS_28000,
          "wrong [SQLSTATE 28P01]",
          RS_SSL_DISABLE },
        { { MSG('E', "SFATAL\0C3D000\0Mno such\0Ddetail\0\0") },
          RS_08004,
          "no such (detail)",
          RS_SSL_DISABLE },
        { { MSG('E', "SFATAL\0C53300\0Mfull\0\0") }, RS_08004, "full", RS_SSL_DISABLE },
        { { MSG('E', "SFATAL\0C57P03\0Mstarting\0\0") }, RS_08001, "starting", RS_SSL_DISABLE },
        { { MSG('E', "SFATAL\0C42704\0Munknown\0\0") }, RS_08004, "unknown", RS_SSL_DISABLE },
        { { MSG('E', "SFATAL\0Mno code\0\0") }, RS_08001, "no code", RS_SSL_DISABLE },
        { { R("\0", ""), MSG('E', "SFATAL\0C28000\0Mlate\0\0") },
          RS_28000,
          "late",
          RS_SSL_DISABLE },
        /* before TLS: the first bytes answer SSLRequest */
        { { MSG('=', "S"), MSG('=', "x") }, RS_08001, "unencrypted bytes", RS_SSL_REQUIRE },
        { { MSG('=', "N"), MSG('=', "R") }, RS_08001, "unencrypted bytes", RS_SSL_PREFER },
        { { MSG('=', "E") }, RS_08001, "neither yes nor no", RS_SSL_PREFER },
        { { MSG('=', "N") }, RS_08001, "does not use TLS", RS_SSL_REQUIRE },
        { { MSG('=', "N") }, RS_08001, "does not use TLS", RS_SSL_VERIFY_FULL },
        { { MSG('=', "") }, RS_08001, "closed", RS_SSL_VERIFY_CA },
        { { MSG('=', "S"), { 0 } }, RS_08001, "TLS with", RS_SSL_VERIFY_CA },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct dialog *d = dialog_new();
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };
        bool ok;

        dialog_packet(d);
        for (size_t k = 0; k < 5; k++) {
            if (cases[i].say[k].type == '=')
                dialog_send(d, cases[i].say[k].body, cases[i].say[k].n);
            else if (cases[i].say[k].type != 0)
                dialog_put(d, cases[i].say[k].type, cases[i].say[k].body, cases[i].say[k].n);
            else if (k < 4 && cases[i].say[k + 1].type != 0)
                dialog_message(d);
        }
        dialog_then(d);
        dialog_start(d);
        ok = open_it(d, cases[i].mode, &opened, &diag);
        if (ok || rs_diag_state(&diag) != cases[i].want || diag.n != 1 ||
            strstr(rs_diag_first(&diag), cases[i].text) == NULL)
            fail_msg("case %zu: %s %s", i, rs_state_text(rs_diag_state(&diag), false),
                     rs_diag_first(&diag));
        assert_null(strstr(rs_diag_first(&diag), PASSWORD));
        rs_diag_clear(&diag);
        dialog_free(d);
    }
}

/* What may go out in the clear. */
static void test_clear(void **state)
{
    static const struct {
        enum rs_sslmode mode;
        bool explicit, iam, token;
        uint32_t code;
        enum rs_state want;
    } cases[] = {
        { RS_SSL_PREFER, true, false, false, 3, RS_28000 },
        { RS_SSL_PREFER, true, false, false, 5, RS_00000 },
        { RS_SSL_ALLOW, false, false, false, 3, RS_28000 },
        { RS_SSL_PREFER, true, true, false, 3, RS_08001 },
        { RS_SSL_DISABLE, true, true, false, 3, RS_08001 },
        { RS_SSL_PREFER, true, false, true, 14, RS_08001 }, /* a token needs TLS */
        { RS_SSL_DISABLE, true, false, true, 14, RS_08001 },
        { RS_SSL_ALLOW, true, false, true, 14, RS_08001 },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct dialog *d = dialog_new();
        struct rs_login login = login_to(d);
        struct rs_open_options options = options_of(cases[i].mode);
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };

        login.is_iam = cases[i].iam;
        login.kind = cases[i].token ? RS_LOGIN_TOKEN : RS_LOGIN_PASSWORD;
        options.sslmode_is_explicit = cases[i].explicit;
        dialog_packet(d);
        dialog_send(d, "N", 1);
        dialog_packet(d);
        dialog_auth(d, cases[i].code, "\1\2\3\4", cases[i].code == 5 ? 4 : 0);
        dialog_message(d);
        dialog_welcome(d);
        dialog_message(d);
        dialog_then(d);
        dialog_start(d);
        if (rs_open(&login, &options, rs_deadline_in(10000), &opened, &diag))
            end_it(&opened, true);
        if (rs_diag_state(&diag) != cases[i].want)
            fail_msg("case %zu: %s", i, rs_diag_first(&diag));
        dialog_settle(d);
        assert_false(dialog_got(d, PASSWORD, sizeof(PASSWORD) - 1));
        rs_secret_clear(&login.secret);
        rs_diag_clear(&diag);
        dialog_free(d);
    }
}

static void test_no_password(void **state)
{
    struct dialog *d = dialog_new();
    struct rs_login login = login_to(d);
    struct rs_open_options options = options_of(RS_SSL_DISABLE);
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    rs_secret_clear(&login.secret);
    dialog_packet(d);
    dialog_auth(d, 5, "\1\2\3\4", 4);
    dialog_then(d);
    dialog_start(d);
    assert_false(rs_open_native(&login, &options, rs_deadline_in(10000), &opened, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_28000);
    assert_non_null(strstr(rs_diag_first(&diag), "PWD is not set"));
    rs_diag_clear(&diag);
    dialog_free(d);
}

/* Start-up against bytes that are there already; what was sent ends up in sent. */
static enum rs_try start(const struct rs_login *login, bool may_send_clear, struct rs_str server,
                         struct rs_buf *sent, struct rs_diag *diag)
{
    static const struct rs_address address = { "192.0.2.1", AF_INET };
    struct rs_open_options options = options_of(RS_SSL_VERIFY_FULL);
    struct rs_startup startup = { login, &options, &address, may_send_clear, true };
    struct rs_started started = { 0 };
    struct rs_transport *transport;
    enum rs_try outcome;
    char bytes[1024];
    ssize_t n;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(send(pair[1], server.p, server.n, 0), server.n);
    (void)shutdown(pair[1], SHUT_WR);
    transport = rs_transport_new(pair[0], NULL, 4096, diag);
    assert_non_null(transport);
    outcome = rs_startup_run(transport, &startup, rs_deadline_in(10000), &started, diag);
    (void)shutdown(pair[0], SHUT_WR);
    while ((n = recv(pair[1], bytes, sizeof(bytes), 0)) > 0)
        rs_buf_add(sent, (struct rs_str){ bytes, (size_t)n });
    rs_started_clear(&started);
    rs_transport_free(transport);
    (void)close(pair[0]);
    (void)close(pair[1]);
    return outcome;
}

static bool was_sent(const struct rs_buf *sent, struct rs_str what)
{
    for (size_t at = 0; at + what.n <= sent->len; at++)
        if (memcmp(sent->p + at, what.p, what.n) == 0)
            return true;
    return false;
}

/* redshift.md 3.3: its token, and what goes with it in the start-up packet. */
static void test_token(void **state)
{
    static char idp[] = "AwsIdc", provider[] = "azure", type[] = "EXT_JWT", space[] = "ours",
                host[] = "server", user[] = "", database[] = "dev";
    struct rs_login login = { .host = host,
                              .user = user,
                              .database = database,
                              .kind = RS_LOGIN_TOKEN,
                              .idp_type = idp,
                              .provider_name = provider,
                              .token_type = type,
                              .identity_namespace = space };
    struct rs_str server = RS_STR("R\0\0\0\x0b\0\0\0\x0eyes" /* further bytes say nothing */
                                  "R\0\0\0\x08\0\0\0\0Z\0\0\0\5I");
    struct rs_buf sent = RS_BUF_INIT(4096);
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(rs_secret_set(&login.secret, RS_STR("abc.def.ghi"), NULL));
    assert_int_equal(start(&login, true, server, &sent, &diag), RS_TRY_OPEN);
    assert_true(was_sent(&sent, RS_STR("\0\3\0\0database\0dev\0"))); /* no user */
    assert_true(
        was_sent(&sent, RS_STR("idp_type\0AwsIdc\0provider_name\0azure\0token_type\0EXT_JWT\0"
                               "identity_namespace\0ours\0")));
    assert_memory_equal(sent.p + sent.len - 17,
                        "i\0\0\0\x10"
                        "abc.def.ghi",
                        17);
    rs_buf_truncate(&sent, 0);

    /* never without TLS */
    assert_int_equal(start(&login, false, server, &sent, &diag), RS_TRY_NO_TLS);
    assert_int_equal(rs_diag_state(&diag), RS_08001);
    assert_true(was_sent(&sent, RS_STR("idp_type")));
    assert_false(was_sent(&sent, RS_STR("abc.def.ghi")));
    rs_buf_truncate(&sent, 0);
    rs_diag_clear(&diag);

    /* a password is no token */
    login.kind = RS_LOGIN_PASSWORD;
    assert_int_equal(start(&login, true, server, &sent, &diag), RS_TRY_REFUSED);
    assert_int_equal(rs_diag_state(&diag), RS_28000);
    assert_null(strstr(rs_diag_first(&diag), "abc.def.ghi"));
    assert_false(was_sent(&sent, RS_STR("abc.def.ghi")));
    assert_false(was_sent(&sent, RS_STR("idp_type")));
    rs_secret_clear(&login.secret);
    rs_buf_clear(&sent);
    rs_diag_clear(&diag);
}

/* ---- more than one connection ---- */

static void test_again(void **state)
{
    struct dialog *d = dialog_new();
    struct rs_login login = login_to(d);
    struct rs_open_options options = options_of(RS_SSL_DISABLE);
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    options.retry_count = 2;
    options.retry_delay_s = 1;
    dialog_packet(d);
    dialog_error(d, "57P03", "starting up");
    dialog_then(d);
    dialog_packet(d);
    dialog_welcome(d);
    dialog_message(d);
    dialog_then(d);
    dialog_start(d);
    assert_true(rs_open_native(&login, &options, rs_deadline_in(10000), &opened, &diag));
    assert_int_equal(dialog_connections(d), 2);
    end_it(&opened, true);
    rs_secret_clear(&login.secret);
    dialog_free(d);
}

/* allow: in the clear first; with TLS when the server refuses before it has asked anything. */
static void test_allow(void **state)
{
    struct dialog *d = dialog_new();
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    dialog_packet(d);
    dialog_error(d, "28000", "no entry for this host, no encryption");
    dialog_then(d);
    dialog_packet(d);
    dialog_send(d, "N", 1);
    dialog_then(d);
    dialog_start(d);
    assert_false(open_it(d, RS_SSL_ALLOW, &opened, &diag));
    assert_non_null(strstr(rs_diag_first(&diag), "does not use TLS"));
    dialog_settle(d);
    assert_int_equal(dialog_connections(d), 2);
    assert_true(dialog_got(d, "\0\0\0\x08\x04\xd2\x16\x2f", 8)); /* SSLRequest */
    rs_diag_clear(&diag);
    dialog_free(d);
}

/* ---- what Redshift alone knows ---- */

#define LEVEL                                                                                      \
    "client_protocol_version\0"                                                                    \
    "2\0driver_version\0Redshift ODBC " RS_VERSION "\0os_version\0"
#define PLUGIN "\0plugin_name\0none\0\0"

/* Ports of servers that the process remembers are not given out again. */
static struct dialog *remembered[16];
static size_t n_remembered;

static struct dialog *remembered_new(void)
{
    assert_true(n_remembered < RS_COUNT(remembered));
    remembered[n_remembered] = dialog_new();
    return remembered[n_remembered++];
}

/* The second connection is made without it; the third, to a server that is known now, as well. */
static void test_extras(void **state)
{
    struct dialog *d = remembered_new();
    struct rs_login login = login_to(d);
    struct rs_open_options options = options_of(RS_SSL_DISABLE);
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    options.level = 2;
    dialog_packet(d); /* PostgreSQL: the password first */
    dialog_auth(d, 3, NULL, 0);
    dialog_message(d);
    dialog_auth(d, 0, NULL, 0);
    dialog_error(d, "42704", "param\xc3\xa8tre \xc2\xab client_protocol_version \xc2\xbb inconnu");
    dialog_then(d);
    dialog_packet(d);
    dialog_welcome(d);
    dialog_message(d);
    dialog_then(d);
    dialog_packet(d);
    dialog_error(d, "42704", "client_protocol_version"); /* it was not sent */
    dialog_then(d);
    dialog_start(d);
    if (!rs_open_native(&login, &options, rs_deadline_in(10000), &opened, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    end_it(&opened, true);
    dialog_settle(d);
    assert_int_equal(dialog_connections(d), 2);
    assert_true(dialog_got(d, LEVEL, sizeof(LEVEL) - 1));
    assert_true(dialog_got(d, PLUGIN, sizeof(PLUGIN) - 1));
    assert_false(rs_open_native(&login, &options, rs_deadline_in(10000), &opened, &diag));
    dialog_settle(d);
    assert_int_equal(dialog_connections(d), 3);
    rs_secret_clear(&login.secret);
    rs_diag_clear(&diag);
}

/* Refusals that are not of these names, or that may be about a password, are final. */
static void test_extras_final(void **state)
{
    static const struct {
        const char *code, *text;
        bool asks, again;
    } cases[] = {
        { "42704", "unrecognized configuration parameter \"driver_version\"", false, true },
        { "42704", "unrecognized configuration parameter \"Plugin_Name\"", false, true },
        { "08P01", "unsupported startup parameter: os_version", false, true },
        { "42704", "unrecognized configuration parameter \"timezoned\"", false, false },
        { "28P01", "user \"driver_version\" has another password", true, false },
        { "28000", "user \"os_version\" may not", false, false },
        { "3D000", "database \"plugin_name\" does not exist", false, false },
        /* the password was sent, and the server has not said whether it is right */
        { "42704", "unrecognized configuration parameter \"driver_version\"", true, false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct dialog *d = remembered_new();
        struct rs_login login = login_to(d);
        struct rs_open_options options = options_of(RS_SSL_DISABLE);
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };

        options.level = 2;
        options.plugin = "Okta\n";
        dialog_packet(d);
        if (cases[i].asks) {
            dialog_auth(d, 3, NULL, 0);
            dialog_message(d);
        }
        dialog_error(d, cases[i].code, cases[i].text);
        dialog_then(d);
        dialog_packet(d);
        dialog_error(d, "42704", "client_protocol_version"); /* it was not sent */
        dialog_then(d);
        dialog_start(d);
        assert_false(rs_open_native(&login, &options, rs_deadline_in(10000), &opened, &diag));
        dialog_settle(d);
        if (dialog_connections(d) != (cases[i].again ? 2 : 1))
            fail_msg("case %zu: %d connections, %s", i, dialog_connections(d),
                     rs_diag_first(&diag));
        assert_int_equal(diag.n, 1);
        assert_true(dialog_got(d, "plugin_name\0Okta?\0", 18));
        rs_secret_clear(&login.secret);
        rs_diag_clear(&diag);
    }
}

/* Auto leaves libpq, which cannot ask for a level, out where one is wanted. */
static void test_level_auto(void **state)
{
    struct dialog *d = dialog_new();
    struct rs_login login = login_to(d);
    struct rs_open_options options = options_of(RS_SSL_DISABLE);
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    options.opener = RS_OPENER_AUTO;
    options.level = 3;
    options.level_is_explicit = true;
    dialog_packet(d);
    dialog_welcome(d);
    dialog_message(d);
    dialog_then(d);
    dialog_start(d);
    if (!rs_open(&login, &options, rs_deadline_in(10000), &opened, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    end_it(&opened, true);
    assert_true(dialog_got(d,
                           "client_protocol_version\0"
                           "3",
                           25));
    rs_secret_clear(&login.secret);
    dialog_free(d);
}

static void test_deadline(void **state)
{
    static const enum rs_sslmode modes[] = { RS_SSL_DISABLE, RS_SSL_REQUIRE };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(modes); i++) {
        struct dialog *d = dialog_new();
        struct rs_login login = login_to(d);
        struct rs_open_options options = options_of(modes[i]);
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };
        int64_t from = rs_now_ms();

        dialog_hang(d);
        dialog_then(d);
        dialog_start(d);
        assert_false(rs_open_native(&login, &options, rs_deadline_in(300), &opened, &diag));
        assert_int_equal(rs_diag_state(&diag), RS_HYT00);
        assert_true(rs_now_ms() - from < 5000);
        rs_secret_clear(&login.secret);
        rs_diag_clear(&diag);
        dialog_free(d);
    }
}

/* A server that never becomes ready ends, deadline or not. */
static void test_flood(void **state)
{
    struct dialog *d = dialog_new();
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    dialog_packet(d);
    for (int i = 0; i < 5000; i++)
        dialog_put(d, 'N', "Mx\0", 4);
    dialog_hang(d);
    dialog_then(d);
    dialog_start(d);
    assert_false(open_it(d, RS_SSL_DISABLE, &opened, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_08001);
    assert_non_null(strstr(rs_diag_first(&diag), "too many messages"));
    rs_diag_clear(&diag);
    dialog_free(d);
}

static void test_cancel(void **state)
{
    struct dialog *d = dialog_new();
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    dialog_packet(d);
    dialog_welcome(d);
    dialog_then(d); /* it closes; the session is over, cancelling is not */
    dialog_packet(d);
    dialog_then(d);
    dialog_hang(d);
    dialog_then(d);
    dialog_start(d);
    assert_true(open_it(d, RS_SSL_DISABLE, &opened, &diag));
    dialog_settle(d);
    assert_true(opened.cancel(opened.ctx, rs_deadline_in(5000)));
    assert_true(dialog_got(d, "\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x2akey!", 16));
    assert_false(opened.cancel(opened.ctx, rs_deadline_in(200))); /* it does not end in time */
    end_it(&opened, false);
    assert_false(dialog_got(d, "X\0\0\0\4", 5));
    dialog_free(d);
}

/* ---- auto ---- */

static void test_service(void **state)
{
    struct dialog *d = dialog_new();
    struct rs_login login = login_to(d);
    struct rs_open_options options = options_of(RS_SSL_DISABLE);
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    options.opener = RS_OPENER_AUTO;
    dialog_packet(d);
    dialog_welcome(d);
    dialog_message(d);
    dialog_then(d);
    dialog_start(d);
    assert_int_equal(setenv("PGSERVICE", "x", 1), 0);
    assert_true(rs_open(&login, &options, rs_deadline_in(10000), &opened, &diag));
    end_it(&opened, true);
    options.opener = RS_OPENER_LIBPQ;
    assert_false(rs_open(&login, &options, rs_deadline_in(10000), &opened, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_08001);
    (void)unsetenv("PGSERVICE");
    rs_secret_clear(&login.secret);
    rs_diag_clear(&diag);
    dialog_free(d);
}

/* libpq meets a request it does not know; once our opener was let in, libpq is left out. A real
 * refusal is final. */
static void test_auto(void **state)
{
    struct dialog *d = dialog_new();
    struct rs_login login = login_to(d);
    struct rs_open_options options = options_of(RS_SSL_DISABLE);
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    options.opener = RS_OPENER_AUTO;
    dialog_packet(d);
    dialog_error(d, "28P01", "wrong");
    dialog_then(d);
    dialog_packet(d);
    dialog_auth(d, 99, NULL, 0);
    dialog_hang(d);
    dialog_then(d);
    dialog_packet(d);
    dialog_welcome(d);
    dialog_message(d);
    dialog_then(d);
    dialog_packet(d);
    dialog_auth(d, 99, NULL, 0);
    dialog_hang(d);
    dialog_then(d);
    dialog_start(d);
    assert_false(rs_open(&login, &options, rs_deadline_in(10000), &opened, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_28000);
    assert_int_equal(dialog_connections(d), 1);
    rs_diag_clear(&diag);
    if (!rs_open(&login, &options, rs_deadline_in(10000), &opened, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    assert_int_equal(dialog_connections(d), 3);
    end_it(&opened, true);
    /* DateStyle as a parameter of its own: the start-up packet is ours
     */
    assert_true(dialog_got(d, "DateStyle\0ISO\0extra_float_digits", 32));
    assert_false(rs_open(&login, &options, rs_deadline_in(10000), &opened, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_28000);
    assert_int_equal(dialog_connections(d), 4); /* libpq would have made one more */
    rs_diag_clear(&diag);
    rs_secret_clear(&login.secret);
    dialog_free(d);
}

/* ---- memory ---- */

static bool oom_scenario(void *ctx)
{
    struct dialog *d = ctx;
    struct rs_login login = login_to(d);
    struct rs_open_options options = options_of(RS_SSL_PREFER);
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };
    bool ok;

    options.level = 2;
    ok = rs_open_native(&login, &options, rs_deadline_in(10000), &opened, &diag);
    if (!ok && rs_diag_state(&diag) != RS_HY001)
        fail_msg("%s", rs_diag_first(&diag));
    if (ok) {
        ok = rs_status_get(opened.statuses, "DateStyle") != NULL;
        end_it(&opened, true);
    }
    rs_secret_clear(&login.secret);
    rs_diag_clear(&diag);
    return ok;
}

static void test_oom(void **state)
{
    struct dialog *d = dialog_new();

    (void)state;
    dialog_packet(d);
    dialog_send(d, "N", 1);
    dialog_packet(d);
    dialog_auth(d, 5, "\1\2\3\4", 4);
    dialog_message(d);
    dialog_welcome(d);
    dialog_message(d);
    dialog_then(d);
    dialog_start(d);
    rs_test_oom(oom_scenario, d);
    dialog_free(d);
}

static int set_up(void **state)
{
    (void)state;
    tempdir_make(&dir);
    ca_path = tempdir_write(&dir, "ca.pem", ca_text, sizeof(ca_text) - 1, 0600);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    while (n_remembered > 0)
        dialog_free(remembered[--n_remembered]);
    tempdir_remove(&dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opens),        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_answers),      cmocka_unit_test(test_clear),
        cmocka_unit_test(test_no_password),  cmocka_unit_test(test_again),
        cmocka_unit_test(test_allow),        cmocka_unit_test(test_extras),
        cmocka_unit_test(test_extras_final), cmocka_unit_test(test_level_auto),
        cmocka_unit_test(test_deadline),     cmocka_unit_test(test_flood),
        cmocka_unit_test(test_cancel),       cmocka_unit_test(test_service),
        cmocka_unit_test(test_token),        cmocka_unit_test(test_auto),
        cmocka_unit_test(test_oom),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
