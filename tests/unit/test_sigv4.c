/*
 * The published signing vectors and our own, stage by stage. Our own stand in tests/data/sigv4;
 * RS_SIGV4_VECTORS may name a further folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/sigv4.h"
#include "oom.h"
#include "os.h"

enum { MAX_FILE = 1 << 20, MAX_HEADERS = 32 };

static struct rs_diag diag;

static void read_file(const char *folder, const char *name, struct rs_buf *out)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (rs_os_read_file(path, out, NULL, &diag) != RS_FILE_READ)
        fail_msg("cannot read %s", path);
    if (out->p == NULL)
        rs_buf_adds(out, "");
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

    return text == NULL ? "" : text;
}

static int number_at(const char *text, size_t at, size_t n)
{
    int value = 0;

    for (size_t i = at; i < at + n; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* By counting days, which is its own check. */
static int64_t when_of(const char *text)
{
    static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year = number_at(text, 0, 4);
    int64_t days = number_at(text, 8, 2) - 1;

    for (int y = 1970; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    for (int m = 1; m < number_at(text, 5, 2); m++)
        days += length[m - 1] + (m == 2 && is_leap(year) ? 1 : 0);
    return ((days * 24 + number_at(text, 11, 2)) * 60 + number_at(text, 14, 2)) * 60 +
           number_at(text, 17, 2);
}

/* A request text, taken apart in place. */
struct request {
    char method[16];
    struct rs_str path, query, body;
    struct rs_header header[MAX_HEADERS];
    size_t n;
};

static void parse_request(struct rs_str text, struct request *out)
{
    struct rs_str rest = text, line, target;
    bool done = false;
    ptrdiff_t space, mark;
    size_t last;

    memset(out, 0, sizeof *out);
    assert_true(rs_str_split(&rest, '\n', &done, &line));
    space = rs_str_chr(line, ' ');
    assert_true(space > 0 && space < 15);
    snprintf(out->method, sizeof out->method, "%.*s", (int)space, line.p);
    for (last = line.n; line.p[last - 1] != ' ';)
        last--;
    target = rs_str_sub(line, (size_t)space + 1, last - 2 - (size_t)space);
    mark = rs_str_chr(target, '?');
    out->path = mark < 0 ? target : rs_str_sub(target, 0, (size_t)mark);
    out->query = mark < 0 ? RS_STR_NULL : rs_str_sub(target, (size_t)mark + 1, target.n);
    while (rs_str_split(&rest, '\n', &done, &line) && line.n > 0) {
        if (line.p[0] == ' ' || line.p[0] == '\t') {
            struct rs_str *value = &out->header[out->n - 1].value;

            value->n = (size_t)(line.p + line.n - value->p);
        } else {
            ptrdiff_t colon = rs_str_chr(line, ':');

            assert_true(colon > 0 && out->n < MAX_HEADERS);
            out->header[out->n].name = rs_str_sub(line, 0, (size_t)colon);
            out->header[out->n].value = rs_str_sub(line, (size_t)colon + 1, line.n);
            out->n++;
        }
    }
    out->body = done ? RS_STR_NULL : rest;
}

static bool same(const char *folder, const char *file, const struct rs_buf *got)
{
    struct rs_buf want = RS_BUF_INIT(MAX_FILE);
    struct rs_str wanted;
    bool ok;

    read_file(folder, file, &want);
    wanted = rs_buf_str(&want);
    if (wanted.n > 0 && wanted.p[wanted.n - 1] == '\n')
        wanted.n--;
    ok = rs_str_eq(wanted, rs_buf_str(got));
    if (!ok)
        print_error("%s/%s\n--- want\n%.*s\n--- got\n%.*s\n", folder, file, RS_ARG(wanted),
                    RS_ARG(rs_buf_str(got)));
    rs_buf_clear(&want);
    return ok;
}

static bool run_case(const char *folder)
{
    struct rs_buf context = RS_BUF_INIT(MAX_FILE), text = RS_BUF_INIT(MAX_FILE);
    struct rs_creds creds = { 0 };
    struct rs_signed sig = { 0 };
    struct request request;
    const cJSON *keys;
    cJSON *json;
    bool ok;

    read_file(folder, "context.json", &context);
    read_file(folder, "request.txt", &text);
    json = cJSON_Parse(context.p);
    assert_non_null(json);
    keys = cJSON_GetObjectItem(json, "credentials");
    creds.access_key_id = rs_str_dup(rs_str_of(text_of(keys, "access_key_id")), &diag);
    assert_true(rs_secret_set(&creds.secret_access_key,
                              rs_str_of(text_of(keys, "secret_access_key")), &diag));
    assert_true(rs_secret_set(&creds.session_token, rs_str_of(text_of(keys, "token")), &diag));
    parse_request(rs_buf_str(&text), &request);

    struct rs_sign_request sign = {
        .method = request.method,
        .path = request.path,
        .query = request.query,
        .headers = request.header,
        .n_headers = request.n,
        .body = request.body,
        .region = text_of(json, "region"),
        .service = text_of(json, "service"),
        .keeps_path = !cJSON_IsTrue(cJSON_GetObjectItem(json, "normalize")),
        .omits_token = cJSON_IsTrue(cJSON_GetObjectItem(json, "omit_session_token")),
        .signs_body_hash = cJSON_IsTrue(cJSON_GetObjectItem(json, "sign_body")),
    };
    assert_true(rs_sigv4_sign(&sign, &creds, when_of(text_of(json, "timestamp")), &sig, &diag));
    ok = same(folder, "header-canonical-request.txt", &sig.canonical) &&
         same(folder, "header-string-to-sign.txt", &sig.to_sign) &&
         same(folder, "header-signature.txt", &sig.signature);
    if (ok) {
        struct rs_str tail = rs_buf_str(&sig.signature);

        ok = rs_str_ends_nocase(rs_buf_str(&sig.authorization), tail) &&
             strstr(sig.authorization.p, ", SignedHeaders=") != NULL;
    }
    rs_signed_clear(&sig);
    rs_creds_clear(&creds);
    cJSON_Delete(json);
    rs_buf_clear(&context);
    rs_buf_clear(&text);
    return ok;
}

/* Every folder inside that has a context.json is a case. */
static void run_folder(const char *root)
{
    size_t n = 0, n_bad = 0;
    DIR *dir = opendir(root);

    if (dir == NULL)
        fail_msg("no folder %s", root);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char folder[2048], file[4096];

        snprintf(folder, sizeof folder, "%s/%s", root, entry->d_name);
        snprintf(file, sizeof file, "%s/context.json", folder);
        if (entry->d_name[0] == '.' || !rs_os_file_exists(file))
            continue;
        n++;
        if (!run_case(folder))
            n_bad++;
    }
    closedir(dir);
    print_message("%zu cases in %s\n", n, root);
    assert_int_equal(n_bad, 0);
    assert_true(n > 0);
}

