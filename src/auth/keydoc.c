#include "keydoc.h"

#include "../json.h"
#include "aws.h"
#include "aws_error.h"

enum { LINE_MAX_BYTES = 8192 };

static bool fail_document(struct rs_diag *diag, const char *why)
{
    return rs_fail(diag, RS_28000, 0, "the answer cannot be used: %s", why);
}

/* A failure in the form of a success. */
static bool fail_code(const struct rs_json *json, struct rs_str code, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(LINE_MAX_BYTES);
    struct rs_str message = RS_STR_NULL;

    rs_buf_add_line(&text, code, RS_AWS_MAX_CODE);
    if (rs_json_text(json, "Message", &message) && message.n > 0) {
        rs_buf_adds(&text, ": ");
        rs_buf_add_line(&text, message, RS_AWS_MAX_MESSAGE);
    }
    rs_buf_adds(&text, "");
    if (rs_buf_ok(&text, diag))
        rs_fail(diag, RS_28000, 0, "%s", text.p);
    rs_buf_clear(&text);
    return false;
}

static bool read_members(const struct rs_json *json, struct rs_creds *out, struct rs_diag *diag)
{
    static const char *const names[] = { "AccessKeyId", "SecretAccessKey", "Token", "Expiration" };
    struct rs_str text[RS_COUNT(names)], code;
    int64_t expires_at;

    if (rs_json_text(json, "Code", &code) && !rs_str_eq(code, RS_STR("Success")))
        return fail_code(json, code, diag);
    for (size_t i = 0; i < RS_COUNT(names); i++)
        if (!rs_json_text(json, names[i], &text[i]) || text[i].n == 0)
            return rs_fail(diag, RS_28000, 0, "the answer cannot be used: %s is missing", names[i]);
    if (!rs_aws_time(text[3], &expires_at))
        return fail_document(diag, "Expiration is not a time");
    if (!rs_creds_make(text[0], text[1], text[2], out, diag))
        return false;
    out->expires_at = expires_at;
    return true;
}

bool rs_keydoc_read(struct rs_str text, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_diag cause = { 0 };
    struct rs_json *json = NULL;
    bool ok = false;

    if (rs_json_parse(text, &json, &cause))
        ok = read_members(json, out, diag);
    else if (rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(diag);
    else
        fail_document(diag, rs_diag_first(&cause));
    rs_json_free(json);
    rs_diag_clear(&cause);
    return ok;
}
