#include "directory/registry/registry.h"

#include <fmt/format.h>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/storage_ptr.hpp>

#include "base/utf8.h"
#include "directory/registry/change_rows.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/credential_rows.h"
#include "directory/registry/listing.h"
#include "directory/registry/natural_persons.h"
#include "directory/registry/read_from.h"
#include "directory/registry/tables.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::directory {
namespace {

std::unexpected<Error> no_thing(std::string_view id) {
  return fail(ErrorCode::kNotFound, fmt::format("nothing has the id `{}`", printable(id)));
}

std::unexpected<Error> no_credential(std::string_view id) {
  return fail(ErrorCode::kNotFound, fmt::format("no credential has the id `{}`", printable(id)));
}

/// The mandate's texts come from outside, too.
Result<void> check_mandate(const Mandate& mandate) {
  for (const std::string* text : {&mandate.tenant, &mandate.actor_type, &mandate.actor_id}) {
    if (text->empty()) return invalid("a change needs a tenant, and somebody who makes it");
  }
  for (const std::string* text : {&mandate.tenant, &mandate.actor_type, &mandate.actor_id,
                                  &mandate.caller, &mandate.source_address, &mandate.reason}) {
    if (find_invalid_utf8(*text) || text->contains('\0')) {
      return invalid("who makes a change, and why, is said in UTF-8 without NUL");
    }
  }
  return {};
}

}  // namespace

