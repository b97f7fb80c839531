#!/usr/bin/env python3
"""Makes performance.md and its plots of what `bench/compare` has recorded.

    bench/report.py RECORD DIRECTORY

Writes DIRECTORY/performance.md and DIRECTORY/performance/*.svg. The figures go between two marks of performance.md, and
what stands before and after them stays as it is.
"""

import sys
from pathlib import Path

import svg_plots
from svg_plots import number

BEGIN = "<!-- figures: written by bench/compare -->"
END = "<!-- end of the figures -->"
PEERS = ["ours", "reference", "nats", "redis", "mosquitto", "zeromq"]
HEADINGS = {
    "ours": "our busrtd",
    "reference": "reference busrtd",
    "nats": "nats-server",
    "redis": "redis",
    "mosquitto": "mosquitto",
    "zeromq": "ZeroMQ proxy",
}
SHAPES = ["publish 1 to 1, {}, batched", "publish 1 to 1, {}, a write each", "publish 1 to 8, {}, batched"]
SHAPE_WORDS = ["1 to 1, batched", "1 to 1, a write each", "1 to 8, batched"]
PAYLOADS = ["100 B", "16 KiB"]
ROUND_TRIPS = [f"round trip, {payload}" for payload in PAYLOADS]
LEVELS = [f"message there and back, QoS {qos}" for qos in ("no", "processed", "realtime", "realtime-processed")]
GROWTH = {
    "subscribers": "subscribers of the one topic",
    "topics": "topics, published to in turn, of one subscriber with a wildcard",
    "payload": "bytes of payload",
    "depth": "segments of the topic",
    "rules": "patterns that access rules grant the publisher, a thousand topics",
    "shards": "event loops of the broker (-w), eight subscribers",
}


class Record:
    """figures[(label, measurement, metric)] = (median, least, greatest), and what the run said of itself."""

    def __init__(self, path):
        self.figures = {}
        self.about = {}
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            words = line.split("\t")
            if words[0] == "#":
                self.about[words[1]] = words[2]
            else:
                self.figures[tuple(words[:3])] = tuple(float(word) for word in words[3:6])

    def get(self, label, measurement, metric, factor=1.0):
        figure = self.figures.get((label, measurement, metric))
        return figure and tuple(value * factor for value in figure)

    def failed(self, label, measurement):
        return (label, measurement, "failed") in self.figures

    def measured(self):
        labels = {label for label, _, _ in self.figures}
        return [peer for peer in PEERS if peer in labels]

    def text(self, label, measurement, metric, factor=1.0):
        if self.failed(label, measurement):
            return "failed"
        figure = self.get(label, measurement, metric, factor)
        return number(figure[0]) if figure else "-"


