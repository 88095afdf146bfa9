#pragma once

#include <boost/json/object.hpp>

#include "codec/json.h"

namespace wardlock::cedar {

/// `{ok, formatted}` of a case's `text`, `lineWidth` and `indentWidth`.
codec::Json answer_format(const boost::json::object& it);

/// The case's `schema`, a JSON string with text or else a document, in the other syntax: `{ok,
/// text}` or `{ok, json}`. A text is also read again and given as `again`.
codec::Json answer_translation(const boost::json::object& it);

}  // namespace wardlock::cedar
