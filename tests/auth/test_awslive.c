/*
 * The whole way from settings to a login over real HTTPS, against the AWS stand-in, which checks
 * each signature with another implementation and can misbehave on demand.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/auth.h"
#include "auth/aws.h"
#include "auth/credcache.h"

#define AKID   "RS_AWS_ACCESS_KEY_ID"
#define SECRET "RS_AWS_SECRET_ACCESS_KEY"

static struct rs_world world;

/* Pauses between attempts are not waited for. */
static void no_sleep(void *ctx, int64_t ms)
{
    (void)ctx;
    (void)ms;
}

/* A role that the environment names for a web identity, or NULL. */
static const char *env_role;
/* Whose keys the environment holds: "TEMP_" and the like, "" the good ones, NULL nobody's. */
static const char *env_keys;

/* What the environment says of the machine: the part of the URL behind its variable, or NULL. */
static const char *env_container, *env_token, *env_instance;

/* The home folder with the token of Identity Center, or NULL. */
static const char *env_home;

static const char *machine_env(const char *name)
{
    static char url[512];

    if (env_home != NULL && strcmp(name, "HOME") == 0)
        return env_home;
    if (env_home != NULL && (strcmp(name, "AWS_ENDPOINT_URL_SSO") == 0 ||
                             strcmp(name, "AWS_ENDPOINT_URL_SSO_OIDC") == 0)) {
        snprintf(url, sizeof url, "%smachine/sso", getenv("RS_AWS_URL"));
        return url;
    }

    if (env_token != NULL && strcmp(name, "AWS_CONTAINER_AUTHORIZATION_TOKEN") == 0)
        return env_token;
    if (env_container != NULL && strcmp(name, "AWS_CONTAINER_CREDENTIALS_FULL_URI") == 0) {
        snprintf(url, sizeof url, "%s%s", getenv("RS_AWS_URL"), env_container);
        return url;
    }
    if (env_instance != NULL && strcmp(name, "AWS_EC2_METADATA_SERVICE_ENDPOINT") == 0) {
        snprintf(url, sizeof url, "%s%s", getenv("RS_AWS_URL"), env_instance);
        return url;
    }
    /* Nobody shall wait for what is not there. */
    if (strcmp(name, "AWS_EC2_METADATA_DISABLED") == 0 && env_instance == NULL)
        return "true";
    return NULL;
}

/* The profile files are the bench's. */
static const char *bench_env(void *ctx, const char *name)
{
    static const char *const held[] = { "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN" };
    char wanted[64], given[64];

    (void)ctx;
    if (env_role != NULL && strcmp(name, "AWS_ROLE_ARN") == 0)
        return env_role;
    if (env_role != NULL && strcmp(name, "AWS_WEB_IDENTITY_TOKEN_FILE") == 0)
        return getenv("RS_AWS_WEB_TOKEN_FILE");
    for (size_t i = 0; env_keys != NULL && i < RS_COUNT(held); i++) {
        snprintf(wanted, sizeof wanted, "AWS_%s", held[i]);
        snprintf(given, sizeof given, "RS_AWS_%s%s", env_keys, held[i]);
        if (strcmp(name, wanted) == 0)
            return getenv(given);
    }
    if (strcmp(name, "AWS_CONFIG_FILE") == 0)
        return getenv("RS_AWS_CONFIG_FILE");
    if (strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0)
        return getenv("RS_AWS_CREDENTIALS_FILE");
    if (strcmp(name, "AWS_PROFILE") == 0 && (env_container != NULL || env_instance != NULL))
        return "bare";
    return machine_env(name);
}

struct run {
    struct rs_settings set;
    struct rs_login login;
    struct rs_diag diag;
    struct rs_deadline deadline;
    bool ok;
};

static void put(struct run *run, enum rs_key_id id, const char *value)
{
    if (value == NULL)
        fail_msg("no value for %s", rs_key(id)->name);
    if (!rs_settings_put(&run->set, id, rs_str_of(value), RS_LAYER_STRING, &run->diag))
        fail_msg("%s", rs_diag_first(&run->diag));
}

