#include "storage/failing_disk_for_test.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"

namespace wardlock::storage {
namespace {

constexpr std::size_t kSector = 512;

/// A write, or a truncation to its place.
struct Operation {
  std::size_t place = 0;
  std::vector<char> bytes = {};
  bool is_truncation = false;
};

void apply(const Operation& operation, std::vector<char>& file) {
  if (operation.is_truncation) {
    file.resize(operation.place);
    return;
  }
  file.resize(std::max(file.size(), operation.place + operation.bytes.size()));
  std::ranges::copy(operation.bytes, file.begin() + static_cast<std::ptrdiff_t>(operation.place));
}

/// Some of its sectors.
std::vector<Operation> torn(const Operation& operation, std::mt19937_64& random) {
  std::vector<Operation> parts;
  for (std::size_t at = 0; at < operation.bytes.size();) {
    const std::size_t place = operation.place + at;
    const std::size_t size = std::min(kSector - place % kSector, operation.bytes.size() - at);
    const auto part = std::span(operation.bytes).subspan(at, size);
    if (random() % 2 == 0) parts.push_back({.place = place, .bytes = {part.begin(), part.end()}});
    at += size;
  }
  return parts;
}

struct Content {
  std::vector<char> synced = {};
  std::vector<Operation> since = {};
  bool may_be_gone = false;  ///< deleted, and its folder not synced

  std::vector<char> after_power_cut(std::mt19937_64& random) const {
    std::vector<Operation> kept;
    for (const Operation& operation : since) {
      const std::uint64_t fate = random() % 4;
      if (fate == 0) continue;
      if (fate == 1 && !operation.is_truncation) {
        std::ranges::move(torn(operation, random), std::back_inserter(kept));
      } else {
        kept.push_back(operation);
      }
    }
    if (random() % 2 == 0) std::ranges::shuffle(kept, random);
    std::vector<char> file = synced;
    for (const Operation& operation : kept) apply(operation, file);
    return file;
  }
};

}  // namespace

struct FailingDisk::State {
  const std::string folder;
  sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs = {};
  mutable std::mutex mutex = {};  ///< over what follows
  std::map<std::string, Content> files = {};
  std::function<void()> call = {};

  bool watches(const char* path) const {
    return path != nullptr && std::string_view(path).starts_with(folder + "/");
  }
  void announce() {
    std::function<void()> told;
    {
      const std::lock_guard lock(mutex);
      told = call;
    }
    if (told) told();
  }
};

namespace {

using State = FailingDisk::State;

/// What SQLite has of an open file; the system's own lies behind it.
struct WatchedFile {
  sqlite3_file base;
  State* state;
  const char* path;  ///< null: not watched; else SQLite's, as long as it is open
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

WatchedFile& watched(sqlite3_file* file) { return *reinterpret_cast<WatchedFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return watched(file).real(); }
State& state_of(sqlite3_vfs* vfs) { return *static_cast<State*>(vfs->pAppData); }

/// Notes it where the file is watched.
void note(sqlite3_file* file, Operation operation) {
  const WatchedFile& seen = watched(file);
  if (seen.path == nullptr) return;
  seen.state->announce();
  const std::lock_guard lock(seen.state->mutex);
  seen.state->files[seen.path].since.push_back(std::move(operation));
}

int do_close(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
int do_read(sqlite3_file* file, void* into, int size, sqlite3_int64 place) {
  return real(file)->pMethods->xRead(real(file), into, size, place);
}
int do_write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 place) {
  const auto* begin = static_cast<const char*>(bytes);
  note(file, {.place = static_cast<std::size_t>(place), .bytes = {begin, begin + size}});
  return real(file)->pMethods->xWrite(real(file), bytes, size, place);
}
int do_truncate(sqlite3_file* file, sqlite3_int64 size) {
  note(file, {.place = static_cast<std::size_t>(size), .is_truncation = true});
  return real(file)->pMethods->xTruncate(real(file), size);
}
int do_sync(sqlite3_file* file, int flags) {
  const WatchedFile& seen = watched(file);
  if (seen.path == nullptr) return real(file)->pMethods->xSync(real(file), flags);
  seen.state->announce();
  const std::lock_guard lock(seen.state->mutex);
  Content& content = seen.state->files[seen.path];
  for (const Operation& operation : content.since) apply(operation, content.synced);
  content.since.clear();
  return SQLITE_OK;
}
int do_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int do_lock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}
int do_unlock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int do_check_lock(sqlite3_file* file, int* out) {
  return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int do_control(sqlite3_file* file, int what, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), what, argument);
}
int do_sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int do_characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int do_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}
int do_map_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void do_map_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int do_unmap(sqlite3_file* file, int is_deleted) {
  return real(file)->pMethods->xShmUnmap(real(file), is_deleted);
}

