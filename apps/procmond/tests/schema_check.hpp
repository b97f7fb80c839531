// Whether all that a source emitted is what the schema says.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "daemoneye/collector/testing/recording_sink.hpp"
#include "daemoneye/events/check.hpp"
#include "daemoneye/events/process_fields.hpp"

namespace procmond {

inline void expect_schema(const daemoneye::collector::testing::RecordingSink& sink) {
  for (const auto& seen : sink.observations()) {
    for (const auto& problem :
         daemoneye::events::check(daemoneye::events::process::domain, seen.kind, seen.data)) {
      ADD_FAILURE() << problem << " in " << seen.kind << ' ' << boost::json::serialize(seen.data);
    }
  }
}

}  // namespace procmond
