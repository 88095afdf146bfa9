#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace wardlock::config {

/// What kind of value a setting takes.
enum class Kind : std::uint8_t {
  kText,
  kPath,      ///< of a file or folder; relative to the configuration file's folder
  kFlag,      ///< `true` or `false`
  kNumber,    ///< a whole number
  kDuration,  ///< a whole number and `ms`, `s`, `m`, `h` or `d`
  kSize,      ///< a whole number of bytes, or of `KiB` or `MiB`
  kTexts,     ///< a list
  kTextMap,   ///< names, each with a text
  kSection,   ///< settings of its own
  kSections,  ///< a list of such
  kNamed,     ///< names, each with such
  kPathOrSection,  ///< a path, or settings in its place
};

/// One setting of the configuration file. Reading, checking, `config show`, the JSON Schema and the
/// table in docs/configuration.md all come from these.
struct Setting {
  std::string_view name;
  Kind kind = Kind::kText;
  std::string_view about;  ///< one sentence, without a full stop at its end
  bool is_required = false;
  std::string_view fallback = {};  ///< what counts when it is absent, as it would be written
  const char* pattern = nullptr;   ///< ECMAScript; of a text, or of a list's or map's texts
  const char* form = nullptr;      ///< the pattern in words: `must be …`
  std::span<const std::string_view> words = {};  ///< all that a text, or a list's texts, may be
  std::int64_t least = 0;                        ///< of a number; in ms or bytes
  std::int64_t most = INT64_MAX;
  bool is_secret = false;                  ///< shown shortened
  std::span<const Setting> settings = {};  ///< of a section
};

/// The settings at the top of the file. Of those in `alternatives()`, exactly one is given.
std::span<const Setting> all_settings();
std::span<const std::string_view> alternatives();

/// `500ms`, `2s`, `5m`, `1h`, `30d`; nothing: malformed.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// `4096`, `16KiB`, `1MiB`, in bytes; nothing: malformed.
std::optional<std::int64_t> parse_size(std::string_view text);

}  // namespace wardlock::config
