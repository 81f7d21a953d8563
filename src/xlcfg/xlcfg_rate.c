/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_rate.h"

#include <stdbool.h>
#include <string.h>

#define DIGITS "0123456789"

/* The number that TEXT begins with, octal after 0 as xl reads it; *END is set behind its digits. 0 if it is out of
 * range. */
static guint64 leading_number(const char *text, const char **end)
{
    char *stop;
    guint64 number = g_ascii_strtoull(text, &stop, 0);

    *end = text + strspn(text, DIGITS);
    /* 08 is octal for xl, which stops before the 8, and takes the 8 for a unit that it does not know */
    return number > G_MAXUINT32 ? 0 : number;
}

static const char *parse_bytes(const char *text, gsize length, guint64 *bytes)
{
    static const char what[] = "write a number and B/s, KB/s, MB/s, GB/s, b/s, Kb/s, Mb/s or Gb/s";
    g_autofree char *amount = g_strndup(text, length);
    const char *unit;
    guint64 number = leading_number(amount, &unit);
    guint64 factor = 1;

    if (unit == amount)
        return what;
    if (*unit == 'K' || *unit == 'M' || *unit == 'G')
        factor = *unit == 'K' ? 1000 : *unit == 'M' ? 1000 * 1000 : 1000 * 1000 * 1000;
    unit += factor > 1;
    if (strcmp(unit, "B/s") != 0 && strcmp(unit, "b/s") != 0)
        return what;
    if (number == 0)
        return "write a number from 1 to 4294967295 before the unit";
    *bytes = number * factor / (*unit == 'b' ? 8 : 1);
    return NULL;
}

static const char *parse_interval(const char *text, guint32 *interval_us)
{
    static const char what[] = "write an interval of at most 4294 s behind the @, as in 20ms, 500us or 1s";
    const char *unit;
    guint64 number = leading_number(text, &unit);

    if (unit == text || !(strcmp(unit, "") == 0 || strcmp(unit, "s") == 0 || strcmp(unit, "m") == 0 ||
                          strcmp(unit, "u") == 0 || strcmp(unit, "ms") == 0 || strcmp(unit, "us") == 0))
        return what;
    if (*unit == '\0' || *unit == 's')
        number *= 1000 * 1000;
    else if (*unit == 'm')
        number *= 1000;
    if (number == 0 || number > G_MAXUINT32)
        return what;
    *interval_us = (guint32)number;
    return NULL;
}

const char *vx_xl_rate_parse(const char *text, VxXlRate *rate)
{
    const char *at = strchrnul(text, '@');
    const char *why = parse_bytes(text, (gsize)(at - text), &rate->bytes_per_s);

    rate->interval_us = VX_XL_RATE_INTERVAL_US;
    if (!why && *at)
        why = parse_interval(at + 1, &rate->interval_us);
    if (!why && rate->bytes_per_s > G_MAXUINT64 / rate->interval_us)
        why = "write a smaller rate or a shorter interval";
    return why;
}
