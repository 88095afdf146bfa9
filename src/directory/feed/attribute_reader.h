#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "directory/feed/projection.h"

namespace wardlock::directory {

/// Reads what policies see of one thing: one attribute after the other, as their schema has it.
/// For one projection; borrows everything.
///
/// Where more than one thing could be the value, the first of these is: an attribute of the
/// document, whether it is in force, a relation, a fact, an attribute or a fact of its model.
class AttributeReader {
 public:
  AttributeReader(const Facts& facts, const KnownThings& known, const Models& models,
                  std::int64_t now, Arena& arena);

  /// Nothing: it has none. Error: what is there is no such value.
  Result<std::optional<cedar::Value>> read(const cedar::Attribute& wanted) const;

  /// Those that the relations and references that lead up lead to, each once.
  std::vector<const cedar::EntityUid*> parents(const cedar::EntityType& type) const;

  /// Until when, since when and why the thing has care relations by exception, under the record
  /// number of the patient, as far as they have what the type of tags asks for; sorted.
  std::vector<cedar::Field> tags(const cedar::EntityType& type) const;

 private:
  using Found = std::optional<cedar::Value>;

  Result<Found> from_document(const Document& document, const cedar::Attribute& wanted) const;
  Found from_reference(const Attribute& attribute, const codec::Json& value,
                       const cedar::Type& type) const;
  Found from_relations(const cedar::Attribute& wanted) const;
  Found from_assignments_in_places(const cedar::Type& type) const;
  Found from_care(const Tie& tie, const cedar::Type& type) const;
  static Result<Found> no_such(std::string_view name, const cedar::Type& type);

  /// The things as one value, the last of them where there is to be one: those that are seen and of
  /// the type. Nothing: none is.
  Found as_value(std::span<const ThingKey> things, const cedar::Type& type) const;
  const cedar::EntityUid* seen(std::string_view id) const;

  const Facts& facts_;
  const KnownThings& known_;
  const Models& models_;
  Arena& arena_;
  const Schema& schema_;
  std::vector<const Tie*> ties_;  ///< that are valid now, in the order in which they began
};

}  // namespace wardlock::directory
