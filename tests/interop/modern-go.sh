# modern_go: a Go that is new enough, on the PATH. One from 1.21 on fetches what a go.mod names. An older one, as Debian's,
# is helped: the new one comes as a module, which even the old one can download, and lacks nothing but the right to be
# executed. Wants $root and $cache.
modern_go() {
  case $(go env GOVERSION) in
    go1.1[0-9]* | go1.20* | go1.[0-9] | go1.[0-9].*) ;;
    *)
      export GOTOOLCHAIN=auto
      return
      ;;
  esac
  wanted=$(sed -n 's/^go //p' "$root/tests/interop/go/conformance/go.mod")
  module=golang.org/toolchain@v0.0.1-go$wanted.$(go env GOOS)-$(go env GOARCH)
  (cd "$cache" && go mod download "$module") || return 1
  toolchain=$(go env GOMODCACHE)/$module
  chmod -R u+x "$toolchain/bin" "$toolchain/pkg/tool" || return 1
  export PATH="$toolchain/bin:$PATH" GOTOOLCHAIN=local
}
