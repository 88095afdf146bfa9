#include "directory/model/indexed_values.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace wardlock::directory {
namespace {

constexpr std::string_view kId = "018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f";

Document good(Kind kind, std::string_view text) {
  auto document = Document::check(kind, *codec::parse_json(text), std::chrono::year(2026));
  if (!document) {
    ADD_FAILURE() << to_error(document.error()).message;
    std::abort();
  }
  return *document;
}

TEST(IndexedValues, AreThoseThatAreSearched) {
  const Document document = good(Kind::kPerson, R"({
    "userName": "grey", "displayName": "Dr. GREY", "nickName": "not indexed",
    "name": {"familyName": "Größe", "middleName": "not indexed"},
    "contractUntil": "1970-01-01T00:00:01Z", "externalId": "HR-7",
    "emails": [{"value": "a@b.example", "display": "no"}, {"value": "c@d.example", "type": "home"}],
    "facts": [{"name": "trained", "boolean": true}]})");
  EXPECT_EQ(indexed_values(document), (std::vector<IndexedValue>{
                                          {"userName", 0, "grey"},
                                          {"displayName", 0, "dr. grey"},
                                          {"name.familyName", 0, "grösse"},
                                          {"emails.value", 0, "a@b.example"},
                                          {"emails.value", 1, "c@d.example"},
                                          {"emails.type", 1, "home"},
                                          {"externalId", 0, "HR-7"},
                                          {"contractUntil", 0, "", 1000},
                                          {"facts.name", 0, "trained"},
                                          {"facts.boolean", 0, "", 1},
                                      }));
}

TEST(IndexedValues, WhatAnotherVersionKeptIsPassedOver) {
  const auto document = Document::read_kept(
      Kind::kPerson, R"({"displayName":7,"emails":"x","title":{"a":1},"userName":"grey","z":1})");
  ASSERT_TRUE(document);
  for (const IndexedValue& value : indexed_values(*document)) {
    EXPECT_TRUE(value.path == "userName" || value.text.empty()) << value.path;
  }
}

TEST(IndexedValues, PathsFindTheirAttributes) {
  EXPECT_EQ(find_searchable(Kind::kPerson, "userName")->name, "userName");
  EXPECT_EQ(find_searchable(Kind::kPerson, "emails.value")->name, "value");
  for (const std::string_view path :
       {"", ".", "emails", "emails.", ".value", "emails.display", "emails.value.x", "username",
        "name", "nickName", "userName.value", "isConfidential"}) {
    EXPECT_EQ(find_searchable(Kind::kPerson, path), nullptr) << path;
  }
}

TEST(Identities, NameAThingForEver) {
  const Document person = good(Kind::kPerson, R"({"userName":"grey","employeeNumber":"0007",
    "emails":[{"value":"a@b.example"},{"value":"c@d.example"}],"displayName":"Grey"})");
  EXPECT_EQ(identities(person),
            (std::vector<Identity>{{"userName", "grey", "userName"},
                                   {"email", "a@b.example", "emails.value"},
                                   {"email", "c@d.example", "emails.value"},
                                   {"person.employeeNumber", "0007", "employeeNumber"}}));
}

TEST(Identities, SerialNumbersBelongToTheirModel) {
  const Document device =
      good(Kind::kDevice, R"({"serialNumber":"IP-7","model":")" + std::string(kId) + "\"}");
  EXPECT_EQ(
      identities(device),
      (std::vector<Identity>{{"device.serialNumber", std::string(kId) + "/IP-7", "serialNumber"}}));
}

TEST(Identities, AUdiWithASerialNumberIsOneDevices) {
  const auto of_udi = [](const std::string& udi) {
    return identities(good(Kind::kDevice, R"({"serialNumber":"1","model":")" + std::string(kId) +
                                              R"(","udi":")" + udi + "\"}"));
  };
  const auto one = of_udi("(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234");
  ASSERT_EQ(one.size(), 2U);
  EXPECT_EQ(one[1].type, "udi");
  EXPECT_EQ(of_udi("(01)51022222233336(17)150707(10)A213B1").size(), 1U) << "a lot";
}

TEST(References, AreFoundInListsToo) {
  const Document agent = good(Kind::kAgent, R"({"clientId":"a","displayName":"A","purpose":"p",
    "actsFor":[")" + std::string(kId) + R"("]})");
  const auto found = references(agent);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path, "actsFor");
  EXPECT_EQ(found[0].id, kId);
  EXPECT_TRUE(found[0].attribute->targets.contains(Kind::kPerson));
}

}  // namespace
}  // namespace wardlock::directory
