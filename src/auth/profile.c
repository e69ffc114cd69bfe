#include "profile.h"

enum { PATH_MAX_BYTES = 8192 };

struct property {
    char *key;
    struct rs_secret value;
    enum rs_profile_file file;
};

struct rs_profile {
    char *name;
    bool is_prefixed; /* config file: [profile default], which beats [default] */
    struct property *property;
    size_t n, cap;
};

struct rs_profiles {
    struct rs_profile **profile; /* pointers, so that a growing list moves none */
    size_t n, cap;
    char *path[2]; /* by enum rs_profile_file; NULL: not read */
};

/* ---- lists ---- */

static bool grow(void *list_of, size_t n, size_t *cap, size_t size, struct rs_diag *diag)
{
    void **list = list_of;
    size_t wanted = *cap == 0 ? 8 : *cap * 2;
    void *longer;

    if (n < *cap)
        return true;
    longer = rs_realloc(*list, wanted, size, diag);
    if (longer == NULL)
        return false;
    *list = longer;
    *cap = wanted;
    return true;
}

static void clear_properties(struct rs_profile *profile)
{
    for (size_t i = 0; i < profile->n; i++) {
        rs_free(profile->property[i].key);
        rs_secret_clear(&profile->property[i].value);
    }
    profile->n = 0;
}

static void free_profile(struct rs_profile *profile)
{
    if (profile == NULL)
        return;
    clear_properties(profile);
    rs_free(profile->property);
    rs_free(profile->name);
    rs_free(profile);
}

void rs_profiles_free(struct rs_profiles *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->n; i++)
        free_profile(set->profile[i]);
    rs_free(set->profile);
    rs_free(set->path[0]);
    rs_free(set->path[1]);
    rs_free(set);
}

static struct rs_profile *find_profile(const struct rs_profiles *set, struct rs_str name)
{
    for (size_t i = 0; i < set->n; i++)
        if (rs_str_eq(rs_str_of(set->profile[i]->name), name))
            return set->profile[i];
    return NULL;
}

static struct rs_profile *add_profile(struct rs_profiles *set, struct rs_str name,
                                      struct rs_diag *diag)
{
    struct rs_profile *profile;
    void *list = set->profile;

    if (!grow(&list, set->n, &set->cap, sizeof(struct rs_profile *), diag))
        return NULL;
    set->profile = list;
    profile = rs_new(struct rs_profile, diag);
    if (profile == NULL)
        return NULL;
    profile->name = rs_str_dup(name, diag);
    if (profile->name == NULL) {
        free_profile(profile);
        return NULL;
    }
    set->profile[set->n++] = profile;
    return profile;
}

static struct property *find_property(const struct rs_profile *profile, struct rs_str key)
{
    for (size_t i = 0; i < profile->n; i++)
        if (rs_str_eq_nocase(rs_str_of(profile->property[i].key), key))
            return &profile->property[i];
    return NULL;
}

static bool put_property(struct rs_profile *profile, struct rs_str key, struct rs_str value,
                         enum rs_profile_file file, struct rs_diag *diag)
{
    struct property *property = find_property(profile, key);
    struct property made = { .file = file };
    void *list = profile->property;

    if (property != NULL) {
        if (property->file == RS_PROFILE_CREDENTIALS && file == RS_PROFILE_CONFIG)
            return true;
        property->file = file;
        return rs_secret_set(&property->value, value, diag);
    }
    if (!grow(&list, profile->n, &profile->cap, sizeof made, diag))
        return false;
    profile->property = list;
    made.key = rs_str_dup(key, diag);
    if (made.key == NULL || !rs_secret_set(&made.value, value, diag)) {
        rs_free(made.key);
        return false;
    }
    profile->property[profile->n++] = made;
    return true;
}

/* ---- one file ---- */

struct parser {
    struct rs_profiles *set; /* of this file alone */
    enum rs_profile_file file;
    const char *path;
    size_t line;
    struct rs_log *log;
    struct rs_diag *diag;
    bool in_section;
    struct rs_profile *profile; /* NULL: the section is ignored */
    bool has_property;
    struct rs_str key; /* of the property that may go on in the next line */
    struct rs_buf value;
    bool is_block; /* nested block: ignored as a whole, but in services */
    bool is_services;
};

