#include "server/policy_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "administration/approval_rule.h"
#include "administration/approvers.h"
#include "bundle/statement.h"
#include "directory/registry/natural_persons.h"
#include "directory/registry/read_from.h"
#include "directory/registry/thing_rows.h"
#include "server/policy_signer.h"

namespace wardlock::server {
namespace {

/// Of that many changes it is remembered what they touch.
constexpr std::size_t kMostKnown = 64;

}  // namespace

Result<std::unique_ptr<PolicyDesk>> PolicyDesk::open(Parts parts) {
  if (!bundle::is_place_name(parts.tenant)) {
    return invalid(fmt::format("no bundle of policies can name the tenant `{}`", parts.tenant));
  }
  auto signer = open_signer(parts.settings.key);
  if (!signer) return std::unexpected(signer.error().in("the key that signs policies"));
  return std::unique_ptr<PolicyDesk>(new PolicyDesk(std::move(parts), *std::move(signer)));
}

PolicyDesk::PolicyDesk(Parts parts, bundle::Signer signer)
    : parts_(std::move(parts)), signer_(std::move(signer)), surroundings_(surroundings()) {}

void PolicyDesk::connect(Node node) {
  surroundings_.highest_serial = std::move(node.highest_serial);
  surroundings_.await_effect = std::move(node.await_effect);
  surroundings_.await_look = std::move(node.await_look);
  recorded_ = std::move(node.recorded);
}

pap::PolicySurroundings PolicyDesk::surroundings() {
  return {.store = parts_.store,
          .directory = parts_.directory,
          .rules = {.nodes = {.grace_ms = parts_.settings.node_grace.count(),
                              .stale_ms = parts_.settings.node_silence.count()},
                    .lifetime_ms = parts_.settings.lifetime.count(),
                    .approve_within_ms = parts_.settings.approve_within.count()},
          .needs = [this](const pap::PolicyDraft& draft) { return needs(draft); },
          .is_alone = [this](storage::Work& work, std::string_view tenant,
                             std::string_view person) -> Result<bool> {
            const auto approvers = TRY(administration::find_approvers(
                work, tenant, *parts_.administration, parts_.settings.environment,
                parts_.directory.clock()));
            const auto persons =
                TRY(directory::NaturalPersons::read(work, tenant, parts_.directory.clock()));
            return std::ranges::all_of(
                approvers, [&](const std::string& each) { return persons.are_same(each, person); });
          },
          .signer = [this](const pap::PolicyPlace&) { return Result<bundle::Signer>(signer()); }};
}

bundle::Signer PolicyDesk::signer() {
  return {.key = signer_.key, .sign = [this](std::string_view message) {
            const std::scoped_lock lock(signing_);
            return signer_.sign(message);
          }};
}

Result<std::vector<pap::ApprovalNeed>> PolicyDesk::needs(const pap::PolicyDraft& draft) {
  const auto touched = TRY(reach(draft));
  if (touched == nullptr) {
    return administration::all_approvals("What it touches is not known: it cannot be used.");
  }
  return administration::needed_approvals(*parts_.administration, *touched,
                                          TRY(is_by_program(draft)), parts_.directory.clock());
}

Result<std::shared_ptr<const pap::ChangeReach>> PolicyDesk::reach(const pap::PolicyDraft& draft) {
  const Change change(draft.base, draft.content);
  {
    const std::scoped_lock lock(known_mutex_);
    const auto found = known_.find(change);
    if (found != known_.end()) return found->second;
  }
  const auto after = TRY(drafts_.content(draft.place.tenant, draft.content));
  std::optional<bundle::Content> before;
  if (!draft.base.empty()) before = TRY(drafts_.content(draft.place.tenant, draft.base));
  auto touched = pap::reach_of_change(before ? &*before : nullptr, after);
  auto known = touched ? std::make_shared<const pap::ChangeReach>(*std::move(touched)) : nullptr;
  const std::scoped_lock lock(known_mutex_);
  if (known_.size() >= kMostKnown) known_.clear();
  known_[change] = known;
  return known;
}

Result<bool> PolicyDesk::is_by_program(const pap::PolicyDraft& draft) const {
  const auto view = TRY(drafts_.view(draft.place.tenant, draft.id));
  return directory::read_from<bool>(parts_.store, [&](storage::Work& work) -> Result<bool> {
    for (const std::string& writer : view.writers) {
      const auto thing = TRY(directory::find_thing(work, draft.place.tenant, writer));
      if (thing && thing->kind == directory::Kind::kPerson) return false;
    }
    return true;
  });
}

Result<std::size_t> PolicyDesk::count_approvers() const {
  return directory::read_from<std::size_t>(
      parts_.store, [&](storage::Work& work) -> Result<std::size_t> {
        const auto approvers = TRY(
            administration::find_approvers(work, parts_.tenant, *parts_.administration,
                                           parts_.settings.environment, parts_.directory.clock()));
        return approvers.size();
      });
}

Result<bool> PolicyDesk::look_for_overdue() {
  const auto active = TRY(activations_.in_force(place()));
  is_overdue_ = active && TRY(activations_.is_overdue(*active));
  return is_overdue_.load();
}

}  // namespace wardlock::server
