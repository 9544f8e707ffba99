"""The shipped packs: what they hold, what they find in sentences of our own, and what they must leave alone."""

import re

import pytest
from babel import Locale

from assets.matching.checking import check
from assets.matching.compiling import aliases_of, compile_watchlist
from assets.matching.gazetteer import territory_names
from assets.matching.matcher import Matcher
from assets.matching.packs import DAY_ONE, locate, pack_file, pack_names
from assets.matching.watchlist import load_watchlist, parse_watchlist
from warehouse.errors import ConfigError

LANGUAGES = {"en", "ru", "uk", "fr", "de", "es", "ar", "zh"}
STATES = set(  # the members of the UN, its observers (PS, VA), Kosovo and Taiwan
    re.findall(
        "[A-Z]{2}",
        """AF AL DZ AD AO AG AR AM AU AT AZ BS BH BD BB BY BE BZ BJ BT BO BA BW BR BN BG BF BI CV KH CM CA CF TD CL CN CO KM CG CD CR CI HR
    CU CY CZ DK DJ DM DO EC EG SV GQ ER EE SZ ET FJ FI FR GA GM GE DE GH GR GD GT GN GW GY HT HN HU IS IN ID IR IQ IE IL IT JM JP JO
    KZ KE KI KP KR KW KG LA LV LB LS LR LY LI LT LU MG MW MY MV ML MT MH MR MU MX FM MD MC MN ME MA MZ MM NA NR NP NL NZ NI NE NG MK
    NO OM PK PW PA PG PY PE PH PL PT QA RO RU RW KN LC VC WS SM ST SA SN RS SC SL SG SK SI SB SO ZA SS ES LK SD SR SE CH SY TJ TH TL
    TG TO TT TN TR TM TV UG UA AE GB TZ US UY UZ VU VE VN YE ZM ZW PS VA XK TW""",
    )
)
NO_TERRITORIES = {"EU", "EZ", "UN", "XA", "XB", "QO", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}  # of CLDR, not of ISO 3166


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    return load_watchlist([pack_file(name) for name in ("countries", "organisations")])


@pytest.fixture(scope="module")
def compiled(everything):
    return compile_watchlist(everything)


@pytest.fixture(scope="module")
def entities(compiled):
    matcher = Matcher(compiled)
    return lambda text, language: {hit.entity for hit in matcher.find(text, language=language)}


class TestWhatTheyHold:
    def test_nothing_is_left_to_decide(self, everything):
        assert [str(finding) for finding in check(everything)] == []

    def test_every_territory_of_iso_3166_is_watched(self, everything):
        codes = {code for code in Locale.parse("en").territories if re.fullmatch("[A-Z]{2}", code)} - NO_TERRITORIES
        assert {entity.territory for entity in everything.entities} >= codes

    def test_every_state_has_its_people_and_adjective_or_the_head_says_why_not(self, everything):
        head = pack_file("countries").read_text(encoding="utf-8").partition("version:")[0]
        stated = {
            (language, state)
            for language, states in re.findall(r"^#   ([a-z]{2}) ([a-z, -]+): \S.+$", head, re.MULTILINE)
            for state in states.split(", ")
        }
        states = [entity for entity in everything.entities if entity.territory in STATES]
        assert len(states) == 197
        lacking = {
            (language, entity.id)
            for entity in states
            for language in LANGUAGES - {"zh"} - {alias.language for alias in entity.aliases if alias.via == "demonym"}
        }
        assert lacking == stated

    def test_every_state_has_a_name_in_every_language(self, everything):
        languages = tuple(sorted(LANGUAGES))
        states = [entity for entity in everything.entities if entity.territory in STATES]
        named = {entity.id: {alias.language for alias in aliases_of(entity, languages) if alias.via == "name"} for entity in states}
        assert {entity: missing for entity, spoken in named.items() if (missing := LANGUAGES - spoken)} == {}

    @pytest.mark.parametrize(("country", "regions"), [
        ("tajikistan", {"central-asia", "asia", "post-soviet-space"}),
        ("mali", {"sahel", "western-africa", "sub-saharan-africa", "africa"}),
        ("georgia", {"south-caucasus", "western-asia", "asia"}),
        ("latvia", {"baltic-states", "northern-europe", "europe"}),
        ("morocco", {"maghreb", "northern-africa"}),
        ("somalia", {"horn-of-africa"}),
        ("serbia", {"western-balkans", "balkans", "southern-europe"}),
        ("syria", {"levant", "middle-east"}),
    ])  # fmt: skip
    def test_countries_belong_to_their_regions(self, compiled, country, regions):
        assert regions <= compiled.ancestors(country)

    def test_organisations_are_many_and_named_in_every_language(self):
        organisations = load_watchlist([pack_file("organisations")]).entities
        assert len(organisations) >= 150
        lacking = {entity.id: LANGUAGES - {alias.language for alias in entity.aliases} for entity in organisations}
        assert {entity_id: languages for entity_id, languages in lacking.items() if languages} == {}

    @pytest.mark.parametrize("name", ["countries", "organisations", "regions", "day-one"])
    def test_each_says_its_origin_and_licence(self, name):
        header = pack_file(name).read_text(encoding="utf-8").partition("version:")[0]
        assert "# Origin:" in header
        assert "# Licence:" in header
        assert name in pack_names()

    def test_the_day_one_list_goes_with_them(self):
        together = load_watchlist([pack_file("countries"), pack_file("organisations"), DAY_ONE])
        own = {entity.id for entity in load_watchlist([DAY_ONE]).entities}
        assert own <= {entity.id for entity in together.entities}
        assert not [finding for finding in check(together) if finding.level == "error"]


