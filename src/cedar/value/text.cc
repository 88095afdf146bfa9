#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cedar/value/value.h"

namespace wardlock::cedar {
namespace {

constexpr std::int64_t kMsPerDay = 86'400'000;

std::string decimal_text(std::int64_t ten_thousandths) {
  const auto magnitude = ten_thousandths < 0 ? 0 - static_cast<std::uint64_t>(ten_thousandths)
                                             : static_cast<std::uint64_t>(ten_thousandths);
  std::string fraction = fmt::format("{:04}", magnitude % 10'000);
  while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
  return fmt::format("{}{}.{}", ten_thousandths < 0 ? "-" : "", magnitude / 10'000, fraction);
}

/// Years outside 0000–9999 have no literal; those are written as an offset from the epoch.
std::string datetime_text(std::int64_t epoch_ms) {
  std::int64_t days = epoch_ms / kMsPerDay, ms = epoch_ms % kMsPerDay;
  if (ms < 0) {
    ms += kMsPerDay;
    --days;
  }
  // Howard Hinnant's civil-from-days, in the proleptic Gregorian calendar.
  const std::int64_t z = days + 719'468;
  const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const std::int64_t day_of_era = z - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_index = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month_index + 2) / 5 + 1;
  const std::int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  if (year < 0 || year > 9999) {
    return fmt::format("datetime(\"1970-01-01\").offset(duration(\"{}ms\"))", epoch_ms);
  }
  return fmt::format("datetime(\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z\")", year, month, day,
                     ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

std::string ip_text(const IpAddress& ip) {
  const auto& b = ip.bytes;
  std::string address;
  if (ip.is_v6) {
    for (std::size_t i = 0; i < 16; i += 2) {
      address += fmt::format("{}{:x}", i == 0 ? "" : ":", b[i] << 8 | b[i + 1]);
    }
  } else {
    address = fmt::format("{}.{}.{}.{}", b[0], b[1], b[2], b[3]);
  }
  return fmt::format("ip(\"{}/{}\")", address, ip.prefix);
}

bool is_identifier(std::string_view text) {
  const auto is_start = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && is_start(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_start(c) || (c >= '0' && c <= '9'); });
}

template <typename Items, typename Write>
std::string join(const Items& items, std::string_view open, std::string_view close, Write write) {
  std::string out(open);
  for (const auto& item : items) {
    if (out.size() > open.size()) out += ", ";
    out += write(item);
  }
  return out.append(close);
}

}  // namespace

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\0': out += "\\0"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out += fmt::format("\\u{{{:x}}}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out += '"';
}

std::string to_text(const EntityUid& uid) { return fmt::format("{}::{}", uid.type, quote(uid.id)); }

std::string to_text(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool: return value.as_bool() ? "true" : "false";
    case Kind::kLong: return fmt::format("{}", value.as_long());
    case Kind::kString: return quote(value.as_string());
    case Kind::kEntity: return to_text(value.as_entity());
    case Kind::kDecimal: return fmt::format("decimal(\"{}\")", decimal_text(value.as_scaled()));
    case Kind::kDatetime: return datetime_text(value.as_scaled());
    case Kind::kDuration: return fmt::format("duration(\"{}ms\")", value.as_scaled());
    case Kind::kIp: return ip_text(value.as_ip());
    case Kind::kSet:
      return join(value.as_set(), "[", "]", [](const Value& member) { return to_text(member); });
    case Kind::kRecord:
      return join(value.as_record(), "{", "}", [](const Field& field) {
        return fmt::format("{}: {}",
                           is_identifier(field.name) ? std::string(field.name) : quote(field.name),
                           to_text(field.value));
      });
  }
  return "";
}

}  // namespace wardlock::cedar
