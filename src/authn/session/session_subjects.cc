#include "authn/session/session_subjects.h"

#include <utility>

namespace wardlock::authn {

std::optional<ShownPerson> SessionSubjects::find(std::string_view tenant, std::string_view token,
                                                 std::int64_t now_ms) {
  auto session = sessions_.find(token, now_ms);
  if (!session || session->tenant != tenant) return std::nullopt;
  return ShownPerson{.person = std::move(session->person),
                     .level = number_of(session->assurance.level),
                     .methods = std::move(session->assurance.methods)};
}

}  // namespace wardlock::authn
