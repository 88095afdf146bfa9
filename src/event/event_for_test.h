#pragma once

#include <string>

#include "event/event.h"
#include "event/sealed_record.h"

namespace wardlock::event {

/// An event with every field that is kept; no two have the same value. Borrows constants.
Event full_event_for_test();

/// A decision as there are most: a person, a patient, a device.
Event decision_for_test();

/// All that a record has of it, as JSON.
std::string json_for_test(const Event& event);

/// Keys for the parts of a draft, and for opening them: each is derived from its subject, so that
/// equal subjects have equal keys.
SubjectKey key_for_test(const Subject& subject);

/// Knows the keys of all subjects of the drafts it sealed; some can be erased or hidden.
class KeysForTest final : public KeyLookup {
 public:
  /// Seals with keys of its own, and salt and nonces drawn from `crypto`.
  std::string seal(const Event& event);

  void set(const Subject& subject, Answer answer);
  Result<Answer> find(const KeyId& id, crypto::SymmetricKey& key) override;

 private:
  struct Known {
    SubjectKey key;
    Answer answer = Answer::kFound;
  };
  std::vector<Known> known_;
};

}  // namespace wardlock::event
