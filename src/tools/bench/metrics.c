/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LATENCY(METRIC, key, what, group)                                                          \
    [METRIC] = {key "_lines", what, "", 0, group},                                                 \
    [METRIC + 1] = {key "_p50_us", "  p50", "us", 1, group},                                       \
    [METRIC + 2] = {key "_p90_us", "  p90", "us", 1, group},                                       \
    [METRIC + 3] = {key "_p99_us", "  p99", "us", 1, group},                                       \
    [METRIC + 4] = {key "_p999_us", "  p99.9", "us", 1, group},                                    \
    [METRIC + 5] = {key "_max_us", "  max", "us", 1, group}

const struct bench_metric_info bench_metrics[METRICS] = {
    [METRIC_CONNECTIONS] = {"connections", "connections", "", 0, "load"},
    [METRIC_LINE_BYTES] = {"line_bytes", "bytes of a line", "", 0, "load"},
    [METRIC_SECONDS] = {"seconds", "time measured", "s", 3, "load"},
    [METRIC_LINES] = {"lines", "lines", "", 0, "answers"},
    [METRIC_RATE] = {"lines_per_second", "lines a second", "/s", 0, "answers"},
    [METRIC_LINES_TOTAL] = {"lines_total", "with warm-up and end", "", 0, "answers"},
    [METRIC_UNANSWERED] = {"unanswered", "never answered", "", 0, "answers"},
    [METRIC_LEAST_SERVED] = {"least_served", "lines of the least served", "", 0, "answers"},
    [METRIC_MOST_SERVED] = {"most_served", "lines of the most served", "", 0, "answers"},
    [METRIC_SPREAD] = {"most_over_least", "most over least", "", 4, "answers"},
    LATENCY(METRIC_LATENCY, "normal", "lines", "latency"),
    LATENCY(METRIC_SLOW, "slow", "slow lines", "latency of slow lines"),
    LATENCY(METRIC_LATE, "late", "lines sent", "lateness of the generator itself"),
    [METRIC_PEOPLE] = {"people", "people", "", 0, "load"},
    [METRIC_CHANNELS] = {"channels", "channels", "", 0, "load"},
    [METRIC_SPEAKERS] = {"speakers", "speakers", "", 0, "load"},
    [METRIC_DELIVERIES] = {"deliveries", "messages delivered", "", 0, "answers"},
    [METRIC_DELIVERY_RATE] = {"deliveries_per_second", "delivered a second", "/s", 0, "answers"},
    [METRIC_DELIVERIES_TOTAL] = {"deliveries_total", "with warm-up and end", "", 0, "answers"},
    [METRIC_JOINS_SEEN] = {"joins_seen", "joins seen", "", 0, "answers"},
    [METRIC_CONNECTION_RATE] = {"connections_per_second", "connections a second", "/s", 0,
                                "answers"},
    [METRIC_LOGIN_RATE] = {"logins_per_second", "acknowledged a second", "/s", 0, "answers"},
    [METRIC_CLIENT_CPU] = {"client_cpu_ms", "CPU", "ms", 3, "generator"},
    [METRIC_CLIENT_CPU_PER_LINE] = {"client_cpu_us_per_line", "CPU per line", "us", 4, "generator"},
    [METRIC_SERVER_CPU] = {"server_cpu_ms", "CPU", "ms", 3, "server"},
    [METRIC_SERVER_CPU_PER_LINE] = {"server_cpu_us_per_line", "CPU per line", "us", 4, "server"},
    [METRIC_SERVER_CPU_PER_CONNECTION] = {"server_cpu_us_per_connection", "CPU per connection",
                                          "us", 4, "server"},
    [METRIC_SERVER_CPU_SHARE] = {"server_cpu_share", "CPUs in use", "", 3, "server"},
    [METRIC_SWITCHES] = {"server_switches_per_line", "context switches per line", "", 4, "server"},
    [METRIC_VOLUNTARY] = {"server_voluntary_switches", "  voluntary, in all", "", 0, "server"},
    [METRIC_INVOLUNTARY] = {"server_involuntary_switches", "  involuntary, in all", "", 0,
                            "server"},
    [METRIC_CALLS_PER_LINE] = {"server_calls_per_line", "system calls per line", "", 4, "server"},
    [METRIC_SENDS_PER_LINE] = {"server_sends_per_line", "sending calls per line", "", 4, "server"},
    [METRIC_RESIDENT] = {"server_resident_bytes", "resident memory", "bytes", 0, "server"},
    [METRIC_THREADS] = {"server_threads", "threads", "", 0, "server"},
    [METRIC_DESCRIPTORS] = {"server_descriptors", "descriptors", "", 0, "server"},
    [METRIC_RESIDENT_BEFORE] = {"resident_before", "resident before", "bytes", 0, "server"},
    [METRIC_RESIDENT_SILENT] = {"resident_silent", "resident, nobody has spoken", "bytes", 0,
                                "server"},
    [METRIC_RESIDENT_SPOKEN] = {"resident_spoken", "resident, all have spoken", "bytes", 0,
                                "server"},
    [METRIC_RESIDENT_AFTER] = {"resident_after", "resident after", "bytes", 0, "server"},
    [METRIC_BYTES_PER_SILENT] = {"bytes_per_silent", "growth per silent connection", "bytes", 1,
                                 "server"},
    [METRIC_BYTES_PER_CONNECTION] = {"bytes_per_connection", "growth per connection", "bytes", 1,
                                     "server"},
    [METRIC_LEAKED_DESCRIPTORS] = {"leaked_descriptors", "descriptors kept", "", 0, "server"},
    [METRIC_LEAKED_BYTES] = {"leaked_bytes", "memory kept", "bytes", 0, "server"},
    [METRIC_LEAKED_THREADS] = {"leaked_threads", "threads kept", "", 0, "server"},
};

void result_put_latency(struct bench_result *result, enum bench_metric first,
                        const struct hist *hist)
{
    static const double shares[] = {0.5, 0.9, 0.99, 0.999};

    result_put(result, first, (double)hist->count);
    for (unsigned i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
        result_put(result, first + 1 + i, (double)hist_quantile(hist, shares[i]) / 1e3);
    result_put(result, first + 5, (double)hist->max / 1e3);
}

double us_each(uint64_t ns, uint64_t count)
{
    return count == 0 ? 0 : (double)ns / 1e3 / (double)count;
}

/* Copies a number with a comma between each three digits of its whole part. */
static void set_apart(const char *digits, char *text, unsigned size)
{
    const char *end = digits + strcspn(digits, ".");
    unsigned used = 0;

    for (const char *at = digits; *at && used + 2 < size; at++) {
        text[used++] = *at;
        if (at + 1 < end && *at != '-' && (end - at - 1) % 3 == 0)
            text[used++] = ',';
    }
    text[used] = '\0';
}

void metric_format(enum bench_metric metric, double value, bool with_unit, char *text,
                   unsigned size)
{
    const struct bench_metric_info *info = &bench_metrics[metric];
    char digits[64];
    size_t length;

    if (!isfinite(value)) {
        snprintf(text, size, "-");
        return;
    }
    snprintf(digits, sizeof(digits), "%.*f", (int)info->decimals, value);
    set_apart(digits, text, size);
    length = strlen(text);
    if (with_unit && info->unit[0])
        snprintf(text + length, size - length, " %s", info->unit);
}
