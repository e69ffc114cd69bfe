#include "sts.h"

#include "../url.h"
#include "../xml.h"
#include "aws.h"
#include "locate.h"

/* An assertion may have 100000 characters, each of which may become three. */
enum { FORM_MAX_BYTES = 1 << 16, SAML_FORM_MAX_BYTES = 1 << 19, TEXT_MAX_BYTES = 65536 };

/* ---- the answer ---- */

static bool fail_answer(const char *operation, const char *why, struct rs_diag *diag)
{
    return rs_fail(diag, RS_HY000, 0, "%s: the answer cannot be used: %s", operation, why);
}

static bool read_credentials(const struct rs_xml_node *node, const char *operation,
                             struct rs_creds *out, struct rs_diag *diag)
{
    static const char *const names[] = { "AccessKeyId", "SecretAccessKey", "SessionToken",
                                         "Expiration" };
    struct rs_buf text[] = { RS_BUF_WIPED(TEXT_MAX_BYTES), RS_BUF_WIPED(TEXT_MAX_BYTES),
                             RS_BUF_WIPED(TEXT_MAX_BYTES), RS_BUF_WIPED(TEXT_MAX_BYTES) };
    int64_t expires_at = 0;
    bool ok = false;

    for (size_t i = 0; i < RS_COUNT(names); i++) {
        rs_xml_text(rs_xml_child(node, names[i]), &text[i]);
        if (!rs_buf_ok(&text[i], diag))
            goto out;
        if (text[i].len == 0) {
            fail_answer(operation, "a part of the credentials is missing", diag);
            goto out;
        }
    }
    if (!rs_aws_time(rs_buf_str(&text[3]), &expires_at)) {
        fail_answer(operation, "Expiration is not a time", diag);
        goto out;
    }
    ok = rs_creds_make(rs_buf_str(&text[0]), rs_buf_str(&text[1]), rs_buf_str(&text[2]), out, diag);
    if (ok)
        out->expires_at = expires_at;
out:
    for (size_t i = 0; i < RS_COUNT(names); i++)
        rs_buf_clear(&text[i]);
    return ok;
}

bool rs_sts_read(struct rs_str text, const char *operation, struct rs_creds *out,
                 struct rs_diag *diag)
{
    struct rs_buf path = RS_BUF_INIT(256);
    struct rs_diag cause = { 0 };
    struct rs_xml *xml = NULL;
    bool ok = false;

    rs_buf_addf(&path, "%sResult/Credentials", operation);
    if (!rs_buf_ok(&path, diag))
        goto out;
    if (rs_xml_parse(text, &xml, &cause))
        ok = read_credentials(rs_xml_find(rs_xml_root(xml), path.p), operation, out, diag);
    else if (rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(diag);
    else
        fail_answer(operation, rs_diag_first(&cause), diag);
out:
    rs_xml_free(xml);
    rs_buf_clear(&path);
    rs_diag_clear(&cause);
    return ok;
}

/* ---- the call ---- */

static void add_text(struct rs_buf *form, const char *name, struct rs_str value)
{
    if (value.n > 0)
        rs_query_add(form, name, value);
}

static void begin_form(struct rs_buf *form, const char *operation, const struct rs_sts_role *role)
{
    rs_query_add(form, "Action", rs_str_of(operation));
    rs_query_add(form, "Version", RS_STR("2011-06-15"));
    rs_query_add(form, "RoleArn", role->arn);
}

static void add_role(const struct rs_source *from, const char *operation,
                     const struct rs_sts_role *role, struct rs_buf *form)
{
    const struct rs_world *world = from->world;
    struct rs_buf usual = RS_BUF_INIT(64);

    rs_buf_addf(&usual, "odbc-%lld", (long long)world->utc_ms(world->ctx));
    begin_form(form, operation, role);
    rs_query_add(form, "RoleSessionName",
                 role->session_name.n > 0 ? role->session_name : rs_buf_str(&usual));
    add_text(form, "ExternalId", role->external_id);
    add_text(form, "DurationSeconds", role->duration_s);
    if (usual.bad)
        form->bad = true;
    rs_buf_clear(&usual);
}

static bool find_endpoint(const struct rs_source *from, struct rs_endpoint *out,
                          struct rs_diag *diag)
{
    struct rs_locate locate = {
        .world = from->world, .log = from->log, .profiles = from->profiles, .profile = from->profile
    };