class TestLayers:
    def test_a_file_includes_a_pack_and_extends_it(self):
        own = "include: [pack:countries]\nentities:\n  - id: kazakhstan\n    labels: {en: {names: [Baikonur]}}\n"
        kazakhstan = next(entity for entity in parse_watchlist(own).entities if entity.id == "kazakhstan")
        assert kazakhstan.territory == "KZ"
        assert {"Baikonur", "Kazakh"} <= {alias.text for alias in kazakhstan.aliases}

    def test_a_file_replaces_an_entity_of_a_pack(self):
        own = "include: [pack:countries]\nentities:\n  - id: kazakhstan\n    replace: true\n    labels: {en: {names: [Astana]}}\n"
        kazakhstan = next(entity for entity in parse_watchlist(own).entities if entity.id == "kazakhstan")
        assert [alias.text for alias in kazakhstan.aliases] == ["Astana"]

    def test_a_pack_named_twice_is_read_once(self):
        once = load_watchlist([pack_file("countries")])
        assert load_watchlist([pack_file("regions"), pack_file("countries"), pack_file("regions")]).entities[0].id == once.entities[0].id
        assert len(parse_watchlist("include: [pack:countries, pack:regions, pack:countries]").entities) == len(once.entities)

    def test_an_unknown_pack_is_named_with_its_line_and_the_known_ones(self):
        with pytest.raises(ConfigError, match=r"list\.yaml:2: there is no pack 'contries'") as caught:
            parse_watchlist("version: 1\ninclude: [pack:contries]\n", "list.yaml")
        assert "countries" in caught.value.hint

    def test_a_place_is_a_pack_or_a_path(self, tmp_path):
        assert locate("pack:day-one") == DAY_ONE
        assert locate(str(tmp_path / "own.yaml")) == tmp_path / "own.yaml"
        with pytest.raises(ConfigError):
            locate("pack:../day-one")


class TestNamesOfCldr:
    @pytest.mark.parametrize(("code", "language", "names"), [
        ("MM", "en", ["Myanmar", "Burma"]),
        ("SA", "es", ["Arabia Saudí", "Arabia Saudita"]),
        ("KN", "en", ["St. Kitts & Nevis", "Saint Kitts and Nevis"]),
        ("CD", "zh", ["刚果（金）", "剛果（金夏沙）"]),  # 刚果 alone is either of two countries
        ("HK", "es", ["RAE de Hong Kong"]),  # not China, as its brackets say
        ("UM", "ru", ["Внешние малые о-ва", "Внешние малые острова"]),
    ])  # fmt: skip
    def test_brackets_and_abbreviations(self, code, language, names):
        assert territory_names(code, language) == names


