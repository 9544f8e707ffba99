"""Numbers with their nouns, for what a person reads."""


def counted(number: int, one: str, many: str = "") -> str:
    """As in "1 source" and "2 sources"; `many` where an s will not do: "1 mail waits", "2 mails wait"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
