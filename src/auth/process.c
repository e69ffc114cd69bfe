#include "process.h"

#include "../json.h"
#include "../os.h"
#include "aws.h"
#include "aws_error.h"

enum { COMMAND_MAX_BYTES = 1 << 16, LINE_MAX_BYTES = 512, MASKED_FROM = 4 };

/* ---- the command line ---- */

/* Whether the backslash there quotes what follows. */
static bool is_quoting(struct rs_str text, size_t at)
{
    return !RS_BACKSLASH_IN_PATHS || (at + 1 < text.n && text.p[at + 1] == '"');
}

/* One word, unquoted, NUL behind it. *rest moves past it. False: a quote is open. */
static bool take_word(struct rs_str *rest, struct rs_buf *text)
{
    char quote = '\0';
    size_t i = 0;

    for (; i < rest->n && (quote != '\0' || !rs_is_space(rest->p[i])); i++) {
        char c = rest->p[i];

        if (c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == '\\' && quote != '\'' && is_quoting(*rest, i)) {
            if (++i == rest->n)
                return false;
            c = rest->p[i];
            /* Between double quotes it quotes only what would mean something there. */
            if (quote == '"' && rs_str_chr(RS_STR("\"\\$`"), c) < 0)
                rs_buf_addc(text, '\\');
            rs_buf_addc(text, c);
        } else {
            rs_buf_addc(text, c);
        }
    }
    rs_buf_addc(text, '\0');
    *rest = rs_str_sub(*rest, i, rest->n);
    return quote == '\0';
}

bool rs_process_split(struct rs_str command, struct rs_buf *text,
                      char *words[RS_PROCESS_MAX_WORDS + 1], struct rs_diag *diag)
{
    size_t n = 0, at = 0;

    for (command = rs_str_trim(command); command.n > 0; command = rs_str_trim(command), n++)
        if (n == RS_PROCESS_MAX_WORDS || !take_word(&command, text))
            return false;
    if (!rs_buf_ok(text, diag))
        return false;
    for (size_t i = 0; i < n; i++) {
        words[i] = text->p + at;
        at += strlen(words[i]) + 1;
    }
    words[n] = NULL;
    return n > 0 && words[0][0] != '\0';
}

/* ---- what it prints ---- */

static bool fail_output(struct rs_diag *diag, const char *why)
{
    return rs_fail(diag, RS_28000, 0, "what it printed cannot be used: %s", why);
}

static bool read_expiry(const struct rs_json *json, int64_t now_s, int64_t *expires_at,
                        struct rs_diag *diag)
{
    struct rs_str text;

    *expires_at = 0;
    if (!rs_json_has(json, "Expiration"))
        return true;
    if (!rs_json_text(json, "Expiration", &text) || !rs_aws_time(text, expires_at))
        return fail_output(diag, "Expiration is not a time");
    return *expires_at > now_s || fail_output(diag, "the credentials have expired");
}

static bool read_members(const struct rs_json *json, int64_t now_s, struct rs_creds *out,
                         struct rs_diag *diag)
{
    struct rs_str id, key, token = RS_STR_NULL;
    int64_t version, expires_at;

    if (!rs_json_int(json, "Version", &version) || version != 1)
        return fail_output(diag, "Version is not 1");
    if (!rs_json_text(json, "AccessKeyId", &id) || id.n == 0)
        return fail_output(diag, "AccessKeyId is missing");
    if (!rs_json_text(json, "SecretAccessKey", &key) || key.n == 0)
        return fail_output(diag, "SecretAccessKey is missing");
    if (rs_json_has(json, "SessionToken") && !rs_json_text(json, "SessionToken", &token))
        return fail_output(diag, "SessionToken is not a text");
    if (!read_expiry(json, now_s, &expires_at, diag) || !rs_creds_make(id, key, token, out, diag))
        return false;
    out->expires_at = expires_at;
    return true;
}

bool rs_process_read(struct rs_str text, int64_t now_s, struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_diag cause = { 0 };
    struct rs_json *json = NULL;
    bool ok = false;

    if (rs_json_parse(text, &json, &cause))
        ok = read_members(json, now_s, out, diag);
    else if (rs_diag_state(&cause) == RS_HY001)
        rs_fail_memory(diag);
    else
        fail_output(diag, rs_diag_first(&cause));
    rs_json_free(json);
    rs_diag_clear(&cause);
    return ok;
}

/* ---- running it ---- */

