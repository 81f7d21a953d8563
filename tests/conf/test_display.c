/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Graphics, video, input, sound, balloon, stub domains, labels and what Xen cannot do: read from XML and written again.
 */
#include <string.h>

#include "conf/domain_validate.h"
#include "conf/domain_xml.h"
#include "conf/graphics_def.h"

#define DOMAIN(elements)                                                                                               \
    "<domain type='xen'>\n  <name>g</name>\n  <os>\n    <type>hvm</type>\n  </os>\n" elements "</domain>\n"
#define DEVICES(elements) DOMAIN("  <devices>\n" elements "  </devices>\n")

static VxDomainDef *parse(const char *text, VxDiag *diag)
{
    VxDomainDef *def = vx_domain_def_parse(text, strlen(text), 0, diag);

    g_assert_nonnull(def);
    return def;
}

/* TEXT (in which double quotes are in what is kept word for word) comes back as it was, from the definition and from a
 * copy of it, which is equal to it. */
static void assert_comes_back(gconstpointer data)
{
    const char *text = data;
    g_autoptr(VxDiag) diag = vx_diag_new("test.xml", text, strlen(text), 0);
    g_autoptr(VxDomainDef) def = parse(text, diag);
    g_autoptr(VxDomainDef) copy = vx_domain_def_copy(def);
    g_autofree char *again = vx_domain_def_format(def, VX_WRITE_SECRETS, NULL);
    g_autofree char *of_copy = vx_domain_def_format(copy, VX_WRITE_SECRETS, NULL);

    g_assert_cmpuint(vx_diag_n_errors(diag) + vx_diag_n_warnings(diag), ==, 0);
    g_assert_cmpstr(again, ==, text);
    g_assert_cmpstr(of_copy, ==, text);
    g_assert_true(vx_object_compare(&vx_domain_element, def, copy, NULL, NULL));
}

static const struct {
    const char *name, *text;
} documents[] = {
    {"vnc",
     DEVICES("    <graphics type='vnc' port='-1' autoport='yes' listen='10.0.0.1' keymap='de' passwd='a&amp;b'>\n"
             "      <listen type='address' address='10.0.0.1'/>\n"
             "    </graphics>\n")},
    {"listen", DEVICES("    <graphics type='vnc'>\n      <listen type='network' network='net'/>\n    </graphics>\n"
                       "    <graphics type='vnc'>\n      <listen type='socket' socket='/run/v'/>\n    </graphics>\n"
                       "    <graphics type='vnc'>\n      <listen type='none'/>\n    </graphics>\n")},
    {"sdl", DEVICES("    <graphics type='sdl' display=':0.0' xauth='/root/.Xauthority'>\n"
                    "      <gl enable='no' rendernode='/dev/dri/renderD128'/>\n"
                    "    </graphics>\n")},
    {"spice", DEVICES("    <graphics type='spice' port='5900' tlsPort='5901' autoport='no' defaultMode='secure'>\n"
                      "      <channel name=\"main\" mode=\"secure\"/>\n"
                      "      <channel name=\"record\" mode=\"insecure\"/>\n"
                      "      <image compression='auto_glz'/>\n"
                      "      <jpeg compression=\"auto\"/>\n"
                      "      <zlib compression=\"never\"/>\n"
                      "      <playback compression=\"on\"/>\n"
                      "      <streaming mode='filter'/>\n"
                      "      <mouse mode='client'/>\n"
                      "      <clipboard copypaste='no'/>\n"
                      "      <filetransfer enable=\"no\"/>\n"
                      "    </graphics>\n")},
    {"qubes", DEVICES("    <emulator type='stubdom-linux' cmdline='-qubes-audio:audiovm_xid=1'/>\n"
                      "    <graphics type='qubes' domain='gui' log_level='2'/>\n")},
    {"emulator", DEVICES("    <emulator>/usr/lib/xen/bin/qemu-system-i386</emulator>\n")},
    {"video", DEVICES("    <video>\n"
                      "      <driver name=\"qemu\"/>\n"
                      "      <model type='qxl' ram='65536' vram='131072' vgamem='16384' heads='1' primary='yes'>\n"
                      "        <acceleration accel2d=\"yes\"/>\n"
                      "        <resolution x=\"800\" y=\"600\"/>\n"
                      "      </model>\n"
                      "      <address type='pci' slot='0x02'/>\n"
                      "    </video>\n")},
    {"order", DEVICES("    <sound model='ich6'>\n      <codec type=\"micro\"/>\n    </sound>\n"
                      "    <input type='tablet' bus='usb'/>\n"
                      "    <hub type=\"usb\"/>\n"
                      "    <input type='keyboard' bus='ps2'/>\n"
                      "    <memballoon model='xen'/>\n")},
    {"unsupported",
     DEVICES("    <rng model=\"virtio\">\n      <backend model=\"random\">/dev/random</backend>\n    </rng>\n"
             "    <tpm model=\"tpm-tis\"/>\n"
             "    <memory model=\"dimm\">\n      <target>\n        <size unit=\"KiB\">1</size>\n"
             "      </target>\n    </memory>\n"
             "    <panic model=\"isa\"/>\n")},
    {"labels", DOMAIN("  <pm>\n    <suspend-to-mem enabled='no'/>\n    <suspend-to-disk enabled='yes'/>\n  </pm>\n"
                      "  <seclabel type='static' model='flask' relabel='no'>\n"
                      "    <label>system_u:system_r:domU_t</label>\n"
                      "  </seclabel>\n")},
};

