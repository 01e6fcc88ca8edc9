// Command remote-storage is Jaeger's own storage server, unchanged, with the two storages that it has of its own: what a
// benchmark compares another one with. It says in one line of JSON where it listens, and ends when standard input does.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/confignet"

	"github.com/jaegertracing/jaeger/cmd/remote-storage/app"
	v1badger "github.com/jaegertracing/jaeger/internal/storage/v1/badger"
	v1memory "github.com/jaegertracing/jaeger/internal/storage/v1/memory"
	"github.com/jaegertracing/jaeger/internal/storage/v2/api/depstore"
	"github.com/jaegertracing/jaeger/internal/storage/v2/api/tracestore"
	"github.com/jaegertracing/jaeger/internal/storage/v2/badger"
	"github.com/jaegertracing/jaeger/internal/storage/v2/memory"
	"github.com/jaegertracing/jaeger/internal/telemetry"
	"github.com/jaegertracing/jaeger/internal/tenancy"
)

type storage interface {
	tracestore.Factory
	depstore.Factory
}

func main() {
	engine := flag.String("engine", "badger", "badger or memory")
	folder := flag.String("folder", "", "where badger keeps its data")
	sync := flag.Bool("sync", false, "whether badger flushes each write to the disk; it does not by default")
	maxTraces := flag.Int("max-traces", 10_000_000, "the most that memory keeps")
	flag.Parse()
	if err := serve(*engine, *folder, *sync, *maxTraces); err != nil {
		log.Fatal(err)
	}
}

func serve(engine, folder string, sync bool, maxTraces int) error {
	settings := telemetry.NoopSettings()
	settings.Host = componenttest.NewNopHost()
	spans, err := open(engine, folder, sync, maxTraces, settings)
	if err != nil {
		return err
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	options := &app.Options{ServerConfig: configgrpc.ServerConfig{
		NetAddr:           confignet.AddrConfig{Endpoint: address},
		MaxRecvMsgSizeMiB: 64,
	}}
	ctx := context.Background()
	server, err := app.NewServer(ctx, options, spans, spans, tenancy.NewManager(&options.Tenancy), settings)
	if err != nil {
		return err
	}
	if err := server.Start(ctx); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"address": address}); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	err = server.Close()
	if closer, ok := spans.(io.Closer); ok {
		err = errors.Join(err, closer.Close())
	}
	return err
}

func open(engine, folder string, sync bool, maxTraces int, settings telemetry.Settings) (storage, error) {
	switch engine {
	case "memory":
		return memory.NewFactory(v1memory.Configuration{MaxTraces: maxTraces}, settings)
	case "badger":
		if folder == "" {
			return nil, errors.New("give badger a --folder")
		}
		config := v1badger.DefaultConfig()
		config.Ephemeral = false
		config.SyncWrites = sync
		config.Directories = v1badger.Directories{
			Keys:   filepath.Join(folder, "keys"),
			Values: filepath.Join(folder, "values"),
		}
		return badger.NewFactory(*config, settings.Metrics, settings.Logger)
	default:
		return nil, fmt.Errorf("there is no engine %s: write badger or memory", engine)
	}
}

// freeAddress is one that is free at this moment: Jaeger's server does not tell which it took of its own.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