    if (from->sts_url != NULL && *from->sts_url != '\0')
        return rs_endpoint_parse("StsEndpointUrl", from->sts_url, out, diag);
    return rs_locate(&locate, RS_SERVICE_STS, from->region, out, diag);
}

/* The one endpoint that serves every region signs for this one. */
static const char *signing_region(const struct rs_source *from, const struct rs_endpoint *endpoint)
{
    return rs_str_eq_nocase(rs_str_of(endpoint->name), RS_STR("sts.amazonaws.com")) ? "us-east-1"
                                                                                    : from->region;
}

static bool send(const struct rs_source *from, const struct rs_aws_call *asked,
                 const struct rs_creds *proof, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_aws_told told = { .code = "" };
    struct rs_aws_call call = *asked;
    struct rs_buf reply = RS_BUF_WIPED(RS_AWS_MAX_REPLY);
    struct rs_endpoint endpoint = { 0 };
    struct rs_aws aws = { .world = from->world,
                          .deadline = from->deadline,
                          .call_timeout_ms = from->call_timeout_ms,
                          .log = from->log,
                          .creds = proof,
                          .endpoint = &endpoint,
                          .service = "sts",
                          .ca_file = from->ca_file,
                          .proxy = from->proxy };
    bool ok = false;

    if (!find_endpoint(from, &endpoint, diag))
        goto out;
    aws.region = signing_region(from, &endpoint);
    call.told = &told;
    ok = rs_aws_send(&aws, &call, &reply, diag) &&
         rs_sts_read(rs_buf_str(&reply), call.operation, out, diag);
    if (ok)
        out->clock_is_off = told.clock_is_off;
out:
    rs_endpoint_clear(&endpoint);
    rs_buf_clear(&reply);
    return ok;
}

bool rs_sts_assume_role(const struct rs_source *from, const struct rs_sts_role *role,
                        const struct rs_creds *base, struct rs_creds *out, struct rs_diag *diag)
{
    static const struct rs_aws_hint hints[] = {
        { "AccessDenied", "the source identity needs sts:AssumeRole, and the role must trust it "
                          "(with external_id, if it asks for one)" },
        { NULL, NULL },
    };
    struct rs_aws_call call = { .operation = "AssumeRole", .hints = hints };
    struct rs_buf form = RS_BUF_WIPED(FORM_MAX_BYTES);
    bool ok;

    add_role(from, call.operation, role, &form);
    call.body = rs_buf_str(&form);
    ok = rs_buf_ok(&form, diag) && send(from, &call, base, out, diag);
    rs_buf_clear(&form);
    return ok;
}

bool rs_sts_assume_web_identity(const struct rs_source *from, const struct rs_sts_role *role,
                                struct rs_str token, struct rs_creds *out, struct rs_diag *diag)
{
    static const struct rs_aws_hint hints[] = {
        { "AccessDenied", "the role must trust the provider and the subject of the token" },
        { "ExpiredTokenException", "the token has expired; its file must be renewed" },
        { NULL, NULL },
    };
    struct rs_aws_call call = { .operation = "AssumeRoleWithWebIdentity",
                                .hints = hints,
                                .is_unsigned = true };
    struct rs_buf form = RS_BUF_WIPED(FORM_MAX_BYTES);
    struct rs_creds proof = { 0 };
    bool ok = false;

    if (!rs_secret_set(&proof.session_token, token, diag))
        goto out;
    add_role(from, call.operation, role, &form);
    rs_query_add(&form, "WebIdentityToken", token);
    call.body = rs_buf_str(&form);
    ok = rs_buf_ok(&form, diag) && send(from, &call, &proof, out, diag);
out:
    rs_creds_clear(&proof);
    rs_buf_clear(&form);
    return ok;
}

bool rs_sts_assume_saml(const struct rs_source *from, const struct rs_sts_role *role,
                        const char *provider, struct rs_str assertion, struct rs_creds *out,
                        struct rs_diag *diag)
{
    static const struct rs_aws_hint hints[] = {
        { "AccessDenied", "the role must trust the SAML provider" },
        { "ExpiredTokenException",
          "the assertion is too old: AWS takes it for five minutes, so the "
          "clocks of this computer and the provider may differ" },
        { "IDPRejectedClaim", "AWS does not accept what the identity provider says; its metadata "
                              "in IAM may be old" },
        { "InvalidIdentityToken", "the assertion does not fit the SAML provider in IAM: its "
                                  "metadata may be old or its audience another" },
        { "ValidationError", "duration may be longer than the role allows" },
        { NULL, NULL },
    };
    struct rs_aws_call call = { .operation = "AssumeRoleWithSAML",
                                .hints = hints,
                                .is_unsigned = true };
    struct rs_buf form = RS_BUF_WIPED(SAML_FORM_MAX_BYTES);
    struct rs_creds proof = { 0 };
    bool ok = false;

    if (!rs_secret_set(&proof.session_token, assertion, diag))
        goto out;
    begin_form(&form, call.operation, role);
    rs_query_add(&form, "PrincipalArn", rs_str_of(provider));
    rs_query_add(&form, "SAMLAssertion", assertion);
    add_text(&form, "DurationSeconds", role->duration_s);
    call.body = rs_buf_str(&form);
    ok = rs_buf_ok(&form, diag) && send(from, &call, &proof, out, diag);
out:
    rs_creds_clear(&proof);
    rs_buf_clear(&form);
    return ok;
}
