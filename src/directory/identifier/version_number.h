#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace wardlock::directory {

/// Which of two versions is the later one, as Semantic Versioning 2.0.0 §11 has it, and for up to
/// eight numbers (`4.2`, `10.0.1.331`; those that are missing are 0), each with a `v` before it or
/// not. What stands behind a `-` makes it earlier than the same without; what stands behind a `+`
/// does not count. Nothing: one of them is written otherwise, so that nobody can say.
std::optional<std::weak_ordering> compare_versions(std::string_view a, std::string_view b);

/// Whether versions can be compared with it.
bool is_ordered_version(std::string_view version);

}  // namespace wardlock::directory
