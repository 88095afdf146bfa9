#include "cli/policy_change_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/thing_lookup.h"

namespace wardlock::cli {
namespace {

using codec::Json;

/// Each of its lines, four columns further right.
std::string indented(std::string_view text) {
  std::string out = "    ";
  for (const char c : text.substr(0, text.find_last_not_of('\n') + 1)) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out;
}

void add_checks(const Json& view, StyledText& text) {
  for (const Json& check : view.at("checks").as_array()) {
    const std::string outcome = text_of(check, "outcome");
    const bool is_required = text_of(check, "required") == "true";
    const Style style = outcome == "passed" ? Style::kGreen
                        : is_required       ? Style::kRed
                                            : Style::kYellow;
    text.add(fmt::format("\ncheck      {}: ", text_of(check, "name"))).add(outcome, style);
    const Json* const report = check.as_object().if_contains("report");
    if (report == nullptr) continue;
    const std::string summary = text_of(*report, "summary");
    if (!summary.empty()) text.add(fmt::format("  {}", summary));
    const std::string message = text_of(*report, "message");
    if (message.empty() || message == summary) continue;
    text.add("\n" + indented(message), Style::kDim);
  }
}

void add_approvals(const Json& view, StyledText& text) {
  for (const Json& each : view.at("approvals").as_array()) {
    const auto given = each.at("given").as_array().size();
    text.add(fmt::format("\napproval   {}: {} of {}", text_of(each, "meaning"), given,
                         text_of(each, "people")));
    const std::string why = text_of(each, "why");
    if (!why.empty()) text.add(fmt::format("  {}", why), Style::kDim);
  }
  for (const Json& each : view.at("signatures").as_array()) {
    const bool counts = text_of(each, "content") == text_of(view, "content");
    text.add(fmt::format("\nsigned     {} as {} at {}{}", text_of(each, "name"),
                         text_of(each, "meaning"), text_of(each, "signedAt"),
                         counts ? "" : ", of a content that is gone"));
    const std::string comment = text_of(each, "comment");
    if (!comment.empty()) text.add(fmt::format(": {}", comment), Style::kDim);
  }
}

std::string next_step(const Json& view) {
  const std::string state = text_of(view, "state");
  const std::string id = text_of(view, "id");
  if (state == "open") {
    if (view.at("checks").as_array().empty()) {
      return fmt::format("push it again to have it checked: --draft {}", id);
    }
    return has_passed_checks(view)
               ? fmt::format("next: wardlock policy submit {}", id)
               : fmt::format(
                     "it is not to be reviewed like that: push another content with "
                     "--draft {}",
                     id);
  }
  if (state == "rejected") return fmt::format("push another content: --draft {}", id);
  if (state != "in_review") return "";
  const std::string missing = text_of(view, "missing");
  if (missing.empty()) return fmt::format("next: wardlock policy activate {}", id);
  return fmt::format("missing: {}; somebody who wrote none of it: wardlock policy approve {}",
                     missing, id);
}

}  // namespace

bool has_passed_checks(const Json& view) {
  return std::ranges::all_of(view.at("checks").as_array(), [](const Json& check) {
    return text_of(check, "outcome") == "passed" || text_of(check, "required") != "true";
  });
}

StyledText draft_text(const Json& view) {
  StyledText text;
  text.add(text_of(view, "title"), Style::kBold);
  text.add(fmt::format("\ndraft      {}\nstate      {}\nedition    {}\ncontent    {}",
                       text_of(view, "id"), text_of(view, "state"), text_of(view, "edition"),
                       text_of(view, "content")));
  if (view.as_object().contains("checks")) {
    add_checks(view, text);
    add_approvals(view, text);
    const std::string next = next_step(view);
    if (!next.empty()) text.add("\n" + next, Style::kDim);
  }
  return text;
}

std::string activation_text(const Json& activation) {
  const std::string reason = text_of(activation, "reason");
  std::string text =
      fmt::format("serial {} ({}) from {} on: {}{}{}", text_of(activation, "serial"),
                  text_of(activation, "cause"), text_of(activation, "startsAt"),
                  text_of(activation, "content"), reason.empty() ? "" : "\n  ", reason);
  const std::string by = text_of(activation, "approveBy");
  if (!by.empty()) text += fmt::format("\n  to be approved by {}", by);
  return text;
}

}  // namespace wardlock::cli
