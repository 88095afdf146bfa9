#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/durability.h"
#include "storage/parameter.h"
#include "storage/rows.h"

namespace wardlock::storage {

/// Whether a failure passes when the same is done again.
enum class Trouble : std::uint8_t {
  kNone,          ///< it does not
  kTryAgain,      ///< it may: others were in the way
  kDisconnected,  ///< it may, over a new connection
};

/// One connection to either database, for one thread at a time.
class Session {
 public:
  virtual ~Session() = default;

  /// A transaction that reads one snapshot.
  virtual Result<void> begin_reading() = 0;
  /// A transaction that writes alone.
  virtual Result<void> begin_writing(Durability durability) = 0;
  virtual Result<void> commit() = 0;
  virtual void roll_back() = 0;

  // As of Work, without its checks.
  virtual Result<std::uint64_t> run(std::string_view sql,
                                    std::span<const Parameter> parameters) = 0;
  virtual Result<Rows> query(std::string_view sql, std::span<const Parameter> parameters) = 0;
  virtual Result<void> each(std::string_view sql, std::span<const Parameter> parameters,
                            const std::function<Result<void>(Row)>& visit) = 0;

  /// Several statements without parameters, however long they take.
  virtual Result<void> run_script(const std::string& sql) = 0;

  /// Within a transaction: those who listen hear of it when it is committed.
  virtual Result<void> notify(const std::set<std::string>& channels) = 0;

  /// Of the last call that failed since `begin`.
  virtual Trouble trouble() const = 0;
};

}  // namespace wardlock::storage
