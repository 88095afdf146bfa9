module wardlock.example/conformance/ocsf

go 1.22

require github.com/valllabh/ocsf-schema-golang v1.0.3

require (
	github.com/klauspost/compress v1.17.8 // indirect
	github.com/santhosh-tekuri/jsonschema/v5 v5.3.1 // indirect
)
