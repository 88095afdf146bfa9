#include "event/sealed_record.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/random.h"
#include "crypto/sha256.h"
#include "event/canonical_json.h"
#include "event/event_for_test.h"

namespace wardlock::event {
namespace {

using Answer = KeyLookup::Answer;

const Subject kPatient{"st-mary", "Patient", "p-100"};

/// The event that a record opens to, as JSON, or the error.
std::string opened(std::string_view record, KeyLookup& keys) {
  Arena arena;
  const auto event = open_record(record, keys, arena);
  return event ? json_for_test(*event) : "error: " + event.error().message;
}

TEST(SealedRecord, OpensToItsEvent) {
  KeysForTest keys;
  for (const Event& event : {full_event_for_test(), decision_for_test(),
                             Event{.id = "e", .kind = Kind::kServiceStart}}) {
    EXPECT_EQ(opened(keys.seal(event), keys), json_for_test(event));
  }
}

TEST(SealedRecord, SaysNothingOfWhomItIsAbout) {
  KeysForTest keys;
  const std::string record = keys.seal(full_event_for_test());
  for (const std::string_view secret :
       {"dr-grey", "p-100", "n-jones", "192.0.2", "session-9", "ward-7", "collapsed", "student"}) {
    EXPECT_FALSE(record.contains(secret)) << secret;
  }
  EXPECT_TRUE(record.contains("pump-12"));
}

TEST(SealedRecord, TwoOfTheSameEventDifferEverywhere) {
  KeysForTest keys;
  const std::string one = keys.seal(decision_for_test()), other = keys.seal(decision_for_test());
  const RecordView a = parse_record(one).value(), b = parse_record(other).value();
  EXPECT_NE(a.salt, b.salt);
  EXPECT_EQ(a.clear_json, b.clear_json);
  for (std::size_t i = 0; i < a.parts().size(); ++i) {
    EXPECT_EQ(a.parts()[i].key_id, b.parts()[i].key_id);
    EXPECT_NE(a.parts()[i].sealed.substr(72), b.parts()[i].sealed.substr(72));
  }
}

TEST(SealedRecord, WithAnErasedKeyTheRestStaysReadable) {
  KeysForTest keys;
  const std::string record = keys.seal(decision_for_test());
  keys.set(kPatient, Answer::kErased);
  Arena arena;
  const auto event = open_record(record, keys, arena);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->patient, "");
  EXPECT_EQ(event->resource_id, "");
  EXPECT_EQ(event->principal_id, "dr-grey");
  EXPECT_EQ(event->device, "pump-12");
  ASSERT_EQ(event->erased_parts.size(), 1U);
  EXPECT_EQ(event->erased_parts[0], "patient");
  EXPECT_TRUE(event->locked_parts.empty());
  EXPECT_TRUE(json_for_test(*event).contains(R"("erased":["patient"])"));
}

TEST(SealedRecord, WithoutKeysOnlyTheClearPartIsReadable) {
  KeysForTest keys;
  const std::string record = keys.seal(full_event_for_test());
  NoKeys none;
  Arena arena;
  const auto event = open_record(record, none, arena);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->principal_id, "");
  EXPECT_EQ(event->action, "changeDose");
  EXPECT_TRUE(json_for_test(*event).contains(R"("locked":["person","affected","patient"])"));
  EXPECT_TRUE(event->erased_parts.empty());
}

/// With NoKeys only what can be seen without keys is checked; the log's tree sees the rest.
TEST(SealedRecord, OneFlippedBitIsFound) {
  KeysForTest keys;
  const std::string record = keys.seal(full_event_for_test());
  const std::string whole = opened(record, keys);
  for (std::size_t bit = 0; bit < 8 * record.size(); ++bit) {
    std::string changed = record;
    changed[bit / 8] ^= static_cast<char>(1 << bit % 8);
    const std::string seen = opened(changed, keys);
    // A key id that is not known locks its part, which is seen as well.
    EXPECT_TRUE(seen.starts_with("error: ") || seen.contains("\"locked\":[")) << bit;
    EXPECT_NE(seen, whole) << bit;
  }
}

TEST(SealedRecord, WhatIsCutOffOrGoesOnIsRefused) {
  KeysForTest keys;
  const std::string record = keys.seal(full_event_for_test());
  const RecordView view = parse_record(record).value();
  for (std::size_t size = 0; size < record.size(); ++size) {
    const std::string_view cut(record.data(), size);
    const auto shorter = parse_record(cut);
    // Whole parts can be missing: what is left is a record of its own, but not in the tree.
    const bool ends_with_a_part =
        cut.ends_with(view.clear_json) ||
        std::ranges::any_of(view.parts(), [&](const SealedPart& part) {
          return part.sealed.data() + part.sealed.size() == cut.data() + cut.size();
        });
    EXPECT_EQ(shorter.has_value(), ends_with_a_part) << size;
  }
  EXPECT_FALSE(parse_record(record + "x"));
  EXPECT_FALSE(parse_record(record + std::string(200, '\3')));
  EXPECT_FALSE(parse_record(std::string(kMaxRecordBytes + 1, '\1')));
}

