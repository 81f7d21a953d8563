/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent.h"

#include <string.h>

#include "agent/agent_answer.h"
#include "agent/agent_json.h"
#include "agent/agent_wire.h"
#include "util/vx_error.h"

/* A sync's answer is short; longer lines among what is thrown away are not kept. */
#define MAX_SYNC_ANSWER ((gsize)4096)
/* How often guest-sync is tried with an agent that says of it, or of something before it, that it is unsupported. */
#define MAX_PLAIN_SYNCS 4
/* How many bytes are passed over for the answer to a probe: more than a forgotten answer has, but for the largest. */
#define MAX_PROBE_BYTES ((gsize)1024 * 1024)

struct VxAgent {
    GMutex lock; /* guards what stands up to the wire; never held while the agent is waited for */
    GCond turn_given;
    char *busy_with; /* name of the command that is being run, NULL if none */
    int timeout_s;
    bool is_probing;
    gsize probe_budget;
    gint64 probe_id; /* the number of all the syncs of probes; never changes */

    GDestroyNotify release; /* NULL: none */
    gpointer release_data;

    gint answers; /* atomic: the last sync was answered */

    VxAgentWire wire; /* belongs to who has the turn; if nobody has it, to who holds the lock */
};

/* A command on its way. */
typedef struct {
    const char *name; /* for messages */
    const char *text; /* one line of JSON, without its end */
    int timeout_s;
    bool is_farewell; /* the channel may close instead of an answer */
} Command;

/* A number that no answer of an earlier sync has. */
static gint64 new_sync_id(void)
{
    return (gint64)g_random_int_range(1, G_MAXINT32) << 31 | g_random_int_range(0, G_MAXINT32);
}

VxAgent *vx_agent_new(int fd, GError **error)
{
    VxAgent *agent = g_atomic_rc_box_new0(VxAgent);

    if (!vx_agent_wire_init(&agent->wire, fd, error)) {
        g_atomic_rc_box_release(agent);
        return NULL;
    }
    g_mutex_init(&agent->lock);
    g_cond_init(&agent->turn_given);
    agent->timeout_s = VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK;
    agent->probe_id = new_sync_id();
    return agent;
}

VxAgent *vx_agent_ref(VxAgent *agent)
{
    return g_atomic_rc_box_acquire(agent);
}

static void clear(void *box)
{
    VxAgent *agent = box;

    vx_agent_wire_clear(&agent->wire);
    g_mutex_clear(&agent->lock);
    g_cond_clear(&agent->turn_given);
    if (agent->release)
        agent->release(agent->release_data);
}

void vx_agent_unref(VxAgent *agent)
{
    if (agent)
        g_atomic_rc_box_release_full(agent, clear);
}

void vx_agent_set_release(VxAgent *agent, GDestroyNotify release, gpointer data)
{
    agent->release = release;
    agent->release_data = data;
}

void vx_agent_close(VxAgent *agent)
{
    vx_agent_wire_wake(&agent->wire);
    g_mutex_lock(&agent->lock);
    g_cond_broadcast(&agent->turn_given);
    g_mutex_unlock(&agent->lock);
}

bool vx_agent_is_gone(VxAgent *agent)
{
    return g_atomic_int_get(&agent->wire.is_gone);
}

static bool check_timeout(int timeout_s, GError **error)
{
    if (timeout_s >= VIR_DOMAIN_QEMU_AGENT_COMMAND_MIN)
        return true;
    return vx_fail(error, VIR_ERR_INVALID_ARG, "guest agent timeout %d is less than the smallest, %d", timeout_s,
                   VIR_DOMAIN_QEMU_AGENT_COMMAND_MIN);
}

bool vx_agent_set_timeout(VxAgent *agent, int timeout_s, GError **error)
{
    if (!check_timeout(timeout_s, error))
        return false;
    g_mutex_lock(&agent->lock);
    agent->timeout_s = timeout_s;
    g_mutex_unlock(&agent->lock);
    return true;
}

int vx_agent_get_timeout(VxAgent *agent)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agent->lock);

    return agent->timeout_s;
}

static gint64 deadline_us(int timeout_s)
{
    if (timeout_s == VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK)
        return VX_AGENT_NEVER;
    if (timeout_s == VIR_DOMAIN_QEMU_AGENT_COMMAND_DEFAULT)
        timeout_s = VX_AGENT_DEFAULT_TIMEOUT_S;
    return g_get_monotonic_time() + (gint64)timeout_s * G_USEC_PER_SEC;
}

