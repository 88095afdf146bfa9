#include "event/field_table.h"

#include <algorithm>

namespace wardlock::event {
namespace {

constexpr auto kFields = std::to_array<Field>({
    {"action", &Event::action, Part::kClear, Mask::kKeep, "What was to be done, e.g. `view`"},
    {"affected_id", &Event::affected_id, Part::kAffected, Mask::kHide,
     "The id of the person it was done to, where that is no patient: whose role or credential "
     "changed, whose override was reviewed; of a decision by a delegation with whose right, by an "
     "approval who gave it, and where neither is named in `grant` who acted for the principal"},
    {"affected_type", &Event::affected_type, Part::kClear, Mask::kKeep,
     "The type of `affected_id`"},
    {"allowed", &Event::allowed, Part::kClear, Mask::kKeep, "The decision"},
    {"authentication_level", &Event::authentication_level, Part::kClear, Mask::kKeep,
     "How strongly the principal was authenticated: its authenticator assurance level, 0 to 3 "
     "(NIST "
     "SP 800-63B)"},
    {"authentication_methods", &Event::authentication_methods, Part::kClear, Mask::kKeep,
     "By which means: authentication method references (RFC 8176)"},
    {"authentication_time", &Event::authentication_time, Part::kPerson, Mask::kHide,
     "When the principal was authenticated"},
    {"caller", &Event::caller, Part::kClear, Mask::kKeep,
     "Who asked us: the id of the enforcement point (PEP)"},
    {"cause", &Event::cause, Part::kClear, Mask::kKeep,
     "Why the decision is what it is, e.g. `no_permit`; of an error its code, e.g. "
     "`unauthenticated`"},
    {"changed", &Event::changed, Part::kClear, Mask::kKeep,
     "What was changed: the name of a setting, an attribute, a policy set"},
    {"class", &Event::record_class, Part::kClear, Mask::kKeep,
     "The class of action, which says what happens when it cannot be recorded"},
    {"consents", &Event::consents, Part::kPatient, Mask::kHide,
     "The provisions of the patient's consents that counted, as `consent#place`"},
    {"count", &Event::count, Part::kClear, Mask::kKeep,
     "How many: results of a search, records of a spool"},
    {"decision_id", &Event::decision_id, Part::kClear, Mask::kKeep,
     "The id under which the decision was answered"},
    {"device", &Event::device, Part::kClear, Mask::kKeep,
     "The id of the device that was used, or that it was done to"},
    {"directory_revision", &Event::directory_revision, Part::kClear, Mask::kKeep,
     "The revision of the directory whose changes the decision knew, and none after it; its change "
     "feed tells what they were"},
    {"erased", &Event::erased_parts, Part::kClear, Mask::kKeep,
     "The parts that nobody can read any more: their keys were erased", Care::kSaid},
    {"grant", &Event::grant, Part::kClear, Mask::kKeep,
     "The id of the break-glass grant, the delegation, the request or the approval"},
    {"grant_expires_at", &Event::grant_expires_at, Part::kClear, Mask::kKeep, "When that ends"},
    {"grant_reason", &Event::grant_reason, Part::kPatient, Mask::kHide,
     "Why the glass was broken, in the person's words", Care::kFreeText},
    {"id", &Event::id, Part::kClear, Mask::kKeep,
     "The event's own id, a UUID: who receives an event twice drops the second by it",
     Care::kRequired},
    {"kind", &Event::kind, Part::kClear, Mask::kKeep, "What happened", Care::kRequired},
    {"location", &Event::location, Part::kPerson, Mask::kHide,
     "Where the principal was, e.g. a ward"},
    {"locked", &Event::locked_parts, Part::kClear, Mask::kKeep,
     "The parts whose keys the reader does not have", Care::kSaid},
    {"node", &Event::node, Part::kClear, Mask::kKeep, "The node that recorded it"},
    {"notes", &Event::notes, Part::kPatient, Mask::kHide,
     "What was left out of the request, and where it differed from the directory; of a draft of "
     "policies, what its checks found"},
    {"obligations", &Event::obligations, Part::kClear, Mask::kKeep,
     "What the caller must do before it acts"},
    {"outcome", &Event::outcome, Part::kClear, Mask::kKeep, "How it ended", Care::kRequired},
    {"patient", &Event::patient, Part::kPatient, Mask::kHide,
     "The id of the patient whose data or therapy it is about"},
    {"policies", &Event::policies, Part::kClear, Mask::kKeep,
     "The ids of the determining policies"},
    {"policy_set", &Event::policy_set, Part::kClear, Mask::kKeep,
     "The hash of the policies in force"},
    {"principal_id", &Event::principal_id, Part::kPerson, Mask::kHide,
     "The id of who acted, or tried to"},
    {"principal_type", &Event::principal_type, Part::kClear, Mask::kKeep,
     "The type of `principal_id`, e.g. `User`"},
    {"purpose", &Event::purpose, Part::kClear, Mask::kKeep,
     "The purpose of use (HL7 v3 ActReason), e.g. `TREAT`"},
    {"reason", &Event::reason, Part::kPatient, Mask::kHide,
     "Why, in the words of the person who acted", Care::kFreeText},
    {"resource_id", &Event::resource_id, Part::kPatient, Mask::kHide,
     "The id of what it was done to"},
    {"resource_type", &Event::resource_type, Part::kClear, Mask::kKeep,
     "The type of `resource_id`, e.g. `LabReport`"},
    {"revision", &Event::revision, Part::kClear, Mask::kKeep,
     "Of what was decided, the set of policies and entities, as the node counts those that it took "
     "over since its start; of a change of the directory, the directory's revision since"},
    {"session", &Event::session, Part::kPerson, Mask::kHide, "The id of the principal's session"},
    {"source_address", &Event::source_address, Part::kPerson, Mask::kNetwork,
     "The network address it came from"},
    {"tenant", &Event::tenant, Part::kClear, Mask::kKeep, "The organization"},
    {"time", &Event::time, Part::kClear, Mask::kKeep, "When it happened", Care::kRequired},
    {"trace_id", &Event::trace_id, Part::kClear, Mask::kKeep,
     "The trace it belongs to (W3C Trace Context)"},
    {"value_after", &Event::value_after, Part::kAffected, Mask::kHide,
     "What was changed, as it is since"},
    {"value_before", &Event::value_before, Part::kAffected, Mask::kHide,
     "What was changed, as it was before"},
});

static_assert(std::ranges::is_sorted(kFields, {}, &Field::name),
              "canonical JSON has its keys in order");

/// The fields of each part.
struct Parts {
  std::array<std::array<const Field*, kFields.size()>, kParts> fields = {};
  std::array<std::size_t, kParts> counts = {};
};

constexpr Parts kPartFields = [] {
  Parts parts;
  for (const Field& field : kFields) {
    const auto part = static_cast<std::size_t>(field.part);
    if (field.care != Care::kSaid) parts.fields[part][parts.counts[part]++] = &field;
  }
  return parts;
}();

/// All of `json_key`, side by side.
constexpr std::size_t kKeyPunctuation = std::string_view(",\"\":").size();
constexpr std::size_t kKeyBytes = [] {
  std::size_t bytes = 0;
  for (const Field& field : kFields) bytes += field.name.size() + kKeyPunctuation;
  return bytes;
}();
constexpr std::array<char, kKeyBytes> kKeyText = [] {
  std::array<char, kKeyBytes> text = {};
  char* at = text.data();
  for (const Field& field : kFields) {
    *at++ = ',';
    *at++ = '"';
    at = std::ranges::copy(field.name, at).out;
    *at++ = '"';
    *at++ = ':';
  }
  return text;
}();
constexpr std::array<std::string_view, kFields.size()> kKeys = [] {
  std::array<std::string_view, kFields.size()> keys = {};
  std::string_view rest(kKeyText.data(), kKeyText.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i] = rest.substr(0, kFields[i].name.size() + kKeyPunctuation);
    rest.remove_prefix(keys[i].size());
  }
  return keys;
}();

}  // namespace

std::string_view json_key(const Field& field) {
  return kKeys[static_cast<std::size_t>(&field - kFields.data())];
}

std::string_view to_string(Part part) {
  static constexpr std::array<std::string_view, kParts> kNames = {"clear", "person", "affected",
                                                                  "patient"};
  return kNames[static_cast<std::size_t>(part)];
}

std::span<const Field> all_fields() { return kFields; }

std::span<const Field* const> fields_of(Part part) {
  const auto index = static_cast<std::size_t>(part);
  return std::span(kPartFields.fields[index]).first(kPartFields.counts[index]);
}

const Field* find_field(std::string_view name) {
  const auto field = std::ranges::lower_bound(kFields, name, {}, &Field::name);
  return field == kFields.end() || field->name != name ? nullptr : &*field;
}

}  // namespace wardlock::event
