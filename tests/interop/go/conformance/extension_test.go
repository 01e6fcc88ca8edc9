package conformance

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func admission(k kind, operation backend.AdmissionRequestOperation) *backend.AdmissionRequest {
	return &backend.AdmissionRequest{
		PluginContext: datasource(k, "{}"), Operation: operation,
		Kind:        backend.GroupVersionKind{Group: "g", Version: "v1", Kind: "DataSource"},
		ObjectBytes: []byte("new"), OldObjectBytes: []byte("old"),
	}
}

func TestAdmission(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	validate := func(operation backend.AdmissionRequestOperation) *backend.ValidationResponse {
		answer, err := p.Admission.ValidateAdmission(soon(t), backend.ToProto().AdmissionRequest(admission(kitchenSink, operation)))
		if err != nil {
			t.Fatal(err)
		}
		return backend.FromProto().ValidationResponse(answer)
	}
	wanted := &backend.ValidationResponse{Allowed: true, Warnings: []string{"DataSource of 3 bytes"}}
	if diff := cmp.Diff(wanted, validate(backend.AdmissionRequestCreate)); diff != "" {
		t.Errorf("to create (- wanted, + got):\n%s", diff)
	}
	wanted = &backend.ValidationResponse{
		Result: &backend.StatusResult{Status: "Failure", Message: "keep it", Reason: "Kept", Code: 403},
	}
	if diff := cmp.Diff(wanted, validate(backend.AdmissionRequestDelete)); diff != "" {
		t.Errorf("to delete (- wanted, + got):\n%s", diff)
	}
	answer, err := p.Admission.MutateAdmission(soon(t),
		backend.ToProto().AdmissionRequest(admission(kitchenSink, backend.AdmissionRequestUpdate)))
	if err != nil {
		t.Fatal(err)
	}
	if mutated := backend.FromProto().MutationResponse(answer); !mutated.Allowed || string(mutated.ObjectBytes) != "new+old" {
		t.Errorf("to update: %+v", mutated)
	}
}

func TestConversion(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	request := &backend.ConversionRequest{
		PluginContext: datasource(kitchenSink, "{}"), UID: "conversion-1",
		TargetVersion: backend.GroupVersion{Group: "g", Version: "v2"},
		Objects:       []backend.RawObject{{Raw: []byte("a"), ContentType: "text/a"}, {Raw: []byte("b"), ContentType: "text/b"}},
	}
	answer, err := p.Conversion.ConvertObjects(soon(t), backend.ToProto().ConversionRequest(request))
	if err != nil {
		t.Fatal(err)
	}
	wanted := &backend.ConversionResponse{UID: "conversion-1", Objects: []backend.RawObject{
		{Raw: []byte(`{"group":"g","version":"v2","was":"a"}`), ContentType: "text/a"},
		{Raw: []byte(`{"group":"g","version":"v2","was":"b"}`), ContentType: "text/b"},
	}}
	if diff := cmp.Diff(wanted, backend.FromProto().ConversionResponse(answer)); diff != "" {
		t.Errorf("(- wanted, + got):\n%s", diff)
	}
}

func TestWhatAPluginDoesNotHaveIsUnimplemented(t *testing.T) {
	t.Parallel()
	p := launch(t, basic)
	_, err := p.Admission.ValidateAdmission(soon(t),
		backend.ToProto().AdmissionRequest(admission(basic, backend.AdmissionRequestCreate)))
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("admission, of which there is no service: %v", err)
	}
	if _, err := p.subscribe(t, "any", ""); status.Code(err) != codes.Unimplemented {
		t.Errorf("subscribing, for which there is no method: %v", err)
	}
	stream, err := p.run(soon(t), "any")
	if err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("a stream, for which there is no method: %v", err)
	}
}
