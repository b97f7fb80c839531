// Filters: every predicate that is set must hold.

#include "daemoneye/event_bus/event_filter.hpp"

#include <gtest/gtest.h>

namespace daemoneye::event_bus {
namespace {

events::Event an_exec() {
  events::Event event;
  event.collector = "procmond";
  event.seq = 7;
  event.domain = "process";
  event.kind = "exec";
  event.data = {{"pid", 42}, {"process", {{"name", "ls"}}}, {"load", 1.5}};
  return event;
}

TEST(EventFilter, WithoutPredicatesEverythingPasses) {
  EXPECT_TRUE(EventFilter{}.empty());
  EXPECT_TRUE(EventFilter{}.matches(an_exec()));
}

TEST(EventFilter, ListsHoldWhenOneWordMatches) {
  EXPECT_TRUE((EventFilter{.domains = {"network", "process"}}.matches(an_exec())));
  EXPECT_FALSE((EventFilter{.domains = {"network"}}.matches(an_exec())));
  EXPECT_TRUE((EventFilter{.kinds = {"exec"}}.matches(an_exec())));
  EXPECT_FALSE((EventFilter{.kinds = {"exit"}}.matches(an_exec())));
  EXPECT_TRUE((EventFilter{.collectors = {"procmond"}}.matches(an_exec())));
  EXPECT_FALSE((EventFilter{.collectors = {"netmond"}}.matches(an_exec())));
}

TEST(EventFilter, MinimumSequenceIsInclusive) {
  EXPECT_TRUE((EventFilter{.minimum_seq = 7}.matches(an_exec())));
  EXPECT_FALSE((EventFilter{.minimum_seq = 8}.matches(an_exec())));
}

TEST(EventFilter, FieldsCompareByValueAndStepIntoObjects) {
  EXPECT_TRUE((EventFilter{.fields = {{"pid", 42}}}.matches(an_exec())));
  EXPECT_TRUE((EventFilter{.fields = {{"pid", std::uint64_t{42}}}}.matches(an_exec())));
  EXPECT_TRUE((EventFilter{.fields = {{"process.name", "ls"}, {"load", 1.5}}}.matches(an_exec())));
  EXPECT_FALSE((EventFilter{.fields = {{"pid", "42"}}}.matches(an_exec())));
  EXPECT_FALSE((EventFilter{.fields = {{"process.name", "cat"}}}.matches(an_exec())));
  EXPECT_FALSE((EventFilter{.fields = {{"process.path", nullptr}}}.matches(an_exec())));
  EXPECT_FALSE((EventFilter{.fields = {{"pid.name", 42}}}.matches(an_exec())));
}

TEST(EventFilter, AllPredicatesMustHold) {
  EXPECT_FALSE((EventFilter{.kinds = {"exec"}, .minimum_seq = 8}.matches(an_exec())));
  EXPECT_TRUE(
      (EventFilter{.domains = {"process"}, .kinds = {"exec"}, .minimum_seq = 1, .fields = {{"pid", 42}}}
           .matches(an_exec())));
}

}  // namespace
}  // namespace daemoneye::event_bus
