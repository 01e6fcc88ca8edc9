package main

import (
	"context"
	"slices"
	"time"
)

var background = context.Background()

// samples are durations, in milliseconds.
type samples []float64

type spread struct {
	Median float64 `json:"median"`
	P99    float64 `json:"p99"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

func (s *samples) add(d time.Duration) { *s = append(*s, float64(d)/float64(time.Millisecond)) }

func (s samples) spread() spread {
	if len(s) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(s))
	at := func(share float64) float64 { return sorted[int(share*float64(len(sorted)-1))] }
	return spread{at(0.5), at(0.99), sorted[0], sorted[len(sorted)-1]}
}
