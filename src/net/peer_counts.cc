#include "net/peer_counts.h"

#include <algorithm>

#include "base/check.h"

namespace wardlock::net {
namespace {

namespace ip = boost::asio::ip;

ip::address peer_of(const ip::address& address) {
  if (address.is_v4()) return address;
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  ip::address_v6::bytes_type bytes = v6.to_bytes();
  std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), 0);
  return ip::address_v6(bytes);
}

}  // namespace

std::optional<PeerCounts::Place> PeerCounts::enter(const Address& peer) {
  const Address key = peer_of(peer);
  const std::scoped_lock lock(mutex_);
  const auto found = counts_.try_emplace(key, 0).first;
  if (found->second >= most_) return std::nullopt;
  ++found->second;
  return Place(*this, key);
}

void PeerCounts::leave(const Address& peer) {
  const std::scoped_lock lock(mutex_);
  const auto found = counts_.find(peer);
  CHECK(found != counts_.end());
  if (--found->second == 0) counts_.erase(found);
}

}  // namespace wardlock::net
