#include "pap/check_report.h"

#include <fmt/format.h>

#include <utility>

#include "base/line_index.h"
#include "base/utf8.h"

namespace wardlock::pap {
namespace {

constexpr std::size_t kMaxSummaryBytes = 400;
constexpr std::size_t kMaxMessageBytes = std::size_t{16} * 1024;

std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && is_continuation_byte(text[most])) --most;
  return std::string(text.substr(0, most)) + " …";
}

}  // namespace

DraftCheck check_report(std::string_view name, CheckOutcome outcome, std::string_view summary,
                        std::string_view message, boost::json::object report) {
  report["summary"] = cut(summary, kMaxSummaryBytes);
  if (!message.empty()) report["message"] = cut(message, kMaxMessageBytes);
  return {.name = std::string(name),
          .outcome = outcome,
          .report = codec::to_json_text(codec::Json(std::move(report)))};
}

DraftCheck failed_check(std::string_view name, std::string_view message) {
  return check_report(name, CheckOutcome::kFailed, message.substr(0, message.find('\n')), message);
}

std::string told_mistakes(const bundle::BundledFile& file, const Diagnostics& mistakes) {
  const LineIndex lines(file.text);
  std::string text;
  for (const Diagnostic& each : mistakes) {
    const Position at = lines.position_at(each.span.begin);
    text += fmt::format("{}{}:{}:{}: {}", text.empty() ? "" : "\n", file.name, at.line, at.column,
                        each.message);
  }
  return text;
}

std::vector<const bundle::BundledFile*> files_of(const bundle::Content& content,
                                                 bundle::FileKind kind) {
  std::vector<const bundle::BundledFile*> files;
  for (const bundle::BundledFile& file : content.files()) {
    if (bundle::kind_of(file.name) == kind) files.push_back(&file);
  }
  return files;
}

}  // namespace wardlock::pap
