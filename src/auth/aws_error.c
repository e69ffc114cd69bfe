#include "aws_error.h"

#include "../json.h"
#include "../secret.h"
#include "../xml.h"

/* State and advice by code; aws-api.md 10.3. */
static const struct {
    const char *code;
    enum rs_state state;
    const char *hint;
} known[] = {
    { "AccessDenied", RS_28000, "the message of the service names the missing IAM permission" },
    { "AccessDeniedException", RS_28000,
      "the message of the service names the missing IAM permission" },
    { "InvalidClientTokenId", RS_28000,
      "the access key id is unknown, or the session token of temporary keys is missing" },
    { "UnrecognizedClientException", RS_28000,
      "the access key id is unknown, or the session token of temporary keys is missing" },
    { "SignatureDoesNotMatch", RS_28000,
      "the secret key is wrong or the clock of this computer is off" },
    { "InvalidSignatureException", RS_28000,
      "the secret key is wrong or the clock of this computer is off" },
    { "AuthFailure", RS_28000, NULL },
    { "ExpiredToken", RS_28000, "the temporary credentials have expired; get new ones" },
    { "ExpiredTokenException", RS_28000, "the temporary credentials have expired; get new ones" },
    { "MissingAuthenticationToken", RS_HY000, "this is an error of the driver" },
    { "IncompleteSignature", RS_HY000, "this is an error of the driver" },
    { "RequestExpired", RS_28000, "the clock of this computer is off" },
    { "RequestTimeTooSkewed", RS_28000, "the clock of this computer is off" },
    { "RequestInTheFuture", RS_28000, "the clock of this computer is off" },
    { "IDPRejectedClaim", RS_28000, NULL },
    { "InvalidIdentityToken", RS_28000, NULL },
    { "OptInRequired", RS_28000, "the region is not enabled for this account" },
    { "RegionDisabledException", RS_28000, "the region is not enabled for this account" },
    { "ClusterNotFound", RS_08001, "check ClusterID and Region" },
    { "ResourceNotFoundException", RS_08001, "check Workgroup and Region" },
    { "CustomDomainAssociationNotFoundFault", RS_08001, NULL },
    { "AuthenticationProfileNotFoundFault", RS_28000, NULL },
    { "UnsupportedOperation", RS_HY000, NULL },
    { "ValidationError", RS_HY000, NULL },
    { "ValidationException", RS_HY000, NULL },
    { "InvalidParameterValue", RS_HY000, NULL },
    { "InvalidParameterCombination", RS_HY000, NULL },
    { "MissingParameter", RS_HY000, NULL },
};

static const char *const throttling[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "PriorRequestNotComplete",
    "SlowDown",
    "EC2ThrottledException",
};

static const char *const transient[] = {
    "RequestTimeout",          "RequestTimeoutException", "InternalFailure",       "InternalError",
    "InternalServerException", "ServiceUnavailable",      "IDPCommunicationError",
};

static bool is_code(const struct rs_aws_error *error, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rs_str_eq(rs_buf_str(&error->code), rs_str_of(list[i])))
            return true;
    return false;
}

static ptrdiff_t find(struct rs_str text, struct rs_str needle)
{
    for (size_t i = 0; needle.n > 0 && i + needle.n <= text.n; i++)
        if (rs_str_eq(rs_str_sub(text, i, needle.n), needle))
            return (ptrdiff_t)i;
    return -1;
}

void rs_aws_mask(struct rs_buf *text, struct rs_str secret)
{
    struct rs_buf clean = RS_BUF_WIPED(text->max);
    struct rs_str rest = rs_buf_str(text);
    ptrdiff_t at;

    if (secret.n < 4 || find(rest, secret) < 0)
        return;
    while ((at = find(rest, secret)) >= 0) {
        rs_buf_add(&clean, rs_str_sub(rest, 0, (size_t)at));
        rs_buf_adds(&clean, "****");
        rest = rs_str_sub(rest, (size_t)at + secret.n, rest.n);
    }
    rs_buf_add(&clean, rest);
    rs_buf_clear(text);
    *text = clean;
}

static void read_text(const struct rs_xml_node *node, size_t max, struct rs_buf *out)
{
    struct rs_buf text = RS_BUF_WIPED(RS_AWS_MAX_REPLY);

    rs_xml_text(node, &text);
    if (text.bad)
        out->bad = true;
    rs_buf_add_line(out, rs_buf_str(&text), max);
    rs_buf_clear(&text);
}

/* "com.amazon.x#Code:more" is Code. */
static struct rs_str bare_code(struct rs_str text)
{
    ptrdiff_t at = rs_str_chr(text, ':');

    if (at >= 0)
        text = rs_str_sub(text, 0, (size_t)at);
    while ((at = rs_str_chr(text, '#')) >= 0)
        text = rs_str_sub(text, (size_t)at + 1, text.n);
    return text;
}

/* aws-api.md 10.2: a header names the error, else the document, if the body is one of JSON. */
static void read_json(const struct rs_http_reply *reply, struct rs_aws_error *error)
{
    struct rs_str code = rs_http_header(reply, "x-amzn-ErrorType"), text = RS_STR_NULL;
    struct rs_diag ignored = { 0 };
    struct rs_json *json = NULL;

    if (!rs_json_parse(rs_buf_str(&reply->body), &json, &ignored))
        json = NULL;
    if (code.n == 0 && json != NULL && !rs_json_text(json, "__type", &code) &&
        !rs_json_text(json, "code", &code))
        code = RS_STR_NULL;
    rs_buf_add_line(&error->code, bare_code(code), RS_AWS_MAX_CODE);
    if (error->code.len > 0 && json != NULL &&
        (rs_json_text(json, "message", &text) || rs_json_text(json, "Message", &text)))
        rs_buf_add_line(&error->message, text, RS_AWS_MAX_MESSAGE);
    rs_json_free(json);
    rs_diag_clear(&ignored);
}

