"""The words of a show of hands, see `words.py`."""

HANDS = {
    "hands_before": "before",
    "hands_after": "after the discussion",
    "hands_field": "{answer}: hands {round}",
    "hands_again": "Ask again after a discussion",
    "hands_reveal": "Show what was found",
    "hands_mark": "◆ found",
    "hint_hands": "Type how many hands each answer gets; Enter goes to the next, the up and down keys count.",
    "hands_count": "{n} hands.",
    "hands_counts": "{n} hands before the discussion, {after} after it.",
    "hands_hidden": "What was found stays hidden until you show it.",
    "hands_none_found": "Nothing is found yet. It can be shown here as soon as it is.",
    "hands_found": "Found: {found}. {right} of {n} hands were there.",
    "hands_found_again": (
        "Found: {found}. {right} of {n} hands were there before the discussion, "
        "{right_after} of {after} after it."
    ),
    "hands_nearer": "At least {nearer} moved nearer.",
    "hands_further": "At least {further} moved away.",
    "bad_count": "“{typed}” is no number of hands; type a whole number from 0 to {high}.",
}
