#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "authn/session/tables_for_test.h"
#include "bundle/bundle_for_test.h"
#include "bundle/verify.h"
#include "pap/activations.h"
#include "pap/drafts.h"
#include "pap/tables.h"

namespace wardlock::pap {

using directory::Thing;
using storage::name_of;
using storage::tested_databases;

inline constexpr std::int64_t kHour = 3'600'000;

/// Policy changes of a hospital where ann writes, and bo and cy approve, on each kind of database;
/// the clock stands still.
class PoliciesForTest : public authn::HospitalWith {
 protected:
  PoliciesForTest() : HospitalWith({kPolicyTables, kShadowTables, kNodeTables, kCanaryTables}) {}

  /// A content that differs from others by this word.
  static bundle::Content content(std::string_view word) {
    auto files = bundle::small_files();
    files[1].text += "// " + std::string(word) + "\n";
    return bundle::Content::of(std::move(files)).value();
  }
  directory::Mandate by(const Thing& person, std::string_view reason = "as agreed") const {
    return {.tenant = "st-mary",
            .actor_type = "User",
            .actor_id = person.id,
            .reason = std::string(reason)};
  }
  PolicyDraft begin(std::string_view word = "new") {
    return must(drafts_.begin(by(ann_), "production", "Doses at night", content(word)));
  }
  Result<void> keep(const PolicyDraft& draft, const DraftCheck& check) {
    return drafts_.keep_checks(by(ann_), draft, std::span(&check, 1));
  }
  void pass(const PolicyDraft& draft) {
    for (const std::string& name : surroundings_of_policies_.rules.checks) {
      must(keep(draft,
                {.name = name, .outcome = CheckOutcome::kPassed, .report = "{}", .at_ms = now_}));
    }
  }
  /// Checked, and to be reviewed.
  PolicyDraft submitted(std::string_view word = "new") {
    const PolicyDraft draft = begin(word);
    pass(draft);
    return must(drafts_.submit(by(ann_), draft.id, draft.edition));
  }
  Signature signature(const PolicyDraft& draft, std::string meaning = "policy") const {
    return {.person = {},
            .printed_name = "Dr. Bo Brown",
            .meaning = std::move(meaning),
            .content = draft.content,
            .session = "session-1",
            .level = 2,
            .methods = {"pwd", "otp"},
            .authenticated_ms = now_ - 60'000};
  }
  Result<ApprovalStanding> sign(const Thing& person, const PolicyDraft& draft,
                                std::string meaning = "policy") {
    return drafts_.sign(by(person), draft.id, signature(draft, std::move(meaning)));
  }
  PolicyDraft approved(std::string_view word = "new") {
    const PolicyDraft draft = submitted(word);
    must(sign(bo_, draft));
    return draft;
  }
  Activation active(std::string_view word) {
    return must(activations_.activate(by(bo_), approved(word).id, {}));
  }

  template <typename T>
  static T must(Result<T> result) {
    if (!result) {
      ADD_FAILURE() << result.error().message;
      std::abort();
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
  template <typename T>
  static ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::kUnknown : result.error().code;
  }

  const Thing ann_ = person("ann");
  const Thing bo_ = person("bo");
  const Thing cy_ = person("cy");
  const PolicyPlace place_{.tenant = "st-mary", .environment = "production"};
  std::vector<ApprovalNeed> needs_ = {{.meaning = "policy"}};
  bool is_alone_ = false;
  PolicySurroundings surroundings_of_policies_{
      .store = *store_,
      .directory = surroundings_,
      .needs = [this](const PolicyDraft&) { return Result<std::vector<ApprovalNeed>>(needs_); },
      .is_alone = [this](storage::Work&, std::string_view,
                         std::string_view) { return Result<bool>(is_alone_); },
      .signer = [](const PolicyPlace&) { return bundle::signer_of(bundle::fixed_key('k')); }};
  Drafts drafts_{surroundings_of_policies_};
  Activations activations_{surroundings_of_policies_, drafts_};
};

}  // namespace wardlock::pap
