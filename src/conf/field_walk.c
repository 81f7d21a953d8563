/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Objects of field tables: made, freed, copied, compared and searched by walking their table.
 */
#include <string.h>

#include "conf/field_table.h"

void *vx_object_new(const VxElement *element)
{
    VxObject *object = g_malloc0(element->size);

    object->kind = element->kind;
    return object;
}

const VxField *vx_element_unsupported(const VxElement *element)
{
    return element->n_fields == 1 && element->fields[0].placement == VX_UNSUPPORTED_WHOLE ? element->fields : NULL;
}

const VxElement *vx_field_element_of_item(const VxField *field, const VxObject *item)
{
    if (field->placement == VX_LIST)
        return field->element;
    for (const VxElement *const *choice = field->choices; *choice; choice++) {
        if ((*choice)->kind == item->kind)
            return *choice;
    }
    g_assert_not_reached();
}

static void fields_clear(const VxElement *element, void *base);

static void clear_list(const VxField *field, GPtrArray **list)
{
    for (unsigned i = 0; *list && i < (*list)->len; i++)
        vx_object_free(vx_field_element_of_item(field, (*list)->pdata[i]), (*list)->pdata[i]);
    g_clear_pointer(list, g_ptr_array_unref);
}

static void fields_clear(const VxElement *element, void *base)
{
    for (unsigned i = 0; i < element->n_fields; i++) {
        const VxField *field = &element->fields[i];
        void *slot = (char *)base + field->offset;

        switch (field->placement) {
        case VX_ATTRIBUTE:
        case VX_CONTENT:
        case VX_TEXT:
            if (!field->type->is_plain)
                field->type->clear(slot);
            break;
        case VX_CHILD:
            fields_clear(field->element, slot);
            break;
        case VX_CHILD_PTR:
            vx_object_free(field->element, *(void **)slot);
            *(void **)slot = NULL;
            break;
        case VX_LIST:
        case VX_CHOICE:
            clear_list(field, slot);
            break;
        case VX_CUSTOM:
            field->custom->clear(slot);
            break;
        case VX_UNSUPPORTED_ATTRIBUTE:
        case VX_UNSUPPORTED_CHILD:
        case VX_UNSUPPORTED_WHOLE:
            break;
        }
    }
}

void vx_object_free(const VxElement *element, void *object)
{
    if (!object)
        return;
    fields_clear(element, object);
    g_clear_pointer(&((VxObject *)object)->kept, g_ptr_array_unref);
    g_free(object);
}

static void fields_copy(const VxElement *element, void *to, const void *from);

static GPtrArray *copy_list(const VxField *field, const GPtrArray *from)
{
    GPtrArray *copy;

    if (!from)
        return NULL;
    copy = g_ptr_array_sized_new(from->len);
    for (unsigned i = 0; i < from->len; i++)
        g_ptr_array_add(copy, vx_object_copy(vx_field_element_of_item(field, from->pdata[i]), from->pdata[i]));
    return copy;
}

static void fields_copy(const VxElement *element, void *to, const void *from)
{
    for (unsigned i = 0; i < element->n_fields; i++) {
        const VxField *field = &element->fields[i];
        void *to_slot = (char *)to + field->offset;
        const void *from_slot = (const char *)from + field->offset;

        switch (field->placement) {
        case VX_ATTRIBUTE:
        case VX_CONTENT:
        case VX_TEXT:
            field->type->copy(to_slot, from_slot);
            break;
        case VX_CHILD:
            fields_copy(field->element, to_slot, from_slot);
            break;
        case VX_CHILD_PTR:
            *(void **)to_slot = vx_object_copy(field->element, *(void *const *)from_slot);
            break;
        case VX_LIST:
        case VX_CHOICE:
            *(GPtrArray **)to_slot = copy_list(field, *(GPtrArray *const *)from_slot);
            break;
        case VX_CUSTOM:
            field->custom->copy(to_slot, from_slot);
            break;
        case VX_UNSUPPORTED_ATTRIBUTE:
        case VX_UNSUPPORTED_CHILD:
        case VX_UNSUPPORTED_WHOLE:
            break;
        }
    }
}

static GPtrArray *copy_kept(const GPtrArray *from)
{
    GPtrArray *copy;

    if (!from)
        return NULL;
    copy = g_ptr_array_new_with_free_func(vx_kept_free);
    for (unsigned i = 0; i < from->len; i++) {
        const VxKept *kept = from->pdata[i];

        g_ptr_array_add(copy, vx_kept_new(kept->field, kept->place, kept->text));
    }
    return copy;
}

