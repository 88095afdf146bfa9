#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/index/query.h"
#include "audit/index/terms.h"
#include "audit/keys/subject_keys.h"
#include "base/error.h"
#include "merkle/hash.h"
#include "storage/sqlite.h"

namespace wardlock::audit {

struct IndexOptions {
  std::string path;    ///< of the database; its folder must be there
  std::string origin;  ///< of the log it belongs to
  bool is_read_only = false;
};

/// Which records of a log concern whom. Made from the log, in its order, and can be made again; it
/// holds times, kinds, outcomes and terms, and no name.
///
/// Errors of all members: kDataLoss, the file is damaged: remove the index and make it again; those
/// of storage/sqlite.h. For one thread at a time; whoever reads beside the one who adds opens it a
/// second time.
class Index {
 public:
  /// Error: kFailedPrecondition, it is of another log, or of another version: remove it.
  static Result<Index> open(const IndexOptions& options);

  /// Takes the files away.
  static Result<void> remove(const std::string& path);

  /// The number of the record that comes next.
  Result<std::uint64_t> next();

  /// Adds the records from `next()` on, all together; nothing for one that could not be opened.
  /// `mark` is kept until the next call: the leaf hash of the last one. Not synced: what is lost in
  /// a power cut is added again, since `next()` is lost with it. Error: kFailedPrecondition,
  /// `first` is not `next()`.
  Result<void> add(std::uint64_t first, std::span<const std::optional<IndexEntry>> entries,
                   const std::optional<merkle::Hash>& mark = {});

  /// The leaf hash of the record before `next()`, where it is known.
  Result<std::optional<merkle::Hash>> mark();

  /// The log begins with `first` now: records before it are not waited for, and, where a whole
  /// shard of them is gone, not found any more.
  Result<void> begin_at(std::uint64_t first);

  /// A page of those that fit. What a term stands for is nearly certain: of 2^64 names two may have
  /// one; who opens the records can compare. Errors: those of `query_terms`.
  Result<Page> find(const Query& query, SubjectKeys& keys);

  /// How many records could not be opened.
  Result<std::uint64_t> unreadable();

 private:
  explicit Index(storage::Database database) : database_(std::move(database)) {}

  storage::Database database_;
};

/// Opens records and adds them. A record that is damaged is left out: telling so is for whoever
/// verifies the log. Keys that nobody knows the subjects of are adopted. Errors: those of the keys
/// and of the index.
Result<void> add_records(Index& index, SubjectKeys& keys, std::uint64_t first,
                         std::span<const std::string_view> records);

}  // namespace wardlock::audit
