#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"
#include "codec/json.h"
#include "prover/condition/conditions.h"
#include "prover/condition/consistency.h"
#include "prover/world/values.h"
#include "prover/world/world.h"

namespace wardlock::prover {

/// The entities of a world: which terms are which, what each has and in which it is.
class Cast {
 public:
  using ClassId = Consistency::ClassId;
  using Uid = std::pair<std::string, std::string>;  ///< type and id

  Cast(const Conditions& conditions, const Assumptions& assumptions, const Consistency& consistency,
       const cedar::EntityStore& given, std::map<ClassId, std::int64_t> numbers, Texts texts,
       Addresses addresses);

  Uid uid_of(TermId term);
  /// The value of the term's class; it makes what entities it names.
  codec::Json value_of(TermId term);
  /// What is to be said of a value of which no condition asks.
  codec::Json plain_value(const cedar::Type& type);
  /// Puts the entity into one of the type, over as many others as it takes; which one it was put
  /// in. Nothing: the schema has no such way.
  std::optional<Uid> put_into_some(const Uid& member, std::string_view type);
  /// The entities, each with what it must have. To be called last, once.
  boost::json::array take_entities();
  /// The attributes of a record's class, or an entity's: those of which conditions ask, and those
  /// that must be there.
  boost::json::object fields_of(TermId term, const cedar::Type& shape);

 private:
  struct Member {
    TermId term = 0;
    bool has_term = false;
    std::set<Uid> parents = {};
  };

  std::string fresh_id(std::string_view type);
  void want(const Uid& uid);
  void mark_missing();
  bool is_there(TermId of, std::string_view name, bool is_required) const;
  codec::Json set_of(ClassId here, const Term& term);
  boost::json::object tags_of(TermId term);
  void put_into(const Uid& member, const Uid& group);
  void put_all();
  bool is_given(const Uid& uid) const;

  const Conditions& conditions_;
  const Assumptions& assumptions_;
  const Consistency& consistency_;
  const cedar::EntityStore& given_;
  std::map<ClassId, std::int64_t> numbers_;
  Texts texts_;
  Addresses addresses_;
  std::map<ClassId, Uid> uids_;
  std::map<std::string, std::size_t, std::less<>> counts_;  ///< ids made, by type
  std::map<Uid, Member> members_;
  std::vector<Uid> open_;      ///< entities that are named, and not yet made
  std::set<ClassId> missing_;  ///< entities that must not be there
};

}  // namespace wardlock::prover
