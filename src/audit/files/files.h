#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::audit {

/// An open file. Closed when it goes; closing keeps nothing that `sync` did not. Reading is
/// thread-safe; writing is not.
class File {
 public:
  virtual ~File() = default;

  virtual Result<std::uint64_t> size() = 0;

  /// Fills `into` from there on; returns how many bytes there were, fewer only where the file ends.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> into) = 0;

  /// Writes all of it or fails; then any part of it may have been written.
  virtual Result<void> write(std::uint64_t offset, std::string_view bytes) = 0;

  /// Claims the space of the first `bytes` bytes, so that writing there can't run out of it, where
  /// the filesystem can do that. The length stays.
  virtual Result<void> claim(std::uint64_t bytes) = 0;

  /// Makes a longer file that long.
  virtual Result<void> shorten(std::uint64_t bytes) = 0;

  /// Has the disk begin with what was written there, where it can, so that a `sync` that follows
  /// waits less; who calls has other work meanwhile. Promises nothing.
  virtual void begin_sync(std::uint64_t offset, std::uint64_t bytes) = 0;

  /// When it succeeds, all that was written to this file, and its length, survives a power cut.
  /// When it fails, nothing written since the last success is known to, whatever reading shows and
  /// whatever a later call answers, since an operating system may then take pages for written that
  /// are not: write the same again to a file opened anew, and sync that.
  virtual Result<void> sync() = 0;
};

enum class OpenMode : std::uint8_t {
  kRead,
  kReadWrite,  ///< an existing file
  kCreate,     ///< a new file, to read and write; an error where there is one
};

/// What keeps a file from being changed.
enum class Protection : std::uint8_t {
  kReadOnly,   ///< its permissions
  kImmutable,  ///< the filesystem as well, even from root until root lifts it
};

/// The files of one machine. Paths are as the operating system has them. Thread-safe.
///
/// Errors: not_found, already_exists, permission_denied (also on a read-only filesystem),
/// resource_exhausted (no space, quota), failed_precondition (locked by another), unavailable (all
/// else, such as an I/O error). Messages name the path and the operating system's reason.
class Files {
 public:
  virtual ~Files() = default;

  /// A file that only its owner can read or write, where it is new.
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;

  /// Locks a file, created where there is none, against every other process and every other call,
  /// for as long as what comes back lives. failed_precondition where it is locked.
  virtual Result<std::unique_ptr<File>> lock(const std::string& path) = 0;

  /// Whether somebody has it locked now. Nothing is created or changed. False where it is missing.
  virtual Result<bool> is_locked(const std::string& path) = 0;

  /// The folder, only its owner's where it is new; not an error where it is there.
  virtual Result<void> make_folder(const std::string& path) = 0;

  /// The names of what is in a folder, sorted; without `.` and `..`.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;

  /// At once: after a power cut `to` is either what it was or what `from` was. Both in one folder.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;

  /// When it succeeds, what was created, renamed or removed in the folder survives a power cut.
  virtual Result<void> sync_folder(const std::string& path) = 0;

  /// Keeps a file from being changed, up to `wanted`, as well as can be had here.
  virtual Result<Protection> protect(const std::string& path, Protection wanted) = 0;
  /// Lifts that, so that the file can be written or removed.
  virtual Result<void> unprotect(const std::string& path) = 0;
};

/// The folder that a path is in.
std::string folder_of(const std::string& path);

/// All bytes of a file. Errors: resource_exhausted where there are more than `limit`; the files'.
Result<std::string> read_file(Files& files, const std::string& path, std::size_t limit);

/// Puts a file in place whole: after a power cut it is what it was or `bytes`. Writes beside it,
/// at `path` with `.new` at its end, syncs and renames. That it is the new one after a power cut is
/// sure once the folder is synced.
Result<void> replace_file(Files& files, const std::string& path, std::string_view bytes);

}  // namespace wardlock::audit
