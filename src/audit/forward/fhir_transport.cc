#include "audit/forward/fhir_transport.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "codec/json.h"

namespace wardlock::audit {
namespace {

using codec::Json;

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

const Json* find(const Json* json, std::string_view name) {
  const auto* object = json == nullptr ? nullptr : json->if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

/// The status in an entry's response: a text that begins with it (`201 Created`).
std::optional<int> status_of(const Json& entry) {
  const Json* status = find(find(&entry, "response"), "status");
  if (status == nullptr || !status->is_string()) return std::nullopt;
  const std::string_view text = status->get_string();
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

std::string fhir_batch(std::span<const Message> messages) {
  std::string out = R"({"resourceType":"Bundle","type":"batch","entry":[)";
  for (const Message& message : messages) {
    if (&message != &messages.front()) out += ',';
    out += R"({"fullUrl":)" + codec::to_json_text(Json("urn:uuid:" + message.id)) +
           R"(,"resource":)" + message.text + R"(,"request":{"method":"POST","url":"AuditEvent"}})";
  }
  return out + "]}";
}

Delivery read_fhir_answer(std::string_view body, std::size_t messages) {
  const auto bundle = codec::parse_json(body, {.max_depth = 100, .max_members = 10'000});
  const Json* entries = bundle ? find(&*bundle, "entry") : nullptr;
  const auto* answers = entries == nullptr ? nullptr : entries->if_array();
  if (answers == nullptr || answers->size() != messages) {
    return {.error = Error{ErrorCode::kUnavailable,
                           "the receiver does not say what became of each event: is it a FHIR "
                           "server, and the URL its base?"}};
  }
  for (std::size_t i = 0; i < messages; ++i) {
    const std::optional<int> status = status_of((*answers)[i]);
    const Verdict verdict = status ? verdict_on(*status) : Verdict::kNotNow;
    if (verdict == Verdict::kTaken) continue;
    return {.delivered = i,
            .error = Error{ErrorCode::kUnavailable,
                           fmt::format("the receiver answers {} for an event", status.value_or(0))},
            .is_refused = verdict == Verdict::kRefused};
  }
  return {.delivered = messages};
}

FhirTransport::FhirTransport(const ForwarderOptions& options, const net::Interruption& interruption)
    : base_(without_slash(options.url)), receiver_(options, interruption) {}

Result<bool> FhirTransport::open() {
  TRY_VOID(receiver_.open());
  return false;  // what was handed over was answered for
}

Delivery FhirTransport::deliver(std::span<const Message> messages) {
  const HttpReceiver::Headers headers = {{"Content-Type", "application/fhir+json; charset=utf-8"},
                                         {"Accept", "application/fhir+json"},
                                         {"Prefer", "return=minimal"}};
  if (messages.size() == 1) {
    return receiver_.post(base_ + "/AuditEvent", headers, messages.front().text, 1).first;
  }
  auto [delivery, reply] = receiver_.post(base_, headers, fhir_batch(messages), messages.size());
  if (delivery.error) return delivery;
  return read_fhir_answer(reply.body, messages.size());
}

}  // namespace wardlock::audit
