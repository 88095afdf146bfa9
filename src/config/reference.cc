#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "config/description.h"
#include "config/setting.h"

namespace wardlock::config {
namespace {

std::string kind_text(const Setting& setting) {
  switch (setting.kind) {
    case Kind::kText:
      return setting.words.empty() ? "text" : fmt::format("`{}`", fmt::join(setting.words, "`, `"));
    case Kind::kPath: return "path";
    case Kind::kFlag: return "`true`, `false`";
    case Kind::kNumber: return fmt::format("number, {} to {}", setting.least, setting.most);
    case Kind::kDuration: return "duration";
    case Kind::kSize: return "size";
    case Kind::kTexts:
      return setting.words.empty() ? "list of texts"
                                   : fmt::format("list of `{}`", fmt::join(setting.words, "`, `"));
    case Kind::kTextMap: return "names, each with a text";
    case Kind::kSection: return "settings";
    case Kind::kSections: return "list of settings";
    case Kind::kPathOrSection: return "path, or settings";
    case Kind::kNamed: break;
  }
  return "names, each with settings";
}

std::string fallback_text(const Setting& setting, bool is_at_top) {
  const auto either = alternatives();
  if (is_at_top && std::ranges::find(either, setting.name) != either.end()) {
    return fmt::format("**one of** `{}`", fmt::join(either, "`, `"));
  }
  if (setting.is_required) return "**required**";
  if (setting.fallback.empty() || setting.fallback == "{}" || setting.fallback == "[]") return "";
  return fmt::format("`{}`", setting.fallback);
}

/// Whether what stands below it is what stands at the top.
bool is_said_at_top(const Setting& setting) {
  return setting.kind == Kind::kNamed &&
         std::ranges::all_of(setting.settings, [](const Setting& inner) {
           return std::ranges::find(all_settings(), inner.name, &Setting::name) !=
                  all_settings().end();
         });
}

/// What stands between its name and those of its settings.
std::string_view below(Kind kind) {
  if (kind == Kind::kSections) return "[].";
  return kind == Kind::kNamed ? ".NAME." : ".";
}

/// A row for each setting, those of sections behind them. What stands in each tenant as it stands
/// at the top is not said twice.
void add_rows(std::span<const Setting> settings, const std::string& prefix, std::string& out) {
  for (const Setting& setting : settings) {
    const std::string name = fmt::format("{}{}", prefix, setting.name);
    out += fmt::format("| `{}` | {} | {} | {}. |\n", name, kind_text(setting),
                       fallback_text(setting, prefix.empty()), setting.about);
    if (is_said_at_top(setting)) {
      std::vector<std::string_view> inner;
      for (const Setting& each : setting.settings) inner.push_back(each.name);
      out += fmt::format("| `{}.NAME` | settings | | As at the top: `{}`. |\n", name,
                         fmt::join(inner, "`, `"));
    } else {
      add_rows(setting.settings, fmt::format("{}{}", name, below(setting.kind)), out);
    }
  }
}

}  // namespace

std::string reference() {
  std::string out = "| setting | value | default | meaning |\n|---|---|---|---|\n";
  add_rows(all_settings(), "", out);
  return out;
}

}  // namespace wardlock::config
