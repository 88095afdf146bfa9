#include "cedar/evaluator/like.h"

namespace wardlock::cedar {

bool is_like(std::string_view text, std::span<const std::string_view> segments) {
  const std::string_view first = segments.front(), last = segments.back();
  if (segments.size() == 1) return text == first;
  if (text.size() < first.size() + last.size()) return false;
  if (!text.starts_with(first) || !text.ends_with(last)) return false;
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  // The leftmost match of each segment leaves most for those that follow.
  for (const std::string_view segment : segments.subspan(1, segments.size() - 2)) {
    const std::size_t found = text.find(segment);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + segment.size());
  }
  return true;
}

}  // namespace wardlock::cedar
