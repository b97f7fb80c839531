// What comes in by a broker's fifos: lines to frames, and what is no good counted and told.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "broker/core.hpp"
#include "transport/fifo.hpp"

namespace busrt::broker {

/// Belongs to the loop that reads the fifo.
class FifoInput final : public transport::LineTranslator {
 public:
  FifoInput(Core& core, std::string path)
      : core_(core), path_(std::move(path)), on_pause_(core.pause_report("fifo " + path_)) {}

  void translate(std::string_view line, base::ByteBuffer& frames) override;
  void too_long(std::size_t bytes) override;
  void paused(std::string_view why) override { on_pause_(why); }

 private:
  void refuse(const std::string& why);

  Core& core_;
  const std::string path_;
  const std::function<void(std::string_view)> on_pause_;
};

}  // namespace busrt::broker
