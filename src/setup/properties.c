/*
 * ODBCINSTGetProperties: the fields of a data source for an administrator's program of unixODBC.
 *
 * The installer library hands them on as they are and never asks again which of them an Auth Type
 * shows (its ODBCINSTValidateProperty does nothing, 2.3.11), so all are shown.
 * Source: odbcinstext.h.
 */
#include <odbcinstext.h>

#include "../os.h"
#include "dsnform.h"

enum { HELP_MAX = 1000, MAX_WORDS = 32 };

static int prompt_type(enum rs_form_widget widget)
{
    switch (widget) {
    case RS_WIDGET_TEXT:
    case RS_WIDGET_NUMBER:
        return ODBCINST_PROMPTTYPE_TEXTEDIT;
    case RS_WIDGET_LIST:
        return ODBCINST_PROMPTTYPE_COMBOBOX;
    case RS_WIDGET_CHECKBOX:
        return ODBCINST_PROMPTTYPE_LISTBOX;
    case RS_WIDGET_FILE:
    case RS_WIDGET_FOLDER:
        return ODBCINST_PROMPTTYPE_FILENAME;
    case RS_WIDGET_PASSWORD:
        return ODBCINST_PROMPTTYPE_TEXTEDIT_PASSWORD;
    }
    return ODBCINST_PROMPTTYPE_TEXTEDIT;
}

/* The installer frees each of these with free(), the list alone and not its words. */
struct rows {
    ODBCINSTPROPERTY *last;
    struct rs_diag diag;
};

static ODBCINSTPROPERTY *add_row(struct rows *rows, const char *name, int type, struct rs_str help)
{
    ODBCINSTPROPERTY *row = rs_new(ODBCINSTPROPERTY, &rows->diag);
    size_t n = strlen(name);

    if (row == NULL)
        return NULL;
    memcpy(row->szName, name, n < INI_MAX_PROPERTY_NAME ? n : INI_MAX_PROPERTY_NAME);
    row->nPromptType = type;
    row->pszHelp = rs_str_dup(help, &rows->diag);
    rows->last->pNext = row;
    rows->last = row;
    return row->pszHelp == NULL ? NULL : row;
}

static bool add_words(struct rows *rows, const char *const *words, size_t n)
{
    /* the installer's type has no const; nobody writes to them */
    char **list = rs_alloc(n + 1, sizeof *list, &rows->diag);

    if (list == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        memcpy(&list[i], &words[i], sizeof list[i]);
    rows->last->aPromptData = list;
    return true;
}

static bool add_type(struct rows *rows)
{
    const char *labels[MAX_WORDS];
    size_t n = 0;
    ODBCINSTPROPERTY *row;

    while (n < MAX_WORDS && rs_form_type(n) != NULL) {
        labels[n] = rs_form_type(n)->label;
        n++;
    }
    row = add_row(rows, rs_key(RS_KEY_auth_type)->name, ODBCINST_PROMPTTYPE_LISTBOX,
                  rs_str_of(rs_key(RS_KEY_auth_type)->help));
    if (row == NULL || !add_words(rows, labels, n))
        return false;
    memcpy(row->szValue, labels[0], strlen(labels[0]));
    return true;
}

static bool add_field(struct rows *rows, const struct rs_form_item *item)
{
    static const char *const switches[] = { "", "0", "1" };
    const struct rs_key *key = rs_key(item->id);
    struct rs_buf help = RS_BUF_INIT(HELP_MAX);
    const char *words[MAX_WORDS] = { "" };
    size_t n = 1;
    bool ok;

    rs_buf_addf(&help, "%s: %s", item->label, key->help);
    if (key->dflt != NULL)
        rs_buf_addf(&help, " (%s unless given)", key->dflt);
    ok = rs_buf_ok(&help, &rows->diag) &&
         add_row(rows, key->name, prompt_type(item->widget), rs_buf_str(&help)) != NULL;
    rs_buf_clear(&help);
    if (ok && item->widget == RS_WIDGET_CHECKBOX)
        return add_words(rows, switches, RS_COUNT(switches));
    while (n < MAX_WORDS && rs_form_word(item->id, n - 1) != NULL) {
        words[n] = rs_form_word(item->id, n - 1);
        n++;
    }
    return ok && (item->widget != RS_WIDGET_LIST || add_words(rows, words, n));
}

/* Each field once, where the first Auth Type that shows it has it. The installer has made Name,
 * Description and Driver. */
static bool add_part(struct rows *rows, enum rs_form_part part, bool *is_done)
{
    struct rs_form_item item;

    for (size_t type = 0; rs_form_type(type) != NULL; type++)
        for (size_t i = 0; rs_form_item(type, i, &item); i++) {
            if (item.part != part || is_done[item.id] || item.id == RS_KEY_description)
                continue;
            is_done[item.id] = true;
            if (!add_field(rows, &item))
                return false;
        }
    return true;
}

int INSTAPI ODBCINSTGetProperties(HODBCINSTPROPERTY last)
{
    bool is_done[RS_KEY_COUNT] = { false }, ok = true;
    struct rows rows = { .last = last };

    if (last == NULL)
        return ODBCINST_ERROR;
    for (int part = 0; ok && part < RS_PART_COUNT; part++) {
        if (part == RS_PART_AUTHENTICATION)
            ok = add_type(&rows);
        ok = ok && add_part(&rows, (enum rs_form_part)part, is_done);
    }
    rs_diag_clear(&rows.diag);
    return ok ? ODBCINST_SUCCESS : ODBCINST_ERROR;
}
