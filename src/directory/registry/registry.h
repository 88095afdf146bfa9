#pragma once

#include <boost/json/memory_resource.hpp>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "directory/registry/control_plane.h"
#include "directory/registry/edit.h"
#include "directory/registry/journal.h"
#include "directory/registry/links.h"
#include "directory/registry/query.h"
#include "directory/registry/running.h"
#include "storage/store.h"

namespace wardlock::directory {

/// An entry of the change feed.
struct FeedEntry {
  std::uint64_t revision = 0;
  std::uint64_t item = 0;  ///< within its revision, from 0
  std::int64_t made_ms = 0;
  std::string tenant;
  std::string what;      ///< `created`, `changed`, `removed`, `related`, `ended`
  std::string kind;      ///< of a thing or a relation, or `credential`
  std::string id;        ///< of the thing, relation or credential
  std::string document;  ///< what it is since, as JSON; `null` where it was removed
};

/// People, devices, modules, services and how they stand to each other, kept in a database with the
/// tables of tables.h. Every member takes a tenant, and sees nothing of another's. Thread-safe.
/// Errors: those of Edit and of storage::Store.
class Registry {
 public:
  /// `store` and what `surroundings` calls outlive it.
  Registry(storage::Store& store, Surroundings surroundings)
      : store_(store), surroundings_(std::move(surroundings)) {}

  using Call = std::function<Result<void>(Edit&)>;

  /// Changes that happen together, with their audit events and feed entries, or not at all: one
  /// that fails is returned, even where `call` passes over it. Returns the revision from which on
  /// they are seen; where nothing changed, the latest. `call` may run more than once; what it sets
  /// outside, it sets anew.
  Result<std::uint64_t> write(const Mandate& mandate, const Call& call);

  /// Makes the changes, and undoes them. What no call reads back is not written at all: audit
  /// events, feed entries, and values by which things of a kind are not known.
  Result<void> rehearse(const Mandate& mandate, const Call& call);

  /// Error: kNotFound.
  Result<Thing> find(std::string_view tenant, std::string_view id) const;
  /// The thing that an identifier names now, e.g. `userName`, `npi` or `person.employeeNumber`. The
  /// value is in its normal form. Error: kNotFound.
  Result<Thing> find_by_identifier(std::string_view tenant, std::string_view type,
                                   std::string_view value) const;
  /// Error: kNotFound.
  Result<KeptRelation> find_relation(std::string_view tenant, std::string_view id) const;
  /// `memory`: where the documents of the page are; null: in memory of their own, which they share.
  Result<Page> list(std::string_view tenant, Kind kind, const Query& query,
                    boost::json::memory_resource* memory = nullptr) const;
  /// Requires a filter with a subject, an object or a scope.
  Result<std::vector<KeptRelation>> relations(std::string_view tenant,
                                              const RelationFilter& filter) const;
  /// Those that are valid now, of many things at once: see links.h.
  Result<std::vector<Link>> links(std::string_view tenant, End end,
                                  std::span<const std::string> ids,
                                  std::optional<Relation> relation = {}) const;
  Result<std::vector<Thing>> find_all(std::string_view tenant,
                                      std::span<const std::string> ids) const;
  /// Which devices run which versions now: see running.h.
  Result<std::vector<Running>> running(std::string_view tenant,
                                       std::span<const std::string> versions,
                                       std::string_view state, const Running& after,
                                       std::size_t most) const;
  Result<std::vector<RunningCount>> count_running(std::string_view tenant,
                                                  std::span<const std::string> versions) const;

  /// All credentials that a thing has or had. Error: kNotFound.
  Result<std::vector<Credential>> credentials(std::string_view tenant,
                                              std::string_view thing) const;
  Result<Credential> find_credential(std::string_view tenant, std::string_view id) const;
  /// What somebody made since then and is in force or to come: for who answers for a secret that
  /// leaked. At most so many of each, the earliest first.
  struct Works {
    std::vector<KeptRelation> relations;
    std::vector<Credential> credentials;
  };
  Result<Works> works_of(const Mandate& whose, std::int64_t since_ms, std::size_t most) const;
  /// Of all tenants, those that are neither revoked nor have expired.
  Result<std::vector<Credential>> good_credentials() const;
  /// What became of credentials since a revision.
  struct CredentialNews {
    std::uint64_t revision = 0;           ///< up to which it goes
    std::vector<Credential> credentials;  ///< as they are now, revoked ones too
    bool are_all = false;  ///< those are all good ones, and others are to be forgotten
  };
  /// Of all tenants.
  Result<CredentialNews> credentials_after(std::uint64_t revision) const;
  /// They were used then; noted without a revision, an audit event or a feed entry.
  struct Use {
    std::string credential;
    std::int64_t time_ms = 0;
  };
  Result<void> note_uses(std::span<const Use> uses);

  /// Who asks with a credential, as it stands now.
  struct Holder {
    Credential credential;
    Thing thing;
    std::vector<std::string> roles;  ///< of Wardlock's own administration, see control_plane.h
  };
  /// Error kNotFound: it is revoked, has expired, or its holder is not in force; of a service or
  /// agent: or nobody answers for it.
  Result<Holder> find_holder(std::string_view tenant, std::string_view credential) const;
  /// The same for a person who was recognised otherwise. Error kNotFound: the tenant has no such
  /// person, or they are not in force.
  struct Administrator {
    Thing thing;
    std::vector<std::string> roles;
  };
  Result<Administrator> find_administrator(std::string_view tenant, std::string_view person) const;
  /// The same for a person, service or agent that did something before. Error kNotFound as well: of
  /// a service or agent, nobody answers for it.
  Result<Administrator> find_actor(std::string_view tenant, std::string_view thing) const;
  /// The roles of Wardlock's own administration that a thing has, by itself and through groups;
  /// their names without the prefix, sorted.
  Result<std::vector<std::string>> control_plane_roles(std::string_view tenant,
                                                       std::string_view thing, Reach reach) const;
  /// The groups that a thing is in or will be, also through others.
  Result<std::vector<std::string>> groups_of(std::string_view tenant, std::string_view thing) const;
  /// All accounts of the natural person who has the account, that one included.
  Result<std::vector<std::string>> accounts_of(std::string_view tenant,
                                               std::string_view account) const;
  /// Those that have not ended, in the order of their ids, behind the id `after`.
  Result<std::vector<KeptRelation>> list_relations(std::string_view tenant, Relation relation,
                                                   std::string_view after, std::size_t count) const;

  /// The revision of the latest change; 0: there was none.
  Result<std::uint64_t> revision() const;

  /// What changed after a revision, in the order in which it did: all of a revision or nothing of
  /// it, and at least `count` entries where there are so many. Of all tenants.
  Result<std::vector<FeedEntry>> changes_after(std::uint64_t revision, std::size_t count) const;
  /// Entries up to the revision are not needed any more: whoever follows has them, and no decision
  /// is to be replayed from before it.
  Result<void> forget_changes(std::uint64_t revision);
  /// Those made before then, some at a time so that nobody waits for long. Returns whether there
  /// are more.
  Result<bool> forget_changes_before(std::int64_t time_ms);

  /// For rooms that read what no member tells. They name the tenant in every statement, too.
  const storage::Store& store() const { return store_; }

 private:
  storage::Store& store_;
  Surroundings surroundings_;
};

}  // namespace wardlock::directory
