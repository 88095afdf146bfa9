// Follows the tables of DICOM PS3.15 row by row: each test cites the field, and so its row, of
// Table A.5.2-1 (general message format), or of the table of a message (A.5.3).
#include "audit/format/dicom.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "audit/format/samples_for_test.h"
#include "audit/format/xml_for_test.h"
#include "codec/base64.h"
#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

using event::Event;

XmlElement document(const Event& event) {
  std::string out;
  append_dicom_audit_message(event, out);
  const auto read = read_xml(out);
  EXPECT_TRUE(read) << out;
  return read.value_or(XmlElement());
}

XmlElement sample(std::string_view name) {
  for (const Sample& each : sample_events()) {
    if (each.name == name) return document(each.event);
  }
  ADD_FAILURE() << name;
  return {};
}

/// A coded value as `system:code`; A.5.1 demands `originalText`, too.
std::string code_of(const XmlElement& coded) {
  EXPECT_FALSE(coded.attribute("originalText").value_or("").empty());
  return coded.attribute("codeSystemName").value_or("") + ":" +
         coded.attribute("csd-code").value_or("");
}

const XmlElement& event_of(const XmlElement& message) { return message.at("EventIdentification"); }

/// The participant with that role; an empty one where there is none.
const XmlElement& participant(const XmlElement& message, std::string_view role) {
  static const XmlElement none;
  for (const XmlElement* each : message.all("ActiveParticipant")) {
    if (each->at("RoleIDCode").attribute("csd-code") == role) return *each;
  }
  return none;
}

/// The object with that ParticipantObjectIDTypeCode; an empty one where there is none.
const XmlElement& object(const XmlElement& message, std::string_view id_type) {
  static const XmlElement none;
  for (const XmlElement* each : message.all("ParticipantObjectIdentification")) {
    if (code_of(each->at("ParticipantObjectIDTypeCode")) == id_type) return *each;
  }
  return none;
}

std::string text_of(const std::optional<std::string>& base64) {
  return codec::from_base64(base64.value_or("?")).value_or("(no base64)");
}

/// The value of a detail.
std::string detail(const XmlElement& of, std::string_view type) {
  for (const XmlElement* each : of.all("ParticipantObjectDetail")) {
    if (each->attribute("type") == type) return text_of(each->attribute("value"));
  }
  return "(none)";
}

constexpr std::string_view kInitiator = "110156";
constexpr std::string_view kApplication = "110150";

// Event

TEST(DicomEventTest, EventIdIsTheFamily) {  // EventID, M, DCID 400
  EXPECT_EQ(code_of(event_of(sample("decision")).at("EventID")), "DCM:110113");
  EXPECT_EQ(code_of(event_of(sample("search")).at("EventID")), "DCM:110112");
  EXPECT_EQ(code_of(event_of(sample("log_read")).at("EventID")), "DCM:110101");
  EXPECT_EQ(code_of(event_of(sample("login")).at("EventID")), "DCM:110114");
  EXPECT_EQ(code_of(event_of(sample("service_start")).at("EventID")), "DCM:110100");
}

TEST(DicomEventTest, EventActionCodeIsExecute) {  // U; in A.5.3.1, .10, .11 and .12 shall be E
  for (const Sample& each : sample_events()) {
    const bool is_read = each.event.kind == event::Kind::kLogRead;  // A.5.3.2: shall be R
    EXPECT_EQ(event_of(document(each.event)).attribute("EventActionCode"), is_read ? "R" : "E")
        << each.name;
  }
}

TEST(DicomEventTest, EventDateTimeIsUnambiguous) {  // M, with the zone (A.5.2.5)
  EXPECT_EQ(event_of(sample("decision")).attribute("EventDateTime"), "2026-11-22T06:46:40.123Z");
}

TEST(DicomEventTest, EventOutcomeIndicatorIsOneOfFour) {  // M
  EXPECT_EQ(event_of(sample("decision")).attribute("EventOutcomeIndicator"), "0");
  EXPECT_EQ(event_of(sample("decision_denied")).attribute("EventOutcomeIndicator"), "4");
  EXPECT_EQ(event_of(sample("spooled")).attribute("EventOutcomeIndicator"), "8");
}

