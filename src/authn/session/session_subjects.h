#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "authn/session/sessions.h"
#include "authn/subject_token.h"

namespace wardlock::authn {

/// Tokens of sessions as tokens of the people that questions are about: an enforcement point that
/// has the browser's token sends it along. Counts as a use of the session. A token that the browser
/// has changed meanwhile counts as long as `find` of Sessions takes it; nothing is rotated here,
/// and none is taken for a copy. Thread-safe.
class SessionSubjects final : public SubjectTokens {
 public:
  /// `sessions` outlive it.
  explicit SessionSubjects(Sessions& sessions) : sessions_(sessions) {}

  std::optional<ShownPerson> find(std::string_view tenant, std::string_view token,
                                  std::int64_t now_ms) override;

 private:
  Sessions& sessions_;
};

}  // namespace wardlock::authn
