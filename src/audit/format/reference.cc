#include "audit/format/reference.h"

#include <fmt/format.h>

#include "audit/format/cef.h"
#include "audit/format/dicom_code.h"
#include "audit/format/ocsf.h"
#include "audit/format/verb.h"
#include "audit/format/weight.h"
#include "event/words.h"

namespace wardlock::audit {
namespace {

std::string dicom_text(event::Kind kind) {
  const DicomEvent dicom = dicom_event_of(kind);
  std::string out = fmt::format("{} {}", dicom.id.code, dicom.id.meaning);
  if (!dicom.type.code.empty()) out += fmt::format(", {} {}", dicom.type.code, dicom.type.meaning);
  return out;
}

/// Of an event that has nothing but its kind, so that what depends on its fields is left open.
std::string ocsf_text(event::Kind kind) {
  const OcsfClass ocsf = ocsf_class_of({.kind = kind});
  const bool depends = kind == event::Kind::kDecision || kind == event::Kind::kOverrideUse ||
                       kind == event::Kind::kRoleChange || kind == event::Kind::kUserChange;
  return depends ? fmt::format("{}", ocsf.uid) : fmt::format("{}: {}", ocsf.uid, ocsf.activity);
}

std::string_view name_of(Weight weight) {
  switch (weight) {
    case Weight::kRoutine: return "routine";
    case Weight::kNotable: return "notable";
    case Weight::kRefused: return "refused";
    case Weight::kFault: break;
  }
  return "fault";
}

std::string words_of(Verb verb) {
  std::string out;
  for (const VerbWord& each : verb_words()) {
    if (each.verb == verb) out += fmt::format("{}`{}`", out.empty() ? "" : ", ", each.text);
  }
  return out.empty() ? "any other" : out;
}

}  // namespace

std::string message_reference() {
  std::string out =
      "| kind | weight of a success | DICOM: EventID, EventTypeCode | OCSF: class, activity "
      "|\n|---|---|---|---|\n";
  for (const auto& kind : event::all_kinds()) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", kind.name,
                       name_of(weight_of({.kind = kind.value})), dicom_text(kind.value),
                       ocsf_text(kind.value));
  }
  out += "\n| action | its name begins with |\n|---|---|\n";
  for (std::size_t i = 0; i < kVerbs; ++i) {
    const auto verb = static_cast<Verb>(i);
    out += fmt::format("| {} | {} |\n", letter_of(verb), words_of(verb));
  }
  out += "\n| field | CEF |\n|---|---|\n";
  for (const event::Field& field : event::all_fields()) {
    const std::string_view key = cef_key(field);
    out += key.empty() ? fmt::format("| `{}` | in the header |\n", field.name)
                       : fmt::format("| `{}` | `{}` |\n", field.name, key);
  }
  return out;
}

}  // namespace wardlock::audit
