#include "cli/audit_inputs.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>

#include "audit/keys/subject_keys.h"
#include "cedar/extension/extension.h"
#include "event/canonical_json.h"
#include "server/policy_files.h"
#include "storage/key_file.h"

namespace wardlock::cli {
namespace {

namespace fs = std::filesystem;

bool is_there(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error) && !error;
}

std::string_view trimmed(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<merkle::VerifierKey> read_verifier_key(const std::string& text, std::string_view option) {
  auto key = merkle::VerifierKey::parse(text);
  if (key) return key;
  if (!is_there(text)) {
    return invalid(
        fmt::format("`{} {}` is neither a file nor a key, which is `name+hash+base64` like in "
                    "the `public.key` of a log",
                    option, text));
  }
  const pdp::Source source = TRY(server::read_source(text));
  key = merkle::VerifierKey::parse(trimmed(source.text));
  if (!key) return std::unexpected(key.error().in(fmt::format("`{}`", text)));
  return key;
}

namespace {

/// The files of a folder with the keys of a log.
struct KeyFiles {
  std::string folder;
  std::string master = folder + "/master.key";
  std::string subjects = folder + "/subjects.db";

  bool are_there() const { return is_there(master) && is_there(subjects); }
};

KeyFiles key_files(const std::string& log_folder, const std::string& option) {
  return {.folder = option.empty() ? log_folder + "/keys" : option};
}

}  // namespace

Result<std::unique_ptr<event::KeyLookup>> open_audit_keys(const std::string& log_folder,
                                                          const std::string& option) {
  if (option.empty() && !key_files(log_folder, option).are_there()) {
    return std::make_unique<event::NoKeys>();
  }
  return TRY(open_subject_keys(log_folder, option, true));
}

Result<std::unique_ptr<audit::SubjectKeys>> open_subject_keys(const std::string& log_folder,
                                                              const std::string& option,
                                                              bool is_read_only) {
  const KeyFiles files = key_files(log_folder, option);
  if (!files.are_there()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("`{}` does not hold the keys of a log, `master.key` and "
                            "`subjects.db`: name their folder with `--keys`",
                            files.folder));
  }
  const auto key = TRY(storage::load_or_create_key(files.master));
  return audit::SubjectKeys::open(
      {.path = files.subjects, .is_read_only = is_read_only, .spares = 0}, key);
}

Result<std::optional<std::int64_t>> read_time_option(const std::string& text, const char* name) {
  if (text.empty()) return std::nullopt;
  if (const auto time = cedar::parse_datetime(text)) return time;
  return invalid(fmt::format(
      "`--{} {}` is not a time: write `2026-11-22` or `2026-11-22T08:00:00Z`", name, text));
}

Result<std::uint64_t> read_record_option(const std::string& text) {
  std::uint64_t record = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, record);
  if (error == std::errc() && stopped == end && record < UINT64_MAX / 64) return record;
  return invalid(fmt::format("`--record {}` is not the number of a record: 0, 1, …", text));
}

Result<codec::Json> event_json(const event::Event& event) {
  std::string text;
  TRY_VOID(event::write_event(event, text));
  return codec::parse_json(text);
}

std::string user_name() {
  std::array<char, 4096> space = {};
  passwd entry = {};
  passwd* found = nullptr;
  const bool is_known =
      getpwuid_r(getuid(), &entry, space.data(), space.size(), &found) == 0 && found != nullptr;
  return is_known ? found->pw_name : fmt::format("uid {}", getuid());
}

}  // namespace wardlock::cli