def table(headings, rows):
    lines = ["| " + " | ".join(headings) + " |", "|---|" + "---:|" * (len(headings) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def peer_table(record, first, measurements, metric, factor=1.0):
    peers = record.measured()
    rows = [[words] + [record.text(peer, name, metric, factor) for peer in peers] for words, name in measurements]
    return table([first] + [HEADINGS[peer] for peer in peers], rows)


def shapes():
    return [
        (f"{words}, {payload}", shape.format(payload))
        for payload in PAYLOADS
        for shape, words in zip(SHAPES, SHAPE_WORDS)
    ]


def round_trip_text(record, label, name):
    if record.failed(label, name):
        return "failed"
    if not record.get(label, name, "p50_us"):
        return "-"
    times = [record.text(label, name, metric) for metric in ("p50_us", "p99_us")]
    ratios = [f"{record.get(label, name, metric)[0]:.2f}" for metric in ("p50_ratio", "p99_ratio")]
    return f"{times[0]} / {times[1]} ({ratios[0]} / {ratios[1]})"


def round_trip_table(record, names, peers):
    rows = [[name] + [round_trip_text(record, peer, name) for peer in peers] for name in names]
    return table([""] + [HEADINGS[peer] for peer in peers], rows)


def kibibytes(record, name, metric):
    return record.text("ours", name, metric, 1 / 1024)


def capacity_text(record):
    def value(name, metric, factor=1.0):
        return record.text("ours", name, metric, factor)

    rows = []
    if record.get("ours", "idle connections", "connections"):
        rows.append([f"{value('idle connections', 'connections', 0.001)} thousand idle connections, memory each",
                     f"{kibibytes(record, 'idle connections', 'bytes_each')} KiB"])
    name = "subscription table"
    if record.get("ours", name, "patterns"):
        rows += [
            [f"table of {value(name, 'patterns', 1e-6)} million patterns: to subscribe, each, 100 in a frame",
             f"{value(name, 'subscribe_us')} us"],
            ["the same, broker CPU", f"{value(name, 'subscribe_cpu_us')} us"],
            ["the same, memory", f"{value(name, 'bytes_each')} B"],
            ["one more pattern, in a frame of its own, until its ack", f"{value(name, 'single_subscribe_us')} us"],
            ["the same, broker CPU", f"{value(name, 'single_subscribe_cpu_us')} us"],
            ["a publish that nobody wants, broker CPU", f"{value(name, 'unmatched_publish_cpu_us')} us"],
            ["a publish to one of the 100 clients, its delivery included, broker CPU",
             f"{value(name, 'publish_cpu_us')} us"],
        ]
    name = "steady load"
    if record.get("ours", name, "seconds"):
        rows += [
            [f"steady {value(name, 'bytes_per_second', 1e-6)} MB/s for {value(name, 'seconds')} s: memory at the start",
             f"{kibibytes(record, name, 'memory_at_start')} KiB"],
            ["at the end", f"{kibibytes(record, name, 'memory_at_end')} KiB"],
            ["at most", f"{kibibytes(record, name, 'memory_at_most')} KiB"],
            ["share of a CPU", f"{value(name, 'cpu_share', 100)} %"],
        ]
    rows += [[f"{name}", "failed"] for name in ("idle connections", "subscription table", "steady load")
             if record.failed("ours", name)]
    return table(["", "our busrtd"], rows) if rows else ""


def client_text(record):
    rows = []
    for label, name, metric in record.figures:
        if label != "client":
            continue
        if metric == "deliveries_per_second":
            rows.append([name, f"{record.text(label, name, metric, 1e-6)} M/s"])
        elif metric == "p50_us":
            rows.append([name, f"{record.text(label, name, metric)} / {record.text(label, name, 'p99_us')} us"])
    return table(["", "median"], rows) if rows else ""


WAYS = ["reference tool, reference broker", "reference tool, our broker", "our tool, our broker"]


def benchmark_command_text(record):
    """`busrt benchmark` of both tools, see benchmark_command.py."""
    stages = [name for label, name, metric in record.figures
              if label == f"benchmark {WAYS[0]}" and metric == "per_second"]
    if not stages:
        return ""
    base = f"benchmark {WAYS[0]}"
    rows = []
    for stage in stages:
        row = [stage]
        for way in WAYS:
            label = f"benchmark {way}"
            text = record.text(label, stage, "per_second", 0.001)
            if label != base and record.get(label, stage, "per_second"):
                ratio = record.get(label, stage, "per_second")[0] / record.get(base, stage, "per_second")[0]
                text += f" ({ratio:.2f})"
            row.append(text)
        row += [record.text(f"benchmark {way}", stage, "cpu_us") for way in WAYS]
        rows.append(row)
    failed = [f"{way} failed at least once." for way in WAYS if record.failed(f"benchmark {way}", "all stages")]
    return "\n\n".join([table(["stage", *WAYS, *(f"CPU: {way}" for way in WAYS)], rows), *failed])


def floor_text(record):
    rates = [record.text("floor", f"bare relay 1 to {receivers}", "deliveries_per_second", 1e-6) for receivers in (1, 8)]
    return (f"A bare relay of 64 KiB blocks, with no protocol at all, passes on what would be {rates[0]} million frames of "
            f"130 bytes a second from one to one, and {rates[1]} million from one to eight.")


class Plots:
    """Writes the plots, and gives the lines that show them."""

    def __init__(self, record, directory):
        self.record = record
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def _write(self, name, alternative, svg):
        (self.directory / f"{name}.svg").write_text(svg, encoding="utf-8")
        return f"![{alternative}]({self.directory.name}/{name}.svg)"

    def shapes(self, name, title, unit, payload, metric, factor):
        peers = self.record.measured()
        values = {}
        for shape, words in zip(SHAPES, SHAPE_WORDS):
            for peer in peers:
                figure = self.record.get(peer, shape.format(payload), metric, factor)
                if figure:
                    values[(words, HEADINGS[peer])] = figure
        svg = svg_plots.bars(title, unit, SHAPE_WORDS, [HEADINGS[peer] for peer in peers], values)
        return self._write(name, title, svg)

    def round_trips(self):
        peers = self.record.measured()
        values = {}
        for name in ROUND_TRIPS:
            for percentile in ("p50", "p99"):
                for peer in peers:
                    figure = self.record.get(peer, name, f"{percentile}_ratio")
                    if figure:
                        values[(f"{percentile}, {name.split(', ')[1]}", HEADINGS[peer])] = figure
        groups = [f"{percentile}, {payload}" for payload in PAYLOADS for percentile in ("p50", "p99")]
        title = "Round trip on one CPU"
        svg = svg_plots.bars(title, "times a bare relay's, less is better", groups, [HEADINGS[peer] for peer in peers],
                             values)
        return self._write("round_trip", title, svg)

    def _series(self, prefix, metric, factor=1.0):
        """What was measured of ours under `prefix` and a number, in the order of the numbers."""
        return sorted(
            (int(name.removeprefix(prefix)), tuple(value * factor for value in figure))
            for (label, name, each), figure in self.record.figures.items()
            if label == "ours" and name.startswith(prefix) and each == metric
        )

    def growth(self, what, axis):
        points = self._series(f"growth: {what} ", "broker_cpu_us")
        if not points:
            return None
        title = f"Broker CPU for a delivery: {what}"
        return self._write(f"growth_{what}", title, svg_plots.line(title, "us, less is better", axis, points))

    def steady(self):
        points = self._series("steady memory: ", "bytes", 1 / 1024)
        if not points:
            return None
        title = "The broker's memory under steady load"
        return self._write("steady_memory", title, svg_plots.line(title, "KiB", "seconds of 24 MB/s", points))


def machine_text(record):
    about = record.about
    lines = [f"{about.get('date', '?')}, {about.get('cpus', '?')} CPUs ({about.get('model', '?')}), "
             f"{about.get('memory', '?')} of memory, Linux {about.get('kernel', '?')}, {about.get('compiler', '?')}; "
             f"scale {about.get('scale', '?')}.", ""]
    for peer in PEERS:
        lines.append(f"- {HEADINGS[peer]}: {about.get(f'peer {peer}', 'not measured')}")
    return "\n".join(lines)


METHOD = """\
Everything runs on one machine; publisher, subscribers and broker are processes that share its CPUs. A broker is started
anew for each run and ended after it, and every figure is the median of five runs (of three for `busrt benchmark`; under Capacity, of the publishes alone);
the plots show the least and the greatest besides. The measurements go round the peers one by one, so that all of them see the same machine at about the same time.

- **Clients.** The same lean code for every system: blocking sockets and messages encoded beforehand, whose sequence numbers
  are patched in place. They are unix sockets, for nats-server TCP over loopback, because it has no others. ZeroMQ is its own
  client library, at both ends of a proxy (XSUB, XPUB) over `ipc://`. Messages are published to a topic that is subscribed
  without wildcards: BUS/RT with QoS no, MQTT 3.1.1 with QoS 0, NATS without `verbose`, redis with `CLIENT REPLY OFF`.
- **Nothing is lost.** A subscriber checks that the sequence has no hole, else the measurement has failed. The publisher is at
  most 4,096 messages ahead of the slowest subscriber, and where a peer would drop messages or subscribers before that, its
  limit is lifted.
- **Batched** is 64 KiB to a write; **a write each** is one system call for every message, which cannot be asked of ZeroMQ.
- **Broker CPU** is the user and system time of the broker's process, all its threads (ZeroMQ: the proxy's), by the message
  delivered.
- **Round trip.** A publication to a process that answers it with another, everything on one CPU. In parentheses the ratio to a
  relay (epoll_wait, read, write) between the same processes over as many sockets, measured just before.
- **Memory** is what of the broker's resident memory is its own (RssAnon); what the kernel holds for a socket is not in it.
"""


def figures_text(record, plots):
    parts = [
        "## The machine", machine_text(record),
        "## How it is measured", METHOD,
        "## Deliveries", "Million a second, more is better.",
        peer_table(record, "", shapes(), "deliveries_per_second", 1e-6), floor_text(record),
        plots.shapes("deliveries_100", "Deliveries, 100 bytes", "million a second, more is better", "100 B",
                     "deliveries_per_second", 1e-6),
        plots.shapes("deliveries_16k", "Deliveries, 16 KiB", "thousand a second, more is better", "16 KiB",
                     "deliveries_per_second", 1e-3),
        "## Broker CPU", "Microseconds for each delivery, less is better.",
        peer_table(record, "", shapes(), "broker_cpu_us"),
        plots.shapes("cpu_100", "Broker CPU for a delivery, 100 bytes", "us, less is better", "100 B", "broker_cpu_us", 1),
        plots.shapes("cpu_16k", "Broker CPU for a delivery, 16 KiB", "us, less is better", "16 KiB", "broker_cpu_us", 1),
        "## Round trip", "Microseconds, p50 / p99, and in parentheses how many times the relay's.",
        round_trip_table(record, ROUND_TRIPS, record.measured()), plots.round_trips(),
        "Messages to a name and back on a single connection each, which BUS/RT brokers alone have; the relay has a single "
        "connection each, too:",
        round_trip_table(record, [*LEVELS, "rpc call to .broker"],
                         [peer for peer in record.measured() if peer in ("ours", "reference")]),
        "## Our own client library", "Throughput, and p50 / p99 of a round trip on one CPU with all in one process.",
        client_text(record),
        "## `busrt benchmark -w 8 --payload-size 100`",
        "Thousand iterations a second, in parentheses times the reference's; then the broker's CPU in microseconds for each. "
        "The reference broker's queues are made to hold a whole run: at their default size it throws the tool's workers out. "
        "Ours has its defaults.",
        benchmark_command_text(record),
        "## Capacity", capacity_text(record), plots.steady(),
        "## As work grows", "Our broker, one publisher, batched, 100 bytes and one subscriber where nothing else is said.",
        *[plots.growth(what, axis) for what, axis in GROWTH.items()],
    ]
    return "\n\n".join(part.strip() for part in parts if part)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    record = Record(sys.argv[1])
    directory = Path(sys.argv[2])
    text = f"{BEGIN}\n\n{figures_text(record, Plots(record, directory / 'performance'))}\n\n{END}"
    page = directory / "performance.md"
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    if BEGIN in old and END in old:
        new = old[: old.index(BEGIN)] + text + old[old.index(END) + len(END):]
    else:
        new = ("# Performance\n\n`bench/compare` measures our broker side by side with others on one machine and writes "
               "the figures below.\n\n" + text + "\n")
    page.write_text(new, encoding="utf-8")


main()
