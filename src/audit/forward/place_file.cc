#include "audit/forward/place_file.h"

#include <fmt/format.h>

#include "codec/json.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kMaxBytes = 4096;
constexpr std::int64_t kVersion = 1;

/// The member, a whole number; nothing where it is none.
std::optional<std::uint64_t> number_in(const boost::json::object& object, std::string_view name) {
  const codec::Json* value = object.if_contains(name);
  const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
  if (number == nullptr || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::optional<std::string> text_in(const boost::json::object& object, std::string_view name) {
  const codec::Json* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<Place> parse(std::string_view text) {
  const auto json = codec::parse_json(text);
  const auto* object = json ? json->if_object() : nullptr;
  if (object == nullptr || number_in(*object, "version") != kVersion) return std::nullopt;
  const auto origin = text_in(*object, "origin");
  const auto position = number_in(*object, "position");
  const auto resend_from = number_in(*object, "resend_from");
  const auto last = text_in(*object, "last");
  if (!origin || !position || !resend_from || !last || *resend_from > *position) {
    return std::nullopt;
  }
  return Place{*origin, *position, *resend_from, *last};
}

}  // namespace

Result<std::optional<Place>> load_place(Files& files, const std::string& path) {
  const auto text = read_file(files, path, kMaxBytes);
  if (!text && text.error().code == ErrorCode::kNotFound) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  if (auto place = parse(*text)) return place;
  return fail(ErrorCode::kDataLoss,
              fmt::format("`{}` is not as a forwarder writes it; without the file the forwarder "
                          "begins anew",
                          path));
}

Result<void> save_place(Files& files, const std::string& path, const Place& place) {
  const boost::json::object json{{"version", kVersion},
                                 {"origin", place.origin},
                                 {"position", place.position},
                                 {"resend_from", place.resend_from},
                                 {"last", place.last}};
  TRY_VOID(replace_file(files, path, codec::to_json_text(json) + "\n"));
  return files.sync_folder(folder_of(path));
}

}  // namespace wardlock::audit
