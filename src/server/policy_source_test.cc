#include "server/policy_source.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "base/wall_clock.h"
#include "bundle/bundle_for_test.h"
#include "codec/base64.h"
#include "server/directory_for_test.h"
#include "server/source_folder.h"

namespace wardlock::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPermit = "@id(\"all\")\npermit (principal, action, resource);\n";

/// A server that keeps the policies of its only tenant, and follows a folder.
class PolicySourceTest : public DirectoryForTest {
 protected:
  PolicySourceTest() {
    write_key();
    auto& managed = config_.tenants.front().managed;
    managed = config::ManagedPolicies{.environment = "production",
                                      .key = folder() + "/signer.pem",
                                      .initial = source(),
                                      .lifetime = std::chrono::hours(24 * 30),
                                      .approve_within = std::chrono::hours(2)};
    managed->source = config::FollowedFolder{.folder = source(), .service = ""};
    config_.audit = config::Audit{.directory = folder() + "/log"};
    open();
    ann_ = somebody("ann", {"PolicyAuthor"}).id;
    use(service("git", {"PolicyAuthor"}));
    for (const bundle::BundledFile& file : bundle::small_files()) put(file.name, file.text);
  }

  void write_key() {
    const std::string path = folder() + "/signer.pem";
    const std::string der(bundle::fixed_key('k').pkcs8().reveal());
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(der.data()), der.size());
    std::ofstream(path) << fmt::format(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", codec::to_base64(bytes));
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  }
  std::string source() { return folder() + "/tree/policies"; }
  void put(const std::string& name, const std::string& text) {
    fs::create_directories(source());
    std::ofstream(source() + "/" + name, std::ios::binary) << text;
  }
  /// Policies that differ from others by this word.
  void change(const std::string& word) {
    put("ward.cedar", std::string(kPermit) + "// " + word + "\n");
  }
  std::string service(const std::string& name, std::initializer_list<std::string_view> roles) {
    std::string made;
    write([&](directory::Edit& edit) -> Result<void> {
      made = TRY(edit.create(directory::Kind::kService,
                             boost::json::object{{"clientId", name},
                                                 {"displayName", name},
                                                 {"purpose", "proposes policies"}}))
                 .id;
      TRY(edit.relate({.relation = directory::Relation::kOwner, .subject = made, .object = ann_}));
      for (const std::string_view role : roles) {
        const auto found =
            TRY(edit.find_named("role.displayName", fmt::format("Wardlock::{}", role)));
        TRY(edit.relate({.relation = directory::Relation::kRoleAssignment,
                         .subject = made,
                         .object = found.value().id}));
      }
      TRY(edit.set_state(made, std::nullopt, "active"));
      return {};
    });
    return made;
  }
  /// From then on that one proposes; as after a start.
  void use(const std::string& service) {
    service_ = service;
    close();
    config_.tenants.front().managed->source->service = service;
    open();
    follower_ = std::make_unique<PolicySource>(desk(), *directory_, log_);
  }
  void TearDown() override { follower_.reset(); }

  PolicyDesk& desk() { return *directory_->policy_desk(directory_tenant("")); }
  directory::Mandate by(const std::string& person) {
    return {.tenant = std::string(directory_tenant("")),
            .actor_type = "User",
            .actor_id = person,
            .reason = "as agreed"};
  }
  /// Often enough that a change counts.
  void look() {
    for (int i = 0; i < 2; ++i) {
      const auto looked = follower_->look();
      ASSERT_TRUE(looked) << looked.error().message;
    }
  }
  std::vector<pap::PolicyDraft> drafts() { return *desk().drafts().list(desk().place()); }
  /// `in_review, open`: the newest first.
  std::string states() {
    std::string text;
    for (const pap::PolicyDraft& each : drafts()) {
      text += fmt::format("{}{}", text.empty() ? "" : ", ", to_string(each.state));
    }
    return text;
  }
  /// What was proposed last is in force from then on, by one person's hand.
  void activate() {
    const auto made = desk().activations().activate(by(ann_), drafts().front().id,
                                                    {.cause = pap::ActivationCause::kSingleHanded});
    ASSERT_TRUE(made) << made.error().message;
  }
  std::ptrdiff_t count(std::string_view event) { return std::ranges::count(recorded(), event); }

