#pragma once

#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "administration/errand.h"
#include "api/admin/endpoints.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::admin {

/// Lets all through but what `denies` names; remembers what it was asked.
class GateForTest : public administration::Gate {
 public:
  Result<void> check(administration::Deed deed, directory::Kind kind) override;
  Result<void> check(administration::Deed deed, const directory::Thing& thing) override;
  Result<void> check_state(const directory::Thing& thing, std::string_view next) override;
  Result<void> check(administration::Deed deed, directory::Relation relation,
                     const directory::Thing& subject, const directory::Thing& object) override;
  Result<void> check(administration::ClientDeed deed,
                     const administration::ClientStanding& client) override;
  Result<void> check(administration::PolicyDeed deed,
                     const administration::PolicyStanding& policies) override;
  Result<void> check_source(std::string_view source, bool is_its) override;

  /// `read person`, `setState person to suspended`, `relate roleAssignment`, `changeClient that
  /// administers`
  std::vector<std::string> asked;
  /// What begins so is refused.
  std::vector<std::string> denies;
  /// Who asks more often is turned away.
  std::size_t most = std::numeric_limits<std::size_t>::max();

 private:
  Result<void> answer(const std::string& question);
};

/// An answer, taken apart.
struct Answer {
  int status = 0;
  codec::Json body;
  std::vector<std::pair<std::string, std::string>> headers = {};

  /// Empty: it is not there.
  std::string header(std::string_view name) const;
  /// The text at a path such as `attributes.userName`; numbers as text; empty: it is not there.
  std::string at(std::string_view path) const;
  std::size_t count(std::string_view list = "items") const;
};

using directory::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using directory::tested_databases;

class AdminForTest : public directory::HospitalForTest {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  /// `target`: what follows `/admin/v1/`, with its query.
  Answer ask(std::string_view method, std::string_view target, std::string_view body = {},
             const Headers& headers = {});
  Answer get(std::string_view target) { return ask("GET", target); }
  Answer post(std::string_view target, std::string_view body, const Headers& headers = {}) {
    return ask("POST", target, body, headers);
  }
  std::uint64_t revision() { return *registry_->revision(); }

  GateForTest gate_;
  administration::Trail* trail_ = nullptr;
  administration::PolicyView* view_ = nullptr;
  administration::SignIns* sign_ins_ = nullptr;
  authn::Accounts* accounts_ = nullptr;
  const administration::AskerSignIn* sign_in_ = nullptr;
  administration::PolicyChanges* policies_ = nullptr;
  directory::ToldDesk* told_ = nullptr;
};

}  // namespace wardlock::admin
