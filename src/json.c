#include "json.h"

#include <cjson/cJSON.h>

#include "diag.h"
#include "secret.h"
#include "utf.h"

/* struct rs_json is cJSON's value under our name. */
static const cJSON *value_of(const struct rs_json *json)
{
    return (const cJSON *)json;
}

/* The parser calls itself for each level, and a host's thread may have a small stack. */
static bool is_shallow(struct rs_str text)
{
    bool in_string = false;
    int depth = 0;

    for (size_t i = 0; i < text.n && depth <= RS_JSON_MAX_DEPTH; i++) {
        char c = text.p[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']'))
            depth--;
    }
    return depth <= RS_JSON_MAX_DEPTH;
}

static void wipe(cJSON *value)
{
    for (; value != NULL; value = value->next) {
        if (value->valuestring != NULL)
            rs_wipe(value->valuestring, strlen(value->valuestring));
        wipe(value->child);
    }
}

void rs_json_free(struct rs_json *json)
{
    wipe((cJSON *)json);
    cJSON_Delete((cJSON *)json);
}

/* The parser wants a NUL behind the text. */
static bool parse_copy(struct rs_str text, struct rs_json **out, struct rs_diag *diag)
{
    struct rs_buf copy = RS_BUF_WIPED(RS_JSON_MAX_BYTES);
    const char *end = NULL;
    struct rs_json *json = NULL;

    rs_buf_add(&copy, text);
    rs_buf_adds(&copy, "");
    if (!rs_buf_ok(&copy, diag))
        goto out;
    json = (struct rs_json *)cJSON_ParseWithOpts(copy.p, &end, false);
    if (json == NULL)
        rs_fail(diag, RS_HY000, 0, text.n == 0 ? "it is empty" : "it is not JSON");
    if (json != NULL && (!cJSON_IsObject(value_of(json)) || rs_str_trim(rs_str_of(end)).n > 0)) {
        rs_json_free(json);
        json = NULL;
        rs_fail(diag, RS_HY000, 0, "it is not one JSON object");
    }
out:
    rs_buf_clear(&copy);
    *out = json;
    return json != NULL;
}

bool rs_json_parse(struct rs_str text, struct rs_json **out, struct rs_diag *diag)
{
    struct rs_json *json;

    if (text.n > RS_JSON_MAX_BYTES)
        return rs_fail(diag, RS_HY000, 0, "it is too large");
    if (rs_utf8_bad_at(text) != text.n || rs_str_chr(text, '\0') >= 0)
        return rs_fail(diag, RS_HY000, 0, "it is not JSON");
    if (!is_shallow(text))
        return rs_fail(diag, RS_HY000, 0, "its JSON is nested too deeply");
    if (!parse_copy(text, &json, diag))
        return false;
    *out = json;
    return true;
}

static const cJSON *member_of(const struct rs_json *json, const char *member)
{
    return cJSON_GetObjectItemCaseSensitive(value_of(json), member);
}

bool rs_json_has(const struct rs_json *json, const char *member)
{
    const cJSON *value = member_of(json, member);

    return value != NULL && !cJSON_IsNull(value);
}

bool rs_json_text(const struct rs_json *json, const char *member, struct rs_str *out)
{
    const cJSON *value = member_of(json, member);

    if (!cJSON_IsString(value) || value->valuestring == NULL)
        return false;
    *out = rs_str_of(value->valuestring);
    return true;
}

bool rs_json_cut(const struct rs_json *json, const char *member, int64_t *out)
{
    static const double most = 9007199254740992.0;
    const cJSON *value = member_of(json, member);

    if (!cJSON_IsNumber(value) || !(value->valuedouble >= -most && value->valuedouble <= most))
        return false;
    *out = (int64_t)value->valuedouble;
    return true;
}

bool rs_json_int(const struct rs_json *json, const char *member, int64_t *out)
{
    int64_t value;

    if (!rs_json_cut(json, member, &value) || (double)value != member_of(json, member)->valuedouble)
        return false;
    *out = value;
    return true;
}

const struct rs_json *rs_json_object(const struct rs_json *json, const char *member)
{
    const cJSON *value = json == NULL ? NULL : member_of(json, member);

    return cJSON_IsObject(value) ? (const struct rs_json *)value : NULL;
}

const struct rs_json *rs_json_item(const struct rs_json *json, const char *member, size_t i)
{
    const cJSON *list = json == NULL ? NULL : member_of(json, member);
    const cJSON *value = list != NULL && cJSON_IsArray(list) ? list->child : NULL;

    while (value != NULL && i-- > 0)
        value = value->next;
    return cJSON_IsObject(value) ? (const struct rs_json *)value : NULL;
}

bool rs_json_text_at(const struct rs_json *json, size_t i, struct rs_str *name, struct rs_str *out)
{
    const cJSON *value = value_of(json)->child;

    for (; value != NULL; value = value->next)
        if (cJSON_IsString(value) && value->valuestring != NULL && i-- == 0)
            break;
    if (value == NULL)
        return false;
    *name = rs_str_of(value->string);
    *out = rs_str_of(value->valuestring);
    return true;
}

bool rs_json_put_text(struct rs_json *json, const char *member, struct rs_str text,
                      struct rs_diag *diag)
{
    cJSON *object = (cJSON *)json, *old, *value = NULL;
    struct rs_buf copy = RS_BUF_WIPED(RS_JSON_MAX_BYTES);
    bool ok = false;

    rs_buf_add(&copy, text);
    rs_buf_adds(&copy, "");
    if (!rs_buf_ok(&copy, diag))
        goto out;
    value = cJSON_CreateString(copy.p);
    if (value == NULL) {
        rs_fail_memory(diag);
        goto out;
    }
    /* A reader takes the first of several. */
    while ((old = cJSON_DetachItemFromObjectCaseSensitive(object, member)) != NULL)
        rs_json_free((struct rs_json *)old);
    ok = cJSON_AddItemToObject(object, member, value);
    if (ok)
        value = NULL;
    else
        rs_fail_memory(diag);
out:
    rs_json_free((struct rs_json *)value);
    rs_buf_clear(&copy);
    return ok;
}

void rs_json_print(const struct rs_json *json, struct rs_buf *out)
{
    char *text = cJSON_PrintUnformatted(value_of(json));

    if (text == NULL) {
        out->bad = true;
        return;
    }
    rs_buf_adds(out, text);
    rs_wipe(text, strlen(text));
    cJSON_free(text);
}

void rs_json_quote(struct rs_buf *out, struct rs_str text)
{
    struct rs_buf clean = RS_BUF_WIPED(4 * RS_JSON_MAX_BYTES);
    cJSON *value = NULL;
    char *quoted = NULL;

    for (size_t i = 0; i < text.n;) {
        uint32_t cp;
        size_t len = rs_utf8_decode(text.p + i, text.n - i, &cp);

        rs_buf_add(&clean, len > 0 ? rs_str_sub(text, i, len) : RS_STR("\xEF\xBF\xBD"));
        i += len > 0 ? len : 1;
    }
    rs_buf_adds(&clean, "");
    if (!clean.bad)
        value = cJSON_CreateString(clean.p);
    if (value != NULL)
        quoted = cJSON_PrintUnformatted(value);
    if (quoted == NULL) {
        out->bad = true;
    } else {
        rs_buf_adds(out, quoted);
        rs_wipe(quoted, strlen(quoted));
    }
    cJSON_free(quoted);
    rs_json_free((struct rs_json *)value);
    rs_buf_clear(&clean);
}
