#include "audit/inspect/log_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "audit/inspect/key_chain.h"
#include "audit/log/segment.h"
#include "base/utf8.h"
#include "crypto/sha256.h"
#include "merkle/note.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kMaxSmallFileBytes = 64UL * 1024;

/// Reads what is there, and notes what is not.
class Reader {
 public:
  Reader(Files& files, const LogPaths& paths, Findings& findings)
      : files_(files), paths_(paths), findings_(findings) {}

  Result<void> check_is_log();
  void read_origin();
  void read_key(const std::optional<merkle::VerifierKey>& key);
  void read_checkpoint();
  void read_cosigned();
  /// The checkpoints' heads, where they are right.
  void open_checkpoints();

  LogIdentity identity;

 private:
  void fault(const std::string& file, std::string what) {
    findings_.add({.file = file, .what = std::move(what)});
  }
  std::vector<KeyChange> read_key_changes_file();
  std::optional<merkle::Hash> origin_in_segments();
  std::string origin_in_checkpoint();

  Files& files_;
  const LogPaths& paths_;
  Findings& findings_;
  bool has_segments_ = false;
  std::string cosigned_;
};

Result<void> Reader::check_is_log() {
  const auto segments = list_segments(files_, paths_.segments());
  has_segments_ = segments && !segments->empty();
  const auto origin = read_file(files_, paths_.origin(), kMaxSmallFileBytes);
  if (has_segments_ || origin) return {};
  if (origin.error().code != ErrorCode::kNotFound) return std::unexpected(origin.error());
  return fail(ErrorCode::kNotFound,
              fmt::format("`{}` is no audit log: it has neither `origin` nor `segments`; name the "
                          "folder that was given to `--audit`",
                          paths_.folder()));
}

/// The hash of the origin that the first segment which can be read has in its header.
std::optional<merkle::Hash> Reader::origin_in_segments() {
  for (const std::uint64_t first :
       list_segments(files_, paths_.segments()).value_or(std::vector<std::uint64_t>())) {
    const auto reader = SegmentReader::open(files_, paths_.segment(first));
    if (reader) return reader->header().origin;
  }
  return std::nullopt;
}

std::string Reader::origin_in_checkpoint() {
  const auto note = merkle::parse_note(identity.checkpoint);
  if (!note) return "";
  const auto checkpoint = merkle::parse_checkpoint(note->text);
  return checkpoint ? checkpoint->origin : "";
}

/// Where the file does not say what the segments do, the checkpoint may.
void Reader::read_origin() {
  const auto text = read_file(files_, paths_.origin(), kMaxSmallFileBytes);
  std::string problem;
  if (!text) {
    problem = fmt::format("cannot be read: {}", text.error().message);
  } else if (auto origin = parse_origin_text(*text)) {
    identity.origin = *std::move(origin);
  } else {
    problem = "is not as a log writes it: `wardlock audit log 1`, and the origin on a line below";
  }
  const auto in_segments = origin_in_segments();
  const bool is_said = problem.empty();
  if (is_said && (!in_segments || crypto::sha256(identity.origin) == *in_segments)) return;
  const std::string other = origin_in_checkpoint();
  if (in_segments && crypto::sha256(other) == *in_segments) {
    if (is_said)
      problem = fmt::format("names another origin than the log's, `{}`", printable(other));
    identity.origin = other;
  } else if (is_said) {
    problem = "names another origin than the segments";
  }
  fault(paths_.origin(), std::move(problem));
}

void Reader::read_key(const std::optional<merkle::VerifierKey>& key) {
  identity.key = key;
  identity.is_key_from_outside = key.has_value();
  const auto own = read_public_key(files_, paths_);
  if (own && !key) identity.key = *own;
  if (identity.key) identity.keys = keys_connected_to(*identity.key, read_key_changes_file());
  if (!own) return fault(paths_.public_key(), own.error().message);
  if (std::ranges::find(identity.keys, *own) == identity.keys.end()) {
    fault(paths_.public_key(),
          fmt::format("is not the key that was given: `{}` is there", printable(own->text())));
  }
}

std::vector<KeyChange> Reader::read_key_changes_file() {
  const auto text = read_file(files_, paths_.key_changes(), kMaxKeyChangesBytes);
  if (!text && text.error().code == ErrorCode::kNotFound) return {};
  auto changes = text ? read_key_changes(*text) : std::unexpected(text.error());
  if (changes) return *std::move(changes);
  fault(paths_.key_changes(), changes.error().message);
  return {};
}

void Reader::read_checkpoint() {
  auto note = read_file(files_, paths_.checkpoint(), kMaxSmallFileBytes);
  if (note) {
    identity.checkpoint = *std::move(note);
  } else if (note.error().code != ErrorCode::kNotFound) {
    fault(paths_.checkpoint(), note.error().message);
  }
}

void Reader::read_cosigned() {
  auto note = read_file(files_, paths_.cosigned(), kMaxSmallFileBytes);
  if (note) {
    cosigned_ = *std::move(note);
    if (cosigned_.empty()) fault(paths_.cosigned(), "is empty");
  } else if (note.error().code != ErrorCode::kNotFound) {
    fault(paths_.cosigned(), note.error().message);
  }
}

void Reader::open_checkpoints() {
  const auto open = [&](const std::string& file, const std::string& note) {
    std::optional<merkle::TreeHead> out;
    if (note.empty()) return out;
    const auto head = identity.open_checkpoint(note);
    if (head) {
      out = *head;
    } else {
      fault(file, head.error().message);
    }
    return out;
  };
  identity.covered = open(paths_.checkpoint(), identity.checkpoint);
  identity.cosigned = open(paths_.cosigned(), cosigned_);
}

}  // namespace

merkle::CheckpointPolicy LogIdentity::policy() const {
  merkle::CheckpointPolicy policy{.origin = origin, .log_keys = {}, .witnesses = {}, .quorum = 0};
  policy.log_keys = keys;
  return policy;
}

Result<merkle::TreeHead> LogIdentity::open_checkpoint(std::string_view note) const {
  if (key) return TRY(merkle::open_checkpoint(note, policy())).head();
  const merkle::UnverifiedNote unverified = TRY(merkle::parse_note(note));
  const merkle::Checkpoint said = TRY(merkle::parse_checkpoint(unverified.text));
  if (said.origin == origin) return said.head;
  return invalid(fmt::format("the checkpoint is of the log `{}`", printable(said.origin)));
}

Result<merkle::VerifierKey> read_public_key(Files& files, const LogPaths& paths) {
  const std::string text = TRY(read_file(files, paths.public_key(), kMaxSmallFileBytes));
  if (!text.ends_with('\n')) return invalid("is not a key on a line");
  auto key = merkle::VerifierKey::parse(std::string_view(text).substr(0, text.size() - 1));
  if (!key) return std::unexpected(key.error().in("holds no key"));
  return key;
}

Result<LogIdentity> read_identity(Files& files, const LogPaths& paths,
                                  const std::optional<merkle::VerifierKey>& key,
                                  Findings& findings) {
  Reader reader(files, paths, findings);
  TRY_VOID(reader.check_is_log());
  reader.read_cosigned();  // first: of a log in use, the checkpoint then covers no less
  reader.read_checkpoint();
  reader.read_origin();
  reader.read_key(key);
  reader.open_checkpoints();
  return reader.identity;
}

}  // namespace wardlock::audit
