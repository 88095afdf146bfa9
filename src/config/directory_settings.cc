#include "config/directory_settings.h"

#include <string_view>

namespace wardlock::config {
namespace {

std::string text_of(const codec::Json& section, std::string_view name) {
  const codec::Json* value = section.get_object().if_contains(name);
  return value == nullptr ? std::string() : std::string(value->get_string());
}

}  // namespace

secrets::KeySource key_source_of(const codec::Json& section,
                                 const std::function<void(std::string)>& refuse) {
  const secrets::KeyToken token{.module = text_of(section, "module"),
                                .token = text_of(section, "token"),
                                .key = text_of(section, "key"),
                                .pin_file = text_of(section, "pin_file"),
                                .path = text_of(section, "file")};
  const std::string variable = text_of(section, "variable");
  if (token.path.empty() == variable.empty()) {
    refuse("a key is in a `file` or in a `variable`: give one of them");
  }
  const int parts = int{!token.module.empty()} + int{!token.token.empty()} +
                    int{!token.key.empty()} + int{!token.pin_file.empty()};
  if (parts == 0) {
    if (variable.empty()) return secrets::KeyFile{token.path};
    return secrets::KeyVariable{variable};
  }
  if (parts != 4 || token.path.empty()) {
    refuse("a token's key needs `module`, `token`, `key`, `pin_file` and `file`");
  }
  return token;
}

}  // namespace wardlock::config
