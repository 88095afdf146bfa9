#include "audit/witness/witness_for_test.h"

#include <fmt/format.h>

#include "merkle/note.h"
#include "merkle/proof.h"

namespace wardlock::audit {
namespace {

constexpr std::array<std::uint8_t, 32> kSeed{7, 7, 7};

}  // namespace

WitnessForTest::WitnessForTest(const merkle::VerifierKey& log_key)
    : log_key_(log_key),
      key_(merkle::SignerKey::from_seed("witness.example/w1",
                                        merkle::SignatureType::kEd25519Cosignature, kSeed)
               .value()) {}

Witness WitnessForTest::description() const {
  return {.name = "w1", .url = "https://witness.example/w1/", .key = key_.verifier()};
}

Post WitnessForTest::post() {
  return [this](const std::string& url, std::string_view body) -> Result<net::HttpReply> {
    const std::lock_guard lock(mutex_);
    if (is_away_) return fail(ErrorCode::kUnavailable, "nobody is there");
    if (url != "https://witness.example/w1/add-checkpoint") return net::HttpReply{.status = 404};
    if (fixed_) return *fixed_;
    return answer(body);
  };
}

void WitnessForTest::answer_with(std::optional<net::HttpReply> reply) {
  const std::lock_guard lock(mutex_);
  fixed_ = std::move(reply);
}

void WitnessForTest::go_away(bool is_away) {
  const std::lock_guard lock(mutex_);
  is_away_ = is_away;
}

void WitnessForTest::forget_and_see(const merkle::TreeHead& head) {
  const std::lock_guard lock(mutex_);
  seen_ = head;
}

void WitnessForTest::set_clock(std::uint64_t now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

std::vector<merkle::AddCheckpoint> WitnessForTest::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

merkle::TreeHead WitnessForTest::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

net::HttpReply WitnessForTest::answer(std::string_view body) {
  const auto request = merkle::parse_add_checkpoint(body);
  if (!request) return {.status = 400};
  requests_.push_back(*request);
  const auto opened = merkle::open_checkpoint(
      request->checkpoint,
      {.origin = log_key_.name(), .log_keys = {log_key_}, .witnesses = {}, .quorum = 0});
  if (!opened) return {.status = opened.error().code == ErrorCode::kUnauthenticated ? 403 : 404};
  return judge(*request, opened->head(), merkle::parse_note(request->checkpoint)->text);
}

net::HttpReply WitnessForTest::judge(const merkle::AddCheckpoint& request,
                                     const merkle::TreeHead& head, std::string_view text) {
  if (request.old_size > head.size) return {.status = 400};
  const std::string size = fmt::format("{}\n", seen_.size);
  if (request.old_size != seen_.size) {
    return {.status = 409, .body = size, .content_type = "text/x.tlog.size"};
  }
  if (seen_.size == head.size && seen_.root != head.root) return {.status = 409, .body = size};
  if (seen_.size > 0 && !merkle::verify_consistency(seen_, head, request.consistency)) {
    return {.status = 422};
  }
  seen_ = head;
  return {.status = 200, .body = merkle::format_signature(key_.sign(text, now_))};
}

}  // namespace wardlock::audit
