#include "suite/value_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/arena.h"
#include "base/suggestion.h"
#include "cedar/extension/extension.h"
#include "cedar/parser/parser.h"
#include "suite/yaml_value.h"

namespace wardlock::suite {
namespace {

using codec::Yaml;

/// Where the text of a node begins.
std::size_t offset_of(const Yaml& yaml) {
  return yaml.span.begin + (yaml.kind == Yaml::Kind::kQuoted ? 1 : 0);
}

/// Where `wanted` stands in the text, outside quotes and braces, or the text's end.
std::size_t find_outside(std::string_view text, std::string_view wanted) {
  std::size_t depth = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_quoted && depth == 0 && text.substr(i).starts_with(wanted)) return i;
    if (is_quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && text[i] == '{') {
      ++depth;
    } else if (!is_quoted && text[i] == '}' && depth > 0) {
      --depth;
    }
  }
  return text.size();
}

struct Piece {
  std::string_view text;
  std::size_t offset;  ///< in the whole
};

/// The pieces between separators, without the blanks around them.
std::vector<Piece> split(std::string_view text, std::string_view separator) {
  std::vector<Piece> pieces;
  for (std::size_t from = 0;;) {
    const std::string_view left = text.substr(from);
    const std::size_t end = find_outside(left, separator);
    const std::string_view piece = left.substr(0, end);
    const std::size_t begin = std::min(piece.find_first_not_of(' '), piece.size());
    const std::size_t last = piece.find_last_not_of(' ');
    if (begin < piece.size())
      pieces.push_back({piece.substr(begin, last - begin + 1), from + begin});
    if (end == left.size()) return pieces;
    from += end + separator.size();
  }
}

Span span_of(const Yaml& yaml, const Piece& piece) {
  const std::size_t begin = offset_of(yaml) + piece.offset;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + piece.text.size())};
}

/// A name must be told from a uid, properties, and lists of names.
void check_name(const Yaml::Entry& entry, Findings& findings) {
  const bool is_fit = !entry.key.empty() && entry.key != "-" && entry.key != "none" &&
                      entry.key.find_first_of(" \"'{}[],+|:") == std::string::npos;
  if (is_fit) return;
  findings.refuse(entry.span, fmt::format("`{}` cannot be a name", entry.key),
                  "use letters, digits, `-`, `_` and `.`");
}

template <typename T>
std::vector<std::string> names_of(const T& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

std::span<const Yaml::Entry> entries_of(const Yaml& suite, std::string_view key,
                                        Findings& findings) {
  const Yaml* map = find(suite, key);
  if (map == nullptr || !check_map(*map, fmt::format("`{}`", key), findings)) return {};
  for (const Yaml::Entry& entry : map->entries) check_name(entry, findings);
  return map->entries;
}

}  // namespace

bool is_none(const Yaml& yaml) {
  if (yaml.kind == Yaml::Kind::kList) return yaml.items.empty();
  return yaml.kind == Yaml::Kind::kNull ||
         (yaml.is_text() && (yaml.text.empty() || yaml.text == "-" || yaml.text == "none"));
}

ValueReader::ValueReader(const Yaml& suite, Findings& findings) : findings_(findings) {
  declare(suite);
}

void ValueReader::declare(const Yaml& suite) {
  for (auto [key, names] : {std::pair("principals", &principals_), {"resources", &resources_}}) {
    for (const auto& [name, span, value] : entries_of(suite, key, findings_)) {
      if (auto read = described(value, "")) names->emplace(name, *std::move(read));
    }
  }
  for (const auto& [name, span, value] : entries_of(suite, "contexts", findings_)) {
    contexts_.emplace(name, context(value));
  }
  for (const auto& [name, span, value] : entries_of(suite, "authentications", findings_)) {
    if (auto read = authentication(value)) authentications_.emplace(name, *std::move(read));
  }
  for (const auto& [name, span, value] : entries_of(suite, "requests", findings_)) {
    if (!check_map(value, "a request", findings_)) continue;
    check_keys(value, "a request", asked_keys().subspan(1), findings_);
    requests_.emplace(name, given(value));
  }
}

Given ValueReader::given(const Yaml& map) {
  Given given;
  for (const Yaml::Entry& entry : map.entries) {
    if (const auto field = find_field(entry.key)) given.set(*field, &entry.value);
  }
  return given;
}

const Given* ValueReader::request(const Yaml& yaml) {
  const auto it = yaml.is_text() ? requests_.find(yaml.text) : requests_.end();
  if (it != requests_.end()) return &it->second;
  refuse_unknown(yaml.span, "there is no request", yaml.text, names_of(requests_), findings_);
  return nullptr;
}

