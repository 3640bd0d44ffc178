/* SPDX-License-Identifier: MIT */
/* paceline-bench(1): loads a line server and says what came of it. */
#include "config.h"

#include "tools/bench/compare.h"
#include "tools/bench/fail.h"
#include "tools/bench/load.h"
#include "tools/bench/report.h"
#include "tools/bench/wire.h"

static int run_load(const struct bench_options *options)
{
    bool is_irc = options->command == BENCH_CHAT || options->command == BENCH_LOGIN;
    struct bench_result result = {0};
    struct target target;
    int status;

    raise_descriptor_limit();
    target_find(&target, options->target, is_irc ? 6667 : 7007, options->patience);
    if (options->tls)
        target_use_tls(&target);
    status = load_run(options, &target, &result);
    if (options->json)
        report_json(options, &target, &result);
    else
        report_table(options, &target, &result);
    target_deinit(&target);
    return status;
}

int main(int argc, char **argv)
{
    struct bench_options options;
    int status;

    bench_options_read(&options, argc, argv);
    if (options.json)
        bench_fail_as_json(bench_command_names[options.command]);
    status = options.command == BENCH_COMPARE ? compare_run(&options) : run_load(&options);
    bench_finish_output();
    return status;
}
