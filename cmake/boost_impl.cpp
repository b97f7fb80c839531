// The one translation unit that holds the code of Boost.Asio and Boost.JSON; see Dependencies.cmake.
#include <boost/asio/impl/src.hpp>
#include <boost/json/src.hpp>
