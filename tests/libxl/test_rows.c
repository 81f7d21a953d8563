/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The libxl column of the option table: complete, tied to options that exist, and each row with the member and the name
 * in the JSON that belong together.
 */
#include <string.h>

#include "libxl/libxl_config.h"
#include "libxl/libxl_json.h"
#include "libxl/libxl_rows.h"
#include "xlcfg/xlcfg_options.h"

/* An option that is only read (an older spelling, or one that xl takes no notice of) never reaches libxl. */
static bool is_only_read(const VxXlOption *option)
{
    return option->fate == VX_XL_ALIAS || option->fate == VX_XL_IGNORED;
}

static void test_every_option_has_a_row(void)
{
    for (unsigned i = 0; i < vx_xl_n_options; i++) {
        const VxXlOption *option = &vx_xl_options[i];

        if (!is_only_read(option) && !vx_libxl_row_find(option->key)) {
            g_test_message("%s has no row in libxl_table.c", option->key);
            g_test_fail();
        }
    }
}

static void test_every_row_has_an_option(void)
{
    for (unsigned i = 0; i < vx_libxl_n_rows; i++) {
        const VxLibxlRow *row = &vx_libxl_rows[i];

        if (!vx_xl_option_find(row->key)) {
            g_test_message("%s is no option", row->key);
            g_test_fail();
        }
        g_assert_true(row->type || row->apply || row->nothing);
        g_assert_true(!row->type || row->path);
        g_assert_true(row->type != &vx_libxl_enum || row->names);
        for (unsigned j = 0; j < i; j++)
            g_assert_cmpstr(vx_libxl_rows[j].key, !=, row->key);
    }
}

/* What the first word of an enum is for xl. */
static const char *first_word(const VxLibxlRow *row)
{
    const VxXlOption *option = vx_xl_option_find(row->key);

    return option && option->words ? vx_enum_to_text(option->words, 2) : NULL;
}

static const char *sample_text(const VxLibxlRow *row)
{
    if (row->type == &vx_libxl_string)
        return "sample";
    if (row->type == &vx_libxl_uuid)
        return "3d0a4d5e-4f0b-4b5f-9d1e-6a1b2c3d4e5f";
    return row->type == &vx_libxl_enum ? first_word(row) : "1";
}

static VxGuestType guest_for(const VxLibxlRow *row)
{
    for (VxGuestType guest = VX_GUEST_HVM; guest > VX_GUEST_NOT_GIVEN; guest--) {
        if (!row->guests || row->guests & VX_XL_FOR(guest))
            return guest;
    }
    return VX_GUEST_HVM;
}

/* Sets the row's member in an otherwise empty guest by way of the setting, and reads it back by way of the JSON. */
static void check_row(const VxLibxlRow *row, const char *text)
{
    static const VxOsType types[] = {
        [VX_GUEST_PV] = VX_OS_LINUX, [VX_GUEST_PVH] = VX_OS_XENPVH, [VX_GUEST_HVM] = VX_OS_HVM};
    static const VxXlcfgOptions options = {.channel_dir = "/run"};
    g_autoptr(VxDomainDef) def = vx_domain_def_new();
    g_autoptr(VxDiag) diag = vx_diag_new("test", NULL, 0, 0);
    g_autoptr(json_object) root = NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    VxLibxlHost host = vx_libxl_host_guess();
    VxLibxlReader reader = {.seen = seen, .diag = diag};
    g_autofree char *json = NULL;
    g_autofree char *back = NULL;

    def->os.type = types[guest_for(row)];
    vx_options_add(&def->options, row->key, text);
    json = vx_libxl_json_format(def, &options, &host, diag);
    g_assert_nonnull(json);
    root = vx_json_parse(json, strlen(json), 32, NULL);
    g_assert_nonnull(root);
    reader.root = root;
    back = vx_libxl_get(&reader, row, reader.root);
    if (g_strcmp0(back, text) != 0)
        g_test_message("%s: %s became %s at %s of %s", row->key, text, back, row->path, json);
    g_assert_cmpstr(back, ==, text);
}

static void test_every_member_is_named_right(void)
{
    unsigned checked = 0;

    for (unsigned i = 0; i < vx_libxl_n_rows; i++) {
        const VxLibxlRow *row = &vx_libxl_rows[i];
        const VxXlOption *option = vx_xl_option_find(row->key);
        const char *text = row->type ? sample_text(row) : NULL;

        if (!text || !option || is_only_read(option))
            continue;
        check_row(row, text);
        checked++;
    }
    g_assert_cmpuint(checked, >, 90);
}

