#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace wardlock::pdp {

/// Some names, or all there are.
class Names {
 public:
  /// None.
  Names() = default;
  explicit Names(std::vector<std::string> names) : names_(names.begin(), names.end()) {}
  static Names all();

  bool contains(std::string_view name) const { return is_all_ || names_.contains(name); }
  bool is_all() const { return is_all_; }

 private:
  bool is_all_ = false;
  std::set<std::string, std::less<>> names_;
};

/// What a caller may ask about and what it may supply. Nothing, unless it is named.
struct Scope {
  Names types;    ///< Cedar types of principals and resources
  Names actions;  ///< ids of actions, e.g. `view`, or their uids as text
  /// What it may say, and sees in explanations: `LabReport.status` (a property of the principal or
  /// resource), `context.rate`, `action.method`; only seen: `User in Role`, `User tags`.
  Names attributes;
};

/// Who asks: an enforcement point (PEP) with an identity of its own. Immutable; may be read by any
/// thread.
struct Caller {
  std::string id;
  Scope scope = {};
  bool may_explain = false;      ///< replies to it give reasons, errors and notes
  bool may_attest = false;       ///< its word on how a person was authenticated counts
  bool may_override = false;     ///< it may name a break-glass grant
  bool may_search = false;       ///< it may ask for all that somebody may access, and who may
  bool must_show_token = false;  ///< it asks about nobody without a token of theirs

  /// One that may ask and supply everything: for tools on the user's own machine.
  static Caller unrestricted(std::string id);
};

/// How a person was authenticated. Borrows the methods.
struct Authentication {
  std::int64_t level = 0;  ///< authenticator assurance level, 0 to 3 (NIST SP 800-63B)
  /// RFC 8176 authentication method references, e.g. `otp`.
  std::span<const std::string_view> methods = {};
};

/// Who acts for a person, as the person's token says (RFC 8693, 4.1). Borrows everything.
struct VerifiedActor {
  std::string_view type;  ///< as policies name it
  std::string_view id;
  bool is_known = false;  ///< false: policies do not see it; the name is for the record alone
  /// The clients that had acted before, the latest first: for the record alone.
  std::span<const std::string_view> before = {};
};

/// Whom a token of their own shows, verified by whoever read it. Borrows everything.
struct VerifiedPrincipal {
  std::string_view type;  ///< as policies name it
  std::string_view id;
  Authentication authentication;
  const VerifiedActor* actor = nullptr;  ///< null: nobody acts for them
};

/// The texts as a question takes them. Borrows them; the list is in the arena.
std::span<const std::string_view> views_of(std::span<const std::string> texts, Arena& arena);

}  // namespace wardlock::pdp
