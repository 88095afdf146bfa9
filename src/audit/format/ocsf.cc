#include "audit/format/ocsf.h"

#include <array>

#include "audit/format/field_values.h"
#include "audit/format/verb.h"
#include "audit/format/visible_text.h"
#include "audit/format/weight.h"
#include "base/version.h"
#include "codec/json_writer.h"
#include "event/canonical_json.h"
#include "event/words.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Part;

constexpr int kIam = 3;
constexpr int kApplicationActivity = 6;

constexpr int kAccountChange = 3001;
constexpr int kAuthentication = 3002;
constexpr int kAuthorizeSession = 3003;
constexpr int kEntityManagement = 3004;
constexpr int kUserAccess = 3005;
constexpr int kLifecycle = 6002;
constexpr int kApiActivity = 6003;

constexpr int kOther = 99;

// Types of observables.
constexpr int kIpAddress = 2;
constexpr int kUserName = 4;
constexpr int kResourceUid = 10;

bool is_read(event::Kind kind) {
  return kind == event::Kind::kSearch || kind == event::Kind::kLogRead;
}

OcsfClass api_class(const Event& event) {
  // Create, read, update, delete.
  const Verb verb = is_read(event.kind) ? Verb::kRead : verb_of(event.action);
  if (verb == Verb::kExecute) return {kApplicationActivity, kApiActivity, kOther, "Execute"};
  return {kApplicationActivity, kApiActivity, static_cast<int>(verb) + 1};
}

/// An account that had nothing before is created, one that has nothing now is deleted.
OcsfClass account_class(const Event& event) {
  if (event.kind == event::Kind::kCredentialChange) {
    return {kIam, kAccountChange, kOther, "Credential Change"};
  }
  if (event.value_before.empty() && !event.value_after.empty()) return {kIam, kAccountChange, 1};
  if (!event.value_before.empty() && event.value_after.empty()) return {kIam, kAccountChange, 6};
  return {kIam, kAccountChange, kOther, "Update"};
}

int severity_of(Weight weight) {
  // Informational, low, medium, high.
  static constexpr std::array<int, kWeights> kSeverities = {1, 2, 3, 4};
  return kSeverities[static_cast<std::size_t>(weight)];
}

/// Writes the attributes of one event. Texts are made visible.
class OcsfWriter {
 public:
  OcsfWriter(const Event& event, std::string& out) : event_(event), json_(out) {}

  void write() {
    json_.begin_object();
    write_classification();
    write_metadata();
    text("message", event::headline(event_.kind));
    if (class_.uid != kLifecycle) {
      write_actor();
      write_source();
    }
    write_class();
    write_observables();
  }

  /// What comes last is written by others.
  void begin_unmapped() { json_.key("unmapped"); }
  void end() { json_.end_object(); }

 private:
  void text(const codec::JsonKey& name, std::string_view value) {
    if (!value.empty()) json_.member(name, visible(value));
  }
  void number(const codec::JsonKey& name, std::int64_t value) {
    json_.key(name);
    json_.integer(value);
  }

  void write_classification() {
    const bool is_success = event_.outcome == event::Outcome::kSuccess;
    number("category_uid", class_.category);
    number("class_uid", class_.uid);
    number("activity_id", class_.activity);
    text("activity_name", class_.activity_name);
    number("type_uid", (static_cast<std::int64_t>(class_.uid) * 100) + class_.activity);
    number("severity_id", severity_of(weight_of(event_)));
    number("status_id", is_success ? 1 : 2);
    text("status_code", event_.cause);
    text("status_detail", event_.reason);
    number("time", event_.time);
  }

  void write_metadata() {
    json_.key("metadata");
    json_.begin_object();
    text("version", kOcsfVersion);
    json_.key("product");
    json_.begin_object();
    text("name", "wardlock");
    text("vendor_name", "Wardlock");
    text("version", version());
    json_.end_object();
    text("uid", event_.id);
    text("event_code", to_string(event_.kind));
    text("correlation_uid", event_.trace_id);
    text("log_name", "audit");
    text("log_provider", event_.node);
    text("tenant_uid", event_.tenant);
    if (needs_host_profile()) {
      json_.key("profiles");
      json_.begin_array();
      json_.plain_string("host");
      json_.end_array();
    }
    json_.end_object();
  }

