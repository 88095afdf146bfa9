#include "server/policies_for_test.h"

#include "base/check.h"
#include "crypto/random.h"

namespace wardlock::server {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().message;
  CHECK(result);
  return *std::move(result);
}

}  // namespace

ManagedTenantForTest::ManagedTenantForTest() {
  open();
  // Only now: what policies change with is here, and no desk's.
  config_.tenants.front().managed.emplace().environment = place_.environment;
  kept_file_ = folder() + "/last.bundle";
  author_ = somebody("ann", {}).id;
  surroundings_ = std::make_unique<pap::PolicySurroundings>(pap::PolicySurroundings{
      .store = *directory_->store,
      .directory = {.clock = [this] { return now(); },
                    .fill_random = &crypto::fill_random,
                    .node = "a"},
      .needs = [](const auto&) -> Result<std::vector<pap::ApprovalNeed>> {
        return std::vector<pap::ApprovalNeed>{{.meaning = "policy"}};
      },
      .is_alone = [](auto&, auto, auto) -> Result<bool> { return true; },
      .signer = [this](const auto&) { return bundle::signer_of(bundle::fixed_key(signer_)); }});
  surroundings_->rules.checks = {};
  drafts_ = std::make_unique<pap::Drafts>(*surroundings_);
  activations_ = std::make_unique<pap::Activations>(*surroundings_, *drafts_);
}

bundle::Content ManagedTenantForTest::content(std::string_view word, std::string_view policies) {
  auto files = bundle::small_files();
  files[1].text += "// " + std::string(word) + "\n" + std::string(policies);
  return must(bundle::Content::of(std::move(files)));
}

pap::Activation ManagedTenantForTest::activate(const bundle::Content& content,
                                               std::optional<std::int64_t> starts_ms) {
  const directory::Mandate by{
      .tenant = "main", .actor_type = "User", .actor_id = author_, .reason = "a test"};
  const auto draft = must(drafts_->begin(by, "production", "A change", content));
  const auto submitted = must(drafts_->submit(by, draft.id, draft.edition));
  return must(activations_->activate(
      by, submitted.id, {.cause = pap::ActivationCause::kSingleHanded, .starts_ms = starts_ms}));
}

pap::Activation ManagedTenantForTest::roll_back(std::uint64_t serial) {
  return must(activations_->roll_back(
      {.tenant = "main", .actor_type = "User", .actor_id = author_, .reason = "a test"},
      "production", serial));
}

std::function<Result<bundle::Content>()> ManagedTenantForTest::initial() {
  return [] { return Result<bundle::Content>(content("initial")); };
}

std::unique_ptr<PoliciesInForce> ManagedTenantForTest::in_force() {
  const auto keys = [](const std::vector<char>& bytes) {
    std::vector<crypto::PublicKey> out;
    for (const char each : bytes) out.push_back(bundle::fixed_key(each).public_key());
    return out;
  };
  return std::make_unique<PoliciesInForce>(
      *activations_, PoliciesInForce::Options{
                         .place = place_,
                         .trust = [this, keys]() -> Result<bundle::Trust> {
                           return bundle::Trust{.keys = keys(trusted_), .revoked = keys(revoked_)};
                         },
                         .own_key = bundle::key_id(bundle::fixed_key(signer_).public_key()),
                         .kept_file = kept_file_,
                         .clock = [this] { return now(); }});
}

}  // namespace wardlock::server
