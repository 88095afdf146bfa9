#pragma once

#include <boost/json/object.hpp>

#include "codec/json.h"

namespace wardlock::cedar {

/// `{ok, formatted}` of a case's `text`, `lineWidth` and `indentWidth`.
codec::Json answer_format(const boost::json::object& it);

}  // namespace wardlock::cedar
