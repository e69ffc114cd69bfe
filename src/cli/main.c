/* redshift-odbc: what the driver sees, told to a person. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../os.h"
#include "cli.h"
#include "version.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *arguments, *what;
} commands[] = {
    { "doctor", cli_doctor, "[--json] DSN|STRING",
      "connect step by step; say what fails and what to do" },
    { "creds", cli_creds, "[--show-password] [--json] DSN|STRING",
      "get a temporary login; print user and expiry" },
    { "dsn", cli_dsn, "new [--system] [NAME]", "ask for a data source and write it to odbc.ini" },
    { "dsn", cli_dsn, "from-jdbc URL [NAME]", "print a section of odbc.ini for a JDBC URL" },
    { "keys", cli_keys, "[--all]", "list the connection keys" },
};

static void print_usage(FILE *to)
{
    fputs("usage: redshift-odbc COMMAND …\n\n", to);
    for (size_t i = 0; i < RS_COUNT(commands); i++)
        fprintf(to, "  %s %s\n      %s\n", commands[i].name, commands[i].arguments,
                commands[i].what);
    fputs("\nDSN is a data source of odbc.ini, STRING a connection string in quotes.\n"
          "Exit status: 0 all is well, 1 it failed, 2 wrong usage.\n",
          to);
}

int cli_misuse(const char *fmt, ...)
{
    va_list args;

    fputs("redshift-odbc: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputs("\n\n", stderr);
    print_usage(stderr);
    return CLI_USAGE;
}

int cli_options(int argc, char **argv, const struct cli_option *options, size_t n)
{
    int left = 0;

    for (int i = 0; i < argc; i++) {
        bool is_known = false;

        if (strncmp(argv[i], "--", 2) != 0) {
            argv[left++] = argv[i];
            continue;
        }
        for (size_t j = 0; j < n; j++)
            if (strcmp(argv[i], options[j].name) == 0) {
                *options[j].flag = true;
                is_known = true;
            }
        if (!is_known) {
            cli_misuse("there is no option %s", argv[i]);
            return -1;
        }
    }
    return left;
}

static bool is_url(const char *text)
{
    return rs_str_starts_nocase(rs_str_of(text), RS_STR("jdbc:"));
}

static void add_pair(struct rs_buf *out, const char *key, const char *value)
{
    rs_buf_addf(out, "%s={", key);
    for (const char *p = value; *p != '\0'; p++)
        rs_buf_adds(out, *p == '}' ? "}}" : (const char[]){ *p, '\0' });
    rs_buf_addc(out, '}');
}

void cli_string(const char *text, struct rs_buf *out)
{
    if (is_url(text))
        add_pair(out, "Url", text);
    else if (strchr(text, '=') != NULL)
        rs_buf_adds(out, text);
    else
        add_pair(out, "DSN", text);
}

const char *cli_target_name(const char *text)
{
    return is_url(text) ? "a JDBC URL" : strchr(text, '=') != NULL ? "a connection string" : text;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return cli_misuse("a command is missing");
    if (strcmp(argv[1], "--version") == 0) {
        printf("redshift-odbc %s\n", RS_VERSION);
        return CLI_DONE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return CLI_DONE;
    }
    rs_os_set_library_path(RS_DRIVER_PATH);
    for (size_t i = 0; i < RS_COUNT(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    return cli_misuse("there is no command %s", argv[1]);
}
