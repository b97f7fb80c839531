# Broker and clients in one thread, in a time and a network of the test's own. It answers for the C library and libstdc++
# where they are asked for the time and for random numbers, as can be done where those are shared libraries.

gtest_program(busrt_simulation_tests unit
  tests/simulation/actor.cpp tests/simulation/books.cpp tests/simulation/broker_host.cpp tests/simulation/client_moments_test.cpp
  tests/simulation/link.cpp
  tests/simulation/network.cpp tests/simulation/oracle.cpp tests/simulation/plan.cpp tests/simulation/sabotage.cpp
  tests/simulation/simulation_test.cpp tests/simulation/system.cpp tests/simulation/tap.cpp tests/simulation/trace.cpp
  tests/simulation/world.cpp
  LIBS busrt busrt_testing busrt_wire busrt_routing busrt_inproc busrt_transport TIMEOUT 600 OPTIMISED ONE_THREAD)
target_include_directories(busrt_simulation_tests PRIVATE src tests/simulation)
