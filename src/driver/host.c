/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/host.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "conf/xml_escape.h"
#include "driver/change.h"
#include "util/vx_error.h"
#include "util/vx_file.h"

#define KIB 1024
#define PROC_MAX_BYTES ((gsize)4 * 1024 * 1024)
#define MAXIMUM_CPUS 8192u

/* The text of PATH without spaces around it; NULL when it cannot be read. */
static char *read_text(const char *path)
{
    char *text;
    gsize length;

    return vx_file_read(path, PROC_MAX_BYTES, &text, &length, NULL) ? g_strstrip(text) : NULL;
}

static bool ask_xen(VxDriver *driver, VxHostInfo *info, GError **error)
{
    return driver->hypervisor->ops->host_info(driver->hypervisor, info, error);
}

bool vx_get_version(VxDriver *driver, gulong *version, GError **error)
{
    g_auto(VxHostInfo) info = {0};

    *version = 0;
    if (driver->hypervisor && !ask_xen(driver, &info, error))
        return false;
    *version = info.version;
    return true;
}

char *vx_get_hostname(void)
{
    char name[HOST_NAME_MAX + 1] = "";

    gethostname(name, sizeof(name) - 1);
    return g_strdup(*name ? name : "localhost");
}

bool vx_get_max_vcpus(VxDriver *driver, unsigned *n, GError **error)
{
    VxNodeInfo info;

    if (!vx_get_node_info(driver, &info, error))
        return false;
    *n = info.cpus;
    return true;
}

/* ---- CPUs ---- */

/* Sets in MAP (of MAXIMUM_CPUS bits) what the list PATH says, as in 0-3,8. Returns 1 + the highest, 0 for none. */
static unsigned read_cpu_list(const char *path, guint8 *map)
{
    g_autofree char *text = read_text(path);
    unsigned n = 0;

    for (char *p = text; p && g_ascii_isdigit(*p);) {
        guint64 first = g_ascii_strtoull(p, &p, 10), last = first;

        if (*p == '-')
            last = g_ascii_strtoull(p + 1, &p, 10);
        for (guint64 cpu = first; cpu <= last && cpu < MAXIMUM_CPUS; cpu++) {
            map[cpu / 8] |= (guint8)(1u << (cpu % 8));
            n = MAX(n, (unsigned)cpu + 1);
        }
        if (*p == ',')
            p++;
    }
    return n;
}

static unsigned count_bits(const guint8 *map, gsize n_bytes)
{
    unsigned n = 0;

    for (gsize i = 0; i < n_bytes; i++)
        n += (unsigned)__builtin_popcount(map[i]);
    return n;
}

guint8 *vx_get_cpu_map(VxDriver *driver, unsigned *n_cpus, unsigned *n_online, unsigned flags, GError **error)
{
    guint8 present[MAXIMUM_CPUS / 8] = {0}, online[MAXIMUM_CPUS / 8] = {0};
    g_auto(VxHostInfo) info = {0};

    if (!vx_check_flags(flags, 0, "virNodeGetCPUMap", error) || (driver->hypervisor && !ask_xen(driver, &info, error)))
        return NULL;
    if (driver->hypervisor) { /* domain 0 sees only its own; Xen uses all it has */
        *n_cpus = MIN(info.n_cpus, MAXIMUM_CPUS);
        for (unsigned cpu = 0; cpu < *n_cpus; cpu++)
            online[cpu / 8] |= (guint8)(1u << (cpu % 8));
    } else {
        *n_cpus = read_cpu_list("/sys/devices/system/cpu/present", present);
        read_cpu_list("/sys/devices/system/cpu/online", online);
    }
    *n_online = count_bits(online, sizeof(online));
    return g_memdup2(online, MAX(1, (*n_cpus + 7) / 8));
}

static unsigned read_cpu_number(unsigned cpu, const char *name)
{
    g_autofree char *path = g_strdup_printf("/sys/devices/system/cpu/cpu%u/topology/%s", cpu, name);
    g_autofree char *text = read_text(path);

    return text ? (unsigned)g_ascii_strtoull(text, NULL, 10) : 0;
}

/* The machine as Linux sees it: packages, and the pairs of package and core in them, are counted. */
static void read_topology(VxNodeInfo *info)
{
    g_autoptr(GHashTable) packages = g_hash_table_new(g_direct_hash, g_direct_equal);
    g_autoptr(GHashTable) cores = g_hash_table_new(g_direct_hash, g_direct_equal);
    guint8 online[MAXIMUM_CPUS / 8] = {0}, nodes[MAXIMUM_CPUS / 8] = {0};
    unsigned n = read_cpu_list("/sys/devices/system/cpu/online", online);

    for (unsigned cpu = 0; cpu < n; cpu++) {
        unsigned package = read_cpu_number(cpu, "physical_package_id");

        if (!(online[cpu / 8] & (1u << (cpu % 8))))
            continue;
        g_hash_table_add(packages, GUINT_TO_POINTER(package));
        g_hash_table_add(cores, GUINT_TO_POINTER(package << 16 | (read_cpu_number(cpu, "core_id") & 0xffff)));
    }
    info->cpus = MAX(1, count_bits(online, sizeof(online)));
    info->nodes = MAX(1, read_cpu_list("/sys/devices/system/node/online", nodes));
    info->sockets = MAX(1, g_hash_table_size(packages) / info->nodes);
    info->cores = MAX(1, g_hash_table_size(cores) / MAX(1, g_hash_table_size(packages)));
    info->threads = MAX(1, info->cpus / (info->nodes * info->sockets * info->cores));
    if (info->nodes * info->sockets * info->cores * info->threads != info->cpus) {
        info->nodes = info->sockets = info->threads = 1; /* libvirt's way to say that it is uneven */
        info->cores = info->cpus;
    }
}

