#include "cli/bundle_text.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "base/wall_clock.h"
#include "crypto/sha256.h"

namespace wardlock::cli {
namespace {

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<std::uint64_t> read_serial(const std::string& text, const char* option) {
  const auto number = whole_number(text);
  if (number && *number <= bundle::kMaxSerial) return *number;
  return invalid(fmt::format("`{} {}`: a serial is a whole number up to {}", option,
                             printable(text), bundle::kMaxSerial));
}

Result<std::chrono::sys_seconds> read_moment(const std::string& text, const char* option,
                                             std::chrono::sys_seconds from) {
  constexpr std::uint64_t kMostDays = 36'525;  // a hundred years
  if (text.ends_with('d')) {
    const auto days = whole_number(std::string_view(text).substr(0, text.size() - 1));
    if (days && *days <= kMostDays) return from + std::chrono::days(*days);
  } else if (const auto time = bundle::parse_time(text)) {
    return *time;
  } else if (const auto day = bundle::parse_time(text + "T00:00:00Z")) {
    return *day;
  }
  return invalid(
      fmt::format("`{} {}`: a time is written `2026-12-31T12:00:00Z`, `2026-12-31` or, "
                  "in days from when the bundle is made, `90d`",
                  option, printable(text)));
}

std::chrono::sys_seconds this_second() {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time(std::chrono::milliseconds(wall_clock_ms())));
}

boost::json::object statement_json(const bundle::Statement& statement) {
  boost::json::object out{{"tenant", statement.tenant},
                          {"environment", statement.environment},
                          {"serial", statement.serial},
                          {"created", bundle::to_text(statement.created)},
                          {"expires", bundle::to_text(statement.expires)},
                          {"content", "sha256:" + crypto::to_hex(statement.content)},
                          {"content_bytes", statement.content_bytes}};
  if (!statement.part) return out;
  const auto list = [](const std::vector<std::string>& names) {
    return boost::json::array(names.begin(), names.end());
  };
  out["part"] = boost::json::object{{"locations", list(statement.part->locations)},
                                    {"callers", list(statement.part->callers)},
                                    {"actions", list(statement.part->actions)},
                                    {"beside", statement.part->beside}};
  return out;
}

std::string statement_lines(const bundle::Statement& statement) {
  std::string part;
  if (statement.part) {
    part = fmt::format(
        "canary       places: {}; enforcement points: {}; actions: {}\nbeside       {}\n",
        fmt::join(statement.part->locations, ", "), fmt::join(statement.part->callers, ", "),
        fmt::join(statement.part->actions, ", "), statement.part->beside);
  }
  return fmt::format(
      "tenant       {}\nenvironment  {}\nserial       {}\ncreated      {}\nexpires      {}\n"
      "content      sha256:{}\n{}",
      statement.tenant, statement.environment, statement.serial, bundle::to_text(statement.created),
      bundle::to_text(statement.expires), crypto::to_hex(statement.content), part);
}

boost::json::array files_json(const bundle::Content& content) {
  boost::json::array out;
  for (const bundle::BundledFile& file : content.files()) {
    out.push_back(boost::json::object{{"name", file.name},
                                      {"kind", to_string(*bundle::kind_of(file.name))},
                                      {"bytes", file.text.size()}});
  }
  return out;
}

}  // namespace wardlock::cli
