// busrt_guide SNIPPET SOURCES: runs one snippet of the guide; SOURCES is the folder of this file.
#include <array>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include "guide.hpp"

namespace guide {
namespace {

struct Snippet {
  std::string_view name;
  int (*run)(const Place&);
};

constexpr std::array snippets{
    Snippet{"embedded_broker", embedded_broker},
    Snippet{"limits", limits},
    Snippet{"connection", connection},
    Snippet{"one_connection", one_connection},
    Snippet{"publish_subscribe", publish_subscribe},
    Snippet{"one_to_one", one_to_one},
    Snippet{"qualities", qualities},
    Snippet{"errors", errors},
    Snippet{"threads", threads},
    Snippet{"remote_calls", remote_calls},
    Snippet{"coroutines", coroutines},
    Snippet{"back_pressure", back_pressure},
    Snippet{"tls", tls},
    Snippet{"websocket", websocket},
    Snippet{"access", access},
};

int run(std::string_view name, const Place& place) {
  for (const Snippet& snippet : snippets) {
    if (snippet.name == name) return snippet.run(place);
  }
  std::cerr << "busrt_guide: there is no snippet " << name << '\n';
  return 2;
}

}  // namespace

// [report]
int report(const busrt::Error& error) {
  std::cerr << error.describe() << '\n';
  return 1;
}
// [/report]

void check(bool holds, const std::string& assertion) {
  if (!holds) throw std::runtime_error("does not hold: " + assertion);
}

}  // namespace guide

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: busrt_guide SNIPPET SOURCES\n";
    return 2;
  }
  try {
    return guide::run(argv[1], {.directory = {}, .sources = argv[2]});
  } catch (const std::exception& fault) {
    std::cerr << "busrt_guide: " << argv[1] << ": " << fault.what() << '\n';
    return 1;
  }
}
