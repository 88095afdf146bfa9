#include "audit/format/fhir.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "audit/format/fhir_coding.h"
#include "audit/format/field_values.h"
#include "audit/format/visible_text.h"
#include "codec/base64.h"
#include "codec/json_writer.h"
#include "event/words.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Kind;
using event::Part;

/// What has a place of its own in an AuditEvent. The rest are details of the event.
constexpr std::string_view kPlaced[] = {
    "affected_id",    "affected_type", "caller",  "changed",      "device",      "id",
    "location",       "node",          "patient", "principal_id", "resource_id", "resource_type",
    "source_address", "tenant",        "time",    "value_after",  "value_before"};

bool is_break_glass(Kind kind) {
  return kind == Kind::kOverrideStart || kind == Kind::kOverrideUse ||
         kind == Kind::kOverrideChange || kind == Kind::kOverrideEnd;
}

bool is_access(Kind kind) { return kind == Kind::kDecision || kind == Kind::kOverrideUse; }

Verb verb_of_event(const Event& event) {
  if (event.kind == Kind::kLogRead) return Verb::kRead;
  return is_access(event.kind) ? verb_of(event.action) : Verb::kExecute;
}

const BalpPattern* pattern_of(const Event& event) {
  if (event.kind == Kind::kSearch) return &balp_query_pattern();
  return is_access(event.kind) ? balp_pattern_of(verb_of(event.action)) : nullptr;
}

/// An id as FHIR has them.
bool is_fhir_id(std::string_view text) {
  constexpr std::size_t kMostBytes = 64;
  return !text.empty() && text.size() <= kMostBytes && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(text, kShape, [](char c, char shape) {
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    return shape == 'x' ? is_hex : c == shape;
  });
}

/// Which of its family an event is. R4 knows the codes of DICOM as they were in 2018, when access
/// control decisions had none.
FhirCoding subtype_of(Kind kind) {
  constexpr DicomCode kRestrictedFunction{"110132", "Use of Restricted Function"};
  const DicomEvent dicom = dicom_event_of(kind);
  return fhir_coding(dicom.type.code == kAccessDecision.code ? kRestrictedFunction : dicom.type);
}

/// Writes the elements of one AuditEvent, in the order of FHIR. Texts are made visible.
class FhirWriter {
 public:
  FhirWriter(const Event& event, std::string& out) : event_(event), json_(out) {}

  void write() {
    json_.begin_object();
    json_.plain_member("resourceType", "AuditEvent");
    if (is_fhir_id(event_.id)) text("id", event_.id);
    write_profile();
    write_what();
    write_agents();
    write_source();
    write_entities();
    json_.end_object();
  }

 private:
  void text(const codec::JsonKey& name, std::string_view value) {
    if (!value.empty()) json_.member(name, visible(value));
  }

  void coding(const FhirCoding& coding) {
    json_.begin_object();
    text("system", coding.system);
    text("code", coding.code);
    text("display", coding.display);
    json_.end_object();
  }
  void coding_member(const codec::JsonKey& name, const FhirCoding& value) {
    json_.key(name);
    coding(value);
  }
  /// A CodeableConcept.
  void concept_of(const FhirCoding& value) {
    json_.begin_object();
    json_.key("coding");
    json_.begin_array();
    coding(value);
    json_.end_array();
    json_.end_object();
  }

  /// Whether it has all that the profiles of BALP demand.
  bool is_balp() const {
    if (pattern_ == nullptr || event_.outcome != event::Outcome::kSuccess) return false;
    const bool has_data = event_.kind == Kind::kSearch || !event_.resource_id.empty();
    return has_data && !event_.caller.empty() && !event_.source_address.empty() &&
           !event_.node.empty();
  }

  void write_profile() {
    if (!is_balp()) return;
    json_.key("meta");
    json_.begin_object();
    json_.key("profile");
    json_.begin_array();
    json_.string(
        fmt::format("https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.{}{}",
                    event_.patient.empty() ? "" : "Patient", pattern_->profile));
    json_.end_array();
    json_.end_object();
  }

  void write_what() {
    coding_member("type",
                  pattern_ != nullptr ? fhir::kRest : fhir_coding(dicom_event_of(event_.kind).id));
    const FhirCoding subtype = pattern_ != nullptr ? pattern_->subtype : subtype_of(event_.kind);
    if (!subtype.code.empty()) {
      json_.key("subtype");
      json_.begin_array();
      coding(subtype);
      json_.end_array();
    }
    text("action", letter_of(verb_of_event(event_)));
    text("recorded", message_time(event_.time));
    text("outcome", outcome_indicator(event_.outcome));
    text("outcomeDesc", event_.cause);
    write_purposes("purposeOfEvent");
  }

  /// A purpose that is no code stays as the text it is.
  void write_purposes(const codec::JsonKey& name) {
    const bool adds_break_glass = is_break_glass(event_.kind) && event_.purpose != "BTG";
    if (event_.purpose.empty() && !adds_break_glass) return;
    json_.key(name);
    json_.begin_array();
    if (!event_.purpose.empty()) {
      const FhirCoding code = purpose_coding(event_.purpose);
      if (code.code.empty()) {
        json_.begin_object();
        text("text", event_.purpose);
        json_.end_object();
      } else {
        concept_of(code);
      }
    }
    if (adds_break_glass) concept_of(purpose_coding("BTG"));
    json_.end_array();
  }

