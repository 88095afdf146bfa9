#include "directory/model/document.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::directory {
namespace {

constexpr std::chrono::year kThisYear(2026);
constexpr std::string_view kId = "018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f";
constexpr std::string_view kOtherId = "018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e60";

Checked<Document> check(Kind kind, std::string_view text) {
  const auto json = codec::parse_json(text);
  EXPECT_TRUE(json) << text;
  return Document::check(kind, json.value_or(codec::Json()), kThisYear);
}

Document good(Kind kind, std::string_view text) {
  auto document = check(kind, text);
  if (!document) {
    ADD_FAILURE() << to_error(document.error()).message;
    std::abort();
  }
  return *document;
}

std::string fault_of(Kind kind, std::string_view text) {
  const auto document = check(kind, text);
  return document ? "no fault: " + document->text() : to_error(document.error()).message;
}

/// A person with one more member.
std::string fault_of_person(std::string_view member) {
  return fault_of(Kind::kPerson, R"({"userName":"grey",)" + std::string(member) + "}");
}

TEST(Document, HasOneText) {
  const Document document = good(Kind::kPerson, R"({
    "userName": "grey", "title": null, "emails": [], "addresses": [],
    "name": {"givenName": "Ada", "familyName": "Grey"}})");
  EXPECT_EQ(document.text(),
            R"({"name":{"familyName":"Grey","givenName":"Ada"},"userName":"grey"})");
}

TEST(Document, KeepsWhatItWasGiven) {
  const Document document = good(Kind::kPerson, R"({
    "userName": "grey", "contractUntil": "2027-01-01T00:00:00+01:00",
    "manager": "018F8A6E-5C1D-7B3A-9E2F-0A1B2C3D4E5F",
    "specialties": ["surgery", "cardiology"],
    "facts": [{"name": "infusionAuthorised", "boolean": true}, {"name": "maxRate", "integer": 0}],
    "emails": [{"value": "grey@st-mary.example", "primary": true, "type": "work"}]})");
  EXPECT_EQ(
      document.text(),
      R"({"contractUntil":"2026-12-31T23:00:00.000Z",)"
      R"("emails":[{"primary":true,"type":"work","value":"grey@st-mary.example"}],)"
      R"("facts":[{"boolean":true,"name":"infusionAuthorised"},{"integer":0,"name":"maxRate"}],)"
      R"("manager":"018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f",)"
      R"("specialties":["surgery","cardiology"],"userName":"grey"})");
}

TEST(Document, ComesBack) {
  const Document document = good(Kind::kPerson, R"({"userName":"grey","displayName":"Ädá \"x\""})");
  const auto kept = Document::read_kept(Kind::kPerson, document.text());
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, document);
  EXPECT_EQ(Document::read_kept(Kind::kPerson, "[]").error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(Document::read_kept(Kind::kPerson, "{").error().code, ErrorCode::kDataLoss);
}

TEST(Document, MustBeAnObject) {
  for (const std::string_view text : {"[]", "null", "1", R"("grey")"}) {
    EXPECT_EQ(fault_of(Kind::kPerson, text), "the document is no JSON object");
  }
}

TEST(Document, SaysWhatIsMissing) {
  EXPECT_EQ(fault_of(Kind::kPerson, "{}"),
            "`userName` is missing: The name to sign in with (RFC 8265, case-mapped)");
  EXPECT_EQ(fault_of(Kind::kPatient, R"({"recordNumber":null})"),
            "`recordNumber` is missing: The medical record number (MRN), or a temporary one");
  EXPECT_TRUE(
      fault_of_person(R"("emails":[{"type":"work"}])").starts_with("`emails[0].value` is missing"));
}

TEST(Document, SaysWhatIsUnknown) {
  EXPECT_EQ(fault_of_person(R"("usrName":"x")"),
            "`usrName` is no attribute of people; did you mean `userName`?");
  EXPECT_EQ(fault_of_person(R"("password":"x")"),
            "`password` is no attribute of people; docs/formats/directory.md lists them");
  EXPECT_EQ(fault_of_person(R"("name":{"givnName":"x"})"),
            "`name.givnName` is no attribute of name; did you mean `givenName`?");
  EXPECT_TRUE(fault_of_person(R"("\u202ex":1)").starts_with("`\\u{202e}x` is no attribute"));
}

