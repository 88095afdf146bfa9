#include "directory/registry/credential.h"

#include <gtest/gtest.h>

#include "directory/registry/control_plane.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

constexpr std::int64_t kDay = std::int64_t{24} * 3600 * 1000;

std::string hash_of(char digit) { return "sha256:" + std::string(64, digit); }

class CredentialTest : public HospitalForTest {
 protected:
  Credential issue(const NewCredential& wanted) {
    std::optional<Credential> issued;
    write([&](Edit& edit) -> Result<void> {
      issued = TRY(edit.issue_credential(wanted));
      return {};
    });
    return *issued;
  }
  Error not_issued(const NewCredential& wanted) {
    return refused([&](Edit& edit) -> Result<void> {
      TRY(edit.issue_credential(wanted));
      return {};
    });
  }
  void set_state(const Thing& thing, std::string_view state) {
    write([&](Edit& edit) -> Result<void> {
      TRY(edit.set_state(thing.id, std::nullopt, state));
      return {};
    });
  }
  bool is_good(const Credential& credential) {
    return registry_->find_holder("st-mary", credential.id).has_value();
  }
  Thing service(const std::string& more = "") {
    const Thing owner = person("owner");
    const Thing made = create(
        Kind::kService, R"({"clientId":"gw","displayName":"Gateway","purpose":"x")" + more + "}");
    relate({.relation = Relation::kOwner, .subject = made.id, .object = owner.id});
    set_state(made, "active");
    return made;
  }
};
WARDLOCK_ON_EACH_DATABASE(CredentialTest);

TEST_P(CredentialTest, RestsWhileNobodyAnswersForItsHolder) {
  const Thing gateway = service();
  const Credential issued = issue({.thing = gateway.id, .hash = hash_of('a')});
  const KeptRelation owner = relations({.relation = Relation::kOwner, .subject = gateway.id}).at(0);
  const Thing first = find(owner.object);
  EXPECT_TRUE(is_good(issued));
  set_state(first, "suspended");
  EXPECT_TRUE(is_good(issued)) << "who answers may be away";
  set_state(first, "left");
  EXPECT_FALSE(is_good(issued));
  EXPECT_EQ(find(gateway.id).state, "active");
  relate({.relation = Relation::kOwner,
          .subject = gateway.id,
          .object = person("next").id,
          .until_ms = now_ + kDay});
  EXPECT_TRUE(is_good(issued));
  now_ += kDay;
  EXPECT_FALSE(is_good(issued));
}

TEST_P(CredentialTest, IsKnownByItsHolderAndToldWithoutWhatItIs) {
  const Thing grey = person("grey");
  const Credential issued =
      issue({.thing = grey.id, .hash = hash_of('a'), .label = "laptop", .expires_ms = now_ + kDay});
  const auto holder = registry_->find_holder("st-mary", issued.id);
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->thing.id, grey.id);
  EXPECT_EQ(holder->credential.label, "laptop");
  EXPECT_EQ(holder->credential.issued_by_id, "admin-1");
  EXPECT_EQ(feed().back().kind, "credential");
  EXPECT_EQ(feed().back().what, "created");
  EXPECT_EQ(feed().back().document, R"({"expires":"2027-01-16T08:00:00.000Z","form":"token",)"
                                    R"("label":"laptop","thing":")" +
                                        grey.id + "\"}");
  EXPECT_TRUE(last_event().contains("\"credential_change\"")) << last_event();
  EXPECT_TRUE(last_event().contains(grey.id));
  EXPECT_FALSE(last_event().contains("aaaa"));
  EXPECT_FALSE(registry_->find_holder("other", issued.id));
  EXPECT_FALSE(registry_->find_credential("other", issued.id));
}

TEST_P(CredentialTest, EndsByItselfAtItsTime) {
  const Credential issued = issue({.thing = person("grey").id, .hash = hash_of('a')});
  EXPECT_EQ(issued.expires_ms, now_ + kUsualCredentialDays * kDay);
  EXPECT_EQ(registry_->good_credentials()->size(), 1U);
  now_ = issued.expires_ms - 1;
  EXPECT_TRUE(is_good(issued));
  now_ = issued.expires_ms;
  EXPECT_FALSE(is_good(issued));
  EXPECT_TRUE(registry_->good_credentials()->empty());
}

