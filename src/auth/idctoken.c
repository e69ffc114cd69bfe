#include "idctoken.h"

#include "../json.h"
#include "../url.h"
#include "../xml.h"
#include "redshift.h"
#include "serverless.h"

enum { BODY_MAX_BYTES = 4096, TOKEN_MAX_BYTES = 65536, TEXT_MAX_BYTES = 4096 };

static const char operation[] = "GetIdentityCenterAuthToken";

void rs_idctoken_clear(struct rs_idctoken *token)
{
    rs_secret_clear(&token->token);
    *token = (struct rs_idctoken){ .expires_at = 0 };
}

void rs_idctoken_body(const struct rs_idctoken_ask *ask, struct rs_buf *out)
{
    if (ask->workgroup != NULL) {
        rs_buf_adds(out, "{\"workgroupNames\":[");
        rs_json_quote(out, rs_str_of(ask->workgroup));
        rs_buf_adds(out, "]}");
        return;
    }
    rs_redshift_begin_form(out, operation);
    rs_query_add(out, "ClusterIds.ClusterIdentifier.1", rs_str_of(ask->cluster_id));
}

/* ---- the answers ---- */

static bool fail_answer(const char *why, struct rs_diag *diag)
{
    return rs_fail(diag, RS_HY000, 0, "%s: the answer cannot be used: %s", operation, why);
}

/* The token is used at once; a time that cannot be read does not make it worse. */
static bool take(struct rs_str token, struct rs_str expires, struct rs_idctoken *out,
                 struct rs_diag *diag)
{
    if (token.n == 0)
        return fail_answer("it holds no token", diag);
    if (token.n > TOKEN_MAX_BYTES)
        return fail_answer("its token is too long", diag);
    if (!rs_aws_time(expires, &out->expires_at))
        out->expires_at = 0;
    return rs_secret_set(&out->token, token, diag);
}

bool rs_idctoken_read_xml(struct rs_str text, struct rs_idctoken *out, struct rs_diag *diag)
{
    struct rs_buf token = RS_BUF_WIPED(RS_AWS_MAX_REPLY), expires = RS_BUF_INIT(TEXT_MAX_BYTES);
    const struct rs_xml_node *result;
    struct rs_xml *xml = NULL;
    bool ok;

    if (!rs_redshift_parse(text, operation, &xml, diag)) {
        rs_xml_free(xml);
        return false;
    }
    result = rs_xml_child(rs_xml_root(xml), "GetIdentityCenterAuthTokenResult");
    rs_xml_text(rs_xml_child(result, "Token"), &token);
    rs_xml_text(rs_xml_child(result, "ExpirationTime"), &expires);
    ok = rs_buf_ok(&token, diag) && rs_buf_ok(&expires, diag) &&
         take(rs_buf_str(&token), rs_buf_str(&expires), out, diag);
    rs_buf_clear(&token);
    rs_buf_clear(&expires);
    rs_xml_free(xml);
    return ok;
}

bool rs_idctoken_read_json(struct rs_str text, struct rs_idctoken *out, struct rs_diag *diag)
{
    struct rs_str token = RS_STR_NULL, expires = RS_STR_NULL;
    struct rs_json *json = NULL;
    bool ok;

    if (!rs_serverless_parse(text, operation, &json, diag))
        return false;
    if (!rs_json_text(json, "token", &token))
        token = RS_STR_NULL;
    if (!rs_json_text(json, "expirationTime", &expires))
        expires = RS_STR_NULL;
    ok = take(token, expires, out, diag);
    rs_json_free(json);
    return ok;
}

/* ---- entry ---- */

bool rs_idctoken_get(const struct rs_aws *aws, const struct rs_idctoken_ask *ask,
                     struct rs_aws_told *told, struct rs_idctoken *out, struct rs_diag *diag)
{
    static const char identity[] = "AccessKeyID, SecretAccessKey and SessionToken must be those of "
                                   "an identity-enhanced session of IAM Identity Center";
    static const struct rs_aws_hint hints[] = {
        { "AccessDenied", "allow redshift:GetIdentityCenterAuthToken" },
        { "UnsupportedOperation", identity },
        { "AccessDeniedException", "allow redshift-serverless:GetIdentityCenterAuthToken" },
        { "ValidationException", identity },
        { NULL, NULL },
    };
    struct rs_aws_call call = { .operation = operation,
                                .target = ask->workgroup != NULL
                                              ? "RedshiftServerless.GetIdentityCenterAuthToken"
                                              : NULL,
                                .hints = hints,
                                .told = told };
    struct rs_buf body = RS_BUF_WIPED(BODY_MAX_BYTES), reply = RS_BUF_WIPED(RS_AWS_MAX_REPLY);
    bool ok;

    rs_idctoken_body(ask, &body);
    call.body = rs_buf_str(&body);
    ok = rs_buf_ok(&body, diag) && rs_aws_send(aws, &call, &reply, diag) &&
         (ask->workgroup != NULL ? rs_idctoken_read_json(rs_buf_str(&reply), out, diag)
                                 : rs_idctoken_read_xml(rs_buf_str(&reply), out, diag));
    rs_buf_clear(&body);
    rs_buf_clear(&reply);
    return ok;
}