static bool fail_gone(GError **error)
{
    return vx_fail(error, VIR_ERR_AGENT_UNRESPONSIVE, "the guest agent disappeared while executing a command");
}

static bool take_turn(VxAgent *agent, const char *name, gint64 deadline, GError **error)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agent->lock);

    while (agent->busy_with && !vx_agent_is_gone(agent)) {
        if (deadline == VX_AGENT_NEVER)
            g_cond_wait(&agent->turn_given, &agent->lock);
        else if (!g_cond_wait_until(&agent->turn_given, &agent->lock, deadline))
            return vx_fail(error, VIR_ERR_OPERATION_TIMEOUT,
                           "the guest agent is still executing '%.100s' for somebody else", agent->busy_with);
    }
    if (vx_agent_is_gone(agent))
        return fail_gone(error);
    agent->busy_with = g_utf8_make_valid(name, -1);
    agent->is_probing = false;
    return true;
}

static void give_turn(VxAgent *agent)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agent->lock);

    g_clear_pointer(&agent->busy_with, g_free);
    /* All of them: who is next may have stopped waiting just now. */
    g_cond_broadcast(&agent->turn_given);
}

static bool fail_wire(const VxAgentWire *wire, VxAgentWireResult result, bool in_sync, GError **error)
{
    switch (result) {
    case VX_AGENT_WIRE_TIMEOUT:
        if (in_sync && wire->heard)
            return vx_fail(error, VIR_ERR_AGENT_UNSYNCED, "what comes from the guest agent is no answer to guest-sync");
        return vx_fail(error, VIR_ERR_AGENT_UNRESPONSIVE, "the guest agent does not answer for now");
    case VX_AGENT_WIRE_TOO_MUCH:
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR,
                       "the guest agent's answer is refused: it is longer than %" G_GSIZE_FORMAT " bytes",
                       VX_AGENT_MAX_ANSWER);
    default:
        return fail_gone(error);
    }
}

/* The last line, as an answer; NULL if it is none. */
static VxAgentAnswer *line_as_answer(const VxAgentWire *wire)
{
    return wire->line.is_overlong ? NULL : vx_agent_answer_parse(wire->line.text->str, wire->line.text->len, NULL);
}

static bool is_number(json_object *node, gint64 number)
{
    return json_object_is_type(node, json_type_int) && vx_json_int(node) == number;
}

/* The sentinel makes the agent forget half a command that it may have. */
static char *sync_text(const char *name, gint64 id)
{
    return g_strdup_printf("\xff{\"execute\":\"%s\",\"arguments\":{\"id\":%" G_GINT64_FORMAT "}}\n", name, id);
}

/* Sends one kind of sync and passes over everything up to its answer. If the agent says meanwhile that it has no such
 * command, *IS_UNSUPPORTED becomes true, with VX_AGENT_WIRE_DONE. */
static VxAgentWireResult sync_by(VxAgentWire *wire, const char *name, gint64 deadline, bool *is_unsupported)
{
    gint64 id = new_sync_id();
    g_autofree char *text = sync_text(name, id);
    VxAgentWireResult result = vx_agent_wire_send(wire, text, strlen(text), deadline);

    *is_unsupported = false;
    while (result == VX_AGENT_WIRE_DONE) {
        result = vx_agent_wire_read_line(wire, NULL, deadline);
        if (result == VX_AGENT_WIRE_DONE) {
            g_autoptr(VxAgentAnswer) answer = line_as_answer(wire);

            if (answer && is_number(answer->result, id))
                break;
            if (answer && vx_agent_answer_is_unsupported(answer)) {
                *is_unsupported = true;
                break;
            }
        }
    }
    return result;
}

static bool try_to_synchronise(VxAgent *agent, GError **error)
{
    int timeout_s = vx_agent_get_timeout(agent);
    bool is_shorter = timeout_s >= 0 && timeout_s < VX_AGENT_SYNC_TIMEOUT_S;
    gint64 deadline = deadline_us(is_shorter ? MAX(timeout_s, 1) : VX_AGENT_SYNC_TIMEOUT_S);
    VxAgentWireResult result;
    bool is_unsupported;

    vx_agent_wire_begin(&agent->wire, MAX_SYNC_ANSWER);
    result = sync_by(&agent->wire, "guest-sync-delimited", deadline, &is_unsupported);
    /* What is unsupported may also have been the command before: then both syncs are answered, each with its number. */
    for (unsigned n = 0; result == VX_AGENT_WIRE_DONE && is_unsupported; n++) {
        if (n == MAX_PLAIN_SYNCS)
            return vx_fail(error, VIR_ERR_AGENT_UNSYNCED, "the guest agent says that it has no guest-sync");
        result = sync_by(&agent->wire, "guest-sync", deadline, &is_unsupported);
    }
    return result == VX_AGENT_WIRE_DONE || fail_wire(&agent->wire, result, true, error);
}

