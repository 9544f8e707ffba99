"""What templates learnt per site bring, on simulated sites whose furniture no general rule can know.

Usage: python bench/templates.py [BENCHMARK]    (default: ../shared/benchmarks/extraction beside the repository)

The articles are gold texts of the benchmark; around them stands furniture in languages that no table of phrases knows, in boxes
with meaningless names or in no boxes at all, with teasers that change from page to page, and with lines that authors repeat and
that must stay (dateline, headings, signature). Printed for a number of known pages of the site: word F1, share of the furniture
that leaks, share of the authors' own lines that stay.
"""

import argparse
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assets.extraction.extract import extract
from assets.extraction.templates import learn, read_page
from bench.scorer import DATA, rows, scorer

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SITES, PAGES = 12, 12
KNOWN = (0, 1, 2, 3, 5, 10)
FURNITURE = (
    "Tilaa viikkokirjeemme, niin saat tiedon uusista teksteistä ennen kuin muut lukijat ehtivät ne huomata.",
    "Enstitümüz bağımsızdır ve hiçbir hükümetten para almaz; çalışmalarımız yalnızca okurların katkısıyla yürütülür.",
    "Intézetünk független, és nem fogad el pénzt sem kormányoktól, sem vállalatoktól, amelyek azt felajánlanák neki.",
    "Meie instituut on sõltumatu ega võta vastu raha valitsustelt või ettevõtetelt, kes seda pakuvad igal aastal.",
    "Instituti ynë është i pavarur dhe nuk pranon para nga qeveritë apo ndërmarrjet që i ofrojnë ato çdo vit.",
    "Dilemma hau aztertzen duten beste lan batzuk ere badaude gure artxiboan, eta denak doan irakur daitezke.",
)
HEADINGS = ("Nämäkin luettiin", "Bunlar da okundu", "Ezeket is olvasták", "Neid loeti ka")


@dataclass(frozen=True)
class Site:
    """A site of pages as HTML, with what each must give and must not give."""

    pages: list[str]
    wanted: list[str]
    foreign: list[list[str]]
    own: list[str]


def articles(folder: Path) -> list[list[str]]:
    """The paragraphs of gold texts of a middling length."""
    texts = (row["text"] for row in rows(folder) if row["source"] == "wcxb" and row["lang"] == "en" and row.get("text"))
    split = ([line.strip() for line in text.splitlines() if line.strip()] for text in texts)
    return [lines[:25] for lines in split if len(lines) >= 6 and sum(map(len, lines[:25])) > 1500]


def site(chance: random.Random, texts: list[list[str]], *, boxed: bool) -> Site:
    """One site: its furniture and its marks are drawn once, its teasers for each page."""
    furniture, heading = chance.sample(FURNITURE, 4), chance.choice(HEADINGS)
    name = {part: f"x{chance.randrange(16**6):06x}z" for part in ("page", "text", "side", "card", "note")}
    own = ["Background", f"{chance.choice(['Aino Virtanen', 'Deniz Kaya'])} – Director of the Northern Institute"]
    made: list[tuple[str, str, list[str]]] = []
    for place, lines in enumerate(texts):
        others = chance.sample([other for other in range(len(texts)) if other != place], 3)
        cards = [(texts[other][0][:70], texts[other][1][:140]) for other in others]
        half = len(lines) // 2
        body = ["HELSINKI, 3 Sep 2021, Northern Institute.", *lines[:half], own[0], *lines[half:], own[1]]
        text = [*(f"<p>{line}</p>" for line in body[: half + 1]), f"<h2>{own[0]}</h2>", *(f"<p>{line}</p>" for line in body[half + 2 :])]
        text.insert(3, f'<div class="{name["note"]}"><i>{furniture[0]}</i></div>' if boxed else f"<p>{furniture[0]}</p>")
        teasers = [_card(title, excerpt, name["card"], boxed=boxed) for title, excerpt in cards]
        tail = [f"<p>{furniture[1]}</p>", f"<p><b>{heading}</b></p>", *teasers, f"<p>{furniture[2]}</p>"]
        made.append(
            (
                _page(f"On {lines[0][:50]}", text, tail, furniture[3], name, boxed=boxed),
                "\n\n".join(body),
                [*furniture, *(e for _, e in cards)],
            )
        )
    return Site([page for page, _, _ in made], [text for _, text, _ in made], [foreign for _, _, foreign in made], own)


def _card(title: str, excerpt: str, name: str, *, boxed: bool) -> str:
    return f'<div class="{name}"><b>{title}</b><br><br>{excerpt}</div>' if boxed else f"<p>{title}</p><p>{excerpt}</p>"


def _page(title: str, text: list[str], tail: list[str], banner: str, name: dict[str, str], *, boxed: bool) -> str:
    inner = (
        f'<div class="{name["text"]}">{"".join(text)}</div><div class="{name["side"]}">{"".join(tail)}</div>'
        if boxed
        else "".join(text + tail)
    )
    return (
        f"<html><head><title>{title}</title></head><body><div>{banner}</div>"
        f'<div class="{name["page"]}"><h1>{title}</h1>{inner}</div></body></html>'
    )


def measure(one: Site, known: int, score: ModuleType) -> list[tuple[float, float, float]]:
    """F1, leak and keep of the last two pages of a site, taught by others."""
    taught = [page for page in (read_page(page.encode()) for page in one.pages[:known]) if page]
    rules = learn(taught, NOW).rules
    found = []
    for place in (-1, -2):
        text = extract(one.pages[place].encode(), url=f"https://site.example/{place}", rules=rules, now=NOW).text
        f1 = score.prf(text, one.wanted[place], 1)[2]
        leak = sum(line[:60] in text for line in one.foreign[place]) / len(one.foreign[place])
        found.append((f1, leak, sum(line in text for line in one.own) / len(one.own)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", nargs="?", type=Path, default=DATA)
    folder = parser.parse_args().benchmark
    chance, texts, score = random.Random(7), articles(folder), scorer(folder)
    chance.shuffle(texts)
    for boxed in (True, False):
        sites = [site(chance, texts[PAGES * number : PAGES * (number + 1)], boxed=boxed) for number in range(SITES)]
        print(f"== {'boxes with meaningless names' if boxed else 'no boxes at all'}: {len(sites)} sites\npages known     F1   leak   keep")
        for known in KNOWN:
            found = [row for one in sites for row in measure(one, known, score)]
            print(f"{known:11d}  " + "  ".join(f"{sum(column) / len(found):.3f}" for column in zip(*found, strict=True)))


if __name__ == "__main__":
    main()
