/*
 * TLS to the letter, the same by each opener: certificates made for the test, each in every mode
 * that checks, against a server that would let anybody in. Who is refused has said nothing to it
 * but the handshake.
 */
/* RTLD_NEXT, for the names that only this program knows. */
#define _GNU_SOURCE 1

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <netdb.h>
#include <openssl/tls1.h>

#include "certs.h"
#include "opener.h"
#include "player.h"
#include "script.h"
#include "transport.h"

#define PASSWORD "Rs-Passw0rd"

static struct tempdir dir;
static struct player *player;
static struct script welcome;

static const char *const openers[] = {
    [RS_OPENER_AUTO] = "auto",
    [RS_OPENER_LIBPQ] = "libpq",
    [RS_OPENER_NATIVE] = "native",
};

/* Every name below .test is this machine. */
__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    size_t n = name == NULL ? 0 : strlen(name);
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

    memcpy(&real, &symbol, sizeof(real));
    if (n > 5 && (strcmp(name + n - 5, ".test") == 0 || strcmp(name + n - 5, "test.") == 0))
        name = "127.0.0.1";
    return real(name, service, hints, found);
}

/* ---- certificates ---- */

/* Issuers first. */
static const struct certs_wish wishes[] = {
    { "ca", NULL, "the authority", .is_ca = true },
    { "otherca", NULL, "another authority", .is_ca = true },
    { "middle", "ca", "an authority between", .is_ca = true },
    { "good", "ca", "server", "DNS:localhost,IP:127.0.0.1", "serverAuth" },
    { "anyuse", "ca", "server", "DNS:localhost,IP:127.0.0.1" },
    { "name", "ca", "server", "DNS:localhost", "serverAuth" },
    { "uppername", "ca", "server", "DNS:LocalHost", "serverAuth" },
    { "address", "ca", "server", "IP:127.0.0.1", "serverAuth" },
    { "otheraddress", "ca", "server", "IP:127.0.0.2", "serverAuth" },
    { "addressname", "ca", "127.0.0.1", "DNS:127.0.0.1", "serverAuth" },
    { "cnonly", "ca", "localhost", NULL, "serverAuth" },
    { "cnaddress", "ca", "127.0.0.1", NULL, "serverAuth" },
    { "cnmail", "ca", "localhost", "email:admin@localhost", "serverAuth" },
    { "otherhost", "ca", "localhost", "DNS:other.example.com", "serverAuth" },
    { "star", "ca", "server", "DNS:*.db.test", "serverAuth" },
    { "starpart", "ca", "server", "DNS:a*.db.test", "serverAuth" },
    { "starmiddle", "ca", "server", "DNS:a.*.test", "serverAuth" },
    { "startop", "ca", "server", "DNS:*.test", "serverAuth" },
    { "staralone", "ca", "server", "DNS:*", "serverAuth" },
    { "expired", "ca", "server", "DNS:localhost", "serverAuth", .from_days = -9, .to_days = -1 },
    { "future", "ca", "server", "DNS:localhost", "serverAuth", .from_days = 1, .to_days = 9 },
    { "client", "ca", "server", "DNS:localhost", "clientAuth" },
    { "unknown", "otherca", "server", "DNS:localhost", "serverAuth" },
    { "itself", NULL, "server", "DNS:localhost", "serverAuth" },
    { "forged", "good", "server", "DNS:localhost", "serverAuth" },
    { "whole", "middle", "server", "DNS:localhost", "serverAuth", .chain = "middle" },
    { "broken", "middle", "server", "DNS:localhost", "serverAuth" },
};

