/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The log of a guest's device model, which alone says why that failed.
 */
#pragma once

#include <glib.h>

/* When *ERROR (NULL is allowed) is about the device model of the guest NAME: puts the last line of its log behind. */
void vx_libxl_add_device_model_words(const char *name, GError **error);
