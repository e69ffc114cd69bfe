/*
 * The AWS config and credentials files: found, read, parsed, merged for one profile.
 *
 * Files are read anew at each call; nothing is kept. Values may be secrets and are held as such.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files";
 * credentials.md 3.1 and 5.
 */
#ifndef RS_PROFILE_H
#define RS_PROFILE_H

#include "../attrs.h"
#include "../diag.h"
#include "../log.h"
#include "../os.h"
#include "../secret.h"
#include "../str.h"

enum { RS_PROFILE_MAX_BYTES = 1 << 20 };

enum rs_profile_file { RS_PROFILE_CONFIG, RS_PROFILE_CREDENTIALS };

/* Sections of one or both files. */
struct rs_profiles;
/* One profile: a view that lives as long as its rs_profiles. */
struct rs_profile;

/*
 * Parses a text as one of the two files into an existing or new set (*into may be NULL); the
 * credentials file's properties win over the config file's whatever is parsed first.
 * path is for messages. Posts HY000 (syntax: path and line, never the text), HY001; on failure a
 * set that was there stays the caller's to free, a new one is not made.
 */
RS_NODISCARD bool rs_profiles_parse(struct rs_str text, enum rs_profile_file file, const char *path,
                                    struct rs_profiles **into, struct rs_log *log,
                                    struct rs_diag *diag);
/* Both files, as the environment and the home folder say; a missing one is empty. Posts HY000
 * (unreadable, larger than RS_PROFILE_MAX_BYTES, syntax), HY001. */
RS_NODISCARD bool rs_profiles_load(const struct rs_world *world, struct rs_profiles **out,
                                   struct rs_log *log, struct rs_diag *diag);
void rs_profiles_free(struct rs_profiles *set);

/* The home folder, HOME before what the system says; appended, false when unknown. */
RS_NODISCARD bool rs_profiles_home(const struct rs_world *world, struct rs_buf *out);

/* The profile's name: explicit, else AWS_PROFILE, AWS_DEFAULT_PROFILE, "default". */
const char *rs_profiles_choose(const char *explicit_name, const struct rs_world *world);

/* NULL when neither file has it; names are case-sensitive. */
const struct rs_profile *rs_profiles_find(const struct rs_profiles *set, const char *name);
/* A section of the config file that a profile names: kind is sso-session or services; NULL when it
 * is not there. Within services a nested property's name is SERVICE.NAME. */
const struct rs_profile *rs_profiles_section(const struct rs_profiles *set, const char *kind,
                                             struct rs_str name);
/* Posts 28000 naming the profile and both paths when it is in neither file. */
RS_NODISCARD const struct rs_profile *rs_profiles_need(const struct rs_profiles *set,
                                                       const char *name, struct rs_diag *diag);
const char *rs_profile_name(const struct rs_profile *profile);
/* True when the property is there and comes from the config file. */
bool rs_profile_is_config(const struct rs_profile *profile, const char *key);
/* A property, name without case; NULL when absent (an empty value is there, and empty). */
const struct rs_secret *rs_profile_get(const struct rs_profile *profile, const char *key);
/* Every property of every profile, in an order that depends on the files alone. */
void rs_profiles_each(const struct rs_profiles *set,
                      void (*fn)(void *ctx, const char *profile, const char *key,
                                 const struct rs_secret *value),
                      void *ctx);

#endif
