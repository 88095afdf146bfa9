#include "audit/keys/subject_orders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "audit/keys/subject_keys_fixture.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Kind;
using event::Outcome;

/// What was put on record of an event, which borrows.
struct Recorded {
  Kind kind;
  Outcome outcome;
  std::string tenant, patient, affected_type, affected_id, before, after, reason, cause;
};

class SubjectOrders : public SubjectKeysTest {
 protected:
  RecordOrder record(bool works = true) {
    return [this, works](const Event& event) -> Result<void> {
      if (!works) return fail(ErrorCode::kUnavailable, "the disk is full");
      const auto text = [](std::string_view view) { return std::string(view); };
      recorded.push_back({event.kind, event.outcome, text(event.tenant), text(event.patient),
                          text(event.affected_type), text(event.affected_id),
                          text(event.value_before), text(event.value_after), text(event.reason),
                          text(event.cause)});
      known_when_recorded = keys->find_subject(patient_)->has_value();
      return {};
    };
  }
  ErrorCode erase(const Subject& subject, bool works = true) {
    const auto erased = erase_subject(*keys, subject, why, record(works));
    return erased ? ErrorCode::kUnknown : erased.error().code;
  }

  std::unique_ptr<SubjectKeys> keys = open();
  Event why{.time = 77, .caller = "officer", .reason = "she asked for it"};
  std::vector<Recorded> recorded;
  bool known_when_recorded = false;
};

TEST_F(SubjectOrders, an_erasure_is_on_record_before_it_is_done) {
  const SubjectKey key = one_key(*keys, patient_);
  const SubjectKey other = one_key(*keys, other_);
  const auto erased = erase_subject(*keys, patient_, why, record());
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(erased->key_id, key.id);
  EXPECT_EQ(erased->time, 77);
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_TRUE(known_when_recorded);
  EXPECT_EQ(recorded[0].kind, Kind::kErasure);
  EXPECT_EQ(recorded[0].outcome, Outcome::kSuccess);
  EXPECT_EQ(recorded[0].tenant, "st-mary");
  EXPECT_EQ(recorded[0].affected_type, "Patient");
  EXPECT_EQ(recorded[0].before, fmt::format("{:02x}", fmt::join(key.id, "")));
  EXPECT_EQ(recorded[0].reason, "she asked for it");
  EXPECT_EQ(recorded[0].patient + recorded[0].affected_id, "") << "it would be erased with her";
  EXPECT_EQ(answer(*keys, key.id), Answer::kErased);
  EXPECT_EQ(answer(*keys, other.id), Answer::kFound);
}

TEST_F(SubjectOrders, what_is_not_on_record_is_not_erased) {
  const SubjectKey key = one_key(*keys, patient_);
  EXPECT_EQ(erase(patient_, false), ErrorCode::kUnavailable);
  EXPECT_EQ(answer(*keys, key.id), Answer::kFound);
}