// Version 2: without memory that is mapped, where writes would not be seen.
const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_size,
    .xLock = do_lock,
    .xUnlock = do_unlock,
    .xCheckReservedLock = do_check_lock,
    .xFileControl = do_control,
    .xSectorSize = do_sector_size,
    .xDeviceCharacteristics = do_characteristics,
    .xShmMap = do_map,
    .xShmLock = do_map_lock,
    .xShmBarrier = do_map_barrier,
    .xShmUnmap = do_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

std::vector<char> read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int do_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  State& state = state_of(vfs);
  WatchedFile& opened = watched(file);
  opened.base.pMethods = nullptr;
  opened.state = &state;
  opened.path = state.watches(name) ? name : nullptr;
  const int code = state.system->xOpen(state.system, name, opened.real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  opened.base.pMethods = &kMethods;
  if (opened.path == nullptr) return code;
  const std::lock_guard lock(state.mutex);
  const auto [known, is_new] = state.files.try_emplace(name);
  if (is_new || known->second.may_be_gone) known->second = {.synced = read_all(name)};
  return code;
}

int do_delete(sqlite3_vfs* vfs, const char* path, int syncs_folder) {
  State& state = state_of(vfs);
  if (state.watches(path)) {
    state.announce();
    const std::lock_guard lock(state.mutex);
    const auto known = state.files.find(path);
    if (known != state.files.end()) {
      if (syncs_folder != 0) {
        state.files.erase(known);
      } else {
        known->second.may_be_gone = true;
      }
    }
  }
  return state.system->xDelete(state.system, path, syncs_folder);
}

}  // namespace

FailingDisk::FailingDisk(std::string folder) : state_(std::make_unique<State>(std::move(folder))) {
  state_->vfs = *state_->system;
  state_->vfs.zName = "failing disk";
  state_->vfs.pAppData = state_.get();
  state_->vfs.szOsFile += static_cast<int>(sizeof(WatchedFile));
  state_->vfs.xOpen = do_open;
  state_->vfs.xDelete = do_delete;
  CHECK(sqlite3_vfs_register(&state_->vfs, 1) == SQLITE_OK);
}

FailingDisk::~FailingDisk() {
  sqlite3_vfs_unregister(&state_->vfs);
  sqlite3_vfs_register(state_->system, 1);
}

void FailingDisk::before_each(std::function<void()> call) {
  const std::lock_guard lock(state_->mutex);
  state_->call = std::move(call);
}

void FailingDisk::leave_image(const std::string& folder, std::mt19937_64& random) const {
  const std::lock_guard lock(state_->mutex);
  for (const auto& [path, content] : state_->files) {
    if (content.may_be_gone && random() % 2 == 0) continue;
    const std::vector<char> left = content.after_power_cut(random);
    std::ofstream file(folder + path.substr(state_->folder.size()), std::ios::binary);
    file.write(left.data(), static_cast<std::streamsize>(left.size()));
    CHECK(file.good());
  }
}

}  // namespace wardlock::storage
