"""What every asset bears beside its docstring: whose it is, which table it fills, what that table's columns mean."""

from collections.abc import Sequence

import dagster as dg

from warehouse.catalogue import Column, columns

OWNERS = ["team:operators"]
GROUPS = {  # in the order of the story
    "ingest": "feeds are polled, entries kept, pages fetched",
    "clean": "a page is stripped down to its article",
    "flag": "watched names are found, with their place",
    "alerts": "subscribers are told, once, with the sentence",
    "publish": "analysts get their copy, outsiders the heartbeat",
}


def described(assets: Sequence[dg.AssetsDefinition]) -> list[dg.AssetsDefinition]:
    """The assets with owners, and with the columns of their tables as the SQL comments explain them."""
    return [asset.map_asset_specs(_described) for asset in assets]


def _described(spec: dg.AssetSpec) -> dg.AssetSpec:
    name = spec.key.to_user_string()
    found = columns().get(name, ())
    known = {"dagster/column_schema": _schema(found), "dagster/table_name": f"thinkwatch.main.{name}"} if found else {}
    stage = {"stage": GROUPS[spec.group_name]} if spec.group_name in GROUPS else {}
    return spec.merge_attributes(owners=OWNERS, metadata={**known, **stage})


def _schema(found: Sequence[Column]) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                one.name, type=one.type.lower(), description=one.comment, constraints=dg.TableColumnConstraints(nullable=not one.required)
            )
            for one in found
        ]
    )
