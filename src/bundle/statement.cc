#include "bundle/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/identifier.h"
#include "base/utf8.h"
#include "codec/json.h"

namespace wardlock::bundle {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::int64_t kPartFormat = 2;
constexpr codec::JsonLimits kLimits = {
    .max_bytes = kMaxStatementBytes, .max_depth = 4, .max_members = 16};
constexpr std::size_t kMaxPartNameBytes = 512;

std::unexpected<Error> malformed() {
  return invalid("the statement is not as one is written; build the bundle anew");
}

const std::chrono::sys_seconds kLatest = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1);

bool is_in_range(std::chrono::sys_seconds time) {
  return time.time_since_epoch().count() >= 0 && time < kLatest;
}

/// Digits at a place of the text, or -1.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return -1;
    number = 10 * number + (c - '0');
  }
  return number;
}

int from_hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<crypto::Sha256Digest> parse_hash(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  crypto::Sha256Digest hash{};
  if (text.size() != kPrefix.size() + 2 * hash.size() || !text.starts_with(kPrefix)) {
    return std::nullopt;
  }
  text.remove_prefix(kPrefix.size());
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const int high = from_hex(text[2 * i]), low = from_hex(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    hash[i] = static_cast<std::uint8_t>(16 * high + low);
  }
  return hash;
}

std::string_view text_of(const boost::json::object& object, std::string_view key) {
  const codec::Json* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
}

std::int64_t number_of(const boost::json::object& object, std::string_view key) {
  const codec::Json* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : -1;
}

Result<void> check_names(const std::vector<std::string>& names, std::string_view what) {
  if (names.size() > kMaxPartNames) {
    return invalid(fmt::format("a canary has at most {} {}", kMaxPartNames, what));
  }
  for (const std::string& name : names) {
    const bool is_name = !name.empty() && name.size() <= kMaxPartNameBytes &&
                         !find_invalid_utf8(name) && !find_identifier_fault(name);
    if (!is_name) return invalid(fmt::format("one of a canary's {} is no name", what));
  }
  const auto unsorted = std::ranges::adjacent_find(names, std::ranges::greater_equal());
  if (unsorted != names.end()) {
    return invalid(fmt::format("a canary's {} are sorted, each once", what));
  }
  return {};
}

Result<void> check_part(const Statement& statement) {
  const CanaryPart& part = *statement.part;
  TRY_VOID(check_names(part.actions, "actions"));
  TRY_VOID(check_names(part.callers, "enforcement points"));
  TRY_VOID(check_names(part.locations, "places"));
  if (part.callers.empty() && part.locations.empty()) {
    return invalid("a canary is for places or enforcement points: name one");
  }
  if (!parse_hash(part.beside)) return invalid("a canary stands beside a content: `sha256:…`");
  if (statement_text(statement).size() > kMaxStatementBytes) {
    return invalid("a canary's places, enforcement points and actions are too many to be signed");
  }
  return {};
}

std::string list_text(const std::vector<std::string>& names) {
  return codec::to_json_text(codec::Json(boost::json::array(names.begin(), names.end())));
}

/// With the comma behind it.
std::string part_text(const CanaryPart& part) {
  return fmt::format(R"("part":{{"actions":{},"beside":"{}","callers":{},"locations":{}}},)",
                     list_text(part.actions), part.beside, list_text(part.callers),
                     list_text(part.locations));
}

std::vector<std::string> names_of(const boost::json::object& object, std::string_view key) {
  std::vector<std::string> names;
  const codec::Json* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return names;
  for (const codec::Json& each : value->get_array()) {
    if (each.is_string()) names.emplace_back(each.get_string());
  }
  return names;
}

CanaryPart read_part(const boost::json::object& object) {
  return {.actions = names_of(object, "actions"),
          .beside = std::string(text_of(object, "beside")),
          .callers = names_of(object, "callers"),
          .locations = names_of(object, "locations")};
}

}  // namespace

