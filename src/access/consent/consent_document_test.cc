#include "access/consent/consent_document.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "codec/json.h"
#include "directory/model/fhir_time.h"

namespace wardlock::access {
namespace {

constexpr std::string_view kProvision = R"({"type": "deny",
  "period": {"start": "2026-11-01", "end": "2026-11-30"},
  "securityLabel": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}],
  "provision": [{"type": "permit",
    "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BTG"}],
    "actor": [{"role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]},
               "reference": {"reference": "Practitioner/swift"}}]}]})";

/// A whole consent; members in `more` take the place of its own.
std::string whole(std::string_view provision = kProvision, std::string_view more = "{}") {
  codec::Json json =
      codec::parse_json(fmt::format(R"({{"resourceType": "Consent", "status": "active",
    "scope": {{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}}]}},
    "category": [{{"coding": [{{"system": "http://loinc.org", "code": "59284-0"}}]}}],
    "patient": {{"reference": "Patient/MR-200"}}, "policy": [{{"uri": "https://hospital.example/consent"}}],
    "provision": {}}})",
                                    provision))
          .value();
  const codec::Json changes = codec::parse_json(more).value();
  for (const auto& [name, value] : changes.as_object()) {
    if (value.is_null()) {
      json.as_object().erase(name);
    } else {
      json.as_object()[name] = value;
    }
  }
  return codec::to_json_text(json);
}

Result<WrittenConsent> read(const std::string& text) {
  return read_consent(codec::parse_json(text).value());
}

/// The element that is at fault; empty: none.
std::string fault(const std::string& text) {
  const auto found = read(text);
  if (found) return "";
  EXPECT_EQ(found.error().code, ErrorCode::kInvalidArgument);
  const std::string& message = found.error().message;
  return message.starts_with('`') ? message.substr(1, message.find('`', 1) - 1) : message;
}

std::string in_root(std::string_view members) {
  return whole(fmt::format(R"({{"type": "deny", {}}})", members));
}

TEST(ConsentDocument, IsUnderstood) {
  const auto consent = read(whole());
  ASSERT_TRUE(consent) << consent.error().message;
  EXPECT_TRUE(consent->is_active());
  EXPECT_EQ(consent->patient.name, "MR-200");
  ASSERT_EQ(consent->provisions.size(), 2);
  const auto& root = consent->provisions[0];
  EXPECT_EQ(root.place, "1");
  EXPECT_FALSE(root.permits);
  EXPECT_EQ(root.begins_ms, directory::parse_fhir_time("2026-11-01")->first);
  EXPECT_EQ(root.ends_ms, directory::parse_fhir_time("2026-12-01")->first)
      << "the whole of the last day";
  EXPECT_EQ(root.labels, std::vector<std::string>{"PSY"});
  EXPECT_EQ(root.purposes, std::nullopt);
  EXPECT_EQ(root.actors, std::nullopt);
  const auto& exception = consent->provisions[1];
  EXPECT_EQ(exception.place, "1.1");
  EXPECT_TRUE(exception.permits);
  EXPECT_EQ(exception.purposes, std::vector<std::string>{"BTG"});
  ASSERT_EQ(consent->actors.size(), 1);
  EXPECT_EQ(consent->actors[0].name, "swift");
  EXPECT_EQ(consent->actors[0].kind, directory::Kind::kPerson);
}

TEST(ConsentDocument, TheRootPermitsOrDeniesAsItSays) {
  const auto rule = [](std::string_view code) {
    return fmt::format(R"({{"policyRule": {{"coding": [{{"system":
      "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "{}"}}]}}, "provision": null}})",
                       code);
  };
  const auto permits = [](const std::string& text) {
    const auto consent = read(text);
    EXPECT_TRUE(consent) << (consent ? "" : consent.error().message);
    return consent && consent->provisions.front().permits;
  };
  EXPECT_TRUE(permits(whole("{}", rule("OPTIN"))));
  EXPECT_FALSE(permits(whole("{}", rule("OPTOUT"))));
  EXPECT_TRUE(permits(whole(R"({"type": "permit"})")));
  EXPECT_EQ(fault(whole("{}")), "Consent.provision.type");
  EXPECT_EQ(fault(whole("{}", R"({"provision": null})")), "Consent.provision");
  EXPECT_EQ(fault(whole("{}", rule("NOPP"))), "Consent.policyRule");
  const std::string contrary = whole("{}", rule("OPTIN"));
  codec::Json json = codec::parse_json(contrary).value();
  json.as_object()["provision"] = boost::json::object{{"type", "deny"}};
  EXPECT_EQ(fault(codec::to_json_text(json)), "Consent.provision.type");
}