  /// Classes that have an actor by that profile only.
  bool needs_host_profile() const {
    return class_.uid == kAuthorizeSession || class_.uid == kUserAccess ||
           class_.uid == kEntityManagement;
  }

  bool has_principal() const {
    return !event_.principal_id.empty() || !event_.principal_type.empty();
  }

  void write_user(std::string_view type, std::string_view id, Part part) {
    json_.begin_object();
    const std::string_view shown = text_or_why(event_, id, part);
    text("name", shown);
    if (!id.empty()) text("uid", id);
    number("type_id", type.empty() ? 0 : kOther);
    text("type", type);
    json_.end_object();
  }
  void write_principal() { write_user(event_.principal_type, event_.principal_id, Part::kPerson); }

  void write_session() {
    if (event_.session.empty()) return;
    json_.key("session");
    json_.begin_object();
    text("uid", event_.session);
    json_.end_object();
  }

  void write_authorization(std::string_view policy) {
    json_.begin_object();
    text("decision", *event_.allowed ? "allowed" : "denied");
    if (!policy.empty()) {
      json_.key("policy");
      json_.begin_object();
      text("uid", policy);
      json_.end_object();
    }
    json_.end_object();
  }
  void write_authorizations() {
    if (!event_.allowed) return;
    json_.key("authorizations");
    json_.begin_array();
    if (event_.policies.empty()) write_authorization({});
    for (const std::string_view policy : event_.policies) write_authorization(policy);
    json_.end_array();
  }

  /// Who acted; where nobody did, this service.
  void write_actor() {
    json_.key("actor");
    json_.begin_object();
    if (has_principal()) {
      json_.key("user");
      write_principal();
    }
    write_session();
    write_authorizations();
    text("app_uid", event_.caller);
    if (!has_principal() && event_.caller.empty()) text("app_name", "wardlock");
    json_.end_object();
  }

  void write_source() {
    json_.key("src_endpoint");
    json_.begin_object();
    if (is_ip_address(event_.source_address)) {
      text("ip", event_.source_address);
    } else {
      text("name", text_or_why(event_, event_.source_address, Part::kPerson));
    }
    json_.end_object();
  }

  void write_class() {
    switch (class_.uid) {
      case kAuthentication: return write_authentication();
      case kAuthorizeSession:
      case kUserAccess: return write_privileges();
      case kAccountChange: return write_affected_user();
      case kEntityManagement: return write_entity();
      case kLifecycle: return write_application();
      default: return write_api();
    }
  }

  void write_authentication() {
    json_.key("user");
    write_principal();
    json_.key("service");
    json_.begin_object();
    text("name", "wardlock");
    text("uid", event_.node);
    json_.end_object();
    if (event_.authentication_methods.empty()) return;
    json_.key("is_mfa");
    json_.boolean(event_.authentication_methods.size() > 1);
  }

  /// Whose: of a broken glass, the person's who broke it.
  void write_affected_user() {
    json_.key("user");
    if (event_.affected_id.empty() && event_.affected_type.empty()) return write_principal();
    write_user(event_.affected_type, event_.affected_id, Part::kAffected);
  }

  void write_privileges() {
    write_affected_user();
    const bool is_removed = event_.value_after.empty() && !event_.value_before.empty();
    const std::string_view what = is_removed ? event_.value_before : event_.value_after;
    json_.key("privileges");
    json_.begin_array();
    if (!event_.grant.empty()) {
      json_.string(visible(event_.grant));
    } else if (!what.empty()) {
      json_.string(visible(what));
    } else {
      json_.string(visible(event_.changed.empty() ? to_string(event_.kind) : event_.changed));
    }
    json_.end_array();
  }

  void write_entity() {
    json_.key("entity");
    json_.begin_object();
    text("name", event_.changed.empty() ? to_string(event_.kind) : event_.changed);
    text("type", event_.resource_type.empty() ? to_string(event_.kind) : event_.resource_type);
    text("uid", event_.resource_id);
    text("version", event_.policy_set);
    json_.end_object();
    text("comment", event_.reason);
  }