static bool synchronise(VxAgent *agent, GError **error)
{
    bool ok = try_to_synchronise(agent, error);

    g_atomic_int_set(&agent->answers, ok);
    return ok;
}

bool vx_agent_answers(VxAgent *agent)
{
    return g_atomic_int_get(&agent->answers) && !vx_agent_is_gone(agent);
}

/* Sends the command and waits for its answer. *ANSWER is NULL if there needs to be none. */
static bool ask(VxAgentWire *wire, const Command *command, VxAgentAnswer **answer, GError **error)
{
    g_autofree char *text = g_strconcat(command->text, "\n", NULL);
    gint64 deadline = deadline_us(command->timeout_s);
    gint64 send_deadline =
        MAX(deadline, deadline_us(VX_AGENT_SYNC_TIMEOUT_S)); /* also without waiting it is sent whole */
    gsize budget = VX_AGENT_MAX_ANSWER;
    VxAgentWireResult result;

    vx_agent_wire_begin(wire, VX_AGENT_MAX_ANSWER);
    result = vx_agent_wire_send(wire, text, strlen(text), send_deadline);
    if (result == VX_AGENT_WIRE_DONE)
        result = vx_agent_wire_read_line(wire, &budget, deadline);
    if (result == VX_AGENT_WIRE_GONE && command->is_farewell)
        return true;
    if (result != VX_AGENT_WIRE_DONE)
        return fail_wire(wire, result, false, error);
    *answer = vx_agent_answer_parse(wire->line.text->str, wire->line.text->len, error);
    return *answer && vx_agent_answer_check(*answer, command->name, error);
}

/* Runs the COMMAND in its turn. */
static bool run(VxAgent *agent, const Command *command, VxAgentAnswer **answer, GError **error)
{
    bool ok;

    *answer = NULL;
    if (!take_turn(agent, command->name, deadline_us(command->timeout_s), error))
        return false;
    ok = synchronise(agent, error) && ask(&agent->wire, command, answer, error);
    vx_agent_wire_begin(&agent->wire, MAX_SYNC_ANSWER); /* so that a large answer's memory is not kept */
    give_turn(agent);
    if (!ok)
        g_clear_pointer(answer, vx_agent_answer_free);
    return ok;
}

bool vx_agent_sync(VxAgent *agent, GError **error)
{
    bool ok;

    if (!take_turn(agent, "guest-sync", deadline_us(VIR_DOMAIN_QEMU_AGENT_COMMAND_DEFAULT), error))
        return false;
    ok = synchronise(agent, error);
    give_turn(agent);
    return ok;
}

/* ---- probes ---- */

static VxAgentProbe send_probe(VxAgent *agent, const char *name)
{
    g_autofree char *text = sync_text(name, agent->probe_id);

    /* If there is no room for it, nobody has read the earlier ones: who does will answer one of them. */
    if (vx_agent_wire_try_send(&agent->wire, text, strlen(text)) == VX_AGENT_WIRE_GONE)
        return VX_AGENT_PROBE_GONE;
    return VX_AGENT_PROBE_WAITING;
}

/* What has come so far answers something else. */
static void drop_what_came(VxAgent *agent)
{
    do
        vx_agent_wire_begin(&agent->wire, MAX_SYNC_ANSWER);
    while (vx_agent_wire_try_line(&agent->wire, &agent->probe_budget) == VX_AGENT_WIRE_DONE);
}

VxAgentProbe vx_agent_probe_begin(VxAgent *agent)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agent->lock);

    if (agent->busy_with)
        return VX_AGENT_PROBE_BUSY;
    agent->probe_budget = MAX_PROBE_BYTES;
    if (!agent->is_probing)
        drop_what_came(agent);
    agent->is_probing = true;
    return send_probe(agent, "guest-sync-delimited");
}

/* The line that came while a probe waits. */
static VxAgentProbe judge_line(VxAgent *agent)
{
    g_autoptr(VxAgentAnswer) answer = line_as_answer(&agent->wire);
    bool is_unsupported = answer && vx_agent_answer_is_unsupported(answer);

    vx_agent_wire_begin(&agent->wire, MAX_SYNC_ANSWER);
    if (answer && is_number(answer->result, agent->probe_id))
        return VX_AGENT_PROBE_ANSWERED;
    return is_unsupported ? send_probe(agent, "guest-sync") : VX_AGENT_PROBE_WAITING;
}

