#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "authn/federation/foreign_sign_in.h"

namespace wardlock::account {

/// Another's OpenID provider at which a tenant's people may sign in.
struct OfferedProvider {
  std::string name;   ///< in addresses
  std::string label;  ///< for people
  bool may_be_linked_by_people = true;
};

/// Why somebody who went to a provider, or came back from it, gets no further.
enum class ProviderRefusal : std::uint8_t {
  kUnknown,  ///< the tenant has no such provider
  kWait,     ///< too many came back in vain from there
  kDown,     ///< it cannot be asked now
  kNotOurs,  ///< the answer is not to what this browser began, or is not to be believed
  kRefused,  ///< it says that it was refused there, perhaps by the person
};
/// For the audit log: `provider_down`.
std::string_view to_string(ProviderRefusal refusal);

/// Sends people to other providers and hears what they bring back. Thread-safe; waits for others'
/// servers.
class ProviderDesk {
 public:
  virtual ~ProviderDesk() = default;

  /// In the order of the settings. Costs nothing.
  virtual std::vector<OfferedProvider> of(std::string_view tenant) const = 0;

  virtual std::expected<authn::BegunErrand, ProviderRefusal> begin(
      std::string_view tenant, std::string_view name, const authn::ForeignErrand& errand,
      std::int64_t now_ms) = 0;

  /// `query`: with what the browser came back, who sent `cookie`, from that address.
  virtual std::expected<authn::FinishedErrand, ProviderRefusal> finish(
      std::string_view tenant, std::string_view name, std::string_view cookie,
      std::string_view query, std::string_view source_address, std::int64_t now_ms) = 0;
};

}  // namespace wardlock::account
