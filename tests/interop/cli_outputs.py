# Our `busrt` beside the reference one, on the same broker: scripts that read one must be able to read the other.
"""Outputs compared character by character, but for times."""

import re
import unittest

import peers

# A broker's echo of these shows how a payload of any kind is printed.
PAYLOADS = [
    b"",
    b"plain text",
    "größer".encode(),
    b"two\nlines\n",
    b'{"z": 1, "a": [true, null, -3, 1.0, 0.1], "m": {"y": "\\u00e9\\n", "x": {}}, "e": []}',
    # Numbers as the real tool writes them; ours leaves others digit by digit as they came.
    b'{"f": [1000000000000000.0, 1e+16, 1e+300, 0.0001, 0.00001, 1.5e-7, 123456.789, -0.0, 18446744073709551615]}',
    b"[1, 2]",
    b"{broken",
    b"\x81\xa2ok\xc3",
    b"\x85\xa1z\xc0\xa1a\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a\xa1b\xd1\xff\x00\xa1c\xc4\x02\x01\x02\xa1d\x92\x01\xa0",
    b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xc1\x00\x01",
    b"\xc1" + b"\x02" * 300,
]

PARAMS = [
    ["a=1", "b=-2", "c=2.5", "d=true", "e=false", "f=text", "g=", "h=1e3"],
    ["k=9223372036854775807", "l=9223372036854775808", "m=+5", "n=5x"],
]


def normalised(text):
    return re.sub(r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", "[TIME ", text)


class SameOutput(unittest.TestCase):
    def setUp(self):
        self.broker = peers.Broker(peers.OURS)
        self.addCleanup(self.broker.stop)
        self.clis = [peers.Cli(which, self.broker) for which in (peers.REFERENCE, peers.OURS)]
        self.maxDiff = None

    def assert_same(self, *arguments, stdin=b"", options=("-n", "asker")):
        expected, got = [cli.run(*arguments, stdin=stdin, options=options) for cli in self.clis]
        with self.subTest(arguments=arguments, stdin=stdin[:40], options=options):
            self.assertEqual(got.returncode, expected.returncode, got.stderr)
            self.assertEqual(normalised(got.stdout.decode("latin1")), normalised(expected.stdout.decode("latin1")))

    def assert_same_columns(self, *arguments):
        """Our broker sends more than the real one, and our tool alone shows it: in columns behind the real ones."""
        expected, got = [
            normalised(cli.output(*arguments, options=["-n", "asker"])).splitlines() for cli in self.clis
        ]
        ruler = next(i for i, line in enumerate(expected) if line.startswith("---"))
        self.assertEqual(len(got), len(expected))
        self.assertEqual(got[: ruler - 1], expected[: ruler - 1])
        for ours, reference in zip(got[ruler - 1 :], expected[ruler - 1 :]):
            # The broker's own row counts these very questions.
            same = 30 if ours.startswith(" .broker ") else len(reference)
            self.assertEqual(ours[:same], reference[:same])
        self.assertEqual(got[ruler - 1].split()[-6:], ["lost", "denied", "held", "memory", "uid", "pid"])

    def test_payloads_are_shown_alike(self):
        for payload in PAYLOADS:
            self.assert_same("rpc", "call", ".broker", "benchmark.test", "-", stdin=payload)
            self.assert_same("rpc", "call", ".broker", "benchmark.test", "-", stdin=payload, options=("-s", "-n", "a"))

    def test_numbers_and_repeated_keys_of_json_stay_as_they_came(self):
        payload = b'{"b": 12345678901234567890123, "a": 1, "f": 1.10, "a": 2}'
        ours = self.clis[1].output("rpc", "call", ".broker", "benchmark.test", "-", stdin=payload, options=["-s"])
        self.assertEqual(ours, '{"a":1,"a":2,"b":12345678901234567890123,"f":1.10}\n')

    def test_params_are_read_alike(self):
        for params in PARAMS:
            self.assert_same("rpc", "call", ".broker", "benchmark.test", *params)

    def test_tables_are_laid_out_alike(self):
        self.assert_same("broker", "info")
        self.assert_same("broker", "test")
        self.assert_same("broker", "test", options=("-s",))
        listener = self.clis[0].start("some.listener", "listen", "-t", "a/#")
        self.addCleanup(listener.stop)
        self.assert_same_columns("broker", "client.list")

    def test_confirmations_and_errors_are_alike(self):
        self.assert_same("publish", "a/b", "x")
        self.assert_same("send", "*", "x")
        self.assert_same("rpc", "call", ".broker", "nothing")

    def test_errors_of_the_bus_have_the_same_code_and_ours_says_what_it_means(self):
        expected, got = [cli.run("rpc", "call", "nobody", "x", options=("-n", "asker")) for cli in self.clis]
        self.assertEqual(got.returncode, expected.returncode)
        common = normalised(expected.stdout.decode()).rstrip()
        self.assertTrue(normalised(got.stdout.decode()).startswith(common), got.stdout)

    def test_listeners_show_alike(self):
        for kind in (["listen"], ["rpc", "listen"]):
            shown = []
            for cli in self.clis:
                listener = cli.start("listener", *kind, "-t", "a/#", "-t", "b/+")
                publisher = self.clis[0]
                publisher.output("publish", "a/b", "text", options=["-n", "pub"])
                publisher.output("publish", "b/c", '{"k": 1}', options=["-n", "pub%"])
                if kind == ["listen"]:
                    # The reference tool drops a message that is no RPC frame when it listens for RPC; ours shows it.
                    publisher.output("send", "listener", stdin=b"\x81\xa1k\xc0", options=["-n", "pub"])
                publisher.output("send", "lis*", "m", options=["-n", "pub"])
                publisher.output("send", "*", "last", options=["-n", "pub"])
                listener.wait_for("last")
                listener.stop()
                shown.append(normalised(listener.text()))
            self.assertEqual(shown[1], shown[0])


if __name__ == "__main__":
    peers.require(peers.cli_program(peers.REFERENCE))
    peers.main()
