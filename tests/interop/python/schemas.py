"""The published schemas (v0) of `grafana_datasource` and `grafana_datasource_exchange`, as pydantic models.

Written from canonical/charm-relation-interfaces: interfaces/*/v0/schema.py. A databag is a flat map of strings, and
`Json[...]` is a string with JSON in it, read. They are kept as strict as they are published, also where no charm
does what they say; the tests that let something through name it.
"""

from typing import Any, Dict, List, Optional

from pydantic import BaseModel, Json


class GrafanaSourceData(BaseModel):
    """What a datasource application says of itself."""

    model: str
    model_uuid: str
    application: str
    type: str
    extra_fields: Optional[Json[Any]]
    secure_extra_fields: Optional[Json[Any]]


class GrafanaSourceProviderAppData(BaseModel):
    """Application databag of the datasource."""

    grafana_source_data: Json[GrafanaSourceData]


class GrafanaSourceProviderUnitData(BaseModel):
    """Unit databag of the datasource."""

    grafana_source_host: str


class GrafanaSourceProvider(BaseModel):
    """Databags of the datasource."""

    app: GrafanaSourceProviderAppData
    unit: GrafanaSourceProviderUnitData


class GrafanaSourceRequirerAppData(BaseModel):
    """Application databag of Grafana."""

    datasource_uids: Json[Dict[str, str]]
    grafana_uid: str


class GrafanaSourceRequirer(BaseModel):
    """Databags of Grafana."""

    app: GrafanaSourceRequirerAppData


class ExchangedDatasource(BaseModel):
    """One datasource in one Grafana."""

    type: str
    uid: str
    grafana_uid: str


class ExchangeAppData(BaseModel):
    """Application databag of either side of the exchange."""

    datasources: Json[List[ExchangedDatasource]]


class Exchange(BaseModel):
    """Databags of either side of the exchange."""

    app: ExchangeAppData


BY_INTERFACE = {
    ("grafana_datasource", "provider"): GrafanaSourceProvider,
    ("grafana_datasource", "requirer"): GrafanaSourceRequirer,
    ("grafana_datasource_exchange", "provider"): Exchange,
    ("grafana_datasource_exchange", "requirer"): Exchange,
}
