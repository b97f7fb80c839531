# The project's own shorthand for libraries, programs and tests.

include(GoogleTest)

# gtest_program(NAME LABEL sources... LIBS libs... [TIMEOUT seconds]): one GoogleTest program; every test in it
# gets the label (unit, system, privileged, interop).
function(gtest_program name label)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LIBS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  if(CMAKE_CROSSCOMPILING)
    # One run of the emulator for each program: starting it is what costs.
    add_test(NAME ${name} COMMAND ${name})
    # Not by its exit code alone, which the emulator may lose when a program crashes.
    set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 300 FIXTURES_REQUIRED emulator
      PASS_REGULAR_EXPRESSION "\\[  PASSED  \\] [0-9]+ test" FAIL_REGULAR_EXPRESSION "\\[  FAILED  \\]|Unhandled")
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${label} TIMEOUT ${ARG_TIMEOUT})
endfunction()
