/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The objects that a guest agent answers with, as C structs. Each is described once, as a table of its members; reading
 * a struct from JSON and freeing it are walks over the table. For agent_results.c, which has the tables, and its tests.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "util/vx_json.h"

typedef enum {
    VX_AGENT_STRING,  /* char * */
    VX_AGENT_STRINGS, /* char **, NULL-terminated; NULL if not given */
    VX_AGENT_BOOL,    /* bool; false if not given */
    VX_AGENT_INT,     /* gint64; min - 1 if not given */
    VX_AGENT_NUMBER,  /* double */
    VX_AGENT_RECORD,  /* pointer to a struct; NULL if not given */
    VX_AGENT_LIST,    /* GPtrArray * of structs; empty if not given */
} VxAgentFieldType;

typedef struct VxAgentRecord VxAgentRecord;

typedef struct {
    const char *key;
    VxAgentFieldType type;
    bool is_optional;
    gsize offset;
    gint64 min, max;             /* of VX_AGENT_INT */
    const VxAgentRecord *record; /* of VX_AGENT_RECORD and VX_AGENT_LIST */
} VxAgentField;

struct VxAgentRecord {
    gsize size;
    const VxAgentField *fields;
    unsigned n_fields;
    GDestroyNotify free; /* frees a struct of this kind */
};

/* Reads NODE, from the answer to COMMAND, as a struct. Members that the table does not know are passed over: newer
 * agents have more. Fails with VIR_ERR_INTERNAL_ERROR. The caller frees the result with record->free. Any thread. */
void *vx_agent_record_read(const VxAgentRecord *record, json_object *node, const char *command, GError **error);

/* The same for a list of them: an array that owns its elements. */
GPtrArray *vx_agent_record_read_list(const VxAgentRecord *record, json_object *node, const char *command,
                                     GError **error);

/* Frees a struct of RECORD's kind; NULL is fine. */
void vx_agent_record_free(const VxAgentRecord *record, void *data);
