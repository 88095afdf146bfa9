#pragma once

#include <memory>
#include <vector>

#include "audit/witness/cosigner.h"
#include "base/error.h"
#include "config/config.h"
#include "net/interruption.h"
#include "server/log.h"

namespace wardlock::server {

/// Has the audit log's checkpoints confirmed from outside, and tells in the log when a witness
/// fails or disagrees. Thread-safe.
class Cosigning {
 public:
  /// `log` and `files` outlive it. Null where no witness is configured. Errors: those of
  /// `audit::connect_to`.
  static Result<std::unique_ptr<Cosigning>> start(const config::Config& config, audit::Files& files,
                                                  Log& log);
  ~Cosigning();
  Cosigning(const Cosigning&) = delete;
  Cosigning& operator=(const Cosigning&) = delete;

  std::vector<audit::WitnessStatus> status() const { return cosigner_->status(); }
  /// Whether a witness has seen another log than ours.
  bool has_disagreement() const;

 private:
  Cosigning() = default;

  net::Interruption interruption_;
  std::unique_ptr<audit::Cosigner> cosigner_;
};

}  // namespace wardlock::server
