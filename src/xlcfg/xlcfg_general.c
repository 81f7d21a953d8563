/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The general options: uuid, memory, virtual CPUs, what to do when the guest ends.
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"

#define KIB_PER_MIB 1024

/* ---- uuid ---- */

static void read_uuid(VxXlReader *reader)
{
    const VxField field = {.name = "uuid", .type = &vx_value_uuid};
    const char *text = vx_xl_string(reader, "uuid");
    g_autofree char *why = NULL;

    if (text && !vx_value_uuid.parse(&field, text, &reader->def->uuid, &why))
        vx_diag_wrong(reader->diag, vx_xl_value(reader, "uuid")->place, "uuid is '%.60s': write %s", text, why);
}

static void write_uuid(VxXlWriter *writer)
{
    vx_xl_write_string(writer, "uuid", writer->def->uuid);
}

const VxXlGroup vx_xl_uuid = {.name = "uuid", .read = read_uuid, .write = write_uuid};

/* ---- memory: what the guest has at the start; maxmem: what it may have; both in MiB ---- */

static bool read_mib(VxXlReader *reader, const char *key, VxNumber *kib)
{
    if (!vx_xl_number(reader, key, kib))
        return false;
    kib->value *= KIB_PER_MIB;
    return true;
}

static void read_memory(VxXlReader *reader)
{
    VxDomainDef *def = reader->def;

    read_mib(reader, "memory", &def->current_memory_kib);
    if (!read_mib(reader, "maxmem", &def->memory_kib))
        def->memory_kib = def->current_memory_kib;
}

/* xl.cfg counts in MiB: what is not a whole number of them is rounded up, so that the guest has what it asked for. */
static void write_mib(VxXlWriter *writer, const char *key, const VxNumber *kib)
{
    if (!kib->given)
        return;
    if (kib->value % KIB_PER_MIB != 0 && !writer->options->for_libxl)
        vx_diag_warn(writer->diag, writer->def->object.place,
                     "xl.cfg has memory in MiB: %" G_GINT64_FORMAT " KiB are rounded up in %s", kib->value, key);
    vx_xl_write_number(writer, key, (kib->value + KIB_PER_MIB - 1) / KIB_PER_MIB);
}

static void write_memory(VxXlWriter *writer)
{
    const VxDomainDef *def = writer->def;

    write_mib(writer, "memory", &def->current_memory_kib);
    if (!vx_value_number.equal(&def->memory_kib, &def->current_memory_kib))
        write_mib(writer, "maxmem", &def->memory_kib);
}

const VxXlGroup vx_xl_memory = {.name = "memory", .read = read_memory, .write = write_memory};

/* ---- vcpus: how many there are at the start; maxvcpus: how many there can be ---- */

static void read_vcpus(VxXlReader *reader)
{
    VxVcpus *vcpus = &reader->def->vcpus;
    VxNumber current = {0}, maximum = {0};

    vx_xl_number(reader, "vcpus", &current);
    vcpus->maximum = current;
    if (!vx_xl_number(reader, "maxvcpus", &maximum))
        return;
    vcpus->maximum = maximum;
    if (current.given && current.value > vcpus->maximum.value)
        vx_diag_wrong(reader->diag, vx_xl_value(reader, "maxvcpus")->place,
                      "maxvcpus is %" G_GINT64_FORMAT " and vcpus is %" G_GINT64_FORMAT
                      ": there can be no more CPUs at the start than at all",
                      vcpus->maximum.value, current.value);
    if (!current.given)
        current = VX_NUMBER(1);
    if (current.value != vcpus->maximum.value)
        vcpus->current = current;
}

static void write_vcpus(VxXlWriter *writer)
{
    const VxVcpus *vcpus = &writer->def->vcpus;

    if (!vcpus->maximum.given)
        return;
    vx_xl_write_number(writer, "vcpus", vcpus->current.given ? vcpus->current.value : vcpus->maximum.value);
    if (vcpus->current.given)
        vx_xl_write_number(writer, "maxvcpus", vcpus->maximum.value);
}

const VxXlGroup vx_xl_vcpus = {.name = "vcpus", .read = read_vcpus, .write = write_vcpus};

/* ---- on_poweroff and its like ---- */

static const struct {
    const char *key;
    gsize offset;
} actions[] = {
    {"on_poweroff", offsetof(VxDomainDef, on_poweroff)},
    {"on_reboot", offsetof(VxDomainDef, on_reboot)},
    {"on_crash", offsetof(VxDomainDef, on_crash)},
};

static void read_action(VxXlReader *reader, const char *key, int *action)
{
    const char *word = vx_xl_string(reader, key);

    if (!word)
        return;
    *action = vx_enum_from_text(&vx_lifecycle_actions, word);
    if (*action != 0)
        return;
    if (strcmp(word, "soft-reset") == 0) {
        vx_xl_carry(reader, key); /* libvirt has no word for it */
        return;
    }
    vx_diag_wrong(
        reader->diag, vx_xl_value(reader, key)->place,
        "%s is '%.60s': write destroy, restart, rename-restart, preserve, coredump-destroy, coredump-restart or "
        "soft-reset",
        key, word);
}

static void read_actions(VxXlReader *reader)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(actions); i++)
        read_action(reader, actions[i].key, (int *)((char *)reader->def + actions[i].offset));
}

static void write_actions(VxXlWriter *writer)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(actions); i++) {
        int action = *(const int *)((const char *)writer->def + actions[i].offset);

        if (!vx_xl_carries(writer, actions[i].key))
            vx_xl_write_string(writer, actions[i].key, vx_enum_to_text(&vx_lifecycle_actions, action));
    }
}

const VxXlGroup vx_xl_actions = {.name = "actions", .read = read_actions, .write = write_actions};
