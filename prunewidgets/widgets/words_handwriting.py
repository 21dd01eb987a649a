"""The words of the pad for a digit in the lab, see `words.py`."""

HANDWRITING = {
    "draw_digit": "Draw a digit",
    "pad": (
        "Pad for a digit. Draw with the mouse, a finger or a pen. Or move with the arrow keys; the space bar "
        "puts the pen down and lifts it."
    ),
    "hint_pad": "By keys: the arrows move, the space bar puts the pen down and lifts it, Backspace undoes.",
    "pen_down": "Pen down, {x} % from the left, {y} % from the top.",
    "pen_up": "Pen up, {x} % from the left, {y} % from the top.",
    "undo_stroke": "Undo",
    "clear": "Clear",
    "seen": "What the network sees",
    "seen_spoken": "Your digit as the network sees it: 28 by 28 pixels",
    "as_pruned": "as pruned now",
    "without_pruning": "without pruning",
    "digit_bar": "{digit}: {now}, without pruning {was}",
    "nothing_drawn": "Draw one digit, and the network reads it.",
    "being_read": "being read…",
    "read_as": "Read as {now} ({sure}). Without pruning: {was} ({sure_was}).",
    "until_misread": "Prune until it is misread",
    "finding_misread": "looking for the first sparsity at which it is misread: {sparsity} tried",
    "first_misread": "First misread at {sparsity} removed: as {read} instead of {was}.",
    "never_misread": "Read as {was} at every sparsity tried, in steps of 2 % up to 100 %.",
    "tried": "Tried in steps of 2 % from 0 up, then of 0.1 % just below the first.",
    "nearly_sure": ">99 %",
}