static unsigned read_mhz(void)
{
    g_autofree char *text = read_text("/proc/cpuinfo");
    const char *line = text ? strstr(text, "cpu MHz") : NULL;
    const char *colon = line ? strchr(line, ':') : NULL;

    return colon ? (unsigned)g_ascii_strtod(colon + 1, NULL) : 0;
}

/* ---- memory ---- */

/* The KiB behind NAME (with its colon) in TEXT, which is like /proc/meminfo. */
static guint64 find_kib(const char *text, const char *name)
{
    const char *line = text ? strstr(text, name) : NULL;

    return line ? g_ascii_strtoull(line + strlen(name), NULL, 10) : 0;
}

static void read_meminfo(VxNodeMemory *memory)
{
    g_autofree char *text = read_text("/proc/meminfo");

    *memory = (VxNodeMemory){.total_kib = find_kib(text, "MemTotal:"),
                             .free_kib = find_kib(text, "MemFree:"),
                             .buffers_kib = find_kib(text, "Buffers:"),
                             .cached_kib = find_kib(text, "\nCached:")};
}

bool vx_get_memory_stats(VxDriver *driver, VxNodeMemory *memory, GError **error)
{
    g_auto(VxHostInfo) info = {0};

    read_meminfo(memory);
    if (!driver->hypervisor)
        return true;
    if (!ask_xen(driver, &info, error))
        return false;
    memory->total_kib = info.memory_kib;
    memory->free_kib = info.free_memory_kib;
    return true;
}

bool vx_get_free_memory(VxDriver *driver, guint64 *bytes, GError **error)
{
    VxNodeMemory memory;

    if (!vx_get_memory_stats(driver, &memory, error))
        return false;
    *bytes = memory.free_kib * KIB;
    return true;
}

bool vx_get_cell_free_memory(VxDriver *driver, unsigned cell, guint64 *bytes, GError **error)
{
    g_autofree char *path = g_strdup_printf("/sys/devices/system/node/node%u/meminfo", cell);
    g_autofree char *text = driver->hypervisor ? NULL : read_text(path);

    if (text) {
        *bytes = find_kib(text, "MemFree:") * KIB;
        return true;
    }
    if (cell > 0)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "the host has no NUMA node %u", cell);
    return vx_get_free_memory(driver, bytes, error);
}

bool vx_get_node_info(VxDriver *driver, VxNodeInfo *info, GError **error)
{
    g_auto(VxHostInfo) xen = {0};
    VxNodeMemory memory;
    struct utsname names;

    *info = (VxNodeInfo){0};
    if (driver->hypervisor && !ask_xen(driver, &xen, error))
        return false;
    if (uname(&names) == 0)
        g_strlcpy(info->model, names.machine, sizeof(info->model));
    if (driver->hypervisor) {
        info->memory_kib = xen.memory_kib;
        info->cpus = xen.n_cpus;
        info->mhz = xen.mhz;
        info->nodes = xen.nodes;
        info->sockets = xen.sockets;
        info->cores = xen.cores;
        info->threads = xen.threads;
        return true;
    }
    read_meminfo(&memory);
    info->memory_kib = memory.total_kib;
    info->mhz = read_mhz();
    read_topology(info);
    return true;
}

/* ---- what the firmware says ---- */

static const struct {
    const char *element; /* NULL: of the one before */
    const char *entry, *file;
} sysinfo_rows[] = {
    {"bios", "vendor", "bios_vendor"},
    {NULL, "version", "bios_version"},
    {NULL, "date", "bios_date"},
    {"system", "manufacturer", "sys_vendor"},
    {NULL, "product", "product_name"},
    {NULL, "version", "product_version"},
    {NULL, "serial", "product_serial"},
    {NULL, "uuid", "product_uuid"},
    {"baseBoard", "manufacturer", "board_vendor"},
    {NULL, "product", "board_name"},
    {NULL, "version", "board_version"},
    {NULL, "serial", "board_serial"},
};

char *vx_get_sysinfo(VxDriver *driver, unsigned flags, GError **error)
{
    g_autoptr(GString) out = g_string_new("<sysinfo type='smbios'>\n");
    const char *open = NULL;

    (void)driver;
    if (!vx_check_flags(flags, 0, "virConnectGetSysinfo", error))
        return NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(sysinfo_rows); i++) {
        g_autofree char *path = g_strconcat("/sys/class/dmi/id/", sysinfo_rows[i].file, NULL);
        g_autofree char *text = read_text(path);
        g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

        if (sysinfo_rows[i].element) {
            if (open)
                g_string_append_printf(out, "  </%s>\n", open);
            open = sysinfo_rows[i].element;
            g_string_append_printf(out, "  <%s>\n", open);
        }
        if (valid && *valid && vx_xml_can_say(valid)) {
            g_string_append_printf(out, "    <entry name='%s'>", sysinfo_rows[i].entry);
            vx_xml_write_escaped(out, valid);
            g_string_append(out, "</entry>\n");
        }
    }
    g_string_append_printf(out, "  </%s>\n</sysinfo>\n", open);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
