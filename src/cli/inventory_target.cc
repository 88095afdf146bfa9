#include "cli/inventory_target.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "base/utf8.h"
#include "base/wall_clock.h"
#include "cli/audit_inputs.h"
#include "crypto/random.h"
#include "directory/inventory/bill.h"
#include "directory/inventory/finder.h"
#include "directory/inventory/import_json.h"
#include "net/query_string.h"
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

std::unexpected<Error> no_such_kind(const std::string& kind) {
  return invalid(
      fmt::format("`{}` is no kind of things and no relation; docs/formats/directory.md "
                  "lists them",
                  printable(kind)));
}

class DatabaseTarget : public InventoryTarget {
 public:
  DatabaseTarget(std::unique_ptr<storage::Store> store, const InventoryPlace& place)
      : store_(std::move(store)),
        registry_(server::make_registry(*store_, host_name())),
        mandate_{.tenant = std::string(server::directory_tenant(place.tenant)),
                 .actor_type = "Operator",
                 .actor_id = user_name(),
                 .caller = "wardlock",
                 .reason = place.reason},
        is_sensitive_(place.is_sensitive) {}

  Result<directory::BatchOutcome> import(const directory::FileBatch& batch,
                                         bool is_dry_run) override {
    OpenGate gate;
    const auto read = TRY(directory::read_batch(directory::to_json(batch), is_dry_run));
    return directory::import_batch(*registry_, mandate_, gate, read);
  }

  Result<directory::ExportPage> page(const std::string& kind, const std::string& after,
                                     bool has_relations) override {
    directory::ExportQuery query = this->query();
    query.after = after;
    query.has_relations = has_relations;
    if (const auto found = directory::find_kind(kind)) {
      return directory::export_things(*registry_, *found, query);
    }
    const auto relation = directory::find_relation(kind);
    if (!relation) return no_such_kind(kind);
    return directory::export_relations(*registry_, *relation, query);
  }

  Result<directory::ExportChanges> changes(std::uint64_t since) override {
    return directory::export_changes(*registry_, since, query());
  }
  Result<std::uint64_t> revision() override { return registry_->revision(); }

  Result<std::optional<codec::Json>> bill(const std::string& key) override {
    const auto read = TRY(directory::read_key(key, {Kind::kDeviceModel, Kind::kModuleVersion}));
    const auto whole = TRY(directory::find_identified(*registry_, mandate_.tenant, read));
    if (!whole) return std::nullopt;
    const crypto::UuidText serial = crypto::random_uuid();
    return TRY(directory::write_bill(
        *registry_, mandate_.tenant, *whole,
        {.now = wall_clock_ms(), .serial_number = {serial.data(), serial.size()}}));
  }

 private:
  directory::ExportQuery query() const {
    directory::ExportQuery query{.tenant = mandate_.tenant};
    query.shows_sensitive = is_sensitive_;
    return query;
  }

  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<directory::Registry> registry_;
  directory::Mandate mandate_;
  bool is_sensitive_;
};

/// What a server answered, member by member.
class Reply {
 public:
  static Result<Reply> of(Result<codec::Json> answered) {
    codec::Json json = TRY(std::move(answered));
    if (json.is_object()) return Reply(std::move(json));
    return fail(ErrorCode::kUnavailable, "the server's answer is no object");
  }

  std::vector<codec::Json> list(std::string_view name) const {
    const codec::Json* value = json_.get_object().if_contains(name);
    const auto* items = value == nullptr ? nullptr : value->if_array();
    if (items == nullptr) return {};
    return {items->begin(), items->end()};
  }
  std::string text(std::string_view name) const {
    const codec::Json* value = json_.get_object().if_contains(name);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? "" : std::string(*text);
  }
  std::uint64_t number(std::string_view name) const {
    const codec::Json* value = json_.get_object().if_contains(name);
    const auto* number = value == nullptr ? nullptr : value->if_int64();
    return number == nullptr || *number < 0 ? 0 : static_cast<std::uint64_t>(*number);
  }
  bool flag(std::string_view name) const {
    const codec::Json* value = json_.get_object().if_contains(name);
    return value != nullptr && *value == codec::Json(true);
  }

