#include "cedar/diff/change.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace wardlock::cedar {

std::string_view to_string(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded: return "added";
    case ChangeKind::kRemoved: return "removed";
    case ChangeKind::kChanged: return "changed";
    case ChangeKind::kRenamed: break;
  }
  return "renamed";
}

void diff_named(std::span<const WrittenPart> before, std::span<const WrittenPart> after,
                std::vector<PartChange>& changes) {
  auto was = before.begin();
  auto is = after.begin();
  while (was != before.end() || is != after.end()) {
    if (is == after.end() || (was != before.end() && was->name < is->name)) {
      changes.push_back({was->name, was->text, {}});
      ++was;
    } else if (was == before.end() || is->name < was->name) {
      changes.push_back({is->name, {}, is->text});
      ++is;
    } else {
      if (was->text != is->text) changes.push_back({is->name, was->text, is->text});
      ++was, ++is;
    }
  }
}

codec::Json to_json(const PartChange& change) {
  boost::json::object out{{"part", change.part}};
  if (change.before) out["before"] = *change.before;
  if (change.after) out["after"] = *change.after;
  return out;
}

std::string to_text(const PartChange& change) {
  std::string out = fmt::format("    {}\n", printable(change.part));
  if (change.before) out += fmt::format("      - {}\n", printable(*change.before));
  if (change.after) out += fmt::format("      + {}\n", printable(*change.after));
  return out;
}

char sign_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded: return '+';
    case ChangeKind::kRemoved: return '-';
    case ChangeKind::kChanged: return '~';
    case ChangeKind::kRenamed: break;
  }
  return '=';
}

}  // namespace wardlock::cedar
