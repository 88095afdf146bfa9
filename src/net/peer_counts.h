#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace wardlock::net {

/// How many connections each peer has, so that one alone does not take those of all. A peer is an
/// IPv4 address, or the /64 of an IPv6 address, which is what one subscriber is given (RFC 6177).
/// Any thread. Its memory is bounded by the connections there are.
class PeerCounts {
 public:
  using Address = boost::asio::ip::address;

  /// One connection counts while this lives, at most as long as its PeerCounts.
  class Place {
   public:
    Place(Place&&) = default;
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (counts_) counts_->leave(peer_);
    }

   private:
    friend class PeerCounts;
    struct Release {
      void operator()(PeerCounts*) const {}
    };
    Place(PeerCounts& counts, Address peer) : counts_(&counts), peer_(std::move(peer)) {}

    std::unique_ptr<PeerCounts, Release> counts_;  // empty once moved from
    Address peer_;
  };

  explicit PeerCounts(std::size_t most) : most_(most) {}

  /// Nothing: it has as many as it may.
  std::optional<Place> enter(const Address& peer);

 private:
  void leave(const Address& peer);

  const std::size_t most_;
  std::mutex mutex_;
  std::map<Address, std::size_t> counts_;  // sorted: no peer can make it slow
};

}  // namespace wardlock::net