void *vx_object_copy(const VxElement *element, const void *object)
{
    VxObject *copy;

    if (!object)
        return NULL;
    copy = vx_object_new(element);
    copy->place = ((const VxObject *)object)->place;
    copy->kept = copy_kept(((const VxObject *)object)->kept);
    fields_copy(element, copy, object);
    return copy;
}

VxKept *vx_kept_new(const VxField *field, VxPlace place, const char *text)
{
    VxKept *kept = g_new0(VxKept, 1);

    kept->field = field;
    kept->place = place;
    kept->text = g_strdup(text);
    return kept;
}

void vx_kept_free(gpointer data)
{
    VxKept *kept = data;

    g_free(kept->text);
    g_free(kept);
}

bool vx_field_is_given(const VxField *field, const void *base)
{
    const void *slot = (const char *)base + field->offset;

    switch (field->placement) {
    case VX_ATTRIBUTE:
    case VX_CONTENT:
    case VX_TEXT:
        return field->type->is_given(slot);
    case VX_CHILD:
        return (field->flags & VX_FIELD_ALWAYS) || vx_fields_any_given(field->element, slot);
    case VX_CHILD_PTR:
        return *(void *const *)slot != NULL;
    case VX_LIST:
    case VX_CHOICE:
        return *(GPtrArray *const *)slot && (*(GPtrArray *const *)slot)->len > 0;
    case VX_CUSTOM:
        return field->custom->is_given(slot);
    case VX_UNSUPPORTED_ATTRIBUTE:
    case VX_UNSUPPORTED_CHILD:
    case VX_UNSUPPORTED_WHOLE:
        break;
    }
    return false;
}

bool vx_fields_any_given(const VxElement *element, const void *base)
{
    for (unsigned i = 0; i < element->n_fields; i++) {
        if (vx_field_is_given(&element->fields[i], base))
            return true;
    }
    return false;
}

/* ---- comparing ---- */

typedef struct {
    GString *path;
    VxDifference difference;
    VxLoss loss;   /* instead of `difference`: only what the left side gives counts */
    VxPlace place; /* of the innermost object on the left */
    gpointer data;
    bool same;
} Comparison;

static void compare_fields(Comparison *comparison, const VxElement *element, const void *a, const void *b);

static void differs(Comparison *comparison, const VxField *field)
{
    comparison->same = false;
    if (comparison->difference)
        comparison->difference(comparison->path->str, field, comparison->data);
}

/* The same for FIELD of the struct at BASE on the left. */
static void differs_from(Comparison *comparison, const VxField *field, const void *base)
{
    if (!comparison->loss)
        differs(comparison, field);
    else if (vx_field_is_given(field, base))
        comparison->loss(comparison->path->str, field, comparison->place, comparison->data);
}

/* The next of KEPT from *I on, which is moved behind it; NULL if there is none. That text was escaped on the way is no
 * difference: the text itself is compared. */
static const VxKept *next_to_compare(const GPtrArray *kept, unsigned *i)
{
    while (kept && *i < kept->len) {
        const VxKept *next = kept->pdata[(*i)++];

        if (!vx_kept_is_about_escapes(next))
            return next;
    }
    return NULL;
}

static void compare_kept(Comparison *comparison, const GPtrArray *a, const GPtrArray *b)
{
    gsize length = comparison->path->len;
    unsigned i = 0, j = 0;

    while (true) {
        const VxKept *left = next_to_compare(a, &i), *right = next_to_compare(b, &j);
        const VxField *field = left ? left->field : right ? right->field : NULL;

        if (!field)
            break;
        if (left && right && left->field == right->field && strcmp(left->text, right->text) == 0)
            continue;
        g_string_append_printf(comparison->path, "%s%s%s", length ? "/" : "",
                               field->placement == VX_UNSUPPORTED_ATTRIBUTE ? "@" : "", field->name);
        differs(comparison, field);
        g_string_truncate(comparison->path, length);
    }
}

static void compare_objects(Comparison *comparison, const VxElement *element, const VxObject *a, const VxObject *b)
{
    VxPlace place = comparison->place;

    if (a->place)
        comparison->place = a->place;
    compare_fields(comparison, element, a, b);
    if (!comparison->loss)
        compare_kept(comparison, a->kept, b->kept);
    comparison->place = place;
}

