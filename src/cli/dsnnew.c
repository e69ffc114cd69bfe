/*
 * A data source made by question and answer. What is asked, in which order: dsn-keys.md 5; secrets
 * come last, are not shown and are kept only when that is wanted.
 */
#include <stdio.h>
#include <string.h>

#include "../os.h"
#include "../os_terminal.h"
#include "../setup/dsnfile.h"
#include "cli.h"

enum { ANSWER_MAX = 1 << 17, STRING_MAX = 1 << 20 };

static const char driver[] = "Redshift ODBC";

struct talk {
    struct rs_dsnform form;
    struct rs_buf answer; /* the last one; wipes */
    enum rs_dsn_scope scope;
};

/* ---- one answer ---- */

/* False: the person has gone. */
static bool hear(struct talk *t, bool hidden)
{
    enum rs_typing line;

    rs_buf_clear(&t->answer);
    fflush(stdout);
    line = rs_os_type_line(hidden, &t->answer);
    if (hidden || line != RS_TYPING_LINE)
        puts("");
    if (line == RS_TYPING_FAILED)
        puts("this cannot be read: it is too long");
    return line == RS_TYPING_LINE;
}

static struct rs_str said(const struct talk *t)
{
    return rs_str_trim(rs_buf_str(&t->answer));
}

static bool is_said(const struct talk *t, const char *word)
{
    return rs_str_eq_nocase(said(t), rs_str_of(word));
}

/* Errors and warnings, then the list is empty. */
static void tell(struct rs_diag *diag)
{
    for (size_t i = 0; i < diag->n; i++)
        printf("  %s %s\n", diag->rec[i].is_error ? "!" : "note:", diag->rec[i].text);
    rs_diag_clear(diag);
}

/* *yes stays as it is when only Enter was pressed. */
static bool ask_yes(struct talk *t, const char *question, bool *yes)
{
    for (;;) {
        printf("%s [%s] ", question, *yes ? "yes" : "no");
        if (!hear(t, false))
            return false;
        if (said(t).n == 0)
            return true;
        if (is_said(t, "yes") || is_said(t, "y") || is_said(t, "no") || is_said(t, "n")) {
            *yes = is_said(t, "yes") || is_said(t, "y");
            return true;
        }
        puts("  ! yes or no");
    }
}

/* ---- one field ---- */

static void print_help(const struct rs_form_item *item)
{
    const struct rs_key *key = rs_key(item->id);

    printf("  %s: %s", key->name, key->help);
    if (key->dflt != NULL)
        printf("; %s unless given", key->dflt);
    for (size_t i = 0; rs_form_word(item->id, i) != NULL; i++)
        printf("%s%s", i == 0 ? "\n  one of: " : ", ", rs_form_word(item->id, i));
    puts("\n  Enter alone leaves it as it is, - takes it away");
}

static void prompt(const struct talk *t, const struct rs_form_item *item)
{
    struct rs_str value = rs_dsnform_get(&t->form, item->id);

    fputs(item->label, stdout);
    if (item->mark == RS_MARK_MUST)
        fputs(" *", stdout);
    if (value.n > 0 && item->widget == RS_WIDGET_PASSWORD)
        fputs(" [as it is]", stdout);
    else if (value.n > 0)
        printf(" [%.*s]", RS_ARG(value));
    fputs(": ", stdout);
}

/* Asks until the driver takes the answer. False: the person has gone. */
static bool ask_field(struct talk *t, const struct rs_form_item *item)
{
    bool is_hidden = item->widget == RS_WIDGET_PASSWORD;

    for (;;) {
        struct rs_diag diag = { 0 };
        struct rs_str value;

        prompt(t, item);
        if (!hear(t, is_hidden))
            return false;
        value = is_hidden ? rs_buf_str(&t->answer) : said(t);
        if (is_said(t, "?")) {
            print_help(item);
            continue;
        }
        if (value.n == 0 &&
            (is_hidden || item->mark != RS_MARK_MUST || rs_dsnform_get(&t->form, item->id).n > 0))
            return true;
        if (value.n == 0) {
            printf("  ! %s is required; ? tells more\n", item->label);
            continue;
        }
        if (is_said(t, "-"))
            value = RS_STR_NULL;
        if (rs_dsnform_set(&t->form, item->id, value, &diag))
            return true;
        tell(&diag);
    }
}

/* ---- the questions, in their order ---- */

static bool ask_name(struct talk *t, const char *given)
{
    struct rs_diag diag = { 0 };

    if (given != NULL && rs_dsnform_set_name(&t->form, rs_str_of(given), &diag))
        return true;
    tell(&diag);
    for (;;) {
        fputs("Data Source Name *: ", stdout);
        if (!hear(t, false))
            return false;
        if (is_said(t, "?"))
            puts("  the name that applications connect to, as in DSN=name");
        else if (rs_dsnform_set_name(&t->form, said(t), &diag))
            return true;
        tell(&diag);
    }
}

