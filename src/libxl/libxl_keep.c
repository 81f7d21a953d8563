/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_keep.h"

#include <stdlib.h>
#include <string.h>

#include "libxl/libxl_config.h"

#define USERDATA "libxl-json" /* libxl's name for it */
#define TRIES 5               /* when xl changes it at the same time */

typedef struct {
    const libxl_device_channel *channel; /* NULL: it goes */
    const char *name;
} Edit;

static void drop_channel(libxl_domain_config *config, const char *name)
{
    int kept = 0;

    for (int i = 0; i < config->num_channels; i++) {
        if (g_strcmp0(config->channels[i].name, name) == 0)
            libxl_device_channel_dispose(&config->channels[i]);
        else
            config->channels[kept++] = config->channels[i];
    }
    config->num_channels = kept;
}

static void add_channel(libxl_ctx *ctx, libxl_domain_config *config, const libxl_device_channel *channel)
{
    gsize n = (gsize)config->num_channels;

    config->channels = realloc(config->channels, (n + 1) * sizeof(*config->channels));
    if (!config->channels)
        g_error("no memory for a channel"); /* as GLib does */
    libxl_device_channel_init(&config->channels[n]);
    libxl_device_channel_copy(ctx, &config->channels[n], channel);
    config->num_channels++;
}

/* TEXT with EDIT carried out; NULL when it is not to be understood. The caller frees it with free. */
static char *edit_text(libxl_ctx *ctx, const char *text, const Edit *edit)
{
    g_auto(libxl_domain_config) config;

    libxl_domain_config_init(&config);
    if (libxl_domain_config_from_json(ctx, &config, text) != 0)
        return NULL;
    drop_channel(&config, edit->name);
    if (edit->channel)
        add_channel(ctx, &config, edit->channel);
    return libxl_domain_config_to_json(ctx, &config);
}

/* What is kept now, with a NUL behind it. NULL: nothing. False when it cannot be read. The caller frees it. */
static bool retrieve(libxl_ctx *ctx, int id, char **text)
{
    uint8_t *data = NULL;
    int length = 0;

    *text = NULL;
    if (libxl_userdata_retrieve(ctx, (uint32_t)id, USERDATA, &data, &length) != 0)
        return false;
    if (length > 0)
        *text = g_strndup((const char *)data, (gsize)length);
    free(data);
    return true;
}

/* libxl has a lock for it, which it does not lend; so whether anybody else has changed it is looked at before. */
static bool store(libxl_ctx *ctx, int id, const char *before, const char *text, bool *stored)
{
    g_autofree char *now = NULL;

    *stored = false;
    if (!retrieve(ctx, id, &now))
        return false;
    if (g_strcmp0(now, before) != 0)
        return true;
    *stored = libxl_userdata_store(ctx, (uint32_t)id, USERDATA, (const uint8_t *)text, (int)strlen(text) + 1) == 0;
    return *stored;
}

static bool carry_out(VxLibxlSession *session, int id, const Edit *edit, GError **error)
{
    libxl_ctx *ctx = vx_libxl_session_ctx(session);
    bool good = true, stored = false;

    for (unsigned i = 0; i < TRIES && good && !stored; i++) {
        g_autofree char *before = NULL;
        char *after = NULL;

        good = retrieve(ctx, id, &before);
        if (good && !before)
            return true;
        good = good && (after = edit_text(ctx, before, edit)) && store(ctx, id, before, after, &stored);
        free(after);
    }
    return stored ||
           vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, 0,
                                 "cannot bring the configuration that libxl keeps of guest %d up to date", id);
}

bool vx_libxl_keep_channel(VxLibxlSession *session, int id, const libxl_device_channel *channel, GError **error)
{
    const Edit edit = {.channel = channel, .name = channel->name};

    return carry_out(session, id, &edit, error);
}

bool vx_libxl_forget_channel(VxLibxlSession *session, int id, const char *name, GError **error)
{
    const Edit edit = {.name = name};

    return carry_out(session, id, &edit, error);
}

char *vx_libxl_keep_take(VxLibxlSession *session, int id)
{
    libxl_ctx *ctx = vx_libxl_session_ctx(session);
    char *text;

    if (!retrieve(ctx, id, &text) || !text)
        return NULL;
    libxl_userdata_unlink(ctx, (uint32_t)id, USERDATA);
    return text;
}

void vx_libxl_keep_put(VxLibxlSession *session, int id, const char *text)
{
    if (text && libxl_userdata_store(vx_libxl_session_ctx(session), (uint32_t)id, USERDATA, (const uint8_t *)text,
                                     (int)strlen(text) + 1) != 0)
        g_warning("guest %d: the configuration that libxl kept of it is lost", id);
}
