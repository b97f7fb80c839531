// Our broker among misbehaving peers.
#pragma once

#include "broker_fixture.hpp"
#include "hostile_peers.hpp"

namespace busrt {

class BrokerHostile : public BrokerTest {
 protected:
  Bystanders bystanders() { return {connect("bystander.one"), connect("bystander.two")}; }
};

}  // namespace busrt
