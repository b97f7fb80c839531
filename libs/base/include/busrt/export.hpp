// Marks the symbols that a shared library of the bus exports. All other code is compiled with hidden
// visibility.
#pragma once

#if defined(__GNUC__) && !defined(_WIN32)
/// The declarations of public headers between these two macros are part of the library's ABI.
#define BUSRT_API_BEGIN _Pragma("GCC visibility push(default)")
#define BUSRT_API_END _Pragma("GCC visibility pop")
#else
// On Windows the bus is linked statically.
#define BUSRT_API_BEGIN
#define BUSRT_API_END
#endif