  std::string ann_;
  std::string service_;
  std::unique_ptr<PolicySource> follower_;
};
WARDLOCK_ON_EACH_DATABASE(PolicySourceTest);

TEST_P(PolicySourceTest, ProposesAChangeOnceAndHasItChecked) {
  ASSERT_TRUE(follower_->look());
  EXPECT_EQ(states(), "") << "it may be half written";
  look();
  look();
  ASSERT_EQ(states(), "in_review");
  const auto view = *desk().drafts().view(desk().tenant(), drafts().front().id);
  EXPECT_EQ(view.draft.author, service_);
  EXPECT_EQ(view.draft.title, "A change in the folder that is followed");
  EXPECT_EQ(view.draft.content, bundle::Content::of(bundle::small_files())->name());
  EXPECT_FALSE(view.checks.empty());
  EXPECT_TRUE(view.signatures.empty());
  follower_ = std::make_unique<PolicySource>(desk(), *directory_, log_);
  look();
  EXPECT_EQ(states(), "in_review") << "nor after a start";
}

TEST_P(PolicySourceTest, GoesOnWithItsDraftWhileItChanges) {
  look();
  change("other");
  look();
  ASSERT_EQ(states(), "in_review");
  EXPECT_EQ(drafts().front().edition, 4U);
  EXPECT_EQ(drafts().front().content, read_source_folder(source())->name());
}

TEST_P(PolicySourceTest, MakesNothingOfWhatIsInForce) {
  look();
  activate();
  look();
  EXPECT_EQ(states(), "activated");
  change("other");
  look();
  EXPECT_EQ(states(), "in_review, activated");
  put("ward.cedar", bundle::small_files()[1].text);
  look();
  EXPECT_EQ(states(), "withdrawn, activated") << "it has what is in force again";
}

TEST_P(PolicySourceTest, DoesNotUndoWhatPeopleDecided) {
  look();
  activate();
  change("other");
  look();
  const std::string bo = somebody("bo", {"PolicyApprover"}).id;
  const pap::PolicyDraft draft = drafts().front();
  ASSERT_TRUE(desk().drafts().reject(by(bo), draft.id, draft.edition));
  look();
  EXPECT_EQ(states(), "rejected, activated") << "no is no, until it is another";
  change("third");
  look();
  EXPECT_EQ(states(), "in_review, rejected, activated");
}

TEST_P(PolicySourceTest, DoesNotUndoARollback) {
  look();
  activate();
  change("other");
  look();
  activate();
  ASSERT_TRUE(desk().activations().roll_back(by(ann_), "production", 1));
  look();
  EXPECT_EQ(states(), "activated, activated") << "the folder has what was taken back";
}

TEST_P(PolicySourceTest, ProposesAnewWhereOthersCameIntoForceMeanwhile) {
  look();
  activate();
  change("other");
  look();
  const pap::PolicyDraft draft = drafts().front();
  auto files = bundle::small_files();
  files[1].text += "// by ann\n";
  const auto content = bundle::Content::of(std::move(files)).value();
  auto own = desk().drafts().begin(by(ann_), "production", "Ann's", content);
  ASSERT_TRUE(own);
  ASSERT_TRUE(
      desk().drafts().keep_checks(by(ann_), *own, pap::check_change(nullptr, content, {}, 0)));
  own = desk().drafts().submit(by(ann_), own->id, own->edition);
  ASSERT_TRUE(own);
  ASSERT_TRUE(desk().activations().activate(by(ann_), own->id,
                                            {.cause = pap::ActivationCause::kSingleHanded}));
  look();
  const auto again = desk().drafts().view(desk().tenant(), draft.id)->draft;
  EXPECT_EQ(again.base, content.name());
  EXPECT_EQ(again.state, pap::DraftState::kInReview);
  EXPECT_EQ(drafts().size(), 3U);
}