TEST(DicomEventTest, EventTypeCodeIsWhichOfTheFamily) {  // U; M in A.5.3.11 (DCID 403) and .12
  const std::pair<std::string_view, std::string_view> expected[] = {
      {"decision", "DCM:110147"},        {"refusal", "DCM:110147"},
      {"override_use", "DCM:110147"},    {"override_start", "DCM:110127"},
      {"override_change", "DCM:110132"}, {"override_end", "DCM:110138"},
      {"login", "DCM:110122"},           {"login_failed", "DCM:110122"},
      {"logout", "DCM:110123"},          {"role_given", "DCM:110136"},
      {"user_added", "DCM:110137"},      {"credential_change", "DCM:110137"},
      {"policy_change", "DCM:110129"},   {"configuration_change", "DCM:110131"},
      {"review", "DCM:110132"},          {"erasure", "DCM:110135"},
      {"legal_hold", "DCM:110135"},      {"service_start", "DCM:110120"},
      {"service_stop", "DCM:110121"},    {"spooled", "DCM:110134"}};
  for (const auto& [name, code] : expected) {
    EXPECT_EQ(code_of(event_of(sample(name)).at("EventTypeCode")), code) << name;
  }
  EXPECT_TRUE(event_of(sample("search")).all("EventTypeCode").empty());
  EXPECT_TRUE(event_of(sample("log_read")).all("EventTypeCode").empty());
}

TEST(DicomEventTest, EventOutcomeDescriptionIsTheCause) {  // in the schema of A.5.1.1 only
  EXPECT_EQ(event_of(sample("decision_denied")).at("EventOutcomeDescription").text, "no_permit");
  EXPECT_TRUE(event_of(sample("login")).all("EventOutcomeDescription").empty());
}

// Active Participant (multi-valued)

TEST(DicomParticipantTest, UserIdSaysWho) {  // M
  const XmlElement message = sample("decision");
  EXPECT_EQ(participant(message, kInitiator).attribute("UserID"), "dr-grey");
  EXPECT_EQ(message.all("ActiveParticipant")[1]->attribute("UserID"), "infusion-gateway");
  EXPECT_EQ(message.all("ActiveParticipant")[2]->attribute("UserID"), "node-1");
  EXPECT_EQ(participant(sample("erased"), kInitiator).attribute("UserID"), "(erased)");
  EXPECT_EQ(participant(sample("locked"), kInitiator).attribute("UserID"), "(locked)");
  for (const Sample& each : sample_events()) {
    const XmlElement own = document(each.event);
    for (const XmlElement* one : own.all("ActiveParticipant")) {
      EXPECT_FALSE(one->attribute("UserID").value_or("").empty()) << each.name;
    }
  }
}

TEST(DicomParticipantTest, AlternativeUserIdAndUserNameAreNotKnown) {  // U
  const XmlElement message = sample("full");
  for (const XmlElement* each : message.all("ActiveParticipant")) {
    EXPECT_FALSE(each->attribute("AlternativeUserID"));
    EXPECT_FALSE(each->attribute("UserName"));
  }
}

TEST(DicomParticipantTest, UserIsRequestorIsNeverTwo) {  // M
  for (const Sample& each : sample_events()) {
    const XmlElement message = document(each.event);
    const auto participants = message.all("ActiveParticipant");
    EXPECT_FALSE(participants.empty()) << each.name;
    const auto requestors = std::ranges::count_if(participants, [](const XmlElement* one) {
      EXPECT_TRUE(one->attribute("UserIsRequestor") == "true" ||
                  one->attribute("UserIsRequestor") == "false");
      return one->attribute("UserIsRequestor") == "true";
    });
    // Table A.5.3.11-1: shall be false for those who performed what is an alert.
    const bool is_alert = code_of(event_of(message).at("EventID")) == "DCM:110113";
    EXPECT_LE(requestors, is_alert ? 0 : 1) << each.name;
  }
  EXPECT_EQ(participant(sample("login"), kInitiator).attribute("UserIsRequestor"), "true");
}

TEST(DicomParticipantTest, RoleIdCodeIsOfDcid402) {  // U; M in A.5.3.1 and A.5.3.10
  EXPECT_EQ(code_of(participant(sample("decision"), kInitiator).at("RoleIDCode")), "DCM:110156");
  EXPECT_EQ(participant(sample("service_start"), kApplication).attribute("UserID"), "node-1");
  EXPECT_EQ(participant(sample("search"), "110153").attribute("UserID"), "infusion-gateway");
  EXPECT_EQ(participant(sample("search"), "110152").attribute("UserID"), "node-1");
}

