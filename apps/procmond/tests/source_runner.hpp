// Runs a source's coroutines to their end, for tests that have no runtime.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "daemoneye/collector/event_source.hpp"

namespace procmond {

inline busrt::base::Result<> start_source(daemoneye::collector::EventSource& source,
                                          daemoneye::collector::EventSink& sink) {
  boost::asio::io_context context;
  auto done = boost::asio::co_spawn(context, source.start(sink), boost::asio::use_future);
  context.run();
  return done.get();
}

inline void stop_source(daemoneye::collector::EventSource& source) {
  boost::asio::io_context context;
  auto done = boost::asio::co_spawn(context, source.stop(), boost::asio::use_future);
  context.run();
  done.get();
}

}  // namespace procmond