@pytest.mark.parametrize(("language", "text", "expected"), [
    ("en", "Kazakhstan's and the Kazakhs'", {"kazakhstan"}),
    ("en", "U.S.-China, US–Russia, Sino-Indian, pro-Russian", {"united-states", "china", "russia", "india"}),
    ("en", "Frenchmen, Dutchmen, Britons, Swedes, Danes, Finns and Poles",
     {"france", "netherlands", "united-kingdom", "sweden", "denmark", "finland", "poland"}),
    ("en", "THE EUROPEAN UNION AND NATO BACK UKRAINE", {"eu", "nato", "ukraine"}),
    ("en", "the Czech Republic; Bosnia and Herzegovina; Saint Lucia; St. Lucia", {"czechia", "bosnia-and-herzegovina", "saint-lucia"}),
    ("en", "the DRC and the Republic of the Congo", {"congo-kinshasa", "congo-brazzaville"}),
    ("en", "Jordan, Lebanon and Syria; Chad's junta; Niger and Nigeria", {"jordan", "lebanon", "syria", "chad", "niger", "nigeria"}),
    ("en", "UNHCR, the I.M.F., the World Bank’s, NATO, WHO, the W.T.O.", {"unhcr", "imf", "world-bank", "nato", "who", "wto"}),
    ("ru", "из Китая, китайцами, в китайско-российских отношениях", {"china", "russia"}),
    ("ru", "немцев, французов, чехов, греков, турок, грузин, армян, датчан",
     {"germany", "france", "czechia", "greece", "turkey", "georgia", "armenia", "denmark"}),
    ("ru", "в Саудовской Аравии, Шри-Ланке, Северной Корее, Южной Кореей, ЮАР, ОАЭ",
     {"saudi-arabia", "sri-lanka", "north-korea", "south-korea", "south-africa", "united-arab-emirates"}),
    ("ru", "МВФ, с ЕС и ЕАЭС, ООНовских, Всемирного банка, хуситов", {"imf", "eu", "eaeu", "un", "world-bank", "houthis"}),
    ("uk", "у Німеччині, у В'єтнамі, М’янмі; угорців; російсько-український; з НАТО та СОТ",
     {"germany", "vietnam", "myanmar", "hungary", "russia", "ukraine", "nato", "wto"}),
    ("fr", "l'Algérie, d'Israël, qu'Haïti, jusqu'en Égypte; les Etats-Unis; franco-allemand; l'OMC",
     {"algeria", "israel", "haiti", "egypt", "united-states", "france", "germany", "wto"}),
    ("de", "der Schweiz, US-Regierung, deutsch-französische, Chinesinnen, Französinnen, ukrainischer; des IWF",
     {"switzerland", "united-states", "germany", "france", "china", "ukraine", "imf"}),
    ("es", "EE.UU., EEUU, alemanas, marroquíes, israelíes; la OTAN y la OEA; sirio-iraquí",
     {"united-states", "germany", "morocco", "israel", "nato", "oas", "syria", "iraq"}),
    ("ar", "والولايات المتحدة وروسيا وبالصين وللهند؛ الروسية والفرنسيين", {"united-states", "russia", "china", "india", "france"}),
    ("ar", "في سلطنة عمان والسعودية، وحلف شمال الأطلسي، وحركة حماس في غزة", {"oman", "saudi-arabia", "nato", "hamas", "palestine"}),
    ("zh", "中国、美国和日本；刚果（金）、沙特、阿联酋；北约、世卫组织；臺灣與聯合國",
     {"china", "united-states", "japan", "congo-kinshasa", "saudi-arabia", "united-arab-emirates", "nato", "who", "taiwan", "un"}),
    ("uk", "китайці, болівійців, німецька, казахстанців; у Люксембурзі", {"china", "bolivia", "germany", "kazakhstan", "luxembourg"}),
    ("fr", "les Grecques, ouzbèkes, du Nigéria", {"greece", "uzbekistan", "nigeria"}),
    ("de", "der Ukrainekrieg, des Bundestages, Französinnen", {"ukraine", "france"}),
    ("ar", "والألمان والأتراك وبالروس، والكازاخية؛ جورجيا وتبليسي", {"germany", "turkey", "russia", "kazakhstan", "georgia"}),
    ("zh", "中美俄三国；俄乌冲突；巴以停火", {"china", "united-states", "russia", "ukraine", "palestine", "israel"}),
    ("zh", "其中美国、日本占多数，17日美国总统；其中印尼", {"united-states", "japan", "indonesia"}),
    ("zh", "紐西蘭、寮國、沙烏地阿拉伯、奈及利亞、克羅埃西亞、突尼西亞", {"new-zealand", "laos", "saudi-arabia", "nigeria", "croatia", "tunisia"}),
    ("zh", "三名法国人、土耳其籍船员、越南语，喀麦隆人", {"france", "turkey", "vietnam", "cameroon"}),
    ("es", "Qatar, Bahréin, Iraq, Kenya y Arabia Saudita; los salvadoreños", {"qatar", "bahrain", "iraq", "kenya", "saudi-arabia", "el-salvador"}),
    ("es", "El CARICOM se reúne en Granada; los granadinos", {"grenada", "caricom"}),
    ("fr", "en Centrafrique, au Libéria, au Salvador; la politique vaticane", {"central-african-republic", "liberia", "el-salvador", "vatican"}),
    ("de", "die Burkiner, Esten und Iren; samoanische Inseln", {"burkina-faso", "estonia", "ireland", "samoa"}),
    ("ru", "на Сейшелах и Соломоновых Островах; южнокорейцы, доминикских", {"seychelles", "solomon-islands", "south-korea", "dominica"}),
    ("uk", "у Великобританії, Тринідаді та Тобаго; кувейтців, саудити",
     {"united-kingdom", "trinidad-and-tobago", "kuwait", "saudi-arabia"}),
    ("ar", "المجر والدنمارك والمالديف وسري لانكا والبيرو؛ الليختنشتايني", {"hungary", "denmark", "maldives", "sri-lanka", "peru", "liechtenstein"}),
    ("ar", "في تشيلي وهايتي وجيبوتي؛ الاستخبارات الفاتيكانية", {"chile", "haiti", "djibouti", "vatican"}),
    ("ar", "وصل إلى موروني والتقى الرئيس القمري", {"comoros"}),
    ("en", "In Brazzaville the Congolese president; in Bangui the Central African army",
     {"congo-brazzaville", "central-african-republic"}),
    ("en", "The Congolese army lost Goma.", {"congo-kinshasa"}),
    ("en", "South Sudanese, North Koreans and an Equatorial Guinean", {"south-sudan", "north-korea", "equatorial-guinea"}),
    ("ru", "южносуданский и экваториально-гвинейский", {"south-sudan", "equatorial-guinea"}),
    ("fr", "les Équato-Guinéens et un Papouan-Néo-Guinéen", {"equatorial-guinea", "papua-new-guinea"}),
    ("ar", "السوداني الجنوبي والرئيس الغيني الاستوائي", {"south-sudan", "equatorial-guinea"}),
    ("zh", "尼日、馬利與布吉納法索", {"niger", "mali", "burkina-faso"}),
    ("en", "Russo-Ukrainian, Indo-Pakistani, Anglo-American, Franco-German, Greco-Turkish, Serbo-Croatian",
     {"russia", "ukraine", "india", "pakistan", "united-kingdom", "united-states", "france", "germany", "greece", "turkey", "serbia", "croatia"}),
    ("fr", "sino-russe, russo-ukrainien, germano-polonaise, nippo-américain, israélo-palestinien, gréco-turc, hispano-marocain, luso-brésilien",
     {"china", "russia", "ukraine", "germany", "poland", "japan", "united-states", "israel", "palestine", "greece", "turkey", "spain", "morocco",
      "portugal", "brazil"}),
    ("ru", "индо-пакистанский, англо-американский, греко-турецкий, итало-французский, чехо-словацкий, монголо-китайский",
     {"india", "pakistan", "united-kingdom", "united-states", "greece", "turkey", "italy", "france", "czechia", "slovakia",
      "mongolia", "china"}),
    ("es", "hispano-marroquí, indo-pakistaní, israelo-palestino, italo-francés, greco-turco, luso-brasileño, colombo-venezolano",
     {"spain", "morocco", "india", "pakistan", "israel", "palestine", "italy", "france", "greece", "turkey", "portugal", "brazil", "colombia",
      "venezuela"}),
])  # fmt: skip
def test_what_they_find(entities, language, text, expected):
    assert entities(text, language) == expected


