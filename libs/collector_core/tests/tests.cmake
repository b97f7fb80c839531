# The tests of collector_core: unit ones need nothing, system ones run an embedded broker.

gtest_program(collector_core_tests unit
  ${CMAKE_CURRENT_LIST_DIR}/event_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/event_filter_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/local_event_bus_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/outbox_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/options_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/time_text_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/topics_test.cpp
  LIBS collector_core_testing fmt::fmt)
target_include_directories(collector_core_tests PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../src)

gtest_program(collector_core_bus_tests system
  ${CMAKE_CURRENT_LIST_DIR}/busrt_event_bus_test.cpp
  LIBS collector_core_testing busrt)

gtest_program(collector_core_runtime_tests system
  ${CMAKE_CURRENT_LIST_DIR}/runtime_events_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/runtime_methods_test.cpp
  LIBS collector_core_testing busrt)

# A collector program of nothing but the library, to be run as a process.
add_executable(collector_core_ticker ${CMAKE_CURRENT_LIST_DIR}/ticker_main.cpp)
target_link_libraries(collector_core_ticker PRIVATE collector_core)
set_target_properties(collector_core_ticker PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")

gtest_program(collector_core_program_tests system
  ${CMAKE_CURRENT_LIST_DIR}/program_test.cpp
  LIBS collector_core_testing busrt)
target_compile_definitions(collector_core_program_tests PRIVATE
  TICKER_PROGRAM="$<TARGET_FILE:collector_core_ticker>")
add_dependencies(collector_core_program_tests collector_core_ticker)
