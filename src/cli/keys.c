#include <stdio.h>

#include "../settings.h"
#include "cli.h"

static const char *const type_names[] = { [RS_TYPE_TEXT] = "text",
                                          [RS_TYPE_INT] = "number",
                                          [RS_TYPE_BOOL] = "0 or 1",
                                          [RS_TYPE_SECRET] = "secret" };

/* Keys that do something; --all: also those that are only taken from other drivers' strings. */
int cli_keys(int argc, char **argv)
{
    bool all = false;
    const struct cli_option options[] = { { "--all", &all } };
    int left = cli_options(argc, argv, options, RS_COUNT(options));

    if (left != 0)
        return left < 0 ? CLI_USAGE : cli_misuse("keys takes no argument");
    for (int i = 0; i < RS_KEY_COUNT; i++) {
        const struct rs_key *key = rs_key((enum rs_key_id)i);

        if (key->state != RS_STATE_WORKS && !all)
            continue;
        printf("%-30s %-7s", key->name, type_names[key->type]);
        if (key->dflt != NULL && key->dflt[0] != '\0')
            printf(" default %s;", key->dflt);
        printf(" %s\n", key->help);
    }
    return CLI_DONE;
}
