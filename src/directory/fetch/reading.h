#pragma once

#include <string>
#include <vector>

#include "codec/json.h"
#include "directory/fetch/element_path.h"

namespace wardlock::directory {

/// What an element must be for it to count: a code or another text, or `true`.
struct ReadingCondition {
  ElementPath path;  ///< `status`
  std::string is;    ///< `active`
};

/// How values of one attribute are read from FHIR resources. Paths begin at an element of `each`.
struct Reading {
  std::string resource;   ///< resources of this type, `Encounter`
  ElementPath each = {};  ///< its elements, `location`; empty: the resource itself
  std::vector<ReadingCondition> where = {};
  ElementPath period = {};      ///< a Period in which it counts; empty: it always does
  ElementPath thing;            ///< of what: a Reference, an Identifier, a code or a text
  std::string identifier_type;  ///< by which it is known in the directory, `recordNumber`
  std::string type = {};        ///< of References, `Patient`; empty: they name nothing
  std::string system = {};      ///< of Identifiers and codes those of this one alone; empty: any
  std::string attribute;        ///< as the policies' schema has it
  ElementPath value = {};       ///< what it is; empty: `constant`
  codec::Json constant = {};
  /// The value is itself a thing of the directory, known by an identifier of this type; empty: it
  /// is a code, a text, a number or a truth.
  std::string value_identifier_type = {};
  std::string value_type = {};    ///< as `type`
  std::string value_system = {};  ///< as `system`
  bool gathers = false;           ///< all values of a thing make up a set; otherwise there is one
  ElementPath observed = {};      ///< since when it is so; empty: as it was asked
};

}  // namespace wardlock::directory
