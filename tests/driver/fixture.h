/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the tests of the driver share: a driver in a folder of its own, and the events that it told.
 */
#pragma once

#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/define.h"
#include "driver/life.h"
#include "driver/query.h"
#include "memory_hypervisor.h"
#include "util/vx_error.h"

typedef struct {
    char *folder;
    VxDriver *driver;
    VxMemoryHypervisor *memory; /* NULL: offline */
    VxEventClient *client;      /* hears of lifecycle, metadata and device events */
    GString *heard;             /* "NAME lifecycle 0 0;" ... */
} Fixture;

/* For g_test_add: with a memory hypervisor if DATA is not NULL. */
void fixture_set_up(Fixture *fixture, gconstpointer data);
void fixture_tear_down(Fixture *fixture, gconstpointer data);

/* Frees the driver and makes another one of the same folders and guests, as after a restart. */
void fixture_restart(Fixture *fixture);

/* What was heard since the last time, which the caller frees. */
char *fixture_take_heard(Fixture *fixture);
bool fixture_has_heard(Fixture *fixture);

/* The path of NAME in the fixture's folder; the caller frees it. */
char *fixture_path(const Fixture *fixture, const char *name);

/* XML of a small guest; UUID_END (0..255) is the last byte of its UUID. The caller frees it. */
char *guest_xml(const char *name, unsigned uuid_end, const char *devices);

/* Defines guest_xml(); must not fail. A reference of the caller's. */
VxDomainObj *define_guest(Fixture *fixture, const char *name, unsigned uuid_end);

#define assert_good(call, error)                                                                                       \
    do {                                                                                                               \
        bool good_ = (call);                                                                                           \
        g_assert_no_error(error);                                                                                      \
        g_assert_true(good_);                                                                                          \
    } while (0)

/* CALL fails with CODE, and a message that has WORDS. */
#define assert_fails(call, error, code_, words)                                                                        \
    do {                                                                                                               \
        g_assert_false(call);                                                                                          \
        g_assert_error(error, VX_ERROR, code_);                                                                        \
        if (!strstr((error)->message, words))                                                                          \
            g_error("'%s' does not say '%s'", (error)->message, words);                                                \
        g_clear_error(&(error));                                                                                       \
    } while (0)

/* Waits until CONDITION, which another thread brings about. */
#define wait_for(condition)                                                                                            \
    do {                                                                                                               \
        gint64 end_ = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;                                                    \
        while (!(condition)) {                                                                                         \
            if (g_get_monotonic_time() > end_)                                                                         \
                g_error("waited in vain for " #condition);                                                             \
            g_usleep(1000);                                                                                            \
        }                                                                                                              \
    } while (0)

/* The id of the domain's guest (-1: none), whether nobody has its job, and its state. */
int id_of(VxDomainObj *domain);
bool is_idle(VxDomainObj *domain);
int state_of(Fixture *fixture, VxDomainObj *domain, int *reason);
/* The domain NAME, which there must be: a reference of the caller's. */
VxDomainObj *find_domain(Fixture *fixture, const char *name);
