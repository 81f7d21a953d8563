/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A driver that does what it is told on standard input, a line at a time, until it is killed: see test_crash.py. With
 * a number after the folder it kills itself instead, before the call of that number that would change a file system.
 */
#include <libvirt/libvirt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/define.h"
#include "driver/metadata.h"
#include "driver/query.h"

static unsigned calls_to_live; /* 0: it lives for ever */

/* The linker puts this before every call of FUNCTION, by --wrap. */
#define MORTAL(FUNCTION, PARAMETERS, ...)                                                                              \
    int __real_##FUNCTION PARAMETERS; /* NOLINT(bugprone-reserved-identifier): the linker's names */                   \
    int __wrap_##FUNCTION PARAMETERS; /* NOLINT(bugprone-reserved-identifier) */                                       \
    int __wrap_##FUNCTION PARAMETERS  /* NOLINT(bugprone-reserved-identifier) */                                       \
    {                                                                                                                  \
        if (calls_to_live > 0 && --calls_to_live == 0)                                                                 \
            raise(SIGKILL);                                                                                            \
        return __real_##FUNCTION(__VA_ARGS__);                                                                         \
    }
MORTAL(unlink, (const char *path), path)
MORTAL(rename, (const char *from, const char *to), from, to)
MORTAL(symlink, (const char *target, const char *path), target, path)
MORTAL(fsync, (int fd), fd)

static bool define(VxDriver *driver, char **words, GError **error)
{
    g_autofree char *xml = g_strdup_printf("<domain type='xen'><name>%s</name><uuid>%s</uuid><title>%s</title>"
                                           "<memory>65536</memory><os><type>hvm</type></os></domain>",
                                           words[1], words[2], words[3]);
    g_auto(VxDomainRef) ref = {0};

    return vx_define_xml(driver, xml, 0, &ref, error);
}

static bool obey(VxDriver *driver, char **words, GError **error)
{
    guint8 uuid[16];
    g_autoptr(VxDomainObj) domain = NULL;

    if (strcmp(words[0], "define") == 0)
        return define(driver, words, error);
    if (!vx_uuid_parse(words[1], uuid) || !(domain = vx_find_uuid(driver, uuid, error)))
        return false;
    if (strcmp(words[0], "undefine") == 0)
        return vx_undefine(driver, domain, 0, error);
    if (strcmp(words[0], "rename") == 0)
        return vx_rename(driver, domain, words[2], 0, error);
    if (strcmp(words[0], "title") == 0)
        return vx_set_metadata(driver, domain, VIR_DOMAIN_METADATA_TITLE, words[2], NULL, NULL, 0, error);
    return vx_set_autostart(driver, domain, words[2][0] == '1', error);
}

static void list(VxDriver *driver)
{
    g_autoptr(GArray) refs = vx_list_domains(driver, 0, NULL);

    for (unsigned i = 0; i < refs->len; i++) {
        VxDomainRef *ref = &g_array_index(refs, VxDomainRef, i);
        g_autoptr(VxDomainObj) domain = vx_find_uuid(driver, ref->uuid, NULL);
        g_autofree char *title = vx_get_metadata(domain, VIR_DOMAIN_METADATA_TITLE, NULL, 0, NULL);
        char uuid[VX_UUID_TEXT_BYTES];
        bool autostart = false;

        vx_get_autostart(domain, &autostart, NULL);
        vx_uuid_format(ref->uuid, uuid);
        printf("%s %s %s %d\n", ref->name, uuid, title ? title : "-", autostart);
    }
    printf(".\n");
}

int main(int argc, char **argv)
{
    g_autofree char *autostart = argc > 1 ? g_build_filename(argv[1], "autostart", NULL) : NULL;
    VxDriverConfig config = {.config_folder = argv[1], .autostart_folder = autostart};
    g_autoptr(GError) error = NULL;
    g_autoptr(VxDriver) driver = NULL;
    char line[65536];

    if (!autostart || !(driver = vx_driver_new(&config, NULL, &error))) {
        fprintf(stderr, "%s\n", error ? error->message : "usage: crash_victim FOLDER [CALL]");
        return 2;
    }
    list(driver);
    fflush(stdout);
    calls_to_live = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    while (fgets(line, sizeof(line), stdin)) {
        g_auto(GStrv) words = g_strsplit(g_strchomp(line), " ", 4);
        g_autoptr(GError) why = NULL;

        if (obey(driver, words, &why))
            printf("ok\n");
        else
            printf("error %s\n", why ? why->message : "no such domain");
        fflush(stdout);
    }
    return 0;
}
