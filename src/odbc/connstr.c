#include "connstr.h"

#include <string.h>

/* The installer's header pulls in the ODBC types; nothing else of it is wanted here. */
#include <odbcinst.h>

#include "../os.h"
#include "ini.h"

enum {
    MAX_KEYS = 1000,
    MAX_KEY_SHOWN = 64,
    MAX_PATH = 4096,
    MAX_FILE = 1 << 20,
    FIRST_PROFILE_BYTES = 8192,
    /* odbcinst reads lines into 1000 bytes and takes the rest of a longer one for further keys. */
    MAX_INSTALLER_LINE = 1000,
    SAFE_INSTALLER_LINE = 512
};

/* ---- the list ---- */

static struct rs_connstr_pair *find_pair(const struct rs_connstr *list, struct rs_str key,
                                         enum rs_key_id id)
{
    for (size_t i = 0; i < list->n; i++) {
        struct rs_connstr_pair *pair = &list->pair[i];

        if (id != RS_KEY_NONE ? pair->id == id : rs_str_eq_nocase(rs_str_of(pair->key), key))
            return pair;
    }
    return NULL;
}

const struct rs_connstr_pair *rs_connstr_find(const struct rs_connstr *list, enum rs_key_id id)
{
    return find_pair(list, RS_STR_NULL, id);
}

static bool grow(struct rs_connstr *list, struct rs_diag *diag)
{
    size_t cap = list->cap == 0 ? 16 : list->cap * 2;
    struct rs_connstr_pair *pair;

    if (list->n < list->cap)
        return true;
    if (list->n >= MAX_KEYS)
        return rs_fail(diag, RS_HY000, 0, "more than %d connection keys", (int)MAX_KEYS);
    pair = rs_realloc(list->pair, cap, sizeof *pair, diag);
    if (pair == NULL)
        return false;
    list->pair = pair;
    list->cap = cap;
    return true;
}

bool rs_connstr_add(struct rs_connstr *list, struct rs_str key, struct rs_str value,
                    struct rs_diag *diag)
{
    struct rs_connstr_pair made = { .id = rs_key_find(key) };

    if (find_pair(list, key, made.id) != NULL)
        return true;
    if (!grow(list, diag))
        return false;
    made.key = rs_str_dup(key, diag);
    if (made.key == NULL)
        return false;
    if (!rs_secret_set(&made.value, value, diag)) {
        rs_free(made.key);
        return false;
    }
    list->pair[list->n++] = made;
    return true;
}

void rs_connstr_clear(struct rs_connstr *list)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->n; i++) {
        rs_free(list->pair[i].key);
        rs_secret_clear(&list->pair[i].value);
    }
    rs_free(list->pair);
    *list = (struct rs_connstr){ 0 };
}

/* ---- text to pairs ---- */

static struct rs_str shown(struct rs_str key)
{
    if (key.n <= MAX_KEY_SHOWN)
        return key;
    key.n = MAX_KEY_SHOWN;
    while (key.n > 0 && ((unsigned char)key.p[key.n] & 0xC0) == 0x80)
        key.n--;
    return key;
}

static size_t skip_blanks(struct rs_str text, size_t at)
{
    while (at < text.n && rs_is_space(text.p[at]))
        at++;
    return at;
}

static size_t find_any(struct rs_str text, size_t at, const char *stops)
{
    while (at < text.n && strchr(stops, text.p[at]) == NULL)
        at++;
    return at;
}

/* *at stands behind the opening brace; afterwards on the ; or the end. */
static bool parse_braced(struct rs_str text, size_t *at, struct rs_str key, struct rs_buf *value,
                         struct rs_diag *diag)
{
    size_t i = *at;

