#include "audit/witness/witness_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "base/utf8.h"
#include "merkle/note.h"
#include "merkle/proof.h"
#include "merkle/witness.h"

namespace wardlock::audit {
namespace {

/// What it has seen may change once under our hands, not for ever.
constexpr int kMostTries = 4;
constexpr std::size_t kMostQuotedBytes = 200;

constexpr int kOk = 200;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr int kUnprocessable = 422;

/// The body of a 409: a tree's size and a newline.
std::optional<std::uint64_t> read_size(std::string_view body) {
  if (!body.ends_with('\n')) return std::nullopt;
  body.remove_suffix(1);
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), size);
  const bool is_number = error == std::errc() && end == body.data() + body.size();
  return is_number && size <= merkle::kMaxTreeSize ? std::optional(size) : std::nullopt;
}

std::uint64_t difference(std::uint64_t a, std::uint64_t b) { return a < b ? b - a : a - b; }

}  // namespace

struct WitnessClient::Submission {
  const std::string& note;
  const merkle::VerifierKey& log_key;
  const merkle::TreeHead& head;
  merkle::NodeSource& nodes;
  std::uint64_t now;
};

Result<merkle::VerifierKey> parse_witness_key(std::string_view text) {
  auto key = TRY(merkle::VerifierKey::parse(text));
  if (key.type() == merkle::SignatureType::kEd25519Cosignature) return key;
  return invalid(
      fmt::format("a key of type `{}` signs no cosignatures, as a witness must: it "
                  "needs one of type `{}`",
                  to_string(key.type()), to_string(merkle::SignatureType::kEd25519Cosignature)));
}

Result<Post> connect_to(const Witness& witness, const net::Interruption& interruption,
                        std::chrono::milliseconds patience) {
  net::HttpClientOptions options;
  options.timeout = patience;
  options.connect_timeout = std::min(options.connect_timeout, patience);
  options.tls.ca = witness.ca;
  std::shared_ptr<net::HttpClient> client = TRY(net::HttpClient::create(std::move(options)));
  return
      [client = std::move(client), &interruption](const std::string& url, std::string_view body) {
        return client->fetch({.method = "POST", .url = url, .body = body}, interruption);
      };
}

WitnessClient::WitnessClient(Witness witness, Post post)
    : witness_(std::move(witness)), post_(std::move(post)) {
  if (witness_.url.ends_with('/')) witness_.url.pop_back();
}

std::unexpected<Error> WitnessClient::refuse(ErrorCode code, std::string_view why) const {
  return fail(code, fmt::format("the witness `{}` {}", witness_.name, why));
}

Result<Confirmation> WitnessClient::submit(const std::string& note,
                                           const merkle::VerifierKey& log_key,
                                           merkle::NodeSource& nodes, std::uint64_t now) {
  const auto opened = TRY(merkle::open_checkpoint(
      note, {.origin = log_key.name(), .log_keys = {log_key}, .witnesses = {}, .quorum = 0}));
  // What witnesses signed earlier must not be taken for what this one signs now.
  merkle::UnverifiedNote bare = TRY(merkle::parse_note(note));
  std::erase_if(bare.signatures, [&](const auto& each) { return !log_key.claims(each); });
  const std::string own = TRY(merkle::format_note(bare));
  const Submission submission{own, log_key, opened.head(), nodes, now};
  for (int i = 0; i < kMostTries; ++i) {
    if (auto said = TRY(try_once(submission))) return *std::move(said);
  }
  return refuse(ErrorCode::kUnavailable, "names another size each time it is asked");
}

