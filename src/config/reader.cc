#include "config/reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <regex>
#include <vector>

#include "base/suggestion.h"
#include "codec/yaml.h"
#include "config/setting.h"

namespace wardlock::config {
namespace {

using codec::Json;
using codec::Yaml;

/// No setting is longer; std::regex recurses by the length of the text.
constexpr std::size_t kMaxTextBytes = 1024;

class Reader {
 public:
  explicit Reader(const std::string& folder) : folder_(folder) {}

  Parsed<Document> read(const Yaml& yaml) {
    document_.json = section(yaml, all_settings(), "", alternatives());
    std::ranges::stable_sort(diagnostics_, {}, [](const auto& each) { return each.span.begin; });
    if (!diagnostics_.empty()) return std::unexpected(std::move(diagnostics_));
    return std::move(document_);
  }

 private:
  void refuse(Span span, std::string message, std::string help = "") {
    diagnostics_.push_back({Severity::kError, std::move(message), span, std::move(help)});
  }
  /// For a value of the wrong kind.
  Json refuse_value(const Setting& setting, const Yaml& yaml, std::string_view expected) {
    refuse(yaml.span, fmt::format("`{}` must be {}", setting.name, expected));
    return nullptr;
  }

  Json section(const Yaml& yaml, std::span<const Setting> settings, const std::string& pointer,
               std::span<const std::string_view> either = {});
  void check_keys(const Yaml& yaml, std::span<const Setting> settings);
  void check_alternatives(const Yaml& yaml, std::span<const std::string_view> either);
  Json value(const Setting& setting, const Yaml& yaml, const std::string& pointer);
  Json fallback(const Setting& setting, const std::string& pointer);
  Json list(const Setting& setting, const Yaml& yaml, const std::string& pointer);
  Json map(const Setting& setting, const Yaml& yaml, const std::string& pointer);
  Json text(const Setting& setting, const Yaml& yaml);
  Json path(const Setting& setting, const Yaml& yaml);
  Json flag(const Setting& setting, const Yaml& yaml);
  Json number(const Setting& setting, const Yaml& yaml);
  Json amount(const Setting& setting, const Yaml& yaml);
  bool matches(const Setting& setting, std::string_view text);

