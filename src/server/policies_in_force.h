#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/wall_clock.h"
#include "bundle/content.h"
#include "bundle/verify.h"
#include "pap/activations.h"
#include "pdp/sources.h"
#include "server/bundle_reader.h"

namespace wardlock::server {

/// Policies whose bundle was verified here, to be decided by.
struct VerifiedPolicies {
  ServedBundle bundle;
  std::chrono::sys_seconds made;
  pdp::Sources policies;             ///< without entities and types
  std::vector<std::string> signers;  ///< ids of the keys that count and have signed it
  std::string bytes;                 ///< the bundle's file
  std::string fault = {};    ///< why they are not what the database has in force; empty: they are
  std::string warning = {};  ///< why the bundle that was kept here could not be read
};

/// What is in force for one managed tenant, as far as this node believes the database: signed by a
/// key that counts, for this tenant and environment, in its time, and never behind what this node
/// has seen. For one thread at a time, but for `highest_serial`.
class PoliciesInForce {
 public:
  struct Options {
    pap::PolicyPlace place;
    /// Whose signatures count; asked each time, as keys may be revoked meanwhile.
    std::function<Result<bundle::Trust>()> trust;
    /// The id of the key that signs here; empty: whichever.
    std::string own_key = {};
    /// Where the last bundle is kept, so that a start knows what this node has seen; empty:
    /// nowhere.
    std::string kept_file = {};
    std::function<std::int64_t()> clock = &wall_clock_ms;
  };
  /// `activations` outlives it.
  PoliciesInForce(pap::Activations& activations, Options options)
      : activations_(activations), options_(std::move(options)) {}

  const pap::PolicyPlace& place() const { return options_.place; }

  /// What to decide by at the start: what is in force; where nothing ever was, `initial`, which is
  /// put in force; where what is in force cannot be believed, the bundle that was kept, and the
  /// fault says why. What another key has signed that counts is signed anew with this server's, so
  /// that the other can be revoked. Errors: those of the database; what is wrong with what is in
  /// force where none was kept; those of `initial`.
  Result<VerifiedPolicies> start(const std::function<Result<bundle::Content>()>& initial);

  /// The bundle that was kept, once it is started; nothing: there was none that counts.
  const std::optional<VerifiedPolicies>& kept_at_start() const { return kept_at_start_; }

  /// What came into force since `accept`; nothing: nothing did. Renews what is about to expire.
  /// Errors: those of the database; why what is in force cannot be believed (as
  /// bundle::verify_bundle), or not be renewed. What is decided by stays as it is.
  Result<std::optional<VerifiedPolicies>> next();

  /// It is decided by from here on, and nothing behind it any more. Error: it could not be kept on
  /// disk; it counts all the same.
  Result<void> accept(const VerifiedPolicies& policies);

  /// Of what this node has seen in force; 0: nothing. Thread-safe.
  std::uint64_t highest_serial() const { return highest_.load(); }

 private:
  using MakeContent = std::function<Result<bundle::Content>()>;

  Result<VerifiedPolicies> verify(std::string bytes, std::chrono::sys_seconds now) const;
  Result<VerifiedPolicies> verify_active(const pap::Activation& active) const;
  Result<std::optional<VerifiedPolicies>> kept() const;
  Result<pap::Activation> first_active(const MakeContent& initial);
  Result<pap::Activation> renewed(pap::Activation active, bool is_start);
  std::chrono::sys_seconds now() const;
  void see(const ServedBundle& bundle, std::chrono::sys_seconds made);

  pap::Activations& activations_;
  const Options options_;
  std::optional<VerifiedPolicies> kept_at_start_;
  std::optional<ServedBundle> seen_;  ///< the highest that was decided by
  std::chrono::sys_seconds made_{};   ///< it: no time before it is now
  std::int64_t tried_to_renew_ = 0;
  std::atomic<std::uint64_t> highest_ = 0;
};

}  // namespace wardlock::server
