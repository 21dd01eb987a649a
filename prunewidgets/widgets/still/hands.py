"""A show of hands: a bar for each answer and round; what was found shows only when it is revealed."""

from typing import Any

from .png import Still
from .sheet import INK, LINES, MARK, SOFT, Box, fitting, page
from .texts import grouped, say

ROW = 26
LABELS = 190


def draw(view: Any) -> Still:
    """Draw a `ShowOfHands`."""
    sentence = sentence_of(view)
    rounds = [view.before, view.after] if view.after else [view.before]
    top = 24 if view.after else 4
    sheet, box = page(view.question, sentence, top + ROW * len(view.answers), say(view, "still_mark"))
    left = box.left + LABELS
    wide = (box.right - left) / len(rounds)
    most = max(1, *(n for hands in rounds for n in hands))
    for at, hands in enumerate(rounds):
        start = left + at * wide
        if view.after:
            sheet.text(start, box.top + 12, say(view, ("hands_before", "hands_after")[at]), SOFT)
        for row, n in enumerate(hands):
            y = box.top + top + ROW * row
            long = (wide - 70) * n / most
            sheet.fill(Box(start, y + 3, start + long, y + ROW - 3), LINES[at])
            sheet.text(start + long + 6, y + ROW / 2, grouped(n))
    for row, answer in enumerate(view.answers):
        y = box.top + top + ROW * row
        right = view.revealed and row == view.found["answer"]
        mark = f"{say(view, 'hands_mark')} " if right else ""
        sheet.text(box.left + 4, y + ROW / 2, fitting(mark + answer, LABELS - 12, right), INK, bold=right)
        if right:
            sheet.outline(Box(box.left, y + 1, box.right, y + ROW - 1), MARK, 2)
    return sheet.still(sentence)


def sentence_of(view: Any) -> str:
    """Return how many hands there are, and what was found once it is revealed."""
    n, after = sum(view.before), sum(view.after)
    if not view.revealed:
        key = "hands_counts" if view.after else "hands_count"
        return say(view, key, n=grouped(n), after=grouped(after))
    row = view.found["answer"]
    values = {"found": view.found["text"], "n": grouped(n), "right": grouped(view.before[row])}
    if not view.after:
        return say(view, "hands_found", **values)
    right_after = grouped(view.after[row])
    sentences = [say(view, "hands_found_again", **values, after=grouped(after), right_after=right_after)]
    if view.moved.nearer:
        sentences.append(say(view, "hands_nearer", nearer=grouped(view.moved.nearer)))
    if view.moved.further:
        sentences.append(say(view, "hands_further", further=grouped(view.moved.further)))
    return " ".join(sentences)