/* The error document, if the body is one. */
static void read_document(const struct rs_http_reply *reply, struct rs_aws_error *error)
{
    struct rs_diag ignored = { 0 };
    struct rs_xml *xml = NULL;
    const struct rs_xml_node *root;

    if (rs_xml_parse(rs_buf_str(&reply->body), &xml, &ignored)) {
        root = rs_xml_root(xml);
        if (rs_xml_is(root, "ErrorResponse")) {
            read_text(rs_xml_find(root, "Error/Code"), RS_AWS_MAX_CODE, &error->code);
            if (error->code.len > 0)
                read_text(rs_xml_find(root, "Error/Message"), RS_AWS_MAX_MESSAGE, &error->message);
            read_text(rs_xml_child(root, "RequestId"), RS_AWS_MAX_CODE, &error->request_id);
        }
    }
    rs_xml_free(xml);
    rs_diag_clear(&ignored);
}

bool rs_aws_error_read(const struct rs_http_reply *reply, const struct rs_creds *creds,
                       struct rs_aws_error *out, struct rs_diag *diag)
{
    struct rs_aws_error error = { .code = RS_BUF_INIT(4 * RS_AWS_MAX_CODE),
                                  .message = RS_BUF_WIPED(4 * RS_AWS_MAX_MESSAGE),
                                  .request_id = RS_BUF_INIT(4 * RS_AWS_MAX_CODE),
                                  .status = reply->status };
    struct rs_str key = { rs_secret_reveal(&creds->secret_access_key),
                          rs_secret_len(&creds->secret_access_key) };

    read_document(reply, &error);
    if (error.code.len == 0)
        read_json(reply, &error);
    if (error.code.len == 0)
        rs_buf_addf(&error.code, "HTTP%d", reply->status);
    if (error.request_id.len == 0)
        rs_buf_add_line(&error.request_id, rs_http_header(reply, "x-amzn-RequestId"),
                        RS_AWS_MAX_CODE);
    rs_aws_mask(&error.message, rs_creds_token(creds));
    rs_aws_mask(&error.message, key);
    if (!rs_buf_ok(&error.code, diag) || !rs_buf_ok(&error.message, diag) ||
        !rs_buf_ok(&error.request_id, diag)) {
        rs_aws_error_clear(&error);
        return false;
    }
    *out = error;
    return true;
}

void rs_aws_error_clear(struct rs_aws_error *error)
{
    rs_buf_clear(&error->code);
    rs_buf_clear(&error->message);
    rs_buf_clear(&error->request_id);
}

bool rs_aws_error_is_throttling(const struct rs_aws_error *error)
{
    return error->status == 429 || is_code(error, throttling, RS_COUNT(throttling)) ||
           rs_str_find_nocase(rs_buf_str(&error->message), RS_STR("Rate exceeded")) >= 0;
}

bool rs_aws_error_is_retryable(const struct rs_aws_error *error)
{
    return error->status == 500 || error->status == 502 || error->status == 503 ||
           error->status == 504 || is_code(error, transient, RS_COUNT(transient)) ||
           rs_aws_error_is_throttling(error);
}

bool rs_aws_error_is_skew(const struct rs_aws_error *error, bool *is_certain)
{
    static const char *const certain[] = { "RequestExpired", "RequestTimeTooSkewed",
                                           "RequestInTheFuture" };
    static const char *const likely[] = { "SignatureDoesNotMatch", "InvalidSignatureException",
                                          "AuthFailure" };

    *is_certain = is_code(error, certain, RS_COUNT(certain));
    return *is_certain || is_code(error, likely, RS_COUNT(likely));
}

static const char *hint_of(const struct rs_aws_error *error, const struct rs_aws_call *call,
                           enum rs_state *state)
{
    const char *hint = NULL;

    *state = error->status == 401 || error->status == 403 ? RS_28000 : RS_HY000;
    for (size_t i = 0; i < RS_COUNT(known); i++)
        if (rs_str_eq(rs_buf_str(&error->code), rs_str_of(known[i].code))) {
            *state = known[i].state;
            hint = known[i].hint;
        }
    for (const struct rs_aws_hint *own = call->hints; own != NULL && own->code != NULL; own++)
        if (rs_str_eq(rs_buf_str(&error->code), rs_str_of(own->code)))
            hint = own->text;
    if (hint == NULL && error->status >= 300 && error->status < 400)
        hint = "the endpoint answers with a redirect, which is not followed; check EndpointUrl";
    return hint;
}

bool rs_aws_error_post(const struct rs_aws_error *error, const struct rs_aws_call *call,
                       unsigned attempts, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_WIPED(16384);
    enum rs_state state;
    const char *hint = hint_of(error, call, &state);

    rs_buf_addf(&text, "%s: %s", call->operation, error->code.p);
    if (error->message.len > 0) {
        rs_buf_adds(&text, ": ");
        rs_buf_add(&text, rs_buf_str(&error->message));
    }
    rs_buf_addf(&text, " (HTTP %d", error->status);
    if (error->request_id.len > 0)
        rs_buf_addf(&text, ", request id %s", error->request_id.p);
    if (attempts > 1)
        rs_buf_addf(&text, ", %u attempts", attempts);
    rs_buf_addc(&text, ')');
    if (hint != NULL)
        rs_buf_addf(&text, "; %s", hint);
    if (rs_buf_ok(&text, diag))
        rs_fail(diag, state, error->status, "%s", text.p);
    rs_buf_clear(&text);
    return false;
}
