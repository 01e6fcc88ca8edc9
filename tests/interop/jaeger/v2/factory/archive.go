// Package factory stands in for Jaeger's registry of storage_v1 backends, of which Jaeger 2 uses this one type: with
// it, the drivers of Cassandra, Elasticsearch, Kafka and Badger need not be built.
package factory

import "github.com/jaegertracing/jaeger/internal/storage/v1/api/spanstore"

type ArchiveStorage struct {
	Reader spanstore.Reader
	Writer spanstore.Writer
}
