# busrtd as scripts and service managers use it: options, signals, files it leaves or must not leave behind.
"""The server's command line. Needs no reference peer."""

import os
import signal
import stat
import subprocess
import tempfile
import unittest

import peers


class Server(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="busrtd-options-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.socket = self.path("bus.sock")

    def path(self, name):
        return os.path.join(self.directory, name)

    def start(self, *options):
        program = peers.Program([peers.broker_program(peers.OURS), *options])
        self.addCleanup(program.stop)
        return program

    def started(self, *options):
        program = self.start(*options)
        program.wait_for("broker started")
        return program

    def refused(self, *options):
        done = subprocess.run(
            [peers.broker_program(peers.OURS), *options], capture_output=True, timeout=peers.DEADLINE, check=False
        )
        self.assertNotEqual(done.returncode, 0, options)
        return done.stderr.decode()

    def test_every_option_of_the_real_server_is_taken(self):
        program = self.started(
            *["-B", self.socket, "--bind", self.path("second.socket"), "-P", self.path("pid"), "--verbose"],
            *["--force-register", "-w", "2", "-t", "2.5", "--buf-size", "4096", "--buf-ttl", "20"],
            *["--queue-size", "100"],
        )
        self.assertTrue(peers.answers(self.socket))
        self.assertTrue(peers.answers(self.path("second.socket")))
        self.assertIn("workers: 2, timeout: 2500 ms, queue: 100 frames", program.text())
        self.assertIn("--buf-size has no effect", program.text())
        self.assertIn("--buf-ttl has no effect", program.text())

    def test_own_options_are_taken(self):
        self.started(
            *["-B", self.socket, "--queue-bytes", "1m", "--slow-consumer", "drop", "--stall-limit", "0.5"],
            *["--max-frame", "64k"],
        )

    def test_transports_that_are_not_there_yet_are_refused_by_name(self):
        for bind in ("localhost:7777", "fifo:/tmp/fifo", "ws://localhost:80", "wss://localhost", "tcp://localhost:1"):
            text = self.refused("-B", self.socket, "-B", bind)
            self.assertIn(bind, text)
            self.assertIn("not supported yet", text)
            self.assertFalse(os.path.exists(self.socket))

    def test_bad_values_are_refused_by_the_name_of_their_option(self):
        for option, value in (("-w", "0"), ("-t", "-1"), ("--queue-size", "x"), ("--slow-consumer", "sleep")):
            self.assertIn(option, self.refused("-B", self.socket, option, value))
        self.assertIn("--bind", self.refused())
        self.assertIn("'nothing'", self.refused("-B", "nothing"))

    def test_a_path_that_cannot_be_bound_is_named_with_the_reason(self):
        with open(self.path("file.sock"), "w", encoding="ascii"):
            pass
        text = self.refused("-B", self.path("file.sock"))
        self.assertIn(self.path("file.sock"), text)
        self.assertIn("not a socket", text)

    def test_a_second_server_does_not_take_the_socket_of_a_living_one(self):
        self.started("-B", self.socket, "-P", self.path("pid"))
        with open(self.path("pid"), encoding="ascii") as file:
            before = file.read()
        self.assertIn(self.socket, self.refused("-B", self.socket, "-P", self.path("pid")))
        with open(self.path("pid"), encoding="ascii") as file:
            self.assertEqual(file.read(), before)

    def test_the_socket_a_killed_server_left_is_replaced(self):
        self.started("-B", self.socket).stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(self.socket))
        self.started("-B", self.socket)
        self.assertTrue(peers.answers(self.socket))

    def test_the_socket_is_the_owners_alone(self):
        self.started("-B", self.path("made/bus.sock"))
        self.assertEqual(stat.S_IMODE(os.stat(self.path("made/bus.sock")).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("made")).st_mode), 0o700)

    def test_termination_removes_socket_and_pid_file(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            program = self.started("-B", self.socket, "-P", self.path("pid"))
            with open(self.path("pid"), encoding="ascii") as file:
                self.assertEqual(file.read(), str(program.process.pid))
            self.assertEqual(program.stop(how), 0)
            self.assertEqual(os.listdir(self.directory), [])

    def test_clients_are_told_of_the_shutdown(self):
        program = self.started("-B", self.socket)
        cli = peers.Program([peers.cli_program(peers.OURS), self.socket, "-n", "listener", "listen"])
        self.addCleanup(cli.stop)
        cli.wait_for("Listening to")
        program.stop()
        self.assertEqual(cli.wait(), 1)
        self.assertIn("topic: .broker/warn", cli.text())
        self.assertIn('"s": "shutdown"', cli.text())
        self.assertIn("the connection to the broker ended", cli.text())

    def test_a_hangup_changes_nothing(self):
        program = self.started("-B", self.socket)
        program.process.send_signal(signal.SIGHUP)
        program.wait_for("SIGHUP")
        self.assertTrue(peers.answers(self.socket))

    def test_in_the_background_it_listens_when_the_command_returns(self):
        env = {**os.environ, "DISABLE_SYSLOG": "1"}
        command = [peers.broker_program(peers.OURS), "-B", self.socket, "-P", self.path("pid"), "-D"]
        subprocess.run(command, env=env, timeout=peers.DEADLINE, check=True, capture_output=True)
        with open(self.path("pid"), encoding="ascii") as file:
            pid = int(file.read())
        try:
            self.assertTrue(peers.answers(self.socket))
        finally:
            os.kill(pid, signal.SIGTERM)
        peers.wait_until(lambda: not os.path.exists(self.path("pid")), "the pid file is removed")

    def test_in_the_background_a_failing_start_is_told_to_the_caller(self):
        with open(self.path("file.sock"), "w", encoding="ascii"):
            pass
        self.assertIn("not a socket", self.refused("-B", self.path("file.sock"), "-D"))


if __name__ == "__main__":
    peers.main()
