# Every command of `busrt` against a broker: cli_conformance.py CLI BROKER, each `ours` or `reference`.
"""What the command line client and the broker have to do together, whoever wrote either."""

import json
import os
import sys
import unittest

import peers

CLI, BROKER = sys.argv[1:3] if len(sys.argv) > 2 else (peers.OURS, peers.OURS)

STAGES = [
    "rpc.call",
    "rpc.call+handle",
    "rpc.call0",
    "send.qos.no",
    "send.qos.processed",
    "send+recv.qos.no",
    "send+recv.qos.processed",
]


def table(text):
    """The rows under the dashes, split at blanks."""
    lines = text.splitlines()
    ruler = next(i for i, line in enumerate(lines) if line.strip("-") == "" and len(line) > 4)
    return [line.split() for line in lines[ruler + 1 :]]


class CliCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = peers.Broker(BROKER)
        cls.cli = peers.Cli(CLI, cls.broker)

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()

    def listen(self, name, *arguments):
        program = self.cli.start(name, *arguments)
        self.addCleanup(program.stop)
        return program


class BrokerCommands(CliCase):
    def test_test_is_answered(self):
        self.assertIn('MSGPACK:\n{\n  "ok": true\n}\n', self.cli.output("broker", "test"))

    def test_silent_output_is_one_line_of_json(self):
        self.assertEqual(self.cli.output("broker", "test", options=["-s"]), '{"ok":true}\n')

    def test_info_names_author_and_version(self):
        rows = table(self.cli.output("broker", "info"))
        self.assertEqual([row[0] for row in rows], ["author", "version"])
        self.assertTrue(all(len(row) > 1 for row in rows), rows)

    def test_stats_count(self):
        self.cli.output("publish", "some/topic", "x")
        rows = dict(table(self.cli.output("broker", "stats")))
        # Ours tells more, behind the real ones.
        self.assertEqual(list(rows)[:5], ["r_frames", "r_bytes", "w_frames", "w_bytes", "uptime"])
        for field in ("r_frames", "r_bytes", "w_frames", "w_bytes"):
            self.assertGreater(int(rows[field]), 0, field)

    def test_client_list_has_others_but_not_the_asker(self):
        self.listen("lister.a", "listen", "-t", "x/#")
        self.listen("lister.b", "rpc", "listen")
        rows = table(self.cli.output("broker", "client.list", options=["-n", "asker"]))
        names = [row[0] for row in rows]
        self.assertEqual(names, sorted(names))
        self.assertNotIn("asker", names)
        kinds = {row[0]: row[1] for row in rows}
        self.assertEqual(kinds["lister.a"], "local_ipc")
        self.assertEqual(kinds["lister.b"], "local_ipc")


class Frames(CliCase):
    def test_a_publication_reaches_subscribers_of_its_topic_alone(self):
        wanted = self.listen("wanted", "listen", "-t", "news/+/today", "-t", "other/#")
        unwanted = self.listen("unwanted", "listen", "-t", "news/+")
        self.assertIn("OK", self.cli.output("publish", "news/local/today", "hello", options=["-n", "pub"]))
        wanted.wait_for("STR:  hello")
        self.assertIn("Publish from pub (pub)\ntopic: news/local/today\nSTR:  hello\n----", wanted.text())
        self.cli.output("publish", "news/last", "end")
        unwanted.wait_for("STR:  end")
        self.assertNotIn("hello", unwanted.text())

    def test_an_exclusion_wins_over_a_subscription(self):
        listener = self.listen("excluder", "listen", "-t", "ex/#", "--exclude", "ex/secret/#")
        self.cli.output("publish", "ex/secret/key", "hidden")
        self.cli.output("publish", "ex/open", "seen")
        listener.wait_for("STR:  seen")
        self.assertNotIn("hidden", listener.text())

    def test_a_message_reaches_its_target_alone(self):
        target = self.listen("msg.target", "listen")
        other = self.listen("msg.other", "listen")
        self.assertIn("OK", self.cli.output("send", "msg.target", "for you", options=["-n", "sender"]))
        target.wait_for("Message from sender (sender)\nSTR:  for you\n----")
        self.cli.output("send", "msg.other", "end")
        other.wait_for("STR:  end")
        self.assertNotIn("for you", other.text())

    def test_a_mask_reaches_every_client_that_matches(self):
        matching = [self.listen(f"mask.{name}", "listen") for name in ("a", "b")]
        other = self.listen("nomask", "listen")
        self.assertIn("OK", self.cli.output("send", "mask.?", "to all", options=["-n", "caster"]))
        for listener in matching:
            listener.wait_for("Broadcast from caster (caster)\nSTR:  to all\n----")
        self.cli.output("send", "nomask", "end")
        other.wait_for("STR:  end")
        self.assertNotIn("to all", other.text())

    def test_a_message_to_nobody_fails(self):
        done = self.cli.run("send", "nobody.at.all", "x")
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn(b"OK", done.stdout)

    def test_without_a_payload_standard_input_is_sent(self):
        listener = self.listen("piped", "listen", "-t", "pipe/#")
        self.cli.output("publish", "pipe/json", stdin=b'{"b": [1, 2.5], "a": null}')
        listener.wait_for('JSON:\n{\n  "a": null,\n  "b": [\n    1,\n    2.5\n  ]\n}\n----')
        self.cli.output("send", "piped", stdin=b"\x01\x02\xff")
        listener.wait_for("HEX: 0102ff" if CLI == peers.OURS else "MSGPACK:\n1")

    def test_a_frame_of_several_mebibytes_passes(self):
        listener = self.listen("large", "listen", "-t", "large/#")
        self.cli.output("publish", "large/frame", stdin=b"\xc1" * (5 << 20))
        listener.wait_for("Incoming frame 5_242_880 byte(s)")
        listener.wait_for("HEX: " + "c1" * 256 + "...")

    def test_a_missing_broker_is_an_error(self):
        nowhere = peers.Cli(CLI, self.broker)
        nowhere.socket = self.broker.socket + ".nowhere.sock"
        done = nowhere.run("broker", "test")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"connect", done.stderr)

    def test_a_name_in_use_is_refused(self):
        self.listen("taken", "listen")
        done = self.cli.run("broker", "test", options=["-n", "taken"])
        self.assertNotEqual(done.returncode, 0)


