#include "directory/fetch/element_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "base/utf8.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kResource = "%resource";
constexpr std::size_t kMostSteps = 8;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_name(std::string_view step) {
  return !step.empty() && is_letter(step.front()) &&
         std::ranges::all_of(step, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

/// Adds the json, or what the list has.
void add_each(const codec::Json& json, std::vector<const codec::Json*>& found) {
  if (!json.is_array()) return found.push_back(&json);
  for (const codec::Json& each : json.get_array()) found.push_back(&each);
}

}  // namespace

Result<ElementPath> ElementPath::parse(std::string_view text) {
  const auto refuse = [&] {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is no path of elements, such as `subject` or "
                            "`%resource.participant.individual`",
                            printable(text)));
  };
  ElementPath path;
  std::string_view rest = text;
  if (rest == kResource) {
    path.begins_at_resource_ = true;
    return path;
  }
  if (rest.starts_with(kResource) && rest[kResource.size()] == '.') {
    path.begins_at_resource_ = true;
    rest.remove_prefix(kResource.size() + 1);
  }
  while (true) {
    const std::size_t end = rest.find('.');
    const std::string_view step = rest.substr(0, end);
    if (!is_name(step) || path.steps_.size() == kMostSteps) return refuse();
    path.steps_.emplace_back(step);
    if (end == std::string_view::npos) return path;
    rest.remove_prefix(end + 1);
  }
}

std::vector<const codec::Json*> ElementPath::find(const codec::Json& element,
                                                  const codec::Json& resource) const {
  if (empty()) return {};
  std::vector<const codec::Json*> found = {begins_at_resource_ ? &resource : &element};
  for (const std::string& step : steps_) {
    std::vector<const codec::Json*> next;
    for (const codec::Json* each : found) {
      const auto* const object = each->if_object();
      const codec::Json* const member = object == nullptr ? nullptr : object->if_contains(step);
      if (member != nullptr) add_each(*member, next);
    }
    found = std::move(next);
  }
  return found;
}

std::string_view ElementPath::find_text(const codec::Json& element,
                                        const codec::Json& resource) const {
  for (const codec::Json* each : find(element, resource)) {
    if (each->is_string()) return each->get_string();
  }
  return {};
}

}  // namespace wardlock::directory
