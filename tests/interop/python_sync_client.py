# The reference Python client (PyPI: busrt) against our broker.
"""Threads and blocking calls."""

import threading
import unittest

import peers

peers.enter_peers_python()

import busrt  # pylint: disable=wrong-import-position
import msgpack  # pylint: disable=wrong-import-position

OK = busrt.client.RESPONSE_OK
NOT_REGISTERED = busrt.client.ERR_CLIENT_NOT_REGISTERED


class Inbox:
    """Frames as they arrive."""

    def __init__(self, client):
        self.frames = []
        self._lock = threading.Lock()
        client.on_frame = self._take

    def _take(self, frame):
        with self._lock:
            self.frames.append(frame)

    def wait(self, count):
        peers.wait_until(lambda: len(self.frames) >= count, f"{count} frames")
        return self.frames


class PythonCase(unittest.TestCase):
    def setUp(self):
        self.broker = peers.Broker(peers.OURS)
        self.addCleanup(self.broker.stop)

    def client(self, name):
        client = busrt.client.Client(self.broker.socket, name)
        client.timeout = 10
        client.connect()
        self.addCleanup(client.disconnect)
        return client

    def acked(self, operation):
        return operation.wait_completed(timeout=peers.DEADLINE)

    def subscribe(self, client, *topics):
        frame = busrt.client.Frame(tp=busrt.client.OP_SUBSCRIBE, qos=1)
        frame.topic = list(topics)
        self.assertEqual(self.acked(client.send(None, frame)), OK)

    def send(self, client, target, payload, kind=busrt.client.OP_MESSAGE):
        return self.acked(client.send(target, busrt.client.Frame(payload, tp=kind, qos=1)))

    def publish(self, client, topic, payload):
        self.assertEqual(self.send(client, topic, payload, busrt.client.OP_PUBLISH), OK)


class Frames(PythonCase):
    def test_publications_follow_the_masks(self):
        receiver = self.client("receiver")
        inbox = Inbox(receiver)
        self.subscribe(receiver, "unit/+/state", "all/#")
        sender = self.client("sender")
        for topic in ("unit/a/state", "unit/a/b/state", "all", "all/x/y", "unit/b/state"):
            self.publish(sender, topic, topic.encode())
        topics = [frame.topic for frame in inbox.wait(3)]
        self.assertEqual(topics, ["unit/a/state", "all/x/y", "unit/b/state"])
        self.assertEqual({frame.sender for frame in inbox.frames}, {"sender"})
        self.assertEqual(inbox.frames[0].payload, b"unit/a/state")

    def test_unsubscribing_ends_the_flow(self):
        receiver = self.client("receiver")
        inbox = Inbox(receiver)
        self.subscribe(receiver, "a", "b")
        frame = busrt.client.Frame(tp=busrt.client.OP_UNSUBSCRIBE, qos=1)
        frame.topic = "a"
        self.assertEqual(self.acked(receiver.send(None, frame)), OK)
        sender = self.client("sender")
        self.publish(sender, "a", b"1")
        self.publish(sender, "b", b"2")
        self.assertEqual([frame.payload for frame in inbox.wait(1)], [b"2"])

    def test_messages_and_broadcasts_reach_their_targets(self):
        first, second = Inbox(self.client("group.one")), Inbox(self.client("group.two"))
        sender = self.client("sender")
        self.assertEqual(self.send(sender, "group.one", b"direct"), OK)
        self.assertEqual(self.send(sender, "nobody", b"x"), NOT_REGISTERED)
        self.assertEqual(self.send(sender, "group.*", b"all", busrt.client.OP_BROADCAST), OK)
        self.assertEqual([frame.payload for frame in first.wait(2)], [b"direct", b"all"])
        self.assertEqual([frame.payload for frame in second.wait(1)], [b"all"])

    def test_frames_of_several_mebibytes_arrive_whole(self):
        receiver = self.client("receiver")
        inbox = Inbox(receiver)
        payload = bytes(range(256)) * (3 << 12)
        sender = self.client("sender")
        self.assertEqual(self.send(sender, "receiver", payload), OK)
        self.assertEqual(inbox.wait(1)[0].payload, payload)

    def test_a_name_in_use_is_refused(self):
        self.client("taken")
        with self.assertRaisesRegex(RuntimeError, "0x76"):
            busrt.client.Client(self.broker.socket, "taken").connect()


