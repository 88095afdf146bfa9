#pragma once

#include "base/error.h"

namespace wardlock::net {

/// Breaks off what waits, for good: a program that ends does not wait for others. Thread-safe.
class Interruption {
 public:
  /// Aborts where the process has no descriptors left.
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  void raise();
  bool is_raised() const;

  /// Readable from then on; for `poll`.
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// What a wait that was broken off ends with: kCancelled.
std::unexpected<Error> interrupted();

}  // namespace wardlock::net
