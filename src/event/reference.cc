#include <fmt/format.h>

#include "event/field_table.h"
#include "event/words.h"

namespace wardlock::event {
namespace {

// What a field's value is in JSON.
std::string_view type_of(std::string_view Event::*) { return "text"; }
std::string_view type_of(std::int64_t Event::*) { return "integer"; }
std::string_view type_of(std::optional<std::int64_t> Event::*) { return "integer"; }
std::string_view type_of(std::optional<bool> Event::*) { return "`true`, `false`"; }
std::string_view type_of(Texts Event::*) { return "list of texts"; }
std::string_view type_of(Kind Event::*) { return "a kind"; }
std::string_view type_of(Outcome Event::*) { return "an outcome"; }

std::string_view name_of(Mask mask) {
  switch (mask) {
    case Mask::kKeep: return "";
    case Mask::kHide: return "hidden";
    case Mask::kNetwork: break;
  }
  return "network";
}

std::string care_of(const Field& field) {
  switch (field.care) {
    case Care::kNone: break;
    case Care::kRequired: return " Always there.";
    case Care::kFreeText: return fmt::format(" At most {} bytes.", kMaxFreeTextBytes);
    case Care::kSaid: return " Never kept in a record: whoever opens one says it.";
  }
  return "";
}

template <typename Words>
void add_words(std::string_view title, const Words& words, std::string& out) {
  out += fmt::format("| {} | meaning |\n|---|---|\n", title);
  for (const auto& word : words) out += fmt::format("| `{}` | {}. |\n", word.name, word.about);
}

}  // namespace

std::string reference() {
  std::string out = "| field | value | part | masked | meaning |\n|---|---|---|---|---|\n";
  for (const Field& field : all_fields()) {
    const std::string_view part = field.care == Care::kSaid ? "" : to_string(field.part);
    out += fmt::format("| `{}` | {} | {} | {} | {}.{} |\n", field.name,
                       std::visit([](auto place) { return type_of(place); }, field.place), part,
                       name_of(field.mask), field.about, care_of(field));
  }
  out += '\n';
  add_words("kind", all_kinds(), out);
  out += '\n';
  add_words("outcome", all_outcomes(), out);
  return out;
}

}  // namespace wardlock::event
