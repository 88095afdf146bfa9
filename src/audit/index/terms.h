#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "audit/index/query.h"
#include "audit/keys/subject_keys.h"
#include "base/error.h"
#include "event/event.h"

namespace wardlock::audit {

/// As what somebody or something occurs in a record.
enum class Role : std::uint8_t {
  kTenant,
  kPrincipal,
  kAffected,
  kPatient,
  kDevice,
  kCaller,
  kDecision,
  kGrant,
};
inline constexpr std::array kRoles = {Role::kTenant,   Role::kPrincipal, Role::kAffected,
                                      Role::kPatient,  Role::kDevice,    Role::kCaller,
                                      Role::kDecision, Role::kGrant};

/// Its name in the index, e.g. `patient`.
std::string_view to_string(Role role);

/// What stands for each role of a record in the index, instead of a name: 8 bytes that only a
/// subject's key gives (`index_term`). People and patients have their own keys, all else is their
/// tenant's.
class Terms {
 public:
  std::optional<std::uint64_t>& operator[](Role role) {
    return terms_[static_cast<std::size_t>(role)];
  }
  const std::optional<std::uint64_t>& operator[](Role role) const {
    return terms_[static_cast<std::size_t>(role)];
  }

 private:
  std::array<std::optional<std::uint64_t>, kRoles.size()> terms_ = {};
};

/// What the index keeps of a record.
struct IndexEntry {
  std::int64_t time = 0;
  event::Kind kind = event::Kind::kDecision;
  event::Outcome outcome = event::Outcome::kSuccess;
  Terms terms = {};
};

/// Of an event as it was opened. What was erased has no term. A subject that never had a key (it
/// was sealed with its tenant's, in an emergency) is given one. Errors: those of the keys.
Result<IndexEntry> index_entry(const event::Event& event, SubjectKeys& keys);

/// The terms of what the query names. Nothing: it names somebody who has no key (any more), so no
/// record can be found. Errors: kInvalidArgument, it names somebody but no tenant; those of the
/// keys.
Result<std::optional<Terms>> query_terms(const Query& query, SubjectKeys& keys);

}  // namespace wardlock::audit
