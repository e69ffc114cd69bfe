/*
 * Sign-ins that share: which calls a second one makes when one thing is another. The AWS behind it
 * answers by what is asked, whoever asks and in whatever order.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/auth.h"
#include "auth/aws.h"
#include "auth/credcache.h"
#include "http.h"
#include "oom.h"

enum { NOON = 1768478400, N_THREADS = 64 };

enum call { CALL_ROLE, CALL_CLUSTER, CALL_PASSWORD, N_CALLS };

static struct aws {
    _Atomic int n[N_CALLS];
    _Atomic int n_started;
    int64_t now, date_s;
    int wait_for;  /* AssumeRole answers when so many have started */
    int n_expired; /* so many passwords are refused with ExpiredToken */
    int password_left_s;
    const char *(*env)[2]; /* name, value; ends with NULL */
} aws;

static char folder[] = "/tmp/rs_sharing_XXXXXX";
static char config_path[64], creds_path[64], ca_path[64], other_ca_path[64];

static int64_t aws_utc_s(void *ctx)
{
    (void)ctx;
    return aws.now;
}

static int64_t aws_utc_ms(void *ctx)
{
    (void)ctx;
    return aws.now * 1000;
}

static void aws_sleep(void *ctx, int64_t ms)
{
    (void)ctx;
    (void)ms;
}

static double aws_random(void *ctx)
{
    (void)ctx;
    return 0.5;
}

static const char *aws_env(void *ctx, const char *name)
{
    (void)ctx;
    for (size_t i = 0; aws.env[i][0] != NULL; i++)
        if (strcmp(aws.env[i][0], name) == 0)
            return aws.env[i][1];
    return NULL;
}

static void add_time(struct rs_buf *out, int64_t when)
{
    struct rs_utc_time t = rs_utc_split(when);

    rs_buf_addf(out, "<Expiration>%04d-%02d-%02dT%02d:%02d:%02dZ</Expiration>", t.year, t.month,
                t.day, t.hour, t.minute, t.second);
}

static void answer_role(struct rs_buf *out)
{
    int number = atomic_fetch_add(&aws.n[CALL_ROLE], 1) + 1;

    for (int i = 0; i < 60000 && atomic_load(&aws.n_started) < aws.wait_for; i++)
        rs_sleep_ms(1);
    rs_buf_addf(out,
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA%d"
                "</AccessKeyId><SecretAccessKey>CANARYrole%d</SecretAccessKey>"
                "<SessionToken>CANARYtoken%d</SessionToken>",
                number, number, number);
    add_time(out, aws.now + 3600);
    rs_buf_adds(out, "</Credentials></AssumeRoleResult></AssumeRoleResponse>");
}

static int answer_password(struct rs_buf *out)
{
    int number = atomic_fetch_add(&aws.n[CALL_PASSWORD], 1) + 1;

    if (number <= aws.n_expired) {
        rs_buf_adds(out, "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>old</Message>"
                         "</Error></ErrorResponse>");
        return 403;
    }
    rs_buf_addf(out,
                "<GetClusterCredentialsResponse><GetClusterCredentialsResult>"
                "<DbUser>IAM:u</DbUser><DbPassword>CANARYpassword%d</DbPassword>",
                number);
    add_time(out, aws.now + aws.password_left_s);
    rs_buf_adds(out, "</GetClusterCredentialsResult></GetClusterCredentialsResponse>");
    return 200;
}

static bool aws_http(void *ctx, const struct rs_http_request *req, struct rs_http_reply *reply,
                     bool *retryable, struct rs_diag *diag)
{
    struct rs_http_reply made = { .status = 200,
                                  .date_s = aws.date_s,
                                  .body = RS_BUF_WIPED(req->max_reply_bytes),
                                  .headers = RS_BUF_WIPED(65536) };

    (void)ctx;
    *retryable = false;
    if (rs_str_find_nocase(req->body, RS_STR("Action=AssumeRole&")) == 0) {
        answer_role(&made.body);
    } else if (rs_str_find_nocase(req->body, RS_STR("Action=DescribeClusters&")) == 0) {
        atomic_fetch_add(&aws.n[CALL_CLUSTER], 1);
        rs_buf_adds(&made.body, "<DescribeClustersResponse><DescribeClustersResult><Clusters>"
                                "<Cluster><Endpoint><Address>found.example</Address>"
                                "<Port>5555</Port></Endpoint></Cluster></Clusters>"
                                "</DescribeClustersResult></DescribeClustersResponse>");
    } else {
        made.status = answer_password(&made.body);
    }
    if (!rs_buf_ok(&made.body, diag)) {
        rs_http_reply_clear(&made);
        return false;
    }
    *reply = made;
    return true;
}

