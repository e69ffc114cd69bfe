#include "serverless.h"

#include "../json.h"
#include "../os.h"
#include "../url.h"

enum { BODY_MAX_BYTES = 1 << 20, PASSWORD_MAX_BYTES = 32767 };

static bool fail_answer(const char *operation, const char *why, struct rs_diag *diag)
{
    return rs_fail(diag, RS_HY000, 0, "%s: the answer cannot be used: %s", operation, why);
}

bool rs_serverless_parse(struct rs_str text, const char *operation, struct rs_json **json,
                         struct rs_diag *diag)
{
    struct rs_diag cause = { 0 };
    bool ok = rs_json_parse(text, json, &cause);

    if (!ok && rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(diag);
    else if (!ok)
        fail_answer(operation, rs_diag_first(&cause), diag);
    rs_diag_clear(&cause);
    return ok;
}

static void add_name(struct rs_buf *out, const char *name)
{
    rs_buf_addf(out, "%s\"%s\":", out->len == 0 ? "{" : ",", name);
}

static void add_text(struct rs_buf *out, const char *name, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    add_name(out, name);
    rs_json_quote(out, rs_str_of(value));
}

/* ---- GetWorkgroup ---- */

static bool read_endpoint(const struct rs_json *group, const char *workgroup, char **host,
                          int32_t *port, struct rs_diag *diag)
{
    static const char operation[] = "GetWorkgroup";
    const struct rs_json *endpoint = rs_json_object(group, "endpoint");
    struct rs_str address = RS_STR_NULL, status = RS_STR("unknown");
    int64_t number = 0;
    char *copy;

    if (endpoint == NULL || !rs_json_text(endpoint, "address", &address) || address.n == 0) {
        if (!rs_json_text(group, "status", &status))
            status = RS_STR("unknown");
        return rs_fail(diag, RS_08001, 0,
                       "workgroup \"%s\" has no endpoint yet (its status is \"%.*s\"); try again "
                       "later",
                       workgroup, RS_ARG(rs_str_sub(status, 0, 64)));
    }
    if (!rs_json_int(endpoint, "port", &number) || number < 1 || number > 65535 ||
        !rs_url_is_host(address))
        return fail_answer(operation, "address and port are not those of a server", diag);
    copy = rs_str_dup(address, diag);
    if (copy == NULL)
        return false;
    *host = copy;
    *port = (int32_t)number;
    return true;
}

bool rs_serverless_read_workgroup(struct rs_str text, const char *workgroup, char **host,
                                  int32_t *port, struct rs_diag *diag)
{
    struct rs_json *json = NULL;
    const struct rs_json *group;
    bool ok = false;

    if (!rs_serverless_parse(text, "GetWorkgroup", &json, diag))
        return false;
    group = rs_json_object(json, "workgroup");
    if (group == NULL)
        fail_answer("GetWorkgroup", "it holds no workgroup", diag);
    else
        ok = read_endpoint(group, workgroup, host, port, diag);
    rs_json_free(json);
    return ok;
}

bool rs_serverless_describe(const struct rs_aws *aws, const char *workgroup,
                            struct rs_aws_told *told, char **host, int32_t *port,
                            struct rs_diag *diag)
{
    static const struct rs_aws_hint hints[] = {
        { "AccessDeniedException",
          "allow redshift-serverless:GetWorkgroup, or give Server and Port" },
        { NULL, NULL },
    };
    struct rs_aws_call call = { .operation = "GetWorkgroup",
                                .target = "RedshiftServerless.GetWorkgroup",
                                .hints = hints,
                                .told = told };
    struct rs_buf body = RS_BUF_WIPED(BODY_MAX_BYTES), reply = RS_BUF_WIPED(RS_AWS_MAX_REPLY);
    bool ok;

