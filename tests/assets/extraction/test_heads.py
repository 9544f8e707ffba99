"""What stands around a title, in ten languages and as many makes: who wrote and when is known, and is no text."""

from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract

NOW = datetime(2024, 11, 20, tzinfo=UTC)
TEXTS = {
    "ru": ("Инфляция в странах региона замедлилась, однако продукты продолжают дорожать быстрее прочих товаров.", "Правительства отвечают по-разному: одни замораживают цены, другие помогают бедным семьям."),
    "uk": ("Інфляція в країнах регіону сповільнилася, проте продукти далі дорожчають швидше за інші товари.", "Уряди відповідають по-різному: одні заморожують ціни, інші допомагають бідним родинам."),
    "de": ("Die Inflation in den Ländern der Region lässt nach, doch Lebensmittel werden weiter schneller teurer.", "Die Regierungen antworten verschieden: Die einen frieren Preise ein, die anderen helfen armen Familien."),
    "fr": ("L'inflation ralentit dans les pays de la région, mais les denrées continuent de renchérir plus vite.", "Les gouvernements répondent différemment : les uns gèlent les prix, les autres aident les familles."),
    "es": ("La inflación cede en los países de la región, pero los alimentos siguen encareciéndose más rápido.", "Los gobiernos responden de modo distinto: unos congelan los precios, otros ayudan a las familias."),
    "zh": ("该地区各国的通货膨胀有所放缓，但专家指出，食品价格的上涨速度仍然快于其他商品。", "各国政府的应对方式各不相同：有的冻结物价，有的向贫困家庭发放补贴。"),
    "ar": ("تباطأ التضخم في دول المنطقة، غير أن أسعار الغذاء ما زالت ترتفع أسرع من غيرها من السلع.", "تستجيب الحكومات بطرق مختلفة، فبعضها يجمد الأسعار وبعضها يساعد الأسر الفقيرة بالمال."),
    "tr": ("Bölge ülkelerinde enflasyon yavaşladı, ancak gıda fiyatları diğer ürünlerden daha hızlı artıyor.", "Hükümetler farklı yanıtlar veriyor: kimi fiyatları donduruyor, kimi yoksul ailelere yardım ediyor."),
    "pl": ("Inflacja w krajach regionu zwalnia, jednak żywność nadal drożeje szybciej niż inne towary.", "Rządy odpowiadają różnie: jedne zamrażają ceny, inne pomagają biednym rodzinom pieniędzmi."),
    "it": ("L'inflazione rallenta nei paesi della regione, ma gli alimentari continuano a rincarare più in fretta.", "I governi rispondono in modo diverso: alcuni congelano i prezzi, altri aiutano le famiglie povere."),
}  # fmt: skip
# language, above the title, below it, below the text, authors, day; a line that stays is marked with "+"
HEADS = [
    ("ru", "", "<div class='info'><span>Чт, 19 сен. 2024 г.</span><span>Мария Лебедева, Олег Страхов</span></div>", "", "Мария Лебедева, Олег Страхов", "2024-09-19"),
    ("ru", "<div class='news-date-time'>19 сентября 2024, четверг</div>", "", "+<p><b>Автор:</b> Мария Лебедева, старший научный сотрудник</p>", "Мария Лебедева", "2024-09-19"),
    ("uk", "", "<div><div>четвер, 19 вересня 2024 р.</div><div>Автор: Оксана Гриценко</div></div>", "", "Оксана Гриценко", "2024-09-19"),
    ("uk", "<p>3 червня 2024, 10:15</p>", "", "+<p><em>Оксана Гриценко, аналітикиня центру</em></p>", "Оксана Гриценко", "2024-06-03"),
    ("de", "", "<p>Donnerstag, 14. März 2024</p><p>Von Anna Köhler und Jens Vogt</p>", "", "Anna Köhler, Jens Vogt", "2024-03-14"),
    ("de", "", "<div><span>vor 3 Tagen</span> · <span>von Dr. Anna Köhler</span></div>", "", "Dr. Anna Köhler", None),
    ("de", "", "<p>05. Jänner 2024 | Anna Köhler</p>", "", "Anna Köhler", "2024-01-05"),
    ("fr", "", "<div>Hélène Carrère et Paul Durand — 12 févr. 2024 à 18h30</div>", "", "Hélène Carrère, Paul Durand", "2024-02-12"),
    ("fr", "", "<p>Publié le jeudi 1er août 2024, par <a href='/a'>Hélène Carrère</a></p>", "", "Hélène Carrère", "2024-08-01"),
    ("es", "", "<div><span>jueves, 19 de septiembre de 2024</span><span>Por Lucía Fernández</span></div>", "", "Lucía Fernández", "2024-09-19"),
    ("es", "", "<div><span>19/sep/2024</span></div><div>Autora: Lucía Fernández</div>", "", "Lucía Fernández", "2024-09-19"),
    ("zh", "", "<div>来源：区域研究中心　作者：王小明　发布时间：2024年9月19日 10:30</div>", "", "王小明", "2024-09-19"),
    ("zh", "", "<p>文/王小明 李芳</p><p>二〇二四年九月十九日</p>", "", "王小明, 李芳", "2024-09-19"),
    ("ar", "", "<div><span>الخميس 19 سبتمبر 2024</span><span>بقلم: سارة الحداد</span></div>", "", "سارة الحداد", "2024-09-19"),
    ("ar", "", "<div><span>١٩ أيلول ٢٠٢٤</span></div><div>الكاتب: سارة الحداد</div>", "", "سارة الحداد", "2024-09-19"),
    ("tr", "", "<div><span>19 Eylül 2024 Perşembe</span> <span>Yazar: Ayşe Demir</span></div>", "", "Ayşe Demir", "2024-09-19"),
    ("tr", "", "+<div><b>Ayşe Demir</b></div><div>30 Ağustos 2024 - 11:20</div>", "", "Ayşe Demir", "2024-08-30"),
    ("pl", "", "<div><span>czwartek, 3 października 2024</span><span>Autor: Katarzyna Nowak</span></div>", "", "Katarzyna Nowak", "2024-10-03"),
    ("pl", "", "<div>3 paź 2024</div><div>Autorzy: Katarzyna Nowak, Jan Wójcik</div>", "", "Katarzyna Nowak, Jan Wójcik", "2024-10-03"),
    ("it", "", "<div><span>giovedì 19 settembre 2024</span><span>di Giulia Rossi</span></div>", "", "Giulia Rossi", "2024-09-19"),
    ("it", "", "<div>A cura di Giulia Rossi</div><div>1° maggio 2024</div>", "", "Giulia Rossi", "2024-05-01"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "above", "below", "end", "authors", "day"), HEADS, ids=[f"{number}-{head[0]}" for number, head in enumerate(HEADS)]
)
def test_who_and_when(language, above, below, end, authors, day):
    text = "".join(f"<p>{part}</p>" for part in TEXTS[language])
    body = f"{above}<h1>1 + 1</h1>{below.lstrip('+')}{text}{end.lstrip('+')}"
    page = f"<html lang={language}><head><title>1 + 1 | C</title></head><body><nav><a href='/'>C</a></nav><article>{body}</article></body></html>"
    found = extract(page.encode(), url="https://c.example/x", content_type="text/html; charset=utf-8", now=NOW)
    assert (", ".join(found.authors), found.published and found.published.date().isoformat()) == (authors, day)
    kept = [found.text[zone.start : zone.end] for zone in found.zones if zone.kind != "byline"]
    assert tuple(kept) == TEXTS[language]
    assert (len(found.zones) > len(kept)) == ("+" in below + end)


