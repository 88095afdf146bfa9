#include "authn/certificate/card_owner.h"

#include "authn/certificate/site_for_test.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::authn {
namespace {

using directory::name_of;
using directory::tested_databases;

class CardOwner : public directory::HospitalForTest {
 protected:
  Card card(const std::string& principal) {
    return read_card(shown(authority_.issue("card", card_extensions(principal)).certificate),
                     {.anchors = {authority_.certificate()}}, now_for_test())
        .value();
  }
  /// The id, or the error's code.
  std::string owner(const std::string& principal, std::string_view attribute = "userName",
                    std::string_view tenant = "st-mary") {
    const auto found = find_card_owner(*registry_, tenant, card(principal), attribute);
    return found ? *found : std::string(to_string(found.error().code));
  }

  x509::AuthorityForTest authority_{"cards"};
};
WARDLOCK_ON_EACH_DATABASE(CardOwner);

TEST_P(CardOwner, IsFoundByAnAttribute) {
  const auto grey = person("grey", R"(,"emails":[{"value":"a@b.example"}],"employeeNumber":"47")"
                                   R"(,"facts":[{"name":"cardUuid","text":"u-1"},)"
                                   R"({"name":"badge","text":"u-2"}])");
  person("lee");
  EXPECT_EQ(owner("Grey"), grey.id);
  EXPECT_EQ(owner("a@b.example", "emails.value"), grey.id);
  EXPECT_EQ(owner("47", "employeeNumber"), grey.id);
  EXPECT_EQ(owner("u-1", "facts.cardUuid"), grey.id);
  EXPECT_EQ(owner("u-2", "facts.cardUuid"), "not_found");  // another fact's text
  EXPECT_EQ(owner("gre"), "not_found");
  EXPECT_EQ(owner("*"), "not_found");
  EXPECT_EQ(owner("grey", "userName", "st-john"), "not_found");
  EXPECT_EQ(owner("grey", "password"), "invalid_argument");
}

TEST_P(CardOwner, IsOnePerson) {
  person("grey", R"(,"externalId":"x-1")");
  person("lee", R"(,"externalId":"x-1")");
  EXPECT_EQ(owner("x-1", "externalId"), "failed_precondition");
}

TEST_P(CardOwner, IsInForce) {
  const auto grey = person("grey");
  for (const char* state : {"suspended", "left"}) {
    write([&](directory::Edit& edit) -> Result<void> {
      TRY_VOID(edit.set_state(grey.id, {}, state));
      return {};
    });
    EXPECT_EQ(owner("grey"), "failed_precondition") << state;
  }
  create(directory::Kind::kPerson, R"({"userName":"new"})", "invited");
  EXPECT_EQ(owner("new"), "failed_precondition");
}

}  // namespace
}  // namespace wardlock::authn
