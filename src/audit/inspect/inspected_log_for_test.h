#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "audit/files/posix_files.h"
#include "audit/keys/folder_for_test.h"
#include "audit/log/log.h"
#include "audit/log/log_for_test.h"
#include "audit/log/segment.h"
#include "event/event_for_test.h"
#include "merkle/hash.h"

namespace wardlock::audit {

/// A log on the disk with events in it, sealed under keys that it knows; and ways to harm it.
class InspectedLog {
 public:
  InspectedLog();

  const std::string& folder() const { return folder_; }
  event::KeysForTest& keys() { return keys_; }
  merkle::VerifierKey key() const;
  merkle::TreeHead head() const { return head_; }

  /// Opens the log, appends so many decisions, `decision-N`, and closes it.
  void append(std::size_t count);
  void append_texts(const std::vector<std::string>& records);
  void append_event(const event::Event& event) { append_texts({keys_.seal(event)}); }
  std::unique_ptr<Log> open();
  void append_to(Log& log, std::size_t count);
  void move_clock(std::int64_t milliseconds) { time_ += milliseconds; }
  void use_another_key();
  void use_key(const merkle::SignerKey& key) { options_.key = key; }
  /// Goes on with the next key, as a server does: both sign that, and a record says so.
  KeyChange exchange_key();
  /// The same by somebody who has no key of the log, and signs with his own alone.
  KeyChange forge_exchange();
  /// Without a record of it.
  KeyChange exchange_key_unrecorded();

  std::vector<std::string> all_files() const;
  std::vector<std::string> segments() const;
  std::string read(const std::string& path) const;
  /// Those of the file's bytes that say something.
  std::vector<std::uint64_t> used_places(const std::string& path);
  std::uint64_t end_of_last_segment();
  /// Its segment, and where it begins there.
  std::pair<std::string, std::uint64_t> place_of_record(std::uint64_t record);

  void write_at(const std::string& path, std::uint64_t at, const std::string& bytes);
  void flip(const std::string& path, std::uint64_t at, unsigned bit);
  /// Overwrites the last frames with zeros.
  void cut_last_frames(std::size_t count);

  // What takes no key:

  /// Takes every signature away: the checkpoints in the segments and their file.
  void rewrite_unsigned();
  /// Adds a batch of one record behind the end.
  void add_unsigned();
  /// Gives the first segment another header, with the salt and origin that it has.
  void write_header(SegmentHeader header);

 private:
  merkle::SignerKey draw_key();
  void record_exchange(const KeyChange& change);
  /// The latest checkpoint: else the log would not go on with that key.
  void sign_again_with(const merkle::SignerKey& key);
  void go_on_with(const merkle::SignerKey& key, const KeyChange& change);
  std::vector<std::uint64_t> frames_of_last_segment();
  std::string next_record();
  merkle::CompactRange log_tree();
  void rewrite_unsigned(const std::string& path);

  FolderForTest temporary_;
  std::string folder_ = temporary_.path("log");
  PosixFiles files_;
  LogOptions options_;
  event::KeysForTest keys_;
  merkle::TreeHead head_;
  std::int64_t time_ = 1'795'333'400'000;
  std::uint64_t decisions_ = 0;
  std::uint8_t keys_drawn_ = 0;
};

}  // namespace wardlock::audit
