/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * live-bare KERNEL INITRAMFS MEMORY_MIB ROUNDS [CHANNEL]: what starting and destroying a PV guest takes of libxl alone,
 * for bench/live to compare daemons with. Prints the seconds of both, a line a round. Runs in domain 0.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxl.h>
#include <libxl_utils.h>
#include <xentoollog.h>

typedef struct {
    const char *kernel, *initramfs, *channel; /* CHANNEL: its name, or NULL for none */
    unsigned long memory_mib;
} Wanted;

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static char *copy(const char *text)
{
    char *copied = strdup(text);

    if (!copied)
        exit(2);
    return copied;
}

static void add_channel(libxl_domain_config *config, const char *name)
{
    config->num_channels = 1;
    config->channels = calloc(1, sizeof(*config->channels));
    if (!config->channels)
        exit(2);
    libxl_device_channel_init(config->channels);
    libxl_device_channel_init_connection(config->channels, LIBXL_CHANNEL_CONNECTION_PTY);
    config->channels->name = copy(name);
}

/* What bench/live's guests are, and nothing else. */
static void fill(libxl_domain_config *config, const Wanted *wanted)
{
    libxl_domain_build_info *build = &config->b_info;

    libxl_domain_config_init(config);
    config->c_info.type = LIBXL_DOMAIN_TYPE_PV;
    config->c_info.name = copy("bare");
    libxl_uuid_generate(&config->c_info.uuid);
    libxl_domain_build_info_init_type(build, LIBXL_DOMAIN_TYPE_PV);
    build->max_vcpus = 1;
    build->max_memkb = build->target_memkb = wanted->memory_mib * 1024;
    build->kernel = copy(wanted->kernel);
    build->ramdisk = copy(wanted->initramfs);
    build->cmdline = copy("console=hvc0 quiet");
    if (wanted->channel)
        add_channel(config, wanted->channel);
}

static int one_round(libxl_ctx *ctx, const Wanted *wanted)
{
    libxl_domain_config config;
    uint32_t id = 0;
    double began, started, ended;
    int failed;

    fill(&config, wanted);
    began = seconds();
    failed = libxl_domain_create_new(ctx, &config, &id, NULL, NULL) || libxl_domain_unpause(ctx, id, NULL);
    started = seconds();
    libxl_domain_config_dispose(&config);
    if (failed || libxl_domain_destroy(ctx, id, NULL))
        return 1;
    ended = seconds();
    printf("%.4f %.4f\n", started - began, ended - started);
    return 0;
}

int main(int argc, char **argv)
{
    xentoollog_logger *logger = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_ERROR, 0);
    libxl_ctx *ctx = NULL;
    Wanted wanted;
    int status = 0;

    if (argc < 5 || argc > 6 || libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, logger))
        return 2;
    wanted = (Wanted){argv[1], argv[2], argc > 5 ? argv[5] : NULL, strtoul(argv[3], NULL, 10)};
    for (unsigned long rounds = strtoul(argv[4], NULL, 10); rounds > 0 && status == 0; rounds--)
        status = one_round(ctx, &wanted);
    libxl_ctx_free(ctx);
    xtl_logger_destroy(logger);
    return status;
}