/* Everything but the credentials. fault: what the stand-in shall do, or NULL. */
static void prepare(struct run *run, const char *url_variable, const char *fault)
{
    static unsigned nonce;
    struct rs_buf url = RS_BUF_INIT(1024);

    memset(run, 0, sizeof *run);
    rs_aws_forget_clocks();
    rs_credcache_clear();
    run->deadline = rs_deadline_in(60000);
    assert_true(rs_settings_init(&run->set, &run->diag));
    rs_buf_adds(&url, getenv(url_variable));
    if (fault != NULL)
        rs_buf_addf(&url, "fault/%s/%ld-%u/", fault, (long)getpid(), nonce++);
    put(run, RS_KEY_endpoint_url, url.p);
    put(run, RS_KEY_sts_endpoint_url, url.p);
    put(run, RS_KEY_ca_file, getenv("RS_CA_FILE"));
    put(run, RS_KEY_cluster_id, getenv("RS_CLUSTER_ID"));
    put(run, RS_KEY_region, getenv("RS_REGION"));
    put(run, RS_KEY_database, "dev");
    put(run, RS_KEY_db_user, "newuser");
    put(run, RS_KEY_auto_create, "1");
    rs_buf_clear(&url);
}

/* which: "" or "TEMP_" and the like. */
static void put_keys(struct run *run, const char *which, bool with_token)
{
    char name[128];

    snprintf(name, sizeof name, "RS_AWS_%sACCESS_KEY_ID", which);
    put(run, RS_KEY_access_key_id, getenv(name));
    snprintf(name, sizeof name, "RS_AWS_%sSECRET_ACCESS_KEY", which);
    put(run, RS_KEY_secret_access_key, getenv(name));
    snprintf(name, sizeof name, "RS_AWS_%sSESSION_TOKEN", which);
    if (with_token)
        put(run, RS_KEY_session_token, getenv(name));
}

static void go(struct run *run)
{
    run->ok = rs_auth_resolve(&run->set, &world, run->deadline, NULL, &run->login, &run->diag);
    assert_int_equal(run->diag.n_error, run->ok ? 0 : 1);
    if (!run->ok && rs_secret_is_set(&run->set.secret_access_key))
        assert_null(
            strstr(rs_diag_first(&run->diag), rs_secret_reveal(&run->set.secret_access_key)));
    if (!run->ok && rs_secret_is_set(&run->set.session_token))
        assert_null(strstr(rs_diag_first(&run->diag), rs_secret_reveal(&run->set.session_token)));
}

static void done(struct run *run)
{
    rs_login_clear(&run->login);
    rs_settings_clear(&run->set);
    rs_diag_clear(&run->diag);
}

static void expect_login(struct run *run)
{
    if (!run->ok)
        fail_msg("%s", rs_diag_first(&run->diag));
    assert_string_equal(run->login.user, "IAMA:newuser");
    assert_true(rs_secret_len(&run->login.secret) > 20);
    assert_true(run->login.is_iam);
    assert_true(run->login.expires_at > rs_utc_s() + 600);
    done(run);
}

static void expect_failure(struct run *run, enum rs_state want, const char *says)
{
    if (run->ok)
        fail_msg("no failure (%s)", says);
    if (rs_diag_state(&run->diag) != want || strstr(rs_diag_first(&run->diag), says) == NULL)
        fail_msg("%s: %s", rs_state_text(rs_diag_state(&run->diag), false),
                 rs_diag_first(&run->diag));
    done(run);
}

static void long_term_keys(void **state)
{
    struct run run;

    (void)state;
    prepare(&run, "RS_AWS_URL", NULL);
    put_keys(&run, "", false);
    go(&run);
    assert_true(run.ok);
    assert_string_equal(run.login.host, getenv("RS_REDSHIFT_HOST"));
    assert_int_equal(run.login.port, atoi(getenv("RS_REDSHIFT_PORT")));
    expect_login(&run);
}

static void temporary_keys(void **state)
{
    struct run run;

    (void)state;
    prepare(&run, "RS_AWS_URL", NULL);
    put_keys(&run, "TEMP_", true);
    put(&run, RS_KEY_db_groups, "group1, group2,group1");
    put(&run, RS_KEY_iam_duration, "1800");
    go(&run);
    expect_login(&run);

    prepare(&run, "RS_AWS_URL", NULL);
    put_keys(&run, "TEMP_", false);
    go(&run);
    expect_failure(&run, RS_28000, "session token of temporary keys is missing");

    prepare(&run, "RS_AWS_URL", NULL);
    put_keys(&run, "EXPIRED_", true);
    go(&run);
    expect_failure(&run, RS_28000, "expired");
}

