// The reference JavaScript client against the broker that javascript_client.py started, told by the environment:
//   BUS_PATH or BUS_PORT   the broker's unix socket, or its port of 127.0.0.1
//   BUS_RULES              set where the broker runs under access rules that grant `open/#` alone
//   PEERS_JAVASCRIPT       the folder in which the client is installed
//   OUR_BUSRT, BUS_SOCKET  our command line, and the broker's unix socket for it
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";
import { promisify } from "node:util";

const require = createRequire(`${process.env.PEERS_JAVASCRIPT}/`);
const { Bus, BusError, BusErrorCode, Frame, QoS, Rpc } = require("busrt");
const msgpack = require("msgpackr");

const DEADLINE = 20_000;
const BROADCAST = 0x13; // the client has no method for it, but a frame of this kind
const NAME_IN_USE = "Server response 118";
const RESERVED_NAME = "Server response 114";

const address = process.env.BUS_PATH ?? { host: "127.0.0.1", port: Number(process.env.BUS_PORT) };
const all = [QoS.No, QoS.Processed, QoS.Realtime, QoS.RealtimeProcessed];

/** What arrives, in order, for a test that waits for one thing after the other. */
class Inbox {
  #arrived = [];
  #wake = () => {};

  put(value) {
    this.#arrived.push(value);
    this.#wake();
  }

