# The reference asyncio client (PyPI: busrt-async) against our broker.
"""Coroutines on one event loop."""

import asyncio
import unittest

import peers

peers.enter_peers_python()

import busrt_async  # pylint: disable=wrong-import-position
import msgpack  # pylint: disable=wrong-import-position

OK = busrt_async.client.RESPONSE_OK
NOT_REGISTERED = busrt_async.client.ERR_CLIENT_NOT_REGISTERED


class AsyncCase(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.broker = peers.Broker(peers.OURS)
        self.addCleanup(self.broker.stop)

    async def client(self, name):
        client = busrt_async.client.Client(self.broker.socket, name)
        client.timeout = 10
        await client.connect()
        self.addAsyncCleanup(client.disconnect)
        return client

    async def acked(self, operation):
        return await asyncio.wait_for((await operation).wait_completed(), peers.DEADLINE)

    def collect(self, client):
        frames = asyncio.Queue()

        async def take(frame):
            await frames.put(frame)

        client.on_frame = take
        return frames

    async def next(self, frames):
        return await asyncio.wait_for(frames.get(), peers.DEADLINE)

    async def send(self, client, target, payload, kind=busrt_async.client.OP_MESSAGE):
        return await self.acked(client.send(target, busrt_async.client.Frame(payload, tp=kind, qos=1)))

    async def subscribe(self, client, topics):
        frame = busrt_async.client.Frame(tp=busrt_async.client.OP_SUBSCRIBE, qos=1)
        frame.topic = topics
        self.assertEqual(await self.acked(client.send(None, frame)), OK)


class Frames(AsyncCase):
    async def test_publications_follow_the_masks(self):
        receiver = await self.client("receiver")
        frames = self.collect(receiver)
        await self.subscribe(receiver, ["unit/+/state", "all/#"])
        sender = await self.client("sender")
        for topic in ("unit/a/state", "unit/a/b/state", "all", "all/x/y"):
            code = await self.send(sender, topic, topic.encode(), busrt_async.client.OP_PUBLISH)
            self.assertEqual(code, OK)
        for expected in ("unit/a/state", "all/x/y"):
            frame = await self.next(frames)
            self.assertEqual((frame.topic, frame.sender), (expected, "sender"))
            self.assertEqual(bytes(frame.payload), expected.encode())
        self.assertTrue(frames.empty())

    async def test_messages_and_broadcasts_reach_their_targets(self):
        first = self.collect(await self.client("group.one"))
        second = self.collect(await self.client("group.two"))
        sender = await self.client("sender")
        self.assertEqual(await self.send(sender, "group.one", b"direct"), OK)
        self.assertEqual(await self.send(sender, "nobody", b"x"), NOT_REGISTERED)
        self.assertEqual(await self.send(sender, "group.?", b"all", busrt_async.client.OP_BROADCAST), OK)
        self.assertEqual([(await self.next(first)).payload for _ in range(2)], [b"direct", b"all"])
        self.assertEqual((await self.next(second)).payload, b"all")

    async def test_frames_of_several_mebibytes_arrive_whole(self):
        frames = self.collect(await self.client("receiver"))
        payload = bytes(range(256)) * (2 << 12)
        sender = await self.client("sender")
        self.assertEqual(await self.send(sender, "receiver", payload), OK)
        self.assertEqual((await self.next(frames)).payload, payload)


class RemoteCalls(AsyncCase):
    async def rpc(self, name):
        return busrt_async.rpc.Rpc(await self.client(name))

    async def call(self, rpc, target, method, params=b""):
        event = await rpc.call(target, busrt_async.rpc.Request(method, params))
        return await asyncio.wait_for(event.wait_completed(), peers.DEADLINE)

    async def test_the_broker_answers(self):
        rpc = await self.rpc("caller")
        reply = await self.call(rpc, ".broker", "test")
        self.assertEqual(msgpack.unpackb(reply.get_payload()), {"ok": True})

    async def test_calls_are_answered_by_another_client(self):
        callee = await self.rpc("callee")

        async def handle(event):
            if event.method == b"add":
                return msgpack.packb(sum(msgpack.unpackb(event.get_payload())))
            raise busrt_async.rpc.RpcException("no such thing", code=-777)

        callee.on_call = handle
        caller = await self.rpc("caller")
        result = await self.call(caller, "callee", "add", msgpack.packb([1, 2, 39]))
        self.assertEqual(msgpack.unpackb(result.get_payload()), 42)
        with self.assertRaises(busrt_async.rpc.RpcException) as raised:
            await self.call(caller, "callee", "nothing")
        self.assertEqual(raised.exception.rpc_error_code, -777)
        with self.assertRaises(busrt_async.rpc.RpcException) as raised:
            await self.call(caller, "nobody", "add")
        self.assertEqual(raised.exception.rpc_error_code, -32000 - NOT_REGISTERED)


if __name__ == "__main__":
    peers.main()
