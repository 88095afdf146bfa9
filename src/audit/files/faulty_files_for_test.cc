#include "audit/files/faulty_files_for_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace wardlock::audit {
namespace {

constexpr std::uint64_t kSectorBytes = 512;

void put(std::string& content, std::uint64_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
  std::ranges::copy(bytes, content.begin() + static_cast<std::ptrdiff_t>(offset));
}

std::unexpected<Error> fault(ErrorCode code, const std::string& path, std::string_view what) {
  return fail(code, fmt::format("`{}`: {}", path, what));
}

}  // namespace

class FaultyFiles::OpenFile final : public File {
 public:
  OpenFile(FaultyFiles& files, std::shared_ptr<Node> node, std::string path, bool writes,
           bool locks)
      : files_(files),
        node_(std::move(node)),
        path_(std::move(path)),
        writes_(writes),
        locks_(locks),
        start_(files.starts_) {}
  ~OpenFile() override {
    const std::scoped_lock lock(files_.mutex_);
    if (locks_ && start_ == files_.starts_) files_.locked_.erase(path_);
  }

  Result<std::uint64_t> size() override {
    const std::scoped_lock lock(files_.mutex_);
    TRY_VOID(check());
    return node_->shown.size();
  }

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    const std::scoped_lock lock(files_.mutex_);
    TRY_VOID(check());
    const std::string& shown = node_->shown;
    if (offset >= shown.size()) return 0;
    return shown.copy(into.data(), into.size(), offset);
  }

  Result<void> write(std::uint64_t offset, std::string_view bytes) override {
    std::unique_lock lock(files_.mutex_);
    files_.wait_while_hanging(lock, path_);
    TRY_VOID(check_writable());
    const bool grows = offset + bytes.size() > std::max(node_->shown.size(), node_->claimed);
    const auto begun = files_.begin(grows ? Operation::kGrow : Operation::kWrite, path_);
    // Even a write that fails may have got somewhere.
    const std::string_view written = begun ? bytes : bytes.substr(0, bytes.size() / 2);
    const bool nothing = !begun && (begun.error().code == ErrorCode::kPermissionDenied || grows);
    if (!nothing) {
      put(node_->shown, offset, written);
      node_->pending.push_back({offset, std::string(written), false});
    }
    if (begun) return check();
    return begun;
  }

  Result<void> claim(std::uint64_t bytes) override {
    const std::scoped_lock lock(files_.mutex_);
    TRY_VOID(check_writable());
    if (bytes <= std::max(node_->shown.size(), node_->claimed)) return {};
    TRY_VOID(files_.begin(Operation::kGrow, path_));
    node_->claimed = bytes;
    return check();
  }

  Result<void> shorten(std::uint64_t bytes) override {
    const std::scoped_lock lock(files_.mutex_);
    TRY_VOID(check_writable());
    if (bytes >= node_->shown.size()) return {};
    TRY_VOID(files_.begin(Operation::kChange, path_));
    node_->shown.resize(bytes);
    node_->pending.push_back({bytes, "", true});
    return check();
  }

  void begin_sync(std::uint64_t, std::uint64_t) override {}

  Result<void> sync() override {
    std::unique_lock lock(files_.mutex_);
    files_.wait_while_hanging(lock, path_);
    TRY_VOID(check());
    return files_.sync_node(*node_, path_);
  }

 private:
  Result<void> check() const {
    TRY_VOID(files_.check_power(path_));
    if (start_ == files_.starts_) return {};
    return fault(ErrorCode::kUnavailable, path_, "was opened before the restart");
  }

  Result<void> check_writable() const {
    TRY_VOID(check());
    if (writes_) return {};
    return fault(ErrorCode::kPermissionDenied, path_, "is open for reading only");
  }

  FaultyFiles& files_;
  std::shared_ptr<Node> node_;
  std::string path_;
  bool writes_;
  bool locks_;
  std::uint64_t start_;
};

void FaultyFiles::lose_power_at(std::uint64_t operation) {
  const std::scoped_lock lock(mutex_);
  power_fails_at_ = operation == 0 ? 0 : operations_ + operation;
}

void FaultyFiles::break_with(Fault fault) {
  const std::scoped_lock lock(mutex_);
  fault_ = fault;
}

void FaultyFiles::break_at(std::uint64_t operation, Fault fault) {
  const std::scoped_lock lock(mutex_);
  single_fault_at_ = operations_ + operation;
  single_fault_ = fault;
}

void FaultyFiles::lie_about_syncs() {
  const std::scoped_lock lock(mutex_);
  syncs_lie_ = true;
}

void FaultyFiles::hang_at(std::uint64_t operation, std::string folder) {
  const std::scoped_lock lock(mutex_);
  hangs_at_ = operations_ + operation;
  hanging_folder_ = std::move(folder) + "/";
}

void FaultyFiles::answer() {
  const std::scoped_lock lock(mutex_);
  hanging_folder_.clear();
  answered_.notify_all();
}

