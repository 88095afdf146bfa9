#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "audit/files/posix_files.h"
#include "audit/keys/subject_keys.h"
#include "base/error.h"
#include "codec/json.h"
#include "event/sealed_record.h"
#include "merkle/note_key.h"

namespace wardlock::cli {

// What several of the commands on an audit log have.

/// The value of `--key`, or of the option of that name: the text of a verifier key, or the path of
/// a file that holds one.
Result<merkle::VerifierKey> read_verifier_key(const std::string& text,
                                              std::string_view option = "--key");

/// The keys that open what is sealed in a log, to read only. `option`: the folder of `--keys`;
/// empty: the log's own `keys`, where it is there; else all stays locked.
Result<std::unique_ptr<event::KeyLookup>> open_audit_keys(const std::string& log_folder,
                                                          const std::string& option);

/// The same, which must be there: names are found and erased by them. `is_read_only`: nothing is
/// written, not even a key for who has none.
Result<std::unique_ptr<audit::SubjectKeys>> open_subject_keys(const std::string& log_folder,
                                                              const std::string& option,
                                                              bool is_read_only);

/// A day or a time of RFC 3339, e.g. `2026-11-22` or `2026-11-22T08:00:00Z`, in milliseconds since
/// the epoch; nothing where the option is absent. `name` is the option's.
Result<std::optional<std::int64_t>> read_time_option(const std::string& text, const char* name);

/// A record's number.
Result<std::uint64_t> read_record_option(const std::string& text);

/// Who runs this program: their name, or the number of one who has none.
std::string user_name();

/// What a table's name is followed by in that of the document with its proofs.
inline constexpr std::string_view kReportProofsEnding = ".proofs.json";

/// An event as JSON, as `event::write_event` has it.
Result<codec::Json> event_json(const event::Event& event);

}  // namespace wardlock::cli
