# The snippets of docs/guides/integration.md: each is compiled and run, and the guide holds their very text.

set(guide_sources ${CMAKE_CURRENT_SOURCE_DIR}/examples/guide)
set(guide_root ${CMAKE_CURRENT_SOURCE_DIR}/../..)
add_executable(busrt_guide examples/guide/broker.cpp examples/guide/client.cpp examples/guide/coroutine.cpp
                           examples/guide/main.cpp examples/guide/rpc.cpp examples/guide/security.cpp)
target_link_libraries(busrt_guide PRIVATE busrt busrt_testing)
set_target_properties(busrt_guide PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/examples")

foreach(snippet embedded_broker limits connection one_connection publish_subscribe one_to_one qualities errors threads
                remote_calls coroutines back_pressure tls websocket access)
  add_test(NAME busrt_guide.${snippet} COMMAND busrt_guide ${snippet} ${guide_sources})
  set_tests_properties(busrt_guide.${snippet} PROPERTIES LABELS unit TIMEOUT 120)
endforeach()

add_test(NAME busrt_guide.standalone COMMAND ${guide_sources}/standalone.sh $<TARGET_FILE_DIR:busrtd>)
add_test(NAME busrt_guide.text COMMAND ${guide_root}/scripts/check_guide)
set_tests_properties(busrt_guide.standalone busrt_guide.text PROPERTIES LABELS unit TIMEOUT 120)
