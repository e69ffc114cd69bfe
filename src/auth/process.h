/*
 * credential_process: a program of the user's that prints credentials.
 *
 * It is run without a shell and with nothing of the host's but its environment; what it prints is
 * limited in size, and how long it takes in time.
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider"; credentials.md 3.5.
 */
#ifndef RS_PROCESS_H
#define RS_PROCESS_H

#include "../attrs.h"
#include "../diag.h"
#include "creds.h"
#include "profile.h"
#include "source.h"

enum {
    RS_PROCESS_MAX_OUTPUT = 64 << 10,
    RS_PROCESS_MAX_ERRORS = 4 << 10,
    RS_PROCESS_TIMEOUT_MS = 60000,
    RS_PROCESS_MAX_WORDS = 256
};

/* Posts 28000 (cannot be run, failed, printed no usable credentials), HYT00 (from->deadline or
 * RS_PROCESS_TIMEOUT_MS), HY001. */
RS_NODISCARD bool rs_process_fetch(const struct rs_source *from, const struct rs_profile *profile,
                                   struct rs_creds *out, struct rs_diag *diag);

/* The words of a command line: blanks divide, ' and " and \ quote as in a POSIX shell, nothing is
 * expanded. words ends with NULL; the words stand in *text. False (nothing posted unless HY001)
 * when a quote is open at the end, or there is no word or more than RS_PROCESS_MAX_WORDS. */
RS_NODISCARD bool rs_process_split(struct rs_str command, struct rs_buf *text,
                                   char *words[RS_PROCESS_MAX_WORDS + 1], struct rs_diag *diag);
/* What the program printed. now_s: UTC. Posts 28000 (no text of it), HY001. */
RS_NODISCARD bool rs_process_read(struct rs_str text, int64_t now_s, struct rs_creds *out,
                                  struct rs_diag *diag);

#endif
