// The command line that scripts are written against.
#include "options.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace busrt_cli {
namespace {

using namespace std::chrono_literals;

Parsed parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "busrt");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  return parse_options(static_cast<int>(pointers.size()), pointers.data());
}

TEST(Options, DefaultsAreTheRealTools) {
  const Parsed parsed = parse({"ipc://bus.sock", "benchmark"});
  ASSERT_TRUE(parsed.options);
  EXPECT_EQ(parsed.options->address, "ipc://bus.sock");
  EXPECT_TRUE(parsed.options->name.starts_with("cli.")) << parsed.options->name;
  EXPECT_EQ(parsed.options->timeout, 5s);
  EXPECT_FALSE(parsed.options->timeout_given);
  EXPECT_EQ(parsed.options->queue_frames, 8192U);
  EXPECT_EQ(parsed.options->benchmark.workers, 1U);
  EXPECT_EQ(parsed.options->benchmark.payload_bytes, 100U);
  EXPECT_EQ(parsed.options->benchmark.iterations, 1'000'000U);
}

TEST(Options, GeneralOptionsStandBeforeTheCommand) {
  const Parsed parsed = parse({"ipc://bus.sock", "-n", "me", "--timeout", "2.5", "--buf-size", "1",
                               "--queue-size", "7", "-v", "-s", "broker", "client.list"});
  ASSERT_TRUE(parsed.options);
  EXPECT_EQ(parsed.options->command, Command::broker_client_list);
  EXPECT_EQ(parsed.options->name, "me");
  EXPECT_EQ(parsed.options->timeout, 2500ms);
  EXPECT_TRUE(parsed.options->timeout_given);
  EXPECT_EQ(parsed.options->queue_frames, 7U);
  EXPECT_TRUE(parsed.options->verbose);
  EXPECT_TRUE(parsed.options->silent);
}

/// What standard error says about a line that cannot be used.
std::string refusal(std::vector<std::string> arguments) {
  testing::internal::CaptureStderr();
  const Parsed parsed = parse(std::move(arguments));
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_FALSE(parsed.options);
  EXPECT_EQ(parsed.exit_code, 2);
  return said.substr(0, said.find('\n'));
}

TEST(Options, AnUnknownCommandIsNamedWithTheNearestOne) {
  EXPECT_EQ(refusal({"/bus.sock", "lsten"}), "busrt: unknown command \"lsten\"; did you mean listen?");
  EXPECT_EQ(refusal({"/bus.sock", "broker", "inof"}), "busrt: unknown command \"inof\"; did you mean info?");
  EXPECT_EQ(refusal({"/bus.sock", "subscribe"}),
            "busrt: unknown command \"subscribe\"; the commands are broker, listen, send, publish, rpc, "
            "benchmark, access");
}

TEST(Options, AMissingCommandShowsThoseThatThereAre) {
  EXPECT_TRUE(refusal({}).starts_with("busrt: a command is missing; the commands are broker, listen"));
  EXPECT_EQ(refusal({"/bus.sock", "rpc"}),
            "busrt: a command is missing after rpc; the commands are listen, notify, call0, call");
  EXPECT_EQ(refusal({"lsten", "-t", "a"}),
            "busrt: a command is missing: path \"lsten\" comes before the command; "
            "did you mean busrt PATH listen?");
}

TEST(Options, AnAddressThatNoClientConnectsToIsAUsageError) {
  for (const char* address : {"fifo:/x", "systemd:", "inproc://x", "nonsense", "foo:bar", "~/x.sock"}) {
    testing::internal::CaptureStderr();
    const Parsed parsed = parse({address, "broker", "info"});
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_FALSE(parsed.options) << address;
    EXPECT_EQ(parsed.exit_code, 2) << address;
    EXPECT_FALSE(said.contains("fifo:PATH")) << said;
    EXPECT_TRUE(said.starts_with("busrt: ")) << said;
  }
  EXPECT_TRUE(parse({"fd:3", "broker", "info"}).options) << "a connected socket of the parent";
}

TEST(Options, WhatAnErrorQuotesCannotActOnATerminal) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"x\xC2\x9B\x1B[2J", "broker", "info"},
        {"/x.sock", "--timeout", "\x1B[2J", "broker", "info"}}) {
    testing::internal::CaptureStderr();
    EXPECT_FALSE(parse(arguments).options);
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(said.contains("\\x1b[2J")) << said;
    EXPECT_FALSE(said.contains('\x1B') || said.contains("\xC2\x9B")) << said;
  }
}

