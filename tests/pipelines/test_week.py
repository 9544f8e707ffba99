"""What an asset's chart shows of the last seven days, so that it says something after a run that brought nothing."""


def test_the_last_seven_days_are_counted_by_source_and_forgotten_after_them(institute):
    for name in ("one", "two"):
        institute.publish(name, name, f"<article><h1>{name}</h1>{'<p>Words of the article, enough of them to be one. </p>' * 12}</article>")
    institute.run()
    institute.run(hours=6 * 24)  # brings nothing
    with institute.flow() as flow:
        found = {noun: flow.week(noun) for noun in ("entries", "articles", "alerts", "deliveries")}
    assert found == {"entries": {"own": 2}, "articles": {"own": 2}, "alerts": {}, "deliveries": {}}
    institute.run(hours=2 * 24)
    with institute.flow() as flow:
        assert flow.week("articles") == {}
