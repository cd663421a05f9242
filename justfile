# The commands that contributors and CI run: `just` lists them.
# scripts/install-test-tools installs just itself and what the recipes need.

set positional-arguments

export TOOLS_DIR := env("TOOLS_DIR", justfile_directory() / "target/test-tools")
export PATH := TOOLS_DIR / "bin:" + env("PATH")
export NODE_PATH := TOOLS_DIR / "node_modules" # where Spectral finds the OWASP rules
export REDOCLY_TELEMETRY := "off"
export REDOCLY_SUPPRESS_UPDATE_NOTICE := "true"

document := "openapi/openapi.json"
released := "openapi/released.json" # that of the last release

[private]
list:
    @just --list --unsorted

# Builds the program that the judges start
build:
    cargo build --locked --quiet

# Serves the worked example
demo *FLAGS:
    cargo run --locked -- demo "$@"

[private]
made-document:
    cargo run --locked --quiet -- openapi >target/openapi.json

# Writes the OpenAPI document anew
openapi: made-document
    cp target/openapi.json {{ document }}

# The notes of a release: the section of the changelog of that version
release-notes VERSION:
    @awk -v heading="## [$1]" 'index($0, "## [") == 1 {shown = index($0, heading) == 1} shown' CHANGELOG.md

# Before each commit: format, Clippy, documentation, dependencies
check: format clippy doc unused

[group('check')]
format:
    cargo fmt --check

[group('check')]
clippy:
    cargo clippy --all-targets --locked -- -D warnings

# The documentation of the code, without a warning
[group('check')]
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

# Unused dependencies
[group('check')]
unused:
    cargo shear --locked

# Licences and sources of the dependencies
[group('check')]
licences:
    cargo deny --offline check bans licenses sources

[group('check')]
dockerfile:
    hadolint Dockerfile

# All tests on both databases, or those with one of NAMES in their names
[group('test')]
test *NAMES:
    just test-sqlite "$@"
    just test-postgresql "$@"

# On SQLite
[group('test')]
test-sqlite *NAMES:
    TEST_DATABASES=sqlite cargo nextest run --locked "$@"

# Faults of the disk and of PostgreSQL by seeds: FAULT_SEED, FAULT_SEEDS and FAULT_ROUNDS say which
[group('test')]
faults:
    FAULT_SEEDS=${FAULT_SEEDS:-1000} cargo nextest run --locked --release faults::

# Not nextest: the tests share a cluster per process. This is the README's command, so it runs the doc tests as well.
# On PostgreSQL, with the doc tests
[group('test')]
test-postgresql *NAMES:
    TEST_DATABASES=postgresql cargo test --locked -- "$@"

# The committed document is the one that this code generates
[group('OpenAPI document')]
openapi-current: made-document
    diff -u {{ document }} target/openapi.json

[group('OpenAPI document')]
openapi-valid:
    openapi-spec-validator {{ document }}

[group('OpenAPI document')]
redocly:
    redocly lint {{ document }}

[group('OpenAPI document')]
spectral:
    spectral lint --ruleset .config/spectral.yaml {{ document }}

# Spectral, with the rules of the OWASP API Security Top 10
[group('OpenAPI document')]
owasp:
    spectral lint --ruleset .config/spectral-owasp.yaml {{ document }}

# Changes since the last release that break the promise of docs/versions.md
[group('OpenAPI document')]
breaking-changes *FLAGS:
    @test -e {{ released }} || { echo 'There is no {{ released }}: copy {{ document }} to it at a release.' >&2; exit 1; }
    tests/breaking-changes "$@" {{ released }} {{ document }}

# That they would be named
[group('OpenAPI document')]
breaking-changes-tried:
    tests/breaking-changes-tried {{ document }}

# With DEMO_DATABASE=postgresql, those that use the demo's server run on PostgreSQL.
# All external checks of a running server
[group('judges')]
judges: docs-page site embed redbot feeds feeds-read deadline-rules matrix clients schemathesis schemathesis-with-token webhooks-judged webhooks-killed kill-nine kill-nine-postgresql power-cut

