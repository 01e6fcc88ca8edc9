// Command jaeger is Jaeger 1.57 with fewer parts: its collector and its query service, which are unchanged, over its
// storage type grpc-plugin, with the flags that each of them has.
package main

import (
	"errors"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"
	"go.uber.org/zap"

	collector "github.com/jaegertracing/jaeger/cmd/collector/app"
	collectorFlags "github.com/jaegertracing/jaeger/cmd/collector/app/flags"
	query "github.com/jaegertracing/jaeger/cmd/query/app"
	"github.com/jaegertracing/jaeger/cmd/query/app/querysvc"
	"github.com/jaegertracing/jaeger/pkg/config"
	"github.com/jaegertracing/jaeger/pkg/healthcheck"
	"github.com/jaegertracing/jaeger/pkg/jtracer"
	"github.com/jaegertracing/jaeger/pkg/metrics"
	"github.com/jaegertracing/jaeger/pkg/tenancy"
	"github.com/jaegertracing/jaeger/plugin/metrics/disabled"
	"github.com/jaegertracing/jaeger/plugin/storage/grpc"
)

func main() {
	factory := grpc.NewFactory()
	flags := viper.New()
	command := &cobra.Command{
		Use:          "jaeger",
		SilenceUsage: true,
		RunE:         func(*cobra.Command, []string) error { return run(flags, factory) },
	}
	config.AddFlags(flags, command, factory.AddFlags, collectorFlags.AddFlags, query.AddFlags)
	if err := command.Execute(); err != nil {
		log.Fatal(err)
	}
}

func run(flags *viper.Viper, factory *grpc.Factory) (err error) {
	logger, err := zap.NewProduction()
	if err != nil {
		return err
	}
	var open []io.Closer
	defer func() {
		for i := range open {
			err = errors.Join(err, open[len(open)-1-i].Close())
		}
	}()

	factory.InitFromViper(flags, logger)
	if err := factory.Initialize(metrics.NullFactory, logger); err != nil {
		return err
	}
	open = append(open, factory)
	writer, err := factory.CreateSpanWriter()
	if err != nil {
		return err
	}
	if closer, ok := writer.(io.Closer); ok {
		open = append(open, closer)
	}

	collectorOptions, err := new(collectorFlags.CollectorOptions).InitFromViper(flags, logger)
	if err != nil {
		return err
	}
	health := healthcheck.New()
	spans := collector.New(&collector.CollectorParams{
		ServiceName:    "jaeger-collector",
		Logger:         logger,
		MetricsFactory: metrics.NullFactory,
		SpanWriter:     writer,
		HealthCheck:    health,
		TenancyMgr:     tenancy.NewManager(&collectorOptions.GRPC.Tenancy),
	})
	if err := spans.Start(collectorOptions); err != nil {
		return err
	}
	open = append(open, spans)

	queries, err := startQuery(flags, factory, logger, health)
	if err != nil {
		return err
	}
	open = append(open, queries)

	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGINT, syscall.SIGTERM)
	<-interrupted
	return nil
}

func startQuery(
	flags *viper.Viper, factory *grpc.Factory, logger *zap.Logger, health *healthcheck.HealthCheck,
) (io.Closer, error) {
	reader, err := factory.CreateSpanReader()
	if err != nil {
		return nil, err
	}
	dependencies, err := factory.CreateDependencyReader()
	if err != nil {
		return nil, err
	}
	options, err := new(query.QueryOptions).InitFromViper(flags, logger)
	if err != nil {
		return nil, err
	}
	noMetrics, err := disabled.NewMetricsReader()
	if err != nil {
		return nil, err
	}
	service := querysvc.NewQueryService(reader, dependencies, *options.BuildQueryServiceOptions(factory, logger))
	server, err := query.NewServer(logger, health, service, noMetrics, options,
		tenancy.NewManager(&options.Tenancy), jtracer.NoOp())
	if err != nil {
		return nil, err
	}
	return server, server.Start()
}
