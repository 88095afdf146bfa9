#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace wardlock::access {

/// What somebody found who looked at the use of a grant.
enum class Finding : std::uint8_t {
  kAppropriate,
  kFollowUp,  ///< it is to be talked about
  kMisuse,
};
/// Its name, e.g. `follow-up`.
std::string_view to_string(Finding finding);
std::optional<Finding> find_finding(std::string_view name);

/// Somebody who may review.
struct ReviewCandidate {
  std::string person;
  std::string unit = {};  ///< where they work; empty: not known
};

/// Who looked at whose use.
struct ReviewPair {
  std::string reviewer;
  std::string person;
  std::string unit = {};  ///< the person's

  bool operator==(const ReviewPair&) const = default;
};

/// Draws who reviews a use of `person`'s, who works in `unit`: never the person; from other units
/// where there are such; and nobody whose own use the person has reviewed lately (`lately`), where
/// there is somebody else. `same` says that two accounts are one natural person's; `pick` draws a
/// number below the one given, which is at least 1. Nothing: there is nobody. Pure.
std::optional<std::string> draw_reviewer(
    std::span<const ReviewCandidate> candidates, std::string_view person, std::string_view unit,
    std::span<const ReviewPair> lately,
    const std::function<bool(std::string_view, std::string_view)>& same,
    const std::function<std::size_t(std::size_t)>& pick);

/// People who reviewed each other, straight or around: each ring of two or more of them, its people
/// sorted, the rings in the order of their first. Pure.
std::vector<std::vector<std::string>> find_rings(std::span<const ReviewPair> pairs);

/// Error kInvalidArgument: the words are missing where they are needed, or too long.
Result<void> check_review_words(Finding finding, std::string_view words);

}  // namespace wardlock::access