/// Nothing: it has seen another tree than we thought, and is to be asked again.
Result<std::optional<Confirmation>> WitnessClient::try_once(const Submission& submission) {
  const std::uint64_t old = std::min(known_, submission.head.size);
  merkle::AddCheckpoint request{.old_size = old, .consistency = {}, .checkpoint = submission.note};
  request.consistency = TRY(merkle::consistency_proof(old, submission.head.size, submission.nodes));
  const std::string body = TRY(merkle::format_add_checkpoint(request));
  auto reply = post_(witness_.url + "/add-checkpoint", body);
  if (!reply) {
    return std::unexpected(reply.error().in(fmt::format("the witness `{}`", witness_.name)));
  }
  known_ = old;
  switch (reply->status) {
    case kOk: {
      Confirmation cosigned = TRY(read_cosignatures(submission, reply->body));
      known_ = submission.head.size;
      return cosigned;
    }
    case kConflict: return read_conflict(submission, reply->body);
    case kUnprocessable: return TRY(judge_refused_proof(submission));
    case kNotFound:
      return refuse(ErrorCode::kNotFound,
                    fmt::format("does not know the log `{}`, or its address is another: tell who "
                                "runs it the log's `public.key`",
                                submission.log_key.name()));
    case kForbidden:
      return refuse(ErrorCode::kPermissionDenied,
                    "knows another key of the log: tell who runs it the log's `public.key`");
    default:
      return refuse(
          ErrorCode::kUnavailable,
          fmt::format("answered with {}: {}", reply->status,
                      printable(std::string_view(reply->body).substr(0, kMostQuotedBytes))));
  }
}

Result<std::optional<Confirmation>> WitnessClient::read_conflict(const Submission& submission,
                                                                 std::string_view body) {
  const auto known = read_size(body);
  if (known && *known > submission.head.size) {
    return Confirmation{.verdict = Confirmation::Verdict::kKnowsMore, .known = *known};
  }
  if (known && *known != known_) {
    known_ = *known;
    return std::nullopt;
  }
  // The size was as it must be, and there is nothing to prove: so it was the root.
  if (known_ == submission.head.size) {
    return Confirmation{.verdict = Confirmation::Verdict::kFork, .known = known_};
  }
  return refuse(ErrorCode::kUnavailable, "answered with 409, but with no other size of a tree");
}

/// Our own proof is right, or the log is damaged.
Result<Confirmation> WitnessClient::judge_refused_proof(const Submission& submission) const {
  if (known_ == 0) return refuse(ErrorCode::kUnavailable, "refused a proof of nothing");
  const merkle::TreeHead old{.size = known_,
                             .root = TRY(merkle::root_at(known_, submission.nodes))};
  const merkle::Proof proof =
      TRY(merkle::consistency_proof(known_, submission.head.size, submission.nodes));
  if (!merkle::verify_consistency(old, submission.head, proof)) {
    return fail(ErrorCode::kDataLoss,
                "the log's tiles contradict its checkpoint: see what `wardlock audit verify` says");
  }
  return Confirmation{.verdict = Confirmation::Verdict::kFork, .known = known_};
}

Result<Confirmation> WitnessClient::read_cosignatures(const Submission& submission,
                                                      std::string_view body) const {
  auto signatures = merkle::parse_signatures(body);
  if (!signatures || signatures->empty()) {
    return refuse(ErrorCode::kUnauthenticated,
                  fmt::format("sent no cosignature: {}",
                              signatures ? "nothing at all" : signatures.error().message));
  }
  Confirmation out{.known = submission.head.size, .cosignatures = *std::move(signatures)};
  if (!witness_.key) return out;
  // What others may have signed beside it is nothing that we know.
  std::erase_if(out.cosignatures, [&](const auto& each) { return !witness_.key->claims(each); });
  const std::string cosigned = TRY(merkle::add_signatures(submission.note, out.cosignatures));
  const auto opened = merkle::open_checkpoint(cosigned, {.origin = submission.log_key.name(),
                                                         .log_keys = {submission.log_key},
                                                         .witnesses = {*witness_.key},
                                                         .quorum = 1});
  if (!opened) {
    return refuse(ErrorCode::kUnauthenticated,
                  fmt::format("did not cosign with its key: {}", opened.error().message));
  }
  const std::uint64_t signed_at = opened->cosignatures().front().unix_seconds;
  if (difference(signed_at, submission.now) > kMaxClockDifferenceSeconds) {
    return refuse(ErrorCode::kUnauthenticated,
                  fmt::format("cosigned {} seconds {} now: its clock is wrong, or ours, or the "
                              "answer was kept from an earlier day",
                              difference(signed_at, submission.now),
                              signed_at < submission.now ? "before" : "after"));
  }
  return out;
}

}  // namespace wardlock::audit