/// The bytes of a part with its head: number, key id, length.
std::string_view whole_part(const SealedPart& part) {
  constexpr std::size_t kHead = 1 + sizeof(KeyId) + 2;
  return {part.sealed.data() - kHead, part.sealed.size() + kHead};
}

TEST(SealedRecord, APartOfAnotherRecordIsRefused) {
  KeysForTest keys;
  Event event = decision_for_test();
  const std::string one = keys.seal(event);
  event.resource_id = "other";
  const std::string other = keys.seal(event);  // the same people, the same clear part
  const RecordView mine = parse_record(one).value(), theirs = parse_record(other).value();
  for (std::size_t i = 0; i < mine.parts().size(); ++i) {
    std::string swapped = one;
    const std::string_view part = whole_part(mine.parts()[i]);
    swapped.replace(static_cast<std::size_t>(part.data() - one.data()), part.size(),
                    whole_part(theirs.parts()[i]));
    ASSERT_TRUE(parse_record(swapped));
    EXPECT_TRUE(opened(swapped, keys).contains("part does not open with its key")) << i;
  }
}

TEST(SealedRecord, AClearPartOfAnotherRecordIsRefused) {
  KeysForTest keys;
  const std::string one = keys.seal(decision_for_test()), other = keys.seal(decision_for_test());
  const RecordView mine = parse_record(one).value(), theirs = parse_record(other).value();
  const std::size_t head =
      static_cast<std::size_t>(mine.clear_json.data() - one.data()) + mine.clear_json.size();
  ASSERT_EQ(theirs.clear_json, mine.clear_json);  // only the salt differs
  EXPECT_TRUE(opened(other.substr(0, head) + one.substr(head), keys).starts_with("error: "));
}

/// Both are sealed under one key: without a patient and a person, both are the tenant's.
TEST(SealedRecord, APartInAnothersPlaceIsRefused) {
  KeysForTest keys;
  const std::string record =
      keys.seal({.id = "e", .tenant = "t", .session = "session", .resource_id = "abcdefg"});
  const RecordView view = parse_record(record).value();
  ASSERT_EQ(view.parts().size(), 2U);
  std::string person(whole_part(view.parts()[0])), patient(whole_part(view.parts()[1]));
  const std::string head = record.substr(0, record.size() - person.size() - patient.size());
  std::swap(person[0], patient[0]);
  EXPECT_TRUE(opened(head + patient + person, keys).contains("does not open"));
  std::swap(person[0], patient[0]);
  EXPECT_TRUE(opened(head + patient + person, keys).contains("out of order"));
  EXPECT_TRUE(opened(head + person + person, keys).contains("out of order"));
}

/// Answers with any key for any id.
class OneKey final : public KeyLookup {
 public:
  explicit OneKey(const crypto::SymmetricKey& key) : key_(key) {}
  Result<Answer> find(const KeyId&, crypto::SymmetricKey& key) override {
    key = key_;
    return Answer::kFound;
  }

 private:
  crypto::SymmetricKey key_;
};

TEST(SealedRecord, OpensUnderItsKeyOnly) {
  KeysForTest keys;
  const Event event{.id = "e", .tenant = "t", .patient = "p"};
  const std::string record = keys.seal(event);
  OneKey right(key_for_test({"t", "Patient", "p"}).key),
      wrong(key_for_test({"t", "Patient", "q"}).key);
  EXPECT_EQ(opened(record, right), json_for_test(event));
  EXPECT_TRUE(opened(record, wrong).contains("does not open with its key"));
}

class FailingKeys final : public KeyLookup {
 public:
  Result<Answer> find(const KeyId&, crypto::SymmetricKey&) override {
    return fail(ErrorCode::kUnavailable, "the keys are away");
  }
};

TEST(SealedRecord, AFailureToLookIsNotALockedPart) {
  KeysForTest keys;
  FailingKeys failing;
  EXPECT_EQ(opened(keys.seal(decision_for_test()), failing), "error: the keys are away");
}

/// What it opens to for who has nothing but these.
std::string opened_with(std::string_view record, const PartKeys& keys) {
  Arena arena;
  const auto event = open_record(record, keys, arena);
  return event ? json_for_test(*event) : "error: " + event.error().message;
}