Result<std::uint64_t> Registry::write(const Mandate& mandate, const Call& call) {
  TRY_VOID(check_mandate(mandate));
  std::uint64_t revision = 0;
  const Result<void> done = store_.write([&](storage::Work& work) -> Result<void> {
    Edit edit(work, mandate, surroundings_);
    TRY_VOID(call(edit));
    if (edit.failure()) return std::unexpected(*edit.failure());
    revision = edit.revision();
    if (revision == 0) revision = TRY(read_revision(work));
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return revision;
}

Result<void> Registry::rehearse(const Mandate& mandate, const Call& call) {
  TRY_VOID(check_mandate(mandate));
  bool is_good = false;
  const Result<void> undone = store_.write([&](storage::Work& work) -> Result<void> {
    is_good = false;
    Edit edit(work, mandate, surroundings_, true);
    TRY_VOID(call(edit));
    if (edit.failure()) return std::unexpected(*edit.failure());
    is_good = true;
    return fail(ErrorCode::kCancelled, "is undone");
  });
  if (is_good) return {};
  return undone;
}

Result<Thing> Registry::find(std::string_view tenant, std::string_view id) const {
  auto thing = TRY(read_from<std::optional<Thing>>(
      store_, [&](storage::Work& work) { return find_thing(work, tenant, id); }));
  if (thing) return std::move(*thing);
  return no_thing(id);
}

Result<Thing> Registry::find_by_identifier(std::string_view tenant, std::string_view type,
                                           std::string_view value) const {
  auto thing = TRY(read_from<std::optional<Thing>>(
      store_, [&](storage::Work& work) { return find_named(work, tenant, type, value); }));
  if (thing) return std::move(*thing);
  return fail(ErrorCode::kNotFound,
              fmt::format("nothing has the {} `{}`", printable(type), printable(value)));
}

Result<KeptRelation> Registry::find_relation(std::string_view tenant, std::string_view id) const {
  return read_from<KeptRelation>(
      store_, [&](storage::Work& work) { return require_relation(work, tenant, id); });
}

Result<Page> Registry::list(std::string_view tenant, Kind kind, const Query& query,
                            boost::json::memory_resource* memory) const {
  // A page is made and dropped as one.
  const boost::json::storage_ptr place =
      memory != nullptr ? boost::json::storage_ptr(memory)
                        : boost::json::make_shared_resource<boost::json::monotonic_resource>();
  return read_from<Page>(store_, [&](storage::Work& work) {
    return list_things(work, tenant, kind, query, surroundings_.clock(), place);
  });
}

Result<std::vector<KeptRelation>> Registry::relations(std::string_view tenant,
                                                      const RelationFilter& filter) const {
  return read_from<std::vector<KeptRelation>>(
      store_, [&](storage::Work& work) { return find_relations(work, tenant, filter); });
}

Result<std::vector<Credential>> Registry::credentials(std::string_view tenant,
                                                      std::string_view thing) const {
  using Credentials = std::vector<Credential>;
  return read_from<Credentials>(store_, [&](storage::Work& work) -> Result<Credentials> {
    if (!TRY(find_thing(work, tenant, thing))) return no_thing(thing);
    return find_credentials(work, tenant, thing);
  });
}

Result<Credential> Registry::find_credential(std::string_view tenant, std::string_view id) const {
  auto found = TRY(read_from<std::optional<Credential>>(
      store_, [&](storage::Work& work) { return find_credential_row(work, tenant, id); }));
  if (found) return std::move(*found);
  return no_credential(id);
}

Result<std::vector<Credential>> Registry::good_credentials() const {
  return read_from<std::vector<Credential>>(store_, [&](storage::Work& work) {
    return find_good_credentials(work, surroundings_.clock());
  });
}

Result<Registry::CredentialNews> Registry::credentials_after(std::uint64_t revision) const {
  return read_from<CredentialNews>(store_, [&](storage::Work& work) -> Result<CredentialNews> {
    CredentialNews news{.revision = TRY(read_revision(work)), .credentials = {}};
    if (news.revision == revision) return news;
    // Where what came next was forgotten already, or the database is another one.
    const storage::Rows next =
        TRY(work.query("SELECT 1 FROM change WHERE revision = $1 LIMIT 1", revision + 1));
    news.are_all = revision == 0 || next.empty();
    news.credentials = news.are_all ? TRY(find_good_credentials(work, surroundings_.clock()))
                                    : TRY(find_changed_credentials(work, revision));
    return news;
  });
}

Result<void> Registry::note_uses(std::span<const Use> uses) {
  return store_.write([&](storage::Work& work) -> Result<void> {
    for (const Use& use : uses) TRY_VOID(set_last_used(work, use.credential, use.time_ms));
    return {};
  });
}

Result<Registry::Holder> Registry::find_holder(std::string_view tenant,
                                               std::string_view credential) const {
  return read_from<Holder>(store_, [&](storage::Work& work) -> Result<Holder> {
    const std::int64_t now = surroundings_.clock();
    auto found = TRY(find_credential_row(work, tenant, credential));
    if (!found || !found->is_good_at(now)) return no_credential(credential);
    auto thing = TRY(find_thing(work, tenant, found->thing));
    if (!thing || !is_in_force(*thing)) return no_credential(credential);
    if (!TRY(is_answered_for(work, tenant, *thing, now))) return no_credential(credential);
    // A device works; it administers nothing, whatever groups it is in.
    std::vector<std::string> roles;
    if (thing->kind != Kind::kDevice) {
      roles = TRY(find_control_plane_roles(work, tenant, thing->id, now, Reach::kNow));
    }
    return Holder{std::move(*found), std::move(*thing), std::move(roles)};
  });
}

Result<Registry::Administrator> Registry::find_administrator(std::string_view tenant,
                                                             std::string_view person) const {
  return read_from<Administrator>(store_, [&](storage::Work& work) -> Result<Administrator> {
    auto thing = TRY(find_thing(work, tenant, person));
    if (!thing || thing->kind != Kind::kPerson || !is_in_force(*thing)) return no_thing(person);
    std::vector<std::string> roles =
        TRY(find_control_plane_roles(work, tenant, thing->id, surroundings_.clock(), Reach::kNow));
    return Administrator{std::move(*thing), std::move(roles)};
  });
}

Result<Registry::Administrator> Registry::find_actor(std::string_view tenant,
                                                     std::string_view id) const {
  return read_from<Administrator>(store_, [&](storage::Work& work) -> Result<Administrator> {
    const std::int64_t now = surroundings_.clock();
    auto thing = TRY(find_thing(work, tenant, id));
    const bool acts = thing && (thing->kind == Kind::kPerson || thing->kind == Kind::kService ||
                                thing->kind == Kind::kAgent);
    if (!acts || !is_in_force(*thing)) return no_thing(id);
    if (!TRY(is_answered_for(work, tenant, *thing, now))) return no_thing(id);
    std::vector<std::string> roles =
        TRY(find_control_plane_roles(work, tenant, thing->id, now, Reach::kNow));
    return Administrator{std::move(*thing), std::move(roles)};
  });
}

Result<std::vector<std::string>> Registry::control_plane_roles(std::string_view tenant,
                                                               std::string_view thing,
                                                               Reach reach) const {
  return read_from<std::vector<std::string>>(store_, [&](storage::Work& work) {
    return find_control_plane_roles(work, tenant, thing, surroundings_.clock(), reach);
  });
}

Result<std::vector<std::string>> Registry::groups_of(std::string_view tenant,
                                                     std::string_view thing) const {
  return read_from<std::vector<std::string>>(store_, [&](storage::Work& work) {
    return find_groups(work, tenant, thing, surroundings_.clock());
  });
}

Result<std::vector<std::string>> Registry::accounts_of(std::string_view tenant,
                                                       std::string_view account) const {
  return read_from<std::vector<std::string>>(
      store_, [&](storage::Work& work) -> Result<std::vector<std::string>> {
        const auto persons = TRY(NaturalPersons::read(work, tenant, surroundings_.clock()));
        return persons.accounts_of(account);
      });
}

Result<std::vector<KeptRelation>> Registry::list_relations(std::string_view tenant,
                                                           Relation relation,
                                                           std::string_view after,
                                                           std::size_t count) const {
  return read_from<std::vector<KeptRelation>>(store_, [&](storage::Work& work) {
    return list_open_relations(work, tenant, relation, after, count, surroundings_.clock());
  });
}

Result<std::vector<Link>> Registry::links(std::string_view tenant, End end,
                                          std::span<const std::string> ids,
                                          std::optional<Relation> relation) const {
  return read_from<std::vector<Link>>(store_, [&](storage::Work& work) {
    return find_links(work, tenant, end, ids, relation, surroundings_.clock());
  });
}

Result<std::vector<Thing>> Registry::find_all(std::string_view tenant,
                                              std::span<const std::string> ids) const {
  return read_from<std::vector<Thing>>(
      store_, [&](storage::Work& work) { return find_things(work, tenant, ids); });
}

Result<std::vector<Running>> Registry::running(std::string_view tenant,
                                               std::span<const std::string> versions,
                                               std::string_view state, const Running& after,
                                               std::size_t most) const {
  return read_from<std::vector<Running>>(store_, [&](storage::Work& work) {
    return find_running(work, tenant, versions, state, after, most, surroundings_.clock());
  });
}

Result<std::vector<RunningCount>> Registry::count_running(
    std::string_view tenant, std::span<const std::string> versions) const {
  return read_from<std::vector<RunningCount>>(store_, [&](storage::Work& work) {
    return directory::count_running(work, tenant, versions, surroundings_.clock());
  });
}

Result<Registry::Works> Registry::works_of(const Mandate& whose, std::int64_t since_ms,
                                           std::size_t most) const {
  const std::int64_t now = surroundings_.clock();
  return read_from<Works>(store_, [&](storage::Work& work) -> Result<Works> {
    auto relations = TRY(find_relations_made_by(work, whose, since_ms, now, most));
    auto credentials = TRY(find_credentials_issued_by(work, whose, since_ms, now, most));
    return Works{.relations = std::move(relations), .credentials = std::move(credentials)};
  });
}

Result<std::uint64_t> Registry::revision() const {
  return read_from<std::uint64_t>(store_, read_revision);
}

Result<std::vector<FeedEntry>> Registry::changes_after(std::uint64_t revision,
                                                       std::size_t count) const {
  constexpr std::string_view kSql =
      "SELECT revision, item, made_ms, tenant, what, kind, id, document FROM change "
      "WHERE revision > $1 AND revision <= COALESCE((SELECT revision FROM change "
      "WHERE revision > $1 ORDER BY revision, item LIMIT 1 OFFSET CAST($2 AS BIGINT)), "
      "(SELECT value FROM head WHERE name = 'revision')) ORDER BY revision, item";
  const std::size_t last = count == 0 ? 0 : count - 1;
  using Entries = std::vector<FeedEntry>;
  return read_from<Entries>(store_, [&](storage::Work& work) -> Result<Entries> {
    const storage::Rows rows = TRY(work.query(kSql, revision, last));
    Entries entries;
    for (const storage::Row row : rows) entries.push_back(read_feed_row(row));
    return entries;
  });
}

Result<bool> Registry::forget_changes_before(std::int64_t time_ms) {
  constexpr std::uint64_t kSome = 5'000;
  bool are_more = false;
  const Result<void> done = store_.write([&](storage::Work& work) -> Result<void> {
    const storage::Rows rows = TRY(work.query("SELECT COALESCE(min(revision), 0) FROM change"));
    const auto first = static_cast<std::uint64_t>(rows.front().integer(0));
    const std::uint64_t removed = TRY(work.run(
        "DELETE FROM change WHERE revision < $1 AND made_ms < $2", first + kSome, time_ms));
    are_more = removed > 0;
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return are_more;
}

Result<void> Registry::forget_changes(std::uint64_t revision) {
  return store_.write([&](storage::Work& work) -> Result<void> {
    TRY_VOID(work.run("DELETE FROM change WHERE revision <= $1", revision));
    return {};
  });
}

}  // namespace wardlock::directory
