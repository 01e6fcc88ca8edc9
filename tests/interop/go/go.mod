module crosslink/tests/interop/go

go 1.19
