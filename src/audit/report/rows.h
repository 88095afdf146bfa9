#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "event/sealed_record.h"
#include "merkle/proof.h"

namespace wardlock::audit {

/// An event of a report. Borrows until the next one.
struct Row {
  std::uint64_t record = 0;  ///< its number in the log
  event::Event event;        ///< as it is shown
};

/// The same with what proves it.
struct ProvenRow {
  Row row;
  std::string_view leaf;    ///< the record itself
  event::PartKeys keys;     ///< of the parts that are shown
  merkle::Proof inclusion;  ///< of the leaf in the tree of the report's checkpoint
};

/// Where texts of a report go, piece by piece.
using Write = std::function<Result<void>(std::string_view)>;

/// The events of a report, in the order of the log; they can be gone through several times. Errors:
/// those of `take`, and of wherever they come from.
class Rows {
 public:
  virtual ~Rows() = default;

  virtual Result<void> each(const std::function<Result<void>(const Row&)>& take) = 0;
  virtual Result<void> each_proven(const std::function<Result<void>(const ProvenRow&)>& take) = 0;
};

/// What stands in a masked report in place of a text that is sealed.
inline constexpr std::string_view kMaskedText = "***";

/// The event with nothing of its sealed parts but that it has them.
event::Event without_sealed(const event::Event& event, Arena& arena);

}  // namespace wardlock::audit
