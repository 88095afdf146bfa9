#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/files/files.h"
#include "audit/inspect/derived_check.h"
#include "audit/inspect/finding.h"
#include "audit/inspect/key_chain.h"
#include "audit/inspect/log_identity.h"
#include "audit/inspect/record_check.h"
#include "audit/log/log_folder.h"
#include "audit/log/segment.h"
#include "merkle/compact_range.h"

namespace wardlock::audit {

/// A tree head that the log must have, or have had.
struct ExpectedHead {
  merkle::TreeHead head;
  std::string file;           ///< that says so
  std::string what_if_short;  ///< what it means where the log ends before that
  std::string what_if_other;  ///< what it means where the log had another root
  bool is_met = false;        ///< the log had that size
};

/// Reads the segments of a log from the first record to the last: computes the tree anew, and
/// compares with it all that the log says of itself. What a part of the log was is taken from its
/// tiles where its segment does not give it, so that the rest can be checked all the same. Not
/// thread-safe.
class SegmentsCheck {
 public:
  /// With `limit` the log is one that is being written: it is read up to that size.
  SegmentsCheck(Files& files, const LogPaths& paths, const LogIdentity& identity,
                std::vector<ExpectedHead> expected, std::optional<std::uint64_t> limit,
                Findings& findings);

  /// Errors: the folder of the segments cannot be listed. `report` is called with the bytes that
  /// were read and those there are.
  Result<void> run(const std::function<void(std::uint64_t, std::uint64_t)>& report);

  std::uint64_t size() const { return size_; }
  /// Nothing where a part of the log is missing.
  const std::optional<merkle::CompactRange>& tree() const { return tree_; }
  /// The keys that signed; nothing where none is known.
  const std::optional<KeyChain>& key_chain() const { return key_chain_; }
  std::uint64_t segments() const { return segments_; }
  std::uint64_t checkpoints() const { return checkpoints_; }
  std::uint64_t bytes() const { return bytes_; }
  /// Of a log that is being written: so many records lie behind what was read, as its files say.
  std::uint64_t beyond() const;

 private:
  /// Where a segment stands among the others.
  struct Place {
    std::uint64_t first = 0;
    std::optional<std::uint64_t> after;  ///< the next one's first record; nothing: it is the last
    std::string path = {};
  };
  /// A record that says that the log's key changes.
  struct NotedKeyChange {
    std::string file;
    std::uint64_t record = 0;
    std::string note;
  };

  Result<std::vector<Place>> list();
  void check_prepared(const std::string& path);
  void check_segment(const Place& place);
  bool begin(const Place& place, const SegmentReader& reader);
  void check_frames(const Place& place, SegmentReader& reader);
  /// Whether there is more to read behind what is wrong at the reader's offset.
  bool pass_damage(const Place& place, SegmentReader& reader, std::string what);
  void check_is_signed(const Place& place);
  void report_unsigned();
  bool is_torn_end(const Place& place, SegmentReader& reader);
  void take(const Place& place, const ReadFrame& read, std::uint64_t offset);
  void take_batch(const Place& place, const ReadFrame& read, std::uint64_t offset);
  void take_checkpoint(const Place& place, const Frame& frame, std::uint64_t offset);
  void note_key_change(const Place& place, std::uint64_t record);
  bool announce(const NotedKeyChange& change, KeyChain& chain);
  void announce_key_changes();
  void report_unsigned_key_changes();
  void check_root(const Place& place, const Frame& frame, std::uint64_t offset);
  /// The records up to `to` cannot be read in their order: their hashes are taken from the tiles.
  /// `place`: of the segment that should have them, if there is one.
  void lose(std::uint64_t to, const Place* place);
  void lose_rest(const Place& place);
  bool is_in_place(std::uint64_t record, const merkle::Hash& leaf);
  void append(const merkle::Hash& leaf);
  void meet_expected();
  void report_unmet();
  void report_removed();
  void fault(std::string file, std::optional<std::uint64_t> byte, std::string what);

  Files& files_;
  const LogPaths& paths_;
  const LogIdentity& identity_;
  std::vector<ExpectedHead> expected_;  // by size
  std::size_t next_expected_ = 0;
  const std::optional<std::uint64_t> limit_;
  Findings& findings_;
  std::optional<DerivedCheck> derived_;
  RecordReader records_;
  RecordCheck record_check_;
  std::optional<KeyChain> key_chain_;
  std::vector<NotedKeyChange> key_changes_;  // since the last checkpoint
  std::function<void()> report_;
  merkle::CompactRange::NodeVisitor add_node_;

  std::optional<merkle::CompactRange> tree_ = merkle::CompactRange();
  std::uint64_t size_ = 0;
  std::uint64_t removed_ = 0;   // records before the first segment
  bool is_guessed_ = false;     // part of the tree is from the tiles, and no root has confirmed it
  bool is_root_wrong_ = false;  // it was said
  std::optional<std::uint64_t> last_checkpoint_;  // the size that the last checkpoint met was of
  std::uint64_t segments_ = 0;
  std::uint64_t checkpoints_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t done_bytes_ = 0;
};

}  // namespace wardlock::audit