static void profiles(void **state)
{
    static const struct {
        const char *profile;
        const char *says; /* NULL: works */
    } cases[] = { { "default", NULL },
                  { "user2", NULL },
                  { "temp", NULL },
                  { "expired", "expired" },
                  { "nodescribe", "Server" },
                  { "nocreds", "GetClusterCredentials: AccessDenied" },
                  { "nocreate", "CreateClusterUser" },
                  { "nobody", "not found" } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        prepare(&run, "RS_AWS_URL", NULL);
        put(&run, RS_KEY_profile, cases[i].profile);
        go(&run);
        if (cases[i].says == NULL)
            expect_login(&run);
        else
            expect_failure(&run, RS_28000, cases[i].says);
    }
}

/* A container and an instance, at the end of the chain and by their own keys, over real HTTPS. */
static void machines(void **state)
{
    static const struct {
        const char *container, *token, *instance;
        bool is_named;    /* InstanceProfile */
        const char *says; /* NULL: works */
    } cases[] = {
        { "machine/container", "machine token/+==", NULL, false, NULL },
        { "machine/container", "wrong", NULL, false,
          "AccessDenied: unknown token **** (HTTP 401)" },
        { "machine/container", NULL, NULL, false, "AccessDenied: unknown token (HTTP 401)" },
        { "machine/nothing", NULL, NULL, false, "container credentials: HTTP404 (HTTP 404)" },
        { NULL, NULL, "machine/instance", false, NULL },
        { NULL, NULL, "machine/instance", true, NULL },
        { NULL, NULL, "machine/instance/denied", true, "no token: HTTP 403" },
        { NULL, NULL, "machine/instance/denied", false, "container: neither" },
        { NULL, NULL, "machine/instance/rolefree", true, "no role is attached" },
        { NULL, NULL, "machine/instance/untrusted", true,
          "AssumeRoleUnauthorizedAccess: EC2 cannot assume the role RedshiftAccess" },
        { NULL, NULL, "machine/nowhere", true, "no token: HTTP 404" },
        { NULL, NULL, NULL, true, "AWS_EC2_METADATA_DISABLED is true" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        env_container = cases[i].container;
        env_token = cases[i].token;
        env_instance = cases[i].instance;
        prepare(&run, "RS_AWS_URL", NULL);
        put(&run, cases[i].is_named ? RS_KEY_instance_profile : RS_KEY_iam, "1");
        go(&run);
        if (cases[i].says == NULL)
            expect_login(&run);
        else
            expect_failure(&run, RS_28000, cases[i].says);
    }
    env_container = env_token = env_instance = NULL;
}

/* Identity Center: with the kept token, and with one that is renewed first. */
static void sso(void **state)
{
    static const struct {
        const char *profile, *token, *expires, *refresh;
        const char *says; /* NULL: works */
    } cases[] = {
        { "sso", "sso.good+/=", "2999-01-01T00:00:00Z", "x", NULL },
        { "sso", "sso.old", "2020-01-01T00:00:00Z", "sso.refresh", NULL },
        { "sso", "sso.old", "2020-01-01T00:00:00Z", "wrong", "aws sso login --profile sso" },
        { "sso", "sso.old", "2999-01-01T00:00:00Z", "x", "the token is refused" },
        { "sso-stranger", "sso.good+/=", "2999-01-01T00:00:00Z", "x",
          "GetRoleCredentials: ForbiddenException: No access (HTTP 403)" },
    };
    char home[] = "/tmp/rs_awssso_XXXXXX", path[256];

    (void)state;
    assert_non_null(mkdtemp(home));
    snprintf(path, sizeof path, "mkdir -p %s/.aws/sso/cache", home);
    assert_int_equal(system(path), 0);
    snprintf(path, sizeof path, "%s/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
             home);
    env_home = home;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        FILE *file = fopen(path, "w");
        struct run run;

        assert_non_null(file);
        fprintf(file,
                "{\"accessToken\":\"%s\",\"expiresAt\":\"%s\",\"clientId\":\"client\","
                "\"clientSecret\":\"sso.client\",\"registrationExpiresAt\":"
                "\"2999-01-01T00:00:00Z\",\"refreshToken\":\"%s\"}",
                cases[i].token, cases[i].expires, cases[i].refresh);
        fclose(file);
        prepare(&run, "RS_AWS_URL", NULL);
        put(&run, RS_KEY_profile, cases[i].profile);
        go(&run);
        if (cases[i].says == NULL)
            expect_login(&run);
        else
            expect_failure(&run, RS_28000, cases[i].says);
    }
    env_home = NULL;
    snprintf(path, sizeof path, "rm -r %s", home);
    assert_int_equal(system(path), 0);
}

