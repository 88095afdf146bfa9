#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "audit/files/files.h"
#include "audit/witness/witness_client.h"
#include "base/error.h"
#include "merkle/hash.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// Asks a witness about a log that was found whole up to `verified`, a head that its `checkpoint`
/// had. Nothing: the witness has seen no other log, and no longer one, so that a rollback is
/// excluded. Else what it has seen, in words. The log may be in use. Errors: those of
/// `WitnessClient::submit`, and of the log's files.
Result<std::optional<std::string>> contradiction(Files& files, const std::string& folder,
                                                 const merkle::VerifierKey& log_key,
                                                 const merkle::TreeHead& verified,
                                                 WitnessClient& witness, std::uint64_t now);

/// Is told of a witness that does not answer as it should.
using TellOfWitness = std::function<void(const std::string& name, const Error& why)>;

/// Asks witnesses about a log that is about to go on, from `checkpoint`, which `log_key` has
/// signed. One that does not answer, or not as it should, keeps nobody from anything: `tell` is
/// told. Error: data_loss, a witness has seen another log or a longer one; what, in words.
Result<void> ask_before_going_on(Files& files, const std::string& folder,
                                 const merkle::VerifierKey& log_key, const std::string& checkpoint,
                                 std::span<WitnessClient> witnesses, std::uint64_t now,
                                 const TellOfWitness& tell);

/// What a confirmation that is none says of a log of that size.
std::string disagreement(const Confirmation& said, std::uint64_t size);

}  // namespace wardlock::audit
