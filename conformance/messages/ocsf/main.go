// Validates OCSF events against the JSON schemas of OCSF 1.2 in github.com/valllabh/ocsf-schema-golang.
// See ../README.md.
//
// usage: go run . < LINES      each line an event
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	validate "github.com/valllabh/ocsf-schema-golang/ocsfvalidate/1.2"
)

// The names of the classes that we use.
var classes = map[float64]string{
	3001: "account_change",
	3002: "authentication",
	3003: "authorize_session",
	3004: "entity_management",
	3005: "user_access",
	6002: "application_lifecycle",
	6003: "api_activity",
}

func check(event map[string]any) error {
	uid, _ := event["class_uid"].(float64)
	class, known := classes[uid]
	if !known {
		return fmt.Errorf("class %v is none of ours", event["class_uid"])
	}
	// These schemas are of all profiles at once, so that they demand what an event in a cloud has.
	whole := map[string]any{"cloud": map[string]any{"provider": "none"}}
	for name, value := range event {
		whole[name] = value
	}
	line, err := json.Marshal(whole)
	if err != nil {
		return err
	}
	return validate.Validate(class, line)
}

// A validator that lets anything pass would prove nothing.
func checkValidator(event map[string]any) {
	for name, value := range map[string]any{
		"activity_id": nil, "metadata": nil, "severity_id": nil, "time": nil, "type_uid": nil,
		"class_uid": 3003.5, "status_id": "1", "actor": []any{},
	} {
		broken := map[string]any{}
		for each, old := range event {
			broken[each] = old
		}
		if broken[name] = value; value == nil {
			delete(broken, name)
		}
		if check(broken) == nil {
			fmt.Printf("accepted with a wrong `%s`\n", name)
			os.Exit(2)
		}
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	passed, failed := 0, 0
	for lines.Scan() {
		var event map[string]any
		err := json.Unmarshal(lines.Bytes(), &event)
		if err == nil {
			err = check(event)
		}
		if err != nil {
			failed++
			fmt.Printf("%#v\n%s\n", err, lines.Text())
			continue
		}
		if passed++; passed == 1 {
			checkValidator(event)
		}
	}
	fmt.Printf("OCSF 1.2: %d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}
