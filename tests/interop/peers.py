# What every interop test shares: where the programs are, how they are started and stopped, and how long to wait.
"""Programs under test and their reference peers."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SKIPPED = 77
DEADLINE = 20.0

OURS = "ours"
REFERENCE = "reference"


def peers_root():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.environ.get("DAEMONEYE_PEERS") or os.path.join(cache, "daemoneye-peers")


def our_program(variable):
    path = os.environ.get(variable)
    if not path:
        sys.exit(f"{variable} is not set: run through ctest, or set it to the program's path")
    return path


def broker_program(which):
    return our_program("OUR_BUSRTD") if which == OURS else os.path.join(peers_root(), "bin", "busrtd")


def cli_program(which):
    return our_program("OUR_BUSRT") if which == OURS else os.path.join(peers_root(), "bin", "busrt")


def require(path, installer="tests/interop/setup_peers.sh"):
    """Ends the process as skipped, or as failed where peers are required, if a peer is not installed."""
    if os.path.exists(path):
        return
    print(f"missing peer: {path} ({installer} installs it)", file=sys.stderr)
    sys.exit(1 if os.environ.get("DAEMONEYE_REQUIRE_PEERS") == "1" else SKIPPED)


def enter_peers_python():
    """Runs this script again with the Python that has the reference clients."""
    python = os.path.join(peers_root(), "venv", "bin", "python")
    require(python)
    if os.path.realpath(sys.prefix) != os.path.realpath(os.path.join(peers_root(), "venv")):
        os.execv(python, [python] + sys.argv)


def wait_until(condition, what):
    """Waits for a condition and returns its value; fails the test when the deadline passes."""
    end = time.monotonic() + DEADLINE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {DEADLINE:.0f} s: {what}")
        time.sleep(0.01)


def answers(path):
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
            return True
        except OSError:
            return False


def free_port():
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A running program whose output is read line by line; stdout and stderr are one stream."""

    def __init__(self, arguments, env=None, pass_fds=()):
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
            pass_fds=pass_fds,
        )
        self._lines = []
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._lock:
                self._lines.append(line.decode(errors="replace").rstrip("\n"))

    def lines(self):
        with self._lock:
            return list(self._lines)

    def text(self):
        return "\n".join(self.lines())

    def wait_for(self, text):
        wait_until(lambda: text in self.text(), f"'{text}' in the output:\n{self.text()}")

    def wait(self):
        code = self.process.wait(timeout=DEADLINE)
        self._reader.join(timeout=DEADLINE)
        return code

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=DEADLINE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(timeout=DEADLINE)
        self.process.stdout.close()
        return self.process.returncode


class Broker:
    """A broker, ours or the reference, on a socket in a directory of its own."""

    def __init__(self, which, *options):
        self.directory = tempfile.TemporaryDirectory(prefix="busrt-interop-")
        self.socket = os.path.join(self.directory.name, "bus.sock")
        self.program = Program([broker_program(which), "-B", self.socket, "-w", "1", *options])
        try:
            wait_until(self._up, "the broker listens")
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.stop()}") from None

    def _up(self):
        if self.program.process.poll() is not None:
            raise AssertionError(f"the broker ended: {self.program.text()}")
        return answers(self.socket)

    def stop(self):
        self.program.stop()
        self.directory.cleanup()
        return self.program.text()


class Cli:
    """The command line client, ours or the reference, for one broker."""

    def __init__(self, which, broker):
        self.program = cli_program(which)
        self.socket = broker.socket
        # Backtraces of the reference tool would slow it down and say nothing here.
        self.env = {**os.environ, "RUST_BACKTRACE": "0", "NO_COLOR": "1"}

    def run(self, *arguments, stdin=b"", options=()):
        return subprocess.run(
            [self.program, self.socket, *options, *arguments],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.env,
            timeout=DEADLINE * 3,
            check=False,
        )

    def output(self, *arguments, stdin=b"", options=()):
        """Standard output of a command that has to succeed."""
        done = self.run(*arguments, stdin=stdin, options=options)
        if done.returncode != 0:
            raise AssertionError(f"{arguments} ended with {done.returncode}: {done.stdout!r} {done.stderr!r}")
        return done.stdout.decode(errors="replace")

    def start(self, name, *arguments):
        """A listener; returns when it has subscribed."""
        program = Program([self.program, self.socket, "-n", name, *arguments], env=self.env)
        program.wait_for("Listening to")
        return program


def main():
    """Runs the tests of the calling script, verbose enough to find a failure in ctest's log."""
    unittest.main(argv=sys.argv[:1], verbosity=2)
