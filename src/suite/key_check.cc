#include "suite/key_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/suggestion.h"

namespace wardlock::suite {

using codec::Yaml;

void Findings::take(Diagnostics diagnostics, std::size_t offset) {
  for (Diagnostic& each : diagnostics) {
    each.span.begin += static_cast<std::uint32_t>(offset);
    each.span.end += static_cast<std::uint32_t>(offset);
    list_.push_back(std::move(each));
  }
}

bool check_map(const Yaml& yaml, std::string_view what, Findings& findings) {
  if (yaml.kind == Yaml::Kind::kMap) return true;
  findings.refuse(yaml.span, fmt::format("{} must be a map: `key: value`, one a line", what));
  return false;
}

void check_keys(const Yaml& map, std::string_view what, std::span<const std::span<const Key>> known,
                Findings& findings) {
  std::vector<std::string> names;
  for (const auto& keys : known) {
    for (const Key& key : keys) names.emplace_back(key.name);
  }
  for (const Yaml::Entry& entry : map.entries) {
    if (std::ranges::find(names, entry.key) != names.end()) continue;
    refuse_unknown(entry.span, fmt::format("{} has no key", what), entry.key, names, findings);
  }
}

const Yaml* find(const Yaml& map, std::string_view key) {
  const auto it = std::ranges::find(map.entries, key, &Yaml::Entry::key);
  return it == map.entries.end() ? nullptr : &it->value;
}

std::optional<std::string> find_text(const Yaml& map, std::string_view key, Findings& findings) {
  const Yaml* value = find(map, key);
  if (value == nullptr) return std::nullopt;
  if (value->is_text() && !value->text.empty()) return value->text;
  findings.refuse(value->span, fmt::format("`{}` must be text", key));
  return std::nullopt;
}

void refuse_unknown(Span span, std::string_view what, std::string_view word,
                    std::span<const std::string> words, Findings& findings) {
  constexpr std::size_t kFew = 24;
  const std::string near = suggestion(word, words);
  std::string help;
  if (near.empty() && words.empty()) help = "none is declared";
  if (near.empty() && !words.empty() && words.size() <= kFew) {
    help = fmt::format("there are: {}", fmt::join(words, ", "));
  }
  findings.refuse(span, fmt::format("{} `{}`{}", what, word, near), std::move(help));
}

}  // namespace wardlock::suite
