#include "dsnfile.h"

#include <odbcinst.h>

#include "../odbc/dsn.h"
#include "../os.h"

enum {
    LINE_MAX_BYTES = 900, /* name and value: the installer's lines have 1000 */
    FILE_LINE_MAX = 998,  /* of a line that is there */
    READ_MAX = 1 << 16,
    PATH_MAX_BYTES = 4096,
    FILE_MAX = 1 << 20
};

static const char ini[] = "odbc.ini";

/* ---- the file ---- */

struct place {
    enum rs_dsn_scope scope;
    int at;
    struct rs_buf *out;
};

static void take_place(void *ctx, bool is_global, const char *path, bool exists)
{
    struct place *place = ctx;

    (void)exists;
    if (!is_global && place->at++ == (int)place->scope)
        rs_buf_adds(place->out, path);
}

void rs_dsnfile_path(enum rs_dsn_scope scope, struct rs_buf *out)
{
    struct place place = { .scope = scope, .out = out };

    rs_dsn_places(take_place, &place);
}

static UWORD begin(enum rs_dsn_scope scope)
{
    UWORD was = ODBC_BOTH_DSN;

    (void)SQLGetConfigMode(&was);
    (void)SQLSetConfigMode(scope == RS_DSN_SYSTEM ? ODBC_SYSTEM_DSN : ODBC_USER_DSN);
    return was;
}

/* Whoever reads here: key NULL, all keys, each ended by a NUL; they are few enough. */
static bool read_value(const char *section, const char *key, struct rs_buf *out)
{
    char *room;
    int n;

    rs_buf_truncate(out, 0);
    room = rs_buf_room(out, READ_MAX);
    if (room == NULL)
        return false;
    n = SQLGetPrivateProfileString(section, key, "", room, READ_MAX, ini);
    rs_buf_seal(out, n > 0 ? (size_t)n : 0);
    return true;
}

/* Would the installer, writing the file anew, spoil a line that somebody else needs? */
static bool check_lines(enum rs_dsn_scope scope, struct rs_diag *diag)
{
    struct rs_buf path = RS_BUF_INIT(PATH_MAX_BYTES), text = RS_BUF_WIPED(FILE_MAX);
    struct rs_str rest, line;
    bool done = false, ok;
    size_t number = 0;

    rs_dsnfile_path(scope, &path);
    ok = rs_buf_ok(&path, diag);
    if (ok && path.len > 0)
        ok = rs_os_read_file(path.p, &text, NULL, diag) != RS_FILE_FAILED;
    rest = rs_buf_str(&text);
    while (ok && rs_str_split(&rest, '\n', &done, &line)) {
        number++;
        if (line.n > FILE_LINE_MAX)
            ok = rs_fail(diag, RS_HY000, 0,
                         "line %zu of \"%s\" is so long that the installer library would cut it; "
                         "nothing was written",
                         number, path.p);
    }
    rs_buf_clear(&text);
    rs_buf_clear(&path);
    return ok;
}

bool rs_dsnfile_exists(struct rs_str name, enum rs_dsn_scope scope)
{
    struct rs_diag diag = { 0 };
    struct rs_buf keys = RS_BUF_INIT(2 * READ_MAX);
    UWORD was = begin(scope);
    char *section = rs_str_dup(name, &diag);
    bool found = section != NULL && read_value(section, NULL, &keys) && keys.len > 0;

    (void)SQLSetConfigMode(was);
    rs_free(section);
    rs_buf_clear(&keys);
    rs_diag_clear(&diag);
    return found;
}

/* ---- reading ---- */

static bool load_key(struct rs_dsnform *form, const char *section, struct rs_str key,
                     struct rs_diag *diag)
{
    struct rs_buf value = RS_BUF_WIPED(2 * READ_MAX);
    bool ok = true;

    if (rs_key_find(key) != RS_KEY_NONE && rs_key_find(key) != RS_KEY_dsn) {
        if (!read_value(section, key.p, &value))
            ok = rs_buf_ok(&value, diag);
        else if (key.n + value.len > LINE_MAX_BYTES)
            ok = rs_fail(diag, RS_HY000, 0,
                         "%.*s is too long for the installer library, which may have cut it",
                         RS_ARG(key));
        else
            ok = rs_dsnform_put(form, key, rs_buf_str(&value), diag);
    }
    rs_buf_clear(&value);
    return ok;
}

