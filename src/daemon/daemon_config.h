/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The settings of the daemon, as virtxld.conf gives them: lines "key = value", where a value is a "text" or a number;
 * "#" begins a comment. See daemon_settings.def for what there is. Any thread, one at a time.
 */
#pragma once

#include "util/vx_diag.h"
#include "util/vx_enum.h"

#define VX_AUTH_SCHEMES(X) X(VX_AUTH_NONE, "none") X(VX_AUTH_POLKIT, "polkit")
typedef enum { VX_AUTH_NOT_GIVEN, VX_AUTH_SCHEMES(VX_ENUM_ID) } VxAuthScheme;
VX_ENUM_DECLARE(vx_auth_schemes);

#define VX_VIRTIO_SETTINGS(X) X(VX_VIRTIO_SETTING_MAP, "map") X(VX_VIRTIO_SETTING_REFUSE, "refuse")
typedef enum { VX_VIRTIO_SETTING_NOT_GIVEN, VX_VIRTIO_SETTINGS(VX_ENUM_ID) } VxVirtioSetting;
VX_ENUM_DECLARE(vx_virtio_settings);

/* From the most important on. */
#define VX_LOG_LEVELS(X)                                                                                               \
    X(VX_LOG_ERROR, "error") X(VX_LOG_WARNING, "warning") X(VX_LOG_INFO, "info") X(VX_LOG_DEBUG, "debug")
typedef enum { VX_LOG_NOT_GIVEN, VX_LOG_LEVELS(VX_ENUM_ID) } VxLogLevel;
VX_ENUM_DECLARE(vx_log_levels);

/* A field for each setting, of the setting's name; see daemon_settings.def. The command line may change them (texts are
 * freed with g_free). */
typedef struct {
#define VX_TEXT(key, value, documentation) char *key;
#define VX_COUNT(key, value, least, most, documentation) unsigned key;
#define VX_MODE(key, value, documentation) unsigned key;
#define VX_SWITCH(key, value, documentation) bool key;
#define VX_CHOICE(key, value, table, documentation) int key;
#include "daemon/daemon_settings.def"
} VxDaemonConfig;

/* All settings at their defaults. Never NULL. */
VxDaemonConfig *vx_daemon_config_new(void);
void vx_daemon_config_free(VxDaemonConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDaemonConfig, vx_daemon_config_free)

/* Changes CONFIG by the LENGTH bytes of TEXT. What is wrong goes to DIAG (made for that text), and the setting stays as
 * it was; an unknown key is a warning, so that a file of another version does not keep the daemon from starting. */
void vx_daemon_config_parse(VxDaemonConfig *config, const char *text, gsize length, VxDiag *diag);

/* Appends the file that is shipped: every setting with its explanation, commented out, at its default. */
void vx_daemon_config_write_example(GString *out);