    for (;; i++) {
        if (i == text.n)
            return rs_fail(diag, RS_HY000, 0, "the value of \"%.*s\" lacks its closing brace",
                           RS_ARG(shown(key)));
        if (text.p[i] == '}') {
            if (i + 1 == text.n || text.p[i + 1] != '}')
                break;
            i++;
        }
        rs_buf_addc(value, text.p[i]);
    }
    i = skip_blanks(text, i + 1);
    if (i < text.n && text.p[i] != ';')
        return rs_fail(diag, RS_HY000, 0,
                       "text follows the closing brace of the value of \"%.*s\"; inside braces a "
                       "closing brace is written twice",
                       RS_ARG(shown(key)));
    *at = i;
    return rs_buf_ok(value, diag);
}

static bool is_managers_key(struct rs_str key)
{
    return rs_str_eq_nocase(key, RS_STR("FILEDSN")) || rs_str_eq_nocase(key, RS_STR("SAVEFILE"));
}

static bool add_parsed(struct rs_connstr *out, struct rs_str key, struct rs_str value,
                       struct rs_diag *diag)
{
    enum rs_key_id id = rs_key_find(key);
    enum rs_key_id other = id == RS_KEY_dsn      ? RS_KEY_driver
                           : id == RS_KEY_driver ? RS_KEY_dsn
                                                 : RS_KEY_NONE;

    if (is_managers_key(key))
        return true;
    if (other != RS_KEY_NONE && (value.n == 0 || rs_connstr_find(out, other) != NULL))
        return true;
    return rs_connstr_add(out, key, value, diag);
}

/* One part, from *at to the ; that ends it or the end of the text. */
static bool parse_part(struct rs_str text, size_t *at, size_t number, struct rs_connstr *out,
                       struct rs_diag *diag)
{
    struct rs_buf braced = RS_BUF_WIPED(text.n + 1);
    size_t begin = *at, stop = find_any(text, begin, "=;");
    struct rs_str key = rs_str_trim(rs_str_sub(text, begin, stop - begin)), value = RS_STR_NULL;
    bool has_value = stop < text.n && text.p[stop] == '=', ok = true;

    if (has_value) {
        stop = skip_blanks(text, stop + 1);
        if (stop < text.n && text.p[stop] == '{') {
            stop++;
            ok = parse_braced(text, &stop, key, &braced, diag);
            value = rs_buf_str(&braced);
        } else {
            begin = stop;
            stop = find_any(text, begin, ";");
            value = rs_str_trim(rs_str_sub(text, begin, stop - begin));
        }
    }
    if (ok && has_value && key.n > 0)
        ok = add_parsed(out, key, value, diag);
    else if (ok && (has_value || key.n > 0))
        rs_warn(diag, RS_01S00, "part %zu of the connection string is not key=value", number);
    *at = stop;
    rs_buf_clear(&braced);
    return ok;
}

bool rs_connstr_parse(struct rs_str text, struct rs_connstr *out, struct rs_diag *diag)
{
    size_t at = 0, number = 1;

    /* Applications that count the NUL in the length are common. */
    while (text.n > 0 && text.p[text.n - 1] == '\0')
        text.n--;
    if (rs_str_chr(text, '\0') >= 0)
        return rs_fail(diag, RS_HY000, 0, "the connection string holds a NUL character");
    if (rs_str_starts_nocase(rs_str_trim(text), RS_STR("jdbc:")))
        return rs_fail(diag, RS_HYC00, 0,
                       "a JDBC URL as connection string is not in this build; write key=value;…");
    for (; at < text.n; at++, number++) {
        if (!parse_part(text, &at, number, out, diag))
            return false;
    }
    return true;
}

/* ---- pairs to text ---- */

static bool needs_braces(struct rs_str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (strchr("[]{}(),;?*=!@", value.p[i]) != NULL)
            return true;
    }
    return rs_str_trim(value).n != value.n ||
           (value.n > 0 && (rs_is_space(value.p[0]) || rs_is_space(value.p[value.n - 1])));
}

static void put_pair(struct rs_buf *out, const char *key, struct rs_str value, bool braces)
{
    if (out->len > 0)
        rs_buf_addc(out, ';');
    rs_buf_adds(out, key);
    rs_buf_addc(out, '=');
    if (!braces && !needs_braces(value)) {
        rs_buf_add(out, value);
        return;
    }
    rs_buf_addc(out, '{');
    for (size_t i = 0; i < value.n; i++) {
        rs_buf_addc(out, value.p[i]);
        if (value.p[i] == '}')
            rs_buf_addc(out, '}');
    }
    rs_buf_addc(out, '}');
}

