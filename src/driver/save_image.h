/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The file of a saved domain, as libvirt's Xen driver writes it, so that images can be taken over and back: a header of
 * 64 bytes, the domain XML with a NUL behind it, and the state as Xen writes it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    int fd;         /* stands where the state begins */
    char *xml;      /* NUL-terminated */
    bool is_paused; /* the domain was paused when it was saved (libvirt does not say so, and takes it as running) */
} VxSaveImage;

/* Opens the file PATH. Fails with VIR_ERR_OPERATION_FAILED when it cannot be read, and with VIR_ERR_INVALID_ARG when it
 * is none of a saved domain, or of a version that is not known. */
bool vx_save_image_open(const char *path, VxSaveImage *image, GError **error);
void vx_save_image_clear(VxSaveImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxSaveImage, vx_save_image_clear)

/* A file that is being written. Until it is finished, what PATH was before is there. */
typedef struct {
    int fd;      /* stands behind what has been written; -1: none */
    char *path;  /* where it is to be */
    char *aside; /* where it is meanwhile; NULL: PATH is a pipe or a device, which is written to directly */
} VxSaveFile;

/* Begins the file PATH with XML. Fails with VIR_ERR_SYSTEM_ERROR. */
bool vx_save_file_begin(VxSaveFile *file, const char *path, const char *xml, bool is_paused, GError **error);
/* Makes it last. DROPS_CACHE: it is not kept in the host's memory. */
bool vx_save_file_finish(VxSaveFile *file, bool drops_cache, GError **error);
/* Takes back what has not been finished; frees the rest. */
void vx_save_file_clear(VxSaveFile *file);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxSaveFile, vx_save_file_clear)

/* Puts XML in the place of the one that the file PATH has. */
bool vx_save_image_set_xml(const char *path, const char *xml, bool is_paused, GError **error);
