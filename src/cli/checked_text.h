#pragma once

#include <chrono>
#include <string>

#include "base/diagnostic.h"
#include "codec/json.h"

namespace wardlock::cli {

/// The year by this machine's clock, which two digits of a year are completed with.
std::chrono::year this_year();

/// A text that was refused, as `--json` prints it: with `valid`, and the errors with their columns.
boost::json::object refused_json(const std::string& text, const Diagnostics& faults);

}  // namespace wardlock::cli