static void test_no_json(void)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{}",
        "1",
        "{\"c_info\": 1}",
        "{\"c_info\": {\"type\": \"pvx\"}}",
        "{\"c_info\": {\"type\": 1}}",
        "{\"c_info\": {\"type\": \"pv\", \"name\": []}}",
        "{\"c_info\": {\"type\": \"pv\"}, \"disks\": 1}",
        "{\"c_info\": {\"type\": \"pv\"}, \"disks\": [1]}",
        "{\"c_info\": {\"type\": \"pv\"}, \"b_info\": []}",
        "{\"c_info\": {\"type\": \"pv\"}, \"b_info\": {\"vcpu_hard_affinity\": [1]}}",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(VxDiag) diag = vx_diag_new("test", texts[i], strlen(texts[i]), 0);
        VxDomainDef *def = vx_libxl_json_parse(texts[i], strlen(texts[i]), diag);

        vx_domain_def_free(def);
        if (vx_diag_n_errors(diag) == 0)
            g_test_message("no error for %s", texts[i]);
        g_assert_cmpuint(vx_diag_n_errors(diag), >, 0);
    }
}

static void test_deep_json(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(VxDiag) diag = NULL;
    g_autoptr(VxDomainDef) def = NULL;

    for (unsigned i = 0; i < 1000000; i++)
        g_string_append_c(text, '[');
    diag = vx_diag_new("test", text->str, text->len, 0);
    def = vx_libxl_json_parse(text->str, text->len, diag);
    g_assert_null(def);
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 1);
    g_assert_true(vx_diag_tells(diag, 34, "the JSON is nested deeper than 32 levels"));
}

/* What is no JSON is told with its place. */
static void test_place(void)
{
    static const char text[] = "{\"c_info\": {\"type\": \"pv\",}}";
    g_autoptr(VxDiag) diag = vx_diag_new("test", text, strlen(text), 0);

    g_assert_null(vx_libxl_json_parse(text, strlen(text), diag));
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 1);
    g_assert_true(vx_diag_tells(diag, strlen("{\"c_info\": {\"type\": \"pv\",") + 1, "it is no JSON: "));
}

/* A structure, as a running domain has it, becomes a definition; and channels leave their numbers to libxl. */
static void test_structure_to_definition(void)
{
    static const char xl[] =
        "name = \"g\"\nkernel = \"/k\"\nmemory = 64\n"
        "channel = [ \"connection=pty,name=a\", \"connection=socket,path=/run/b,name=b,backend=dd\" ]\n";
    static const VxXlcfgOptions options = {.channel_dir = "/run"};
    g_autoptr(VxDiag) diag = vx_diag_new("test", xl, strlen(xl), 0);
    g_autoptr(VxDomainDef) def = vx_xlcfg_parse(xl, strlen(xl), diag);
    g_autoptr(VxDomainDef) back = NULL;
    VxLibxlHost host = vx_libxl_host_guess();
    g_auto(libxl_domain_config) config;

    vx_libxl_config_init(&config, def, &options, &host, diag);
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 0);
    g_assert_cmpint(config.num_channels, ==, 2);
    g_assert_cmpint(config.channels[0].devid, ==, -1);
    g_assert_cmpint(config.channels[0].connection, ==, LIBXL_CHANNEL_CONNECTION_PTY);
    g_assert_cmpstr(config.channels[0].name, ==, "a");
    g_assert_cmpint(config.channels[1].devid, ==, -1);
    g_assert_cmpint(config.channels[1].connection, ==, LIBXL_CHANNEL_CONNECTION_SOCKET);
    g_assert_cmpstr(config.channels[1].u.socket.path, ==, "/run/b");
    g_assert_cmpstr(config.channels[1].backend_domname, ==, "dd");
    back = vx_libxl_config_to_definition(&config, diag);
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 0);
    g_clear_pointer(&back->uuid, g_free); /* random: the file gives none */
    g_clear_pointer(&def->uuid, g_free);
    g_assert_true(vx_object_compare(&vx_domain_element, def, back, NULL, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/libxl/rows/every-option-has-a-row", test_every_option_has_a_row);
    g_test_add_func("/libxl/rows/every-row-has-an-option", test_every_row_has_an_option);
    g_test_add_func("/libxl/rows/every-member-is-named-right", test_every_member_is_named_right);
    g_test_add_func("/libxl/json/no-json", test_no_json);
    g_test_add_func("/libxl/json/deep", test_deep_json);
    g_test_add_func("/libxl/json/place", test_place);
    g_test_add_func("/libxl/config/to-definition", test_structure_to_definition);
    return g_test_run();
}
