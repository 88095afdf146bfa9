#include "cli/thing_lookup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/suggestion.h"
#include "directory/identifier/uuid7.h"
#include "directory/inventory/key.h"
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

Result<Json> find_one(AdminClient& client, const Schema& schema, const std::string& word);
Result<Json> find_among(AdminClient& client, directory::Kinds kinds, const std::string& word);

/// What tells things of the kind apart within another: the serial number of a device, within its
/// model. Nothing: they are told apart everywhere.
const Attribute* inner_name(const Schema& schema) {
  const auto named = std::ranges::find_if(
      schema.attributes, [](const Attribute& each) { return !each.unique_within.empty(); });
  return named == schema.attributes.end() ? nullptr : &*named;
}

Result<std::vector<Json>> find_named(AdminClient& client, const Schema& schema,
                                     const std::string& name) {
  return items_of(
      client, fmt::format("{}?named={}&count=20", schema.collection, net::percent_encoded(name)));
}

/// `MODEL/SERIAL`: what is one's only within another. Nothing: the kind has no such name.
Result<std::vector<Json>> find_within(AdminClient& client, const Schema& schema,
                                      const std::string& word) {
  const std::size_t slash = word.rfind('/');
  const Attribute* const named = inner_name(schema);
  if (slash == std::string::npos || named == nullptr) return std::vector<Json>();
  const Attribute* const within =
      directory::find_attribute(schema.attributes, named->unique_within);
  const Json whole = TRY(find_among(client, within->targets, word.substr(0, slash)));
  const std::string name = directory::unescaped_part(word.substr(slash + 1));
  return items_of(client,
                  fmt::format("{}?{}={}&{}={}&count=20", schema.collection, named->name,
                              net::percent_encoded(name), within->name, text_of(whole, "id")));
}

Result<std::vector<Json>> candidates(AdminClient& client, const Schema& schema,
                                     const std::string& word) {
  auto found = TRY(find_named(client, schema, word));
  const std::string unescaped = directory::unescaped_part(word);
  if (found.empty() && unescaped != word && !word.contains('/')) {
    found = TRY(find_named(client, schema, unescaped));
  }
  if (found.empty()) found = TRY(find_within(client, schema, word));
  const auto identified = std::ranges::count_if(
      found, [&](const Json& each) { return is_identified_by(schema, each, word); });
  if (identified == 1) {
    std::erase_if(found, [&](const Json& each) { return !is_identified_by(schema, each, word); });
  }
  return found;
}

Result<Json> find_one(AdminClient& client, const Schema& schema, const std::string& word) {
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

Result<Json> find_among(AdminClient& client, directory::Kinds kinds, const std::string& word) {
  std::vector<const Schema*> schemas;
  std::vector<std::string> words;
  for (const Schema* schema : directory::all_schemas()) {
    if (!kinds.contains(schema->kind)) continue;
    if (word.starts_with(word_for(*schema) + ":")) {
      return find_one(client, *schema, word.substr(word_for(*schema).size() + 1));
    }
    schemas.push_back(schema);
    words.push_back(word_for(*schema));
  }
  if (schemas.size() == 1) return find_one(client, *schemas.front(), word);
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

/// Where the word means something within one of the kind, such as a version of a module: that it
/// does, and what is wanted.
std::string inner_thing(AdminClient& client, const Schema& schema, const std::string& word) {
  const std::size_t slash = word.rfind('/');
  if (slash == std::string::npos) return "";
  for (const Schema* inner : directory::all_schemas()) {
    const Attribute* const named = inner_name(*inner);
    if (named == nullptr) continue;
    const auto* const within = directory::find_attribute(inner->attributes, named->unique_within);
    if (!within->targets.contains(schema.kind) || !find_one(client, *inner, word)) continue;
    return fmt::format("`{}` is a {}; give the {}: `{}`", word, word_for(*inner), word_for(schema),
                       word.substr(0, slash));
  }
  return "";
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
  auto found = find_one(client, schema, word);
  if (found || found.error().code != ErrorCode::kNotFound) return found;
  const std::string inner = inner_thing(client, schema, word);
  if (inner.empty()) return found;
  return fail(ErrorCode::kNotFound, inner);
}

Result<Json> find_thing(AdminClient& client, directory::Kinds kinds, const std::string& word) {
  return find_among(client, kinds, word);
}

}  // namespace wardlock::cli
