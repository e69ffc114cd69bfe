/* Prints the README's tables from the .def files: print_tables keys | functions. */
#include <stdio.h>
#include <string.h>

#include "settings.h"

static const char *const group_names[] = {
    [RS_GROUP_CONNECT] = "Connecting",
    [RS_GROUP_TARGET] = "IAM: what to reach and as whom",
    [RS_GROUP_CREDENTIALS] = "IAM: AWS credentials",
    [RS_GROUP_PLUGIN] = "Identity provider plugins",
    [RS_GROUP_SESSION] = "Session",
    [RS_GROUP_FETCH] = "Fetching",
    [RS_GROUP_STATEMENT] = "Statements and parameters",
    [RS_GROUP_TYPES] = "Types",
    [RS_GROUP_METADATA] = "Metadata",
    [RS_GROUP_LOG] = "Logging",
    [RS_GROUP_OLD] = "Kept for old data sources",
};

static const struct {
    enum rs_key_id id;
    const char *name;
} aliases[] = {
#define ALIAS(field, name_) { RS_KEY_##field, name_ },
#include "keys.def"
};

static void print_names(enum rs_key_id id)
{
    printf("| `%s`", rs_key(id)->name);
    for (size_t i = 0; i < RS_COUNT(aliases); i++) {
        if (aliases[i].id == id)
            printf(", `%s`", aliases[i].name);
    }
}

static void print_type(const struct rs_key *key)
{
    switch (key->type) {
    case RS_TYPE_TEXT:
        printf(" | text");
        break;
    case RS_TYPE_SECRET:
        printf(" | secret");
        break;
    case RS_TYPE_BOOL:
        printf(" | 0 or 1");
        break;
    case RS_TYPE_INT:
        printf(" | %d to %d", (int)key->min, (int)key->max);
        break;
    }
}

static const char *note(const struct rs_key *key)
{
    switch (key->state) {
    case RS_STATE_LATER:
        return " *(no effect in this build)*";
    case RS_STATE_WORKS:
    case RS_STATE_SILENT:
    case RS_STATE_DM:
        break;
    }
    return "";
}

static void print_keys(void)
{
    for (size_t group = 0; group < RS_COUNT(group_names); group++) {
        printf("%s**%s**\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n",
               group == 0 ? "" : "\n", group_names[group]);
        for (int i = 0; i < RS_KEY_COUNT; i++) {
            const struct rs_key *key = rs_key((enum rs_key_id)i);

            if (key->group != (enum rs_key_group)group)
                continue;
            print_names((enum rs_key_id)i);
            print_type(key);
            if (key->dflt != NULL)
                printf(" | `%s` | %s%s |\n", key->dflt, key->help, note(key));
            else
                printf(" | | %s%s |\n", key->help, note(key));
        }
    }
}

static const struct {
    const char *name, *text, *level;
} functions[] = {
#define FUNCTION(name_, id_, text_, level_) { #name_, #text_, #level_ },
#include "odbc/functions.def"
};

static void print_functions(void)
{
    static const struct {
        const char *level, *title;
    } levels[] = { { "CORE", "Core" },
                   { "LEVEL1", "Level 1" },
                   { "LEVEL2", "Level 2" },
                   { "ODBC2", "ODBC 2 (deprecated)" } };

    printf("| level | functions |\n| --- | --- |\n");
    for (size_t k = 0; k < RS_COUNT(levels); k++) {
        const char *between = " ";

        printf("| %s |", levels[k].title);
        for (size_t i = 0; i < RS_COUNT(functions); i++) {
            if (strcmp(functions[i].level, levels[k].level) != 0)
                continue;
            printf("%s%s", between, functions[i].name);
            between = ", ";
        }
        printf(" |\n");
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "keys") == 0)
        print_keys();
    else if (argc == 2 && strcmp(argv[1], "functions") == 0)
        print_functions();
    else
        return 2;
    return fflush(stdout) == 0 ? 0 : 1;
}
