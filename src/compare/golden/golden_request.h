#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "codec/json.h"
#include "compare/decisions/answer_side.h"
#include "compare/decisions/posed_question.h"
#include "suite/suite.h"

namespace wardlock::compare {

/// An answer as far as it is known: a server may tell no more than the decision.
struct GoldenAnswer {
  AnswerSide side;
  bool has_details = true;  ///< false: only the decision and its obligations are known
};

/// A question with the answer that it must have, or with none: a line of a file
/// (docs/formats/golden-requests.md).
struct GoldenRequest {
  std::string name;
  suite::Asked asked;  ///< `at` is when it was asked
  std::optional<GoldenAnswer> answer;
};

/// A line without its end. Error (kInvalidArgument): what is wrong, by its path.
Result<GoldenRequest> read_golden(std::string_view line);

/// The line, without its end.
std::string write_golden(const GoldenRequest& request);

/// The question as AuthZEN 1.0 puts it, with its options.
boost::json::object authzen_question(const suite::Asked& asked);

/// What an AuthZEN reply to it says: `decision`, and of `context` what is there. An answer with
/// `context.error` is a refusal. Errors: kInvalidArgument, it is no answer; kUnavailable, it says
/// that the server could not decide.
Result<GoldenAnswer> read_reply(const codec::Json& reply);

/// What differs, as far as both know; nothing: they say the same.
std::optional<DecisionChange> find_change(const GoldenAnswer& golden, const GoldenAnswer& found);

/// A question with texts of its own.
suite::Asked owned(const PosedQuestion& question);

/// The longest line there is, in bytes.
inline constexpr std::size_t kMostGoldenBytes = std::size_t{1} << 20;

}  // namespace wardlock::compare