TEST(DicomParticipantTest, NetworkAccessPoint) {  // TypeCode and ID: U; M in A.5.3.12
  const XmlElement message = sample("decision");
  const XmlElement& client = *message.all("ActiveParticipant")[1];
  EXPECT_EQ(client.attribute("NetworkAccessPointID"), "192.0.2.77");
  EXPECT_EQ(client.attribute("NetworkAccessPointTypeCode"), "2");
  const XmlElement& node = *message.all("ActiveParticipant")[2];
  EXPECT_EQ(node.attribute("NetworkAccessPointID"), "node-1");
  EXPECT_EQ(node.attribute("NetworkAccessPointTypeCode"), "1");
  const XmlElement masked = sample("masked");
  EXPECT_EQ(masked.all("ActiveParticipant")[1]->attribute("NetworkAccessPointID"), "192.0.2.0/24");
  EXPECT_FALSE(masked.all("ActiveParticipant")[1]->attribute("NetworkAccessPointTypeCode"));
  Event login{.id = "1", .kind = event::Kind::kLogin, .principal_id = "ann"};
  const XmlElement unknown = document(login);
  EXPECT_EQ(participant(unknown, kInitiator).attribute("NetworkAccessPointID"), "(unknown)");
  EXPECT_EQ(participant(unknown, kInitiator).attribute("NetworkAccessPointTypeCode"), "1");
}

// Audit Source

TEST(DicomSourceTest, AuditEnterpriseSiteIdIsTheTenant) {  // U
  const XmlElement message = sample("decision");
  EXPECT_EQ(message.at("AuditSourceIdentification").attribute("AuditEnterpriseSiteID"), "st-mary");
  EXPECT_FALSE(
      sample("refusal").at("AuditSourceIdentification").attribute("AuditEnterpriseSiteID"));
}

TEST(DicomSourceTest, AuditSourceIdIsTheNode) {  // M
  EXPECT_EQ(sample("decision").at("AuditSourceIdentification").attribute("AuditSourceID"),
            "node-1");
  EXPECT_EQ(sample("empty").at("AuditSourceIdentification").attribute("AuditSourceID"), "wardlock");
}

TEST(DicomSourceTest, AuditSourceTypeCodeIsASecurityServer) {  // U
  const XmlElement message = sample("decision");
  const XmlElement& type = message.at("AuditSourceIdentification").at("AuditSourceTypeCode");
  EXPECT_EQ(type.attribute("csd-code"), "6");
}

TEST(DicomSourceTest, ThereIsOne) {  // A.5.1.1
  for (const Sample& each : sample_events()) {
    EXPECT_EQ(document(each.event).all("AuditSourceIdentification").size(), 1U) << each.name;
  }
}

// Participant Object (multi-valued)

TEST(DicomObjectTest, ThePatientIsAPerson) {
  const XmlElement message = sample("decision");
  const XmlElement& patient = object(message, "RFC-3881:2");
  EXPECT_EQ(patient.attribute("ParticipantObjectTypeCode"), "1");      // U
  EXPECT_EQ(patient.attribute("ParticipantObjectTypeCodeRole"), "1");  // U
  EXPECT_EQ(patient.attribute("ParticipantObjectID"), "p-100");        // M
  EXPECT_EQ(patient.at("ParticipantObjectName").text, "p-100");        // MC: no query
  EXPECT_TRUE(object(sample("refusal"), "RFC-3881:2").name.empty());
}

TEST(DicomObjectTest, TheSubjectOfAnAlertIsASystemObject) {  // A.5.3.11: shall be 2
  const XmlElement message = sample("decision");
  for (const std::string_view id_type : {"RFC-3881:12", "DCM:110182"}) {
    const XmlElement& subject = object(message, id_type);
    EXPECT_EQ(subject.attribute("ParticipantObjectTypeCode"), "2");
    EXPECT_EQ(subject.attribute("ParticipantObjectTypeCodeRole"), "13");
  }
  EXPECT_EQ(object(message, "RFC-3881:12").attribute("ParticipantObjectID"), "pump-of-p-100");
  EXPECT_EQ(object(message, "RFC-3881:12").at("ParticipantObjectName").text, "Pump");
  EXPECT_EQ(object(message, "DCM:110182").attribute("ParticipantObjectID"), "pump-12");
}

TEST(DicomObjectTest, ParticipantObjectIdTypeCodeIsAlwaysThere) {  // M
  for (const Sample& each : sample_events()) {
    const XmlElement message = document(each.event);
    for (const XmlElement* one : message.all("ParticipantObjectIdentification")) {
      EXPECT_EQ(one->all("ParticipantObjectIDTypeCode").size(), 1U) << each.name;
      EXPECT_NE(code_of(one->at("ParticipantObjectIDTypeCode")), ":") << each.name;
      EXPECT_FALSE(one->attribute("ParticipantObjectID").value_or("").empty()) << each.name;
    }
  }
}

