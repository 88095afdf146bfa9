#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "authn/account/enrolment.h"
#include "storage/work.h"

namespace wardlock::authn {

// Enrolments as rows, and how they are told. Private to the room.

/// What the feed calls an enrolment.
inline constexpr std::string_view kEnrolmentEntry = "enrolment";

struct EnrolmentRow {
  std::string token;  ///< its hash
  Enrolment enrolment;
  std::optional<std::string> credential = {};  ///< of `wardlock init`; ends with the enrolment
  std::int64_t until_ms = 0;                   ///< of the token
  std::int64_t begun_ms = 0;
};

/// In the place of what the person had.
Result<void> put_enrolment(storage::Work& work, const EnrolmentRow& row, std::int64_t now);

/// To the audit log, as `credential_change`, and the change feed.
Result<void> tell_enrolment(storage::Work& work, const AccountSurroundings& surroundings,
                            const directory::Mandate& mandate, std::string_view person,
                            std::string_view action, std::string_view purpose);

/// `wle_` and 256 random bits.
Secret new_enrolment_token(const AccountSurroundings& surroundings);

}  // namespace wardlock::authn
