#include "dsnform.h"

#include <string.h>

#include "../idp/idp.h"
#include "../os.h"

enum { NAME_MAX_BYTES = 32 }; /* SQL_MAX_DSN_LENGTH */

static const struct type {
    const char *word; /* rs_auth_type's plugin or stored word */
    const char *iam;
} types[] = {
#define TYPE(type, iam) { #type, iam },
#include "dsnform.def"
};

static const struct field {
    const char *label;
    enum rs_form_widget widget;
} fields[RS_KEY_COUNT] = {
#define FIELD(key, label, widget) [RS_KEY_##key] = { label, RS_WIDGET_##widget },
#include "dsnform.def"
};

static const struct word {
    enum rs_key_id id;
    const char *word;
} words[] = {
#define WORD(key, word) { RS_KEY_##key, word },
#include "dsnform.def"
};

static const struct show {
    const char *type; /* NULL: every one */
    enum rs_key_id id;
    enum rs_form_part part;
    enum rs_form_mark mark;
} shows[] = {
#define ALWAYS(key, part, mark)     { NULL, RS_KEY_##key, RS_PART_##part, RS_MARK_##mark },
#define SHOW(type, key, part, mark) { #type, RS_KEY_##key, RS_PART_##part, RS_MARK_##mark },
#include "dsnform.def"
};

/* ---- the table ---- */

const struct rs_auth_type *rs_form_type(size_t i)
{
    return i < RS_COUNT(types) ? rs_auth_type_of_word(rs_str_of(types[i].word)) : NULL;
}

static bool is_shown(const struct show *show, size_t type)
{
    return show->type == NULL || strcmp(show->type, types[type].word) == 0;
}

static void fill_item(const struct show *show, struct rs_form_item *out)
{
    *out = (struct rs_form_item){ .id = show->id,
                                  .label = fields[show->id].label,
                                  .widget = fields[show->id].widget,
                                  .part = show->part,
                                  .mark = show->mark };
}

bool rs_form_item(size_t type, size_t i, struct rs_form_item *out)
{
    for (int part = 0; part < RS_PART_COUNT; part++)
        for (size_t k = 0; k < RS_COUNT(shows); k++)
            if (shows[k].part == (enum rs_form_part)part && is_shown(&shows[k], type) && i-- == 0) {
                fill_item(&shows[k], out);
                return true;
            }
    return false;
}

bool rs_form_find(size_t type, enum rs_key_id id, struct rs_form_item *out)
{
    for (size_t k = 0; k < RS_COUNT(shows); k++)
        if (shows[k].id == id && is_shown(&shows[k], type)) {
            fill_item(&shows[k], out);
            return true;
        }
    return false;
}

bool rs_form_knows(enum rs_key_id id)
{
    return id >= 0 && fields[id].label != NULL;
}

const char *rs_form_word(enum rs_key_id id, size_t i)
{
    const char *const *known = rs_key_words(id);

    for (size_t k = 0; known != NULL && known[k] != NULL; k++)
        if (i-- == 0)
            return known[k];
    for (size_t k = 0; k < RS_COUNT(words); k++)
        if (words[k].id == id && i-- == 0)
            return words[k].word;
    return NULL;
}

const char *rs_form_part_name(enum rs_form_part part)
{
    switch (part) {
    case RS_PART_CONNECTION:
        return "Connection Settings";
    case RS_PART_AUTHENTICATION:
        return "Authentication";
    case RS_PART_ADVANCED:
        return "Advanced";
    case RS_PART_SSL:
        return "SSL";
    case RS_PART_LOGGING:
        return "Logging";
    case RS_PART_COUNT:
        break;
    }
    return "";
}

/* ---- values ---- */

void rs_dsnform_clear(struct rs_dsnform *form)
{
    rs_secret_clear(&form->name);
    for (int i = 0; i < RS_KEY_COUNT; i++)
        rs_secret_clear(&form->value[i]);
    *form = (struct rs_dsnform){ .type = 0 };
}

bool rs_dsnform_set_type(struct rs_dsnform *form, struct rs_str word, struct rs_diag *diag)
{
    const struct rs_auth_type *type = rs_auth_type_of_word(word);
    char *text;

    for (size_t i = 0; type != NULL && i < RS_COUNT(types); i++)
        if (rs_form_type(i) == type) {
            form->type = i;
            return true;
        }
    text = rs_str_dup(word, diag);
    if (text != NULL)
        (void)rs_auth_type_fail(text, diag);
    rs_free(text);
    return false;
}

static bool has_control(struct rs_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 127)
            return true;
    return false;
}

