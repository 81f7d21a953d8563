/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * rate= of a vif: "10MB/s", "80Mb/s@20ms". xl-network-configuration(5) "rate".
 */
#pragma once

#include <glib.h>

/* The interval in which credit is given, if the rate does not say one. */
#define VX_XL_RATE_INTERVAL_US 50000

typedef struct {
    guint64 bytes_per_s;
    guint32 interval_us;
} VxXlRate;

/* Reads TEXT as xl does. Returns NULL, or a phrase that says what to write instead. Any thread. */
const char *vx_xl_rate_parse(const char *text, VxXlRate *rate);