/* Of the items of one kind in two lists: how many are still to be compared, and where on the right they go on. */
typedef struct {
    unsigned n_left, n_right, next;
} OfKind;

static guint32 largest_kind(const GPtrArray *list, guint32 largest)
{
    for (unsigned i = 0; list && i < list->len; i++)
        largest = MAX(largest, ((const VxObject *)list->pdata[i])->kind);
    return largest;
}

/* Returns what there is of each kind, by its number. The caller frees it. */
static OfKind *count_kinds(const GPtrArray *a, const GPtrArray *b)
{
    OfKind *kinds = g_new0(OfKind, largest_kind(a, largest_kind(b, 0)) + 1);

    for (unsigned i = 0; i < a->len; i++)
        kinds[((const VxObject *)a->pdata[i])->kind].n_left++;
    for (unsigned i = 0; b && i < b->len; i++)
        kinds[((const VxObject *)b->pdata[i])->kind].n_right++;
    return kinds;
}

/* The first item of KIND from number *I on, NULL if there is none; *I becomes its number. */
static const VxObject *find_of_kind(const GPtrArray *list, guint32 kind, unsigned *i)
{
    for (; *i < list->len; (*i)++) {
        const VxObject *item = list->pdata[*i];

        if (item->kind == kind)
            return item;
    }
    return NULL;
}

static void count_loss(const char *path, const VxField *field, VxPlace place, gpointer data)
{
    (void)path, (void)field, (void)place;
    ++*(unsigned *)data;
}

static unsigned n_losses(const VxElement *element, const VxObject *left, const VxObject *right)
{
    unsigned n = 0;

    vx_object_find_losses(element, left, right, count_loss, &n);
    return n;
}

/* Where one list is longer, so many items of a kind are looked at to find out which are lost. */
#define LOOK_AHEAD 8

/* Whether one of the next N_SURPLUS items of A, behind number I, is more like RIGHT than that is. */
static bool is_surplus(const VxElement *element, const GPtrArray *a, unsigned i, const VxObject *right,
                       unsigned n_surplus)
{
    const VxObject *left = a->pdata[i++], *next;
    unsigned n = n_losses(element, left, right);

    for (unsigned j = 0; j < MIN(n_surplus, LOOK_AHEAD); j++) {
        next = find_of_kind(a, left->kind, &i);
        if (next && n_losses(element, next, right) < n)
            return true;
        i++;
    }
    return false;
}

/* What became of item number I of A in B; NULL if nothing. */
static const VxObject *find_counterpart(const VxElement *element, const GPtrArray *a, unsigned i, const GPtrArray *b,
                                        OfKind *kind)
{
    const VxObject *right;
    unsigned n_left = kind->n_left--;

    if (kind->n_right == 0)
        return NULL;
    right = find_of_kind(b, ((const VxObject *)a->pdata[i])->kind, &kind->next);
    if (n_left > kind->n_right && is_surplus(element, a, i, right, n_left - kind->n_right))
        return NULL;
    kind->n_right--;
    kind->next++;
    return right;
}

static void find_losses_of_list(Comparison *comparison, const VxField *field, const GPtrArray *a, const GPtrArray *b)
{
    g_autofree OfKind *kinds = a ? count_kinds(a, b) : NULL;
    gsize length = comparison->path->len;

    for (unsigned i = 0; a && i < a->len; i++) {
        const VxObject *left = a->pdata[i];
        const VxElement *element = vx_field_element_of_item(field, left);
        const VxObject *right = find_counterpart(element, a, i, b, &kinds[left->kind]);

        g_string_append_printf(comparison->path, "%s[%u]", field->placement == VX_LIST ? "" : element->name, i + 1);
        if (right)
            compare_objects(comparison, element, left, right);
        else if (!vx_element_unsupported(element) && left->place) /* what has no place, no source said */
            comparison->loss(comparison->path->str, field, left->place, comparison->data);
        g_string_truncate(comparison->path, length);
    }
}

