#include "explain/explanation_json.h"

namespace wardlock::explain {
namespace {

using codec::JsonWriter;

void write_member(const codec::JsonKey& key, std::string_view text, JsonWriter& json) {
  json.key(key);
  json.string(text);
}

void write_true(const codec::JsonKey& key, JsonWriter& json) {
  json.key(key);
  json.boolean(true);
}

void write_list(const codec::JsonKey& key, const std::vector<std::string>& texts,
                JsonWriter& json) {
  if (texts.empty()) return;
  json.key(key);
  json.begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void write_seen(const std::vector<SeenValue>& seen, JsonWriter& json) {
  if (seen.empty()) return;
  json.key("seen");
  json.begin_array();
  for (const SeenValue& each : seen) {
    json.begin_object();
    write_member("of", each.of, json);
    if (each.value) {
      write_member("value", *each.value, json);
    } else {
      write_true("withheld", json);
    }
    json.end_object();
  }
  json.end_array();
}

void write_part(const ExplainedPart& part, JsonWriter& json) {
  json.begin_object();
  write_member("place", part.place, json);
  write_member("need", part.need, json);
  write_member("cedar", part.cedar, json);
  write_member("state", to_string(part.state), json);
  if (part.is_missing) write_true("missing", json);
  write_seen(part.seen, json);
  json.end_object();
}

void write_policy(const ExplainedPolicy& policy, JsonWriter& json) {
  json.begin_object();
  write_member("id", policy.id, json);
  write_member("standing", to_string(policy.standing), json);
  write_member("role", to_string(policy.role), json);
  write_member("outcome", to_string(policy.outcome), json);
  if (policy.is_template) write_true("template", json);
  if (!policy.reason.empty()) write_member("reason", policy.reason, json);
  if (!policy.obligation.empty()) write_member("obligation", policy.obligation, json);
  write_list("held", policy.held, json);
  write_list("missing", policy.missing, json);
  json.key("parts");
  json.begin_array();
  for (const ExplainedPart& part : policy.parts) write_part(part, json);
  json.end_array();
  json.end_object();
}

}  // namespace

void write_json(const Explanation& explanation, JsonWriter& json) {
  json.begin_object();
  write_member("sentence", explanation.sentence, json);
  write_list("hints", explanation.hints, json);
  json.key("policies");
  json.begin_array();
  for (const ExplainedPolicy& policy : explanation.policies) write_policy(policy, json);
  json.end_array();
  if (explanation.is_truncated) write_true("truncated", json);
  json.end_object();
}

}  // namespace wardlock::explain
