"""The words of the lab; `words.py` has all of them together."""

LAB = {
    "lab_title": "{model} — {total} prunable weights",
    "kernels_only": "(biases stay)",
    "not_kernels_only": "(biases and normalisation among them)",
    "settings": "Settings",
    "settings_now": "{layer}, {scope}, by {criterion}",
    "keep_magnitude": "keep w if |w| ≥ {threshold}",
    "keep_squared": "keep w if w² ≥ {threshold}",
    "keep_score": "keep w if its {criterion} score ≥ {threshold}",
    "sparsity_of_all": "sparsity = removed / prunable = {removed} / {total} = {share}",
    "sparsity_of_layer": "sparsity of {layer} = removed / prunable = {removed} / {total} = {share}",
    "criterion": "Criterion",
    "scope": "τ for",
    "scope_global": "one τ for all layers",
    "scope_layer": "one τ for each layer",
    "accuracy": "Accuracy",
    "interval": "({low}–{high}, 95 % interval, {n} {what})",
    "examples": "({n} {what})",
    "unpruned": "unpruned: {accuracy}",
    "measured": "measured",
    "measured_in_python": "measured in Python, when this page was saved",
    "unmeasured": "not measured yet",
    "measuring": "measuring…",
    "refining": "first {n} of {of} measured, measuring the rest…",
    "stale": "stale: measured at another setting",
    "stale_short": "stale",
    "stale_weights": "stale: the weights have changed since",
    "cancelled": "cancelled: not measured at this setting",
    "cancelled_short": "cancelled",
    "no_kernel": (
        "No answer from the kernel. If a cell is running, the answer comes after it; "
        "if the kernel was restarted, run the cell of this lab again."
    ),
    "no_answer_short": "no answer",
    "no_answer": "stale: no answer from the kernel (is a cell running, or was it restarted?)",
    "flipped": "Now misread ({total} of {n}):",
    "none_flipped": "None of {n} that were read right is misread now.",
    "paired": "{lost} lost, {won} won, {chance}",
    "p_value": "p = {p}",
    "p_below": "p < {p}",
    "paired_explained": (
        "Lost: read right unpruned, wrong now. Won: the other way round. p: how often chance alone would "
        "split them this unevenly (McNemar's exact test)."
    ),
    "flip": "Example {index}, true label {label}: read as {label} before pruning, as {read} after it.",
    "flip_sure": (
        "Example {index}, true label {label}: read as {label} before pruning ({before}), "
        "as {read} after it ({after})."
    ),
    "measure_curve": "Measure curve",
    "apply": "Apply",
    "restore": "Restore",
    "cancel": "Cancel",
    "measuring_curve": "measuring the curve: {done} of {total} points",
    "training": "training: epoch {epoch} of {epochs}",
    "emptied": "Nothing is left of {layers}: no input gets through there.",
    "emptied_more": "Nothing is left of {layers} and {n} more: no input gets through there.",
    "applied": "{removed} weights are held at zero until you restore.",
}