class RemoteCalls(CliCase):
    def call(self, *arguments, stdin=b"", options=()):
        return self.cli.output("rpc", "call", *arguments, stdin=stdin, options=options)

    def test_a_listener_shows_the_call_and_answers(self):
        listener = self.listen("callee", "rpc", "listen")
        reply = self.call("callee", "do.it", "n=1", "f=2.5", "t=true", "s=text", options=["-n", "caller"])
        self.assertIn("STR:  \n", reply)
        shown = json.dumps({"f": 2.5, "n": 1, "s": "text", "t": True}, indent=2)
        listener.wait_for(f"method: do.it\nfrom caller (caller)\nMSGPACK:\n{shown}\n----")

    def test_a_call_without_reply_and_a_notification_arrive(self):
        listener = self.listen("quiet", "rpc", "listen", "-t", "q/#")
        self.assertIn("OK", self.cli.output("rpc", "call0", "quiet", "later"))
        listener.wait_for("method: later")
        self.assertIn("OK", self.cli.output("rpc", "notify", "quiet", "ring"))
        listener.wait_for("STR:  ring")
        self.assertIn("Notification from", listener.text())
        self.cli.output("publish", "q/x", "news")
        listener.wait_for("topic: q/x\nSTR:  news")

    def test_params_come_back_from_an_echo(self):
        text = self.call(".broker", "benchmark.test", "i=-7", "b=false", options=["-s"])
        self.assertEqual(json.loads(text), {"i": -7, "b": False})

    def test_params_may_come_from_standard_input(self):
        sent = os.urandom(8) + bytes(range(256)) * 4096
        done = self.cli.run("rpc", "call", ".broker", "benchmark.test", "-", stdin=b"\xc1" + sent, options=["-s"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, b"\xc1" + sent)

    def test_an_error_of_the_callee_is_shown_and_is_the_exit_code(self):
        done = self.cli.run("rpc", "call", ".broker", "no.such.method")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"RPC Error -32601", done.stdout)

    def test_a_call_to_nobody_is_an_error_of_the_bus(self):
        done = self.cli.run("rpc", "call", "nobody.at.all", "m")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"RPC Error -32113", done.stdout)


class Benchmark(CliCase):
    def test_every_stage_completes_with_all_its_iterations(self):
        text = self.cli.output("benchmark", "-w", "2", "-i", "2000", "--payload-size", "100")
        rows = {row[0]: row for row in table(text)}
        self.assertEqual(sorted(rows), sorted(STAGES))
        for stage, row in rows.items():
            self.assertEqual(row[1], "2_000", stage)
            self.assertGreater(int(row[4].replace("_", "")), 0, stage)


if __name__ == "__main__":
    peers.require(peers.cli_program(CLI))
    peers.require(peers.broker_program(BROKER))
    peers.main()
