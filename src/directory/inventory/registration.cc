#include "directory/inventory/registration.h"

#include <fmt/format.h>

#include <algorithm>

#include "directory/identifier/udi.h"

namespace wardlock::directory {
namespace {

using boost::json::object;
using codec::Json;

constexpr std::size_t kMaxRuns = 200;

Outcome refused(std::string path, std::string message) {
  return {.effect = Effect::kRefused, .faults = {{std::move(path), std::move(message)}}};
}

/// Lets new devices in, and nothing be changed.
class RegistrationGate : public ImportGate {
 public:
  explicit RegistrationGate(ImportGate& gate) : gate_(gate) {}

  Result<void> check(Act act, Kind kind) override { return gate_.check(act, kind); }
  Result<void> check(Act, const Thing&) override { return stays(); }
  Result<void> check_state(const Thing&, std::string_view) override { return stays(); }
  Result<void> check(Act act, Relation relation, const Thing& subject,
                     const Thing& object) override {
    if (act != Act::kRelate) return stays();
    return gate_.check(act, relation, subject, object);
  }

 private:
  static Result<void> stays() {
    return fail(ErrorCode::kFailedPrecondition,
                "this device is registered with other attributes; what is registered is changed by "
                "who keeps the devices");
  }

  ImportGate& gate_;
};

/// What the label says and the request does not.
void complete_from_udi(object& attributes, std::chrono::year this_year) {
  const Json* text = attributes.if_contains("udi");
  if (text == nullptr || !text->is_string()) return;
  const auto udi = parse_udi(text->get_string(), this_year);
  if (!udi) return;  // the attribute's own check says what is wrong
  if (!attributes.contains("model")) {
    attributes["model"] = fmt::format("deviceModel.deviceIdentifier:{}{}", udi->parts.front().mark,
                                      udi->device_identifier());
  }
  const UdiPart* serial = udi->find(UdiPartKind::kSerial);
  if (serial != nullptr && !attributes.contains("serialNumber")) {
    attributes["serialNumber"] = serial->value;
  }
}

bool is_text(const object& attributes, std::string_view name) {
  const Json* value = attributes.if_contains(name);
  return value != nullptr && value->is_string() && !value->get_string().empty();
}

/// The device, and a relation for each version that it runs.
Checked<Batch> batch_of(object attributes, bool is_dry_run) {
  Json runs;
  if (Json* given = attributes.if_contains("runs")) {
    runs = std::move(*given);
    attributes.erase("runs");
  }
  const std::string subject =
      fmt::format("device.uuid:{}", std::string_view(attributes.at("uuid").get_string()));
  Batch batch{.is_dry_run = is_dry_run};
  batch.entries.emplace_back(
      Entry(ThingEntry{.kind = Kind::kDevice, .attributes = std::move(attributes)}));
  if (runs.is_null()) return batch;
  if (!runs.is_array() || runs.get_array().size() > kMaxRuns) {
    return std::unexpected(
        Faults{{"runs", fmt::format("must be a list of at most {} keys", kMaxRuns)}});
  }
  for (const Json& version : runs.get_array()) {
    if (!version.is_string()) {
      return std::unexpected(Faults{{"runs", "must be a list of keys of module versions"}});
    }
    std::string object_key(version.get_string());
    if (!object_key.starts_with("moduleVersion")) object_key.insert(0, "moduleVersion:");
    batch.entries.push_back(
        read_entry(Json{{"relation", "runs"}, {"subject", subject}, {"object", object_key}}));
  }
  return batch;
}

}  // namespace

Result<Outcome> register_device(Registry& registry, const Mandate& mandate, ImportGate& gate,
                                const Json& device, std::chrono::year this_year, bool is_dry_run) {
  if (!device.is_object()) return refused("", "is no object");
  object attributes = device.get_object();
  if (!is_text(attributes, "uuid")) {
    return refused("uuid", "is missing: a device is registered by the identity in its firmware");
  }
  complete_from_udi(attributes, this_year);
  const auto batch = batch_of(std::move(attributes), is_dry_run);
  if (!batch) return Outcome{.effect = Effect::kRefused, .faults = batch.error()};
  RegistrationGate registering(gate);
  const BatchOutcome done = TRY(import_batch(registry, mandate, registering, *batch));
  Outcome outcome = done.outcomes.front();
  for (const Outcome& one : done.outcomes) {
    if (one.effect != Effect::kRefused) {
      // It was there, and runs more than was said before.
      if (outcome.effect == Effect::kSame && one.effect == Effect::kCreated) {
        outcome.effect = Effect::kChanged;
      }
      continue;
    }
    outcome.effect = Effect::kRefused;
    if (&one != &done.outcomes.front()) {
      std::ranges::copy(one.faults, std::back_inserter(outcome.faults));
    }
  }
  if (outcome.effect == Effect::kRefused) outcome.id.clear();
  return outcome;
}

}  // namespace wardlock::directory
