#include "busrt/base/main_task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

namespace busrt::base {

int run_main_task(boost::asio::io_context& context, boost::asio::awaitable<int> task) {
  int code = 0;
  boost::asio::co_spawn(context, std::move(task), [&code](const std::exception_ptr& fault, int value) {
    if (fault) std::rethrow_exception(fault);
    code = value;
  });
  context.run();
  return code;
}

}  // namespace busrt::base