  async next() {
    while (this.#arrived.length === 0) {
      await new Promise((resolve) => (this.#wake = resolve));
    }
    return this.#arrived.shift();
  }
}

/** A test with its own clients, which are gone when it ends. */
function bus_test(title, options, body) {
  test(title, { timeout: DEADLINE, ...options }, async (context) => {
    const connected = [];
    context.after(() => Promise.all(connected.map((bus) => bus.disconnect())));
    await body(async (name, settings = {}) => {
      const bus = Object.assign(new Bus(name), { pingInterval: 0.25 }, settings);
      await bus.connect(address);
      connected.push(bus);
      return bus;
    });
  });
}

function frames_of(bus) {
  const inbox = new Inbox();
  bus.onFrame = (frame) => inbox.put(frame);
  return inbox;
}

async function done(operation) {
  await (await operation).waitCompleted();
}

function publish(bus, topic, text = topic, qos = QoS.Processed) {
  return done(bus.publish(topic, Buffer.from(text), qos));
}

/** A buffer in which every place tells where it belongs. */
function pattern(size) {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i += 1) bytes[i] = (i * 31 + (i >> 8)) & 0xff;
  return bytes;
}

function our_command_line(...args) {
  return promisify(execFile)(process.env.OUR_BUSRT, [process.env.BUS_SOCKET, ...args], { timeout: DEADLINE });
}

bus_test("publications follow the masks", {}, async (client) => {
  const receiver = await client("receiver");
  const frames = frames_of(receiver);
  await done(receiver.subscribe(["open/unit/+/state", "open/all/#"]));
  const sender = await client("sender");
  for (const topic of ["open/unit/a/state", "open/unit/a/b/state", "open/all", "open/all/x/y"]) {
    await publish(sender, topic);
  }
  for (const topic of ["open/unit/a/state", "open/all/x/y"]) {
    const frame = await frames.next();
    assert.equal(frame.topic, topic);
    assert.equal(frame.sender, "sender");
    assert.equal(frame.getPayload().toString(), topic);
  }
});

bus_test("unsubscribing ends the flow, one topic or several at a time", {}, async (client) => {
  const receiver = await client("receiver");
  const frames = frames_of(receiver);
  await done(receiver.subscribe("open/a"));
  await done(receiver.subscribe(["open/b", "open/c", "open/d"]));
  await done(receiver.unsubscribe(["open/a", "open/c"]));
  await done(receiver.unsubscribe("open/b"));
  const sender = await client("sender");
  for (const topic of ["open/a", "open/b", "open/c", "open/d"]) await publish(sender, topic);
  assert.equal((await frames.next()).topic, "open/d");
});

bus_test("messages arrive with every QoS, empty ones too", {}, async (client) => {
  const frames = frames_of(await client("receiver"));
  const sender = await client("sender");
  for (const qos of all) {
    await done(sender.send("receiver", Buffer.from(`QoS ${qos}`), qos));
    assert.equal((await frames.next()).getPayload().toString(), `QoS ${qos}`);
  }
  await done(sender.send("receiver"));
  assert.equal((await frames.next()).getPayload().length, 0);
});

bus_test("broadcasts of either side reach the clients of their mask", {}, async (client) => {
  const inboxes = [frames_of(await client("group.one")), frames_of(await client("group.two.deep"))];
  const sender = await client("sender");
  const frame = new Frame(BROADCAST, QoS.Processed);
  frame.payload = Buffer.from("ours");
  await done(sender._send(frame, "group.*"));
  await our_command_line("send", "group.*", "theirs");
  for (const frames of inboxes) {
    assert.equal((await frames.next()).getPayload().toString(), "ours");
    assert.equal((await frames.next()).getPayload().toString(), "theirs");
  }
});

bus_test("a secondary client is known by its primary", {}, async (client) => {
  const primary = await client("main");
  const frames = frames_of(primary);
  const secondary = await client("main%%1");
  const answers = frames_of(secondary);
  await done(secondary.send("main", Buffer.from("up")));
  const frame = await frames.next();
  assert.equal(frame.sender, "main%%1");
  assert.equal(frame.primary_sender, "main");
  await done(primary.send(frame.sender, Buffer.from("down")));
  assert.equal((await answers.next()).getPayload().toString(), "down");
});

bus_test("frames of every size arrive whole", {}, async (client) => {
  const receiver = await client("receiver");
  const frames = frames_of(receiver);
  await done(receiver.subscribe("open/#"));
  const sender = await client("sender");
  for (const size of [1, 4095, 16_384, 65_536, 65_537, 3 << 20]) {
    const bytes = pattern(size);
    await done(sender.send("receiver", bytes));
    await done(sender.publish("open/large", bytes));
    assert.ok((await frames.next()).getPayload().equals(bytes), `message of ${size} bytes`);
    assert.ok((await frames.next()).getPayload().equals(bytes), `publication of ${size} bytes`);
  }
});

bus_test("frames of one sender keep their order", {}, async (client) => {
  const receiver = await client("receiver");
  const frames = frames_of(receiver);
  await done(receiver.subscribe("open/#"));
  const sender = await client("sender");
  const count = 2000;
  for (let i = 0; i < count; i += 1) await publish(sender, `open/${i % 3}`, `${i}`, QoS.No);
  for (let i = 0; i < count; i += 1) assert.equal((await frames.next()).getPayload().toString(), `${i}`);
});

bus_test("what the broker refuses is an error of its code", {}, async (client) => {
  const bus = await client("taken");
  await assert.rejects(done(bus.send("nobody", Buffer.from("x"))), { code: BusErrorCode.BusNotRegistered });
  await assert.rejects(client("taken"), (reason) => reason === NAME_IN_USE);
  await assert.rejects(client(".reserved"), (reason) => reason === RESERVED_NAME);
  await publish(bus, "open/still", "here");
});

const needs_rules = { skip: process.env.BUS_RULES ? false : "this broker has no access rules" };
bus_test("what access rules deny is an error of its code", needs_rules, async (client) => {
  const bus = await client("denied");
  const denied = { code: BusErrorCode.Access };
  await assert.rejects(publish(bus, "closed/x"), denied);
  await assert.rejects(done(bus.subscribe(["open/x", "closed/x"])), denied);
  await publish(bus, "open/x");
});

bus_test("pings keep an idle client, and one that is silent is told of its end", {}, async (client) => {
  const alive = await client("alive");
  const ends = new Inbox();
  const onDisconnect = () => ends.put("silent");
  await client("silent", { pingInterval: 5, onDisconnect });
  assert.equal(await ends.next(), "silent");
  await assert.rejects(done(alive.send("silent")), { code: BusErrorCode.BusNotRegistered });
  assert.ok(alive.isConnected());
  await publish(alive, "open/still", "here");
});

async function call(rpc, target, method, params) {
  return (await (await rpc.call(target, method, params)).waitCompleted()).getPayload();
}

bus_test("the broker answers calls", {}, async (client) => {
  const rpc = new Rpc(await client("caller"));
  assert.deepEqual(msgpack.unpack(await call(rpc, ".broker", "test")), { ok: true });
  const stats = msgpack.unpack(await call(rpc, ".broker", "stats"));
  for (const field of ["uptime", "r_frames", "r_bytes", "w_frames", "w_bytes"]) assert.ok(field in stats, field);
  const { clients } = msgpack.unpack(await call(rpc, ".broker", "client.list"));
  assert.ok(clients.some(({ name }) => name === "caller"));
  await assert.rejects(call(rpc, ".broker", "no.such.method"), { code: BusErrorCode.RpcMethodNotFound });
});

/** A client that answers calls: `add` sums, `echo` gives back, `refuse` and whatever else are errors. */
async function callee(client, name) {
  const rpc = new Rpc(await client(name));
  rpc.onCall = async (event) => {
    const method = event.method.toString();
    if (method === "add") return msgpack.pack(msgpack.unpack(event.getPayload()).reduce((a, b) => a + b));
    if (method === "echo") return event.getPayload();
    if (method === "nothing") return undefined;
    if (method === "refuse") throw new BusError(-777, Buffer.from("not today"));
    throw new BusError(BusErrorCode.RpcMethodNotFound, Buffer.from(method));
  };
  return rpc;
}

bus_test("calls are answered by another client", {}, async (client) => {
  await callee(client, "callee");
  const caller = new Rpc(await client("caller"));
  assert.equal(msgpack.unpack(await call(caller, "callee", "add", msgpack.pack([1, 2, 39]))), 42);
  assert.equal((await call(caller, "callee", "nothing")).length, 0);
  const large = pattern(2 << 20);
  assert.ok((await call(caller, "callee", "echo", large)).equals(large));
  const refusal = (error) => error.code === -777 && error.message.toString() === "not today";
  await assert.rejects(call(caller, "callee", "refuse"), refusal);
  await assert.rejects(call(caller, "callee", "unknown"), { code: BusErrorCode.RpcMethodNotFound });
  await assert.rejects(call(caller, "nobody", "add"), { code: BusErrorCode.BusNotRegistered });
});

bus_test("two clients call each other at once", {}, async (client) => {
  const sides = [await callee(client, "left"), await callee(client, "right")];
  const names = ["right", "left"];
  const numbers = Array.from({ length: 200 }, (_, i) => i);
  const sums = await Promise.all(numbers.map((i) => call(sides[i % 2], names[i % 2], "add", msgpack.pack([i, 1]))));
  assert.deepEqual(sums.map((sum) => msgpack.unpack(sum)), numbers.map((i) => i + 1));
});

bus_test("notifications, calls without reply and other frames have handlers of their own", {}, async (client) => {
  const rpc = new Rpc(await client("callee"));
  const seen = new Inbox();
  rpc.onNotification = (event) => seen.put(["note", event.getPayload().toString()]);
  rpc.onCall = (event) => void seen.put([event.method.toString(), event.getPayload().toString()]);
  rpc.onFrame = (event) => seen.put([event.frame.topic, event.frame.getPayload().toString()]);
  await done(rpc.client.subscribe("open/news"));
  const caller = new Rpc(await client("caller"));
  await done(caller.notify("callee", Buffer.from("one")));
  assert.deepEqual(await seen.next(), ["note", "one"]);
  await done(caller.call0("callee", "later", Buffer.from("two")));
  assert.deepEqual(await seen.next(), ["later", "two"]);
  await publish(caller.client, "open/news", "three");
  assert.deepEqual(await seen.next(), ["open/news", "three"]);
});

bus_test("our command line calls a JavaScript handler", {}, async (client) => {
  const rpc = new Rpc(await client("callee"));
  rpc.onCall = (event) => msgpack.pack({ got: msgpack.unpack(event.getPayload()) });
  const { stdout } = await our_command_line("-s", "rpc", "call", "callee", "m", "a=1");
  assert.equal(stdout, '{"got":{"a":1}}\n');
});