  void write_application() {
    json_.key("app");
    json_.begin_object();
    text("name", "wardlock");
    text("vendor_name", "Wardlock");
    text("version", version());
    text("uid", event_.node);
    json_.end_object();
  }

  void write_api() {
    json_.key("api");
    json_.begin_object();
    text("operation", event_.action.empty() ? to_string(event_.kind) : event_.action);
    const std::string_view request = event_.decision_id.empty() ? event_.id : event_.decision_id;
    if (!request.empty()) {
      json_.key("request");
      json_.begin_object();
      text("uid", request);
      json_.end_object();
    }
    json_.key("service");
    json_.begin_object();
    text("name", "wardlock");
    json_.end_object();
    json_.end_object();
    write_resources();
  }

  void write_resource(std::string_view type, std::string_view id) {
    if (id.empty()) return;
    json_.begin_object();
    text("type", type);
    text("uid", id);
    json_.end_object();
  }
  void write_resources() {
    if (event_.resource_id.empty() && event_.patient.empty() && event_.device.empty()) return;
    json_.key("resources");
    json_.begin_array();
    write_resource(event_.resource_type, event_.resource_id);
    write_resource("patient", event_.patient);
    write_resource("device", event_.device);
    json_.end_array();
  }

  void write_observable(std::string_view name, int type, std::string_view value) {
    if (value.empty()) return;
    json_.begin_object();
    text("name", name);
    number("type_id", type);
    text("value", value);
    json_.end_object();
  }
  void write_observables() {
    json_.key("observables");
    json_.begin_array();
    write_observable("actor.user.name", kUserName, event_.principal_id);
    if (is_ip_address(event_.source_address)) {
      write_observable("src_endpoint.ip", kIpAddress, event_.source_address);
    }
    if (class_.uid == kApiActivity) {
      write_observable("resources.uid", kResourceUid, event_.resource_id);
      write_observable("resources.uid", kResourceUid, event_.patient);
      write_observable("resources.uid", kResourceUid, event_.device);
    }
    json_.end_array();
  }

  const Event& event_;
  const OcsfClass class_ = ocsf_class_of(event_);
  codec::JsonWriter json_;
};

}  // namespace

OcsfClass ocsf_class_of(const Event& event) {
  using enum event::Kind;
  switch (event.kind) {
    case kDecision:
    case kSearch:
    case kLogRead:
    case kRefusal:
    case kOverrideUse: return api_class(event);
    case kLogin:
    case kLoginFailed: return {kIam, kAuthentication, 1};
    case kLogout: return {kIam, kAuthentication, 2};
    case kOverrideStart: return {kIam, kAuthorizeSession, 1};
    case kOverrideEnd: return {kIam, kUserAccess, 2};
    case kRoleChange:
      return {kIam, kUserAccess, event.value_after.empty() && !event.value_before.empty() ? 2 : 1};
    case kUserChange:
    case kCredentialChange: return account_class(event);
    case kConfigurationChange:
    case kPolicyChange:
    case kOverrideChange:
    case kLogKeyChange:
    case kLegalHold: return {kIam, kEntityManagement, 3};
    case kErasure:
    case kRetentionRemoval: return {kIam, kEntityManagement, 4};
    case kReview: return {kIam, kEntityManagement, kOther, "Review"};
    case kMessage: return {kIam, kEntityManagement, kOther, "Notify"};
    case kServiceStart: return {kApplicationActivity, kLifecycle, 3};
    case kServiceStop: return {kApplicationActivity, kLifecycle, 4};
    case kSpooled: break;
  }
  return {kApplicationActivity, kLifecycle, kOther, "Recover"};
}

Result<void> append_ocsf(const Event& event, std::string& out) {
  OcsfWriter writer(event, out);
  writer.write();
  writer.begin_unmapped();
  TRY_VOID(event::write_event(event, out));
  writer.end();
  return {};
}

}  // namespace wardlock::audit
