// See access_call.hpp.
#include "broker/access_call.hpp"

#include <limits>

#include "access/decide.hpp"
#include "broker/access_identity.hpp"
#include "busrt/limits.hpp"
#include "wire/msgpack_check.hpp"

namespace busrt::broker {

namespace {

/// The params as they are read. Views into the caller's bytes.
struct Question {
  std::string_view client, operation, target;
  std::optional<std::string_view> host, certificate;
  std::optional<std::uint32_t> uid, gid;
};

std::optional<std::string_view> take_string(const char*& at) {
  if (mp_typeof(*at) != MP_STR) return std::nullopt;
  std::uint32_t length = 0;
  const char* text = mp_decode_str(&at, &length);
  return std::string_view(text, length);
}

std::optional<std::uint32_t> take_id(const char*& at) {
  if (mp_typeof(*at) != MP_UINT) return std::nullopt;
  const std::uint64_t number = mp_decode_uint(&at);
  if (number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

/// Reads one value into the question; an error message where it does not fit.
std::optional<std::string> take_param(Question& question, std::string_view key, const char*& at) {
  const std::string name(key);
  if (key == "uid" || key == "gid") {
    auto& into = key == "uid" ? question.uid : question.gid;
    into = take_id(at);
    return into ? std::nullopt : std::optional(name + ": must be a number from 0 to 4294967295");
  }
  const auto text =
      key == "client" || key == "operation" || key == "target" || key == "host" || key == "certificate"
          ? take_string(at)
          : std::nullopt;
  if (key == "client" && text) {
    question.client = *text;
  } else if (key == "operation" && text) {
    question.operation = *text;
  } else if (key == "target" && text) {
    question.target = *text;
  } else if (key == "host" && text) {
    question.host = text;
  } else if (key == "certificate" && text) {
    question.certificate = text;
  } else {
    return name + ": must be a string, one of client, operation, target, host, certificate";
  }
  return std::nullopt;
}

std::optional<std::string> read_question(Question& question, std::span<const std::byte> params) {
  if (params.empty() || wire::msgpack_value_size(params, limits::max_msgpack_depth) != params.size()) {
    return "params are not one MessagePack value";
  }
  const char* at = reinterpret_cast<const char*>(params.data());
  if (mp_typeof(*at) != MP_MAP) return "params must be a map";
  const std::uint32_t size = mp_decode_map(&at);
  for (std::uint32_t i = 0; i < size; ++i) {
    const auto key = take_string(at);
    if (!key) return "params: keys must be strings";
    if (auto problem = take_param(question, *key, at)) return problem;
  }
  if (question.client.empty()) return "client: missing";
  return std::nullopt;
}

/// The connected client of this name, or one that is as the question says.
AccessClient client_of(const Question& question, const Core& core, bool& inside) {
  if (const EndpointRef endpoint = core.registry.find(question.client)) {
    inside = !under_rules(endpoint->peer);
    return access_client(endpoint->name, endpoint->peer);
  }
  AccessClient client;
  client.name = question.client;
  client.local = !question.host;
  client.host = question.host;
  client.uid = question.uid;
  client.gid = question.gid;
  client.certificate = question.certificate;
  return client;
}

void pack(Packer& packer, bool allowed, std::string_view verdict, std::string_view file, std::size_t line,
          std::string_view text) {
  packer.map(5);
  packer.string("allowed");
  packer.boolean(allowed);
  packer.string("verdict");
  packer.string(verdict);
  packer.string("file");
  packer.string(file);
  packer.field("line", line);
  packer.string("text");
  packer.string(text);
}

}  // namespace

std::optional<std::string> pack_access_decision(Packer& packer, const Core& core,
                                                std::span<const std::byte> params) {
  Question question;
  if (auto problem = read_question(question, params)) return problem;
  const auto operation = access_operation(question.operation);
  if (!operation) return "operation: must be connect, publish, subscribe, message or broadcast";
  bool inside = false;
  const AccessClient client = client_of(question, core, inside);
  const auto rules = core.access.get().rules;
  if ((!rules || inside) && access::never_granted(*operation, question.target)) {
    const AccessDecision decision{AccessVerdict::reserved, 0, {}};
    pack(packer, false, to_string(decision.verdict), {}, 0, decision.describe({}));
  } else if (!rules) {
    pack(packer, true, "no_rules", {}, 0, "allowed: the broker has no access rules");
  } else if (inside) {
    pack(packer, true, "inside", rules->file, 0, "allowed: the client is part of the broker's own process");
  } else {
    const AccessDecision decision = decide(*rules, client, *operation, question.target);
    pack(packer, decision.allowed(), to_string(decision.verdict), rules->file, decision.line,
         decision.describe(*rules));
  }
  return std::nullopt;
}

}  // namespace busrt::broker
