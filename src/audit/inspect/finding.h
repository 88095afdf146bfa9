#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wardlock::audit {

/// Something about a log that its reader must know, and where it is.
struct Finding {
  bool is_fault = true;  ///< false: the log is whole all the same
  std::string file = {};
  std::optional<std::uint64_t> byte = {};
  std::optional<std::uint64_t> record = {};
  std::optional<std::uint64_t> last_record = {};  ///< where it is about several, one after another
  std::string what = {};
};

/// Its place, for people: "`log/hashes/0`, byte 32, records 1 to 7".
std::string place_of(const Finding& finding);

/// What was found, in order. So many are kept that people can read them; the others are counted.
class Findings {
 public:
  static constexpr std::size_t kMostKept = 100;

  void add(Finding finding);

  const std::vector<Finding>& kept() const { return kept_; }
  std::uint64_t left_out() const { return left_out_; }
  /// Kept or not.
  std::uint64_t faults() const { return faults_; }

 private:
  std::vector<Finding> kept_;
  std::uint64_t left_out_ = 0;
  std::uint64_t faults_ = 0;
};

}  // namespace wardlock::audit
