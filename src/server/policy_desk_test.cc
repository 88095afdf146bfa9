#include "server/policy_desk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <span>

#include "base/wall_clock.h"
#include "bundle/bundle_for_test.h"
#include "bundle/policy_bundle.h"
#include "codec/base64.h"
#include "server/directory_for_test.h"

namespace wardlock::server {
namespace {

constexpr std::string_view kSchema = R"(
@audit("patient") entity Patient;
@audit("device") entity Pump;
entity User;
entity Ward;
action view appliesTo { principal: User, resource: Patient };
action dose appliesTo { principal: User, resource: Pump };
action enter appliesTo { principal: User, resource: Ward };
)";

/// A server that keeps the policies of its only tenant.
class PolicyDeskTest : public DirectoryForTest {
 protected:
  PolicyDeskTest() {
    keep_policies(write_key(bundle::fixed_key('k')));
    open();
  }

  void keep_policies(const std::string& key) {
    config_.tenants.front().managed =
        config::ManagedPolicies{.environment = "production",
                                .key = key,
                                .initial = folder(),
                                .lifetime = std::chrono::hours(24 * 30),
                                .approve_within = std::chrono::hours(2)};
  }
  std::string write_key(const crypto::PrivateKey& key, mode_t mode = 0600) {
    const std::string path = folder() + "/signer.pem";
    const std::string der(key.pkcs8().reveal());
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(der.data()), der.size());
    std::ofstream(path) << fmt::format(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", codec::to_base64(bytes));
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
  PolicyDesk& desk() { return *directory_->policy_desk(directory_tenant("")); }
  static directory::Mandate by(const std::string& person) {
    return {.tenant = std::string(directory_tenant("")),
            .actor_type = "User",
            .actor_id = person,
            .reason = "as agreed"};
  }
  static bundle::Content content(const std::string& policies) {
    return bundle::Content::of({{"a.cedar", policies}, {"a.cedarschema", std::string(kSchema)}})
        .value();
  }
  static std::string permit(const std::string& action) {
    return fmt::format("@id(\"{0}\")\npermit (principal, action == Action::\"{0}\", resource);\n",
                       action);
  }
  /// In review, by that person.
  pap::PolicyDraft submitted(const std::string& person, const std::string& policies) {
    auto draft = desk().drafts().begin(by(person), "production", "A change", content(policies));
    EXPECT_TRUE(draft) << (draft ? "" : draft.error().message);
    EXPECT_TRUE(desk().drafts().keep_checks(by(person), *draft,
                                            pap::check_change(nullptr, content(policies), {}, 0)));
    draft = desk().drafts().submit(by(person), draft->id, draft->edition);
    EXPECT_TRUE(draft) << (draft ? "" : draft.error().message);
    return *draft;
  }
  /// `policy 1, privacy 1`
  std::string needs(const pap::PolicyDraft& draft) {
    const auto view = desk().drafts().view(draft.place.tenant, draft.id);
    const auto standing = desk().drafts().standing(*view);
    if (!standing) return standing.error().message;
    std::string text;
    for (const pap::ApprovalGiven& each : standing->given) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", each.need.meaning, each.need.people);
    }
    return text;
  }
  Result<pap::ApprovalStanding> sign(const std::string& person, const pap::PolicyDraft& draft,
                                     const std::string& meaning = "policy") {
    return desk().drafts().sign(by(person), draft.id,
                                {.person = {},
                                 .printed_name = "Somebody",
                                 .meaning = meaning,
                                 .content = draft.content,
                                 .session = "s",
                                 .level = 2,
                                 .authenticated_ms = wall_clock_ms()});
  }
};
WARDLOCK_ON_EACH_DATABASE(PolicyDeskTest);

TEST_P(PolicyDeskTest, IsOfTenantsWhosePoliciesAreKept) {
  EXPECT_EQ(directory_->policy_desk("elsewhere"), nullptr);
  EXPECT_EQ(desk().place().environment, "production");
  close();
  config_.tenants.front().managed.reset();
  open();
  EXPECT_TRUE(directory_->policy_desks.empty());
}

TEST_P(PolicyDeskTest, NeedsAKeyThatIsItsOwnersAlone) {
  close();
  const auto refusal = [&](const std::string& key) {
    keep_policies(key);
    const auto opened = Directory::open(config_, nullptr, log_);
    return opened ? "opened" : opened.error().message;
  };
  EXPECT_NE(refusal(folder() + "/none.pem").find("key that signs policies"), std::string::npos);
  EXPECT_NE(refusal(write_key(bundle::fixed_key('k'), 0644)), "opened");
  std::ofstream(folder() + "/signer.pem") << "no key";
  EXPECT_NE(refusal(folder() + "/signer.pem"), "opened");
  EXPECT_NE(refusal("pkcs11:token=T"), "opened");
}

TEST_P(PolicyDeskTest, AsksForWhatAChangeTouches) {
  const std::string ann = somebody("ann", {"PolicyAuthor"}).id;
  const std::string bo = somebody("bo", {"PolicyApprover"}).id;
  EXPECT_EQ(needs(submitted(ann, permit("enter"))), "policy 1, clinical_safety 1, privacy 1")
      << "the first content is all new";
  const auto first = submitted(ann, permit("enter"));
  ASSERT_TRUE(sign(bo, first));
  const std::string cy = somebody("cy", {"PolicyApprover"}).id;
  const std::string di = somebody("di", {"PolicyApprover"}).id;
  ASSERT_TRUE(sign(cy, first, "clinical_safety"));
  ASSERT_TRUE(sign(di, first, "privacy"));
  ASSERT_TRUE(desk().activations().activate(by(ann), first.id, {}));
  EXPECT_EQ(needs(submitted(ann, permit("enter") + "// a word\n")), "policy 1");
  EXPECT_EQ(needs(submitted(ann, permit("enter") + permit("view"))), "policy 1, privacy 1");
  EXPECT_EQ(needs(submitted(ann, permit("dose"))), "policy 1, clinical_safety 1");
  const auto broken = desk().drafts().begin(by(ann), "production", "Broken", content("permit ("));
  ASSERT_TRUE(broken);
  EXPECT_EQ(needs(*broken), "policy 1, clinical_safety 1, privacy 1, security 1");
}

TEST_P(PolicyDeskTest, WantsOneMoreWhereAProgramWroteItAlone) {
  const std::string ann = somebody("ann", {"PolicyAuthor"}).id;
  std::string service;
  write([&](directory::Edit& edit) -> Result<void> {
    service = TRY(edit.create(directory::Kind::kService,
                              boost::json::object{{"clientId", "ci"},
                                                  {"displayName", "Builds"},
                                                  {"purpose", "proposes policies"}}))
                  .id;
    TRY(edit.relate({.relation = directory::Relation::kOwner, .subject = service, .object = ann}));
    TRY(edit.set_state(service, std::nullopt, "active"));
    return {};
  });
  const auto draft = submitted(service, permit("enter"));
  EXPECT_EQ(needs(draft), "policy 2, clinical_safety 2, privacy 2");
  const auto touched =
      desk().drafts().write(by(ann), draft.id, draft.edition, content(permit("enter") + "// a\n"));
  ASSERT_TRUE(touched) << touched.error().message;
  EXPECT_EQ(needs(*touched), "policy 1, clinical_safety 1, privacy 1") << "ann has read it";
}

TEST_P(PolicyDeskTest, SignsWithItsKeyForItsTime) {
  const std::string ann = somebody("ann", {"PolicyAuthor"}).id;
  EXPECT_EQ(*desk().count_approvers(), 0U);
  const auto draft = submitted(ann, permit("enter"));
  const auto made = desk().activations().activate(by(ann), draft.id,
                                                  {.cause = pap::ActivationCause::kSingleHanded});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->expires_ms - made->starts_ms, std::int64_t{30} * 24 * 3600 * 1000);
  const auto bytes = desk().activations().bundle(*made);
  ASSERT_TRUE(bytes);
  const auto bundle = bundle::UnverifiedBundle::parse(*bytes);
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_TRUE(bundle->is_signed_by(desk().key()));
}