static const struct rs_world world = { .utc_s = aws_utc_s,
                                       .utc_ms = aws_utc_ms,
                                       .sleep_ms = aws_sleep,
                                       .random01 = aws_random,
                                       .env = aws_env,
                                       .http = aws_http };

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const char config_text[] = "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/R\n"
                                  "source_profile = base\n"
                                  "[profile twin]\nrole_arn = arn:aws:iam::123456789012:role/R\n"
                                  "source_profile = base\n";
static const char creds_text[] = "[base]\naws_access_key_id = AKIAB\naws_secret_access_key = "
                                 "CANARYb\n";

static int make_files(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(config_path, sizeof config_path, "%s/config", folder);
    snprintf(creds_path, sizeof creds_path, "%s/credentials", folder);
    snprintf(ca_path, sizeof ca_path, "%s/ca.pem", folder);
    snprintf(other_ca_path, sizeof other_ca_path, "%s/other.pem", folder);
    write_file(ca_path, "-----BEGIN CERTIFICATE-----\n");
    write_file(other_ca_path, "-----BEGIN CERTIFICATE-----\n");
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(config_path);
    unlink(creds_path);
    unlink(ca_path);
    unlink(other_ca_path);
    rmdir(folder);
    return 0;
}

static const char *base_env[][2] = { { "AWS_CONFIG_FILE", config_path },
                                     { "AWS_SHARED_CREDENTIALS_FILE", creds_path },
                                     { "SSL_CERT_FILE", ca_path },
                                     { "HOME", "/nonexistent" },
                                     { NULL, NULL } };

static int begin(void **state)
{
    (void)state;
    aws = (struct aws){ .now = NOON, .password_left_s = 900, .env = base_env };
    write_file(config_path, config_text);
    write_file(creds_path, creds_text);
    rs_credcache_clear();
    rs_aws_forget_clocks();
    return 0;
}

#define ROLE "Profile=role\nDatabase=dev\nDbUser=u\nClusterID=c1\nRegion=us-west-2\n"
#define KEYS                                                                                       \
    "AccessKeyID=AKIAX\nSecretAccessKey=CANARYx\nDatabase=dev\nDbUser=u\nClusterID=c1\n"           \
    "Region=us-west-2\n"

/* "name=value\n…"; of one name the first counts. */
static void put_keys(struct rs_settings *set, const char *keys)
{
    struct rs_str rest = rs_str_of(keys), line;
    struct rs_diag diag = { 0 };
    bool done = false;

    while (rs_str_split(&rest, '\n', &done, &line)) {
        ptrdiff_t eq = rs_str_chr(line, '=');

        if (line.n > 0 &&
            !rs_settings_put(set, rs_key_find(rs_str_sub(line, 0, (size_t)eq)),
                             rs_str_sub(line, (size_t)eq + 1, line.n), RS_LAYER_STRING, &diag))
            fail_msg("%s", rs_diag_first(&diag));
    }
}

/* first before keys, so that it wins. */
static bool resolve(const char *first, const char *keys, struct rs_login *login,
                    struct rs_diag *diag)
{
    struct rs_settings set = { 0 };
    bool ok;

    assert_true(rs_settings_init(&set, diag));
    put_keys(&set, first);
    put_keys(&set, keys);
    ok = rs_auth_resolve(&set, &world, rs_deadline_in(60000), NULL, login, diag);
    rs_settings_clear(&set);
    return ok;
}

static void sign_in(const char *first, const char *keys, const char *password)
{
    struct rs_login login = { .host = NULL };
    struct rs_diag diag = { 0 };

    if (!resolve(first, keys, &login, &diag))
        fail_msg("%s", rs_diag_first(&diag));
    assert_string_equal(rs_secret_reveal(&login.secret), password);
    rs_login_clear(&login);
    rs_diag_clear(&diag);
}

static void expect_calls(int role, int cluster, int password)
{
    if (aws.n[CALL_ROLE] != role || aws.n[CALL_CLUSTER] != cluster ||
        aws.n[CALL_PASSWORD] != password)
        fail_msg("AssumeRole %d, DescribeClusters %d, GetClusterCredentials %d; not %d, %d, %d",
                 aws.n[CALL_ROLE], aws.n[CALL_CLUSTER], aws.n[CALL_PASSWORD], role, cluster,
                 password);
}