  const std::string& folder_;
  Document document_;
  Diagnostics diagnostics_;
  std::map<const char*, std::regex> patterns_;
};

const Yaml::Entry* find(const Yaml& yaml, std::string_view key) {
  const auto found = std::ranges::find(yaml.entries, key, &Yaml::Entry::key);
  return found == yaml.entries.end() ? nullptr : &*found;
}

bool is_among(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

Json Reader::section(const Yaml& yaml, std::span<const Setting> settings,
                     const std::string& pointer, std::span<const std::string_view> either) {
  if (yaml.kind != Yaml::Kind::kMap) {
    refuse(yaml.span, "this must be settings, each as `name: value`");
    return nullptr;
  }
  check_keys(yaml, settings);
  check_alternatives(yaml, either);
  boost::json::object out;
  for (const Setting& setting : settings) {
    const std::string place = fmt::format("{}/{}", pointer, setting.name);
    if (const Yaml::Entry* entry = find(yaml, setting.name)) {
      document_.places[place] = entry->span;
      out[setting.name] = value(setting, entry->value, place);
    } else if (!setting.fallback.empty()) {
      out[setting.name] = fallback(setting, place);
    } else if (setting.is_required && !is_among(setting.name, either)) {
      refuse(yaml.span, fmt::format("`{}` is missing here", setting.name),
             fmt::format("it is: {}", setting.about));
    }
  }
  return out;
}

void Reader::check_keys(const Yaml& yaml, std::span<const Setting> settings) {
  std::vector<std::string> names;
  for (const Setting& setting : settings) names.emplace_back(setting.name);
  for (const Yaml::Entry& entry : yaml.entries) {
    if (std::ranges::find(names, entry.key) != names.end()) continue;
    const std::string near = suggestion(entry.key, names);
    refuse(entry.span, fmt::format("there is no setting `{}` here{}", entry.key, near),
           near.empty() ? fmt::format("there are: {}", fmt::join(names, ", ")) : "");
  }
}

void Reader::check_alternatives(const Yaml& yaml, std::span<const std::string_view> either) {
  if (either.empty()) return;
  const auto given = std::ranges::count_if(
      either, [&](std::string_view name) { return find(yaml, name) != nullptr; });
  if (given == 1) return;
  refuse(yaml.span, fmt::format("give one of `{}`{}", fmt::join(either, "`, `"),
                                given == 0 ? "" : ", not several"));
}

Json Reader::fallback(const Setting& setting, const std::string& pointer) {
  const auto yaml = codec::parse_yaml(setting.fallback);
  return value(setting, *yaml, pointer);
}

Json Reader::value(const Setting& setting, const Yaml& yaml, const std::string& pointer) {
  if (yaml.kind == Yaml::Kind::kNull) {
    refuse(yaml.span, fmt::format("`{}` has no value; give one, or leave it out", setting.name));
    return nullptr;
  }
  switch (setting.kind) {
    case Kind::kText: return text(setting, yaml);
    case Kind::kPath: return path(setting, yaml);
    case Kind::kFlag: return flag(setting, yaml);
    case Kind::kNumber: return number(setting, yaml);
    case Kind::kDuration:
    case Kind::kSize: return amount(setting, yaml);
    case Kind::kTexts:
    case Kind::kSections: return list(setting, yaml, pointer);
    case Kind::kTextMap:
    case Kind::kNamed: return map(setting, yaml, pointer);
    case Kind::kPathOrSection:
      if (yaml.kind != Yaml::Kind::kMap) return path(setting, yaml);
      break;
    case Kind::kSection: break;
  }
  return section(yaml, setting.settings, pointer);
}

Json Reader::list(const Setting& setting, const Yaml& yaml, const std::string& pointer) {
  if (yaml.kind != Yaml::Kind::kList) return refuse_value(setting, yaml, "a list");
  boost::json::array out;
  for (const Yaml& item : yaml.items) {
    const std::string place = fmt::format("{}/{}", pointer, out.size());
    document_.places[place] = item.span;
    out.push_back(setting.kind == Kind::kTexts ? text(setting, item)
                                               : section(item, setting.settings, place));
  }
  return out;
}

Json Reader::map(const Setting& setting, const Yaml& yaml, const std::string& pointer) {
  if (yaml.kind != Yaml::Kind::kMap) return refuse_value(setting, yaml, "names, each with a value");
  boost::json::object out;
  for (const Yaml::Entry& entry : yaml.entries) {
    const std::string place = fmt::format("{}/{}", pointer, entry.key);
    document_.places[place] = entry.span;
    if (setting.kind == Kind::kTextMap) {
      out[entry.key] = text(setting, entry.value);
    } else if (!matches(setting, entry.key)) {
      refuse(entry.span, fmt::format("the name `{}` must be {}", entry.key, setting.form));
    } else {
      out[entry.key] = section(entry.value, setting.settings, place);
    }
  }
  return out;
}

bool Reader::matches(const Setting& setting, std::string_view text) {
  if (setting.pattern == nullptr) return true;
  if (text.size() > kMaxTextBytes) return false;
  auto [it, is_new] = patterns_.try_emplace(setting.pattern);
  if (is_new) it->second.assign(setting.pattern);  // from the table alone: never malformed
  return std::regex_match(text.begin(), text.end(), it->second);
}

Json Reader::text(const Setting& setting, const Yaml& yaml) {
  if (!yaml.is_text() || yaml.text.empty()) return refuse_value(setting, yaml, "text");
  if (!setting.words.empty() && !is_among(yaml.text, setting.words)) {
    return refuse_value(setting, yaml,
                        fmt::format("one of `{}`", fmt::join(setting.words, "`, `")));
  }
  if (!matches(setting, yaml.text)) return refuse_value(setting, yaml, setting.form);
  return Json(yaml.text);
}

Json Reader::path(const Setting& setting, const Yaml& yaml) {
  if (!yaml.is_text() || yaml.text.empty()) {
    return refuse_value(setting, yaml, "the path of a file or folder");
  }
  return Json((std::filesystem::path(folder_) / yaml.text).lexically_normal().string());
}

Json Reader::flag(const Setting& setting, const Yaml& yaml) {
  const bool is_true = yaml.text == "true";
  if (yaml.kind != Yaml::Kind::kPlain || (!is_true && yaml.text != "false")) {
    return refuse_value(setting, yaml, "`true` or `false`");
  }
  return is_true;
}

Json Reader::number(const Setting& setting, const Yaml& yaml) {
  std::int64_t number = 0;
  const char* last = yaml.text.data() + yaml.text.size();
  const auto [end, error] = std::from_chars(yaml.text.data(), last, number);
  if (yaml.kind != Yaml::Kind::kPlain || error != std::errc() || end != last ||
      number < setting.least || number > setting.most) {
    return refuse_value(setting, yaml,
                        fmt::format("a whole number from {} to {}", setting.least, setting.most));
  }
  return number;
}

Json Reader::amount(const Setting& setting, const Yaml& yaml) {
  const bool is_duration = setting.kind == Kind::kDuration;
  std::optional<std::int64_t> amount;
  if (yaml.is_text() && is_duration) {
    if (const auto duration = parse_duration(yaml.text)) amount = duration->count();
  } else if (yaml.is_text()) {
    amount = parse_size(yaml.text);
  }
  if (!amount) {
    return refuse_value(setting, yaml,
                        is_duration ? "a whole number with `ms`, `s`, `m`, `h` or `d`, e.g. `2s`"
                                    : "a number of bytes, e.g. `4096`, `16KiB` or `1MiB`");
  }
  if (*amount < setting.least || *amount > setting.most) {
    return refuse_value(setting, yaml,
                        fmt::format("from {0} to {1} {2}", setting.least, setting.most,
                                    is_duration ? "ms" : "bytes"));
  }
  return Json(yaml.text);
}

}  // namespace

Span Document::place_of(std::string_view pointer) const {
  while (!pointer.empty()) {
    if (const auto found = places.find(pointer); found != places.end()) return found->second;
    pointer = pointer.substr(0, pointer.rfind('/'));
  }
  return {};
}

Parsed<Document> read_document(std::string_view text, const std::string& folder) {
  const Yaml yaml = TRY(codec::parse_yaml(text));
  return Reader(folder).read(yaml);
}

}  // namespace wardlock::config
