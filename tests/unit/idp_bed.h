/* A plugin's sign-in against a scripted provider, for the tests of src/idp. */
#ifndef RS_TEST_IDP_BED_H
#define RS_TEST_IDP_BED_H

#include "fakeworld.h"
#include "idp/idp.h"

struct idp_bed {
    struct fake_world fake;
    struct rs_settings set;
    struct rs_idp_ask ask;
    struct rs_idp_proof proof;
    struct rs_diag diag;
};

/* keys: "Name=value" lines */
static inline void idp_bed_begin(struct idp_bed *bed, const char *keys,
                                 const struct fake_answer *answers, size_t n)
{
    struct rs_str rest = rs_str_of(keys), line;
    bool done = false;

    memset(bed, 0, sizeof *bed);
    fake_world_init(&bed->fake, answers, n);
    assert_true(rs_settings_init(&bed->set, &bed->diag));
    while (rs_str_split(&rest, '\n', &done, &line)) {
        ptrdiff_t eq = rs_str_chr(line, '=');

        if (eq > 0)
            assert_true(rs_settings_put(&bed->set, rs_key_find(rs_str_sub(line, 0, (size_t)eq)),
                                        rs_str_sub(line, (size_t)eq + 1, line.n), RS_LAYER_STRING,
                                        &bed->diag));
    }
    bed->ask =
        (struct rs_idp_ask){ .set = &bed->set, .world = &bed->fake.world, .deadline = RS_FOREVER };
}

static inline void idp_bed_end(struct idp_bed *bed)
{
    rs_secret_clear(&bed->proof.text);
    rs_settings_clear(&bed->set);
    rs_diag_clear(&bed->diag);
}

static inline void idp_bed_says(const struct idp_bed *bed, enum rs_state state, const char *text)
{
    assert_int_equal(bed->diag.n_error, 1);
    assert_int_equal(rs_diag_state(&bed->diag), state);
    if (strstr(rs_diag_first(&bed->diag), text) == NULL)
        fail_msg("%s, not: %s", rs_diag_first(&bed->diag), text);
    assert_null(strstr(rs_diag_first(&bed->diag), "CANARY"));
}

#endif
