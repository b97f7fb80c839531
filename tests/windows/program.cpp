#include "program.hpp"

#include <array>
#include <stdexcept>

namespace windows_tests {

using busrt::transport::Handle;

namespace {

constexpr DWORD patience_ms = 30'000;

[[noreturn]] void fail_call(const std::string& what) {
  throw std::runtime_error(what + ": " + busrt::transport::system_message(::GetLastError()));
}

/// Enough for arguments without quotes in them.
std::wstring command_line(const std::vector<std::string>& command) {
  std::string line;
  for (const std::string& part : command) line += (line.empty() ? "\"" : " \"") + part + "\"";
  return busrt::transport::widen(line);
}

}  // namespace

Program::Program(const std::vector<std::string>& command) {
  SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
  HANDLE reading = nullptr;
  HANDLE writing = nullptr;
  if (::CreatePipe(&reading, &writing, &inherited, 0) == 0) fail_call("pipe");
  pipe_ = Handle(reading);
  const Handle theirs(writing);
  ::SetHandleInformation(reading, HANDLE_FLAG_INHERIT, 0);
  const Handle nothing(::CreateFileW(L"NUL", GENERIC_READ, 0, &inherited, OPEN_EXISTING, 0, nullptr));
  STARTUPINFOW startup{};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = nothing.get();
  startup.hStdOutput = writing;
  startup.hStdError = writing;
  PROCESS_INFORMATION started{};
  std::wstring line = command_line(command);
  if (::CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, CREATE_NEW_PROCESS_GROUP, nullptr,
                       nullptr, &startup, &started) == 0) {
    fail_call(command.front());
  }
  const Handle thread(started.hThread);
  process_ = Handle(started.hProcess);
  id_ = started.dwProcessId;
  collector_ = std::thread([this] { collect(); });
}

Program::~Program() {
  ::TerminateProcess(process_.get(), 1);
  if (collector_.joinable()) collector_.join();
}

void Program::collect() {
  std::array<char, 4096> chunk{};
  DWORD got = 0;
  while (::ReadFile(pipe_.get(), chunk.data(), static_cast<DWORD>(chunk.size()), &got, nullptr) != 0) {
    const std::lock_guard lock(mutex_);
    output_.append(chunk.data(), got);
  }
}

unsigned long Program::wait() {
  DWORD code = 0;
  if (::WaitForSingleObject(process_.get(), patience_ms) != WAIT_OBJECT_0) {
    throw std::runtime_error("a program does not end; it said:\n" + output());
  }
  if (::GetExitCodeProcess(process_.get(), &code) == 0) fail_call("exit code");
  // Its last words may still be in the pipe, whose end comes behind them.
  if (collector_.joinable()) collector_.join();
  return code;
}

std::string Program::output() {
  const std::lock_guard lock(mutex_);
  return output_;
}

bool Program::interrupt() {
  return ::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, id_) != 0;
}

Ran run(const std::vector<std::string>& command) {
  Ran ran;
  Program program(command);
  ran.exit_code = program.wait();
  ran.output = program.output();
  return ran;
}

}  // namespace windows_tests
