#include "cli/identity_text.h"

#include <fmt/format.h>

#include "cli/thing_lookup.h"

namespace wardlock::cli {

std::string identity_text(const codec::Json& me) {
  const auto& members = me.as_object();
  const auto* const thing = members.if_contains("thing");
  std::string text = fmt::format("{} of {}", thing == nullptr ? text_of(me, "id") : name_of(*thing),
                                 text_of(me, "tenant"));
  if (const auto* const sign_in = members.if_contains("signIn")) {
    std::string methods;
    for (const auto& each : sign_in->at("methods").as_array()) {
      methods += (methods.empty() ? "" : ", ") + std::string(each.as_string());
    }
    text +=
        fmt::format("\n  at assurance level {}{}, since {}, until {}", text_of(*sign_in, "level"),
                    methods.empty() ? "" : fmt::format(" ({})", methods), text_of(*sign_in, "at"),
                    text_of(*sign_in, "until"));
  }
  const auto* const roles = members.if_contains("roles");
  if (roles == nullptr) return text;
  if (roles->as_array().empty()) text += "\n  without a role of administration";
  for (const auto& role : roles->as_array()) {
    text += fmt::format("\n  {}", std::string_view(role.as_string()));
  }
  return text;
}

}  // namespace wardlock::cli
