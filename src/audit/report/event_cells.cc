#include "audit/report/event_cells.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/report/html.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Part;

/// Why a part says nothing, or nothing where it can speak.
std::string_view silence(const Event& event, Part part) {
  const auto has = [&](event::Texts parts) {
    return std::ranges::find(parts, to_string(part)) != parts.end();
  };
  if (has(event.erased_parts)) return "erased";
  if (has(event.locked_parts)) return "not readable with the keys at hand";
  return "";
}

/// Paragraphs of a cell.
class Cell {
 public:
  void add_html(std::string_view text) {
    if (!text.empty()) text_ += fmt::format("<p>{}</p>", text);
  }
  void add(std::string_view label, std::string_view text) {
    if (text.empty()) return;
    text_ += fmt::format("<p><span class=\"faint\">{}</span> {}</p>", label, html(text));
  }
  void add_time(std::string_view label, std::optional<std::int64_t> time) {
    if (!time) return;
    text_ += fmt::format("<p><span class=\"faint\">{}</span> {}</p>", label, html_time(*time));
  }
  void add(std::string_view label, event::Texts texts) {
    std::string all;
    for (const std::string_view text : texts) {
      all += all.empty() ? "" : ", ";
      all += text;
    }
    add(label, all);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string words(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '_', ' ');
  return out;
}

}  // namespace

std::string entity_cell(const Event& event, std::string_view type, std::string_view id, Part part) {
  const std::string_view why = silence(event, part);
  if (id.empty() && (type.empty() || why.empty())) return html(type);
  std::string out = id.empty() ? fmt::format("<i>{}</i>", why) : fmt::format("<b>{}</b>", html(id));
  if (!type.empty()) out += fmt::format(" <span class=\"faint\">{}</span>", html(type));
  return out;
}

std::string who_cell(const Event& event) {
  Cell cell;
  cell.add_html(entity_cell(event, event.principal_type, event.principal_id, Part::kPerson));
  cell.add("by way of", event.caller);
  cell.add("from", event.source_address);
  cell.add("at", event.location);
  cell.add("session", event.session);
  if (event.authentication_level) {
    cell.add("assurance level", std::to_string(*event.authentication_level));
  }
  cell.add("signed in by", event.authentication_methods);
  cell.add_time("signed in", event.authentication_time);
  return cell.take();
}

std::string what_cell(const Event& event) {
  Cell cell;
  const std::string kind = words(to_string(event.kind));
  if (event.action.empty()) {
    cell.add_html(fmt::format("<b>{}</b>", kind));
  } else {
    cell.add_html(
        fmt::format("<b>{}</b> <span class=\"faint\">{}</span>", html(event.action), kind));
  }
  cell.add_html(entity_cell(event, event.resource_type, event.resource_id, Part::kPatient));
  cell.add("purpose", event.purpose);
  return cell.take();
}

std::string whose_cell(const Event& event) {
  Cell cell;
  cell.add("patient", event.patient);
  if (event.patient.empty()) {
    if (const auto why = silence(event, Part::kPatient); !why.empty()) {
      cell.add_html(fmt::format("<span class=\"faint\">patient</span> <i>{}</i>", why));
    }
  }
  cell.add("device", event.device);
  if (const std::string affected =
          entity_cell(event, event.affected_type, event.affected_id, Part::kAffected);
      !affected.empty()) {
    cell.add_html(fmt::format("<span class=\"faint\">affects</span> {}", affected));
  }
  return cell.take();
}

std::string outcome_cell(const Event& event) {
  Cell cell;
  if (event.outcome == event::Outcome::kError) {
    cell.add_html("<span class=\"warn\">! failed</span>");
  } else if (event.allowed) {
    cell.add_html(*event.allowed ? "<span class=\"good\">\u2713 allowed</span>"
                                 : "<span class=\"bad\">\u2717 denied</span>");
  } else {
    cell.add_html(event.outcome == event::Outcome::kSuccess
                      ? "<span class=\"good\">\u2713 done</span>"
                      : "<span class=\"bad\">\u2717 refused</span>");
  }
  cell.add("cause", words(event.cause));
  cell.add("by", event.policies);
  return cell.take();
}

std::string details_cell(const Event& event) {
  Cell cell;
  cell.add("reason", event.reason);
  cell.add("grant", event.grant);
  cell.add("glass broken because", event.grant_reason);
  cell.add_time("grant ends", event.grant_expires_at);
  cell.add("changed", event.changed);
  cell.add("before", event.value_before);
  cell.add("after", event.value_after);
  if (event.count) cell.add("count", std::to_string(*event.count));
  cell.add("to be done by the caller", event.obligations);
  cell.add("consents that counted", event.consents);
  cell.add("notes", event.notes);
  cell.add("decision", event.decision_id);
  cell.add("class", event.record_class);
  cell.add("node", event.node);
  return cell.take();
}

}  // namespace wardlock::audit
