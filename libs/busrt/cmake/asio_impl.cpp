// The one translation unit that holds the code of Boost.Asio.
#include <boost/asio/impl/src.hpp>
