// The one translation unit that holds the code of Boost.JSON, for systems that have only its headers.
#include <boost/json/src.hpp>
