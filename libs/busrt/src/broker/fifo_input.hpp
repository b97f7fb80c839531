// What comes in by a broker's fifos: lines to frames, and what is no good counted and told.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "broker/core.hpp"
#include "transport/fifo.hpp"

namespace busrt::broker {

/// Belongs to the loop that reads the fifo.
class FifoInput final : public transport::LineTranslator {
 public:
  FifoInput(Core& core, std::string path) : core_(core), path_(std::move(path)) {}

  void translate(std::string_view line, base::ByteBuffer& frames) override;
  void too_long(std::size_t bytes) override;

 private:
  void refuse(const std::string& why);

  Core& core_;
  const std::string path_;
  std::chrono::steady_clock::time_point last_told_;
};

}  // namespace busrt::broker
