/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The virtual CPUs that a guest uses, through its agent.
 */
#include <libvirt/libvirt.h>
#include <string.h>

#include "agent/agent_commands.h"
#include "driver/agent_calls.h"
#include "driver/change.h"
#include "driver/params.h"
#include "util/vx_error.h"

/* The numbers of CPUs that lists may have. */
#define MAX_CPUS 16384

/* ---- lists of CPUs ---- */

static void append_range(GString *text, int from, int to)
{
    if (text->len > 0)
        g_string_append_c(text, ',');
    g_string_append_printf(text, from == to ? "%d" : "%d-%d", from, to);
}

/* "0-2,5" of the set bits. The caller frees it. */
static char *format_cpus(const bool *cpus)
{
    GString *text = g_string_new(NULL);
    int from = -1;

    for (int i = 0; i <= MAX_CPUS; i++) {
        bool is_set = i < MAX_CPUS && cpus[i];

        if (is_set && from < 0)
            from = i;
        if (!is_set && from >= 0) {
            append_range(text, from, i - 1);
            from = -1;
        }
    }
    return g_string_free(text, FALSE);
}

/* Reads "N" or "N-M"; M is at least N. */
static bool parse_range(const char *text, guint64 *from, guint64 *to)
{
    const char *dash = strchr(text, '-');
    g_autofree char *first = g_strndup(text, dash ? (gsize)(dash - text) : strlen(text));

    return g_ascii_string_to_unsigned(first, 10, 0, MAX_CPUS - 1, from, NULL) &&
           g_ascii_string_to_unsigned(dash ? dash + 1 : first, 10, *from, MAX_CPUS - 1, to, NULL);
}

/* "0-2,5", where "^1" takes one out again. The caller frees the MAX_CPUS flags; NULL if it is no such list. */
static bool *parse_cpus(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    g_autofree bool *cpus = g_new0(bool, MAX_CPUS);
    guint64 from, to;

    for (gsize i = 0; parts[i]; i++) {
        const char *part = g_strstrip(parts[i]);
        bool is_out = *part == '^';

        if (!parse_range(part + is_out, &from, &to))
            return NULL;
        for (guint64 n = from; n <= to; n++)
            cpus[n] = !is_out;
    }
    return g_steal_pointer(&cpus);
}

static bool is_any(const bool *cpus)
{
    return memchr(cpus, true, MAX_CPUS) != NULL;
}

/* ---- which they are ---- */

static void add_list(GArray *params, const char *name, GPtrArray *vcpus, bool (*is_in)(const VxAgentVcpu *vcpu))
{
    g_autofree bool *cpus = g_new0(bool, MAX_CPUS);
    g_autofree char *text = NULL;

    for (guint i = 0; i < vcpus->len; i++) {
        const VxAgentVcpu *vcpu = vcpus->pdata[i];

        if (vcpu->id < MAX_CPUS)
            cpus[vcpu->id] |= is_in(vcpu);
    }
    text = format_cpus(cpus);
    vx_params_add_text(params, text, "%s", name);
}

static bool is_there(const VxAgentVcpu *vcpu)
{
    return vcpu != NULL;
}

static bool is_online(const VxAgentVcpu *vcpu)
{
    return vcpu->is_online;
}

static bool can_go(const VxAgentVcpu *vcpu)
{
    return vcpu->can_offline;
}

GArray *vx_get_guest_vcpus(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxAgentUse) use = {0};
    g_autoptr(GPtrArray) vcpus = NULL;
    GArray *params;

    if (!vx_check_flags(flags, 0, "virDomainGetGuestVcpus", error) || !vx_agent_use_begin(&use, driver, domain, error))
        return NULL;
    vcpus = vx_agent_get_vcpus(use.agent, error);
    if (!vcpus)
        return NULL;
    params = vx_params_new();
    add_list(params, "vcpus", vcpus, is_there);
    add_list(params, "online", vcpus, is_online);
    add_list(params, "offlinable", vcpus, can_go);
    return params;
}

/* ---- changing them ---- */

/* Those of VCPUS (not copied) that CPUS names, to be changed to IS_ONLINE; CPUS is left with those that are not there.
 */
