# Calls to the system, and allocations, that fail at the n-th time. The program defines functions of the C library
# itself, so this is for Linux alone.

set(allocation_faults tests/faults/allocation_faults_test.cpp tests/faults/allocations.cpp)
if(BUSRT_SANITIZE)
  # Sanitizers have an operator new of their own.
  set(allocation_faults)
endif()
gtest_program(busrt_fault_tests unit ${allocation_faults}
  tests/faults/calls.cpp tests/faults/connection_faults_test.cpp tests/faults/fifo_faults_test.cpp tests/faults/injector.cpp
  tests/faults/interposers.cpp tests/faults/plan.cpp tests/faults/stage.cpp tests/faults/start_faults_test.cpp
  tests/faults/victim.cpp
  LIBS busrt busrt_testing ${CMAKE_DL_LIBS} TIMEOUT 300
  # Its functions stand before those of the runtime, by which ThreadSanitizer learns what the kernel orders.
  NO_TSAN)
target_include_directories(busrt_fault_tests PRIVATE src tests tests/linux)
