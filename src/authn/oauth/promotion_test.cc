#include "authn/oauth/promotion.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "authn/oauth/client_rows.h"
#include "authn/oauth/oauth_for_test.h"
#include "directory/registry/control_plane.h"

namespace wardlock::oauth {
namespace {

using directory::Edit;
using directory::Kind;
using directory::Relation;

constexpr std::string_view kByItself =
    R"({"grant_types": ["client_credentials"], "redirect_uris": [], "scope": "api",
        "directory_thing": ")";

class PromotionTest : public OAuthForTest {
 protected:
  PromotionTest() : OAuthForTest({}, &end_what_the_promoted_had) {
    write([](Edit& edit) { return edit.enter_control_plane_roles(); });
    write([this](Edit& edit) -> Result<void> {
      gateway_ = TRY(enter_service(edit, "gateway"));
      other_ = TRY(enter_service(edit, "other"));
      ward_ = TRY(edit.create(Kind::kGroup, {{"displayName", "Ward"}})).id;
      nurse_ = TRY(edit.create(Kind::kRole, {{"displayName", "Nurse"}})).id;
      return {};
    });
  }

  void write(const std::function<Result<void>(Edit&)>& call) {
    const directory::Mandate mandate{.tenant = "main", .actor_type = "User", .actor_id = "hale"};
    const auto written = registry_->write(mandate, call);
    ASSERT_TRUE(written) << written.error().message;
    ASSERT_TRUE(provider_->tokens.follow());
  }
  Result<std::string> enter_service(Edit& edit, std::string_view name) {
    const codec::Json document = {{"clientId", name}, {"displayName", name}, {"purpose", "tests"}};
    std::string id = TRY(edit.create(Kind::kService, document)).id;
    TRY(edit.relate({.relation = Relation::kOwner, .subject = id, .object = grey_}));
    TRY(edit.set_state(id, {}, "active"));
    return id;
  }
  void relate(Relation relation, const std::string& subject, const std::string& object) {
    write([&](Edit& edit) -> Result<void> {
      TRY(edit.relate({.relation = relation, .subject = subject, .object = object}));
      return {};
    });
  }
  std::string administrator() {
    return storage::text(*store_,
                         "SELECT id FROM thing WHERE kind = 'role' AND document LIKE "
                         "'%Wardlock::Administrator%'");
  }
  Client own_client(const std::string& thing) {
    return client(std::string(kByItself) + thing + "\"}");
  }
  Answer<TokenAnswer> by_itself(const Client& app) {
    return request(app, {{"grant_type", "client_credentials"}, {"scope", "api"}});
  }
  KeptClient kept(const Client& app) {
    std::optional<KeptClient> found;
    storage::write(*store_, [&](storage::Work& work) -> Result<void> {
      found = TRY(find_kept_client(work, "main", app.id));
      return {};
    });
    return found.value();
  }

  std::string gateway_, other_, ward_, nurse_;
};
WARDLOCK_ON_EACH_DATABASE(PromotionTest);

TEST_P(PromotionTest, AServiceLosesItsSecretWithARoleOfAdministration) {
  const Client app = own_client(gateway_);
  const TokenAnswer before = must(by_itself(app));
  ASSERT_TRUE(is_good(before.access_token));
  relate(Relation::kRoleAssignment, gateway_, nurse_);
  EXPECT_TRUE(is_good(before.access_token)) << "a role of the house is none of administration";
  relate(Relation::kRoleAssignment, gateway_, administrator());
  EXPECT_FALSE(is_good(before.access_token));
  EXPECT_REFUSED(by_itself(app), Fault::kInvalidClient);
  EXPECT_FALSE(kept(app).client.is_enabled);
  EXPECT_TRUE(kept(app).client.secret_hashes.empty());
  storage::write(*store_, [&](storage::Work& work) -> Result<void> {
    const auto now_kept = TRY(find_kept_client(work, "main", app.id));
    TRY(set_client_enabled(work, at(), *now_kept, true));
    return {};
  });
  EXPECT_REFUSED(by_itself(app), Fault::kInvalidClient) << "the secret from before stays ended";
  secret_ = must(provider_->clients.renew_secret(at(), app.id)).reveal();
  EXPECT_TRUE(by_itself(app));
}

TEST_P(PromotionTest, OthersKeepTheirs) {
  const Client other = own_client(other_);
  const TokenAnswer before = must(by_itself(other));
  relate(Relation::kRoleAssignment, gateway_, administrator());
  EXPECT_TRUE(is_good(before.access_token));
  EXPECT_TRUE(by_itself(other));
}

TEST_P(PromotionTest, AGroupPromotesWhoIsInIt) {
  const Client app = own_client(gateway_);
  const TokenAnswer before = must(by_itself(app));
  relate(Relation::kMembership, gateway_, ward_);
  EXPECT_TRUE(is_good(before.access_token));
  relate(Relation::kRoleAssignment, ward_, administrator());
  EXPECT_FALSE(is_good(before.access_token));
  const Client later = own_client(other_);
  const TokenAnswer theirs = must(by_itself(later));
  relate(Relation::kMembership, other_, ward_);
  EXPECT_FALSE(is_good(theirs.access_token)) << "who comes into a group that administers";
}

TEST_P(PromotionTest, WhatPeopleGrantedBeforeEnds) {
  const Client app = client();
  const TokenAnswer before = signed_in(app, {{"scope", "openid offline_access"}});
  const std::string waiting = code(app);
  relate(Relation::kRoleAssignment, grey_, administrator());
  EXPECT_FALSE(is_good(before.access_token));
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", before.refresh_token}}),
      Fault::kInvalidGrant);
  EXPECT_REFUSED(redeem(app, waiting), Fault::kInvalidGrant);
  EXPECT_TRUE(is_good(signed_in(app).access_token)) << "the application itself stays";
  EXPECT_TRUE(kept(app).client.is_enabled);
}

TEST_P(PromotionTest, WhatIsUndoneHasNotHappened) {
  const Client app = own_client(gateway_);
  const std::string role = administrator();
  const directory::Mandate mandate{.tenant = "main", .actor_type = "User", .actor_id = "hale"};
  const auto failed = registry_->write(mandate, [&](Edit& edit) -> Result<void> {
    TRY(edit.relate({.relation = Relation::kRoleAssignment, .subject = gateway_, .object = role}));
    return fail(ErrorCode::kCancelled, "changed their mind");
  });
  EXPECT_FALSE(failed);
  EXPECT_TRUE(by_itself(app));
}

}  // namespace
}  // namespace wardlock::oauth
