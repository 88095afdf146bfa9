#include "directory/registry/list_cursor.h"

#include "codec/base64url.h"
#include "codec/json.h"

namespace wardlock::directory {

std::string ListCursor::text() const {
  boost::json::array parts = {phase};
  std::visit([&](const auto& value) { parts.emplace_back(value); }, key);
  parts.emplace_back(id);
  const std::string json = codec::to_json_text(parts);
  return codec::to_base64url({reinterpret_cast<const std::uint8_t*>(json.data()), json.size()});
}

Result<ListCursor> ListCursor::read(std::string_view text) {
  const auto not_one = [] { return invalid("the cursor is none of this list; begin anew"); };
  const auto decoded = codec::from_base64url(text);
  if (!decoded) return not_one();
  const auto json = codec::parse_json(*decoded);
  const auto* parts = json ? json->if_array() : nullptr;
  if (parts == nullptr || parts->size() != 3) return not_one();
  const auto* phase = (*parts)[0].if_int64();
  const auto* id = (*parts)[2].if_string();
  if (phase == nullptr || *phase < 0 || *phase > 1 || id == nullptr) return not_one();
  ListCursor cursor{.phase = static_cast<std::size_t>(*phase), .key = {}, .id = std::string(*id)};
  if (const auto* number = (*parts)[1].if_int64()) {
    cursor.key = *number;
  } else if (const auto* words = (*parts)[1].if_string()) {
    cursor.key = std::string(*words);
  } else {
    return not_one();
  }
  return cursor;
}

}  // namespace wardlock::directory
