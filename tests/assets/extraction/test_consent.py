"""Walls that ask for consent, in whatever wording; and texts about consent, cookies and data protection, which are none."""

from datetime import UTC, datetime

import pytest

from assets.extraction.extract import extract
from assets.extraction.records import Hints

NOW = datetime(2024, 11, 1, tzinfo=UTC)
FOOT = '<footer><a href="/imprint">Imprint</a> <a href="/privacy">Privacy policy</a></footer>'
# language, title, what the page shows: own wording, none of it in the tables of phrases as a whole
WALLS = [
    ("en", "Before you go on to Search", "<h1>One thing first</h1><div>Cookies and data are what we use to</div><ul><li>Keep our services running and track outages</li><li>Measure audience engagement and site statistics</li></ul><div>Should you choose “Accept all”, we will also use cookies and data to</div><ul><li>Develop new services and show personalised ads, depending on your settings</li></ul><form><input type='submit' value='Reject all'><input type='submit' value='Accept all'></form>"),
    ("en", "The Harbour Post is part of a family of brands", "<h1>The Harbour Post is part of a family of brands</h1><p>When you use our sites and apps, we use cookies to provide them to you, authenticate users, apply security measures, and measure your use of them.</p><p>If you click “Agree to all”, we and our partners, 238 of whom follow the transparency framework, will also store information on your device and use precise location data, for analytics, personalised advertising and audience research.</p><p>You can withdraw your consent or change your choices at any time by clicking on the privacy links.</p><button>Agree to all</button><button>Decline</button>"),
    ("en", "Read on with ads or without", "<h2>Read on with advertising</h2><p>Visit us as usual with advertising and tracking: you agree that we and third parties may set cookies on your device.</p><button>Accept and read on</button><h2>Or subscribe</h2><p>Our subscription costs 3.99 a month, and your reading is tracked by nobody and shown without ads.</p><a href='/sub'>Subscribe now</a>"),
    ("de", "Angebot wählen", "<h1>Wie möchten Sie weiterlesen?</h1><p>Besuchen Sie uns wie gewohnt mit Werbung und Tracking. Ihre Zustimmung können Sie jederzeit auf der Seite zum Datenschutz widerrufen.</p><button>Akzeptieren und weiter</button><p>Oder nutzen Sie unser Pur-Abo für 4,99 Euro im Monat, ohne Werbetracking und praktisch ohne Anzeigen.</p><p>Tracking: Um die Nutzung zu messen und Anzeigen zu personalisieren, verarbeiten wir und bis zu 214 Partner Informationen auf Ihrem Endgerät, wie Cookies oder Kennungen.</p>"),
    ("de", "Kurz nachgefragt", "<p>Damit sich diese Zeitung trägt, setzen wir Cookies und ähnliche Techniken von Drittanbietern ein. So können Inhalte und Anzeigen auf Sie zugeschnitten und die Reichweite gemessen werden, wenn Sie uns das erlauben.</p><p>Unter Einstellungen haben Sie die Wahl und dürfen uns dieses Einverständnis auch wieder entziehen oder der Verarbeitung wegen berechtigter Interessen widersprechen.</p><a href='#'>Einstellungen</a><a href='#'>Alle akzeptieren</a>"),
    ("fr", "Votre choix", "<h1>Votre choix compte</h1><p>Avec votre accord, nos 167 partenaires et nous utilisons des traceurs pour conserver et lire des données personnelles sur votre terminal, telles que votre visite sur ce site.</p><p>Elles servent à des publicités personnalisées, à la mesure d'audience et au développement de produits. Vous pouvez vous opposer aux traitements fondés sur l'intérêt légitime et retirer votre consentement à tout moment.</p><button>Tout refuser</button><button>Tout accepter</button>"),
    ("fr", "S'abonner ou accepter", "<p>En acceptant les cookies, vous accédez gratuitement à nos articles, financés par la publicité.</p><button>Accepter et lire</button><p>Si vous refusez le suivi publicitaire, un abonnement à deux euros par mois vous ouvre le site sans cookies de nos partenaires.</p><a href='/abo'>S'abonner</a>"),
    ("it", "Scegli come leggere", "<h1>Scegli come leggere</h1><p>Se rifiuti i cookie di profilazione, puoi leggere il nostro giornale con un abbonamento da un euro al mese.</p><p>Se invece accetti, noi e alcuni fornitori terzi tratteremo i tuoi dati personali, letti sul tuo dispositivo, per mostrarti pubblicità su misura. Il consenso si può revocare in qualsiasi momento.</p><button>Accetta e leggi</button><button>Abbonati</button>"),
    ("es", "Antes de leer", "<p>Para que puedas leer gratis, nosotros y 190 socios guardamos cookies en tu dispositivo y medimos la audiencia con fines de publicidad personalizada.</p><p>Si prefieres rechazar el seguimiento, suscríbete por dos euros al mes. Puedes cambiar tus preferencias en cualquier momento en la política de privacidad.</p><button>Aceptar y seguir</button><button>Suscribirme</button>"),
    ("ru", "Ваш выбор", "<h1>Сделайте выбор</h1><p>Чтобы сайт работал и показывал рекламу по интересам, мы и рекламные партнёры сохраняем файлы cookie на вашем устройстве и обрабатываем персональные данные.</p><p>Вы можете отказаться от отслеживания или позднее отозвать согласие в настройках.</p><button>Принять все</button><button>Отклонить</button>"),
    ("uk", "Ваш вибір", "<p>Щоб показувати вам рекламу за інтересами, ми та рекламні партнери зберігаємо файли cookie на вашому пристрої та обробляємо персональні дані.</p><p>Ви можете відмовитися від відстеження або згодом відкликати згоду в налаштуваннях.</p><button>Прийняти всі</button>"),
    ("pl", "Twój wybór", "<p>Za twoją zgodą my oraz zaufani partnerzy zapisujemy na twoim urządzeniu pliki cookie i przetwarzamy dane osobowe, aby wyświetlać dopasowane reklamy i prowadzić pomiary.</p><p>Możesz odmówić lub wycofać zgodę w ustawieniach prywatności w każdej chwili.</p><button>Zgadzam się</button>"),
    ("nl", "Uw keuze", "<p>Met uw toestemming plaatsen wij en onze partners cookies op uw apparaat en verwerken wij persoonsgegevens om advertenties op maat te tonen en het bereik te meten.</p><p>U kunt weigeren of uw toestemming later intrekken via de instellingen voor privacy.</p><button>Alles accepteren</button><button>Weigeren</button>"),
    ("pt", "A sua escolha", "<p>Com o seu consentimento, nós e os parceiros guardamos cookies no seu dispositivo e tratamos dados pessoais para mostrar publicidade personalizada e medir audiências.</p><p>Pode recusar ou retirar o consentimento a qualquer momento nas definições de privacidade.</p><button>Aceitar tudo</button>"),
    ("tr", "Seçiminiz", "<p>Onayınızla biz ve reklam ortaklarımız cihazınızda çerez saklıyor, kişiselleştirilmiş reklam göstermek ve ölçüm yapmak için kişisel verilerinizi işliyoruz.</p><p>Rızanızı dilediğiniz zaman gizlilik ayarlarından geri çekebilirsiniz.</p><button>Tümünü kabul et</button>"),
    ("zh", "您的选择", "<p>经您同意，我们和第三方会在您的设备上存储 Cookie 并处理您的个人数据，用于展示个性化广告和测量访问情况。</p><p>您可以拒绝，也可以随时在隐私设置中撤回您给我们的同意，我们不会因此限制您的访问。</p><button>全部接受</button><button>全部拒绝</button>"),
    ("ar", "اختيارك", "<p>بعد موافقتك نستخدم نحن والشركاء ملفات تعريف الارتباط على جهازك ونعالج البيانات الشخصية لعرض إعلانات مخصصة وقياس عدد الزوار.</p><p>يمكنك رفض التتبع أو سحب موافقتك في أي وقت من إعدادات الخصوصية.</p><button>قبول الكل</button>"),
    # boxes of consent platforms, and nothing else on the page
    ("en", "institute.example", '<div id="sp_message_container_81"><div class="message"><p>Continue to the site with cookies for advertising on your device. See how in the privacy policy.</p><button class="sp_choice_type_11">OK</button></div></div>'),
    ("de", "institute.example", '<div id="usercentrics-root"><p>Diese Seite nutzt Dienste Dritter, um Werbung zu personalisieren. Die Einwilligung lässt sich in den Einstellungen zum Datenschutz ändern.</p><p>Cookies und Analyse</p></div>'),
    ("fr", "institute.example", '<div id="didomi-host"><div id="didomi-popup"><p>Les cookies de ce site servent à la publicité et à la mesure. Le consentement peut être retiré dans les préférences.</p></div></div>'),
]  # fmt: skip
BANNER = '<div class="x7"><p>We and our partners use cookies and personal data on your device to measure our audience and to show you personalised ads.</p><p>You can withdraw your consent at any time in your privacy settings.</p><button>Accept all</button><button>Reject all</button></div>'
BANNER_DE = '<div class="x7"><p>Wir und unsere Partner nutzen Cookies auf Ihrem Gerät, um Werbung zu personalisieren. Ihre Einwilligung können Sie jederzeit widerrufen.</p><button>Alle akzeptieren</button></div>'
PLATFORM = f'<div id="onetrust-consent-sdk"><div id="onetrust-banner-sdk">{BANNER * 2}</div></div>'
# title, text, what stands beside it
TEXTS = [
    ("What the cookie rules cost", "<p>The Commission wants to fold the rules on cookies into the regulation on data protection. Publishers would need consent for tracking, but not for measuring their own audience.</p><p>Advertising pays for most of the press, and vendors of ad technology warn that personalised ads will vanish. A subscription is what remains, and few readers accept it.</p>", BANNER),
    ("A fine and its grounds", "<p>The Irish authority fined a platform 390 million euros, because it took the terms of use for consent. Personalised advertising needs permission, the board held, and no legitimate interest replaces it.</p><p>Users must be able to refuse tracking and to withdraw consent as easily as they gave it.</p>", ""),
    ("Our comment on the new privacy policy", "<p>We read the policy that the ministry published on Monday, and we find that our doubts about the retention of personal data remain.</p><p>Partners in the region share the view: without an independent authority nobody can check who reads what on a citizen's device. Our partners in Almaty ask for a public hearing.</p><p>The institute will hold one in May.</p>", BANNER),
    ("Minister visits the port", "<p>The minister of transport visited the port on Tuesday and promised that the second quay will be finished before winter. Ferries will then run twice a day.</p>", BANNER),
    ("Minister visits the port", "<p>The minister of transport visited the port on Tuesday and promised that the second quay will be finished before winter. Ferries will then run twice a day.</p>", PLATFORM),
    ("Besuch im Hafen", "<p>Der Verkehrsminister hat am Dienstag den Hafen besucht und zugesagt, dass der zweite Kai vor dem Winter fertig wird. Danach fahren die Fähren zweimal am Tag.</p>", BANNER_DE),
    ("Schrems II und die Folgen", "<p>Der Gerichtshof hat den Datenschutzschild verworfen: Personenbezogene Daten dürfen nicht mehr ohne Weiteres zu Anbietern in den USA fließen. Eine Einwilligung hilft nur im Einzelfall.</p><p>Für Werbung und Analyse auf Endgeräten bleibt vielen nur der Widerruf der Verträge. Die Aufsicht will Cookies von Drittanbietern zuerst prüfen.</p>", BANNER_DE),
    ("La CNIL et les traceurs", "<p>La CNIL a infligé une amende de 150 millions d'euros à un moteur de recherche, dont les utilisateurs ne pouvaient refuser les cookies aussi facilement que les accepter.</p><p>Le consentement à la publicité personnalisée doit être libre, rappelle l'autorité, et pouvoir être retiré sur tout terminal. Les partenaires publicitaires sont aussi responsables.</p>", "<button>Tout accepter</button>"),
    ("Il garante e i muri di cookie", "<p>Il garante ha aperto un'istruttoria sui giornali che chiedono un abbonamento a chi rifiuta i cookie di profilazione. Il consenso deve essere libero, e la pubblicità non basta come motivo.</p><p>Gli editori e i loro fornitori temono per i ricavi dai dati personali raccolti sui dispositivi.</p>", "<button>Accetta tutti</button>"),
    ("La ley del consentimiento", "<p>El Congreso aprobó la ley que pone el consentimiento en el centro, tras dos años de debate entre los socios del Gobierno.</p>", ""),
    ("О согласии на обработку", "<p>Роскомнадзор уточнил, как берётся согласие на обработку персональных данных: отдельно от договора, с правом отозвать его в любой день.</p><p>Рекламные партнёры сайтов и файлы cookie на устройствах под это правило тоже подпадают, считают юристы.</p>", "<button>Принять</button>"),
    ("Про захист даних", "<p>Рада прийняла закон про персональні дані: згода на рекламу має бути окремою, а відкликати її можна будь-коли. Партнери з ЄС вітають це рішення, а профілювання пристроїв обмежено.</p>", "<button>Прийняти всі</button>"),
    ("个人信息保护法三年", "<p>个人信息保护法实施三年来，监管部门对第三方广告和跟踪技术开出多张罚单。企业须取得同意方可处理个人信息，用户有权撤回同意。</p><p>专家认为，浏览器与设备上的 Cookie 规则仍需细化，订阅模式也不能成为拒绝的代价。</p>", "<button>接受</button>"),
    ("We need our own rules on tracking", "<p>We have accepted for too long that advertising pays for our press. You may think that this costs nothing, but your device tells what you read.</p><p>The parliament of this country never voted on it, and the ministers who should have asked for a vote were busy with pensions, roads and the harbour.</p><p>Our consent is asked by partners of partners, and nobody can withdraw it.</p>", BANNER),
]  # fmt: skip