bool rs_dsnform_set_name(struct rs_dsnform *form, struct rs_str name, struct rs_diag *diag)
{
    static const char banned[] = "[]{}(),;?*=!@\\/";

    name = rs_str_trim(name);
    if (name.n == 0)
        return rs_fail(diag, RS_HY000, 0, "a data source needs a name");
    if (name.n > NAME_MAX_BYTES)
        return rs_fail(diag, RS_HY000, 0, "the name of a data source has at most %d bytes",
                       (int)NAME_MAX_BYTES);
    for (size_t i = 0; i < name.n; i++)
        if (memchr(banned, name.p[i], sizeof banned - 1) != NULL || has_control(name))
            return rs_fail(diag, RS_HY000, 0, "the name of a data source holds none of %s", banned);
    if (rs_str_eq_nocase(name, RS_STR("ODBC Data Sources")) ||
        rs_str_eq_nocase(name, RS_STR("ODBC")))
        return rs_fail(diag, RS_HY000, 0, "\"%.*s\" has another meaning in odbc.ini", RS_ARG(name));
    return rs_secret_set(&form->name, name, diag);
}

bool rs_dsnform_set(struct rs_dsnform *form, enum rs_key_id id, struct rs_str value,
                    struct rs_diag *diag)
{
    struct rs_settings one = { 0 };
    bool ok;

    if (rs_key(id)->type != RS_TYPE_SECRET) {
        value = rs_str_trim(value);
        if (has_control(value))
            return rs_fail(diag, RS_HY000, 0, "%s must hold no line end or other control character",
                           rs_key(id)->name);
    }
    if (value.n == 0) {
        rs_secret_clear(&form->value[id]);
        return true;
    }
    ok = rs_settings_init(&one, diag) && rs_settings_put(&one, id, value, RS_LAYER_DSN, diag) &&
         rs_settings_check_each(&one, diag) && rs_secret_set(&form->value[id], value, diag);
    rs_settings_clear(&one);
    return ok;
}

static bool put_plugin(struct rs_dsnform *form, struct rs_str value, struct rs_diag *diag)
{
    const struct rs_idp_plugin *plugin = rs_idp_find(value);

    if (value.n == 0)
        return true;
    if (plugin == NULL)
        return rs_fail(diag, RS_HY000, 0, "plugin_name \"%.*s\" is not known", RS_ARG(value));
    return rs_dsnform_set_type(form, rs_str_of(plugin->name), diag);
}

bool rs_dsnform_put(struct rs_dsnform *form, struct rs_str key, struct rs_str value,
                    struct rs_diag *diag)
{
    enum rs_key_id id = rs_key_find(key);

    if (id == RS_KEY_NONE)
        return rs_fail(diag, RS_HY000, 0, "unknown connection key \"%.*s\"",
                       (int)(key.n < 64 ? key.n : 64), key.p == NULL ? "" : key.p);
    if (id == RS_KEY_dsn)
        return rs_dsnform_set_name(form, value, diag);
    if (id == RS_KEY_driver)
        return true;
    if (id == RS_KEY_plugin_name)
        return put_plugin(form, value, diag);
    if (id == RS_KEY_auth_type) /* Plugin: plugin_name tells which */
        return value.n == 0 || rs_str_eq_nocase(rs_str_trim(value), RS_STR("Plugin")) ||
               rs_dsnform_set_type(form, value, diag);
    return rs_dsnform_set(form, id, value, diag);
}

struct rs_str rs_dsnform_get(const struct rs_dsnform *form, enum rs_key_id id)
{
    return (struct rs_str){ rs_secret_reveal(&form->value[id]), rs_secret_len(&form->value[id]) };
}

bool rs_dsnform_has(const struct rs_dsnform *form, enum rs_key_id id)
{
    struct rs_form_item item;

    return id != RS_KEY_iam && rs_secret_is_set(&form->value[id]) &&
           (!rs_form_knows(id) || rs_form_find(form->type, id, &item));
}

/* ---- all of it ---- */

static bool each_shown(const struct rs_dsnform *form,
                       bool (*pair)(void *ctx, enum rs_key_id id, struct rs_str value), void *ctx)
{
    struct rs_form_item item;

    for (size_t i = 0; rs_form_item(form->type, i, &item); i++)
        if (rs_dsnform_has(form, item.id) && !pair(ctx, item.id, rs_dsnform_get(form, item.id)))
            return false;
    for (int i = 0; i < RS_KEY_COUNT; i++)
        if (!rs_form_knows((enum rs_key_id)i) && rs_dsnform_has(form, (enum rs_key_id)i) &&
            !pair(ctx, (enum rs_key_id)i, rs_dsnform_get(form, (enum rs_key_id)i)))
            return false;
    return true;
}

