#include "directory/registry/filter_sql.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "base/utf8.h"
#include "directory/model/indexed_values.h"
#include "directory/model/moment.h"
#include "directory/model/schema.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/searchable_path.h"

namespace wardlock::directory {
namespace {

/// The least text that is greater than all that begin with the prefix; nothing where there is none.
std::optional<std::string> text_after(std::string_view prefix) {
  std::string out(prefix);
  while (!out.empty()) {
    std::size_t begin = out.size() - 1;
    while (begin > 0 && is_continuation_byte(out[begin])) --begin;
    std::uint32_t point = static_cast<unsigned char>(out[begin]);
    if (point >= 0xC0) point &= out.size() - begin == 2 ? 0x1F : out.size() - begin == 3 ? 0x0F : 7;
    for (std::size_t i = begin + 1; i < out.size(); ++i) {
      point = point << 6 | (static_cast<unsigned char>(out[i]) & 0x3F);
    }
    out.resize(begin);
    if (point == 0x10FFFF) continue;
    append_utf8(out, point == 0xD7FF ? 0xE000 : point + 1);
    return out;
  }
  return std::nullopt;
}

/// A column of one type, and how its values are made comparable.
struct Side {
  std::string column;
  Type type = Type::kText;
  const Attribute* attribute = nullptr;  ///< nothing: a column of the thing itself
  std::string_view path;

  bool is_number() const {
    return type == Type::kInteger || type == Type::kBoolean || type == Type::kTime;
  }
};

std::string_view symbol_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::kGreater: return ">";
    case Comparison::kGreaterOrEqual: return ">=";
    case Comparison::kLess: return "<";
    case Comparison::kLessOrEqual: return "<=";
    default: return "=";
  }
}

Result<std::int64_t> number_of(const Side& side, const Operand& operand) {
  const auto* text = std::get_if<std::string>(&operand);
  const auto* number = std::get_if<std::int64_t>(&operand);
  const auto* is_true = std::get_if<bool>(&operand);
  if (side.type == Type::kBoolean && is_true != nullptr) return *is_true ? 1 : 0;
  if (side.type == Type::kInteger && number != nullptr) return *number;
  if (side.type == Type::kTime && text != nullptr) {
    if (const auto time = parse_time(*text)) return *time;
  }
  constexpr std::string_view kTime = "a time such as `2026-11-22T08:00:00Z`";
  return invalid(fmt::format("`{}` is compared with {}", side.path,
                             side.type == Type::kBoolean   ? "`true` or `false`"
                             : side.type == Type::kInteger ? "an integer"
                                                           : kTime));
}

Result<std::string> number_sql(const Side& side, const Condition& condition, Sql& sql) {
  switch (condition.comparison) {
    case Comparison::kContains:
    case Comparison::kStartsWith:
    case Comparison::kEndsWith:
      return invalid(fmt::format("`{}` is no text: it does not contain, begin or end", side.path));
    case Comparison::kEqual:
    case Comparison::kNotEqual: break;
    default:
      if (side.type == Type::kBoolean) {
        return invalid(fmt::format("`{}` is true or false, neither greater nor less", side.path));
      }
  }
  const std::int64_t number = TRY(number_of(side, condition.operand));
  return fmt::format("{} {} {}", side.column, symbol_of(condition.comparison), sql.put(number));
}

Result<std::string> text_sql(const Side& side, const Condition& condition, Sql& sql) {
  const auto* operand = std::get_if<std::string>(&condition.operand);
  if (operand == nullptr) return invalid(fmt::format("`{}` is compared with a text", side.path));
  if (find_invalid_utf8(*operand) || operand->contains('\0')) {
    return invalid(fmt::format("what `{}` is compared with is no valid text", side.path));
  }
  const std::string value =
      side.attribute == nullptr ? *operand : searchable_text(*side.attribute, *operand);
  const std::string_view column = side.column;
  switch (condition.comparison) {
    case Comparison::kContains:
      // Both databases have it, and neither has anything special in it.
      return value.empty() ? std::string("1 = 1")
                           : fmt::format("replace({0}, {1}, '') <> {0}", column, sql.put(value));
    case Comparison::kStartsWith: {
      const auto after = text_after(value);
      const std::string from = fmt::format("{} >= {}", column, sql.put(value));
      return after ? fmt::format("({} AND {} < {})", from, column, sql.put(*after)) : from;
    }
    case Comparison::kEndsWith:
      return fmt::format(
          "(length({0}) >= {1} AND substr({0}, CAST(length({0}) - {1} + 1 AS INTEGER)) = {2})",
          column,
          fmt::format("CAST({} AS BIGINT)", sql.put(std::int64_t{count_code_points(value)})),
          sql.put(value));
    default:
      return fmt::format("{} {} {}", column, symbol_of(condition.comparison), sql.put(value));
  }
}