bool is_place_name(std::string_view name) {
  constexpr std::size_t kMaxBytes = 64;
  return !name.empty() && name.size() <= kMaxBytes && name.front() != '-' && name.back() != '-' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

Result<void> check_statement(const Statement& statement) {
  for (const auto& [what, name] :
       {std::pair("tenant", &statement.tenant), std::pair("environment", &statement.environment)}) {
    if (is_place_name(*name)) continue;
    return invalid(
        fmt::format("the {} needs a name of 1 to 64 ASCII letters, digits, `.`, `-` "
                    "and `_` that begins with a letter or digit",
                    what));
  }
  if (statement.serial == 0 || statement.serial > kMaxSerial) {
    return invalid(fmt::format("a serial is a number from 1 to {}", kMaxSerial));
  }
  if (!is_in_range(statement.created) || !is_in_range(statement.expires)) {
    return invalid("times are from 1970 to 9999");
  }
  if (statement.expires <= statement.created) {
    return invalid(fmt::format("it would expire at {}, which is not after {}, when it is made",
                               to_text(statement.expires), to_text(statement.created)));
  }
  if (statement.part) return check_part(statement);
  return {};
}

std::string statement_text(const Statement& statement) {
  return fmt::format(
      R"({{"content":"sha256:{}","content_bytes":{},"created":"{}","environment":"{}",)"
      R"("expires":"{}","format":{},{}"serial":{},"tenant":"{}"}})",
      crypto::to_hex(statement.content), statement.content_bytes, to_text(statement.created),
      statement.environment, to_text(statement.expires), statement.part ? kPartFormat : kFormat,
      statement.part ? part_text(*statement.part) : "", statement.serial, statement.tenant);
}

Result<Statement> parse_statement(std::string_view text) {
  const auto json = codec::parse_json(text, kLimits);
  if (!json || !json->is_object()) return malformed();
  const boost::json::object& object = json->get_object();
  if (const std::int64_t format = number_of(object, "format");
      format != kFormat && format != kPartFormat) {
    if (format < 0) return malformed();
    return fail(ErrorCode::kUnimplemented,
                fmt::format("the bundle has format {}; this program reads the formats {} and {}",
                            format, kFormat, kPartFormat));
  }
  Statement statement;
  if (const codec::Json* part = object.if_contains("part"); part != nullptr && part->is_object()) {
    statement.part = read_part(part->get_object());
  }
  statement.tenant = text_of(object, "tenant");
  statement.environment = text_of(object, "environment");
  statement.serial =
      static_cast<std::uint64_t>(std::max<std::int64_t>(number_of(object, "serial"), 0));
  statement.content_bytes =
      static_cast<std::size_t>(std::max<std::int64_t>(number_of(object, "content_bytes"), 0));
  const auto created = parse_time(text_of(object, "created"));
  const auto expires = parse_time(text_of(object, "expires"));
  const auto content = parse_hash(text_of(object, "content"));
  if (!created || !expires || !content) return malformed();
  statement.created = *created;
  statement.expires = *expires;
  statement.content = *content;
  TRY_VOID(check_statement(statement));
  // Another order, a space, an escape, a key that is not known: each would be a second form.
  if (statement_text(statement) != text) return malformed();
  return statement;
}

std::string to_text(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::chrono::sys_seconds> parse_time(std::string_view text) {
  constexpr std::size_t kSize = std::string_view("2026-11-23T10:00:00Z").size();
  if (text.size() != kSize) return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(number_at(text, 0, 4)),
      std::chrono::month(static_cast<unsigned>(number_at(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(number_at(text, 8, 2))));
  if (!date.ok()) return std::nullopt;
  const std::chrono::sys_seconds time =
      std::chrono::sys_days(date) + std::chrono::hours(number_at(text, 11, 2)) +
      std::chrono::minutes(number_at(text, 14, 2)) + std::chrono::seconds(number_at(text, 17, 2));
  // Written again it shows what was no number, no such hour, or another sign.
  if (!is_in_range(time) || to_text(time) != text) return std::nullopt;
  return time;
}

}  // namespace wardlock::bundle