static struct rs_str value_of(const struct rs_connstr_pair *pair)
{
    return (struct rs_str){ rs_secret_reveal(&pair->value), rs_secret_len(&pair->value) };
}

void rs_connstr_output(const struct rs_connstr *string, const struct rs_settings *set,
                       struct rs_buf *out)
{
    const struct rs_connstr_pair *first = rs_connstr_find(string, RS_KEY_dsn);

    if (first == NULL)
        first = rs_connstr_find(string, RS_KEY_driver);
    if (first != NULL)
        put_pair(out, rs_key(first->id)->name, value_of(first), first->id == RS_KEY_driver);
    else if (set->dsn != NULL)
        put_pair(out, rs_key(RS_KEY_dsn)->name, rs_str_of(set->dsn), false);
    for (size_t i = 0; i < string->n; i++) {
        const struct rs_connstr_pair *pair = &string->pair[i];

        if (pair != first)
            put_pair(out, pair->id == RS_KEY_NONE ? pair->key : rs_key(pair->id)->name,
                     value_of(pair), false);
    }
}

/* ---- files to pairs ---- */

/* Adds the pairs of all sections of that name. *found: there was one. */
static bool add_section(struct rs_connstr *out, struct rs_str text, struct rs_str section,
                        const char *path, bool *found, struct rs_diag *diag)
{
    struct rs_str name, value;
    struct rs_ini ini;
    bool inside = false;

    rs_ini_init(&ini, text);
    for (;;) {
        switch (rs_ini_next(&ini, &name, &value)) {
        case RS_INI_END:
            return true;
        case RS_INI_SECTION:
            inside = rs_str_eq_nocase(name, section);
            *found = *found || inside;
            break;
        case RS_INI_PAIR:
            if (inside && !rs_connstr_add(out, name, value, diag))
                return false;
            break;
        case RS_INI_NONSENSE:
            if (inside)
                rs_warn(diag, RS_01S00, "line %zu of \"%s\" is not key = value", ini.line, path);
            break;
        }
    }
}

static void put_all_warn(const struct rs_connstr_pair *pair, struct rs_diag *diag)
{
    rs_warn(diag, RS_01S00, "unknown connection key \"%.*s\"", RS_ARG(shown(rs_str_of(pair->key))));
}

static bool put_all(struct rs_settings *set, const struct rs_connstr *list, enum rs_layer layer,
                    struct rs_diag *diag)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct rs_connstr_pair *pair = &list->pair[i];

        if (pair->id == RS_KEY_NONE)
            put_all_warn(pair, diag);
        else if (layer != RS_LAYER_STRING && (pair->id == RS_KEY_dsn || pair->id == RS_KEY_driver))
            continue; /* a data source names its driver, for the driver manager */
        else if (!rs_settings_put(set, pair->id, value_of(pair), layer, diag))
            return false;
    }
    return true;
}

/* ---- a data source ---- */

/* key NULL: the names of all keys, each ended by a NUL. The installer cuts silently, so the
 * buffer grows until one more line would have fitted. */
static bool read_profile(const char *section, const char *key, struct rs_buf *out,
                         struct rs_diag *diag)
{
    for (size_t size = FIRST_PROFILE_BYTES; size <= MAX_FILE; size *= 2) {
        char *room;
        int n;

        rs_buf_truncate(out, 0);
        room = rs_buf_room(out, size);
        if (room == NULL)
            return rs_buf_ok(out, diag);
        n = SQLGetPrivateProfileString(section, key, "", room, (int)size, "odbc.ini");
        if (n < 0)
            n = 0;
        if ((size_t)n + MAX_INSTALLER_LINE + 2 < size) {
            rs_buf_seal(out, (size_t)n);
            return true;
        }
    }
    return rs_fail(diag, RS_HY000, 0, "the data source \"%s\" is too long", section);
}

