#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle_for_test.h"
#include "pap/activations.h"
#include "pap/drafts.h"
#include "server/directory_for_test.h"
#include "server/policies_in_force.h"

namespace wardlock::server {

/// A node whose only tenant is managed, and where one person changes policies alone, on each kind
/// of database.
class ManagedTenantForTest : public DirectoryForTest {
 protected:
  ManagedTenantForTest();

  /// A content that differs from others by this word; `policies` after it.
  static bundle::Content content(std::string_view word, std::string_view policies = "");
  /// In force from then on.
  pap::Activation activate(const bundle::Content& content,
                           std::optional<std::int64_t> starts_ms = {});
  pap::Activation activate(std::string_view word) { return activate(content(word)); }
  pap::Activation roll_back(std::uint64_t serial);
  std::unique_ptr<PoliciesInForce> in_force();
  /// `initial` for PoliciesInForce::start.
  static std::function<Result<bundle::Content>()> initial();
  void statement(std::string_view sql) { storage::write(*directory_->store, sql); }
  std::int64_t now() const { return wall_clock_ms() + ahead_.load(); }

  static constexpr std::int64_t kDay = std::int64_t{24} * 3'600'000;

  const pap::PolicyPlace place_{.tenant = "main", .environment = "production"};
  std::atomic<std::int64_t> ahead_ = 0;  ///< by what policies' clocks are, in ms
  char signer_ = 'k';
  std::vector<char> trusted_ = {'k'};
  std::vector<char> revoked_ = {};
  std::string kept_file_;
  std::string author_;
  std::unique_ptr<pap::PolicySurroundings> surroundings_;
  std::unique_ptr<pap::Drafts> drafts_;
  std::unique_ptr<pap::Activations> activations_;
};

}  // namespace wardlock::server