TEST_F(SubjectOrders, who_is_held_is_not_erased_and_the_attempt_is_on_record) {
  const SubjectKey key = one_key(*keys, patient_);
  ASSERT_TRUE(hold_subject(*keys, patient_, "case 4711", why, record()));
  const auto erased = erase_subject(*keys, patient_, why, record());
  ASSERT_FALSE(erased);
  EXPECT_EQ(erased.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(erased.error().message.contains("`case 4711`")) << erased.error().message;
  EXPECT_EQ(answer(*keys, key.id), Answer::kFound);
  ASSERT_EQ(recorded.size(), 2U);
  EXPECT_EQ(recorded[1].kind, Kind::kErasure);
  EXPECT_EQ(recorded[1].outcome, Outcome::kFailure);
  EXPECT_EQ(recorded[1].cause, "legal_hold");

  ASSERT_TRUE(release_subject(*keys, patient_, "case 4711", why, record()));
  EXPECT_TRUE(erase_subject(*keys, patient_, why, record()));
}

TEST_F(SubjectOrders, of_whom_nothing_is_held_nothing_is_erased) {
  EXPECT_EQ(erase(patient_), ErrorCode::kNotFound);
  one_key(*keys, patient_);
  EXPECT_EQ(erase({"st-john", "Patient", "p-100"}), ErrorCode::kNotFound);
  EXPECT_EQ(erase({"st-mary", "User", "p-100"}), ErrorCode::kNotFound);
  EXPECT_TRUE(recorded.empty());
  EXPECT_EQ(erase(patient_), ErrorCode::kUnknown);
  const auto again = erase_subject(*keys, patient_, why, record());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(again.error().message.contains("erased before")) << again.error().message;
}

TEST_F(SubjectOrders, somebody_must_be_named_and_a_reason_given) {
  one_key(*keys, patient_);
  EXPECT_EQ(erase({"st-mary", "", ""}), ErrorCode::kInvalidArgument) << "that is the tenant's own";
  EXPECT_EQ(erase({"st-mary", "Patient", ""}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(erase({"st-mary", "", "p-100"}), ErrorCode::kInvalidArgument);
  why.reason = "";
  EXPECT_EQ(erase(patient_), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(hold_subject(*keys, patient_, "case", why, record()));
  EXPECT_FALSE(release_subject(*keys, patient_, "case", why, record()));
  EXPECT_TRUE(recorded.empty());
}

TEST_F(SubjectOrders, a_hold_is_on_record_with_whom_it_is_on) {
  ASSERT_TRUE(hold_subject(*keys, patient_, "case 1", why, record()));
  ASSERT_TRUE(hold_subject(*keys, {"st-mary", "User", "ann"}, "case 1", why, record()));
  ASSERT_EQ(recorded.size(), 2U);
  EXPECT_EQ(recorded[0].kind, Kind::kLegalHold);
  EXPECT_EQ(recorded[0].patient, "p-100");
  EXPECT_EQ(recorded[0].after, "case 1");
  EXPECT_EQ(recorded[0].before, "");
  EXPECT_EQ(recorded[1].affected_type + recorded[1].affected_id, "Userann");
  EXPECT_EQ(keys->holds(patient_)->size(), 1U);
  ASSERT_TRUE(release_subject(*keys, patient_, "case 1", why, record()));
  EXPECT_EQ(recorded[2].before, "case 1");
  EXPECT_TRUE(keys->holds(patient_)->empty());
  EXPECT_EQ(keys->holds({"st-mary", "User", "ann"})->size(), 1U);
}

TEST_F(SubjectOrders, of_one_person_with_two_names_both_are_erased) {
  const Subject seen{"st-mary", "User", "ann"}, kept{"st-mary", "User", "018f-ann"};
  const Subject never{"st-mary", "User", "annie"};
  const SubjectKey a = one_key(*keys, seen), b = one_key(*keys, kept);
  const Subject names[] = {never, seen, kept};
  ASSERT_TRUE(erase_all(*keys, names, why, record()));
  EXPECT_EQ(answer(*keys, a.id), Answer::kErased);
  EXPECT_EQ(answer(*keys, b.id), Answer::kErased);
  EXPECT_EQ(recorded.size(), 2U);
  const auto again = erase_all(*keys, names, why, record());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kNotFound);
}

TEST_F(SubjectOrders, a_hold_on_one_name_keeps_all_of_them) {
  const Subject seen{"st-mary", "User", "ann"}, kept{"st-mary", "User", "018f-ann"};
  const SubjectKey a = one_key(*keys, seen);
  one_key(*keys, kept);
  const Subject names[] = {seen, kept};
  ASSERT_TRUE(hold_subject(*keys, kept, "case", why, record()));
  const auto refused = erase_all(*keys, names, why, record());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(answer(*keys, a.id), Answer::kFound);
  ASSERT_TRUE(hold_all(*keys, names, "case", why, record())) << "on the other name, too";
  EXPECT_EQ(keys->holds(seen)->size(), 1U);
  EXPECT_EQ(hold_all(*keys, names, "case", why, record()).error().code, ErrorCode::kAlreadyExists);
  ASSERT_TRUE(release_all(*keys, names, "case", why, record()));
  EXPECT_TRUE(keys->holds(kept)->empty());
  EXPECT_EQ(release_all(*keys, names, "case", why, record()).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(erase_all(*keys, names, why, record()));
}

TEST_F(SubjectOrders, holds_that_cannot_be) {
  const auto code = [](const Result<void>& done) {
    return done ? ErrorCode::kUnknown : done.error().code;
  };
  ASSERT_TRUE(hold_subject(*keys, patient_, "case", why, record()));
  EXPECT_EQ(code(hold_subject(*keys, patient_, "case", why, record())), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code(release_subject(*keys, patient_, "other", why, record())), ErrorCode::kNotFound);
  EXPECT_EQ(code(release_subject(*keys, other_, "case", why, record())), ErrorCode::kNotFound);
  for (const std::string& name :
       {std::string(), std::string(201, 'x'), std::string("a\nb"), std::string("\xff"),
        std::string("a\xE2\x80\xAE"
                    "b")}) {
    EXPECT_EQ(code(hold_subject(*keys, patient_, name, why, record())),
              ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(recorded.size(), 1U);
  EXPECT_EQ(code(hold_subject(*keys, patient_, "more", why, record(false))),
            ErrorCode::kUnavailable);
  EXPECT_EQ(keys->holds(patient_)->size(), 1U);
}

}  // namespace
}  // namespace wardlock::audit
