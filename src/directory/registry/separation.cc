#include "directory/registry/separation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "directory/registry/control_plane.h"
#include "directory/registry/natural_persons.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::directory {
namespace {

using Pair = std::pair<std::string, std::string>;

struct Period {
  std::int64_t from = 0;
  std::int64_t until = std::numeric_limits<std::int64_t>::max();

  bool is_empty() const { return from >= until; }
  Period within(const Period& other) const {
    return {std::max(from, other.from), std::min(until, other.until)};
  }
};

/// A role, or a group that leads to some.
struct Held {
  std::string id;
  Period when = {};
};

Period period_of(const KeptRelation& relation) {
  Period period{.from = relation.from_ms};
  if (relation.until_ms) period.until = *relation.until_ms;
  return period;
}

/// What leads from who has something to what they have.
bool leads_to_roles(Relation relation) {
  return relation == Relation::kRoleAssignment || relation == Relation::kRoleInheritance ||
         relation == Relation::kMembership;
}

class SeparationCheck {
 public:
  SeparationCheck(storage::Work& work, std::string_view tenant, std::int64_t now)
      : work_(work), tenant_(tenant), now_(now) {}

  Result<void> run(const KeptRelation& relation) {
    TRY_VOID(read_exclusions());
    if (pairs_.empty()) return {};
    const NaturalPersons persons = TRY(NaturalPersons::read(work_, tenant_, now_));
    std::set<std::string> looked_at;
    for (const std::string& account : TRY(concerned(relation))) {
      if (!looked_at.insert(std::string(persons.of(account))).second) continue;
      TRY_VOID(check(account, persons));
    }
    return {};
  }

 private:
  Result<void> read_exclusions() {
    static const std::string sql = fmt::format(
        "SELECT subject, object FROM relation WHERE tenant = $1 AND kind = 'excludes' AND {}",
        fmt::format(kNotEnded, "$2"));
    const storage::Rows rows = TRY(work_.query(sql, tenant_, now_));
    for (const storage::Row row : rows) {
      pairs_.emplace(row.text(0), row.text(1));
      pairs_.emplace(row.text(1), row.text(0));
    }
    return {};
  }

  /// The accounts that have another role by it. Nobody, where no role that comes by it excludes
  /// another.
  Result<std::vector<std::string>> concerned(const KeptRelation& relation) {
    if (relation.relation == Relation::kAccountOf) return std::vector{relation.subject};
    if (!leads_to_roles(relation.relation)) return std::vector<std::string>();
    const auto gained = TRY(follow({Held{.id = relation.object}}));
    const bool excludes_any = std::ranges::any_of(gained, [&](const Held& held) {
      const auto first = pairs_.lower_bound({held.id, ""});
      return first != pairs_.end() && first->first == held.id;
    });
    if (!excludes_any) return std::vector<std::string>();
    return who_has(relation.subject);
  }

  /// Whoever has it, whether it is somebody, a group or a role.
  Result<std::vector<std::string>> who_has(std::string_view thing) {
    std::set<std::string, std::less<>> seen = {std::string(thing)};
    std::vector<std::string> waiting = {std::string(thing)};
    while (!waiting.empty()) {
      const std::string id = std::move(waiting.back());
      waiting.pop_back();
      const auto to_it = TRY(find_relations(work_, tenant_, {.object = id, .not_ended_by = now_}));
      for (const KeptRelation& each : to_it) {
        if (!leads_to_roles(each.relation) || !seen.insert(each.subject).second) continue;
        waiting.push_back(each.subject);
      }
    }
    return std::vector<std::string>(seen.begin(), seen.end());
  }

  /// All that it leads to, and when; each way to something but once for each time it leads there.
  Result<std::vector<Held>> follow(std::vector<Held> found) {
    std::set<std::tuple<std::string, std::int64_t, std::int64_t>> seen;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Held from = found[i];
      for (const KeptRelation& each : *TRY(onward_from(from.id))) {
        const Period then = from.when.within(period_of(each));
        if (then.is_empty() || !seen.emplace(each.object, then.from, then.until).second) continue;
        found.push_back({.id = each.object, .when = then});
      }
    }
    return found;
  }

  /// Of groups and roles the same is asked for each who has them.
  Result<const std::vector<KeptRelation>*> onward_from(std::string_view thing) {
    const auto known = onward_.find(thing);
    if (known != onward_.end()) return &known->second;
    auto found = TRY(find_relations(work_, tenant_, {.subject = thing, .not_ended_by = now_}));
    std::erase_if(found, [](const KeptRelation& each) { return !leads_to_roles(each.relation); });
    return &onward_.emplace(std::string(thing), std::move(found)).first->second;
  }

  Result<void> check(std::string_view account, const NaturalPersons& persons) {
    std::vector<Held> accounts;
    for (std::string& each : persons.accounts_of(account)) {
      accounts.push_back({.id = std::move(each)});
    }
    const auto held = TRY(follow(std::move(accounts)));
    for (const Held& one : held) {
      for (const Held& other : held) {
        if (!pairs_.contains(Pair(one.id, other.id))) continue;
        if (one.when.within(other.when).is_empty()) continue;
        return refuse(account, one.id, other.id);
      }
    }
    return {};
  }

  Result<void> refuse(std::string_view account, std::string_view one, std::string_view other) {
    const auto who = TRY(find_thing(work_, tenant_, account));
    const auto role = TRY(find_thing(work_, tenant_, one));
    const auto excluded = TRY(find_thing(work_, tenant_, other));
    if (!who || !role || !excluded) {
      return fail(ErrorCode::kDataLoss, "a relation of the directory leads nowhere");
    }
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the {} would have the {} together with the {}, which exclude each "
                            "other (`excludes`); all accounts of a person count, and all groups",
                            called(*who), called(*role), called(*excluded)));
  }

  storage::Work& work_;
  std::string_view tenant_;
  std::int64_t now_;
  std::set<Pair> pairs_;  ///< both ways round
  std::map<std::string, std::vector<KeptRelation>, std::less<>> onward_;
};

}  // namespace

Result<void> check_separation(storage::Work& work, std::string_view tenant,
                              const KeptRelation& relation, std::int64_t now) {
  const bool matters =
      leads_to_roles(relation.relation) || relation.relation == Relation::kAccountOf;
  if (!matters) return {};
  return SeparationCheck(work, tenant, now).run(relation);
}

}  // namespace wardlock::directory
