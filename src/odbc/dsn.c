#include "dsn.h"

#include "../os.h"
#include "ini.h"
#include "installer.h"
#include "jdbcurl.h"

enum { MAX_PATH_BYTES = 4096, MAX_FILE = 1 << 20 };

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
    rs_warn(diag, RS_01S00, "unknown connection key \"%.*s\"",
            RS_ARG(rs_connstr_shown(rs_str_of(pair->key))));
}

static bool put_pairs(struct rs_settings *set, const struct rs_connstr *list, enum rs_layer layer,
                      struct rs_diag *diag)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct rs_connstr_pair *pair = &list->pair[i];

        if (pair->id == RS_KEY_NONE)
            put_all_warn(pair, diag);
        else if (pair->id == RS_KEY_url)
            continue; /* after the keys beside it */
        else if (layer != RS_LAYER_STRING && (pair->id == RS_KEY_dsn || pair->id == RS_KEY_driver))
            continue; /* a data source names its driver, for the driver manager */
        else if (!rs_settings_put(set, pair->id, rs_connstr_value(pair), layer, diag))
            return false;
    }
    return true;
}

/* The text of Url itself is not kept: it may hold a password, and its keys are. */
static bool put_all(struct rs_settings *set, const struct rs_connstr *list, enum rs_layer layer,
                    struct rs_diag *diag)
{
    const struct rs_connstr_pair *url = rs_connstr_find(list, RS_KEY_url);
    struct rs_connstr inside = { 0 };
    bool ok = put_pairs(set, list, layer, diag);

    if (ok && url != NULL && rs_secret_is_set(&url->value))
        ok = rs_jdbcurl_read(rs_connstr_value(url), &inside, diag) &&
             put_pairs(set, &inside, layer, diag);
    rs_connstr_clear(&inside);
    return ok;
}

/* ---- a data source ---- */

/* *is_cut: a line was so long that the installer may have cut it. */
static bool add_profile(struct rs_connstr *out, const char *section, bool *is_cut,
                        struct rs_diag *diag)
{
    struct rs_buf names = RS_BUF_WIPED(2 * MAX_FILE), value = RS_BUF_WIPED(2 * MAX_FILE);
    struct rs_str rest, name;
    bool done = false, ok = rs_installer_read(section, NULL, &names, diag);

    rest = rs_buf_str(&names);
    while (ok && !*is_cut && rs_str_split(&rest, '\0', &done, &name)) {
        if (name.n == 0)
            continue;
        ok = rs_installer_read(section, name.p, &value, diag);
        *is_cut = rs_installer_may_cut(name.n + value.len);
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

static bool (*const ini_places[])(struct rs_buf *) = { user_ini, system_ini };

/* The same files as the driver manager's, read by us: session tokens pass its line length. */
static bool add_odbc_ini(struct rs_connstr *out, struct rs_str section, bool *found,
                         struct rs_diag *diag)
{
    bool ok = true;

    for (size_t i = 0; ok && !*found && i < RS_COUNT(ini_places); i++) {
        struct rs_buf path = RS_BUF_INIT(MAX_PATH_BYTES), text = RS_BUF_WIPED(MAX_FILE);

        if (ini_places[i](&path)) {
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
            rs_fail(diag, RS_HY000, 0, "data source \"%s\" has a line that is too long", section);
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

static bool (*const global_places[])(struct rs_buf *) = { global_from_env, global_from_home,
                                                          global_beside_library };

static bool load_global(struct rs_settings *set, struct rs_diag *diag)
{
    enum rs_file result = RS_FILE_MISSING;

    for (size_t i = 0; result == RS_FILE_MISSING && i < RS_COUNT(global_places); i++) {
        struct rs_buf path = RS_BUF_INIT(MAX_PATH_BYTES);

        if (global_places[i](&path)) {
            result = rs_buf_ok(&path, diag) ? load_global_file(set, path.p, diag) : RS_FILE_FAILED;
            if (result == RS_FILE_MISSING && i == 0)
                rs_warn(diag, RS_01000, "REDSHIFTODBCINI names \"%s\", which does not exist",
                        path.p);
        }
        rs_buf_clear(&path);
    }
    return result != RS_FILE_FAILED;
}

static void tell_place(bool (*place)(struct rs_buf *), bool is_global,
                       void (*tell)(void *ctx, bool is_global, const char *path, bool exists),
                       void *ctx)
{
    struct rs_buf path = RS_BUF_INIT(MAX_PATH_BYTES);

    if (place(&path) && !path.bad)
        tell(ctx, is_global, path.p, rs_os_file_exists(path.p));
    rs_buf_clear(&path);
}

void rs_dsn_places(void (*tell)(void *ctx, bool is_global, const char *path, bool exists),
                   void *ctx)
{
    for (size_t i = 0; i < RS_COUNT(ini_places); i++)
        tell_place(ini_places[i], false, tell, ctx);
    for (size_t i = 0; i < RS_COUNT(global_places); i++)
        tell_place(global_places[i], true, tell, ctx);
}

/* ---- layers ---- */

bool rs_dsn_load(struct rs_settings *set, const struct rs_connstr *string, struct rs_diag *diag)
{
    const struct rs_connstr_pair *dsn = rs_connstr_find(string, RS_KEY_dsn);

    if (!put_all(set, string, RS_LAYER_STRING, diag))
        return false;
    if (dsn != NULL && rs_secret_is_set(&dsn->value)) {
        if (!load_section(set, rs_connstr_value(dsn), true, diag))
            return false;
    } else if (rs_connstr_find(string, RS_KEY_driver) == NULL) {
        if (!load_section(set, RS_STR("DEFAULT"), false, diag))
            return false;
    }
    return load_global(set, diag);
}

bool rs_dsn_load_named(struct rs_settings *set, struct rs_str dsn, struct rs_str uid,
                       struct rs_str pwd, struct rs_diag *diag)
{
    struct rs_connstr list = { 0 };
    bool ok = rs_connstr_add(&list, RS_STR("DSN"), dsn, diag) &&
              rs_connstr_add(&list, RS_STR("UID"), uid, diag) &&
              rs_connstr_add(&list, RS_STR("PWD"), pwd, diag) && rs_dsn_load(set, &list, diag);

    rs_connstr_clear(&list);
    return ok;
}