/* ---- through a proxy ---- */

static int listen_anywhere(int *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 8) == 0 &&
                getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    *port = ntohs(at.sin_port);
    return fd;
}

/* Bytes both ways until one side ends. */
static void relay(int a, int b)
{
    struct pollfd fds[] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
    char bytes[16384];

    while (poll(fds, 2, 60000) > 0)
        for (int i = 0; i < 2; i++) {
            ssize_t n = fds[i].revents == 0 ? -1 : read(fds[i].fd, bytes, sizeof bytes);

            if (fds[i].revents != 0 && (n <= 0 || write(fds[1 - i].fd, bytes, (size_t)n) != n))
                return;
        }
}

/* A child: each connection is led to that port of this computer, for "me" with "pass word". */
static pid_t start_proxy(int *port, int to)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((uint16_t)to) };
    int fd = listen_anywhere(port);
    pid_t child = fork();

    assert_true(child >= 0);
    if (child > 0) {
        close(fd);
        return child;
    }
    alarm(120);
    for (;;) {
        int client = accept(fd, NULL, NULL), server = socket(AF_INET, SOCK_STREAM, 0);
        char asked[8192] = "";
        size_t n = 0;

        while (n + 1 < sizeof asked && strstr(asked, "\r\n\r\n") == NULL &&
               read(client, asked + n, 1) == 1)
            asked[++n] = '\0';
        if (strncmp(asked, "CONNECT localhost:", 18) == 0 &&
            strstr(asked, "\r\nProxy-Authorization: Basic bWU6cGFzcyB3b3Jk\r\n") != NULL &&
            connect(server, (struct sockaddr *)&at, sizeof at) == 0) {
            if (write(client, "HTTP/1.1 200 OK\r\n\r\n", 19) == 19)
                relay(client, server);
        } else if (write(client, "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", 38) != 38) {
            _exit(1);
        }
        close(client);
        close(server);
    }
}