 private:
  explicit Reply(codec::Json json) : json_(std::move(json)) {}
  codec::Json json_;
};

class ServerTarget : public InventoryTarget {
 public:
  ServerTarget(std::unique_ptr<AdminClient> client, const InventoryPlace& place)
      : client_(std::move(client)),
        reason_(place.reason),
        more_(place.is_sensitive ? "&sensitive=true" : "") {}

  Result<directory::BatchOutcome> import(const directory::FileBatch& batch,
                                         bool is_dry_run) override {
    return directory::read_batch_outcome(
        TRY(client_->change("POST", "import", directory::to_json(batch),
                            {.reason = reason_, .is_dry_run = is_dry_run})));
  }

  Result<directory::ExportPage> page(const std::string& kind, const std::string& after,
                                     bool has_relations) override {
    // What else were there would be part of the query.
    if (!directory::find_kind(kind) && !directory::find_relation(kind)) return no_such_kind(kind);
    const Reply reply = TRY(Reply::of(client_->get(
        fmt::format("export?kind={}{}{}{}{}", kind, after.empty() ? "" : "&cursor=", after,
                    has_relations ? "&relations=true" : "", more_))));
    return directory::ExportPage{.items = reply.list("items"), .next = reply.text("next")};
  }

  Result<directory::ExportChanges> changes(std::uint64_t since) override {
    const Reply reply =
        TRY(Reply::of(client_->get(fmt::format("export?since={}{}", since, more_))));
    directory::ExportChanges changes;
    changes.things = reply.list("things");
    changes.relations = reply.list("relations");
    for (const codec::Json& id : reply.list("removed")) {
      if (id.is_string()) changes.removed.emplace_back(id.get_string());
    }
    changes.revision = reply.number("revision");
    changes.is_all = reply.flag("isLast");
    if (changes.revision < since || (changes.revision == since && !changes.is_all)) {
      return fail(ErrorCode::kUnavailable, "the server's answer does not go on");
    }
    return changes;
  }

  Result<std::uint64_t> revision() override {
    const Reply reply = TRY(Reply::of(client_->get("export?kind=organisation&count=1")));
    return reply.number("revision");
  }

  Result<std::optional<codec::Json>> bill(const std::string& key) override {
    auto bill = client_->get("bill?of=" + net::percent_encoded(key));
    if (bill) return std::move(*bill);
    if (bill.error().code == ErrorCode::kNotFound) return std::nullopt;
    return std::unexpected(bill.error());
  }

 private:
  std::unique_ptr<AdminClient> client_;
  std::string reason_;
  std::string more_;
};

}  // namespace

void add_place_options(CommandBuilder& command, InventoryPlace& place) {
  add_server_options(command, place.server);
  command
      .option("--directory", place.directory, "URL",
              "the database itself instead of a server: `sqlite:PATH`, `postgresql://…`")
      .option("--tenant", place.tenant, "NAME",
              "whose part of that database; otherwise `main`, the only one");
}

Result<std::unique_ptr<InventoryTarget>> open_target(const InventoryPlace& place) {
  if (place.directory.empty()) {
    if (!place.tenant.empty()) {
      return invalid("`--tenant` goes with `--directory`; a server's tenant is in its URL");
    }
    return std::make_unique<ServerTarget>(TRY(AdminClient::open(place.server)), place);
  }
  auto store = TRY(server::open_store({.database = place.directory}));
  return std::make_unique<DatabaseTarget>(std::move(store), place);
}

std::string model_key(const std::string& text) {
  const std::string_view head = std::string_view(text).substr(0, text.find_first_of(".:"));
  const bool has_kind = text.contains(':') && directory::find_kind(head).has_value();
  return has_kind ? text : "deviceModel:" + text;
}

}  // namespace wardlock::cli
