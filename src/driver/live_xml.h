/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The XML of a running domain as it was told the last time. Clients ask for it again and again, of all domains, and to
 * make it Xen is asked and the definition read and written anew; so it is kept until something in it may have changed:
 * the live definition, the state of a channel, what the toolstack says of consoles and displays. Any thread.
 */
#pragma once

#include "driver/domain_list.h"
#include "driver/hypervisor.h"

/* The XML, without secrets, of a domain whose live definition is LIVE. The caller frees it. NULL: not at hand. */
char *vx_live_xml_get(VxDomainObj *domain, const VxDomainRecord *live);
/* Whether it is at hand. */
bool vx_live_xml_is_kept(VxDomainObj *domain, const VxDomainRecord *live);

/* To be taken before the first look at what the XML is made of, and given back with it. */
unsigned vx_live_xml_begin(VxDomainObj *domain);
/* Keeps a copy of XML, made of LIVE, unless there has been news of the guest since vx_live_xml_begin gave NEWS. */
void vx_live_xml_keep(VxDomainObj *domain, VxDomainRecord *live, unsigned news, const char *xml);

/* EVENT is of a guest of LIST: what is kept of it may no longer be true. */
void vx_live_xml_news(VxDomainList *list, const VxGuestEvent *event);
