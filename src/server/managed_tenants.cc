#include "server/managed_tenants.h"

#include <algorithm>
#include <utility>

#include "bundle/keys.h"
#include "directory/model/moment.h"
#include "server/policy_folder.h"
#include "server/policy_trust.h"

namespace wardlock::server {
namespace {

/// Loud: what comes into force was approved by nobody.
void warn(const pap::Activation& made, Log& log) {
  log.warning("policies_in_emergency",
              {{"tenant", made.place.tenant},
               {"serial", static_cast<std::int64_t>(made.serial)},
               {"content", made.content},
               {"approve_by", directory::to_time_text(made.approve_by_ms.value_or(made.made_ms))},
               {"reason",
                "policies came into force in an emergency, approved by nobody; have them approved, "
                "or roll back"}});
}

}  // namespace

Result<std::unique_ptr<ManagedTenants>> ManagedTenants::start(const config::Config& config,
                                                              Directory* directory, Log& log) {
  std::unique_ptr<ManagedTenants> made(new ManagedTenants(config, log));
  made->directory_ = directory;
  for (const config::Tenant& tenant : config.tenants) {
    PolicyDesk* const desk =
        directory == nullptr ? nullptr : directory->policy_desk(directory_tenant(tenant.name));
    if (desk == nullptr) {
      made->in_force_.emplace_back();
      made->start_.emplace_back();
    } else if (auto added = made->add(*desk, config.directory->database); !added) {
      return std::unexpected(added.error().in("the policies in force"));
    }
  }
  return made;
}

/// What a desk asks of the process for its tenant, as long as somebody follows.
class ManagedTenants::RecordedOfTenant final : public administration::RecordedComparisons {
 public:
  RecordedOfTenant(std::shared_ptr<Line> line, std::size_t tenant)
      : line_(std::move(line)), tenant_(tenant) {}

  Result<administration::RecordedComparison> begin(administration::RecordedWish wish) override {
    const std::scoped_lock lock(line_->mutex);
    if (line_->replay == nullptr) return nobody();
    return line_->replay->begin(tenant_, std::move(wish));
  }
  Result<administration::RecordedComparison> find(std::string_view id) override {
    const std::scoped_lock lock(line_->mutex);
    if (line_->replay == nullptr) return nobody();
    return line_->replay->find(tenant_, id);
  }

 private:
  static std::unexpected<Error> nobody() {
    return fail(ErrorCode::kUnavailable, "the server starts or stops; ask again");
  }

