#include "cedar/trace/short_text.h"

#include <fmt/format.h>

namespace wardlock::cedar {
namespace {

class ShortText {
 public:
  ShortText(const ShortTextLimits& limits,
            const std::function<std::string(const EntityUid&)>& uid_text)
      : limits_(limits), uid_text_(uid_text) {}

  std::string of(const Value& value, std::size_t depth = 0) const {
    switch (value.kind()) {
      case Kind::kString: return quote(clip(value.as_string(), limits_.max_bytes));
      case Kind::kEntity: return uid_text_(value.as_entity());
      case Kind::kSet:
        return list(value.as_set(), "[]", depth,
                    [&](const Value& member) { return of(member, depth + 1); });
      case Kind::kRecord:
        return list(value.as_record(), "{}", depth, [&](const Field& field) {
          return fmt::format("{}: {}", clip(field.name, limits_.max_bytes),
                             of(field.value, depth + 1));
        });
      default: return to_text(value);
    }
  }

 private:
  template <typename Items, typename Write>
  std::string list(const Items& items, std::string_view brackets, std::size_t depth,
                   Write write) const {
    std::string out(1, brackets[0]);
    const bool is_too_deep = depth >= limits_.max_depth && !items.empty();
    if (is_too_deep) out += "…";
    for (std::size_t i = 0; i < items.size() && !is_too_deep; ++i) {
      if (i > 0) out += ", ";
      if (i == limits_.max_members) {
        out += fmt::format("… {} more", items.size() - i);
        break;
      }
      out += write(items[i]);
    }
    return out += brackets[1];
  }

  const ShortTextLimits& limits_;
  const std::function<std::string(const EntityUid&)>& uid_text_;
};

}  // namespace

std::string clip(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  const auto is_continuation = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
  };
  std::size_t end = max_bytes;
  while (end > 0 && is_continuation(end)) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::string to_short_text(const EntityUid& uid, const ShortTextLimits& limits) {
  return fmt::format("{}::{}", uid.type, quote(clip(uid.id, limits.max_bytes)));
}

std::string to_short_text(const Value& value, const ShortTextLimits& limits,
                          const std::function<std::string(const EntityUid&)>& uid_text) {
  return ShortText(limits, uid_text).of(value);
}

std::string to_short_text(const Value& value, const ShortTextLimits& limits) {
  return to_short_text(value, limits,
                       [&](const EntityUid& uid) { return to_short_text(uid, limits); });
}

}  // namespace wardlock::cedar
