"""Writers and readers together, for some seconds: the bench that runs them for a minute, made small."""

from bench.contention import HALVES, run
from warehouse.database import Warehouse


def test_nobody_is_locked_out_sees_half_a_transaction_or_loses_one(tmp_path):
    said = run(tmp_path, 5)
    assert sum(one["refused"] + one["halves"] + one["back"] for one in said["read"]) == 0
    assert all(one["done"] for part in said.values() for one in part)
    with Warehouse(tmp_path / "warehouse.duckdb").transaction() as transaction:
        stored = transaction.connection.execute(HALVES).fetchall()
    assert stored == [(sum(one["done"] for one in said["write"]),) * 2]
