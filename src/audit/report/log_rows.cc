#include "audit/report/log_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "event/canonical_json.h"

namespace wardlock::audit {
namespace {

constexpr std::uint64_t kReportEach = 256;
constexpr std::size_t kMostTenantsNamed = 8;

bool has(event::Texts parts, event::Part part) {
  return std::ranges::find(parts, to_string(part)) != parts.end();
}

/// Whether the record is what is wrong, and not the reading of it.
bool is_unreadable(const Error& error) {
  return error.code == ErrorCode::kDataLoss || error.code == ErrorCode::kUnimplemented;
}

}  // namespace

/// Looks into the records one after another.
class LogRows::Search {
 public:
  Search(event::KeyLookup& keys, Heading& heading) : keys_(keys), heading_(heading) {}

  /// Whether the record is of the report.
  Result<bool> look_at(std::string_view record) {
    arena_.reset();
    event::Event clear;
    const auto view = event::parse_record(record);
    auto read = view ? event::read_part(view->clear_json, event::Part::kClear, clear, arena_)
                     : std::unexpected(view.error());
    if (!read) return note_unreadable(read.error());
    if (clear.tenant != heading_.request.tenant && !clear.tenant.empty() &&
        tenants_.size() < kMostTenantsNamed) {
      tenants_.emplace(clear.tenant);
    }
    if (!may_belong(heading_.request, clear)) return false;
    const auto event = event::open_record(record, keys_, arena_);
    if (!event) return note_unreadable(event.error());
    return take(*event);
  }

  const std::set<std::string>& other_tenants() const { return tenants_; }

 private:
  Result<bool> note_unreadable(const Error& error) {
    if (!is_unreadable(error)) return std::unexpected(error);
    ++heading_.gaps.unreadable;
    return false;
  }

  bool take(const event::Event& event) {
    if (belongs(heading_.request, event)) {
      heading_.counts.add(event);
      return true;
    }
    if (has(event.erased_parts, event::Part::kPatient)) ++heading_.gaps.erased;
    if (has(event.locked_parts, event::Part::kPatient)) ++heading_.gaps.locked;
    return false;
  }

  event::KeyLookup& keys_;
  Heading& heading_;
  Arena arena_;
  std::set<std::string> tenants_;
};

Result<std::unique_ptr<LogRows>> LogRows::open(Files& files, const std::string& folder,
                                               event::KeyLookup& keys) {
  Prover prover = TRY(Prover::open(files, folder));
  return std::unique_ptr<LogRows>(new LogRows(files, folder, keys, std::move(prover)));
}

Result<void> LogRows::find(Heading& heading, const Progress& report) {
  const std::uint64_t begin = TRY(events_.begin());
  const std::uint64_t end = std::min(TRY(events_.end()), prover_.head().size);
  heading.public_key = prover_.key().text();
  heading.checkpoint = prover_.note();
  heading.counts = {};
  heading.gaps = {};
  heading.gaps.removed = begin;
  is_masked_ = heading.request.is_masked;
  found_.clear();
  Search search(*keys_, heading);
  for (std::uint64_t number = begin; number < end; ++number) {
    if (report && number % kReportEach == 0) report(number - begin, end - begin);
    const std::string_view record = TRY(events_.record(number));
    if (!TRY(search.look_at(record))) continue;
    if (found_.size() == kMostReportEvents) {
      return fail(ErrorCode::kResourceExhausted,
                  fmt::format("more than {} events are of this report: ask for a shorter period "
                              "with `--from` and `--to`",
                              kMostReportEvents));
    }
    found_.push_back(number);
  }
  if (found_.empty() && heading.request.tenant.empty() && !search.other_tenants().empty()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("no event without a tenant is of this report, but the log has those of "
                            "`{}`: name one with `--tenant`",
                            fmt::join(search.other_tenants(), "`, `")));
  }
  if (is_masked_ && !heading.request.patient.empty()) heading.request.patient = kMaskedText;
  return {};
}

/// The event as the report shows it.
Result<event::Event> LogRows::shown(std::string_view record) {
  arena_.reset();
  const event::Event event = TRY(event::open_record(record, *keys_, arena_));
  return is_masked_ ? without_sealed(event, arena_) : event;
}

void LogRows::tell(std::size_t done) const {
  if (report_ && done % kReportEach == 0) report_(done, found_.size());
}

Result<void> LogRows::each(const std::function<Result<void>(const Row&)>& take) {
  for (std::size_t i = 0; i < found_.size(); ++i) {
    const std::uint64_t number = found_[i];
    tell(i);
    const std::string_view record = TRY(events_.record(number));
    const event::Event event = TRY(shown(record));
    TRY_VOID(take({.record = number, .event = event}));
  }
  return {};
}

Result<void> LogRows::each_proven(const std::function<Result<void>(const ProvenRow&)>& take) {
  for (std::size_t i = 0; i < found_.size(); ++i) {
    const std::uint64_t number = found_[i];
    tell(i);
    ProvenRow row;
    row.leaf = TRY(events_.record(number));
    row.inclusion = TRY(prover_.prove(number, row.leaf));
    row.row = {.record = number, .event = TRY(shown(row.leaf))};
    if (!is_masked_) row.keys = TRY(event::part_keys(row.leaf, *keys_));
    TRY_VOID(take(row));
  }
  return {};
}

}  // namespace wardlock::audit
