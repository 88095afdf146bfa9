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

/// A row for each setting, those of sections behind them. What stands in each tenant as it stands
/// at the top is not said twice.
void add_rows(std::span<const Setting> settings, const std::string& prefix, std::string& out) {
  for (const Setting& setting : settings) {
    const std::string name = fmt::format("{}{}", prefix, setting.name);
    out += fmt::format("| `{}` | {} | {} | {}. |\n", name, kind_text(setting),
                       fallback_text(setting, prefix.empty()), setting.about);
    if (setting.kind == Kind::kNamed) {
      std::vector<std::string_view> inner;
      for (const Setting& each : setting.settings) inner.push_back(each.name);
      out += fmt::format("| `{}.NAME` | settings | | As at the top: `{}`. |\n", name,
                         fmt::join(inner, "`, `"));
    } else {
      add_rows(setting.settings, name + (setting.kind == Kind::kSections ? "[]." : "."), out);
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
