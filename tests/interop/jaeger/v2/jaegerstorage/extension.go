// Package jaegerstorage stands in for Jaeger's extension jaeger_storage: configured alike, with the backend "grpc" as
// the only one, so that the drivers of all the others need not be built.
package jaegerstorage

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/extension"

	storage "github.com/jaegertracing/jaeger/internal/storage/v1"
	"github.com/jaegertracing/jaeger/internal/storage/v2/api/tracestore"
	"github.com/jaegertracing/jaeger/internal/storage/v2/grpc"
	"github.com/jaegertracing/jaeger/internal/telemetry"
)

var (
	kind = component.MustNewType("jaeger_storage")
	// ID is what the other extensions depend on.
	ID = component.NewID(kind)
)

type Config struct {
	Backends map[string]Backend `mapstructure:"backends"`
}

type Backend struct {
	GRPC *grpc.Config `mapstructure:"grpc"`
}

func (b *Backend) Unmarshal(conf *confmap.Conf) error {
	if !conf.IsSet("grpc") {
		return errors.New("this Jaeger has no backend but grpc")
	}
	defaults := grpc.DefaultConfig()
	b.GRPC = &defaults
	return conf.Unmarshal(b)
}

func NewFactory() extension.Factory {
	return extension.NewFactory(
		kind,
		func() component.Config { return &Config{} },
		func(_ context.Context, set extension.Settings, config component.Config) (extension.Extension, error) {
			return &backends{config: config.(*Config), telemetry: set.TelemetrySettings}, nil
		},
		component.StabilityLevelBeta,
	)
}

type backends struct {
	config    *Config
	telemetry component.TelemetrySettings
	open      map[string]*grpc.Factory
}

func (b *backends) Start(ctx context.Context, host component.Host) error {
	b.open = make(map[string]*grpc.Factory)
	for name, backend := range b.config.Backends {
		opened, err := grpc.NewFactory(ctx, *backend.GRPC, telemetry.FromOtelComponent(b.telemetry, host))
		if err != nil {
			return fmt.Errorf("backend %s: %w", name, err)
		}
		b.open[name] = opened
	}
	return nil
}

func (b *backends) Shutdown(context.Context) error {
	var errs []error
	for _, backend := range b.open {
		errs = append(errs, backend.Close())
	}
	return errors.Join(errs...)
}

// GetTraceStoreFactory is asked by the query extension and the exporter.
func GetTraceStoreFactory(name string, host component.Host) (tracestore.Factory, error) {
	for id, found := range host.GetExtensions() {
		if id.Type() != kind {
			continue
		}
		if backend, ok := found.(*backends).open[name]; ok {
			return backend, nil
		}
	}
	return nil, fmt.Errorf("no backend is called %s", name)
}

// GetMetricStorageFactory is asked by the query extension where it is configured to have metrics, which it is not.
func GetMetricStorageFactory(name string, _ component.Host) (storage.MetricStoreFactory, error) {
	return nil, fmt.Errorf("this Jaeger keeps no metrics: %s", name)
}
