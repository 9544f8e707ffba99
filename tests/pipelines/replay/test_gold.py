from pipelines.replay.articles import read_article
from pipelines.replay.blocks import read_blocks
from pipelines.replay.gold import gold_blocks, gold_text, plain

SOURCE = """---
institute: wp-classic
title: A title that is not part of the text
byline: Replay desk
dateline: GENEVA, 1 Sep 2021, Replay desk.
published: 2021-09-01T10:00:00+02:00
---
A first paragraph
over two lines, with *stress*, a [link](/there) and a note.[^1]

## A heading

- one
- two
  goes on

> Quoted over
> two lines.

[Table 1. Above.]
| a | b |
| c | d |

| e | f |
[Table 2. Below.]

![A figure.](name)

[^1]: First note.
[^2]: Second note.
"""

GOLD = """GENEVA, 1 Sep 2021, Replay desk.

A first paragraph over two lines, with stress, a link and a note.[1]

A heading

- one

- two goes on

Quoted over two lines.

Table 1. Above.

a | b
c | d

e | f

Table 2. Below.

A figure.

[1] First note.

[2] Second note."""


def written(folder, source=SOURCE):
    path = folder / "sample.en.md"
    path.write_text(source, encoding="utf-8")
    return read_article(path)


def test_the_gold_text_keeps_everything_but_the_title(tmp_path):
    assert gold_text(written(tmp_path)) == GOLD


def test_each_block_of_the_gold_text_has_its_kind(tmp_path):
    kinds = [kind for kind, _ in gold_blocks(written(tmp_path))]
    tables = ["table", "table", "table", "table"]
    assert kinds == ["dateline", "paragraph", "heading", "list", "list", "quote", *tables, "figure", "notes", "notes"]


def test_the_gold_text_is_composed_unicode():
    assert plain("e\u0301cole") == "\u00e9cole"


def test_a_dash_inside_a_paragraph_is_no_list():
    (block,) = read_blocks("– an agreement;\nstill the same")
    assert (block.kind, block.lines) == ("paragraph", ("– an agreement; still the same",))


def test_an_en_dash_paragraph_is_not_made_a_list_item(tmp_path):
    article = written(tmp_path, SOURCE.split("---\n", maxsplit=1)[0] + "---\n" + SOURCE.split("---\n")[1] + "---\n– a plan;\n")
    assert gold_text(article).endswith("\n\n– a plan;")
