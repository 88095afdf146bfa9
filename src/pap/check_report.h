#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "bundle/content.h"
#include "codec/json.h"
#include "pap/draft.h"

namespace wardlock::pap {

// What checks say, made alike. Private to the room.

/// A check that ended so. The report gets `summary`, one line, and what is wrong, where anything
/// is, as `message`: both cut to what a report has room for.
DraftCheck check_report(std::string_view name, CheckOutcome outcome, std::string_view summary,
                        std::string_view message = {}, boost::json::object report = {});

/// The check has failed with that alone.
DraftCheck failed_check(std::string_view name, std::string_view message);

/// `file:line:column: message`, a line each.
std::string told_mistakes(const bundle::BundledFile& file, const Diagnostics& mistakes);

std::vector<const bundle::BundledFile*> files_of(const bundle::Content& content,
                                                 bundle::FileKind kind);

/// The content's own tests pass, and what of its policies they cover. More than `most` have failed;
/// those that take more than `steps` are undecided.
DraftCheck check_tests(const bundle::Content& content, std::size_t most, std::uint64_t steps);

}  // namespace wardlock::pap
