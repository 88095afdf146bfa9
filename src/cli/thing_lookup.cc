#include "cli/thing_lookup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/suggestion.h"
#include "directory/identifier/uuid7.h"
#include "net/query_string.h"

namespace wardlock::cli {
namespace {

using codec::Json;
using directory::Attribute;
using directory::Schema;

constexpr std::size_t kShown = 5;

/// `deviceModel` -> `device-model`
std::string kebab(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      out += '-';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

Result<std::vector<Json>> items_of(AdminClient& client, const std::string& path) {
  const Json page = TRY(client.get(path));
  const auto* const members = page.if_object();
  const Json* const items = members == nullptr ? nullptr : members->if_contains("items");
  if (items == nullptr || !items->is_array()) {
    return fail(ErrorCode::kUnavailable, "the server's answer is no list");
  }
  return std::vector<Json>(items->get_array().begin(), items->get_array().end());
}

/// The word is one of its identifiers, and not only what it is shown as.
bool is_identified_by(const Schema& schema, const Json& thing, std::string_view word) {
  return std::ranges::any_of(schema.attributes, [&](const Attribute& attribute) {
    if (!attribute.is_unique && attribute.unique_within.empty()) return false;
    const std::string value = attribute_of(thing, attribute.name);
    return std::ranges::equal(value, word, [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) ==
             std::tolower(static_cast<unsigned char>(b));
    });
  });
}

/// Something near it, if there is.
std::string near(AdminClient& client, const Schema& schema, const std::string& word) {
  constexpr std::size_t kSameLetters = 1;
  const auto some =
      items_of(client, fmt::format("{}?like={}&count=200", schema.collection,
                                   net::percent_encoded(word.substr(0, kSameLetters))));
  if (!some) return "";
  std::vector<std::string> names;
  for (const Json& each : *some) names.push_back(name_of(each));
  return suggestion(word, names);
}

std::unexpected<Error> could_be_several(const std::string& word, const std::vector<Json>& found) {
  std::vector<std::string> shown;
  for (const Json& each : found) {
    if (shown.size() == kShown) break;
    shown.push_back(
        fmt::format("{} {} ({})", text_of(each, "kind"), name_of(each), text_of(each, "id")));
  }
  return invalid(fmt::format("`{}` could be several: {}{}; give the id", word,
                             fmt::join(shown, ", "), found.size() > kShown ? ", …" : ""));
}

/// `MODEL/SERIAL`: what is one's only within another. Nothing: the kind has no such name.
Result<std::vector<Json>> find_within(AdminClient& client, const Schema& schema,
                                      const std::string& word) {
  const std::size_t slash = word.rfind('/');
  const auto named = std::ranges::find_if(
      schema.attributes, [](const Attribute& each) { return !each.unique_within.empty(); });
  if (slash == std::string::npos || named == schema.attributes.end()) return std::vector<Json>();
  const Attribute* const within =
      directory::find_attribute(schema.attributes, named->unique_within);
  const Json whole = TRY(find_thing(client, within->targets, word.substr(0, slash)));
  return items_of(client, fmt::format("{}?{}={}&{}={}&count=20", schema.collection, named->name,
                                      net::percent_encoded(word.substr(slash + 1)), within->name,
                                      text_of(whole, "id")));
}

Result<std::vector<Json>> candidates(AdminClient& client, const Schema& schema,
                                     const std::string& word) {
  auto found = TRY(items_of(
      client, fmt::format("{}?named={}&count=20", schema.collection, net::percent_encoded(word))));
  if (found.empty()) found = TRY(find_within(client, schema, word));
  const auto identified = std::ranges::count_if(
      found, [&](const Json& each) { return is_identified_by(schema, each, word); });
  if (identified == 1) {
    std::erase_if(found, [&](const Json& each) { return !is_identified_by(schema, each, word); });
  }
  return found;
}

}  // namespace

std::string word_for(const Schema& schema) {
  return schema.kind == directory::Kind::kPerson ? "user" : kebab(schema.name);
}

std::string text_of(const Json& thing, std::string_view member) {
  const auto* const members = thing.if_object();
  const Json* const value = members == nullptr ? nullptr : members->if_contains(member);
  if (value == nullptr) return "";
  return value->is_string() ? std::string(value->get_string()) : codec::to_json_text(*value);
}

std::string attribute_of(const Json& thing, std::string_view attribute) {
  const auto* const members = thing.if_object();
  const Json* const all = members == nullptr ? nullptr : members->if_contains("attributes");
  return all == nullptr ? "" : text_of(*all, attribute);
}

std::string name_of(const Json& thing) {
  const auto kind = directory::find_kind(text_of(thing, "kind"));
  std::string name =
      kind ? attribute_of(thing, calling_name(directory::schema_of(*kind)).name) : "";
  return name.empty() ? text_of(thing, "id") : name;
}

Result<Json> find_thing(AdminClient& client, const Schema& schema, const std::string& word) {
  if (word.empty()) return invalid("a name is missing");
  if (directory::uuid7_time(word)) {
    return client.get(fmt::format("{}/{}", schema.collection, word));
  }
  auto found = TRY(candidates(client, schema, word));
  if (found.size() == 1) return std::move(found.front());
  if (!found.empty()) return could_be_several(word, found);
  return fail(ErrorCode::kNotFound, fmt::format("there is no {} `{}`{}", word_for(schema), word,
                                                near(client, schema, word)));
}

Result<Json> find_thing(AdminClient& client, directory::Kinds kinds, const std::string& word) {
  std::vector<const Schema*> schemas;
  std::vector<std::string> words;
  for (const Schema* schema : directory::all_schemas()) {
    if (!kinds.contains(schema->kind)) continue;
    if (word.starts_with(word_for(*schema) + ":")) {
      return find_thing(client, *schema, word.substr(word_for(*schema).size() + 1));
    }
    schemas.push_back(schema);
    words.push_back(word_for(*schema));
  }
  if (schemas.size() == 1) return find_thing(client, *schemas.front(), word);
  if (directory::uuid7_time(word)) return client.get("things/" + word);
  std::vector<Json> all;
  std::string hint;
  for (const Schema* schema : schemas) {
    auto found = candidates(client, *schema, word);
    // Of what one may not see, nothing is meant.
    if (!found && found.error().code == ErrorCode::kPermissionDenied) continue;
    if (!found) return std::unexpected(found.error());
    if (found->empty() && hint.empty()) hint = near(client, *schema, word);
    std::ranges::move(*found, std::back_inserter(all));
  }
  if (all.size() == 1) return std::move(all.front());
  if (!all.empty()) return could_be_several(word, all);
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no {} `{}`{}", fmt::join(words, ", "), word, hint));
}

}  // namespace wardlock::cli
