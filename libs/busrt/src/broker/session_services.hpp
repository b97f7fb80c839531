// What the sessions of one shard share: the broker's parts, the shard, and the shard's routing and delivery.
#pragma once

#include "broker/announcer.hpp"
#include "broker/back_pressure.hpp"
#include "broker/core.hpp"
#include "broker/delivery.hpp"
#include "broker/evictor.hpp"
#include "broker/forwarder.hpp"
#include "broker/route_cache.hpp"
#include "broker/rules_in_force.hpp"
#include "broker/shard.hpp"
#include "broker/table_sweep.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. Both arguments must outlive it.
struct SessionServices {
  SessionServices(Core& broker_core, Shard& own_shard)
      : core(broker_core),
        shard(own_shard),
        rules(core.access),
        routes(core.registry, shard.turn()),
        back_pressure(shard, core.config.stall_limit),
        evictor(shard, core.memory, *core.admission, core.registry, core.peer_log),
        forwarder(shard, core.counters, core.config.shards),
        delivery(shard, back_pressure, forwarder, evictor, core.memory),
        announcer(routes, delivery, core.own),
        sweep(shard, core.registry) {}

  Core& core;
  Shard& shard;
  RulesInForce rules;
  RouteCache routes;
  BackPressure back_pressure;
  Evictor evictor;
  Forwarder forwarder;
  Delivery delivery;
  Announcer announcer;
  TableSweep sweep;
};

}  // namespace busrt::broker
