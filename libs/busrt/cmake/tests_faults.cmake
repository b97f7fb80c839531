# Calls to the system, and allocations, that fail at the n-th time. The program defines functions of the C library
# itself, so this is for Linux alone.

set(allocation_faults tests/faults/allocation_faults_test.cpp tests/faults/allocations.cpp
  tests/faults/shard_faults_test.cpp)
if(BUSRT_SANITIZE)
  # Sanitizers have an operator new of their own.
  set(allocation_faults)
endif()
gtest_program(busrt_fault_tests unit ${allocation_faults}
  tests/faults/calls.cpp tests/faults/connection_faults_test.cpp tests/faults/fifo_faults_test.cpp tests/faults/injector.cpp
  tests/faults/interposers.cpp tests/faults/plan.cpp tests/faults/stage.cpp tests/faults/start_faults_test.cpp
  tests/faults/victim.cpp
  LIBS busrt busrt_testing ${CMAKE_DL_LIBS} TIMEOUT 300)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND BUSRT_SANITIZE MATCHES "thread")
  # The program's functions stand before the sanitizer's, and call the next ones: those are the sanitizer's only where its
  # runtime is a library behind the program. Without them it does not see what the kernel orders.
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libclang_rt.tsan-x86_64.so
                  OUTPUT_VARIABLE runtime OUTPUT_STRIP_TRAILING_WHITESPACE)
  get_filename_component(runtime_folder "${runtime}" DIRECTORY)
  target_link_options(busrt_fault_tests PRIVATE -shared-libsan)
  set_target_properties(busrt_fault_tests PROPERTIES BUILD_RPATH "${runtime_folder}")
endif()
target_include_directories(busrt_fault_tests PRIVATE src tests tests/linux)
