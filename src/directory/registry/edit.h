#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "directory/registry/credential.h"
#include "directory/registry/journal.h"
#include "directory/registry/kept_answer.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/thing.h"

namespace wardlock::directory {

/// Changes to one tenant's part of the directory that happen together or not at all. Each is told
/// to the audit log and the change feed. Made by a Registry, for the time of one call.
///
/// Errors: kNotFound, the tenant has no such thing or relation; kAborted, somebody else changed it
/// meanwhile; kInvalidArgument, a document or relation is not as the table wants it;
/// kAlreadyExists, an identifier is or was another thing's, or the relation is there;
/// kFailedPrecondition, its state forbids it; kResourceExhausted, it is more than an audit event
/// can tell; those of the store. The first change that fails undoes all of it, whatever the call
/// makes of the error; to look for what is not there is no failure.
class Edit {
 public:
  /// `is_rehearsal`: all of it will be undone (Registry::rehearse).
  Edit(storage::Work& work, const Mandate& mandate, const Surroundings& surroundings,
       bool is_rehearsal = false)
      : work_(work),
        mandate_(mandate),
        journal_(work, mandate, surroundings, is_rehearsal),
        secrets_(surroundings.secrets),
        promoted_(surroundings.promoted),
        is_rehearsal_(is_rehearsal) {}

  /// Enters it, in the given state or the usual first one.
  Result<Thing> create(Kind kind, const codec::Json& document, std::string_view state = {});

  /// Replaces the document. `version`: which one was read; nothing: whichever it is. What is the
  /// same as before is no change, and leaves no trace.
  Result<Thing> change(std::string_view id, std::optional<std::uint64_t> version,
                       const codec::Json& document);

  /// Goes on to another state. Where that ends relations, all that the thing has end now.
  Result<Thing> set_state(std::string_view id, std::optional<std::uint64_t> version,
                          std::string_view state);

  /// Ends its relations, and takes away all that is known of it but its id and its identifiers,
  /// which nothing else will get.
  Result<void> remove(std::string_view id, std::optional<std::uint64_t> version);

  /// One patient turned out to be another: the first is `merged` into the second, which takes over
  /// its relations, in force or to come, as far as it has none such.
  Result<Thing> merge_patients(std::string_view from, std::string_view into);

  /// Makes a relation. One that excludes others ends those that the subject has. The thing that
  /// shows it among what may be changed of it (`RelationSchema::at_object`, else `at_subject`) has
  /// a new version, as it has when the relation ends.
  Result<KeptRelation> relate(const NewRelation& relation);
  /// Ends it now. What has ended stays as it is.
  Result<void> end(std::string_view relation);

  /// Gives a person, service, agent or device a credential, under the hash of what only its holder
  /// knows. It counts while the holder is in force, ends at its time, and is revoked when the
  /// holder leaves. Errors besides: kResourceExhausted, the holder has too many.
  Result<Credential> issue_credential(const NewCredential& credential);
  /// It counts no more, from now on. What is revoked stays as it is.
  Result<void> revoke_credential(std::string_view credential);
  /// It expires then, unless it does so earlier: its holder has another one, and changes over to
  /// it. Error besides: kFailedPrecondition, it is revoked.
  Result<Credential> shorten_credential(std::string_view credential, std::int64_t expires_ms);
  /// All that a thing has. Returns how many there were.
  Result<std::size_t> revoke_credentials_of(std::string_view thing);

  /// Tells that all of it is what a backup had. Who follows the feed reads everything anew.
  Result<void> note_restored();

  /// Enters the roles of Wardlock's own administration (control_plane.h) that are not there.
  Result<void> enter_control_plane_roles();

  Result<Thing> find(std::string_view id);
  /// All that a thing has or had. Error: kNotFound.
  Result<std::vector<Credential>> credentials(std::string_view thing);
  Result<Credential> find_credential(std::string_view id);
  Result<KeptRelation> find_relation(std::string_view id);
  /// Those that have not ended, whether they have begun or not.
  Result<std::vector<KeptRelation>> relations(RelationFilter filter);

  /// What whoever makes the changes was answered under that key, not too long ago.
  Result<std::optional<KeptAnswer>> find_answer(std::string_view key);
  /// Keeps the answer with what was changed. Error: kAlreadyExists, there is one for its key.
  Result<void> keep_answer(const KeptAnswer& answer);
  /// The thing that an identity (directory/model/indexed_values.h) names now, or nothing.
  Result<std::optional<Thing>> find_named(std::string_view type, std::string_view value);
  /// At most `most` things of the kind whose text at the path of a searchable attribute is this.
  Result<std::vector<Thing>> find_valued(Kind kind, std::string_view path, std::string_view text,
                                         std::size_t most);