# The documentation page, in a browser
[group('judges')]
docs-page: build
    scripts/with-demo sh -c 'tests/docs-page "$DEMO"'

# The example site, in a browser, with its requests counted
[group('judges')]
site: build
    scripts/with-demo sh -c 'tests/site "$DEMO"'

[group('judges')]
redbot: build
    scripts/with-demo sh -c 'tests/redbot "$DEMO"'

[group('judges')]
feeds: build
    scripts/with-demo sh -c 'tests/feeds "$DEMO"'
    scripts/with-demo sh -c 'tests/feeds-parsed "$DEMO"'

# The feeds of others, read a second time
[group('judges')]
feeds-read:
    tests/feeds-read/compare

# The embed, in a browser
[group('judges')]
embed: build
    scripts/with-demo sh -c 'tests/embed/run "$DEMO"'

# The due dates of the shipped rules, computed a second time
[group('judges')]
deadline-rules: build
    scripts/with-demo sh -c 'tests/deadline-rules/run "$DEMO"'

# A whole matrix, computed a second time
[group('judges')]
matrix: build
    tests/matrix/run target/debug/answerable

# Clients generated from the document, in three languages
[group('judges')]
clients: build
    scripts/with-demo sh -c 'tests/clients/run "$DEMO" "$TOKEN"'

# Valid and invalid requests, generated from the document
[group('judges')]
schemathesis *FLAGS: build
    scripts/with-demo just ask "$@"

# The same with a token, so that writes succeed
[group('judges')]
schemathesis-with-token *FLAGS: build
    scripts/with-demo sh -c 'just ask --header "Authorization: Bearer $TOKEN" "$@"' - "$@"

# Excluded: "valid data is accepted", since no schema can say which organisations exist, and an unknown one is an error;
# and the check that compares two callers. The seed makes failures repeatable. It runs in target/, where it may leave
# files.
[private]
ask *FLAGS:
    cd target && schemathesis --config-file ../.config/schemathesis.toml run ../{{ document }} \
        --url "$DEMO" --checks all --exclude-checks object_level_authorization,positive_data_acceptance \
        --max-examples 20 --max-time 60 --seed 1 --generation-database none --no-color "$@"

# Webhook deliveries, verified by the libraries of Standard Webhooks
[group('judges')]
webhooks-judged: build
    tests/webhooks-judged

# Kills the server and a receiver while webhooks are sent
[group('judges')]
webhooks-killed *FLAGS="--changes 600 --kills 8": build
    tests/webhooks-killed {{ FLAGS }}

# Kills the server while it is written to
[group('judges')]
kill-nine *FLAGS: build
    tests/kill-nine "$@"

# The same, and only what was synced to disk is left
[group('judges')]
power-cut *FLAGS: build
    tests/kill-nine --power-cut "$@"

[group('judges')]
kill-nine-postgresql *FLAGS: build
    scripts/with-postgresql sh -c 'tests/kill-nine --database "$ANSWERABLE_DATABASE" "$@"' - "$@"

# What another version of the program, OLD, responds with, compared with this one: for changes that must change no answer
[group('long')]
same-answers OLD *FLAGS: build
    tests/same-answers "$@"

# Benchmarks: see benches/README.md
[group('long')]
bench *NAMES:
    cargo bench --locked -- "$@"

[group('long')]
bench-postgresql *NAMES:
    scripts/with-postgresql sh -c 'BENCH_POSTGRES=$ANSWERABLE_DATABASE cargo bench --locked -- "$@"' - "$@"

# Many concurrent subscribers to the change log
[group('long')]
subscribers *FLAGS:
    cargo build --release --locked
    tests/subscribers "$@"

# The release binary has at most 60 MB
[group('long')]
size:
    cargo build --release --locked
    stat --format '%s bytes' target/release/answerable
    test "$(stat --format %s target/release/answerable)" -le 60000000