static void own_vectors(void **state)
{
    (void)state;
    run_folder(RS_TEST_DATA "/sigv4");
}

static void further_vectors(void **state)
{
    const char *folder = getenv("RS_SIGV4_VECTORS");

    (void)state;
    if (folder == NULL || *folder == '\0') {
        print_message("RS_SIGV4_VECTORS is not set\n");
        skip();
    }
    run_folder(folder);
}

/* The authorization header has the one form AWS takes. */
static void header_form(void **state)
{
    static const char want[] =
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260115/us-west-2/redshift/aws4_request"
        ", SignedHeaders=content-type;host;x-amz-date, Signature="
        "0326cdb280df42de2dbdf59d8f0be99122182918577615bad6514934b743e651";
    struct rs_header header[] = {
        { RS_STR("Host"), RS_STR("redshift.us-west-2.amazonaws.com") },
        { RS_STR("Content-Type"), RS_STR("application/x-www-form-urlencoded; charset=utf-8") },
    };
    struct rs_sign_request sign = {
        .method = "post",
        .headers = header,
        .n_headers = 2,
        .body = RS_STR("Action=DescribeClusters&Version=2012-12-01"
                       "&ClusterIdentifier=examplecluster"),
        .region = "us-west-2",
        .service = "redshift",
    };
    struct rs_creds creds = { .access_key_id = rs_str_dup(RS_STR("AKIAIOSFODNN7EXAMPLE"), &diag) };
    struct rs_signed sig = { 0 };

    (void)state;
    assert_true(rs_secret_set(&creds.secret_access_key,
                              RS_STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), &diag));
    assert_true(rs_sigv4_sign(&sign, &creds, 1768478400, &sig, &diag));
    assert_string_equal(sig.authorization.p, want);
    assert_string_equal(sig.date.p, "20260115T120000Z");
    assert_null(strstr(sig.canonical.p, "EXAMPLEKEY"));
    rs_signed_clear(&sig);
    rs_creds_clear(&creds);
}

static void too_many_headers(void **state)
{
    static struct rs_header header[RS_SIGV4_MAX_HEADERS + 1];
    struct rs_sign_request sign = { .method = "GET",
                                    .headers = header,
                                    .n_headers = RS_COUNT(header),
                                    .region = "r",
                                    .service = "s" };
    struct rs_creds creds = { 0 };
    struct rs_signed sig = { 0 };

    (void)state;
    assert_false(rs_sigv4_sign(&sign, &creds, 0, &sig, &diag));
    assert_int_equal(rs_diag_state(&diag), RS_HY000);
    rs_diag_clear(&diag);
}

static bool sign_once(void *ctx)
{
    struct rs_creds *creds = ctx;
    struct rs_header header = { RS_STR("Host"), RS_STR("example.com") };
    struct rs_sign_request sign = { .method = "GET",
                                    .path = RS_STR("/a/../b"),
                                    .query = RS_STR("b=1&a=%20"),
                                    .headers = &header,
                                    .n_headers = 1,
                                    .region = "us-west-2",
                                    .service = "redshift" };
    struct rs_signed sig = { 0 };
    bool ok = rs_sigv4_sign(&sign, creds, 0, &sig, &diag);

    if (!ok)
        assert_int_equal(rs_diag_state(&diag), RS_HY001);
    rs_signed_clear(&sig);
    rs_diag_clear(&diag);
    return ok;
}

static void sweep(void **state)
{
    struct rs_creds creds = { .access_key_id = rs_str_dup(RS_STR("AKIA"), &diag) };

    (void)state;
    assert_true(rs_secret_set(&creds.secret_access_key, RS_STR("secret"), &diag));
    assert_true(rs_secret_set(&creds.session_token, RS_STR("token"), &diag));
    rs_test_oom(sign_once, &creds);
    rs_creds_clear(&creds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_vectors), cmocka_unit_test(further_vectors),
        cmocka_unit_test(header_form), cmocka_unit_test(too_many_headers),
        cmocka_unit_test(sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
