#!/usr/bin/perl
# SPDX-License-Identifier: LGPL-2.1-or-later
# Perl's Sys::Virt against a virtxld: test_others.py starts that and gives its URI. Prints TAP.
use strict;
use warnings;
use Sys::Virt;
use Sys::Virt::Domain;
use Test::More;

my $uri = shift or die "usage: $0 URI\n";
my $uuid = '5b2f6ae1-2a5c-4c4a-9d3a-3f1f0a6c00e1';
my $xml = <<"XML";
<domain type='xen'>
  <name>perl</name>
  <uuid>$uuid</uuid>
  <memory unit='MiB'>256</memory>
  <vcpu>2</vcpu>
  <os><type>hvm</type></os>
  <devices>
    <channel type='unix'>
      <source mode='bind' path='/run/perl.agent'/>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
  </devices>
</domain>
XML

my $connection = Sys::Virt->new(uri => $uri);
is($connection->get_type, 'Xen', 'type of the connection');
like($connection->get_capabilities, qr/<capabilities>/, 'capabilities');
my $domain = $connection->define_domain($xml);
is($domain->get_name, 'perl', 'a definition, its name');
is($domain->get_uuid_string, $uuid, 'its UUID');
is($domain->is_active, 0, 'it does not run');
is($domain->get_info->{maxMem}, 256 * 1024, 'its memory in KiB');
like($domain->get_xml_description(Sys::Virt::Domain::XML_INACTIVE), qr{/run/perl\.agent}, 'its channel is where asked');
is_deeply([map { $_->get_name } $connection->list_all_domains], ['perl'], 'it is listed');
is($connection->get_domain_by_uuid($uuid)->get_name, 'perl', 'found by its UUID');
$domain->set_autostart(1);
is($domain->get_autostart, 1, 'marked to be started with the host');
like($connection->domain_xml_to_native('xen-xl', $xml), qr/name=org\.qemu\.guest_agent\.0/, 'as xl.cfg');
eval { $domain->create };
like($@, qr/no Xen hypervisor on this host/, 'starting it says why not');
eval { $connection->get_domain_by_name('nobody') };
is(ref $@ && $@->code, Sys::Virt::Error::ERR_NO_DOMAIN, 'an unknown domain has the code of that');
eval { $connection->define_domain('<domain') };
ok($@, 'broken XML is refused');
$domain->undefine;
is_deeply([$connection->list_all_domains], [], 'undefined');
done_testing;
