#include "server/git_head.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/descriptor.h"
#include "base/utf8.h"

namespace wardlock::server {
namespace {

namespace fs = std::filesystem;

/// So far above the folder its work tree may begin.
constexpr int kMostParents = 64;
constexpr std::size_t kMaxSmallFile = std::size_t{4} << 10;
constexpr std::size_t kMaxPackedRefs = std::size_t{4} << 20;
/// Of a commit: names, times, signatures, then its subject.
constexpr std::size_t kMaxCommit = std::size_t{64} << 10;
constexpr std::size_t kMaxSubject = 200;
constexpr std::size_t kSha1Digits = 40;
constexpr std::size_t kSha256Digits = 64;

/// The whole of a plain file that is no larger; nothing: there is none.
std::optional<std::string> read_small(const fs::path& path, std::size_t most) {
  // Whoever writes there may put a pipe in its place at any moment.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat seen = {};
  if (!file.is_open() || ::fstat(file.number(), &seen) != 0 || !S_ISREG(seen.st_mode)) {
    return std::nullopt;
  }
  std::string text(most + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file.number(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > most) return std::nullopt;
  text.resize(size);
  return text;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

bool is_commit_name(std::string_view text) {
  return (text.size() == kSha1Digits || text.size() == kSha256Digits) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// `refs/heads/main`, and nothing that leads out of git's folder.
bool is_branch_name(std::string_view name) {
  const auto is_plain = [](unsigned char c) { return c > ' ' && c < 0x7f && c != '\\'; };
  return name.starts_with("refs/") && !name.contains("..") && !name.contains("//") &&
         std::ranges::all_of(name, is_plain);
}

/// Where git keeps what is of the work tree alone, and what is of all of the repository's.
struct GitFolders {
  fs::path own;
  fs::path common;
};

/// `.git` is a folder, or in a further work tree a file that says where that is.
std::optional<GitFolders> git_folders_in(const fs::path& folder) {
  constexpr std::string_view kPlace = "gitdir: ";
  std::error_code error;
  const fs::path place = folder / ".git";
  if (fs::is_directory(place, error)) return GitFolders{.own = place, .common = place};
  const auto text = read_small(place, kMaxSmallFile);
  if (!text || !text->starts_with(kPlace)) return std::nullopt;
  GitFolders found;
  found.own = folder / first_line(std::string_view(*text).substr(kPlace.size()));
  const auto common = read_small(found.own / "commondir", kMaxSmallFile);
  found.common = common ? found.own / first_line(*common) : found.own;
  return found;
}

std::optional<GitFolders> find_git_folders(const std::string& folder) {
  std::error_code error;
  fs::path at = fs::canonical(folder, error);
  if (error) return std::nullopt;
  for (int i = 0; i < kMostParents; ++i) {
    if (auto found = git_folders_in(at)) return found;
    if (!at.has_relative_path()) return std::nullopt;
    at = at.parent_path();
  }
  return std::nullopt;
}

/// `4f0c… refs/heads/main`, a line each.
std::optional<std::string> find_packed(const fs::path& common, std::string_view branch) {
  const auto packed = read_small(common / "packed-refs", kMaxPackedRefs);
  if (!packed) return std::nullopt;
  std::string_view rest = *packed;
  while (!rest.empty()) {
    const std::string_view line = first_line(rest);
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t gap = line.find(' ');
    if (gap == std::string_view::npos || line.substr(gap + 1) != branch) continue;
    if (is_commit_name(line.substr(0, gap))) return std::string(line.substr(0, gap));
  }
  return std::nullopt;
}

std::optional<std::string> find_commit(const GitFolders& git) {
  constexpr std::string_view kBranch = "ref: ";
  const auto head = read_small(git.own / "HEAD", kMaxSmallFile);
  if (!head) return std::nullopt;
  const std::string_view said = first_line(*head);
  if (is_commit_name(said)) return std::string(said);
  if (!said.starts_with(kBranch)) return std::nullopt;
  const std::string_view branch = said.substr(kBranch.size());
  if (!is_branch_name(branch)) return std::nullopt;
  for (const fs::path& folder : {git.own, git.common}) {
    const auto text = read_small(folder / branch, kMaxSmallFile);
    if (text && is_commit_name(first_line(*text))) return std::string(first_line(*text));
  }
  return find_packed(git.common, branch);
}

/// The beginning of what zlib's format packs (RFC 1950).
std::string unpack(std::string packed) {
  std::string text(kMaxCommit, '\0');
  z_stream stream = {};
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  if (inflateInit(&stream) != Z_OK) return {};
  const int result = inflate(&stream, Z_SYNC_FLUSH);
  const bool is_good = result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
  text.resize(is_good ? text.size() - stream.avail_out : 0);
  inflateEnd(&stream);
  return text;
}

/// The first line after the first that is empty: `commit 243\0tree …\n…\n\nsubject\n`.
std::string find_subject(const fs::path& common, const std::string& commit) {
  constexpr std::size_t kFolderDigits = 2;
  const fs::path object =
      common / "objects" / commit.substr(0, kFolderDigits) / commit.substr(kFolderDigits);
  auto packed = read_small(object, kMaxCommit);
  if (!packed) return {};
  const std::string text = unpack(*std::move(packed));
  const std::size_t gap = text.find("\n\n");
  if (!text.starts_with("commit ") || gap == std::string::npos) return {};
  std::string subject(first_line(std::string_view(text).substr(gap + 2)));
  const bool is_shown = subject.size() <= kMaxSubject && !find_invalid_utf8(subject) &&
                        !find_deceptive_character(subject);
  return is_shown ? subject : std::string();
}

}  // namespace

std::optional<GitHead> read_git_head(const std::string& folder) {
  const auto git = find_git_folders(folder);
  if (!git) return std::nullopt;
  auto commit = find_commit(*git);
  if (!commit) return std::nullopt;
  std::string subject = find_subject(git->common, *commit);
  return GitHead{.commit = *std::move(commit), .subject = std::move(subject)};
}

}  // namespace wardlock::server