TEST_P(PolicySourceTest, LeavesWhatAPersonWrote) {
  look();
  const pap::PolicyDraft draft = drafts().front();
  auto files = bundle::small_files();
  files[1].text += "// by ann\n";
  const auto content = bundle::Content::of(std::move(files)).value();
  ASSERT_TRUE(desk().drafts().write(by(ann_), draft.id, draft.edition, content));
  look();
  EXPECT_EQ(states(), "in_review, open");
  EXPECT_EQ(desk().drafts().view(desk().tenant(), draft.id)->draft.content, content.name());
}

TEST_P(PolicySourceTest, DoesNotSubmitWhatFailsAndSaysSoOnce) {
  put("ward.cedar", "permit (");
  look();
  look();
  ASSERT_EQ(states(), "open");
  const auto view = *desk().drafts().view(desk().tenant(), drafts().front().id);
  const auto checked = std::ranges::find(view.checks, "validate", &pap::DraftCheck::name);
  ASSERT_NE(checked, view.checks.end());
  EXPECT_EQ(checked->outcome, pap::CheckOutcome::kFailed);
  EXPECT_EQ(std::ranges::count(view.steps, "write", &pap::KeptStep::step), 0);
  put("ward.cedar", std::string(kPermit));
  look();
  EXPECT_EQ(states(), "in_review");
}

TEST_P(PolicySourceTest, TellsOfAFolderThatCannotBeReadOnce) {
  fs::create_symlink("/etc/passwd", source() + "/more.cedar");
  for (int i = 0; i < 5; ++i) look();
  EXPECT_EQ(states(), "");
  EXPECT_EQ(count("policy_change refuse_policy_source"), 1);
  EXPECT_EQ(count("policy_change accept_policy_source"), 0);
  fs::remove(source() + "/more.cedar");
  look();
  look();
  EXPECT_EQ(states(), "in_review");
  EXPECT_EQ(count("policy_change accept_policy_source"), 1);
}

TEST_P(PolicySourceTest, DoesWhatItsServiceMayAndNoMore) {
  use(service("other", {}));
  look();
  EXPECT_EQ(states(), "") << "it has no role";
  EXPECT_EQ(count("policy_change refuse_policy_source"), 1);
  use(ann_);
  look();
  EXPECT_EQ(states(), "") << "a person pushes by herself";
  use("0193a000-0000-7000-8000-000000000000");
  look();
  EXPECT_EQ(states(), "");
  const std::string good = service("good", {"PolicyAuthor"});
  write([&](directory::Edit& edit) -> Result<void> {
    TRY(edit.set_state(good, std::nullopt, "suspended"));
    return {};
  });
  use(good);
  look();
  EXPECT_EQ(states(), "");
}

TEST_P(PolicySourceTest, NeverApprovesAndWantsOneMorePerson) {
  use(service("both", {"PolicyAuthor", "PolicyApprover"}));
  look();
  ASSERT_EQ(states(), "in_review");
  const auto view = *desk().drafts().view(desk().tenant(), drafts().front().id);
  const auto standing = desk().drafts().standing(view);
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->given.front().need.people, 2U);
  const pap::Signature signature{.person = {},
                                 .printed_name = "A program",
                                 .meaning = "policy",
                                 .content = view.draft.content,
                                 .session = "s",
                                 .level = 2,
                                 .authenticated_ms = wall_clock_ms()};
  EXPECT_FALSE(desk().drafts().sign(by(service_), view.draft.id, signature));
  EXPECT_FALSE(desk().activations().activate(by(service_), view.draft.id,
                                             {.cause = pap::ActivationCause::kEmergency}));
}

TEST_P(PolicySourceTest, IsNamedAfterTheCommit) {
  const std::string commit = "0123456789abcdef0123456789abcdef01234567";
  fs::create_directories(folder() + "/tree/.git");
  std::ofstream(folder() + "/tree/.git/HEAD") << commit << "\n";
  look();
  const auto view = *desk().drafts().view(desk().tenant(), drafts().front().id);
  EXPECT_EQ(view.draft.title, "Policies of commit 0123456789ab");
  EXPECT_EQ(view.steps.front().reason,
            "the folder that is followed has changed; its work tree is at commit " + commit);
}

}  // namespace
}  // namespace wardlock::server
