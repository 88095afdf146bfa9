#include "cedar/compiled/attribute_name.h"

#include <algorithm>

namespace wardlock::cedar {

AttributeName::AttributeName(std::string_view text, std::span<const Names> lists) : text_(text) {
  for (const Names& list : lists) {
    const auto it = std::ranges::lower_bound(list, text);
    if (it == list.end() || *it != text || hint_count_ == hints_.size()) continue;
    hints_[hint_count_++] = {list.data(), static_cast<std::uint32_t>(it - list.begin())};
  }
}

}  // namespace wardlock::cedar
