/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/cpu_def.h"

#include "conf/memory_def.h"
#include "conf/xml_source.h"

VX_ENUM_DEFINE(vx_cpu_modes, VX_CPU_MODES);
VX_ENUM_DEFINE(vx_cpu_policies, VX_CPU_POLICIES);

static const VxField model_fields[] = {
    VX_ATTR_STRING("fallback", VxCpu, model_fallback, "whether another model may stand in: allow or forbid"),
    VX_ATTR_STRING("vendor_id", VxCpu, model_vendor_id, "the vendor that the guest sees"),
    {.placement = VX_CONTENT, .type = &vx_value_string, .offset = offsetof(VxCpu, model), .doc = "name of the model"},
};
static const VxElement model_element = {.name = "model", VX_ELEMENT_FIELDS(model_fields)};

#define TOPOLOGY(member, documentation) VX_ATTR_NUMBER(#member, VxCpu, topology.member, 1, 65535, documentation)
static const VxField topology_fields[] = {
    TOPOLOGY(sockets, "sockets"), TOPOLOGY(dies, "dies of a socket"),     TOPOLOGY(clusters, "clusters of a die"),
    TOPOLOGY(cores, "cores"),     TOPOLOGY(threads, "threads of a core"),
};
static const VxElement topology_element = {.name = "topology", VX_ELEMENT_FIELDS(topology_fields)};

static const VxField feature_fields[] = {
    VX_ATTR_ENUM("policy", VxCpuFeature, policy, vx_cpu_policies, "what the guest sees of it"),
    VX_ATTR_STRING("name", VxCpuFeature, name, "libvirt's name of the feature", .flags = VX_FIELD_REQUIRED),
};
const VxElement vx_cpu_feature_element = {
    .name = "feature",
    .size = sizeof(VxCpuFeature),
    VX_ELEMENT_FIELDS(feature_fields),
};