Result<std::string> comparison_sql(const Side& side, const Condition& condition, Sql& sql) {
  return side.is_number() ? number_sql(side, condition, sql) : text_sql(side, condition, sql);
}

/// Rows of `attribute a` with the name, and with what else is said of them.
std::string rows_sql(std::string_view columns, std::string_view name, std::string_view more,
                     Sql& sql) {
  return fmt::format(
      "SELECT {} FROM attribute a WHERE a.tenant = $1 AND a.kind = $2 AND a.name = {}"
      " AND {}",
      columns, sql.put(name), more);
}

std::string_view presence_of(const Side& side) {
  return side.is_number() ? "a.number IS NOT NULL" : "a.value IS NOT NULL";
}

Side side_of(const Attribute& attribute, std::string_view path) {
  return {.column = is_number(attribute) ? "a.number" : "a.value",
          .type = attribute.type,
          .attribute = &attribute,
          .path = path};
}

/// Counts and nests.
class FilterWriter {
 public:
  FilterWriter(std::int64_t now, Sql& sql) : now_(now), sql_(sql) {}

  Result<std::string> write(const Filter& filter) {
    if (filter.connective == Filter::Connective::kItem) return write_item(filter);
    if (++depth_ > kMaxFilterDepth) return too_much();
    std::vector<std::string> parts;
    for (const Filter::Part& part : filter.parts) {
      parts.push_back(TRY(std::visit([this](const auto& one) { return count(one); }, part)));
    }
    --depth_;
    return joined(filter.connective, parts);
  }

 private:
  static std::unexpected<Error> too_much() {
    return invalid(fmt::format(
        "a filter has at most {} conditions, {} deep, where each step within the items of a list "
        "counts as {}; ask for less at once",
        kMaxFilterParts, kMaxFilterDepth, kItemDepth));
  }

  static std::string joined(Filter::Connective connective, const std::vector<std::string>& parts) {
    const bool is_all = connective == Filter::Connective::kAll;
    if (parts.empty()) {
      return connective == Filter::Connective::kAny ? "1 = 0" : "1 = 1";
    }
    return fmt::format("{}({})", connective == Filter::Connective::kNone ? "NOT " : "",
                       fmt::join(parts, is_all ? " AND " : " OR "));
  }

  template <typename Part>
  Result<std::string> count(const Part& part) {
    if (++parts_ > kMaxFilterParts) return too_much();
    return write(part);
  }

  Result<std::string> write(const Condition& condition) {
    if (const ThingColumn* column = find_thing_column(sql_.kind(), condition.path))
      return write_column(*column, condition);
    if (condition.comparison == Comparison::kPresent) return write_presence(condition.path);
    const Attribute* attribute = find_searchable(sql_.kind(), condition.path);
    if (attribute == nullptr) return not_searchable(sql_.kind(), condition.path);
    const std::string test =
        TRY(comparison_sql(side_of(*attribute, condition.path), condition, sql_));
    return fmt::format("t.id {} ({})",
                       condition.comparison == Comparison::kNotEqual ? "NOT IN" : "IN",
                       rows_sql("a.thing", condition.path, test, sql_));
  }

  Result<std::string> write_column(const ThingColumn& column, const Condition& condition) {
    if (condition.comparison == Comparison::kPresent) return "1 = 1";
    const Side side{.column = std::string(column.name), .type = column.type, .path = column.path};
    const std::string test = TRY(comparison_sql(side, condition, sql_));
    return condition.comparison == Comparison::kNotEqual ? fmt::format("NOT ({})", test) : test;
  }

  /// Of an attribute, or of one of the parts of an object.
  Result<std::string> write_presence(std::string_view path) {
    std::vector<std::string> found;
    const auto add = [&](const Attribute& attribute, std::string_view name) {
      found.push_back(fmt::format(
          "t.id IN ({})", rows_sql("a.thing", name, presence_of(side_of(attribute, name)), sql_)));
    };
    if (const Attribute* attribute = find_searchable(sql_.kind(), path)) {
      add(*attribute, path);
    } else if (const Attribute* whole = find_attribute(schema_of(sql_.kind()).attributes, path)) {
      for (const Attribute& part : whole->parts) {
        if (part.is_searchable) add(part, fmt::format("{}.{}", path, part.name));
      }
    }
    if (found.empty()) return not_searchable(sql_.kind(), path);
    return joined(Filter::Connective::kAny, found);
  }

