#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "event/event.h"

namespace wardlock::event {

/// The parts of a record. All but the first are sealed, each with a key of its own, so that each
/// can be erased by itself.
enum class Part : std::uint8_t {
  kClear,     ///< readable by whoever has the log
  kPerson,    ///< who acted
  kAffected,  ///< the person it was done to, who is no patient
  kPatient,   ///< the patient
};
inline constexpr std::size_t kParts = 4;
inline constexpr std::array kSealedParts = {Part::kPerson, Part::kAffected, Part::kPatient};

/// Its name, e.g. `patient`.
std::string_view to_string(Part part);

/// How a field is shown to those who may not see it.
enum class Mask : std::uint8_t {
  kKeep,     ///< as it is
  kHide,     ///< as `***`; numbers and lists are left out
  kNetwork,  ///< of an IP address the network (/24, /48); anything else is hidden
};

/// What else is to be known of a field.
enum class Care : std::uint8_t {
  kNone,
  kRequired,  ///< every event has it
  kFreeText,  ///< a person writes it: at most `kMaxFreeTextBytes`
  kSaid,      ///< never kept in a record, but said by whoever opens one
};

/// Where an event has the field, and so of which type it is.
using Place = std::variant<std::string_view Event::*, std::int64_t Event::*,
                           std::optional<std::int64_t> Event::*, std::optional<bool> Event::*,
                           Texts Event::*, Kind Event::*, Outcome Event::*>;

struct Field {
  std::string_view name;  ///< in JSON
  Place place;
  Part part;
  Mask mask;
  std::string_view about;  ///< for people: a sentence without its full stop
  Care care = Care::kNone;
};

/// Every field of an event, by name. There is no other list: what writes, reads, masks and
/// documents events goes by it.
std::span<const Field> all_fields();

/// Those that a record keeps in the part, by name.
std::span<const Field* const> fields_of(Part part);

/// Its name as a member of a JSON object has it, behind another: `,"name":`. Requires a field of
/// the table.
std::string_view json_key(const Field& field);

/// The one with that name, or null.
const Field* find_field(std::string_view name);

/// Kinds of events and fields as Markdown, for docs/formats/audit-event.md.
std::string reference();

}  // namespace wardlock::event
