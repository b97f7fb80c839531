// The program's operator new, which the injector can make to fail. Sanitizers bring their own; there this
// file is left out.
#include <cstdlib>
#include <new>

#include "faults/injector.hpp"

namespace {

void* allocate(std::size_t size) {
  if (busrt_faults::meets(busrt_faults::Call::allocate, -1) != nullptr) throw std::bad_alloc();
  void* found = std::malloc(size == 0 ? 1 : size);
  if (found == nullptr) throw std::bad_alloc();
  return found;
}

void* allocate(std::size_t size, std::align_val_t alignment) {
  if (busrt_faults::meets(busrt_faults::Call::allocate, -1) != nullptr) throw std::bad_alloc();
  const auto boundary = static_cast<std::size_t>(alignment);
  void* found = std::aligned_alloc(boundary, (size + boundary - 1) / boundary * boundary);
  if (found == nullptr) throw std::bad_alloc();
  return found;
}

}  // namespace

// The other forms call these.
void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
