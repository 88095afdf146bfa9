#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace wardlock {

/// A text that nobody is to read by chance: a password, a seed, a code. It cannot be printed, is
/// zeroed when it ends, and is compared in a time that tells nothing but its length. Not
/// thread-safe while it is assigned.
class Secret {
 public:
  Secret() = default;
  /// A copy; the caller's own is the caller's to wipe.
  explicit Secret(std::string_view text);
  ~Secret();
  Secret(const Secret& other) : Secret(other.reveal()) {}
  Secret(Secret&& other) noexcept { swap(other); }
  Secret& operator=(Secret other) noexcept {
    swap(other);
    return *this;
  }

  /// For those who compute with it. Valid as long as the secret is not assigned.
  std::string_view reveal() const { return {bytes_.get(), size_}; }
  /// For those who fill it: so many zero bytes.
  static Secret of_size(std::size_t size);
  char* data() { return bytes_.get(); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  bool operator==(const Secret& other) const;

 private:
  void swap(Secret& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

/// Zeroes a text that held a secret, where the compiler cannot leave it out.
void wipe(std::string& text);

}  // namespace wardlock
