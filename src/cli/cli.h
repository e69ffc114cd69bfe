/*
 * The command line tool: its commands. Each is given what stands behind its name and gives the exit
 * status: 0 done, 1 it failed, 2 it was called wrongly. What they print is UTF-8.
 */
#ifndef RS_CLI_H
#define RS_CLI_H

#include "../attrs.h"
#include "../str.h"

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

int cli_doctor(int argc, char **argv);
int cli_keys(int argc, char **argv);
int cli_creds(int argc, char **argv);
int cli_dsn(int argc, char **argv);
/* dsn new: asks for a data source at the terminal and writes it. */
int cli_dsn_new(int argc, char **argv);

/* Prints what is wrong with the call, and how it is called; CLI_USAGE. */
int cli_misuse(const char *fmt, ...) RS_PRINTF(1, 2);

/* A JDBC URL, a connection string (it has a '=') or a data source's name as a connection string. */
void cli_string(const char *text, struct rs_buf *out);
/* What may be printed of it: a connection string and a URL may hold secrets. */
const char *cli_target_name(const char *text);

/* Options a command takes: sets *flag of those that are there and moves the other arguments to the
 * front; how many those are, or -1 after saying which option is unknown. */
struct cli_option {
    const char *name;
    bool *flag;
};
int cli_options(int argc, char **argv, const struct cli_option *options, size_t n);

#endif
