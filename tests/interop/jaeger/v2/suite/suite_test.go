// Package suite holds a storage to what Jaeger 2.13 expects of it (which as a Go module is 1.76.0): its integration
// suite, which is unchanged, over its own clients of storage_v2 and of storage_v1.
package suite

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/configtls"

	"github.com/jaegertracing/jaeger/crosslink/peer"
	"github.com/jaegertracing/jaeger/internal/config"
	"github.com/jaegertracing/jaeger/internal/metrics"
	"github.com/jaegertracing/jaeger/internal/storage/integration"
	v1 "github.com/jaegertracing/jaeger/internal/storage/v1/grpc"
	v2 "github.com/jaegertracing/jaeger/internal/storage/v2/grpc"
	"github.com/jaegertracing/jaeger/internal/storage/v2/v1adapter"
	"github.com/jaegertracing/jaeger/internal/telemetry"
	"go.uber.org/zap/zaptest"
)

var engines = []string{"sqlite", "memory"}

// storageV2 is the suite over Jaeger's client of storage_v2, which sends attributes with their types and traces whole.
func storageV2(t *testing.T, server *peer.Storage) *integration.StorageIntegration {
	settings := telemetry.NoopSettings()
	settings.Logger = zaptest.NewLogger(t)
	settings.Host = componenttest.NewNopHost()
	factory, err := v2.NewFactory(context.Background(), v2.Config{
		ClientConfig: configgrpc.ClientConfig{
			Endpoint: server.Address,
			TLS:      configtls.ClientConfig{Insecure: true},
		},
	}, settings)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, factory.Close()) })

	s := &integration.StorageIntegration{CleanUp: func(t *testing.T) { server.Purge(t) }}
	s.TraceReader, err = factory.CreateTraceReader()
	require.NoError(t, err)
	s.TraceWriter, err = factory.CreateTraceWriter()
	require.NoError(t, err)
	s.DependencyReader, err = factory.CreateDependencyReader()
	require.NoError(t, err)
	s.DependencyWriter = dependencies{s.TraceWriter}
	return s
}

// storageV1 is the same over the last client of storage_v1, through Jaeger's adapter between the two.
func storageV1(t *testing.T, server *peer.Storage) *integration.StorageIntegration {
	factory := v1.NewFactory()
	flags, command := config.Viperize(factory.AddFlags)
	require.NoError(t, command.ParseFlags([]string{"--grpc-storage.server=" + server.Address}))
	logger := zaptest.NewLogger(t)
	factory.InitFromViper(flags, logger)
	require.NoError(t, factory.Initialize(metrics.NullFactory, logger))
	t.Cleanup(func() { require.NoError(t, factory.Close()) })

	s := &integration.StorageIntegration{CleanUp: func(t *testing.T) { server.Purge(t) }}
	writer, err := factory.CreateSpanWriter()
	require.NoError(t, err)
	s.TraceWriter = v1adapter.NewTraceWriter(writer)
	reader, err := factory.CreateSpanReader()
	require.NoError(t, err)
	s.TraceReader = v1adapter.NewTraceReader(reader)
	links, err := factory.CreateDependencyReader()
	require.NoError(t, err)
	s.DependencyReader = v1adapter.NewDependencyReader(links)
	s.DependencyWriter = dependencies{s.TraceWriter}
	return s
}

func TestStorageV2(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storageV2(t, peer.Start(t, "--engine", engine)).RunAll(t)
		})
	}
}

// Since 1.65 Jaeger expects that an operation without a kind has none, and no longer that it is called unspecified.
// Its suite cancels the context of each write, and with it the stream that the write has opened: it is not for streams.
func TestStorageV1(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storageV1(t, peer.Start(t, "--engine", engine, "--no-streaming", "--kind-of-none", "")).RunAll(t)
		})
	}
}
