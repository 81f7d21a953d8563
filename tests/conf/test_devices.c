/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every file of tests/conf/devices, which is in libvirt's own writing, comes back as it was: from the definition, and
 * from a copy of it. The folder is the program's argument.
 */
#include <string.h>

#include "conf/disk_def.h"
#include "conf/domain_xml.h"
#include "util/vx_file.h"

/* What is kept word for word is written with the other quotes. */
static char *format(const VxDomainDef *def)
{
    return g_strdelimit(vx_domain_def_format(def, VX_WRITE_SECRETS, NULL), "\"", '\'');
}

static void test_file(gconstpointer data)
{
    const char *path = data;
    g_autofree char *text = NULL, *again = NULL, *of_copy = NULL, *problems = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VxDiag) diag = NULL;
    g_autoptr(VxDomainDef) def = NULL, copy = NULL;
    GString *shown = g_string_new(NULL);
    gsize length;

    g_assert_true(vx_file_read(path, VX_FILE_MAX_BYTES, &text, &length, &error));
    diag = vx_diag_new(path, text, length, 0);
    def = vx_domain_def_parse(text, length, 0, diag);
    vx_diag_format(diag, 0, shown);
    problems = g_string_free(shown, FALSE);
    g_assert_cmpstr(problems, ==, "");
    g_assert_nonnull(def);
    copy = vx_domain_def_copy(def);
    again = format(def);
    of_copy = format(copy);
    g_assert_cmpstr(again, ==, text);
    g_assert_cmpstr(of_copy, ==, text);
    g_assert_true(vx_object_compare(&vx_domain_element, def, copy, NULL, NULL));
}

static void test_defaults(void)
{
    static const struct {
        const char *target;
        VxDiskBus bus;
    } buses[] = {{"xvda", VX_DISK_BUS_XEN},
                 {"hdc", VX_DISK_BUS_IDE},
                 {"sda1", VX_DISK_BUS_SCSI},
                 {"vda", VX_DISK_BUS_VIRTIO},
                 {"fda", VX_DISK_BUS_FDC}};

    for (unsigned i = 0; i < G_N_ELEMENTS(buses); i++) {
        VxDisk *disk = vx_object_new(&vx_disk_element);

        disk->target = g_strdup(buses[i].target);
        vx_disk_set_path(disk, "/images/a");
        vx_disk_add_defaults(disk);
        g_assert_cmpint(disk->bus, ==, buses[i].bus);
        g_assert_cmpint(disk->type, ==, VX_DISK_FILE);
        g_assert_cmpint(disk->is, ==, VX_DISK_IS_DISK);
        g_assert_cmpint(disk->format, ==, VX_DISK_RAW);
        g_assert_cmpstr(vx_disk_path(disk), ==, "/images/a");
        vx_object_free(&vx_disk_element, disk);
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    GDir *folder;

    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    folder = g_dir_open(argv[1], 0, &error);
    g_assert_no_error(error);
    for (const char *name; (name = g_dir_read_name(folder));) {
        g_autofree char *title = g_strconcat("/devices/", name, NULL);
        char *path = g_build_filename(argv[1], name, NULL);

        g_ptr_array_add(paths, path);
        g_test_add_data_func(title, path, test_file);
    }
    g_dir_close(folder);
    g_assert_cmpuint(paths->len, >=, 6);
    g_test_add_func("/devices/defaults", test_defaults);
    return g_test_run();
}
