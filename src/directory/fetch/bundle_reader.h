#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "directory/fetch/reading.h"

namespace wardlock::directory {

/// What a source answered, as a source would tell it (docs/attribute-sources.md).
struct FetchedValues {
  boost::json::array items = {};
  /// Values said twice and differently by one answer, or sets that are too large; nothing is told
  /// of them.
  std::size_t contradictions = 0;
  /// Elements that name no thing or several, have no value, or do not say since when where they
  /// should.
  std::size_t unread = 0;
};

/// Reads the pages of a FHIR R4 search: Bundles of type `searchset`.
class BundleReader {
 public:
  /// What has no time of its own was so at `asked_ms`. They outlive it.
  BundleReader(std::span<const Reading> readings, std::int64_t asked_ms)
      : readings_(readings), asked_ms_(asked_ms) {}

  /// Reads one. Returns the URL of the next, as the server writes it; empty: this was the last.
  /// Errors: kInvalidArgument, it is no such Bundle; kResourceExhausted, it tells too much.
  Result<std::string> add(const codec::Json& bundle);
  /// What all of them say.
  FetchedValues take();

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  ///< attribute, type, name
  struct Said {
    std::vector<codec::Json> values = {};  ///< as items have them
    const Reading* reading = nullptr;
    std::int64_t observed_ms = 0;
    bool is_contradicted = false;
  };

  Result<void> read(const codec::Json& resource, const Reading& reading);
  Result<void> read_element(const codec::Json& element, const codec::Json& resource,
                            const Reading& reading);
  Result<void> say(const Reading& reading, const std::string& thing, codec::Json value,
                   std::int64_t observed_ms);

  std::span<const Reading> readings_;
  std::int64_t asked_ms_;
  std::map<Key, Said> said_;
  std::size_t unread_ = 0;
  std::size_t elements_ = 0;
  std::size_t values_ = 0;
};

}  // namespace wardlock::directory
