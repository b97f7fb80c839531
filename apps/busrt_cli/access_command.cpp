// `access explain`: what access rules decide about a client, asked of a file or of a broker.
#include <fmt/core.h>

#include <boost/json/object.hpp>
#include <cstdlib>

#include "busrt/access.hpp"
#include "busrt/base/print_last.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/msgpack.hpp"
#include "busrt/protocol.hpp"
#include "commands.hpp"
#include "common/error_sentence.hpp"
#include "connection.hpp"
#include "terminal.hpp"

namespace busrt_cli {
namespace {

namespace json = boost::json;

int print_decision(bool allowed, std::string_view text) {
  const std::string line = paint(allowed ? Style::green : Style::red, shown(text)) + "\n";
  return busrt::base::print_last("busrt", line, allowed ? EXIT_SUCCESS : EXIT_FAILURE, EXIT_FAILURE);
}

int explain_file(const AccessOptions& question) {
  const auto rules = busrt::AccessRules::load(question.file);
  if (!rules) return fail(program::sentence(rules.error()));
  busrt::AccessClient client;
  client.name = question.client;
  client.local = !question.host;
  client.host = question.host;
  client.uid = question.uid;
  client.gid = question.gid;
  client.certificate = question.certificate;
  const auto operation = busrt::access_operation(question.operation);
  if (!operation) return fail("unknown operation " + question.operation);
  const busrt::AccessDecision decision = busrt::decide(*rules, client, *operation, question.target);
  return print_decision(decision.allowed(), decision.describe(*rules));
}

int explain_broker(const Options& options) {
  const AccessOptions& question = options.access;
  json::object params{
      {"client", question.client}, {"operation", question.operation}, {"target", question.target}};
  if (question.uid) params["uid"] = *question.uid;
  if (question.gid) params["gid"] = *question.gid;
  if (question.host) params["host"] = *question.host;
  if (question.certificate) params["certificate"] = *question.certificate;
  busrt::BlockingRpcClient client(client_config(options), {.call_timeout = options.timeout});
  if (auto up = client.connect(); !up) return fail_to_connect(options, up.error());
  const auto reply =
      call_to_show(client, busrt::broker_name, "access.explain", busrt::msgpack::encode(params));
  if (!reply) {
    return fail(
        fmt::format("access.explain: RPC error {}: {}", reply.error().rpc_code, reply.error().message));
  }
  const auto answer = busrt::msgpack::decode(reply->payload);
  if (!answer) return fail_with("the broker's answer", answer.error());
  const json::object* map = answer->if_object();
  const json::value* allowed = map == nullptr ? nullptr : map->if_contains("allowed");
  const json::value* text = map == nullptr ? nullptr : map->if_contains("text");
  if (allowed == nullptr || text == nullptr || !allowed->is_bool() || !text->is_string()) {
    return fail("the broker's answer is no decision");
  }
  const json::string& sentence = text->get_string();
  return print_decision(allowed->get_bool(), {sentence.data(), sentence.size()});
}

}  // namespace

int run_access_explain(const Options& options) {
  return options.access.file.empty() ? explain_broker(options) : explain_file(options.access);
}

}  // namespace busrt_cli