static bool names_type(struct rs_str key)
{
    return rs_key_find(key) == RS_KEY_auth_type || rs_key_find(key) == RS_KEY_plugin_name;
}

/* No AuthType stands there: which do the other keys mean? */
static bool infer_type(struct rs_dsnform *form, struct rs_diag *diag)
{
    struct rs_settings set = { 0 };
    enum rs_method method = RS_METHOD_STANDARD;
    bool ok = rs_settings_init(&set, diag);

    for (int i = 0; ok && i < RS_KEY_COUNT; i++)
        ok = rs_settings_put(&set, (enum rs_key_id)i, rs_dsnform_get(form, (enum rs_key_id)i),
                             RS_LAYER_DSN, diag);
    ok = ok && rs_settings_method(&set, &method, diag);
    if (ok && method != RS_METHOD_STANDARD)
        ok = rs_dsnform_set_type(
            form, method == RS_METHOD_STATIC ? RS_STR("Static") : RS_STR("Profile"), diag);
    rs_settings_clear(&set);
    return ok;
}

bool rs_dsnfile_load(struct rs_dsnform *form, struct rs_str name, enum rs_dsn_scope scope,
                     struct rs_diag *diag)
{
    struct rs_buf keys = RS_BUF_INIT(2 * READ_MAX);
    UWORD was = begin(scope);
    struct rs_str rest, key;
    bool done = false, ok, has_type = false;

    ok = rs_dsnform_set_name(form, name, diag);
    if (ok && !read_value(rs_secret_reveal(&form->name), NULL, &keys))
        ok = rs_buf_ok(&keys, diag);
    rest = rs_buf_str(&keys);
    while (ok && rs_str_split(&rest, '\0', &done, &key)) {
        has_type = has_type || names_type(key);
        ok = key.n == 0 || load_key(form, rs_secret_reveal(&form->name), key, diag);
    }
    ok = ok && (has_type || infer_type(form, diag));
    (void)SQLSetConfigMode(was);
    rs_buf_clear(&keys);
    return ok;
}

/* ---- writing ---- */

struct writing {
    const struct rs_dsnform *form;
    const struct rs_dsnfile_save *how;
    struct rs_diag *diag;
    enum rs_key_id at;
    bool has_secret;
    bool is_written[RS_KEY_COUNT];
};

static bool is_kept(const struct writing *w, enum rs_key_id id)
{
    return rs_key(id)->type != RS_TYPE_SECRET || w->how->with_secrets;
}

static bool fits(void *ctx, enum rs_key_id id, struct rs_str value)
{
    struct writing *w = ctx;
    const char *name = rs_key(id)->name, *problem = NULL;

    if (!is_kept(w, id))
        return true;
    w->has_secret = w->has_secret || rs_key(id)->type == RS_TYPE_SECRET;
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < ' ' || value.p[i] == 127)
            problem = "holds a line end or another control character";
    if (value.n > 0 && (rs_is_space(value.p[0]) || rs_is_space(value.p[value.n - 1])))
        problem = "begins or ends with a blank";
    if (strlen(name) + value.n > LINE_MAX_BYTES)
        problem = "is too long";
    if (problem == NULL)
        return true;
    w->at = id;
    return rs_fail(w->diag, RS_HY000, 0, "%s %s: odbc.ini cannot keep it", name, problem);
}

static bool fail_write(const struct writing *w)
{
    struct rs_buf path = RS_BUF_INIT(PATH_MAX_BYTES);

    rs_dsnfile_path(w->how->scope, &path);
    if (rs_buf_ok(&path, w->diag))
        (void)rs_fail(w->diag, RS_HY000, 0, "could not write the data source into \"%s\"",
                      path.len > 0 ? path.p : ini);
    rs_buf_clear(&path);
    return false;
}

static bool write_pair(void *ctx, enum rs_key_id id, struct rs_str value)
{
    struct writing *w = ctx;
    struct rs_buf copy = RS_BUF_WIPED(READ_MAX);
    bool ok;

    if (!is_kept(w, id))
        return true;
    rs_buf_add(&copy, value);
    ok = rs_buf_ok(&copy, w->diag);
    if (ok && !SQLWritePrivateProfileString(rs_secret_reveal(&w->form->name), rs_key(id)->name,
                                            copy.p, ini))
        ok = fail_write(w);
    w->is_written[id] = true;
    rs_buf_clear(&copy);
    return ok;
}