/* *is_cut: a line was so long that the installer may have cut it. */
static bool add_profile(struct rs_connstr *out, const char *section, bool *is_cut,
                        struct rs_diag *diag)
{
    struct rs_buf names = RS_BUF_WIPED(2 * MAX_FILE), value = RS_BUF_WIPED(2 * MAX_FILE);
    struct rs_str rest, name;
    bool done = false, ok = read_profile(section, NULL, &names, diag);

    rest = rs_buf_str(&names);
    while (ok && !*is_cut && rs_str_split(&rest, '\0', &done, &name)) {
        if (name.n == 0)
            continue;
        ok = read_profile(section, name.p, &value, diag);
        *is_cut = name.n + value.len > SAFE_INSTALLER_LINE;
        ok = ok && rs_connstr_add(out, name, rs_buf_str(&value), diag);
    }
    rs_buf_clear(&value);
    rs_buf_clear(&names);
    return ok;
}

static bool user_ini(struct rs_buf *path)
{
    if (rs_env("ODBCINI") != NULL)
        rs_buf_adds(path, rs_env("ODBCINI"));
    else if (rs_os_home(path))
        rs_buf_adds(path, "/.odbc.ini");
    else
        return false;
    return true;
}

static bool system_ini(struct rs_buf *path)
{
    const char *folder = rs_env("ODBCSYSINI");

    rs_buf_addf(path, "%s/odbc.ini", folder != NULL ? folder : "/etc");
    return true;
}

/* The same files as the driver manager's, read by us: session tokens pass its line length. */
static bool add_odbc_ini(struct rs_connstr *out, struct rs_str section, bool *found,
                         struct rs_diag *diag)
{
    static bool (*const places[])(struct rs_buf *) = { user_ini, system_ini };
    bool ok = true;

    for (size_t i = 0; ok && !*found && i < RS_COUNT(places); i++) {
        struct rs_buf path = RS_BUF_INIT(MAX_PATH), text = RS_BUF_WIPED(MAX_FILE);

        if (places[i](&path)) {
            ok = rs_buf_ok(&path, diag);
            switch (ok ? rs_os_read_file(path.p, &text, NULL, diag) : RS_FILE_MISSING) {
            case RS_FILE_READ:
                ok = add_section(out, rs_buf_str(&text), section, path.p, found, diag);
                break;
            case RS_FILE_FAILED:
                ok = false;
                break;
            case RS_FILE_MISSING:
                break;
            }
        }
        rs_buf_clear(&path);
        rs_buf_clear(&text);
    }
    return ok;
}

static bool load_section(struct rs_settings *set, struct rs_str dsn, bool is_named,
                         struct rs_diag *diag)
{
    struct rs_connstr list = { 0 };
    char *section = rs_str_dup(dsn, diag);
    bool is_cut = false, found = false, ok = false;

    if (section == NULL || !add_profile(&list, section, &is_cut, diag))
        goto out;
    if (is_cut) {
        rs_connstr_clear(&list);
        if (!add_odbc_ini(&list, dsn, &found, diag))
            goto out;
        if (!found) {
            rs_fail(diag, RS_HY000, 0, "data source \"%s\" has a line longer than %d bytes",
                    section, (int)SAFE_INSTALLER_LINE);
            goto out;
        }
    }
    if (list.n == 0 && is_named)
        rs_warn(diag, RS_01S00, "data source \"%s\" was not found or is empty", section);
    else if (list.n > 0 && !rs_settings_put(set, RS_KEY_dsn, dsn, RS_LAYER_DSN, diag))
        goto out;
    ok = put_all(set, &list, RS_LAYER_DSN, diag);
out:
    rs_free(section);
    rs_connstr_clear(&list);
    return ok;
}

/* ---- the global file ---- */

static bool global_from_env(struct rs_buf *path)
{
    const char *named = rs_env("REDSHIFTODBCINI");

    rs_buf_adds(path, named != NULL ? named : "");
    return named != NULL;
}