static VxAgentProbe look(VxAgent *agent)
{
    VxAgentProbe probe = VX_AGENT_PROBE_WAITING;

    while (probe == VX_AGENT_PROBE_WAITING) {
        switch (vx_agent_wire_try_line(&agent->wire, &agent->probe_budget)) {
        case VX_AGENT_WIRE_DONE:
            probe = judge_line(agent);
            break;
        case VX_AGENT_WIRE_TIMEOUT:
            return VX_AGENT_PROBE_WAITING;
        case VX_AGENT_WIRE_TOO_MUCH:
            return VX_AGENT_PROBE_REFUSED;
        case VX_AGENT_WIRE_GONE:
            return VX_AGENT_PROBE_GONE;
        }
    }
    return probe;
}

VxAgentProbe vx_agent_probe_look(VxAgent *agent)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agent->lock);
    VxAgentProbe probe;

    if (agent->busy_with || !agent->is_probing)
        return VX_AGENT_PROBE_BUSY;
    probe = look(agent);
    if (probe != VX_AGENT_PROBE_WAITING) {
        agent->is_probing = false;
        g_atomic_int_set(&agent->answers, probe == VX_AGENT_PROBE_ANSWERED);
    }
    return probe;
}

VxAgentProbe vx_agent_probe_miss(VxAgent *agent)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agent->lock);

    if (agent->busy_with || !agent->is_probing)
        return VX_AGENT_PROBE_BUSY;
    g_atomic_int_set(&agent->answers, FALSE);
    return VX_AGENT_PROBE_WAITING;
}

int vx_agent_get_fd(const VxAgent *agent)
{
    return agent->wire.fd;
}

/* ---- commands ---- */

/* The name of the command in TEXT, which is JSON; NULL if it is not an object. */
static char *command_name(const char *text)
{
    g_autoptr(json_object) root = vx_json_parse(text, strlen(text), VX_AGENT_JSON_MAX_DEPTH, NULL);
    const char *name = vx_json_string(json_object_object_get(root, "execute"));

    return json_object_is_type(root, json_type_object) ? g_strdup(name ? name : "unknown") : NULL;
}

char *vx_agent_command(VxAgent *agent, const char *command, int timeout_s, GError **error)
{
    const char *problem = vx_agent_json_check(command, strlen(command));
    g_autofree char *text = problem ? NULL : vx_agent_json_compact(command, strlen(command));
    g_autofree char *name = problem ? NULL : command_name(text);
    g_autoptr(VxAgentAnswer) answer = NULL;

    if (!check_timeout(timeout_s, error))
        return NULL;
    if (!name) {
        vx_fail(error, VIR_ERR_INVALID_ARG, "the guest agent's command must be a JSON object%s%s",
                problem ? ", but " : "", problem ? problem : "");
        return NULL;
    }
    if (!run(agent, &(Command){.name = name, .text = text, .timeout_s = timeout_s}, &answer, error))
        return NULL;
    return g_steal_pointer(&answer->text);
}

/* The command NAME with its ARGUMENTS (taken over) as text; NULL if they have bytes that no JSON has. */
static char *command_text(const char *name, json_object *arguments, GError **error)
{
    g_autoptr(json_object) root = json_object_new_object();
    const char *text;

    json_object_object_add(root, "execute", json_object_new_string(name));
    if (arguments)
        json_object_object_add(root, "arguments", arguments);
    text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_NOSLASHESCAPE);
    if (!vx_agent_json_check(text, strlen(text)))
        return g_strdup(text);
    vx_fail(error, VIR_ERR_INVALID_ARG, "the arguments of the guest agent's command '%s' must be text in UTF-8", name);
    return NULL;
}

bool vx_agent_execute(VxAgent *agent, const char *name, json_object *arguments, json_object **result, GError **error)
{
    g_autofree char *text = command_text(name, arguments, error);
    g_autoptr(VxAgentAnswer) answer = NULL;

    if (!text ||
        !run(agent, &(Command){.name = name, .text = text, .timeout_s = vx_agent_get_timeout(agent)}, &answer, error))
        return false;
    if (result)
        *result = json_object_get(answer->result);
    return true;
}

bool vx_agent_execute_farewell(VxAgent *agent, const char *name, json_object *arguments, int timeout_s, GError **error)
{
    g_autofree char *text = command_text(name, arguments, error);
    g_autoptr(VxAgentAnswer) answer = NULL;
    Command command = {.name = name, .text = text, .timeout_s = timeout_s, .is_farewell = true};

    return text && run(agent, &command, &answer, error);
}