static GPtrArray *choose(GPtrArray *vcpus, bool *cpus, bool online, GError **error)
{
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();

    for (guint i = 0; i < vcpus->len; i++) {
        VxAgentVcpu *vcpu = vcpus->pdata[i];

        if (vcpu->id >= MAX_CPUS || !cpus[vcpu->id])
            continue;
        cpus[vcpu->id] = false;
        if (!online && !vcpu->can_offline) {
            vx_fail(error, VIR_ERR_INVALID_ARG, "vCPU '%d' is not offlinable", (int)vcpu->id);
            return NULL;
        }
        vcpu->is_online = online;
        g_ptr_array_add(chosen, vcpu);
    }
    return g_steal_pointer(&chosen);
}

static bool set_vcpus(VxAgent *agent, bool *cpus, bool online, GError **error)
{
    g_autoptr(GPtrArray) vcpus = vx_agent_get_vcpus(agent, error);
    g_autoptr(GPtrArray) chosen = vcpus ? choose(vcpus, cpus, online, error) : NULL;

    if (!chosen)
        return false;
    if (is_any(cpus)) {
        g_autofree char *missing = format_cpus(cpus);

        return vx_fail(error, VIR_ERR_INVALID_ARG, "guest is missing vCPUs '%.200s'", missing);
    }
    return vx_agent_set_vcpus(agent, chosen, error);
}

bool vx_set_guest_vcpus(VxDriver *driver, VxDomainObj *domain, const char *cpus, int state, unsigned flags,
                        GError **error)
{
    g_auto(VxAgentUse) use = {0};
    g_autofree bool *wanted = parse_cpus(cpus);

    if (!vx_check_flags(flags, 0, "virDomainSetGuestVcpus", error))
        return false;
    if (state != 0 && state != 1)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "unsupported state value: write 0 or 1");
    if (!wanted || !is_any(wanted))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "'%.60s' is no list of CPUs: write one such as 0-2,5", cpus);
    return vx_agent_use_begin(&use, driver, domain, error) && set_vcpus(use.agent, wanted, state == 1, error);
}

/* ---- how many ---- */

bool vx_count_guest_vcpus(VxDriver *driver, VxDomainObj *domain, unsigned flags, unsigned *n_vcpus, GError **error)
{
    g_auto(VxAgentUse) use = {0};
    g_autoptr(GPtrArray) vcpus = NULL;

    if (flags & VIR_DOMAIN_AFFECT_CONFIG)
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "vCPU count provided by the guest agent can only be requested for live domains");
    if (!vx_check_flags(flags, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_VCPU_GUEST,
                        "virDomainGetVcpusFlags", error) ||
        !vx_agent_use_begin(&use, driver, domain, error))
        return false;
    vcpus = vx_agent_get_vcpus(use.agent, error);
    if (!vcpus)
        return false;
    *n_vcpus = 0;
    for (guint i = 0; i < vcpus->len; i++)
        *n_vcpus += (flags & VIR_DOMAIN_VCPU_MAXIMUM) || is_online(vcpus->pdata[i]);
    return true;
}

bool vx_set_guest_vcpu_count(VxDriver *driver, VxDomainObj *domain, unsigned n_vcpus, unsigned flags, GError **error)
{
    g_auto(VxAgentUse) use = {0};
    g_autoptr(GPtrArray) vcpus = NULL, chosen = NULL;

    if (flags & (VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_VCPU_HOTPLUGGABLE))
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "through the guest agent, only the virtual CPUs in use of a running domain can be set");
    if (!vx_check_flags(flags, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_VCPU_GUEST, "virDomainSetVcpusFlags", error))
        return false;
    if (n_vcpus == 0)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "a guest cannot do without any virtual CPU");
    if (!vx_agent_use_begin(&use, driver, domain, error) || !(vcpus = vx_agent_get_vcpus(use.agent, error)))
        return false;
    chosen = vx_agent_choose_vcpus(vcpus, n_vcpus, error);
    return chosen && vx_agent_set_vcpus(use.agent, chosen, error);
}
