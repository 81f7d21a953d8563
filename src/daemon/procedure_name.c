/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/dispatch.h"
#include "util/vx_error.h"

#include <string.h>

/* Words that the names of libvirt's functions write in another way than with a capital first letter. */
static const char *const spellings[] = {
    "CPU",      "DHCP",      "FD", "FSFreeze", "FSInfo", "FSThaw", "FSTrim", "ID",  "IOThread", "MAC", "NMI",
    "NWFilter", "NWFilters", "OS", "PM",       "SCSI",   "SEV",    "SSH",    "URI", "UUID",     "WWN", "XML",
};

static const char *find_spelling(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++)
        if (g_ascii_strcasecmp(spellings[i], word) == 0)
            return spellings[i];
    return NULL;
}

static void append_word(GString *name, const char *word)
{
    const char *spelling = find_spelling(word);
    g_autofree char *rest = NULL;

    if (spelling) {
        g_string_append(name, spelling);
        return;
    }
    rest = g_ascii_strdown(word + (*word != '\0'), -1);
    g_string_append_c(name, *word);
    g_string_append(name, rest);
}

char *vx_procedure_api_name(guint32 program, const VxRpcProcedure *procedure)
{
    GString *name = g_string_new("vir");
    g_auto(GStrv) words = g_strsplit(procedure->name, "_", -1);

    for (gsize i = 0; words[i]; i++) {
        append_word(name, words[i]);
        if (program == VX_PROGRAM_QEMU && g_str_equal(words[i], "DOMAIN"))
            g_string_append(name, "Qemu");
    }
    return g_string_free(name, FALSE);
}

virErrorDomain vx_procedure_part(const VxRpcProcedure *procedure)
{
    static const struct {
        const char *word;
        virErrorDomain part;
    } parts[] = {
        {"NWFILTER", VIR_FROM_NWFILTER},       {"NETWORK", VIR_FROM_NETWORK},
        {"STORAGE_", VIR_FROM_STORAGE},        {"NODE_DEVICE", VIR_FROM_NODEDEV},
        {"LIST_DEVICES", VIR_FROM_NODEDEV},    {"OF_DEVICES", VIR_FROM_NODEDEV},
        {"SECRET", VIR_FROM_SECRET},           {"SNAPSHOT", VIR_FROM_DOMAIN_SNAPSHOT},
        {"DOMAIN_INTERFACE", VIR_FROM_DOMAIN}, {"SET_INTERFACE", VIR_FROM_DOMAIN},
        {"GET_INTERFACE", VIR_FROM_DOMAIN},    {"INTERFACE", VIR_FROM_INTERFACE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strstr(procedure->name, parts[i].word))
            return parts[i].part;
    return VIR_FROM_DOMAIN;
}

bool vx_fail_no_support(VxRpcCall *call, GError **error)
{
    g_autofree char *name =
        vx_procedure_api_name(vx_rpc_call_get_header(call)->program, vx_rpc_call_get_procedure(call));

    return vx_fail(error, VIR_ERR_NO_SUPPORT, "%s", name);
}
