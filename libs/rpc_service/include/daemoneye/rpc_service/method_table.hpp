// The RPC methods of a program, in one table: their schemas and what answers them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/rpc.hpp"
#include "daemoneye/rpc_service/schema.hpp"

namespace daemoneye::rpc_service {

/// A call that the table has checked.
struct Call {
  std::string method;
  std::string sender;  ///< full name on the bus
  boost::json::object params;
};

using MethodResult = std::expected<boost::json::object, busrt::RpcError>;

/// Params come as a JSON object or a MessagePack map, and the result goes in the same encoding. No params
/// mean
/// `{}`. Params that the schema refuses are answered with -32602 and the field.
///
/// Thread safety: none. Handlers run on the executor of the RPC client.
class MethodTable {
 public:
  using Handler = std::function<boost::asio::awaitable<MethodResult>(Call)>;
  /// Called for each call that is refused, by the table or by its handler.
  using OnRefused = std::function<void(const Call&, const busrt::RpcError&)>;

  MethodTable();
  ~MethodTable();
  MethodTable(const MethodTable&) = delete;
  MethodTable& operator=(const MethodTable&) = delete;

  /// Before serve(). A name stands once.
  void add(Method method, Handler handler);
  void on_refused(OnRefused handler);

  /// Registers every method with `rpc`, before that connects. The handlers may be called as long as `rpc`
  /// runs, also when the table is gone; then they answer an internal error.
  void serve(busrt::RpcClient& rpc) const;

  [[nodiscard]] std::vector<std::string_view> names() const;
  /// An array of schemas (schema.hpp, describe()).
  [[nodiscard]] boost::json::array describe() const;

 private:
  struct Entry;
  struct State;
  static boost::asio::awaitable<busrt::RpcResult> answer(std::weak_ptr<const State> state,
                                                         std::shared_ptr<const Entry> entry,
                                                         busrt::RpcRequest request);
  std::shared_ptr<State> state_;
};

}  // namespace daemoneye::rpc_service
