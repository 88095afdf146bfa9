#include <fmt/format.h>

#include "directory/inventory/export.h"
#include "directory/inventory/key.h"
#include "directory/model/schema.h"

namespace wardlock::directory {
namespace {

using codec::Json;

constexpr std::size_t kMostRemembered = 20'000;
constexpr std::chrono::year kAnyYear(2000);  // for names, no matter what the dates in them mean

std::string text_in(const Thing& thing, std::string_view name) {
  const Json* value = thing.document.json().if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

}  // namespace

Result<std::string> KeyWriter::key_of(const std::string& id) {
  const auto known = keys_.find(id);
  if (known != keys_.end()) return known->second;
  return key_of(TRY(registry_.find(tenant_, id)));
}

Result<std::string> KeyWriter::key_of(const Thing& thing) {
  const auto known = keys_.find(thing.id);
  if (known != keys_.end()) return known->second;
  const std::string value = TRY(value_of(thing));
  const NamingAttribute by = preferred_naming(thing.kind);
  std::string key = fmt::format("{}:{}", to_string(thing.kind), value);
  if (value.empty()) {
    key = fmt::format("{}.id:{}", to_string(thing.kind), thing.id);
  } else if (!TRY(is_clear(thing, key))) {
    key = fmt::format("{}.{}:{}", to_string(thing.kind), by.path, value);
    if (!TRY(is_clear(thing, key))) {
      key = fmt::format("{}.id:{}", to_string(thing.kind), thing.id);
    }
  }
  if (keys_.size() >= kMostRemembered) keys_.clear();
  keys_.emplace(thing.id, key);
  return key;
}

/// Behind the colon; empty: nothing by which it is known.
Result<std::string> KeyWriter::value_of(const Thing& thing) {
  const NamingAttribute by = preferred_naming(thing.kind);
  std::string value = text_in(thing, by.path);
  if (value.empty() || by.attribute->unique_within.empty()) return value;
  const Thing whole = TRY(registry_.find(tenant_, text_in(thing, by.attribute->unique_within)));
  const std::string within = TRY(value_of(whole));
  const bool has_parts = !preferred_naming(whole.kind).attribute->unique_within.empty();
  return fmt::format("{}/{}", has_parts ? within : escaped_part(within), escaped_part(value));
}

/// Whether it is read as this thing and no other.
Result<bool> KeyWriter::is_clear(const Thing& thing, std::string_view key) {
  const Key read = TRY(read_key(key, {thing.kind}));
  for (const Naming& naming : namings(read, kAnyYear)) {
    if (naming.within) continue;  // its own: what it is within is named as clearly
    if (naming.is_handle()) {
      const Query query{
          .filter = {.parts = {Condition{naming.by.path, Comparison::kEqual, naming.value}}},
          .count = 2};
      if (TRY(registry_.list(tenant_, thing.kind, query)).things.size() > 1) return false;
      continue;
    }
    const auto identity = identity_of(thing.kind, naming.by, naming.value);
    if (!identity) continue;
    const auto found = registry_.find_by_identifier(tenant_, identity->type, identity->value);
    if (!found && found.error().code != ErrorCode::kNotFound) return std::unexpected(found.error());
    if (found && found->id != thing.id && found->kind == thing.kind) return false;
  }
  return true;
}

}  // namespace wardlock::directory