bool rs_dsnform_each(const struct rs_dsnform *form,
                     bool (*pair)(void *ctx, enum rs_key_id id, struct rs_str value), void *ctx)
{
    const struct rs_auth_type *type = rs_form_type(form->type);
    const char *iam = types[form->type].iam;

    return pair(ctx, RS_KEY_auth_type, rs_str_of(type->plugin != NULL ? "Plugin" : type->stored)) &&
           (type->plugin == NULL || pair(ctx, RS_KEY_plugin_name, rs_str_of(type->plugin))) &&
           (iam == NULL || pair(ctx, RS_KEY_iam, rs_str_of(iam))) && each_shown(form, pair, ctx);
}

struct check {
    struct rs_settings set;
    struct rs_diag *diag;
    enum rs_key_id at;
};

static bool put_checked(void *ctx, enum rs_key_id id, struct rs_str value)
{
    struct check *check = ctx;

    if (rs_settings_put(&check->set, id, value, RS_LAYER_DSN, check->diag))
        return true;
    check->at = id;
    return false;
}

static bool is_left_out(const struct check *check, const struct rs_form_item *item)
{
    if (rs_key(item->id)->type != RS_TYPE_SECRET || rs_settings_has_text(&check->set, item->id))
        return false;
    if (item->id == RS_KEY_token) /* which of the two ways is meant */
        return !rs_settings_has_text(&check->set, RS_KEY_access_key_id);
    if (item->id == RS_KEY_secret_access_key)
        return rs_settings_has_text(&check->set, RS_KEY_access_key_id);
    return item->mark == RS_MARK_MUST ||
           (item->id == RS_KEY_pwd && rs_settings_has_text(&check->set, RS_KEY_uid));
}

/* Secrets that an application will give. */
static bool put_stand_ins(const struct rs_dsnform *form, struct check *check)
{
    struct rs_form_item item;

    for (size_t i = 0; rs_form_item(form->type, i, &item); i++)
        if (is_left_out(check, &item) && !put_checked(check, item.id, RS_STR("x")))
            return false;
    return true;
}

static bool check_needs(const struct rs_dsnform *form, struct check *check)
{
    const char *name = rs_form_type(form->type)->plugin;
    const struct rs_idp_plugin *plugin = name == NULL ? NULL : rs_idp_find(rs_str_of(name));

    return plugin == NULL || rs_idp_check_needs(plugin, &check->set, check->diag);
}

static bool is_word_at(const char *text, size_t at, const char *word)
{
    size_t n = strlen(word);

    return (at == 0 || (!rs_is_alnum(text[at - 1]) && text[at - 1] != '_')) &&
           strncmp(text + at, word, n) == 0 && !rs_is_alnum(text[at + n]) && text[at + n] != '_';
}

/* The field whose key a message names first. */
static enum rs_key_id named_in(const struct rs_dsnform *form, const char *text)
{
    struct rs_form_item item;

    for (size_t at = 0; text[at] != '\0'; at++)
        for (size_t i = 0; rs_form_item(form->type, i, &item); i++)
            if (is_word_at(text, at, rs_key(item.id)->name))
                return item.id;
    return RS_KEY_NONE;
}

bool rs_dsnform_check(const struct rs_dsnform *form, enum rs_form_purpose purpose,
                      enum rs_key_id *at, struct rs_diag *diag)
{
    struct check check = { .diag = diag, .at = RS_KEY_NONE };
    bool ok;

    *at = RS_KEY_NONE;
    if (purpose == RS_FORM_TO_SAVE && !rs_secret_is_set(&form->name)) {
        *at = RS_KEY_dsn;
        return rs_fail(diag, RS_HY000, 0, "a data source needs a name");
    }
    ok = rs_settings_init(&check.set, diag) && rs_dsnform_each(form, put_checked, &check) &&
         (purpose == RS_FORM_TO_CONNECT || put_stand_ins(form, &check)) &&
         rs_settings_check(&check.set, diag) && check_needs(form, &check);
    if (!ok)
        *at = check.at != RS_KEY_NONE ? check.at : named_in(form, rs_diag_first(diag));
    rs_settings_clear(&check.set);
    return ok;
}

static bool add_braced(void *ctx, enum rs_key_id id, struct rs_str value)
{
    struct rs_buf *out = ctx;

    rs_buf_addf(out, "%s={", rs_key(id)->name);
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '}')
            rs_buf_addc(out, '}');
        rs_buf_addc(out, value.p[i]);
    }
    rs_buf_adds(out, "};");
    return true;
}

void rs_dsnform_string(const struct rs_dsnform *form, const char *driver, struct rs_buf *out)
{
    (void)add_braced(out, RS_KEY_driver, rs_str_of(driver));
    (void)rs_dsnform_each(form, add_braced, out);
}
