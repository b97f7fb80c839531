// The kernel's process connector as a feed: a netlink socket of its own for the watching thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "../kernel_feed.hpp"
#include "busrt/base/unique_fd.hpp"
#include "connector_decode.hpp"
#include "sequence_check.hpp"

namespace procmond::linux_os {

class Connector final : public KernelFeed {
 public:
  /// Opens the socket, asks the kernel to report, and waits for its confirmation, at most
  /// limits::connector_answer. Events that come meanwhile are kept. An error says in words why the connector
  /// is not to be had: not permitted, or no answer (a PID namespace of its own).
  static busrt::base::Result<std::unique_ptr<Connector>> open(std::size_t receive_buffer_bytes);
  ~Connector() override;

  void wait(std::chrono::milliseconds most) override;
  void wake() override;
  busrt::base::Result<Drained> drain(EventQueue& queue) override;
  [[nodiscard]] Numbers numbers() const override;

 private:
  struct Buffers;
  Connector(busrt::base::UniqueFd socket, busrt::base::UniqueFd waker);

  busrt::base::Result<> subscribe();
  busrt::base::Result<> await_confirmation(std::uint32_t acknowledge);
  /// Reads once, up to `most` datagrams; 0 when there are none. An overflow is remembered, not an error.
  busrt::base::Result<std::size_t> read_some(std::size_t most);
  void take_datagram(std::size_t index);
  void count_losses(Drained& drained);
  [[nodiscard]] std::optional<std::uint64_t> kernel_drops() const;

  busrt::base::UniqueFd socket_;
  busrt::base::UniqueFd waker_;
  std::unique_ptr<Buffers> buffers_;
  std::vector<ConnectorMessage> messages_;
  std::vector<KernelEvent> early_;
  SequenceCheck sequence_;
  bool overflow_ = false;
  std::uint64_t drops_reported_ = 0;
  std::uint64_t holes_reported_ = 0;
  std::size_t buffer_bytes_ = 0;

  std::atomic<std::uint64_t> messages_seen_ = 0;
  std::atomic<std::uint64_t> reads_ = 0;
  std::atomic<std::uint64_t> malformed_ = 0;
  std::atomic<std::uint64_t> foreign_ = 0;
};

}  // namespace procmond::linux_os
