# System, compiler cache, linker, warnings and sanitizers, for every target of the project.

# The name of the folders that hold what differs by operating system.
string(TOLOWER "${CMAKE_SYSTEM_NAME}" BUSRT_SYSTEM)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT CMAKE_CROSSCOMPILING)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                    -Woverloaded-virtual -Wconversion -Wsign-conversion -Wnull-dereference)
if(DAEMONEYE_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside its own standard library once it inlines (PR 105562, 105651, 107852).
  add_compile_options(-Wno-null-dereference -Wno-maybe-uninitialized -Wno-restrict
                      -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
                      -Wno-mismatched-new-delete)
endif()

if(CMAKE_UNITY_BUILD)
  # A local variable may have the name of something private to another source, and what g++ takes for a header's here is
  # a source's own.
  add_compile_options(-Wno-shadow)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-subobject-linkage)
  endif()
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g3")

# Sanitizer builds are compiled to be quick to compile, since they are compiled more often than they run
# (docs/adr/0013-quick-builds.md). optimise_under_sanitizers() is for what then runs for long.
function(optimise_under_sanitizers)
  if(BUSRT_SANITIZE)
    foreach(target IN LISTS ARGN)
      target_compile_options(${target} PRIVATE -O1)
    endforeach()
  endif()
endfunction()

if(BUSRT_SANITIZE)
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O0 -g1")
  add_compile_options(-fsanitize=${BUSRT_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BUSRT_SANITIZE})
  if(BUSRT_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(BUSRT_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ warns that TSan does not model atomic_thread_fence, which Boost's headers use.
    add_compile_options(-Wno-tsan)
  endif()
endif()
if(BUSRT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
