#include "codeanswer.h"

enum { FIELD_MAX_BYTES = RS_INCOMING_BODY_MAX, ERROR_MAX = 64, DESCRIPTION_MAX = 300 };

/* What is wanted of a request. */
struct fields {
    struct rs_buf state, code, error, description;
    bool has_state, has_code, has_error, is_repeated;
};

static bool find(struct rs_str fields, const char *name, struct rs_buf *out, bool *is_repeated)
{
    enum rs_field found = rs_incoming_field(fields, name, out);

    *is_repeated = *is_repeated || found == RS_FIELD_REPEATED;
    return found == RS_FIELD_ONE && out->len > 0;
}

static bool read_fields(const struct rs_incoming *request, struct fields *f, struct rs_diag *diag)
{
    f->has_state = find(request->fields, "state", &f->state, &f->is_repeated);
    f->has_code = find(request->fields, "code", &f->code, &f->is_repeated);
    f->has_error = find(request->fields, "error", &f->error, &f->is_repeated);
    (void)find(request->fields, "error_description", &f->description, &f->is_repeated);
    return rs_buf_ok(&f->state, diag) && rs_buf_ok(&f->code, diag) && rs_buf_ok(&f->error, diag) &&
           rs_buf_ok(&f->description, diag);
}

static bool fail(const struct rs_codeanswer *answer, const struct fields *f, struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_INIT(ERROR_MAX + DESCRIPTION_MAX + 8);
    bool ok;

    rs_buf_add_line(&text, rs_buf_str(&f->error), ERROR_MAX);
    if (f->description.len > 0) {
        rs_buf_adds(&text, ": ");
        rs_buf_add_line(&text, rs_buf_str(&f->description), DESCRIPTION_MAX);
    }
    ok = rs_buf_ok(&text, diag) && rs_fail(diag, RS_28000, 0, "%s: %s", answer->provider, text.p);
    rs_buf_clear(&text);
    return ok;
}

static enum rs_verdict judge(struct rs_codeanswer *answer, const struct fields *f,
                             struct rs_diag *diag)
{
    if (f->is_repeated) {
        rs_listener_because(answer->listener, "a field in it is repeated");
        return RS_VERDICT_BAD;
    }
    if (!f->has_state || !rs_pkce_is_state(answer->pkce, rs_buf_str(&f->state))) {
        rs_listener_because(answer->listener, "its state is not that of this sign-in");
        return RS_VERDICT_BAD;
    }
    if (f->has_error) {
        (void)fail(answer, f, diag);
        return RS_VERDICT_FAILED;
    }
    if (!f->has_code) {
        rs_listener_because(answer->listener, "it has no code");
        return RS_VERDICT_BAD;
    }
    return rs_secret_set(&answer->code, rs_buf_str(&f->code), diag) ? RS_VERDICT_TAKEN
                                                                    : RS_VERDICT_FAILED;
}

enum rs_verdict rs_codeanswer_take(void *ctx, const struct rs_incoming *request,
                                   struct rs_diag *diag)
{
    struct fields f = { .state = RS_BUF_WIPED(FIELD_MAX_BYTES),
                        .code = RS_BUF_WIPED(FIELD_MAX_BYTES),
                        .error = RS_BUF_WIPED(FIELD_MAX_BYTES),
                        .description = RS_BUF_WIPED(FIELD_MAX_BYTES) };
    enum rs_verdict verdict = RS_VERDICT_FAILED;

    if (read_fields(request, &f, diag))
        verdict = judge(ctx, &f, diag);
    rs_buf_clear(&f.state);
    rs_buf_clear(&f.code);
    rs_buf_clear(&f.error);
    rs_buf_clear(&f.description);
    return verdict;
}
