#include "audit/format/fhir.h"

#include <gtest/gtest.h>

#include "audit/format/samples_for_test.h"
#include "codec/json.h"
#include "event/event_for_test.h"

namespace wardlock::audit {
namespace {

using codec::Json;
using event::Event;
using event::Kind;

constexpr std::string_view kBalp =
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/"
    "IHE.BasicAudit.";
constexpr std::string_view kDcm = "http://dicom.nema.org/resources/ontology/DCM";

Json document(const Event& event) {
  std::string out;
  append_fhir_audit_event(event, out);
  return codec::parse_json(out).value();
}

Event sample_event(std::string_view name) {
  for (const Sample& each : sample_events()) {
    if (each.name == name) return each.event;
  }
  ADD_FAILURE() << name;
  return {};
}
Json sample(std::string_view name) { return document(sample_event(name)); }

/// `system#code` of a Coding or of a CodeableConcept's first.
std::string code_of(const Json& json) {
  const auto* list = json.as_object().if_contains("coding");
  const Json& coding = list == nullptr ? json : list->at(0);
  return std::string(coding.at("system").as_string()) + "#" +
         std::string(coding.at("code").as_string());
}
std::string dcm(std::string_view code) { return std::string(kDcm) + "#" + std::string(code); }

std::string profile_of(const Json& json) {
  const auto* meta = json.as_object().if_contains("meta");
  if (meta == nullptr) return "";
  const std::string profile(meta->at("profile").at(0).as_string());
  EXPECT_TRUE(profile.starts_with(kBalp)) << profile;
  return profile.substr(kBalp.size());
}

const Json* entity_of(const Json& json, std::string_view type, std::string_view role) {
  for (const Json& entity : json.at("entity").as_array()) {
    const auto* own = entity.as_object().if_contains("role");
    const bool has_role = own == nullptr ? role.empty() : own->at("code").as_string() == role;
    if (has_role && entity.at("type").at("code").as_string() == type) return &entity;
  }
  return nullptr;
}

// BALP 1.1.4: what each profile fixes. Client, server and user by their agents' types.
struct Balp {
  std::string_view sample;
  std::string_view profile;
  std::string_view subtype;
  std::string_view action;
  std::string client;
  std::string server;
  std::string_view user;
};
const Balp kPatterns[] = {
    {"decision_create", "PatientCreate", "create", "C", dcm("110153"), dcm("110152"), "AUT"},
    {"decision_read", "PatientRead", "read", "R", dcm("110152"), dcm("110153"), "IRCP"},
    {"decision_update", "PatientUpdate", "update", "U", dcm("110153"), dcm("110152"), "AUT"},
    {"decision_delete", "PatientDelete", "delete", "D", dcm("110150"),
     "http://terminology.hl7.org/CodeSystem/provenance-participant-type#custodian", "AUT"},
    {"search", "Query", "search", "E", dcm("110153"), dcm("110152"), "IRCP"},
    {"override_use", "PatientRead", "read", "R", dcm("110152"), dcm("110153"), "IRCP"},
};

TEST(FhirTest, FollowsTheProfilesOfBalp) {
  for (const Balp& balp : kPatterns) {
    SCOPED_TRACE(balp.sample);
    const Json json = sample(balp.sample);
    EXPECT_EQ(profile_of(json), balp.profile);
    EXPECT_EQ(code_of(json.at("type")),
              "http://terminology.hl7.org/CodeSystem/audit-event-type#rest");
    EXPECT_EQ(code_of(json.at("subtype").at(0)),
              "http://hl7.org/fhir/restful-interaction#" + std::string(balp.subtype));
    EXPECT_EQ(json.at("action").as_string(), balp.action);
    EXPECT_EQ(json.at("outcome").as_string(), "0");
    const auto& agents = json.at("agent").as_array();
    ASSERT_EQ(agents.size(), 3U);
    EXPECT_EQ(
        code_of(agents[0].at("type")),
        "http://terminology.hl7.org/CodeSystem/v3-ParticipationType#" + std::string(balp.user));
    EXPECT_TRUE(agents[0].at("requestor").as_bool());
    EXPECT_FALSE(agents[0].as_object().contains("network"));
    EXPECT_EQ(code_of(agents[1].at("type")), balp.client);
    EXPECT_EQ(code_of(agents[2].at("type")), balp.server);
    for (const std::size_t i : {1, 2}) {
      EXPECT_TRUE(agents[i].as_object().contains("who"));
      EXPECT_FALSE(agents[i].at("network").at("address").as_string().empty());
      EXPECT_FALSE(agents[i].at("requestor").as_bool());
    }
  }
}

TEST(FhirTest, HasTheEntitiesOfBalp) {
  for (const Balp& balp : kPatterns) {
    SCOPED_TRACE(balp.sample);
    const Json json = sample(balp.sample);
    const Json* patient = entity_of(json, "1", "1");
    EXPECT_EQ(patient != nullptr, balp.profile.starts_with("Patient"));
    if (patient != nullptr) {
      EXPECT_EQ(patient->at("what").at("identifier").at("value").as_string(), "p-100");
    }
    const Json* query = entity_of(json, "2", "24");
    const Json* data = entity_of(json, "2", "4");
    EXPECT_EQ(query != nullptr, balp.profile == "Query");
    EXPECT_EQ(data != nullptr, balp.profile != "Query");
    if (query != nullptr) {
      EXPECT_FALSE(query->at("query").as_string().empty());
      EXPECT_FALSE(query->as_object().contains("what"));
      EXPECT_FALSE(query->as_object().contains("detail"));
    }
    if (data != nullptr) {
      EXPECT_TRUE(data->as_object().contains("what"));
    }
  }
}

TEST(FhirTest, ClaimsNoProfileWithoutAllThatItDemands) {
  const auto profile_without = [](auto change) {
    Event event = sample_event("decision_read");
    change(event);
    return profile_of(document(event));
  };
  EXPECT_EQ(profile_without([](Event&) {}), "PatientRead");
  EXPECT_EQ(profile_without([](Event& event) { event.patient = {}; }), "Read");
  EXPECT_EQ(profile_without([](Event& event) { event.caller = {}; }), "");
  EXPECT_EQ(profile_without([](Event& event) { event.source_address = {}; }), "");
  EXPECT_EQ(profile_without([](Event& event) { event.node = {}; }), "");
  EXPECT_EQ(profile_without([](Event& event) { event.resource_id = {}; }), "");
  EXPECT_EQ(profile_without([](Event& event) { event.action = "stopInfusion"; }), "");
  EXPECT_EQ(profile_without([](Event& event) { event.outcome = event::Outcome::kFailure; }), "");
}

TEST(FhirTest, WhatIsExecutedIsTheUseOfARestrictedFunction) {
  Event event = event::decision_for_test();
  event.action = "stopInfusion";
  const Json json = document(event);
  EXPECT_EQ(code_of(json.at("type")), dcm("110113"));
  EXPECT_EQ(code_of(json.at("subtype").at(0)), dcm("110132"));
  EXPECT_EQ(json.at("action").as_string(), "E");
  EXPECT_EQ(code_of(json.at("agent").at(1).at("type")), dcm("110150"));
  EXPECT_EQ(code_of(json.at("agent").at(2).at("type")),
            "http://terminology.hl7.org/CodeSystem/extra-security-role-type#authserver");
}

TEST(FhirTest, BreakingTheGlassIsCodedAsSuch) {
  for (const auto& [name, subtype] :
       {std::pair("override_start", "110127"), std::pair("override_end", "110138")}) {
    const Json json = sample(name);
    EXPECT_EQ(code_of(json.at("type")), dcm("110113"));
    EXPECT_EQ(code_of(json.at("subtype").at(0)), dcm(subtype));
    EXPECT_EQ(json.at("purposeOfEvent").as_array().size(), 1U);
    EXPECT_EQ(code_of(json.at("purposeOfEvent").at(0)),
              "http://terminology.hl7.org/CodeSystem/v3-ActReason#BTG");
  }
  const Json use = sample("override_use");
  EXPECT_EQ(code_of(use.at("purposeOfEvent").at(0)),
            "http://terminology.hl7.org/CodeSystem/v3-ActReason#ETREAT");
  EXPECT_EQ(code_of(use.at("purposeOfEvent").at(1)),
            "http://terminology.hl7.org/CodeSystem/v3-ActReason#BTG");
}

TEST(FhirTest, OnlyKnownPurposesAreCodes) {
  Event event = event::decision_for_test();
  event.purpose = "curiosity";
  EXPECT_EQ(codec::to_json_text(document(event).at("purposeOfEvent")), R"([{"text":"curiosity"}])");
  event.purpose = {};
  EXPECT_FALSE(document(event).as_object().contains("purposeOfEvent"));
}

TEST(FhirTest, OutcomesAreThoseOfDicom) {
  EXPECT_EQ(sample("decision").at("outcome").as_string(), "0");
  EXPECT_EQ(sample("decision_denied").at("outcome").as_string(), "4");
  EXPECT_EQ(sample("decision_denied").at("outcomeDesc").as_string(), "no_permit");
  EXPECT_EQ(sample("spooled").at("outcome").as_string(), "8");
}

TEST(FhirTest, SomebodyIsTheRequestor) {
  for (const Sample& each : sample_events()) {
    std::size_t requestors = 0;
    const Json json = document(each.event);
    for (const Json& agent : json.at("agent").as_array()) {
      requestors += agent.at("requestor").as_bool() ? 1 : 0;
    }
    EXPECT_EQ(requestors, 1U) << each.name;
    EXPECT_TRUE(json.at("source").at("observer").is_object()) << each.name;
  }
}

TEST(FhirTest, IsKnownByTheEventsId) {
  const Json json = sample("decision");
  EXPECT_EQ(json.at("id").as_string(), event::decision_for_test().id);
  const Json* own = entity_of(json, "4", "");
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->at("what").at("identifier").at("value").as_string(),
            "urn:uuid:" + std::string(event::decision_for_test().id));
  EXPECT_FALSE(sample("hostile").as_object().contains("id"));
}

TEST(FhirTest, WhatHasNoPlaceIsADetail) {
  const std::string details = codec::to_json_text(entity_of(sample("full"), "4", "")->at("detail"));
  for (const std::string_view each :
       {R"({"type":"action","valueString":"changeDose"})",
        R"({"type":"policies","valueString":"treat-own-patients"})",
        R"({"type":"policies","valueString":"night shift"})",
        R"({"type":"grant_reason","valueString":"patient collapsed"})",
        R"({"type":"revision","valueString":"1047"})", R"({"type":"kind",)"}) {
    EXPECT_TRUE(details.contains(each)) << each;
  }
  EXPECT_FALSE(details.contains("p-100"));
}

TEST(FhirTest, WhatCannotBeReadIsSaid) {
  const Json json = sample("erased");
  EXPECT_EQ(json.at("agent").at(0).at("who").at("display").as_string(), "(erased)");
  EXPECT_EQ(entity_of(json, "1", "1"), nullptr);
  EXPECT_TRUE(codec::to_json_text(json).contains(R"({"type":"erased","valueString":"patient"})"));
}

}  // namespace
}  // namespace wardlock::audit
