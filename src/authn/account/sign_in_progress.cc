#include <utility>

#include "authn/account/sign_in_state.h"
#include "directory/model/schema.h"

namespace wardlock::authn {
namespace {

std::string text(const boost::json::object& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

std::vector<std::string> texts(const boost::json::object& object, std::string_view name) {
  std::vector<std::string> all;
  for (const auto& each : object.at(name).as_array()) all.emplace_back(each.as_string());
  return all;
}

boost::json::array array_of(const std::vector<std::string>& all) {
  boost::json::array array;
  for (const std::string& each : all) array.emplace_back(each);
  return array;
}

}  // namespace

codec::Json to_json(const Progress& progress) {
  return boost::json::object{
      {"tenant", progress.tenant},
      {"user_name", progress.user_name},
      {"is_named", progress.is_named},
      {"person", progress.person},
      {"environment", progress.environment},
      {"purpose", progress.purpose},
      {"address", progress.address},
      {"begun", progress.begun_ms},
      {"proofs", progress.proofs.bits()},
      {"authenticators", array_of(progress.authenticators)},
      {"outside_level", number_of(progress.outside.level)},
      {"outside_methods", array_of(progress.outside.methods)},
      {"outside_ms", progress.outside.authenticated_ms},
      {"wanted", progress.wanted ? number_of(*progress.wanted) : std::int64_t{-1}},
      {"challenge", progress.challenge},
      {"device_code", progress.device_code},
      {"device", progress.device},
      {"device_until", progress.device_until_ms},
      {"device_tries", progress.device_tries},
      {"is_without_database", progress.is_without_database},
      {"did_counter_stall", progress.did_counter_stall}};
}

// It was sealed here, so that it has the form.
Progress read_progress(const codec::Json& json) {
  const boost::json::object& object = json.as_object();
  const auto number = [&](std::string_view name) {
    return object.at(name).to_number<std::int64_t>();
  };
  Progress progress;
  progress.tenant = text(object, "tenant");
  progress.user_name = text(object, "user_name");
  progress.is_named = object.at("is_named").as_bool();
  progress.person = text(object, "person");
  progress.environment = text(object, "environment");
  progress.purpose = text(object, "purpose");
  progress.address = text(object, "address");
  progress.begun_ms = number("begun");
  progress.proofs = Proofs::from_bits(static_cast<std::uint16_t>(number("proofs")));
  progress.authenticators = texts(object, "authenticators");
  progress.outside = {.level = static_cast<AssuranceLevel>(number("outside_level")),
                      .methods = texts(object, "outside_methods"),
                      .authenticated_ms = number("outside_ms")};
  const std::int64_t wanted = number("wanted");
  if (wanted >= 0) progress.wanted = static_cast<AssuranceLevel>(wanted);
  progress.challenge = text(object, "challenge");
  progress.device_code = text(object, "device_code");
  progress.device = text(object, "device");
  progress.device_until_ms = number("device_until");
  progress.device_tries = number("device_tries");
  progress.is_without_database = object.at("is_without_database").as_bool();
  progress.did_counter_stall = object.at("did_counter_stall").as_bool();
  return progress;
}

std::optional<SignInRecord> record_of(const SignInStep& step, const SignInStart& start) {
  if (!step.refusal && !step.recognised) return std::nullopt;
  SignInRecord record;
  event::Event& event = record.event;
  event.kind = step.recognised ? event::Kind::kLogin : event::Kind::kLoginFailed;
  event.outcome = step.recognised ? event::Outcome::kSuccess : event::Outcome::kFailure;
  event.record_class = "administration";
  event.tenant = directory::event_tenant(start.tenant);
  event.source_address = start.source.address;
  event.location = start.environment;
  event.purpose = start.purpose;
  if (step.shown) event.action = to_string(*step.shown);
  if (step.refusal) event.cause = to_string(*step.refusal);
  if (step.refusal == SignInRefusal::kBusy) event.outcome = event::Outcome::kError;
  const std::string_view person = step.recognised ? step.recognised->person : step.person;
  if (!person.empty()) {
    event.principal_type = directory::schema_of(directory::Kind::kPerson).cedar_type;
    event.principal_id = person;
  }
  if (step.recognised) {
    const Assurance& assurance = step.recognised->assurance;
    event.authentication_level = number_of(assurance.level);
    event.authentication_time = assurance.authenticated_ms;
    record.methods.assign(assurance.methods.begin(), assurance.methods.end());
    event.authentication_methods = record.methods;
  }
  return record;
}

}  // namespace wardlock::authn