  const std::shared_ptr<Line> line_;
  const std::size_t tenant_;
};

Result<void> ManagedTenants::add(PolicyDesk& desk, const std::string& database) {
  const config::ManagedPolicies& settings = desk.settings();
  const auto in_force = std::make_shared<PoliciesInForce>(
      desk.activations(),
      PoliciesInForce::Options{
          .place = desk.place(),
          .trust = [&desk] { return read_policy_trust(desk.settings(), desk.key()); },
          .own_key = bundle::key_id(desk.key()),
          .kept_file = last_bundle_path(settings, database, desk.place())});
  desk.connect({.highest_serial = [in_force](const auto&) { return in_force->highest_serial(); },
                .await_effect =
                    [line = line_, &log = log_](const pap::Activation& made) {
                      if (made.cause == pap::ActivationCause::kEmergency) warn(made, log);
                      const std::scoped_lock lock(line->mutex);
                      if (line->follower != nullptr) {
                        line->follower->wait_for(made.place, made.serial, kEffectWait);
                      }
                    },
                .await_look =
                    [line = line_](const pap::PolicyPlace& place) {
                      const std::scoped_lock lock(line->mutex);
                      if (line->follower != nullptr) {
                        line->follower->wait_for_look(place, kEffectWait);
                      }
                    },
                .recorded = config_.audit
                                ? std::make_shared<RecordedOfTenant>(line_, in_force_.size())
                                : nullptr});
  start_.emplace_back(
      TRY(in_force->start([&settings] { return read_policy_folder(settings.initial); })));
  in_force_.push_back(in_force);
  if (!start_.back()->warning.empty()) {
    log_.warning("last_bundle_unread",
                 {{"tenant", desk.tenant()}, {"reason", start_.back()->warning}});
  }
  return {};
}

Result<LoadedWorld> ManagedTenants::load(Views views) {
  auto loaded = load_world(config_, views, start_);
  if (!loaded && fall_back(loaded.error())) loaded = load_world(config_, views, start_);
  if (loaded) accept();
  return loaded;
}

/// False: no node has decided by anything else.
bool ManagedTenants::fall_back(const Error& why) {
  bool is_other = false;
  for (std::size_t i = 0; i < in_force_.size(); ++i) {
    if (in_force_[i] == nullptr || !in_force_[i]->kept_at_start()) continue;
    const VerifiedPolicies& kept = *in_force_[i]->kept_at_start();
    if (kept.bundle.content == start_[i]->bundle.content) continue;
    log_.error("policies_in_force_refused",
               {{"tenant", config_.tenants[i].name},
                {"reason", "they do not fit what is decided about; see the error's code"},
                {"code", to_string(why.code)},
                {"serving_serial", static_cast<std::int64_t>(kept.bundle.serial)}});
    start_[i] = kept;
    start_[i]->fault = "what is in force does not fit what is decided about here";
    is_other = true;
  }
  return is_other;
}

void ManagedTenants::accept() {
  for (std::size_t i = 0; i < in_force_.size(); ++i) {
    if (in_force_[i] == nullptr) continue;
    if (const auto kept = in_force_[i]->accept(*start_[i]); !kept) {
      log_.warning("policies_not_kept",
                   {{"tenant", config_.tenants[i].name}, {"reason", kept.error().message}});
    }
    start_[i].reset();  // it is large, and served
  }
}

std::unique_ptr<ManagedTenants::Following> ManagedTenants::follow(PolicyFollowerParts parts) const {
  if (std::ranges::all_of(in_force_, [](const auto& each) { return each == nullptr; })) {
    return nullptr;
  }
  ShadowKeeper::Parts trials{
      .config = config_, .tried = {}, .world = parts.world, .log = log_, .node = directory_->node};
  CanaryKeeper::Parts canaries{.config = config_,
                               .kept = {},
                               .world = parts.world,
                               .log = log_,
                               .audit = parts.audit,
                               .node = directory_->node};
  PolicyBeat::Parts beat{
      .watched = {}, .places = {}, .world = parts.world, .log = log_, .node = directory_->node};
  for (const config::Tenant& tenant : config_.tenants) {
    PolicyDesk* const desk = directory_->policy_desk(directory_tenant(tenant.name));
    trials.tried.push_back(
        desk == nullptr ? TriedDrafts()
                        : TriedDrafts{.stages = &desk->shadows(), .drafts = &desk->drafts()});
    canaries.kept.push_back(
        desk == nullptr ? KeptCanaries()
                        : KeptCanaries{.stages = &desk->canaries(), .trust = [desk] {
                                         return read_policy_trust(desk->settings(), desk->key());
                                       }});
    beat.places.push_back(desk == nullptr ? pap::PolicyPlace() : desk->place());
    beat.watched.push_back(desk == nullptr ? WatchedNodes()
                                           : WatchedNodes{.nodes = &desk->nodes(),
                                                          .drafts = &desk->drafts(),
                                                          .counts = &desk->node_counts()});
  }
  std::vector<const pap::Drafts*> drafts;
  for (const TriedDrafts& each : trials.tried) drafts.push_back(each.drafts);
  parts.in_force = in_force_;
  return std::make_unique<Following>(
      line_, Trials{.shadows = std::move(trials), .canaries = std::move(canaries)}, parts,
      std::move(beat), std::move(drafts));
}

namespace {

PolicyFollowerParts with(PolicyFollowerParts parts, ShadowKeeper& shadows, CanaryKeeper& canaries) {
  parts.shadows = &shadows;
  parts.canaries = &canaries;
  return parts;
}

}  // namespace

ManagedTenants::Following::Following(std::shared_ptr<Line> line, Trials trials,
                                     PolicyFollowerParts parts, PolicyBeat::Parts beat,
                                     std::vector<const pap::Drafts*> drafts)
    : line_(std::move(line)),
      shadows_(std::move(trials.shadows)),
      canaries_(std::move(trials.canaries)),
      follower_(with(parts, shadows_, canaries_)),
      beat_(std::move(beat)) {
  if (parts.audit != nullptr) {
    replay_.emplace(RecordedReplay::Parts{.config = parts.config,
                                          .world = parts.world,
                                          .audit = *parts.audit,
                                          .log = parts.log,
                                          .drafts = std::move(drafts)});
  }
  const std::scoped_lock lock(line_->mutex);
  line_->follower = &follower_;
  line_->replay = replay_ ? &*replay_ : nullptr;
}

ManagedTenants::Following::~Following() {
  const std::scoped_lock lock(line_->mutex);
  line_->follower = nullptr;
  line_->replay = nullptr;
}

}  // namespace wardlock::server