@pytest.mark.fault("M80")
@pytest.mark.parametrize(("language", "text"), [
    ("en", "They asked us who would pay for lunch; it is what it is. A turkey sandwich and a panama hat."),
    ("en", "Chad Smith and Jordan Peterson met Georgia O'Keeffe's niece in Jersey City. The guinea pig, the china plates."),
    ("en", "The Spanish language and the Korean War; New Mexico; British Columbia; the Indian Ocean; Long Island."),
    ("en", "DOCTORS WHO REFUSED TO HELP US WERE NOT PAID"),
    ("ru", "Того, кто опоздал, не ждали. Самое важное: мы мали не были. Чад от костра, куб воды и перо. Индейцы и индейка."),
    ("ru", "ВПП аэродрома закрыта; РПК и АК; ЦА магазина растёт; СМП увезла больного; русский язык, немецкого языка."),
    ("uk", "Того, хто запізнився, не чекали. Малі підприємства. Дані опубліковано. Українська мова. МКС летить над нами."),
    ("fr", "La réunion de l'équipe a duré. Dominique et Maurice ont mangé; Salvador Dalí peignait en français, la langue espagnole."),
    ("fr", "UN HOMME ET SON CHIEN. L'EAU POTABLE EST RARE. Les indiens d'Amérique, l'océan Indien, une grenade."),
    ("en", "Indo-European and Anglo-Saxon; the Franco-era law; Greco-Roman art; Luso, Franco"),
    ("fr", "indo-européen, anglo-saxon, gréco-romaine, franco de port, luso"),
    ("ru", "англо-саксы, индо-европейский, греко-римская борьба, антилопа, провансаль, антильский"),
    ("de", "Die Pole der Erde wandern. Sie spricht auf Französisch und übersetzt ins Deutsche. Die Deutsche Bank. Jordan Meier."),
    ("es", "Las reuniones fueron largas. Una cuba de vino. Los indios americanos hablan en español. Granada, Guadalupe y Santa Lucía."),
    ("ar", "ولاية جورجيا في جنوب البلاد."),
    ("zh", "阳光集中日照长；其中美好的回忆"),
    ("ar", "كوبا من الشاي على الطاولة. التقرير المالي للشركة. مدرسة بنين وبنات. اليد اليمنى. المكتب القطري. بحماس شديد. صلاة المغرب."),
    ("es", "La Universidad de Granada y las iglesias granadinas; un baile papú en San Cristóbal."),
    ("ar", "السنة القمرية والتقويم القمري. قاسم سليماني."),
    ("en", "Congolese music; the Central African rainforest; Dutch disease."),
    ("zh", "孟加拉灣風暴，喬治亞州選舉，獅子山精神，衝突日增，向東加速，尼日益。卡達菲。奧匈帝國。聖母馬利亞。"),
    ("zh", "发展中国家的经济。沿海地区和上海地铁。马里兰州和马里奥。加西亚。印度洋与印度教。约旦河流。东北约三成。伊斯兰国家。"),
])  # fmt: skip
def test_what_they_leave_alone(entities, language, text):
    assert entities(text, language) == set()


@pytest.mark.parametrize(("language", "text"), [
    ("en", "The Indo-Pacific and the Indo-Asia-Pacific; Indo-Malay and Sino-Tibetan languages."),
    (None, "im Indo-Pazifik, den indo-pazifischen Leitlinien"),
    ("pl", "region Indo-Pacyfiku"),
    ("ru", "Индо-Тихоокеанский регион, страны Индо-Пацифики; монголо-татарское иго, монголо-татары"),
    ("fr", "l'Indo-Pacifique, la région indo-pacifique; les langues finno-ougriennes et sino-tibétaines"),
])  # fmt: skip
def test_the_first_half_of_another_name_is_no_country(entities, language, text):
    assert entities(text, language) & {"india", "china", "finland", "mongolia"} == set()
