#include "cli/import_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "directory/model/schema.h"

namespace wardlock::cli {
namespace {

using directory::Effect;

constexpr std::size_t kMostLines = 100'000;
constexpr std::size_t kMostLinesForPeople = 200;

struct Mark {
  std::string_view sign;
  Style style;
};

Mark mark_of(Effect effect) {
  switch (effect) {
    case Effect::kCreated: return {"+", Style::kGreen};
    case Effect::kChanged: return {"~", Style::kYellow};
    case Effect::kEnded: return {"-", Style::kYellow};
    case Effect::kRefused: return {"!", Style::kRed};
    case Effect::kSame: break;
  }
  return {" ", Style::kDim};
}

std::string text_in(const boost::json::object& members, std::string_view name) {
  const codec::Json* value = members.if_contains(name);
  return value != nullptr && value->is_string() ? printable(value->get_string()) : "";
}

/// Of a thing or of a relation.
std::string kind_of(const boost::json::object& entry) {
  const std::string relation = text_in(entry, "relation");
  return relation.empty() ? text_in(entry, "kind") : relation;
}

/// What people call the thing, or the ends of the relation; empty: neither is said.
std::string name_of(const boost::json::object& entry) {
  if (entry.contains("relation")) {
    return fmt::format("{} -> {}", text_in(entry, "subject"), text_in(entry, "object"));
  }
  const auto kind = directory::find_kind(text_in(entry, "kind"));
  const codec::Json* attributes = entry.if_contains("attributes");
  if (!kind || attributes == nullptr || !attributes->is_object()) return "";
  return text_in(attributes->get_object(),
                 directory::calling_name(directory::schema_of(*kind)).name);
}

std::string value_text(const codec::Json& value) {
  return value.is_null() ? "nothing" : codec::to_json_text(value);
}

}  // namespace

void ImportReport::add(const directory::ItemPlace& place, const codec::Json& entry,
                       const directory::Outcome& outcome) {
  if (outcome.effect == Effect::kRefused) {
    ++refused_;
  } else {
    ++counts_[outcome.effect];
  }
  if (outcome.effect == Effect::kSame) return;
  if (lines_.size() < kMostLines || outcome.effect == Effect::kRefused) {
    const boost::json::object none;
    const auto& members = entry.is_object() ? entry.get_object() : none;
    lines_.push_back({place, outcome.effect, kind_of(members), name_of(members), outcome});
  }
}

void ImportReport::add(const directory::FileFault& fault) {
  ++refused_;
  lines_.push_back({fault.place,
                    Effect::kRefused,
                    "",
                    "",
                    {.effect = Effect::kRefused, .faults = fault.faults}});
}

bool ImportReport::has_changes() const {
  return std::ranges::any_of(
      counts_, [](const auto& count) { return count.first != Effect::kSame && count.second != 0; });
}

void ImportReport::append(const Line& line, StyledText& out) const {
  const Mark mark = mark_of(line.effect);
  std::string text = fmt::format(" {}{}", files_.size() > 1 ? files_[line.place.text] + ", " : "",
                                 directory::to_text(line.place));
  if (!line.what.empty()) text += ", " + line.what;
  if (!line.name.empty()) text += " " + line.name;
  const bool is_new = line.effect == Effect::kCreated;
  if (!is_new && !line.outcome.id.empty()) text += " " + line.outcome.id;
  for (const directory::Difference& one : line.outcome.differences) {
    if (is_new) continue;
    text +=
        fmt::format("\n    {}: {} -> {}", one.path, value_text(one.before), value_text(one.after));
  }
  for (const directory::Fault& fault : line.outcome.faults) {
    text += fault.path.empty() ? fmt::format("\n    {}", fault.message)
                               : fmt::format("\n    `{}` {}", fault.path, fault.message);
  }
  out.add(mark.sign, mark.style).add(text + '\n');
}

StyledText ImportReport::text() const {
  StyledText out;
  std::size_t shown = 0;
  // What is wrong first: it is what there is to do.
  for (const bool refused : {true, false}) {
    for (const Line& line : lines_) {
      if ((line.effect == Effect::kRefused) != refused) continue;
      if (++shown > kMostLinesForPeople) break;
      append(line, out);
    }
  }
  if (shown > kMostLinesForPeople) out.add("  … and more; `--json` has all of them\n", Style::kDim);
  std::string sums;
  for (const auto& [effect, word] : {std::pair(Effect::kCreated, "new"),
                                     {Effect::kChanged, "changed"},
                                     {Effect::kEnded, "ended"},
                                     {Effect::kSame, "the same"}}) {
    const auto count = counts_.find(effect);
    if (count == counts_.end()) continue;
    sums += fmt::format("{}{} {}", sums.empty() ? "" : ", ", count->second, word);
  }
  if (refused_ != 0) sums += fmt::format("{}{} wrong", sums.empty() ? "" : ", ", refused_);
  out.add(sums.empty() ? "there is nothing in it" : sums, Style::kBold);
  return out;
}

boost::json::object ImportReport::json_of(const Line& line) const {
  boost::json::object out = {{"file", files_[line.place.text]},
                             {"line", line.place.line},
                             {"effect", directory::to_string(line.effect)}};
  if (!line.what.empty()) out["kind"] = line.what;
  if (!line.name.empty()) out["name"] = line.name;
  if (!line.outcome.id.empty()) out["id"] = line.outcome.id;
  boost::json::array changes, faults;
  for (const directory::Difference& one : line.outcome.differences) {
    changes.push_back({{"path", one.path}, {"before", one.before}, {"after", one.after}});
  }
  for (const directory::Fault& fault : line.outcome.faults) {
    faults.push_back({{"path", fault.path}, {"message", fault.message}});
  }
  if (!changes.empty()) out["changes"] = std::move(changes);
  if (!faults.empty()) out["faults"] = std::move(faults);
  return out;
}

boost::json::object ImportReport::json() const {
  boost::json::object counts;
  for (const auto& [effect, count] : counts_) counts[directory::to_string(effect)] = count;
  counts[directory::to_string(Effect::kRefused)] = refused_;
  boost::json::array lines;
  for (const Line& line : lines_) lines.push_back(json_of(line));
  return {{"counts", std::move(counts)}, {"lines", std::move(lines)}};
}

}  // namespace wardlock::cli
