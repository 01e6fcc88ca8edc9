// Times grafana-plugin-sdk-go's own frame codecs, for bench/frames.ts to compare with: the same frames, medians of the
// same number of runs. Prints one JSON line per size.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

func main() {
	for _, points := range []int{1, 1_000, 100_000, 1_000_000} {
		frame := cpuFrame(points)
		arrow, err := frame.MarshalArrow()
		must(err)
		text, err := json.Marshal(frame)
		must(err)
		runs := max(11, min(20_000, 20_000_000/(points+1000)))
		figures := map[string]any{
			"points": points,
			"encodeArrow": median(runs, func() {
				_, err := frame.MarshalArrow()
				must(err)
			}),
			"decodeArrow": median(runs, func() {
				_, err := data.UnmarshalArrowFrame(arrow)
				must(err)
			}),
			"encodeJson": median(max(5, runs/10), func() {
				_, err := json.Marshal(frame)
				must(err)
			}),
			"decodeJson": median(max(5, runs/10), func() {
				var decoded data.Frame
				must(json.Unmarshal(text, &decoded))
			}),
		}
		must(json.NewEncoder(os.Stdout).Encode(figures))
	}
}

func cpuFrame(points int) *data.Frame {
	times := make([]time.Time, points)
	values := make([]float64, points)
	start := time.Unix(1_700_000_000, 0)
	for i := range points {
		times[i] = start.Add(time.Duration(i) * time.Second)
		values[i] = float64(i) * 1.1
	}
	return data.NewFrame("cpu",
		data.NewField("time", nil, times),
		data.NewField("value", data.Labels{"host": "a"}, values))
}

// median is in microseconds.
func median(runs int, work func()) float64 {
	for range runs / 10 {
		work()
	}
	took := make([]time.Duration, runs)
	for i := range took {
		start := time.Now()
		work()
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return float64(took[runs/2].Nanoseconds()) / 1000
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