static void proxy(void **state)
{
    static const struct {
        const char *host, *password, *profile;
        enum rs_state want;
        const char *says; /* NULL: works */
    } cases[] = {
        { "127.0.0.1", "pass word", "user2", RS_00000, NULL },
        { "localhost", "pass word", "role", RS_00000, NULL },
        { "127.0.0.1", "wrong", "user2", RS_08001, "refused the connection (HTTP 407)" },
        { "nowhere.invalid", "pass word", "user2", RS_08001, "server through the proxy" },
        { "http://127.0.0.1", "pass word", "user2", RS_HY000, "https_proxy_host must be a host" },
    };
    const char *colon = strrchr(getenv("RS_AWS_URL"), ':');
    int port = 0;
    pid_t child = start_proxy(&port, atoi(colon + 1));
    char text[16];

    (void)state;
    snprintf(text, sizeof text, "%d", port);
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        prepare(&run, "RS_AWS_URL", NULL);
        put(&run, RS_KEY_profile, cases[i].profile);
        put(&run, RS_KEY_https_proxy_host, cases[i].host);
        put(&run, RS_KEY_https_proxy_port, text);
        put(&run, RS_KEY_https_proxy_username, "me");
        put(&run, RS_KEY_https_proxy_password, cases[i].password);
        go(&run);
        assert_null(strstr(rs_diag_first(&run.diag), "pass word"));
        if (cases[i].says == NULL)
            expect_login(&run);
        else
            expect_failure(&run, cases[i].want, cases[i].says);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* The stand-in checks signature and parameters of each AssumeRole. */
static void roles(void **state)
{
    static const struct {
        const char *profile;
        enum rs_state want; /* RS_00000: works */
        const char *says;
    } cases[] = { { "role", RS_00000, NULL },
                  { "role-hour", RS_00000, NULL },
                  { "role-short", RS_HY000, "AssumeRole: ValidationError" },
                  { "role-chain", RS_00000, NULL },
                  { "role-unchained", RS_28000, "AssumeRole: AccessDenied" },
                  { "role-external", RS_00000, NULL },
                  { "role-noexternal", RS_28000, "external_id" },
                  { "role-environment", RS_00000, NULL },
                  { "role-expired", RS_28000, "AssumeRole: ExpiredToken" },
                  { "role-nocreds", RS_28000, "GetClusterCredentials: AccessDenied" },
                  { "web-good", RS_00000, NULL },
                  { "web-expired", RS_28000, "the token has expired; its file must be renewed" } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        print_message("%s\n", cases[i].profile);
        env_keys = "";
        prepare(&run, "RS_AWS_URL", NULL);
        put(&run, RS_KEY_profile, cases[i].profile);
        go(&run);
        env_keys = NULL;
        if (cases[i].want == RS_00000)
            expect_login(&run);
        else
            expect_failure(&run, cases[i].want, cases[i].says);
    }
}

static void web_identity(void **state)
{
    struct run run;

    (void)state;
    env_role = "arn:aws:iam::123456789012:role/RedshiftAccess";
    prepare(&run, "RS_AWS_URL", NULL);
    put(&run, RS_KEY_iam, "1");
    go(&run);
    expect_login(&run);
    env_role = "arn:aws:iam::123456789012:role/Nobody";
    prepare(&run, "RS_AWS_URL", NULL);
    put(&run, RS_KEY_iam, "1");
    go(&run);
    env_role = NULL;
    expect_failure(&run, RS_28000, "AssumeRoleWithWebIdentity: AccessDenied");
}

/* IAM without keys: the environment's, else the default profile's. */
static void default_chain(void **state)
{
    static const struct {
        const char *keys;
        const char *says; /* NULL: works */
    } cases[] = { { NULL, NULL },
                  { "", NULL },
                  { "TEMP_", NULL },
                  { "EXPIRED_", "expired" },
                  { "NOCREDS_", "GetClusterCredentials: AccessDenied" } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        env_keys = cases[i].keys;
        prepare(&run, "RS_AWS_URL", NULL);
        put(&run, RS_KEY_iam, "1");
        go(&run);
        env_keys = NULL;
        if (cases[i].says == NULL)
            expect_login(&run);
        else
            expect_failure(&run, RS_28000, cases[i].says);
    }
}

static void denied_look_up(void **state)
{
    struct run run;

    (void)state;
    prepare(&run, "RS_AWS_URL", NULL);
    put_keys(&run, "NODESCRIBE_", false);
    go(&run);
    expect_failure(&run, RS_28000, "give Server and Port");
    prepare(&run, "RS_AWS_URL", NULL);
    put_keys(&run, "NODESCRIBE_", false);
    put(&run, RS_KEY_server, "localhost");
    go(&run);
    expect_login(&run);
}

static void custom_domain(void **state)
{
    struct run run;

    (void)state;
    prepare(&run, "RS_AWS_URL", NULL);
    put_keys(&run, "", false);
    put(&run, RS_KEY_server, "db.example.com");
    rs_free(run.set.cluster_id);
    run.set.cluster_id = NULL;
    go(&run);
    assert_true(run.ok);
    assert_string_equal(run.login.host, "db.example.com");
    expect_login(&run);
}

static void unset(char **value)
{
    rs_free(*value);
    *value = NULL;
}

/* Known to no credential call, but associated with a cluster. */
static void associated_domain(void **state)
{
    static const char *const federation[] = { "0", "1" };
    struct run run;

    (void)state;
    for (size_t i = 0; i < RS_COUNT(federation); i++) {
        prepare(&run, "RS_AWS_URL", NULL);
        put_keys(&run, "", false);
        put(&run, RS_KEY_server, "alias.example.com");
        put(&run, RS_KEY_group_federation, federation[i]);
        unset(&run.set.cluster_id);
        go(&run);
        if (!run.ok)
            fail_msg("%s", rs_diag_first(&run.diag));
        assert_string_equal(run.login.user, i == 0 ? "IAMA:newuser" : "IAMR:alice");
        done(&run);
    }
    prepare(&run, "RS_AWS_URL", NULL);
    put_keys(&run, "", false);
    put(&run, RS_KEY_server, "nobodys.example.com");
    unset(&run.set.cluster_id);
    go(&run);
    expect_failure(&run, RS_08001, "set ClusterID if the host is a load balancer or alias");
}

/* Each by signature, parameters and document of its own. */
static void other_calls(void **state)
{
    static const struct {
        const char *keys; /* key=value, joined by newlines; an empty value takes it away */
        const char *user; /* NULL: fails so */
        enum rs_state want;
        const char *says;
    } cases[] = {
        { "group_federation=1\nDbUser=\n", "IAMR:alice", RS_00000, NULL },
        { "group_federation=1\nIAMDuration=3600\n", "IAMR:alice", RS_00000, NULL },
        { "group_federation=1\nClusterID=nosuch\nServer=h\n", NULL, RS_08001,
          "GetClusterCredentialsWithIAM: ClusterNotFound" },
        { "ClusterID=\nWorkgroup=default\n", "IAMR:alice", RS_00000, NULL },
        { "ClusterID=\nWorkgroup=default\nIAMDuration=900\nServer=h\nServerless=1\n", "IAMR:alice",
          RS_00000, NULL },
        { "ClusterID=\nServer=default.123456789012.us-west-2.redshift-serverless.amazonaws.com\n",
          "IAMR:alice", RS_00000, NULL },
        { "ClusterID=\nServerless=1\nServer=db.example.com\n", "IAMR:alice", RS_00000, NULL },
        { "ClusterID=\nServerless=1\nServer=lb.example.com\n", NULL, RS_08001,
          "set Workgroup if the host is a load balancer or alias" },
        { "ClusterID=\nWorkgroup=fresh\n", NULL, RS_08001, "no endpoint yet" },
        { "ClusterID=\nWorkgroup=nosuch\n", NULL, RS_08001,
          "GetWorkgroup: ResourceNotFoundException: Workgroup nosuch not found. (HTTP 400" },
        { "AuthProfile=team-a\nDbUser=\nAutoCreate=\n", "IAMA:newuser", RS_00000, NULL },
        { "AuthProfile=whole\nDbUser=\nAutoCreate=\nClusterID=\nDatabase=\n", "IAMA:newuser",
          RS_00000, NULL },
        { "AuthProfile=bad\nAutoCreate=\n", NULL, RS_HY000, "AutoCreate" },
        { "AuthProfile=nosuch\n", NULL, RS_28000, "check AuthProfile and Region" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct rs_str rest = rs_str_of(cases[i].keys), line;
        bool end = false;
        struct run run;

        print_message("%s\n", cases[i].keys);
        prepare(&run, "RS_AWS_URL", NULL);
        put_keys(&run, "", false);
        while (rs_str_split(&rest, '\n', &end, &line)) {
            ptrdiff_t eq = rs_str_chr(line, '=');
            enum rs_key_id id =
                line.n == 0 ? RS_KEY_NONE : rs_key_find(rs_str_sub(line, 0, (size_t)eq));

            if (line.n == 0)
                continue;
            if (id == RS_KEY_cluster_id)
                unset(&run.set.cluster_id);
            if (id == RS_KEY_database)
                unset(&run.set.database);
            if (id == RS_KEY_db_user)
                unset(&run.set.db_user);
            run.set.layer[id] = RS_LAYER_DEFAULT;
            assert_true(rs_settings_put(&run.set, id, rs_str_sub(line, (size_t)eq + 1, line.n),
                                        RS_LAYER_STRING, &run.diag));
        }
        go(&run);
        if (cases[i].user == NULL) {
            expect_failure(&run, cases[i].want, cases[i].says);
            continue;
        }
        if (!run.ok)
            fail_msg("%s", rs_diag_first(&run.diag));
        assert_string_equal(run.login.user, cases[i].user);
        assert_true(run.login.expires_at > rs_utc_s() + 600);
        done(&run);
    }
}

static void wrong_values(void **state)
{
    struct run run;

    (void)state;
    prepare(&run, "RS_AWS_URL", NULL);
    put(&run, RS_KEY_access_key_id, getenv(AKID));
    put(&run, RS_KEY_secret_access_key, "not/the+secret");
    go(&run);
    expect_failure(&run, RS_28000, "SignatureDoesNotMatch");
    prepare(&run, "RS_AWS_URL", NULL);
    put(&run, RS_KEY_access_key_id, "AKIANOTTHEREEXAMPLE0");
    put(&run, RS_KEY_secret_access_key, getenv(SECRET));
    go(&run);
    expect_failure(&run, RS_28000, "InvalidClientTokenId");
}

static void clusters(void **state)
{
    static const struct {
        const char *id;
        const char *says;
    } cases[] = { { "nosuchcluster", "ClusterNotFound" }, { "creating", "no endpoint yet" } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        prepare(&run, "RS_AWS_URL", NULL);
        put_keys(&run, "", false);
        rs_free(run.set.cluster_id);
        run.set.cluster_id = rs_str_dup(rs_str_of(cases[i].id), &run.diag);
        go(&run);
        expect_failure(&run, RS_08001, cases[i].says);
    }
}

static void certificates(void **state)
{
    static const char *const urls[] = { "RS_AWS_WRONGHOST_URL", "RS_AWS_UNKNOWNCA_URL",
                                        "RS_AWS_EXPIRED_URL" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(urls); i++) {
        struct run run;

        prepare(&run, urls[i], NULL);
        put_keys(&run, "", false);
        go(&run);
        expect_failure(&run, RS_08001, "CaFile");
    }
}

static void faults(void **state)
{
    static const struct {
        const char *fault;
        enum rs_state want; /* RS_00000: works */
        const char *says;
    } cases[] = {
        { "throttle-2", RS_00000, NULL },
        { "throttle-3", RS_HY000, "3 attempts" },
        { "error500-2", RS_00000, NULL },
        { "error500-3", RS_HY000, "3 attempts" },
        { "error503-1", RS_00000, NULL },
        { "error-InvalidParameterValue-400", RS_HY000, "InvalidParameterValue" },
        { "close", RS_08001, "DescribeClusters" },
        { "cut", RS_08001, "DescribeClusters" },
        { "oversized", RS_HY000, "larger than 1048576 bytes" },
        { "oversizedchunked", RS_HY000, "larger than 1048576 bytes" },
        { "nonxml", RS_HY000, "the answer cannot be used" },
        { "nonxml403", RS_28000, "HTTP403" },
        { "emptybody", RS_HY000, "empty" },
        { "truncatedxml", RS_HY000, "not well formed" },
        { "xmlbomb", RS_HY000, "document type" },
        { "redirect", RS_HY000, "HTTP302" },
        { "badport", RS_HY000, "Port" },
        { "nopassword", RS_HY000, "no password" },
        { "longpassword-32767", RS_00000, NULL },
        { "skewdate", RS_00000, NULL },
        { "skewsig", RS_00000, NULL },
        { "expiredtoken-1", RS_28000, "expired" },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        struct run run;

        prepare(&run, "RS_AWS_URL", cases[i].fault);
        put_keys(&run, "", false);
        go(&run);
        print_message("%s: %s\n", cases[i].fault, rs_diag_first(&run.diag));
        if (cases[i].want == RS_00000)
            expect_login(&run);
        else
            expect_failure(&run, cases[i].want, cases[i].says);
    }
}

static void slow_answers(void **state)
{
    struct run run;

    (void)state;
    alarm(120); /* long before an answer */
    prepare(&run, "RS_AWS_URL", "stall-600");
    put_keys(&run, "", false);
    run.deadline = rs_deadline_in(700);
    go(&run);
    expect_failure(&run, RS_HYT00, "DescribeClusters");

    prepare(&run, "RS_AWS_URL", "stall-600");
    put_keys(&run, "", false);
    put(&run, RS_KEY_sts_connection_timeout, "1");
    go(&run);
    expect_failure(&run, RS_08001, "within 1 s, 3 attempts");
    alarm(0);
}

int main(void)
{
    static const char *const needed[] = { "RS_AWS_URL", "RS_CA_FILE",    AKID,
                                          SECRET,       "RS_CLUSTER_ID", "RS_REGION" };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_term_keys), cmocka_unit_test(temporary_keys),
        cmocka_unit_test(profiles),       cmocka_unit_test(denied_look_up),
        cmocka_unit_test(default_chain),  cmocka_unit_test(machines),
        cmocka_unit_test(proxy),          cmocka_unit_test(sso),
        cmocka_unit_test(roles),          cmocka_unit_test(web_identity),
        cmocka_unit_test(custom_domain),  cmocka_unit_test(associated_domain),
        cmocka_unit_test(other_calls),    cmocka_unit_test(wrong_values),
        cmocka_unit_test(clusters),       cmocka_unit_test(certificates),
        cmocka_unit_test(faults),         cmocka_unit_test(slow_answers),
    };

    for (size_t i = 0; i < RS_COUNT(needed); i++)
        if (getenv(needed[i]) == NULL) {
            printf("skipped: %s is not set; run it on the bench\n", needed[i]);
            return 77;
        }
    world = rs_world_real;
    world.sleep_ms = no_sleep;
    world.env = bench_env;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