TEST(Document, NamesWhatHasTheWrongType) {
  EXPECT_EQ(fault_of_person(R"("title":7)"), "`title` must be a text, not an integer");
  EXPECT_EQ(fault_of_person(R"("title":["x"])"), "`title` must be a text, not a list");
  EXPECT_EQ(fault_of_person(R"("emails":{"value":"a@b.example"})"),
            "`emails` must be a list, not an object");
  EXPECT_EQ(fault_of_person(R"("emails":["a@b.example"])"),
            "`emails[0]` must be an object, not a text");
  EXPECT_EQ(fault_of_person(R"("name":"Ada Grey")"), "`name` must be an object, not a text");
  EXPECT_EQ(fault_of_person(R"("emails":[{"value":"a@b.example","primary":"yes"}])"),
            "`emails[0].primary` must be `true` or `false`, not a text");
  EXPECT_EQ(fault_of_person(R"("manager":{"value":"x"})"),
            "`manager` must be the id of a thing, not an object");
  EXPECT_EQ(fault_of_person(R"("contractUntil":1700000000)"),
            "`contractUntil` must be a time such as `2026-11-22T08:00:00Z`, not an integer");
  EXPECT_EQ(fault_of_person(R"("specialties":[null])"), "`specialties[0]` is empty");
  EXPECT_TRUE(
      fault_of(Kind::kPerson, R"({"userName":1})").starts_with("`userName` must be a user"));
}

TEST(Document, NamesWhatHasTheWrongForm) {
  EXPECT_EQ(fault_of_person(R"("title":"")"), "`title` is an empty text; leave it out instead");
  EXPECT_EQ(fault_of_person(R"("contractUntil":"tomorrow")"),
            "`contractUntil` is no time such as `2026-11-22T08:00:00Z` (RFC 3339)");
  EXPECT_TRUE(
      fault_of_person(R"("manager":"dr-who")").starts_with("`manager` is no id of a thing: "));
  EXPECT_EQ(fault_of_person(R"("addresses":[{"type":"office"}])"),
            "`addresses[0].type` is `office`; it may be `work`, `home`, `other`");
  EXPECT_EQ(fault_of_person(R"("displayName":"yerG\u202e adA")"),
            "`displayName` has a control character or one that changes the direction of writing; "
            "remove it");
  EXPECT_TRUE(fault_of_person(R"("employeeNumber":"1\u200b2")")
                  .starts_with("`employeeNumber` is not a name or number: "));
  EXPECT_TRUE(fault_of_person(R"("npi":"1234567890")")
                  .starts_with("`npi` is not a National Provider Identifier: "));
}

TEST(Document, HasLimits) {
  EXPECT_EQ(fault_of_person(R"("title":")" + std::string(257, 'x') + R"(")"),
            "`title` has 257 bytes; at most 256 are kept");
  EXPECT_EQ(fault_of(Kind::kPerson, R"({"userName":")" + std::string(257, 'x') + R"("})"),
            "`userName` has 257 bytes; at most 256 are kept");
  std::string many = R"("specialties":["0")";
  for (int i = 1; i < 65; ++i) many += ",\"" + std::to_string(i) + "\"";
  EXPECT_EQ(fault_of_person(many + "]"), "`specialties` has 65 items; at most 64 are kept");
  std::string long_one = R"("specialties":[")" + std::string(256, '0') + "\"";
  for (int i = 1; i < 64; ++i) {
    long_one += ",\"" + std::string(253, 'x') + std::to_string(100 + i) + "\"";
  }
  EXPECT_TRUE(fault_of_person(long_one + "]").contains("at most 12288 are kept"));
}

TEST(Document, NumbersHaveTheirRange) {
  const auto fault_of_days = [](std::string_view days) {
    return fault_of(Kind::kService, R"({"clientId":"s","displayName":"S","purpose":"p",)"
                                    R"("credentialDays":)" +
                                        std::string(days) + "}");
  };
  EXPECT_TRUE(fault_of_days("3650").starts_with("no fault"));
  EXPECT_TRUE(fault_of_days("0").starts_with("no fault"));
  for (const std::string_view days : {"-1", "3651", "18446744073709551615"}) {
    EXPECT_EQ(fault_of_days(days), "`credentialDays` must be from 0 to 3650") << days;
  }
  EXPECT_TRUE(fault_of_days("1.5").contains("not a number with a fraction"));
  EXPECT_TRUE(fault_of_days("1e30").contains("must be an integer"));
  EXPECT_TRUE(fault_of_days("true").contains("must be an integer, not a boolean"));
}