/* Items are compared by position within their own kind, and named as XPath would name them. */
static void compare_lists(Comparison *comparison, const VxField *field, const GPtrArray *a, const GPtrArray *b)
{
    unsigned n_a = a ? a->len : 0, n_b = b ? b->len : 0;
    gsize length = comparison->path->len;

    for (unsigned i = 0; i < MAX(n_a, n_b); i++) {
        const VxObject *left = i < n_a ? a->pdata[i] : NULL, *right = i < n_b ? b->pdata[i] : NULL;
        const VxElement *element = vx_field_element_of_item(field, left ? left : right);

        g_string_append_printf(comparison->path, "%s[%u]", field->placement == VX_LIST ? "" : element->name, i + 1);
        if (!left || !right || left->kind != right->kind)
            differs(comparison, field);
        else
            compare_objects(comparison, element, left, right);
        g_string_truncate(comparison->path, length);
    }
}

static void compare_field(Comparison *comparison, const VxField *field, const void *a, const void *b)
{
    const void *left = (const char *)a + field->offset, *right = (const char *)b + field->offset;

    switch (field->placement) {
    case VX_ATTRIBUTE:
    case VX_CONTENT:
    case VX_TEXT:
        if (!field->type->equal(left, right))
            differs_from(comparison, field, a);
        break;
    case VX_CHILD:
        compare_fields(comparison, field->element, left, right);
        break;
    case VX_CHILD_PTR:
        left = *(void *const *)left, right = *(void *const *)right;
        if (!left != !right)
            differs_from(comparison, field, a);
        else if (left)
            compare_objects(comparison, field->element, left, right);
        break;
    case VX_LIST:
    case VX_CHOICE:
        (comparison->loss ? find_losses_of_list : compare_lists)(comparison, field, *(GPtrArray *const *)left,
                                                                 *(GPtrArray *const *)right);
        break;
    case VX_CUSTOM:
        if (!field->custom->equal(left, right))
            differs_from(comparison, field, a);
        break;
    case VX_UNSUPPORTED_ATTRIBUTE:
    case VX_UNSUPPORTED_CHILD:
    case VX_UNSUPPORTED_WHOLE:
        break;
    }
}

static void compare_fields(Comparison *comparison, const VxElement *element, const void *a, const void *b)
{
    gsize length = comparison->path->len;

    for (unsigned i = 0; i < element->n_fields; i++) {
        const VxField *field = &element->fields[i];

        if (field->flags & VX_FIELD_LIVE)
            continue;
        g_string_append_printf(comparison->path, "%s%s%s", length ? "/" : "",
                               field->placement == VX_ATTRIBUTE ? "@" : "", field->name ? field->name : "");
        compare_field(comparison, field, a, b);
        g_string_truncate(comparison->path, length);
    }
}

bool vx_object_compare(const VxElement *element, const void *a, const void *b, VxDifference difference, gpointer data)
{
    g_autoptr(GString) path = g_string_new(NULL);
    Comparison comparison = {.path = path, .difference = difference, .data = data, .same = true};

    compare_objects(&comparison, element, a, b);
    return comparison.same;
}

void vx_object_find_losses(const VxElement *element, const void *a, const void *b, VxLoss loss, gpointer data)
{
    g_autoptr(GString) path = g_string_new(NULL);
    Comparison comparison = {.path = path, .loss = loss, .data = data};

    compare_objects(&comparison, element, a, b);
}

/* ---- what is kept ---- */

static void visit_fields(const VxElement *element, const void *base, VxKeptVisit visit, gpointer data)
{
    for (unsigned i = 0; i < element->n_fields; i++) {
        const VxField *field = &element->fields[i];
        const void *slot = (const char *)base + field->offset;

        if (field->placement == VX_CHILD) {
            visit_fields(field->element, slot, visit, data);
        } else if (field->placement == VX_CHILD_PTR && *(void *const *)slot) {
            vx_object_visit_kept(field->element, *(void *const *)slot, visit, data);
        } else if ((field->placement == VX_LIST || field->placement == VX_CHOICE) && *(GPtrArray *const *)slot) {
            const GPtrArray *list = *(GPtrArray *const *)slot;

            for (unsigned j = 0; j < list->len; j++)
                vx_object_visit_kept(vx_field_element_of_item(field, list->pdata[j]), list->pdata[j], visit, data);
        }
    }
}

void vx_object_visit_kept(const VxElement *element, const void *object, VxKeptVisit visit, gpointer data)
{
    const GPtrArray *kept = ((const VxObject *)object)->kept;

    for (unsigned i = 0; kept && i < kept->len; i++)
        visit(kept->pdata[i], data);
    visit_fields(element, object, visit, data);
}