TEST(DicomObjectTest, NameOrQueryButNotBoth) {  // MC both; a choice in A.5.1.1
  for (const Sample& each : sample_events()) {
    const XmlElement message = document(each.event);
    for (const XmlElement* one : message.all("ParticipantObjectIdentification")) {
      EXPECT_EQ(
          one->all("ParticipantObjectName").size() + one->all("ParticipantObjectQuery").size(), 1U)
          << each.name;
    }
  }
}

TEST(DicomObjectTest, ParticipantObjectQueryIsWhatWasSearchedFor) {  // MC, base64
  const XmlElement message = sample("search");
  const XmlElement& query = object(message, "RFC-3881:10");
  EXPECT_EQ(query.attribute("ParticipantObjectTypeCode"), "2");
  EXPECT_EQ(query.attribute("ParticipantObjectTypeCodeRole"), "24");
  EXPECT_EQ(text_of(query.at("ParticipantObjectQuery").text),
            "principal_type=User principal_id=dr-grey action=view resource_type=LabReport");
}

TEST(DicomObjectTest, LifeCycleAndSensitivityAreNotSaid) {  // U
  const XmlElement message = sample("full");
  for (const XmlElement* each : message.all("ParticipantObjectIdentification")) {
    EXPECT_FALSE(each->attribute("ParticipantObjectDataLifeCycle"));
    EXPECT_FALSE(each->attribute("ParticipantObjectSensitivity"));
    EXPECT_TRUE(each->all("ParticipantObjectDescription").empty());  // of DICOM's own objects
  }
}

TEST(DicomObjectTest, ParticipantObjectDetailHasEachByte) {  // U, ValuePair in A.5.1.1
  const XmlElement message = sample("full");
  const XmlElement& own = object(message, "wardlock:event");
  EXPECT_EQ(own.attribute("ParticipantObjectID"), event::full_event_for_test().id);
  EXPECT_EQ(detail(own, "kind"), "override_use");
  EXPECT_EQ(detail(own, "reason"), event::full_event_for_test().reason);
  EXPECT_EQ(detail(own, "grant_reason"), "patient collapsed");
  EXPECT_EQ(detail(own, "policies"), "treat-own-patients");
  EXPECT_EQ(detail(own, "revision"), "1047");
  EXPECT_EQ(detail(own, "patient"), "(none)");
}

TEST(DicomObjectTest, TheLogThatWasReadIsNamed) {  // Table A.5.3.2-1
  const XmlElement message = sample("log_read");
  const XmlElement& log = object(message, "RFC-3881:12");
  EXPECT_EQ(log.attribute("ParticipantObjectTypeCode"), "2");
  EXPECT_EQ(log.attribute("ParticipantObjectTypeCodeRole"), "13");
  EXPECT_EQ(log.attribute("ParticipantObjectID"), "//node-1/audit");
  EXPECT_EQ(log.at("ParticipantObjectName").text, "Security Audit Log");
}

TEST(DicomObjectTest, AChangeHasBothValues) {
  const XmlElement message = sample("user_changed");
  const XmlElement& change = object(message, "RFC-3881:12");
  EXPECT_EQ(change.attribute("ParticipantObjectID"), "ward");
  EXPECT_EQ(detail(change, "value_before"), "W2");
  EXPECT_EQ(detail(change, "value_after"), "W3");
  const XmlElement& affected = object(message, "RFC-3881:11");
  EXPECT_EQ(affected.attribute("ParticipantObjectID"), "n-jones");
  EXPECT_EQ(affected.attribute("ParticipantObjectTypeCodeRole"), "6");
}

// A.5.3.12: no participant objects are needed; ours says which event it is.
TEST(DicomObjectTest, ALoginHasItsEventOnly) {
  EXPECT_EQ(sample("login").all("ParticipantObjectIdentification").size(), 1U);
}

TEST(DicomTextTest, SpacesThatAReaderDropsAreShown) {
  const XmlElement message = sample("hostile");
  EXPECT_EQ(message.at("AuditSourceIdentification").attribute("AuditEnterpriseSiteID"),
            R"(\u{20}\u{20}two \u{20}spaces\u{20})");
}

}  // namespace
}  // namespace wardlock::audit
