#include "directory/feed/seen_text.h"

namespace wardlock::directory {

std::string_view text_in(const boost::json::object& document, std::string_view name) {
  const auto* value = document.if_contains(name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

const Document* model_of(const Thing& device, const Models& models) {
  const auto key = ThingKey::read(text_in(device.document.json(), "model"));
  if (!key) return nullptr;
  const auto it = models.find(*key);
  return it == models.end() ? nullptr : it->second.get();
}

}  // namespace wardlock::directory