    add_text(&body, "workgroupName", workgroup);
    rs_buf_addc(&body, '}');
    call.body = rs_buf_str(&body);
    ok = rs_buf_ok(&body, diag) && rs_aws_send(aws, &call, &reply, diag) &&
         rs_serverless_read_workgroup(rs_buf_str(&reply), workgroup, host, port, diag);
    rs_buf_clear(&body);
    rs_buf_clear(&reply);
    return ok;
}

/* ---- GetCredentials ---- */

void rs_serverless_body(const struct rs_serverless_ask *ask, struct rs_buf *out)
{
    struct rs_buf body = RS_BUF_WIPED(BODY_MAX_BYTES);

    add_text(&body, "dbName", ask->database);
    if (ask->duration_s > 0) {
        add_name(&body, "durationSeconds");
        rs_buf_addf(&body, "%d", (int)ask->duration_s);
    }
    add_text(&body, ask->workgroup != NULL ? "workgroupName" : "customDomainName",
             ask->workgroup != NULL ? ask->workgroup : ask->custom_domain);
    rs_buf_adds(&body, "}");
    if (body.bad)
        out->bad = true;
    rs_buf_add(out, rs_buf_str(&body));
    rs_buf_clear(&body);
}

bool rs_serverless_read_password(struct rs_str text, struct rs_redshift_password *out,
                                 struct rs_diag *diag)
{
    static const char operation[] = "GetCredentials";
    struct rs_redshift_password made = { 0 };
    struct rs_str user, password;
    struct rs_json *json = NULL;
    bool ok = false;

    if (!rs_serverless_parse(text, operation, &json, diag))
        return false;
    if (!rs_json_text(json, "dbUser", &user) || !rs_json_text(json, "dbPassword", &password) ||
        user.n == 0 || password.n == 0) {
        fail_answer(operation, "it holds no user or no password", diag);
        goto out;
    }
    if (password.n > PASSWORD_MAX_BYTES) {
        fail_answer(operation, "its password is too long", diag);
        goto out;
    }
    if (!rs_json_cut(json, "expiration", &made.expires_at) || made.expires_at <= 0) {
        fail_answer(operation, "expiration is not a time", diag);
        goto out;
    }
    made.user = rs_str_dup(user, diag);
    if (made.user == NULL || !rs_secret_set(&made.password, password, diag))
        goto out;
    *out = made;
    made = (struct rs_redshift_password){ 0 };
    ok = true;
out:
    rs_redshift_password_clear(&made);
    rs_json_free(json);
    return ok;
}

bool rs_serverless_password_get(const struct rs_aws *aws, const struct rs_serverless_ask *ask,
                                struct rs_aws_told *told, struct rs_redshift_password *out,
                                struct rs_diag *diag)
{
    static const char allow[] = "allow redshift-serverless:GetCredentials for this workgroup";
    static const struct rs_aws_hint hints[] = { { "AccessDeniedException", allow },
                                                { NULL, NULL } };
    static const struct rs_aws_hint domain_hints[] = {
        { "AccessDeniedException", allow },
        { "ResourceNotFoundException", "set Workgroup if the host is a load balancer or alias" },
        { NULL, NULL },
    };
    struct rs_aws_call call = { .operation = "GetCredentials",
                                .target = "RedshiftServerless.GetCredentials",
                                .hints = ask->workgroup != NULL ? hints : domain_hints,
                                .told = told };
    struct rs_buf body = RS_BUF_WIPED(BODY_MAX_BYTES), reply = RS_BUF_WIPED(RS_AWS_MAX_REPLY);
    bool ok;

    rs_serverless_body(ask, &body);
    call.body = rs_buf_str(&body);
    ok = rs_buf_ok(&body, diag) && rs_aws_send(aws, &call, &reply, diag) &&
         rs_serverless_read_password(rs_buf_str(&reply), out, diag);
    if (ok)
        out->clock_is_off = told->clock_is_off;
    rs_buf_clear(&body);
    rs_buf_clear(&reply);
    return ok;
}
