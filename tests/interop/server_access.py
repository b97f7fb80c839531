# busrtd --access as an operator uses it: rules at the start, SIGHUP, mistakes in the file, explanations.
"""The server's access rules. Needs no reference peer."""

import os
import signal
import subprocess
import tempfile
import unittest

import peers

OPEN = """
[[client]]
name = "watcher"
uid = {uid}
subscribe = ["news/#"]
message = [".broker"]

[[client]]
name = "*"
publish = ["news/+"]
message = [".broker"]
"""


class Access(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="busrtd-access-")
        self.addCleanup(directory.cleanup)
        self.socket = os.path.join(directory.name, "bus.sock")
        self.rules = os.path.join(directory.name, "access.toml")
        self.write(OPEN)

    def write(self, rules):
        with open(self.rules, "w", encoding="utf-8") as file:
            file.write(rules.replace("{uid}", str(os.getuid())))

    def start(self):
        program = peers.Program([peers.broker_program(peers.OURS), "-B", self.socket, "--access", self.rules])
        self.addCleanup(program.stop)
        program.wait_for("broker started")
        return program

    def busrt(self, *arguments, path=True):
        command = [peers.cli_program(peers.OURS), *([self.socket] if path else []), *arguments]
        return subprocess.run(command, capture_output=True, timeout=peers.DEADLINE, check=False, text=True)

    def listen(self, topic):
        arguments = [peers.cli_program(peers.OURS), self.socket, "-n", "watcher", "listen", "-t", topic]
        program = peers.Program(arguments)
        self.addCleanup(program.stop)
        return program

    def test_what_is_not_granted_is_denied(self):
        server = self.start()
        watcher = self.listen("news/#")
        watcher.wait_for("Listening to")
        self.assertEqual(self.busrt("publish", "news/today", "hello").returncode, 0)
        watcher.wait_for("hello")
        self.assertNotEqual(self.busrt("publish", "news/deep/er", "no").returncode, 0)
        self.assertNotEqual(self.busrt("send", "watcher", "no").returncode, 0)
        server.wait_for(f'denied by {self.rules}:9')
        self.assertNotIn("no\n", watcher.text())

    def test_a_reload_bars_a_live_client_and_lets_another_one_in(self):
        server = self.start()
        watcher = self.listen("news/#")
        watcher.wait_for("Listening to")
        self.write('[[client]]\nname = "late"\npublish = ["x"]\n')
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("SIGHUP: access rules")
        self.assertEqual(watcher.wait(), 1)
        server.wait_for("client watcher")
        server.wait_for("access revoked")
        self.assertEqual(self.busrt("-n", "late", "publish", "x", "").returncode, 0)
        refused = self.busrt("-n", "watcher", "publish", "x", "")
        self.assertNotEqual(refused.returncode, 0)

    def test_a_reload_takes_subscriptions_away_and_says_so(self):
        server = self.start()
        watcher = self.listen("news/#")
        watcher.wait_for("Listening to")
        self.write(OPEN.replace('"news/#"', '"news/+"'))
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(f"lost subscriptions that {self.rules} does not grant: news/#")
        self.assertIsNone(watcher.process.poll())

    def test_a_bad_file_is_reported_by_line_and_the_earlier_rules_stay(self):
        server = self.start()
        self.write('[[client]]\nname = "a"\nuid = "root"\npublis = []\n')
        server.process.send_signal(signal.SIGHUP)
        server.wait_for(f'{self.rules}:3:7: client.uid: found "root"')
        server.wait_for(f"{self.rules}:4:1: client.publis: unknown key")
        server.wait_for("the earlier access rules stay in force")
        self.assertEqual(self.busrt("publish", "news/today", "").returncode, 0)
        os.unlink(self.rules)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("cannot read the access rules (No such file")
        self.assertEqual(self.busrt("publish", "news/today", "").returncode, 0)
        self.write(OPEN.replace('"news/+"', '"other"'))
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("SIGHUP: access rules")
        self.assertNotEqual(self.busrt("publish", "news/today", "").returncode, 0)

    def test_a_bad_file_keeps_the_server_from_starting(self):
        self.write("[[client]]\nname = \n")
        command = [peers.broker_program(peers.OURS), "-B", self.socket, "--access", self.rules]
        done = subprocess.run(command, capture_output=True, timeout=peers.DEADLINE, check=False, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.rules}:2:", done.stderr)
        self.assertFalse(os.path.exists(self.socket))

    def test_decisions_are_explained_by_line(self):
        self.start()
        for path in (True, False):
            where = [] if path else ["--file", self.rules]
            asked = self.busrt("access", "explain", "somebody", "publish", "news/x", *where, path=path)
            self.assertEqual((asked.returncode, asked.stdout), (0, f'allowed by {self.rules}:10: "news/+"\n'))
            asked = self.busrt("access", "explain", "somebody", "subscribe", "news/x", *where, path=path)
            self.assertEqual(asked.returncode, 1)
            self.assertIn(f'denied by {self.rules}:9: the [[client]] "*" does not grant it', asked.stdout)
            asked = self.busrt("access", "explain", "watcher", "connect", "--uid", "4294967294", *where, path=path)
            self.assertEqual(asked.returncode, 1)
            self.assertIn(f'denied by {self.rules}:3: the [[client]] "watcher" demands another uid', asked.stdout)
            asked = self.busrt("access", "explain", "watcher", "connect", "--uid", str(os.getuid()), *where, path=path)
            self.assertEqual(asked.returncode, 0, asked.stdout)

    def test_a_connected_client_is_explained_as_it_is(self):
        self.start()
        watcher = self.listen("news/#")
        watcher.wait_for("Listening to")
        asked = self.busrt("access", "explain", "watcher", "subscribe", "news/a/#")
        self.assertEqual((asked.returncode, asked.stdout), (0, f'allowed by {self.rules}:5: "news/#"\n'))


if __name__ == "__main__":
    peers.main()
