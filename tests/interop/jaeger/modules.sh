# Shell functions to build parts of Jaeger, which comes as Go modules. They want $root and $here, and set $cache.
cache=$root/.cache/jaeger
mkdir -p "$cache"
# Nothing of it needs C, and the packages that have some build sooner without.
export CGO_ENABLED=0

. "$root/tests/interop/modern-go.sh"

# workspace VERSION: a copy of Jaeger as it is, since a module's internal packages are for those within it.
workspace() {
  (cd "$cache" && go mod download "github.com/jaegertracing/jaeger@$1") || return 1
  rm -rf "${cache:?}/$1"
  cp -R "$(go env GOMODCACHE)/github.com/jaegertracing/jaeger@$1" "$cache/$1"
  chmod -R u+w "$cache/$1"
}

# Jaeger 1.57 with our programs. Without its own storage servers, which the suite's other tests need, the drivers of all
# its databases need not be built.
workspace_1() {
  workspace v1.57.0 || return 1
  (
    cd "$cache/v1.57.0"
    rm plugin/storage/integration/remote_memory_storage.go
    mkdir crosslink
    cp -R "$here/peer" "$here/v1/"* crosslink/
  )
}

# Jaeger 2.13 with our programs, and with stand-ins for what would need those drivers.
workspace_2() {
  workspace v1.76.0 || return 1
  (
    cd "$cache/v1.76.0"
    rm internal/storage/integration/remote_memory_storage.go
    rm internal/storage/v1/factory/*.go cmd/jaeger/internal/extension/jaegerstorage/*.go
    cp "$here/v2/factory/"* internal/storage/v1/factory/
    cp "$here/v2/jaegerstorage/"* cmd/jaeger/internal/extension/jaegerstorage/
    cp -R "$here/v2/jaeger" cmd/jaeger/crosslink
    mkdir crosslink
    cp -R "$here/peer" "$here/v2/suite" "$here/v2/remote-storage" crosslink/
  )
}

# build VERSION PACKAGE PROGRAM
build() {
  (cd "$cache/$1" && go build -trimpath -ldflags='-s -w' -o "$cache/$3" "$2")
}
