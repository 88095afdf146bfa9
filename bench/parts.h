#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::bench {

/// A benchmark of several parts that work on a disk.
struct Part {
  std::string_view name;
  /// In a folder of its own; returns whether its figures are what they must be.
  Result<bool> (*run)(const std::string& folder);
};

/// Runs the parts that the arguments (`[--folder FOLDER] [PART…]`) name, or all, each in a new
/// folder below FOLDER, by default the one that the process is in. Returns the exit status: 1 where
/// a figure is not what it must be, 2 for arguments that mean nothing.
int run_parts(std::span<const Part> parts, std::vector<std::string_view> arguments);

}  // namespace wardlock::bench