  /// The transaction, for what another room keeps beside the directory. Its errors are to be
  /// returned. To be told with `tell_beside`.
  storage::Work& work() { return work_; }
  /// Tells what was done to that, in the feed and in the audit log.
  Result<void> tell_beside(const Journal::Entry& entry, const event::Event& event);
  /// Answers that tell of it are not given again.
  Result<void> drop_answers_of(std::string_view id);

  /// Whether who belongs to the thing has a role in Wardlock itself, or will have one.
  Result<bool> administers(std::string_view id);

  /// Whose part of the directory it is.
  const std::string& tenant() const { return mandate_.tenant; }
  /// One time for all of it.
  std::int64_t now() const { return journal_.now(); }
  std::chrono::year this_year() const;

  /// 0: nothing was changed.
  std::uint64_t revision() const { return journal_.revision(); }

  /// Of the first change that failed, if one did. It may be there in part: nothing may be kept.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  template <typename T>
  Result<T> kept(Result<T> done);
  // The changes themselves.
  Result<Thing> enter_new(Kind kind, const codec::Json& document, std::string_view state);
  Result<Thing> replace(std::string_view id, std::optional<std::uint64_t> version,
                        const codec::Json& document);
  Result<Thing> go_on(std::string_view id, std::optional<std::uint64_t> version,
                      std::string_view state);
  Result<void> take_away(std::string_view id, std::optional<std::uint64_t> version);
  Result<Thing> merge(std::string_view from, std::string_view into);
  Result<KeptRelation> make(const NewRelation& relation);
  Result<void> end_by_id(std::string_view relation);
  Result<Credential> issue(const NewCredential& credential);
  Result<void> revoke(std::string_view credential);
  Result<Credential> shorten(std::string_view credential, std::int64_t expires_ms);
  Result<std::size_t> revoke_all_of(std::string_view thing);
  Result<void> enter_roles();

  Result<Thing> read(std::string_view id, std::optional<std::uint64_t> version);
  Result<void> check_references(const Document& document, const Document* before,
                                std::string_view own_id);
  Result<void> check_no_circle(const Attribute& attribute, std::string_view own_id,
                               std::string_view target);
  Result<void> check_state(const Thing& thing, const State& next);
  Result<void> check_not_needed(const Thing& thing);
  Result<Thing> enter(const Thing& before, const State& next);
  Result<Thing> enter_merged(Thing patient, std::string_view into);
  Result<void> tell(What what, const Thing& thing, std::string_view action,
                    std::string_view changed, std::string_view before, std::string_view after);
  Result<void> end_relations_of(std::string_view id);
  Result<Thing> enter_checked(Kind kind, const codec::Json& document, std::string_view state);
  static Result<void> check_not_reserved(const Thing& thing, std::string_view what);
  Result<void> check_role_name(std::string_view name);

  Result<std::int64_t> expiry_of(const NewCredential& wanted, const Thing& holder) const;
  Result<void> end(Credential credential);
  Result<void> tell(What what, const Credential& credential, Kind holder, std::string_view before);
  Result<void> touch_who_shows(const KeptRelation& relation);

  Result<void> revoke_of_promoted(const KeptRelation& relation);
  Result<void> check_ends(const NewRelation& relation);
  Result<void> check_not_reserved(const NewRelation& relation);
  Result<void> check_end(const NewRelation& relation, std::string_view id, Kinds kinds,
                         std::string_view which);
  Result<void> check_two(const NewRelation& wanted);
  Result<void> make_room_for(const KeptRelation& relation);
  Result<void> end(const KeptRelation& relation, std::int64_t until_ms);
  Result<void> tell(What what, const KeptRelation& relation, std::string_view before,
                    std::string_view after);
  Result<void> take_over(const KeptRelation& relation, std::string_view from,
                         std::string_view into);

  storage::Work& work_;
  const Mandate& mandate_;
  Journal journal_;
  secrets::SecretTable* secrets_;  // null: none are kept
  const std::function<Result<void>(Edit&, const std::vector<std::string>&)>& promoted_;
  bool is_rehearsal_;
  std::optional<Error> failure_;
  std::set<std::string, std::less<>> renewed_;  ///< have a new version from this edit
};

}  // namespace wardlock::directory
