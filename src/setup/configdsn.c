/*
 * ConfigDSN and ConfigDriver: what the installer library calls in a driver's setup library, which
 * is the driver itself. Source: ODBC Programmer's Reference, "Setup DLL API Reference".
 */
#include <odbcinst.h>

#include "../os.h"
#include "dsnfile.h"

/* Numbers of the installer for what is wrong with a call. The text says more. */
static BOOL refuse(DWORD code, const char *text)
{
    (void)SQLPostInstallerError(code, text);
    return false;
}

static BOOL refuse_diag(DWORD code, struct rs_diag *diag)
{
    BOOL result = refuse(code, rs_diag_first(diag));

    rs_diag_clear(diag);
    return result;
}

static enum rs_dsn_scope scope_of_mode(void)
{
    UWORD mode = ODBC_BOTH_DSN;

    (void)SQLGetConfigMode(&mode);
    return mode == ODBC_SYSTEM_DSN ? RS_DSN_SYSTEM : RS_DSN_USER;
}

/* key=value, each ended by a NUL, the last by two. */
static bool next_pair(const char **at, struct rs_str *key, struct rs_str *value,
                      struct rs_diag *diag)
{
    struct rs_str pair = rs_str_of(*at);
    ptrdiff_t equals = rs_str_chr(pair, '=');

    if (equals <= 0)
        return rs_fail(diag, RS_HY000, 0, "an attribute is not keyword=value");
    *key = rs_str_trim(rs_str_sub(pair, 0, (size_t)equals));
    *value = rs_str_sub(pair, (size_t)equals + 1, pair.n);
    *at += pair.n + 1;
    return true;
}

static bool find_name(const char *at, struct rs_dsnform *form, struct rs_diag *diag)
{
    struct rs_str key, value;

    while (at != NULL && *at != '\0') {
        if (!next_pair(&at, &key, &value, diag))
            return false;
        if (rs_key_find(key) == RS_KEY_dsn)
            return rs_dsnform_set_name(form, value, diag);
    }
    return rs_fail(diag, RS_HY000, 0, "DSN is required: the name of the data source");
}

static bool take_pairs(const char *at, struct rs_dsnform *form, struct rs_diag *diag)
{
    struct rs_str key, value;

    while (at != NULL && *at != '\0')
        if (!next_pair(&at, &key, &value, diag) || !rs_dsnform_put(form, key, value, diag))
            return false;
    return true;
}

/* What the caller puts in is meant to be there, secrets too. */
static bool keep(const struct rs_dsnform *form, const char *driver, enum rs_dsn_scope scope,
                 struct rs_diag *diag)
{
    const struct rs_dsnfile_save how = { .driver = driver, .scope = scope, .with_secrets = true };
    enum rs_key_id at = RS_KEY_NONE;

    return rs_dsnform_check(form, RS_FORM_TO_SAVE, &at, diag) &&
           rs_dsnfile_save(form, &how, &at, diag);
}

static BOOL add_or_change(WORD request, const char *driver, const char *attributes,
                          struct rs_dsnform *form, struct rs_str name)
{
    enum rs_dsn_scope scope = scope_of_mode();
    struct rs_diag diag = { 0 };

    if (request == ODBC_CONFIG_DSN) {
        if (!rs_dsnfile_exists(name, scope)) {
            (void)rs_fail(&diag, RS_HY000, 0, "there is no data source \"%.*s\"", RS_ARG(name));
            return refuse_diag(ODBC_ERROR_INVALID_DSN, &diag);
        }
        if (!rs_dsnfile_load(form, name, scope, &diag))
            return refuse_diag(ODBC_ERROR_REQUEST_FAILED, &diag);
    }
    if (!take_pairs(attributes, form, &diag))
        return refuse_diag(ODBC_ERROR_INVALID_KEYWORD_VALUE, &diag);
    if (!keep(form, driver, scope, &diag))
        return refuse_diag(ODBC_ERROR_REQUEST_FAILED, &diag);
    rs_diag_clear(&diag);
    return true;
}

BOOL INSTAPI ConfigDSN(HWND window, WORD request, LPCSTR driver, LPCSTR attributes)
{
    struct rs_dsnform named = { 0 }, form = { 0 };
    struct rs_diag diag = { 0 };
    struct rs_str name;
    BOOL result = false;

    (void)window; /* there is nothing to show */
    if (request != ODBC_ADD_DSN && request != ODBC_CONFIG_DSN && request != ODBC_REMOVE_DSN)
        return refuse(ODBC_ERROR_INVALID_REQUEST_TYPE, "the request is not one to add, change or "
                                                       "remove a data source");
    if (driver == NULL || driver[0] == '\0')
        return refuse(ODBC_ERROR_INVALID_NAME, "the driver's name is missing");
    if (!find_name(attributes, &named, &diag)) {
        result = refuse_diag(ODBC_ERROR_INVALID_DSN, &diag);
    } else {
        name = (struct rs_str){ rs_secret_reveal(&named.name), rs_secret_len(&named.name) };
        if (request != ODBC_REMOVE_DSN)
            result = add_or_change(request, driver, attributes, &form, name);
        else
            result = rs_dsnfile_remove(name, scope_of_mode(), &diag)
                         ? true
                         : refuse_diag(ODBC_ERROR_INVALID_DSN, &diag);
    }
    rs_dsnform_clear(&form);
    rs_dsnform_clear(&named);
    return result;
}

/* Installing and removing need nothing beside what the installer does. */
BOOL INSTAPI ConfigDriver(HWND window, WORD request, LPCSTR driver, LPCSTR arguments, LPSTR message,
                          WORD room, WORD *length)
{
    (void)window;
    (void)arguments;
    if (message != NULL && room > 0)
        message[0] = '\0';
    if (length != NULL)
        *length = 0;
    if (driver == NULL || driver[0] == '\0')
        return refuse(ODBC_ERROR_INVALID_NAME, "the driver's name is missing");
    if (request != ODBC_INSTALL_DRIVER && request != ODBC_REMOVE_DRIVER)
        return refuse(ODBC_ERROR_INVALID_REQUEST_TYPE,
                      "the driver has no settings of its own: they stand in data sources and in "
                      "redshiftodbc.ini");
    return true;
}