TEST_P(PolicyDeskTest, KnowsWhoIsAlone) {
  const std::string ann = somebody("ann", {"PolicyAuthor", "PolicyApprover"}).id;
  const auto draft = submitted(ann, permit("enter"));
  const pap::Activations::Wish alone{.cause = pap::ActivationCause::kSingleHanded};
  EXPECT_EQ(*desk().count_approvers(), 1U);
  const std::string bo = somebody("bo", {"PolicyApprover"}).id;
  EXPECT_EQ(*desk().count_approvers(), 2U);
  EXPECT_FALSE(desk().activations().activate(by(ann), draft.id, alone)) << "bo could approve it";
  write([&](directory::Edit& edit) -> Result<void> {
    TRY(edit.set_state(bo, std::nullopt, "suspended"));
    return {};
  });
  EXPECT_TRUE(desk().activations().activate(by(ann), draft.id, alone));
}

TEST_P(PolicyDeskTest, TellsWhenAnEmergencyIsOverdue) {
  const std::string ann = somebody("ann", {"PolicyAuthor"}).id;
  close();
  config_.tenants.front().managed->approve_within = std::chrono::milliseconds(1);
  open();
  EXPECT_FALSE(*desk().look_for_overdue());
  const auto draft = submitted(ann, permit("enter"));
  ASSERT_TRUE(desk().activations().activate(by(ann), draft.id,
                                            {.cause = pap::ActivationCause::kEmergency}));
  EXPECT_TRUE(eventually([&] { return *desk().look_for_overdue(); }));
  EXPECT_TRUE(desk().is_overdue());
}

}  // namespace
}  // namespace wardlock::server
