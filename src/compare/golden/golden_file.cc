#include "compare/golden/golden_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "compare/decisions/suite_questions.h"
#include "suite/run.h"

namespace wardlock::compare {

Result<std::vector<GoldenRequest>> read_golden_file(std::string_view text) {
  std::vector<GoldenRequest> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    auto request = read_golden(line);
    if (!request) return std::unexpected(request.error().in(fmt::format("line {}", number)));
    if (request->name.empty()) request->name = fmt::format("line {}", number);
    out.push_back(*std::move(request));
  }
  return out;
}

Result<void> GoldenQuestions::give(QuestionTaker& taker) {
  for (const GoldenRequest& request : requests_) {
    Arena arena;
    const pdp::Caller caller = comparing_caller(request.asked.pep);
    taker.take({.access = suite::to_request(request.asked, caller, arena),
                .at = request.asked.at,
                .name = request.name});
  }
  return {};
}

void GoldenRecorder::take(const PosedQuestion& question) {
  GoldenRequest request{.name = std::string(question.name), .asked = owned(question), .answer = {}};
  std::string key = codec::to_json_text(authzen_question(request.asked));
  if (known_.contains(key)) {
    ++repeated_;
    return;
  }
  if (requests_.size() == most_) {
    ++beyond_;
    return;
  }
  request.answer = answer_(question);
  if (!request.answer) {
    ++left_out_;
    return;
  }
  known_.insert(std::move(key));
  requests_.push_back(std::move(request));
}

void GoldenRecorder::leave_out(LeftOut, std::string_view) { ++left_out_; }

std::optional<GoldenAnswer> recorded_answer(const PosedQuestion& question) {
  if (!question.recorded) return std::nullopt;
  GoldenAnswer answer{.side = {}, .has_details = false};
  answer.side.is_allowed = question.recorded->is_allowed;
  answer.side.obligations.assign(question.recorded->obligations.begin(),
                                 question.recorded->obligations.end());
  std::ranges::sort(answer.side.obligations);
  return answer;
}

GoldenAnswer answer_of(const pdp::Snapshot& snapshot, const PosedQuestion& question) {
  Arena arena;
  return {.side = side_of(pdp::decide(snapshot, question.access, question.at, arena)),
          .has_details = true};
}

}  // namespace wardlock::compare
