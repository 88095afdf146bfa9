#include "cedar/compiled/uid_table.h"

namespace wardlock::cedar {

std::uint32_t UidTable::add(const EntityUid* uid) {
  if (const auto number = find(*uid)) return *number;
  const auto number = static_cast<std::uint32_t>(keys_.size());
  keys_.push_back(uid);
  if (2 * keys_.size() <= slots_.size()) {
    put(number);
  } else {
    slots_.assign(slots_.empty() ? 8 : 2 * slots_.size(), {});
    for (std::uint32_t i = 0; i <= number; ++i) put(i);
  }
  return number;
}

void UidTable::put(std::uint32_t number) {
  std::size_t at = first_slot(*keys_[number]);
  while (slots_[at].number != 0) at = next_slot(at);
  slots_[at] = {tag_of(*keys_[number]), number + 1};
}

}  // namespace wardlock::cedar
