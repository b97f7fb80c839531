// Offsets follow linux/netlink.h, connector.h and cn_proc.h; everything is in the byte order of the machine.
#include "connector_decode.hpp"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace procmond::linux_os {
namespace {

constexpr std::size_t event_header = 16;  // what, cpu, timestamp_ns
constexpr std::uint32_t no_cpu = 0xffffffff;

/// Bounds-checked reads. A read past the end gives zero and is remembered.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class Number>
  Number take() {
    static_assert(std::is_integral_v<Number>);
    Number value{};
    if (bytes_.size() < sizeof value) {
      bytes_ = {};
      good_ = false;
      return value;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_ = bytes_.subspan(sizeof value);
    return value;
  }
  [[nodiscard]] std::span<const std::byte> rest() const { return bytes_; }
  [[nodiscard]] bool good() const { return good_; }

 private:
  std::span<const std::byte> bytes_;
  bool good_ = true;
};

void decode_exit(Reader& reader, KernelEvent& event) {
  event.kind = KernelEvent::Kind::exit;
  event.status = reader.take<std::uint32_t>();
  reader.take<std::uint32_t>();  // the signal that the parent gets
  // Kernels before 4.18 end here.
  if (reader.rest().size() < 2 * sizeof(Pid)) return;
  reader.take<Pid>();
  event.parent = reader.take<Pid>();
}

void decode_ids(Reader& reader, KernelEvent& event, KernelEvent::Kind kind) {
  event.kind = kind;
  event.ids.real = reader.take<std::uint32_t>();
  event.ids.effective = reader.take<std::uint32_t>();
}

void decode_comm(Reader& reader, KernelEvent& event) {
  event.kind = KernelEvent::Kind::comm;
  for (char& c : event.comm) c = reader.take<char>();
}

/// False for a kind without use.
bool decode_kind(std::uint32_t what, Reader& reader, KernelEvent& event) {
  if (what == proc_event::PROC_EVENT_FORK) {
    event.kind = KernelEvent::Kind::fork;
    reader.take<Pid>();
    event.parent = reader.take<Pid>();
    event.pid = reader.take<Pid>();
    event.tgid = reader.take<Pid>();
    return true;
  }
  event.pid = reader.take<Pid>();
  event.tgid = reader.take<Pid>();
  switch (what) {
    case proc_event::PROC_EVENT_EXEC:
      event.kind = KernelEvent::Kind::exec;
      return true;
    case proc_event::PROC_EVENT_EXIT:
      decode_exit(reader, event);
      return true;
    case proc_event::PROC_EVENT_UID:
      decode_ids(reader, event, KernelEvent::Kind::uid);
      return true;
    case proc_event::PROC_EVENT_GID:
      decode_ids(reader, event, KernelEvent::Kind::gid);
      return true;
    case proc_event::PROC_EVENT_COMM:
      decode_comm(reader, event);
      return true;
    default:
      return false;
  }
}

/// One connector message; false when it is cut or not of the process connector.
bool decode_message(std::span<const std::byte> bytes, std::vector<ConnectorMessage>& messages) {
  Reader header(bytes);
  const auto index = header.take<std::uint32_t>();
  const auto value = header.take<std::uint32_t>();
  ConnectorMessage message;
  message.sequence = header.take<std::uint32_t>();
  message.acknowledged = header.take<std::uint32_t>();
  const auto length = header.take<std::uint16_t>();
  header.take<std::uint16_t>();
  if (!header.good() || index != CN_IDX_PROC || value != CN_VAL_PROC) return false;
  if (length < event_header || header.rest().size() < length) return false;

  Reader reader(header.rest().first(length));
  const auto what = reader.take<std::uint32_t>();
  const auto cpu = reader.take<std::uint32_t>();
  KernelEvent event;
  event.timestamp_ns = reader.take<std::uint64_t>();
  if (cpu != no_cpu) message.cpu = cpu;
  if (what == proc_event::PROC_EVENT_NONE) {
    message.confirmation = true;
    message.confirmation_error = reader.take<std::uint32_t>();
  } else if (decode_kind(what, reader, event) && reader.good()) {
    if (event.pid <= 0 || event.tgid <= 0) return false;
    message.event = event;
  }
  if (!reader.good()) return false;
  messages.push_back(message);
  return true;
}

}  // namespace

bool decode_datagram(std::span<const std::byte> datagram, std::vector<ConnectorMessage>& messages) {
  bool whole = !datagram.empty();
  while (!datagram.empty()) {
    nlmsghdr header{};
    if (datagram.size() < sizeof header) return false;
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) return false;
    const bool carries = header.nlmsg_type == NLMSG_DONE || header.nlmsg_type >= NLMSG_MIN_TYPE;
    if (carries) {
      whole = decode_message(datagram.first(header.nlmsg_len).subspan(sizeof header), messages) && whole;
    } else if (header.nlmsg_type != NLMSG_NOOP) {
      whole = false;
    }
    const std::size_t aligned = (header.nlmsg_len + std::size_t{3}) & ~std::size_t{3};
    datagram = datagram.subspan(std::min(aligned, datagram.size()));
  }
  return whole;
}

RequestBytes encode_request(ConnectorRequest request, std::uint32_t sequence, std::uint32_t acknowledge) {
  RequestBytes bytes{};
  nlmsghdr netlink{};
  netlink.nlmsg_len = static_cast<std::uint32_t>(bytes.size());
  netlink.nlmsg_type = NLMSG_DONE;
  std::memcpy(bytes.data(), &netlink, sizeof netlink);
  const std::array<std::uint32_t, 6> body = {CN_IDX_PROC, CN_VAL_PROC, sequence,
                                             acknowledge, 0,           static_cast<std::uint32_t>(request)};
  std::memcpy(bytes.data() + sizeof netlink, body.data(), sizeof body);
  const std::uint16_t length = sizeof(std::uint32_t);
  std::memcpy(bytes.data() + sizeof netlink + 4 * sizeof(std::uint32_t), &length, sizeof length);
  return bytes;
}

}  // namespace procmond::linux_os
