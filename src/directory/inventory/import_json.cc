#include "directory/inventory/import_json.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace wardlock::directory {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

Result<bool> flag_in(const object& from, std::string_view name) {
  const Json* value = from.if_contains(name);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  return invalid(fmt::format("`{}` must be `true` or `false`", name));
}

Result<const array*> list_in(const object& from, std::string_view name) {
  static const array none;
  const Json* value = from.if_contains(name);
  if (value == nullptr) return &none;
  if (value->is_array()) return &value->get_array();
  return invalid(fmt::format("`{}` must be a list", name));
}

Result<std::string> text_in(const object& from, std::string_view name) {
  const Json* value = from.if_contains(name);
  if (value == nullptr) return std::string();
  if (value->is_string()) return std::string(value->get_string());
  return invalid(fmt::format("`{}` must be a text", name));
}

Result<const object*> object_of(const Json& json) {
  if (json.is_object()) return &json.get_object();
  return invalid("an object is expected");
}

Json to_json(const Outcome& outcome) {
  object out = {{"effect", to_string(outcome.effect)}};
  if (!outcome.id.empty()) out["id"] = outcome.id;
  array changes;
  for (const Difference& one : outcome.differences) {
    changes.push_back({{"path", one.path}, {"before", one.before}, {"after", one.after}});
  }
  if (!changes.empty()) out["changes"] = std::move(changes);
  array faults;
  for (const Fault& fault : outcome.faults) {
    faults.push_back({{"path", fault.path}, {"message", fault.message}});
  }
  if (!faults.empty()) out["faults"] = std::move(faults);
  return out;
}

Json member(const object& from, std::string_view name) {
  const Json* value = from.if_contains(name);
  return value == nullptr ? Json() : *value;
}

Result<Outcome> read_outcome(const Json& json) {
  const object& from = *TRY(object_of(json));
  const std::string effect = TRY(text_in(from, "effect"));
  const auto found = find_effect(effect);
  if (!found) return invalid(fmt::format("`{}` is no effect", printable(effect)));
  Outcome outcome{.effect = *found, .id = TRY(text_in(from, "id"))};
  for (const Json& one : *TRY(list_in(from, "changes"))) {
    const object& change = *TRY(object_of(one));
    outcome.differences.push_back(
        {TRY(text_in(change, "path")), member(change, "before"), member(change, "after")});
  }
  for (const Json& one : *TRY(list_in(from, "faults"))) {
    const object& fault = *TRY(object_of(one));
    outcome.faults.push_back({TRY(text_in(fault, "path")), TRY(text_in(fault, "message"))});
  }
  return outcome;
}

}  // namespace

object to_json(const FileBatch& batch) {
  object out;
  if (!batch.before.empty()) out["before"] = array(batch.before.begin(), batch.before.end());
  out["entries"] = array(batch.entries.begin(), batch.entries.end());
  return out;
}

Result<Batch> read_batch(const Json& json, bool is_dry_run) {
  const object& from = *TRY(object_of(json));
  Batch batch{.is_dry_run = is_dry_run};
  for (const Json& entry : *TRY(list_in(from, "before"))) batch.before.push_back(read_entry(entry));
  for (const Json& entry : *TRY(list_in(from, "entries"))) {
    batch.entries.push_back(read_entry(entry));
  }
  return batch;
}

Json to_json(const BatchOutcome& outcome) {
  array outcomes;
  for (const Outcome& one : outcome.outcomes) outcomes.push_back(to_json(one));
  object out = {{"outcomes", std::move(outcomes)}, {"refused", outcome.is_refused}};
  if (outcome.revision) out["revision"] = *outcome.revision;
  return out;
}

Result<BatchOutcome> read_batch_outcome(const Json& json) {
  const object& from = *TRY(object_of(json));
  BatchOutcome outcome{.is_refused = TRY(flag_in(from, "refused"))};
  for (const Json& one : *TRY(list_in(from, "outcomes"))) {
    outcome.outcomes.push_back(TRY(read_outcome(one)));
  }
  const Json* revision = from.if_contains("revision");
  if (revision != nullptr && revision->is_number()) {
    boost::system::error_code failed;
    outcome.revision = revision->to_number<std::uint64_t>(failed);
    if (failed) return invalid("`revision` must be a whole number");
  }
  return outcome;
}

}  // namespace wardlock::directory