TEST_P(CredentialTest, EndsWhenItIsRevokedAndIsNeverIssuedAgain) {
  const Thing grey = person("grey");
  const Credential first = issue({.thing = grey.id, .hash = hash_of('a')});
  const Credential second = issue({.thing = grey.id, .hash = hash_of('b')});
  write([&](Edit& edit) { return edit.revoke_credential(first.id); });
  EXPECT_FALSE(is_good(first));
  EXPECT_TRUE(is_good(second));
  EXPECT_EQ(feed().back().what, "ended");
  EXPECT_EQ(feed().back().id, first.id);
  const std::uint64_t revision = *registry_->revision();
  write([&](Edit& edit) { return edit.revoke_credential(first.id); });
  EXPECT_EQ(*registry_->revision(), revision);
  EXPECT_EQ(not_issued({.thing = grey.id, .hash = hash_of('a')}).code, ErrorCode::kAlreadyExists);
  std::size_t revoked = 0;
  write([&](Edit& edit) -> Result<void> {
    revoked = TRY(edit.revoke_credentials_of(grey.id));
    return {};
  });
  EXPECT_EQ(revoked, 1U);
  EXPECT_FALSE(is_good(second));
  EXPECT_EQ(registry_->credentials("st-mary", grey.id)->size(), 2U);
}

TEST_P(CredentialTest, RestsWhileItsHolderIsSuspendedAndEndsWhenItsHolderLeaves) {
  const Thing grey = person("grey");
  const Credential issued = issue({.thing = grey.id, .hash = hash_of('a')});
  set_state(grey, "suspended");
  EXPECT_FALSE(is_good(issued));
  set_state(grey, "active");
  EXPECT_TRUE(is_good(issued));
  const std::uint64_t revision = *registry_->revision();
  set_state(grey, "left");
  EXPECT_FALSE(is_good(issued));
  EXPECT_TRUE(registry_->find_credential("st-mary", issued.id)->revoked_ms);
  EXPECT_EQ(*registry_->revision(), revision + 1);
  EXPECT_EQ(not_issued({.thing = grey.id, .hash = hash_of('b')}).code,
            ErrorCode::kFailedPrecondition);
}

TEST_P(CredentialTest, EndsWhenItsHolderIsRemoved) {
  const Thing grey = person("grey");
  const Credential issued = issue({.thing = grey.id, .hash = hash_of('a')});
  write([&](Edit& edit) { return edit.remove(grey.id, std::nullopt); });
  EXPECT_FALSE(is_good(issued));
  EXPECT_TRUE(registry_->good_credentials()->empty());
}

TEST_P(CredentialTest, LastsNoLongerThanItsHolderIsSaidToUseOne) {
  const Thing gateway = service(R"(,"credentialDays":30)");
  EXPECT_EQ(issue({.thing = gateway.id, .hash = hash_of('a')}).expires_ms, now_ + 30 * kDay);
  EXPECT_EQ(not_issued({.thing = gateway.id, .hash = hash_of('b'), .expires_ms = now_ + 31 * kDay})
                .message,
            "a credential of it is good for at most 30 days");
}

TEST_P(CredentialTest, IsNotIssuedAsItPleases) {
  const Thing grey = person("grey");
  const Thing ward = group("Ward");
  const auto fault = [&](const NewCredential& wanted) { return not_issued(wanted).message; };
  EXPECT_TRUE(fault({.thing = ward.id, .hash = hash_of('a')}).contains("have no credentials"));
  EXPECT_TRUE(fault({.thing = "nobody", .hash = hash_of('a')}).contains("nothing has the id"));
  for (const std::string& hash :
       {std::string("wlk_secret"), std::string(), hash_of('A'), hash_of('a') + "a",
        std::string("sha512:") + std::string(64, 'a')}) {
    EXPECT_TRUE(fault({.thing = grey.id, .hash = hash}).contains("sha256:")) << hash;
  }
  EXPECT_TRUE(fault({.thing = grey.id, .hash = hash_of('a'), .label = "a\nb"}).contains("label"));
  EXPECT_TRUE(fault({.thing = grey.id, .hash = hash_of('a'), .label = "\xFF"}).contains("label"));
  EXPECT_TRUE(
      fault({.thing = grey.id, .hash = hash_of('a'), .expires_ms = now_}).contains("future"));
  EXPECT_TRUE(fault({.thing = grey.id,
                     .hash = hash_of('a'),
                     .expires_ms = now_ + (kMostCredentialDays + 1) * kDay})
                  .contains("at most"));
  EXPECT_TRUE(feed().back().kind != "credential");
  for (std::size_t i = 0; i < kMostCredentials; ++i) {
    issue({.thing = grey.id, .hash = "sha256:" + std::string(62, 'c') + std::to_string(10 + i)});
  }
  EXPECT_EQ(not_issued({.thing = grey.id, .hash = hash_of('d')}).code,
            ErrorCode::kResourceExhausted);
}

