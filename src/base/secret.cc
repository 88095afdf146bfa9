#include "base/secret.h"

#include <cstring>

namespace wardlock {

Secret::Secret(std::string_view text) : Secret(of_size(text.size())) {
  text.copy(bytes_.get(), text.size());
}

Secret::~Secret() {
  if (bytes_) explicit_bzero(bytes_.get(), size_);
}

Secret Secret::of_size(std::size_t size) {
  Secret secret;
  secret.bytes_ = std::make_unique<char[]>(size);
  secret.size_ = size;
  return secret;
}

bool Secret::operator==(const Secret& other) const {
  if (size_ != other.size_) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    difference |= static_cast<unsigned char>(bytes_[i] ^ other.bytes_[i]);
    asm volatile("" : "+r"(difference));  // the loop must not end early
  }
  return difference == 0;
}

void wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace wardlock