static bool fail_syntax(struct parser *p, const char *what)
{
    return rs_fail(p->diag, RS_HY000, 0, "syntax error in \"%s\", line %zu: %s", p->path, p->line,
                   what);
}

static bool is_name(struct rs_str name, const char *also)
{
    struct rs_str extra = rs_str_of(also);

    for (size_t i = 0; i < name.n; i++)
        if (!rs_is_alnum(name.p[i]) && rs_str_chr(extra, name.p[i]) < 0)
            return false;
    return name.n > 0;
}

static bool is_blank_char(char c)
{
    return c == ' ' || c == '\t';
}

static bool end_property(struct parser *p)
{
    bool keeps = p->has_property && p->profile != NULL && !p->is_block;

    p->has_property = false;
    if (!rs_buf_ok(&p->value, p->diag))
        return false;
    if (!keeps)
        return true;
    if (!is_name(p->key, "_-.")) {
        RS_LOG(p->log, RS_LOG_DEBUG, "profile.ignored", "property name in \"%s\" near line %zu",
               p->path, p->line);
        return true;
    }
    return put_property(p->profile, p->key, rs_buf_str(&p->value), p->file, p->diag);
}

/* "word", blanks, rest: true and rest when text starts with that word. */
static bool after_word(struct rs_str text, struct rs_str word, struct rs_str *rest)
{
    if (text.n <= word.n || !rs_str_eq(rs_str_sub(text, 0, word.n), word) ||
        !is_blank_char(text.p[word.n]))
        return false;
    *rest = rs_str_trim(rs_str_sub(text, word.n, text.n));
    return true;
}

/* The profile a section title names; false: none that is ours. */
static bool profile_of(struct parser *p, struct rs_str title, struct rs_str *name, bool *prefixed)
{
    *prefixed = false;
    *name = title;
    if (p->file == RS_PROFILE_CONFIG && !rs_str_eq(title, RS_STR("default"))) {
        *prefixed = after_word(title, RS_STR("profile"), name);
        if (!*prefixed)
            return false;
    }
    return is_name(*name, "_-/.%@:+");
}

/* A section of the config file that profiles name: "sso-session corp" and the like, one blank
 * between, which no profile's name can be. */
static bool add_section_name(const struct parser *p, struct rs_str title, struct rs_buf *out)
{
    static const char *const kinds[] = { "sso-session", "services" };
    struct rs_str name;

    for (size_t i = 0; p->file == RS_PROFILE_CONFIG && i < RS_COUNT(kinds); i++)
        if (after_word(title, rs_str_of(kinds[i]), &name) && is_name(name, "_-/.%@:+")) {
            rs_buf_addf(out, "%s %.*s", kinds[i], RS_ARG(name));
            return true;
        }
    return false;
}

static bool open_profile(struct parser *p, struct rs_str name, bool prefixed)
{
    struct rs_profile *old = find_profile(p->set, name);

    p->profile = old != NULL ? old : add_profile(p->set, name, p->diag);
    if (p->profile == NULL)
        return false;
    if (old == NULL) {
        p->profile->is_prefixed = prefixed;
    } else if (prefixed && !old->is_prefixed) {
        clear_properties(old);
        old->is_prefixed = true;
    } else if (!prefixed && old->is_prefixed) {
        p->profile = NULL;
    }
    return true;
}

