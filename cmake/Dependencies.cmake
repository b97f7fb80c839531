# What the programs and tests take from Debian 12 besides the bus's own libraries (libs/busrt/cmake/dependencies.cmake).

if(NOT BUSRT_FUZZ)
  find_package(fmt REQUIRED)
  find_package(tomlplusplus REQUIRED)
  find_package(GTest REQUIRED)
  find_library(UTF8PROC_LIBRARY utf8proc REQUIRED)
endif()
