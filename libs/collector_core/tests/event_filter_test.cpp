// Filters: every predicate that is set must hold.

#include "collector_core/event_filter.hpp"

#include <gtest/gtest.h>

namespace {

using namespace collector_core;

Event sample() {
  Event event;
  event.collector = "procmond";
  event.seq = 7;
  event.domain = "process";
  event.kind = "exec";
  event.data = {{"pid", 42}, {"process", {{"name", "ls"}}}, {"load", 1.5}};
  return event;
}

TEST(EventFilter, WithoutPredicatesEverythingPasses) {
  EXPECT_TRUE(EventFilter{}.empty());
  EXPECT_TRUE(EventFilter{}.matches(sample()));
}

TEST(EventFilter, ListsHoldWhenOneWordMatches) {
  EXPECT_TRUE((EventFilter{.domains = {"network", "process"}}.matches(sample())));
  EXPECT_FALSE((EventFilter{.domains = {"network"}}.matches(sample())));
  EXPECT_TRUE((EventFilter{.kinds = {"exec"}}.matches(sample())));
  EXPECT_FALSE((EventFilter{.kinds = {"exit"}}.matches(sample())));
  EXPECT_TRUE((EventFilter{.collectors = {"procmond"}}.matches(sample())));
  EXPECT_FALSE((EventFilter{.collectors = {"netmond"}}.matches(sample())));
}

TEST(EventFilter, MinimumSequenceIsInclusive) {
  EXPECT_TRUE((EventFilter{.minimum_seq = 7}.matches(sample())));
  EXPECT_FALSE((EventFilter{.minimum_seq = 8}.matches(sample())));
}

TEST(EventFilter, FieldsCompareByValueAndStepIntoObjects) {
  EXPECT_TRUE((EventFilter{.fields = {{"pid", 42}}}.matches(sample())));
  EXPECT_TRUE((EventFilter{.fields = {{"pid", std::uint64_t{42}}}}.matches(sample())));
  EXPECT_TRUE((EventFilter{.fields = {{"process.name", "ls"}, {"load", 1.5}}}.matches(sample())));
  EXPECT_FALSE((EventFilter{.fields = {{"pid", "42"}}}.matches(sample())));
  EXPECT_FALSE((EventFilter{.fields = {{"process.name", "cat"}}}.matches(sample())));
  EXPECT_FALSE((EventFilter{.fields = {{"process.path", nullptr}}}.matches(sample())));
  EXPECT_FALSE((EventFilter{.fields = {{"pid.name", 42}}}.matches(sample())));
}

TEST(EventFilter, AllPredicatesMustHold) {
  EXPECT_FALSE((EventFilter{.kinds = {"exec"}, .minimum_seq = 8}.matches(sample())));
  EXPECT_TRUE(
      (EventFilter{.domains = {"process"}, .kinds = {"exec"}, .minimum_seq = 1, .fields = {{"pid", 42}}}
           .matches(sample())));
}

}  // namespace
