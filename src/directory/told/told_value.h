#pragma once

#include <cstdint>
#include <string>

namespace wardlock::directory {

/// What the feed calls what a source told at once; its document names the things.
inline constexpr char kToldEntry[] = "toldAttributes";
/// The member of that document that has their ids.
inline constexpr char kToldThings[] = "things";

/// What a source tells of one attribute of one thing.
struct ToldValue {
  std::string thing;             ///< its id
  std::string attribute;         ///< as the policies' schema has it
  std::string source;            ///< who told it, as the schema names them
  std::string value;             ///< JSON; `null`: it has none
  std::int64_t observed_ms = 0;  ///< when it was so; its age counts from there
  std::int64_t told_ms = 0;      ///< when it came

  bool operator==(const ToldValue&) const = default;
};

}  // namespace wardlock::directory
