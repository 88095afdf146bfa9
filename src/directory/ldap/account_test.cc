#include "directory/ldap/account.h"

#include <gtest/gtest.h>

#include "codec/json.h"

namespace wardlock::directory {
namespace {

using boost::json::object;

object mapped(const LdapEntry& entry, const LdapSource& source, const object& before = {}) {
  const auto document = mapped_document(source, entry, before);
  EXPECT_TRUE(document) << document.error().message;
  return document ? *document : object();
}

object parsed(std::string_view text) { return codec::parse_json(text).value().get_object(); }

LdapSource source(std::map<std::string, std::string> attributes) {
  LdapSource source;
  source.attributes = std::move(attributes);
  return source;
}

TEST(MappedDocument, HasWhatIsMapped) {
  const LdapEntry entry{.dn = "uid=ada",
                        .attributes = {{"uid", {" ada "}},
                                       {"sn", {"Grey"}},
                                       {"mail", {"a@b.org", "c@d.org"}},
                                       {"accountexpires", {"134116128000000000"}},
                                       {"ward", {"4 West", "5 East"}},
                                       {"skill", {"cardiology", "", "surgery"}},
                                       {"unasked", {"x"}}}};
  const object document = mapped(entry, source({{"userName", "uid"},
                                                {"name.familyName", "sn"},
                                                {"emails", "mail"},
                                                {"contractUntil", "accountExpires"},
                                                {"facts.ward", "ward"},
                                                {"specialties", "skill"},
                                                {"title", "title"}}));
  EXPECT_EQ(
      document,
      parsed(R"({"contractUntil":"2025-12-31T00:00:00.000Z",)"
             R"("emails":[{"value":"a@b.org","type":"work","primary":true},)"
             R"({"value":"c@d.org","type":"work"}],"facts":[{"name":"ward","text":"4 West"}],)"
             R"("name":{"familyName":"Grey"},"specialties":["cardiology","surgery"],)"
             R"("userName":"ada"})"));
}

TEST(MappedDocument, LeavesTheRestAsItWas) {
  const object before = {
      {"title", "Nurse"},
      {"npi", "1234567893"},
      {"name", {{"givenName", "Ada"}, {"honorificPrefix", "Dr."}}},
      {"facts", {{{"name", "ward"}, {"text", "4"}}, {{"name", "shift"}, {"integer", 2}}}}};
  const object document =
      mapped({.dn = "x", .attributes = {{"givenname", {"Eve"}}}},
             source({{"title", "title"}, {"name.givenName", "givenName"}, {"facts.ward", "ward"}}),
             before);
  EXPECT_EQ(document,
            parsed(R"({"npi":"1234567893","name":{"givenName":"Eve","honorificPrefix":"Dr."},)"
                   R"("facts":[{"name":"shift","integer":2}]})"));
}

TEST(MappedDocument, RefusesWhatIsNoText) {
  const auto document = mapped_document(source({{"title", "title"}}),
                                        {.dn = "x", .attributes = {{"title", {"\xff\xfe"}}}}, {});
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().message, "its `title` is no text (UTF-8)");
}

TEST(CheckMappedAttribute, TakesTextsTimesAndLists) {
  for (const char* path : {"userName", "title", "name.givenName", "emails", "phoneNumbers",
                           "specialties", "contractUntil", "facts.ward", "npi", "manager"}) {
    EXPECT_TRUE(check_mapped_attribute(path)) << path;
  }
}

TEST(CheckMappedAttribute, RefusesTheRest) {
  for (const char* path : {"", "name", "name.", "name.shoeSize", "externalId", "facts", "facts.",
                           "emails.value", "addresses", "x.y", "userName.x"}) {
    EXPECT_FALSE(check_mapped_attribute(path)) << path;
  }
}

TEST(AccountId, IsOfTheFlavour) {
  LdapSource one;
  const LdapEntry entry{
      .dn = "x",
      .attributes = {
          {"entryuuid", {"11C16AF6-7AF6-1041-96BC-77300E1A4E0B"}},
          {"objectguid", {"\x33\x22\x11\x44\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"}}}};
  EXPECT_EQ(account_id(one, entry), "11c16af6-7af6-1041-96bc-77300e1a4e0b");
  one.flavour = LdapFlavour::kActiveDirectory;
  EXPECT_EQ(account_id(one, entry), "44112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(account_id(one, {}), std::nullopt);
}

TEST(Fact, IsSetAndTakenAway) {
  object document = {{"facts", {{{"name", "shift"}, {"integer", 2}}}}};
  set_fact(document, kEndedBySource, "left");
  EXPECT_EQ(fact(document, kEndedBySource), "left");
  set_fact(document, kEndedBySource, "suspended");
  EXPECT_EQ(fact(document, kEndedBySource), "suspended");
  set_fact(document, kEndedBySource, "");
  EXPECT_EQ(fact(document, kEndedBySource), std::nullopt);
  EXPECT_EQ(fact(document, "shift"), "");
  object empty;
  set_fact(empty, kEndedBySource, "");
  EXPECT_TRUE(empty.empty());
}

}  // namespace
}  // namespace wardlock::directory
