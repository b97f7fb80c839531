# Routing: topic patterns, client masks, exclusions and the subscription table. No Asio, no threads, no clock.

# What a pattern means, which clients may ask as well (busrt/topic_pattern.hpp).
add_library(busrt_pattern STATIC src/routing/pattern.cpp src/routing/topic_pattern.cpp)
target_include_directories(busrt_pattern PUBLIC include PRIVATE src)
target_link_libraries(busrt_pattern PUBLIC busrt_base busrt_wire)

add_library(busrt_routing STATIC src/routing/containment.cpp src/routing/keyed_hash.cpp src/routing/name_tree.cpp
                                 src/routing/pattern_trie.cpp src/routing/shape_tree.cpp
                                 src/routing/subscriber_list.cpp src/routing/subscription_table.cpp)
target_include_directories(busrt_routing PUBLIC include PRIVATE src)
target_link_libraries(busrt_routing PUBLIC busrt_pattern)

if(BUSRT_TESTS AND NOT BUSRT_FUZZ)
  find_package(benchmark QUIET)
  if(benchmark_FOUND)
    add_executable(routing_bench bench/routing_bench.cpp)
    target_include_directories(routing_bench PRIVATE src)
    target_link_libraries(routing_bench PRIVATE busrt_routing benchmark::benchmark)
  endif()
endif()
