#include <windows.h>

#include <string>

#include "busrt/base/log_writer.hpp"
#include "log_system.hpp"

namespace busrt::base {

namespace {

class StandardError final : public LogOutput {
 public:
  bool write(LogLevel /*level*/, std::string_view line) override {
    text_.assign(line).append("\r\n");
    const HANDLE output = ::GetStdHandle(STD_ERROR_HANDLE);
    std::string_view rest = text_;
    while (!rest.empty()) {
      DWORD taken = 0;
      if (::WriteFile(output, rest.data(), static_cast<DWORD>(rest.size()), &taken, nullptr) == 0)
        return false;
      rest.remove_prefix(taken);
    }
    return true;
  }

 private:
  std::string text_;
};

}  // namespace

std::unique_ptr<LogOutput> standard_error_output() {
  return std::make_unique<StandardError>();
}

bool standard_error_shows_colours() {
  // A console shows them only after it was asked to; plain text is right everywhere.
  return false;
}

}  // namespace busrt::base
