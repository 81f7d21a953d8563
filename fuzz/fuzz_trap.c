/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * GLib's fatal messages end in a trap, which libFuzzer does not catch: without this, the input that led there is lost.
 */
#include <signal.h>
#include <stdlib.h>

static void on_trap(int number)
{
    (void)number;
    abort();
}

__attribute__((constructor)) static void catch_traps(void)
{
    signal(SIGTRAP, on_trap);
}
