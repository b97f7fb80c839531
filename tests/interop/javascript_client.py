# The reference JavaScript client (busrt for Node) against our broker and the real one, over each transport that it has.
"""Runs javascript_client.mjs, a suite of node's own test runner, once for each broker and transport."""

import os
import shutil
import subprocess
import tempfile
import unittest

import peers

CLIENT = os.path.join(peers.peers_root(), "javascript")
SUITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "javascript_client.mjs")

# Grants what the suite does, and not `closed/#`.
RULES = """
[[client]]
name = "*"
publish = ["open/#"]
subscribe = ["open/#"]
message = ["*", ".broker"]
broadcast = ["*"]
"""


class JavaScriptClient(unittest.TestCase):
    def run_suite(self, which, transport, *options, **environment):
        port = str(peers.free_port())
        # Short enough for a test to wait until a silent client is dropped.
        broker = peers.Broker(which, "-B", f"127.0.0.1:{port}", "-t", "2", *options)
        self.addCleanup(broker.stop)
        address = {"BUS_PATH": broker.socket} if transport == "unix" else {"BUS_PORT": port}
        environment |= {"BUS_SOCKET": broker.socket, "PEERS_JAVASCRIPT": CLIENT, **address}
        done = subprocess.run(
            ["node", "--test-reporter=spec", SUITE], env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=peers.DEADLINE * 4, check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace"))

    def test_over_a_unix_socket(self):
        self.run_suite(peers.OURS, "unix")

    def test_over_tcp(self):
        self.run_suite(peers.OURS, "tcp")

    def test_under_access_rules(self):
        directory = self.enterContext(tempfile.TemporaryDirectory(prefix="busrt-interop-"))
        rules = os.path.join(directory, "access.toml")
        with open(rules, "w", encoding="ascii") as file:
            file.write(RULES)
        self.run_suite(peers.OURS, "unix", "--access", rules, BUS_RULES="1")

    def test_the_real_broker_passes_the_same(self):
        peers.require(peers.broker_program(peers.REFERENCE))
        for transport in ("unix", "tcp"):
            with self.subTest(transport):
                self.run_suite(peers.REFERENCE, transport)


if __name__ == "__main__":
    peers.require(shutil.which("node") or "node", "scripts/setup --ci")
    peers.require(os.path.join(CLIENT, "node_modules", "busrt", "dist"))
    peers.main()