static bool on_section(struct parser *p, struct rs_str line)
{
    ptrdiff_t end = rs_str_chr(line, ']');
    struct rs_buf section = RS_BUF_INIT(RS_PROFILE_MAX_BYTES);
    struct rs_str title, name, rest;
    bool prefixed, ok;

    if (!end_property(p))
        return false;
    if (end < 0)
        return fail_syntax(p, "a section title has no ]");
    rest = rs_str_trim(rs_str_sub(line, (size_t)end + 1, line.n));
    if (rest.n > 0 && rest.p[0] != '#' && rest.p[0] != ';')
        return fail_syntax(p, "text follows a section title");
    title = rs_str_trim(rs_str_sub(line, 1, (size_t)end - 1));
    p->in_section = true;
    p->profile = NULL;
    p->is_services = false;
    if (profile_of(p, title, &name, &prefixed))
        return open_profile(p, name, prefixed);
    if (add_section_name(p, title, &section)) {
        p->is_services = rs_str_starts_nocase(title, RS_STR("services"));
        ok = rs_buf_ok(&section, p->diag) && open_profile(p, rs_buf_str(&section), false);
        rs_buf_clear(&section);
        return ok;
    }
    RS_LOG(p->log, RS_LOG_DEBUG, "profile.ignored", "section [%.*s] in \"%s\"", RS_ARG(title),
           p->path);
    return true;
}

/* Cuts a comment, which begins with # or ; after a blank. */
static struct rs_str without_comment(struct rs_str text)
{
    for (size_t i = 1; i < text.n; i++)
        if ((text.p[i] == '#' || text.p[i] == ';') && is_blank_char(text.p[i - 1]))
            return rs_str_sub(text, 0, i);
    return text;
}

static bool on_property(struct parser *p, struct rs_str line)
{
    ptrdiff_t eq = rs_str_chr(line, '=');

    if (!end_property(p))
        return false;
    if (!p->in_section)
        return fail_syntax(p, "a property stands before the first section");
    if (eq < 0)
        return fail_syntax(p, "a property has no =");
    p->key = rs_str_trim(rs_str_sub(line, 0, (size_t)eq));
    if (p->key.n == 0)
        return fail_syntax(p, "a property has no name");
    rs_buf_clear(&p->value);
    rs_buf_add(&p->value, rs_str_trim(without_comment(rs_str_sub(line, (size_t)eq + 1, line.n))));
    p->has_property = true;
    p->is_block = false;
    return true;
}

/* "redshift =", then "  endpoint_url = https://…": kept as redshift.endpoint_url. */
static bool on_nested(struct parser *p, struct rs_str text)
{
    ptrdiff_t eq = rs_str_chr(text, '=');
    struct rs_buf key = RS_BUF_INIT(RS_PROFILE_MAX_BYTES);
    bool ok = true;

    if (eq < 0 || p->profile == NULL)
        return true;
    rs_buf_addf(&key, "%.*s.%.*s", RS_ARG(p->key),
                RS_ARG(rs_str_trim(rs_str_sub(text, 0, (size_t)eq))));
    if (key.bad)
        ok = rs_buf_ok(&key, p->diag);
    else if (is_name(rs_buf_str(&key), "_-."))
        ok = put_property(p->profile, rs_buf_str(&key),
                          rs_str_trim(without_comment(rs_str_sub(text, (size_t)eq + 1, text.n))),
                          p->file, p->diag);
    rs_buf_clear(&key);
    return ok;
}

static bool on_continuation(struct parser *p, struct rs_str line)
{
    struct rs_str text = rs_str_trim(line);

    if (!p->has_property)
        return fail_syntax(p, "an indented line follows no property");
    if (p->value.len == 0 && rs_str_chr(text, '=') >= 0)
        p->is_block = true;
    if (p->is_block)
        return !p->is_services || on_nested(p, text);
    rs_buf_addc(&p->value, '\n');
    rs_buf_add(&p->value, text);
    return rs_buf_ok(&p->value, p->diag);
}

static bool on_line(struct parser *p, struct rs_str line)
{
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    if (rs_str_trim(line).n == 0 || line.p[0] == '#' || line.p[0] == ';')
        return true;
    if (rs_str_chr(line, '\0') >= 0)
        return fail_syntax(p, "a line holds a NUL character");
    if (line.p[0] == '[')
        return on_section(p, line);
    if (is_blank_char(line.p[0]))
        return on_continuation(p, line);
    return on_property(p, line);
}

static bool parse_text(struct parser *p, struct rs_str text)
{
    struct rs_str line;
    bool done = false;

    if (text.n >= 3 && rs_str_eq(rs_str_sub(text, 0, 3), RS_STR("\xEF\xBB\xBF")))
        text = rs_str_sub(text, 3, text.n);
    while (rs_str_split(&text, '\n', &done, &line)) {
        p->line++;
        if (!on_line(p, line))
            return false;
    }
    return end_property(p);
}

