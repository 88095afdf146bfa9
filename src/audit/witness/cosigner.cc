#include "audit/witness/cosigner.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "audit/inspect/log_identity.h"
#include "audit/log/log_folder.h"
#include "audit/witness/confirm_log.h"
#include "merkle/tile_reader.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kMaxCheckpointBytes = 64UL * 1024;

}  // namespace

struct Cosigner::State {
  State(CosignerOptions asked, Files& of_log) : options(std::move(asked)), files(of_log) {
    for (std::size_t i = 0; i < options.witnesses.size(); ++i) {
      clients.emplace_back(options.witnesses[i], options.posts.at(i));
      statuses.push_back({.name = options.witnesses[i].name});
    }
    thread = std::thread([this] { run(); });
  }
  ~State() {
    {
      const std::lock_guard lock(mutex);
      is_over = true;
    }
    wake.notify_all();
    thread.join();
  }

  void run();
  void ask_all();
  Result<std::string> read_checkpoint(const merkle::VerifierKey& key, merkle::TreeHead& head);
  bool is_outrun(const merkle::VerifierKey& key, const Confirmation& said);
  void ask(std::size_t index, const std::string& note, const merkle::VerifierKey& key,
           const merkle::TreeHead& head, std::string& cosigned);
  void set(std::size_t index, WitnessStatus now);

  const CosignerOptions options;
  Files& files;
  std::vector<WitnessClient> clients;
  std::string complete;      ///< the checkpoint that all of them have cosigned
  mutable std::mutex mutex;  ///< over what follows
  std::condition_variable wake;
  bool is_over = false;
  std::vector<WitnessStatus> statuses;
  std::thread thread;
};

void Cosigner::State::run() {
  std::unique_lock lock(mutex);
  while (!is_over) {
    lock.unlock();
    ask_all();
    lock.lock();
    wake.wait_for(lock, options.interval, [this] { return is_over; });
  }
}

/// The log's latest, as it was published.
Result<std::string> Cosigner::State::read_checkpoint(const merkle::VerifierKey& key,
                                                     merkle::TreeHead& head) {
  const LogPaths paths(options.folder);
  std::string note = TRY(read_file(files, paths.checkpoint(), kMaxCheckpointBytes));
  head = TRY(merkle::open_checkpoint(
                 note, {.origin = key.name(), .log_keys = {key}, .witnesses = {}, .quorum = 0}))
             .head();
  return note;
}

/// Whether the witness has seen no more than the log has by now: somebody else had a checkpoint
/// cosigned meanwhile, as whoever verifies the log does.
bool Cosigner::State::is_outrun(const merkle::VerifierKey& key, const Confirmation& said) {
  merkle::TreeHead head;
  return said.verdict == Confirmation::Verdict::kKnowsMore && read_checkpoint(key, head) &&
         head.size >= said.known;
}

void Cosigner::State::ask_all() {
  const LogPaths paths(options.folder);
  const auto key = read_public_key(files, paths);
  if (!key) return;  // for the log itself to tell
  merkle::TreeHead head;
  const auto note = read_checkpoint(*key, head);
  if (!note || head.size == 0 || *note == complete) return;
  std::string cosigned = *note;
  for (std::size_t i = 0; i < clients.size(); ++i) ask(i, *note, *key, head, cosigned);
  if (cosigned == *note) return;
  const auto kept = replace_file(files, paths.cosigned(), cosigned);
  const std::lock_guard lock(mutex);
  const bool is_complete = kept && std::ranges::all_of(statuses, [&](const WitnessStatus& each) {
                             return each.cosigned == head.size;
                           });
  if (is_complete) complete = *note;
}

void Cosigner::State::ask(std::size_t index, const std::string& note,
                          const merkle::VerifierKey& key, const merkle::TreeHead& head,
                          std::string& cosigned) {
  WitnessStatus now;
  {
    const std::lock_guard lock(mutex);
    if (is_over) return;
    now = statuses[index];
  }
  TileFiles tiles(files, options.folder);
  merkle::TileReader nodes(tiles, head.size);
  const auto said = clients[index].submit(note, key, nodes, options.now());
  now.is_failing = !said;
  if (!said) {
    ++now.failures;
    now.why = said.error().message;
    if (said.error().code == ErrorCode::kCancelled) return;
  } else if (is_outrun(key, *said)) {
    return;
  } else if (said->verdict != Confirmation::Verdict::kCosigned) {
    now.disagrees = true;
    now.why = disagreement(*said, head.size);
  } else if (auto with = merkle::add_signatures(cosigned, said->cosignatures)) {
    cosigned = *std::move(with);
    now.disagrees = false;
    now.cosigned = head.size;
    now.cosigned_at = static_cast<std::int64_t>(options.now());
    now.why.clear();
  }
  set(index, std::move(now));
}

void Cosigner::State::set(std::size_t index, WitnessStatus now) {
  const bool is_news = [&] {
    const std::lock_guard lock(mutex);
    const WitnessStatus before = std::exchange(statuses[index], now);
    return before.is_failing != now.is_failing || before.disagrees != now.disagrees;
  }();
  if (is_news && options.tell) options.tell(now);
}

Cosigner::Cosigner(CosignerOptions options, Files& files)
    : state_(std::make_unique<State>(std::move(options), files)) {}

Cosigner::~Cosigner() = default;

std::vector<WitnessStatus> Cosigner::status() const {
  const std::lock_guard lock(state_->mutex);
  return state_->statuses;
}

}  // namespace wardlock::audit
