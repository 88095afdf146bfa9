#include "audit/format/dicom.h"

#include <span>

#include "audit/format/dicom_code.h"
#include "audit/format/field_values.h"
#include "audit/format/verb.h"
#include "audit/format/visible_text.h"
#include "audit/format/xml_writer.h"
#include "codec/base64.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Kind;
using event::Part;

/// What has a place of its own in a message. The rest are details of the event.
constexpr std::string_view kPlaced[] = {
    "affected_id", "caller",  "cause",       "changed",      "device",      "id",
    "node",        "outcome", "patient",     "principal_id", "resource_id", "source_address",
    "tenant",      "time",    "value_after", "value_before",
};

/// PS3.15 A.5.2, ParticipantObjectIDTypeCode: codes that DICOM took from RFC 3881.
constexpr DicomCode kPatientNumber{"2", "Patient Number"};
constexpr DicomCode kSearchCriteria{"10", "Search Criteria"};
constexpr DicomCode kUserIdentifier{"11", "User Identifier"};
constexpr DicomCode kUri{"12", "URI"};
constexpr std::string_view kRfc3881 = "RFC-3881";
constexpr DicomCode kNodeId{"110182", "Node ID"};
constexpr std::string_view kDcm = "DCM";

// ParticipantObjectTypeCode and ParticipantObjectTypeCodeRole.
constexpr std::string_view kPerson = "1";
constexpr std::string_view kSystemObject = "2";
constexpr std::string_view kOther = "4";
constexpr std::string_view kPatientRole = "1";
constexpr std::string_view kUserRole = "6";
constexpr std::string_view kSecurityResource = "13";
constexpr std::string_view kQueryRole = "24";

// NetworkAccessPointTypeCode, AuditSourceTypeCode.
constexpr std::string_view kMachineName = "1";
constexpr std::string_view kIpAddress = "2";
constexpr std::string_view kSecurityServer = "6";

/// Whose coded value it is, its code and what it means.
struct Coded {
  std::string_view system;
  DicomCode code;
};

/// An object that took part.
struct Object {
  std::string_view id;
  std::string_view type;
  std::string_view role;
  Coded id_type;
  std::string_view name;
};

class DicomWriter {
 public:
  DicomWriter(const Event& event, std::string& out) : event_(event), xml_(out) {}

  void write() {
    xml_.begin("AuditMessage");
    write_event_identification();
    write_participants();
    write_source();
    write_objects();
    xml_.end("AuditMessage");
  }

 private:
  void coded(std::string_view element, const Coded& value) {
    xml_.begin(element);
    xml_.attribute("csd-code", value.code.code);
    xml_.attribute("codeSystemName", value.system);
    xml_.attribute("originalText", value.code.meaning);
    xml_.end(element);
  }

  void write_event_identification() {
    xml_.begin("EventIdentification");
    xml_.attribute("EventActionCode", letter_of(Verb::kExecute));
    xml_.attribute("EventDateTime", message_time(event_.time));
    xml_.attribute("EventOutcomeIndicator", outcome_indicator(event_.outcome));
    coded("EventID", {kDcm, dicom_.id});
    if (!dicom_.type.code.empty()) coded("EventTypeCode", {kDcm, dicom_.type});
    if (!event_.cause.empty()) {
      xml_.begin("EventOutcomeDescription");
      xml_.text(event_.cause);
      xml_.end("EventOutcomeDescription");
    }
    xml_.end("EventIdentification");
  }

  bool has_principal() const {
    return !event_.principal_id.empty() || !event_.principal_type.empty();
  }
  bool is_of(const DicomCode& family) const { return dicom_.id.code == family.code; }

  struct Participant {
    std::string_view id;
    bool is_requestor;
    DicomCode role;
    std::string_view address;
    std::string_view address_type;
  };
  void write_participant(const Participant& participant) {
    xml_.begin("ActiveParticipant");
    xml_.attribute("UserID", participant.id);
    xml_.attribute("UserIsRequestor", participant.is_requestor ? "true" : "false");
    xml_.attribute("NetworkAccessPointID", participant.address);
    if (!participant.address.empty()) {
      xml_.attribute("NetworkAccessPointTypeCode", participant.address_type);
    }
    coded("RoleIDCode", {kDcm, participant.role});
    xml_.end("ActiveParticipant");
  }

