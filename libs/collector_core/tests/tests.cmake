# The tests of collector_core: unit ones need nothing, system ones run an embedded broker.

daemoneye_test(collector_core_tests unit
  ${CMAKE_CURRENT_LIST_DIR}/event_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/event_filter_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/local_event_bus_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/outbox_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/options_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/time_text_test.cpp
  LIBS collector_core_testing fmt::fmt)
target_include_directories(collector_core_tests PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../src)

daemoneye_test(collector_core_bus_tests system
  ${CMAKE_CURRENT_LIST_DIR}/busrt_event_bus_test.cpp
  LIBS collector_core_testing busrt)
