#pragma once

#include <string_view>

#include "event/event.h"
#include "event/field_table.h"

namespace wardlock::event {

/// Whose key seals a part of a record: a person or a patient of a tenant, or, with neither type nor
/// id, the tenant itself. Borrows the texts.
struct Subject {
  std::string_view tenant = {};
  std::string_view type = {};
  std::string_view id = {};

  bool operator==(const Subject&) const = default;
};

/// The type under which patients have their keys, whatever a schema calls them: a patient who is
/// also a principal of that type has one key.
inline constexpr std::string_view kPatientType = "Patient";

/// Whose data the part holds. Where the event does not say who that is (a stranger's login, a
/// device that serves no patient), it is the tenant's.
Subject subject_of(const Event& event, Part part);

}  // namespace wardlock::event