class KeepAlive(unittest.TestCase):
    def test_pings_keep_an_idle_client_and_silence_ends_one(self):
        broker = peers.Broker(peers.OURS, "-t", "1")
        self.addCleanup(broker.stop)
        pinging = busrt.client.Client(broker.socket, "pinging")
        pinging.ping_interval = 0.3
        silent = busrt.client.Client(broker.socket, "silent")
        silent.ping_interval = 3600
        for client in (silent, pinging):
            client.connect()
            self.addCleanup(client.disconnect)
        observer = busrt.client.Client(broker.socket, "observer")
        observer.ping_interval = 0.3
        observer.connect()
        self.addCleanup(observer.disconnect)

        def registered(name):
            frame = busrt.client.Frame(b"", qos=1)
            return observer.send(name, frame).wait_completed(timeout=peers.DEADLINE) == OK

        self.assertTrue(registered("silent"))
        peers.wait_until(lambda: not registered("silent"), "the silent client is dropped")
        self.assertTrue(registered("pinging"))


class RemoteCalls(PythonCase):
    def rpc(self, name):
        return busrt.rpc.Rpc(self.client(name))

    def call(self, rpc, target, method, params=b""):
        return rpc.call(target, busrt.rpc.Request(method, params)).wait_completed(timeout=peers.DEADLINE)

    def test_the_broker_answers(self):
        rpc = self.rpc("caller")
        self.assertEqual(msgpack.unpackb(self.call(rpc, ".broker", "test").get_payload()), {"ok": True})
        info = msgpack.unpackb(self.call(rpc, ".broker", "info").get_payload())
        self.assertEqual(set(info), {"author", "version"})
        stats = msgpack.unpackb(self.call(rpc, ".broker", "stats").get_payload())
        self.assertEqual(set(stats) & {"uptime", "r_frames", "r_bytes", "w_frames", "w_bytes"}, {"uptime", "r_frames", "r_bytes", "w_frames", "w_bytes"})
        clients = msgpack.unpackb(self.call(rpc, ".broker", "client.list").get_payload())["clients"]
        self.assertIn("caller", [client["name"] for client in clients])

    def test_calls_are_answered_by_another_client(self):
        callee = self.rpc("callee")

        def handle(event):
            if event.method == b"add":
                return msgpack.packb(sum(msgpack.unpackb(event.get_payload())))
            raise busrt.rpc.RpcException("no such thing", code=-777)

        callee.on_call = handle
        caller = self.rpc("caller")
        result = self.call(caller, "callee", "add", msgpack.packb([1, 2, 39]))
        self.assertEqual(msgpack.unpackb(result.get_payload()), 42)
        with self.assertRaises(busrt.rpc.RpcException) as raised:
            self.call(caller, "callee", "nothing")
        self.assertEqual(raised.exception.rpc_error_code, -777)
        with self.assertRaises(busrt.rpc.RpcException) as raised:
            self.call(caller, "nobody", "add")
        self.assertEqual(raised.exception.rpc_error_code, -32000 - NOT_REGISTERED)

    def test_notifications_and_calls_without_reply_arrive(self):
        callee = self.rpc("callee")
        seen = []
        callee.on_notification = lambda event: seen.append(bytes(event.get_payload()))
        callee.on_call = lambda event: seen.append(bytes(event.method))
        caller = self.rpc("caller")
        caller.notify("callee", busrt.rpc.Notification(b"note"))
        peers.wait_until(lambda: seen == [b"note"], "the notification")
        caller.call0("callee", busrt.rpc.Request("later"))
        peers.wait_until(lambda: seen == [b"note", b"later"], "the call")

    def test_our_command_line_calls_a_python_handler(self):
        callee = self.rpc("callee")
        callee.on_call = lambda event: msgpack.packb({"got": msgpack.unpackb(event.get_payload())})
        cli = peers.Cli(peers.OURS, self.broker)
        self.assertEqual(cli.output("rpc", "call", "callee", "m", "a=1", options=["-s"]), '{"got":{"a":1}}\n')


if __name__ == "__main__":
    peers.main()