TEST(PartKeys, OpenWhatTheSubjectsKeysOpen) {
  KeysForTest keys;
  const std::string record = keys.seal(full_event_for_test());
  const PartKeys shown = part_keys(record, keys).value();
  EXPECT_EQ(opened_with(record, shown), json_for_test(full_event_for_test()));
  EXPECT_TRUE(opened_with(record, {}).contains(R"("locked":["person","affected","patient"])"));
}

TEST(PartKeys, OneOpensItsPartAlone) {
  KeysForTest keys;
  const std::string record = keys.seal(full_event_for_test());
  PartKeys shown;
  shown.set(Part::kPatient, *part_keys(record, keys)->find(Part::kPatient));
  const std::string event = opened_with(record, shown);
  EXPECT_TRUE(event.contains(R"("patient":"p-100")")) << event;
  EXPECT_TRUE(event.contains(R"("locked":["person","affected"])")) << event;
}

TEST(PartKeys, OpenNoOtherRecordOfThatSubject) {
  KeysForTest keys;
  const std::string one = keys.seal(decision_for_test()), other = keys.seal(decision_for_test());
  const PartKeys shown = part_keys(one, keys).value();
  EXPECT_TRUE(opened_with(other, shown).contains("does not open with its key"));
}

TEST(PartKeys, ThatOfAnotherPartIsRefused) {
  KeysForTest keys;
  const std::string record = keys.seal(decision_for_test());
  PartKeys swapped;
  swapped.set(Part::kPerson, *part_keys(record, keys)->find(Part::kPatient));
  EXPECT_TRUE(opened_with(record, swapped).contains("the `person` part does not open"));
}

/// It would open every record of the subject.
TEST(PartKeys, AreNotTheSubjects) {
  KeysForTest keys;
  const std::string record = keys.seal(decision_for_test());
  const crypto::SymmetricKey subject = key_for_test(kPatient).key;
  EXPECT_NE(*part_keys(record, keys)->find(Part::kPatient), subject);
  PartKeys wrong;
  wrong.set(Part::kPatient, subject);
  EXPECT_TRUE(opened_with(record, wrong).contains("does not open"));
}

TEST(PartKeys, ThoseOfErasedAndMissingSubjectsAreNotThere) {
  KeysForTest keys;
  const std::string record = keys.seal(full_event_for_test());
  keys.set(kPatient, Answer::kErased);
  keys.set({"st-mary", "User", "dr-grey"}, Answer::kMissing);
  const PartKeys shown = part_keys(record, keys).value();
  EXPECT_EQ(shown.find(Part::kPatient), nullptr);
  EXPECT_EQ(shown.find(Part::kPerson), nullptr);
  EXPECT_NE(shown.find(Part::kAffected), nullptr);
  FailingKeys failing;
  EXPECT_FALSE(part_keys(record, failing));
  EXPECT_FALSE(part_keys(record.substr(0, 40), keys));
}

TEST(SealedRecord, AnotherVersionIsNamed) {
  KeysForTest keys;
  std::string record = keys.seal(decision_for_test());
  record[0] = 2;
  const auto read = parse_record(record);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kUnimplemented);
  EXPECT_EQ(read.error().message,
            "a record of version 2; this program reads version 1: use a newer one");
}

TEST(SealedRecord, TheLargestEventFits) {
  Event event = full_event_for_test();
  const std::string most(56 * 1024, 'x');
  event.value_after = most;
  KeysForTest keys;
  const std::string record = keys.seal(event);
  EXPECT_LE(record.size(), kMaxRecordBytes);
  EXPECT_EQ(opened(record, keys), json_for_test(event));
}

/// Sealed as docs/formats/audit-event.md says, by another program: the hash of the record is from
/// src/event/testdata/seal_record.py.
TEST(SealedRecord, IsAsItsDocumentSays) {
  std::string draft, record;
  ASSERT_TRUE(write_draft(decision_for_test(), draft));
  const DraftView view = read_draft(draft).value();
  std::vector<SubjectKey> keys(view.parts().size());
  std::uint8_t next = 0;
  const auto count_up = [&](auto& bytes) { std::ranges::generate(bytes, [&] { return next++; }); };
  for (SubjectKey& key : keys) {
    count_up(key.id);
    std::array<std::uint8_t, 32> bytes;
    count_up(bytes);
    key.key = crypto::SymmetricKey(bytes);
  }
  RecordRandom random;
  count_up(random);
  seal_record(view, keys, random, record);
  EXPECT_EQ(crypto::to_hex(crypto::sha256(record)),
            "605766c799decc61713392d026bd3d56873bac5815715d6db8bf9d015bb45ea3");
}

}  // namespace
}  // namespace wardlock::event
