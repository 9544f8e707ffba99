"""The report of new names from stored texts."""

from assets.newnames import new_names

MALI = {"mali": {"labels": {"de": {"names": ["Mali"]}}}}


def test_what_is_watched_is_left_out_and_the_rest_is_counted_by_week(new_desk):
    desk = new_desk()
    desk.put([("en", f"Number {number}", "The road from Mali to Spin Boldak is shut. Later the NDS spoke.") for number in range(3)])
    desk.match(MALI)
    with desk.warehouse.transaction() as transaction:
        found = new_names(transaction, weeks=1)
    assert {("Spin Boldak", "2021-09-13", "international", 3), ("NDS", "2021-09-13", "international", 3)} <= {
        (one.name, one.week, one.region, one.articles) for one in found
    }
    assert "Mali" not in {one.name for one in found}


def test_an_empty_store_has_no_names(new_desk):
    desk = new_desk()
    desk.rows("DELETE FROM articles")
    with desk.warehouse.transaction() as transaction:
        assert new_names(transaction, weeks=4) == []