/* The installer says little of what it does. */
static bool is_there(void *ctx, enum rs_key_id id, struct rs_str value)
{
    struct writing *w = ctx;
    struct rs_buf found = RS_BUF_WIPED(2 * READ_MAX);
    bool ok;

    if (!is_kept(w, id))
        return true;
    if (!read_value(rs_secret_reveal(&w->form->name), rs_key(id)->name, &found)) {
        ok = rs_buf_ok(&found, w->diag);
    } else {
        ok = rs_str_eq(rs_buf_str(&found), value);
        if (!ok) {
            w->at = id;
            (void)rs_fail(w->diag, RS_HY000, 0, "%s does not come back from odbc.ini as written",
                          rs_key(id)->name);
        }
    }
    rs_buf_clear(&found);
    return ok;
}

/* Keys of ours, under any of their names, that the form has not. */
static bool drop_others(struct writing *w)
{
    const char *section = rs_secret_reveal(&w->form->name);
    struct rs_buf keys = RS_BUF_INIT(2 * READ_MAX);
    struct rs_str rest, key;
    bool done = false, ok = true;

    if (!read_value(section, NULL, &keys))
        ok = rs_buf_ok(&keys, w->diag);
    rest = rs_buf_str(&keys);
    while (ok && rs_str_split(&rest, '\0', &done, &key)) {
        enum rs_key_id id = key.n == 0 ? RS_KEY_NONE : rs_key_find(key);

        if (id == RS_KEY_NONE || id == RS_KEY_driver || id == RS_KEY_dsn ||
            (w->is_written[id] && rs_str_eq_nocase(key, rs_str_of(rs_key(id)->name))))
            continue;
        if (!SQLWritePrivateProfileString(section, key.p, NULL, ini))
            ok = fail_write(w);
    }
    rs_buf_clear(&keys);
    return ok;
}

static bool write_all(struct writing *w, bool exists)
{
    const char *name = rs_secret_reveal(&w->form->name);

    if (exists ? !SQLWritePrivateProfileString(name, "Driver", w->how->driver, ini)
               : !SQLWriteDSNToIni(name, w->how->driver))
        return fail_write(w);
    return rs_dsnform_each(w->form, write_pair, w) && drop_others(w) &&
           rs_dsnform_each(w->form, is_there, w);
}

/* Before a secret goes in. The system's file is an administrator's to guard. */
static bool guard(struct writing *w, const char *path)
{
    if (!w->has_secret || w->how->scope == RS_DSN_SYSTEM)
        return true;
    return rs_os_make_private(path, w->diag);
}

bool rs_dsnfile_save(const struct rs_dsnform *form, const struct rs_dsnfile_save *how,
                     enum rs_key_id *at, struct rs_diag *diag)
{
    struct writing w = { .form = form, .how = how, .diag = diag, .at = RS_KEY_NONE };
    struct rs_str name = { rs_secret_reveal(&form->name), rs_secret_len(&form->name) };
    struct rs_buf path = RS_BUF_INIT(PATH_MAX_BYTES);
    bool ok;

    rs_dsnfile_path(how->scope, &path);
    ok = rs_buf_ok(&path, diag) && rs_dsnform_each(form, fits, &w) &&
         check_lines(how->scope, diag) && (path.len == 0 || guard(&w, path.p));
    if (ok) {
        bool exists = rs_dsnfile_exists(name, how->scope);
        UWORD was = begin(how->scope);

        ok = write_all(&w, exists);
        (void)SQLSetConfigMode(was);
    }
    if (ok && w.has_secret && path.len > 0 && rs_os_others_can_read(path.p))
        rs_warn(diag, RS_01000, "\"%s\" holds secrets and others can read it", path.p);
    *at = w.at;
    rs_buf_clear(&path);
    return ok;
}

bool rs_dsnfile_remove(struct rs_str name, enum rs_dsn_scope scope, struct rs_diag *diag)
{
    char *section = rs_str_dup(name, diag);
    UWORD was;
    bool ok;

    if (section == NULL)
        return false;
    if (!rs_dsnfile_exists(name, scope)) {
        (void)rs_fail(diag, RS_HY000, 0, "there is no data source \"%s\"", section);
        rs_free(section);
        return false;
    }
    ok = check_lines(scope, diag);
    was = begin(scope);
    if (ok && !SQLRemoveDSNFromIni(section))
        ok = rs_fail(diag, RS_HY000, 0, "could not remove the data source \"%s\"", section);
    (void)SQLSetConfigMode(was);
    rs_free(section);
    return ok;
}