  /// A Reference to somebody or something whose id we know, but not where it is served.
  void identified(std::string_view id, std::string_view system = {}) {
    json_.begin_object();
    json_.key("identifier");
    json_.begin_object();
    text("system", system);
    text("value", id);
    json_.end_object();
    json_.end_object();
  }
  void displayed(std::string_view shown) {
    json_.begin_object();
    text("display", shown);
    json_.end_object();
  }

  void network(std::string_view address) {
    if (address.empty()) return;
    json_.key("network");
    json_.begin_object();
    text("address", address);
    if (is_ip_address(address)) text("type", "2");
    json_.end_object();
  }

  bool has_principal() const {
    return !event_.principal_id.empty() || !event_.principal_type.empty();
  }

  void write_agents() {
    json_.key("agent");
    json_.begin_array();
    if (has_principal()) write_user();
    if (!event_.caller.empty()) write_client();
    write_server();
    json_.end_array();
  }

  void begin_agent(const FhirCoding& type, bool is_requestor) {
    json_.begin_object();
    json_.key("type");
    concept_of(type);
    json_.key("requestor");
    json_.boolean(is_requestor);
  }

  void write_user() {
    begin_agent(pattern_ != nullptr ? pattern_->user : fhir::kRecipient, true);
    json_.key("who");
    if (event_.principal_id.empty()) {
      displayed(text_or_why(event_, {}, Part::kPerson));
    } else {
      identified(event_.principal_id);
    }
    if (!event_.location.empty()) {
      json_.key("location");
      displayed(event_.location);
    }
    if (event_.caller.empty()) network(event_.source_address);
    if (!event_.purpose.empty()) write_purposes("purposeOfUse");
    json_.end_object();
  }

  void write_client() {
    begin_agent(pattern_ != nullptr ? pattern_->client : fhir_coding(kApplication),
                !has_principal());
    json_.key("who");
    identified(event_.caller);
    network(event_.source_address);
    json_.end_object();
  }

  void write_server() {
    begin_agent(pattern_ != nullptr ? pattern_->server : fhir::kAuthorizationServer,
                !has_principal() && event_.caller.empty());
    json_.key("who");
    write_node();
    if (!event_.node.empty()) {
      json_.key("network");
      json_.begin_object();
      text("address", event_.node);
      text("type", "1");
      json_.end_object();
    }
    json_.end_object();
  }

  void write_node() {
    if (event_.node.empty()) {
      displayed("wardlock");
    } else {
      identified(event_.node);
    }
  }

  void write_source() {
    json_.key("source");
    json_.begin_object();
    text("site", event_.tenant);
    json_.key("observer");
    write_node();
    json_.key("type");
    json_.begin_array();
    coding(fhir::kSecurityServer);
    json_.end_array();
    json_.end_object();
  }

  void write_entities() {
    json_.key("entity");
    json_.begin_array();
    write_entity(fhir::kPerson, fhir::kPatientRole, event_.patient);
    if (event_.kind == Kind::kSearch) {
      write_query();
    } else {
      write_entity(fhir::kSystemObject, fhir::kDomainResource, event_.resource_id,
                   event_.resource_type);
    }
    write_entity(fhir::kDevice, {}, event_.device);
    write_entity(fhir::kPerson, fhir::kUserRole, event_.affected_id, event_.affected_type);
    write_change();
    write_event();
    json_.end_array();
  }

  void begin_entity(const FhirCoding& type, const FhirCoding& role) {
    json_.begin_object();
    coding_member("type", type);
    if (!role.code.empty()) coding_member("role", role);
  }

  void write_entity(const FhirCoding& type, const FhirCoding& role, std::string_view id,
                    std::string_view name = {}) {
    if (id.empty() && name.empty()) return;
    begin_entity(type, role);
    if (!id.empty()) {
      json_.key("what");
      identified(id);
    }
    text("name", name);
    json_.end_object();
  }

  void write_query() {
    const std::string asked = search_text(event_);
    begin_entity(fhir::kSystemObject, fhir::kQueryRole);
    text("description", asked);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(asked.data());
    json_.plain_member("query", codec::to_base64({bytes, asked.size()}));
    json_.end_object();
  }

  void detail(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    json_.begin_object();
    text("type", name);
    text("valueString", value);
    json_.end_object();
  }

  void write_change() {
    if (event_.changed.empty()) return;
    begin_entity(fhir::kSystemObject, fhir::kSecurityResource);
    text("name", event_.changed);
    if (!event_.value_before.empty() || !event_.value_after.empty()) {
      json_.key("detail");
      json_.begin_array();
      detail("value_before", event_.value_before);
      detail("value_after", event_.value_after);
      json_.end_array();
    }
    json_.end_object();
  }

  /// The event as it is in the log, by the names of its fields.
  void write_event() {
    begin_entity(fhir::kOther, {});
    if (is_uuid(event_.id)) {
      json_.key("what");
      identified(fmt::format("urn:uuid:{}", event_.id), "urn:ietf:rfc:3986");
    } else if (!event_.id.empty()) {
      json_.key("what");
      identified(event_.id);
    }
    text("name", "Wardlock audit event");
    json_.key("detail");
    json_.begin_array();
    for_each_other_value(
        event_, kPlaced,
        [this](const event::Field& field, std::string_view value) { detail(field.name, value); });
    json_.end_array();
    json_.end_object();
  }

  const Event& event_;
  const BalpPattern* const pattern_ = pattern_of(event_);
  codec::JsonWriter json_;
};

}  // namespace

void append_fhir_audit_event(const Event& event, std::string& out) {
  FhirWriter(event, out).write();
}

}  // namespace wardlock::audit