/* There may be one of that name: it is changed, or nothing is. */
static bool ask_existing(struct talk *t)
{
    struct rs_str name = { rs_secret_reveal(&t->form.name), rs_secret_len(&t->form.name) };
    struct rs_dsnform there = { .type = 0 };
    struct rs_diag diag = { 0 };
    bool change = false, ok;

    if (!rs_dsnfile_exists(name, t->scope))
        return true;
    printf("There is a data source \"%.*s\". ", RS_ARG(name));
    if (!ask_yes(t, "Change it?", &change) || !change)
        return false;
    ok = rs_dsnfile_load(&there, name, t->scope, &diag);
    tell(&diag);
    rs_dsnform_clear(ok ? &t->form : &there);
    if (ok)
        t->form = there;
    return ok;
}

static bool ask_type(struct talk *t)
{
    for (;;) {
        struct rs_diag diag = { 0 };
        struct rs_str answer;
        int64_t number;

        for (size_t i = 0; rs_form_type(i) != NULL; i++)
            printf("  %2zu %s\n", i + 1, rs_form_type(i)->label);
        printf("Auth Type [%zu]: ", t->form.type + 1);
        if (!hear(t, false))
            return false;
        answer = said(t);
        if (answer.n == 0)
            return true;
        if (is_said(t, "?")) {
            printf("  how you sign in: %s\n", rs_key(RS_KEY_auth_type)->help);
        } else if (rs_parse_i64(answer, &number)) {
            if (number > 0 && number < RS_KEY_COUNT && rs_form_type((size_t)number - 1) != NULL) {
                t->form.type = (size_t)number - 1;
                return true;
            }
            puts("  ! there is no such number");
        } else if (rs_dsnform_set_type(&t->form, answer, &diag)) {
            return true;
        }
        tell(&diag);
    }
}

/* Amazon's own host names say which cluster, and where. */
static bool says_target(const struct talk *t)
{
    return rs_str_find_nocase(rs_dsnform_get(&t->form, RS_KEY_server), RS_STR(".amazonaws.")) >= 0;
}

static bool is_asked(const struct talk *t, const struct rs_form_item *item)
{
    if (item->widget == RS_WIDGET_PASSWORD)
        return false;
    switch (item->mark) {
    case RS_MARK_MUST:
    case RS_MARK_EITHER:
        return true;
    case RS_MARK_TARGET:
        return item->id == RS_KEY_server || !says_target(t);
    case RS_MARK_MAY:
        return item->id == RS_KEY_port;
    }
    return false;
}

static bool ask_needed(struct talk *t)
{
    struct rs_form_item item;

    puts("* is required, ? tells more");
    for (size_t i = 0; rs_form_item(t->form.type, i, &item); i++)
        if (is_asked(t, &item) && !ask_field(t, &item))
            return false;
    return true;
}

static void list_more(const struct talk *t)
{
    enum rs_form_part part = RS_PART_COUNT;
    struct rs_form_item item;

    for (size_t i = 0; rs_form_item(t->form.type, i, &item); i++) {
        if (item.widget == RS_WIDGET_PASSWORD)
            continue;
        if (item.part != part)
            printf("  %s\n", rs_form_part_name(item.part));
        part = item.part;
        printf("    %-26s %s\n", item.label, rs_key(item.id)->help);
    }
    puts("  every other key of `redshift-odbc keys` may be given too");
}

/* By label or key; a key without a field is shown by its name. */
static bool find_item(const struct talk *t, struct rs_str word, struct rs_form_item *item)
{
    enum rs_key_id id = rs_key_find(word);

    for (size_t i = 0; rs_form_item(t->form.type, i, item); i++)
        if (rs_str_eq_nocase(word, rs_str_of(item->label)))
            return true;
    if (id == RS_KEY_NONE || rs_key(id)->state == RS_STATE_DM || id == RS_KEY_auth_type ||
        id == RS_KEY_plugin_name || id == RS_KEY_iam)
        return false;
    if (rs_form_find(t->form.type, id, item))
        return true;
    *item = (struct rs_form_item){ .id = id,
                                   .label = rs_key(id)->name,
                                   .widget = rs_key(id)->type == RS_TYPE_SECRET ? RS_WIDGET_PASSWORD
                                                                                : RS_WIDGET_TEXT };
    return !rs_form_knows(id);
}

