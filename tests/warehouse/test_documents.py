import pytest
from pydantic import BaseModel, ConfigDict

from warehouse.documents import Document
from warehouse.errors import ConfigError


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    weight: int = 0


class File(BaseModel):
    items: list[Item]


def refusal(text):
    with pytest.raises(ConfigError) as fault:
        Document(text, "list.yaml").validate(File)
    return str(fault.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("items:\n  - {id: a}\n  - {id: b, weight: x}\n", "list.yaml:3: items.1.weight"),
        ("items:\n  - {id: a}\n  - {id: b,\n     wieght: 3}\n", "list.yaml:4: items.1.wieght"),
        ("items:\n  - {weight: 1}\n", "list.yaml:2: items.0.id"),
        ("items:\n  - id: a\n   id: b\n", "list.yaml:3: not valid YAML"),
        ("items:\n  - id: a\n    id: b\n", "list.yaml:3: the key 'id' stands twice"),
        ("", "list.yaml: items: is missing"),
        ("items: a\n", "list.yaml:1: items: must be a list, such as [a, b]"),
        ("items:\n  - a\n", "list.yaml:2: items.0: must be keys with values, such as {key: value}"),
        ("items:\n  - {id: NO}\n", "list.yaml:2: items.0.id: must be text; put it in quotes: YAML reads it as false"),
    ],
)
def test_a_fault_names_file_line_and_place(text, said):
    assert said in refusal(text)


def test_every_fault_is_said_with_its_line():
    said = refusal("items:\n  - {id: a, weight: x}\n  - {weight: 1}\n  - {id: b, wieght: 3}\n")
    assert said.startswith("list.yaml:4: items.2.wieght: unknown key; line 2: items.0.weight: ")
    assert "; line 3: items.1.id: " in said


def test_of_very_many_faults_the_first_are_said():
    said = refusal("items:\n" + "  - {weight: 1}\n" * 30)
    assert "line 11:" in said
    assert "line 12:" not in said
    assert "(and 20 more)" in said


def test_a_missing_file_says_how_to_get_one(tmp_path):
    with pytest.raises(ConfigError, match="no such file") as fault:
        Document.read(tmp_path / "none.yaml")
    assert "thinkwatch init" in fault.value.hint


def test_a_file_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "cp1251.yaml"
    path.write_bytes("имя: ОДКБ".encode("cp1251"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        Document.read(path)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfitems: [{id: a}]")
    assert Document.read(path).validate(File).items[0].id == "a"
