/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent_commands.h"

#include <string.h>

#include "util/vx_error.h"

/* Arguments while they are put together. Nothing but UTF-8 may go into JSON. */
typedef struct {
    json_object *object;
    bool is_bad;
} Arguments;

static Arguments arguments_new(void)
{
    return (Arguments){.object = json_object_new_object()};
}

static bool is_text(Arguments *arguments, const char *text)
{
    if (!g_utf8_validate(text, -1, NULL))
        arguments->is_bad = true;
    return !arguments->is_bad;
}

static void add_text(Arguments *arguments, const char *key, const char *text)
{
    if (is_text(arguments, text))
        json_object_object_add(arguments->object, key, json_object_new_string(text));
}

static void add_texts(Arguments *arguments, const char *key, const char *const *texts, unsigned n_texts)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < n_texts; i++)
        if (is_text(arguments, texts[i]))
            json_object_array_add(array, json_object_new_string(texts[i]));
    json_object_object_add(arguments->object, key, array);
}

static bool ask(VxAgent *agent, const char *name, Arguments *arguments, json_object **result, GError **error)
{
    g_autoptr(json_object) object = arguments ? g_steal_pointer(&arguments->object) : NULL;

    if (arguments && arguments->is_bad)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "an argument of the guest agent's command '%s' is not valid UTF-8",
                       name);
    return vx_agent_execute(agent, name, g_steal_pointer(&object), result, error);
}

/* For commands of whose answer only the success matters. */
static bool run(VxAgent *agent, const char *name, Arguments *arguments, GError **error)
{
    return ask(agent, name, arguments, NULL, error);
}

static void *ask_record(VxAgent *agent, const char *name, Arguments *arguments, const VxAgentRecord *record,
                        GError **error)
{
    g_autoptr(json_object) result = NULL;

    return ask(agent, name, arguments, &result, error) ? vx_agent_record_read(record, result, name, error) : NULL;
}

static GPtrArray *ask_list(VxAgent *agent, const char *name, const VxAgentRecord *record, GError **error)
{
    g_autoptr(json_object) result = NULL;

    return ask(agent, name, NULL, &result, error) ? vx_agent_record_read_list(record, result, name, error) : NULL;
}

static bool ask_number(VxAgent *agent, const char *name, Arguments *arguments, gint64 max, gint64 *value,
                       GError **error)
{
    g_autoptr(json_object) result = NULL;

    if (!ask(agent, name, arguments, &result, error))
        return false;
    *value = json_object_is_type(result, json_type_int) ? vx_json_int(result) : -1;
    if (*value >= 0 && *value <= max)
        return true;
    return vx_fail(error, VIR_ERR_INTERNAL_ERROR,
                   "the guest agent's answer to '%s' is refused: it is not a number from 0 to %" G_GINT64_FORMAT, name,
                   max);
}

static bool ask_count(VxAgent *agent, const char *name, Arguments *arguments, unsigned *count, GError **error)
{
    gint64 value;

    if (!ask_number(agent, name, arguments, G_MAXINT, &value, error))
        return false;
    *count = (unsigned)value;
    return true;
}

bool vx_agent_ping(VxAgent *agent, GError **error)
{
    return run(agent, "guest-ping", NULL, error);
}

VxAgentInfo *vx_agent_get_info(VxAgent *agent, GError **error)
{
    return ask_record(agent, "guest-info", NULL, &vx_agent_info_record, error);
}

bool vx_agent_shutdown(VxAgent *agent, VxAgentShutdownMode mode, GError **error)
{
    static const char *const modes[] = {
        [VX_AGENT_POWERDOWN] = "powerdown", [VX_AGENT_REBOOT] = "reboot", [VX_AGENT_HALT] = "halt"};
    json_object *arguments = json_object_new_object();

    json_object_object_add(arguments, "mode", json_object_new_string(modes[mode]));
    return vx_agent_execute_farewell(agent, "guest-shutdown", arguments, VIR_DOMAIN_QEMU_AGENT_COMMAND_SHUTDOWN, error);
}

bool vx_agent_suspend(VxAgent *agent, VxAgentSuspendTarget target, GError **error)
{
    static const char *const names[] = {[VX_AGENT_SUSPEND_RAM] = "guest-suspend-ram",
                                        [VX_AGENT_SUSPEND_DISK] = "guest-suspend-disk",
                                        [VX_AGENT_SUSPEND_HYBRID] = "guest-suspend-hybrid"};

    return vx_agent_execute_farewell(agent, names[target], NULL, vx_agent_get_timeout(agent), error);
}

char *vx_agent_get_host_name(VxAgent *agent, GError **error)
{
    g_autoptr(VxAgentHost) host = ask_record(agent, "guest-get-host-name", NULL, &vx_agent_host_record, error);

    return host ? g_steal_pointer(&host->name) : NULL;
}