TEST_P(CredentialTest, ItsUseIsNotedAndNeverEarlier) {
  const Credential issued = issue({.thing = person("grey").id, .hash = hash_of('a')});
  const std::uint64_t revision = *registry_->revision();
  for (const std::int64_t time : {now_ + 2000, now_ + 1000}) {
    const Registry::Use use{issued.id, time};
    ASSERT_TRUE(registry_->note_uses({&use, 1}));
  }
  EXPECT_EQ(registry_->find_credential("st-mary", issued.id)->last_used_ms, now_ + 2000);
  EXPECT_EQ(*registry_->revision(), revision);
}

class ControlPlaneTest : public CredentialTest {
 protected:
  void seed() {
    write([](Edit& edit) { return edit.enter_control_plane_roles(); });
  }
  Thing own_role(const std::string& name) {
    return *registry_->find_by_identifier("st-mary", "role.displayName", "Wardlock::" + name);
  }
  std::vector<std::string> roles_of(const Thing& thing) {
    return *registry_->control_plane_roles("st-mary", thing.id, Reach::kNow);
  }
};
WARDLOCK_ON_EACH_DATABASE(ControlPlaneTest);

TEST_P(ControlPlaneTest, ItsRolesAreEnteredOnce) {
  seed();
  const std::uint64_t revision = *registry_->revision();
  seed();
  EXPECT_EQ(*registry_->revision(), revision);
  EXPECT_EQ(names({}, Kind::kRole, "displayName").size(), kControlPlaneRoles.size());
}

TEST_P(ControlPlaneTest, ARoleIsNotTakenForAnother) {
  const Thing nurse = role("Nurse 1");
  const auto enter = [](const char* name) {
    return [name](Edit& edit) -> Result<void> {
      TRY(edit.create(Kind::kRole, boost::json::object{{"displayName", name}}));
      return {};
    };
  };
  for (const char* name : {"Nurse l", "Nurse I", "Nur\u0455e 1", "\u039Durse 1"}) {
    const Error refusal = refused(enter(name));
    EXPECT_EQ(refusal.code, ErrorCode::kAlreadyExists) << name;
    EXPECT_TRUE(refusal.message.contains("`Nurse 1`")) << refusal.message;
  }
  for (const char* name : {"Nurse 2", "nurse 1", "Wardlock", "Ward 1", "Wardlock: guest"}) {
    write(enter(name));
  }
  write([&](Edit& edit) { return edit.remove(nurse.id, std::nullopt); });
  write(enter("Nurse l"));
  mandate_.tenant = "st-luke";
  write(enter("Nurse I"));
}

TEST_P(ControlPlaneTest, ItsRolesAreNobodyElsesAndStay) {
  seed();
  const Thing officer = own_role("SecurityOfficer");
  for (const char* name :
       {"Wardlock::Owner", "wardlock::administrator", " WARDLOCK::x", "\nWardlock::x",
        "W\u0430rdlock::Administrator", "W\u0410RDLOCK::Auditor", "Ward1ock::Auditor",
        "WARDIOCK::Auditor", "Wardl0ck::Auditor", "Wardlock\u02D0\u02D0Auditor",
        "Wardlock\uFF1A:Auditor", "Ward lock::Auditor", "Wardlock ::Auditor",
        "\uFF37ardlock::Auditor", "War\u0501lock::Auditor", "WAR\u0500LOCK::Auditor"}) {
    EXPECT_EQ(refused([&](Edit& edit) -> Result<void> {
                TRY(edit.create(Kind::kRole, boost::json::object{{"displayName", name}}));
                return {};
              }).code,
              ErrorCode::kPermissionDenied)
        << name;
  }
  EXPECT_TRUE(refused([&](Edit& edit) {
                return edit.remove(officer.id, std::nullopt);
              }).message.contains("is not removed"));
  EXPECT_TRUE(refused([&](Edit& edit) -> Result<void> {
                TRY(edit.set_state(officer.id, std::nullopt, "closed"));
                return {};
              }).message.contains("is not closed"));
  const Thing nurse = role("Nurse");
  for (const auto& [subject, object] : {std::pair{&nurse, &officer}, std::pair{&officer, &nurse}}) {
    EXPECT_EQ(refused([&](Edit& edit) -> Result<void> {
                TRY(edit.relate({.relation = Relation::kRoleInheritance,
                                 .subject = subject->id,
                                 .object = object->id}));
                return {};
              }).code,
              ErrorCode::kPermissionDenied);
  }
  const Thing place = ward("W1", organisation("H"));
  const Thing grey = person("grey");
  EXPECT_TRUE(refused([&](Edit& edit) -> Result<void> {
                TRY(edit.relate({.relation = Relation::kRoleAssignment,
                                 .subject = grey.id,
                                 .object = officer.id,
                                 .scope = place.id}));
                return {};
              }).message.contains("in one place only"));
}

