#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/authenticate.h"
#include "net/http.h"

namespace wardlock::authn {

/// The field in which a caller sends the token of the person it asks about. The caller proves
/// itself as ever: this token opens nothing for it.
inline constexpr std::string_view kSubjectTokenHeader = "Wardlock-Subject-Token";

/// Whom a token of theirs shows, and how they were authenticated for it.
struct ShownPerson {
  std::string person;  ///< the thing's id in the directory
  std::int64_t level = 0;
  std::vector<std::string> methods;
};

/// A kind of tokens that people have: of sessions, or access tokens. Thread-safe.
class SubjectTokens {
 public:
  virtual ~SubjectTokens() = default;

  /// Nothing: it is none of these, not good any more, or of another tenant. `tenant`: its name in
  /// the directory. Called for each decision, so that it waits for nothing.
  virtual std::optional<ShownPerson> find(std::string_view tenant, std::string_view token,
                                          std::int64_t now_ms) = 0;
};

/// The person's token that a request has, if it has one that is well-formed: once, visible ASCII,
/// at most 16 KiB.
std::expected<std::optional<std::string_view>, Refused> subject_token(
    const net::HttpRequest& request);

}  // namespace wardlock::authn
