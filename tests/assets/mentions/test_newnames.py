"""The report of new names from stored texts."""

from datetime import date

from assets.newnames import new_names, regions_of_countries, store_new_names, weeks_of_report

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


def test_a_country_lies_in_the_regions_of_m49_and_in_no_other():
    above = regions_of_countries()
    assert above["KZ"] == ("central-asia", "asia")
    assert above["RU"] == ("eastern-europe", "europe")
    assert above["ML"] == ("western-africa", "sub-saharan-africa", "africa")
    assert "post-soviet-space" not in {region for regions in above.values() for region in regions}


def test_the_report_is_kept_for_sql_and_a_later_one_takes_its_place(new_desk):
    desk = new_desk()
    desk.put([("en", f"Number {number}", "The road to Spin Boldak is shut. Later the NDS spoke.") for number in range(3)])
    desk.match(MALI)
    desk.rows("UPDATE sources SET country = 'KZ'")

    def store(found=None):
        with desk.warehouse.transaction() as transaction:
            report = new_names(transaction, weeks=1) if found is None else found
            store_new_names(transaction, report, weeks_of_report(transaction, 1), desk.now)

    store()
    store()
    columns = "week, level, region, kind, script, articles, sources, before, first_at IS NOT NULL"
    monday = date(2021, 9, 13)
    assert desk.rows(f"SELECT {columns} FROM new_names WHERE name = 'NDS' ORDER BY level, region") == [
        (monday, "country", "KZ", "acronym", "latin", 3, 1, 0, True),
        (monday, "region", "asia", "acronym", "latin", 3, 1, 0, True),
        (monday, "region", "central-asia", "acronym", "latin", 3, 1, 0, True),
    ]
    desk.rows("INSERT INTO new_names SELECT * REPLACE (DATE '2021-09-06' AS week) FROM new_names WHERE name = 'NDS' AND region = 'KZ'")
    store(found=[])
    assert desk.rows("SELECT week FROM new_names") == [(date(2021, 9, 6),)]