  /// In an alert, those who performed it are not the requestor (Table A.5.3.11-1).
  void write_participants() {
    const bool is_alert = is_of(kSecurityAlert);
    const std::string_view node = event_.node.empty() ? "wardlock" : event_.node;
    const std::string_view address = event_.source_address;
    const std::string_view address_type = is_ip_address(address) ? kIpAddress : "";
    const bool is_authentication = is_of(kUserAuthentication);
    if (has_principal() || is_authentication) {
      Participant user{.id = text_or_why(event_, event_.principal_id, Part::kPerson),
                       .is_requestor = !is_alert,
                       .role = kInitiator,
                       .address = event_.caller.empty() ? address : "",
                       .address_type = address_type};
      // Whoever logs in comes from somewhere (Table A.5.3.12-1: mandatory).
      if (is_authentication) {
        user.address = text_or_why(event_, address, Part::kPerson);
        if (address_type.empty()) user.address_type = kMachineName;
      }
      write_participant(user);
    }
    if (!event_.caller.empty() || is_of(kQuery)) {
      write_participant({.id = event_.caller.empty() ? "(unknown)" : event_.caller,
                         .is_requestor = !is_alert && !has_principal(),
                         .role = is_of(kQuery) ? kSource : kApplication,
                         .address = address,
                         .address_type = address_type});
    }
    write_participant({.id = node,
                       .is_requestor = false,
                       .role = is_of(kQuery) ? kDestination : kApplication,
                       .address = node,
                       .address_type = kMachineName});
  }

  void write_source() {
    xml_.begin("AuditSourceIdentification");
    xml_.attribute("AuditEnterpriseSiteID", event_.tenant);
    xml_.attribute("AuditSourceID", event_.node.empty() ? "wardlock" : event_.node);
    xml_.begin("AuditSourceTypeCode");
    xml_.attribute("csd-code", kSecurityServer);
    xml_.end("AuditSourceTypeCode");
    xml_.end("AuditSourceIdentification");
  }

  void begin_object(const Object& object) {
    xml_.begin("ParticipantObjectIdentification");
    xml_.attribute("ParticipantObjectID", object.id);
    xml_.attribute("ParticipantObjectTypeCode", object.type);
    xml_.attribute("ParticipantObjectTypeCodeRole", object.role);
    coded("ParticipantObjectIDTypeCode", object.id_type);
    if (object.name.empty()) return;
    xml_.begin("ParticipantObjectName");
    xml_.text(object.name);
    xml_.end("ParticipantObjectName");
  }
  void end_object() { xml_.end("ParticipantObjectIdentification"); }

  void write_object(const Object& object) {
    if (object.id.empty()) return;
    begin_object(object);
    end_object();
  }

  void write_objects() {
    write_object(
        {event_.patient, kPerson, kPatientRole, {kRfc3881, kPatientNumber}, event_.patient});
    if (event_.kind == Kind::kSearch) {
      write_query();
    } else {
      write_object({event_.resource_id,
                    kSystemObject,
                    kSecurityResource,
                    {kRfc3881, kUri},
                    event_.resource_type.empty() ? event_.resource_id : event_.resource_type});
    }
    write_object({event_.device, kSystemObject, kSecurityResource, {kDcm, kNodeId}, event_.device});
    write_object({event_.affected_id,
                  kPerson,
                  kUserRole,
                  {kRfc3881, kUserIdentifier},
                  event_.affected_type.empty() ? event_.affected_id : event_.affected_type});
    write_change();
    write_event();
  }

  static std::string base64(std::string_view text) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    return codec::to_base64({bytes, text.size()});
  }

  void write_query() {
    begin_object({"wardlock", kSystemObject, kQueryRole, {kRfc3881, kSearchCriteria}, {}});
    xml_.begin("ParticipantObjectQuery");
    xml_.text(base64(search_text(event_)));
    xml_.end("ParticipantObjectQuery");
    end_object();
  }

  /// Values are base64: a receiver has every byte of them.
  void detail(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    xml_.begin("ParticipantObjectDetail");
    xml_.attribute("type", name);
    xml_.attribute("value", base64(value));
    xml_.end("ParticipantObjectDetail");
  }

  void write_change() {
    if (event_.changed.empty()) return;
    begin_object(
        {event_.changed, kSystemObject, kSecurityResource, {kRfc3881, kUri}, event_.changed});
    detail("value_before", event_.value_before);
    detail("value_after", event_.value_after);
    end_object();
  }

  /// The event as it is in the log, by the names of its fields.
  void write_event() {
    const std::string_view id = event_.id.empty() ? "(unknown)" : event_.id;
    begin_object({id, kOther, {}, {"wardlock", {"event", "Audit event"}}, "Wardlock audit event"});
    for_each_other_value(
        event_, kPlaced,
        [this](const event::Field& field, std::string_view value) { detail(field.name, value); });
    end_object();
  }

  const Event& event_;
  const DicomEvent dicom_ = dicom_event_of(event_.kind);
  XmlWriter xml_;
};

}  // namespace

void append_dicom_audit_message(const Event& event, std::string& out) {
  out += R"(<?xml version="1.0" encoding="UTF-8"?>)";
  DicomWriter(event, out).write();
}

}  // namespace wardlock::audit