@pytest.mark.parametrize(
    "line",
    ["<a href='/p'>Iran by rail</a> 2 September 2021", "<a href='/p'>Iran by Rail</a> 2 September 2021", "Iran by rail, 2 September 2021"],
)
def test_a_teaser_below_the_text_signs_nothing(line):
    text = "".join(f"<p>{part}</p>" for part in TEXTS["fr"])
    page = f"<html><body><table><tr><td><h1>Prices</h1>{text}<font>{line}</font><br>From the Caspian to the Gulf.</td></tr></table></body></html>"
    assert extract(page.encode(), url="https://c.example/x", now=NOW).authors == ()


def test_a_link_to_an_authors_page_may_say_more_than_by():
    text = "".join(f"<p>{part}</p>" for part in TEXTS["fr"])
    line = "<a href='/author/anna-berg/'>Analysis by Anna Berg</a> 12 March 2024"
    page = f"<html><body><article><h1>Prices</h1><p>{line}</p>{text}</article></body></html>"
    assert extract(page.encode(), url="https://c.example/x", now=NOW).authors == ("Anna Berg",)


@pytest.mark.parametrize(
    "line", ["12 March 2024 | Foreign Policy and South Caucasus trade", "Central Asia, South Caucasus", "On 12 March 2024 the Port opened"]
)
def test_sections_and_decks_sign_nothing(line):
    page = f"<html><body><article><h1>Prices</h1><p>{line}</p>{''.join(f'<p>{part}</p>' for part in TEXTS['fr'])}</article></body></html>"
    assert extract(page.encode(), url="https://c.example/x", now=NOW).authors == ()


@pytest.mark.parametrize(
    ("language", "line", "stays"),
    [
        ("de", "19. September 2023: Aserbaidschan öffnet den Hafen", True),
        ("fr", "19 septembre 2023 : la Turquie rouvre le détroit", True),
        ("ru", "19 сентября 2023: Азербайджан открывает порт", True),
        ("fr", "19 septembre 2023 : Communiqué", False),
        ("de", "19. September 2023: 11:20 Uhr", False),
    ],
)
def test_what_happened_on_a_day_is_told_and_not_what_stands_beside_a_date(language, line, stays):
    text = "".join(f"<p>{part}</p>" for part in TEXTS[language])
    page = f"<html lang={language}><body><article><h1>1 + 1</h1><p>{line}</p>{text}</article></body></html>"
    assert (line in extract(page.encode(), url="https://c.example/x", now=NOW).text) == stays
