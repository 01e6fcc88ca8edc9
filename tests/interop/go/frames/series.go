package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// convertAll reads long frames and answers each with the wide frame under every way to fill, then the last made long.
func convertAll(out *json.Encoder) {
	in := bufio.NewReader(os.Stdin)
	fills := []*data.FillMissing{
		nil,
		{Mode: data.FillModeNull},
		{Mode: data.FillModePrevious},
		{Mode: data.FillModeValue, Value: 7.5},
	}
	for {
		arrow, err := record(in)
		if errors.Is(err, io.EOF) {
			return
		}
		must(err)
		var wide *data.Frame
		for _, fill := range fills {
			long, err := data.UnmarshalArrowFrame(arrow)
			must(err)
			wide, err = data.LongToWide(long, fill)
			must(err)
			must(out.Encode(encoded(wide)))
		}
		long, err := data.WideToLong(wide)
		must(err)
		must(out.Encode(encoded(long)))
	}
}