TEST(Document, ListsHaveNothingTwice) {
  EXPECT_EQ(fault_of_person(R"("specialties":["a","b","a"])"), "`specialties[2]` is there twice");
  EXPECT_EQ(fault_of_person(R"("emails":[{"value":"a@b.example"},)"
                            R"({"value":"a@b.example","type":"home"}])"),
            "`emails[1]` is there twice");
  EXPECT_EQ(fault_of_person(R"("phoneNumbers":[{"value":"1","primary":true},)"
                            R"({"value":"2","primary":false},{"value":"3","primary":true}])"),
            "`phoneNumbers[2]` is `primary`, as one before it is; at most one may be");
}

TEST(Document, AFactHasOneValue) {
  EXPECT_EQ(fault_of_person(R"("facts":[{"name":"x"}])"),
            "`facts[0]` must have one of `text`, `integer`, `boolean`, `time`, not none");
  EXPECT_TRUE(
      fault_of_person(R"("facts":[{"name":"x","text":"1","integer":1}])").ends_with("not several"));
  EXPECT_EQ(fault_of_person(R"("facts":[{"name":"x","integer":1},{"name":"x","integer":2}])"),
            "`facts[1]` is there twice");
}

TEST(Document, AllFaultsAreSaid) {
  const auto document = check(Kind::kPerson, R"({"title":1,"locale":2,"color":"red"})");
  ASSERT_FALSE(document);
  ASSERT_EQ(document.error().size(), 4U);
  EXPECT_EQ(document.error()[0].path, "locale");
  EXPECT_EQ(document.error()[3].path, "color");
  const Error error = to_error(Faults(12, Fault{"x", "is wrong"}));
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(error.message.ends_with("`x` is wrong; and 2 more"));
}

TEST(Document, WhatIsImmutableStays) {
  const auto device = [](std::string_view model, std::string_view serial, std::string_view more) {
    return good(Kind::kDevice, R"({"model":")" + std::string(model) + R"(","serialNumber":")" +
                                   std::string(serial) + "\"" + std::string(more) + "}");
  };
  const Document before = device(kId, "IP-7", "");
  EXPECT_TRUE(find_forbidden_changes(before, before).empty());
  EXPECT_TRUE(
      find_forbidden_changes(before, device(kId, "IP-7", R"(,"displayName":"pump")")).empty());
  EXPECT_TRUE(find_forbidden_changes(
                  before, device(kId, "IP-7", R"(,"uuid":")" + std::string(kOtherId) + "\""))
                  .empty())
      << "given for the first time";
  EXPECT_EQ(find_forbidden_changes(before, device(kOtherId, "IP-8", "")),
            (Faults{{"model", "stays as it was first given"},
                    {"serialNumber", "stays as it was first given"}}));
  const Document with_uuid = device(kId, "IP-7", R"(,"uuid":")" + std::string(kOtherId) + "\"");
  EXPECT_EQ(find_forbidden_changes(with_uuid, before).size(), 1U) << "nor is it taken away";
}

TEST(Document, SaysWhatChanged) {
  const Document before = good(Kind::kPerson, R"({"userName":"grey","title":"a","locale":"de"})");
  const Document after = good(Kind::kPerson, R"({"userName":"grey","title":"b","nickName":"x"})");
  EXPECT_EQ(changed_attributes(before, after),
            (std::vector<std::string_view>{"locale", "nickName", "title"}));
  EXPECT_TRUE(changed_attributes(before, before).empty());
}

TEST(RelationDocument, HasItsOwnAttributes) {
  const auto checked = [](Relation relation, std::string_view text) {
    const auto read = check_relation(relation, *codec::parse_json(text), kThisYear);
    return read ? *read : to_error(read.error()).message;
  };
  EXPECT_EQ(checked(Relation::kMembership, "{}"), "{}");
  EXPECT_EQ(checked(Relation::kCare, R"({"careType":"nursing"})"), R"({"careType":"nursing"})");
  EXPECT_TRUE(checked(Relation::kCare, "{}")
                  .starts_with("`careType` is missing: In which way the person cares for the "
                               "patient; it may be `treating`, `"));
  EXPECT_TRUE(
      checked(Relation::kCare, R"({"careType":"friend"})").contains("it may be `treating`"));
  EXPECT_TRUE(checked(Relation::kMembership, R"({"careType":"nursing"})")
                  .contains("is no attribute of membership"));
}

}  // namespace
}  // namespace wardlock::directory
