#include "cedar/entities/entity_graph.h"

#include <gtest/gtest.h>

#include "cedar/entities/entities_json.h"
#include "codec/json.h"

namespace wardlock::cedar {
namespace {

EntityStore store(std::string_view json) { return *entities_from_json(*codec::parse_json(json)); }

constexpr std::string_view kFamily = R"([
  {"uid": {"type": "User", "id": "kim"}, "attrs": {}, "parents": [
     {"type": "Role", "id": "nurse"}, {"type": "Ward", "id": "gone"}]},
  {"uid": {"type": "Role", "id": "nurse"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Role", "id": "matron"}, "attrs": {}, "parents": [
     {"type": "Role", "id": "nurse"}]}])";

TEST(EntityGraph, DrawsTypesAndParentsForGraphviz) {
  EXPECT_EQ(to_dot(store(kFamily)), R"(strict digraph {
	ordering="out"
	node[shape=box]
	subgraph "cluster_Role" {
		label="Role"
		"Role::\"matron\"" [label="matron"]
		"Role::\"nurse\"" [label="nurse"]
	}
	subgraph "cluster_User" {
		label="User"
		"User::\"kim\"" [label="kim"]
	}
	"Role::\"matron\"" -> "Role::\"nurse\""
	"User::\"kim\"" -> "Role::\"nurse\""
	"User::\"kim\"" -> "Ward::\"gone\""
}
)");
}

TEST(EntityGraph, DrawsTypesAndParentsForMermaid) {
  EXPECT_EQ(to_mermaid(store(kFamily)), R"(flowchart BT
  subgraph t0["Role"]
    n0["matron"]
    n1["nurse"]
  end
  subgraph t1["User"]
    n2["kim"]
  end
  n0 --> n1
  n2 --> n1
  n3["Ward::#34;gone#34;"]
  n2 --> n3
)");
}

TEST(EntityGraph, ADrawingOfNothingIsEmpty) {
  EXPECT_EQ(to_dot(store("[]")), "strict digraph {\n\tordering=\"out\"\n\tnode[shape=box]\n}\n");
  EXPECT_EQ(to_mermaid(store("[]")), "flowchart BT\n");
}

TEST(EntityGraph, IdsCannotLeaveTheirQuotes) {
  const EntityStore odd = store(
      R"([{"uid": {"type": "A", "id": "\"] --> x;\n\\\u0000<b>#"}, "attrs": {}, "parents": []}])");
  EXPECT_NE(to_dot(odd).find(R"([label="\\\"] --> x;\\n\\\\\\0<b>#"])"), std::string::npos);
  EXPECT_NE(to_mermaid(odd).find(R"(n0["#92;#34;#93; --#62; x;#92;n#92;#92;#92;0#60;b#62;#35;"])"),
            std::string::npos)
      << to_mermaid(odd);
}

}  // namespace
}  // namespace wardlock::cedar