static const VxField sibling_fields[] = {
    VX_ATTR_NUMBER("id", VxCellDistance, id, 0, 65535, "the other node", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_NUMBER("value", VxCellDistance, value, 0, G_MAXUINT32, "how far it is: 10 is the node itself",
                   .flags = VX_FIELD_REQUIRED),
};
const VxElement vx_cell_distance_element = {
    .name = "sibling",
    .size = sizeof(VxCellDistance),
    VX_ELEMENT_FIELDS(sibling_fields),
};

static const VxField distances_fields[] = {
    VX_MANY("sibling", VxCell, distances, vx_cell_distance_element, "how far another node is"),
};
static const VxElement distances_element = {.name = "distances", VX_ELEMENT_FIELDS(distances_fields)};

static void complete_cell(VxXmlReader *reader, VxXmlNode *node, void *object)
{
    VxCell *cell = object;
    guint64 unit_bytes = vx_memory_unit_bytes(cell->unit);

    if (unit_bytes == 0)
        vx_diag_wrong(reader->diag, vx_xml_attribute_place(reader->diag, node, "unit"),
                      "unit of <cell> is '%.20s': write b, KiB, MiB, GiB, TiB, or KB, MB, GB, TB", cell->unit);
    else if (cell->memory_kib.given &&
             !vx_memory_to_kib((guint64)cell->memory_kib.value, unit_bytes, &cell->memory_kib))
        vx_diag_wrong(reader->diag, vx_xml_attribute_place(reader->diag, node, "memory"), "the memory of <cell> is too much");
    g_free(cell->unit);
    cell->unit = g_strdup("KiB");
}

static const VxField cell_fields[] = {
    VX_ATTR_NUMBER("id", VxCell, id, 0, 65535, "number of the node"),
    VX_ATTR_STRING("cpus", VxCell, cpus, "its virtual CPUs, as in 0-3,5"),
    VX_ATTR_NUMBER("memory", VxCell, memory_kib, 0, G_MAXINT64 - 1, "its memory", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_STRING("unit", VxCell, unit, "unit of memory; written as KiB"),
    VX_CANNOT_ATTR("memAccess", "Xen's memory has no file behind it"),
    VX_CANNOT_ATTR("discard", "Xen's memory has no file behind it"),
    VX_GROUP("distances", distances_element, "how far other nodes are"),
    VX_CANNOT("cache", "Xen describes no caches of memory"),
    {.placement = VX_LIST,
     .name = "option",
     .namespace_uri = VX_VIRTXL_NAMESPACE,
     .element = &vx_option_element,
     .offset = offsetof(VxCell, options),
     .doc = "what xl.cfg says of it and libvirt has no words for: pnode"},
};
const VxElement vx_cell_element = {
    .name = "cell",
    .size = sizeof(VxCell),
    VX_ELEMENT_FIELDS(cell_fields),
    .after_read = complete_cell,
};

static const VxField numa_fields[] = {
    VX_MANY("cell", VxCpu, cells, vx_cell_element, "a NUMA node of the guest"),
    VX_CANNOT("interconnects", "Xen describes no latencies of memory"),
};
static const VxElement numa_element = {.name = "numa", VX_ELEMENT_FIELDS(numa_fields)};

static const VxField cpu_fields[] = {
    VX_ATTR_ENUM("mode", VxCpu, mode, vx_cpu_modes, "what the guest sees; Xen can do host-passthrough"),
    VX_ATTR_STRING("match", VxCpu, match, "minimum, exact or strict"),
    VX_ATTR_STRING("check", VxCpu, check, "none, partial or full"),
    VX_ATTR_STRING("migratable", VxCpu, migratable, "on or off"),
    VX_CANNOT_ATTR("deprecated_features", "Xen shows what the host has"),
    VX_GROUP("model", model_element, "a model of processor"),
    VX_TEXT_STRING("vendor", VxCpu, vendor, "vendor of the processor"),
    VX_GROUP("topology", topology_element, "sockets, cores and threads"),
    VX_CANNOT("cache", "Xen shows the host's caches"),
    VX_CANNOT("maxphysaddr", "Xen shows the host's width of addresses"),
    VX_MANY("feature", VxCpu, features, vx_cpu_feature_element, "a feature, switched on or off"),
    VX_GROUP("numa", numa_element, "NUMA nodes"),
};
const VxElement vx_cpu_element = {
    .name = "cpu",
    VX_ELEMENT_FIELDS(cpu_fields),
    .doc =
        "What the guest's processors look like. With host-passthrough an HVM guest can run guests of its own, unless "
        "the feature vmx or svm is disabled.",
};

static const VxField vcpu_pin_fields[] = {
    VX_ATTR_NUMBER("vcpu", VxVcpuPin, vcpu, 0, 65535, "number of the virtual CPU", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_STRING("cpuset", VxVcpuPin, cpuset, "the host's CPUs that it may run on", .flags = VX_FIELD_REQUIRED),
};
const VxElement vx_vcpu_pin_element = {
    .name = "vcpupin",
    .size = sizeof(VxVcpuPin),
    VX_ELEMENT_FIELDS(vcpu_pin_fields),
};

static const char has_cap[] = "Xen limits a guest by xl.cfg's cap=";
static const VxField cpu_tune_fields[] = {
    VX_TEXT_NUMBER("shares", VxCpuTune, shares, 0, G_MAXINT32, "weight of the guest for the scheduler"),
    VX_CANNOT("period", has_cap),
    VX_CANNOT("quota", has_cap),
    VX_CANNOT("global_period", has_cap),
    VX_CANNOT("global_quota", has_cap),
    VX_CANNOT("emulator_period", has_cap),
    VX_CANNOT("emulator_quota", has_cap),
    VX_CANNOT("iothread_period", has_cap),
    VX_CANNOT("iothread_quota", has_cap),
    VX_MANY("vcpupin", VxCpuTune, vcpu_pins, vx_vcpu_pin_element, "where a virtual CPU runs"),
    VX_CANNOT("emulatorpin", "Xen's device model is pinned with the toolstack's domain"),
    VX_CANNOT("iothreadpin", "Xen's device model has no such threads"),
    VX_CANNOT("vcpusched", "Xen's schedulers are chosen per CPU pool"),
    VX_CANNOT("emulatorsched", "Xen's schedulers are chosen per CPU pool"),
    VX_CANNOT("iothreadsched", "Xen's schedulers are chosen per CPU pool"),
    VX_CANNOT("cachetune", "caches are divided per host, by xl psr-cat-set"),
    VX_CANNOT("memorytune", "bandwidth is divided per host, by xl psr-mba-set"),
};
const VxElement vx_cpu_tune_element = {
    .name = "cputune",
    VX_ELEMENT_FIELDS(cpu_tune_fields),
    .doc = "Where and how much the virtual CPUs run.",
};