static void append_all(GPtrArray *to, GPtrArray *from)
{
    gsize n;
    void **elements = g_ptr_array_steal(from, &n);

    for (gsize i = 0; i < n; i++)
        g_ptr_array_add(to, elements[i]);
    g_free(elements);
}

/* Gives the addresses of aliases to the interfaces they are of, and keeps each interface once. */
static void merge_aliases(GPtrArray *interfaces)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    guint kept = 0;

    for (guint i = 0; i < interfaces->len; i++) {
        VxAgentInterface *interface = interfaces->pdata[i], *first;

        interface->name[strcspn(interface->name, ":")] = '\0';
        first = g_hash_table_lookup(by_name, interface->name);
        if (first) {
            append_all(first->addresses, interface->addresses);
            vx_agent_interface_free(interface);
        } else {
            g_hash_table_insert(by_name, interface->name, interface);
            interfaces->pdata[kept++] = interface;
        }
        if (kept <= i)
            interfaces->pdata[i] = NULL;
    }
    g_ptr_array_set_size(interfaces, (int)kept);
}

GPtrArray *vx_agent_get_interfaces(VxAgent *agent, GError **error)
{
    GPtrArray *interfaces = ask_list(agent, "guest-network-get-interfaces", &vx_agent_interface_record, error);

    if (interfaces)
        merge_aliases(interfaces);
    return interfaces;
}

VxAgentOs *vx_agent_get_os(VxAgent *agent, GError **error)
{
    return ask_record(agent, "guest-get-osinfo", NULL, &vx_agent_os_record, error);
}

VxAgentTimezone *vx_agent_get_timezone(VxAgent *agent, GError **error)
{
    return ask_record(agent, "guest-get-timezone", NULL, &vx_agent_timezone_record, error);
}

GPtrArray *vx_agent_get_users(VxAgent *agent, GError **error)
{
    return ask_list(agent, "guest-get-users", &vx_agent_user_record, error);
}

GPtrArray *vx_agent_get_disks(VxAgent *agent, GError **error)
{
    return ask_list(agent, "guest-get-disks", &vx_agent_disk_record, error);
}

/* The agent lists what was mounted last first. */
GPtrArray *vx_agent_get_filesystems(VxAgent *agent, GError **error)
{
    GPtrArray *all = ask_list(agent, "guest-get-fsinfo", &vx_agent_filesystem_record, error);

    for (guint i = 0; all && i < all->len / 2; i++) {
        void *other = all->pdata[all->len - 1 - i];

        all->pdata[all->len - 1 - i] = all->pdata[i];
        all->pdata[i] = other;
    }
    return all;
}

bool vx_agent_get_time(VxAgent *agent, gint64 *time_ns, GError **error)
{
    return ask_number(agent, "guest-get-time", NULL, G_MAXINT64, time_ns, error);
}

bool vx_agent_set_time(VxAgent *agent, gint64 time_ns, GError **error)
{
    Arguments arguments = arguments_new();

    json_object_object_add(arguments.object, "time", json_object_new_int64(time_ns));
    return run(agent, "guest-set-time", &arguments, error);
}

bool vx_agent_set_time_from_rtc(VxAgent *agent, GError **error)
{
    return run(agent, "guest-set-time", NULL, error);
}

bool vx_agent_freeze(VxAgent *agent, const char *const *mount_points, unsigned n_mount_points, unsigned *n_frozen,
                     GError **error)
{
    Arguments arguments;

    if (n_mount_points == 0)
        return ask_count(agent, "guest-fsfreeze-freeze", NULL, n_frozen, error);
    arguments = arguments_new();
    add_texts(&arguments, "mountpoints", mount_points, n_mount_points);
    return ask_count(agent, "guest-fsfreeze-freeze-list", &arguments, n_frozen, error);
}

bool vx_agent_thaw(VxAgent *agent, unsigned *n_thawed, GError **error)
{
    return ask_count(agent, "guest-fsfreeze-thaw", NULL, n_thawed, error);
}

bool vx_agent_get_frozen(VxAgent *agent, bool *is_frozen, GError **error)
{
    g_autoptr(json_object) result = NULL;

    if (!ask(agent, "guest-fsfreeze-status", NULL, &result, error))
        return false;
    *is_frozen = g_strcmp0(vx_json_string(result), "frozen") == 0;
    if (*is_frozen || g_strcmp0(vx_json_string(result), "thawed") == 0)
        return true;
    return vx_fail(
        error, VIR_ERR_INTERNAL_ERROR,
        "the guest agent's answer to 'guest-fsfreeze-status' is refused: it must be \"frozen\" or \"thawed\"");
}

VxAgentTrim *vx_agent_trim(VxAgent *agent, guint64 minimum_bytes, GError **error)
{
    Arguments arguments = arguments_new();

    json_object_object_add(arguments.object, "minimum", json_object_new_int64((gint64)MIN(minimum_bytes, G_MAXINT64)));
    return ask_record(agent, "guest-fstrim", &arguments, &vx_agent_trim_record, error);
}

