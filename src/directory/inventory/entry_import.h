#pragma once

#include "directory/inventory/finder.h"
#include "directory/inventory/import.h"

namespace wardlock::directory {

/// Imports one entry after the other within a transaction.
class EntryImport {
 public:
  EntryImport(Edit& edit, ImportGate& gate) : edit_(edit), gate_(gate), finder_(edit) {}

  /// What is wrong with the entry itself is its outcome; after that, nothing of the transaction may
  /// be kept. Errors: what the gate refused, and those of the store.
  Result<Outcome> take(const Checked<Entry>& entry);

 private:
  // Errors of these are the entry's own or not: `take` tells them apart.
  Result<Outcome> take(const ThingEntry& entry);
  Result<Outcome> take(const RelationEntry& entry);

  struct Ends {
    Thing subject;
    Thing object;
    std::optional<std::string> scope;
  };
  Result<Ends> ends_of(const RelationEntry& entry);

  Result<boost::json::object> with_ids(const ThingEntry& entry);
  Result<Outcome> enter(const ThingEntry& entry, const boost::json::object& attributes);
  Result<Outcome> change(const Thing& before, const ThingEntry& entry,
                         const boost::json::object& attributes);
  Result<Thing> set_states(Thing thing, std::span<const std::string_view> states, Outcome& outcome);
  Result<void> merge(const Thing& patient, const ThingEntry& entry, Outcome& outcome);

  Result<std::optional<KeptRelation>> find_kept(const NewRelation& wanted);
  Result<Outcome> relate(const NewRelation& wanted, const Thing& subject, const Thing& object);
  Result<Outcome> end(const KeptRelation& kept, const Thing& subject, const Thing& object);
  Result<Outcome> renew(const KeptRelation& kept, NewRelation wanted, const Thing& subject,
                        const Thing& object);

  Edit& edit_;
  ImportGate& gate_;
  Finder finder_;
};

/// Whether the error says that the entry is wrong, not that nothing can be done.
bool is_of_entry(const Error& error);

}  // namespace wardlock::directory
