/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/live_xml.h"

/* The domain's lock is held. */
static void forget(VxDomainObj *domain)
{
    g_clear_pointer(&domain->xml, g_free);
    g_clear_pointer(&domain->xml_of, vx_domain_record_unref);
}

char *vx_live_xml_get(VxDomainObj *domain, const VxDomainRecord *live)
{
    char *xml = NULL;

    g_mutex_lock(&domain->lock);
    if (live && domain->xml_of == live)
        xml = g_strdup(domain->xml);
    g_mutex_unlock(&domain->lock);
    return xml;
}

bool vx_live_xml_is_kept(VxDomainObj *domain, const VxDomainRecord *live)
{
    bool is_kept;

    g_mutex_lock(&domain->lock);
    is_kept = live && domain->xml_of == live;
    g_mutex_unlock(&domain->lock);
    return is_kept;
}

unsigned vx_live_xml_begin(VxDomainObj *domain)
{
    unsigned news;

    g_mutex_lock(&domain->lock);
    news = domain->n_news;
    g_mutex_unlock(&domain->lock);
    return news;
}

void vx_live_xml_keep(VxDomainObj *domain, VxDomainRecord *live, unsigned news, const char *xml)
{
    g_mutex_lock(&domain->lock);
    if (domain->n_news == news && domain->live == live) {
        forget(domain);
        domain->xml = g_strdup(xml);
        domain->xml_of = vx_domain_record_ref(live);
    }
    g_mutex_unlock(&domain->lock);
}

void vx_live_xml_news(VxDomainList *list, const VxGuestEvent *event)
{
    g_autoptr(VxDomainObj) domain = vx_domain_list_find_guest(list, event->id, event->uuid);

    if (!domain)
        return;
    g_mutex_lock(&domain->lock);
    domain->n_news++;
    forget(domain);
    g_mutex_unlock(&domain->lock);
}