static int setup(void **state)
{
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

/* ---- one opening ---- */

struct trial {
    const char *host;
    enum rs_sslmode mode;
    enum rs_opener opener;
    bool tls13_only;
    const char *ca; /* NULL: "ca" */
};

static bool open_it(const struct trial *t, struct rs_opened *opened, struct rs_diag *diag)
{
    static char user[] = "bob", database[] = "dev";
    char ca[1024];
    struct rs_login login = { .port = player_port(player), .user = user, .database = database };
    struct rs_open_options options = { .opener = t->opener,
                                       .sslmode = t->mode,
                                       .sslmode_is_explicit = true,
                                       .tls13_only = t->tls13_only,
                                       .ca_file = ca,
                                       .receive_bytes = 65536 };
    bool ok;

    (void)snprintf(ca, sizeof(ca), "%s", certs_pem(&dir, t->ca == NULL ? "ca" : t->ca));
    login.host = rs_str_dup(rs_str_of(t->host), NULL);
    assert_true(rs_secret_set(&login.secret, RS_STR(PASSWORD), NULL));
    ok = rs_open(&login, &options, rs_deadline_in(15000), opened, diag);
    rs_free(login.host);
    rs_secret_clear(&login.secret);
    return ok;
}

static void end_it(struct rs_opened *opened)
{
    opened->finish(opened->ctx, opened->transport, true);
    rs_status_free(opened->statuses);
    rs_free(opened->address);
}

/* The name without the root's dot; none for an address. */
static void expect_server_name(const char *host)
{
    size_t n = host[0] == '1' ? 0 : strlen(host);

    if (n > 0 && host[n - 1] == '.')
        n--;
    assert_int_equal(strlen(player_server_name(player)), n);
    assert_memory_equal(player_server_name(player), host, n);
}

static void expect(const struct trial *t, const char *what, bool opens, const char *text)
{
    struct rs_opened opened = { 0 };
    struct rs_diag diag = { 0 };
    bool ok = open_it(t, &opened, &diag);

    if (ok != opens)
        fail_msg("%s, %s, mode %d, %s: %s", what, t->host, (int)t->mode, openers[t->opener],
                 ok ? "opened" : rs_diag_first(&diag));
    if (ok) {
        assert_true(opened.uses_tls);
        expect_server_name(t->host);
        end_it(&opened);
    } else {
        if (rs_diag_state(&diag) != RS_08001 || diag.n != 1 ||
            strstr(rs_diag_first(&diag), text) == NULL ||
            strstr(rs_diag_first(&diag), PASSWORD) != NULL)
            fail_msg("%s, %s, mode %d, %s: %s", what, t->host, (int)t->mode, openers[t->opener],
                     rs_diag_first(&diag));
        assert_int_equal(player_startups(player), 0);
    }
    rs_diag_clear(&diag);
}

/* ---- certificate, mode, opener ---- */

enum opens { NEVER, UNNAMED, ALWAYS }; /* UNNAMED: unless verify-full asks for the name */

static void test_certificates(void **state)
{
    static const enum rs_sslmode modes[] = { RS_SSL_PREFER, RS_SSL_REQUIRE, RS_SSL_VERIFY_CA,
                                             RS_SSL_VERIFY_FULL };
    static const struct {
        const char *certificate, *host;
        enum opens opens;
        const char *text; /* of the refusal */
    } cases[] = {
        { "good", "localhost", ALWAYS, NULL },
        { "good", "127.0.0.1", ALWAYS, NULL },
        { "good", "LOCALHOST", ALWAYS, NULL },
        { "star", "a.db.test.", ALWAYS, NULL },
        { "anyuse", "localhost", ALWAYS, NULL },
        { "uppername", "localhost", ALWAYS, NULL },
        { "name", "localhost", ALWAYS, NULL },
        { "address", "127.0.0.1", ALWAYS, NULL },
        { "whole", "localhost", ALWAYS, NULL },
        { "star", "a.db.test", ALWAYS, NULL },
        { "star", "A.DB.test", ALWAYS, NULL },
        /* another's name */
        { "otherhost", "localhost", UNNAMED,
          "is for \"other.example.com\", not for \"localhost\"" },
        { "name", "127.0.0.1", UNNAMED, "is for \"localhost\", not for \"127.0.0.1\"" },
        { "address", "localhost", UNNAMED, "is for \"127.0.0.1\", not for \"localhost\"" },
        { "otheraddress", "127.0.0.1", UNNAMED, "is for \"127.0.0.2\", not for \"127.0.0.1\"" },
        { "addressname", "127.0.0.1", UNNAMED, "not for \"127.0.0.1\"" },
        { "cnonly", "localhost", UNNAMED, "not for \"localhost\"" },
        { "cnaddress", "127.0.0.1", UNNAMED, "not for \"127.0.0.1\"" },
        { "cnmail", "localhost", UNNAMED, "not for \"localhost\"" },
        { "star", "a.b.db.test", UNNAMED, "is for \"*.db.test\", not for \"a.b.db.test\"" },
        { "star", "db.test", UNNAMED, "not for \"db.test\"" },
        { "star", "localhost", UNNAMED, "not for \"localhost\"" },
        { "starpart", "ab.db.test", UNNAMED, "not for \"ab.db.test\"" },
        { "starmiddle", "a.db.test", UNNAMED, "not for \"a.db.test\"" },
        { "startop", "db.test", UNNAMED, "not for \"db.test\"" },
        { "staralone", "localhost", UNNAMED, "not for \"localhost\"" },
        { "star", "127.0.0.1", UNNAMED, "not for \"127.0.0.1\"" },
        /* a chain that is none */
        { "expired", "localhost", NEVER, "has expired; the server needs another" },
        { "future", "localhost", NEVER, "not yet valid; the server needs another" },
        { "client", "localhost", NEVER, "it was not issued for a server" },
        { "unknown", "localhost", NEVER, "CaFile must name" },
        { "itself", "localhost", NEVER, "CaFile must name" },
        { "forged", "localhost", NEVER, "CaFile must name" },
        { "broken", "localhost", NEVER, "CaFile must name" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        player_certificate(player, certs_pem(&dir, cases[i].certificate),
                           certs_key(&dir, cases[i].certificate));
        for (size_t m = 0; m < RS_COUNT(modes); m++)
            for (size_t o = 0; o < RS_COUNT(openers); o++) {
                struct trial t = { cases[i].host, modes[m], (enum rs_opener)o };
                bool opens = cases[i].opens == ALWAYS ||
                             (cases[i].opens == UNNAMED && modes[m] != RS_SSL_VERIFY_FULL);

                player_play(player, &welcome, PLAYER_PLAIN);
                expect(&t, cases[i].certificate, opens, cases[i].text);
            }
    }
}

/* ---- versions ---- */

static void test_versions(void **state)
{
    static const struct {
        int version;
        bool tls13_only, opens;
    } cases[] = {
        { TLS1_3_VERSION, false, true },  { TLS1_3_VERSION, true, true },
        { TLS1_2_VERSION, false, true },  { TLS1_2_VERSION, true, false },
        { TLS1_1_VERSION, false, false }, { TLS1_VERSION, false, false },
    };

    (void)state;
    player_certificate(player, certs_pem(&dir, "good"), certs_key(&dir, "good"));
    for (size_t i = 0; i < RS_COUNT(cases); i++)
        for (size_t o = 0; o < RS_COUNT(openers); o++) {
            struct trial t = { "localhost", RS_SSL_VERIFY_FULL, (enum rs_opener)o,
                               cases[i].tls13_only };
            struct player_how how = PLAYER_PLAIN;
            char what[32];

            how.tls_only = cases[i].version;
            (void)snprintf(what, sizeof(what), "version %x", (unsigned)cases[i].version);
            player_play(player, &welcome, how);
            expect(&t, what, cases[i].opens, "protocol");
        }
}

/* ---- the CA file ---- */

static void test_ca(void **state)
{
    static const struct {
        const char *ca, *certificate;
        bool opens;
    } cases[] = {
        { "ca", "good", true },         { "otherca", "good", false },
        { "otherca", "unknown", true }, { "itself", "itself", true }, /* trusted by name */
        { "good", "good", false },     /* a server's certificate is no authority's */
        { "middle", "broken", false }, /* nor is half a chain one */
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        player_certificate(player, certs_pem(&dir, cases[i].certificate),
                           certs_key(&dir, cases[i].certificate));
        for (size_t o = 0; o < RS_COUNT(openers); o++) {
            struct trial t = { "localhost", RS_SSL_VERIFY_FULL, (enum rs_opener)o,
                               .ca = cases[i].ca };

            player_play(player, &welcome, PLAYER_PLAIN);
            expect(&t, cases[i].certificate, cases[i].opens, "CaFile must name");
        }
    }
}

/* ---- bytes in front of TLS ---- */

/* What follows S in the clear would be taken for what TLS protects. */
static void test_early_bytes(void **state)
{
    (void)state;
    player_certificate(player, certs_pem(&dir, "good"), certs_key(&dir, "good"));
    for (size_t o = 0; o < RS_COUNT(openers); o++) {
        struct trial t = { "localhost", RS_SSL_VERIFY_FULL, (enum rs_opener)o };
        struct player_how how = PLAYER_PLAIN;

        how.early = true;
        player_play(player, &welcome, how);
        expect(&t, "a byte behind S", false, "unencrypted bytes came behind");
    }
}

/* ---- cancel requests ---- */

/* The cancel connection is checked like the session's own: the key is not for anybody. */
static void test_cancel(void **state)
{
    static const struct {
        const char *certificate;
        bool is_sent;
    } cases[] = {
        { "good", true },     { "otherhost", false }, { "expired", false },
        { "unknown", false }, { "cnonly", false },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct trial t = { "localhost", RS_SSL_VERIFY_FULL, RS_OPENER_NATIVE };
        struct rs_opened opened = { 0 };
        struct rs_diag diag = { 0 };

        player_certificate(player, certs_pem(&dir, "good"), certs_key(&dir, "good"));
        player_play(player, &welcome, PLAYER_PLAIN);
        if (!open_it(&t, &opened, &diag))
            fail_msg("%s", rs_diag_first(&diag));
        player_certificate(player, certs_pem(&dir, cases[i].certificate),
                           certs_key(&dir, cases[i].certificate));
        assert_int_equal(opened.cancel(opened.ctx, rs_deadline_in(5000)), cases[i].is_sent);
        assert_int_equal(player_cancels(player), cases[i].is_sent ? 1 : 0);
        assert_int_equal(player_connections(player), 2);
        end_it(&opened);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificates), cmocka_unit_test(test_versions),
        cmocka_unit_test(test_ca),           cmocka_unit_test(test_early_bytes),
        cmocka_unit_test(test_cancel),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