bool FaultyFiles::is_hanging() const {
  const std::scoped_lock lock(mutex_);
  return waiting_ > 0;
}

void FaultyFiles::wait_while_hanging(std::unique_lock<std::mutex>& lock, const std::string& path) {
  const auto hangs = [&] {
    return !hanging_folder_.empty() && path.starts_with(hanging_folder_) &&
           operations_ + 1 >= hangs_at_;
  };
  if (!hangs()) return;
  ++waiting_;
  answered_.wait(lock, [&] { return !hangs(); });
  --waiting_;
}

bool FaultyFiles::is_without_power() const {
  const std::scoped_lock lock(mutex_);
  return power_failed_;
}

std::uint64_t FaultyFiles::operations() const {
  const std::scoped_lock lock(mutex_);
  return operations_;
}

std::set<std::string> FaultyFiles::protected_files() const {
  const std::scoped_lock lock(mutex_);
  std::set<std::string> paths;
  const std::function<void(const Node&, const std::string&)> visit = [&](const Node& node,
                                                                         const std::string& path) {
    if (node.is_protected) paths.insert(path);
    for (const auto& [name, entry] : node.entries) visit(*entry, fmt::format("{}/{}", path, name));
  };
  visit(*root_, "");
  return paths;
}

bool FaultyFiles::toss() { return (chance_() & 1U) != 0; }

void FaultyFiles::restart() {
  const std::scoped_lock lock(mutex_);
  lose_unsynced(*root_);
  ++starts_;
  locked_.clear();
  power_failed_ = false;
  power_fails_at_ = 0;
}

void FaultyFiles::kill() {
  const std::scoped_lock lock(mutex_);
  ++starts_;
  locked_.clear();
}

void FaultyFiles::lose_unsynced(Node& node) {
  keep(node, draw_luck());
  node.entries = node.synced_entries;
  node.shown = node.synced;
  for (auto& [name, entry] : node.entries) lose_unsynced(*entry);
}

FaultyFiles::Luck FaultyFiles::draw_luck() {
  constexpr std::array kLuck{Luck::kNothing, Luck::kSome, Luck::kAll};
  return kLuck[chance_() % kLuck.size()];
}

void FaultyFiles::keep(Node& node, Luck luck) {
  const auto keeps = [&] { return luck == Luck::kAll || (luck == Luck::kSome && toss()); };

  // A folder's changes reach the disk in their order, as a journal has them.
  for (const auto& change : node.pending_entries) {
    if (!keeps()) break;
    change(node.synced_entries);
  }
  node.pending_entries.clear();

  for (const Pending& pending : node.pending) {
    if (pending.is_length) {
      if (keeps()) node.synced.resize(pending.offset, '\0');
      continue;
    }
    std::string_view rest = pending.bytes;
    std::uint64_t offset = pending.offset;
    while (!rest.empty()) {
      const std::string_view sector = rest.substr(0, kSectorBytes - offset % kSectorBytes);
      if (keeps()) put(node.synced, offset, sector);
      rest.remove_prefix(sector.size());
      offset += sector.size();
    }
  }
  node.pending.clear();
}

Result<void> FaultyFiles::check_power(const std::string& path) const {
  if (!power_failed_) return {};
  return fault(ErrorCode::kUnavailable, path, "there is no power");
}

Result<void> FaultyFiles::begin(Operation operation, const std::string& path) {
  TRY_VOID(check_power(path));
  ++operations_;
  power_failed_ = power_fails_at_ != 0 && operations_ >= power_fails_at_;
  const Fault now = operations_ == single_fault_at_ ? single_fault_ : fault_;
  const bool is_write = operation == Operation::kWrite || operation == Operation::kGrow;
  const bool is_sync = operation == Operation::kSync;
  if (now == Fault::kNoSpace && operation == Operation::kGrow) {
    return fault(ErrorCode::kResourceExhausted, path, "no space");
  }
  if (now == Fault::kReadOnly && !is_sync) {
    return fault(ErrorCode::kPermissionDenied, path, "read-only filesystem");
  }
  if ((now == Fault::kIoError && (is_write || is_sync)) || (now == Fault::kFailedSync && is_sync)) {
    return fault(ErrorCode::kUnavailable, path, "I/O error");
  }
  if (now == Fault::kShortWrite && is_write) {
    return fault(ErrorCode::kResourceExhausted, path, "no space after half of it");
  }
  return {};
}

Result<void> FaultyFiles::sync_node(Node& node, const std::string& path) {
  const auto begun = begin(Operation::kSync, path);
  const bool is_kept = begun && !syncs_lie_ && !(power_failed_ && toss());
  if (is_kept) keep(node, Luck::kAll);
  // What a failed sync held is taken for written from here on, whether it was or not.
  if (!begun) keep(node, draw_luck());
  if (begun) return check_power(path);
  return begun;
}

