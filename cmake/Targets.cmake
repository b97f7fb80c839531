# The project's own shorthand for test programs.

include(GoogleTest)

# compile_quickly(TARGET): without optimisation, for test code. Not with mingw-w64, whose libstdc++ then defines
# type_info::operator== twice.
function(compile_quickly target)
  if(NOT CMAKE_CROSSCOMPILING)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# gtest_program(NAME LABEL sources... LIBS libs... [TIMEOUT seconds] [OPTIMISED] [ONE_THREAD]): one GoogleTest program;
# every test in it gets the label (unit, system, privileged, interop).
#   OPTIMISED   test code that computes much itself is optimised as the preset says. Other test code is not: compiling it
#               took most of the time, under sanitizers thrice as long. The libraries under test always are.
#   ONE_THREAD  neither the tests nor what they test has threads, so that ThreadSanitizer has nothing to find: the
#               preset tsan leaves the program out
function(gtest_program name label)
  cmake_parse_arguments(ARG "OPTIMISED;ONE_THREAD" "TIMEOUT" "LIBS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gtest_main)
  # Tests define functions of the system's libraries, which must find them.
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests"
                        CXX_VISIBILITY_PRESET default VISIBILITY_INLINES_HIDDEN OFF)
  if(ARG_OPTIMISED)
    optimise_under_sanitizers(${name})
  else()
    compile_quickly(${name})
  endif()
  if(ARG_ONE_THREAD AND BUSRT_SANITIZE MATCHES "thread")
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
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
