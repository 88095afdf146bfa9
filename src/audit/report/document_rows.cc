#include "audit/report/document_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "event/canonical_json.h"
#include "event/field_table.h"

namespace wardlock::audit {
namespace {

using event::Part;

std::unexpected<Error> not_shown(std::string_view what) {
  return fail(ErrorCode::kDataLoss, std::string(what));
}

/// A list of parts as an event shows it.
Result<event::Texts> shown_parts(const boost::json::object& shown, std::string_view name,
                                 Arena& arena) {
  const codec::Json* const list = shown.if_contains(name);
  if (list == nullptr) return event::Texts();
  const auto* const array = list->if_array();
  if (array == nullptr || array->empty() || array->size() > event::kSealedParts.size()) {
    return not_shown(fmt::format("`{}` is not a list of parts", name));
  }
  const std::span<std::string_view> texts = arena.allocate<std::string_view>(array->size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto* const text = (*array)[i].if_string();
    if (text == nullptr) return not_shown(fmt::format("`{}` is not a list of parts", name));
    texts[i] = arena.copy(std::string_view(*text));
  }
  return event::Texts(texts);
}

bool has(event::Texts parts, std::string_view part) {
  return std::ranges::find(parts, part) != parts.end();
}

/// Which parts are said to be erased or locked must be such as the document gives no key for; and
/// all of those are said, but in a masked report.
Result<void> check_parts(const event::Event& event, event::Texts closed, bool is_masked) {
  std::size_t named = 0;
  for (const event::Texts parts : {event.erased_parts, event.locked_parts}) {
    for (const std::string_view part : parts) {
      if (!has(closed, part)) return not_shown(fmt::format("the part `{}` can be read", part));
      ++named;
    }
  }
  for (const std::string_view part : event.erased_parts) {
    if (has(event.locked_parts, part)) --named;
  }
  if (!is_masked && named < closed.size()) {
    return not_shown("a part is neither shown nor said to be erased or locked");
  }
  return {};
}

/// Masks what the document shows as masked, where a part is closed and not said to be unreadable.
void mask_as_shown(const boost::json::object& shown, event::Texts closed, event::Event& event) {
  for (const event::Field& field : event::all_fields()) {
    const std::string_view part = to_string(field.part);
    const codec::Json* const value = shown.if_contains(field.name);
    if (value == nullptr || !value->is_string() || value->get_string() != kMaskedText ||
        !has(closed, part) || has(event.erased_parts, part) || has(event.locked_parts, part)) {
      continue;
    }
    if (const auto* const place = std::get_if<std::string_view event::Event::*>(&field.place)) {
      event.*(*place) = kMaskedText;
    }
  }
}

/// The name of a field that is not in both as it is in the other.
std::string difference(const boost::json::object& one, const boost::json::object& other) {
  for (const auto& member : one) {
    const codec::Json* const value = other.if_contains(member.key());
    if (value == nullptr || *value != member.value()) return member.key();
  }
  for (const auto& member : other) {
    if (!one.contains(member.key())) return member.key();
  }
  return "";
}

}  // namespace

Result<event::Event> DocumentRows::shown(const DocumentEvent& document) {
  arena_.reset();
  const bool is_masked = document_.heading.request.is_masked;
  event::Event event = TRY(event::open_record(document.leaf, document.keys, arena_));
  const event::Texts closed = event.locked_parts;
  event.erased_parts = TRY(shown_parts(document.shown, "erased", arena_));
  event.locked_parts = TRY(shown_parts(document.shown, "locked", arena_));
  TRY_VOID(check_parts(event, closed, is_masked));
  if (is_masked) mask_as_shown(document.shown, closed, event);
  std::string text;
  TRY_VOID(event::write_event(event, text));
  const codec::Json said = TRY(codec::parse_json(text));
  const std::string field = difference(document.shown, said.as_object());
  if (!field.empty()) {
    return not_shown(fmt::format("what is shown as `{}` is not what the record says", field));
  }
  return event;
}

Result<void> DocumentRows::each(const std::function<Result<void>(const Row&)>& take) {
  for (const DocumentEvent& each : document_.events) {
    const event::Event event = TRY(shown(each));
    TRY_VOID(take({.record = each.record, .event = event}));
  }
  return {};
}

Result<void> DocumentRows::each_proven(const std::function<Result<void>(const ProvenRow&)>& take) {
  for (const DocumentEvent& each : document_.events) {
    const event::Event event = TRY(shown(each));
    TRY_VOID(take({.row = {.record = each.record, .event = event},
                   .leaf = each.leaf,
                   .keys = each.keys,
                   .inclusion = each.inclusion}));
  }
  return {};
}

Result<void> check_place(const DocumentEvent& event, const merkle::TreeHead& head) {
  return merkle::verify_inclusion(merkle::leaf_hash(event.leaf), event.record, head,
                                  event.inclusion);
}

}  // namespace wardlock::audit
