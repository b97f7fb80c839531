# Fuzz targets (the fuzz preset, clang): one program and one bounded ctest for each source in fuzz/.

# Nothing here does I/O; Asio would be compiled, instrumented, for nobody.
set_target_properties(busrt_boost PROPERTIES EXCLUDE_FROM_ALL ON)

function(busrt_fuzzer name)
  add_executable(fuzz_${name} fuzz/${name}.cpp)
  target_include_directories(fuzz_${name} PRIVATE src fuzz)
  target_link_libraries(fuzz_${name} PRIVATE busrt_wire busrt_routing)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  set(found ${CMAKE_BINARY_DIR}/corpus/${name})
  file(MAKE_DIRECTORY ${found})
  set(dictionary ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/${name}.dict)
  set(options -runs=20000 -max_total_time=20 -timeout=10 -max_len=4096 -print_final_stats=1
              -artifact_prefix=${found}/../${name}-)
  if(EXISTS ${dictionary})
    list(APPEND options -dict=${dictionary})
  endif()
  add_test(NAME fuzz_${name}
           COMMAND fuzz_${name} ${options} ${found} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
  set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()

busrt_fuzzer(decode_request)
busrt_fuzzer(decode_delivery)
busrt_fuzzer(decode_rpc)
busrt_fuzzer(broker_handshake)
busrt_fuzzer(client_handshake)
busrt_fuzzer(subscription_table)
busrt_fuzzer(access_rules)
target_link_libraries(fuzz_access_rules PRIVATE busrt_access)
busrt_fuzzer(fifo_line)
target_sources(fuzz_fifo_line PRIVATE src/broker/fifo_line.cpp)
target_link_libraries(fuzz_fifo_line PRIVATE busrt_msgpack busrt_msgpuck)
busrt_fuzzer(msgpack_value_size)
target_link_libraries(fuzz_msgpack_value_size PRIVATE busrt_msgpack busrt_msgpuck)