TEST(Options, EveryCommandIsKnown) {
  const std::vector<std::pair<std::vector<std::string>, Command>> table = {
      {{"broker", "client.list"}, Command::broker_client_list},
      {{"broker", "info"}, Command::broker_info},
      {{"broker", "stats"}, Command::broker_stats},
      {{"broker", "test"}, Command::broker_test},
      {{"listen"}, Command::listen},
      {{"send", "t"}, Command::send},
      {{"publish", "t"}, Command::publish},
      {{"rpc", "listen"}, Command::rpc_listen},
      {{"rpc", "notify", "t"}, Command::rpc_notify},
      {{"rpc", "call0", "t", "m"}, Command::rpc_call0},
      {{"rpc", "call", "t", "m"}, Command::rpc_call},
      {{"benchmark"}, Command::benchmark},
      {{"access", "explain", "a", "publish", "t"}, Command::access_explain},
  };
  for (auto [arguments, command] : table) {
    arguments.insert(arguments.begin(), "ipc://bus.sock");
    const Parsed parsed = parse(arguments);
    ASSERT_TRUE(parsed.options) << arguments.back();
    EXPECT_EQ(parsed.options->command, command) << arguments.back();
  }
}

TEST(Options, AnEmptyPayloadIsAPayloadAndNoneIsStandardInput) {
  EXPECT_EQ(parse({"ipc://bus.sock", "publish", "t", ""}).options->payload, "");
  EXPECT_EQ(parse({"ipc://bus.sock", "publish", "t"}).options->payload, std::nullopt);
  EXPECT_EQ(parse({"ipc://bus.sock", "send", "listen", "broker"}).options->payload, "broker");
}

TEST(Options, TopicsRepeatAndParamsFollow) {
  const Parsed listen = parse({"ipc://bus.sock", "listen", "-t", "a/#", "-t", "b", "--exclude", "a/x"});
  ASSERT_TRUE(listen.options);
  EXPECT_EQ(listen.options->topics, (std::vector<std::string>{"a/#", "b"}));
  EXPECT_EQ(listen.options->excluded, std::vector<std::string>{"a/x"});
  const Parsed call = parse({"ipc://bus.sock", "rpc", "call", "target", "method", "a=1", "b=[2]"});
  ASSERT_TRUE(call.options);
  EXPECT_EQ(call.options->target, "target");
  EXPECT_EQ(call.options->method, "method");
  EXPECT_EQ(call.options->params, (std::vector<std::string>{"a=1", "b=[2]"}));
}

