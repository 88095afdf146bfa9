#include <unistd.h>

#include <array>

#include "cli/audit_inputs.h"
#include "cli/inventory_target.h"
#include "directory/inventory/import_json.h"
#include "server/directory.h"

namespace wardlock::cli {
namespace {

using directory::Act;
using directory::Kind;
using directory::Relation;
using directory::Thing;

/// Whoever can write to the database needs no leave.
class OpenGate : public directory::ImportGate {
 public:
  Result<void> check(Act, Kind) override { return {}; }
  Result<void> check(Act, const Thing&) override { return {}; }
  Result<void> check_state(const Thing&, std::string_view) override { return {}; }
  Result<void> check(Act, Relation, const Thing&, const Thing&) override { return {}; }
};

std::string host_name() {
  std::array<char, 256> name = {};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

class DatabaseTarget : public InventoryTarget {
 public:
  DatabaseTarget(std::unique_ptr<storage::Store> store, directory::Mandate mandate)
      : store_(std::move(store)),
        registry_(server::make_registry(*store_, host_name())),
        mandate_(std::move(mandate)) {}

  Result<directory::BatchOutcome> import(const directory::FileBatch& batch,
                                         bool is_dry_run) override {
    OpenGate gate;
    const auto read = TRY(directory::read_batch(directory::to_json(batch), is_dry_run));
    return directory::import_batch(*registry_, mandate_, gate, read);
  }

 private:
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<directory::Registry> registry_;
  directory::Mandate mandate_;
};

}  // namespace

Result<std::unique_ptr<InventoryTarget>> open_database_target(const InventoryPlace& place) {
  auto store = TRY(server::open_store({.database = place.directory}));
  directory::Mandate mandate{.tenant = std::string(server::directory_tenant(place.tenant)),
                             .actor_type = "Operator",
                             .actor_id = user_name(),
                             .caller = "wardlock",
                             .reason = place.reason};
  return std::make_unique<DatabaseTarget>(std::move(store), std::move(mandate));
}

}  // namespace wardlock::cli
