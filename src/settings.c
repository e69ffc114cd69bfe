#include "settings.h"

#include <string.h>

#include "os.h"

enum { MAX_VALUE = 4096, MAX_LONG_VALUE = 65536, MAX_SHOWN = 64 };

/* Members one by one: what one .def line says about a key does not overwrite what another says. */
static const struct rs_key keys[RS_KEY_COUNT] = {
#define KEY(field, name_, type_, dflt_, min_, max_, group_, state_, help_)                         \
    [RS_KEY_##field].name = name_, [RS_KEY_##field].dflt = dflt_, [RS_KEY_##field].help = help_,   \
    [RS_KEY_##field].type = RS_TYPE_##type_, [RS_KEY_##field].group = RS_GROUP_##group_,           \
    [RS_KEY_##field].state = RS_STATE_##state_, [RS_KEY_##field].min = min_,                       \
    [RS_KEY_##field].max = max_, [RS_KEY_##field].offset = offsetof(struct rs_settings, field),
#define LONG(field) [RS_KEY_##field].is_long = true,
#include "keys.def"
};

static const struct {
    const char *name;
    enum rs_key_id id;
} aliases[] = {
#define ALIAS(field, name_) { name_, RS_KEY_##field },
#include "keys.def"
};

static char **text_of(struct rs_settings *set, enum rs_key_id id)
{
    return (char **)(void *)((char *)set + keys[id].offset);
}

static struct rs_secret *secret_of(struct rs_settings *set, enum rs_key_id id)
{
    return (struct rs_secret *)(void *)((char *)set + keys[id].offset);
}

static const void *value_of(const struct rs_settings *set, enum rs_key_id id)
{
    return (const char *)set + keys[id].offset;
}

const struct rs_key *rs_key(enum rs_key_id id)
{
    return &keys[id];
}

size_t rs_key_max_len(enum rs_key_id id)
{
    return keys[id].is_long ? MAX_LONG_VALUE : MAX_VALUE;
}

enum rs_key_id rs_key_find(struct rs_str name)
{
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        if (rs_str_eq_nocase(rs_str_of(keys[i].name), name))
            return (enum rs_key_id)i;
    }
    for (size_t i = 0; i < RS_COUNT(aliases); i++) {
        if (rs_str_eq_nocase(rs_str_of(aliases[i].name), name))
            return aliases[i].id;
    }
    return RS_KEY_NONE;
}

bool rs_parse_bool(struct rs_str value, bool *out)
{
    static const struct {
        struct rs_str word;
        bool is_true;
    } words[] = {
        { { "1", 1 }, true },   { { "true", 4 }, true }, { { "yes", 3 }, true },
        { { "on", 2 }, true },  { { "0", 1 }, false },   { { "false", 5 }, false },
        { { "no", 2 }, false }, { { "off", 3 }, false },
    };

    value = rs_str_trim(value);
    for (size_t i = 0; i < RS_COUNT(words); i++) {
        if (rs_str_eq_nocase(words[i].word, value)) {
            *out = words[i].is_true;
            return true;
        }
    }
    return false;
}

/* Enough of a value to recognise it, cut in front of a character. */
static struct rs_str shown(struct rs_str value)
{
    if (value.n <= MAX_SHOWN)
        return value;
    value.n = MAX_SHOWN;
    while (value.n > 0 && ((unsigned char)value.p[value.n] & 0xC0) == 0x80)
        value.n--;
    return value;
}

static bool store_bool(struct rs_settings *set, enum rs_key_id id, struct rs_str value,
                       struct rs_diag *diag)
{
    bool flag;

    if (!rs_parse_bool(value, &flag))
        return rs_fail(diag, RS_HY000, 0, "%s: \"%.*s\" is not a boolean", keys[id].name,
                       RS_ARG(shown(value)));
    memcpy((char *)set + keys[id].offset, &flag, sizeof flag);
    return true;
}

static bool store_int(struct rs_settings *set, enum rs_key_id id, struct rs_str value,
                      struct rs_diag *diag)
{
    const struct rs_key *key = &keys[id];
    int64_t number;
    int32_t narrow;

    if (!rs_parse_i64(rs_str_trim(value), &number) || number < key->min || number > key->max)
        return rs_fail(diag, RS_HY000, 0, "%s must be between %d and %d", key->name, (int)key->min,
                       (int)key->max);
    narrow = (int32_t)number;
    memcpy((char *)set + key->offset, &narrow, sizeof narrow);
    return true;
}

static bool store_text(struct rs_settings *set, enum rs_key_id id, struct rs_str value,
                       struct rs_diag *diag)
{
    char *copy = rs_str_dup(value, diag);

    if (copy == NULL)
        return false;
    rs_free(*text_of(set, id));
    *text_of(set, id) = copy;
    return true;
}

static bool store(struct rs_settings *set, enum rs_key_id id, struct rs_str value,
                  struct rs_diag *diag)
{
    switch (keys[id].type) {
    case RS_TYPE_TEXT:
        return store_text(set, id, value, diag);
    case RS_TYPE_INT:
        return store_int(set, id, value, diag);
    case RS_TYPE_BOOL:
        return store_bool(set, id, value, diag);
    case RS_TYPE_SECRET:
        return rs_secret_set(secret_of(set, id), value, diag);
    }
    return rs_fail(diag, RS_HY000, 0, "%s has no type", keys[id].name);
}

bool rs_settings_init(struct rs_settings *set, struct rs_diag *diag)
{
    memset(set, 0, sizeof *set);
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        if (keys[i].dflt == NULL)
            continue;
        if (!store(set, (enum rs_key_id)i, rs_str_of(keys[i].dflt), diag)) {
            rs_settings_clear(set);
            return false;
        }
    }
    return true;
}

void rs_settings_clear(struct rs_settings *set)
{
    if (set == NULL)
        return;
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        if (keys[i].type == RS_TYPE_TEXT)
            rs_free(*text_of(set, (enum rs_key_id)i));
        else if (keys[i].type == RS_TYPE_SECRET)
            rs_secret_clear(secret_of(set, (enum rs_key_id)i));
    }
    memset(set, 0, sizeof *set);
}

static bool copy_value(struct rs_settings *to, const struct rs_settings *from, enum rs_key_id id,
                       struct rs_diag *diag)
{
    char *const *text = value_of(from, id);

    switch (keys[id].type) {
    case RS_TYPE_TEXT:
        return *text == NULL || store_text(to, id, rs_str_of(*text), diag);
    case RS_TYPE_SECRET:
        return rs_secret_copy(secret_of(to, id), value_of(from, id), diag);
    case RS_TYPE_INT:
        memcpy((char *)to + keys[id].offset, value_of(from, id), sizeof(int32_t));
        return true;
    case RS_TYPE_BOOL:
        memcpy((char *)to + keys[id].offset, value_of(from, id), sizeof(bool));
        return true;
    }
    return true;
}

bool rs_settings_copy(struct rs_settings *to, const struct rs_settings *from, struct rs_diag *diag)
{
    struct rs_settings made;

    memset(&made, 0, sizeof made);
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        if (!copy_value(&made, from, (enum rs_key_id)i, diag)) {
            rs_settings_clear(&made);
            return false;
        }
        made.layer[i] = from->layer[i];
    }
    rs_settings_clear(to);
    *to = made;
    return true;
}

