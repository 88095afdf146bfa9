#include "audit/index/follow.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "merkle/hash.h"

namespace wardlock::audit {
namespace {

/// So many in one transaction: many enough to pay for it, few enough to stop between.
constexpr std::uint32_t kBatch = 2048;

/// Reads a batch; where that fails since the log is damaged, one by one. What cannot be read is
/// empty, which is no record.
Result<void> read_batch(EventReader& log, std::uint64_t first, std::uint32_t count,
                        std::vector<Records>& out) {
  out.resize(1);
  auto read = log.records(first, count, out[0]);
  if (read || read.error().code != ErrorCode::kDataLoss) return read;
  out.assign(count, Records());
  for (std::uint32_t i = 0; i < count; ++i) {
    read = log.records(first + i, 1, out[i]);
    if (read) continue;
    if (read.error().code != ErrorCode::kDataLoss) return read;
    out[i].clear();
    TRY_VOID(out[i].add(""));
  }
  return {};
}

Result<void> check_same_log(Index& index, EventReader& log, std::uint64_t begin,
                            std::uint64_t end) {
  const std::uint64_t next = TRY(index.next());
  bool is_same = next <= end;
  if (is_same && next > begin) {
    const auto mark = TRY(index.mark());
    // What cannot be read is for `verify` to tell.
    const auto record = mark ? log.record(next - 1) : std::string_view();
    is_same = !mark || !record || merkle::leaf_hash(*record) == *mark;
  }
  if (is_same) return {};
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the index has {} records that are not those of the log, which has {}: "
                          "the log was restored from a copy, or is damaged; see `wardlock audit "
                          "verify`, then rebuild the index",
                          next, end));
}

}  // namespace

Result<std::uint64_t> catch_up(Index& index, EventReader& log, SubjectKeys& keys,
                               const CatchUp& how) {
  std::uint64_t begin = TRY(log.begin());
  std::uint64_t end = TRY(log.end());
  TRY_VOID(check_same_log(index, log, begin, end));
  end = std::min(end, how.until.value_or(end));
  std::vector<Records> batch;
  std::vector<std::string_view> records;
  while (true) {
    TRY_VOID(index.begin_at(begin));
    const std::uint64_t next = TRY(index.next());
    if (how.go_on && !how.go_on(std::min(next, end), end)) return next;
    if (next >= end) return next;
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(end - next, kBatch));
    if (const auto read = read_batch(log, next, count, batch); !read) {
      // Its segment may have been removed meanwhile.
      const std::uint64_t before = std::exchange(begin, TRY(log.begin()));
      if (begin == before || begin <= next) return std::unexpected(read.error());
      continue;
    }
    records.clear();
    for (const Records& some : batch) {
      for (std::size_t i = 0; i < some.size(); ++i) records.push_back(some[i]);
    }
    TRY_VOID(add_records(index, keys, next, records));
  }
}

}  // namespace wardlock::audit
