#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "compare/golden/golden_request.h"
#include "crypto/seeded_hash.h"
#include "pdp/snapshot.h"

namespace wardlock::compare {

/// Golden requests of a text, one to a line (NDJSON); empty lines count for nothing. Error
/// (kInvalidArgument): the first line that is none, by its number.
Result<std::vector<GoldenRequest>> read_golden_file(std::string_view text);

/// Their questions. Borrows them.
class GoldenQuestions final : public QuestionSource {
 public:
  explicit GoldenQuestions(std::span<const GoldenRequest> requests) : requests_(requests) {}

  Result<void> give(QuestionTaker& taker) override;

 private:
  std::span<const GoldenRequest> requests_;
};

/// Keeps questions with the answers they get, each question once: the first time it is asked.
class GoldenRecorder final : public QuestionTaker {
 public:
  /// What to answer; an answer that cannot be had is left out.
  using Answer = std::function<std::optional<GoldenAnswer>(const PosedQuestion& question)>;

  /// `most`: so many at most are kept.
  GoldenRecorder(Answer answer, std::size_t most) : answer_(std::move(answer)), most_(most) {}

  void take(const PosedQuestion& question) override;
  void leave_out(LeftOut why, std::string_view example) override;

  const std::vector<GoldenRequest>& requests() const { return requests_; }
  /// Gives them away; what was counted stays.
  std::vector<GoldenRequest> take_requests() { return std::exchange(requests_, {}); }
  std::uint64_t left_out() const { return left_out_; }
  std::uint64_t repeated() const { return repeated_; }
  /// Different ones beyond those that are kept.
  std::uint64_t beyond() const { return beyond_; }

 private:
  Answer answer_;
  const std::size_t most_;
  std::vector<GoldenRequest> requests_;
  std::unordered_set<std::string, crypto::SeededHash, std::equal_to<>> known_;
  std::uint64_t left_out_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t beyond_ = 0;
};

/// What was decided when the question was asked, as far as it is known. Nothing: it was not asked.
std::optional<GoldenAnswer> recorded_answer(const PosedQuestion& question);

/// What a snapshot answers.
GoldenAnswer answer_of(const pdp::Snapshot& snapshot, const PosedQuestion& question);

}  // namespace wardlock::compare
