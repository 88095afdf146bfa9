#pragma once

#include <boost/json/object.hpp>
#include <cstddef>

namespace wardlock::authzen {

/// What may be read for one request, in weight times questions: what a body of our size may hold
/// anyway, once.
inline constexpr std::size_t kMostWeight = std::size_t{1} << 17;

/// How much there is to be read for each question in what a request says for several, more or less:
/// the values of its members `subject`, `action`, `resource` and `context`, with long texts
/// counting more. A small body must not make much work of being read often.
std::size_t weigh_shared(const boost::json::object& request);

}  // namespace wardlock::authzen
