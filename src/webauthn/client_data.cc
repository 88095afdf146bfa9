#include "webauthn/client_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "base/utf8.h"
#include "codec/base64url.h"
#include "codec/json.h"
#include "crypto/digest.h"

namespace wardlock::webauthn {
namespace {

using Members = boost::json::object;

constexpr codec::JsonLimits kLimits = {
    .max_bytes = std::size_t{16} << 10, .max_depth = 8, .max_members = 32};

std::optional<std::string_view> text(const Members& members, std::string_view name) {
  const codec::Json* value = members.if_contains(name);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

bool is_among(std::string_view origin, const std::vector<std::string>& origins) {
  return std::ranges::find(origins, origin) != origins.end();
}

Outcome<void> check_frames(const Members& members, const RelyingParty& party) {
  const codec::Json* cross = members.if_contains("crossOrigin");
  if (cross && !cross->is_bool()) return fail(Step::kForm, "`crossOrigin` is not a boolean");
  const bool is_in_foreign_frame = cross && cross->get_bool();
  if (is_in_foreign_frame && party.top_origins.empty()) {
    return fail(Step::kCrossOrigin, "the page was in a frame of another's; none may be");
  }
  if (!members.if_contains("topOrigin")) return {};
  const auto top = text(members, "topOrigin");
  if (!top) return fail(Step::kForm, "`topOrigin` is not a text");
  if (!is_in_foreign_frame || !is_among(*top, party.top_origins)) {
    return fail(
        Step::kTopOrigin,
        fmt::format("the page was in a frame of `{}`, which may not show it", printable(*top)));
  }
  return {};
}

}  // namespace

Outcome<void> check_client_data(std::string_view json, Ceremony ceremony,
                                std::string_view challenge, const RelyingParty& party) {
  const codec::Json data = TRY(as_part_of(Step::kForm, codec::parse_json(json, kLimits)));
  if (!data.is_object()) return fail(Step::kForm, "the client data is not a JSON object");
  const Members& members = data.get_object();
  const std::string_view type =
      ceremony == Ceremony::kRegistration ? "webauthn.create" : "webauthn.get";
  if (text(members, "type") != type) {
    return fail(Step::kType, fmt::format("the client data is not of type `{}`", type));
  }
  const auto answered = text(members, "challenge");
  const std::string expected = codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(challenge.data()), challenge.size()));
  if (!answered || challenge.empty() || !crypto::equal_in_constant_time(*answered, expected)) {
    return fail(Step::kChallenge, "the client data answers another challenge; begin again");
  }
  const auto origin = text(members, "origin");
  if (!origin || !is_among(*origin, party.origins)) {
    return fail(Step::kOrigin, fmt::format("`{}` is not an origin of this relying party",
                                           printable(origin.value_or(""))));
  }
  return check_frames(members, party);
}

}  // namespace wardlock::webauthn
