// Package suite holds a storage to what Jaeger 1.57 expects of it: its integration suite, which is unchanged, over its
// own clients for sidecars and for remote servers.
package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/jaegertracing/jaeger/crosslink/peer"
	"github.com/jaegertracing/jaeger/model"
	"github.com/jaegertracing/jaeger/pkg/config"
	"github.com/jaegertracing/jaeger/pkg/metrics"
	"github.com/jaegertracing/jaeger/plugin/storage/grpc"
	"github.com/jaegertracing/jaeger/plugin/storage/integration"
	"github.com/jaegertracing/jaeger/storage/spanstore"
)

type writing bool

const (
	unary     writing = false
	streaming writing = true
)

// storage is the suite's, and what of Jaeger is connected to it.
type storage struct {
	integration.StorageIntegration
	factory *grpc.Factory
	flags   []string
	// wipe empties the storage, between disconnect and connect.
	wipe func(t *testing.T)
}

func (s *storage) connect(t *testing.T) {
	t.Helper()
	s.factory = grpc.NewFactory()
	flags, command := config.Viperize(s.factory.AddFlags)
	require.NoError(t, command.ParseFlags(s.flags))
	logger := zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	s.factory.InitFromViper(flags, logger)
	require.NoError(t, s.factory.Initialize(metrics.NullFactory, logger))

	var err error
	s.SpanWriter, err = s.factory.CreateSpanWriter()
	require.NoError(t, err)
	s.SpanReader, err = s.factory.CreateSpanReader()
	require.NoError(t, err)
	s.ArchiveSpanReader, err = s.factory.CreateArchiveSpanReader()
	require.NoError(t, err)
	s.ArchiveSpanWriter, err = s.factory.CreateArchiveSpanWriter()
	require.NoError(t, err)
	s.DependencyReader, err = s.factory.CreateDependencyReader()
	require.NoError(t, err)
	s.DependencyWriter = dependencies{s}
	s.CleanUp = func(t *testing.T) {
		s.disconnect(t)
		s.wipe(t)
		s.connect(t)
	}
}

func (s *storage) disconnect(t *testing.T) {
	t.Helper()
	if closer, ok := s.SpanWriter.(interface{ Close() error }); ok {
		require.NoError(t, closer.Close())
	}
	require.NoError(t, s.factory.Close())
}

func (s *storage) run(t *testing.T, writes writing) {
	s.connect(t)
	defer func() { s.disconnect(t) }()
	// Jaeger has asked the storage which it wants.
	require.Equal(t, writes, writing(fmt.Sprintf("%T", s.SpanWriter) == "*shared.streamingSpanWriter"))
	s.RunAll(t)
}

// sidecar is one whose data is kept in a folder of the test's. `more` are further lines of its configuration.
func sidecar(t *testing.T, more string) *storage {
	folder := t.TempDir()
	data := filepath.Join(folder, "data")
	file := filepath.Join(folder, "sidecar.yaml")
	require.NoError(t, os.WriteFile(file, []byte(fmt.Sprintf("folder: %s\n%s", data, more)), 0o600))
	return &storage{
		flags: []string{
			"--grpc-storage-plugin.binary=" + peer.Command(t, "CROSSLINK_STORAGE_SIDECAR")[0],
			"--grpc-storage-plugin.configuration-file=" + file,
			"--grpc-storage-plugin.log-level=warn",
		},
		wipe: func(t *testing.T) { require.NoError(t, os.RemoveAll(data)) },
	}
}

func remote(t *testing.T, options ...string) *storage {
	server := peer.Start(t, options...)
	return &storage{
		flags: []string{"--grpc-storage.server=" + server.Address},
		wipe:  func(t *testing.T) { server.Purge(t) },
	}
}

func TestSidecar(t *testing.T) {
	t.Parallel()
	sidecar(t, "enable_streaming_writer: false\n").run(t, unary)
}

// The one line is what Jaeger's own streaming test has in its configuration file.
func TestSidecarStreaming(t *testing.T) {
	t.Parallel()
	sidecar(t, "enable_streaming_writer: true\n").run(t, streaming)
}

func TestRemote(t *testing.T) {
	for _, engine := range []string{"sqlite", "memory"} {
		engine := engine
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			remote(t, "--engine", engine, "--no-streaming").run(t, unary)
		})
	}
}

func TestRemoteStreaming(t *testing.T) {
	t.Parallel()
	remote(t).run(t, streaming)
}

// What was written and archived is there when Jaeger starts the sidecar the next time.
func TestSidecarKeepsSpans(t *testing.T) {
	t.Parallel()
	s := sidecar(t, "")
	s.connect(t)
	defer func() { s.disconnect(t) }()
	span := newSpan("kept", "call", time.Now())
	archived := newSpan("archived", "call", time.Now())
	require.NoError(t, s.SpanWriter.WriteSpan(context.Background(), span))
	require.NoError(t, s.ArchiveSpanWriter.WriteSpan(context.Background(), archived))

	s.disconnect(t)
	s.connect(t)

	found, err := s.SpanReader.GetTrace(context.Background(), span.TraceID)
	require.NoError(t, err)
	integration.CompareTraces(t, &model.Trace{Spans: []*model.Span{span}}, found)
	found, err = s.ArchiveSpanReader.GetTrace(context.Background(), archived.TraceID)
	require.NoError(t, err)
	integration.CompareTraces(t, &model.Trace{Spans: []*model.Span{archived}}, found)
	// An archived trace is no trace of the others, and the other way round.
	_, err = s.SpanReader.GetTrace(context.Background(), archived.TraceID)
	require.ErrorIs(t, err, spanstore.ErrTraceNotFound)
	_, err = s.ArchiveSpanReader.GetTrace(context.Background(), span.TraceID)
	require.ErrorIs(t, err, spanstore.ErrTraceNotFound)
}
