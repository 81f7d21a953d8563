/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a definition says and its xl.cfg does not: found by reading the xl.cfg back, so that nothing can be forgotten.
 */
#include <string.h>

#include "conf/chr_def.h"
#include "xlcfg/xlcfg_options.h"

typedef struct {
    const VxDomainDef *def;
    VxXlcfgDialect dialect;
    VxDiag *diag;
} Losses;

/* The item of LIST that PATH, "PREFIX[number]", stands for; NULL if PATH is anything else. */
static const void *find_item(const GPtrArray *list, const char *path, const char *prefix)
{
    char *end;
    guint64 number;

    if (!g_str_has_prefix(path, prefix) || path[strlen(prefix)] != '[')
        return NULL;
    number = g_ascii_strtoull(path + strlen(prefix) + 1, &end, 10);
    return strcmp(end, "]") == 0 && list && number > 0 && number <= list->len ? list->pdata[number - 1] : NULL;
}

/* vmx and svm are one to xl: nestedhvm. */
static bool is_said_by_nestedhvm(const VxDomainDef *def, const char *path)
{
    const VxCpuFeature *feature = find_item(def->cpu.features, path, "cpu/feature");

    return feature && feature->name && (strcmp(feature->name, "vmx") == 0 || strcmp(feature->name, "svm") == 0) &&
           (feature->policy == VX_CPU_DISABLE || feature->policy == VX_CPU_FORBID) &&
           vx_domain_def_guest_type(def) == VX_GUEST_HVM;
}

/* Every guest has a console, whether its xl.cfg gives it a serial port or not. */
static bool is_first_console(const VxDomainDef *def, const char *path)
{
    const VxChr *console = find_item(def->devices, path, "devices/console");
    unsigned first = 0;

    return console && console == vx_domain_def_next_device(def, VX_DEVICE_CONSOLE, &first) &&
           console->type == VX_CHR_PTY && console->target_type == VX_CHR_TARGET_XEN && !console->log_file;
}

/* Things that the host chooses, or that Xen guests of one type all have: no guest is another one without them. */
static bool is_no_loss(const Losses *losses, const char *path, const VxField *field)
{
    const VxLoader *loader = losses->def->os.loader;

    if (g_str_has_prefix(path, "os/type") || strcmp(path, "@type") == 0)
        return true;
    if (strcmp(path, "memory") == 0 || strcmp(path, "currentMemory") == 0)
        return true; /* rounded to MiB, of which the writer has warned */
    if (g_str_has_prefix(path, "devices/channel") && g_str_has_suffix(path, "/target/@type"))
        return true; /* a virtio channel, of which the writer has warned */
    if (g_str_has_prefix(path, "devices/interface") && g_str_has_suffix(path, "/link/@state"))
        return true; /* a cable that is pulled out, of which the writer has warned */
    if (is_said_by_nestedhvm(losses->def, path) || is_first_console(losses->def, path))
        return true;
    if (strcmp(path, "os/loader") == 0)
        return loader->path && vx_xl_is_usual_hvmloader(loader->path);
    return g_str_has_prefix(path, "devices/") &&
           (strcmp(field->name ? field->name : "", "address") == 0 || strstr(path, "/alias/"));
}

static void report_loss(const char *path, const VxField *field, VxPlace place, gpointer data)
{
    const Losses *losses = data;

    if (!is_no_loss(losses, path, field))
        vx_diag_warn(losses->diag, place, "%s cannot say %s: it is left out",
                     losses->dialect == VX_XLCFG_XM ? "xm" : "xl.cfg", path);
}

void vx_xlcfg_report_losses(const VxDomainDef *def, VxXlcfgDialect dialect, const char *text, VxDiag *diag)
{
    gsize length = strlen(text);
    g_autoptr(VxDiag) about_text = vx_diag_new("", text, length, VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) again = vx_xlcfg_parse_as(dialect, text, length, about_text);
    Losses losses = {.def = def, .dialect = dialect, .diag = diag};

    if (again)
        vx_object_find_losses(&vx_domain_element, def, again, report_loss, &losses);
}
