#include "supervisor/process_host.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace daemoneye_agent {
namespace {

class ChildProcessHost final : public ProcessHost {
 public:
  explicit ChildProcessHost(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  busrt::base::Result<std::unique_ptr<CollectorProcess>> spawn(const CollectorCommand& command,
                                                               ChildCallbacks callbacks) override {
    auto child = ChildProcess::spawn(executor_, command.argv, std::move(callbacks), command.input);
    if (!child) return std::unexpected(std::move(child.error()));
    return std::unique_ptr<CollectorProcess>(std::move(*child));
  }
  /// They have ended with their agent.
  busrt::base::Result<std::vector<RunningCollector>> running() override {
    return std::vector<RunningCollector>();
  }
  busrt::base::Result<std::unique_ptr<CollectorProcess>> adopt(const std::string& name,
                                                               ChildCallbacks) override {
    return busrt::base::fail(std::make_error_code(std::errc::no_such_process), name);
  }

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace

std::string mark_of_input(std::string_view input) {
  // FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char letter : input) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
  return fmt::format("{:016x}", hash);
}

std::unique_ptr<ProcessHost> make_child_process_host(boost::asio::any_io_executor executor) {
  return std::make_unique<ChildProcessHost>(std::move(executor));
}

}  // namespace daemoneye_agent