/* ---- both files ---- */

static bool merge(struct rs_profiles *to, const struct rs_profiles *from, struct rs_diag *diag)
{
    for (size_t i = 0; i < from->n; i++) {
        const struct rs_profile *source = from->profile[i];
        struct rs_profile *target = find_profile(to, rs_str_of(source->name));

        if (target == NULL)
            target = add_profile(to, rs_str_of(source->name), diag);
        if (target == NULL)
            return false;
        for (size_t k = 0; k < source->n; k++) {
            const struct property *from_one = &source->property[k];
            struct rs_str value = { rs_secret_reveal(&from_one->value),
                                    rs_secret_len(&from_one->value) };

            if (!put_property(target, rs_str_of(from_one->key), value, from_one->file, diag))
                return false;
        }
    }
    return true;
}

static bool keep_path(struct rs_profiles *set, enum rs_profile_file file, const char *path,
                      struct rs_diag *diag)
{
    char *copy = rs_str_dup(rs_str_of(path), diag);

    if (copy == NULL)
        return false;
    rs_free(set->path[file]);
    set->path[file] = copy;
    return true;
}

bool rs_profiles_parse(struct rs_str text, enum rs_profile_file file, const char *path,
                       struct rs_profiles **into, struct rs_log *log, struct rs_diag *diag)
{
    struct parser p = { .file = file,
                        .path = path,
                        .log = log,
                        .diag = diag,
                        .value = RS_BUF_WIPED(RS_PROFILE_MAX_BYTES) };
    struct rs_profiles *made = NULL;
    bool ok = false;

    p.set = rs_new(struct rs_profiles, diag);
    if (p.set == NULL || !parse_text(&p, text))
        goto out;
    if (*into == NULL) {
        made = p.set;
        p.set = NULL;
        if (!keep_path(made, file, path, diag))
            goto out;
        *into = made;
        made = NULL;
    } else if (!keep_path(*into, file, path, diag) || !merge(*into, p.set, diag)) {
        goto out;
    }
    ok = true;
out:
    rs_profiles_free(made);
    rs_profiles_free(p.set);
    rs_buf_clear(&p.value);
    return ok;
}

bool rs_profiles_home(const struct rs_world *world, struct rs_buf *out)
{
    const char *home = world->env(world->ctx, RS_HOME_VARIABLE);

    if (home == NULL)
        return rs_os_home(out);
    rs_buf_adds(out, home);
    return !out->bad;
}

/* Path of one file: its variable, where a leading ~/ is the home folder, else the usual place. */
static bool path_of(const struct rs_world *world, const char *variable, const char *usual,
                    struct rs_buf *out, struct rs_diag *diag)
{
    struct rs_str path = rs_str_of(world->env(world->ctx, variable));

    if (path.n > 0 && !rs_str_starts_nocase(path, RS_STR("~/"))) {
        rs_buf_add(out, path);
        return rs_buf_ok(out, diag);
    }
    if (!rs_profiles_home(world, out))
        return out->bad
                   ? rs_buf_ok(out, diag)
                   : rs_fail(diag, RS_HY000, 0,
                             "the home folder, where AWS profiles are kept, is unknown; set %s",
                             variable);
    if (path.n > 0)
        rs_buf_add(out, rs_str_sub(path, 1, path.n));
    else
        rs_buf_adds(out, usual);
    return rs_buf_ok(out, diag);
}

static bool load_one(const struct rs_world *world, enum rs_profile_file file,
                     struct rs_profiles **into, struct rs_log *log, struct rs_diag *diag)
{
    static const struct {
        const char *variable, *usual;
    } places[] = { [RS_PROFILE_CONFIG] = { "AWS_CONFIG_FILE", "/.aws/config" },
                   [RS_PROFILE_CREDENTIALS] = { "AWS_SHARED_CREDENTIALS_FILE",
                                                "/.aws/credentials" } };
    struct rs_buf path = RS_BUF_INIT(PATH_MAX_BYTES), text = RS_BUF_WIPED(RS_PROFILE_MAX_BYTES);
    bool others_can_write = false, ok = false;
    enum rs_file found;

