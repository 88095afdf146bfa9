#include "server/policies_in_force.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "audit/files/posix_files.h"
#include "bundle/policy_bundle.h"
#include "pdp/bundle_sources.h"
#include "server/directory.h"

namespace wardlock::server {
namespace {

using pap::Activation;

/// What is in force is signed anew in the last quarter of its time.
constexpr int kRenewalPart = 4;
/// Between two attempts at that.
constexpr std::int64_t kRenewalPause = 60'000;

std::chrono::sys_seconds seconds_of(std::int64_t ms) {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time(std::chrono::milliseconds(ms)));
}

bool is_due(const Activation& active, std::int64_t now_ms) {
  return now_ms >= active.expires_ms - (active.expires_ms - active.starts_ms) / kRenewalPart;
}

}  // namespace

std::chrono::sys_seconds PoliciesInForce::now() const {
  return std::max(seconds_of(options_.clock()), made_);
}

void PoliciesInForce::see(const ServedBundle& bundle, std::chrono::sys_seconds made) {
  seen_ = bundle;
  made_ = std::max(made_, made);
  highest_.store(bundle.serial);
}

Result<VerifiedPolicies> PoliciesInForce::verify(std::string bytes,
                                                 std::chrono::sys_seconds now) const {
  const bundle::Trust trust = TRY(options_.trust());
  const auto verified = TRY(bundle::verify_bundle(
      bytes, trust,
      {.now = now, .tenant = options_.place.tenant, .environment = options_.place.environment}));
  const bundle::Statement& statement = verified.statement();
  return VerifiedPolicies{.bundle = {.serial = statement.serial,
                                     .content = verified.content().name(),
                                     .expires = statement.expires},
                          .made = statement.created,
                          .policies = pdp::sources_of(verified.content()),
                          .signers = verified.signers(),
                          .bytes = std::move(bytes)};
}

Result<VerifiedPolicies> PoliciesInForce::verify_active(const Activation& active) const {
  std::string bytes = TRY(activations_.bundle(active));
  auto verified = TRY(verify(std::move(bytes), now()));
  if (verified.bundle.serial != active.serial) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("serial {} is in force by the database, and {} is signed",
                            active.serial, verified.bundle.serial));
  }
  if (seen_) TRY_VOID(check_follows(*seen_, verified.bundle));
  return verified;
}

/// Its end is long gone where a node was away: it still says what came before.
Result<std::optional<VerifiedPolicies>> PoliciesInForce::kept() const {
  if (options_.kept_file.empty()) return std::nullopt;
  audit::PosixFiles files;
  auto bytes = audit::read_file(files, options_.kept_file, bundle::kMaxBundleBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return std::nullopt;
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  const auto parsed = TRY(bundle::UnverifiedBundle::parse(*bytes));
  return TRY(verify(*std::move(bytes), parsed.statement().created));
}

Result<Activation> PoliciesInForce::first_active(const MakeContent& initial) {
  if (auto active = TRY(activations_.in_force(options_.place))) return *std::move(active);
  if (seen_) {
    return fail(ErrorCode::kDataLoss,
                "the database has no policies in force, and this node has decided by some; put "
                "back a backup that has them");
  }
  const bundle::Content content = TRY(initial());
  TRY(activations_.begin(own_mandate(options_.place.tenant, "what the server was set up with"),
                         options_.place.environment, content));
  if (auto active = TRY(activations_.in_force(options_.place))) return *std::move(active);
  return fail(ErrorCode::kFailedPrecondition,
              "no policies are in force yet: the time of the first has not come");
}

Result<VerifiedPolicies> PoliciesInForce::start(const MakeContent& initial) {
  std::string warning;
  if (auto read = kept(); !read) {
    warning = read.error().message;
  } else if (*read) {
    kept_at_start_ = *std::move(*read);
    see(kept_at_start_->bundle, kept_at_start_->made);
  }
  const auto find = [&]() -> Result<VerifiedPolicies> {
    const Activation active = TRY(first_active(initial));
    const Activation latest = TRY(renewed(active, true));
    return verify_active(latest);
  };
  auto found = find();
  if (!found) {
    if (!kept_at_start_) return found;
    std::string fault = found.error().message;
    found = *kept_at_start_;
    found->fault = std::move(fault);
  }
  found->warning = std::move(warning);
  return found;
}

/// As it is where that is not due, or not for us to do.
Result<Activation> PoliciesInForce::renewed(Activation active, bool is_start) {
  const std::int64_t now_ms = options_.clock();
  const bool expires = is_due(active, now_ms) && now_ms >= tried_to_renew_ + kRenewalPause;
  if (!expires && !is_start) return active;
  tried_to_renew_ = now_ms;
  const auto in_its_time = std::min(now(), seconds_of(active.expires_ms) - std::chrono::seconds(1));
  std::string bytes = TRY(activations_.bundle(active));
  const auto verified = TRY(verify(std::move(bytes), in_its_time));
  if (seen_) TRY_VOID(check_follows(*seen_, verified.bundle));
  const bool is_own =
      options_.own_key.empty() ||
      std::ranges::find(verified.signers, options_.own_key) != verified.signers.end();
  if (!expires && is_own) return active;
  const char* const why = expires ? "it was about to expire" : "another key signs from now on";
  const auto made =
      activations_.renew(own_mandate(options_.place.tenant, why), options_.place.environment,
                         {.serial = verified.bundle.serial, .content = verified.bundle.content});
  if (!made) return std::unexpected(made.error().in("it cannot be signed anew"));
  if (*made) return **made;
  if (auto other = TRY(activations_.in_force(options_.place))) return *std::move(other);
  return active;
}

Result<std::optional<VerifiedPolicies>> PoliciesInForce::next() {
  auto found = TRY(activations_.in_force(options_.place));
  if (!found) {
    return fail(ErrorCode::kDataLoss, "the database has no policies in force any more");
  }
  const Activation active = TRY(renewed(*std::move(found), false));
  const bool is_seen = seen_ && seen_->serial == active.serial && seen_->content == active.content;
  if (!is_seen) return TRY(verify_active(active));
  if (now() < seen_->expires) return std::nullopt;
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("what is in force expired at {} and stays in use",
                          bundle::to_text(seen_->expires)));
}

Result<void> PoliciesInForce::accept(const VerifiedPolicies& policies) {
  kept_at_start_.reset();  // large, and of no use any more
  see(policies.bundle, policies.made);
  if (options_.kept_file.empty()) return {};
  audit::PosixFiles files;
  TRY_VOID(audit::replace_file(files, options_.kept_file, policies.bytes));
  return files.sync_folder(audit::folder_of(options_.kept_file));
}

}  // namespace wardlock::server
