// The one translation unit that holds the code of msgpuck, for systems that have only its header.
#define MP_SOURCE 1
#include <msgpuck.h>
