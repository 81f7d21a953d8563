/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Preloaded into the real xl, this lets `xl create -n FILE` tell what it makes of FILE on a machine without Xen:
 *
 *   LD_PRELOAD=.../xlshim.so xl create -n FILE
 *
 * Before it parses, xl opens the hypervisor and xenstore and asks how large the host is; while it parses, it draws
 * random numbers for what the file leaves open. Here the first is answered with one invented host, and the second
 * with fixed bytes, so that two runs can be compared. Nothing else of xl or libxl is replaced: what is printed is
 * what they make of the file. The host is large, so that a file from elsewhere seldom asks for more than it has.
 */
#include <dlfcn.h>
#include <libxl.h>
#include <libxl_utils.h>
#include <libxl_uuid.h>
#include <libxlutil.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xenstore.h>

enum { HOST_CPUS = 64, HOST_NODES = 4, CPUS_A_NODE = HOST_CPUS / HOST_NODES };

/* What meaning.py takes for "the file did not say". */
static const unsigned char not_random[16] = {0x0f, 0xf1, 0x1e, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x01};

/* Handles are only passed on and compared with NULL, never looked into, once everything that does is in this file. */
static char an_open_handle[4096];

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild_logger, unsigned flags)
{
    (void)logger, (void)dombuild_logger, (void)flags;
    return (xc_interface *)an_open_handle;
}

int xc_interface_close(xc_interface *xch)
{
    (void)xch;
    return 0;
}

struct xs_handle *xs_open(unsigned long flags)
{
    (void)flags;
    return (struct xs_handle *)an_open_handle;
}

void xs_close(struct xs_handle *xsh)
{
    (void)xsh;
}

int xc_get_max_cpus(xc_interface *xch)
{
    (void)xch;
    return HOST_CPUS;
}

int xc_get_online_cpus(xc_interface *xch)
{
    return xc_get_max_cpus(xch);
}

int xc_get_max_nodes(xc_interface *xch)
{
    (void)xch;
    return HOST_NODES;
}

/* `cpus = "nodes:1"` is resolved to CPUs while the file is parsed. */
int xc_cputopoinfo(xc_interface *xch, unsigned *max_cpus, xc_cputopo_t *topology)
{
    (void)xch;
    for (unsigned cpu = 0; topology && cpu < *max_cpus && cpu < HOST_CPUS; cpu++)
        topology[cpu] = (xc_cputopo_t){.core = cpu, .socket = cpu / CPUS_A_NODE, .node = cpu / CPUS_A_NODE};
    *max_cpus = HOST_CPUS;
    return 0;
}

/* A host that can run every type of guest: the type of a file that names none depends on it. */
int libxl_get_physinfo(libxl_ctx *ctx, libxl_physinfo *info)
{
    (void)ctx;
    libxl_physinfo_init(info);
    info->nr_cpus = info->max_cpu_id = HOST_CPUS;
    info->nr_nodes = HOST_NODES;
    info->cap_hvm = info->cap_pv = info->cap_hvm_directio = info->cap_hap = info->cap_shadow = true;
    return 0;
}

const libxl_version_info *libxl_get_version_info(libxl_ctx *ctx)
{
    static char nothing[] = "";
    static const libxl_version_info info = {
        .xen_version_extra = nothing,
        .compiler = nothing,
        .compile_by = nothing,
        .compile_domain = nothing,
        .compile_date = nothing,
        .capabilities = nothing,
        .changeset = nothing,
        .commandline = nothing,
        .build_id = nothing,
    };
    (void)ctx;
    return &info;
}

/* A uuid the file does not give. */
void libxl_uuid_generate(libxl_uuid *uuid)
{
    memcpy(uuid->uuid, not_random, sizeof not_random);
}

/* ms_vm_genid = "generate" */
int libxl_ms_vm_genid_generate(libxl_ctx *ctx, libxl_ms_vm_genid *id)
{
    (void)ctx;
    memcpy(id->bytes, not_random, sizeof id->bytes);
    return 0;
}

static bool is_global_config(const char *path)
{
    static const char name[] = "/xl.conf";
    size_t n = strlen(path);

    return n >= strlen(name) && strcmp(path + n - strlen(name), name) == 0;
}

/* The host's own /etc/xen/xl.conf (default bridge, script and so on) must not colour what a file means. */
int libxl_read_file_contents(libxl_ctx *ctx, const char *path, void **data, int *length)
{
    if (is_global_config(path)) {
        *data = calloc(1, 1);
        *length = 0;
        return 0;
    }

    int (*real)(libxl_ctx *, const char *, void **, int *) = dlsym(RTLD_NEXT, "libxl_read_file_contents");
    return real(ctx, path, data, length);
}

/* ---- what xl looks up ---- */

static const XLU_Config *global_config;

XLU_Config *xlu_cfg_init(FILE *report, const char *report_filename)
{
    XLU_Config *(*real)(FILE *, const char *) = dlsym(RTLD_NEXT, "xlu_cfg_init");
    XLU_Config *config = real(report, report_filename);

    if (is_global_config(report_filename))
        global_config = config;
    return config;
}

static void note_key(const XLU_Config *config, const char *key)
{
    const char *path = getenv("VIRTXL_XLSHIM_KEYS");
    FILE *file = path && config != global_config ? fopen(path, "a") : NULL;

    if (file) {
        fprintf(file, "%s\n", key);
        fclose(file);
    }
}

/* FUNCTION(config, key, ...) as it is, once the key has been noted. */
#define NOTING(function, parameters, ...)                                                                              \
    int function parameters                                                                                            \
    {                                                                                                                  \
        int(*real) parameters = dlsym(RTLD_NEXT, #function);                                                           \
                                                                                                                       \
        note_key(config, key);                                                                                         \
        return real(config, key, __VA_ARGS__);                                                                         \
    }

NOTING(xlu_cfg_get_string, (const XLU_Config *config, const char *key, const char **value, int quiet), value, quiet)
NOTING(xlu_cfg_replace_string, (const XLU_Config *config, const char *key, char **value, int quiet), value, quiet)
NOTING(xlu_cfg_get_long, (const XLU_Config *config, const char *key, long *value, int quiet), value, quiet)
NOTING(xlu_cfg_get_bounded_long,
       (const XLU_Config *config, const char *key, long minimum, long maximum, long *value, int quiet), minimum,
       maximum, value, quiet)
NOTING(xlu_cfg_get_defbool, (const XLU_Config *config, const char *key, libxl_defbool *value, int quiet), value, quiet)
NOTING(xlu_cfg_get_list, (const XLU_Config *config, const char *key, XLU_ConfigList **list, int *n, int quiet), list, n,
       quiet)
NOTING(xlu_cfg_get_list_as_string_list, (const XLU_Config *config, const char *key, libxl_string_list *list, int quiet),
       list, quiet)
