#include "server/registration_door.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "administration/own_policies.h"
#include "base/wall_clock.h"
#include "server/directory_for_test.h"

namespace wardlock::server {
namespace {

using oauth::Fault;
using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

class RegistrationDoorTest : public DirectoryForTest {
 protected:
  RegistrationDoorTest() {
    open();
    door_.emplace(*directory_);
  }

  std::string answer(const oauth::Registrant& registrant) {
    const auto checked = door_->check({.tenant = std::string(directory_tenant("")),
                                       .source_address = "192.0.2.7",
                                       .now_ms = wall_clock_ms()},
                                      registrant);
    return checked ? "yes" : std::string(to_string(checked.error().fault));
  }
  std::string invited_by(const std::string& maker) {
    return answer({.maker_type = "User", .maker = maker});
  }
  /// Adds a policy to those of administration.
  void allow(const std::string& policy) {
    pdp::Sources sources = administration::own_policies();
    sources.policies.front().text += policy;
    directory_->policies = *administration::build_policies(sources);
  }
  void suspend(const std::string& person) {
    write([&](directory::Edit& edit) -> Result<void> {
      TRY(edit.set_state(person, std::nullopt, "suspended"));
      return {};
    });
  }

  std::optional<RegistrationDoor> door_;
};
WARDLOCK_ON_EACH_DATABASE(RegistrationDoorTest);

TEST_P(RegistrationDoorTest, AnInvitationCountsForAsLongAsWhoGaveItMay) {
  const std::string admin = somebody("grey", {"Administrator"}).id;
  const std::string auditor = somebody("bailey", {"Auditor"}).id;
  EXPECT_EQ(invited_by(admin), "yes");
  EXPECT_EQ(invited_by(auditor), "access_denied");
  EXPECT_EQ(invited_by("nobody"), "access_denied");
  suspend(admin);
  EXPECT_EQ(invited_by(admin), "access_denied");
}

TEST_P(RegistrationDoorTest, NobodyComesUninvitedUnlessPoliciesSaySo) {
  EXPECT_EQ(answer({}), "access_denied");
  allow(R"(@id("anybody-who-is-vouched-for") permit (principal,
    action == Wardlock::Action::"registerClient", resource)
    when { principal.kind == "anybody" && resource has softwareIssuer &&
           resource.softwareIssuer == "https://software.example" };)");
  EXPECT_EQ(answer({}), "access_denied");
  EXPECT_EQ(answer({.software_issuer = "https://other.example"}), "access_denied");
  EXPECT_EQ(answer({.software_issuer = "https://software.example"}), "yes");
}

TEST_P(RegistrationDoorTest, WhatIsAskedIsOnRecord) {
  EXPECT_EQ(answer({}), "access_denied");
  EXPECT_TRUE(eventually([this] {
    return std::ranges::any_of(
        recorded(), [](const std::string& each) { return each == "decision registerClient"; });
  }));
}

TEST_P(RegistrationDoorTest, WhoTriesOverAndOverWaits) {
  int tried = 0;
  while (!door_->begin("192.0.2.7") && tried < 100) ++tried;
  EXPECT_LT(tried, 100);
  EXPECT_GE(tried, 10);
  EXPECT_FALSE(door_->begin("198.51.100.7")) << "somebody else does not";
}

TEST_P(RegistrationDoorTest, WhoHasATokenDoesNotWait) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(door_->begin("192.0.2.7")) << i;
    door_->succeed("192.0.2.7");
  }
}

}  // namespace
}  // namespace wardlock::server
