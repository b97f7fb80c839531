#!/usr/bin/env python3
"""Runs `busrt benchmark` of both command lines against both brokers, and records rates and broker CPU.

    bench/benchmark_command.py --ours DIRECTORY --reference DIRECTORY --iters N --runs N [--record FILE]

DIRECTORY holds `busrtd` and `busrt`. Three ways are compared: the reference tool on the reference broker, the reference
tool on ours, our tool on ours; each is measured in turn, `runs` times. The reference broker gets queues that hold the
whole run: at its default size it throws the tool's own workers out, which ends the tool. Ours keeps its defaults.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WAYS = ["reference tool, reference broker", "reference tool, our broker", "our tool, our broker"]
STAGE_STARTED = re.compile(r"!!! stage started: (\S+)")
STAGE_ENDED = re.compile(r"\*\*\* stage completed: (\S+) .*?([\d.]+) secs")
STAGE_ROW = re.compile(r"^ (\S+) +[\d_]+ +[\d.]+ +[\d.]+ +([\d_]+) *$")
TIMEOUT_SECONDS = 300
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of all threads. The name in the second field may hold spaces."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Broker:
    def __init__(self, command, directory):
        self.socket = f"{directory}/bus.sock"
        self.log = open(f"{directory}/broker.log", "w+")
        self.process = subprocess.Popen([*command, "-B", self.socket, "-t", "60"], stdout=self.log,
                                        stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 10
        while not os.path.exists(self.socket):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not start: {Path(self.log.name).read_text()}")
            time.sleep(0.01)
        time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def run(broker_command, tool, iters):
    """{stage: (iterations per second, broker CPU in microseconds per iteration)}"""
    with tempfile.TemporaryDirectory() as directory, Broker(broker_command, directory) as broker:
        tool_process = subprocess.Popen(
            [tool, broker.socket, "benchmark", "-w", "8", "--payload-size", "100", "--iters", str(iters)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        watchdog = time.monotonic() + TIMEOUT_SECONDS
        cpu_before, cpu, rates, output = 0.0, {}, {}, []
        try:
            for line in tool_process.stdout:
                output.append(line)
                if STAGE_STARTED.search(line):
                    cpu_before = cpu_seconds(broker.process.pid)
                elif ended := STAGE_ENDED.search(line):
                    cpu[ended[1]] = (cpu_seconds(broker.process.pid) - cpu_before) / iters * 1e6
                elif row := STAGE_ROW.match(re.sub(r"\x1b\[[0-9;]*m", "", line)):
                    rates[row[1]] = float(row[2].replace("_", ""))
                if time.monotonic() > watchdog:
                    raise RuntimeError(f"{tool} benchmark takes too long")
            code = tool_process.wait(10)
        finally:
            tool_process.kill()
            tool_process.wait()
        if code != 0 or not rates:
            raise RuntimeError(f"{tool} benchmark on {broker_command[0]} ended with {code}:\n" + "".join(output[-8:]))
        return {stage: (rate, cpu[stage]) for stage, rate in rates.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--iters", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--record")
    options = parser.parse_args()
    reference = [f"{options.reference}/busrtd", "--queue-size", str(max(8192, options.iters + 1))]
    ours = [f"{options.ours}/busrtd"]
    ways = dict(zip(WAYS, [(reference, f"{options.reference}/busrt"), (ours, f"{options.reference}/busrt"),
                           (ours, f"{options.ours}/busrt")]))
    results = {}
    failed = []
    for _ in range(options.runs):
        for way, (broker, tool) in ways.items():
            try:
                for stage, figures in run(broker, tool, options.iters).items():
                    results.setdefault((way, stage), []).append(figures)
            except RuntimeError as error:
                print(f"# {way}: {error}", file=sys.stderr)
                failed.append(way)
    lines = []
    for (way, stage), figures in results.items():
        for metric, values in zip(("per_second", "cpu_us"), zip(*figures)):
            lines.append("\t".join(["benchmark " + way, stage, metric,
                                    *(f"{value:.6g}" for value in (statistics.median(values), min(values), max(values)))]))
        rate, cpu = (statistics.median(values) for values in zip(*figures))
        print(f"{way:34} {stage:26} {rate / 1000:10.1f} k/s  {cpu:8.3f} us broker CPU each")
    lines += [f"benchmark {way}\tall stages\tfailed\t1\t1\t1" for way in dict.fromkeys(failed)]
    if options.record:
        with open(options.record, "a", encoding="utf-8") as record:
            record.writelines(line + "\n" for line in lines)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
