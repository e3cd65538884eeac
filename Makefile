# `make` lists what there is to do. Nothing here is needed for `go run .` and `go test ./...`.

.DEFAULT_GOAL := help
.PHONY: help run build static test test-race cover lint vuln generate settings guides dashboard shots npm screenshot bench ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## run the server, with the sandbox unless .env says otherwise
	go run .

build: ## build ./mooring
	go build -o mooring .

static: ## build ./mooring without a need for shared libraries
	go build -trimpath -tags 'netgo osusergo sqlite_omit_load_extension' \
		-ldflags '-s -w -linkmode external -extldflags -static' -o mooring .

test: ## run the tests
	go test ./...

test-race: ## run the tests, the slow ones too, with the race detector
	MOORING_SLOW_TESTS=1 go test -race ./...

cover: ## show which lines the tests reach
	go test -coverpkg=./... -coverprofile=cover.out ./...
	go tool cover -html=cover.out

lint: ## vet, and golangci-lint where it is installed (.ci/run names the version)
	go vet ./...
	golangci-lint run ./...

vuln: ## look for known vulnerabilities that the program reaches; asks vuln.go.dev
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

generate: ## generate graph/ from schema.graphqls and gqlgen.yml
	go tool gqlgen generate

settings: ## write the README's table of settings from config.go
	go test . -run TestREADMEListsSettings -update

guides: ## write docs/platforms from the catalogue
	go test . -run TestGuides -update

npm: ## install what the browser's tests and the dashboard's build need
	npm --prefix dashboard ci
	npm --prefix transport/testdata/clients ci

dashboard: ## generate the dashboard's types, check and build it and the playground
	npm --prefix dashboard run generate
	npm --prefix dashboard run check
	npm --prefix dashboard run build

shots: ## take a picture of every page in every size and theme, into dashboard/screenshots
	npm --prefix dashboard run shots

screenshot: shots ## make docs/images, from servers of their own
	cp dashboard/screenshots/overview-1440-light.png docs/images/overview.png
	cp dashboard/screenshots/account-expired-1440-dark.png docs/images/account.png
	node docs/images/playground.mjs

bench: ## measure; see bench/
	go run ./bench

ci: ## check everything, as CI does
	.ci/run
