#pragma once

#include <optional>
#include <string_view>

#include "suite/key.h"
#include "suite/key_check.h"
#include "suite/suite.h"
#include "suite/value_reader.h"

namespace wardlock::suite {

/// The question that the fields ask. `span` is where what is missing is told.
Asked read_asked(const Given& given, Span span, ValueReader& values, Findings& findings);

/// What they say the answer must be.
Expectation read_expected(const Given& given, Span span, ValueReader& values, Findings& findings);

/// By its name, e.g. `no_permit`.
std::optional<pdp::Cause> find_cause(std::string_view word);

}  // namespace wardlock::suite
