// Which sanitizer a test runs under, for the few tests that must know it. g++ defines macros; clang has
// features.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define BUSRT_TESTING_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BUSRT_TESTING_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define BUSRT_TESTING_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BUSRT_TESTING_THREAD_SANITIZER 1
#endif
#endif

namespace busrt_testing {

#if defined(BUSRT_TESTING_ADDRESS_SANITIZER)
inline constexpr bool under_address_sanitizer = true;
#else
inline constexpr bool under_address_sanitizer = false;
#endif
#if defined(BUSRT_TESTING_THREAD_SANITIZER)
inline constexpr bool under_thread_sanitizer = true;
#else
inline constexpr bool under_thread_sanitizer = false;
#endif
/// True under a sanitizer: computation then takes several times as long.
inline constexpr bool under_sanitizer = under_address_sanitizer || under_thread_sanitizer;

}  // namespace busrt_testing

#undef BUSRT_TESTING_ADDRESS_SANITIZER
#undef BUSRT_TESTING_THREAD_SANITIZER
