/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>

#include "xlcfg/xlcfg_tree.h"

VxXlcfgNumber vx_xlcfg_value_to_int64(const VxXlcfgValue *value, gint64 min, gint64 max, gint64 *result)
{
    char *end;
    gint64 number;

    if (value->kind == VX_XLCFG_LIST)
        return VX_XLCFG_NUMBER_IS_LIST;
    if (value->is_sum)
        return VX_XLCFG_NUMBER_IS_SUM;
    errno = 0;
    number = strtoll(value->string, &end, 0);
    if (errno == ERANGE)
        return VX_XLCFG_NUMBER_OUT_OF_RANGE;
    if (*end || end == value->string)
        return VX_XLCFG_NUMBER_IS_NOT_ONE;
    if (number < min || number > max)
        return VX_XLCFG_NUMBER_OUT_OF_RANGE;
    *result = number;
    return VX_XLCFG_NUMBER_GOOD;
}

bool vx_xlcfg_read_int64(VxDiag *diag, const char *key, const VxXlcfgValue *value, gint64 min, gint64 max,
                         gint64 *result)
{
    switch (vx_xlcfg_value_to_int64(value, min, max, result)) {
    case VX_XLCFG_NUMBER_GOOD:
        return true;
    case VX_XLCFG_NUMBER_IS_LIST:
        vx_diag_wrong(diag, value->place, "'%s' is a number, not a list: write it without [ ]", key);
        break;
    case VX_XLCFG_NUMBER_IS_SUM:
        vx_diag_wrong(diag, value->place, "'%s' is a number, to which xl cannot add: write = instead of +=", key);
        break;
    case VX_XLCFG_NUMBER_IS_NOT_ONE:
        vx_diag_wrong(diag, value->place,
                      "'%s' must be a whole number such as 8 or 0x10 (a leading 0 makes it octal), not '%s'", key,
                      value->string);
        break;
    case VX_XLCFG_NUMBER_OUT_OF_RANGE:
        vx_diag_wrong(diag, value->place,
                      "'%s' must be a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", not %s", key, min, max,
                      value->string);
        break;
    }
    return false;
}

bool vx_xlcfg_read_bool(VxDiag *diag, const char *key, const VxXlcfgValue *value, bool *result)
{
    gint64 number;

    switch (vx_xlcfg_value_to_int64(value, G_MININT64, G_MAXINT64, &number)) {
    case VX_XLCFG_NUMBER_GOOD:
        *result = number != 0;
        return true;
    case VX_XLCFG_NUMBER_IS_NOT_ONE:
        vx_diag_wrong(diag, value->place, "'%s' must be 1 (on) or 0 (off), not '%s'", key, value->string);
        return false;
    default:
        return vx_xlcfg_read_int64(diag, key, value, G_MININT64, G_MAXINT64, &number);
    }
}

const char *vx_xlcfg_read_string(VxDiag *diag, const char *key, const VxXlcfgValue *value)
{
    if (value->kind == VX_XLCFG_STRING)
        return value->string;
    vx_diag_wrong(diag, value->place, "'%s' is a string, not a list: write it without [ ]", key);
    return NULL;
}