static void second_sign_in(void **state)
{
    struct rs_login login = { .host = NULL };
    struct rs_diag diag = { 0 };

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(resolve("", ROLE, &login, &diag));
        assert_int_equal(login.is_kept, i > 0);
        assert_string_equal(login.host, "found.example");
        assert_int_equal(login.port, 5555);
        assert_string_equal(login.user, "IAM:u");
        assert_string_equal(login.database, "dev");
        assert_true(login.is_iam);
        assert_int_equal(login.expires_at, NOON + 900);
        assert_string_equal(rs_secret_reveal(&login.secret), "CANARYpassword1");
        rs_login_clear(&login);
    }
    expect_calls(1, 1, 1);
}

/* One thing is another than in the sign-in before. */
static void one_change(void **state)
{
    static const struct {
        const char *keys, *change;
        bool role, password; /* is there a further call? */
    } cases[] = {
        /* the same */
        { ROLE, "", false, false },
        { KEYS, "", false, false },
        { ROLE, "LoginTimeout=30\n", false, false },
        { ROLE, "ApplicationName=x\n", false, false },
        { ROLE, "Description=x\n", false, false },
        { ROLE, "ReadOnly=1\n", false, false },
        { ROLE, "Port=1\n", false, false },
        { ROLE, "ClusterID=C1\n", false, false }, /* identifiers are lower case */
        { ROLE, "DbUser=u\n", false, false },
        /* the database's part alone */
        { ROLE, "Database=other\n", false, true },
        { ROLE, "DbUser=other\n", false, true },
        { ROLE, "DbUser=U\n", false, true },
        { ROLE, "ClusterID=c2\n", false, true },
        { ROLE, "AutoCreate=1\n", false, true },
        { ROLE, "AutoCreate=0\n", false, true },
        { ROLE, "DbGroups=a\n", false, true },
        { ROLE, "IAMDuration=900\n", false, true },
        { ROLE, "Server=h.example\n", false, true },
        { ROLE, "vpc_endpoint_url=vpce.example\n", false, true },
        { KEYS, "Database=other\n", false, true },
        { KEYS, "DbUser=other\n", false, true },
        { KEYS, "ClusterID=c2\n", false, true },
        /* whose AWS credentials */
        { ROLE, "Profile=twin\n", true, true },
        { ROLE, "Region=us-east-1\n", true, true },
        { ROLE, "EndpointUrl=https://e.example\n", true, true },
        { ROLE, "StsEndpointUrl=https://e.example\n", true, true },
        { ROLE, "UID=x\n", true, true },
        { ROLE, "PWD=CANARYy\n", true, true },
        { ROLE, "https_proxy_host=h\n", true, true },
        { ROLE, "https_proxy_port=1\n", true, true },
        { ROLE, "https_proxy_username=h\n", true, true },
        { ROLE, "https_proxy_password=CANARYh\n", true, true },
        { ROLE, "role_session_name=h\n", true, true },
        { ROLE, "AuthType=Profile\n", true, true },
        { ROLE, "IAM=1\n", true, true },
        { KEYS, "AccessKeyID=AKIAY\n", false, true },
        { KEYS, "SecretAccessKey=CANARYy\n", false, true },
        { KEYS, "SessionToken=CANARYt\n", false, true },
        { KEYS, "Region=us-east-1\n", false, true },
        { KEYS, "EndpointUrl=https://e.example\n", false, true },
        { KEYS, "UID=x\n", false, true },
    };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        bool is_role = strcmp(cases[i].keys, ROLE) == 0;
        struct rs_login login = { .host = NULL };
        struct rs_diag diag = { 0 };

        begin(NULL);
        sign_in("", cases[i].keys, "CANARYpassword1");
        if (!resolve(cases[i].change, cases[i].keys, &login, &diag))
            fail_msg("%s%s", cases[i].change, rs_diag_first(&diag));
        if (aws.n[CALL_ROLE] != is_role + cases[i].role ||
            aws.n[CALL_PASSWORD] != 1 + cases[i].password || login.is_kept == cases[i].password)
            fail_msg("%s%sAssumeRole %d, GetClusterCredentials %d", cases[i].keys, cases[i].change,
                     aws.n[CALL_ROLE], aws.n[CALL_PASSWORD]);
        rs_login_clear(&login);
    }
}

