#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "pdp/access.h"

namespace wardlock::authzen {

/// What all explanations of one reply together may come to.
struct ExplanationBudget {
  std::size_t explanations = 16;
  std::size_t bytes = std::size_t{192} << 10;  ///< about
};

/// A question in the PDP's terms, and what its caller wants to be told. Borrows from the
/// JSON and the arena it was read into.
struct Evaluation {
  pdp::AccessRequest access;
  bool wants_reasons = false;
  bool wants_explanation = false;
  ExplanationBudget explanation_budget = {};
};

/// The highest level of authentication (NIST SP 800-63B).
inline constexpr std::int64_t kMaxLevel = 3;

/// The member, or null when it is absent or JSON's null.
const boost::json::value* find_member(const boost::json::object& parent, std::string_view key);

/// What of a question is left open for a search to fill.
enum class Gap : std::uint8_t { kNone, kSubject, kAction, kResource };

/// Removes what `read_question` reads.
void forget_question(pdp::AccessRequest& access);

/// Reads a question as AuthZEN 1.0 puts it (§6.1) into `access`, whose other members stay as they
/// are. A key that `item` does not have is taken from `defaults`, whole: nothing is merged
/// (§7.1.1). For a single question both are the same. Members that AuthZEN does not name are
/// ignored; so is what would fill the gap: the id of a subject or resource, or a whole action.
/// Error (kInvalidArgument): what is missing or of the wrong type, by its path; `access` then has
/// what was read before that.
Result<void> read_question(const boost::json::object& item, const boost::json::object& defaults,
                           pdp::AccessRequest& access, Gap gap = Gap::kNone);

/// Reads what is Wardlock's own of a request's `options`, an object with any of
///   `reasons`         true: the reply gives the policies' reasons,
///   `explain`         true: the reply says why, see docs/explanations.md,
///   `obligations`     the names of the obligations that the caller would fulfil,
///   `grant`           the break-glass grant to use,
///   `authentication`  how the person was authenticated: `{"level": 2, "methods": ["otp"]}`,
///   `actor`           who acts for the subject: `{"type": "Agent", "id": "scribe"}`.
/// Other members are ignored. Error (kInvalidArgument): what is of the wrong type, by its path.
Result<void> read_options(const boost::json::object& request, Arena& arena, Evaluation& evaluation);

}  // namespace wardlock::authzen