static bool global_from_home(struct rs_buf *path)
{
    if (!rs_os_home(path))
        return false;
    rs_buf_adds(path, "/.redshiftodbc.ini");
    return true;
}

static bool global_beside_library(struct rs_buf *path)
{
    size_t n;

    if (!rs_os_library_path(path))
        return false;
    for (n = path->len; n > 0 && path->p[n - 1] != '/';)
        n--;
    rs_buf_truncate(path, n);
    rs_buf_adds(path, "redshiftodbc.ini");
    return n > 0;
}

static void warn_open_secrets(const struct rs_connstr *list, const char *path, struct rs_diag *diag)
{
    for (size_t i = 0; i < list->n; i++) {
        enum rs_key_id id = list->pair[i].id;

        if (id != RS_KEY_NONE && rs_key(id)->type == RS_TYPE_SECRET &&
            rs_os_others_can_read(path)) {
            rs_warn(diag, RS_01000, "\"%s\" holds secrets and others can read it", path);
            return;
        }
    }
}

/* MISSING: the next place is to be asked. */
static enum rs_file load_global_file(struct rs_settings *set, const char *path,
                                     struct rs_diag *diag)
{
    struct rs_buf text = RS_BUF_WIPED(MAX_FILE);
    struct rs_connstr list = { 0 };
    enum rs_file result = rs_os_read_file(path, &text, NULL, diag);
    bool found = false;

    if (result == RS_FILE_READ) {
        if (add_section(&list, rs_buf_str(&text), RS_STR("Driver"), path, &found, diag) &&
            put_all(set, &list, RS_LAYER_GLOBAL, diag))
            warn_open_secrets(&list, path, diag);
        else
            result = RS_FILE_FAILED;
    }
    rs_connstr_clear(&list);
    rs_buf_clear(&text);
    return result;
}

static bool load_global(struct rs_settings *set, struct rs_diag *diag)
{
    static bool (*const places[])(struct rs_buf *) = { global_from_env, global_from_home,
                                                       global_beside_library };
    enum rs_file result = RS_FILE_MISSING;

    for (size_t i = 0; result == RS_FILE_MISSING && i < RS_COUNT(places); i++) {
        struct rs_buf path = RS_BUF_INIT(MAX_PATH);

        if (places[i](&path)) {
            result = rs_buf_ok(&path, diag) ? load_global_file(set, path.p, diag) : RS_FILE_FAILED;
            if (result == RS_FILE_MISSING && i == 0)
                rs_warn(diag, RS_01000, "REDSHIFTODBCINI names \"%s\", which does not exist",
                        path.p);
        }
        rs_buf_clear(&path);
    }
    return result != RS_FILE_FAILED;
}

/* ---- layers ---- */

bool rs_connstr_load(struct rs_settings *set, const struct rs_connstr *string, struct rs_diag *diag)
{
    const struct rs_connstr_pair *dsn = rs_connstr_find(string, RS_KEY_dsn);

    if (!put_all(set, string, RS_LAYER_STRING, diag))
        return false;
    if (dsn != NULL && rs_secret_is_set(&dsn->value)) {
        if (!load_section(set, value_of(dsn), true, diag))
            return false;
    } else if (rs_connstr_find(string, RS_KEY_driver) == NULL) {
        if (!load_section(set, RS_STR("DEFAULT"), false, diag))
            return false;
    }
    return load_global(set, diag);
}

bool rs_connstr_load_dsn(struct rs_settings *set, struct rs_str dsn, struct rs_str uid,
                         struct rs_str pwd, struct rs_diag *diag)
{
    struct rs_connstr list = { 0 };
    bool ok = rs_connstr_add(&list, RS_STR("DSN"), dsn, diag) &&
              rs_connstr_add(&list, RS_STR("UID"), uid, diag) &&
              rs_connstr_add(&list, RS_STR("PWD"), pwd, diag) && rs_connstr_load(set, &list, diag);

    rs_connstr_clear(&list);
    return ok;
}