static bool ask_more(struct talk *t)
{
    struct rs_form_item item;

    for (;;) {
        fputs("Another setting (? lists them, Enter: no more): ", stdout);
        if (!hear(t, false))
            return false;
        if (said(t).n == 0)
            return true;
        if (is_said(t, "?"))
            list_more(t);
        else if (!find_item(t, said(t), &item))
            puts("  ! there is no such setting for this Auth Type");
        else if (!ask_field(t, &item))
            return false;
    }
}

static bool ask_secrets(struct talk *t)
{
    struct rs_form_item item;

    for (size_t i = 0; rs_form_item(t->form.type, i, &item); i++)
        if (item.widget == RS_WIDGET_PASSWORD && !ask_field(t, &item))
            return false;
    return true;
}

static bool has_secret(const struct talk *t)
{
    for (int i = 0; i < RS_KEY_COUNT; i++)
        if (rs_key((enum rs_key_id)i)->type == RS_TYPE_SECRET &&
            rs_dsnform_has(&t->form, (enum rs_key_id)i))
            return true;
    return false;
}

/* A message is out; the field it is about is asked for again. */
static bool ask_again(struct talk *t, enum rs_key_id at, struct rs_diag *diag)
{
    struct rs_form_item item;

    tell(diag);
    if (at == RS_KEY_dsn)
        return ask_name(t, NULL);
    if (at == RS_KEY_NONE)
        return ask_more(t);
    return find_item(t, rs_str_of(rs_key(at)->name), &item) && ask_field(t, &item);
}

static bool ask_until_right(struct talk *t)
{
    for (;;) {
        struct rs_diag diag = { 0 };
        enum rs_key_id at;

        if (rs_dsnform_check(&t->form, RS_FORM_TO_SAVE, &at, &diag)) {
            tell(&diag);
            return true;
        }
        if (!ask_again(t, at, &diag))
            return false;
    }
}

static bool offer_test(struct talk *t)
{
    struct rs_buf string = RS_BUF_WIPED(STRING_MAX);
    bool test = false, save = false, ok;

    if (!ask_yes(t, "Test the connection now?", &test))
        return false;
    if (!test)
        return true;
    rs_dsnform_string(&t->form, driver, &string);
    ok = !string.bad && cli_doctor(1, (char *[]){ string.p }) == CLI_DONE;
    rs_buf_clear(&string);
    return ok || (ask_yes(t, "Keep the data source all the same?", &save) && save);
}

static bool save(struct talk *t)
{
    struct rs_dsnfile_save how = { .driver = driver, .scope = t->scope };
    struct rs_buf path = RS_BUF_INIT(STRING_MAX);

    if (has_secret(t) && !ask_yes(t, "Save secrets in the file too?", &how.with_secrets))
        return false;
    for (;;) {
        struct rs_diag diag = { 0 };
        enum rs_key_id at;

        if (rs_dsnfile_save(&t->form, &how, &at, &diag)) {
            tell(&diag);
            break;
        }
        if (at == RS_KEY_NONE) {
            tell(&diag);
            return false;
        }
        if (!ask_again(t, at, &diag))
            return false;
    }
    rs_dsnfile_path(t->scope, &path);
    printf("\"%s\" is in %s; try it: redshift-odbc doctor \"%s\"\n",
           rs_secret_reveal(&t->form.name), path.len > 0 ? path.p : "odbc.ini",
           rs_secret_reveal(&t->form.name));
    rs_buf_clear(&path);
    return true;
}

int cli_dsn_new(int argc, char **argv)
{
    struct talk t = { .answer = RS_BUF_WIPED(ANSWER_MAX) };
    bool is_system = false, ok;
    const struct cli_option options[] = { { "--system", &is_system } };
    int left = cli_options(argc, argv, options, RS_COUNT(options));

    if (left < 0)
        return CLI_USAGE;
    if (left > 1)
        return cli_misuse("dsn new takes at most one name");
    if (!rs_os_is_terminal()) {
        fputs("redshift-odbc: dsn new asks questions and needs a terminal; without one, write the "
              "section of odbc.ini or use SQLConfigDataSource\n",
              stderr);
        return CLI_FAILED;
    }
    t.scope = is_system ? RS_DSN_SYSTEM : RS_DSN_USER;
    ok = ask_name(&t, left == 1 ? argv[0] : NULL) && ask_existing(&t) && ask_type(&t) &&
         ask_needed(&t) && ask_more(&t) && ask_secrets(&t) && ask_until_right(&t) &&
         offer_test(&t) && save(&t);
    if (!ok)
        puts("nothing was written");
    rs_dsnform_clear(&t.form);
    rs_buf_clear(&t.answer);
    return ok ? CLI_DONE : CLI_FAILED;
}
