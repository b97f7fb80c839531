# Connection strings: parsed by broker, client and programs alike, so they stand alone.

add_library(busrt_address STATIC src/transport/address.cpp src/transport/${DAEMONEYE_SYSTEM}/ipc_target.cpp)
target_include_directories(busrt_address PUBLIC include PRIVATE src)
target_link_libraries(busrt_address PUBLIC busrt_wire)

if(NOT DAEMONEYE_FUZZ)
  daemoneye_test(busrt_address_tests unit tests/address_test.cpp LIBS busrt_address)
endif()