bool vx_agent_set_password(VxAgent *agent, const char *user, const char *password, bool is_crypted, GError **error)
{
    g_autofree char *encoded = g_base64_encode((const guchar *)password, strlen(password));
    Arguments arguments = arguments_new();

    add_text(&arguments, "username", user);
    add_text(&arguments, "password", encoded);
    json_object_object_add(arguments.object, "crypted", json_object_new_boolean(is_crypted));
    return run(agent, "guest-set-user-password", &arguments, error);
}

char **vx_agent_get_ssh_keys(VxAgent *agent, const char *user, GError **error)
{
    g_autoptr(VxAgentSshKeys) keys = NULL;
    Arguments arguments = arguments_new();

    add_text(&arguments, "username", user);
    keys = ask_record(agent, "guest-ssh-get-authorized-keys", &arguments, &vx_agent_ssh_keys_record, error);
    return keys ? g_steal_pointer(&keys->keys) : NULL;
}

bool vx_agent_add_ssh_keys(VxAgent *agent, const char *user, const char *const *keys, bool replace, GError **error)
{
    Arguments arguments = arguments_new();

    add_text(&arguments, "username", user);
    add_texts(&arguments, "keys", keys, g_strv_length((char **)keys));
    json_object_object_add(arguments.object, "reset", json_object_new_boolean(replace));
    return run(agent, "guest-ssh-add-authorized-keys", &arguments, error);
}

bool vx_agent_remove_ssh_keys(VxAgent *agent, const char *user, const char *const *keys, GError **error)
{
    Arguments arguments = arguments_new();

    add_text(&arguments, "username", user);
    add_texts(&arguments, "keys", keys, g_strv_length((char **)keys));
    return run(agent, "guest-ssh-remove-authorized-keys", &arguments, error);
}

GPtrArray *vx_agent_get_vcpus(VxAgent *agent, GError **error)
{
    return ask_list(agent, "guest-get-vcpus", &vx_agent_vcpu_record, error);
}

static Arguments vcpu_arguments(GPtrArray *vcpus, guint from)
{
    Arguments arguments = arguments_new();
    json_object *array = json_object_new_array();

    for (guint i = from; i < vcpus->len; i++) {
        const VxAgentVcpu *vcpu = vcpus->pdata[i];
        json_object *object = json_object_new_object();

        json_object_object_add(object, "logical-id", json_object_new_int64(vcpu->id));
        json_object_object_add(object, "online", json_object_new_boolean(vcpu->is_online));
        json_object_array_add(array, object);
    }
    json_object_object_add(arguments.object, "vcpus", array);
    return arguments;
}

/* The agent stops at the first CPU that fails and says how many it has done; asked again from there, it says why. */
bool vx_agent_set_vcpus(VxAgent *agent, GPtrArray *vcpus, GError **error)
{
    guint n_done = 0;

    while (n_done < vcpus->len) {
        Arguments arguments = vcpu_arguments(vcpus, n_done);
        gint64 n;

        if (!ask_number(agent, "guest-set-vcpus", &arguments, vcpus->len - n_done, &n, error))
            return false;
        if (n == 0)
            return vx_fail(
                error, VIR_ERR_INTERNAL_ERROR,
                "the guest agent's answer to 'guest-set-vcpus' is refused: it has changed none and does not say why");
        n_done += (guint)n;
    }
    return true;
}

static bool can_change(const VxAgentVcpu *vcpu, bool to_online)
{
    return vcpu->is_online != to_online && (to_online || (vcpu->can_offline && vcpu->id != 0));
}

GPtrArray *vx_agent_choose_vcpus(GPtrArray *vcpus, unsigned n_online, GError **error)
{
    g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func(vx_agent_vcpu_record.free);
    unsigned n_now = 0, n_missing;
    bool to_online;

    for (guint i = 0; i < vcpus->len; i++)
        n_now += ((VxAgentVcpu *)vcpus->pdata[i])->is_online;
    if (n_online > vcpus->len) {
        vx_fail(error, VIR_ERR_INTERNAL_ERROR, "the guest agent reports %u CPUs, fewer than the %u asked for",
                vcpus->len, n_online);
        return NULL;
    }
    to_online = n_online > n_now;
    n_missing = to_online ? n_online - n_now : n_now - n_online;
    for (guint i = 0; i < vcpus->len && chosen->len < n_missing; i++)
        if (can_change(vcpus->pdata[i], to_online)) {
            VxAgentVcpu *vcpu = g_memdup2(vcpus->pdata[i], sizeof(VxAgentVcpu));

            vcpu->is_online = to_online;
            g_ptr_array_add(chosen, vcpu);
        }
    if (chosen->len == n_missing)
        return g_steal_pointer(&chosen);
    vx_fail(error, VIR_ERR_INVALID_ARG, "the guest cannot do with %u CPUs: not enough can be taken offline", n_online);
    return NULL;
}