TEST(Options, ArgumentsInBracketsArriveAsTheyWereTyped) {
  EXPECT_EQ(
      parse({"ipc://bus.sock", "listen", "-t", "[a,b]", "-t", "[x]", "--exclude", "[]"}).options->topics,
      (std::vector<std::string>{"[a,b]", "[x]"}));
  EXPECT_EQ(parse({"ipc://bus.sock", "listen", "--exclude", "[]"}).options->excluded,
            std::vector<std::string>{"[]"});
  EXPECT_EQ(parse({"ipc://bus.sock", "rpc", "call", "t", "m", "[x]", "a=[1,2]"}).options->params,
            (std::vector<std::string>{"[x]", "a=[1,2]"}));
  EXPECT_EQ(parse({"ipc://bus.sock", "rpc", "call0", "t", "m", "--", "a=1", "[b=2]"}).options->params,
            (std::vector<std::string>{"a=1", "[b=2]"}));
  EXPECT_TRUE(parse({"ipc://bus.sock", "rpc", "call", "t", "m"}).options->params.empty());
  EXPECT_EQ(parse({"ipc://bus.sock", "publish", "[t]", "[x]"}).options->payload, "[x]");
  EXPECT_EQ(parse({"ipc://bus.sock", "listen", "-t", "a", "b", "-t", "c"}).options->topics,
            (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Options, WhatCannotBeDoneIsRefusedWithBadUsage) {
  const std::vector<std::vector<std::string>> table = {
      {},
      {"ipc://bus.sock"},
      {"ipc://bus.sock", "dance"},
      {"ipc://bus.sock", "broker"},
      {"ipc://bus.sock", "broker", "test", "more"},
      {"ipc://bus.sock", "publish"},
      {"ipc://bus.sock", "publish", "t", "payload", "more"},
      {"ipc://bus.sock", "--token"},
      {"ipc://bus.sock", "--timeout", "0", "broker", "test"},
      {"ipc://bus.sock", "benchmark", "-w", "0"},
      {"ipc://bus.sock", "benchmark", "-w", "8", "-i", "7"},
  };
  for (const auto& arguments : table) {
    const Parsed parsed = parse(arguments);
    EXPECT_FALSE(parsed.options) << (arguments.empty() ? "" : arguments.back());
    EXPECT_EQ(parsed.exit_code, 2);
  }
}

TEST(Options, CertificatesNamesAndTokensAreTaken) {
  const Parsed parsed = parse({"wss://host", "--token", "secret", "--ca", "a.pem", "--cert", "c.pem", "--key",
                               "c.key", "--crl", "r.pem", "--server-name", "bus", "broker", "test"});
  ASSERT_TRUE(parsed.options);
  EXPECT_EQ(parsed.options->token, "secret");
  EXPECT_EQ(parsed.options->tls.authority, "a.pem");
  EXPECT_EQ(parsed.options->tls.certificate, "c.pem");
  EXPECT_EQ(parsed.options->tls.key, "c.key");
  EXPECT_EQ(parsed.options->tls.revocations, "r.pem");
  EXPECT_EQ(parsed.options->server_name, "bus");
}

TEST(Options, HelpAndVersionSucceed) {
  for (const char* flag : {"--help", "--version", "-V"}) {
    const Parsed parsed = parse({flag});
    EXPECT_FALSE(parsed.options);
    EXPECT_EQ(parsed.exit_code, 0);
  }
}

TEST(Options, AccessRulesOfAFileAreExplainedWithoutABroker) {
  const Parsed parsed = parse({"access", "explain", "a", "subscribe", "t/#", "--file", "rules.toml", "--uid",
                               "7", "--gid", "8", "--host", "::1", "--certificate", "c"});
  ASSERT_TRUE(parsed.options);
  EXPECT_EQ(parsed.options->command, Command::access_explain);
  EXPECT_TRUE(parsed.options->address.empty());
  const AccessOptions& access = parsed.options->access;
  EXPECT_EQ(access.client, "a");
  EXPECT_EQ(access.operation, "subscribe");
  EXPECT_EQ(access.target, "t/#");
  EXPECT_EQ(access.file, "rules.toml");
  EXPECT_EQ(access.uid, 7U);
  EXPECT_EQ(access.gid, 8U);
  EXPECT_EQ(access.host, "::1");
  EXPECT_EQ(access.certificate, "c");
  EXPECT_TRUE(parse({"access", "explain", "a", "connect", "--file", "rules.toml"}).options);
}

TEST(Options, AQuestionOfAccessThatLacksSomethingIsRefused) {
  EXPECT_EQ(parse({"access", "explain", "a", "publish", "t"}).exit_code, 2) << "neither broker nor file";
  EXPECT_EQ(parse({"listen"}).exit_code, 2) << "no broker";
  EXPECT_EQ(parse({"ipc://bus.sock", "access", "explain", "a", "publish"}).exit_code, 2) << "no topic";
  EXPECT_EQ(parse({"ipc://bus.sock", "access", "explain", "a", "fly", "t"}).exit_code, 2);
  EXPECT_EQ(parse({"ipc://bus.sock", "access"}).exit_code, 2);
}

TEST(Options, ASecurityOptionIsNeitherEmptyNorWithoutEffect) {
  for (const char* option : {"--token", "--ca", "--crl", "--cert", "--key", "--server-name"}) {
    EXPECT_EQ(parse({"wss://h", option, "", "broker", "test"}).exit_code, 2) << option;
    EXPECT_EQ(parse({"ipc://bus.sock", option, "x", "broker", "test"}).exit_code, 2) << option;
    EXPECT_EQ(parse({"h:1", option, "x", "broker", "test"}).exit_code, 2) << option;
    EXPECT_TRUE(parse({"wss://h", option, "x", "broker", "test"}).options) << option;
    EXPECT_EQ(parse({option, "x", "access", "explain", "a", "connect", "--file", "r.toml"}).exit_code, 2)
        << option;
  }
  for (const char* option : {"--file", "--host", "--certificate"}) {
    EXPECT_EQ(parse({"ipc://bus.sock", "access", "explain", "a", "connect", option, ""}).exit_code, 2)
        << option;
  }
  EXPECT_EQ(parse({"tcp://h:1", "--token", "x", "broker", "test"}).exit_code, 2);
  EXPECT_TRUE(parse({"ws://h", "--token", "x", "broker", "test"}).options);
  EXPECT_EQ(parse({"ws://h", "--ca", "x", "broker", "test"}).exit_code, 2);
  EXPECT_EQ(parse({"ws://h", "--token", "x\r", "broker", "test"}).exit_code, 2);
}

}  // namespace
}  // namespace busrt_cli