TEST(ConsentDocument, WhatIsNotUnderstoodIsRefused) {
  for (
      const auto& [members, element] :
      {std::pair(R"("modifierExtension": [{"url": "x"}])", "modifierExtension"),
       std::pair(R"("extension": [{"url": "x"}])", "extension"),
       std::pair(R"("dataPeriod": {"start": "2020"})", "dataPeriod"),
       std::pair(R"("code": [{"text": "x"}])", "code"),
       std::pair(R"("data": [{"meaning": "instance"}])", "data"),
       std::pair(R"("anything": 1)", "anything"),
       std::pair(R"("_type": {})", "_type"),
       std::pair(R"("period": {"start": "soon"})", "period.start"),
       std::pair(R"("period": {"start": "2027", "end": "2026"})", "period"),
       std::pair(R"("period": {"_end": {}})", "period._end"),
       std::pair(R"("purpose": [])", "purpose"),
       std::pair(R"("purpose": ["HRESCH"])", "purpose[0]"),
       std::pair(R"("purpose": [{"code": "HRESCH"}])", "purpose[0].system"),
       std::pair(
           R"("purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "FUN"}])",
           "purpose[0]"),
       std::pair(R"("purpose": [{"system": "urn:other", "code": "HRESCH"}])", "purpose[0]"),
       std::pair(
           R"("securityLabel": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "R"}])",
           "securityLabel[0]"),
       std::pair(
           R"("securityLabel": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "PSY"}])",
           "securityLabel[0]"),
       std::pair(R"("action": [{"text": "read"}])", "action[0].coding"),
       std::pair(
           R"("action": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentaction", "code": "read"}]}])",
           "action[0]"),
       std::pair(R"("class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Notes"}])",
                 "class[0]"),
       std::pair(R"("actor": [{"reference": {"reference": "Practitioner/x"}}])", "actor[0].role"),
       std::pair(
           R"("actor": [{"role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "AUT"}]}, "reference": {"reference": "Practitioner/x"}}])",
           "actor[0].role"),
       std::pair(
           R"("actor": [{"role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}, "reference": {"reference": "Location/x"}}])",
           "actor[0].reference"),
       std::pair(
           R"("actor": [{"role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}, "reference": {"reference": "CareTeam/other"}}])",
           "actor[0].reference"),
       std::pair(
           R"("actor": [{"role": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}}])",
           "actor[0].reference"),
       std::pair(R"("provision": [{"type": "deny"}])", "provision[0].type"),
       std::pair(R"("provision": [{}])", "provision[0].type"),
       std::pair(R"("provision": ["x"])", "provision[0]")}) {
    EXPECT_EQ(fault(in_root(members)), std::string("Consent.provision.") + element) << members;
  }
}

TEST(ConsentDocument, TheRestOfItIsLookedAtToo) {
  for (const auto& [change, element] :
       {std::pair(R"({"resourceType": "Patient"})", "Consent.resourceType"),
        std::pair(R"({"status": "valid"})", "Consent.status"),
        std::pair(R"({"status": null})", "Consent.status"),
        std::pair(R"({"scope": null})", "Consent.scope"),
        std::pair(R"({"scope": {"coding": [{"system": "x", "code": "treatment"}]}})",
                  "Consent.scope"),
        std::pair(R"({"category": null})", "Consent.category"),
        std::pair(R"({"patient": null})", "Consent.patient"),
        std::pair(R"({"patient": {"reference": "Practitioner/x"}})", "Consent.patient"),
        std::pair(R"({"patient": {"reference": "CareTeam/own"}})", "Consent.patient"),
        std::pair(R"({"patient": {"reference": "Patient/a/b"}})", "Consent.patient"),
        std::pair(R"({"policy": null})", "Consent.policyRule"),
        std::pair(R"({"dateTime": "yesterday"})", "Consent.dateTime"),
        std::pair(R"({"modifierExtension": []})", "Consent.modifierExtension"),
        std::pair(R"({"implicitRules": "urn:x"})", "Consent.implicitRules"),
        std::pair(R"({"contained": []})", "Consent.contained"),
        std::pair(R"({"_status": {}})", "Consent._status")}) {
    EXPECT_EQ(fault(whole(kProvision, change)), element) << change;
  }
  EXPECT_EQ(fault("[]"), "Consent");
}

TEST(ConsentDocument, HasSoManyProvisionsAndNoMore) {
  const auto nested = [](int depth) {
    std::string text = "{\"type\": \"deny\"";
    for (int i = 1; i < depth; ++i) {
      text += fmt::format(R"(, "provision": [{{"type": "{}")", i % 2 == 1 ? "permit" : "deny");
    }
    for (int i = 1; i < depth; ++i) text += "}]";
    return text + "}";
  };
  EXPECT_EQ(fault(whole(nested(8))), "");
  EXPECT_NE(fault(whole(nested(9))), "");
  const auto wide = [](std::size_t count) {
    std::string text = R"({"type": "deny", "provision": [{"type": "permit"})";
    for (std::size_t i = 2; i < count; ++i) text += R"(, {"type": "permit"})";
    return text + "]}";
  };
  EXPECT_EQ(fault(whole(wide(kMostProvisions))), "");
  EXPECT_NE(fault(whole(wide(kMostProvisions + 1))), "");
}

TEST(ConsentDocument, NamesTheDirectorysIds) {
  const auto consent = read(whole(kProvision, R"({"id": "x", "meta": {"versionId": "9",
    "lastUpdated": "2020-01-01T00:00:00Z", "profile": ["urn:p"]}})"));
  ASSERT_TRUE(consent);
  EXPECT_EQ(consent->id, "x");
  const auto document = with_ids(*consent, "id-1", {"id-2"});
  const codec::Json json(document);
  EXPECT_EQ(json.at("patient").at("reference"), "Patient/id-1");
  EXPECT_EQ(json.at_pointer("/provision/provision/0/actor/0/reference/reference"),
            "Practitioner/id-2");
  EXPECT_FALSE(document.contains("id"));
  EXPECT_EQ(json.at("meta"), (boost::json::object{{"profile", {"urn:p"}}}));
  EXPECT_TRUE(read_consent(json)) << "and is understood again";
}

}  // namespace
}  // namespace wardlock::access
