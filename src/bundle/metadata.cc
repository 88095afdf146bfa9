#include "bundle/metadata.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "codec/json.h"

namespace wardlock::bundle {
namespace {

constexpr std::size_t kMaxTextBytes = 4'096;
constexpr std::size_t kMaxLabels = 32;
constexpr codec::JsonLimits kLimits = {
    .max_bytes = std::size_t{256} << 10, .max_depth = 4, .max_members = 64};

Result<std::string> read_text(std::string_view key, const codec::Json& value) {
  if (!value.is_string()) return invalid(fmt::format("`{}` must be a text", printable(key)));
  const std::string_view text = value.get_string();
  if (text.size() > kMaxTextBytes) {
    return invalid(
        fmt::format("`{}` has {} bytes; at most {}", printable(key), text.size(), kMaxTextBytes));
  }
  for (std::string_view rest = text; const auto at = find_deceptive_character(rest);) {
    if (rest[*at] != '\n') {
      return invalid(fmt::format("`{}` has a character that cannot be seen", printable(key)));
    }
    rest.remove_prefix(*at + 1);
  }
  return std::string(text);
}

Result<void> read_labels(const codec::Json& value, Metadata& metadata) {
  if (!value.is_object()) return invalid("`labels` must be an object of texts");
  if (value.get_object().size() > kMaxLabels) {
    return invalid(fmt::format("there are more than {} `labels`", kMaxLabels));
  }
  for (const auto& [key, text] : value.get_object()) {
    if (key.empty() || key.size() > 64 || find_deceptive_character(std::string_view(key))) {
      return invalid("a label's name has 1 to 64 bytes, all of them to be seen");
    }
    metadata.labels[std::string(key)] = TRY(read_text(std::string_view(key), text));
  }
  return {};
}

}  // namespace

Result<Metadata> parse_metadata(std::string_view json) {
  const codec::Json document = TRY(codec::parse_json(json, kLimits));
  if (!document.is_object()) return invalid("it must be a JSON object");
  Metadata metadata;
  for (const auto& [key, value] : document.get_object()) {
    if (key == "name") {
      metadata.name = TRY(read_text("name", value));
    } else if (key == "version") {
      metadata.version = TRY(read_text("version", value));
    } else if (key == "description") {
      metadata.description = TRY(read_text("description", value));
    } else if (key == "labels") {
      TRY_VOID(read_labels(value, metadata));
    } else {
      return invalid(
          fmt::format("`{}` is not known; there are `name`, `version`, `description` "
                      "and `labels`",
                      printable(std::string_view(key))));
    }
  }
  return metadata;
}

}  // namespace wardlock::bundle
