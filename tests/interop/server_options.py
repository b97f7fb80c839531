# busrtd as scripts and service managers use it: options, signals, files it leaves or must not leave behind.
"""The server's command line. Needs no reference peer."""

import os
import signal
import socket
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

    def cli(self, address, *arguments):
        return subprocess.run(
            [peers.cli_program(peers.OURS), address, "-n", "client", *arguments],
            capture_output=True, timeout=peers.DEADLINE, check=False,
        )

    def register_clients(self, count):
        """Each costs two long lines of the debug level; 3,000 of them are more than a pipe and the log's queue hold."""
        for number in range(count):
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect(self.socket)
                name = f"{number:0250d}".encode()
                peer.sendall(b"\xeb\x01\x00" + len(name).to_bytes(2, "little") + name)
                peer.settimeout(peers.DEADLINE)
                answer = b""
                while len(answer) < 5:
                    answer += peer.recv(5 - len(answer))

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.directory, capture_output=True, check=True)

    def certificates(self, *names):
        """An authority, and one certificate for each name; the broker's is for localhost."""
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        self.openssl("req", "-x509", *key, "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
        for name in names:
            self.openssl("req", *key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
            with open(self.path(f"{name}.ext"), "w", encoding="ascii") as file:
                file.write("subjectAltName=DNS:localhost\n")
            self.openssl(
                *["x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
                *["-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem"],
            )

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

    def test_memory_limits_follow_the_frame_limit_or_contradict_it_by_name(self):
        program = self.started("-B", self.socket, "--max-frame", "512m")
        self.assertIn("largest frame: 536870912 bytes", program.text())
        program.stop()
        for options, names in (
            (["--max-frame", "512m", "--client-memory", "256m"], ["--client-memory 268435456", "--max-frame"]),
            (["--queue-bytes", "1g", "--memory", "1g"], ["--memory 1073741824", "--queue-bytes"]),
            (["--max-frame", "1025m"], ["--max-frame"]),
        ):
            text = self.refused("-B", self.socket, *options)
            for name in names:
                self.assertIn(name, text)
            self.assertFalse(os.path.exists(self.socket))

    def test_addresses_that_cannot_be_served_are_refused_by_name(self):
        taken = self.path("taken")
        with open(taken, "w", encoding="ascii") as file:
            file.write("a file of somebody else")
        for bind in (
            *(f"fifo:{taken}", "inproc://x", "0.0.0.0:7777", "ws://0.0.0.0:7777", "tcp://localhost:7777"),
            *("fifo:/no/such/folder/fifo", "192.0.2.1:7777", "ipc:///no/such/file/"),
        ):
            text = self.refused("-B", self.socket, "-B", bind)
            self.assertIn(bind.removeprefix("ws://").removeprefix("fifo:"), text)
            self.assertFalse(os.path.exists(self.socket))

    def test_files_that_others_may_write_are_refused_by_name(self):
        self.certificates("broker")
        port = peers.free_port()
        tls = ["--cert", self.path("broker.pem"), "--key", self.path("broker.key"), "--ca", self.path("ca.pem")]
        for name, options in (
            ("token", ["-B", f"ws://127.0.0.1:{port}", "--token-file", self.path("token")]),
            ("access.toml", ["-B", self.socket, "--access", self.path("access.toml")]),
            ("broker.key", ["-B", f"tcp://127.0.0.1:{port}", *tls]),
            ("ca.pem", ["-B", f"tcp://127.0.0.1:{port}", *tls]),
        ):
            if not os.path.exists(self.path(name)):
                with open(self.path(name), "w", encoding="ascii") as file:
                    file.write('[[client]]\nname = "a"\n')
            mode = stat.S_IMODE(os.stat(self.path(name)).st_mode)
            os.chmod(self.path(name), 0o666)
            text = self.refused(*options)
            self.assertIn(f"{self.path(name)} belongs to uid {os.getuid()} and has mode 0666", text)
            os.chmod(self.path(name), mode)

    def test_a_fifo_in_the_place_of_a_certificate_file_holds_nothing_up(self):
        self.certificates("broker")
        fifo = self.path("fifo")
        os.mkfifo(fifo, 0o600)
        address = f"tcp://127.0.0.1:{peers.free_port()}"
        text = self.refused("-B", address, "--cert", fifo, "--key", fifo, "--ca", fifo)
        self.assertIn(f"certificate {fifo}: it is a pipe, expected a regular file", text)
        program = self.started(
            *["-B", address, "--cert", self.path("broker.pem"), "--key", self.path("broker.key")],
            *["--ca", self.path("ca.pem")],
        )
        client = self.cli(address, "--timeout", "1", "--cert", fifo, "--key", fifo, "broker", "info")
        self.assertIn(f"certificate {fifo}: it is a pipe", client.stderr.decode() + client.stdout.decode())
        os.rename(fifo, self.path("ca.pem"))
        program.process.send_signal(signal.SIGHUP)
        program.wait_for(f"the earlier certificates stay in use: authority {self.path('ca.pem')}: it is a pipe")
        program.process.send_signal(signal.SIGTERM)
        self.assertEqual(program.process.wait(peers.DEADLINE), 0)

    def test_what_an_error_quotes_cannot_act_on_a_terminal(self):
        odd = "x\u009b\x1b[2J"
        for options in (["-B", odd], ["-B", self.socket, "-w", odd], ["-B", "ws://127.0.0.1:1", "--token-file", odd]):
            text = self.refused(*options)
            self.assertIn("\\x1b[2J", text)
            self.assertNotIn("\x1b", text)
            self.assertNotIn("\u009b", text)

    def test_a_name_that_has_an_address_twice_is_bound_once(self):
        hosts = self.path("hosts")
        with open(hosts, "w", encoding="ascii") as file:
            file.write("127.0.0.1 localhost\n127.0.0.1 twice localhost\n127.0.0.1 twice\n")
        script = f"mount --bind {hosts} /etc/hosts && exec \"$@\""
        unshare = ["unshare", "--mount", "bash", "-c", script, "start"]
        if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no mount namespace for this user")
        for scheme in ("", "ws://"):
            bind = f"{scheme}twice:{peers.free_port()}"
            program = peers.Program([*unshare, peers.broker_program(peers.OURS), "-B", bind])
            self.addCleanup(program.stop)
            program.wait_for("broker started")

    def test_every_transport_at_once(self):
        ports = [peers.free_port() for _ in range(4)]
        self.certificates("broker", "client")
        token = self.path("token")
        with open(token, "w", encoding="ascii") as file:
            file.write("a token\n")
        self.started(
            *["-B", self.socket, "-B", f"127.0.0.1:{ports[0]}", "-B", f"tcp://localhost:{ports[1]}"],
            *["-B", f"ws://127.0.0.1:{ports[2]}", "-B", f"wss://localhost:{ports[3]}", "--token-file", token],
            *["--cert", self.path("broker.pem"), "--key", self.path("broker.key"), "--ca", self.path("ca.pem")],
        )
        proof = ["--ca", self.path("ca.pem"), "--cert", self.path("client.pem"), "--key", self.path("client.key")]
        for address, options in (
            (self.socket, []),
            (f"127.0.0.1:{ports[0]}", []),
            (f"tcp://localhost:{ports[1]}", proof),
            (f"ws://127.0.0.1:{ports[2]}", ["--token", "a token"]),
            (f"wss://localhost:{ports[3]}", [*proof, "--token", "a token"]),
        ):
            done = self.cli(address, *options, "broker", "test")
            self.assertEqual(done.returncode, 0, (address, done.stderr))
        for address, options, words in (
            (f"tcp://localhost:{ports[1]}", proof[:2], "certificate required"),
            (f"tcp://127.0.0.1:{ports[1]}", proof, "certificate for another name"),
            (f"ws://127.0.0.1:{ports[2]}", ["--token", "wrong"], "the broker refused the token"),
        ):
            done = self.cli(address, *options, "broker", "test")
            self.assertNotEqual(done.returncode, 0, address)
            self.assertIn(words, done.stderr.decode())

    def test_a_hangup_reads_the_certificates_again_and_keeps_them_when_it_cannot(self):
        port = peers.free_port()
        self.certificates("broker", "client")
        program = self.started(
            *["-B", f"tcp://localhost:{port}", "--cert", self.path("broker.pem"), "--key", self.path("broker.key")],
            *["--ca", self.path("ca.pem")],
        )
        program.process.send_signal(signal.SIGHUP)
        program.wait_for("certificates read again")
        with open(self.path("broker.key"), "w", encoding="ascii") as file:
            file.write("nonsense")
        program.process.send_signal(signal.SIGHUP)
        program.wait_for("the earlier certificates stay in use")
        self.assertIn(self.path("broker.key"), program.text())
        proof = ["--ca", self.path("ca.pem"), "--cert", self.path("client.pem"), "--key", self.path("client.key")]
        self.assertEqual(self.cli(f"tcp://localhost:{port}", *proof, "broker", "test").returncode, 0)

    def test_a_security_option_is_neither_empty_nor_without_effect(self):
        port = peers.free_port()
        empty = self.path("empty")
        with open(empty, "w", encoding="ascii"):
            pass
        for option in ("--token", "--token-file", "--access", "--cert", "--key", "--ca", "--ws-origin", "--metrics"):
            for arguments in ((option, ""), (f"{option}=",)):
                self.assertIn(option, self.refused("-B", f"ws://127.0.0.1:{port}", *arguments), arguments)
        self.assertIn("--token-file", self.refused("-B", f"ws://127.0.0.1:{port}", "--token-file", empty))
        token = self.path("token")
        with open(token, "w", encoding="ascii") as file:
            file.write("a token")
        for option, value, needs in (
            ("--token", "t", "ws:// and wss://"),
            ("--token-file", token, "ws:// and wss://"),
            ("--ws-origin", "https://app.example", "ws:// and wss://"),
            ("--cert", "c.pem", "tcp:// and wss://"),
            ("--key", "c.key", "tcp:// and wss://"),
            ("--ca", "ca.pem", "tcp:// and wss://"),
        ):
            text = self.refused("-B", self.socket, "-B", f"127.0.0.1:{port}", option, value)
            self.assertIn(f"{option} has no effect at {self.socket}, 127.0.0.1:{port}: it is for {needs}", text)
        self.assertIn("--ca has no effect", self.refused("-B", f"ws://127.0.0.1:{port}", "--ca", "ca.pem"))
        self.assertIn("--insecure-tcp has no effect", self.refused("-B", self.socket, "--insecure-tcp"))
        self.assertIn("--ws-origin", self.refused("-B", f"ws://127.0.0.1:{port}", "--ws-origin", "*"))
        self.assertFalse(os.path.exists(self.socket))

    def test_a_hangup_reads_the_token_again_and_keeps_it_when_it_cannot(self):
        port = peers.free_port()
        token = self.path("token")

        def write(text):
            with open(token, "w", encoding="ascii", newline="") as file:
                file.write(text)

        def admitted(text):
            return self.cli(f"ws://127.0.0.1:{port}", "--token", text, "broker", "test").returncode == 0

        # As an editor of Windows leaves it.
        write("first\r\nsecond\r\n")
        program = self.started("-B", f"ws://127.0.0.1:{port}", "--token-file", token)
        self.assertTrue(admitted("first"))
        write("next\n")
        program.process.send_signal(signal.SIGHUP)
        program.wait_for("is in force for new connections")
        self.assertTrue(admitted("next"))
        self.assertFalse(admitted("first"))
        write("\n")
        program.process.send_signal(signal.SIGHUP)
        program.wait_for("the earlier token stays in force")
        self.assertTrue(admitted("next"))
        self.assertNotIn("certificates", program.text())

    def test_the_port_of_the_metrics_is_told_where_any_may_be_taken(self):
        program = self.started("-B", self.socket, "--metrics", "127.0.0.1:0")
        self.assertRegex(program.text(), r"serving metrics at http://127\.0\.0\.1:[1-9][0-9]*/metrics")

    def test_a_log_that_nobody_reads_holds_no_client_and_tells_what_is_missing(self):
        reading, writing = os.pipe()
        with subprocess.Popen(
            [peers.broker_program(peers.OURS), "-B", self.socket, "--verbose"], stderr=writing, stdin=subprocess.DEVNULL
        ) as process:
            os.close(writing)
            with os.fdopen(reading, "rb") as log:
                peers.wait_until(lambda: peers.answers(self.socket), "the broker listens")
                self.register_clients(4000)
                self.assertEqual(self.cli(self.socket, "broker", "test").returncode, 0)
                process.send_signal(signal.SIGTERM)
                text = log.read().decode()
                self.assertEqual(process.wait(timeout=peers.DEADLINE), 0)
        self.assertRegex(text, r"warning log: [0-9,]+ lines are missing here")
        # What comes at the end is not lost with what was too much.
        self.assertTrue(text.endswith(" stopped\n"), text[-200:])

    def test_a_log_that_nobody_reads_does_not_keep_the_server_from_ending(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        process = subprocess.Popen(
            [peers.broker_program(peers.OURS), "-B", self.socket, "--verbose"], stderr=writing, stdin=subprocess.DEVNULL
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        os.close(writing)
        peers.wait_until(lambda: peers.answers(self.socket), "the broker listens")
        self.register_clients(500)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=peers.DEADLINE), 0)

    def test_times_in_the_log_are_utc_in_rfc_3339(self):
        program = self.started("-B", self.socket)
        for line in program.lines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warning|error) +[^ ]")

    def test_the_service_manager_is_told_of_start_reload_and_end(self):
        for name in (self.path("notify"), "\0busrtd-options-" + str(os.getpid())):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(name)
                manager.settimeout(peers.DEADLINE)
                env = {**os.environ, "NOTIFY_SOCKET": name.replace("\0", "@")}
                program = peers.Program([peers.broker_program(peers.OURS), "-B", self.socket], env=env)
                self.addCleanup(program.stop)
                self.assertEqual(manager.recv(1000), b"READY=1")
                self.assertTrue(peers.answers(self.socket))
                program.process.send_signal(signal.SIGHUP)
                self.assertRegex(manager.recv(1000), rb"^RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*$")
                self.assertEqual(manager.recv(1000), b"READY=1")
                self.assertEqual(program.stop(), 0)
                self.assertEqual(manager.recv(1000), b"STOPPING=1")

    def test_sockets_from_systemd_are_adopted_by_name(self):
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        listening.bind(self.socket)
        listening.listen()
        # What systemd does: the socket is descriptor 3, and the variables name it for this very process.
        script = 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=bus exec "$@" 3<&"$SOCKET"'
        program = peers.Program(
            ["bash", "-c", script, "start", peers.broker_program(peers.OURS), "-B", "systemd:bus"],
            env={**os.environ, "SOCKET": str(listening.fileno())},
            pass_fds=[listening.fileno()],
        )
        self.addCleanup(program.stop)
        program.wait_for("broker started")
        self.assertEqual(self.cli(self.socket, "broker", "test").returncode, 0)

    def test_without_sockets_from_systemd_the_reason_is_named(self):
        self.assertIn("LISTEN_FDS", self.refused("-B", "systemd:"))

    def test_bad_values_are_refused_by_the_name_of_their_option(self):
        for option, value in (("-w", "0"), ("-t", "-1"), ("--queue-size", "x"), ("--slow-consumer", "sleep")):
            self.assertIn(option, self.refused("-B", self.socket, option, value))
        self.assertIn("--bind", self.refused())
        self.assertIn("'nothing'", self.refused("-B", "nothing"))
        for bind in ("unix:/x", "unix:bus.sock", "ipc:/x", "http://x", "file:/x"):
            text = self.refused("-B", bind)
            self.assertIn("unknown scheme '" + bind.split(":")[0], text)
            self.assertIn("ipc://PATH", text)
            self.assertFalse(os.path.exists(bind.split(":")[0] + ":"))

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

    def test_of_many_servers_that_start_at_once_exactly_one_wins(self):
        for round_number in range(30):
            address = self.path("bus.sock") if round_number % 3 else "fifo:" + self.path("fifo")
            if round_number % 2:
                # What a killed server leaves: a socket that nothing answers on, a lock file that nothing holds.
                self.started("-B", address).stop(signal.SIGKILL)
            command = [peers.broker_program(peers.OURS), "-B", address, "-w", "1"]
            servers = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(5)]
            try:
                running = lambda: [each for each in servers if each.poll() is None]
                peers.wait_until(lambda: len(running()) <= 1, f"one of five is left, round {round_number}")
                winner = running()
                self.assertEqual(len(winner), 1, round_number)
                path = address.removeprefix("fifo:")
                peers.wait_until(lambda: os.path.exists(path), f"it listens, round {round_number}")
                if path == address:
                    peers.wait_until(lambda: peers.answers(path), f"it answers, round {round_number}")
            finally:
                for each in servers:
                    each.terminate()
                    each.wait(peers.DEADLINE)
            self.assertEqual(os.listdir(self.directory), [], "neither socket nor lock file stays")

    def test_the_socket_a_killed_server_left_is_replaced(self):
        self.started("-B", self.socket).stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(self.socket))
        self.started("-B", self.socket)
        self.assertTrue(peers.answers(self.socket))

    def test_an_idle_fifo_whose_writers_have_gone_costs_no_processor(self):
        fifo = self.path("fifo")
        program = self.started("-B", self.socket, "-B", f"fifo:{fifo}", "-w", "1", "--fifo-mode", "0620")
        self.assertEqual(stat.S_IMODE(os.stat(fifo).st_mode), 0o620)

        def sleeps():
            """Whether every thread sleeps."""
            tasks = f"/proc/{program.process.pid}/task"
            for task in os.listdir(tasks):
                with open(os.path.join(tasks, task, "stat"), encoding="ascii") as file:
                    if file.read().rsplit(")", 1)[1].split()[0] != "S":
                        return False
            return True

        listener = peers.Program([peers.cli_program(peers.OURS), self.socket, "-n", "listener", "listen", "-t", "#"])
        self.addCleanup(listener.stop)
        listener.wait_for("Listening to")
        for line in ("=news/a unfinished", "=news/a whole\n"):
            with open(fifo, "w", encoding="ascii") as file:
                file.write(line)
            listener.wait_for(line.split(" ")[1].rstrip())
        # One that spins is seen running, not asleep so often in a row.
        seen = [0]

        def asleep_again():
            seen[0] = seen[0] + 1 if sleeps() else 0
            return seen[0] >= 30

        peers.wait_until(asleep_again, "the server sleeps")

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

    def test_a_pid_file_takes_the_place_of_its_users_regular_files_alone(self):
        place = self.path("pid")
        target = self.path("target")
        with open(target, "w", encoding="ascii") as file:
            file.write("precious")

        def refused_and_untouched(kind):
            before = os.lstat(place)
            text = self.refused("-B", self.socket, "-P", place)
            self.assertIn(f"pid file {place}: {kind} of uid {before.st_uid}", text)
            after = os.lstat(place)
            self.assertEqual((after.st_mode, after.st_ino), (before.st_mode, before.st_ino))
            self.assertEqual(sorted(os.listdir(self.directory)), ["pid", "target"])

        os.symlink(target, place)
        refused_and_untouched("a symbolic link")
        with open(target, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")
        os.unlink(place)
        os.mkfifo(place)
        refused_and_untouched("a fifo")
        os.unlink(place)
        os.mkdir(place)
        refused_and_untouched("a directory")
        os.rmdir(place)
        if os.getuid() == 0:
            os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 3))  # as /dev/null
            refused_and_untouched("a device")
            os.unlink(place)
            with open(place, "w", encoding="ascii") as file:
                file.write("of another user")
            os.chown(place, 54321, 54321)
            refused_and_untouched("a file")
            os.unlink(place)
        with open(place, "w", encoding="ascii") as file:
            file.write("12345 of an earlier run")
        program = self.started("-B", self.socket, "-P", place)
        with open(place, encoding="ascii") as file:
            self.assertEqual(file.read(), str(program.process.pid))

    def test_a_pid_file_that_is_another_processes_now_stays(self):
        place = self.path("pid")
        for replace in (
            lambda: os.symlink(self.path("elsewhere"), place),
            lambda: open(place, "w", encoding="ascii").close(),
            lambda: os.mkfifo(place),
        ):
            program = self.started("-B", self.socket, "-P", place)
            os.unlink(place)
            replace()
            self.assertEqual(program.stop(), 0)
            self.assertTrue(os.path.lexists(place))
            os.unlink(place)

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
