/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Device models that answer, and others, at the end of QMP's socket.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libxl/libxl_qmp.h"
#include "util/vx_error.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"
#define READY "{\"return\": {}}\r\n"
#define EVENT "{\"timestamp\": {\"seconds\": 1}, \"event\": \"RESUME\"}\r\n"

/* Says these to one client, each but the first after a line from it; NULL ends them. Then it hangs up, or stands still.
 */
typedef struct {
    const char *says[4];
    bool stands_still;
    int listener;
    GString *heard;
    GMutex until_asked; /* held while it is to stand still */
} Model;

static void hear_line(Model *model, int fd)
{
    char c;

    while (read(fd, &c, 1) == 1) {
        g_string_append_c(model->heard, c);
        if (c == '\n')
            return;
    }
}

static gpointer serve(gpointer data)
{
    Model *model = data;
    int fd = accept(model->listener, NULL, NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(model->says) && model->says[i]; i++) {
        if (i > 0)
            hear_line(model, fd);
        for (gsize at = 0, length = strlen(model->says[i]); at < length;) {
            ssize_t n = send(fd, model->says[i] + at, length - at, MSG_NOSIGNAL);

            if (n <= 0)
                break;
            at += (gsize)n;
        }
    }
    if (model->stands_still)
        g_mutex_lock(&model->until_asked);
    close(fd);
    return NULL;
}

static char *ask_model(Model *model, const char *command, GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("virtxl-qmp-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "qmp", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    GThread *thread;
    char *answer;

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    model->heard = g_string_new(NULL);
    model->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_no_errno(bind(model->listener, (struct sockaddr *)&address, sizeof address));
    g_assert_no_errno(listen(model->listener, 1));
    g_mutex_init(&model->until_asked);
    g_mutex_lock(&model->until_asked);
    thread = g_thread_new("model", serve, model);
    answer = vx_libxl_qmp_ask(path, 7, command, model->stands_still ? 200 : 20000, error);
    g_mutex_unlock(&model->until_asked);
    g_thread_join(thread);
    close(model->listener);
    g_unlink(path);
    g_rmdir(folder);
    return answer;
}

static void check_fails(Model model, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = ask_model(&model, "info chardev", &error);

    g_assert_error(error, VX_ERROR, VIR_ERR_OPERATION_FAILED);
    g_assert_cmpstr(error->message, ==, message);
    g_assert_null(answer);
    g_string_free(model.heard, TRUE);
}

static void test_answer(void)
{
    Model model = {.says = {GREETING, EVENT READY, EVENT "{\"return\": \"a: \\\"x\\\"\\r\\n\"}\r\n"}};
    g_autofree char *answer = ask_model(&model, "chardev-add \"a,b\"\n", NULL);

    g_assert_cmpstr(answer, ==, "a: \"x\"\r\n");
    g_assert_cmpstr(model.heard->str, ==,
                    "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"human-monitor-command\","
                    "\"arguments\":{\"command-line\":\"chardev-add \\\"a,b\\\"\\n\"}}\n");
    g_string_free(model.heard, TRUE);
}

static void test_silence(void)
{
    const char *message = "the device model of guest 7 does not answer";

    check_fails((Model){.stands_still = true}, message);
    check_fails((Model){.says = {GREETING}, .stands_still = true}, message);
    check_fails((Model){.says = {GREETING, READY, EVENT "{\"ret"}, .stands_still = true}, message);
}

static void test_end(void)
{
    g_autoptr(GError) error = NULL;

    check_fails((Model){.says = {GREETING, READY}}, "the device model of guest 7 has ended");
    g_assert_null(vx_libxl_qmp_ask("/nonexistent/qmp", 7, "x", 1000, &error));
    g_assert_cmpstr(error->message, ==, "the device model of guest 7 has ended");
}

static void test_refusal(void)
{
    check_fails(
        (Model){.says = {GREETING, READY, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no \\\"x\\\"\"}}\n"}},
        "the device model of guest 7 refuses the command: no \"x\"");
    check_fails((Model){.says = {GREETING, "{\"error\": 3}\n"}},
                "the device model of guest 7 refuses the command: it does not say why");
}

static void test_lies(void)
{
    g_autofree char *huge = g_strnfill(1 << 20, 'x');
    g_autofree char *brackets = g_strnfill(5000, '[');
    g_autofree char *deep = g_strconcat(brackets, "\n", NULL);
    const char *no_qmp = "the device model of guest 7 does not answer in QMP";

    check_fails((Model){.says = {"hello\n"}}, no_qmp);
    check_fails((Model){.says = {GREETING, "[]\n"}}, no_qmp);
    check_fails((Model){.says = {deep}}, no_qmp);
    check_fails((Model){.says = {huge}}, "the device model of guest 7 says too much at once");
    check_fails((Model){.says = {GREETING, READY, "{\"return\": {}}\n"}},
                "the device model of guest 7 answers with something else than text");
    check_fails((Model){.says = {GREETING, "{\"return\": null}\n", "{\"return\": null}\n"}},
                "the device model of guest 7 answers with something else than text");
    check_fails((Model){.says = {GREETING, "{\"error\": null}\n"}},
                "the device model of guest 7 refuses the command: it does not say why");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qmp/answer", test_answer);
    g_test_add_func("/qmp/silence", test_silence);
    g_test_add_func("/qmp/end", test_end);
    g_test_add_func("/qmp/refusal", test_refusal);
    g_test_add_func("/qmp/lies", test_lies);
    return g_test_run();
}
