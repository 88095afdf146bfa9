#include "pdp/sourced_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/utf8.h"
#include "cedar/extension/extension.h"
#include "pdp/stale.h"

namespace wardlock::pdp {
namespace {

constexpr std::string_view kSource = "source";
constexpr std::string_view kFresh = "fresh";
constexpr std::string_view kStale = "stale";
/// Whoever asks tells these, or the directory.
constexpr std::array<std::string_view, 2> kOthers = {"request", "directory"};

/// Times since the epoch are added to it.
constexpr std::int64_t kMostMs = std::int64_t{366} * 24 * 60 * 60 * 1000;

std::unexpected<Error> wrong(std::string_view place, std::string_view why) {
  return invalid(fmt::format("the attribute `{}`: {}", place, why));
}

/// Names of sources stand in metrics, in paths and in the directory.
bool is_source_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, is_allowed);
}

std::optional<std::int64_t> read_age(std::string_view text) {
  const auto ms = cedar::parse_duration(text);
  if (!ms || *ms <= 0 || *ms > kMostMs) return std::nullopt;
  return ms;
}

Result<std::int64_t> fresh_of(const cedar::Attribute& attribute, std::string_view place) {
  const auto text = cedar::find_annotation(attribute.annotations, kFresh);
  const auto age = text ? read_age(*text) : std::nullopt;
  if (age) return *age;
  return wrong(place,
               "`@fresh` says how old its value may be, from 1ms to a year, such as "
               "`@fresh(\"15m\")`; a source's attribute needs it");
}

struct WhenStale {
  Silence silence = Silence::kDeny;
  std::int64_t last_known_ms = 0;
};

Result<WhenStale> stale_of(const cedar::Attribute& attribute, std::string_view place,
                           std::int64_t fresh_ms) {
  const auto text = cedar::find_annotation(attribute.annotations, kStale);
  const auto fault = [&] {
    return wrong(place,
                 "`@stale` says what holds when its value is older than that: `@stale(\"deny\")`, "
                 "`@stale(\"last-known 2h\")` or `@stale(\"emergency 8h\")`, the age being longer "
                 "than what is fresh; a source's attribute needs it");
  };
  if (!text) return fault();
  if (*text == to_string(Silence::kDeny)) {
    return WhenStale{.silence = Silence::kDeny, .last_known_ms = fresh_ms};
  }
  const std::size_t space = text->find(' ');
  if (space == std::string_view::npos) return fault();
  const std::string_view word = text->substr(0, space);
  const auto age = read_age(text->substr(space + 1));
  if (!age || *age <= fresh_ms) return fault();
  for (const Silence each : {Silence::kLastKnown, Silence::kEmergency}) {
    if (word == to_string(each)) return WhenStale{.silence = each, .last_known_ms = *age};
  }
  return fault();
}

/// Nothing: the directory or the request has it.
std::optional<std::string_view> source_of(const cedar::Attribute& attribute) {
  const auto source = cedar::find_annotation(attribute.annotations, kSource);
  if (!source || std::ranges::find(kOthers, *source) != kOthers.end()) return std::nullopt;
  return source;
}

/// Where a source tells nothing there is nothing to be said of its silence.
Result<void> check_not_sourced(const cedar::Attribute& attribute, std::string_view place) {
  if (source_of(attribute)) {
    return wrong(place,
                 "a source tells whole attributes of entities; annotate the attribute itself");
  }
  for (const std::string_view name : {kFresh, kStale}) {
    if (cedar::find_annotation(attribute.annotations, name)) {
      return wrong(place, fmt::format("`@{}` is for what a source tells: name it, such as "
                                      "`@source(\"rota\")`",
                                      name));
    }
  }
  return {};
}

/// Of records in an attribute, and of contexts.
Result<void> check_inside(const cedar::Type& type, const std::string& place) {
  if (type.element != nullptr) TRY_VOID(check_inside(*type.element, place));
  for (const cedar::Attribute& each : type.attributes) {
    const std::string inner = fmt::format("{}.{}", place, each.name);
    TRY_VOID(check_not_sourced(each, inner));
    TRY_VOID(check_inside(*each.type, inner));
  }
  return {};
}

Result<std::optional<SourcedAttribute>> read_attribute(const cedar::EntityType& type,
                                                       const cedar::Attribute& attribute) {
  const std::string place = fmt::format("{}.{}", type.name, attribute.name);
  TRY_VOID(check_inside(*attribute.type, place));
  const auto source = source_of(attribute);
  if (!source) {
    TRY_VOID(check_not_sourced(attribute, place));
    return std::nullopt;
  }
  if (!is_source_name(*source)) {
    return wrong(place, fmt::format("the source `{}` must be named in lowercase letters, digits "
                                    "and hyphens, 64 at most",
                                    printable(*source)));
  }
  if (attribute.is_required) {
    return wrong(place, fmt::format("what a source tells may be unknown at any time: declare it as "
                                    "optional, `{}?`",
                                    attribute.name));
  }
  const std::int64_t fresh_ms = TRY(fresh_of(attribute, place));
  const WhenStale when_stale = TRY(stale_of(attribute, place, fresh_ms));
  return SourcedAttribute{.type = type.name,
                          .name = attribute.name,
                          .source = *source,
                          .value = attribute.type,
                          .fresh_ms = fresh_ms,
                          .silence = when_stale.silence,
                          .last_known_ms = when_stale.last_known_ms};
}

}  // namespace

std::string_view to_string(Silence silence) {
  switch (silence) {
    case Silence::kDeny: return "deny";
    case Silence::kLastKnown: return "last-known";
    case Silence::kEmergency: return "emergency";
  }
  return "unknown";
}

Result<SourcedAttributes> SourcedAttributes::read(const cedar::Schema& schema) {
  SourcedAttributes read;
  for (const cedar::EntityType& type : schema.entity_types()) {
    const std::size_t first = read.all_.size();
    for (const cedar::Attribute& attribute : type.shape->attributes) {
      const auto sourced = TRY(read_attribute(type, attribute));
      if (!sourced) continue;
      read.all_.push_back(*sourced);
      read.has_emergency_ = read.has_emergency_ || sourced->silence == Silence::kEmergency;
    }
    const std::size_t count = read.all_.size() - first;
    if (count > 0) read.of_type_.emplace(type.name, Range{first, count});
  }
  for (const cedar::ActionType& action : schema.actions()) {
    TRY_VOID(check_inside(*action.context, fmt::format("context of {}", action.uid->id)));
  }
  if (!read.empty() && schema.find_entity_type(kStaleType) != nullptr) {
    return invalid(
        fmt::format("the type `{}` is Wardlock's own; name yours otherwise", kStaleType));
  }
  return read;
}

std::span<const SourcedAttribute> SourcedAttributes::of(std::string_view type) const {
  const auto found = of_type_.find(type);
  if (found == of_type_.end()) return {};
  return std::span(all_).subspan(found->second.first, found->second.count);
}

const SourcedAttribute* SourcedAttributes::find(std::string_view type,
                                                std::string_view name) const {
  const auto own = of(type);
  const auto found = std::ranges::find(own, name, &SourcedAttribute::name);
  return found == own.end() ? nullptr : &*found;
}

bool SourcedAttributes::has_name(std::string_view name) const {
  return std::ranges::find(all_, name, &SourcedAttribute::name) != all_.end();
}

}  // namespace wardlock::pdp