  Result<std::string> write(const Related& related) {
    const std::string_view own = related.is_subject ? "subject" : "object";
    const std::string_view other = related.is_subject ? "object" : "subject";
    const std::string now = sql_.put(now_);
    return fmt::format(
        "t.id IN (SELECT r.{} FROM relation r WHERE r.tenant = $1 AND r.{} = {} AND r.kind = {} "
        "AND r.valid_from_ms <= {} AND {})",
        own, other, sql_.put(related.other), sql_.put(to_string(related.relation)), now,
        fmt::format(kNotEnded, now));
  }

  Result<std::string> write_item(const Filter& filter) {
    const Attribute* list = find_attribute(schema_of(sql_.kind()).attributes, filter.path);
    if (list == nullptr || list->parts.empty()) return not_searchable(sql_.kind(), filter.path);
    Filter inner = filter;
    inner.connective = Filter::Connective::kAll;
    const std::string items = TRY(items_sql(*list, inner));
    return fmt::format("t.id IN (SELECT i.thing FROM ({}) AS i)", items);
  }

  /// The items, as pairs of thing and position, for which it holds.
  Result<std::string> items_sql(const Attribute& list, const Filter& filter) {
    depth_ += kItemDepth;
    if (depth_ > kMaxFilterDepth) return too_much();
    std::vector<std::string> parts;
    for (const Filter::Part& part : filter.parts) {
      if (++parts_ > kMaxFilterParts) return too_much();
      const std::string rows = TRY(item_sql(list, part));
      parts.push_back(fmt::format("SELECT x.thing, x.position FROM ({}) AS x", rows));
    }
    depth_ -= kItemDepth;
    const bool is_all = filter.connective == Filter::Connective::kAll;
    std::string together = fmt::format("{}", fmt::join(parts, is_all ? " INTERSECT " : " UNION "));
    if (parts.empty()) return all_items_sql(list);
    if (filter.connective != Filter::Connective::kNone) return together;
    return fmt::format("{} EXCEPT SELECT y.thing, y.position FROM ({}) AS y", all_items_sql(list),
                       together);
  }

  Result<std::string> item_sql(const Attribute& list, const Filter::Part& part) {
    if (const auto* filter = std::get_if<Filter>(&part)) {
      if (filter->connective != Filter::Connective::kItem) return items_sql(list, *filter);
    }
    const auto* condition = std::get_if<Condition>(&part);
    if (condition == nullptr) {
      return invalid(
          fmt::format("items of `{}` are asked for what they have themselves", list.name));
    }
    const std::string path = fmt::format("{}.{}", list.name, condition->path);
    const Attribute* attribute = find_searchable(sql_.kind(), path);
    if (attribute == nullptr) return not_searchable(sql_.kind(), path);
    const Side side = side_of(*attribute, path);
    if (condition->comparison == Comparison::kPresent) {
      return rows_sql("a.thing, a.position", path, presence_of(side), sql_);
    }
    const std::string test = TRY(comparison_sql(side, *condition, sql_));
    std::string equal = rows_sql("a.thing, a.position", path, test, sql_);
    if (condition->comparison != Comparison::kNotEqual) return equal;
    return fmt::format("{} EXCEPT SELECT z.thing, z.position FROM ({}) AS z", all_items_sql(list),
                       equal);
  }

  std::string all_items_sql(const Attribute& list) {
    std::vector<std::string> parts;
    for (const Attribute& part : list.parts) {
      if (!part.is_searchable) continue;
      const std::string path = fmt::format("{}.{}", list.name, part.name);
      parts.push_back(
          rows_sql("a.thing, a.position", path, presence_of(side_of(part, path)), sql_));
    }
    return fmt::format("SELECT w.thing, w.position FROM ({}) AS w", fmt::join(parts, " UNION "));
  }

  std::int64_t now_;
  Sql& sql_;
  std::size_t parts_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

Sql::Sql(std::string_view tenant, Kind kind) : kind_(kind) {
  put(tenant);
  put(to_string(kind));
}

std::string Sql::put(std::string_view value) {
  parameters_.emplace_back(std::string_view(kept_.emplace_back(value)));
  return fmt::format("${}", parameters_.size());
}

std::string Sql::put(std::int64_t value) {
  parameters_.emplace_back(value);
  return fmt::format("${}", parameters_.size());
}

Result<std::string> filter_sql(const Filter& filter, std::int64_t now, Sql& sql) {
  return FilterWriter(now, sql).write(filter);
}

}  // namespace wardlock::directory