boost::json::object ValueReader::properties(const Yaml& map) {
  const Yaml* properties = find(map, "properties");
  if (properties == nullptr || !check_map(*properties, "`properties`", findings_)) return {};
  return to_object(*properties, findings_.list());
}

boost::json::object ValueReader::braces(std::string_view text, std::size_t offset) {
  const auto yaml = codec::parse_yaml(text);
  if (!yaml) {
    findings_.take(yaml.error(), offset);
    return {};
  }
  const auto end = static_cast<std::uint32_t>(text.size());
  Diagnostics wrong;
  if (yaml->kind != Yaml::Kind::kMap) {
    wrong.push_back({Severity::kError,
                     fmt::format("`{}` is not attributes in braces", text),
                     {0, end},
                     "e.g. `{status: final}`"});
  }
  boost::json::object object = to_object(*yaml, wrong);
  findings_.take(std::move(wrong), offset);
  return object;
}

std::optional<Described> ValueReader::described(const Yaml& yaml, std::string_view field) {
  if (yaml.kind == Yaml::Kind::kMap) return described_map(yaml);
  if (yaml.is_text() && !is_none(yaml)) return described_text(yaml, field);
  findings_.refuse(yaml.span, "this must be an entity",
                   "write a name, a uid such as `User::\"alice\"`, or `{type: User, id: alice}`");
  return std::nullopt;
}

std::optional<Described> ValueReader::described_map(const Yaml& yaml) {
  check_keys(yaml, "an entity", described_keys(), findings_);
  auto type = find_text(yaml, "type", findings_);
  auto id = find_text(yaml, "id", findings_);
  if (type && id) return Described{*std::move(type), *std::move(id), properties(yaml)};
  if (findings_.is_empty() || (find(yaml, "type") == nullptr || find(yaml, "id") == nullptr)) {
    findings_.refuse(yaml.span, "an entity needs `type` and `id`");
  }
  return std::nullopt;
}

const Described* ValueReader::find_described(std::string_view name, std::string_view field) const {
  const bool is_resource = field == "resource";
  for (const auto* names :
       {is_resource ? &resources_ : &principals_, is_resource ? &principals_ : &resources_}) {
    if (const auto it = names->find(name); it != names->end()) return &it->second;
  }
  return nullptr;
}

std::optional<Described> ValueReader::described_text(const Yaml& yaml, std::string_view field) {
  const std::string_view text = yaml.text;
  const std::size_t brace = find_outside(text, "{");
  const std::string_view head = text.substr(0, text.find_last_not_of(' ', brace - 1) + 1);
  std::optional<Described> out;
  if (head.contains('"')) {
    Arena arena;
    const auto uid = cedar::parse_entity_uid(head, arena);
    if (uid) {
      out = Described{std::string((*uid)->type), std::string((*uid)->id)};
    } else {
      findings_.refuse(yaml.span, uid.error().message, "a uid is written `Type::\"id\"`");
    }
  } else if (const Described* known = find_described(head, field)) {
    out = *known;
  } else {
    std::vector<std::string> names = names_of(principals_);
    std::ranges::copy(names_of(resources_), std::back_inserter(names));
    refuse_unknown(yaml.span, "there is no principal or resource", head, names, findings_);
  }
  if (brace == text.size()) return out;
  auto said = braces(text.substr(brace), offset_of(yaml) + brace);
  if (out) {
    for (auto& [name, value] : said) out->properties[name] = std::move(value);
  }
  return out;
}

void ValueReader::action(const Yaml& yaml, Asked& asked) {
  if (yaml.kind == Yaml::Kind::kMap) {
    check_keys(yaml, "an action", action_keys(), findings_);
    if (auto name = find_text(yaml, "name", findings_)) {
      asked.action = *std::move(name);
    } else {
      findings_.refuse(yaml.span, "an action needs `name`");
    }
    asked.action_properties = properties(yaml);
    return;
  }
  if (!yaml.is_text() || is_none(yaml)) {
    findings_.refuse(yaml.span, "this must be an action's name, e.g. `view`");
    return;
  }
  const std::string_view text = yaml.text;
  const std::size_t brace = find_outside(text, "{");
  asked.action = text.substr(0, text.find_last_not_of(' ', brace - 1) + 1);
  if (brace < text.size()) {
    asked.action_properties = braces(text.substr(brace), offset_of(yaml) + brace);
  }
}

void ValueReader::join_context(const Yaml& yaml, boost::json::object& joined) {
  const auto add = [&joined](const boost::json::object& more) {
    for (const auto& [name, value] : more) joined[name] = value;
  };
  if (yaml.kind == Yaml::Kind::kMap) return add(to_object(yaml, findings_.list()));
  for (const Piece& piece : split(yaml.text, "+")) {
    if (piece.text.starts_with('{')) {
      add(braces(piece.text, offset_of(yaml) + piece.offset));
    } else if (const auto it = contexts_.find(piece.text); it != contexts_.end()) {
      add(it->second);
    } else {
      refuse_unknown(span_of(yaml, piece), "there is no context", piece.text, names_of(contexts_),
                     findings_);
    }
  }
}

