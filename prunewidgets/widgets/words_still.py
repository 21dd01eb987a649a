"""The words of still pictures, see `words.py`."""

STILL = {
    "still_mark": "still picture",
    "still_cut": "At τ = {threshold}, {removed} of {total} weights are removed ({share}).",
    "still_cut_each": "With one τ for each layer, {removed} of {total} weights are removed ({share}).",
    "still_in_layer": "In {layer}, {removed} of {total} are removed (τ = {threshold}).",
    "still_matrix": "The {total} weights in their places.",
    "still_sorted": "The same {total} weights, the smallest |w| first.",
    "still_curve": "{n} measured points: accuracy {first} at sparsity {start}, to {last} at {end}.",
    "still_curve_of": "{n} measured points: {measure} {first} at sparsity {start}, to {last} at {end}.",
    "still_curves": "{n} measured points on {lines} lines, from sparsity {start} to {end}.",
    "still_curve_empty": "Nothing is measured yet.",
    "still_constant": "{final} of the weights are removed at each of the {total} steps.",
    "still_one_shot": "{final} of the weights are removed at step {begin} of {total}.",
    "still_iterative": (
        "{final} of the weights are removed in rounds, from step {begin} to step {end} of {total}."
    ),
    "still_polynomial": "{final} of the weights are removed from step {begin} to step {end} of {total}.",
    "still_plan": "Within {budget}, an accuracy of {accuracy} is expected; {layers}.",
    "still_plan_of": "Within {budget}, {measure} {accuracy} is expected; {layers}.",
    "still_ledger": "{left} of {total} weights are not zero.",
}
