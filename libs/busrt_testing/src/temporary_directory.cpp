#include <random>
#include <system_error>

#include "busrt_testing/test_address.hpp"

namespace busrt_testing {

TemporaryDirectory::TemporaryDirectory() {
  std::random_device random;
  const auto parent = std::filesystem::temp_directory_path();
  // create_directory says false for one that is there already: somebody else's.
  do {
    path_ = parent / ("busrt-test-" + std::to_string(random()));
  } while (!std::filesystem::create_directory(path_));
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace busrt_testing