/* A variable, a file, a CA: everything around is another, the keys are the same. */
static void another_surrounding(void **state)
{
    static const char *other[][2] = { { "AWS_CONFIG_FILE", config_path },
                                      { "AWS_SHARED_CREDENTIALS_FILE", creds_path },
                                      { "SSL_CERT_FILE", ca_path },
                                      { "HOME", "/nonexistent" },
                                      { NULL, NULL },
                                      { NULL, NULL } };
    static const char *const added[] = { "AWS_PROFILE",     "AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN",
                                         "AWS_CA_BUNDLE",   "AWS_REGION",        "USERPROFILE",
                                         "AWS_ENDPOINT_URL" };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(added); i++) {
        begin(NULL);
        sign_in("", ROLE, "CANARYpassword1");
        other[4][0] = added[i];
        other[4][1] = strcmp(added[i], "AWS_CA_BUNDLE") == 0 ? ca_path : "https://x.example";
        aws.env = other;
        print_message("%s\n", added[i]);
        sign_in("", ROLE, "CANARYpassword2");
        expect_calls(2, 2, 2);
        aws.env = base_env;
        sign_in("", ROLE, "CANARYpassword1");
        expect_calls(2, 2, 2);
    }
    other[4][0] = NULL;
    begin(NULL);
    sign_in("", ROLE, "CANARYpassword1");
    other[3][1] = "/elsewhere";
    aws.env = other;
    sign_in("", ROLE, "CANARYpassword2");
    other[3][1] = "/nonexistent";
    other[2][1] = other_ca_path;
    sign_in("", ROLE, "CANARYpassword3");
    other[2][1] = ca_path;
    write_file(creds_path, "[base]\naws_access_key_id = AKIAB\naws_secret_access_key = CANARYc\n");
    sign_in("", ROLE, "CANARYpassword4");
    expect_calls(4, 4, 4);
}

static void another_user(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(folder, 0755), 0);
    sign_in("", ROLE, "CANARYpassword1");
    assert_int_equal(seteuid(65534), 0);
    sign_in("", ROLE, "CANARYpassword2");
    sign_in("", KEYS, "CANARYpassword3");
    assert_int_equal(seteuid(0), 0);
    sign_in("", ROLE, "CANARYpassword1");
    sign_in("", KEYS, "CANARYpassword4");
    expect_calls(2, 4, 4);
}

static void turned_off(void **state)
{
    (void)state;
    sign_in("", ROLE, "CANARYpassword1");
    sign_in("DisableCache=1\n", ROLE, "CANARYpassword2");
    sign_in("DisableCache=1\n", ROLE, "CANARYpassword3");
    sign_in("", ROLE, "CANARYpassword1");
    expect_calls(3, 3, 3);
}

/* Neither what has lapsed nor what lapses within a minute. */
static void renewed_in_time(void **state)
{
    (void)state;
    sign_in("", ROLE, "CANARYpassword1");
    aws.now += 839;
    sign_in("", ROLE, "CANARYpassword1");
    aws.now += 1;
    sign_in("", ROLE, "CANARYpassword2");
    expect_calls(1, 2, 2);
    aws.now = NOON + 3299;
    sign_in("", ROLE, "CANARYpassword3");
    expect_calls(1, 3, 3);
    aws.now += 1; /* the role has five minutes left */
    sign_in("", ROLE, "CANARYpassword4");
    expect_calls(2, 4, 4);
}

static void times_that_are_off(void **state)
{
    static const struct {
        int left_s, date_off_s;
        bool kept;
    } cases[] = { { 900, 0, true },    { 900, 30, true },    { 900, -30, true }, { 900, 31, false },
                  { 900, -31, false }, { 900, 3600, false }, { -60, 0, false },  { 60, 0, false },
                  { 0, 0, false },     { 86400, 0, false } };

    (void)state;
    for (size_t i = 0; i < RS_COUNT(cases); i++) {
        begin(NULL);
        aws.password_left_s = cases[i].left_s;
        aws.date_s = NOON + cases[i].date_off_s;
        print_message("case %zu\n", i);
        sign_in("", KEYS, "CANARYpassword1");
        sign_in("", KEYS, cases[i].kept ? "CANARYpassword1" : "CANARYpassword2");
    }
}

/* AWS says that kept credentials have expired: once more with new ones, and not oftener. */
static void expired_credentials(void **state)
{
    struct rs_login login = { .host = NULL };
    struct rs_diag diag = { 0 };

    (void)state;
    aws.n_expired = 1;
    assert_false(resolve("", ROLE, &login, &diag)); /* fresh ones: that is final */
    assert_non_null(strstr(rs_diag_first(&diag), "ExpiredToken"));
    rs_diag_clear(&diag);
    expect_calls(1, 1, 1);
    aws.n_expired = 2;
    sign_in("", ROLE, "CANARYpassword3");
    expect_calls(2, 3, 3);
    aws.n_expired = 5;
    assert_false(resolve("DbUser=other\n", ROLE, &login, &diag));
    assert_int_equal(diag.n_error, 1);
    rs_diag_clear(&diag);
    expect_calls(3, 5, 5);
}

