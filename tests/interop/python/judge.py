"""Answers what only the Python side can say. Reads a JSON list of questions on stdin, prints a list of answers.

Each question is an object; `ask` names a function below and the rest are its arguments.
"""

import base64
import json
import sys

from cosl.interfaces.datasource_exchange import DSExchangeAppData
from cosl.interfaces.utils import DataValidationError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from ops_tracing.vendor.charms.tempo_coordinator_k8s.v0 import tracing
from pydantic import ValidationError
from schemas import BY_INTERFACE


def schema(interface: str, role: str, app: dict, unit: dict):
    """What the published schema has against databags, as `where: what kind of error`; [] when nothing."""
    try:
        BY_INTERFACE[interface, role].model_validate({"app": app, "unit": unit})
    except ValidationError as error:
        return [f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors()]
    return []


def dumps(text: str):
    """The same JSON as `json.dumps` writes it."""
    return json.dumps(json.loads(text))


def source_data(**fields):
    """`grafana_source_data` as the charm library makes it of these arguments."""
    keys = ["model", "model_uuid", "application", "type", "extra_fields", "secure_extra_fields"]
    return json.dumps({key: fields.get(key) for key in keys})


def exchange_dump(datasources: list):
    """The databag that cosl's `DatasourceExchange.publish` writes for these datasources."""
    encoded = json.dumps(sorted(datasources, key=lambda datasource: datasource["uid"]))
    return dict(DSExchangeAppData(datasources=encoded).dump({"left": "over"}))


def exchange_load(databag: dict):
    """What cosl reads in a peer's databag; None where it refuses all of it."""
    try:
        return [one.model_dump() for one in DSExchangeAppData.load(databag).datasources]
    except DataValidationError:
        return None


def tracing_request_dump(protocols: list):
    """The databag that the charm library `tracing` writes to ask for these protocols."""
    return tracing.TracingRequirerAppData(receivers=protocols).dump()


def tracing_request_load(databag: dict):
    """Which protocols that library reads; None where it refuses the databag."""
    try:
        return tracing.TracingRequirerAppData.load(databag).receivers
    except tracing.DataValidationError:
        return None


def tracing_answer_dump(receivers: list):
    """The databag that it answers with; each receiver as [protocol, transport, url]."""
    models = [
        tracing.Receiver(url=url, protocol=tracing.ProtocolType(name=name, type=kind))
        for name, kind, url in receivers
    ]
    return tracing.TracingProviderAppData(receivers=models).dump()


def tracing_answer_load(databag: dict):
    """What it reads in an answer, as [protocol, transport, url]; None where it refuses the databag."""
    try:
        receivers = tracing.TracingProviderAppData.load(databag).receivers
    except tracing.DataValidationError:
        return None
    return [[one.protocol.name, one.protocol.type, one.url] for one in receivers]


def otlp_spans(body: str):
    """The spans of an export request, read by the classes that OpenTelemetry makes of its .proto files."""
    request = ExportTraceServiceRequest.FromString(base64.b64decode(body))
    return [
        {
            "trace": span.trace_id.hex(),
            "span": span.span_id.hex(),
            "parent": span.parent_span_id.hex(),
            "name": span.name,
            "kind": span.kind,
            "status": span.status.code,
            "attributes": attributes(span.attributes),
            "resource": attributes(resource_spans.resource.attributes),
            "scope": scope_spans.scope.name,
        }
        for resource_spans in request.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]


def attributes(pairs):
    """Attributes of OTLP as plain data."""
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


QUESTIONS = {
    one.__name__: one
    for one in (
        schema,
        dumps,
        source_data,
        exchange_dump,
        exchange_load,
        tracing_request_dump,
        tracing_request_load,
        tracing_answer_dump,
        tracing_answer_load,
        otlp_spans,
    )
}

if __name__ == "__main__":
    answers = [QUESTIONS[question.pop("ask")](**question) for question in json.load(sys.stdin)]
    json.dump(answers, sys.stdout)
