// What a collector's process writes, as lines.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string_view>

#include "busrt/base/unique_fd.hpp"
#include "supervisor/child_process.hpp"

namespace daemoneye_agent {

/// Reads one pipe. Owned by one executor; its pending read keeps it alive.
class ProcessOutput : public std::enable_shared_from_this<ProcessOutput> {
 public:
  /// Calls `line` for each line, without its end. Takes the read end of the pipe.
  ProcessOutput(const boost::asio::any_io_executor& executor, busrt::base::UniqueFd pipe,
                std::function<void(std::string_view line)> line);

  void start();
  /// The process is gone: reads what is still in the pipe, and closes it. A grandchild in a session of its
  /// own may hold the other end open, so this does not wait for the end.
  void finish();
  /// No line comes after.
  void close();

 private:
  void read_more();

  boost::asio::posix::stream_descriptor pipe_;
  std::function<void(std::string_view line)> line_;
  LineSplitter splitter_;
  std::array<char, 4096> buffer_{};
  bool closed_ = false;
};

}  // namespace daemoneye_agent