/* Everything goes by the name of the profile; the command itself may hold a secret. */
static bool fail_process(const struct rs_profile *profile, enum rs_state state, const char *why,
                         struct rs_diag *diag)
{
    if (state == RS_HY001)
        return rs_fail_memory(diag);
    return rs_fail(diag, state == RS_HYT00 ? RS_HYT00 : RS_28000, 0,
                   "credential_process of AWS profile \"%s\" failed: %s", rs_profile_name(profile),
                   why);
}

/* Its arguments may be secrets, and a value behind = as well. */
static void mask_words(struct rs_buf *line, char *const *words)
{
    for (size_t i = 1; words[0] != NULL && words[i] != NULL; i++) {
        struct rs_str word = rs_str_of(words[i]);
        ptrdiff_t eq = rs_str_chr(word, '=');

        if (eq >= 0)
            rs_aws_mask(line, rs_str_sub(word, (size_t)eq + 1, word.n));
        else if (word.n >= MASKED_FROM && word.p[0] != '-')
            rs_aws_mask(line, word);
    }
}

static bool is_key_char(char c)
{
    return rs_is_alnum(c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
}

/* Long runs of what keys and tokens are made of become ****. */
static void add_without_keys(struct rs_buf *out, struct rs_str line)
{
    enum { SECRET_MIN = 32 };
    size_t i = 0, n;

    for (; i<line.n; i += n> 0 ? n : 1) {
        for (n = 0; i + n < line.n && is_key_char(line.p[i + n]); n++)
            ;
        if (n >= SECRET_MIN)
            rs_buf_adds(out, "****");
        else
            rs_buf_add(out, rs_str_sub(line, i, n > 0 ? n : 1));
    }
}

static bool fail_status(const struct rs_profile *profile, int status, struct rs_str errors,
                        char *const *words, struct rs_diag *diag)
{
    struct rs_buf line = RS_BUF_WIPED(4 * RS_PROCESS_MAX_ERRORS);
    struct rs_buf why = RS_BUF_WIPED(8 * RS_PROCESS_MAX_ERRORS);

    rs_buf_add_line(&line, errors, LINE_MAX_BYTES);
    mask_words(&line, words);
    rs_buf_addf(&why, "exit status %d%s", status, line.len > 0 ? ": " : "");
    add_without_keys(&why, rs_buf_str(&line));
    if (rs_buf_ok(&line, diag) && rs_buf_ok(&why, diag))
        fail_process(profile, RS_28000, why.p, diag);
    rs_buf_clear(&line);
    rs_buf_clear(&why);
    return false;
}

static bool run(const struct rs_source *from, const struct rs_profile *profile, char *const *words,
                struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_deadline deadline =
        rs_deadline_min(from->deadline, rs_deadline_in(RS_PROCESS_TIMEOUT_MS));
    struct rs_buf output = RS_BUF_WIPED(RS_PROCESS_MAX_OUTPUT);
    struct rs_buf errors = RS_BUF_WIPED(RS_PROCESS_MAX_ERRORS);
    struct rs_diag cause = { 0 };
    bool ok = false;
    int status = 0;

    if (!rs_os_run(words, deadline, &output, &errors, &status, &cause)) {
        fail_process(profile, rs_diag_state(&cause), rs_diag_first(&cause), diag);
        goto out;
    }
    if (status != 0) {
        fail_status(profile, status, rs_buf_str(&errors), words, diag);
        goto out;
    }
    ok = rs_process_read(rs_buf_str(&output), from->world->utc_s(from->world->ctx), out, &cause);
    if (!ok)
        fail_process(profile, rs_diag_state(&cause), rs_diag_first(&cause), diag);
out:
    rs_buf_clear(&output);
    rs_buf_clear(&errors);
    rs_diag_clear(&cause);
    return ok;
}

bool rs_process_fetch(const struct rs_source *from, const struct rs_profile *profile,
                      struct rs_creds *out, struct rs_diag *diag)
{
    struct rs_str command = rs_creds_text(profile, "credential_process");
    struct rs_buf text = RS_BUF_WIPED(COMMAND_MAX_BYTES);
    char *words[RS_PROCESS_MAX_WORDS + 1] = { NULL };
    struct rs_diag cause = { 0 };
    bool ok = false;

    if (rs_process_split(command, &text, words, &cause))
        ok = run(from, profile, words, out, diag);
    else
        fail_process(profile, rs_diag_state(&cause),
                     "the command is empty, too long, or a quote in it is not closed", diag);
    rs_buf_clear(&text);
    rs_diag_clear(&cause);
    return ok;
}
