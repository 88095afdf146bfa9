// Subjects that come while the keys' file cannot be written.
#include <gtest/gtest.h>

#include <thread>

#include "audit/keys/subject_keys_fixture.h"

namespace wardlock::audit {
namespace {

class SpareKeysTest : public SubjectKeysTest {
 protected:
  static constexpr std::size_t kSpares = 3;

  std::unique_ptr<SubjectKeys> open_with_spares() const {
    const SubjectKeysOptions options{.path = path_,
                                     .spares = kSpares,
                                     .busy_timeout = std::chrono::milliseconds(10),
                                     .retry_after = std::chrono::milliseconds(10)};
    auto keys = SubjectKeys::open(options, master_);
    CHECK(keys.has_value());
    return std::move(*keys);
  }

  /// Until `allow_writing`.
  void prevent_writing() {
    blocker_.emplace(storage::Database::open(path_).value());
    ASSERT_TRUE(blocker_->run("BEGIN IMMEDIATE"));
  }
  void allow_writing() {
    blocker_.reset();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until it is tried again
  }

  std::optional<storage::Database> blocker_;
  const Subject known_ = {"st-mary", "User", "dr-grey"};
};

TEST_F(SpareKeysTest, ASubjectThatComesGetsOne) {
  const auto keys = open_with_spares();
  const SubjectKey known = one_key(*keys, known_);
  prevent_writing();
  const SubjectKey given = one_key(*keys, patient_), other = one_key(*keys, other_);
  EXPECT_NE(given.id, other.id);
  EXPECT_NE(given.key, other.key);
  EXPECT_NE(given.id, known.id);
  EXPECT_EQ(one_key(*keys, patient_).id, given.id);
  EXPECT_EQ(keys->find_subject(patient_).value()->id, given.id);
  EXPECT_EQ(one_key(*keys, known_).id, known.id);
  // It was on disk before.
  const auto reader = SubjectKeys::open({.path = path_, .is_read_only = true}, master_).value();
  SymmetricKey found;
  EXPECT_EQ(reader->find(given.id, found).value(), Answer::kFound);
  EXPECT_EQ(found, given.key);
  EXPECT_EQ(reader->find_subject(patient_).value(), std::nullopt);
}

TEST_F(SpareKeysTest, WhoseTheyAreIsWrittenWhenItCanBe) {
  const auto keys = open_with_spares();
  one_key(*keys, known_);
  prevent_writing();
  const SubjectKey given = one_key(*keys, patient_);
  allow_writing();
  one_key(*keys, known_);  // the next batch, with nobody new
  EXPECT_EQ(open()->find_subject(patient_).value()->id, given.id);
  EXPECT_EQ(one_key(*keys, patient_).id, given.id);
}

TEST_F(SpareKeysTest, WhoseTheyAreIsWrittenAtTheEnd) {
  auto keys = open_with_spares();
  one_key(*keys, known_);
  prevent_writing();
  const SubjectKey given = one_key(*keys, patient_);
  allow_writing();
  keys.reset();
  EXPECT_EQ(open()->find_subject(patient_).value()->id, given.id);
}

TEST_F(SpareKeysTest, ThereAreSoManyAndThenNewOnes) {
  const auto keys = open_with_spares();
  one_key(*keys, known_);
  prevent_writing();
  const std::string ids[] = {"a", "b", "c", "d"};
  std::vector<SubjectKey> found;
  for (std::size_t i = 0; i < kSpares; ++i) one_key(*keys, {"t", "Patient", ids[i]});
  const Subject last{"t", "Patient", ids[kSpares]};
  const auto refused = keys->find_or_create(std::span(&last, 1), found);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  allow_writing();
  one_key(*keys, last);
  prevent_writing();
  for (const std::string_view id : {"e", "f", "g"}) one_key(*keys, {"t", "Patient", id});
}

TEST_F(SpareKeysTest, OneSubjectTwiceInABatchGetsOne) {
  const auto keys = open_with_spares();
  one_key(*keys, known_);
  prevent_writing();
  std::vector<SubjectKey> found;
  ASSERT_TRUE(keys->find_or_create(std::vector{patient_, other_, patient_}, found));
  EXPECT_EQ(found[0].id, found[2].id);
  EXPECT_NE(found[0].id, found[1].id);
}

TEST_F(SpareKeysTest, OneThatWasGivenCanBeErased) {
  const auto keys = open_with_spares();
  one_key(*keys, known_);
  prevent_writing();
  const SubjectKey given = one_key(*keys, patient_);
  EXPECT_FALSE(keys->erase(patient_, 1));
  EXPECT_EQ(answer(*keys, given.id), Answer::kFound);
  allow_writing();
  EXPECT_EQ(keys->erase(patient_, 1).value()->key_id, given.id);
  EXPECT_EQ(answer(*keys, given.id), Answer::kErased);
  EXPECT_EQ(keys->find_subject(patient_).value(), std::nullopt);
}

/// The process ends before it could write whose the key is; who reads the record knows.
TEST_F(SpareKeysTest, AfterACrashOneIsAdopted) {
  auto crashed = open_with_spares();
  one_key(*crashed, known_);
  prevent_writing();
  const SubjectKey given = one_key(*crashed, patient_);
  crashed.reset();
  allow_writing();
  const auto keys = open_with_spares();
  EXPECT_EQ(keys->find_subject(patient_).value(), std::nullopt);
  ASSERT_TRUE(keys->adopt(patient_, given.id));
  EXPECT_EQ(keys->find_subject(patient_).value()->id, given.id);
  EXPECT_EQ(one_key(*keys, patient_).id, given.id);
  ASSERT_TRUE(keys->erase(patient_, 1).value());
  EXPECT_EQ(answer(*keys, given.id), Answer::kErased);
}

/// After a crash a subject may have come again before its record was read.
TEST_F(SpareKeysTest, AllKeysOfASubjectAreErased) {
  auto crashed = open_with_spares();
  one_key(*crashed, known_);
  prevent_writing();
  const SubjectKey given = one_key(*crashed, patient_);
  crashed.reset();
  allow_writing();
  const auto keys = open_with_spares();
  const SubjectKey second = one_key(*keys, patient_);
  EXPECT_NE(second.id, given.id) << "a key that may have been given is not given to another";
  ASSERT_TRUE(keys->adopt(patient_, given.id));
  EXPECT_EQ(one_key(*keys, patient_).id, second.id);
  ASSERT_TRUE(keys->erase(patient_, 1).value());
  EXPECT_EQ(answer(*keys, given.id), Answer::kErased);
  EXPECT_EQ(answer(*keys, second.id), Answer::kErased);
  EXPECT_EQ(keys->erasures(patient_).value().size(), 2U);
}

TEST_F(SpareKeysTest, AKeyOfSomebodyIsNotAdopted) {
  const auto keys = open_with_spares();
  const SubjectKey key = one_key(*keys, patient_);
  ASSERT_TRUE(keys->adopt(other_, key.id));
  EXPECT_EQ(keys->find_subject(other_).value(), std::nullopt);
  ASSERT_TRUE(keys->adopt(other_, KeyId{1, 2, 3}));
  EXPECT_EQ(keys->find_subject(other_).value(), std::nullopt);
  ASSERT_TRUE(keys->erase(patient_, 1).value());
  ASSERT_TRUE(keys->adopt(patient_, key.id));
  EXPECT_EQ(keys->find_subject(patient_).value(), std::nullopt) << "it stays erased";
}

}  // namespace
}  // namespace wardlock::audit
