"""Answers what only the Python side can say. Reads a JSON list of questions on stdin, prints a list of answers.

Each question is an object; `ask` names a function below and the rest are its arguments.
"""

import json
import sys

from cosl.interfaces.datasource_exchange import DSExchangeAppData
from cosl.interfaces.utils import DataValidationError
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


QUESTIONS = {one.__name__: one for one in (schema, dumps, source_data, exchange_dump, exchange_load)}

if __name__ == "__main__":
    answers = [QUESTIONS[question.pop("ask")](**question) for question in json.load(sys.stdin)]
    json.dump(answers, sys.stdout)