Result<std::shared_ptr<FaultyFiles::Node>> FaultyFiles::find(const std::string& path) {
  std::shared_ptr<Node> node = root_;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    if (name.empty()) continue;
    const auto entry = node->entries.find(name);
    if (entry == node->entries.end()) return fault(ErrorCode::kNotFound, path, "is not there");
    node = entry->second;
  }
  return node;
}

Result<std::pair<std::shared_ptr<FaultyFiles::Node>, std::string>> FaultyFiles::find_place(
    const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return std::pair{TRY(find(path.substr(0, slash))), path.substr(slash + 1)};
}

void FaultyFiles::change(Node& folder, std::function<void(Entries&)> change) {
  change(folder.entries);
  folder.pending_entries.push_back(std::move(change));
}

std::string* FaultyFiles::content(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  const auto node = find(path);
  return node ? &(*node)->shown : nullptr;
}

Result<std::unique_ptr<File>> FaultyFiles::open(const std::string& path, OpenMode mode) {
  const std::scoped_lock lock(mutex_);
  TRY_VOID(check_power(path));
  auto found = find(path);
  const bool writes = mode != OpenMode::kRead;
  if (found && writes && (*found)->is_protected) {
    return fault(ErrorCode::kPermissionDenied, path, "is protected");
  }
  if (mode != OpenMode::kCreate) {
    const std::shared_ptr<Node> node = TRY(std::move(found));
    if (writes && fault_ == Fault::kReadOnly) {
      return fault(ErrorCode::kPermissionDenied, path, "read-only filesystem");
    }
    return std::make_unique<OpenFile>(*this, node, path, writes, false);
  }
  if (found) return fault(ErrorCode::kAlreadyExists, path, "is there");
  const auto [folder, name] = TRY(find_place(path));
  TRY_VOID(begin(Operation::kGrow, path));
  const auto node = std::make_shared<Node>();
  change(*folder, [name, node](Entries& entries) { entries[name] = node; });
  TRY_VOID(check_power(path));
  return std::make_unique<OpenFile>(*this, node, path, true, false);
}

Result<std::unique_ptr<File>> FaultyFiles::lock(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  TRY_VOID(check_power(path));
  const auto [folder, name] = TRY(find_place(path));
  if (!locked_.insert(path).second) return fault(ErrorCode::kFailedPrecondition, path, "is locked");
  if (!folder->entries.contains(name)) {
    change(*folder,
           [name, node = std::make_shared<Node>()](Entries& entries) { entries[name] = node; });
  }
  return std::make_unique<OpenFile>(*this, folder->entries[name], path, true, true);
}

Result<bool> FaultyFiles::is_locked(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  return locked_.contains(path);
}

Result<void> FaultyFiles::make_folder(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  TRY_VOID(check_power(path));
  if (find(path)) return {};
  const auto [folder, name] = TRY(find_place(path));
  TRY_VOID(begin(Operation::kGrow, path));
  const auto node = std::make_shared<Node>();
  node->is_folder = true;
  change(*folder, [name, node](Entries& entries) { entries[name] = node; });
  return check_power(path);
}

Result<std::vector<std::string>> FaultyFiles::list(const std::string& folder) {
  const std::scoped_lock lock(mutex_);
  TRY_VOID(check_power(folder));
  std::vector<std::string> names;
  for (const auto& [name, node] : TRY(find(folder))->entries) names.push_back(name);
  return names;
}

Result<void> FaultyFiles::rename(const std::string& from, const std::string& to) {
  const std::scoped_lock lock(mutex_);
  const auto [folder, name] = TRY(find_place(from));
  TRY(find(from));
  TRY_VOID(begin(Operation::kChange, from));
  change(*folder, [name, renamed = to.substr(to.rfind('/') + 1)](Entries& entries) {
    // What is not there any more was removed before its name was ever synced.
    if (auto moved = entries.extract(name)) entries[renamed] = std::move(moved.mapped());
  });
  return check_power(from);
}

Result<void> FaultyFiles::remove(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  TRY_VOID(check_power(path));
  const auto [folder, name] = TRY(find_place(path));
  const std::shared_ptr<Node> node = TRY(find(path));
  if (node->is_protected) return fault(ErrorCode::kPermissionDenied, path, "is protected");
  TRY_VOID(begin(Operation::kChange, path));
  change(*folder, [name](Entries& entries) { entries.erase(name); });
  return check_power(path);
}

Result<void> FaultyFiles::sync_folder(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  TRY_VOID(check_power(path));
  return sync_node(*TRY(find(path)), path);
}

Result<Protection> FaultyFiles::protect(const std::string& path, Protection /*wanted*/) {
  const std::scoped_lock lock(mutex_);
  const std::shared_ptr<Node> node = TRY(find(path));
  TRY_VOID(begin(Operation::kChange, path));
  node->is_protected = true;
  TRY_VOID(check_power(path));
  return Protection::kReadOnly;
}

Result<void> FaultyFiles::unprotect(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  const std::shared_ptr<Node> node = TRY(find(path));
  TRY_VOID(begin(Operation::kChange, path));
  node->is_protected = false;
  return check_power(path);
}

}  // namespace wardlock::audit
