// The client's stream over a WebSocket.
#include <utility>

#include "client/stream.hpp"

namespace busrt::detail {

namespace {

class WebSocketStream final : public Stream {
 public:
  explicit WebSocketStream(std::unique_ptr<transport::WebSocketChannel> channel)
      : channel_(std::move(channel)) {}

  void read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) override {
    channel_->read(
        room, [reader = std::move(events)](Result<std::size_t> bytes) { reader->on_read(std::move(bytes)); });
  }
  Result<std::size_t> write(std::span<const std::byte> bytes) override { return channel_->write(bytes); }
  [[nodiscard]] std::size_t under_way() const override { return channel_->under_way(); }
  void wait_writable(std::shared_ptr<StreamEvents> events) override {
    channel_->wait_writable([writer = std::move(events)] { writer->on_writable(); });
  }
  void close() override { channel_->close(); }
  void abandon() noexcept override { channel_->abandon(); }

 private:
  const std::unique_ptr<transport::WebSocketChannel> channel_;
};

}  // namespace

std::unique_ptr<Stream> make_websocket_stream(std::unique_ptr<transport::WebSocketChannel> channel) {
  return std::make_unique<WebSocketStream>(std::move(channel));
}

}  // namespace busrt::detail
