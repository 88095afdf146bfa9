#include "compare/golden/golden_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/xml_text.h"

namespace wardlock::compare {
namespace {

/// `allow (permit: a), to mask`.
std::string told(const GoldenAnswer& answer) {
  const AnswerSide& side = answer.side;
  std::string out(side.decision());
  if (answer.has_details && !side.cause.empty()) {
    out += fmt::format(" ({}{}{})", side.cause, side.policies.empty() ? "" : ": ",
                       fmt::join(side.policies, ", "));
  }
  if (!side.obligations.empty()) out += fmt::format(", to {}", fmt::join(side.obligations, ", "));
  return out;
}

std::string question_text(const suite::Asked& asked) {
  return fmt::format("{}::{} {} {}::{}", asked.principal.type, cedar::quote(asked.principal.id),
                     asked.action, asked.resource.type, cedar::quote(asked.resource.id));
}

std::string difference_text(const GoldenResult& result) {
  return fmt::format("{}: expected {}, found {}", word_of(*result.change).about,
                     told(*result.request->answer), told(result.found));
}

std::string case_xml(const GoldenResult& result, std::string_view against) {
  std::string out = fmt::format(
      "    <testcase name=\"{}\" classname=\"{}\"",
      xml_text(fmt::format("{}: {}", result.request->name, question_text(result.request->asked))),
      xml_text(against));
  if (!result.is_failure) return out + "/>\n";
  const std::string text = xml_text(difference_text(result));
  return out + fmt::format(
                   ">\n      <failure message=\"{}\" type=\"drift\">{}</failure>\n"
                   "    </testcase>\n",
                   text, text);
}

}  // namespace

void GoldenCheck::add(const GoldenRequest& request, GoldenAnswer found) {
  GoldenResult result{.request = &request, .found = std::move(found)};
  result.change = find_change(*request.answer, result.found);
  result.is_failure = result.change && (is_strict_ || changes_access(*result.change));
  failures_ += result.is_failure ? 1 : 0;
  results_.push_back(std::move(result));
}

std::string golden_text(const GoldenCheck& check, std::string_view against) {
  std::string out;
  for (const GoldenResult& result : check.results()) {
    if (!result.change) continue;
    out += fmt::format("{}{}: {}\n    {}\n", result.is_failure ? "" : "(only the reason) ",
                       result.request->name, question_text(result.request->asked),
                       difference_text(result));
  }
  return out + fmt::format("{}: {} of {} requests are answered otherwise", against,
                           check.failures(), check.results().size());
}

codec::Json golden_document(const GoldenCheck& check, std::string_view against) {
  boost::json::array differences;
  for (const GoldenResult& result : check.results()) {
    if (!result.change) continue;
    differences.push_back(boost::json::object{{"name", result.request->name},
                                              {"question", authzen_question(result.request->asked)},
                                              {"change", word_of(*result.change).name},
                                              {"failure", result.is_failure},
                                              {"expected", told(*result.request->answer)},
                                              {"found", told(result.found)}});
  }
  return boost::json::object{{"against", against},
                             {"requests", check.results().size()},
                             {"failures", check.failures()},
                             {"differences", std::move(differences)}};
}

std::string golden_junit(const GoldenCheck& check, std::string_view against) {
  const std::size_t all = check.results().size();
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"wardlock drift check\" tests=\"{0}\" failures=\"{1}\" errors=\"0\">\n"
      "  <testsuite name=\"{2}\" tests=\"{0}\" failures=\"{1}\" errors=\"0\" skipped=\"0\">\n",
      all, check.failures(), xml_text(against));
  for (const GoldenResult& result : check.results()) out += case_xml(result, against);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace wardlock::compare
