#include "cedar/json/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cedar/value/value.h"

namespace wardlock::cedar {
namespace {

bool is_plain_key(std::string_view key) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !key.empty() && is_letter(key.front()) &&
         std::ranges::all_of(key, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

std::string JsonPath::text() const {
  constexpr std::size_t kMaxSteps = 60;
  std::vector<const JsonPath*> steps;
  const JsonPath* step = this;
  for (; step->parent_ != nullptr && steps.size() < kMaxSteps; step = step->parent_) {
    steps.push_back(step);
  }
  std::string out = step->parent_ == nullptr ? std::string(step->key_) : "…";
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    if ((*it)->is_index_ && (*it)->index_ == kAnyMember) {
      out += "[*]";
    } else if ((*it)->is_index_) {
      out += fmt::format("[{}]", (*it)->index_);
    } else if (is_plain_key((*it)->key_)) {
      out += fmt::format(".{}", (*it)->key_);
    } else {
      out += fmt::format("[{}]", quote((*it)->key_));
    }
  }
  return out;
}

std::unexpected<Error> JsonPath::invalid(std::string_view message) const {
  return wardlock::invalid(fmt::format("{}: {}", text(), message));
}

}  // namespace wardlock::cedar
