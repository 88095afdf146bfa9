#include "directory/feed/log_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "directory/feed/seen_text.h"
#include "directory/feed/thing_key.h"
#include "directory/model/indexed_values.h"
#include "directory/registry/thing_rows.h"
#include "event/subject.h"

namespace wardlock::directory {
namespace {

using Names = std::set<std::string, std::less<>>;

/// The types of identifiers by which policies may know things of the kind.
Names naming_types(Kind kind, const KnownBy& known_by) {
  const Schema& schema = schema_of(kind);
  Names paths = {"entityId"};
  if (const auto known = known_by.find(kind); known != known_by.end()) paths.insert(known->second);
  if (!schema.cedar_id.empty()) paths.emplace(schema.cedar_id);
  Names types;
  for (const NamingAttribute& naming : naming_attributes(kind)) {
    if (!paths.contains(naming.path)) continue;
    // Any value tells the type.
    if (const auto identity = identity_of(kind, naming, "x")) types.insert(identity->type);
  }
  return types;
}

/// The types under which events have things such as this one.
Names types_of(const Thing& thing) {
  Names types = {std::string(schema_of(thing.kind).cedar_type)};
  const std::string_view own = text_in(thing.document.json(), "entityType");
  if (!own.empty()) types.emplace(own);
  if (thing.kind == Kind::kPatient) types.emplace(event::kPatientType);
  return types;
}

class Search {
 public:
  Search(storage::Work& work, std::string_view tenant, const KnownBy& known_by,
         const LogName& named)
      : work_(work), tenant_(tenant), known_by_(known_by), named_(named) {}

  Result<std::vector<LogName>> run() {
    std::vector<LogName> names = {named_};
    const auto thing = TRY(find_thing_named());
    if (!thing) return names;
    Names ids = TRY(own_names(*thing));
    ids.insert(thing->id);
    Names types = types_of(*thing);
    types.insert(named_.type);
    for (const std::string& type : types) {
      for (const std::string& id : ids) {
        if (LogName name{type, id}; name != named_) names.push_back(std::move(name));
      }
    }
    return names;
  }

 private:
  /// Also where it was removed.
  Result<std::optional<Thing>> find_ever(std::string_view id) {
    static const std::string sql =
        fmt::format("SELECT {} FROM thing t WHERE t.id = $1 AND t.tenant = $2", kThingColumns);
    const storage::Rows rows = TRY(work_.query(sql, id, tenant_));
    if (rows.empty()) return std::nullopt;
    return TRY(read_thing_row(rows.front()));
  }

  /// Those that have or had the value for a name in policies.
  Result<std::vector<Thing>> things_with(std::string_view value) {
    const storage::Rows rows =
        TRY(work_.query("SELECT i.type, i.thing FROM identifier i WHERE i.tenant = $1 AND i.value "
                        "= $2",
                        tenant_, value));
    std::vector<Thing> things;
    for (const storage::Row row : rows) {
      auto thing = TRY(find_ever(row.text(1)));
      if (!thing || !naming_types(thing->kind, known_by_).contains(row.text(0))) continue;
      if (std::ranges::find(things, thing->id, &Thing::id) == things.end()) {
        things.push_back(*std::move(thing));
      }
    }
    return things;
  }

  Result<std::optional<Thing>> find_thing_named() {
    std::vector<Thing> found = TRY(things_with(named_.id));
    if (ThingKey::read(named_.id)) {
      auto thing = TRY(find_ever(named_.id));
      if (thing) found.push_back(*std::move(thing));
    }
    std::erase_if(found, [&](const Thing& each) { return !types_of(each).contains(named_.type); });
    if (found.empty()) return std::nullopt;
    const bool is_one =
        std::ranges::all_of(found, [&](const Thing& each) { return each.id == found.front().id; });
    if (is_one) return std::move(found.front());
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("`{}::{}` names several things of the directory: give the id that the "
                            "directory has for the one that is meant",
                            printable(named_.type), printable(named_.id)));
  }

  Result<Names> own_names(const Thing& thing) {
    const Names wanted = naming_types(thing.kind, known_by_);
    const storage::Rows rows = TRY(work_.query(
        "SELECT type, value FROM identifier WHERE tenant = $1 AND thing = $2", tenant_, thing.id));
    Names names;
    for (const storage::Row row : rows) {
      if (!wanted.contains(row.text(0))) continue;
      for (const Thing& other : TRY(things_with(row.text(1)))) {
        if (other.id != thing.id && share_type(other, thing)) return is_shared(thing, row.text(1));
      }
      names.emplace(row.text(1));
    }
    return names;
  }

  /// Whether an event that names the one by a name could mean the other.
  static bool share_type(const Thing& one, const Thing& other) {
    const Names types = types_of(other);
    return std::ranges::any_of(types_of(one),
                               [&](const std::string& type) { return types.contains(type); });
  }

  /// What the log has under a name of two people is about nobody knows whom.
  static std::unexpected<Error> is_shared(const Thing& thing, std::string_view name) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("`{}::{}` is or was the name of others than `{}` too: name each by "
                            "itself, with `wardlock audit` and without `--config`",
                            schema_of(thing.kind).cedar_type, printable(name), thing.id));
  }

  storage::Work& work_;
  std::string_view tenant_;
  const KnownBy& known_by_;
  const LogName& named_;
};

}  // namespace

Result<std::vector<LogName>> find_log_names(const storage::Store& store, std::string_view tenant,
                                            const KnownBy& known_by, const LogName& named) {
  std::vector<LogName> names;
  const auto read = store.read([&](storage::Work& work) -> Result<void> {
    names = TRY(Search(work, tenant, known_by, named).run());
    return {};
  });
  TRY_VOID(read);
  return names;
}

}  // namespace wardlock::directory
