#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace wardlock::event {

/// What happened.
enum class Kind : std::uint8_t {
  kDecision,
  kSearch,
  kRefusal,
  kLogin,
  kLoginFailed,
  kLogout,
  kConfigurationChange,
  kPolicyChange,
  kRoleChange,
  kUserChange,
  kCredentialChange,
  kOverrideStart,
  kOverrideUse,
  kOverrideEnd,
  kReview,
  kErasure,
  kLegalHold,
  kServiceStart,
  kServiceStop,
  kSpooled,
  kLogRead,
  kRetentionRemoval,
  kLogKeyChange,
  kMessage,
  kOverrideChange,
};

/// How it ended. A deny is a failure; an error is what kept us from answering.
enum class Outcome : std::uint8_t { kSuccess, kFailure, kError };

/// Its name in records, e.g. `login_failed`.
std::string_view to_string(Kind kind);
std::string_view to_string(Outcome outcome);
/// The one with that name, or nothing.
std::optional<Kind> find_kind(std::string_view name);
std::optional<Outcome> find_outcome(std::string_view name);

using Texts = std::span<const std::string_view>;

/// Something that is worth a record. Borrows everything. A text or list that is empty is absent.
/// What each field means, where it is kept and how it is masked is said once, in `all_fields()`
/// (docs/formats/audit-event.md). Times are milliseconds since the epoch.
struct Event {
  std::string_view id = {};  ///< a UUID; receivers drop duplicates by it
  std::int64_t time = 0;
  Kind kind = Kind::kDecision;
  Outcome outcome = Outcome::kSuccess;
  std::string_view record_class =
      {};  ///< the class of action, which says what a failure to record does
  std::string_view tenant = {};
  std::string_view node = {};

  // who
  std::string_view principal_type = {};
  std::string_view principal_id = {};
  std::string_view caller = {};
  std::string_view source_address = {};
  std::string_view location = {};
  std::string_view session = {};
  std::optional<std::int64_t> authentication_level = {};
  Texts authentication_methods = {};
  std::optional<std::int64_t> authentication_time = {};

  // what, to which
  std::string_view action = {};
  std::string_view purpose = {};
  std::string_view resource_type = {};
  std::string_view resource_id = {};
  std::string_view patient = {};  ///< whose data or therapy it is about
  std::string_view device = {};
  std::string_view affected_type = {};  ///< the person it is done to, e.g. whose role changes
  std::string_view affected_id = {};
  std::string_view reason = {};  ///< what a person wrote
  std::optional<std::int64_t> count = {};

  // a decision
  std::string_view decision_id = {};
  std::optional<bool> allowed = {};
  std::string_view cause = {};  ///< of a decision, or an error's code
  Texts policies = {};
  std::string_view policy_set = {};
  std::optional<std::int64_t> revision = {};
  std::optional<std::int64_t> directory_revision = {};
  Texts obligations = {};
  Texts consents = {};
  Texts notes = {};
  std::string_view trace_id = {};

  // an override
  std::string_view grant = {};
  std::string_view grant_reason = {};
  std::optional<std::int64_t> grant_expires_at = {};

  // a change
  std::string_view changed = {};
  std::string_view value_before = {};
  std::string_view value_after = {};

  // Said by whoever opens a record, never kept in it.
  Texts erased_parts = {};  ///< their keys were erased
  Texts locked_parts = {};  ///< their keys are not at hand
};

/// What a reason may have, in bytes of UTF-8.
inline constexpr std::size_t kMaxFreeTextBytes = 4096;
/// What an event may have, all its parts as canonical JSON together.
inline constexpr std::size_t kMaxEventBytes = std::size_t{60} * 1024;

}  // namespace wardlock::event
