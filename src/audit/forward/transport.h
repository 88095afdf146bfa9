#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "audit/files/files.h"
#include "audit/forward/forwarder_options.h"
#include "audit/forward/message.h"
#include "base/error.h"
#include "net/interruption.h"

namespace wardlock::audit {

/// What came of handing messages over.
struct Delivery {
  std::size_t delivered = 0;        ///< so many of them, from the first on, the receiver has
  std::optional<Error> error = {};  ///< why it does not have the next one
  /// It is that message which the receiver does not take, or one of those behind it, however often
  /// they are sent; not whoever sends them.
  bool is_refused = false;
  std::chrono::seconds wait{0};  ///< what the receiver asks for
};

/// The way to a receiver. Not thread-safe. What it waits for an interruption ends.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Makes it ready, where it is not. True: it was not, so that whoever is there now may lack what
  /// was handed over last. Errors are to be tried again.
  virtual Result<bool> open() = 0;

  /// Hands messages over, and returns when the receiver has them as far as the transport can tell.
  /// Requires that it is open; after an error it may not be.
  virtual Delivery deliver(std::span<const Message> messages) = 0;

  /// Whether it is still open, as far as is known without sending.
  virtual bool is_open() = 0;

  /// How long ago the receiver was last known to be there. Requires that it is open.
  virtual std::chrono::milliseconds silence() const { return std::chrono::milliseconds(0); }
};

/// The one that the options ask for. Error: what it needs and cannot have, e.g. a file that is
/// missing or malformed. `files` and `interruption` must outlive it.
Result<std::unique_ptr<Transport>> make_transport(const ForwarderOptions& options, Files& files,
                                                  const net::Interruption& interruption);

}  // namespace wardlock::audit