def read(title: str, body: str, language: str = "en", head: str = "", hints: Hints | None = None):
    page = f'<html lang="{language}"><head><title>{title}</title>{head}</head><body>{body}{FOOT}</body></html>'
    return extract(page.encode(), url="https://institute.example/p", hints=hints or Hints(), now=NOW)


@pytest.mark.fault("P55")
@pytest.mark.parametrize(("language", "title", "wall"), WALLS, ids=[f"{number}-{wall[0]}" for number, wall in enumerate(WALLS)])
def test_a_wall_is_known_by_how_it_asks(language, title, wall):
    article = '<meta property="og:type" content="article">'
    for found in (
        read(title, wall, language),
        read("Minister visits the port", wall, language, article, Hints("Minister visits the port")),
    ):
        assert (found.status, found.reason, found.text) == ("blocked", "consent", "")


@pytest.mark.parametrize(("title", "text", "beside"), TEXTS, ids=range(len(TEXTS)))
def test_a_short_text_about_consent_or_beside_a_banner_is_no_wall(title, text, beside):
    for page in (f"<main><h1>{title}</h1>{text}</main>{beside}", f"{beside}<article><h1>{title}</h1>{text}</article>"):
        found = read(title, page)
        assert found.status == "ok"
        assert all(part.split("</p>")[0].replace("&nbsp;", " ")[:60] in found.text for part in text.split("<p>")[1:])