/* The address to listen on may be given in either place, and is written in both. */
static void test_listen_places(void)
{
    const char *old = DEVICES("<graphics type='vnc' listen='1.2.3.4'/>");
    const char *recent = DEVICES("<graphics type='vnc'><listen type='address' address='1.2.3.4'/></graphics>");
    const char *wrong = DEVICES("<graphics type='vnc' listen='::1'><listen type='address' address='::'/></graphics>");
    g_autoptr(VxDiag) diag = vx_diag_new("test.xml", NULL, 0, 0);
    g_autoptr(VxDomainDef) of_old = parse(old, diag);
    g_autoptr(VxDomainDef) of_recent = parse(recent, diag);
    g_autoptr(VxDomainDef) of_wrong = NULL;
    g_autofree char *text = vx_domain_def_format(of_old, 0, NULL);

    g_assert_true(vx_object_compare(&vx_domain_element, of_old, of_recent, NULL, NULL));
    g_assert_nonnull(
        strstr(text, "<graphics type='vnc' listen='1.2.3.4'>\n      <listen type='address' address='1.2.3.4'/>"));
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 0);
    of_wrong = parse(wrong, diag);
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 1);
}

static void test_password_is_secret(void)
{
    const char *text = DEVICES("<graphics type='vnc' passwd='hush'/>");
    g_autoptr(VxDiag) diag = vx_diag_new("test.xml", NULL, 0, 0);
    g_autoptr(VxDomainDef) def = parse(text, diag);
    g_autofree char *shown = vx_domain_def_format(def, 0, NULL);

    g_assert_null(strstr(shown, "hush"));
}

/* What Xen cannot do is kept, and no guest is made from it. */
static void test_unsupported_is_unfit(void)
{
    const char *text = DEVICES("<rng model='virtio'/><graphics type='vnc' websocket='-1'/>");
    g_autoptr(VxDiag) diag = vx_diag_new("test.xml", text, strlen(text), VX_DIAG_FOR_GUEST);
    g_autoptr(VxDomainDef) def = parse(text, diag);

    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 0);
    vx_domain_def_validate(def, diag);
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(documents); i++) {
        g_autofree char *path = g_strdup_printf("/display/comes-back/%s", documents[i].name);

        g_test_add_data_func(path, documents[i].text, assert_comes_back);
    }
    g_test_add_func("/display/listen-places", test_listen_places);
    g_test_add_func("/display/password-is-secret", test_password_is_secret);
    g_test_add_func("/display/unsupported-is-unfit", test_unsupported_is_unfit);
    return g_test_run();
}