boost::json::object ValueReader::context(const Yaml& yaml) {
  boost::json::object joined;
  if (is_none(yaml)) return joined;
  if (yaml.kind != Yaml::Kind::kList) {
    join_context(yaml, joined);
    return joined;
  }
  for (const Yaml& item : yaml.items) {
    if (item.kind == Yaml::Kind::kMap || item.is_text()) {
      join_context(item, joined);
    } else {
      findings_.refuse(item.span, "this must be attributes, or the name of a context");
    }
  }
  return joined;
}

namespace {

constexpr std::int64_t kMaxLevel = 3;

std::optional<std::int64_t> read_level(std::string_view text) {
  std::int64_t level = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), level);
  const bool is_level =
      error == std::errc() && end == text.data() + text.size() && level >= 0 && level <= kMaxLevel;
  return is_level ? std::optional(level) : std::nullopt;
}

}  // namespace

std::optional<Authentication> ValueReader::authentication_map(const Yaml& yaml) {
  check_keys(yaml, "an authentication", authentication_keys(), findings_);
  const Yaml* level = find(yaml, "level");
  const auto read = level != nullptr && level->is_text() ? read_level(level->text) : std::nullopt;
  if (!read) {
    findings_.refuse(level != nullptr ? level->span : yaml.span,
                     "an authentication needs `level`, 0 to 3");
    return std::nullopt;
  }
  Authentication out{.level = *read, .methods = {}};
  if (const Yaml* methods = find(yaml, "methods")) {
    for (Word& word : words(*methods)) out.methods.push_back(std::move(word.text));
  }
  return out;
}

std::optional<Authentication> ValueReader::authentication_text(const Yaml& yaml) {
  if (const auto it = authentications_.find(yaml.text); it != authentications_.end()) {
    return it->second;
  }
  const std::vector<Piece> pieces = split(yaml.text, " ");
  if (const auto level = pieces.empty() ? std::nullopt : read_level(pieces.front().text)) {
    Authentication out{.level = *level, .methods = {}};
    for (const Piece& piece : std::span(pieces).subspan(1)) out.methods.emplace_back(piece.text);
    return out;
  }
  const std::vector<std::string> names = names_of(authentications_);
  findings_.refuse(
      yaml.span,
      fmt::format("there is no authentication `{}`{}", yaml.text, suggestion(yaml.text, names)),
      "write a name, or a level from 0 to 3 and methods: `2 pwd otp`");
  return std::nullopt;
}

std::optional<Authentication> ValueReader::authentication(const Yaml& yaml) {
  if (is_none(yaml)) return std::nullopt;
  if (yaml.kind == Yaml::Kind::kMap) return authentication_map(yaml);
  if (yaml.is_text()) return authentication_text(yaml);
  findings_.refuse(yaml.span, "this must be an authentication, e.g. `2 pwd otp`");
  return std::nullopt;
}

std::vector<Word> ValueReader::words(const Yaml& yaml) {
  std::vector<Word> out;
  if (is_none(yaml)) return out;
  if (yaml.is_text()) {
    for (const Piece& piece : split(yaml.text, ",")) {
      out.push_back({std::string(piece.text), span_of(yaml, piece)});
    }
    return out;
  }
  if (yaml.kind == Yaml::Kind::kMap) findings_.refuse(yaml.span, "this must be a list: `[a, b]`");
  for (const Yaml& item : yaml.items) {
    if (item.is_text()) {
      out.push_back({item.text, item.span});
    } else {
      findings_.refuse(item.span, "this must be text");
    }
  }
  return out;
}

std::optional<bool> ValueReader::flag(const Yaml& yaml, std::string_view field) {
  if (is_none(yaml)) return false;
  if (yaml.is_text() && (yaml.text == "true" || yaml.text == "false")) return yaml.text == "true";
  findings_.refuse(yaml.span, fmt::format("`{}` must be `true` or `false`", field));
  return std::nullopt;
}

std::optional<std::int64_t> ValueReader::moment(const Yaml& yaml) {
  const auto moment = yaml.is_text() ? cedar::parse_datetime(yaml.text) : std::nullopt;
  if (!moment) {
    findings_.refuse(yaml.span, "`at` must be a moment", "e.g. `2026-11-23T10:00:00Z`");
  }
  return moment;
}

std::string ValueReader::text(const Yaml& yaml, std::string_view field) {
  if (is_none(yaml)) return {};
  if (!yaml.is_text()) findings_.refuse(yaml.span, fmt::format("`{}` must be text", field));
  return yaml.text;
}

}  // namespace wardlock::suite
