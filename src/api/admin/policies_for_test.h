#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "administration/policy_changes.h"
#include "api/admin/admin_for_test.h"
#include "bundle/bundle_for_test.h"
#include "crypto/random.h"
#include "directory/registry/outbox.h"
#include "directory/registry/tables.h"
#include "pap/activations.h"
#include "pap/drafts.h"
#include "pap/policy_nodes.h"
#include "pap/shadow_stages.h"
#include "pap/tables.h"

namespace wardlock::admin {

/// A hospital whose database has policies, too.
class HospitalWithPolicies : public AdminForTest {
 protected:
  HospitalWithPolicies() {
    const auto before = directory::migrations();
    std::vector<storage::Migration> all(before.begin(), before.end());
    all.push_back(pap::kPolicyTables);
    all.push_back(pap::kShadowTables);
    all.push_back(pap::kNodeTables);
    all.push_back(pap::kCanaryTables);
    registry_.reset();
    outbox_.reset();
    store_.reset();
    store_ = open(all);
    surroundings_ = {
        .clock = [this] { return now_; }, .fill_random = &crypto::fill_random, .node = "node-1"};
    registry_ = std::make_unique<directory::Registry>(*store_, surroundings_);
    outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
  }

  directory::Surroundings surroundings_;
};

/// A hospital whose policies are kept: ann writes, bo and cy approve; whoever asks is `who_`.
class PoliciesOverHttp : public HospitalWithPolicies {
 protected:
  PoliciesOverHttp() { policies_ = &changes_; }

  /// Whoever asks from then on, signed in just now with two proofs.
  void as(const directory::Thing& person) {
    mandate_.actor_id = person.id;
    mandate_.reason.clear();
    sign_in_of_ = {.level = 2, .methods = {"pwd", "otp"}, .at_ms = now_, .session = "s-1"};
    sign_in_ = &sign_in_of_;
  }
  /// The files of a content that differs from others by this word.
  static std::string files(std::string_view word) {
    auto all = bundle::small_files();
    all[1].text += "// " + std::string(word) + "\n";
    boost::json::array out;
    for (const bundle::BundledFile& each : all) {
      out.push_back(boost::json::object{{"name", each.name}, {"text", each.text}});
    }
    return codec::to_json_text(codec::Json(std::move(out)));
  }
  static std::string new_draft(std::string_view word) {
    return R"({"title":"Doses at night","reason":"as agreed","files":)" + files(word) + "}";
  }
  /// The id of a draft of ann's.
  std::string begun(std::string_view word = "new") {
    as(ann_);
    const Answer answer = post("policies/drafts", new_draft(word));
    EXPECT_EQ(answer.status, 201) << codec::to_json_text(answer.body);
    return answer.at("id");
  }
  static std::string path(const std::string& id, std::string_view below) {
    return "policies/drafts/" + id + "/" + std::string(below);
  }
  /// Checked, and to be reviewed.
  std::string submitted(std::string_view word = "new") {
    std::string id = begun(word);
    EXPECT_EQ(post(path(id, "checks"), "{}").status, 200);
    const Answer answer = post(path(id, "submit"), R"({"edition":1})");
    EXPECT_EQ(answer.status, 200) << codec::to_json_text(answer.body);
    return id;
  }
  Answer sign(const directory::Thing& person, const std::string& id,
              std::string_view meaning = "policy") {
    as(person);
    const std::string content = get("policies/drafts/" + id).at("content");
    return post(path(id, "sign"), R"({"meaning":")" + std::string(meaning) + R"(","content":")" +
                                      content + R"(","comment":"read it"})");
  }
  /// The serial of an activation that bo has approved and ann has made.
  std::string activated(std::string_view word) {
    const std::string id = submitted(word);
    EXPECT_EQ(sign(bo_, id).status, 200);
    as(ann_);
    const Answer answer = post(path(id, "activate"), "{}");
    EXPECT_EQ(answer.status, 201) << codec::to_json_text(answer.body);
    return answer.at("serial");
  }
  std::string in_force() { return get("policies").at("items.0.inForce.content"); }

  const directory::Thing ann_ = person("ann", R"(,"displayName":"Ann Author")");
  const directory::Thing bo_ = person("bo", R"(,"displayName":"Dr. Bo Brown")");
  const directory::Thing cy_ = person("cy");
  bool is_alone_ = false;
  std::vector<pap::ApprovalNeed> needs_ = {{.meaning = "policy"}};
  pap::PolicySurroundings surroundings_of_policies_{
      .store = *store_,
      .directory = surroundings_,
      .needs =
          [this](const pap::PolicyDraft&) {
            return Result<std::vector<pap::ApprovalNeed>>(needs_);
          },
      .is_alone = [this](storage::Work&, std::string_view,
                         std::string_view) { return Result<bool>(is_alone_); },
      .signer = [](const pap::PolicyPlace&) { return bundle::signer_of(bundle::fixed_key('k')); }};
  pap::Drafts drafts_{surroundings_of_policies_};
  pap::Activations activations_{surroundings_of_policies_, drafts_};
  pap::ShadowStages shadows_{surroundings_of_policies_};
  pap::CanaryStages canaries_{surroundings_of_policies_, drafts_};
  pap::PolicyNodes nodes_{surroundings_of_policies_};
  administration::PolicyChanges changes_{.drafts = drafts_,
                                         .activations = activations_,
                                         .shadows = shadows_,
                                         .canaries = canaries_,
                                         .nodes = nodes_,
                                         .environment = "production"};
  administration::AskerSignIn sign_in_of_;
};

}  // namespace wardlock::admin