    if (!path_of(world, places[file].variable, places[file].usual, &path, diag))
        goto out;
    found = rs_os_read_file(path.p, &text, &others_can_write, diag);
    if (found == RS_FILE_FAILED)
        goto out;
    RS_LOG(log, RS_LOG_DEBUG, "profile.file", "\"%s\" %s", path.p,
           found == RS_FILE_READ ? "is read" : "is not there");
    if (found == RS_FILE_READ && others_can_write)
        RS_LOG(log, RS_LOG_WARNING, "profile.permissions", "\"%s\" can be written by others",
               path.p);
    ok = rs_profiles_parse(found == RS_FILE_READ ? rs_buf_str(&text) : RS_STR_NULL, file, path.p,
                           into, log, diag);
out:
    rs_buf_clear(&text);
    rs_buf_clear(&path);
    return ok;
}

bool rs_profiles_load(const struct rs_world *world, struct rs_profiles **out, struct rs_log *log,
                      struct rs_diag *diag)
{
    struct rs_profiles *set = NULL;

    if (!load_one(world, RS_PROFILE_CONFIG, &set, log, diag) ||
        !load_one(world, RS_PROFILE_CREDENTIALS, &set, log, diag)) {
        rs_profiles_free(set);
        return false;
    }
    *out = set;
    return true;
}

/* ---- questions ---- */

const char *rs_profiles_choose(const char *explicit_name, const struct rs_world *world)
{
    const char *name = explicit_name;

    if (name == NULL || *name == '\0')
        name = world->env(world->ctx, "AWS_PROFILE");
    if (name == NULL)
        name = world->env(world->ctx, "AWS_DEFAULT_PROFILE");
    return name == NULL ? "default" : name;
}

const struct rs_profile *rs_profiles_find(const struct rs_profiles *set, const char *name)
{
    return is_name(rs_str_of(name), "_-/.%@:+") ? find_profile(set, rs_str_of(name)) : NULL;
}

const struct rs_profile *rs_profiles_section(const struct rs_profiles *set, const char *kind,
                                             struct rs_str name)
{
    for (size_t i = 0; i < set->n; i++) {
        struct rs_str rest = rs_str_of(set->profile[i]->name);

        if (after_word(rest, rs_str_of(kind), &rest) && rs_str_eq(rest, name))
            return set->profile[i];
    }
    return NULL;
}

const struct rs_profile *rs_profiles_need(const struct rs_profiles *set, const char *name,
                                          struct rs_diag *diag)
{
    const struct rs_profile *profile = rs_profiles_find(set, name);

    if (profile == NULL)
        rs_fail(diag, RS_28000, 0, "AWS profile \"%s\" not found in \"%s\" or \"%s\"", name,
                set->path[RS_PROFILE_CONFIG] == NULL ? "" : set->path[RS_PROFILE_CONFIG],
                set->path[RS_PROFILE_CREDENTIALS] == NULL ? "" : set->path[RS_PROFILE_CREDENTIALS]);
    return profile;
}

const char *rs_profile_name(const struct rs_profile *profile)
{
    return profile->name;
}

bool rs_profile_is_config(const struct rs_profile *profile, const char *key)
{
    const struct property *property = find_property(profile, rs_str_of(key));

    return property != NULL && property->file == RS_PROFILE_CONFIG;
}

const struct rs_secret *rs_profile_get(const struct rs_profile *profile, const char *key)
{
    const struct property *property = find_property(profile, rs_str_of(key));

    return property == NULL ? NULL : &property->value;
}

void rs_profiles_each(const struct rs_profiles *set,
                      void (*fn)(void *ctx, const char *profile, const char *key,
                                 const struct rs_secret *value),
                      void *ctx)
{
    for (size_t i = 0; i < set->n; i++)
        for (size_t k = 0; k < set->profile[i]->n; k++)
            fn(ctx, set->profile[i]->name, set->profile[i]->property[k].key,
               &set->profile[i]->property[k].value);
}