TEST_P(ControlPlaneTest, ItsRolesCountWhileAllThatLeadsToThemIsInForce) {
  seed();
  const Thing grey = person("grey");
  const Thing outer = group("Outer");
  const Thing inner = group("Inner");
  relate({.relation = Relation::kRoleAssignment, .subject = grey.id, .object = role("Nurse").id});
  EXPECT_TRUE(roles_of(grey).empty());
  relate({.relation = Relation::kMembership, .subject = grey.id, .object = inner.id});
  const KeptRelation link =
      relate({.relation = Relation::kMembership, .subject = inner.id, .object = outer.id});
  relate({.relation = Relation::kRoleAssignment,
          .subject = outer.id,
          .object = own_role("Auditor").id});
  relate({.relation = Relation::kRoleAssignment,
          .subject = grey.id,
          .object = own_role("HelpDesk").id,
          .from_ms = now_ + 1000,
          .until_ms = now_ + 2000});
  EXPECT_EQ(roles_of(grey), std::vector<std::string>{"Auditor"});
  EXPECT_EQ(*registry_->control_plane_roles("st-mary", grey.id, Reach::kEver),
            (std::vector<std::string>{"Auditor", "HelpDesk"}));
  EXPECT_EQ(registry_->groups_of("st-mary", grey.id)->size(), 2U);
  now_ += 1000;
  EXPECT_EQ(roles_of(grey), (std::vector<std::string>{"Auditor", "HelpDesk"}));
  now_ += 1000;
  EXPECT_EQ(roles_of(grey), std::vector<std::string>{"Auditor"});
  write([&](Edit& edit) { return edit.end(link.id); });
  EXPECT_TRUE(roles_of(grey).empty());
}

/// Whoever issued one before could act with the new role.
TEST_P(ControlPlaneTest, WithSuchARoleEndCredentialsThatOthersIssued) {
  seed();
  const Thing grey = person("grey");
  const Thing team = group("Team");
  relate({.relation = Relation::kMembership, .subject = grey.id, .object = team.id});
  const auto issue_as = [&](const std::string& who, char digit) {
    mandate_.actor_id = who;
    return issue({.thing = grey.id, .hash = hash_of(digit)}).id;
  };
  const std::string by_admin = issue_as("admin-1", 'a');
  const std::string by_officer = issue_as("officer-1", 'b');
  const std::string by_herself = issue_as(grey.id, 'c');
  mandate_.actor_id = "officer-1";
  relate({.relation = Relation::kRoleAssignment, .subject = team.id, .object = role("Nurse").id});
  EXPECT_FALSE(registry_->find_credential("st-mary", by_admin)->revoked_ms);
  relate({.relation = Relation::kRoleAssignment,
          .subject = team.id,
          .object = own_role("SecurityOfficer").id,
          .from_ms = now_ + 1000});
  EXPECT_TRUE(registry_->find_credential("st-mary", by_admin)->revoked_ms);
  EXPECT_FALSE(registry_->find_credential("st-mary", by_officer)->revoked_ms);
  EXPECT_TRUE(registry_->find_credential("st-mary", by_herself)->revoked_ms)
      << "by whom has what the administrator gave her, for one";
}

TEST_P(ControlPlaneTest, ADeviceAdministersNothing) {
  seed();
  const Thing pump = device(device_model(organisation("Meridian")), "SN-1");
  write([&](Edit& edit) -> Result<void> {
    TRY(edit.set_state(pump.id, std::nullopt, "commissioned"));
    TRY(edit.set_state(pump.id, std::nullopt, "inService"));
    return {};
  });
  const Thing team = group("Team");
  relate({.relation = Relation::kRoleAssignment,
          .subject = team.id,
          .object = own_role("SecurityOfficer").id});
  relate({.relation = Relation::kMembership, .subject = pump.id, .object = team.id});
  const Credential issued = issue({.thing = pump.id, .hash = hash_of('a')});
  const auto holder = registry_->find_holder("st-mary", issued.id);
  ASSERT_TRUE(holder) << holder.error().message;
  EXPECT_TRUE(holder->roles.empty());
}

}  // namespace
}  // namespace wardlock::directory
