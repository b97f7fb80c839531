// Runs a source's coroutines to their end, for tests that have no runtime.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "collector_core/event_source.hpp"

namespace procmond {

inline busrt::base::Result<> start_source(collector_core::EventSource& source,
                                          collector_core::EventSink& sink) {
  boost::asio::io_context context;
  auto done = boost::asio::co_spawn(context, source.start(sink), boost::asio::use_future);
  context.run();
  return done.get();
}

inline void stop_source(collector_core::EventSource& source) {
  boost::asio::io_context context;
  auto done = boost::asio::co_spawn(context, source.stop(), boost::asio::use_future);
  context.run();
  done.get();
}

}  // namespace procmond
