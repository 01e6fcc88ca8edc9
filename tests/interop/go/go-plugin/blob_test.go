package hosttest

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

// blob is crosslink.test.Blob, read and written by hand so that nothing has to be generated here.
type blob struct {
	data   []byte
	text   string
	number uint32
}

// blobCodec sends blobs, and only them.
type blobCodec struct{}

func (blobCodec) Name() string { return "proto" }

func (blobCodec) Marshal(message any) ([]byte, error) {
	b, ok := message.(*blob)
	if !ok {
		return nil, fmt.Errorf("not a blob: %T", message)
	}
	var out []byte
	out = protowire.AppendTag(out, 1, protowire.BytesType)
	out = protowire.AppendBytes(out, b.data)
	out = protowire.AppendTag(out, 2, protowire.BytesType)
	out = protowire.AppendString(out, b.text)
	out = protowire.AppendTag(out, 3, protowire.VarintType)
	return protowire.AppendVarint(out, uint64(b.number)), nil
}

func (blobCodec) Unmarshal(in []byte, message any) error {
	b, ok := message.(*blob)
	if !ok {
		return fmt.Errorf("not a blob: %T", message)
	}
	for len(in) > 0 {
		field, wireType, n := protowire.ConsumeTag(in)
		if n < 0 {
			return protowire.ParseError(n)
		}
		in = in[n:]
		switch field {
		case 1:
			value, n := protowire.ConsumeBytes(in)
			if n < 0 {
				return protowire.ParseError(n)
			}
			b.data, in = value, in[n:]
		case 2:
			value, n := protowire.ConsumeString(in)
			if n < 0 {
				return protowire.ParseError(n)
			}
			b.text, in = value, in[n:]
		case 3:
			value, n := protowire.ConsumeVarint(in)
			if n < 0 {
				return protowire.ParseError(n)
			}
			b.number, in = uint32(value), in[n:]
		default:
			n := protowire.ConsumeFieldValue(field, wireType, in)
			if n < 0 {
				return protowire.ParseError(n)
			}
			in = in[n:]
		}
	}
	return nil
}

// call invokes a unary method of Tester.
func call(ctx context.Context, conn grpc.ClientConnInterface, method string, request *blob) (*blob, error) {
	answer := &blob{}
	err := conn.Invoke(ctx, "/crosslink.test.Tester/"+method, request, answer, grpc.ForceCodec(blobCodec{}))
	return answer, err
}

// stream opens a streaming method of Tester.
func stream(ctx context.Context, conn grpc.ClientConnInterface, method string, client, server bool) (grpc.ClientStream, error) {
	description := &grpc.StreamDesc{StreamName: method, ClientStreams: client, ServerStreams: server}
	return conn.NewStream(ctx, description, "/crosslink.test.Tester/"+method, grpc.ForceCodec(blobCodec{}))
}

// echoServer serves Tester's Echo on the host's side, for the plugin to call by the broker.
func echoServer(options []grpc.ServerOption) *grpc.Server {
	server := grpc.NewServer(append(options, grpc.ForceServerCodec(blobCodec{}))...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "crosslink.test.Tester",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "Echo",
			Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				request := &blob{}
				if err := decode(request); err != nil {
					return nil, err
				}
				return &blob{text: "the host heard: " + request.text}, nil
			},
		}},
	}, nil)
	return server
}
