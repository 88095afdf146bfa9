#include "config/limits_table.h"

#include "config/setting_forms.h"

// A part of the table in all_settings.cc.

namespace wardlock::config {
namespace {

constexpr Setting kGuessing[] = {
    {.name = "rate",
     .kind = Kind::kNumber,
     .about = "Failures a second over time",
     .fallback = "1",
     .least = 1,
     .most = 1'000'000},
    {.name = "burst",
     .kind = Kind::kNumber,
     .about = "Failures at once",
     .fallback = "30",
     .least = 1,
     .most = 1'000'000},
};

}  // namespace

constinit const Setting kLimits[kLimitSettings] = {
    {.name = "header",
     .kind = Kind::kSize,
     .about = "Of a request's line and header",
     .fallback = "16KiB",
     .least = 256,
     .most = kMib},
    {.name = "body",
     .kind = Kind::kSize,
     .about = "Of a request's body",
     .fallback = "1MiB",
     .least = 1,
     .most = 64 * kMib},
    {.name = "connections",
     .kind = Kind::kNumber,
     .about = "At the same time; more are answered with 503",
     .fallback = "10000",
     .least = 1,
     .most = 1'000'000},
    {.name = "connections_per_address",
     .kind = Kind::kNumber,
     .about = "Of one IPv4 address, or of one /64 of IPv6, so that nobody takes those of all; more "
              "are answered with 503. Behind a reverse proxy all have its address",
     .fallback = "1000",
     .least = 1,
     .most = 1'000'000},
    {.name = "batch",
     .kind = Kind::kNumber,
     .about = "Evaluations in one request",
     .fallback = "100",
     .least = 1,
     .most = 10'000},
    {.name = "decision_steps",
     .kind = Kind::kNumber,
     .about = "How much work one decision may be; one that would be more is denied, with the cause "
              "`step_limit`. A step is about one operation of a policy, or one member of a set, 64 "
              "bytes of text or one ancestor looked at",
     .fallback = "1000000",
     .least = 1'000,
     .most = 1'000'000'000},
    {.name = "failed_authentications",
     .kind = Kind::kSection,
     .about =
         "For each remote address (IPv6: each /64); beyond it another failure is answered with "
         "429. Right credentials count from anywhere. Loopback is exempt",
     .fallback = "{}",
     .settings = kGuessing},
};

constinit const Setting kTimeouts[kTimeoutSettings] = {
    {.name = "handshake",
     .kind = Kind::kDuration,
     .about = "For TLS to begin",
     .fallback = "10s",
     .least = 10,
     .most = kHour},
    {.name = "header",
     .kind = Kind::kDuration,
     .about = "From a request's first byte to the end of its header",
     .fallback = "10s",
     .least = 10,
     .most = kHour},
    {.name = "body",
     .kind = Kind::kDuration,
     .about = "From there to the end of its body",
     .fallback = "30s",
     .least = 10,
     .most = kHour},
    {.name = "idle",
     .kind = Kind::kDuration,
     .about = "Between two requests of a connection",
     .fallback = "60s",
     .least = 10,
     .most = kDay},
    {.name = "write",
     .kind = Kind::kDuration,
     .about = "For the peer to take an answer",
     .fallback = "30s",
     .least = 10,
     .most = kHour},
    {.name = "unready",
     .kind = Kind::kDuration,
     .about = "From the word to stop until nothing new is accepted; /readyz says 503 meanwhile, so "
              "that load balancers go elsewhere",
     .fallback = "0s",
     .least = 0,
     .most = kHour},
    {.name = "drain",
     .kind = Kind::kDuration,
     .about = "From the word to stop until what is left is cut off",
     .fallback = "10s",
     .least = 10,
     .most = kHour},
};

}  // namespace wardlock::config
