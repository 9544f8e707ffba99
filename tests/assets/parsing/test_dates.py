"""Dates as sources write them: right in UTC, or None; never another day than the one that was meant."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.parsing.dates import AHEAD, EARLIEST, parse_date

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _read(raw, **options):
    return parse_date(raw, now=NOW, **options)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Tue, 14 Sep 2021 10:00:00 +0300", "2021-09-14 07:00"),
        ("Tue,14 Sep 2021 10:00:00 GMT", "2021-09-14 10:00"),
        ("Mon, 14 Sep 2021 10:00:00 GMT", "2021-09-14 10:00"),  # a Tuesday
        ("14 Sep 21 10:00 UT", "2021-09-14 10:00"),
        ("Tue, 14 Sept 2021 10:00:00 -0000", "2021-09-14 10:00"),
        ("2021-09-14T10:00:00Z", "2021-09-14 10:00"),
        ("2021-09-14T10:00:00.123+02:00", "2021-09-14 08:00:00.123"),
        ("2021-09-14 10:00:00 +0000 UTC", "2021-09-14 10:00"),
        ("20210914T100000Z", "2021-09-14 10:00"),
        ("Tue Sep 14 10:00:00 EDT 2021", "2021-09-14 14:00"),
        ("1631613600", "2021-09-14 10:00"),
        ("1631613600123", "2021-09-14 10:00"),
        ("Tue Sep 14 2021 10:00:00 GMT+0300 (Moscow Standard Time)", "2021-09-14 07:00"),
        ("10:00 AM EST, 14 Sep 2021", "2021-09-14 15:00"),
        ("14 Sep 2021 23:59:60 GMT", "2021-09-15 00:00"),
    ],
)
def test_a_full_date_is_exact(raw, expected):
    dated = _read(raw)
    assert (dated.value, dated.quality) == (_utc(expected), "exact")


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("MSK", 7), ("МСК", 7), ("(MSK)", 7), ("CET", 9), ("CEST", 8), ("MESZ", 8), ("EET", 8), ("EEST", 7), ("UTC+3", 7), ("GMT+03:00", 7),
        ("GMT+3", 7), ("+03", 7), ("+0300 (MSK)", 7), ("-02:30", 12), ("PDT", 17), ("JST", 1), ("Europe/Berlin", 8), ("Asia/Tashkent", 5),
    ],
)  # fmt: skip
@pytest.mark.fault("D73")
def test_d73_zone_names_and_offsets_have_their_own_hour(zone, hour):
    dated = _read(f"Tue, 14 Sep 2021 10:00:00 {zone}")
    assert dated.quality == "exact"
    assert (dated.value.hour, dated.value.day) == (hour, 14)


def test_moscow_time_follows_the_law_of_its_day():
    assert _read("Tue, 17 Jul 2012 10:00:00 MSK").value == _utc("2012-07-17 06:00")


@pytest.mark.parametrize(
    ("raw", "language"),
    [
        ("Вт, 14 сен 2021 10:00:00 +0000", "ru"),
        ("14 сентября 2021 г. 10:00 UTC", "ru"),
        ("вівторок, 14 вересня 2021 р., 10:00 GMT", "uk"),
        ("mar., 14 sept. 2021 10:00:00 +0000", "fr"),
        ("14 septembre 2021 à 10h00 GMT", "fr"),
        ("Di, 14 Sep 2021 10:00:00 +0000", "de"),
        ("am 14. September 2021 um 10.00 Uhr GMT", "de"),
        ("martes, 14 de septiembre de 2021 10:00 GMT", "es"),
        ("mar 14 set 2021 10:00 GMT", "it"),
        ("terça-feira, 14 de setembro de 2021 10:00 GMT", "pt"),
        ("14 Eylül 2021 Salı 10:00 GMT", "tr"),
        ("Sal, 14 Eyl 2021 10:00:00 +0000", None),
        ("wtorek, 14 września 2021 10:00 GMT", None),
        ("2021年9月14日 上午10:00 GMT", "zh"),
        ("2021年09月14日 10時00分 GMT", "ja"),
        ("2021년 9월 14일 오전 10:00 GMT", "ko"),
        ("١٤ سبتمبر ٢٠٢١ 10:00 GMT", "ar"),
    ],
)
@pytest.mark.fault("D73")
def test_d73_months_and_weekdays_in_the_language_of_the_source(raw, language):
    assert _read(raw, language=language).value == _utc("2021-09-14 10:00")


@pytest.mark.fault("D73")
def test_d73_midnight_may_be_the_end_of_the_day():
    assert _read("Tue, 14 Sep 2021 24:00:00 +0200").value == _utc("2021-09-14 22:00")
    assert _read("Tue, 14 Sep 2021 24:30:00 +0200").value is None


def test_a_drupal_date_with_a_dash_before_the_time():
    dated = _read("Wednesday, February 25, 2026 - 21:07", timezone="Europe/Brussels")
    assert (dated.value, dated.quality) == (_utc("2026-02-25 20:07"), "exact")


def test_a_time_without_zone_is_taken_in_the_zone_of_the_source_and_else_is_a_guess():
    assert _read("14.09.2021 10:00", timezone="Europe/Moscow").quality == "exact"
    assert _read("14.09.2021 10:00", timezone="+03:00").value == _utc("2021-09-14 07:00")
    assert _read("14.09.2021 10:00") == _read("14.09.2021 10:00", timezone="Nowhere/Land")
    assert _read("14.09.2021 10:00").quality == "guess"


def test_a_zone_name_with_several_meanings_leaves_the_day():
    dated = _read("Tue, 14 Sep 2021 10:00:00 IST")
    assert (dated.value, dated.quality) == (_utc("2021-09-14 00:00"), "day")
    assert _read("Tue, 14 Sep 2021 10:00:00 IST", timezone="Asia/Kolkata").value == _utc("2021-09-14 04:30")


@pytest.mark.parametrize(
    "raw",
    [
        "2021-09-14",
        "14.09.2021",
        "14. 9. 2021",
        "2021/09/14",
        "20210914",
        "14 Sep 2021",
        "September 14th, 2021",
        "2021年9月14日",
        "2021-09-14+03:00",
    ],
)
def test_a_date_without_time_is_a_day(raw):
    assert (_read(raw).value, _read(raw).quality) == (_utc("2021-09-14 00:00"), "day")


@pytest.mark.parametrize(
    ("raw", "language", "day_first", "expected"),
    [
        ("05/06/2024", "en-US", None, (5, 6)),
        ("05/06/2024", "fr", None, (6, 5)),
        ("05/06/2024", "en", True, (6, 5)),
        ("05/06/2024", "fr", False, (5, 6)),
        ("25/06/2024", None, None, (6, 25)),
        ("06/25/2024", None, None, (6, 25)),
        ("05.06.2024", "en-US", None, (6, 5)),
        ("05.06.24", None, None, (6, 5)),
    ],
)
def test_day_and_month_stand_in_the_order_of_the_source(raw, language, day_first, expected):
    value = _read(raw, language=language, day_first=day_first).value
    assert (value.month, value.day) == expected


@pytest.mark.parametrize("raw", ["05/06/2024", "05-06-24", "21-09-19"])
def test_an_order_that_nothing_tells_gives_no_date(raw):
    assert _read(raw, language="en").value is None


@pytest.mark.parametrize(
    "raw",
    [
        "", " ", None, "today", "12", "2021", "September 2021", "0000-00-00 00:00:00", "Tue, 30 Feb 2021 10:00:00 GMT", "2021-13-01",
        "14 Sep 2021 25:00:00 GMT", "14 Sep 2021 10:61 GMT", "14 Sep 2021 10:00 +99:00", "+9999-01-01", "-0001-11-30T00:00:00+00:00",
        "14-16 September 2021", "call 14 Sep 2021 office", "1e9", "99999999999999999999", "\ud800", "1" * 500, "٣" * 90,
    ],
)  # fmt: skip
@pytest.mark.fault("D74")
def test_d74_what_is_no_date_is_none_and_never_invented(raw):
    assert (_read(raw).value, _read(raw).quality) == (None, None)


@pytest.mark.parametrize("raw", ["Thu, 01 Jan 1970 00:00:00 GMT", "0", "Mon, 01 Jan 2099 00:00:00 GMT", "1989-12-31", "2026-11-26"])
@pytest.mark.fault("D75")
def test_d75_out_of_bounds_is_none(raw):
    assert _read(raw).value is None


def test_a_clock_that_is_a_day_fast_is_believed():
    assert _read("Tue, 24 Nov 2026 12:00:00 GMT").quality == "exact"


def test_a_two_digit_year_is_of_this_age():
    assert _read("14 Sep 97 10:00 GMT").value.year == 1997
    assert _read("14 Sep 26 10:00 GMT").value.year == 2026


def test_the_last_resort_reads_other_forms_only_when_the_language_is_known():
    raw = "Thứ Hai, 20 tháng 9, 2021"
    assert (_read(raw, language="vi").value, _read(raw, language="vi").quality) == (_utc("2021-09-20 00:00"), "guess")
    assert _read(raw).value is None
    assert _read(raw, language="vi", last_resort=False).value is None


@given(st.text(max_size=120), st.sampled_from([None, "en", "ru", "zh"]))
def test_any_text_gives_a_date_within_bounds_or_none(raw, language):
    dated = parse_date(raw, language=language, now=NOW, last_resort=False)
    assert dated.value is None or EARLIEST <= dated.value <= NOW + AHEAD


@given(st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2026, 11, 22)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_every_moment_survives_the_forms_that_feeds_use(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    for form in ("%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M:%S GMT", "%B %d, %Y %I:%M:%S %p UTC"):
        assert _read(moment.strftime(form)).value == moment