/* Blanks around access keys come from copying them off a web page (credentials.md 2). */
static bool is_trimmed(enum rs_key_id id)
{
    return id == RS_KEY_access_key_id || id == RS_KEY_secret_access_key ||
           id == RS_KEY_session_token;
}

bool rs_settings_put(struct rs_settings *set, enum rs_key_id id, struct rs_str value,
                     enum rs_layer layer, struct rs_diag *diag)
{
    if (is_trimmed(id))
        value = rs_str_trim(value);
    if (value.n == 0)
        return true;
    if (set->layer[id] != RS_LAYER_DEFAULT && set->layer[id] >= layer)
        return true;
    if (value.n > rs_key_max_len(id))
        return rs_fail(diag, RS_HY000, 0, "%s is too long", keys[id].name);
    if (rs_str_chr(value, '\0') >= 0)
        return rs_fail(diag, RS_HY000, 0, "%s holds a NUL character", keys[id].name);
    if (!store(set, id, value, diag))
        return false;
    set->layer[id] = (uint8_t)layer;
    return true;
}

bool rs_settings_is_set(const struct rs_settings *set, enum rs_key_id id)
{
    return set->layer[id] != RS_LAYER_DEFAULT;
}

bool rs_settings_has_text(const struct rs_settings *set, enum rs_key_id id)
{
    char *const *text = value_of(set, id);

    if (keys[id].type == RS_TYPE_SECRET)
        return rs_secret_is_set(value_of(set, id));
    return keys[id].type == RS_TYPE_TEXT && *text != NULL && **text != '\0';
}

static void print_text(const char *text, enum rs_key_id id, struct rs_buf *out)
{
    size_t n = strlen(text);

    /* An URL may carry a password, SQL may name one; of an access key id AWS itself shows the
     * last four characters. */
    if (id == RS_KEY_access_key_id)
        rs_buf_addf(out, "****%s", n > 4 ? text + n - 4 : "");
    else if (id == RS_KEY_url || id == RS_KEY_initialization_string)
        rs_buf_adds(out, "****");
    else
        rs_buf_adds(out, text);
}

void rs_settings_print_value(const struct rs_settings *set, enum rs_key_id id, struct rs_buf *out)
{
    const void *value = value_of(set, id);

    switch (keys[id].type) {
    case RS_TYPE_TEXT:
        print_text(*(char *const *)value, id, out);
        break;
    case RS_TYPE_INT:
        rs_buf_addf(out, "%d", (int)*(const int32_t *)value);
        break;
    case RS_TYPE_BOOL:
        rs_buf_addc(out, *(const bool *)value ? '1' : '0');
        break;
    case RS_TYPE_SECRET:
        rs_buf_adds(out, "****");
        break;
    }
}

void rs_settings_print(const struct rs_settings *set, struct rs_buf *out)
{
    const char *between = "";

    for (int i = 0; i < RS_KEY_COUNT; i++) {
        if (!rs_settings_is_set(set, (enum rs_key_id)i))
            continue;
        rs_buf_addf(out, "%s%s=", between, keys[i].name);
        rs_settings_print_value(set, (enum rs_key_id)i, out);
        between = "; ";
    }
}

const char *rs_layer_name(enum rs_layer layer)
{
    static const char *const names[] = { [RS_LAYER_DEFAULT] = "the default",
                                         [RS_LAYER_ASSERTION] = "the identity provider's answer",
                                         [RS_LAYER_PROFILE] = "the AWS profile",
                                         [RS_LAYER_AUTH_PROFILE] = "the authentication profile",
                                         [RS_LAYER_GLOBAL] = "the global file",
                                         [RS_LAYER_DSN] = "the data source",
                                         [RS_LAYER_STRING] = "the connection string",
                                         [RS_LAYER_ATTRIBUTE] = "the program" };

    return names[layer];
}