/* A refused password goes, but not a newer one that came meanwhile. */
static void refused_by_the_server(void **state)
{
    struct rs_login first = { .host = NULL }, kept = { .host = NULL };
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(resolve("", ROLE, &first, &diag));
    assert_false(rs_auth_forget(&first)); /* a new one is not tried again */
    assert_true(resolve("", ROLE, &kept, &diag));
    assert_true(rs_auth_forget(&kept));
    sign_in("", ROLE, "CANARYpassword2");
    assert_true(rs_auth_forget(&kept));
    sign_in("", ROLE, "CANARYpassword2");
    expect_calls(1, 2, 2);
    rs_login_clear(&first);
    rs_login_clear(&kept);
}

static void sign_in_at_once(void *arg)
{
    struct rs_login *login = arg;
    struct rs_diag diag = { 0 };

    atomic_fetch_add(&aws.n_started, 1);
    if (!resolve("", ROLE, login, &diag))
        abort();
}

static void crowd(void **state)
{
    static struct rs_thread threads[N_THREADS];
    static struct rs_login logins[N_THREADS];

    (void)state;
    aws.wait_for = N_THREADS;
    for (int i = 0; i < N_THREADS; i++)
        assert_true(rs_thread_start(&threads[i], sign_in_at_once, &logins[i]));
    for (int i = 0; i < N_THREADS; i++) {
        rs_thread_join(&threads[i]);
        assert_string_equal(rs_secret_reveal(&logins[i].secret), "CANARYpassword1");
        assert_string_equal(logins[i].host, "found.example");
        rs_login_clear(&logins[i]);
    }
    expect_calls(1, 1, 1);
}

static _Atomic bool stop_looking;

static void look_at_clocks(void *arg)
{
    struct rs_endpoint endpoint = { .host = arg };
    struct rs_aws at = { .world = &world, .endpoint = &endpoint };

    while (!atomic_load(&stop_looking))
        (void)rs_aws_now(&at);
}

/* Whatever other threads were in the middle of, the child signs in by itself. */
static void forked(void **state)
{
    static char host[] = "h";
    struct rs_thread threads[2];

    (void)state;
    atomic_store(&stop_looking, false);
    sign_in("", ROLE, "CANARYpassword1");
    for (size_t i = 0; i < RS_COUNT(threads); i++)
        assert_true(rs_thread_start(&threads[i], look_at_clocks, host));
    for (int i = 0; i < 50; i++) {
        int status = -1;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            struct rs_login login = { .host = NULL };
            struct rs_diag diag = { 0 };

            alarm(20);
            _exit(resolve("", ROLE, &login, &diag) && !login.is_kept ? 0 : 1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
    atomic_store(&stop_looking, true);
    for (size_t i = 0; i < RS_COUNT(threads); i++)
        rs_thread_join(&threads[i]);
}

static bool sign_in_twice(void *ctx)
{
    struct rs_settings set = { 0 }, copy = { 0 };
    struct rs_login login[2] = { { .host = NULL }, { .host = NULL } };
    struct rs_diag diag = { 0 };
    bool ok;

    (void)ctx;
    rs_credcache_clear();
    ok = rs_settings_init(&set, &diag);
    if (ok) {
        rs_settings_clear(&set);
        ok = rs_settings_copy(&copy, ctx, &diag) &&
             rs_auth_resolve(&copy, &world, RS_FOREVER, NULL, &login[0], &diag) &&
             rs_auth_resolve(&copy, &world, RS_FOREVER, NULL, &login[1], &diag);
    }
    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    assert_int_equal(diag.n_error, ok ? 0 : 1);
    rs_login_clear(&login[0]);
    rs_login_clear(&login[1]);
    rs_settings_clear(&copy);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    struct rs_settings set = { 0 };
    struct rs_diag diag = { 0 };

    (void)state;
    assert_true(rs_settings_init(&set, &diag));
    put_keys(&set, ROLE);
    rs_test_oom(sign_in_twice, &set);
    rs_settings_clear(&set);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(second_sign_in),
        TEST(one_change),
        TEST(another_surrounding),
        TEST(another_user),
        TEST(turned_off),
        TEST(renewed_in_time),
        TEST(times_that_are_off),
        TEST(expired_credentials),
        TEST(refused_by_the_server),
        TEST(crowd),
        TEST(forked),
        TEST(sweep),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
