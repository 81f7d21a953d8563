/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a definition says and its xl.cfg does not: found by reading the xl.cfg back, so that nothing can be forgotten.
 */
#include <string.h>

#include "conf/chr_def.h"
#include "conf/controller_def.h"
#include "conf/xml_source.h"
#include "util/vx_error.h"
#include "xlcfg/xlcfg_options.h"

typedef struct {
    const VxDomainDef *def;
    VxXlcfgDialect dialect;
    VxDiag *diag;
    unsigned n_located;
} Losses;

/* To find the line of a loss, the XML is read once more: that is for files that somebody reads. */
#define MAX_LOCATED VX_DIAG_MAX_PROBLEMS
#define MAX_LOCATED_BYTES (256 * 1024)

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

/* The device model makes these by itself, and for the disks that are there. */
static bool is_usual_controller(const VxDomainDef *def, const char *path)
{
    const VxController *controller = find_item(def->devices, path, "devices/controller");

    return controller && (controller->type == VX_CONTROLLER_IDE || controller->type == VX_CONTROLLER_FDC ||
                          controller->type == VX_CONTROLLER_SCSI);
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
    if (is_said_by_nestedhvm(losses->def, path) || is_first_console(losses->def, path) ||
        is_usual_controller(losses->def, path))
        return true;
    if (strcmp(path, "os/loader") == 0)
        return loader->path && vx_xl_is_usual_hvmloader(loader->path);
    return g_str_has_prefix(path, "devices/") &&
           (strcmp(field->name ? field->name : "", "address") == 0 || strstr(path, "/alias/"));
}

/* What of PATH stands behind the last item of a list: "source/@file" of "devices/disk[1]/source/@file". */
static const char *path_in_item(const char *path)
{
    const char *bracket = strrchr(path, ']');

    return !bracket ? path : bracket[1] ? bracket + 2 : bracket + 1;
}

/* The device that PATH leads to or into, NULL if it is about something else. */
static const VxDevice *device_of(const VxDomainDef *def, const char *path)
{
    const char *number = strchr(path, '[');
    guint64 i = number ? g_ascii_strtoull(number + 1, NULL, 10) : 0;

    return g_str_has_prefix(path, "devices/") && i > 0 && i <= def->devices->len ? def->devices->pdata[i - 1] : NULL;
}

/* Whether the writer has told of the loss itself, in a better sentence: at the place of the device, or where a device
 * that libvirt made of it has come from. */
static bool is_told(const Losses *losses, const char *path, VxPlace place)
{
    const VxDevice *device = device_of(losses->def, path);
    const char *in_device = path_in_item(path);
    g_auto(GStrv) names = g_strsplit_set(in_device, "/@", -1);

    if (device && !*in_device)
        return vx_diag_tells(losses->diag, place, vx_device_element(device)->name);
    for (char **name = names; *name; name++) {
        if (**name && (vx_diag_tells(losses->diag, place, *name) ||
                       (device && vx_diag_tells(losses->diag, device->object.place, *name))))
            return true;
    }
    return false;
}

static void report_loss(const char *path, const VxField *field, VxPlace place, gpointer data)
{
    Losses *losses = data;
    gsize length;
    const char *text = vx_diag_text(losses->diag, &length);

    if (is_no_loss(losses, path, field) || is_told(losses, path, place))
        return;
    if (text && length <= MAX_LOCATED_BYTES && losses->n_located++ < MAX_LOCATED)
        place = vx_xml_find_place(text, length, place, path_in_item(path));
    if (*path_in_item(path) && vx_diag_tells(losses->diag, place, path_in_item(path)))
        return; /* of the serial port that a console is made of, or the other way round */
    vx_diag_warn(losses->diag, place, "%s cannot say %s: it is left out",
                 losses->dialect == VX_XLCFG_XM ? "xm" : "xl.cfg", path);
}

/* What is carried may say anything when somebody has edited it: where xl would refuse what is written of it. ABOUT_TEXT
 * has what was found when it was read back. Returns whether there is any such thing. */
static bool report_refusals(VxDiag *about_text, VxDiag *diag)
{
    g_autoptr(GError) error = vx_diag_to_error(about_text, VIR_ERR_XML_ERROR);
    g_auto(GStrv) sentences = g_strsplit(error ? error->message : "", "\n", -1);
    bool any = false;

    for (char **sentence = sentences; *sentence; sentence++) {
        if (!g_str_has_prefix(*sentence, "line ")) /* the writer has told of what concerns the whole guest */
            continue;
        vx_diag_unfit(diag, VX_NO_PLACE, "xl will refuse what is written, %s", *sentence);
        any = true;
    }
    return any;
}

void vx_xlcfg_report_losses(const VxDomainDef *def, VxXlcfgDialect dialect, const char *text, VxDiag *diag)
{
    gsize length = strlen(text);
    g_autoptr(VxDiag) about_text = vx_diag_new("", text, length, VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) again = vx_xlcfg_parse_as(dialect, text, length, about_text);
    Losses losses = {.def = def, .dialect = dialect, .diag = diag};

    if (!report_refusals(about_text, diag) && again)
        vx_object_find_losses(&vx_domain_element, def, again, report_loss, &losses);
}
